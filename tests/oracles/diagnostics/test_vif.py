"""The reference beside statsmodels, which regresses one feature at a time and takes the intercept as a column."""

import numpy as np
import pytest
from statsmodels.api import OLS
from statsmodels.stats.outliers_influence import variance_inflation_factor

from tests.bench.peers import Peer

pytestmark = pytest.mark.filterwarnings("ignore:The design matrix is poorly conditioned")


def statsmodels_vif(X):
    design = np.column_stack([np.ones(len(X)), X])
    return np.array([variance_inflation_factor(design, j) for j in range(1, design.shape[1])])


def assert_agree(actual, expected):
    """Compare to 1e-9, but where statsmodels takes an R2 near 1 from 1: that costs it as many digits as the VIF has."""
    for have, want in zip(actual, expected, strict=True):
        assert have == pytest.approx(want, rel=1e-9 + 1e-14 * want)


def correlated(rng, n_samples, n_features):
    common = rng.normal(size=(n_samples, 1)) * rng.uniform(0.0, 3.0, size=n_features)
    return common + rng.normal(size=(n_samples, n_features))


def test_random_designs(reference, rng):
    for _ in range(200):
        n_features = int(rng.integers(1, 9))
        X = correlated(rng, n_features + int(rng.integers(2, 30)), n_features)
        assert_agree(reference.vif(X), statsmodels_vif(X))


def test_whole_numbers(reference, rng):
    for _ in range(20):
        X = rng.integers(-9, 10, size=(20, 3)) + rng.integers(-9, 10, size=(20, 1))
        assert_agree(reference.vif(X), statsmodels_vif(X))


def test_units_and_origins(reference, rng):
    for _ in range(100):
        X = correlated(rng, 15, 4)
        expected = statsmodels_vif(X)
        np.testing.assert_allclose(reference.vif(X * 10.0 ** rng.integers(-12, 13, size=4)), expected, rtol=1e-9)
        # A million spreads from zero, the input itself keeps no more than ten digits of the spread.
        np.testing.assert_allclose(reference.vif(X + 1e6 * rng.normal(size=4)), expected, rtol=1e-7)


def test_near_copies(reference, rng):
    for distance in 10.0 ** np.arange(-4, 0):
        X = correlated(rng, 12, 3)
        X[:, 2] = X[:, 0] + distance * X[:, 2]
        assert_agree(reference.vif(X), statsmodels_vif(X))


def test_copies_below_the_threshold(reference, rng):
    X = correlated(rng, 12, 3)
    X[:, 2] = X[:, 0] + 1e-7 * X[:, 2]
    assert np.isinf(reference.vif(X)).tolist() == [True, False, True]
    assert min(statsmodels_vif(X)[[0, 2]]) > 1e10


def test_exact_dependence(reference, rng):
    for _ in range(100):
        X = correlated(rng, 15, 4)
        shares = rng.normal(size=2)
        dependent = np.column_stack([X, X[:, :2] @ shares - 3.0])
        factors = reference.vif(dependent)
        assert np.isinf(factors[[0, 1, 4]]).all()
        assert_agree(factors[2:4], statsmodels_vif(X)[2:4])


def test_dependence_up_to_rounding(reference, rng):
    for _ in range(100):
        X = correlated(rng, 15, 4) + 1e6 * rng.normal(size=4)
        factors = reference.vif(np.column_stack([X, X[:, 0] + X[:, 1]]))
        assert np.isinf(factors[[0, 1, 4]]).all()
        # Rounded to ten digits of the spread, as all input so far from zero is.
        np.testing.assert_allclose(factors[2:4], statsmodels_vif(X - X.mean(axis=0))[2:4], rtol=1e-7)


def test_every_level_has_an_indicator(reference, rng):
    for n_levels in (2, 3, 6):
        levels = np.eye(n_levels)[rng.permutation(np.arange(30) % n_levels)]
        X = correlated(rng, 30, 2)
        factors = reference.vif(np.column_stack([levels, X]))
        assert np.isinf(factors[:n_levels]).all()
        assert_agree(factors[n_levels:], statsmodels_vif(np.column_stack([levels[:, 1:], X]))[-2:])


def test_too_few_samples(reference, rng):
    for n_samples, n_features in [(2, 2), (2, 5), (5, 5), (5, 9)]:
        assert np.isinf(reference.vif(correlated(rng, n_samples, n_features))).all()


def test_constant_column(reference, rng):
    for n_samples in range(1, 40):
        for value in (0.0, 0.1, -1 / 3, 1e-9, 1e6 / 7):
            X = np.column_stack([rng.normal(size=n_samples), np.full(n_samples, value)])
            with pytest.raises(ValueError):
                reference.vif(X)


def test_claim_coefficients_and_their_sum(rng):
    """Over 200 draws: each coefficient varies by about 1.0, the sum by 0.1."""
    coefs = []
    for _ in range(200):
        a = rng.normal(size=100)
        b = a + 0.1 * rng.normal(size=100)
        coefs.append(np.linalg.lstsq(np.column_stack([np.ones(100), a, b]), a + b + rng.normal(size=100))[0][1:])
    first, second = np.array(coefs).T
    np.testing.assert_allclose([first.std(), second.std(), (first + second).std()], [1.0, 1.0, 0.1], rtol=0.25)


def test_claim_windows(reference):
    for n_samples, low, high in [(20, 1.9, 2.4), (200, 1.04, 1.06)]:
        for seed in range(5):
            rng = np.random.default_rng(seed)
            mean = np.mean([reference.vif(rng.normal(size=(n_samples, 10))) for _ in range(20)])
            assert low < mean < high


def test_claim_sum_of_five(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(1_000, 5))
        X = np.column_stack([X, X.sum(axis=1) + 0.3 * rng.normal(size=1_000)])
        factors, correlations = reference.vif(X), np.corrcoef(X.T)[5, :5]
        assert 0.36 < min(correlations) < max(correlations) < 0.54
        assert 46 < factors[5] < 68
        assert 9.5 < min(factors[:5]) < max(factors[:5]) < 15


def test_claim_centring_a_square(reference):
    x = np.arange(10.0, 21.0)
    c = x - 15
    np.testing.assert_allclose(reference.vif(np.column_stack([x, x**2])), [116.4, 116.4], rtol=1e-3)
    np.testing.assert_allclose(reference.vif(np.column_stack([c, c**2])), [1.0, 1.0])
    np.testing.assert_allclose(reference.vif(np.column_stack([c, c**2, c**3])), [6.64, 1.0, 6.64], rtol=1e-3)


def test_claim_centring_an_interaction(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a, b = rng.normal(5, 1, size=500), rng.normal(10, 2, size=500)
        y = a + b + 0.5 * a * b + rng.normal(size=500)
        raw = np.column_stack([a, b, a * b])
        centred = np.column_stack([a - a.mean(), b - b.mean(), (a - a.mean()) * (b - b.mean())])
        before, after = reference.vif(raw), reference.vif(centred)
        assert np.all(before > [20, 22, 40])
        assert np.all(before < [32, 32, 62])
        assert max(after) < 1.02
        old, new = (OLS(y, np.column_stack([np.ones(500), X])).fit() for X in (raw, centred))
        np.testing.assert_allclose(old.fittedvalues, new.fittedvalues, rtol=1e-9)
        np.testing.assert_allclose([old.params[3], old.bse[3]], [new.params[3], new.bse[3]], rtol=1e-7)
        assert 0.4 < old.params[1] < 1.4
        assert 5.8 < new.params[1] < 6.2
        assert 0.19 < old.bse[1] < 0.28
        assert 0.04 < new.bse[1] < 0.06
        at_mean = np.array([0, 1, 0, b.mean()])
        slope, error = at_mean @ old.params, np.sqrt(at_mean @ old.cov_params() @ at_mean)
        np.testing.assert_allclose([slope, error], [new.params[1], new.bse[1]], rtol=1e-7)


def test_claim_f_and_t():
    p_values = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a = rng.normal(size=100)
        b = a + 0.05 * rng.normal(size=100)
        fit = OLS(0.3 * (a + b) + rng.normal(size=100), np.column_stack([np.ones(100), a, b])).fit()
        assert fit.f_pvalue < 0.01
        p_values.append(fit.pvalues[1:])
    np.testing.assert_allclose(np.median(p_values, axis=0), 0.4, atol=0.2)


def peers(reference, rng):
    """Yield the factors of a middling design."""
    X = correlated(rng, 5_000, 20)
    yield Peer("5,000 x 20", "variance_inflation_factor", lambda: reference.vif(X), lambda: statsmodels_vif(X))
