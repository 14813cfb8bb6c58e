# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- rmsprop
"""RMSprop, plain and centred.

RMSprop divides each gradient by the root of a moving average of its square. Unlike Adagrad's sum, the average forgets:

    v     <- alpha * v + (1 - alpha) * grad^2
    param <- param - lr * grad / (sqrt(v) + eps)                                                  with the new v

The centred form also averages the gradient itself, and divides by an estimate of its standard deviation:

    m     <- alpha * m + (1 - alpha) * grad
    param <- param - lr * grad / (sqrt(v - m^2) + eps)                                            with the new m and v

m and v start at 0, without bias correction. Both functions are pure: they return new arrays.

Sources: Hinton, Neural Networks for Machine Learning (2012), lecture 6e; Graves, Generating Sequences With Recurrent
Neural Networks (2013), equations 38 to 40. As in PyTorch, eps stands outside the root.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated param and v."""

    param: np.ndarray
    v: np.ndarray


class CenteredStep(NamedTuple):
    """The updated param, m and v."""

    param: np.ndarray
    m: np.ndarray
    v: np.ndarray


def rmsprop_step(
    param: np.ndarray, grad: np.ndarray, v: np.ndarray, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8
) -> Step:
    """Take one step of RMSprop.

    Parameters
    ----------
    param, grad, v : arrays of the same shape
    lr : float
    alpha : float
        From 0 to less than 1.
    eps : float
        Positive.

    Examples
    --------
    >>> rmsprop_step(np.array([10.0]), np.array([10.0]), np.array([32.0]), lr=2.0, alpha=0.75, eps=1.0)
    Step(param=array([7.5]), v=array([49.]))
    """
    raise NotImplementedError


def centered_rmsprop_step(
    param: np.ndarray,
    grad: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    lr: float = 0.01,
    alpha: float = 0.99,
    eps: float = 1e-8,
) -> CenteredStep:
    """Take one step of centred RMSprop.

    Parameters
    ----------
    param, grad, m, v : arrays of the same shape
        m and v are averages of the same gradients, so v is at least m^2.
    lr, alpha, eps : float
        As in rmsprop_step.

    Strict
    ------
    - If rounding makes v - m^2 negative, it counts as 0.

    Examples
    --------
    >>> param, grad, m, v = np.array([10.0]), np.array([6.0]), np.array([2.0]), np.array([14.0])
    >>> centered_rmsprop_step(param, grad, m, v, lr=2.0, alpha=0.5, eps=1.0)
    CenteredStep(param=array([7.]), m=array([4.]), v=array([25.]))
    """
    raise NotImplementedError
