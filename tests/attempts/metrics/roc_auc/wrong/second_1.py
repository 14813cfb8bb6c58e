# wrong (core): end of a tie group found with diff(append=0): a lowest score of exactly 0 loses the last point
# shown by: roc_curve(np.array([1, 0, 1, 0]), np.array([3.0, 2.0, 1.0, 0.0])).fpr; right array([0. , 0. , 0.5, 0.5, 1. ]), this array([0. , 0. , 0.5, 0.5])
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
    last = np.flatnonzero(np.diff(s, append=0))
    tps = np.cumsum(y)[last]
    fps = last + 1 - tps
    return Curve(np.r_[0.0, fps / np.sum(y == 0)], np.r_[0.0, tps / np.sum(y)], np.r_[np.inf, s[last]])


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    y, s = _check(y_true, y_score)
    neg = np.sort(s[y == 0])
    pos = s[y == 1]
    wins = np.searchsorted(neg, pos, "left") + np.searchsorted(neg, pos, "right")
    return float(wins.sum() / (2 * len(pos) * len(neg)))
