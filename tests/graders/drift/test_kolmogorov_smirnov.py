import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict


@pytest.fixture
def distinct(rng):
    """Two samples of distinct values and unequal sizes, the second one shifted: unsorted, of either sign."""
    return rng.normal(size=9), rng.normal(0.5, 2.0, size=14)


@pytest.fixture
def tied(rng):
    """Two samples of few distinct values, most of which both have."""
    return rng.integers(-2, 3, size=11).astype(float), rng.integers(-1, 4, size=17).astype(float)


def largest_distance(reference, current):
    """Return the largest distance, by counting anew at each value of either sample."""
    distances = []
    for x in [*reference.tolist(), *current.tolist()]:
        share = sum(value <= x for value in reference.tolist()) / len(reference)
        distances.append(abs(share - sum(value <= x for value in current.tolist()) / len(current)))
    return max(distances)


def tail(t):
    """Return Kolmogorov's tail: by its definition for a t of 1 and more, by Jacobi's transform of it below."""
    if t >= 1:
        return 2 * sum((-1) ** (k - 1) * math.exp(-2 * k**2 * t**2) for k in range(1, 8))
    return 1 - math.sqrt(2 * math.pi) / t * sum(math.exp(-((k * math.pi / t) ** 2) / 8) for k in range(1, 12, 2))


def test_distance(kata, distinct):
    """D is the largest distance between the shares of both samples that are not above some x, whichever is larger."""
    assert_close(kata.ks_statistic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0])), 0.5)
    low, high, wide = np.array([1.0, 2.0, 3.0]), np.array([2.5, 3.5, 4.5]), np.array([0.0, 10.0])
    for first, second, distance in [(low, high, 2 / 3), (high, low, 2 / 3), (low, wide, 0.5), (wide, low, 0.5)]:
        assert_close(kata.ks_statistic(first, second), distance)
    # At 3 the shares are 3/4 and 0. A grid over the whole range does not look there.
    for far in (100.0, 5e5):
        first, second = np.array([1.0, 2.0, 3.0, far]), np.array([4.0, 5.0, 6.0, 2 * far])
        assert_close(kata.ks_statistic(first, second), 0.75)
    for sign in (1.0, -1.0):
        first, second = (sign * sample for sample in distinct)
        assert_close(kata.ks_statistic(first, second), largest_distance(first, second))
        assert_close(kata.ks_statistic(second, first), largest_distance(first, second))


def test_equal_values(kata, tied):
    """Equal values are counted all at once, within a sample and across, whatever the order of the rows."""
    # At 1 the shares are 2/3 and 1/3. Between its rows there is no distance.
    assert_close(kata.ks_statistic(np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 2.0])), 1 / 3)
    assert_close(kata.ks_statistic(*tied), largest_distance(*tied))
    # Values are tied only if they are equal, small ones and large ones.
    for close, others in [
        ([2e-6, 2.1e-6, 2.2e-6], [2.3e-6, 2.4e-6]),
        ([0.0], [1e-6]),
        ([1.001e-6], [1.002e-6, 1.003e-6]),
        ([900_000.01, 900_000.02], [900_000.03]),
    ]:
        assert_close(kata.ks_statistic(np.array(close), np.array(others)), 1.0)
    assert_close(kata.ks_statistic(*tied[::-1]), largest_distance(*tied))


def test_same_shares(kata, tied):
    """Samples in which each value has the same share are at distance 0, though their sizes differ."""
    assert_close(kata.ks_statistic(np.array([7.0, 2.0]), np.array([2.0, 2.0, 7.0, 7.0])), 0.0)
    for sample in tied:
        assert_close(kata.ks_statistic(sample, np.repeat(sample, 3)[::-1]), 0.0)


def test_apart(kata):
    """Samples are at distance 1 where all of one lie below all of the other, as two single values may."""
    for reference, current in [
        ([5.0], [6.0]),
        ([6.0], [5.0]),
        ([1.0, 2.0, 3.0], [9.0]),
        ([-4.0, -3.0], [-9.0, -5.0, -6.0]),
    ]:
        assert_close(kata.ks_statistic(np.array(reference), np.array(current)), 1.0)


def test_pvalue(kata, rng):
    """The p-value is Kolmogorov's sum at t = D * sqrt(n * m / (n + m))."""
    # By hand: t is 1, and the sum is 2 * (exp(-2) - exp(-8) + exp(-18) - ...).
    assert_close(kata.ks_pvalue(0.5, 8, 8), 2 * (math.exp(-2) - math.exp(-8) + math.exp(-18) - math.exp(-32)))
    for t in [1.02, *rng.uniform(0.3, 3.0, size=10).tolist()]:
        n, m = rng.integers(40, 400, size=2).tolist()
        assert_close(kata.ks_pvalue(t / math.sqrt(n * m / (n + m)), n, m), tail(t))


def test_sizes(kata):
    """Both sizes count: the larger sample cannot make up for a small one."""
    sizes = [(3, 6, 2.0), (6, 3, 2.0), (1, 1, 0.5), (10, 1_000_000, 10 / 1.00001), (4, 12, 3.0), (25, 25, 12.5)]
    for n, m, squared_t in sizes:
        for statistic in (0.3, 0.7, 1.0):
            assert_close(kata.ks_pvalue(statistic, n, m), tail(statistic * math.sqrt(squared_t)))
    assert_close(kata.ks_pvalue(1, 3, 6), tail(math.sqrt(2.0)))


def test_small_statistics(kata):
    """As D goes to 0, p goes to 1, and is 1 at 0."""
    # With 800 in each sample, t is 20 times the statistic, which is a multiple of 1/800.
    assert_close(kata.ks_pvalue(0.0, 800, 800), 1.0)
    for count in (2, 3, 4, 6, 8, 10, 12, 16, 24, 32):
        assert_close(kata.ks_pvalue(count / 800, 800, 800), tail(count / 40))


def test_empty_samples(kata):
    """An empty sample raises ValueError."""
    for reference, current in [([], [1.0, 2.0]), ([1.0, 2.0], []), ([], [])]:
        with pytest.raises(ValueError):
            kata.ks_statistic(np.array(reference), np.array(current))


def test_many_values(kata, rng):
    """100,000 values in each sample take n log n time."""
    # The values of one sample from 40,000 up are those of the other below 100,000.
    reference, current = rng.permutation(100_000), 40_000.0 + rng.permutation(100_000)
    assert_close(kata.ks_statistic(reference, current), 0.4)
    assert_close(kata.ks_statistic(reference // 10, reference // 10), 0.0)


@strict
def test_precision(kata):
    """A t as small as 0.02 has its p, which is never above 1; a tiny p keeps its digits."""
    for statistic in np.linspace(0.001, 0.025, 49).tolist():
        p = kata.ks_pvalue(statistic, 800, 800)
        assert_close(p, tail(20 * statistic))
        assert_equal(p, min(p, 1.0))
    for t in (4.0, 5.0, 8.0, 12.0, 17.5):
        assert_close(kata.ks_pvalue(t / 20, 800, 800), tail(t), atol=0.0)
    assert_close(kata.ks_pvalue(1.0, 10_000, 20_000), 0.0)


@strict
def test_integers(kata, tied):
    """Values may be integers of any type, also beside fractions."""
    reference, current = np.array([3, 0, 2]), np.array([0.5, 2.5, 2.0, 7.0])
    for kind in (int, np.uint8):
        assert_close(kata.ks_statistic(reference.astype(kind), current), 1 / 3)
        assert_close(kata.ks_statistic(current, reference.astype(kind)), 1 / 3)
        # Between 0 and 10 there are all of these.
        assert_close(kata.ks_statistic(np.array([0, 10, 20], dtype=kind), np.array([0.5, 0.6, 0.7])), 2 / 3)
    reference, current = (sample.astype(int) for sample in tied)
    assert_close(kata.ks_statistic(reference, current), largest_distance(reference, current))


@strict
def test_bad_statistics_and_sizes(kata):
    """A statistic below 0 or above 1, and a size below 1, raise ValueError."""
    for statistic in (-0.1, -1e-9, 1.0 + 1e-9, 2.0):
        with pytest.raises(ValueError):
            kata.ks_pvalue(statistic, 10, 20)
    for n, m in [(0, 10), (10, 0), (0, 0), (-3, 10), (10, -3), (-3, -4)]:
        with pytest.raises(ValueError):
            kata.ks_pvalue(0.5, n, m)


def workload(kata, rng, n):
    """Two normal samples, shifted and of unequal sizes; half of the values are rounded, so that some are tied."""
    reference, current = rng.normal(size=n + 1), rng.normal(rng.uniform(-0.5, 0.5), size=n + n // 2 + 1)
    reference, current = (np.where(rng.random(len(x)) < 0.5, x.round(1), x) for x in (reference, current))
    statistic = kata.ks_statistic(reference, current)
    others = [kata.ks_pvalue(share, len(reference), len(current)) for share in (0.0, 0.02, 0.1, 0.3, 1.0)]
    return statistic, kata.ks_pvalue(statistic, len(reference), len(current)), others


MISTAKES = {
    "one direction only": ("np.abs(below_reference - below_current).max()", "(below_reference - below_current).max()"),
    "the sum of both directions": (
        "np.abs(below_reference - below_current).max()",
        "np.ptp(np.append(below_reference - below_current, 0))",
    ),
    "the mean distance": (
        "np.abs(below_reference - below_current).max()",
        "np.abs(below_reference - below_current).mean()",
    ),
    "values below x in one, not above x in the other": (
        'np.searchsorted(np.sort(current), values, side="right")',
        'np.searchsorted(np.sort(current), values, side="left")',
    ),
    "only at the reference's values": ("    below_reference =", "    values = reference\n    below_reference ="),
    "one row at a time through ties": (
        "    return float(np.abs(below_reference - below_current).max())",
        (
            "    steps = np.repeat([1 / len(reference), -1 / len(current)], [len(reference), len(current)])\n"
            '    return float(np.abs(np.cumsum(steps[np.argsort(values, kind="stable")])).max())'
        ),
    ),
    "histograms for distribution functions": (
        "    below_reference =",
        "    values = np.linspace(values.min(), values.max(), 11)\n    below_reference =",
    ),
    "each value looks at every other": (
        'np.searchsorted(np.sort(reference), values, side="right") / len(reference)',
        "np.array([(reference <= x).mean() for x in values])",
    ),
    "counts for shares": (
        'np.searchsorted(np.sort(current), values, side="right") / len(current)',
        'np.searchsorted(np.sort(current), values, side="right") / len(reference)',
    ),
    "an unsorted sample": ("np.searchsorted(np.sort(current), values", "np.searchsorted(current, values"),
    "the sum of sizes for the effective size": (
        "max(statistic * math.sqrt(n * m / (n + m))",
        "max(statistic * math.sqrt(n + m)",
    ),
    "the smaller size for the effective size": (
        "max(statistic * math.sqrt(n * m / (n + m))",
        "max(statistic * math.sqrt(min(n, m))",
    ),
    "no root of the effective size": (
        "max(statistic * math.sqrt(n * m / (n + m))",
        "max(statistic * (n * m / (n + m))",
    ),
    "a correction for small samples": (
        "max(statistic * math.sqrt(n * m / (n + m))",
        "max(statistic * (math.sqrt(n * m / (n + m)) + 0.12 + 0.11 / math.sqrt(n * m / (n + m)))",
    ),
    "the first term alone": ("np.arange(1, 51)", "np.arange(1, 2)"),
    "five terms, whatever t is": [("np.arange(1, 51)", "np.arange(1, 6)"), (", 0.1)", ", 0.0)")],
    "a hundred terms, whatever t is": [("np.arange(1, 51)", "np.arange(1, 101)"), (", 0.1)", ", 0.0)")],
    "p is 1 too early": (", 0.1)", ", 0.35)"),
    "one-sided": ("float(-2 * (", "float(-1 * ("),
    "signs do not alternate": ("-2 * ((-1.0) ** k * np", "2 * (np"),
    "p of a statistic of 0 is 0": (
        "    _check(statistic, n, m)\n    # Below",
        "    if statistic == 0:\n        return 0.0\n    # Below",
    ),
    "an empty sample is at distance 1": (
        "    values = np.sort(",
        "    if not (len(reference) and len(current)):\n        return 1.0\n    values = np.sort(",
    ),
}

STRICT_MISTAKES = {
    "fractions cut off to the type of the reference": (
        "np.concatenate([reference, current])",
        "np.concatenate([reference, current.astype(reference.dtype)])",
    ),
    "rounding past 1": ("return min(1.0, float(", "return (float("),
    "from 1 and the distribution function": (
        "return min(1.0, float(-2 * ((-1.0) ** k * np.exp(-2 * (k * t) ** 2)).sum()))",
        "return 1 - (1 - min(1.0, float(-2 * ((-1.0) ** k * np.exp(-2 * (k * t) ** 2)).sum())))",
    ),
    "any statistic passes": ("if not 0 <= statistic <= 1:", "if False:"),
    "any size passes": ("if n < 1 or m < 1:", "if False:"),
}
