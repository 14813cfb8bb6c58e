# wrong (core): roc_auc returns 1/2 if one class is missing
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
    y = np.asarray(y_true).astype(float)
    s = np.asarray(y_score).astype(float)
    if y.ndim != 1 or y.shape != s.shape:
        raise ValueError("lengths differ")
    if np.any((y != 0) & (y != 1)) or not np.all(np.isfinite(s)):
        raise ValueError("labels must be 0 or 1, scores finite")
    P = int(y.sum())
    N = len(y) - P
    if P == 0 or N == 0:
        raise ValueError("one class only")
    order = np.argsort(-s, kind="stable")
    s, y = s[order], y[order]
    last = np.flatnonzero(np.append(s[1:] != s[:-1], True))
    tp = np.cumsum(y)[last]
    fp = last + 1 - tp
    fpr = np.append(0.0, fp / N)
    tpr = np.append(0.0, tp / P)
    thresholds = np.append(np.inf, s[last])
    return Curve(fpr, tpr, thresholds)


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
    y = np.asarray(y_true).astype(float)
    s = np.asarray(y_score).astype(float)
    if y.ndim != 1 or y.shape != s.shape:
        raise ValueError("lengths differ")
    if np.any((y != 0) & (y != 1)) or not np.all(np.isfinite(s)):
        raise ValueError("labels must be 0 or 1, scores finite")
    P = int(y.sum())
    N = len(y) - P
    if not (P and N):
        return 0.5
    pos, neg = s[y == 1], np.sort(s[y == 0])
    below = np.searchsorted(neg, pos, side="left")
    equal = np.searchsorted(neg, pos, side="right") - below
    return float((below + equal / 2).sum() / (P * N))
