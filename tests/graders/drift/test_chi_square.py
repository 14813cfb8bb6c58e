import math
from fractions import Fraction

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict


def defined(r, c):
    """Return the three results in exact fractions, cell by cell, and whether an expected count is exactly 5."""
    total = [a + b for a, b in zip(r, c, strict=True)]
    cells = [
        (observed, Fraction(sum(sample) * seen, sum(total)))
        for sample in (r, c)
        for observed, seen in zip(sample, total, strict=True)
        if seen
    ]
    statistic = sum((observed - expected) ** 2 / expected for observed, expected in cells)
    n_small = sum(expected < 5 for _, expected in cells)
    return float(statistic), len(cells) // 2 - 1, n_small, any(expected == 5 for _, expected in cells)


def check(kata, r, c):
    test = kata.chi_square(np.array(r), np.array(c))
    statistic, dof, n_small, at_limit = defined(r, c)
    assert_close(test.statistic, statistic, atol=1e-8)
    assert_equal(test.dof, dof)
    # Rounding may put an expected count of 5 on either side.
    if not at_limit:
        assert_equal(test.n_small, n_small)


def integrated(statistic, dof):
    """Return the mass of the density above the statistic, with the root of the variable as the axis."""
    u = np.linspace(math.sqrt(statistic), math.sqrt(statistic) + 14, 200_001)
    with np.errstate(divide="ignore"):
        log_density = (dof - 1) * np.log(u) - u**2 / 2 if dof > 1 else -(u**2) / 2
    density = np.exp(log_density - (dof / 2 - 1) * math.log(2) - math.lgamma(dof / 2))
    weights = np.ones(len(u))
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return (weights * density).sum() * (u[1] - u[0]) / 3


def test_statistic(kata, rng):
    """The statistic compares both samples with what their categories are expected to have."""
    # Expected are 8 and 8 of 20 each: 4 / 8 four times, and no correction.
    test = kata.chi_square(np.array([10, 10]), np.array([6, 14]))
    assert_close(test.statistic, 4 / 8 * 2 + 4 / 12 * 2)
    assert_equal(test.dof, 1)
    check(kata, [10, 20, 30], [30, 20, 10])
    check(kata, [5, 1, 9, 3], [50, 12, 70, 41])
    check(kata, [3, 0], [0, 5])
    for _ in range(5):
        k = int(rng.integers(2, 9))
        check(kata, rng.integers(1, 40, size=k).tolist(), rng.integers(1, 90, size=k).tolist())


def test_sizes(kata):
    """Only shares count for a statistic of 0, and it grows with the size of the samples."""
    for r, c in [
        ([2, 4, 6], [3, 6, 9]),
        ([1, 1], [1, 1]),
        ([5, 5, 5], [100_000, 100_000, 100_000]),
        ([7, 1], [70, 10]),
    ]:
        assert_close(kata.chi_square(np.array(r), np.array(c)).statistic, 0.0, atol=1e-9)
    small = kata.chi_square(np.array([3, 5, 2]), np.array([4, 1, 1])).statistic
    for factor in (10, 50_000):
        check(kata, [3 * factor, 5 * factor, 2 * factor], [4 * factor, factor, factor])
        large = kata.chi_square(np.array([3, 5, 2]) * factor, np.array([4, 1, 1]) * factor).statistic
        assert_close(large / factor, small)
    check(kata, [500_000, 500_000], [500_001, 499_999])
    check(kata, [1, 999_999], [3, 900_000])


def test_absent(kata):
    """A category of one sample is kept, and one of neither is dropped."""
    test = kata.chi_square(np.array([10, 10, 0, 0]), np.array([2, 6, 2, 0]))
    assert_close(test.statistic, 5.625)
    assert_equal([test.dof, test.n_small], [2, 3])
    for r, c in [
        ([10, 0, 10], [10, 10, 0]),
        ([0, 0, 4, 6], [0, 1, 4, 6]),
        ([7, 0, 0, 3], [2, 0, 0, 8]),
        ([8, 9, 0], [8, 9, 1]),
        ([0, 8, 9], [1, 8, 9]),
        ([0, 5, 0, 5, 0], [0, 5, 0, 0, 0]),
    ]:
        check(kata, r, c)
        check(kata, c, r)


def test_one_category(kata):
    """With one category the statistic and dof are 0."""
    for r, c in [([7], [3]), ([0, 7, 0], [0, 20, 0]), ([1], [1]), ([100, 0], [9, 0])]:
        test = kata.chi_square(np.array(r), np.array(c))
        assert_close(test.statistic, 0.0, atol=1e-9)
        assert_equal([test.dof, test.n_small], [0, defined(r, c)[2]])


def test_small_counts(kata):
    """Expected counts below 5 are counted in both samples, and 5 is not below 5."""
    # Expected are 5 and 11 in both samples.
    assert_equal(kata.chi_square(np.array([10, 6]), np.array([0, 16])).n_small, 0)
    # 4.5 and 11.5 in both.
    assert_equal(kata.chi_square(np.array([9, 7]), np.array([0, 16])).n_small, 2)
    # Observed counts below 5 do not matter: 2 and 30 are 16 and 16.
    assert_equal(kata.chi_square(np.array([2, 30]), np.array([30, 2])).n_small, 0)
    for r, c in [
        ([3, 200, 1], [30, 1000, 9]),
        ([1, 1, 1, 1], [1, 0, 0, 2]),
        ([4, 4], [400, 400]),
        ([6, 60], [60, 600]),
    ]:
        check(kata, r, c)


def test_order(kata, rng):
    """Samples may change places, and categories their order."""
    r, c = rng.integers(1, 30, size=6), rng.integers(1, 60, size=6)
    r[2], c[4] = 0, 0
    order = rng.permutation(6)
    check(kata, r.tolist(), c.tolist())
    check(kata, c.tolist(), r.tolist())
    check(kata, r[order].tolist(), c[order].tolist())


def test_p_value(kata):
    """The p-value is the mass of the chi-squared distribution above the statistic."""
    for h in (0.1, 1.0, 2.5, 7.0):
        assert_close(kata.p_value(2 * h, 1), math.erfc(math.sqrt(h)))
        assert_close(kata.p_value(2 * h, 2), math.exp(-h))
        assert_close(kata.p_value(2 * h, 4), math.exp(-h) * (1 + h))
        assert_close(kata.p_value(2 * h, 6), math.exp(-h) * (1 + h + h**2 / 2))
        assert_close(kata.p_value(2 * h, 3), math.erfc(math.sqrt(h)) + math.exp(-h) * math.sqrt(4 * h / math.pi))
    for statistic, dof in [(3.0, 5), (10.0, 9), (20.0, 10), (1.5, 7), (60.0, 40), (50.0, 51), (1e-6, 1), (25.0, 3)]:
        assert_close(kata.p_value(statistic, dof), integrated(statistic, dof), rtol=1e-6)


def test_p_value_ends(kata):
    """The p-value is 1 for a statistic of 0 or for no degree of freedom."""
    for dof in (0, 1, 2, 3, 8, 25):
        assert_close(kata.p_value(0.0, dof), 1.0)
    assert_close([kata.p_value(1e-6, 0), kata.p_value(3.0, 0)], [1.0, 1.0])
    assert_close(kata.p_value(1e-6, 2), math.exp(-5e-7))
    assert_close(kata.p_value(1e-6, 3), 1.0, rtol=1e-8)
    assert_close(kata.p_value(1e5, 4), 0.0)
    assert_close(kata.p_value(100.0, 100), integrated(100.0, 100), rtol=1e-6)


def test_empty(kata):
    """A sample without counts raises ValueError."""
    for r, c in [([0, 0], [1, 2]), ([3, 1], [0, 0]), ([0], [0]), ([0, 0, 0], [0, 0, 0])]:
        with pytest.raises(ValueError):
            kata.chi_square(np.array(r), np.array(c))


@strict
def test_bad_counts(kata):
    """Counts of unequal length or below 0 raise ValueError."""
    for r, c in [([1, 2, 3], [1, 2]), ([1], [1, 2]), ([3, -1], [2, 2]), ([3, 1], [4, -1]), ([-1, -1], [2, 2])]:
        with pytest.raises(ValueError):
            kata.chi_square(np.array(r), np.array(c))


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint64], ids=["int8", "uint8", "int32", "uint64"])
def test_types(kata, kind):
    """Counts may be integers of any type."""
    r, c = [100, 120, 90, 0], [30, 0, 127, 0]
    test = kata.chi_square(np.array(r, dtype=kind), np.array(c, dtype=kind))
    assert_close(test.statistic, defined(r, c)[0])
    assert_equal([test.dof, test.n_small], list(defined(r, c)[1:3]))


@strict
def test_large_counts(kata):
    """Counts may be as large as 10**12."""
    for r, c in [([10**12, 9 * 10**11], [10**12, 10**12]), ([10**12, 1, 5], [10**11, 3, 0])]:
        test = kata.chi_square(np.array(r), np.array(c))
        assert_close(test.statistic, defined(r, c)[0], rtol=1e-7)
        assert_equal(test.n_small, defined(r, c)[2])


@strict
def test_many_degrees(kata):
    """There may be 10,000 degrees of freedom, and small p-values keep their digits."""
    for dof in (1_000, 9_999, 10_000):
        # Wilson and Hilferty's approximation is good to three digits here.
        z = ((1 + 0.02) ** (1 / 3) - 1 + 2 / (9 * dof)) / math.sqrt(2 / (9 * dof))
        assert_close(kata.p_value(1.02 * dof, dof), math.erfc(z / math.sqrt(2)) / 2, rtol=1e-2)
    h = 200.0
    assert_close(kata.p_value(2 * h, 4) / (math.exp(-h) * (1 + h)), 1.0)
    assert_close(kata.p_value(2 * h, 1) / math.erfc(math.sqrt(h)), 1.0)


def workload(kata, rng, n):
    """Test some categories, rare ones among them, and turn the statistic into a p-value."""
    r, c = rng.integers(0, 12, size=n + 3), rng.integers(0, 20, size=n + 3)
    r[:3], c[:3] = [4, 0, 9], [7, 0, 0]
    test = kata.chi_square(r, c)
    return test, kata.p_value(float(test.statistic), int(test.dof)), kata.p_value(float(n), n + 1)


DROP = "observed = observed[:, observed.any(axis=0)]"
EXPECTED = "expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0) / observed.sum()"
STATISTIC = "statistic = ((observed - expected) ** 2 / expected).sum()"
LAST = "return ChiSquare(float(statistic), observed.shape[1] - 1, int((expected < 5).sum()))"
POWERS = "powers = [dof / 2 - i for i in range(1, dof // 2 + 1)]"
TERMS = "terms = [math.exp(a * math.log(h) - h - math.lgamma(a + 1)) for a in powers]"
ODD = "(math.erfc(math.sqrt(h)) if dof % 2 else 0.0)"
MISTAKES = {
    "Yates": (
        STATISTIC,
        STATISTIC.replace("(observed - expected)", "(abs(observed - expected) - 0.5 * (observed.shape[1] == 2))"),
    ),
    "the reference is what is expected": (
        STATISTIC,
        """r = np.maximum(observed[0] / observed[0].sum() * observed[1].sum(), 1e-9)
    statistic = ((observed[1] - r) ** 2 / r).sum()""",
    ),
    "current sample alone": (STATISTIC, STATISTIC.replace(").sum()", ")[1].sum()")),
    "divided by the observed": (STATISTIC, STATISTIC.replace("/ expected", "/ np.maximum(observed, 1)")),
    "likelihood ratio": (
        STATISTIC,
        "statistic = 2 * (observed * np.log(np.maximum(observed, 1e-300) / expected)).sum()",
    ),
    "not squared": (
        STATISTIC,
        STATISTIC.replace(") ** 2", ")").replace("(observed - expected)", "abs(observed - expected)"),
    ),
    "mean of categories": (STATISTIC, STATISTIC.replace(".sum()", ".mean()")),
    "shares instead of counts": (STATISTIC, STATISTIC + "\n    statistic /= observed.sum()"),
    "equal halves are expected": (EXPECTED, "expected = np.ones((2, 1)) * observed.sum(axis=0) / 2"),
    "one is added to each count": (DROP, DROP + " + 1"),
    "eps in the denominator": (STATISTIC, STATISTIC.replace("/ expected", "/ (expected + 1e-6)")),
    "categories of one sample are dropped": (
        DROP,
        "observed = observed[:, observed.all(axis=0)] if observed.all(axis=0).any() else observed",
    ),
    "categories new in current are dropped": (DROP, "observed = observed[:, observed[0] > 0]"),
    "categories of neither count in dof": (LAST, LAST.replace("observed.shape[1]", "len(reference_counts)")),
    "dof is the number of categories": (LAST, LAST.replace("observed.shape[1] - 1", "observed.shape[1]")),
    "dof is at least 1": (LAST, LAST.replace("observed.shape[1] - 1", "max(observed.shape[1] - 1, 1)")),
    "dof counts cells": (LAST, LAST.replace("observed.shape[1] - 1", "2 * observed.shape[1] - 2")),
    "5 is small": (LAST, LAST.replace("expected < 5", "expected <= 5")),
    "observed below 5": (LAST, LAST.replace("(expected < 5)", "(observed < 5)")),
    "small of the current sample": (LAST, LAST.replace("(expected < 5)", "(expected[1] < 5)")),
    "categories with small counts": (LAST, LAST.replace("(expected < 5)", "(expected < 5).any(axis=0)")),
    "any small": (LAST, LAST.replace("int((expected < 5).sum())", "int((expected < 5).any())")),
    "small counts are left out": (
        STATISTIC,
        "statistic = ((observed - expected) ** 2 / expected)[expected >= 1].sum()",
    ),
    "empty samples pass": ("if not (reference_counts.any() and current_counts.any()):", "if False:"),
    "an empty reference passes": (
        "if not (reference_counts.any() and current_counts.any()):",
        "if not current_counts.any():",
    ),
    "lower tail": ("return math.fsum(terms) +", "return 1 - math.fsum(terms) -"),
    "no erfc": (ODD, "0.0"),
    "erfc for even dof, too": (ODD, "math.erfc(math.sqrt(h))"),
    "erfc of h": (ODD, ODD.replace("math.sqrt(h)", "h")),
    "one term less": (POWERS, POWERS.replace("// 2 + 1", "// 2")),
    "one term more": (POWERS, POWERS.replace("range(1,", "range(0,")),
    "statistic for h": ("h = statistic / 2", "h = statistic"),
    "factorials of a": (TERMS, TERMS.replace("lgamma(a + 1)", "lgamma(a + 1.5)")),
    "whole powers": (TERMS, TERMS.replace("for a in", "for a in map(math.floor,")[:-1] + ")]"),
    "normal approximation": (
        "return math.fsum(terms) +",
        "return math.erfc((statistic - dof) / (2 * dof**0.5)) / 2 if dof > 30 else math.fsum(terms) +",
    ),
    "1 for small statistics": ("statistic == 0:", "statistic < 1e-3:"),
    "no dof, no p-value": (
        "if dof == 0 or statistic == 0:",
        "if dof == 0:\n        return 0.0\n    if statistic == 0:",
    ),
}

STRICT_MISTAKES = {
    "negative counts pass": ("min(reference_counts.min(), current_counts.min()) < 0", "False"),
    "gamma overflows": (TERMS, "terms = [math.exp(-h) * h**a / math.gamma(a + 1) for a in powers]"),
}
