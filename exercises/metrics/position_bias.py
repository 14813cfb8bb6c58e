# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- position_bias
"""Position bias: clicks depend on where a result was shown, not only on how good it is.

A result is clicked if it is relevant and its rank is looked at:

    P(click) = P(rank is looked at) * P(result is relevant)

In random order all ranks hold equally good results, so click rates differ by the first factor alone: the propensity
of a rank, relative to rank 1. With it, clicks on the lists of one ranking say how good another would be:

    ips_dcg = mean over queries of  sum over clicked results of  w / log2(1 + new rank)
    w = min(1 / propensity of the rank at which it was shown, max_weight)

Source: Joachims, Swaminathan and Schnabel, Unbiased Learning-to-Rank with Biased Feedback (2017); Agarwal et al., A
General Framework for Counterfactual Learning-to-Rank (2019).

Strict
------
- ValueError if shapes do not fit, there is no query, a count is negative or clicks exceed impressions.
- Counts, clicks and scores may be integers of any type. clicks may be booleans.
"""

import math

import numpy as np


def position_propensities(impressions: np.ndarray, clicks: np.ndarray) -> np.ndarray:
    """Return the propensity of each rank: its click rate, divided by that of rank 1.

    It may exceed 1 by chance. It is NaN for a rank that was never shown, and 0 for one that was never clicked.

    Parameters
    ----------
    impressions, clicks : arrays of int of shape (n_ranks,)
        How often a result was shown, and clicked, at rank 1, 2, ... in random order.

    Raises
    ------
    ValueError
        If rank 1 was never clicked.

    Examples
    --------
    >>> position_propensities(np.array([1000, 500, 0]), np.array([200, 50, 0]))
    array([1. , 0.5, nan])
    """
    raise NotImplementedError


def ips_dcg(scores: np.ndarray, clicks: np.ndarray, propensities: np.ndarray, max_weight: float = math.inf) -> float:
    """Return the estimated DCG of a new ranking.

    Parameters
    ----------
    scores : array of shape (n_queries, n_ranks)
        The new ranking's scores. Column 0 was shown at rank 1, and so on. The highest score has new rank 1. A tie goes
        to the result that was shown first.
    clicks : array of int of shape (n_queries, n_ranks)
        1 for a click, else 0. A query without a click adds 0 to the mean.
    propensities : array of shape (n_ranks,)
        A rank without clicks may have 0 or NaN.
    max_weight : float
        Positive. The default clips nothing.

    Raises
    ------
    ValueError
        If a click was at a rank whose propensity is NaN or not above 0.

    Examples
    --------
    The click at rank 3 has weight 4, and new rank 1.

    >>> ips_dcg(np.array([[0.2, 0.1, 0.9]]), np.array([[0, 0, 1]]), np.array([1.0, 0.5, 0.25]))
    4.0
    """
    raise NotImplementedError
