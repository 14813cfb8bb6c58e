# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- mean_squared_error
"""Mean squared error and mean absolute error, with their gradients.

With the errors e = prediction - target, and N the number of all entries of the array,

    mse = sum(e**2) / N
    mae = sum(|e|) / N

N counts every entry, not the rows only, and there is no factor 1/2. The gradient is with respect to prediction and has
its shape. |e| has no derivative at e = 0: take 0 there, and add no eps.

NumPy broadcasts shapes such as (n, 1) and (n,) to n x n errors, and a training that does so learns the wrong thing
without a message. Both functions refuse that.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 10.6.

Strict
------
- Arrays may hold integers or booleans of any type: nothing wraps around.
- An error as small as 1e-300 has its sign in the gradient of mae.
"""

from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of prediction."""

    loss: float
    grad: np.ndarray


def mse(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    """Return the mean squared error and its gradient with respect to prediction.

    Parameters
    ----------
    prediction, target : arrays of one shape, with at least one axis and one entry

    Raises
    ------
    ValueError
        If the shapes differ, even if they would broadcast.

    Examples
    --------
    >>> mse(np.array([[4.0, 1.0], [0.0, 2.0]]), np.array([[1.0, 1.0], [1.0, 4.0]]))
    LossGrad(loss=3.5, grad=array([[ 1.5,  0. ],
           [-0.5, -1. ]]))
    """
    raise NotImplementedError


def mae(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    """Return the mean absolute error and its gradient with respect to prediction.

    Parameters, and ValueError, as for `mse`.

    Examples
    --------
    >>> mae(np.array([[4.0, 1.0], [0.0, 2.0]]), np.array([[1.0, 1.0], [1.0, 4.0]]))
    LossGrad(loss=1.5, grad=array([[ 0.25,  0.  ],
           [-0.25, -0.25]]))
    """
    raise NotImplementedError
