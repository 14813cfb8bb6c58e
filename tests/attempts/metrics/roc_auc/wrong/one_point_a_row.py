# wrong (core): one point for each row, so that tied scores make a staircase
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    if len(y_true) != len(y_score) or not np.isfinite(y_score).all():
        raise ValueError("y_true and y_score need one finite score for each label")
    if set(np.unique(y_true)) != {0, 1}:
        raise ValueError("y_true needs both classes, 0 and 1")
    order = np.argsort(-y_score.astype(float), kind="stable")
    positive = y_true[order] == 1
    tpr = np.append(0, np.cumsum(positive) / positive.sum())
    fpr = np.append(0, np.cumsum(~positive) / (~positive).sum())
    return Curve(fpr, tpr, np.append(np.inf, y_score[order]))


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    fpr, tpr, _ = roc_curve(y_true, y_score)
    return float(np.trapezoid(tpr, fpr))
