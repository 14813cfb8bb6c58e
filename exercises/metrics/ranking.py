# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ranking
"""Metrics of a ranking with binary relevance: precision, recall, reciprocal rank and average precision.

A query has a ranking of item ids, the best first, and a set of ids that are relevant. A hit is a relevant item in the
ranking. Not every relevant item has to be ranked.

    precision@k = hits in the first k / k
    recall@k    = hits in the first k / number of relevant items
    RR          = 1 / rank of the first hit                              ranks count from 1
    AP@k        = sum of precision@r over the ranks r <= k of the hits / min(k, number of relevant items)

Each is 0 if there is no hit, also for a query without relevant items. A ranking may be shorter than k, or empty.

Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.4.

Strict
------
- ValueError if a ranking repeats an id, or mean_over_queries gets no query or lists of different lengths.
- relevant may repeat an id, which counts once.
"""

from typing import NamedTuple

import numpy as np


class Means(NamedTuple):
    """The mean of each metric over all queries."""

    precision: float
    recall: float
    reciprocal_rank: float
    average_precision: float


def precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Return the precision at k. The divisor is k, even if the ranking is shorter.

    Parameters
    ----------
    ranked : array of int of shape (n_ranked,)
        Distinct ids, the best first.
    relevant : array of int of shape (n_relevant,)
        Ids of all relevant items, in any order.
    k : int

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> precision_at_k(np.array([7, 3, 9]), np.array([9, 4, 7]), k=4)
    0.5
    """
    raise NotImplementedError


def recall_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Return the recall at k; arguments and errors as for precision_at_k.

    Examples
    --------
    >>> recall_at_k(np.array([7, 3, 9]), np.array([9, 4, 7, 1]), k=2)
    0.25
    """
    raise NotImplementedError


def reciprocal_rank(ranked: np.ndarray, relevant: np.ndarray) -> float:
    """Return the reciprocal rank, over the whole ranking.

    Examples
    --------
    >>> reciprocal_rank(np.array([3, 7, 9]), np.array([9, 4, 7]))
    0.5
    """
    raise NotImplementedError


def average_precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Return the average precision at k; arguments and errors as for precision_at_k.

    Examples
    --------
    >>> average_precision_at_k(np.array([3, 7, 9]), np.array([9, 4, 7, 1]), k=2)  # (1/2) / 2
    0.25
    """
    raise NotImplementedError


def mean_over_queries(rankings: list[np.ndarray], relevants: list[np.ndarray], k: int) -> Means:
    """Return the mean of each metric over all queries, those without relevant items included.

    Examples
    --------
    >>> mean_over_queries([np.array([3, 7]), np.array([5])], [np.array([7]), np.array([], dtype=int)], k=1)
    Means(precision=0.0, recall=0.0, reciprocal_rank=0.25, average_precision=0.0)
    """
    raise NotImplementedError
