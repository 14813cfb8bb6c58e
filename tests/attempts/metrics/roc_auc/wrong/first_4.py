# wrong (core): shortcut returns 0 if no positive is above any negative, also where the best positive ties with the worst negative
# shown by: roc_auc(np.array([0, 1, 0, 1]), np.array([0.9, 0.5, 0.5, 0.1])); right 0.125, this 0.0
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
    last = np.append(s[1:] != s[:-1], True)
    tp = np.append(0, np.cumsum(y)[last])
    fp = np.append(0, np.cumsum(~y)[last])
    thresholds = np.append(np.inf, s[last])
    return Curve(fp / fp[-1], tp / tp[-1], thresholds)


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    y, s = _prepare(y_true, y_score)
    n_pos = int(y.sum())
    n_neg = len(y) - n_pos
    low, high = s.min(), s.max()
    if low < high:  # separable either way: no need to rank
        if s[y].min() > s[~y].max():
            return 1.0
        if s[y].max() <= s[~y].min():
            return 0.0
    _, inverse, counts = np.unique(s, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[y].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg))
