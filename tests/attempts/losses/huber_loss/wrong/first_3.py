# wrong (strict): smooth_l1 subtracts in place, so a float prediction is overwritten
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
    if np.shape(prediction) != np.shape(target):
        raise ValueError("shapes differ")
    if not delta > 0:
        raise ValueError("delta must be positive")
    e = np.asarray(prediction, dtype=float) - np.asarray(target, dtype=float)
    a = np.abs(e)
    q = np.minimum(a, delta)
    cost = q * (a - q / 2)
    grad = np.clip(e, -delta, delta) / e.size
    return LossGrad(float((cost / e.size).sum()), grad)


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
    if np.shape(prediction) != np.shape(target):
        raise ValueError("shapes differ")
    if not beta >= 0:
        raise ValueError("beta must not be negative")
    e = np.asarray(prediction, dtype=float)
    e -= target
    a = np.abs(e)
    small = a < beta
    ratio = np.divide(e, beta, out=np.sign(e), where=small)
    cost = np.where(small, np.abs(ratio) * a / 2, a - beta / 2)
    return LossGrad(float((cost / e.size).sum()), ratio / e.size)
