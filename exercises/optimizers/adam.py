# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- adam
"""Adam and AdamW.

Adam keeps two moving averages for each coordinate, of the gradient and of its square, and steps by the first over the
root of the second. In step t, the first of which is t = 1:

    m     <- beta1 * m + (1 - beta1) * grad
    v     <- beta2 * v + (1 - beta2) * grad^2
    m_hat  = m / (1 - beta1^t)
    v_hat  = v / (1 - beta2^t)
    param <- param - lr * m_hat / (sqrt(v_hat) + eps)

Both averages begin at zero and are too small at first; m_hat and v_hat correct that bias. They serve the step alone:
what is handed on to the next step is m and v, uncorrected. eps is added to the root of v_hat, outside the root.

AdamW adds weight decay to the step itself. The decay is decoupled: it is no part of grad, m or v, and nothing divides
it. With m_hat and v_hat as above, and param on the right as it was before the step:

    param <- param - lr * weight_decay * param - lr * m_hat / (sqrt(v_hat) + eps)

These are PyTorch's Adam (weight_decay 0) and AdamW, without amsgrad.

Source: Kingma and Ba, Adam: a method for stochastic optimization (2015), algorithm 1; Loshchilov and Hutter, Decoupled
weight decay regularization (2019), algorithm 2; here, as in PyTorch, the decay is multiplied by lr, and not by a
schedule of its own.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """What both functions return: the updated param, m and v, all of param's shape."""

    param: np.ndarray
    m: np.ndarray
    v: np.ndarray


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
    param : array of any shape
    grad : array of param's shape
        The loss's gradient at param.
    m, v : arrays of param's shape
        The averages that the step before returned; zeros before the first. v is not negative.
    t : int
        The number of this step; the first is 1.
    lr : float
        Learning rate.
    betas : tuple of two floats
        beta1 and beta2, each from 0 to less than 1.
    eps : float, positive

    Returns
    -------
    Step
        param, m, v.

    Raises
    ------
    ValueError
        If t is below 1.

    Examples
    --------
    m is 0.5 * 1 + 0.5 * 2 = 1.5 and v is 0.5 * 2 + 0.5 * 2^2 = 3; over 1 - 0.5^2 they are 2 and 4. With eps = 2 the
    step is 0.5 * 2 / (2 + 2).

    >>> param, grad, m, v = np.array([10.0]), np.array([2.0]), np.array([1.0]), np.array([2.0])
    >>> adam_step(param, grad, m, v, t=2, lr=0.5, betas=(0.5, 0.5), eps=2.0)
    Step(param=array([9.75]), m=array([1.5]), v=array([3.]))
    """
    raise NotImplementedError


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
    param, grad, m, v, t, lr, betas, eps
        As `adam_step` takes them; grad has no decay in it.
    weight_decay : float
        Not negative.

    Returns
    -------
    Step
        param, m, v. The averages are Adam's.

    Raises
    ------
    ValueError
        If t is below 1.

    Examples
    --------
    The step above, and a decay of 0.5 * 0.2 * 10.

    >>> param, grad, m, v = np.array([10.0]), np.array([2.0]), np.array([1.0]), np.array([2.0])
    >>> adamw_step(param, grad, m, v, t=2, lr=0.5, betas=(0.5, 0.5), eps=2.0, weight_decay=0.2)
    Step(param=array([8.75]), m=array([1.5]), v=array([3.]))
    """
    raise NotImplementedError
