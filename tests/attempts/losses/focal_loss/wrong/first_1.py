# wrong (core): alpha outside the open interval (0, 1) turns the class weights off, so alpha = 0 or 1 gives no weights
# shown by: focal_loss(np.array([0.0, 0.0]), np.array([1, 0]), alpha=1.0).loss; right 0.08664339756999316, this 0.17328679513998632
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
    alpha_t = np.where(y == 1, alpha, 1 - alpha) if 0 < alpha < 1 else np.ones(z.shape)
    u = sign * z
    log_pt = -np.logaddexp(0, -u)
    log_qt = -np.logaddexp(0, u)
    pt, qt = np.exp(log_pt), np.exp(log_qt)
    weight = np.exp(gamma * log_qt)
    n = z.size
    loss = (alpha_t * weight * -log_pt).sum() / n
    grad = sign * alpha_t * weight * (gamma * pt * log_pt - qt) / n
    return LossGrad(float(loss), grad)
