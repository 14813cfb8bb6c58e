# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- momentum
"""Momentum: heavy ball and Nesterov.

A velocity adds up the gradients, and each older one counts less by the factor `momentum`. It is the optimizer's state,
which the caller starts, mostly at zero, and hands from each step to the next. Both rules update it alike:

    velocity <- momentum * velocity + grad

The new gradient is added whole, not weighted by 1 - momentum, and the learning rate is no part of the velocity: it
multiplies the step. With the updated velocity, the two rules then are

    momentum:   param <- param - lr * velocity
    Nesterov:   param <- param - lr * (grad + momentum * velocity)

In Nesterov's own form the gradient is taken at a point ahead, at x - lr * momentum * velocity. Here, as in PyTorch,
`param` is that point: rewritten for it, with lr and momentum constant, Nesterov's rule becomes the one above.

This is PyTorch's SGD with dampening and weight_decay at their defaults of 0.

Source: Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep learning (2013),
section 2; for the place of lr and the form of Nesterov's step, the documentation of torch.optim.SGD.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """What both functions return: the updated param and velocity, both of param's shape."""

    param: np.ndarray
    velocity: np.ndarray


def momentum_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    """Take one step of gradient descent with momentum.

    Parameters
    ----------
    param : array of any shape
    grad : array of param's shape
        The loss's gradient at param.
    velocity : array of param's shape
        The velocity that the step before returned, in units of a gradient.
    lr : float
        Learning rate.
    momentum : float
        From 0, which is plain gradient descent, to less than 1.

    Returns
    -------
    Step
        param, velocity.

    Examples
    --------
    The velocity grows from 4 to 0.5 * 4 + 3 = 5, and the step is 0.2 * 5.

    >>> momentum_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.2, momentum=0.5)
    Step(param=array([9.]), velocity=array([5.]))
    """
    raise NotImplementedError


def nesterov_step(param: np.ndarray, grad: np.ndarray, velocity: np.ndarray, lr: float, momentum: float) -> Step:
    """Take one step of gradient descent with Nesterov's momentum.

    Parameters
    ----------
    param, grad, velocity, lr, momentum
        As `momentum_step` takes them.

    Returns
    -------
    Step
        param, velocity.

    Examples
    --------
    The velocity grows to 5 as before; the step is 0.2 * (3 + 0.5 * 5).

    >>> nesterov_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.2, momentum=0.5)
    Step(param=array([8.9]), velocity=array([5.]))
    """
    raise NotImplementedError
