# different style; both bars
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
from decimal import Context, Decimal
from fractions import Fraction
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
    a = [int(count) for count in np.asarray(reference_counts).tolist()]
    b = [int(count) for count in np.asarray(current_counts).tolist()]
    if len(a) != len(b):
        raise ValueError("The samples have different numbers of categories.")
    if any(count < 0 for count in a + b):
        raise ValueError("A count is negative.")
    R, S = sum(a), sum(b)
    if R == 0 or S == 0:
        raise ValueError("A sample is empty.")
    # Of two samples, both deviations of a category are (b R - a S) / n in size: exact in integers.
    kept = [(i, j) for i, j in zip(a, b) if i + j]
    terms = [float(Fraction((i * S - j * R) ** 2, R * S * (i + j))) for i, j in kept]
    n_small = sum(size * (i + j) < 5 * (R + S) for i, j in kept for size in (R, S))
    return ChiSquare(math.fsum(terms), len(kept) - 1, n_small)


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
    if math.isinf(statistic):
        return 0.0
    # Decimals have exponents enough that exp(-h) does not vanish. Build the terms upwards from a = 0 or 1/2.
    ctx = Context(prec=34, Emin=-(10**17), Emax=10**17)
    h = ctx.divide(Decimal(float(statistic)), Decimal(2))
    term = ctx.exp(-h)
    total = Decimal(0)
    a = Decimal(0)
    if dof % 2:
        total = Decimal(math.erfc(math.sqrt(statistic / 2)))
        pi = Decimal("3.141592653589793238462643383279502884")
        term = ctx.multiply(term, ctx.multiply(Decimal(2), ctx.sqrt(ctx.divide(h, pi))))
        a = Decimal("0.5")
    for _ in range(dof // 2):
        total = ctx.add(total, term)
        a += 1
        term = ctx.divide(ctx.multiply(term, h), a)
    return min(float(total), 1.0)
