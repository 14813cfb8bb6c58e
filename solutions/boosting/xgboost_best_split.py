"""XGBoost's best split of a node on one feature, with missing values.

G and H are the sums of the first and second derivatives of the loss over the samples of a leaf. Each additional leaf
costs gamma:

    score = G**2 / (H + reg_lambda)
    gain  = 1/2 * (score of left + score of right - score of both together) - gamma

A sample goes left if x < threshold. Missing values (NaN) all go to the same side: the one with the larger gain.

Source: Chen and Guestrin, XGBoost (2016), equation 7 and algorithms 1 and 3.

Strict
------
- Gains within 1e-9 of each other are ties, and a gain below 1e-9 is 0.
- The score is 0 if H is 0, for any G and reg_lambda.
- A midpoint does not overflow (values near 1e308).
"""

from itertools import pairwise
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
    """Return the gain of every split.

    Parameters
    ----------
    grad_left, hess_left, grad_right, hess_right : arrays of the same shape
        G and H of the left and the right side of each split.
    reg_lambda, gamma : float

    Examples
    --------
    >>> split_gain(np.array([-3.0, 3.0]), np.array([2.0, 2.0]), np.array([4.0, 4.0]), np.array([3.0, 3.0]), gamma=0.5)
    array([ 2.91666667, -1.08333333])
    """

    def score(grad: np.ndarray, hess: np.ndarray) -> np.ndarray:
        return np.divide(grad**2, hess + reg_lambda, out=np.zeros(np.shape(grad)), where=hess > 0)

    children = score(grad_left, hess_left) + score(grad_right, hess_right)
    return (children - score(grad_left + grad_right, hess_left + hess_right)) / 2 - gamma


def best_split(
    x: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> Split | None:
    """Return the split with the largest gain, in O(n log n) time.

    Parameters
    ----------
    x : array of shape (n_samples,)
        NaN where the value is missing.
    grad, hess : arrays of shape (n_samples,)
        The derivatives of each sample's loss. No hess is negative.
    reg_lambda, gamma : float
    min_child_weight : float
        Each side has at least this H. Missing values count on their side.

    Returns
    -------
    Split or None
        The threshold is the midpoint of two neighbouring distinct values, or inf if some values are missing: then all
        present values go left and the missing ones right. A tie goes to the lower threshold, then to missing values on
        the right. If none is missing, default_left is False. None if no split has a gain above 0.

    Examples
    --------
    >>> x, grad = np.array([1.0, 2.0, 4.0, 5.0, np.nan]), np.array([-3.0, -1.0, 2.0, 2.0, -3.0])
    >>> split = best_split(x, grad, np.ones(5))
    >>> split.threshold, round(split.gain, 6), split.default_left
    (3.0, 8.041667, True)
    >>> best_split(x, grad, np.ones(5), gamma=9.0) is None
    True
    """
    order = np.argsort(x)  # NaN comes last
    n_present = len(x) - np.count_nonzero(np.isnan(x))
    values = x[order[:n_present]]
    following = np.append(values[1:], np.inf)
    # A row for a cut behind each present value; missing ones go right in the first column, left in the second.
    grad_left, grad_right = _sums(grad[order], n_present)
    hess_left, hess_right = _sums(hess[order], n_present)
    gains = split_gain(grad_left, hess_left, grad_right, hess_right, reg_lambda, gamma)
    gains[np.minimum(hess_left, hess_right) < min_child_weight] = -np.inf
    gains[values == following] = -np.inf
    if not (gains > 1e-9).any():
        return None
    place, default_left = np.argwhere(gains >= gains.max() - 1e-9)[0]
    return Split(float(values[place] / 2 + following[place] / 2), float(gains[place, default_left]), bool(default_left))


def _sums(values: np.ndarray, n_present: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums on the left and on the right, for each cut and each direction of the missing values."""
    present, missing = values[:n_present], values[n_present:].sum()
    before = np.cumsum(present)
    # Added up from the other end: the total less `before` might be a little off 0 where nothing is behind.
    behind = np.cumsum(present[::-1])[::-1] - present
    return np.column_stack([before, before + missing]), np.column_stack([behind + missing, behind])


def split_gain_via_weights(
    grad_left: np.ndarray,
    hess_left: np.ndarray,
    grad_right: np.ndarray,
    hess_right: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
) -> np.ndarray:
    """Give each of the three nodes its best weight, and compare what they add to the objective."""

    def added(grad: np.ndarray, hess: np.ndarray) -> np.ndarray:
        weight = -grad / np.where(hess == 0, np.inf, hess + reg_lambda)
        return weight * (grad + (hess + reg_lambda) / 2 * weight)

    before = added(grad_left + grad_right, hess_left + hess_right)
    return before - added(grad_left, hess_left) - added(grad_right, hess_right) - gamma


def split_gain_via_loop(
    grad_left: np.ndarray,
    hess_left: np.ndarray,
    grad_right: np.ndarray,
    hess_right: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
) -> np.ndarray:
    """Treat one split at a time."""
    gains = np.full(np.shape(grad_left), -gamma, dtype=float)
    for place in np.ndindex(gains.shape):
        g_left, h_left, g_right, h_right = (a[place] for a in (grad_left, hess_left, grad_right, hess_right))
        for sign, g, h in [(1, g_left, h_left), (1, g_right, h_right), (-1, g_left + g_right, h_left + h_right)]:
            gains[place] += sign * g / (h + reg_lambda) * g / 2 if h else 0.0
    return gains


def best_split_via_scan(
    x: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> Split | None:
    """Scan the present values upwards, one leaving the right side after the other, once for either direction."""

    def score(g: float, h: float) -> float:
        return g * g / (h + reg_lambda) / 2

    rows = list(zip(x.tolist(), grad.tolist(), hess.tolist(), strict=True))
    missing = [row for row in rows if np.isnan(row[0])]
    present = sorted(row for row in rows if not np.isnan(row[0]))
    g_all, h_all = sum(row[1] for row in rows), sum(row[2] for row in rows)
    g_missing, h_missing = sum(row[1] for row in missing), sum(row[2] for row in missing)
    splits = []
    for default_left in (False, True):
        g_left, h_left = (g_missing, h_missing) if default_left else (0.0, 0.0)
        for (value, g, h), (following, *_) in pairwise([*present, (np.inf,)]):
            g_left, h_left = g_left + g, h_left + h
            g_right, h_right = g_all - g_left, h_all - h_left
            if value < following and min(h_left, h_right) >= min_child_weight:
                gain = score(g_left, h_left) + score(g_right, h_right) - score(g_all, h_all) - gamma
                splits.append(Split(value / 2 + following / 2, gain, default_left))
    splits.sort(key=lambda split: (-round(split.gain, 9), split.threshold, split.default_left))
    return splits[0] if splits and splits[0].gain > 1e-9 else None


def best_split_via_groups(
    x: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> Split | None:
    """Sum by distinct value; the missing ones are a value of their own, the first or the last."""
    values, group = np.unique(x, return_inverse=True)  # all NaN are one value, behind the others
    if not np.isnan(values[-1]):
        values = np.append(values, np.nan)
    sums = np.array([np.bincount(group, weights=a, minlength=len(values)) for a in (grad, hess)])
    best = None
    for default_left in (False, True):
        inner = values[1:-1] if default_left else np.append(values[1:-1], np.inf)
        ordered = np.roll(sums, 1, axis=1) if default_left else sums
        skipped = int(default_left)  # the missing ones alone on the left are no split of this kind
        left = np.cumsum(ordered, axis=1)[:, skipped:-1]
        right = np.cumsum(ordered[:, ::-1], axis=1)[:, -2::-1][:, skipped:]
        gains = split_gain(left[0], left[1], right[0], right[1], reg_lambda, gamma)
        for cut in np.flatnonzero(np.minimum(left[1], right[1]) >= min_child_weight):
            split = Split(float(values[cut] / 2 + inner[cut] / 2), float(gains[cut]), default_left)
            ahead = best is None or split.gain > best.gain + 1e-9
            if ahead or (split.gain > best.gain - 1e-9 and split.threshold < best.threshold):
                best = split
    return best if best and best.gain > 1e-9 else None
