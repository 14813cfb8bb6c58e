# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def _errors(prediction, target):
    if np.shape(prediction) != np.shape(target):
        raise ValueError("the shapes differ")
    # Python numbers: integers of any type are subtracted exactly
    pairs = zip(np.ravel(prediction).tolist(), np.ravel(target).tolist(), strict=True)
    return [p - t for p, t in pairs]


def _clip(value, bound):
    return bound if value >= bound else -bound if value <= -bound else value


def _result(costs, slopes, shape):
    n = len(costs)
    top = max(costs)
    power = math.frexp(top)[1] if top < math.inf else 0
    # Divided by a power of two first, so that the sum does not overflow
    mean = math.ldexp(math.fsum(math.ldexp(cost, -power) for cost in costs) / n, power)
    return LossGrad(float(mean), np.array([s / n for s in slopes], dtype=float).reshape(shape))


def huber(prediction: np.ndarray, target: np.ndarray, delta: float = 1.0) -> LossGrad:
    if not delta > 0:
        raise ValueError("delta must be positive")
    errors = _errors(prediction, target)
    # With r = clip(e, -delta, delta), both branches are r * (e - r / 2), and the slope is r.
    slopes = [_clip(e, delta) for e in errors]
    costs = [r * (e - r / 2) for r, e in zip(slopes, errors, strict=True)]
    return _result(costs, slopes, np.shape(prediction))


def smooth_l1(prediction: np.ndarray, target: np.ndarray, beta: float = 1.0) -> LossGrad:
    if not beta >= 0:
        raise ValueError("beta must not be negative")
    beta = float(beta)
    errors = _errors(prediction, target)
    if beta == 0:
        slopes = [(e > 0) - (e < 0) for e in errors]
        costs = [abs(e) for e in errors]
    else:
        slopes = [_clip(e / beta, 1.0) for e in errors]
        costs = [r * (e - (e / 2 if abs(r) < 1 else r * (beta / 2))) for r, e in zip(slopes, errors, strict=True)]
    return _result(costs, slopes, np.shape(prediction))
