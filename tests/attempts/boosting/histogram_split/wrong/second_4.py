# wrong (core): the threshold inf (present left, missing right) is tried only if there is no other edge
"""Splits from histograms, as in LightGBM and XGBoost's hist.

Bin b holds all values with edges[b - 1] <= x < edges[b]. The outer bins have no outer edge. Missing values (NaN) are in
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

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question x < threshold, its gain, and whether missing values go left."""

    threshold: float
    gain: float
    default_left: bool


def bin_edges(x: np.ndarray, n_bins: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the edges of at most n_bins bins for the present values.

    If there are at most n_bins distinct values, the edges are all but the smallest. Otherwise edge k, from 1 to
    n_bins - 1, is the smallest value v in x with

        weight of all values below v >= k / n_bins * weight of all values

    Equal edges count once. Without such a v, no edge k. weights are above 0, by default 1 each.

    Examples
    --------
    >>> bin_edges(np.array([1.0] * 5 + [2.0, 3.0, 4.0, 5.0, np.nan]), 4)
    array([2., 4.])
    """
    x = np.asarray(x, float)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, float)
    ok = ~np.isnan(x)
    x, w = x[ok], w[ok]
    u, inv = np.unique(x, return_inverse=True)
    if len(u) <= n_bins:
        return u[1:]
    wu = np.bincount(inv, weights=w, minlength=len(u))
    below = np.cumsum(wu) - wu
    target = np.arange(1, n_bins) * wu.sum() / n_bins
    pos = np.searchsorted(below, target, side="left")
    pos = pos[pos < len(u)]
    return np.unique(u[pos])


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
    x = np.asarray(x, float)
    n = len(edges) + 2
    b = np.where(np.isnan(x), n - 1, np.searchsorted(edges, x, side="right"))
    return np.stack([np.bincount(b, weights=grad, minlength=n), np.bincount(b, weights=hess, minlength=n)], axis=1)


def child_histograms(
    parent: np.ndarray, x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray, goes_left: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the histograms of the left and of the right child.

    x, grad, hess and goes_left (boolean) are those of the parent's samples. Add up only the child with fewer samples,
    the left one on a tie. The other is parent minus that.

    Examples
    --------
    >>> x, ones = np.array([1.0, 2.0, 2.0]), np.ones(3)
    >>> child_histograms(np.full((2, 2), 9.0), x, x[:0], ones, ones, x > 1)[0]
    array([[8., 8.],
           [9., 9.]])
    """
    goes_left = np.asarray(goes_left, bool)
    small = goes_left if goes_left.sum() <= (~goes_left).sum() else ~goes_left
    one = histogram(x[small], edges, grad[small], hess[small])
    two = parent - one
    return (one, two) if small is goes_left else (two, one)


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
    def score(s):
        return s[0] ** 2 / (s[1] + reg_lambda) if s[1] > 0 else 0.0

    hist = np.asarray(hist, float)
    total, missing = hist.sum(axis=0), hist[-1]
    best = None
    below = np.zeros(2)
    for i, threshold in enumerate([*map(float, edges)] or [np.inf]):
        below = below + hist[i]
        for default_left in (False, True):
            if default_left and threshold == np.inf:
                continue
            left = below + missing if default_left else below
            right = total - left
            if left[1] < min_child_weight or right[1] < min_child_weight:
                continue
            gain = 0.5 * (score(left) + score(right) - score(total)) - gamma
            if gain > 1e-9 and (best is None or gain > best.gain + 1e-9):
                best = Split(threshold, float(gain), default_left)
    return best
