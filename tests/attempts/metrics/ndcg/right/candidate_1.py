# candidate, par time, from the stub alone
import numpy as np


def dcg_at_k(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    if k < 1:
        raise ValueError("k must be at least 1")
    top = relevance[:k]
    gains = 2.0**top - 1 if gain == "exponential" else top
    ranks = np.arange(1, len(top) + 1)
    return float(np.sum(gains / np.log2(ranks + 1)))


def ndcg_at_k(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    dcg = dcg_at_k(relevance, k, gain)
    ideal = dcg_at_k(np.sort(relevance)[::-1], k, gain)
    return dcg / ideal if ideal > 0 else 0.0
