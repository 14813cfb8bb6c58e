"""The reference beside SciPy, and the claims of the follow-ups."""

import numpy as np
import pytest
from scipy import stats

from tests.bench.peers import Peer


def assert_agree(reference, x, rtol=1e-9):
    np.testing.assert_allclose(reference.skewness(x), stats.skew(x), rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(reference.kurtosis(x), stats.kurtosis(x, fisher=False), rtol=rtol)
    expected = stats.jarque_bera(x)
    np.testing.assert_allclose(reference.jarque_bera(x).statistic, expected.statistic, rtol=rtol, atol=1e-12)
    # An error of the statistic counts by the statistic's size in the logarithm of the p-value.
    slack = rtol * (1 + expected.statistic)
    np.testing.assert_allclose(reference.jarque_bera(x).pvalue, expected.pvalue, rtol=slack, atol=1e-300)


def test_random_samples(reference, rng):
    for _ in range(100):
        n = int(rng.integers(2, 200))
        for x in (rng.normal(5.0, 3.0, size=n), rng.exponential(size=n), rng.standard_t(3, size=n)):
            assert_agree(reference, x)
            assert_agree(reference, x * 1e-6)


def test_whole_numbers(reference, rng):
    for kind in (int, np.int8, np.uint8):
        for _ in range(20):
            whole = np.append(rng.integers(0, 120, size=12), [0, 119])
            assert_agree(reference, whole.astype(kind).astype(float))
            assert reference.jarque_bera(whole.astype(kind)) == reference.jarque_bera(whole.astype(float))


def test_origin(reference, rng):
    """A million standard deviations from 0 the input itself has ten digits."""
    for _ in range(20):
        x = np.rint(100 * rng.exponential(size=20))
        np.testing.assert_allclose(reference.skewness(x + 1e8), stats.skew(x), rtol=1e-6)
        np.testing.assert_allclose(reference.kurtosis(x + 1e8), stats.kurtosis(x, fisher=False), rtol=1e-6)


def test_constant(reference):
    for function in (reference.skewness, reference.kurtosis, reference.jarque_bera):
        for value in (0.0, 7.0, 0.1, 1e6 / 7):
            for n in range(1, 15):
                with pytest.raises(ValueError, match="equal"):
                    function(np.full(n, value))


def rejected(draw, n_runs=1_000):
    """Return the lowest and the highest share of rejections at 5 %, of 20 seeds."""
    shares = []
    for seed in range(20):
        statistics = stats.jarque_bera(draw(np.random.default_rng(seed), n_runs), axis=1).statistic
        shares.append((statistics > 5.991).mean())
    return min(shares), max(shares)


def unequal(rng, n_runs):
    x = rng.normal(size=(n_runs, 200))
    return np.exp(x / 2) * rng.normal(size=x.shape)


def correlated(rng, n_runs):
    values = rng.normal(size=(n_runs, 200))
    for i in range(1, 200):
        values[:, i] += 0.9 * values[:, i - 1]
    return values


def residuals(n_features):
    def draw(rng, n_runs):
        runs = []
        for _ in range(n_runs):
            basis = np.linalg.qr(np.column_stack([np.ones(40), rng.normal(size=(40, n_features))]))[0]
            errors = rng.exponential(size=40)
            runs.append(errors - basis @ (basis.T @ errors))
        return np.array(runs)

    return draw


@pytest.mark.parametrize(
    ("draw", "n_runs", "low", "high"),
    [
        (unequal, 200, 0.93, 0.99),
        (correlated, 1_000, 0.26, 0.34),
        (residuals(0), 200, 0.81, 0.92),
        (residuals(20), 200, 0.16, 0.27),
        (lambda rng, n: rng.uniform(size=(n, 30)), 1_000, 0.0, 0.002),
        (lambda rng, n: rng.exponential(size=(n, 30)), 1_000, 0.69, 0.76),
        (lambda rng, n: rng.normal(size=(n, 20)), 1_000, 0.013, 0.037),
        (lambda rng, n: rng.standard_t(30, size=(n, 10_000)), 200, 0.94, 1.0),
        (lambda rng, n: rng.standard_t(30, size=(n, 100)), 200, 0.05, 0.16),
        (lambda rng, n: rng.choice([-1.0, 0, 0, 0, 0, 1], size=(n, 200)), 1_000, 0.0, 0.022),
    ],
    ids=["unequal", "correlated", "from the mean", "20 features", "uniform", "exponential", "normal", "t", "t100", "3"],
)
def test_claims_of_rejections(draw, n_runs, low, high):
    lowest, highest = rejected(draw, n_runs)
    assert low <= lowest <= highest <= high


def test_claim_slopes():
    """The t test of a slope of 0 under exponential errors."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, errors = rng.normal(size=(1_000, 20)), rng.exponential(size=(1_000, 20))
        x, errors = x - x.mean(axis=1, keepdims=True), errors - errors.mean(axis=1, keepdims=True)
        squares = (x**2).sum(axis=1)
        slope = (x * errors).sum(axis=1) / squares
        rest = ((errors - slope[:, None] * x) ** 2).sum(axis=1)
        t = slope / np.sqrt(rest / 18 / squares)
        assert 0.038 <= (abs(t) > stats.t.ppf(0.975, 18)).mean() <= 0.07


def test_claim_interval():
    """The exponential distribution has the mean 1 and the standard deviation 1."""
    assert stats.expon.sf(1 + 1.96) == pytest.approx(0.052, abs=0.0005)
    assert stats.expon.cdf(1 - 1.96) == 0


def test_claims_of_moments(reference, rng):
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=100)
        assert reference.jarque_bera(x).statistic <= 9
        x[0] = 6
        assert reference.jarque_bera(x).statistic >= 89
    x = rng.exponential(size=30)
    assert reference.kurtosis(x) >= 1 + reference.skewness(x) ** 2
    assert reference.kurtosis(x) == pytest.approx(1 + (stats.zscore(x) ** 2).var())


def peers(reference, rng):
    """Yield the test on a large sample."""
    x = rng.normal(size=1_000_000)
    yield Peer("1,000,000", "jarque_bera", lambda: reference.jarque_bera(x), lambda: stats.jarque_bera(x))
