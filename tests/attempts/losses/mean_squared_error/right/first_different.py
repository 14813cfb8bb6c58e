# different style; both bars
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def _errors(prediction, target):
    """Return the errors as a flat list of Python numbers: integers and booleans are exact."""
    if np.shape(prediction) != np.shape(target):
        raise ValueError("the shapes differ")
    return [p - t for p, t in zip(np.ravel(prediction).tolist(), np.ravel(target).tolist(), strict=True)]


def mse(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    errors = _errors(prediction, target)
    n = len(errors)
    grad = [(e + e) / n for e in errors]
    return LossGrad(float(sum(e * e for e in errors) / n), np.array(grad, dtype=float).reshape(np.shape(prediction)))


def mae(prediction: np.ndarray, target: np.ndarray) -> LossGrad:
    errors = _errors(prediction, target)
    n = len(errors)
    total = 0
    grad = []
    for e in errors:
        if e > 0:
            total += e
            grad.append(1 / n)
        elif e < 0:
            total -= e
            grad.append(-1 / n)
        else:  # 0, or NaN
            total += e
            grad.append(e * 0.0)
    return LossGrad(float(total / n), np.array(grad, dtype=float).reshape(np.shape(prediction)))
