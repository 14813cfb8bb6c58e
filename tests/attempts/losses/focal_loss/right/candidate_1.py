# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def focal_loss(logits: np.ndarray, y: np.ndarray, gamma: float = 2.0, alpha: float = 0.25) -> LossGrad:
    sign = np.where(y == 1, 1.0, -1.0)
    alpha_t = np.where(y == 1, alpha, 1 - alpha)

    u = sign * logits  # p_t = sigmoid(u)
    log_pt = -np.logaddexp(0, -u)
    pt = np.exp(log_pt)
    one_minus_pt = np.exp(-np.logaddexp(0, u))

    weight = alpha_t * one_minus_pt**gamma
    loss = np.mean(-weight * log_pt)
    # d/du, with p_t' = p_t (1 - p_t)
    grad = sign * weight * (gamma * pt * log_pt - one_minus_pt) / logits.size
    return LossGrad(float(loss), grad)
