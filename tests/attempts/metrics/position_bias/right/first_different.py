# different style; both bars
import math

import numpy as np


def position_propensities(impressions: np.ndarray, clicks: np.ndarray) -> np.ndarray:
    if np.ndim(impressions) != 1 or np.shape(impressions) != np.shape(clicks):
        raise ValueError("impressions and clicks must be of the same shape (n_ranks,)")
    shown = [int(v) for v in np.asarray(impressions).tolist()]
    clicked = [int(v) for v in np.asarray(clicks).tolist()]
    for n, k in zip(shown, clicked):
        if n < 0 or k < 0:
            raise ValueError("a count is negative")
        if k > n:
            raise ValueError("more clicks than impressions")
    if not clicked or clicked[0] == 0:
        raise ValueError("rank 1 was never clicked")
    # (k / n) / (clicked[0] / shown[0]), in whole numbers up to the one division
    return np.array([(k * shown[0]) / (n * clicked[0]) if n else math.nan for n, k in zip(shown, clicked)])


def ips_dcg(scores: np.ndarray, clicks: np.ndarray, propensities: np.ndarray, max_weight: float = math.inf) -> float:
    scores, clicks, propensities = np.asarray(scores), np.asarray(clicks), np.asarray(propensities)
    if scores.ndim != 2 or clicks.shape != scores.shape or propensities.shape != scores.shape[1:]:
        raise ValueError("shapes do not fit")
    if len(scores) == 0:
        raise ValueError("there is no query")
    if (clicks < 0).any():
        raise ValueError("a click is negative")
    terms = []
    for query, shown_at in np.argwhere(clicks).tolist():
        propensity = float(propensities[shown_at])
        if not propensity > 0:
            raise ValueError("a click at a rank whose propensity is not above 0")
        row = scores[query]
        own = row[shown_at]
        ahead = np.count_nonzero(row > own) + np.count_nonzero(row[:shown_at] == own)
        terms.append(min(1 / propensity, max_weight) / math.log2(2 + ahead))
    return math.fsum(terms) / len(scores)
