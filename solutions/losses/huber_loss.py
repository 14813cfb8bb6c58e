"""The Huber loss and smooth L1, with their gradients.

Both are quadratic for small errors e = prediction - target and linear for large ones. An entry costs

    huber:      e**2 / 2              if |e| < delta,  else  delta * (|e| - delta / 2)
    smooth_l1:  e**2 / (2 * beta)     if |e| < beta,   else  |e| - beta / 2

The loss is the mean over all entries of the array, and the gradient is that of this mean with respect to prediction. At
beta = 0 no entry has |e| < beta, so smooth_l1 is the mean absolute error: its slope at e = 0 is taken as 0. No eps:
loss and gradient follow the formula.

Source: Huber, Robust Estimation of a Location Parameter (1964); Girshick, Fast R-CNN (2015), section 2.3, for smooth L1
with beta = 1. Parameters as in PyTorch.

Strict
------
- ValueError if the shapes differ, even if they would broadcast, delta is not positive, or beta is negative.
- A beta as small as 1e-300 is not 0, and errors as large as 1e300 have a finite loss.
- Arrays may hold integers of any type.
"""

import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of prediction."""

    loss: float
    grad: np.ndarray


def huber(prediction: np.ndarray, target: np.ndarray, delta: float = 1.0) -> LossGrad:
    """Return the mean Huber loss and its gradient.

    Parameters
    ----------
    prediction, target : arrays of one shape, with at least one axis and one entry
    delta : float
        Positive.

    Examples
    --------
    The errors 1 and -8 cost 1/2 and 2 * (8 - 1).

    >>> huber(np.array([1.0, -3.0]), np.array([0.0, 5.0]), delta=2.0)
    LossGrad(loss=7.25, grad=array([ 0.5, -1. ]))
    """
    if not delta > 0:
        raise ValueError(f"delta has to be positive, not {delta}")
    error = _errors(prediction, target)
    size = np.abs(error)
    # Both pieces in one: below delta this is size**2 / 2, and no square overflows beyond it.
    capped = np.minimum(size, delta)
    return LossGrad(float((capped * (size - capped / 2)).mean()), np.clip(error, -delta, delta) / error.size)


def smooth_l1(prediction: np.ndarray, target: np.ndarray, beta: float = 1.0) -> LossGrad:
    """Return the mean smooth L1 loss and its gradient.

    Parameters
    ----------
    prediction, target : arrays of one shape, with at least one axis and one entry
    beta : float
        At least 0.

    Examples
    --------
    >>> smooth_l1(np.array([1.0, -3.0]), np.array([0.0, 5.0]), beta=2.0)
    LossGrad(loss=3.625, grad=array([ 0.25, -0.5 ]))
    >>> smooth_l1(np.array([3.0, 5.0]), np.array([0.0, 5.0]), beta=0.0)
    LossGrad(loss=1.5, grad=array([0.5, 0. ]))
    """
    if not beta >= 0:
        raise ValueError(f"beta has to be at least 0, not {beta}")
    error = _errors(prediction, target)
    size = np.abs(error)
    # The error in units of beta, at most 1. Where beta is not below size it is not divided by.
    slope = np.divide(error, beta, out=np.sign(error), where=size < beta)
    return LossGrad(float((np.abs(slope) * (size - np.minimum(size, beta) / 2)).mean()), slope / error.size)


def _errors(prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    if prediction.shape != target.shape:
        raise ValueError(f"predictions of shape {prediction.shape} need targets of the same, not of {target.shape}")
    return np.subtract(prediction, target, dtype=float)


def huber_via_outliers(prediction: np.ndarray, target: np.ndarray, delta: float = 1.0) -> LossGrad:
    """Split each error into noise and an outlier, at the lowest sum of noise**2 / 2 and delta * |outlier|."""
    if np.shape(prediction) != np.shape(target) or not delta > 0:
        raise ValueError("prediction and target differ in shape, or delta is not positive")
    error = prediction.astype(float) - target
    noise = np.fmax(np.fmin(error, delta), -delta)
    outlier = error - noise
    return LossGrad(float(np.average(noise**2 / 2 + delta * np.abs(outlier))), noise / noise.size)


def huber_via_loop(prediction: np.ndarray, target: np.ndarray, delta: float = 1.0) -> LossGrad:
    """Treat one entry at a time, in plain Python."""
    if prediction.shape != target.shape or not delta > 0:
        raise ValueError("prediction and target differ in shape, or delta is not positive")
    losses, slopes = [], []
    for guess, truth in zip(prediction.ravel().tolist(), target.ravel().tolist(), strict=True):
        error = guess - truth
        small = abs(error) <= delta
        losses.append(error * error / 2 if small else delta * abs(error) - delta * delta / 2)
        slopes.append(error if small else math.copysign(delta, error))
    return LossGrad(math.fsum(losses) / len(losses), np.reshape(slopes, prediction.shape) / len(slopes))


def smooth_l1_via_masks(prediction: np.ndarray, target: np.ndarray, beta: float = 1.0) -> LossGrad:
    """Fill in the linear piece, then write the quadratic one over it where errors are small."""
    if prediction.shape != target.shape or not beta >= 0:
        raise ValueError("prediction and target differ in shape, or beta is negative")
    error = prediction.astype(float) - target
    losses, grad = np.abs(error) - beta / 2, np.sign(error)
    small = np.abs(error) < beta
    losses[small] = error[small] / beta * error[small] / 2
    grad[small] = error[small] / beta
    return LossGrad(float(losses.sum() / losses.size), grad / grad.size)


def smooth_l1_via_loop(prediction: np.ndarray, target: np.ndarray, beta: float = 1.0) -> LossGrad:
    """Treat one entry at a time, in plain Python: the slope rises from 0 to 1, and the loss is the area below."""
    if prediction.shape != target.shape or not beta >= 0:
        raise ValueError("prediction and target differ in shape, or beta is negative")
    losses, slopes = [], []
    for guess, truth in zip(prediction.ravel().tolist(), target.ravel().tolist(), strict=True):
        size = abs(guess - truth)
        top = size / beta if size < beta else float(size > 0)
        losses.append(top * min(size, beta) / 2 + max(size - beta, 0.0))
        slopes.append(math.copysign(top, guess - truth))
    return LossGrad(math.fsum(losses) / len(losses), np.reshape(slopes, prediction.shape) / len(slopes))
