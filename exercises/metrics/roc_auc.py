# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- roc_auc
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
    raise NotImplementedError


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
    raise NotImplementedError
