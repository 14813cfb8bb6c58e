"""`accuracy_interval` beside statsmodels (Wilson) and SciPy's bootstrap with the same resamples."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from tests.bench.peers import Peer

# An end at 0 is 0 up to the last digit of the middle.
CLOSE = {"rtol": 1e-9, "atol": 1e-15}


def ratio(rows):
    return rows[:, 0].sum() / rows[:, 1].sum()


def simple(count, nobs):
    p = count / nobs
    reach = stats.norm.ppf(0.975) * math.sqrt(p * (1 - p) / nobs)
    return p - reach, p + reach


def coverage(interval, nobs, truth):
    """Return the probability that the interval contains the true proportion."""
    inside = [low <= truth <= high for low, high in (interval(count, nobs) for count in range(nobs + 1))]
    return stats.binom.pmf(np.arange(nobs + 1), nobs, truth) @ inside


def test_wilson(reference, rng):
    for _ in range(300):
        nobs = int(10 ** rng.uniform(0, 6))
        count, level = int(rng.integers(0, nobs + 1)), float(rng.uniform(0.01, 0.999))
        for k in (count, 0, nobs, min(1, nobs)):
            expected = proportion_confint(k, nobs, alpha=1 - level, method="wilson")
            np.testing.assert_allclose(reference.wilson_interval(k, nobs, level), expected, **CLOSE)


def test_wilson_by_scipy(reference):
    """Every count of a small number of trials, at the default level."""
    for nobs in range(1, 25):
        for count in range(nobs + 1):
            expected = stats.binomtest(count, nobs).proportion_ci(method="wilson")
            np.testing.assert_allclose(reference.wilson_interval(count, nobs), expected, **CLOSE)


@pytest.mark.parametrize("statistic", [np.mean, np.median, np.std, np.max])
def test_bootstrap(reference, rng, statistic):
    for _ in range(20):
        n, m, level, seed = int(rng.integers(2, 30)), int(rng.integers(2, 60)), float(rng.uniform(0.1, 0.99)), 7
        data = rng.normal(size=n).round(int(rng.integers(0, 4)))
        indices = np.random.default_rng(seed).integers(0, n, size=(m, n))
        theirs = stats.bootstrap(
            (data,),
            statistic,
            n_resamples=m,
            confidence_level=level,
            method="percentile",
            vectorized=False,
            rng=np.random.default_rng(seed),
        ).confidence_interval
        np.testing.assert_allclose(reference.bootstrap_interval(statistic, data, indices, level), theirs, **CLOSE)


@pytest.mark.parametrize("statistic", [np.mean, np.median, np.std, np.max])
def test_paired(reference, rng, statistic):
    for _ in range(20):
        n, m, level, seed = int(rng.integers(2, 30)), int(rng.integers(2, 60)), float(rng.uniform(0.1, 0.99)), 11
        a, b = rng.normal(size=(2, n))
        indices = np.random.default_rng(seed).integers(0, n, size=(m, n))
        theirs = stats.bootstrap(
            (a, b),
            lambda x, y: statistic(x) - statistic(y),
            n_resamples=m,
            confidence_level=level,
            method="percentile",
            vectorized=False,
            paired=True,
            rng=np.random.default_rng(seed),
        ).confidence_interval
        np.testing.assert_allclose(
            reference.paired_bootstrap_interval(statistic, a, b, indices, level), theirs, **CLOSE
        )


def test_tables(reference, rng):
    """Rows with two columns, against quantiles that are looked up by hand."""
    for _ in range(50):
        a, b = rng.uniform(1, 2, size=(2, 8, 2))
        indices, level = rng.integers(0, 8, size=(int(rng.integers(1, 40)), 8)), float(rng.uniform(0.1, 0.99))
        ratios = [np.array([ratio(data[rows]) for rows in indices]) for data in (a, b)]
        for ours, values in [
            (reference.bootstrap_interval(ratio, a, indices, level), ratios[0]),
            (reference.paired_bootstrap_interval(ratio, a, b, indices, level), ratios[0] - ratios[1]),
        ]:
            expected = stats.scoreatpercentile(values, [50 - 50 * level, 50 + 50 * level])
            np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)  # values near 0 are differences


def test_bad_input(reference):
    for count, nobs in [(0, 0), (11, 10), (-1, 10), (0, -1)]:
        with pytest.raises(ValueError, match="no proportion"):
            reference.wilson_interval(count, nobs)
    data, indices = np.arange(3.0), np.zeros((2, 3), dtype=int)
    for level in (0.0, 1.0, -0.5, 95.0, np.nan):
        for function, arguments in [
            (reference.wilson_interval, (3, 10)),
            (reference.bootstrap_interval, (np.mean, data, indices)),
            (reference.paired_bootstrap_interval, (np.mean, data, data, indices)),
        ]:
            with pytest.raises(ValueError, match="level"):
                function(*arguments, level)
    with pytest.raises(ValueError, match="no resample"):
        reference.bootstrap_interval(np.mean, data, indices[:0])
    with pytest.raises(ValueError, match="no pairs"):
        reference.paired_bootstrap_interval(np.mean, data, data[:2], indices)


def test_integers(reference):
    """Small integer types do not wrap around."""
    a, b = np.array([0, 3, 100], dtype=np.uint8), np.array([100, 5, 1], dtype=np.uint8)
    indices = np.repeat(np.arange(3, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
    np.testing.assert_allclose(reference.paired_bootstrap_interval(np.max, a, b, indices, 0.5), [-51, 48.5])


def test_claims_of_two_models(reference):
    """The numbers of the first follow-up."""
    for count, expected in [(910, (0.891, 0.926)), (925, (0.907, 0.940))]:
        np.testing.assert_allclose(reference.wilson_interval(count, 1000), expected, atol=5e-4)
    assert stats.binomtest(10, 35).pvalue == pytest.approx(0.017, abs=5e-4)
    assert stats.binomtest(100, 215).pvalue == pytest.approx(0.34, abs=5e-3)
    a, b = np.repeat([[1.0, 1, 0, 0], [1, 0, 1, 0]], [900, 10, 25, 65], axis=1)
    assert (a.sum(), b.sum()) == (910, 925)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        indices, others = rng.integers(0, 1000, size=(2, 2000, 1000))
        low, high = reference.paired_bootstrap_interval(np.mean, b, a, indices)
        assert 0 < low == pytest.approx(0.004, abs=2e-3)
        assert high == pytest.approx(0.027, abs=2e-3)
        low, high = np.quantile(b[indices].mean(axis=1) - a[others].mean(axis=1), [0.025, 0.975])
        assert low < 0 < high


def test_claims_of_coverage(reference):
    """The numbers of the second follow-up."""
    for nobs, truth, expected in [(20, 0.95, (0.64, 0.92)), (100, 0.99, (0.63, 0.92))]:
        found = [coverage(interval, nobs, truth) for interval in (simple, reference.wilson_interval)]
        np.testing.assert_allclose(found, expected, atol=5e-3)
    z2 = stats.norm.ppf(0.975) ** 2
    assert reference.wilson_interval(0, 50).high == pytest.approx(z2 / (50 + z2))


def test_claims_of_failures(reference):
    """The numbers of the third follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        interval = reference.bootstrap_interval(np.max, rng.random(100), rng.integers(0, 100, size=(500, 100)))
        assert interval.high < 1
    np.testing.assert_allclose(1 - (1 - 1 / 100) ** 100, 0.63, atol=5e-3)
    covered = 0
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        right = (rng.random(10) < 0.9).astype(float)
        means = right[rng.integers(0, 10, size=(1000, 10))].mean(axis=1)
        low, high = np.quantile(means, [0.025, 0.975])
        covered += low <= 0.9 <= high
    assert 0.65 < covered / 1000 < 0.70
    assert coverage(reference.wilson_interval, 10, 0.9) == pytest.approx(0.93, abs=5e-3)


def test_claims_of_users(reference):
    """The numbers of the fourth follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        users = np.repeat(rng.random(200) < 0.8, 10).astype(float)
        rows = reference.bootstrap_interval(np.mean, users, rng.integers(0, 2000, size=(1000, 2000)))
        whole = reference.bootstrap_interval(np.mean, users.reshape(200, 10), rng.integers(0, 200, size=(1000, 200)))
        assert 2.99 < (whole.high - whole.low) / (rows.high - rows.low) < 3.5


def test_claims_of_sizes(reference):
    """The numbers of the fifth follow-up."""
    right = np.repeat([1.0, 0.0], [442, 58])
    for m, expected in [(100, (0.848, 0.865)), (10_000, (0.854, 0.856))]:
        ends = []
        for seed in range(200):
            # The number of right ones in a resample is binomial.
            means = np.random.default_rng(seed).binomial(500, right.mean(), size=m) / 500
            ends.append(np.quantile(means, 0.025))
        np.testing.assert_allclose([min(ends), max(ends)], expected, atol=6e-4)
    assert stats.norm.ppf(0.975) ** 2 / 4 / 0.01**2 == pytest.approx(9604, abs=1)
    np.testing.assert_allclose(reference.wilson_interval(4802, 9604), [0.490, 0.510], atol=5e-4)


def peers(reference, rng):
    """Yield 1,000 resamples of 1,000 rows."""
    data, indices = rng.normal(size=1000), rng.integers(0, 1000, size=(1000, 1000))
    yield Peer(
        "median, 1,000 resamples of 1,000 rows",
        "bootstrap(vectorized=False)",
        lambda: reference.bootstrap_interval(np.median, data, indices),
        lambda: stats.bootstrap(
            (data,), np.median, n_resamples=1000, method="percentile", vectorized=False, rng=np.random.default_rng(0)
        ),
    )
