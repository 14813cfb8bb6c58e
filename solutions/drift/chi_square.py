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
    _check(reference_counts, current_counts)
    observed = np.stack([reference_counts, current_counts]).astype(float)
    observed = observed[:, observed.any(axis=0)]
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0) / observed.sum()
    statistic = ((observed - expected) ** 2 / expected).sum()
    return ChiSquare(float(statistic), observed.shape[1] - 1, int((expected < 5).sum()))


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
    if dof == 0 or statistic == 0:
        return 1.0
    h = statistic / 2
    powers = [dof / 2 - i for i in range(1, dof // 2 + 1)]
    terms = [math.exp(a * math.log(h) - h - math.lgamma(a + 1)) for a in powers]
    return math.fsum(terms) + (math.erfc(math.sqrt(h)) if dof % 2 else 0.0)


def _check(reference_counts: np.ndarray, current_counts: np.ndarray) -> None:
    if min(reference_counts.min(), current_counts.min()) < 0:
        raise ValueError("a count is below 0")
    if not (reference_counts.any() and current_counts.any()):
        raise ValueError("a sample is empty")


def chi_square_via_shares(reference_counts: np.ndarray, current_counts: np.ndarray) -> ChiSquare:
    """Compare the shares of each category: their squared difference over their sum, weighted by the sizes."""
    if len(reference_counts) != len(current_counts) or (reference_counts < 0).any() or (current_counts < 0).any():
        raise ValueError("no such counts")
    r, c = reference_counts.astype(float), current_counts
    n_r, n_c = r.sum(), c.sum()
    if n_r == 0 or n_c == 0:
        raise ValueError("an empty sample")
    kept = r + c > 0
    r, c = r[kept], c[kept]
    statistic = n_r * n_c * ((c / n_c - r / n_r) ** 2 / (r + c)).sum()
    small = sum(int((size * (r + c) < 5 * (n_r + n_c)).sum()) for size in (n_r, n_c))
    return ChiSquare(float(statistic), len(r) - 1, small)


def chi_square_via_cells(reference_counts: np.ndarray, current_counts: np.ndarray) -> ChiSquare:
    """Visit one cell after the other, in whole numbers of any size."""
    samples = [reference_counts.tolist(), current_counts.tolist()]
    sizes = [sum(sample) for sample in samples]
    if min(map(min, samples)) < 0 or 0 in sizes:
        raise ValueError("a negative count, or an empty sample")
    statistic, kept, small = 0.0, 0, 0
    for pair in zip(*samples, strict=True):
        if sum(pair) == 0:
            continue
        kept += 1
        for observed, size in zip(pair, sizes, strict=True):
            difference, expected = observed * sum(sizes) - size * sum(pair), size * sum(pair)
            statistic += difference / expected * difference / sum(sizes)
            small += expected < 5 * sum(sizes)
    return ChiSquare(statistic, kept - 1, small)


def p_value_via_steps(statistic: float, dof: int) -> float:
    """Add two degrees of freedom at a time, with the logarithm of what they add."""
    if dof == 0 or statistic == 0:
        return 1.0
    h = statistic / 2
    found, log_term = 0.0, -h
    if dof % 2:
        found, log_term = math.erfc(h**0.5), 0.5 * math.log(h) - h - math.log(math.pi**0.5 / 2)
    for k in range(dof % 2 + 2, dof + 1, 2):
        found += math.exp(log_term)
        log_term += math.log(statistic) - math.log(k)
    return found


def p_value_via_incomplete_gamma(statistic: float, dof: int) -> float:
    """Take the series of the incomplete gamma function below its mean, and the continued fraction above."""
    a, x = dof / 2, statistic / 2
    if not a or not x:
        return 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a + 1))
    if x < a + 1:
        total = term = 1.0
        for i in range(1, 10_000):
            term *= x / (a + i)
            total += term
        return 1 - front * total
    # Steps of the continued fraction, from the last one backwards.
    fraction = 0.0
    for i in range(5_000, 0, -1):
        fraction = i * (i - a) / (x + 2 * i + 1 - a - fraction)
    return front * a / (x + 1 - a - fraction)
