# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question x < threshold, its gain, and whether missing values go left."""

    threshold: float
    gain: float
    default_left: bool


def split_gain(
    grad_left: np.ndarray,
    hess_left: np.ndarray,
    grad_right: np.ndarray,
    hess_right: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
) -> np.ndarray:
    def score(g, h):
        return g**2 / (h + reg_lambda)

    both = score(grad_left + grad_right, hess_left + hess_right)
    return 0.5 * (score(grad_left, hess_left) + score(grad_right, hess_right) - both) - gamma


def best_split(
    x: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> Split | None:
    missing = np.isnan(x)
    g_miss, h_miss = grad[missing].sum(), hess[missing].sum()
    g_total, h_total = grad.sum(), hess.sum()

    order = np.argsort(x[~missing])
    xs, gs, hs = x[~missing][order], grad[~missing][order], hess[~missing][order]
    cut = np.flatnonzero(xs[:-1] < xs[1:])
    thresholds = (xs[cut] + xs[cut + 1]) / 2
    g_left, h_left = np.cumsum(gs)[cut], np.cumsum(hs)[cut]
    default_left = np.zeros(len(cut), dtype=bool)

    if missing.any():
        # each threshold twice, missing right then missing left, and at last inf
        default_left = np.append(np.tile([False, True], len(cut)), False)
        thresholds = np.append(np.repeat(thresholds, 2), np.inf)
        g_left = np.append(np.repeat(g_left, 2), gs.sum()) + default_left * g_miss
        h_left = np.append(np.repeat(h_left, 2), hs.sum()) + default_left * h_miss

    g_right, h_right = g_total - g_left, h_total - h_left
    ok = (h_left >= min_child_weight) & (h_right >= min_child_weight)
    if not ok.any():
        return None
    gains = split_gain(g_left, h_left, g_right, h_right, reg_lambda, gamma)
    gains = np.where(ok, gains, -np.inf)
    best = np.argmax(gains)
    if not gains[best] > 0:
        return None
    return Split(float(thresholds[best]), float(gains[best]), bool(default_left[best]))
