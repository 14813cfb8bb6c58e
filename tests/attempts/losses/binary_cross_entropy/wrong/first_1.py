# wrong (core): loss: pos_weight also weighs the negative part of a soft label
"""Binary cross-entropy from logits, with the gradient.

A logit z gives the probability p = 1 / (1 + exp(-z)) of a positive. With labels y,

    loss = mean over the elements of -pos_weight * y * log(p) - (1 - y) * log(1 - p)

Logits may be as large as 1e4. No eps and no clipping: loss and gradient follow the formula.

Source: Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.2. pos_weight is that of PyTorch's
BCEWithLogitsLoss.

Strict
------
- A small loss is right to nine digits: a positive at z = 40 and a negative at z = -40 cost 4.2e-18 each.
- ValueError if a label is below 0, above 1 or NaN.
"""

from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def bce_with_logits(logits: np.ndarray, y: np.ndarray, pos_weight: float = 1.0) -> LossGrad:
    """Return the mean loss and its gradient with respect to the logits.

    Parameters
    ----------
    logits : array of any shape
    y : array of the shape of logits
        0, 1, or a probability between them.
    pos_weight : float
        The mean still divides by the number of elements.

    Raises
    ------
    ValueError
        If logits and y differ in shape, even if they would broadcast.

    Examples
    --------
    >>> loss, grad = bce_with_logits(np.array([0.0, 0.0, -10000.0]), np.array([1.0, 0.0, 1.0]))
    >>> round(loss, 4)  # the mean of log(2), log(2) and 10000
    3333.7954
    >>> grad.round(4)
    array([-0.1667,  0.1667, -0.3333])
    >>> bce_with_logits(np.array([0.0, 0.0]), np.array([1.0, 0.25]), pos_weight=3.0).grad
    array([-0.75,  0.  ])
    """
    logits, y = np.asarray(logits, dtype=float), np.asarray(y, dtype=float)
    if logits.shape != y.shape:
        raise ValueError("logits and y must have the same shape")
    if not ((y >= 0) & (y <= 1)).all():
        raise ValueError("labels must lie in [0, 1]")
    e = np.exp(-np.abs(logits))
    p, q = np.where(logits >= 0, 1.0, e) / (1 + e), np.where(logits >= 0, e, 1.0) / (1 + e)
    minus_log_p = np.maximum(-logits, 0.0) + np.log1p(e)
    minus_log_q = np.maximum(logits, 0.0) + np.log1p(e)
    weight = 1 + (pos_weight - 1) * y
    losses = weight * (y * minus_log_p + (1 - y) * minus_log_q)
    grad = (1 - y) * p - pos_weight * y * q
    return LossGrad(float(losses.mean()), grad / logits.size)
