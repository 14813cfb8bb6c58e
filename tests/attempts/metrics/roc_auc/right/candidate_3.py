# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Three arrays with one entry for each threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def _count(y_true):
    n_pos = sum(1 for label in y_true if label == 1)
    n_neg = len(y_true) - n_pos
    if n_pos == 0 or n_neg == 0:
        raise ValueError("y_true must contain both classes")
    return n_pos, n_neg


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    n_pos, n_neg = _count(y_true)
    pairs = sorted(zip(y_score.tolist(), y_true.tolist()), reverse=True)

    fpr, tpr, thresholds = [0.0], [0.0], [float("inf")]
    tp = fp = 0
    for i, (score, label) in enumerate(pairs):
        if label == 1:
            tp += 1
        else:
            fp += 1
        # emit a point only when the whole tied group has been counted
        if i + 1 == len(pairs) or pairs[i + 1][0] != score:
            fpr.append(fp / n_neg)
            tpr.append(tp / n_pos)
            thresholds.append(score)
    return Curve(np.array(fpr), np.array(tpr), np.array(thresholds))


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    # Count the won pairs directly: go up through the scores, group by group.
    n_pos, n_neg = _count(y_true)
    pairs = sorted(zip(y_score.tolist(), y_true.tolist()))
    wins = 0.0
    neg_below = 0
    i = 0
    while i < len(pairs):
        j = i
        pos = neg = 0
        while j < len(pairs) and pairs[j][0] == pairs[i][0]:
            if pairs[j][1] == 1:
                pos += 1
            else:
                neg += 1
            j += 1
        wins += pos * neg_below + 0.5 * pos * neg
        neg_below += neg
        i = j
    return wins / (n_pos * n_neg)
