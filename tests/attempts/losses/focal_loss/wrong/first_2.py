# wrong (core): the gradient takes the exponent gamma - 1 as 0 for gamma < 1
# shown by: focal_loss(np.array([1.0]), np.array([1]), gamma=0.5).grad; right [-0.04971358044990464], this [-0.04256683431683447]
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def focal_loss(logits: np.ndarray, y: np.ndarray, gamma: float = 2.0, alpha: float = 0.25) -> LossGrad:
    z, y = np.asarray(logits, dtype=float), np.asarray(y)
    if z.shape != y.shape or not np.isin(y, (0, 1)).all():
        raise ValueError("bad labels")
    sign = np.where(y == 1, 1.0, -1.0)
    alpha_t = np.where(y == 1, alpha, 1 - alpha)
    u = sign * z
    log_pt = -np.logaddexp(0, -u)
    log_qt = -np.logaddexp(0, u)
    pt, qt = np.exp(log_pt), np.exp(log_qt)
    weight = np.exp(gamma * log_qt)
    n = z.size
    loss = (alpha_t * weight * -log_pt).sum() / n
    slope = gamma * np.exp(max(gamma - 1, 0) * log_qt) * qt  # (1 - p_t)^gamma, times -p_t
    grad = sign * alpha_t * (slope * pt * log_pt - weight * qt) / n
    return LossGrad(float(loss), grad)
