# wrong (core): the best mean is taken among the arms pulled
"""Bandits: which arm to pull next, by UCB1 or by Thompson sampling, and the regret of the pulls.

An arm that was pulled n times with the total reward s has the mean s / n. Let N be the pulls of all arms. UCB1 pulls
the arm with the largest upper bound, and Thompson sampling, for rewards of 0 and 1, the one with the largest draw:

    bound_k = s_k / n_k + sqrt(c * log(N) / n_k)                 infinite if n_k = 0
    draw_k from Beta(1 + successes_k, 1 + failures_k)            the posterior of its mean, from a uniform prior

A tie goes to the lower arm. So UCB1 first pulls each arm once, in order.

The regret of a pull is the largest true mean less the true mean of the arm that was pulled.

Source: Auer, Cesa-Bianchi and Fischer, Finite-time Analysis of the Multiarmed Bandit Problem (2002), figure 1; Chapelle
and Li, An Empirical Evaluation of Thompson Sampling (2011), algorithm 2.

Strict
------
- Counts may be of any integer type.
"""

from typing import NamedTuple

import numpy as np


class Choice(NamedTuple):
    """The arm to pull, and the number of each arm that decided: its bound, or its draw."""

    arm: int
    scores: np.ndarray


def ucb1(counts: np.ndarray, totals: np.ndarray, c: float = 2.0) -> Choice:
    """Return the arm that UCB1 pulls.

    Parameters
    ----------
    counts : array of int of shape (n_arms,)
        The pulls of each arm so far.
    totals : array of shape (n_arms,)
        The sum of each arm's rewards; 0 for an arm that was never pulled.
    c : float
        0 or more.

    Examples
    --------
    >>> arm, scores = ucb1(np.array([40, 10]), np.array([30.0, 6.0]))
    >>> arm, scores.round(3)  # 0.75 + 0.442 and 0.6 + 0.885
    (1, array([1.192, 1.485]))
    """
    counts = np.asarray(counts).astype(float)
    totals = np.asarray(totals, dtype=float)
    pulled = counts > 0
    scores = np.full(len(counts), np.inf)
    n = counts[pulled]
    scores[pulled] = totals[pulled] / n + np.sqrt(c * np.log(max(counts.sum(), 1.0)) / n)
    return Choice(int(np.argmax(scores)), scores)


def thompson_step(successes: np.ndarray, failures: np.ndarray, rng: np.random.Generator) -> Choice:
    """Return the arm that Thompson sampling pulls.

    Parameters
    ----------
    successes, failures : arrays of int of shape (n_arms,)
        The rewards of 1 and of 0 so far; both may be 0.
    rng : numpy.random.Generator

    Examples
    --------
    >>> arm, scores = thompson_step(np.array([900, 0]), np.array([100, 0]), np.random.default_rng(0))
    >>> bool(arm == scores.argmax()), bool(0.8 < scores[0] < 1)
    (True, True)
    """
    a = 1.0 + np.asarray(successes).astype(float)
    b = 1.0 + np.asarray(failures).astype(float)
    scores = rng.beta(a, b)
    return Choice(int(scores.argmax()), scores)


def regret(means: np.ndarray, arms: np.ndarray) -> np.ndarray:
    """Return the sum of the regrets up to and including each pull.

    Parameters
    ----------
    means : array of shape (n_arms,)
        The true means.
    arms : array of int of shape (n_pulls,)
        The arms pulled, from 0.

    Examples
    --------
    >>> regret(np.array([0.5, 0.25, 1.0]), np.array([0, 2, 1]))
    array([0.5 , 0.5 , 1.25])
    """
    means = np.asarray(means, dtype=float)
    best = means[np.unique(arms)].max() if len(arms) else 0.0
    return np.cumsum(best - means[np.asarray(arms).astype(int)])
