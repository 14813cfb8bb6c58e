# different style; both bars
from math import exp, fsum, log1p, nan
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def _softplus(s):
    return max(s, 0.0) + log1p(exp(-abs(s)))


def _element(s, weight, gamma):
    """The loss of one element and its slope in s, the logit of the element's own label."""
    surprise, other = _softplus(-s), _softplus(s)  # -log p_t and -log(1 - p_t)
    focus = exp(-gamma * other) if gamma else 1.0
    p, q = exp(-surprise), exp(-other)
    return weight * focus * surprise, -weight * focus * (gamma * p * surprise + q)


def focal_loss(logits: np.ndarray, y: np.ndarray, gamma: float = 2.0, alpha: float = 0.25) -> LossGrad:
    logits, y = np.asarray(logits), np.asarray(y)
    if logits.shape != y.shape:
        raise ValueError("logits and y differ in shape")
    gamma, alpha, n = float(gamma), float(alpha), logits.size
    losses, grad = [], np.empty(n)
    for i, (z, label) in enumerate(zip(logits.ravel().tolist(), y.ravel().tolist())):
        z = float(z)
        if label == 1:
            loss, slope = _element(z, alpha, gamma)
        elif label == 0:
            loss, slope = _element(-z, 1.0 - alpha, gamma)
            slope = -slope
        else:
            raise ValueError("a label is not 0 or 1")
        losses.append(loss)
        grad[i] = slope / n
    return LossGrad(fsum(losses) / n if n else nan, grad.reshape(logits.shape))
