# wrong (core): eps = 0 is replaced by the default
# shown by: adam_step(np.array([10.0]), np.array([1e-6]), np.zeros(1), np.zeros(1), t=1, lr=1.0, eps=0.0).param; right [9.0], this [9.009900990099009]
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    m: np.ndarray
    v: np.ndarray


def _moments(grad, m, v, t, betas):
    if t < 1:
        raise ValueError("t starts at 1")
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    return m, v, m / (1 - beta1**t), v / (1 - beta2**t)


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
    param, grad, m, v = (np.asarray(a, dtype=float) for a in (param, grad, m, v))
    eps = eps or 1e-8
    m, v, m_hat, v_hat = _moments(grad, m, v, t, betas)
    return Step(param - lr * m_hat / (np.sqrt(v_hat) + eps), m, v)


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
    param = np.asarray(param, dtype=float)
    step = adam_step(param, grad, m, v, t, lr, betas, eps)
    return Step(step.param - lr * weight_decay * param, step.m, step.v)
