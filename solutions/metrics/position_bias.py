"""Position bias: clicks depend on where a result was shown, not only on how good it is.

A result is clicked if it is relevant and its rank is looked at:

    P(click) = P(rank is looked at) * P(result is relevant)

In random order all ranks hold equally good results, so click rates differ by the first factor alone: the propensity
of a rank, relative to rank 1. With it, clicks on the lists of one ranking say how good another would be:

    ips_dcg = mean over queries of  sum over clicked results of  w / log2(1 + new rank)
    w = min(1 / propensity of the rank at which it was shown, max_weight)

Source: Joachims, Swaminathan and Schnabel, Unbiased Learning-to-Rank with Biased Feedback (2017); Agarwal et al., A
General Framework for Counterfactual Learning-to-Rank (2019).

Strict
------
- ValueError if shapes do not fit, there is no query, a count is negative or clicks exceed impressions.
- Counts, clicks and scores may be integers of any type. clicks may be booleans.
"""

import math

import numpy as np


def position_propensities(impressions: np.ndarray, clicks: np.ndarray) -> np.ndarray:
    """Return the propensity of each rank: its click rate, divided by that of rank 1.

    It may exceed 1 by chance. It is NaN for a rank that was never shown, and 0 for one that was never clicked.

    Parameters
    ----------
    impressions, clicks : arrays of int of shape (n_ranks,)
        How often a result was shown, and clicked, at rank 1, 2, ... in random order.

    Raises
    ------
    ValueError
        If rank 1 was never clicked.

    Examples
    --------
    >>> position_propensities(np.array([1000, 500, 0]), np.array([200, 50, 0]))
    array([1. , 0.5, nan])
    """
    if impressions.shape != clicks.shape:
        raise ValueError(f"impressions of shape {impressions.shape}, clicks of shape {clicks.shape}")
    if (clicks < 0).any() or (clicks > impressions).any():
        raise ValueError("clicks are from 0 to impressions")
    if clicks.size == 0 or clicks[0] == 0:
        raise ValueError("rank 1 was never clicked")
    with np.errstate(invalid="ignore"):
        rate = clicks / impressions  # NaN for 0 / 0
    return rate / rate[0]


def ips_dcg(scores: np.ndarray, clicks: np.ndarray, propensities: np.ndarray, max_weight: float = math.inf) -> float:
    """Return the estimated DCG of a new ranking.

    Parameters
    ----------
    scores : array of shape (n_queries, n_ranks)
        The new ranking's scores. Column 0 was shown at rank 1, and so on. The highest score has new rank 1. A tie goes
        to the result that was shown first.
    clicks : array of int of shape (n_queries, n_ranks)
        1 for a click, else 0. A query without a click adds 0 to the mean.
    propensities : array of shape (n_ranks,)
        A rank without clicks may have 0 or NaN.
    max_weight : float
        Positive. The default clips nothing.

    Raises
    ------
    ValueError
        If a click was at a rank whose propensity is NaN or not above 0.

    Examples
    --------
    The click at rank 3 has weight 4, and new rank 1.

    >>> ips_dcg(np.array([[0.2, 0.1, 0.9]]), np.array([[0, 0, 1]]), np.array([1.0, 0.5, 0.25]))
    4.0
    """
    if scores.shape != clicks.shape or len(scores) == 0:
        raise ValueError(f"scores of shape {scores.shape}, clicks of shape {clicks.shape}")
    if propensities.shape != scores.shape[1:]:
        raise ValueError(f"{scores.shape[1]} ranks need as many propensities, not {propensities.shape}")
    query, shown = np.nonzero(clicks)
    if not (propensities[shown] > 0).all():
        raise ValueError("a click was at a rank whose propensity is NaN or not above 0")
    order = np.argsort(-scores.astype(float), kind="stable")
    new_rank = 1 + np.argsort(order)[query, shown]
    weights = np.minimum(1 / propensities[shown], max_weight)
    return float((weights / np.log2(1 + new_rank)).sum() / len(scores))


def position_propensities_via_loop(impressions: np.ndarray, clicks: np.ndarray) -> np.ndarray:
    """Take one rank at a time, in plain Python."""
    pairs = list(zip(impressions.tolist(), clicks.tolist(), strict=True))
    if any(not 0 <= clicked <= shown for shown, clicked in pairs):
        raise ValueError("clicks are from 0 to impressions")
    if not pairs or not pairs[0][1]:
        raise ValueError("rank 1 was never clicked")
    first = pairs[0][1] / pairs[0][0]
    return np.array([clicked / shown / first if shown else math.nan for shown, clicked in pairs])


def position_propensities_via_products(impressions: np.ndarray, clicks: np.ndarray) -> np.ndarray:
    """Divide once: clicks times the impressions of rank 1, by impressions times the clicks of rank 1."""
    if impressions.shape != clicks.shape:
        raise ValueError("impressions and clicks differ in shape")
    shown, clicked = impressions.astype(float), clicks.astype(float)
    if not np.all((clicked >= 0) & (clicked <= shown)):
        raise ValueError("clicks are from 0 to impressions")
    if not clicked[:1].any():
        raise ValueError("rank 1 was never clicked")
    return clicked * shown[0] / np.where(shown > 0, shown * clicked[0], np.nan)


def ips_dcg_via_sorting(
    scores: np.ndarray,
    clicks: np.ndarray,
    propensities: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Bring the weighted clicks into the new order, and discount by place."""
    if len(scores) == 0 or scores.shape != clicks.shape or scores.shape[1:] != propensities.shape:
        raise ValueError("there is no query, or scores, clicks and propensities do not fit")
    clicked = clicks > 0
    if clicked.any(axis=0)[~(propensities > 0)].any():
        raise ValueError("a click at a rank without a propensity")
    with np.errstate(divide="ignore"):
        worth = np.where(clicked, 1 / propensities, 0).clip(max=max_weight)
    from_the_end = scores.shape[1] - 1 - np.argsort(scores[:, ::-1], kind="stable")
    worth = worth[np.arange(len(worth))[:, np.newaxis], from_the_end[:, ::-1]]
    return float((worth @ (1 / np.log2(np.arange(2, scores.shape[1] + 2)))).mean())


def ips_dcg_via_loop(
    scores: np.ndarray,
    clicks: np.ndarray,
    propensities: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Count for each clicked result how many stand before it, in plain Python."""
    if not len(scores):
        raise ValueError("there is no query")
    total = 0.0
    for row, clicked in zip(scores.tolist(), clicks.tolist(), strict=True):
        results = list(zip(row, clicked, propensities.tolist(), strict=True))
        for k, (score, click, propensity) in enumerate(results):
            if not click:
                continue
            if not propensity > 0:
                raise ValueError(f"a click at rank {k + 1}, whose propensity is {propensity}")
            before = sum(other >= score for other in row[:k]) + sum(other > score for other in row[k:])
            total += min(1 / propensity, max_weight) / math.log2(2 + before)
    return total / len(scores)
