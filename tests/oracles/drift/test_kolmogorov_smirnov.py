"""The statistic beside SciPy's `ks_2samp`, and the p-value beside SciPy's `kolmogorov`, the limiting tail."""

import math

import numpy as np
import pytest
from scipy import special, stats

from tests.bench.peers import Peer

# SciPy's own p-value of very small samples divides by a size rounded to 0; that value is not looked at here.
pytestmark = pytest.mark.filterwarnings("ignore:divide by zero")

CLOSE = {"rtol": 1e-9, "atol": 1e-15}


def assert_agrees(reference, ours, theirs):
    expected = stats.ks_2samp(ours, theirs, method="asymp").statistic
    np.testing.assert_allclose(reference.ks_statistic(ours, theirs), expected, **CLOSE)


def limit(statistic, n, m):
    return special.kolmogorov(statistic * math.sqrt(n * m / (n + m)))


def test_random_samples(reference, rng):
    for _ in range(300):
        n, m = rng.integers(1, 60, size=2)
        ours, theirs = rng.normal(size=n), rng.normal(rng.normal(), 10.0 ** rng.integers(-2, 2), size=m)
        assert_agrees(reference, ours, theirs)
        pooled = np.concatenate([ours, theirs])
        assert_agrees(reference, rng.choice(pooled, size=n), rng.choice(pooled, size=m))


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64, np.float32, np.float64])
@pytest.mark.parametrize("other_kind", [np.int64, np.float64])
def test_kinds(reference, rng, kind, other_kind):
    for _ in range(20):
        assert_agrees(
            reference, rng.integers(0, 9, size=12).astype(kind), rng.integers(0, 9, size=7).astype(other_kind)
        )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([5.0], [5.0]),
        ([5.0], [6.0]),
        ([0.0], [-0.0]),
        ([1.0, 1.0, 2.0], [1.0, 2.0, 2.0]),
        ([7.0, 2.0], [2.0, 2.0, 7.0, 7.0]),
        ([1.0, 2.0, 3.0], [9.0]),
        ([1.0, 1.0 + 2.0**-52], [1.0 + 2.0**-52, 1.0 + 2.0**-51]),
        ([-1e308, 5e-324, 1e308], [-1.7e308, 0.0, 1.7e308]),
    ],
)
def test_edges(reference, ours, theirs):
    assert_agrees(reference, np.array(ours), np.array(theirs))


def test_many_values(reference, rng):
    ours, theirs = rng.normal(size=100_000), rng.normal(0.01, size=150_000)
    assert_agrees(reference, ours, theirs)
    assert_agrees(reference, ours.round(2), theirs.round(2))


def test_pvalues(reference, rng):
    for _ in range(2_000):
        n, m = (int(size) for size in 10 ** rng.uniform(0, 5, size=2))
        statistic = float(rng.choice([rng.uniform(), 10 ** rng.uniform(-6, 0)]))
        expected = limit(statistic, n, m)
        # Far out, the exponent itself carries as many rounding errors as it is large.
        np.testing.assert_allclose(reference.ks_pvalue(statistic, n, m), expected, rtol=1e-9, atol=1e-300)


def test_small_statistics(reference):
    for t in [0.0, 5e-324, 1e-300, 1e-9, *np.linspace(0.0, 2.0, 20_001)]:
        p = reference.ks_pvalue(t / 20, 800, 800)
        np.testing.assert_allclose(p, special.kolmogorov(t), rtol=1e-9)
        assert 0 <= p <= 1


def test_tail(reference):
    for t in np.linspace(2.0, 18.0, 500):
        np.testing.assert_allclose(reference.ks_pvalue(t / 20, 800, 800), special.kolmogorov(t), rtol=1e-9)


def test_limit_of_the_finite_distribution(reference, rng):
    """SciPy's own p-value is that of one sample of n * m / (n + m) values: the same in the limit alone.

    For finitely many it differs by something of the order of 1 / sqrt(n * m / (n + m)), hence the tolerances.
    """
    for n, tolerance in [(100, 0.2), (10_000, 0.02), (1_000_000, 0.002)]:
        for t in rng.uniform(0.5, 1.5, size=20):
            statistic = t / math.sqrt(n / 2)
            finite = stats.kstwo.sf(statistic, round(n / 2))
            assert reference.ks_pvalue(statistic, n, n) == pytest.approx(finite, rel=tolerance)
    ours, theirs = rng.normal(size=20_000), rng.normal(size=20_000)
    expected = stats.ks_2samp(ours, theirs, method="asymp")
    assert reference.ks_pvalue(expected.statistic, 20_000, 20_000) == pytest.approx(expected.pvalue, rel=0.05)


@pytest.mark.parametrize("bad", [[], [1.0, math.nan], [1.0, math.inf], [-math.inf, 1.0]])
def test_bad_samples(reference, bad):
    for ours, theirs in [(bad, [1.0, 2.0]), ([1.0, 2.0], bad)]:
        with pytest.raises(ValueError):
            reference.ks_statistic(np.array(ours), np.array(theirs))


@pytest.mark.parametrize(
    ("statistic", "n", "m"), [(-0.1, 5, 5), (1.1, 5, 5), (math.nan, 5, 5), (0.5, 0, 5), (0.5, 5, 0), (0.5, -5, -5)]
)
def test_bad_statistics_and_sizes(reference, statistic, n, m):
    with pytest.raises(ValueError):
        reference.ks_pvalue(statistic, n, m)


def peers(reference, rng):
    """Yield the statistic of two large samples; SciPy's function has the p-value with it."""
    ours, theirs = rng.normal(size=(2, 100_000))
    yield Peer(
        "100,000 values in each sample",
        'ks_2samp(method="asymp")',
        lambda: reference.ks_pvalue(reference.ks_statistic(ours, theirs), 100_000, 100_000),
        lambda: stats.ks_2samp(ours, theirs, method="asymp"),
        "One sort more here.",
    )
