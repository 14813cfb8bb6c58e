# wrong (core): adamw decays the caller's param in place
"""Adam and AdamW.

Adam keeps moving averages of the gradient and of its square. Step t, counted from 1, is

    m     <- beta1 * m + (1 - beta1) * grad
    v     <- beta2 * v + (1 - beta2) * grad^2
    m_hat  = m / (1 - beta1^t)
    v_hat  = v / (1 - beta2^t)
    param <- param - lr * m_hat / (sqrt(v_hat) + eps)

The next step takes m and v, not m_hat and v_hat. AdamW adds decoupled weight decay, with the old param on the right:

    param <- param - lr * weight_decay * param - lr * m_hat / (sqrt(v_hat) + eps)

Both functions are pure: they return new arrays.

Source: Kingma and Ba, Adam (2015), algorithm 1; Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019),
algorithm 2. As in PyTorch, the decay is multiplied by lr.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated param, m and v."""

    param: np.ndarray
    m: np.ndarray
    v: np.ndarray


def _moments(grad, m, v, t, betas, eps):
    if t < 1:
        raise ValueError("t counts from 1")
    beta1, beta2 = betas
    grad = np.asarray(grad, dtype=float)
    m = beta1 * np.asarray(m, dtype=float) + (1 - beta1) * grad
    v = beta2 * np.asarray(v, dtype=float) + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return m, v, m_hat / (np.sqrt(v_hat) + eps)


def adam_step(
    param: np.ndarray,
    grad: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    t: int,
    lr: float = 0.001,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> Step:
    """Take one step of Adam.

    Parameters
    ----------
    param, grad, m, v : arrays of the same shape
    t : int
        The number of this step.
    lr : float
    betas : tuple of two floats
        beta1 and beta2, each from 0 to less than 1.
    eps : float

    Raises
    ------
    ValueError
        If t < 1.

    Examples
    --------
    >>> param, grad, m, v = np.array([10.0]), np.array([2.0]), np.array([1.0]), np.array([2.0])
    >>> adam_step(param, grad, m, v, t=2, lr=0.5, betas=(0.5, 0.5), eps=2.0)
    Step(param=array([9.75]), m=array([1.5]), v=array([3.]))
    """
    m, v, update = _moments(grad, m, v, t, betas, eps)
    return Step(np.asarray(param, dtype=float) - lr * update, m, v)


def adamw_step(
    param: np.ndarray,
    grad: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    t: int,
    lr: float = 0.001,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> Step:
    """Take one step of AdamW.

    Parameters
    ----------
    param, grad, m, v : arrays of the same shape
    t, lr, betas, eps
        As in adam_step.
    weight_decay : float

    Raises
    ------
    ValueError
        If t < 1.

    Examples
    --------
    >>> param, grad, m, v = np.array([10.0]), np.array([2.0]), np.array([1.0]), np.array([2.0])
    >>> adamw_step(param, grad, m, v, t=2, lr=0.5, betas=(0.5, 0.5), eps=2.0, weight_decay=0.2)
    Step(param=array([8.75]), m=array([1.5]), v=array([3.]))
    """
    m, v, update = _moments(grad, m, v, t, betas, eps)
    param = np.asarray(param, dtype=float)
    param *= 1 - lr * weight_decay
    return Step(param - lr * update, m, v)
