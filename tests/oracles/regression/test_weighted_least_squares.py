"""`weighted_least_squares` beside statsmodels and scikit-learn."""

import numpy as np
import pytest
from scipy import linalg
from sklearn.linear_model import LinearRegression
from statsmodels.api import GLS, OLS, WLS, Logit

from tests.bench.peers import Peer


def design(X):
    return np.column_stack([np.ones(len(X)), X])


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples)


def drawn_covariance(rng, n_samples):
    factor = rng.normal(size=(n_samples, n_samples // 2 + 1))
    return factor @ factor.T + np.diag(rng.uniform(0.5, 2.0, size=n_samples))


def assert_fit(fit, expected, rtol=1e-9):
    np.testing.assert_allclose([fit.intercept, *fit.coef], expected, rtol=rtol, atol=rtol)


def test_weighted(reference, rng):
    for _ in range(200):
        p = int(rng.integers(1, 7))
        X, y = drawn(rng, p + int(rng.integers(5, 40)), p)
        weights = np.exp(rng.normal(size=y.size))
        fit = reference.fit_weighted(X, y, weights)
        assert_fit(fit, WLS(y, design(X), weights=weights).fit().params)
        model = LinearRegression().fit(X, y, weights)
        assert_fit(fit, [model.intercept_, *model.coef_])


def test_weights_of_zero(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 20, 3)
        weights = rng.integers(0, 3, size=20).astype(float)
        if (weights > 0).sum() > 6:
            y[weights == 0] += 1e4
            rows = weights > 0
            expected = WLS(y[rows], design(X[rows]), weights=weights[rows]).fit().params
            assert_fit(reference.fit_weighted(X, y, weights), expected)


def test_gls(reference, rng):
    for _ in range(100):
        p = int(rng.integers(1, 5))
        X, y = drawn(rng, p + int(rng.integers(5, 25)), p)
        covariance = drawn_covariance(rng, y.size)
        fit = reference.fit_gls(X, y, covariance)
        # statsmodels whitens by the factor of the inverse: rounding grows with the condition number, up to about 1e3.
        assert_fit(fit, GLS(y, design(X), sigma=covariance).fit().params, rtol=1e-8)
        variances = rng.uniform(0.1, 5.0, size=y.size)
        assert_fit(reference.fit_gls(X, y, np.diag(variances)), GLS(y, design(X), sigma=variances).fit().params)


def test_gls_of_scipy(reference, rng):
    for n_samples in (8, 20):
        X, y = drawn(rng, n_samples, 2)
        covariance = drawn_covariance(rng, n_samples)
        precise = linalg.cho_solve(linalg.cho_factor(covariance), np.column_stack([design(X), y]))
        expected = linalg.solve(design(X).T @ precise[:, :-1], design(X).T @ precise[:, -1])
        assert_fit(reference.fit_gls(X, y, covariance), expected)


def test_bad_input(reference):
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 5.0])
    with pytest.raises(ValueError, match="negative"):
        reference.fit_weighted(X, y, np.array([1.0, 1.0, -1e-6]))
    for covariance in (-np.eye(3), np.diag([1.0, 0.0, 1.0]), np.ones((3, 3)), 2 * np.ones((3, 3)) - np.eye(3)):
        with pytest.raises(ValueError, match="positive definite"):
            reference.fit_gls(X, y, covariance)
        with pytest.raises(np.linalg.LinAlgError):
            linalg.cholesky(covariance)


def test_claims_of_weights(reference, rng):
    slopes = []
    for _ in range(2000):
        x = rng.uniform(1, 5, size=50)
        y = 1 + 2 * x + x * rng.normal(size=50)
        fits = [reference.fit_weighted(x[:, None], y, x**power) for power in (0.0, -2.0, -1.0, 2.0)]
        squares = (y - fits[0].intercept - x * fits[0].coef[0]) ** 2
        log = reference.fit_weighted(np.log(x)[:, None], np.log(squares), np.ones(50))
        fits += [reference.fit_weighted(x[:, None], y, weights) for weights in (x ** -log.coef[0], 1 / squares)]
        slopes.append([fit.coef[0] for fit in fits])
    np.testing.assert_allclose(np.std(slopes, axis=0), [0.42, 0.33, 0.35, 0.69, 0.35, 0.42], rtol=0.08)
    np.testing.assert_allclose(np.mean(slopes, axis=0), 2, atol=0.06)


def test_claims_of_kinds_of_weights(reference):
    X, y, weights = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 5.0]), np.array([3, 1, 1])
    assert_fit(reference.fit_weighted(X, y, 100 * weights), [0.875, 1.875])
    for factor in (1, 100):
        errors = WLS(y, design(X), weights=factor * weights).fit().bse
        np.testing.assert_allclose(errors, 0.484, atol=5e-4)
    errors = [OLS(np.repeat(y, k * weights), design(np.repeat(X, k * weights, axis=0))).fit().bse for k in (1, 100)]
    np.testing.assert_allclose(errors, [[0.280] * 2, [0.022] * 2], atol=5e-4)
    np.testing.assert_allclose(errors[0] / errors[1], np.sqrt(498 / 3))


def test_claims_of_time_series(reference, rng):
    covariance = 0.9 ** np.abs(np.subtract.outer(np.arange(100), np.arange(100)))
    slopes = []
    for _ in range(1000):
        error, x = rng.normal(size=(2, 100))
        white = x.copy()
        for series in (error, x):
            series[0] /= np.sqrt(1 - 0.9**2)
            for step in range(1, 100):
                series[step] += 0.9 * series[step - 1]
        for feature in (white, x, np.arange(100) / 100):
            y = 1 + feature + error
            slopes.append(reference.fit_weighted(feature[:, None], y, np.ones(100)).coef[0])
            slopes.append(reference.fit_gls(feature[:, None], y, covariance).coef[0])
    spread = np.std(np.reshape(slopes, (1000, 6)), axis=0)
    np.testing.assert_allclose(spread, [0.21, 0.075, 0.30, 0.10, 2.9, 2.6], rtol=0.12)


def test_claims_of_whitening(reference, rng):
    X, y = drawn(rng, 20, 2)
    table = np.column_stack([design(X), y])
    covariance = 0.9 ** np.abs(np.subtract.outer(np.arange(20), np.arange(20)))
    rows = np.vstack([np.sqrt(1 - 0.9**2) * table[:1], table[1:] - 0.9 * table[:-1]])
    assert_fit(reference.fit_gls(X, y, covariance), np.linalg.lstsq(rows[:, :-1], rows[:, -1])[0])
    covariance = np.kron(np.eye(4), np.eye(5) + 2)
    assert 1 - 1 / np.sqrt(11) == pytest.approx(0.698, abs=5e-4)
    means = np.repeat(table.reshape(4, 5, 4).mean(axis=1), 5, axis=0)
    rows = table - (1 - 1 / np.sqrt(11)) * means
    assert_fit(reference.fit_gls(X, y, covariance), np.linalg.lstsq(rows[:, :-1], rows[:, -1])[0])


def test_claim_of_logistic_regression(reference, rng):
    X = rng.normal(size=(200, 2))
    y = (rng.random(200) < 1 / (1 + np.exp(X[:, 1] - X[:, 0]))).astype(float)
    score = np.zeros(200)
    for _ in range(10):
        p = 1 / (1 + np.exp(-score))
        fit = reference.fit_weighted(X, score + (y - p) / (p * (1 - p)), p * (1 - p))
        score = fit.intercept + X @ fit.coef
    assert_fit(fit, Logit(y, design(X)).fit(disp=0, tol=1e-12).params, rtol=1e-6)


def peers(reference, rng):
    """Yield a tall weighted fit, and whitening for a middling covariance."""
    X, y = drawn(rng, 20_000, 20)
    weights = np.exp(rng.normal(size=20_000))
    ours = lambda: reference.fit_weighted(X, y, weights)  # noqa: E731 - as short as its peer
    yield Peer("fit_weighted, 20,000 x 20", "WLS.fit", ours, lambda: WLS(y, design(X), weights=weights).fit().params)
    few, target = drawn(rng, 500, 5)
    covariance = drawn_covariance(rng, 500)
    ours = lambda: reference.fit_gls(few, target, covariance)  # noqa: E731
    yield Peer("fit_gls, 500 x 5", "GLS.fit", ours, lambda: GLS(target, design(few), sigma=covariance).fit().params)
