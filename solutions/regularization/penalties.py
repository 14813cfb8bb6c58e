"""L1 and L2 penalties on weights, and weight decay in SGD with momentum.

The penalty on weights w is

    l1 * sum_j |w_j| + l2 / 2 * sum_j w_j^2

An L2 penalty adds its gradient l2 * param to the gradient of the loss, and so to the velocity of SGD:

    velocity <- momentum * velocity + grad + l2 * param
    param    <- param - lr * velocity

Decoupled weight decay stays out of the velocity. On the right of both updates of param stand the old param and the new
velocity:

    velocity <- momentum * velocity + grad
    param    <- param - lr * velocity - lr * weight_decay * param

All functions are pure: they return new arrays.

Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019). lr stands outside the velocity, as in
PyTorch's SGD, whose weight_decay is l2.
"""

import math
from typing import NamedTuple

import numpy as np


class Penalty(NamedTuple):
    """The value of the penalty, and a subgradient in the shape of w."""

    value: float
    subgradient: np.ndarray


class Step(NamedTuple):
    """The updated param and velocity."""

    param: np.ndarray
    velocity: np.ndarray


def penalty(w: np.ndarray, l1: float, l2: float) -> Penalty:
    """Return the penalty and a subgradient with respect to w.

    Parameters
    ----------
    w : array of one axis or more
    l1, l2 : float
        0 or more.

    Returns
    -------
    Penalty
        |w_j| has no derivative at 0. Take 0 there: the subgradient at w_j = 0 is 0.

    Strict
    ------
    - w may hold integers of any type.

    Examples
    --------
    >>> penalty(np.array([3.0, 0.0, -1.0]), l1=0.5, l2=2.0)
    Penalty(value=12.0, subgradient=array([ 6.5,  0. , -2.5]))
    """
    w = w.astype(float)
    return Penalty(float(l1 * np.abs(w).sum() + l2 / 2 * (w**2).sum()), l1 * np.sign(w) + l2 * w)


def sgd_l2_step(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, l2: float
) -> Step:
    """Take one step of SGD with momentum and an L2 penalty.

    Parameters
    ----------
    param, grad, velocity : arrays of the same shape
        grad is the gradient of the loss without the penalty.
    lr, l2 : float
    momentum : float
        From 0 to less than 1.

    Examples
    --------
    >>> param, grad, velocity = np.array([10.0]), np.array([3.0]), np.array([4.0])
    >>> sgd_l2_step(param, grad, velocity, lr=0.5, momentum=0.5, l2=0.25)
    Step(param=array([6.25]), velocity=array([7.5]))
    """
    velocity = momentum * velocity + grad + l2 * param
    return Step(param - lr * velocity, velocity)


def sgd_decay_step(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, weight_decay: float
) -> Step:
    """Take one step of SGD with momentum and decoupled weight decay.

    Parameters
    ----------
    param, grad, velocity : arrays of the same shape
    lr, weight_decay : float
    momentum : float
        From 0 to less than 1.

    Examples
    --------
    The param is that of sgd_l2_step at the same strength. The velocity is not, so the next step differs.

    >>> param, grad, velocity = np.array([10.0]), np.array([3.0]), np.array([4.0])
    >>> sgd_decay_step(param, grad, velocity, lr=0.5, momentum=0.5, weight_decay=0.25)
    Step(param=array([6.25]), velocity=array([5.]))
    """
    velocity = momentum * velocity + grad
    return Step(param - lr * (velocity + weight_decay * param), velocity)


def penalty_via_loop(w: np.ndarray, l1: float, l2: float) -> Penalty:
    """Treat one weight at a time, in plain Python."""
    weights = [float(each) for each in w.ravel()]
    value = math.fsum(l1 * abs(each) + l2 * each * each / 2 for each in weights)
    slopes = [l2 * each + (l1 if each > 0 else -l1 if each < 0 else 0.0) for each in weights]
    return Penalty(value, np.reshape(slopes, w.shape))


def penalty_via_products(w: np.ndarray, l1: float, l2: float) -> Penalty:
    """Take the value from the two parts of the subgradient: the first times w is |w|, the second w squared."""
    first = l1 * (1.0 * (w > 0) - (w < 0))
    second = l2 * w.astype(np.float64)
    return Penalty(float(np.vdot(first, w) + np.vdot(second, w) / 2), first + second)


def sgd_l2_step_via_matrix(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, l2: float
) -> Step:
    """Map param, grad and velocity to what is new by one matrix: the step is linear."""
    update = [[1 - lr * l2, -lr, -lr * momentum], [l2, 1.0, momentum]]
    return Step(*np.tensordot(update, np.stack([param, grad, velocity]), axes=1))


def sgd_l2_step_via_loop(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, l2: float
) -> Step:
    """Treat one weight at a time, in plain Python."""
    new, moved = np.empty(param.shape), np.empty(param.shape)
    for place in np.ndindex(param.shape):
        new[place] = momentum * velocity[place] + grad[place] + l2 * param[place]
        moved[place] = param[place] - lr * new[place]
    return Step(moved, new)


def sgd_decay_step_via_scaling(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, weight_decay: float
) -> Step:
    """Scale the weights, then take the step without decay."""
    new = grad + momentum * velocity
    return Step((1 - lr * weight_decay) * param - lr * new, new)


def sgd_decay_step_via_loop(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float, weight_decay: float
) -> Step:
    """Treat one weight at a time, in plain Python."""
    new, moved = np.empty(param.shape), np.empty(param.shape)
    for place in np.ndindex(param.shape):
        new[place] = momentum * velocity[place] + grad[place]
        moved[place] = param[place] - lr * new[place] - lr * weight_decay * param[place]
    return Step(moved, new)
