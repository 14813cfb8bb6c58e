# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Three arrays with one entry for each threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def _tally(y_true, y_score):
    """Two dictionaries from a score to its number of negatives and of positives; scores stay Python numbers, so big integers stay exact."""
    labels, scores = np.asarray(y_true), np.asarray(y_score)
    if labels.ndim != 1 or scores.ndim != 1 or len(labels) != len(scores):
        raise ValueError("y_true and y_score must be of one length")
    table = ({}, {})
    bump = [counts.get for counts in table]
    for label, score in zip(labels.tolist(), scores.tolist()):
        if label not in (0, 1):
            raise ValueError("labels must be 0 or 1")
        if not math.isfinite(score):
            raise ValueError("scores must be finite")
        label = int(label)
        table[label][score] = bump[label](score, 0) + 1
    n_neg, n_pos = (sum(counts.values()) for counts in table)
    if not n_neg or not n_pos:
        raise ValueError("both classes are needed")
    return *table, n_neg, n_pos


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    negs, poss, n_neg, n_pos = _tally(y_true, y_score)
    fpr, tpr, thresholds = [0.0], [0.0], [math.inf]
    fp = tp = 0
    for score in sorted({*negs, *poss}, reverse=True):
        neg, pos = negs.get(score, 0), poss.get(score, 0)
        fp += neg
        tp += pos
        fpr.append(fp / n_neg)
        tpr.append(tp / n_pos)
        thresholds.append(float(score))
    return Curve(np.array(fpr), np.array(tpr), np.array(thresholds))


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    negs, poss, n_neg, n_pos = _tally(y_true, y_score)
    below = twice = 0  # negatives with a lower score; twice the number of won pairs
    for score in sorted({*negs, *poss}):
        neg, pos = negs.get(score, 0), poss.get(score, 0)
        twice += pos * (2 * below + neg)
        below += neg
    return twice / (2 * n_neg * n_pos)
