# candidate, par time, from the stub alone
import math

import numpy as np


def position_propensities(impressions: np.ndarray, clicks: np.ndarray) -> np.ndarray:
    if clicks[0] == 0:
        raise ValueError("rank 1 was never clicked")
    rates = np.full(len(impressions), np.nan)
    shown = impressions > 0
    rates[shown] = clicks[shown] / impressions[shown]
    return rates / rates[0]


def ips_dcg(scores: np.ndarray, clicks: np.ndarray, propensities: np.ndarray, max_weight: float = math.inf) -> float:
    clicked = clicks > 0
    used = clicked.any(axis=0)
    if not np.all(propensities[used] > 0):
        raise ValueError("click at a rank without a propensity")
    weights = np.zeros(len(propensities))
    weights[used] = np.minimum(1 / propensities[used], max_weight)
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.argsort(order, axis=1) + 1
    gains = clicked * weights / np.log2(1 + ranks)
    return float(gains.sum(axis=1).mean())
