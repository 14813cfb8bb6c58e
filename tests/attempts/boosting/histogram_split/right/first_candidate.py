# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    threshold: float
    gain: float
    default_left: bool


def bin_edges(x: np.ndarray, n_bins: int, weights: np.ndarray | None = None) -> np.ndarray:
    if weights is None:
        weights = np.ones(len(x))
    present = ~np.isnan(x)
    values, inverse = np.unique(x[present], return_inverse=True)
    if len(values) <= n_bins:
        return values[1:]
    weight = np.bincount(inverse, weights=weights[present])
    total = weight.sum()
    below = np.cumsum(weight) - weight
    targets = np.arange(1, n_bins) / n_bins * total
    index = np.searchsorted(below, targets, side="left")
    index = np.unique(index[index < len(values)])
    return values[index]


def histogram(x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray) -> np.ndarray:
    n = len(edges) + 2
    bins = np.where(np.isnan(x), n - 1, np.searchsorted(edges, x, side="right"))
    G = np.bincount(bins, weights=grad, minlength=n)
    H = np.bincount(bins, weights=hess, minlength=n)
    return np.column_stack([G, H])


def child_histograms(
    parent: np.ndarray, x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray, goes_left: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    n_left = goes_left.sum()
    left_is_small = n_left <= len(x) - n_left
    mask = goes_left if left_is_small else ~goes_left
    small = histogram(x[mask], edges, grad[mask], hess[mask])
    large = parent - small
    return (small, large) if left_is_small else (large, small)


def best_histogram_split(
    hist: np.ndarray, edges: np.ndarray, reg_lambda: float = 1.0, gamma: float = 0.0, min_child_weight: float = 1.0
) -> Split | None:
    def score(s):
        return s[0] ** 2 / (s[1] + reg_lambda)

    total = hist.sum(axis=0)
    missing = hist[-1]
    cum = np.cumsum(hist[:-1], axis=0)
    best = None
    for b, threshold in enumerate([*edges, np.inf]):
        for default_left in (False, True):
            if default_left and b == len(edges):
                continue
            left = cum[b] + missing if default_left else cum[b]
            right = total - left
            if left[1] < min_child_weight or right[1] < min_child_weight:
                continue
            gain = 0.5 * (score(left) + score(right) - score(total)) - gamma
            if gain > (0 if best is None else best.gain):
                best = Split(float(threshold), float(gain), default_left)
    return best
