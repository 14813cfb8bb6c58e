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
    for t in [0.0, 1e-9, *np.linspace(0.0, 2.0, 20_001)]:
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


def test_empty_samples(reference):
    for ours, theirs in [([], [1.0, 2.0]), ([1.0, 2.0], [])]:
        with pytest.raises(ValueError):
            reference.ks_statistic(np.array(ours), np.array(theirs))


@pytest.mark.parametrize(("statistic", "n", "m"), [(-0.1, 5, 5), (1.1, 5, 5), (0.5, 0, 5), (0.5, 5, 0), (0.5, -5, -5)])
def test_bad_statistics_and_sizes(reference, statistic, n, m):
    with pytest.raises(ValueError):
        reference.ks_pvalue(statistic, n, m)


def both(reference, ours, theirs):
    statistic = reference.ks_statistic(ours, theirs)
    return statistic, reference.ks_pvalue(statistic, len(ours), len(theirs))


def rejected(reference, draw, runs, seed):
    """Return the share of runs in which p is below 0.05."""
    rng = np.random.default_rng(seed)
    return np.mean([both(reference, *draw(rng))[1] < 0.05 for _ in range(runs)])


def test_claim_concept_shift_is_not_seen(reference, rng):
    ours, theirs = rng.normal(size=(2, 1000))
    assert both(reference, ours, theirs)[0] < 0.1
    assert ((ours > 0) != (ours < 0)).all()


def test_claim_small_shift_and_many_rows(reference):
    small = [both(reference, *_shifted(np.random.default_rng(seed), 1000)) for seed in range(20)]
    assert min(small)[0] > 0.02
    assert max(small)[0] < 0.07
    assert 0.033 < np.median([statistic for statistic, _ in small]) < 0.043
    assert 0.01 < min(p for _, p in small) < 0.1
    assert max(p for _, p in small) > 0.8
    for seed in range(3):
        statistic, p = both(reference, *_shifted(np.random.default_rng(seed), 1_000_000))
        assert 0.0034 < statistic < 0.0056
        assert p < 1e-4


def _shifted(rng, n):
    return rng.normal(size=n), rng.normal(0.01, size=n)


def _autoregressive(rng):
    series = np.zeros((2, 550))
    for i in range(1, 550):
        series[:, i] = 0.9 * series[:, i - 1] + rng.normal(size=2)
    return series[:, 50:]


def _outliers(rng):
    ours, theirs = rng.normal(size=(2, 500))
    theirs[:5] *= 100
    return ours, theirs


@pytest.mark.parametrize(
    ("draw", "runs", "low", "high"),
    [
        (lambda rng: rng.normal(size=(2, 1000)), 800, 0.03, 0.065),
        (lambda rng: rng.integers(0, 2, size=(2, 200)), 800, 0.001, 0.015),
        (_autoregressive, 150, 0.62, 0.86),
        (lambda rng: (rng.normal(size=500), rng.normal(0.2, size=500)), 400, 0.70, 0.86),
        (lambda rng: (rng.normal(size=500), rng.normal(0, 1.2, size=500)), 400, 0.24, 0.40),
        (_outliers, 800, 0.03, 0.07),
    ],
    ids=["no change", "ties", "dependence", "shift", "spread", "tails"],
)
def test_claim_rejections(reference, draw, runs, low, high):
    for seed in range(3):
        assert low < rejected(reference, draw, runs, seed) < high


def test_claim_small_samples(reference):
    for shift, exact, limit_ in [(5.5, 0.052, 0.055), (4.5, 0.168, 0.164)]:
        found = stats.ks_2samp(np.arange(10.0), np.arange(10.0) + shift, method="exact")
        assert found.pvalue == pytest.approx(exact, abs=5e-4)
        assert reference.ks_pvalue(found.statistic, 10, 10) == pytest.approx(limit_, abs=5e-4)


def test_claim_roc(reference, rng):
    ours, theirs = rng.normal(size=80), rng.normal(0.5, size=60)
    gaps = [abs((ours >= t).mean() - (theirs >= t).mean()) for t in [*ours, *theirs]]
    assert reference.ks_statistic(ours, theirs) == pytest.approx(max(gaps))


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
