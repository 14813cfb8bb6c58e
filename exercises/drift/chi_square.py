# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- chi_square
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
    raise NotImplementedError


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
    raise NotImplementedError
