# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- shift_triage
"""Name a dataset shift by the parts of p(x, y) that have moved.

    p(x, y) = p(x) p(y | x) = p(y) p(x | y)

A table counts rows by bin of x and by class y. The chi-square statistic compares the counts r_k of the reference with
the counts c_k of the current rows, over the categories k that have a row in either:

    n = sum_k r_k,    m = sum_k c_k,    dof = number of categories - 1
    chi2 = sum_k (r_k * m - c_k * n)**2 / (n * m * (r_k + c_k))

For p(x) and p(y), r and c are sums of the table over the other axis. For p(y | x), chi2 and dof are added up over the
bins that are empty in neither table; for p(x | y), over such classes.

Sources: Moreno-Torres et al., A unifying view on dataset shift in classification (2012), section 4; Holm, A simple
sequentially rejective multiple test procedure (1979).

Strict
------
- Counts may be integers of any type, up to 10**9: nothing overflows.
- ValueError if shapes differ, a count is negative, or a p-value is not from 0 to 1.
"""

from typing import NamedTuple

import numpy as np


class ShiftStatistics(NamedTuple):
    """chi2 and dof of p(x), p(y), p(x | y) and p(y | x), in this order."""

    chi2: np.ndarray
    dof: np.ndarray


def shift_statistics(reference: np.ndarray, current: np.ndarray) -> ShiftStatistics:
    """Return the statistics of the four parts. A sum of nothing is 0.

    Parameters
    ----------
    reference, current : arrays of int of shape (n_bins, n_classes)
        A bin or class may be empty.

    Raises
    ------
    ValueError
        If a table has no row.

    Examples
    --------
    >>> found = shift_statistics(np.array([[30, 10], [10, 30]]), np.array([[15, 5], [15, 45]]))
    >>> found.chi2.round(2), found.dof
    (array([10.67,  2.54,  8.27,  0.  ]), array([1, 1, 2, 2]))
    """
    raise NotImplementedError


def name_shift(
    p_x: np.ndarray, p_y: np.ndarray, p_x_given_y: np.ndarray, p_y_given_x: np.ndarray, level: float = 0.05
) -> str:
    """Return the first name that fits.

        "none"         no part has moved
        "label"        p(y) has moved, and p(x | y) has not
        "covariate"    p(x) has moved, and p(y | x) has not
        "concept"      p(y | x) has moved, and p(x) has not
        "mixed"        otherwise

    A part has moved if Holm's procedure, over all p-values together, rejects one of its own. In rising order, the k-th
    of m is rejected if it is at most level / (m - k + 1). The first that is not ends it.

    Parameters
    ----------
    p_x, p_y, p_x_given_y, p_y_given_x : arrays of shapes (n_tests,)
        Any number of p-values, also none. NaN is a missing test: leave it out.

    Examples
    --------
    >>> name_shift(np.array([0.001, 0.2]), np.array([0.3]), np.array([0.04]), np.array([0.7]))
    'covariate'
    """
    raise NotImplementedError
