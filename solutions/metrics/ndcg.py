"""Discounted cumulative gain of a ranking, and its share of the best that there could be.

A ranking is given by the relevance of its items, in the order in which they are shown. The more relevant
an item is, the more it gains; the further down it stands, the less of its gain counts:

    DCG@k = sum over the first k ranks of gain(relevance) / log2(rank + 1)        rank = 1, 2, 3, ...

    gain(r) = 2^r - 1        exponential
    gain(r) = r              linear

The ideal ranking shows the same items, all of them and not just the first k, from the most relevant to the least:

    NDCG@k = DCG@k of the ranking / DCG@k of the ideal ranking

NDCG is set to 0 where no item is relevant.

Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.4; Järvelin and
Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002), section 2, for the idea, with another discount.
"""

import heapq
import math

import numpy as np


def dcg_at_k(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    """Return the discounted cumulative gain of the first k items.

    Parameters
    ----------
    relevance : array of shape (n_items,)
        How relevant each item is, in the order shown, the first one first: integers (8-bit ones too) or floats, from 0
        to 1000. There may be no item at all, which gains 0.
    k : int, at least 1
        How many ranks count. All of them do where k is larger than n_items.
    gain : "exponential" or "linear"

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If k is below 1; if gain is neither of the two; if a relevance is negative, at any rank. All of that
        holds where there is nothing to gain, too.

    Examples
    --------
    (2^1 - 1) / log2(2) and (2^2 - 1) / log2(4) are 1 and 1.5, and an item that is not relevant gains nothing.

    >>> dcg_at_k(np.array([1, 0, 2, 3]), k=3)
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
    shown = relevance[:k]
    gains = 2.0**shown - 1 if gain == "exponential" else shown
    return float((gains / np.log2(np.arange(len(shown)) + 2)).sum())


def ndcg_at_k(relevance: np.ndarray, k: int, gain: str = "exponential") -> float:
    """Return the DCG at k as a share of the ideal ranking's.

    Parameters
    ----------
    relevance, k, gain
        As `dcg_at_k` takes them.

    Returns
    -------
    float
        From 0 to 1: 1 for the ideal ranking of items some of which are relevant; 0 where none is relevant, or where
        there is no item.

    Raises
    ------
    ValueError
        Where `dcg_at_k` does.

    Examples
    --------
    The ideal order is 2, 1, 0, whose first two ranks gain 2 / log2(2) and 1 / log2(3).

    >>> round(ndcg_at_k(np.array([1, 0, 2]), k=2, gain="linear"), 4)
    0.3801
    >>> ndcg_at_k(np.array([0, 0, 0]), k=2)
    0.0
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
