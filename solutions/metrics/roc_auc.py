"""The ROC curve and the area under it.

A threshold t calls a sample positive if its score is at least t. Each threshold gives one point of the curve:

    tpr(t) = positives with score >= t / all positives
    fpr(t) = negatives with score >= t / all negatives

Straight lines join the points. The area under the curve is the probability that a random positive scores higher than
a random negative, where a tie counts half:

    AUC = P(s_pos > s_neg) + P(s_pos = s_neg) / 2

Both functions run in O(n log n) time.

Source: Fawcett, An introduction to ROC analysis (2006), sections 4 and 7; Hanley and McNeil (1982) for the probability.

Strict
------
- Scores of any size, 1e308 too. Scores are tied only if they are equal.
- ValueError if the lengths differ, a label is not 0 or 1, or a score is NaN or infinite.
"""

from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Three arrays with one entry for each threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    """Return the curve, from the highest threshold to the lowest.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        1 for a positive, 0 for a negative.
    y_score : array of shape (n_samples,)
        Any real numbers. Higher means more likely positive.

    Returns
    -------
    Curve
        The thresholds are inf, then every distinct score once. Points on a straight line stay.

    Raises
    ------
    ValueError
        If there is no positive or no negative.

    Examples
    --------
    >>> curve = roc_curve(np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1]))
    >>> curve.thresholds
    array([inf, 0.9, 0.5, 0.1])
    >>> curve.fpr
    array([0. , 0. , 0.5, 1. ])
    >>> curve.tpr
    array([0. , 0.5, 1. , 1. ])
    """
    positive = _positives(y_true, y_score)
    order = np.argsort(y_score)[::-1]
    scores, positive = y_score[order], positive[order]
    # A threshold takes all of its ties at once: a point stands where the last of them is counted.
    last_of_ties = np.append(scores[1:] != scores[:-1], True)
    tp, fp = np.cumsum(positive)[last_of_ties], np.cumsum(~positive)[last_of_ties]
    return Curve(np.append(0, fp) / fp[-1], np.append(0, tp) / tp[-1], np.append(np.inf, scores[last_of_ties]))


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Return the area under the ROC curve.

    Parameters
    ----------
    y_true, y_score : arrays of shape (n_samples,)

    Raises
    ------
    ValueError
        If there is no positive or no negative.

    Examples
    --------
    >>> roc_auc(np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1]))
    0.875
    """
    fpr, tpr, _ = roc_curve(y_true, y_score)
    return float(np.trapezoid(tpr, fpr))


def _positives(y_true: np.ndarray, y_score: np.ndarray) -> np.ndarray:
    """Say which samples are positive, once both arrays are found fit for a curve."""
    if len(y_true) != len(y_score):
        raise ValueError(f"y_true has {len(y_true)} labels and y_score has {len(y_score)} scores")
    positive = y_true == 1
    if not (positive | (y_true == 0)).all():
        raise ValueError("y_true has a label that is neither 0 nor 1")
    if positive.all() or not positive.any():
        raise ValueError("y_true needs at least one positive and one negative")
    if not np.isfinite(y_score).all():
        raise ValueError("y_score has a NaN or an infinite score")
    return positive


def roc_curve_via_searching(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    """Look each distinct score up among the sorted scores of either class."""
    positive = _positives(y_true, y_score)
    thresholds = np.unique(y_score)[::-1]

    def share_reached(scores: np.ndarray) -> np.ndarray:
        below = np.searchsorted(np.sort(scores), thresholds)
        return np.append(0.0, 1 - below / len(scores))

    return Curve(share_reached(y_score[~positive]), share_reached(y_score[positive]), np.append(np.inf, thresholds))


def roc_curve_via_walking(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    """Walk from the highest score to the lowest and move the last point as long as the score stays the same."""
    n_pos = int(_positives(y_true, y_score).sum())
    n_neg = len(y_true) - n_pos
    points, tp, fp = [(0.0, 0.0, np.inf)], 0, 0
    for score, label in sorted(zip(y_score.tolist(), y_true.tolist(), strict=True), reverse=True):
        tp, fp = (tp + 1, fp) if label else (tp, fp + 1)
        if score == points[-1][2]:
            points.pop()
        points.append((fp / n_neg, tp / n_pos, score))
    return Curve(*map(np.array, zip(*points, strict=True)))


def roc_auc_via_ranks(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Rank all scores, ties by their mean rank: the positives' rank sum counts the pairs that they win."""
    positive = _positives(y_true, y_score)
    _, group, size = np.unique(y_score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(size) - (size - 1) / 2
    n_pos, n_neg = int(positive.sum()), int((~positive).sum())
    won = mean_rank[group][positive].sum() - n_pos * (n_pos + 1) / 2
    return float(won / (n_pos * n_neg))


def roc_auc_via_pairs(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Count the pairs that each positive wins, and half of those that it ties, among the sorted negatives."""
    positive = _positives(y_true, y_score)
    negatives = np.sort(y_score[~positive])
    below = np.searchsorted(negatives, y_score[positive], side="left")
    not_above = np.searchsorted(negatives, y_score[positive], side="right")
    return float((below + not_above).mean() / (2 * len(negatives)))
