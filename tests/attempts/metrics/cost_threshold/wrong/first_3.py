# wrong (core): the threshold inf is not tried
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- cost_threshold
"""The decision threshold for errors that have costs.

A sample is called positive if its probability p is at least the threshold. A false positive costs cost_fp, a false
negative costs cost_fn, and right decisions cost nothing.

If the probabilities are calibrated, the costs alone give the threshold. Calling a sample positive costs
(1 - p) * cost_fp on average, calling it negative costs p * cost_fn. The Bayes threshold is the p where both are equal.

If they may not be calibrated, use labelled samples and minimise

    cost(t) = cost_fp * negatives with p >= t + cost_fn * positives with p < t

over the distinct probabilities and t = inf, which calls nothing positive. On a tie the highest threshold wins. This
runs in O(n log n) time.

Source: Elkan, The foundations of cost-sensitive learning (2001), section 1.3.

Strict
------
- Probabilities are tied only if they are equal.
- ValueError from best_threshold if the lengths differ, a label is not 0 or 1, or a value is not a probability.
"""

from typing import NamedTuple

import numpy as np


class Choice(NamedTuple):
    """A threshold, and the total cost (not the mean) of its errors."""

    threshold: float
    cost: float


def bayes_threshold(cost_fp: float, cost_fn: float) -> float:
    """Return the Bayes threshold.

    Parameters
    ----------
    cost_fp, cost_fn : float
        One of them may be 0.

    Raises
    ------
    ValueError
        If a cost is negative or both are 0.

    Examples
    --------
    >>> bayes_threshold(cost_fp=1.0, cost_fn=4.0)
    0.2
    """
    if not (cost_fp >= 0 and cost_fn >= 0) or (cost_fp == 0 and cost_fn == 0):
        raise ValueError("costs must not be negative or both 0")
    return float(cost_fp / (cost_fp + cost_fn))


def best_threshold(y_true: np.ndarray, y_prob: np.ndarray, cost_fp: float, cost_fn: float) -> Choice:
    """Return the threshold with the lowest cost on labelled samples.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        1 for a positive, 0 for a negative. All may be of one class.
    y_prob : array of shape (n_samples,)
        The predicted probability of a positive, 0 and 1 included.
    cost_fp, cost_fn : float
        As for bayes_threshold, which also says when to raise ValueError.

    Examples
    --------
    >>> y_true, y_prob = np.array([0, 1, 0, 1]), np.array([0.2, 0.4, 0.6, 0.9])
    >>> best_threshold(y_true, y_prob, cost_fp=1.0, cost_fn=4.0)
    Choice(threshold=0.4, cost=1.0)
    >>> best_threshold(y_true, y_prob, cost_fp=4.0, cost_fn=1.0)
    Choice(threshold=0.9, cost=1.0)
    """
    bayes_threshold(cost_fp, cost_fn)
    y, p = np.asarray(y_true), np.asarray(y_prob, dtype=float)
    if len(y) != len(p) or not np.all((y == 0) | (y == 1)) or not np.all((p >= 0) & (p <= 1)):
        raise ValueError("bad samples")
    negatives, positives = np.sort(p[y == 0]), np.sort(p[y == 1])
    thresholds = np.unique(p)[::-1]
    fp = len(negatives) - np.searchsorted(negatives, thresholds, side="left")
    fn = np.searchsorted(positives, thresholds, side="left")
    cost = cost_fp * fp + cost_fn * fn
    best = int(np.argmin(cost))
    return Choice(float(thresholds[best]), float(cost[best]))
