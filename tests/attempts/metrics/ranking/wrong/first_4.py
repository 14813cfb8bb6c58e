# wrong (core): queries with an empty ranking are left out of the mean
# shown by: mean_over_queries([np.array([7, 3]), np.array([], dtype=int)], [np.array([7]), np.array([5])], k=1); right Means(precision=0.5, recall=0.5, reciprocal_rank=0.5, average_precision=0.5), this Means(precision=1.0, recall=1.0, reciprocal_rank=1.0, average_precision=1.0)
"""Metrics of a ranking with binary relevance: precision, recall, reciprocal rank and average precision."""

from typing import NamedTuple

import numpy as np


class Means(NamedTuple):
    """The mean of each metric over all queries."""

    precision: float
    recall: float
    reciprocal_rank: float
    average_precision: float


def _check_k(k: int) -> None:
    if k < 1:
        raise ValueError("k must be at least 1")


def _hits(ranked: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """Return for each rank whether its item is relevant."""
    if len(np.unique(ranked)) < len(ranked):
        raise ValueError("a ranking must not repeat an id")
    return np.isin(ranked, relevant)


def precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Return the precision at k. The divisor is k, even if the ranking is shorter."""
    _check_k(k)
    return float(_hits(ranked, relevant)[:k].sum() / k)


def recall_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Return the recall at k; arguments and errors as for precision_at_k."""
    _check_k(k)
    hits = _hits(ranked, relevant)[:k]
    n_relevant = len(np.unique(relevant))
    if n_relevant == 0:
        return 0.0
    return float(hits.sum() / n_relevant)


def reciprocal_rank(ranked: np.ndarray, relevant: np.ndarray) -> float:
    """Return the reciprocal rank, over the whole ranking."""
    positions = np.flatnonzero(_hits(ranked, relevant))
    if positions.size == 0:
        return 0.0
    return float(1 / (positions[0] + 1))


def average_precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    """Return the average precision at k; arguments and errors as for precision_at_k."""
    _check_k(k)
    hits = _hits(ranked, relevant)[:k]
    n_relevant = len(np.unique(relevant))
    if n_relevant == 0:
        return 0.0
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precisions[hits].sum() / min(k, n_relevant))


def mean_over_queries(rankings: list[np.ndarray], relevants: list[np.ndarray], k: int) -> Means:
    """Return the mean of each metric over all queries, those without relevant items included."""
    if len(rankings) != len(relevants) or len(rankings) == 0:
        raise ValueError("needs one ranking and one set of relevant items for each query")
    _check_k(k)
    rows = [
        (
            precision_at_k(ranked, relevant, k),
            recall_at_k(ranked, relevant, k),
            reciprocal_rank(ranked, relevant),
            average_precision_at_k(ranked, relevant, k),
        )
        for ranked, relevant in zip(rankings, relevants)
        if len(ranked)
    ]
    if not rows:
        return Means(0.0, 0.0, 0.0, 0.0)
    return Means(*(float(mean) for mean in np.mean(rows, axis=0)))
