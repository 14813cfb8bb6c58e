# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Three arrays with one entry for each threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    n_pos = (y_true == 1).sum()
    n_neg = (y_true == 0).sum()
    if n_pos == 0 or n_neg == 0:
        raise ValueError("need at least one positive and one negative")

    order = np.argsort(-y_score, kind="stable")
    s = y_score[order]
    y = y_true[order]

    # last index of each group of tied scores
    last = np.append(np.flatnonzero(np.diff(s)), len(s) - 1)
    tps = np.cumsum(y == 1)[last]
    fps = np.cumsum(y == 0)[last]

    tpr = np.concatenate([[0.0], tps / n_pos])
    fpr = np.concatenate([[0.0], fps / n_neg])
    thresholds = np.concatenate([[np.inf], s[last]])
    return Curve(fpr, tpr, thresholds)


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    fpr, tpr, _ = roc_curve(y_true, y_score)
    # trapezoid rule: a tied group is a sloped segment, which counts ties as half
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))
