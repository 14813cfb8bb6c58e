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

import math
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
    _check_costs(cost_fp, cost_fn)
    return cost_fp / (cost_fp + cost_fn)


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
    _check_costs(cost_fp, cost_fn)
    positive = _positives(y_true, y_prob)
    order = np.argsort(y_prob)[::-1]
    thresholds = np.append(np.inf, y_prob[order])
    tp, fp = (np.append(0, np.cumsum(called[order])) for called in (positive, ~positive))
    # A threshold takes all of its ties at once: it stands where the last of them is called.
    last_of_ties = np.append(thresholds[1:] != thresholds[:-1], True)
    costs = np.where(last_of_ties, cost_fp * fp + cost_fn * (tp[-1] - tp), np.inf)
    best = np.argmin(costs)  # the first of several, which is the highest
    return Choice(float(thresholds[best]), float(costs[best]))


def _check_costs(cost_fp: float, cost_fn: float) -> None:
    if cost_fp < 0 or cost_fn < 0 or cost_fp == cost_fn == 0:
        raise ValueError(f"costs of {cost_fp} and {cost_fn}: neither may be negative, and one has to be positive")


def _positives(y_true: np.ndarray, y_prob: np.ndarray) -> np.ndarray:
    """Say which samples are positive, once both arrays are found fit."""
    if len(y_true) != len(y_prob):
        raise ValueError(f"y_true has {len(y_true)} labels and y_prob has {len(y_prob)} probabilities")
    positive = y_true == 1
    if not (positive | (y_true == 0)).all():
        raise ValueError("y_true has a label that is neither 0 nor 1")
    if not ((y_prob >= 0) & (y_prob <= 1)).all():
        raise ValueError("y_prob has a value that is not a probability")
    return positive


def bayes_threshold_via_odds(cost_fp: float, cost_fn: float) -> float:
    """Turn the odds at which the two costs are equal into a probability."""
    _check_costs(cost_fp, cost_fn)
    odds_against = cost_fn / cost_fp if cost_fp > 0 else math.inf
    return 1 / (1 + odds_against)


def best_threshold_via_searching(y_true: np.ndarray, y_prob: np.ndarray, cost_fp: float, cost_fn: float) -> Choice:
    """Look each distinct probability up among the sorted probabilities of either class."""
    _check_costs(cost_fp, cost_fn)
    positive = _positives(y_true, y_prob)
    thresholds = np.append(np.unique(y_prob), np.inf)
    missed = np.searchsorted(np.sort(y_prob[positive]), thresholds)
    rejected = np.searchsorted(np.sort(y_prob[~positive]), thresholds)
    costs = cost_fp * ((~positive).sum() - rejected) + cost_fn * missed
    best = np.flatnonzero(costs == costs.min())[-1]
    return Choice(float(thresholds[best]), float(costs[best]))


def best_threshold_via_walking(y_true: np.ndarray, y_prob: np.ndarray, cost_fp: float, cost_fn: float) -> Choice:
    """Walk from the lowest probability to the highest, let go of one stretch of ties at a time, and keep the best."""
    _check_costs(cost_fp, cost_fn)
    fp, missed = int((~_positives(y_true, y_prob)).sum()), 0
    best, previous = Choice(math.inf, math.inf), None
    for p, label in [*sorted(zip(y_prob.tolist(), y_true.tolist(), strict=True)), (math.inf, 0)]:
        cost = cost_fp * fp + cost_fn * missed
        if p != previous and cost <= best.cost:
            best = Choice(p, cost)
        fp, missed = (fp, missed + 1) if label == 1 else (fp - 1, missed)
        previous = p
    return best
