"""The reference beside SciPy's probplot."""

import numpy as np
import pytest
from scipy import stats

from tests.bench.peers import Peer


def assert_agree(points, x):
    (theoretical, ordered), (slope, intercept, _) = stats.probplot(x)
    np.testing.assert_allclose(points.theoretical, theoretical, rtol=1e-9, atol=1e-14)
    np.testing.assert_array_equal(points.ordered, ordered)
    scale = abs(x).max()
    np.testing.assert_allclose(points.slope, slope, rtol=1e-9, atol=1e-13 * scale)
    np.testing.assert_allclose(points.intercept, intercept, rtol=1e-9, atol=1e-13 * scale)


def test_quantiles(reference):
    for n in [*range(1, 60), 1_000, 100_000]:
        expected = stats.norm.ppf(stats._morestats._calc_uniform_order_statistic_medians(n))  # noqa: SLF001
        # Near 1, a position keeps fewer digits of the tail.
        np.testing.assert_allclose(reference.normal_quantiles(n), expected, rtol=1e-9, atol=1e-14)


def test_ends_are_medians(reference):
    for n in (1, 2, 7, 30):
        ends = stats.norm.ppf(stats.beta.median([1, n], [n, 1]))
        np.testing.assert_allclose(reference.normal_quantiles(n)[[0, -1]], ends, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("whole", [False, True])
def test_random_values(reference, rng, whole):
    for _ in range(200):
        x = rng.normal(size=rng.integers(2, 60)) * 10.0 ** rng.integers(-3, 4) + rng.normal(scale=10.0)
        assert_agree(reference.qq_points(np.rint(x) if whole else x), np.rint(x) if whole else x)


def test_edges(reference):
    for x in ([3.0, 1.0], [2.5] * 5, [0.0] * 2, [0.0, 3.0, 0.0]):
        assert_agree(reference.qq_points(np.array(x)), np.array(x))
    for x in ([], [1.0]):
        with pytest.raises(ValueError, match="two values"):
            reference.qq_points(np.array(x))


def standings(reference, draw, n):
    """Return in how many of 200 samples the smallest, the middle and the largest value are above the line; 20 runs."""
    t, shares = reference.normal_quantiles(n), []
    for seed in range(20):
        x = np.sort(draw(np.random.default_rng(seed), (200, n)), axis=1)
        mean = x.mean(axis=1, keepdims=True)
        above = x > mean + (x @ t / (t @ t))[:, None] * t
        shares.append(above[:, [0, n // 2, -1]].mean(axis=0))
    return np.transpose(shares)


def test_claims_of_shapes(reference):
    """The numbers of the first follow-up."""
    smallest, _, largest = standings(reference, lambda rng, size: rng.standard_t(3, size=size), 200)
    assert 0.91 <= min(1 - smallest) <= max(1 - smallest) <= 0.99
    assert 0.91 <= min(largest) <= max(largest) <= 0.99
    smallest, _, largest = standings(reference, lambda rng, size: rng.uniform(size=size), 200)
    assert smallest.min() == 1
    assert largest.max() == 0
    smallest, middle, largest = standings(reference, lambda rng, size: rng.exponential(size=size), 200)
    assert smallest.min() == largest.min() == 1
    assert middle.max() == 0
    few = 1 - standings(reference, lambda rng, size: rng.standard_t(3, size=size), 20)[0]
    assert 0.57 <= few.min() <= few.max() <= 0.67
    few = 1 - standings(reference, lambda rng, size: rng.normal(size=size), 20)[0]
    assert 0.4 <= few.min() <= few.max() <= 0.56


def test_claims_of_positions_and_correlation(reference):
    """The numbers of the second and the third follow-up."""
    t = reference.normal_quantiles(20)
    bounds = {t[-1]: (0.47, 0.54), stats.norm.ppf(19.5 / 20): (0.37, 0.43), stats.norm.ppf(20 / 21): (0.59, 0.66)}
    for seed in range(20):
        x = np.sort(np.random.default_rng(seed).normal(size=(1_000, 20)), axis=1)
        for quantile, (low, high) in bounds.items():
            assert low <= (x[:, -1] > quantile).mean() <= high
        correlation = x @ t / np.sqrt(20 * (t @ t)) / x.std(axis=1)
        assert 0.03 <= (correlation < 0.950).mean() <= 0.075


def test_claims_of_an_outlier(reference):
    """The numbers of the fourth follow-up."""

    def quartile_slope(x):
        return np.subtract(*np.quantile(x, [0.75, 0.25])) / np.subtract(*stats.norm.ppf([0.75, 0.25]))

    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=100)
        before = quartile_slope(x)
        x[0] = 10
        assert 1.05 <= reference.qq_points(x).slope <= 1.35
        assert 1.3 <= x.std(ddof=1) <= 1.5
        assert 0.7 <= quartile_slope(x) <= 1.3
        assert 0.7 <= before <= 1.3
        assert abs(quartile_slope(x) - before) <= 0.1


def peers(reference, rng):
    """Yield a plot of many values."""
    x = rng.standard_t(3, size=20_000)
    yield Peer("20,000 values", "probplot", lambda: reference.qq_points(x), lambda: stats.probplot(x))
