# different style; both bars
from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Three arrays with one entry for each threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def _two_lists(y_true, y_score):
    """The scores of the negatives and those of the positives."""
    y_true, y_score = np.asarray(y_true), np.asarray(y_score)
    if y_true.shape != y_score.shape or y_true.ndim != 1:
        raise ValueError("lengths differ")
    if not np.isfinite(y_score).all():
        raise ValueError("a score is not finite")
    zero, one = y_true == 0, y_true == 1
    if not (zero | one).all():
        raise ValueError("a label is not 0 or 1")
    if not zero.any() or not one.any():
        raise ValueError("a class is missing")
    return y_score[zero].tolist(), y_score[one].tolist()


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    neg, pos = (sorted(scores) for scores in _two_lists(y_true, y_score))
    cuts = sorted(set(neg).union(pos), reverse=True)
    rate = lambda ordered: [0.0] + [(len(ordered) - bisect_left(ordered, t)) / len(ordered) for t in cuts]
    return Curve(np.array(rate(neg)), np.array(rate(pos)), np.array([np.inf] + [float(t) for t in cuts]))


def _wins(neg, pos):
    """Twice the pairs that positives win, a tie counting once, by dividing the scores as quicksort does."""
    twice, stack = 0, [(neg, pos)]
    while stack:
        neg, pos = stack.pop()
        if not neg or not pos:
            continue
        if len(neg) + len(pos) <= 32:
            neg = sorted(neg)
            twice += sum(bisect_left(neg, p) + bisect_right(neg, p) for p in pos)
            continue
        # The median of all the scores, so that the depth is logarithmic.
        both = sorted(neg + pos)
        pivot = both[len(both) // 2]
        neg_low = [s for s in neg if s < pivot]
        neg_high = [s for s in neg if s > pivot]
        pos_low = [s for s in pos if s < pivot]
        pos_high = [s for s in pos if s > pivot]
        neg_equal = len(neg) - len(neg_low) - len(neg_high)
        pos_equal = len(pos) - len(pos_low) - len(pos_high)
        twice += 2 * len(pos_high) * (len(neg) - len(neg_high)) + pos_equal * (2 * len(neg_low) + neg_equal)
        stack += [(neg_low, pos_low), (neg_high, pos_high)]
    return twice


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    neg, pos = _two_lists(y_true, y_score)
    # Presorted lists: Timsort is linear on the few runs that it meets at each level.
    return _wins(sorted(neg), sorted(pos)) / (2 * len(neg) * len(pos))
