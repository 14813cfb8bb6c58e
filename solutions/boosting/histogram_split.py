"""Splits from histograms, as in LightGBM and XGBoost's hist.

Bin b holds all values with edges[b - 1] <= x < edges[b]. The outer bins have no outer edge. Missing values (NaN) have
one more bin behind these. A histogram has shape (n_edges + 2, 2): G and H, the sums of grad and hess, of each bin.

    score = G**2 / (H + reg_lambda)
    gain  = 1/2 * (score of left + score of right - score of both together) - gamma

Source: Ke et al., LightGBM (2017), section 2.1; Chen and Guestrin, XGBoost (2016), equation 7.

Strict
------
- Gains within 1e-9 of each other, or of 0, are equal.
- The score is 0 unless H > 0.
- Whole weights: rounding moves no edge.
"""

import math
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question x < threshold, its gain, and whether missing values go left."""

    threshold: float
    gain: float
    default_left: bool


def bin_edges(x: np.ndarray, n_bins: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the edges of at most n_bins bins for present values.

    If there are at most n_bins distinct values, the edges are all but the smallest. Otherwise edge k, from 1 to
    n_bins - 1, is the smallest value v in x with

        weight of values below v >= k / n_bins * weight of present values

    Equal edges count once. Without such a v, no edge k. weights are above 0, by default 1 each.

    Examples
    --------
    >>> bin_edges(np.array([1.0] * 5 + [2.0, 3.0, 4.0, 5.0, np.nan]), 4)
    array([2., 4.])
    """
    present = ~np.isnan(x)
    weights = np.ones(len(x)) if weights is None else weights
    values, group = np.unique(x[present], return_inverse=True)
    if len(values) <= n_bins:
        return values[1:]
    below = np.cumsum(np.bincount(group, weights[present]))  # below[i] is the weight below values[i + 1]
    places = np.searchsorted(n_bins * below, np.arange(1, n_bins) * below[-1])
    return values[1:][np.unique(places[places < len(values) - 1])]


def histogram(x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray) -> np.ndarray:
    """Return the histogram of samples at x.

    Examples
    --------
    >>> x, grad = np.array([1.0, 2.0, np.nan]), np.array([3.0, 4.0, 5.0])
    >>> histogram(x, np.array([2.0]), grad, np.ones(3))
    array([[3., 1.],
           [4., 1.],
           [5., 1.]])
    """
    bins = np.where(np.isnan(x), len(edges) + 1, np.searchsorted(edges, x, side="right"))
    return np.column_stack([np.bincount(bins, sums, len(edges) + 2) for sums in (grad, hess)])


def child_histograms(
    parent: np.ndarray, x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray, goes_left: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the histograms of the left and of the right child.

    x, grad, hess and goes_left (boolean) are those of the parent's samples. Add up only the child with fewer samples,
    the left one on a tie. The other is parent minus that, for any parent.

    Examples
    --------
    >>> x, ones = np.array([1.0, 2.0, 2.0]), np.ones(3)
    >>> child_histograms(np.full((2, 2), 9.0), x, x[:0], ones, ones, x > 1)[0]
    array([[8., 8.],
           [9., 9.]])
    """
    add_left = 2 * np.count_nonzero(goes_left) <= len(x)
    smaller = goes_left == add_left
    added = histogram(x[smaller], edges, grad[smaller], hess[smaller])
    return (added, parent - added) if add_left else (parent - added, added)


def best_histogram_split(
    hist: np.ndarray, edges: np.ndarray, reg_lambda: float = 1.0, gamma: float = 0.0, min_child_weight: float = 1.0
) -> Split | None:
    """Return the split with the largest gain, None if no gain is above 0.

    The threshold is an edge, or inf: present values go left, missing ones right. Each side has at least the H
    min_child_weight. A tie goes to the lower threshold, then to missing values on the right.

    Examples
    --------
    >>> hist = np.array([[-4.0, 1.0], [6.0, 3.0], [-2.0, 1.0]])
    >>> best_histogram_split(hist, np.array([2.0]))
    Split(threshold=2.0, gain=10.5, default_left=True)
    """

    def score(sums: np.ndarray) -> np.ndarray:
        G, H = np.moveaxis(sums, -1, 0)
        return np.divide(G**2, H + reg_lambda, out=np.zeros(G.shape), where=H > 0)

    # A row for each threshold; missing values go right in the first column, left in the second.
    left = np.cumsum(hist[:-1], axis=0)[:, np.newaxis] + hist[-1] * [[0], [1]]
    whole = left[-1, 1]
    right = whole - left
    gains = (score(left) + score(right) - score(whole)) / 2 - gamma
    gains[np.minimum(left, right)[..., 1] < min_child_weight] = -np.inf
    place, default_left = divmod(int(gains.round(9).argmax()), 2)
    gain = float(gains[place, default_left])
    return Split(float(np.append(edges, np.inf)[place]), gain, bool(default_left)) if round(gain, 9) > 0 else None


def bin_edges_via_walk(x: np.ndarray, n_bins: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Walk up the distinct values, and lay an edge at each at which the weight below has passed a further share."""
    weight_of: dict[float, float] = {}
    for value, weight in zip(x.tolist(), [1.0] * len(x) if weights is None else weights.tolist(), strict=True):
        if not math.isnan(value):
            weight_of[value] = weight_of.get(value, 0.0) + weight
    total, below, passed, edges = sum(weight_of.values()), 0.0, 0, []
    for value in sorted(weight_of):
        shares = sum(n_bins * below >= k * total for k in range(1, n_bins))
        if below and (shares > passed or len(weight_of) <= n_bins):
            edges.append(value)
        passed = shares
        below += weight_of[value]
    return np.array(edges)


def bin_edges_via_comparison(x: np.ndarray, n_bins: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Compare each distinct value with all samples, and each weight below with all shares."""
    weights = np.ones(len(x)) if weights is None else weights
    values = np.unique(x[x < np.inf])  # which NaN is not
    if len(values) <= n_bins:
        return np.delete(values, slice(1))
    below = (values[:, np.newaxis] > x).astype(float) @ weights
    total = weights[x <= values[-1]].sum()
    reached = n_bins * below >= np.arange(1, n_bins)[:, np.newaxis] * total
    return values[sorted({int(row.argmax()) for row in reached if row.any()})]


def histogram_via_loop(x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray) -> np.ndarray:
    """Put one sample after the other into its bin, in plain Python."""
    sums = [[0.0, 0.0] for _ in range(len(edges) + 2)]
    for value, g, h in zip(x.tolist(), grad.tolist(), hess.tolist(), strict=True):
        place = len(edges) + 1 if math.isnan(value) else sum(edge <= value for edge in edges.tolist())
        sums[place][0] += g
        sums[place][1] += h
    return np.array(sums)


def histogram_via_membership(x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray) -> np.ndarray:
    """Write down which sample is in which bin as a table of 0 and 1; its product with the derivatives adds up."""
    lower, upper = np.append(-np.inf, edges), np.append(edges, np.inf)
    inside = (lower <= x[:, np.newaxis]) & (x[:, np.newaxis] < upper)
    table = np.column_stack([inside, np.isnan(x)]).astype(float)
    return table.T @ np.column_stack([grad, hess])


def child_histograms_via_list(
    parent: np.ndarray, x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray, goes_left: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take the samples of the smaller child out of a copy of the parent's histogram, one after the other."""
    sides = np.flatnonzero(goes_left), np.flatnonzero(np.logical_not(goes_left))
    small = len(sides[1]) < len(sides[0])
    children = [parent.astype(float), parent.astype(float)]
    children[small][:] = 0
    for i in sides[small]:
        place = -1 if x[i] != x[i] else int((edges <= x[i]).sum())
        children[small][place] += grad[i], hess[i]
        children[1 - small][place] -= grad[i], hess[i]
    return children[0], children[1]


def best_histogram_split_via_loop(
    hist: np.ndarray, edges: np.ndarray, reg_lambda: float = 1.0, gamma: float = 0.0, min_child_weight: float = 1.0
) -> Split | None:
    """Move one bin after the other from the right to the left, for either direction, in plain Python."""
    *bins, missing = hist.tolist()

    def score(G: float, H: float) -> float:
        return G / (H + reg_lambda) * G / 2 if H > 0 else 0.0

    G, H = (math.fsum(each) for each in zip(*bins, missing, strict=True))
    found = None
    for place, threshold in enumerate([*edges.tolist(), math.inf], start=1):
        for default_left in (False, True):
            on_left = [*bins[:place], [0.0, 0.0], *[missing] * default_left]
            G_left, H_left = (math.fsum(each) for each in zip(*on_left, strict=True))
            gain = score(G_left, H_left) + score(G - G_left, H - H_left) - score(G, H) - gamma
            if min(H_left, H - H_left) >= min_child_weight and gain > (found.gain if found else 0) + 1e-9:
                found = Split(threshold, gain, default_left)
    return found


def best_histogram_split_via_sides(
    hist: np.ndarray, edges: np.ndarray, reg_lambda: float = 1.0, gamma: float = 0.0, min_child_weight: float = 1.0
) -> Split | None:
    """Add up from both ends, the missing values before the first bin and then behind the last; merge what was found."""
    found = []
    for default_left in (False, True):
        rows = np.roll(hist, 1, axis=0) if default_left else hist
        left, right = np.cumsum(rows, axis=0)[:-1], np.cumsum(rows[::-1], axis=0)[-2::-1]
        curvature = np.array([left[:, 1], right[:, 1], (left + right)[:, 1]])
        slopes = np.array([left[:, 0], right[:, 0], (left + right)[:, 0]])
        weights = -slopes / np.where(curvature > 0, curvature + reg_lambda, np.inf)
        gains = [-0.5, -0.5, 0.5] @ (weights * slopes) - gamma
        # With missing values on the left the first place has nothing else there, and is no threshold.
        thresholds = np.concatenate([[-np.inf], edges]) if default_left else np.append(edges, np.inf)
        allowed = (curvature[:2].min(axis=0) >= min_child_weight) & (thresholds > -np.inf) & (gains > 1e-9)
        for threshold, gain in zip(thresholds[allowed], gains[allowed], strict=True):
            found.append((-round(gain, 9), threshold, default_left, gain))
    if not found:
        return None
    _, threshold, default_left, gain = min(found)
    return Split(float(threshold), float(gain), default_left)
