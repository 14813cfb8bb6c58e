"""`partial_regression` beside statsmodels, which takes the intercept as a column."""

import numpy as np
import pytest
from statsmodels.api import OLS

from tests.bench.peers import Peer


def fit(y, *columns):
    return OLS(y, np.column_stack([np.ones(len(y)), *columns])).fit()


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples)


def assert_agrees(reference, X, y, feature, redundant=()):
    result = reference.partial_regression(np.column_stack([X, *redundant]), y, feature)
    others = np.delete(X, feature, axis=1)
    np.testing.assert_allclose(result.x_residual, fit(X[:, feature], others).resid, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(result.y_residual, fit(y, others).resid, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(result.slope, fit(y, X).params[feature + 1], rtol=1e-9, atol=1e-10)


def test_random_data(reference, rng):
    for _ in range(200):
        p = int(rng.integers(1, 7))
        X, y = drawn(rng, p + int(rng.integers(5, 40)), p)
        assert_agrees(reference, X, y, int(rng.integers(p)))


def test_redundant_others(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 20, 4)
        redundant = X[:, 0] - 2 * X[:, 3], X[:, 3], X[:, 0] + 5, np.full(20, 0.1)
        for feature in (1, 2):
            assert_agrees(reference, X, y, feature, redundant)


def test_whole_numbers(reference, rng):
    for _ in range(50):
        assert_agrees(reference, rng.integers(-9, 10, size=(15, 3)), rng.integers(-9, 10, size=15), 1)


def test_special_y(reference, rng):
    X = drawn(rng, 12, 3)[0]
    for target in (np.full(12, 7.0), X[:, 0].copy(), X[:, 1].copy(), X @ [1.0, 2.0, 3.0]):
        assert_agrees(reference, X, target, 1)


def test_undetermined_slope(reference, rng):
    X, y = drawn(rng, 12, 3)
    for extra in (X[:, 0], X[:, 1] - 3 * X[:, 2], np.full(12, 0.1)):
        design = np.column_stack([X, extra])
        assert np.linalg.matrix_rank(np.column_stack([np.ones(12), design])) == 4
        with pytest.raises(ValueError, match=r"constant|explain"):
            reference.partial_regression(design, y, 3)
    for n_samples in (1, 2, 3):
        with pytest.raises(ValueError, match=r"constant|explain"):
            reference.partial_regression(X[:n_samples], y[:n_samples], 2)


EXAMPLE = (
    np.array([[1.0, 3.0], [2.0, 1.0], [3.0, 4.0], [4.0, 7.0], [5.0, 5.0]]),
    np.array([2.0, 1.0, 6.0, 8.0, 3.0]),
)


def test_claims_of_the_example(reference):
    """The numbers of the first and the third follow-up."""
    X, y = EXAMPLE
    result = reference.partial_regression(X, y, 0)
    assert result.slope == pytest.approx(-0.4)
    assert reference.partial_regression(X, y, 1).slope == pytest.approx(1.3)
    assert fit(y, X[:, 0]).params[1] == pytest.approx(0.9)
    assert fit(X[:, 1], X[:, 0]).params[1] == pytest.approx(1.0)
    assert fit(X[:, 0], X[:, 1]).rsquared == pytest.approx(0.5)
    assert fit(result.y_residual, X[:, 0]).params[1] == pytest.approx(-0.2)
    assert fit(y, result.x_residual).params[1] == pytest.approx(-0.4)


def test_claims_of_two_plots(reference):
    r_squared = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a = rng.uniform(0, 3, size=200)
        b = a + 0.3 * rng.normal(size=200)
        y = a**2 + b + 0.3 * rng.normal(size=200)
        x_residual, y_residual, slope = reference.partial_regression(np.column_stack([a, b]), y, 0)
        parabola = []
        for x, target in [(x_residual, y_residual), (a, y_residual - slope * x_residual + slope * a)]:
            parabola.append(1 - fit(target, x, x**2).ssr / fit(target, x).ssr)
        assert parabola[0] < 0.07
        assert parabola[1] > 0.8
        rng = np.random.default_rng(seed)
        a = rng.normal(size=100)
        b = a + 0.3 * rng.normal(size=100)
        y = 0.3 * a + b + rng.normal(size=100)
        x_residual, y_residual, slope = reference.partial_regression(np.column_stack([a, b]), y, 0)
        partial = y_residual - slope * x_residual + slope * a
        r_squared.append([fit(partial, a).rsquared, fit(y_residual, x_residual).rsquared])
    np.testing.assert_allclose(np.median(r_squared, axis=0), [0.07, 0.01], atol=0.02)


def test_claims_of_standard_errors(reference, rng):
    X, y = drawn(rng, 20, 10)
    x_residual, y_residual, _ = reference.partial_regression(X, y, 4)
    full, small = fit(y, X), fit(y_residual, x_residual)
    np.testing.assert_allclose(full.bse[5] / small.bse[1], np.sqrt(18 / 9))
    assert np.sqrt(18 / 9) == pytest.approx(1.41, abs=0.005)
    np.testing.assert_allclose(full.get_robustcov_results("HC0").bse[5], small.get_robustcov_results("HC0").bse[1])


def test_claim_of_shops(reference, rng):
    shop = np.repeat(np.arange(5), 20)
    x = shop + rng.normal(size=100)
    y = 2 * shop - x + rng.normal(size=100)
    less_means = [v - (np.bincount(shop, v) / 20)[shop] for v in (x, y)]
    slope = less_means[0] @ less_means[1] / (less_means[0] @ less_means[0])
    indicators = np.eye(5)[shop][:, 1:]
    np.testing.assert_allclose(reference.partial_regression(np.column_stack([x, indicators]), y, 0).slope, slope)


def test_claim_of_confounding(reference, rng):
    slopes = []
    for _ in range(200):
        w = rng.uniform(-2, 2, size=200)
        d = 2 * np.sin(2 * w) + rng.normal(size=200)
        y = d + 4 * np.sin(2 * w) + rng.normal(size=200)
        designs = [np.column_stack([d, np.vander(w, k + 1)[:, :k]]) for k in (0, 1, 7)]
        slopes.append([reference.partial_regression(design, y, 0).slope for design in designs])
    np.testing.assert_allclose(np.mean(slopes, axis=0), [2.28, 2.23, 1.0], atol=0.04)


def peers(reference, rng):
    """Yield one feature of a tall table."""
    X, y = drawn(rng, 20_000, 20)
    others = np.delete(X, 3, axis=1)
    yield Peer(
        "20,000 x 20",
        "OLS twice, .resid",
        lambda: reference.partial_regression(X, y, 3),
        lambda: (fit(X[:, 3], others).resid, fit(y, others).resid),
    )
