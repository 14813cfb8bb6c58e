# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- calibration
"""Calibration: whether predicted probabilities mean what they say.

Put the samples into n_bins bins of equal width by their probability p:

    bin 1:   0 <= p <= 1 / n_bins
    bin m:   (m - 1) / n_bins < p <= m / n_bins        m = 2, ..., n_bins

Edges are exact if n_bins is a power of two. At any other inner edge, either bin is right.

In each bin, compare the share of positives with the mean probability. The expected calibration error (ECE) is the
mean distance between the two, weighted by the number of samples:

    ECE = sum over bins of n_in_bin / n_samples * |share of positives - mean probability|

    Brier score = mean over samples of (p - y)^2

Here p is the probability of the positive class, not the confidence in the predicted class.

Source: Niculescu-Mizil and Caruana (2005); Naeini et al. (2015) for the ECE; Brier (1950).

Strict
------
- ValueError if the lengths differ, there is no sample, a label is not 0 or 1, a probability is NaN or n_bins < 1.
"""

from typing import NamedTuple

import numpy as np


class Reliability(NamedTuple):
    """Share of positives, mean probability and number of samples, for each bin."""

    prob_true: np.ndarray
    prob_pred: np.ndarray
    count: np.ndarray


def reliability_curve(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> Reliability:
    """Return the reliability curve, from the lowest bin to the highest, without empty bins.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        1 for a positive, 0 for a negative. All may be of one class.
    y_prob : array of shape (n_samples,)
    n_bins : int

    Raises
    ------
    ValueError
        If a probability is below 0 or above 1.

    Examples
    --------
    >>> curve = reliability_curve(np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0]), n_bins=2)
    >>> curve.prob_true.round(3), curve.prob_pred, curve.count
    (array([0.333, 1.   ]), array([0.25, 1.  ]), array([3, 1]))
    """
    raise NotImplementedError


def expected_calibration_error(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> float:
    """Return the ECE. Parameters and errors are those of reliability_curve.

    Examples
    --------
    >>> y_true, y_prob = np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0])
    >>> round(expected_calibration_error(y_true, y_prob, n_bins=2), 9)  # 3/4 * |1/3 - 1/4| + 1/4 * 0
    0.0625
    """
    raise NotImplementedError


def brier_score(y_true: np.ndarray, y_prob: np.ndarray) -> float:
    """Return the Brier score. Parameters and errors are those of reliability_curve.

    Examples
    --------
    >>> brier_score(np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0]))
    0.078125
    """
    raise NotImplementedError
