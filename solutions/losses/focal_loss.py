"""The focal loss, with the gradient.

A logit z gives the probability p = 1 / (1 + exp(-z)) of a positive. With p_t, the probability of an element's own
label, and alpha_t, the weight of its class,

    y = 1:  p_t = p      alpha_t = alpha
    y = 0:  p_t = 1 - p  alpha_t = 1 - alpha

    loss = mean over the elements of -alpha_t * (1 - p_t)**gamma * log(p_t)

So an easy element, with p_t near 1, counts little. With gamma = 0 this is a weighted cross-entropy.

Logits may be as large as 1e4. No eps and no clipping: loss and gradient follow the formula.

Source: Lin et al., Focal Loss for Dense Object Detection (2017), section 3. The paper sums and divides by the number
of anchors with an object; here it is the mean.

Strict
------
- gamma may be below 1, such as 0 or 0.5, where 1 - p_t rounds to 0: from logits of 37 on.
- Losses as small as 1e-11 follow the formula as well.
- ValueError if logits and y differ in shape, or a label is not 0 or 1.
"""

import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def focal_loss(logits: np.ndarray, y: np.ndarray, gamma: float = 2.0, alpha: float = 0.25) -> LossGrad:
    """Return the mean loss and its gradient with respect to the logits.

    Parameters
    ----------
    logits : array of any shape, of at least one axis
    y : array of the shape of logits
        Labels 0 and 1.
    gamma, alpha : float
        At least 0, and from 0 to 1.

    Examples
    --------
    At z = 0, p_t is 1/2 for either label: with gamma = 1 the elements cost log(2) / 2, times 3/4 and 1/4.

    >>> loss, grad = focal_loss(np.array([0.0, 0.0]), np.array([1, 0]), gamma=1.0, alpha=0.75)
    >>> round(loss, 6)
    0.173287
    >>> grad.round(6)
    array([-0.158733,  0.052911])
    >>> focal_loss(np.array([-10000.0, 10000.0]), np.array([1, 1])).loss
    1250.0
    """
    if logits.shape != y.shape:
        raise ValueError(f"logits of shape {logits.shape} need labels of the same, not of {y.shape}")
    positive = y == 1
    if not (positive | (y == 0)).all():
        raise ValueError("y has a label that is neither 0 nor 1")
    # The log-odds of the own label, so that both classes go one way. Then p_t is a sigmoid of z_t, and 1 - p_t that of
    # -z_t: taken from their logarithms, neither overflows nor cancels.
    z_t, weight = np.where(positive, logits, -logits), np.where(positive, alpha, 1 - alpha)
    tail = np.log1p(np.exp(-np.abs(z_t)))
    cost, log_miss = tail + np.maximum(-z_t, 0), -tail - np.maximum(z_t, 0)
    miss, focus = np.exp(log_miss), np.exp(gamma * log_miss)
    # By the product rule. The factor's own slope has p_t, which is 0 where the cost is without bound.
    slope = -focus * (miss + gamma * np.exp(-cost) * cost)
    return LossGrad(float((weight * focus * cost).mean()), np.where(positive, weight, -weight) * slope / logits.size)


def focal_loss_via_sides(logits: np.ndarray, y: np.ndarray, gamma: float = 2.0, alpha: float = 0.25) -> LossGrad:
    """Work out for every element what it would be as a positive and as a negative, and mix by the label."""
    if logits.shape != y.shape:
        raise ValueError("logits and y differ in shape")
    if not np.isin(y, [0, 1]).all():
        raise ValueError("a label is neither 0 nor 1")
    log_p, log_q = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
    p, q = np.exp(log_p), np.exp(log_q)
    loss = -alpha * y * q**gamma * log_p - (1 - alpha) * (1 - y) * p**gamma * log_q
    as_positive = alpha * q**gamma * (gamma * p * log_p - q)
    as_negative = (1 - alpha) * p**gamma * (p - gamma * q * log_q)
    return LossGrad(float(np.average(loss)), (as_positive * y + as_negative * (1 - y)) / y.size)


def focal_loss_via_loop(logits: np.ndarray, y: np.ndarray, gamma: float = 2.0, alpha: float = 0.25) -> LossGrad:
    """Treat one element at a time, in plain Python."""
    if logits.shape != y.shape:
        raise ValueError("logits and y differ in shape")
    losses, grad = [], []
    for z, label in zip(logits.ravel().tolist(), y.ravel().tolist(), strict=True):
        if label not in (0, 1):
            raise ValueError(f"{label} is no label")
        sign, weight = (1, alpha) if label else (-1, 1 - alpha)
        odds = math.exp(-abs(z))
        likely, unlikely = 1 / (1 + odds), odds / (1 + odds)
        p_t, miss = (likely, unlikely) if sign * z > 0 else (unlikely, likely)
        cost = math.log1p(odds) + max(-sign * z, 0.0)
        losses.append(weight * miss**gamma * cost)
        grad.append(-sign * weight * miss**gamma * (gamma * p_t * cost + miss))
    return LossGrad(math.fsum(losses) / len(losses), np.reshape(grad, logits.shape) / len(losses))
