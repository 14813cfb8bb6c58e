# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Objective(NamedTuple):
    loss: np.ndarray
    grad: np.ndarray
    hess: np.ndarray


def _pairs(y, margin):
    y, margin = np.asarray(y), np.asarray(margin)
    if y.shape != margin.shape:
        raise ValueError("y and margin differ in shape")
    # Python numbers: integers are exact, and do not wrap.
    return y.shape, list(zip(y.ravel().tolist(), margin.ravel().tolist()))


def _pack(rows, shape, min_hess):
    table = np.array(rows, dtype=float).reshape(-1, 3)
    loss, grad, hess = (table[:, k].reshape(shape) for k in range(3))
    return Objective(loss, grad, np.where(hess < min_hess, float(min_hess), hess))


def pseudo_huber(y: np.ndarray, margin: np.ndarray, delta: float = 1.0, min_hess: float = 1e-16) -> Objective:
    if not delta > 0:
        raise ValueError("delta must be positive")
    delta = float(delta)
    shape, pairs = _pairs(y, margin)
    rows = []
    for label, m in pairs:
        e = float(m - label)
        h = math.hypot(delta, e)
        # delta * (h - delta) = delta * e^2 / (h + delta); the order of the factors avoids over- and underflow
        if abs(e) < delta:
            loss, grad = e * e * (delta / (h + delta)), e * (delta / h)
        else:
            loss, grad = delta * abs(e) * (abs(e) / (h + delta)), delta * (e / h)
        rows.append((loss, grad, (delta / h) ** 3))
    return _pack(rows, shape, min_hess)


def _softplus(z):
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def focal(
    y: np.ndarray, margin: np.ndarray, gamma: float = 2.0, scale_pos_weight: float = 1.0, min_hess: float = 1e-16
) -> Objective:
    if not gamma >= 0:
        raise ValueError("gamma must not be negative")
    gamma, scale = float(gamma), float(scale_pos_weight)
    shape, pairs = _pairs(y, margin)
    rows = []
    for label, m in pairs:
        if label not in (0, 1):
            raise ValueError("labels must be 0 or 1")
        sign, weight = (1.0, scale) if label == 1 else (-1.0, 1.0)
        z = sign * float(m)
        # L = weight * u * v with u = (1 - p)^gamma and v = -log(p); the product rule, with u' and v' in z
        nll, log_q = _softplus(-z), -_softplus(z)
        p, q = math.exp(-nll), math.exp(log_q)
        u, v = math.exp(gamma * log_q), nll
        du, dv = -gamma * p * u, -q
        ddu, ddv = gamma * p * u * (gamma * p - q), p * q
        rows.append((weight * u * v, weight * sign * (du * v + u * dv), weight * (ddu * v + 2 * du * dv + u * ddv)))
    return _pack(rows, shape, min_hess)


def second_order_loss(objective: Objective, step: np.ndarray) -> np.ndarray:
    loss, grad, hess, step = (np.asarray(a, dtype=float) for a in (*objective, step))
    if not loss.shape == grad.shape == hess.shape == step.shape:
        raise ValueError("shapes differ")
    return (hess * step / 2 + grad) * step + loss
