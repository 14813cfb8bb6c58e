# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- average_precision
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
    raise NotImplementedError


def average_precision(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Return the average precision. Parameters and errors are those of precision_recall_curve.

    Examples
    --------
    >>> round(average_precision(np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1])), 3)  # 1/2 * 1 + 1/2 * 2/3
    0.833
    """
    raise NotImplementedError
