# candidate, par time, from the stub alone
"""Pearson's chi-squared test of drift in a categorical feature.

Categories are counted in a reference sample and in a current one. If both have the same distribution, a category that
is seen C times in all is expected E = R C / n times in the sample of size R, where n is the size of both together:

    statistic = sum over samples and categories of (observed - E)^2 / E
    dof = number of categories - 1

A category that occurs in one sample only is kept, and one that occurs in neither is dropped. There is no continuity
correction. Far from few counts, the statistic of equal distributions is about chi-squared with dof degrees of freedom.

Source: Pearson, On the criterion that a given system of deviations ... (1900); Cochran, Some Methods for Strengthening
the Common Chi-Squared Tests (1954).

Strict
------
- Counts may be integers of any type, up to 10**12.
- ValueError if lengths differ or a count is negative.
- dof may be 10,000, and small p-values keep their digits.
"""

import math
from typing import NamedTuple

import numpy as np


class ChiSquare(NamedTuple):
    """The statistic, its degrees of freedom, and how many expected counts are below 5."""

    statistic: float
    dof: int
    n_small: int


def chi_square(reference_counts: np.ndarray, current_counts: np.ndarray) -> ChiSquare:
    """Compare the counts of two samples.

    Parameters
    ----------
    reference_counts, current_counts : arrays of int of shape (n_categories,)

    Returns
    -------
    ChiSquare
        n_small counts over both samples and all categories kept. If one category is left, the statistic and dof are 0.

    Raises
    ------
    ValueError
        If a sample is empty.

    Examples
    --------
    >>> test = chi_square(np.array([10, 10, 0, 0]), np.array([2, 6, 2, 0]))
    >>> round(test.statistic, 9), test.dof, test.n_small
    (5.625, 2, 3)
    """
    reference = np.asarray(reference_counts)
    current = np.asarray(current_counts)
    if reference.shape != current.shape:
        raise ValueError("lengths differ")
    if (reference < 0).any() or (current < 0).any():
        raise ValueError("a count is negative")
    observed = np.array([reference, current], dtype=float)
    observed = observed[:, observed.sum(axis=0) > 0]
    sizes = observed.sum(axis=1)
    if (sizes == 0).any():
        raise ValueError("a sample is empty")
    expected = np.outer(sizes, observed.sum(axis=0)) / sizes.sum()
    n_small = int((expected < 5).sum())
    dof = observed.shape[1] - 1
    if dof == 0:
        return ChiSquare(0.0, 0, n_small)
    statistic = float(((observed - expected) ** 2 / expected).sum())
    return ChiSquare(statistic, dof, n_small)


def p_value(statistic: float, dof: int) -> float:
    """Return the probability that a chi-squared variable is larger than the statistic, 0 or more.

    Let h be half of the statistic. The result is 1 if dof is 0, and otherwise

        sum of exp(-h) h^a / Gamma(a + 1) over a = dof / 2 - 1, dof / 2 - 2, ..., down to 0 or 1/2

    plus erfc(sqrt(h)) if dof is odd. Here erfc is math.erfc.

    Examples
    --------
    >>> round(p_value(3.0, dof=4), 9), round(p_value(3.0, dof=3), 9)
    (0.5578254, 0.391625176)
    """
    if dof == 0:
        return 1.0
    h = statistic / 2
    if h == 0:
        return 1.0
    total = math.erfc(math.sqrt(h)) if dof % 2 else 0.0
    a = dof / 2 - 1
    while a >= 0:
        total += math.exp(-h + a * math.log(h) - math.lgamma(a + 1))
        a -= 1
    return total
