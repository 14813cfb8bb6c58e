# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- average_precision
"""The precision-recall curve, and average precision.

A classifier scores each sample, and a threshold makes a decision of the score: whatever reaches the threshold is called
positive. Each threshold is a point of the curve,

    precision = positives with score >= threshold / samples with score >= threshold
    recall    = positives with score >= threshold / all positives

Above all scores nothing is called positive. Recall is 0 there, and precision, which would be 0 / 0, is set to 1.

Average precision sums the curve in steps. From the highest threshold to the lowest, each one adds what it gains in
recall over the threshold before it, times its own precision:

    AP = sum over k of (recall_k - recall_{k-1}) * precision_k        with recall_0 = 0, k = 1 the highest threshold

The points are not joined by straight lines, which would count precision that no threshold has, and the precision that
was set to 1 counts for nothing. Both functions should run in n log n time: 100,000 scores in
well under a second.

Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.4; Davis and Goadrich,
The relationship between precision-recall and ROC curves (2006), section 4, for what lies between two points.
"""

from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """What `precision_recall_curve` returns: `precision` and `recall` have one entry more than `thresholds`."""

    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray


def precision_recall_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    """Return the point of every distinct score as the threshold, from the lowest to the highest, and the end.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        The labels, 1 for a positive and 0 for a negative: booleans, integers (8-bit ones too) or floats, in any order.
        All of them may be positive.
    y_score : array of shape (n_samples,)
        Finite numbers of any sign and size, floats or integers, unsigned ones too. Higher means more likely positive.
        Scores are tied when they are equal; close is not tied.

    Returns
    -------
    Curve
        `thresholds` holds each distinct score once, rising. `precision` and `recall` are those of each threshold, in
        the same order, and then 1 and 0, which have no threshold. No point is left out, not even where recall is the
        same as at its neighbour.

    Raises
    ------
    ValueError
        If y_true and y_score differ in length; if a label is neither 0 nor 1; if no sample is positive, as in an
        empty input; if a score is NaN or infinite.

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
    """Return the average precision.

    Parameters
    ----------
    y_true, y_score : arrays of shape (n_samples,)
        As `precision_recall_curve` takes them.

    Returns
    -------
    float
        Above 0, and at most 1 but for rounding. Where all scores are tied it is the share of positives.

    Raises
    ------
    ValueError
        Where `precision_recall_curve` does.

    Examples
    --------
    Half of the positives are found at precision 1, the other half at 2/3.

    >>> round(average_precision(np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1])), 3)
    0.833
    """
    raise NotImplementedError
