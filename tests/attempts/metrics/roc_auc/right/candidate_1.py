# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    n_pos = np.sum(y_true == 1)
    n_neg = len(y_true) - n_pos
    if n_pos == 0 or n_neg == 0:
        raise ValueError("need at least one positive and one negative")

    order = np.argsort(-y_score)
    scores = y_score[order]
    labels = y_true[order]

    tp = np.cumsum(labels)
    fp = np.cumsum(1 - labels)

    # keep only the last sample of each run of tied scores
    last = np.append(scores[1:] != scores[:-1], True)
    tpr = np.concatenate([[0.0], tp[last] / n_pos])
    fpr = np.concatenate([[0.0], fp[last] / n_neg])
    thresholds = np.concatenate([[np.inf], scores[last]])
    return Curve(fpr, tpr, thresholds)


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    fpr, tpr, _ = roc_curve(y_true, y_score)
    # trapezoids
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))
