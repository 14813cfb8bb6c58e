# wrong (core): current values clipped to the range of the reference: wrong if the last edge is its maximum
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- population_stability_index
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
    reference, current = np.asarray(reference, dtype=float), np.asarray(current, dtype=float)
    if reference.size == 0 or current.size == 0:
        raise ValueError("a sample is empty")
    if n_bins < 1:
        raise ValueError("n_bins is less than 1")
    current = np.clip(current, reference.min(), reference.max())
    edges = np.quantile(reference, np.arange(1, n_bins) / n_bins)

    def shares(x):
        counts = np.bincount(np.searchsorted(edges, x, side="left"), minlength=len(edges) + 1)
        return np.maximum(counts / len(x), 1e-4)

    r, c = shares(reference), shares(current)
    return float(np.sum((c - r) * np.log(c / r)))
