# wrong (core): velocity is scaled in place before grad is read: wrong if both are one array
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- momentum
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
    new_velocity = momentum * velocity + grad
    return Step(param - lr * new_velocity, new_velocity)


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
    velocity *= momentum
    velocity += grad
    return Step(param - lr * (grad + momentum * velocity), velocity)
