# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    m: np.ndarray
    v: np.ndarray


def adam_step(
    param: np.ndarray,
    grad: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    t: int,
    lr: float = 0.001,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> Step:
    if t < 1:
        raise ValueError("t must be at least 1")
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    param = param - lr * m_hat / (np.sqrt(v_hat) + eps)
    return Step(param, m, v)


def adamw_step(
    param: np.ndarray,
    grad: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    t: int,
    lr: float = 0.001,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> Step:
    step = adam_step(param, grad, m, v, t, lr, betas, eps)
    return Step(step.param - lr * weight_decay * param, step.m, step.v)
