# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Objective(NamedTuple):
    loss: np.ndarray
    grad: np.ndarray
    hess: np.ndarray


def pseudo_huber(y: np.ndarray, margin: np.ndarray, delta: float = 1.0, min_hess: float = 1e-16) -> Objective:
    e = margin - y
    root = np.sqrt(1 + (e / delta) ** 2)
    return Objective(delta**2 * (root - 1), e / root, np.maximum(root**-3, min_hess))


def focal(
    y: np.ndarray, margin: np.ndarray, gamma: float = 2.0, scale_pos_weight: float = 1.0, min_hess: float = 1e-16
) -> Objective:
    if not np.isin(y, [0, 1]).all():
        raise ValueError("labels must be 0 or 1")
    sign = np.where(y == 1, 1.0, -1.0)
    weight = np.where(y == 1, scale_pos_weight, 1.0)
    z = sign * margin
    log_p = -np.logaddexp(0, -z)
    p = np.exp(log_p)
    q = 1 - p
    factor = weight * q**gamma
    loss = -factor * log_p
    grad = sign * factor * (gamma * p * log_p - q)
    hess = factor * p * (gamma * log_p * (q - gamma * p) + (2 * gamma + 1) * q)
    return Objective(loss, grad, np.maximum(hess, min_hess))


def second_order_loss(objective: Objective, step: np.ndarray) -> np.ndarray:
    return objective.loss + objective.grad * step + objective.hess * step**2 / 2
