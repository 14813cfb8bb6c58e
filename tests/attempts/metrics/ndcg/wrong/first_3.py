# wrong (core): returns 0 for relevances of 0 before k is checked
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ndcg
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
    relevance = np.asarray(relevance).astype(float)
    if k < 1:
        raise ValueError("k must be at least 1")
    if gain not in ("exponential", "linear"):
        raise ValueError("gain must be exponential or linear")
    if np.any(relevance < 0):
        raise ValueError("relevances must not be negative")
    top = relevance[:k]
    gains = top
    if gain == "exponential":
        gains = np.where(top < 1, np.expm1(np.minimum(top, 1) * np.log(2)), np.exp2(top) - 1)
    discounts = np.log2(np.arange(2, len(top) + 2))
    return float(np.sum(gains / discounts))


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
    relevance = np.asarray(relevance)
    if not np.any(relevance):
        return 0.0
    dcg = dcg_at_k(relevance, k, gain)
    ideal = dcg_at_k(np.sort(relevance)[::-1], k, gain)
    return dcg / ideal if ideal > 0 else 0.0
