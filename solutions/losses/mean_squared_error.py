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

import math
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
    error = _errors(prediction, target)
    return LossGrad(float((error**2).mean()), 2 * error / error.size)


def mae(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    """Return the mean absolute error and its gradient with respect to prediction.

    Parameters, and ValueError, as for `mse`.

    Examples
    --------
    >>> mae(np.array([[4.0, 1.0], [0.0, 2.0]]), np.array([[1.0, 1.0], [1.0, 4.0]]))
    LossGrad(loss=1.5, grad=array([[ 0.25,  0.  ],
           [-0.25, -0.25]]))
    """
    error = _errors(prediction, target)
    return LossGrad(float(np.abs(error).mean()), np.sign(error) / error.size)


def _errors(prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    if prediction.shape != target.shape:
        raise ValueError(f"predictions of shape {prediction.shape} need targets of the same, not of {target.shape}")
    # As floats: a difference of bytes wraps around, and booleans have none.
    return np.subtract(prediction, target, dtype=float)


def mse_via_variance(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    """Take the squared bias and add the variance of the errors."""
    if np.shape(prediction) != np.shape(target):
        raise ValueError("prediction and target differ in shape")
    error = prediction.astype(float) - target
    return LossGrad(float(error.mean() ** 2 + error.var()), error * (2 / error.size))


def mse_via_loop(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    """Treat one entry at a time, in plain Python."""
    if prediction.shape != target.shape:
        raise ValueError("prediction and target differ in shape")
    total, grad = [], []
    for guess, truth in zip(prediction.ravel().tolist(), target.ravel().tolist(), strict=True):
        total.append((guess - truth) * (guess - truth))
        grad.append((guess - truth + (guess - truth)) / prediction.size)
    return LossGrad(math.fsum(total) / len(total), np.reshape(grad, prediction.shape))


def mae_via_sides(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    """Add up how far the larger of the two is above the smaller, and compare for the slope."""
    if prediction.shape != target.shape:
        raise ValueError("prediction and target differ in shape")
    distance = np.subtract(np.maximum(prediction, target), np.minimum(prediction, target), dtype=float)
    slope = 1.0 * (prediction > target) - (prediction < target)
    return LossGrad(float(np.average(distance)), slope / prediction.size)


def mae_via_loop(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    """Treat one entry at a time, in plain Python."""
    if prediction.shape != target.shape:
        raise ValueError("prediction and target differ in shape")
    errors = [g - t for g, t in zip(prediction.ravel().tolist(), target.ravel().tolist(), strict=True)]
    slopes = [0.0 if error == 0 else math.copysign(1 / len(errors), error) for error in errors]
    return LossGrad(math.fsum(map(abs, errors)) / len(errors), np.reshape(slopes, prediction.shape))
