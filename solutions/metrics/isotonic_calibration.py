"""Isotonic regression, which calibrates scores by a curve that never falls.

Among all curves that never fall, find the one closest to the data:

    minimise sum_i w_i (y_i - m(x_i))^2    such that m(a) <= m(b) for all a < b

For calibration, x are the scores of a classifier and y the labels 0 and 1. But y may be any numbers.

Samples with equal x share one fitted value. So replace them first by one sample: the weighted mean of their y, with
the sum of their weights. The solution is then constant on blocks of neighbouring samples, and its value on a block is
the weighted mean of y. The pool adjacent violators algorithm merges neighbouring blocks whose means fall.

Source: Zadrozny and Elkan, Transforming Classifier Scores into Accurate Multiclass Probability Estimates (2002);
de Leeuw, Hornik and Mair, Isotone Optimization in R (2009).
"""

import bisect
from typing import NamedTuple

import numpy as np


class IsotonicFit(NamedTuple):
    """The distinct x in ascending order, and the fitted value of each."""

    x: np.ndarray
    y: np.ndarray


def fit_isotonic(x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> IsotonicFit:
    """Fit the curve.

    Parameters
    ----------
    x, y : arrays of shape (n_samples,)
        In any order. At least one sample.
    sample_weight : array of shape (n_samples,), optional
        Positive numbers. Without them all samples weigh the same.

    Notes
    -----
    O(n_samples log n_samples), which is the sort. The pooling is linear.

    Strict
    ------
    - ValueError if there is no sample, the lengths differ, or a weight is not positive.
    - All arrays may be integers of any type.

    Examples
    --------
    >>> fit_isotonic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 0, 1]))
    IsotonicFit(x=array([1., 2., 3., 4.]), y=array([0. , 0.5, 0.5, 1. ]))
    """
    weights = np.ones(len(x)) if sample_weight is None else sample_weight.astype(float)
    if not len(x) == len(y) == len(weights) or len(x) == 0:
        raise ValueError(f"there are {len(x)} x, {len(y)} y and {len(weights)} weights")
    if not (weights > 0).all():
        raise ValueError("a weight is not positive")
    distinct, place = np.unique(x, return_inverse=True)
    total = np.bincount(place, weights)
    average = np.bincount(place, weights * y) / total
    means, masses, sizes = [], [], []
    for mean, mass in zip(average.tolist(), total.tolist(), strict=True):
        means.append(mean)
        masses.append(mass)
        sizes.append(1)
        while len(means) > 1 and means[-2] > means[-1]:
            left, right = masses[-2:]
            means[-2:] = [(left * means[-2] + right * means[-1]) / (left + right)]
            masses[-2:] = [left + right]
            sizes[-2:] = [sizes[-2] + sizes[-1]]
    return IsotonicFit(distinct, np.repeat(means, sizes))


def predict(fit: IsotonicFit, x: np.ndarray) -> np.ndarray:
    """Return the curve's value at each x.

    Between two neighbouring points of the fit, interpolate linearly. Outside of them, take the value of the nearest
    point.

    Parameters
    ----------
    fit : IsotonicFit
        May have a single point.
    x : array of shape (n_queries,)
        In any order.

    Examples
    --------
    >>> predict(IsotonicFit(np.array([1.0, 2.0]), np.array([0.25, 0.75])), np.array([9.0, 1.5, 0.0]))
    array([0.75, 0.5 , 0.25])
    """
    return np.interp(x, fit.x, fit.y)


def fit_isotonic_via_minorant(x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> IsotonicFit:
    """Draw the sum of w y against the sum of w: the fit is the slope of the convex curve just below."""
    weights = np.ones(len(x)) if sample_weight is None else np.array(sample_weight, dtype=float)
    if len({len(x), len(y), len(weights)}) > 1 or not weights.min() > 0:
        raise ValueError("lengths differ, there is no sample or a weight is not positive")
    order = np.argsort(x)
    last = np.append(np.flatnonzero(np.diff(x[order])), len(x) - 1)
    across = np.append(0, np.cumsum(weights[order])[last])
    up = np.append(0, np.cumsum((weights * y)[order])[last])
    hull = []
    for k in range(len(across)):
        while len(hull) > 1:
            i, j = hull[-2:]
            if (up[j] - up[i]) * (across[k] - across[j]) < (up[k] - up[j]) * (across[j] - across[i]):
                break
            hull.pop()
        hull.append(k)
    return IsotonicFit(x[order][last], np.repeat(np.diff(up[hull]) / np.diff(across[hull]), np.diff(hull)))


def fit_isotonic_via_splitting(x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> IsotonicFit:
    """Begin with one block, and cut a block where the part below its mean is largest."""
    if sample_weight is None:
        sample_weight = np.ones(len(y))
    if len(x) == 0 or np.shape(x) != np.shape(y) or np.shape(x) != np.shape(sample_weight):
        raise ValueError("there is no sample, or lengths differ")
    if not np.all(sample_weight > 0):
        raise ValueError("a weight is not positive")
    samples = {}
    for at, value, weight in zip(x.tolist(), y.tolist(), sample_weight.tolist(), strict=True):
        old = samples.get(at, (0, 0))
        samples[at] = (old[0] + weight, old[1] + weight * value)
    points = sorted(samples)
    weights, sums = np.array([samples[at] for at in points]).T
    fitted = np.empty(len(points))
    todo = [(0, len(points))]
    while todo:
        start, stop = todo.pop()
        mean = sums[start:stop].sum() / weights[start:stop].sum()
        below = np.cumsum(mean * weights[start:stop] - sums[start:stop])[:-1]
        if len(below) and below.max() > 1e-13 * np.abs(sums[start:stop]).sum():
            cut = start + 1 + int(below.argmax())
            todo += [(start, cut), (cut, stop)]
        else:
            fitted[start:stop] = mean
    return IsotonicFit(np.array(points), fitted)


def predict_via_segments(fit: IsotonicFit, x: np.ndarray) -> np.ndarray:
    """Find the segment of each x, and how far into it x is: not below 0 and not above 1."""
    if len(fit.x) == 1:
        return np.full(len(x), fit.y[0])
    left = np.clip(np.searchsorted(fit.x, x) - 1, 0, len(fit.x) - 2)
    inside = np.clip((x - fit.x[left]) / (fit.x[left + 1] - fit.x[left]), 0, 1)
    return (1 - inside) * fit.y[left] + inside * fit.y[left + 1]


def predict_via_loop(fit: IsotonicFit, x: np.ndarray) -> np.ndarray:
    """Take one x at a time, by bisection."""
    points, values, found = fit.x.tolist(), fit.y.tolist(), []
    for at in x.tolist():
        k = bisect.bisect_left(points, at)
        if k in {0, len(points)}:
            found.append(values[min(k, len(points) - 1)])
        else:
            slope = (values[k] - values[k - 1]) / (points[k] - points[k - 1])
            found.append(values[k] - slope * (points[k] - at))
    return np.array(found)
