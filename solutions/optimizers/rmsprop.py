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
    v = alpha * v + (1 - alpha) * grad**2
    return Step(param - lr * grad / (np.sqrt(v) + eps), v)


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
    m = alpha * m + (1 - alpha) * grad
    v = alpha * v + (1 - alpha) * grad**2
    variance = np.maximum(v - m**2, 0)
    return CenteredStep(param - lr * grad / (np.sqrt(variance) + eps), m, v)


def rmsprop_step_via_hypot(
    param: np.ndarray, grad: np.ndarray, v: np.ndarray, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8
) -> Step:
    """Take the new root for the hypotenuse over the shares of the old root and of the gradient."""
    root = np.hypot(np.sqrt(alpha * v), (1 - alpha) ** 0.5 * grad)
    return Step(param - grad * (lr / (root + eps)), v + (1 - alpha) * (grad * grad - v))


def rmsprop_step_via_loop(
    param: np.ndarray, grad: np.ndarray, v: np.ndarray, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8
) -> Step:
    """Go coordinate by coordinate."""
    moved, averaged = np.empty(param.shape), np.empty(param.shape)
    for place in np.ndindex(param.shape):
        averaged[place] = alpha * v[place] + (1 - alpha) * grad[place] ** 2
        moved[place] = param[place] - lr / (averaged[place] ** 0.5 + eps) * grad[place]
    return Step(moved, averaged)


def centered_rmsprop_step_via_variance(
    param: np.ndarray,
    grad: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    lr: float = 0.01,
    alpha: float = 0.99,
    eps: float = 1e-8,
) -> CenteredStep:
    """Update the variance itself, by the distance of the gradient from the old mean: no new square is subtracted."""
    distance = grad - m
    variance = alpha * (np.maximum(v - m * m, 0) + (1 - alpha) * distance * distance)
    moved = param - lr * grad / (np.sqrt(variance) + eps)
    return CenteredStep(moved, m + (1 - alpha) * distance, v + (1 - alpha) * (grad * grad - v))


def centered_rmsprop_step_via_loop(
    param: np.ndarray,
    grad: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    lr: float = 0.01,
    alpha: float = 0.99,
    eps: float = 1e-8,
) -> CenteredStep:
    """Go coordinate by coordinate, and factor the difference of squares."""
    moved, mean, square = np.empty(param.shape), np.empty(param.shape), np.empty(param.shape)
    for place in np.ndindex(param.shape):
        mean[place] = alpha * m[place] + (1 - alpha) * grad[place]
        square[place] = alpha * v[place] + (1 - alpha) * grad[place] ** 2
        root = square[place] ** 0.5
        variance = max((root - mean[place]) * (root + mean[place]), 0.0)
        moved[place] = param[place] - lr * grad[place] / (variance**0.5 + eps)
    return CenteredStep(moved, mean, square)
