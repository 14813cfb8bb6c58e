# wrong (core): brier_score does not check the range of the probabilities
"""Calibration: whether predicted probabilities mean what they say.

Put the samples into n_bins bins of equal width by their probability p:

    bin 1:   0 <= p <= 1 / n_bins
    bin m:   (m - 1) / n_bins < p <= m / n_bins        m = 2, ..., n_bins

At an edge that has no exact float, either bin is right.

In each bin, compare the share of positives with the mean probability. The expected calibration error (ECE) is the
mean distance between the two, weighted by the number of samples:

    ECE = sum over bins of n_in_bin / n_samples * |share of positives - mean probability|

    Brier score = mean over samples of (p - y)^2

Here p is the probability of the positive class, not the confidence in the predicted class.

Source: Niculescu-Mizil and Caruana, Predicting good probabilities with supervised learning (2005); Naeini et al.
(2015) for the ECE; Brier (1950).

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

def _checked(y_true, y_prob):
    y_true, y_prob = np.asarray(y_true).astype(float), np.asarray(y_prob).astype(float)
    if y_true.shape != y_prob.shape or y_true.size == 0:
        raise ValueError("one label and one probability for each sample, at least one sample")
    if not np.isin(y_true, (0, 1)).all():
        raise ValueError("labels are 0 and 1")
    if np.isnan(y_prob).any():
        raise ValueError("a probability is NaN")
    return y_true, y_prob


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
    y_true, y_prob = _checked(y_true, y_prob)
    if y_prob.min() < 0 or y_prob.max() > 1:
        raise ValueError("probabilities are from 0 to 1")
    if n_bins < 1:
        raise ValueError("n_bins is below 1")
    edges = np.arange(1, n_bins) / n_bins
    index = np.searchsorted(edges, y_prob, side="left")
    count = np.bincount(index, minlength=n_bins)
    positives = np.bincount(index, weights=y_true, minlength=n_bins)
    total = np.bincount(index, weights=y_prob, minlength=n_bins)
    keep = count > 0
    return Reliability(positives[keep] / count[keep], total[keep] / count[keep], count[keep])


def expected_calibration_error(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> float:
    """Return the ECE. Parameters and errors are those of reliability_curve.

    Examples
    --------
    >>> y_true, y_prob = np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0])
    >>> round(expected_calibration_error(y_true, y_prob, n_bins=2), 9)  # 3/4 * |1/3 - 1/4| + 1/4 * 0
    0.0625
    """
    prob_true, prob_pred, count = reliability_curve(y_true, y_prob, n_bins)
    return float(np.sum(count * np.abs(prob_true - prob_pred)) / count.sum())


def brier_score(y_true: np.ndarray, y_prob: np.ndarray) -> float:
    """Return the Brier score. Parameters and errors are those of reliability_curve.

    Examples
    --------
    >>> brier_score(np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0]))
    0.078125
    """
    y_true, y_prob = _checked(y_true, y_prob)
    return float(np.mean((y_prob - y_true) ** 2))
