# wrong (core): roc_curve loses the (0, 0) point if the highest score is exactly 0 (sentinel 0 for the previous score)
# shown by: len(roc_curve(np.array([1, 0, 1, 0]), np.array([0.0, -1.0, -1.0, -3.0])).tpr); right 4, this 3
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def _prepare(y_true, y_score):
    y, s = np.asarray(y_true), np.asarray(y_score, dtype=float)
    if y.shape != s.shape or not np.isin(y, (0, 1)).all() or not np.isfinite(s).all():
        raise ValueError("bad labels or scores")
    y = y == 1
    if y.all() or not y.any():
        raise ValueError("both classes are needed")
    return y, s


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    y, s = _prepare(y_true, y_score)
    order = np.argsort(-s, kind="stable")
    y, s = y[order], s[order]
    previous = np.append(0.0, s[:-1])
    new = s != previous  # a point is due before each new score
    tp = np.append(0, np.cumsum(y))
    fp = np.append(0, np.cumsum(~y))
    at = np.append(np.flatnonzero(new), len(s))
    thresholds = np.append(np.inf, s[at[1:] - 1]) if at[0] == 0 else s[at - 1]
    return Curve(fp[at] / fp[-1], tp[at] / tp[-1], thresholds)


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    y, s = _prepare(y_true, y_score)
    n_pos = int(y.sum())
    n_neg = len(y) - n_pos
    _, inverse, counts = np.unique(s, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[y].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg))
