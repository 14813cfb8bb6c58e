# different style; both bars
from decimal import Context, Decimal, localcontext
from math import fsum
from statistics import median

import numpy as np

LOSSES = ("squared_error", "absolute_error", "huber", "log_loss")


def prepare(loss, y, prediction, delta):
    if loss not in LOSSES:
        raise ValueError("unknown loss")
    if np.shape(y) != np.shape(prediction):
        raise ValueError("y and prediction differ in shape")
    if not delta > 0:
        raise ValueError("delta is not positive")
    pairs = list(zip(y.tolist(), prediction.tolist()))
    if loss == "log_loss" and any(label != 0 and label != 1 for label, _ in pairs):
        raise ValueError("a label is not 0 or 1")
    return pairs


def context():
    return localcontext(Context(prec=60, Emin=-(10**15), Emax=10**15, traps=[]))


def both(F):
    """p and 1 - p, each with all of its digits."""
    small = (-abs(Decimal(F))).exp()
    major, minor = 1 / (1 + small), small / (1 + small)
    return (major, minor) if F >= 0 else (minor, major)


def negative_gradient(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> np.ndarray:
    pairs = prepare(loss, y, prediction, delta)
    if loss == "log_loss":
        with context():
            out = [both(F)[1] if label == 1 else -both(F)[0] for label, F in pairs]
            return np.array([float(g) for g in out], dtype=float)
    residuals = [label - F for label, F in pairs]
    if loss == "absolute_error":
        residuals = [(r > 0) - (r < 0) for r in residuals]
    elif loss == "huber":
        residuals = [min(max(r, -delta), delta) for r in residuals]
    return np.array([float(r) for r in residuals], dtype=float)


def leaf_value(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> float:
    pairs = prepare(loss, y, prediction, delta)
    if loss == "log_loss":
        with context():
            up = down = Decimal(0)
            for label, F in pairs:
                p, q = both(F)
                up += q if label == 1 else -p
                down += p * q
            # In exact arithmetic the sum is never 0: "0" is read as 0 in double precision.
            return 0.0 if float(down) == 0 else float(up / down)
    residuals = [label - F for label, F in pairs]
    if loss == "squared_error":
        return fsum(residuals) / len(residuals)
    m = median(residuals)
    if loss == "absolute_error":
        return float(m)
    return float(m + fsum(min(max(r - m, -delta), delta) for r in residuals) / len(residuals))
