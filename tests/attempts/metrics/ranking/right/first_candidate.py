# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Means(NamedTuple):
    precision: float
    recall: float
    reciprocal_rank: float
    average_precision: float


def _hits(ranked, relevant, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return np.isin(ranked[:k], relevant)


def precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    return float(_hits(ranked, relevant, k).sum() / k)


def recall_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    hits = _hits(ranked, relevant, k)
    if len(relevant) == 0:
        return 0.0
    return float(hits.sum() / len(relevant))


def reciprocal_rank(ranked: np.ndarray, relevant: np.ndarray) -> float:
    hits = np.isin(ranked, relevant)
    return float(1 / (np.argmax(hits) + 1)) if hits.any() else 0.0


def average_precision_at_k(ranked: np.ndarray, relevant: np.ndarray, k: int) -> float:
    hits = _hits(ranked, relevant, k)
    if not hits.any():
        return 0.0
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precisions[hits].sum() / min(k, len(relevant)))


def mean_over_queries(rankings: list[np.ndarray], relevants: list[np.ndarray], k: int) -> Means:
    rows = [
        (
            precision_at_k(ranked, relevant, k),
            recall_at_k(ranked, relevant, k),
            reciprocal_rank(ranked, relevant),
            average_precision_at_k(ranked, relevant, k),
        )
        for ranked, relevant in zip(rankings, relevants)
    ]
    return Means(*np.mean(rows, axis=0).tolist())
