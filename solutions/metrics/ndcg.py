"""Discounted cumulative gain of a ranking.

The input is the relevance of each item, in the order shown. An item gains more if it is more relevant, and less if it
is further down:

    DCG@k = sum over ranks 1 to k of gain(relevance) / log2(rank + 1)

    gain(r) = 2^r - 1        exponential
    gain(r) = r              linear

The ideal ranking sorts all items, not only the first k, from the most relevant to the least:

    NDCG@k = DCG@k of the ranking / DCG@k of the ideal ranking

Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.4.

Strict
------
- ValueError if gain is another word, or a relevance is negative at any rank, also if the answer would be 0.
- Relevances from 1e-9 to 1000. An empty array gives 0.
"""

import heapq
import math

import numpy as np


def dcg_at_k(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    """Return the discounted cumulative gain of the first k items.

    Parameters
    ----------
    relevance : array of shape (n_items,)
        Not negative: integer grades, or fractions.
    k : int
        Use all items if k is larger than n_items.
    gain : "exponential" or "linear"

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> dcg_at_k(np.array([1, 0, 2, 3]), k=3)  # 1 / log2(2) + 3 / log2(4)
    2.5
    >>> dcg_at_k(np.array([1, 0, 2, 3]), k=3, gain="linear")
    2.0
    """
    if k < 1:
        raise ValueError(f"k is {k}; at least one rank has to count")
    if gain not in ("exponential", "linear"):
        raise ValueError(f"gain is {gain!r}, neither 'exponential' nor 'linear'")
    if (relevance < 0).any():
        raise ValueError("a relevance is negative")
    shown = relevance[:k].astype(float)
    gains = 2**shown - 1 if gain == "exponential" else shown
    return float((gains / np.log2(np.arange(len(shown)) + 2)).sum())


def ndcg_at_k(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    """Return the DCG at k divided by the ideal one, or 0 if all relevances are 0.

    Parameters
    ----------
    relevance, k, gain
        As for dcg_at_k.

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> round(ndcg_at_k(np.array([1, 0, 2]), k=2, gain="linear"), 4)  # the ideal order is 2, 1, 0
    0.3801
    """
    dcg = dcg_at_k(relevance, k, gain)
    ideal = dcg_at_k(np.sort(relevance)[::-1], k, gain)
    return dcg / ideal if ideal > 0 else 0.0


def dcg_at_k_via_loop(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    """Go down the ranks one by one, as far as k."""
    if k < 1 or gain not in {"exponential", "linear"}:
        raise ValueError("k has to be positive, and gain 'exponential' or 'linear'")
    total = 0.0
    for rank, r in enumerate(relevance.tolist(), start=1):
        if r < 0:
            raise ValueError(f"the relevance {r} is negative")
        if rank <= k:
            total += (2**r - 1 if gain == "exponential" else r) / math.log2(rank + 1)
    return total


def dcg_at_k_via_partial_sums(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    """Add up, rank by rank, what is gained so far times the discount that is lost at the next rank."""
    if k < 1 or np.min(relevance, initial=0) < 0:
        raise ValueError("neither k nor a relevance may be so small")
    gains = {"exponential": np.expm1(np.log(2) * relevance), "linear": relevance}.get(gain)
    if gains is None:
        raise ValueError(f"there is no {gain} gain")
    discounts = 1 / np.log2(np.arange(2, min(k, len(relevance)) + 2))
    return float(np.cumsum(gains[:k]) @ -np.diff(discounts, append=0.0))


def ndcg_at_k_via_heap(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    """Take just the k most relevant items for the ideal ranking, by a heap."""
    dcg = dcg_at_k(relevance, k, gain)
    best = heapq.nlargest(k, relevance.tolist())
    return dcg / dcg_at_k(np.array(best), k, gain) if any(best) else 0.0
