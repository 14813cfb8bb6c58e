from itertools import pairwise

import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def samples(rng):
    """Two samples of unequal sizes, unsorted, of either sign, with ties within and across, and weights for them."""
    a, b = rng.integers(-12, 13, size=9) / 4, rng.integers(-8, 17, size=14) / 4
    return a, b, rng.integers(0, 5, size=9) + np.eye(9)[4], rng.integers(0, 5, size=14) + np.eye(14)[7]


def integral(a, b, a_weights=None, b_weights=None):
    """Return the integral of |F_a - F_b| by the definition, counting anew in each stretch."""
    a_weights = np.ones(len(a)) if a_weights is None else a_weights
    b_weights = np.ones(len(b)) if b_weights is None else b_weights
    points, total = sorted({*a.tolist(), *b.tolist()}), 0.0
    for x, following in pairwise(points):
        share = sum(w for value, w in zip(a, a_weights, strict=True) if value <= x) / sum(a_weights)
        share -= sum(w for value, w in zip(b, b_weights, strict=True) if value <= x) / sum(b_weights)
        total += abs(share) * (following - x)
    return total


def distance(kata, a, b, *weights):
    """Return the distance of two lists."""
    weights = [one if one is None else np.array(one) for one in weights]
    return kata.wasserstein_1d(np.array(a), np.array(b), *weights)


def test_distance(kata, samples):
    """W is the integral of |F_a - F_b|, for samples of any sizes and in any order."""
    # F_a - F_b is 1/2 from 0 to 1, and -1/2 from 1 to 3.
    assert_close(distance(kata, [3.0, 0.0], [1.0]), 1.5)
    # The means are equal; F_a - F_b is 1/2, 1/6, -1/6, -1/2 on stretches of 1.
    assert_close(distance(kata, [4.0, 0.0], [3.0, 2.0, 1.0]), 4 / 3)
    assert_close(distance(kata, [-1.0, 2.0, 0.0], [5.0, 1.0, -3.0]), 2.0)
    a, b, _, _ = samples
    for first, second in [(a, b), (b, a), (-a, b), (np.sort(a), b[::-1]), (a[:5], b[:5]), (a[:4], b[:8])]:
        assert_close(kata.wasserstein_1d(first, second), integral(first, second))


def test_one_value(kata, samples):
    """A sample may have one value: then W is the mean distance from it."""
    assert_close(distance(kata, [5.0], [2.0]), 3.0)
    assert_close(distance(kata, [-5.0], [2.0], [4.0], [0.5]), 7.0)
    assert_close(distance(kata, [5.0], [5.0]), 0.0)
    assert_close(distance(kata, [5.0, 5.0], [5.0, 5.0, 5.0], None, [1.0, 0.0, 7.0]), 0.0)
    a, _, weights, _ = samples
    expected = (weights * np.abs(a - 0.3)).sum() / weights.sum()
    assert_close(distance(kata, [0.3], a, None, weights), expected)
    assert_close(distance(kata, a, [0.3], weights), expected)


def test_weights(kata, samples):
    """A value counts by its share of its sample's weights, which move with the values in a sort."""
    # F_a is 3/4 from 0 to 1, F_b is 1/2.
    assert_close(distance(kata, [0.0, 1.0], [0.0, 1.0], [3.0, 1.0]), 0.25)
    assert_close(distance(kata, [0.0, 1.0], [0.0, 1.0], None, [3.0, 1.0]), 0.25)
    assert_close(distance(kata, [1.0, 0.0], [0.0, 1.0], [3.0, 1.0], [3.0, 1.0]), 0.5)
    a, b, a_weights, b_weights = samples
    for weights in [(a_weights, None), (None, b_weights), (a_weights, b_weights), (a_weights[::-1], b_weights[::-1])]:
        assert_close(kata.wasserstein_1d(a, b, *weights), integral(a, b, *weights))
    assert_close(kata.wasserstein_1d(a, a, a_weights, a_weights[::-1]), integral(a, a, a_weights, a_weights[::-1]))


def test_totals(kata, samples):
    """Weights have any total, large or small, or nearly 1, and not the same in both samples."""
    assert_close(distance(kata, [0.0, 8.0], [16.0, 0.0], [5.0, 5.0], [0.25, 0.25]), 4.0)
    a, b, a_weights, b_weights = samples
    expected = integral(a, b, a_weights, b_weights)
    for a_factor, b_factor in [(1e5, 1.0), (1.0, 1e5), (1e-6, 1e-6), (1e-6, 1e5)]:
        assert_close(kata.wasserstein_1d(a, b, a_weights * a_factor, b_weights * b_factor), expected)
    # The totals are 1 + 2**-18 and 1 - 2**-18.
    for total in (1 + 2.0**-18, 1 - 2.0**-18):
        near = [0.5, 0.25, total - 0.75]
        expected = integral(np.array([0.0, 3.0, 9.0]), np.array([2.0, 1.0]), near)
        assert_close(distance(kata, [0.0, 3.0, 9.0], [2.0, 1.0], near), expected)
        assert_close(distance(kata, [2.0, 1.0], [0.0, 3.0, 9.0], None, near), expected)
    # Weights that differ little differ, and a small weight counts.
    nearly = [1.0, 1 + 2.0**-20]
    assert_close(distance(kata, [0.0, 4.0], [4.0, 0.0], nearly), 2.0**-20 / (1 + 2.0**-21), rtol=1e-6, atol=0.0)
    assert_close(distance(kata, [0.0], [0.0, 1e6], None, [1e3, 1e-6]), 1e-3, rtol=1e-5, atol=0.0)
    assert_close(distance(kata, [0.0, 1e6], [0.0], [1.0, 1e-6]), 1 / 1.000001, rtol=1e-6)


def test_weights_of_zero(kata):
    """A value of weight 0 does not count, wherever it lies."""
    for a, weights in [
        ([-90.0, 1.0, 2.0], [0.0, 3.0, 1.0]),
        ([1.0, 90.0, 2.0], [3.0, 0.0, 1.0]),
        ([2.0, 1.0, 1.5], [1.0, 3.0, 0.0]),
        ([2.0, 1.0, 1.0, 5.0], [1.0, 0.0, 3.0, 0.0]),
    ]:
        assert_close(distance(kata, a, [4.0], weights), 2.75)
        assert_close(distance(kata, [4.0], a, None, weights), 2.75)
    assert_close(distance(kata, [7.0, 3.0], [50.0, 4.0], [0.0, 2.0], [0.0, 1.0]), 1.0)


def test_ties(kata, samples):
    """Tied values count as often as they occur. Samples of the same shares are at distance 0."""
    assert_close(distance(kata, [1.0, 1.0, 1.0, 2.0], [1.0, 2.0, 2.0, 2.0]), 0.5)
    assert_close(distance(kata, [1.0, 2.0, 1.0], [2.0, 1.0]), 1 / 6)
    a, b, a_weights, _ = samples
    assert_close(kata.wasserstein_1d(a, a[::-1]), 0.0)
    assert_close(kata.wasserstein_1d(np.repeat(a, 3), a), 0.0)
    assert_close(kata.wasserstein_1d(np.repeat(a, a_weights.astype(int)), a, None, a_weights), 0.0)
    assert_close(kata.wasserstein_1d(np.append(a, a), np.append(b, a)), integral(np.append(a, a), np.append(b, a)))


def test_small_distances(kata):
    """Small distances count, between small values and between large ones, also beside large values."""
    small, near, large, third = 2.0**-19, 2.0**-19 + 2.0**-39, 2.0**19, 1e6 / 3
    for a, b, expected in [
        ([small], [3 * small], 2 * small),
        ([near, small, small, small], [small] * 4, 2.0**-41),
        ([large, 5.0], [5.0, large + 2.0**-4], 2.0**-5),
        ([-large, -large], [-large - 2.0**-4, -large], 2.0**-5),
        # All but one value are equal, and the large ones come before it or after it.
        ([-third, -third, -third, small], [3 * small, -third, -third, -third], small / 2),
        ([third, third, third, -small], [-3 * small, third, third, third], small / 2),
        ([-third, third, third, small], [-third, -3 * small, third, third], small),
    ]:
        assert_close(distance(kata, a, b), expected, atol=0.0)
        assert_close(distance(kata, b, a, [2.0] * len(b), None), expected, atol=0.0)
    assert_close(distance(kata, [1e6, 2.0], [1e6 + 0.1, 2.0]), 0.05, rtol=1e-6)


def test_bad_samples(kata):
    """A sample without values, a negative weight, and weights that are all 0 raise ValueError."""
    for a, b in [([], [1.0]), ([1.0, 2.0], []), ([], [])]:
        with pytest.raises(ValueError):
            distance(kata, a, b)
    good, pair = [1.0, 3.0], [4.0, 5.0]
    for weights in [[2.0, -1.0], [-1e-6, 1.0], [-1.0, -2.0], [1.0, -1.0], [0.0, 0.0]]:
        for both in [(weights, None), (None, weights), (weights, good), (good, weights)]:
            with pytest.raises(ValueError):
                distance(kata, pair, [1.0, 2.0], *both)


def test_many_values(kata, rng):
    """50,000 values in each sample take N log N time."""
    n = 50_000
    assert_close(kata.wasserstein_1d(rng.permutation(n) + 0.0, rng.permutation(n) + 7.0), 7.0, rtol=1e-6)
    assert_close(kata.wasserstein_1d(rng.permutation(n) + 0.0, np.arange(n + 1) + 0.0, np.ones(n)), 0.5, rtol=1e-6)


@strict
def test_integers(kata):
    """Values and weights may be integers of any type."""
    for kind in (np.int8, np.uint8, np.int32, np.int64):
        a, b = np.array([100, 0], dtype=kind), np.array([120, 5, 5, 120], dtype=kind)
        assert_close(kata.wasserstein_1d(a, b), 12.5)
        assert_close(kata.wasserstein_1d(a, b + 0.5), 13.0)
        assert_close(kata.wasserstein_1d(a, b, a, None), 57.5)
    low, high = np.array([-128, -100], dtype=np.int8), np.array([127, 100], dtype=np.int8)
    assert_close(kata.wasserstein_1d(low, high), 227.5)
    assert_close(kata.wasserstein_1d(low, high, high, np.array([100, 100], dtype=np.uint8)), 113.5 + 26256 / 227)


@strict
def test_bad_numbers(kata):
    """A value or a weight that is not finite, and weights of another length, raise ValueError."""
    good = [1.0, 2.0]
    for bad in (np.nan, np.inf, -np.inf):
        for a, b in [([bad, 1.0], good), (good, [1.0, bad])]:
            with pytest.raises(ValueError):
                distance(kata, a, b)
        for weights in [([bad, 1.0], None), (None, [1.0, bad])]:
            with pytest.raises(ValueError):
                distance(kata, good, good, *weights)
    for weights in [([1.0], None), ([1.0, 1.0, 1.0], None), (None, [1.0]), ([1.0], [1.0, 1.0, 1.0]), ([], None)]:
        with pytest.raises(ValueError):
            distance(kata, good, good, *weights)


def workload(kata, rng, n):
    """Two normal samples, shifted and of unequal sizes, some values tied, some weights 0."""
    a, b = rng.normal(size=n + 1), rng.normal(rng.uniform(-0.5, 0.5), size=n + n // 2 + 1)
    a, b = (np.where(rng.random(len(x)) < 0.5, x.round(1), x) for x in (a, b))
    a_weights, b_weights = (np.where(rng.random(len(x)) < 0.2, 0.0, rng.uniform(0.5, 2.0, size=len(x))) for x in (a, b))
    a_weights[0] = b_weights[-1] = 1.0
    return kata.wasserstein_1d(a, b, a_weights, b_weights)


MISTAKES = {
    "the distance of the means": ("np.abs(excess) @ np.diff(values[order])", "abs(excess @ np.diff(values[order]))"),
    "the largest distance of the shares": ("np.abs(excess) @ np.diff(values[order])", "np.abs(excess).max(initial=0)"),
    "squares": ("np.abs(excess) @", "excess**2 @"),
    "rows compared in the order they come in": ("order = np.argsort(values)", "order = np.arange(len(values))"),
    "weights stay where they were": ("np.cumsum(shares[order])", "np.cumsum(np.sign(shares[order]) * np.abs(shares))"),
    "distribution functions that are interpolated": (
        "excess = np.cumsum(shares[order])[:-1]",
        "excess = np.cumsum(shares[order])\n    excess = (excess[:-1] + np.append(0, excess[:-2])) / 2",
    ),
    "101 quantiles": (
        "    values = np.concatenate",
        (
            "    if a_weights is None and b_weights is None and len(a) and len(b):\n"
            "        levels = np.arange(101) / 100\n"
            "        return float(np.abs(np.quantile(a, levels) - np.quantile(b, levels)).mean())\n"
            "    values = np.concatenate"
        ),
    ),
    "weights that are taken to add up to n": ("return weights / weights.sum()", "return weights / len(weights)"),
    "weights that nearly add up to 1 are left alone": (
        "return weights / weights.sum()",
        "return weights if np.isclose(weights.sum(), 1) else weights / weights.sum()",
    ),
    "a weight of 0 is taken for a missing one": (
        "return weights / weights.sum()",
        "weights = np.where(weights == 0, 1, weights)\n    return weights / weights.sum()",
    ),
    "close values are ties": (
        "np.diff(values[order])",
        "np.where(np.isclose(values[order][1:], values[order][:-1]), 0, np.diff(values[order]))",
    ),
    "rounded": (
        "return float(np.abs(excess) @ np.diff(values[order]))",
        "return round(float(np.abs(excess) @ np.diff(values[order])), 9)",
    ),
    "samples with the same values are at distance 0": (
        "    order =",
        "    if np.array_equal(np.unique(a), np.unique(b)):\n        return 0.0\n    order =",
    ),
    "negative weights are cut off at 0": (
        "    if (weights < 0).any() or",
        "    weights = np.maximum(weights, 0)\n    if",
    ),
    "weights that are all 0 count alike": (
        "    if (weights < 0).any()",
        "    weights = weights if weights.any() else weights + 1\n    if (weights < 0).any()",
    ),
}

STRICT_MISTAKES = {
    "integers overflow": (".astype(float)\n    shares", "\n    shares"),
    "any number passes": ("if not (np.isfinite(sample).all() and np.isfinite(weights).all()):", "if False:"),
    "weights of another length": ("if len(weights) != len(sample):", "if False:"),
}
