"""Poisson regression beside statsmodels and scikit-learn, and the claims of the follow-ups."""

import numpy as np
import pytest
from sklearn.metrics import mean_poisson_deviance
from statsmodels.api import GLM, add_constant
from statsmodels.genmod.families import Poisson

from tests.bench.peers import Peer
from tests.oracles.claims import within


def library(X, y):
    return GLM(y, add_constant(X, has_constant="add"), family=Poisson()).fit(tol=1e-14, maxiter=200)


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1)) / 2
    y = rng.poisson(np.exp(1 + X @ rng.normal(size=n_features) / np.sqrt(n_features)))
    # With enough positive counts, the minimum exists.
    return X + rng.normal(size=n_features), (y + (np.arange(n_samples) < n_features + 3)).astype(float)


def assert_fit(fit, X, y, rtol=1e-9):
    expected = library(X, y)
    np.testing.assert_allclose([fit.intercept, *fit.coef], expected.params, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(fit.deviance, expected.deviance, rtol=rtol, atol=1e-9)


def test_random(reference, rng):
    for _ in range(200):
        n_features = int(rng.integers(1, 6))
        X, y = drawn(rng, n_features + int(rng.integers(8, 40)), n_features)
        assert_fit(reference.fit_poisson(X, y), X, y)
        mu = np.exp(rng.normal(size=y.size))
        ours = reference.poisson_deviance(y, mu)
        np.testing.assert_allclose(ours, y.size * mean_poisson_deviance(y, mu), rtol=1e-9)
        np.testing.assert_allclose(ours, Poisson().deviance(y, mu), rtol=1e-9)


def test_edges(reference, rng):
    X, y = drawn(rng, 12, 3)
    for counts in (y + 0.25, 1e3 * y, y * 1e-3, np.full(12, 7.0), np.where(np.arange(12) < 7, y, 0)):
        assert_fit(reference.fit_poisson(X, counts), X, counts)
    whole = np.rint(5 * X).astype(np.int8), y.astype(np.uint8)
    assert_fit(reference.fit_poisson(*whole), *(one.astype(float) for one in whole))
    met = reference.fit_poisson(X[:4], y[:4])
    np.testing.assert_allclose(np.exp(met.intercept + X[:4] @ met.coef), y[:4], rtol=1e-6)
    np.testing.assert_allclose(met.deviance, 0, atol=1e-9)
    moved = reference.fit_poisson(X + 1e6, y)
    np.testing.assert_allclose(moved.coef, reference.fit_poisson(X, y).coef, rtol=1e-7, atol=1e-7)
    one = (np.arange(1_000) == 17) * 1.0
    fit = reference.fit_poisson(one[:, None], np.where(one, 1e6, 1.0))
    np.testing.assert_allclose([fit.intercept, *fit.coef], [0, np.log(1e6)], atol=1e-9)
    for counts in (-y, 0 * y, np.append(y[1:], -1)):
        with pytest.raises(ValueError, match="negative"):
            reference.fit_poisson(X, counts)


def test_claims_of_logarithms(reference):
    """The numbers of the first follow-up."""

    def slopes(rng):
        x = rng.uniform(0, 2, size=300)
        y = rng.poisson(np.exp(x - 1)).astype(float)
        logs = [np.polyfit(x, np.log(y + constant), 1)[0] for constant in (1, 0.1)]
        return *logs, reference.fit_poisson(x[:, None], y).coef[0]

    within([0.47, 1.14, 0.975], [0.49, 1.2, 1.02], lambda rng: np.mean([slopes(rng) for _ in range(100)], axis=0))


def test_claims_of_variance(reference):
    """The numbers of the second follow-up."""

    def ratios(rng):
        x = rng.normal(size=200)
        y = rng.poisson(np.e * rng.gamma(2, 0.5, size=200)).astype(float)
        fit = reference.fit_poisson(x[:, None], y)
        mu, design = np.exp(fit.intercept + fit.coef[0] * x), add_constant(x)
        plain = np.linalg.inv((design.T * mu) @ design)
        pearson = ((y - mu) ** 2 / mu).sum() / 198
        robust = plain @ ((design.T * (y - mu) ** 2) @ design) @ plain
        variances = np.array([plain[1, 1], pearson * plain[1, 1], robust[1, 1]])
        return *(abs(fit.coef[0]) > 1.96 * np.sqrt(variances)), pearson

    def claim(rng):
        return np.mean([ratios(rng) for _ in range(300)], axis=0)

    within([0.145, 0.02, 0.02, 2.305], [0.235, 0.085, 0.085, 2.375], claim)

    def deviances(rng):
        found = []
        for mean in (1, 50):
            y = rng.poisson(mean, size=(2_000, 50)).astype(float)
            mu = y.mean(axis=1, keepdims=True)
            found.append((2 * (y * np.log(np.maximum(y, 1) / mu) - y + mu)).sum(axis=1).mean() / 49)
        return found

    within([1.13, 0.98], [1.17, 1.03], deviances)


def test_claims_of_exposure(reference):
    """The number of the third follow-up."""

    def coefficient(rng):
        x = (np.arange(1_000) < 500) * 1.0
        time = rng.uniform(size=1_000) + np.where(x == 1, 0, 0.5)
        return reference.fit_poisson(x[:, None], rng.poisson(time * np.exp(x / 2)).astype(float)).coef[0]

    within(-0.21, -0.18, lambda rng: np.mean([coefficient(rng) for _ in range(100)]))


def peers(reference, rng):
    """Yield the fit of many counts."""
    X, y = drawn(rng, 20_000, 5)
    yield Peer("20,000 x 5", "GLM(family=Poisson()).fit", lambda: reference.fit_poisson(X, y), lambda: library(X, y))
