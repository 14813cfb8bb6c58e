# different style; both bars
import math
from operator import index
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated param, m and v."""

    param: np.ndarray
    m: np.ndarray
    v: np.ndarray


def _bias(beta, t):
    """1 - beta^t."""
    return -math.expm1(t * math.log1p(beta - 1.0)) if beta > 0 else 1.0


def _moment(old, new, beta):
    return beta * old + (1.0 - beta) * new


def _steps(param, grad, m, v, t, lr, betas, eps, decay):
    t = index(t)
    if t < 1:
        raise ValueError("t counts from 1")
    beta1, beta2 = map(float, betas)
    unbias1, unbias2 = _bias(beta1, t), _bias(beta2, t)
    rows = zip(*(np.asarray(a).ravel().tolist() for a in (param, grad, m, v)), strict=True)
    for p, g, m_i, v_i in rows:
        p, g = float(p), float(g)
        m_i, v_i = _moment(float(m_i), g, beta1), _moment(float(v_i), g * g, beta2)
        below = math.sqrt(v_i / unbias2) + eps
        move = lr * (m_i / unbias1) / below if below else math.nan
        if decay is not None:
            move += lr * decay * p
        yield p - move, m_i, v_i


def _collect(shape, triples):
    table = np.array(list(triples), dtype=float).reshape(-1, 3)
    return Step(*(np.ascontiguousarray(column).reshape(shape) for column in table.T))


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
    return _collect(np.shape(param), _steps(param, grad, m, v, t, lr, betas, eps, None))


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
    return _collect(np.shape(param), _steps(param, grad, m, v, t, lr, betas, eps, weight_decay))
