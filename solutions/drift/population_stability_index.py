"""The population stability index: how far values have moved between the bins of a reference.

The reference is cut at its own quantiles, so that each of n_bins bins holds about equally many of its values. Edge j,
for j = 1 to n_bins - 1, is the quantile at j / n_bins, interpolated linearly between neighbouring values: np.quantile's
default. An edge belongs to the bin below it, and the outer bins have no end:

    bin 1:                              x <= edge 1
    bin j:             edge (j - 1) < x <= edge j
    bin n_bins:   edge (n_bins - 1) < x

(Edges are rounded, so a value within rounding of one that is no exact float may go either way.) Edges may coincide,
where one value is a large part of the reference: no value lies between two equal edges, and that bin is empty.

With r_j for the share of the reference's values that lie in bin j, and c_j for that of the current ones, both by
counting, so that r_j need not be 1 / n_bins,

    PSI = sum over bins of (c_j - r_j) * ln(c_j / r_j)

In this sum every share below 1e-4, of either sample, such as an empty bin's, is replaced by 1e-4. The others stay as
they are, although the shares may then sum to more than 1.

Source: Siddiqi, Credit Risk Scorecards (2006), for the index; Kullback and Leibler, On information and sufficiency
(1951), for the sum, their divergence J.
"""

import math
from bisect import bisect_left

import numpy as np


def psi(reference: np.ndarray, current: np.ndarray, n_bins: int) -> float:
    """Return the population stability index of a current sample.

    Parameters
    ----------
    reference : array of shape (n,)
    current : array of shape (m,)
        Finite numbers, up to 1e300 in size, floats or integers, in any order. Each sample has at least one value, and n
        and m may differ.
    n_bins : int, at least 1
        May exceed n.

    Returns
    -------
    float
        At least 0, and 0 where each bin has the same share of both samples, as a single bin has.

    Raises
    ------
    ValueError
        If a sample is empty; if a value is NaN or infinite; if n_bins is below 1.

    Examples
    --------
    The edge is 4.5, between the fourth value and the fifth. Half of the reference is not above it, and three quarters
    of the current values are, so the index is 1/4 * ln(3/2) - 1/4 * ln(1/2).

    >>> reference = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    >>> round(psi(reference, np.array([0.0, 1.0, 2.0, 9.0]), n_bins=2), 9)
    0.274653072

    An empty bin counts as one of 1e-4.

    >>> round(psi(reference, np.array([0.0, 1.0, 2.0, 3.0]), n_bins=2), 9)
    4.604318467
    """
    _check(reference, current, n_bins)
    edges = np.quantile(reference, np.arange(1, n_bins) / n_bins)
    r, c = (
        np.maximum(np.bincount(np.searchsorted(edges, sample, side="left"), minlength=n_bins) / len(sample), 1e-4)
        for sample in (reference, current)
    )
    return float(((c - r) * np.log(c / r)).sum())


def _check(reference: np.ndarray, current: np.ndarray, n_bins: int) -> None:
    for sample in (reference, current):
        if len(sample) == 0:
            raise ValueError("a sample without values has no shares")
        if not np.isfinite(sample).all():
            raise ValueError("a sample has a NaN or an infinite value")
    if n_bins < 1:
        raise ValueError(f"n_bins is {n_bins}; there has to be a bin")


def psi_via_distribution_functions(reference: np.ndarray, current: np.ndarray, n_bins: int) -> float:
    """Take each bin's share as the difference of the distribution function at its two edges."""
    _check(reference, current, n_bins)
    reference, current = np.sort(reference), np.sort(current)
    edges = np.interp(np.arange(1, n_bins) * (len(reference) - 1) / n_bins, np.arange(len(reference)), reference)

    def shares(sample: np.ndarray) -> np.ndarray:
        not_above = np.concatenate([[0], np.searchsorted(sample, edges, side="right"), [len(sample)]])
        return np.maximum(np.diff(not_above) / len(sample), 1e-4)

    logs = np.log(shares(current)) - np.log(shares(reference))
    return float((shares(current) - shares(reference)) @ logs)


def psi_via_counting(reference: np.ndarray, current: np.ndarray, n_bins: int) -> float:
    """Go value by value, bin by bin, and interpolate the edges by hand."""
    _check(reference, current, n_bins)
    values = sorted(reference.tolist())
    edges = []
    for j in range(1, n_bins):
        whole, rest = divmod(j * (len(values) - 1), n_bins)
        step = values[whole + 1] - values[whole] if rest else 0.0
        edges.append(values[whole] + step * rest / n_bins)
    counts = [[0, 0] for _ in range(n_bins)]
    for place, sample in enumerate((reference, current)):
        for x in sample.tolist():
            counts[bisect_left(edges, x)][place] += 1
    total = 0.0
    for ours, theirs in counts:
        r, c = max(ours / len(reference), 1e-4), max(theirs / len(current), 1e-4)
        total += (c - r) * math.log(c / r)
    return total


def psi_via_masks(reference: np.ndarray, current: np.ndarray, n_bins: int) -> float:
    """Add up both directions of the Kullback-Leibler divergence, with each value compared with each edge."""
    _check(reference, current, n_bins)
    edges = np.percentile(reference, [100 * j / n_bins for j in range(1, n_bins)])
    lower, upper = np.append(-np.inf, edges), np.append(edges, np.inf)
    r, c = (
        ((lower < sample[:, None]) & (sample[:, None] <= upper)).mean(axis=0).clip(1e-4)
        for sample in (reference, current)
    )
    return float((c * np.log(c / r)).sum() + (r * np.log(r / c)).sum())
