# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- histogram_split
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
