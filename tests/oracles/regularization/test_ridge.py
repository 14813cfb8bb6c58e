"""`ridge` beside scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge

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
