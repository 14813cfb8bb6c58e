# wrong (core): midranks: the last tie group (the highest score) is never closed and keeps its ordinal ranks
# shown by: roc_auc(np.array([0, 1, 1, 0]), np.array([1.0, 1.0, 0.2, 0.1])); right 0.625, this 0.75
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


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    y, s = _check(y_true, y_score)
    order = np.argsort(s, kind="stable")
    y, s = y[order], s[order]
    ranks = np.arange(1.0, len(s) + 1)
    start = 0
    for i in range(1, len(s)):
        if s[i] != s[start]:
            ranks[start:i] = (start + 1 + i) / 2
            start = i
    n_pos = int(y.sum())
    n_neg = len(y) - n_pos
    return float((ranks[y == 1].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg))
