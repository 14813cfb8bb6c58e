# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Means(NamedTuple):
    precision: float
    recall: float
    reciprocal_rank: float
    average_precision: float


def _hit_ranks(ranked, relevant):
    # The ranks of all hits, ascending, and the number of relevant items.
    ids = np.asarray(ranked).tolist()
    rank_of = {item: rank for rank, item in enumerate(ids, start=1)}
    if len(rank_of) != len(ids):
        raise ValueError("the ranking repeats an id")
    wanted = set(np.asarray(relevant).tolist())
    return sorted(rank_of[item] for item in wanted if item in rank_of), len(wanted)


def _all_metrics(ranked, relevant, k):
    k = int(k)
    if k < 1:
        raise ValueError("k must be at least 1")
    ranks, n_relevant = _hit_ranks(ranked, relevant)
    top = [rank for rank in ranks if rank <= k]
    first = 1 / ranks[0] if ranks else 0.0
    if not top:
        return Means(0.0, 0.0, first, 0.0)
    gains = math.fsum(nth / rank for nth, rank in enumerate(top, start=1))
    return Means(len(top) / k, len(top) / n_relevant, first, gains / min(k, n_relevant))


def precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    return _all_metrics(ranked, relevant, k).precision


def recall_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    return _all_metrics(ranked, relevant, k).recall


def reciprocal_rank(ranked: np.ndarray, relevant: np.ndarray) -> float:
    return _all_metrics(ranked, relevant, 1).reciprocal_rank


def average_precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    return _all_metrics(ranked, relevant, k).average_precision


def mean_over_queries(rankings: list[np.ndarray], relevants: list[np.ndarray], k: int) -> Means:
    if len(rankings) != len(relevants) or len(rankings) == 0:
        raise ValueError("need as many rankings as sets of relevant items, and at least one query")
    queries = [_all_metrics(ranked, relevant, k) for ranked, relevant in zip(rankings, relevants)]
    return Means(*(math.fsum(column) / len(queries) for column in zip(*queries)))
