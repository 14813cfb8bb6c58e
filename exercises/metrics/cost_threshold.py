# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- cost_threshold
"""The threshold for a decision whose errors have costs.

A sample is called positive when its probability p reaches the threshold, p >= threshold. A false positive costs
cost_fp, a false negative costs cost_fn, and right decisions cost nothing.

Where probabilities are calibrated, the costs alone say where the threshold belongs. Calling a sample positive costs
(1 - p) * cost_fp on average, calling it negative costs p * cost_fn, and the Bayes threshold is the p where the two are
equal.

Where probabilities may not be calibrated, the threshold is taken from labelled samples:

    cost = cost_fp * negatives with p >= threshold + cost_fn * positives with p < threshold

Each distinct probability is tried, and inf, which calls nothing positive. If several of them have the lowest cost, the
highest of those is best. (Where costs are not whole numbers, rounding may decide between costs that are equal on
paper.) This should run in n log n time: 100,000 probabilities in well under a second.

Source: Elkan, The foundations of cost-sensitive learning (2001), section 1.3.
"""

from typing import NamedTuple

import numpy as np


class Choice(NamedTuple):
    """What `best_threshold` returns: the threshold, and the total cost of the errors that it makes."""

    threshold: float
    cost: float


def bayes_threshold(cost_fp: float, cost_fn: float) -> float:
    """Return the lowest probability at which calling a sample positive costs no more than calling it negative.

    Parameters
    ----------
    cost_fp, cost_fn : float
        Costs of a false positive and a false negative: finite, not negative, and not both 0.

    Returns
    -------
    float
        From 0, where false positives cost nothing, to 1, where false negatives cost nothing.

    Raises
    ------
    ValueError
        If a cost is negative or both are 0.

    Examples
    --------
    >>> bayes_threshold(cost_fp=1.0, cost_fn=4.0)
    0.2
    """
    raise NotImplementedError


def best_threshold(y_true: np.ndarray, y_prob: np.ndarray, cost_fp: float, cost_fn: float) -> Choice:
    """Return the threshold at which the errors on labelled samples cost least.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        The labels, 1 for a positive and 0 for a negative: booleans, integers (8-bit ones too) or floats, in any order.
        There is at least one sample; all of them may be of one class.
    y_prob : array of shape (n_samples,)
        The predicted probability of a positive, from 0 to 1, both included. Probabilities are tied when they are equal;
        close is not tied.
    cost_fp, cost_fn : float
        As `bayes_threshold` takes them.

    Returns
    -------
    Choice
        threshold, which is one of y_prob or inf, and cost, which is a total, not a mean.

    Raises
    ------
    ValueError
        If a cost is negative or both are 0; if y_true and y_prob differ in length; if a label is neither 0 nor 1; if a
        probability is below 0, above 1 or NaN.

    Examples
    --------
    At 0.4, three samples are called positive, one of them wrongly; at 0.6 or 0.9 a positive would be missed.

    >>> y_true, y_prob = np.array([0, 1, 0, 1]), np.array([0.2, 0.4, 0.6, 0.9])
    >>> best_threshold(y_true, y_prob, cost_fp=1.0, cost_fn=4.0)
    Choice(threshold=0.4, cost=1.0)

    If a false positive costs more, it is better to miss one: 0.9 makes one error of cost 1.

    >>> best_threshold(y_true, y_prob, cost_fp=4.0, cost_fn=1.0)
    Choice(threshold=0.9, cost=1.0)
    """
    raise NotImplementedError
