"""`ridge` beside scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, LinearRegression, Ridge

from tests.bench.peers import Peer


def assert_agrees(reference, X, y, alpha, rtol=1e-9):
    fit = reference.fit_ridge(X, y, alpha)
    model = Ridge(alpha=alpha, solver="svd").fit(X, y)
    np.testing.assert_allclose(fit.coef, model.coef_, rtol=rtol, atol=rtol * np.abs(model.coef_).max())
    np.testing.assert_allclose(fit.intercept, model.intercept_, rtol=rtol, atol=rtol * np.abs(y).max())


@pytest.mark.parametrize("alpha", [1e-3, 0.5, 10.0, 1e4])
def test_random_data(reference, rng, alpha):
    for _ in range(50):
        shape = int(rng.integers(2, 30)), int(rng.integers(1, 12))
        X = rng.normal(rng.normal(scale=5.0, size=shape[1]), 1.0, size=shape)
        assert_agrees(reference, X, rng.normal(3.0, 2.0, size=shape[0]), alpha)


@pytest.mark.parametrize("alpha", [0.5, 10.0])
def test_dependent_columns(reference, rng, alpha):
    for _ in range(30):
        X = rng.normal(size=(20, 3))
        X = np.column_stack([X, X @ rng.normal(size=(3, 2)), X[:, 0], np.full(20, 3.0)])
        assert_agrees(reference, X, rng.normal(size=20), alpha)


@pytest.mark.parametrize("solver", ["cholesky", "sag", "lsqr"])
def test_other_solvers(reference, rng, solver):
    """To the digits that an iteration stops at."""
    X, y = rng.normal(2.0, 1.0, size=(40, 5)), rng.normal(size=40)
    model = Ridge(alpha=3.0, solver=solver, tol=1e-12, max_iter=100_000).fit(X, y)
    np.testing.assert_allclose(reference.fit_ridge(X, y, 3.0).coef, model.coef_, rtol=1e-6, atol=1e-9)


def test_without_penalty(reference, rng):
    """At alpha 0 beside least squares, dependent columns and few samples included."""
    for shape in [(20, 4), (5, 9)]:
        X, y = rng.normal(1.0, 1.0, size=shape), rng.normal(size=shape[0])
        X[:, -1] = 1.0 - X[:, 0] / 3
        fit, model = reference.fit_ridge(X, y, 0.0), LinearRegression(tol=1e-10).fit(X, y)
        np.testing.assert_allclose(fit.coef, model.coef_, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(fit.intercept, model.intercept_, rtol=1e-9, atol=1e-9)


def test_whole_numbers(reference, rng):
    assert_agrees(reference, rng.integers(-9, 9, size=(15, 3)), rng.integers(-9, 9, size=15), 2)


def test_negative_alpha(reference):
    for fit in (reference.fit_ridge, lambda X, y, alpha: Ridge(alpha=alpha).fit(X, y)):
        with pytest.raises(ValueError):
            fit(np.eye(3), np.ones(3), -1.0)


def test_claim_no_zeros_and_units(reference):
    """Over 20 seeds: no zero at alpha 1e6; 100 becomes 0.7 to 1.4, and in units of 0.01, 1 becomes 0.8 to 1.2."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(100, 10))
        y = X[:, :3] @ [3.0, -2.0, 1.0] + rng.normal(size=100)
        assert (reference.fit_ridge(X, y, 1e6).coef != 0).all()
        zeros = (Lasso(alpha=0.3, tol=1e-10).fit(X, y).coef_ == 0).sum()
        assert 6 <= zeros <= 7
        x = 0.01 * rng.normal(size=(100, 1))
        y = 100 * x[:, 0] + rng.normal(size=100)
        assert 0.6 < reference.fit_ridge(x, y, 1.0).coef[0] < 1.5
        assert 0.7 < reference.fit_ridge(100 * x, y, 1.0).coef[0] < 1.25


def test_claim_weight_decay(reference, rng):
    X, y = rng.normal(size=(50, 3)), rng.normal(size=50)
    X, y, weights = X - X.mean(axis=0), y - y.mean(), np.zeros(3)
    for _ in range(5_000):
        weights = weights - 0.1 * (X.T @ (X @ weights - y) / 50 + 0.1 * weights)
    np.testing.assert_allclose(weights, reference.fit_ridge(X, y, 5.0).coef, rtol=1e-9, atol=1e-12)


def test_claim_leaving_one_out(reference, rng):
    X, y, alpha = rng.normal(1.0, 1.0, size=(30, 4)), rng.normal(size=30), 2.0
    centred = X - X.mean(axis=0)
    hat = centred @ np.linalg.solve(centred.T @ centred + alpha * np.eye(4), centred.T) + 1 / 30
    fit = reference.fit_ridge(X, y, alpha)
    errors = (y - fit.intercept - X @ fit.coef) / (1 - np.diag(hat))
    for i in range(30):
        without = reference.fit_ridge(np.delete(X, i, axis=0), np.delete(y, i), alpha)
        np.testing.assert_allclose(y[i] - without.intercept - X[i] @ without.coef, errors[i], rtol=1e-11, atol=1e-11)


def test_claim_prior(reference, rng):
    """With coef from N(0, 1) and noise of variance 4, the error over 300 draws is smallest near alpha 4."""
    alphas, errors = (0.0, 1.0, 4.0, 16.0), np.zeros(4)
    for _ in range(300):
        X, coef = rng.normal(size=(30, 20)), rng.normal(size=20)
        y = X @ coef + 2 * rng.normal(size=30)
        errors += [((reference.fit_ridge(X, y, alpha).coef - coef) ** 2).sum() for alpha in alphas]
    assert errors.argmin() == 2
    assert errors[0] > 1.5 * errors[2]


def peers(reference, rng):
    """Yield the fit of a tall table, by scikit-learn's own choice of solver and by the one that is as accurate."""
    X, y = rng.normal(size=(20_000, 30)), rng.normal(size=20_000)
    for solver in ("svd", "auto"):
        model = Ridge(alpha=1.0, solver=solver)
        yield Peer(
            "20,000 x 30",
            f"Ridge(solver={solver!r}).fit",
            lambda: reference.fit_ridge(X, y, 1.0),
            lambda model=model: model.fit(X, y),
            "Cholesky of X'X there, which loses half of the digits.",
        )
