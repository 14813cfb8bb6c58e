# wrong (core): ties are not shared in the branch for more than 1e6 pairs
# shown by: roc_auc(np.arange(4000) // 2000, np.arange(4000) % 3); right 0.500166625, this 0.66683325
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
    if n_pos * n_neg > 1_000_000:
        ranks = np.empty(len(s))
        ranks[np.argsort(s, kind="stable")] = np.arange(1, len(s) + 1)
        return float((ranks[y].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg))
    _, inverse, counts = np.unique(s, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[y].sum() - n_pos * (n_pos + 1) / 2) / (n_pos * n_neg))
