# different style; both bars
from math import exp, fsum, log1p, nan
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def _decay(z):
    """sigmoid(z) and softplus(z) = -log(1 - sigmoid(z)), both to full relative precision."""
    e = exp(-abs(z))
    if z >= 0:
        return 1.0 / (1.0 + e), z + log1p(e)
    return e / (1.0 + e), log1p(e)


def bce_with_logits(logits: np.ndarray, y: np.ndarray, pos_weight: float = 1.0) -> LossGrad:
    logits, y = np.asarray(logits), np.asarray(y)
    if logits.shape != y.shape:
        raise ValueError("logits and y differ in shape")
    n, costs, slopes = logits.size, [], []
    for z, label in zip(logits.ravel().tolist(), y.ravel().tolist()):
        z, label = float(z), float(label)
        if not 0.0 <= label <= 1.0:
            raise ValueError("a label is from 0 to 1")
        p, cost_if_negative = _decay(z)
        q, cost_if_positive = _decay(-z)
        slope = 0.0
        if label > 0:
            costs.append(float(pos_weight) * label * cost_if_positive)
            slope -= float(pos_weight) * label * q
        if label < 1:
            costs.append((1.0 - label) * cost_if_negative)
            slope += (1.0 - label) * p
        slopes.append(slope / n)
    return LossGrad(fsum(costs) / n if n else nan, np.array(slopes, dtype=float).reshape(logits.shape))
