# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- calibration
"""Calibration: whether predicted probabilities mean what they say.

Of the samples that are given the probability 0.8, eight in ten should be positive. To see whether they are, samples
are put into n_bins bins of equal width by their probability p:

    bin 1:   0 <= p <= 1 / n_bins
    bin m:   (m - 1) / n_bins < p <= m / n_bins        m = 2, ..., n_bins

So an edge belongs to the bin below it. (Where an edge has no exact float, as 3/10 has none, a probability within
rounding of it may go either way.) In each bin, the share of positives stands beside the mean of the probabilities. The
expected calibration error is the mean distance between the two, where a bin weighs as much as it has samples:

    ECE = sum over bins of samples in the bin / all samples * |share of positives - mean probability|

The Brier score asks for sharpness as well as for calibration, and needs no bins:

    Brier score = mean over samples of (p - y)^2

Source: Niculescu-Mizil and Caruana, Predicting good probabilities with supervised learning (2005), section 4, for the
curve; Guo et al., On calibration of modern neural networks (2017), section 2, for bins and ECE; Brier (1950).
"""

from typing import NamedTuple

import numpy as np


class Reliability(NamedTuple):
    """What `reliability_curve` returns: three arrays, with one entry for each bin that has samples, bin 1 first.

    `prob_true` is the share of positives in the bin, `prob_pred` the mean of its probabilities, `count` the number of
    its samples.
    """

    prob_true: np.ndarray
    prob_pred: np.ndarray
    count: np.ndarray


def reliability_curve(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> Reliability:
    """Return what came true beside what was predicted, bin by bin.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        The labels, 1 for a positive and 0 for a negative: booleans, integers (8-bit ones too) or floats. All of them
        may be of one class.
    y_prob : array of shape (n_samples,)
        The predicted probability of a positive, from 0 to 1, both included.
    n_bins : int, at least 1

    Returns
    -------
    Reliability
        prob_true, prob_pred, count. Bins without samples are left out.

    Raises
    ------
    ValueError
        If y_true and y_prob differ in length or are empty; if a label is neither 0 nor 1; if a probability is below 0,
        above 1 or NaN; if n_bins is below 1.

    Examples
    --------
    Three samples are in the lower half, for 0.5 belongs to it, and one is in the upper half.

    >>> curve = reliability_curve(np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0]), n_bins=2)
    >>> curve.prob_true.round(3), curve.prob_pred, curve.count
    (array([0.333, 1.   ]), array([0.25, 1.  ]), array([3, 1]))
    """
    raise NotImplementedError


def expected_calibration_error(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> float:
    """Return how far the share of positives lies from the mean probability, on average.

    Parameters
    ----------
    y_true, y_prob, n_bins
        As `reliability_curve` takes them.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        Where `reliability_curve` does.

    Examples
    --------
    Three quarters of the samples are in a bin that is off by 1/3 - 1/4, and one quarter is in a bin that is right.

    >>> round(expected_calibration_error(np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0]), n_bins=2), 9)
    0.0625
    """
    raise NotImplementedError


def brier_score(y_true: np.ndarray, y_prob: np.ndarray) -> float:
    """Return the mean squared distance between probability and label.

    Parameters
    ----------
    y_true, y_prob : arrays of shape (n_samples,)
        As `reliability_curve` takes them.

    Returns
    -------
    float
        From 0 to 1, and 1/4 where every probability is 1/2.

    Raises
    ------
    ValueError
        Where `reliability_curve` does for these two.

    Examples
    --------
    >>> brier_score(np.array([0, 0, 1, 1]), np.array([0.0, 0.25, 0.5, 1.0]))
    0.078125
    """
    raise NotImplementedError
