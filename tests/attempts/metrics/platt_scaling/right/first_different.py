# different style; both bars
from math import log
from typing import NamedTuple

import numpy as np


class Platt(NamedTuple):
    slope: float
    intercept: float


def platt_targets(y_true: np.ndarray) -> np.ndarray:
    labels = np.asarray(y_true).tolist()
    if not labels:
        raise ValueError("no sample")
    if any(label not in (0, 1) for label in labels):
        raise ValueError("labels must be 0 or 1")
    n_pos = sum(1 for label in labels if label == 1)
    high = (n_pos + 1) / (n_pos + 2)
    low = 1 / (len(labels) - n_pos + 2)
    return np.array([high if label == 1 else low for label in labels])


def _logistic(z):
    small = np.exp(-np.abs(z))
    return np.where(z < 0, small, 1.0) / (1.0 + small)


def _best_intercept(slope, u, target_sum, start):
    """For a fixed slope: the b at which sum p = sum t, by Newton inside of a bracket. Returns b and p."""
    z = slope * u
    base = log(target_sum / (len(u) - target_sum))
    low, high = base - z.max(), base - z.min()
    b = min(max(start, low), high)
    for _ in range(200):
        p = _logistic(z + b)
        excess = p.sum() - target_sum
        if excess > 0:
            high = b
        else:
            low = b
        curvature = (p * (1 - p)).sum()
        new = b - excess / curvature if curvature > 0 else low
        if not low < new < high:
            new = 0.5 * (low + high)
        if abs(excess) <= 1e-15 * target_sum or abs(new - b) <= 1e-15 * (1 + abs(b)):
            break
        b = new
    return b, p


def fit_platt(scores: np.ndarray, y_true: np.ndarray) -> Platt:
    t = platt_targets(y_true)
    s = np.asarray(scores, dtype=float)
    if s.shape != t.shape:
        raise ValueError("lengths differ")
    target_sum = float(t.sum())
    if s.min() == s.max():
        return Platt(0.0, log(target_sum / (len(t) - target_sum)))
    # Root of the profile gradient g(slope) = sum (p - t) u, with the intercept at its best. g rises with the slope.
    center = float(np.median(s))
    unit = float(np.max(np.abs(s - center)))
    u = (s - center) / unit

    def profile(slope, start):
        b, p = _best_intercept(slope, u, target_sum, start)
        w = p * (1 - p)
        total = w.sum()
        rise = (w * (u - (w * u).sum() / total) ** 2).sum() if total > 0 else 0.0
        return b, float(((p - t) * u).sum()), float(rise)

    b, g, rise = profile(0.0, 0.0)
    sign = -1.0 if g > 0 else 1.0
    inner, outer = 0.0, sign
    while True:  # bracket the root by doubling
        bo, go, _ = profile(outer, b)
        if sign * go >= 0:
            break
        inner, b, outer = outer, bo, outer * 2
    low, high = min(inner, outer), max(inner, outer)
    slope = inner
    for _ in range(200):
        b, g, rise = profile(slope, b)
        if g > 0:
            high = slope
        else:
            low = slope
        new = slope - g / rise if rise > 0 else low
        if not low < new < high:
            new = 0.5 * (low + high)
        if g == 0 or abs(new - slope) <= 1e-15 * (1 + abs(slope)):
            break
        slope = new
    return Platt(float(slope / unit), float(b - slope / unit * center))


def predict_proba(fit: Platt, scores: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", under="ignore"):
        return _logistic(fit.slope * np.asarray(scores, dtype=float) + fit.intercept)
