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

import math
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
    if logits.shape != y.shape:
        raise ValueError(f"logits of shape {logits.shape} need labels of the same, not of {y.shape}")
    if not ((y >= 0) & (y <= 1)).all():
        raise ValueError("y has a label outside of 0 to 1")
    # The cost of a positive is log(1 + exp(-z)), that of a negative log(1 + exp(z)): of the two exponentials, the one
    # that cannot overflow gives both.
    tail = np.log1p(np.exp(-np.abs(logits)))
    positive, negative = tail + np.maximum(-logits, 0), tail + np.maximum(logits, 0)
    pull, push = pos_weight * y, 1 - y
    grad = push * np.exp(-positive) - pull * np.exp(-negative)
    return LossGrad(float((pull * positive + push * negative).mean()), grad / logits.size)


def bce_with_logits_via_logaddexp(logits: np.ndarray, y: np.ndarray, pos_weight: float = 1.0) -> LossGrad:
    """Take p from a hyperbolic tangent, which overflows nowhere, and the costs from logaddexp."""
    if logits.shape != y.shape:
        raise ValueError("logits and y differ in shape")
    if np.isnan(y).any() or y.min() < 0 or y.max() > 1:
        raise ValueError("y has a label outside of 0 to 1")
    p = (1 + np.tanh(logits / 2)) / 2
    weight = 1 + (pos_weight - 1) * y
    losses = pos_weight * y * np.logaddexp(0, -logits) + (1 - y) * np.logaddexp(0, logits)
    return LossGrad(float(np.average(losses)), (p * weight - pos_weight * y) / y.size)


def bce_with_logits_via_loop(logits: np.ndarray, y: np.ndarray, pos_weight: float = 1.0) -> LossGrad:
    """Treat one element at a time, in plain Python."""
    if logits.shape != y.shape:
        raise ValueError("logits and y differ in shape")
    losses, grad = [], []
    for z, label in zip(logits.ravel().tolist(), y.ravel().tolist(), strict=True):
        if not 0 <= label <= 1:
            raise ValueError(f"{label} is no label")
        odds = math.exp(-abs(z))
        likely = 1 / (1 + odds)
        p, q = (likely, odds * likely) if z > 0 else (odds * likely, likely)
        cheap = math.log1p(odds)
        log_p, log_q = (-cheap, -cheap - z) if z > 0 else (z - cheap, -cheap)
        losses.append(-pos_weight * label * log_p - (1 - label) * log_q)
        grad.append(((1 - label) * p - pos_weight * label * q) / logits.size)
    return LossGrad(math.fsum(losses) / logits.size, np.reshape(grad, logits.shape))
