"""The population stability index (PSI): how far values have moved between the bins of a reference.

    PSI = sum over bins j of (c_j - r_j) * ln(c_j / r_j)

r_j and c_j are the shares of the reference and of the current values that lie in bin j, both found by counting. A share
below 1e-4 is replaced by 1e-4. The other shares stay as they are, although the sum is then more than 1.

The bins are cut at quantiles of the reference: edge_j, for j = 1 to n_bins - 1, is its quantile at j / n_bins,
interpolated linearly, as np.quantile does by default. Bin j holds

    edge_(j-1) < x <= edge_j          edge_0 = -inf, edge_n_bins = inf

If values repeat, edges may be equal. The bin between them is empty, and counts like any other.

Sources: Siddiqi, Credit Risk Scorecards (2006); Kullback and Leibler, On information and sufficiency (1951), for the
sum, their divergence J.

Strict
------
- Shares between 0 and 1e-4, of samples of more than 10,000 values, are replaced as well.
- ValueError if n_bins is less than 1.
"""

import math
from bisect import bisect_left

import numpy as np


def psi(reference: np.ndarray, current: np.ndarray, n_bins: int) -> float:
    """Return the PSI of a current sample.

    Parameters
    ----------
    reference, current : arrays of shapes (n,) and (m,)
        In any order.
    n_bins : int
        May be 1, or larger than n.

    Raises
    ------
    ValueError
        If a sample is empty.

    Examples
    --------
    >>> reference = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    >>> round(psi(reference, np.array([0.0, 1.0, 2.0, 9.0]), n_bins=2), 9)  # ln(3) / 4
    0.274653072
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
    if len(reference) == 0 or len(current) == 0:
        raise ValueError("a sample is empty")
    if n_bins < 1:
        raise ValueError(f"n_bins is {n_bins}, and must be at least 1")


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
