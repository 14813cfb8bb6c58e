# wrong (core): tied labels ordered by adding +-1e-12 to the score, which rounds away for scores above about 1e4
# shown by: roc_auc(np.array([1, 0, 1, 0]), np.array([90000.0, 50000.0, 50000.0, 10000.0])); right 0.875, this 1.0
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Three arrays with one entry for each threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def _check(y_true, y_score):
    y = np.asarray(y_true)
    s = np.asarray(y_score, dtype=float)
    if y.shape != s.shape:
        raise ValueError("lengths differ")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    if not np.isfinite(s).all():
        raise ValueError("scores must be finite")
    y = y.astype(np.int64)
    if not 0 < y.sum() < len(y):
        raise ValueError("need a positive and a negative")
    return y, s


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    y, s = _check(y_true, y_score)
    order = np.argsort(-s, kind="stable")
    y, s = y[order], s[order]
    last = np.r_[np.flatnonzero(np.diff(s)), len(s) - 1]
    tps = np.cumsum(y)[last]
    fps = last + 1 - tps
    return Curve(np.r_[0.0, fps / fps[-1]], np.r_[0.0, tps / tps[-1]], np.r_[np.inf, s[last]])


def _count_wins(y, key):
    """Pairs (positive, negative) with the positive later in the order of key."""
    y = y[np.argsort(key, kind="stable")]
    return int(np.cumsum(1 - y)[y == 1].sum())


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    y, s = _check(y_true, y_score)
    tiny = 1e-12
    best = _count_wins(y, s + tiny * y)  # ties go to the positives
    worst = _count_wins(y, s - tiny * y)  # ties go to the negatives
    n_pos = int(y.sum())
    return (best + worst) / (2 * n_pos * (len(y) - n_pos))
