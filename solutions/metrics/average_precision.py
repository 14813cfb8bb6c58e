"""The precision-recall curve, and average precision.

A threshold t calls a sample positive if its score is at least t. Each threshold gives one point of the curve:

    precision(t) = positives with score >= t / samples with score >= t
    recall(t)    = positives with score >= t / all positives

Average precision sums the curve in steps, from the highest threshold (k = 1) to the lowest:

    AP = sum_k (recall_k - recall_{k-1}) * precision_k         recall_0 = 0

Both functions run in O(n log n) time.

Source: scikit-learn, average_precision_score; Davis and Goadrich (2006), section 4: why the points are not joined by
straight lines.

Strict
------
- Scores of any size, 1e308 too. Scores are tied only if they are equal.
- ValueError if the lengths differ, a label is not 0 or 1, or a score is NaN or infinite.
"""

from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Precision and recall have one entry more than thresholds: the last point has no threshold."""

    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray


def precision_recall_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    """Return the curve, from the lowest threshold to the highest.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        1 for a positive, 0 for a negative.
    y_score : array of shape (n_samples,)
        Any real numbers. Higher means more likely positive.

    Returns
    -------
    Curve
        The thresholds are every distinct score once, also where recall does not change. Last comes the point with
        precision 1 and recall 0.

    Raises
    ------
    ValueError
        If there is no positive. There may be no negative.

    Examples
    --------
    >>> curve = precision_recall_curve(np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1]))
    >>> curve.thresholds
    array([0.1, 0.5, 0.9])
    >>> curve.precision.round(3)
    array([0.5  , 0.667, 1.   , 1.   ])
    >>> curve.recall
    array([1. , 1. , 0.5, 0. ])
    """
    positive = _positives(y_true, y_score)
    order = np.argsort(y_score)
    scores, positive = y_score[order], positive[order]
    # A threshold takes all of its ties at once: it stands at the first of them, and reaches everything from there up.
    first_of_ties = np.append(True, scores[1:] != scores[:-1])
    tp = np.cumsum(positive[::-1])[::-1][first_of_ties]
    reached = np.arange(len(scores), 0, -1)[first_of_ties]
    return Curve(np.append(tp / reached, 1.0), np.append(tp / tp[0], 0.0), scores[first_of_ties])


def average_precision(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Return the average precision. Parameters and errors are those of precision_recall_curve.

    Examples
    --------
    >>> round(average_precision(np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1])), 3)  # 1/2 * 1 + 1/2 * 2/3
    0.833
    """
    precision, recall, _ = precision_recall_curve(y_true, y_score)
    return float(((recall[:-1] - recall[1:]) * precision[:-1]).sum())


def _positives(y_true: np.ndarray, y_score: np.ndarray) -> np.ndarray:
    """Say which samples are positive, once both arrays are found fit for a curve."""
    if len(y_true) != len(y_score):
        raise ValueError(f"y_true has {len(y_true)} labels and y_score has {len(y_score)} scores")
    positive = y_true == 1
    if not (positive | (y_true == 0)).all():
        raise ValueError("y_true has a label that is neither 0 nor 1")
    if not positive.any():
        raise ValueError("y_true needs at least one positive")
    if not np.isfinite(y_score).all():
        raise ValueError("y_score has a NaN or an infinite score")
    return positive


def precision_recall_curve_via_searching(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    """Look each distinct score up among all sorted scores, and among those of the positives."""
    positive = _positives(y_true, y_score)
    thresholds = np.unique(y_score)

    def number_reached(scores: np.ndarray) -> np.ndarray:
        return len(scores) - np.searchsorted(np.sort(scores), thresholds, side="left")

    tp = number_reached(y_score[positive])
    precision, recall = tp / number_reached(y_score), tp / positive.sum()
    return Curve(np.append(precision, 1.0), np.append(recall, 0.0), thresholds)


def precision_recall_curve_via_walking(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    """Walk from the highest score to the lowest and move the last point as long as the score stays the same."""
    n_pos = int(_positives(y_true, y_score).sum())
    rows = sorted(zip(y_score.tolist(), y_true.tolist(), strict=True), reverse=True)
    points, tp = [(1.0, 0.0, None)], 0
    for reached, (score, label) in enumerate(rows, start=1):
        tp += label == 1
        if score == points[-1][2]:
            points.pop()
        points.append((tp / reached, tp / n_pos, score))
    precision, recall, thresholds = zip(*reversed(points), strict=True)
    return Curve(np.array(precision), np.array(recall), np.array(thresholds[:-1]))


def average_precision_via_positives(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Take the mean over the positives of the precision at the score of each."""
    positive = _positives(y_true, y_score)
    everything, found = np.sort(y_score), np.sort(y_score[positive])
    reached = len(everything) - np.searchsorted(everything, found)
    tp = len(found) - np.searchsorted(found, found)
    return float((tp / reached).mean())


def average_precision_via_counting(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Count the samples and the positives of each distinct score, then go down through the scores."""
    _positives(y_true, y_score)
    counts = {}
    for score, label in zip(y_score.tolist(), y_true.tolist(), strict=True):
        samples, positives = counts.get(score, (0, 0))
        counts[score] = samples + 1, positives + (label == 1)
    total, reached, tp = 0.0, 0, 0
    for score in sorted(counts, reverse=True):
        samples, positives = counts[score]
        reached, tp = reached + samples, tp + positives
        total += positives * tp / reached
    return total / tp
