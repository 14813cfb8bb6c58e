# wrong (core): roc_curve does not raise if there is no negative (roc_auc does)
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def _check(y_true, y_score):
    y = np.asarray(y_true)
    s = np.asarray(y_score, dtype=float)
    if y.ndim != 1 or y.shape != s.shape:
        raise ValueError("lengths differ")
    if not np.isin(y, (0, 1)).all() or not np.isfinite(s).all():
        raise ValueError("labels must be 0 or 1 and scores finite")
    return y.astype(np.int64), s


def _counts(y, s):
    order = np.argsort(s, kind="stable")[::-1]
    s, y = s[order], y[order]
    last = np.append(s[1:] != s[:-1], True)
    tp = np.cumsum(y)[last]
    fp = np.cumsum(1 - y)[last]
    return fp, tp, s[last]


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    y, s = _check(y_true, y_score)
    n_pos = int(y.sum())
    n_neg = max(y.size - n_pos, 1)
    if n_pos == 0:
        raise ValueError("need a positive and a negative")
    fp, tp, thresholds = _counts(y, s)
    fpr = np.append(0, fp) / n_neg
    tpr = np.append(0, tp) / n_pos
    return Curve(fpr, tpr, np.append(np.inf, thresholds))


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    y, s = _check(y_true, y_score)
    n_pos = int(y.sum())
    n_neg = y.size - n_pos
    if n_pos == 0 or n_neg == 0:
        raise ValueError("need a positive and a negative")
    fp, tp, _ = _counts(y, s)
    fp, tp = np.append(0, fp), np.append(0, tp)
    area = np.sum(np.diff(fp) * (tp[1:] + tp[:-1])) / 2
    return float(area / (n_pos * n_neg))
