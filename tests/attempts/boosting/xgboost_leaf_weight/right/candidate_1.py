# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class GradHess(NamedTuple):
    """The first and second derivative of each sample's loss with respect to its margin."""

    grad: np.ndarray
    hess: np.ndarray


def logistic_grad_hess(y: np.ndarray, margin: np.ndarray) -> GradHess:
    e = np.exp(-np.abs(margin))
    p = np.where(margin >= 0, 1 / (1 + e), e / (1 + e))
    return GradHess(p - y, e / (1 + e) ** 2)


def leaf_weight(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
) -> np.ndarray:
    positive = hess_sum > 0
    denominator = np.where(positive, hess_sum + reg_lambda, 1.0)
    w = -np.sign(grad_sum) * np.maximum(np.abs(grad_sum) - reg_alpha, 0.0) / denominator
    w = np.where(positive, w, 0.0) + 0.0  # no -0
    if max_delta_step > 0:
        w = np.clip(w, -max_delta_step, max_delta_step)
    return w


def structure_score(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
    gamma: float = 0.0,
) -> float:
    w = leaf_weight(grad_sum, hess_sum, reg_lambda, reg_alpha, max_delta_step)
    return float(np.sum(grad_sum * w + (hess_sum + reg_lambda) * w**2 / 2 + reg_alpha * np.abs(w) + gamma))
