"""The reference beside scikit-learn and statsmodels, and the claims of the follow-ups."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from statsmodels.api import Logit

from tests.bench.peers import Peer
from tests.oracles.claims import within

CORNERS = np.repeat(np.vstack([np.zeros(4), np.eye(4)]), 2, axis=0)


def drawn(rng, n, n_features):
    """Return data that nothing separates: both classes stand at 0 and one step away from it along each feature."""
    X = rng.normal(scale=[1.0, 3.0, 0.3, 2.0], size=(n, 4)) + 0.5 * rng.normal(size=(n, 1))
    y = (rng.random(n) < expit(X @ rng.normal(size=4))).astype(int)
    return np.vstack([CORNERS, X])[:, :n_features] + rng.normal(size=n_features), np.append(np.tile([0, 1], 5), y)


def test_random(reference, rng):
    """scikit-learn's newton-cholesky solver ends at rounding, too."""
    for _ in range(40):
        X, y = drawn(rng, int(rng.integers(5, 60)), int(rng.integers(1, 5)))
        for alpha in (0.1, 1.0, 30.0):
            model = LogisticRegression(C=1 / alpha, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(X, y)
            fit = reference.fit_logistic(X, y, alpha)
            np.testing.assert_allclose(fit.coef, model.coef_[0], rtol=1e-9, atol=1e-10)
            np.testing.assert_allclose(fit.intercept, model.intercept_[0], rtol=1e-9, atol=1e-9)
            ours = reference.predict_proba(X, *fit)
            np.testing.assert_allclose(ours, model.predict_proba(X)[:, 1], rtol=1e-8, atol=1e-9)


def test_without_penalty(reference, rng):
    for _ in range(40):
        X, y = drawn(rng, int(rng.integers(5, 60)), int(rng.integers(1, 5)))
        theirs = Logit(y, np.column_stack([np.ones(len(X)), X])).fit(method="newton", maxiter=100, tol=1e-13, disp=0)
        intercept, coef = reference.fit_logistic(X, y, 0.0)
        np.testing.assert_allclose([intercept, *coef], theirs.params, rtol=1e-9, atol=1e-9)


def test_probabilities(reference, rng):
    X = np.concatenate([rng.normal(scale=30.0, size=(200, 1)), [[700.0], [-700.0], [1e6], [-1e6], [0.0]]])
    np.testing.assert_allclose(reference.predict_proba(X, 0.0, np.ones(1)), expit(X[:, 0]), rtol=1e-12)


def test_edges(reference, rng):
    X, y = drawn(rng, 12, 3)
    for labels in (np.zeros_like(y), np.ones_like(y)):
        with pytest.raises(ValueError, match="one class"):
            reference.fit_logistic(X, labels, 1.0)
    with pytest.raises(ValueError, match="negative"):
        reference.fit_logistic(X, y, -1.0)
    for _ in range(50):
        X = rng.normal(size=(20, 3))
        margin = X @ rng.normal(size=3)
        y = (margin > np.median(margin)).astype(int)
        with pytest.raises(ValueError, match="separates"):
            reference.fit_logistic(X, y, 0.0)
        assert np.isfinite(reference.fit_logistic(X, y, 1e-3).coef).all()
    wide = rng.normal(size=(8, 20))
    wide[:, 5], wide[:, 6] = wide[:, 4], 2.0
    y = np.tile([0, 1], 4)
    model = LogisticRegression(C=2.0, solver="newton-cholesky", tol=1e-12).fit(wide, y)
    np.testing.assert_allclose(reference.fit_logistic(wide, y, 0.5).coef, model.coef_[0], rtol=1e-9, atol=1e-10)


def labelled(rng, n, coef, intercept=0.0):
    X = rng.normal(size=(n, len(coef)))
    return X, (rng.random(n) < expit(intercept + X @ coef)).astype(int)


def steps(Z, y, newton):
    """Return how many steps it takes from 0 until no part of the gradient is 1e-6 or more."""
    theta, lr = np.zeros(Z.shape[1]), 4 / np.linalg.norm(Z, 2) ** 2
    for count in range(20_000):
        p = expit(Z @ theta)
        gradient = Z.T @ (p - y)
        if np.abs(gradient).max() < 1e-6:
            return count
        theta = theta - (np.linalg.solve((Z.T * (p * (1 - p))) @ Z, gradient) if newton else lr * gradient)
    return np.inf


def test_claims_of_solvers():
    """The numbers of the second follow-up."""

    def claim(rng):
        X, y = labelled(rng, 500, [1.0, 1.0])
        Z = np.column_stack([np.ones(500), X])
        return steps(Z, y, newton=False), steps(Z * [1, 1, 10], y, newton=False), steps(Z * [1, 1, 10], y, newton=True)

    within([26, 2_400, 4], [50, 4_500, 5], claim)


def test_claims_of_separation(reference):
    """The numbers of the third follow-up."""

    def claim(rng):
        X = rng.normal(size=(50, 2))
        y = (X.sum(axis=1) > 0).astype(int)
        return [np.linalg.norm(reference.fit_logistic(X, y, alpha).coef) for alpha in (1.0, 1e-2, 1e-4)]

    within([2.5, 12, 25], [3.3, 19, 120], claim)


def test_claims_of_coefficients(reference):
    """The numbers of the fourth follow-up."""

    def claim(rng):
        X, y = labelled(rng, 5_000, [1.0, 2.0])
        return reference.fit_logistic(X, y, 0.0).coef[0], reference.fit_logistic(X[:, :1], y, 0.0).coef[0]

    within([0.94, 0.55], [1.11, 0.7], claim)


def test_claims_of_dropped_negatives(reference):
    """The numbers of the fifth follow-up."""

    def claim(rng):
        X, y = labelled(rng, 30_000, [1.0, -0.5], -4.0)
        kept = (y == 1) | (rng.random(len(y)) < 0.1)
        whole, part = reference.fit_logistic(X, y, 0.0), reference.fit_logistic(X[kept], y[kept], 0.0)
        return 1 / y.mean(), part.intercept - whole.intercept, np.abs(part.coef - whole.coef).max()

    within([30, 2.24, 0], [35, 2.36, 0.1], claim)


def peers(reference, rng):
    """Yield a fit of many samples."""
    X, y = labelled(rng, 20_000, np.ones(10) / 3)
    model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10)
    ours, theirs = (lambda: reference.fit_logistic(X, y, 1.0)), (lambda: model.fit(X, y))
    yield Peer("20,000 x 10", "LogisticRegression(newton-cholesky)", ours, theirs)
