# Fill in what raises NotImplementedError, with NumPy and the standard library only. Leave the arguments unchanged, and
# take integers as well as floats. To grade: nox -s grade -- roc_auc
"""The ROC curve and the area under it.

A classifier scores each sample, and a threshold makes a decision of the score: whatever reaches the threshold is called
positive. Each threshold is a point of the curve,

    tpr = positives with score >= threshold / all positives
    fpr = negatives with score >= threshold / all negatives

from (0, 0), where the threshold is infinite and nothing is called positive, to (1, 1), where everything is. Straight
lines join the points. The area under them is the chance that a positive outscores a negative, a tie counting half:

    AUC = P(score of a positive > score of a negative) + P(score of a positive = score of a negative) / 2

for a positive and a negative that are each drawn at random. Both functions should run in n log n time: 200,000
scores in less than a second.

Source: Fawcett, An introduction to ROC analysis (2006), sections 5 and 7; Hanley and McNeil (1982) for the identity.
"""

from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """What `roc_curve` returns: three arrays, each with one entry per threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    """Return the point of every threshold, from the highest to the lowest.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        The labels, 1 for a positive and 0 for a negative: booleans, integers (8-bit ones too) or floats, in any order.
    y_score : array of shape (n_samples,)
        Finite numbers of any sign and size, floats or integers, unsigned ones too. Higher means more likely positive.
        Scores are tied when they are equal; close is not tied.

    Returns
    -------
    Curve
        `thresholds` holds inf and then each distinct score once, as a float, falling. `fpr` and `tpr` are the shares
        that reach them. No point is left out, not even one on the straight line between its neighbours.

    Raises
    ------
    ValueError
        If y_true and y_score differ in length; if a label is neither 0 nor 1; if no sample is positive or none is
        negative, as in an empty input; if a score is NaN or infinite.

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
        As `roc_curve` takes them.

    Returns
    -------
    float
        From 0 to 1: 1/2 where all scores are tied, and less where negatives outscore positives.

    Raises
    ------
    ValueError
        Where `roc_curve` does.

    Examples
    --------
    >>> roc_auc(np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1]))
    0.875
    """
    raise NotImplementedError
