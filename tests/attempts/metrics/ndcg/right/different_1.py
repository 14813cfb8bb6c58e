# different style; both bars
import heapq
from itertools import islice
from math import expm1, fsum, log, log2

import numpy as np


_GAINS = {
    "exponential": lambda r: expm1(r * log(2.0)) if r < 1 else 2.0**r - 1.0,
    "linear": lambda r: r,
}


def _read(relevance, k, gain):
    if gain not in _GAINS:
        raise ValueError(f"unknown gain {gain!r}")
    if not k >= 1:
        raise ValueError("k must be at least 1")
    grades = [float(r) for r in np.ravel(relevance).tolist()]
    if not all(r >= 0 for r in grades):
        raise ValueError("a relevance is negative")
    return grades, int(min(k, len(grades))), _GAINS[gain]


def _dcg(grades, k, gain):
    return fsum(gain(r) / log2(rank) for rank, r in enumerate(islice(grades, k), start=2))


def dcg_at_k(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    return _dcg(*_read(relevance, k, gain))


def ndcg_at_k(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    grades, k, rule = _read(relevance, k, gain)
    ideal = _dcg(heapq.nlargest(k, grades), k, rule)
    return _dcg(grades, k, rule) / ideal if ideal > 0 else 0.0
