# wrong (core): "no previous score" sentinel is -1, so a top score of exactly -1 is merged with the point at inf
# shown by: roc_curve(np.array([1, 0, 1, 0]), np.array([-1.0, -2.0, -3.0, -4.0])).thresholds; right array([inf, -1., -2., -3., -4.]), this array([inf, -2., -3., -4.])
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
    n_pos = int(y.sum())
    n_neg = len(y) - n_pos
    fps, tps, thresholds = [0], [0], [np.inf]
    previous = -1
    for i in order:
        if s[i] != previous:
            fps.append(fps[-1])
            tps.append(tps[-1])
            thresholds.append(s[i])
            previous = s[i]
        if y[i] == 1:
            tps[-1] += 1
        else:
            fps[-1] += 1
    return Curve(np.array(fps) / n_neg, np.array(tps) / n_pos, np.array(thresholds))


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    y, s = _check(y_true, y_score)
    neg = np.sort(s[y == 0])
    pos = s[y == 1]
    wins = np.searchsorted(neg, pos, "left") + np.searchsorted(neg, pos, "right")
    return float(wins.sum() / (2 * len(pos) * len(neg)))
