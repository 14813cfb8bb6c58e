# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- population_stability_index
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
    raise NotImplementedError
