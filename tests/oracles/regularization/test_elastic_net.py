"""The reference beside scikit-learn, its conditions of optimality, and the claims of the follow-ups."""

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet, ElasticNetCV, Lasso, LinearRegression, Ridge

from tests.bench.peers import Peer
from tests.oracles.claims import within


def draw(rng, n_samples, n_features):
    X = rng.normal(rng.normal(scale=3.0, size=n_features), 1.0, size=(n_samples, n_features))
    X = X + 0.5 * rng.normal(size=(n_samples, 1))
    return X, 3.0 + X @ (rng.normal(size=n_features) * (rng.random(n_features) < 0.5)) + rng.normal(size=n_samples)


def library(X, y, alpha, l1_ratio):
    return ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=1e-14, max_iter=100_000).fit(X, y)


def assert_conditions(fit, X, y, alpha, l1_ratio, tol):
    residuals = y - fit.intercept - X @ fit.coef
    np.testing.assert_allclose(residuals.mean(), 0.0, atol=1e-11)
    g = X.T @ residuals / len(X) - alpha * (1 - l1_ratio) * fit.coef
    zero = fit.coef == 0
    assert (np.abs(g[zero]) <= alpha * l1_ratio + tol).all()
    np.testing.assert_allclose(g[~zero], alpha * l1_ratio * np.sign(fit.coef[~zero]), rtol=0.0, atol=tol)


@pytest.mark.parametrize("l1_ratio", [0.1, 0.5, 0.9, 1.0])
def test_random_data(reference, rng, l1_ratio):
    """To 1e-7: both iterate, scikit-learn until its duality gap is 1e-14 of the mean square of y."""
    for alpha in (0.01, 0.1, 0.5):
        for _ in range(10):
            X, y = draw(rng, 40, int(rng.integers(1, 9)))
            fit, model = reference.fit_elastic_net(X, y, alpha, l1_ratio, tol=1e-12), library(X, y, alpha, l1_ratio)
            np.testing.assert_allclose(fit.coef, model.coef_, rtol=1e-7, atol=1e-7)
            np.testing.assert_allclose(fit.intercept, model.intercept_, rtol=1e-7, atol=1e-6)
            assert_conditions(fit, X, y, alpha, l1_ratio, 1e-11)


def test_ends(reference, rng):
    X, y = draw(rng, 40, 4)
    fit = reference.fit_elastic_net(X, y, 0.3, 1.0, 1e-12)
    np.testing.assert_allclose(fit.coef, Lasso(0.3, tol=1e-14, max_iter=100_000).fit(X, y).coef_, rtol=1e-7, atol=1e-7)
    fit = reference.fit_elastic_net(X, y, 0.3, 0.0, 1e-12)
    np.testing.assert_allclose(fit.coef, Ridge(40 * 0.3).fit(X, y).coef_, rtol=1e-7, atol=1e-9)
    fit = reference.fit_elastic_net(X, y, 0.0, 0.5, 1e-12)
    np.testing.assert_allclose(fit.coef, LinearRegression().fit(X, y).coef_, rtol=1e-7, atol=1e-9)


def test_edges(reference, rng):
    """Copies, constants, more features than samples, integers, few samples and bad arguments."""
    X, y = draw(rng, 30, 4)
    for odd in (np.column_stack([X, X[:, 0]]), np.column_stack([np.full(30, 0.1), X]), X[:, :2].round()):
        fit, model = reference.fit_elastic_net(odd, y, 0.2, 0.5, 1e-12), library(odd, y, 0.2, 0.5)
        np.testing.assert_allclose(fit.coef, model.coef_, rtol=1e-7, atol=1e-7)
    for shape in [(6, 15), (12, 12), (2, 3)]:
        wide = draw(rng, *shape)
        assert_conditions(reference.fit_elastic_net(*wide, 0.3, 0.5, 1e-10), *wide, 0.3, 0.5, 1e-9)
        assert_conditions(reference.fit_elastic_net(*wide, 0.3, 1.0, 1e-10), *wide, 0.3, 1.0, 1e-9)
    whole = np.rint(10 * X).astype(np.int8), np.rint(10 * y).astype(np.int8)
    fit, model = (
        reference.fit_elastic_net(*whole, 2.0, 0.5, 1e-10),
        library(*(a.astype(float) for a in whole), 2.0, 0.5),
    )
    np.testing.assert_allclose(fit.coef, model.coef_, rtol=1e-7, atol=1e-7)
    one = reference.fit_elastic_net(X[:1], y[:1], 0.1)
    assert (one.intercept, one.coef.tolist()) == (y[0], [0.0] * 4)
    for alpha, l1_ratio in [(-1.0, 0.5), (1.0, -0.1), (1.0, 1.1)]:
        with pytest.raises(ValueError, match="l1_ratio"):
            reference.fit_elastic_net(X, y, alpha, l1_ratio)
    for l1_ratio in (0.0, -1.0, 1.5):
        with pytest.raises(ValueError, match="l1_ratio"):
            reference.alpha_max(X, y, l1_ratio)


@pytest.mark.parametrize("l1_ratio", [0.05, 0.5, 1.0])
def test_alpha_max(reference, rng, l1_ratio):
    for _ in range(10):
        X, y = draw(rng, int(rng.integers(10, 40)), int(rng.integers(1, 9)))
        first = reference.alpha_max(X, y, l1_ratio)
        path = ElasticNetCV(l1_ratio=l1_ratio, alphas=3, eps=0.5, cv=2).fit(X, y).alphas_
        np.testing.assert_allclose(first, path.max(), rtol=1e-9)
        assert not library(X, y, 1.0001 * first, l1_ratio).coef_.any()
        assert library(X, y, 0.9999 * first, l1_ratio).coef_.any()


def fitted(X, y, alpha, l1_ratio):
    """Fit by scikit-learn for speed, which `test_random_data` holds the reference against."""
    return ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=1e-9, max_iter=100_000).fit(X, y).coef_


def test_claims_of_near_copies():
    """The numbers of the first follow-up."""

    def claim(rng):
        a = rng.normal(size=(200, 1))
        X = a + 0.1 * rng.normal(size=(200, 2))
        y = 2 * a[:, 0] + rng.normal(size=200)
        draws = [rng.integers(200, size=200) for _ in range(100)]
        coefs = np.array([[fitted(X[rows], y[rows], 0.1, ratio) for ratio in (1.0, 0.9, 0.5)] for rows in draws])
        return *coefs.std(axis=0)[:, 0], *(coefs == 0).any(axis=2).mean(axis=0)[[0, 2]]

    within([0.28, 0.19, 0.06, 0.04, 0.0], [0.6, 0.34, 0.13, 0.57, 0.0], claim)


def test_claims_of_both_parts():
    """The numbers of the second follow-up."""

    def claim(rng):
        X = rng.normal(size=(100, 10))
        y = X[:, :3] @ [3.0, -2.0, 1.0] + rng.normal(size=100)
        coefs = np.array([fitted(X, y, 0.3, ratio) for ratio in (1.0, 0.5, 0.1)])
        return *np.count_nonzero(coefs, axis=1), *coefs[:2, 0]

    within([3, 3, 6, 2.4, 2.1], [4, 7, 10, 3.0, 2.75], claim)


def test_claims_of_units(reference):
    """The numbers of the third follow-up."""

    def claim(rng):
        X = rng.normal(size=(100, 2))
        y = X.sum(axis=1) + rng.normal(size=100)
        return [reference.fit_elastic_net(X * [1, unit], y, 0.3).coef[1] * unit for unit in (0.001, 1000)]

    within([0.0, 0.8], [0.0, 1.25], claim)


def test_claims_of_few_samples():
    """The numbers of the fifth follow-up."""

    def claim(rng):
        X = rng.normal(size=(20, 60))
        y = X[:, :5].sum(axis=1) + rng.normal(size=20)
        return [np.count_nonzero(fitted(X, y, 0.1, ratio)) for ratio in (1.0, 0.5, 0.1)]

    within([10, 18, 41], [19, 30, 56], claim)


def peers(reference, rng):
    """Yield a fit at the tolerance that is scikit-learn's default."""
    X = rng.normal(size=(2_000, 50))
    y = X[:, :10] @ rng.normal(size=10) + rng.normal(size=2_000)
    model = ElasticNet(alpha=0.1)
    ours, theirs = (lambda: reference.fit_elastic_net(X, y, 0.1, 0.5, 1e-4)), (lambda: model.fit(X, y))
    yield Peer("2,000 x 50", "ElasticNet.fit", ours, theirs, "The loop over features is compiled there.")
