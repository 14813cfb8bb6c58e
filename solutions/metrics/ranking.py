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

import math
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
    return int(_hits(ranked, relevant, k).sum()) / k


def recall_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Return the recall at k; arguments and errors as for precision_at_k.

    Examples
    --------
    >>> recall_at_k(np.array([7, 3, 9]), np.array([9, 4, 7, 1]), k=2)
    0.25
    """
    hits = _hits(ranked, relevant, k).sum()
    return float(hits / len(np.unique(relevant))) if hits else 0.0


def reciprocal_rank(ranked: np.ndarray, relevant: np.ndarray) -> float:
    """Return the reciprocal rank, over the whole ranking.

    Examples
    --------
    >>> reciprocal_rank(np.array([3, 7, 9]), np.array([9, 4, 7]))
    0.5
    """
    hits = _hits(ranked, relevant)
    return 1 / (int(hits.argmax()) + 1) if hits.any() else 0.0


def average_precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Return the average precision at k; arguments and errors as for precision_at_k.

    Examples
    --------
    >>> average_precision_at_k(np.array([3, 7, 9]), np.array([9, 4, 7, 1]), k=2)  # (1/2) / 2
    0.25
    """
    hits = _hits(ranked, relevant, k)
    ranks = np.flatnonzero(hits) + 1
    precisions = np.arange(1, len(ranks) + 1) / ranks
    return float(precisions.sum() / min(k, len(np.unique(relevant)))) if hits.any() else 0.0


def mean_over_queries(rankings: list[np.ndarray], relevants: list[np.ndarray], k: int) -> Means:
    """Return the mean of each metric over all queries, those without relevant items included.

    Examples
    --------
    >>> mean_over_queries([np.array([3, 7]), np.array([5])], [np.array([7]), np.array([], dtype=int)], k=1)
    Means(precision=0.0, recall=0.0, reciprocal_rank=0.25, average_precision=0.0)
    """
    if not rankings:
        raise ValueError("there is no query to take the mean over")
    each = [
        (precision_at_k(*query, k), recall_at_k(*query, k), reciprocal_rank(*query), average_precision_at_k(*query, k))
        for query in zip(rankings, relevants, strict=True)
    ]
    return Means(*np.mean(each, axis=0).tolist())


def _hits(ranked: np.ndarray, relevant: np.ndarray, k: int | None = None) -> np.ndarray:
    """Say which of the first k items are relevant."""
    if k is not None and k < 1:
        raise ValueError(f"k is {k}; at least one rank has to count")
    if len(np.unique(ranked)) < len(ranked):
        raise ValueError("the ranking has an id twice")
    return np.isin(ranked[:k], relevant)


def precision_at_k_via_sets(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Intersect the set of the first k with the set of the relevant."""
    _hits(ranked, relevant, k)
    return len(set(ranked[:k].tolist()) & set(relevant.tolist())) / k


def recall_at_k_via_lookup(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Look up the rank of each relevant item, and take the share of those within k."""
    _hits(ranked, relevant, k)
    rank = {item: at for at, item in enumerate(ranked.tolist())}
    found = [rank.get(item, math.inf) < k for item in set(relevant.tolist())]
    return sum(found) / len(found) if found else 0.0


def reciprocal_rank_via_loop(ranked: np.ndarray, relevant: np.ndarray) -> float:
    """Go down the ranking as far as the first hit."""
    _hits(ranked, relevant)
    for rank, item in enumerate(ranked.tolist(), start=1):
        if item in relevant:
            return 1 / rank
    return 0.0


def average_precision_at_k_via_running_counts(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Take the precision at every rank, and keep it where the item is a hit."""
    hits = _hits(ranked, relevant, k)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision @ hits) / min(k, max(len(np.unique(relevant)), 1))


def average_precision_at_k_via_pairs(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Count, for each hit, the hits that are not below it: a pair counts 1 / rank of its lower member."""
    ranks = np.flatnonzero(_hits(ranked, relevant, k)) + 1
    pairs = np.tril(np.ones((len(ranks), len(ranks)))) / ranks[:, np.newaxis]
    return float(pairs.sum()) / (min(k, len(set(relevant.tolist()))) or 1)


def mean_over_queries_via_columns(rankings: list[np.ndarray], relevants: list[np.ndarray], k: int) -> Means:
    """Go through the queries once for each metric."""
    if not 0 < len(rankings) == len(relevants):
        raise ValueError("there is no query, or a query without its relevant items")
    queries = list(zip(rankings, relevants, strict=True))
    columns = (
        [precision_at_k(*query, k) for query in queries],
        [recall_at_k(*query, k) for query in queries],
        [reciprocal_rank(*query) for query in queries],
        [average_precision_at_k(*query, k) for query in queries],
    )
    return Means(*(math.fsum(column) / len(queries) for column in columns))
