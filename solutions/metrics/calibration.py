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

import math
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
    _check(y_true, y_prob, n_bins)
    inner_edges = np.arange(1, n_bins) / n_bins
    place = np.searchsorted(inner_edges, y_prob, side="left")
    filled = np.bincount(place) > 0
    count, positives, total = (np.bincount(place, weights)[filled] for weights in (None, y_true, y_prob))
    return Reliability(positives / count, total / count, count)


def expected_calibration_error(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> float:
    """Return the ECE. Parameters and errors are those of reliability_curve.

    Examples
    --------
    >>> y_true, y_prob = np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0])
    >>> round(expected_calibration_error(y_true, y_prob, n_bins=2), 9)  # 3/4 * |1/3 - 1/4| + 1/4 * 0
    0.0625
    """
    prob_true, prob_pred, count = reliability_curve(y_true, y_prob, n_bins)
    return float((count * np.abs(prob_true - prob_pred)).sum() / count.sum())


def brier_score(y_true: np.ndarray, y_prob: np.ndarray) -> float:
    """Return the Brier score. Parameters and errors are those of reliability_curve.

    Examples
    --------
    >>> brier_score(np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0]))
    0.078125
    """
    _check(y_true, y_prob)
    return float(((y_prob - y_true) ** 2).mean())


def _check(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int = 1) -> None:
    if len(y_true) != len(y_prob):
        raise ValueError(f"y_true has {len(y_true)} labels and y_prob has {len(y_prob)} probabilities")
    if len(y_true) == 0:
        raise ValueError("there is no sample")
    if not ((y_true == 0) | (y_true == 1)).all():
        raise ValueError("y_true has a label that is neither 0 nor 1")
    if not ((y_prob >= 0) & (y_prob <= 1)).all():
        raise ValueError("y_prob has a value that is not a probability")
    if n_bins < 1:
        raise ValueError(f"n_bins is {n_bins}; there has to be a bin")


def reliability_curve_via_masks(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> Reliability:
    """Go bin by bin, and pick its samples out by both edges."""
    _check(y_true, y_prob, n_bins)
    rows = []
    for m in range(1, n_bins + 1):
        inside = (y_prob > (m - 1) / n_bins) & (y_prob <= m / n_bins)
        if m == 1:
            inside |= y_prob == 0
        if inside.any():
            rows.append((y_true[inside].mean(), y_prob[inside].mean(), inside.sum()))
    return Reliability(*map(np.array, zip(*rows, strict=True)))


def reliability_curve_via_dictionary(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> Reliability:
    """Go sample by sample, each into the bin whose number is its probability times n_bins, rounded up."""
    _check(y_true, y_prob, n_bins)
    bins = {}
    for label, p in zip(y_true.tolist(), y_prob.tolist(), strict=True):
        bins.setdefault(max(math.ceil(p * n_bins), 1), []).append((label, p))
    held = [bins[m] for m in sorted(bins)]
    return Reliability(
        np.array([sum(label for label, _ in samples) / len(samples) for samples in held]),
        np.array([sum(p for _, p in samples) / len(samples) for samples in held]),
        np.array([len(samples) for samples in held]),
    )


def expected_calibration_error_via_residuals(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> float:
    """Sum y - p in each bin: the bin's size falls out of its weight times its distance."""
    _check(y_true, y_prob, n_bins)
    place = np.digitize(y_prob, np.linspace(0, 1, n_bins + 1)[1:-1], right=True)
    return float(np.abs(np.bincount(place, y_true) - np.bincount(place, y_prob)).sum() / len(y_prob))


def brier_score_via_groups(y_true: np.ndarray, y_prob: np.ndarray) -> float:
    """Split the score of each group of equal probabilities into distance from its share and spread about that."""
    _check(y_true, y_prob)
    probabilities, group, size = np.unique(y_prob, return_inverse=True, return_counts=True)
    share = np.bincount(group, weights=y_true) / size
    return float((size * ((probabilities - share) ** 2 + share * (1 - share))).sum() / len(y_true))
