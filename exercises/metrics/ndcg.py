# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ndcg
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
    raise NotImplementedError


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
    raise NotImplementedError
