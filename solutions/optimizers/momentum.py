"""SGD with momentum, and with Nesterov momentum.

The velocity is a sum of gradients, in which older ones count less. Both rules update it alike:

    velocity <- momentum * velocity + grad

The step then uses the new velocity:

    momentum:   param <- param - lr * velocity
    Nesterov:   param <- param - lr * (grad + momentum * velocity)

Nesterov's own form takes the gradient at a look-ahead point. As in PyTorch, param is that point here.

Both functions are pure: they return new arrays.

Source: Sutskever et al., On the importance of initialization and momentum in deep learning (2013), section 2. The form
is that of PyTorch's SGD.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated param and velocity."""

    param: np.ndarray
    velocity: np.ndarray


def momentum_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    """Take one step with momentum.

    Parameters
    ----------
    param, grad, velocity : arrays of the same shape
    lr : float
    momentum : float
        From 0 to less than 1.

    Examples
    --------
    >>> momentum_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.2, momentum=0.5)
    Step(param=array([9.]), velocity=array([5.]))
    """
    velocity = momentum * velocity + grad
    return Step(param - lr * velocity, velocity)


def nesterov_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    """Take one step with Nesterov momentum.

    Parameters
    ----------
    param, grad, velocity : arrays of the same shape
    lr, momentum : float

    Examples
    --------
    >>> nesterov_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.2, momentum=0.5)
    Step(param=array([8.9]), velocity=array([5.]))
    """
    velocity = momentum * velocity + grad
    return Step(param - lr * (grad + momentum * velocity), velocity)


def momentum_step_via_matrix(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float
) -> Step:
    """Multiply the stack of param, velocity and gradient by the matrix of the linear map that a step is."""
    transition = [[1.0, -lr * momentum, -lr], [0.0, momentum, 1.0]]
    return Step(*np.tensordot(transition, np.stack([param, velocity, grad]), axes=1))


def momentum_step_via_loop(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float
) -> Step:
    """Go coordinate by coordinate."""
    moved, grown = np.empty(param.shape), np.empty(param.shape)
    for place in np.ndindex(param.shape):
        grown[place] = momentum * velocity[place] + grad[place]
        moved[place] = param[place] - lr * grown[place]
    return Step(moved, grown)


def nesterov_step_via_point_behind(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float
) -> Step:
    """Go back to the point whose look-ahead param is, step from there by Nesterov's own form, and look ahead anew."""
    moved, velocity = momentum_step(param + lr * momentum * velocity, grad, velocity, lr, momentum)
    return Step(moved - lr * momentum * velocity, velocity)


def nesterov_step_via_second_step(
    param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float
) -> Step:
    """Feed the same gradient to the velocity twice, step by the second and keep the first."""
    velocity = momentum_step(param, grad, velocity, lr, momentum).velocity
    return Step(momentum_step(param, grad, velocity, lr, momentum).param, velocity)
