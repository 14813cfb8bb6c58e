"""`gaussian_mixture` beside scikit-learn's GaussianMixture and SciPy's multivariate_normal."""

import warnings

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from tests.bench.peers import Peer


def draw(rng, n=30, d=2, k=3):
    """Return samples and a mixture to start from."""
    X = rng.normal(2.0, 1.0, size=(n, d)) + 2 * rng.integers(2, size=(n, 1))
    weights, roots = rng.dirichlet(np.full(k, 5.0)), rng.uniform(-0.4, 0.4, size=(k, d, d)) + np.eye(d)
    return X, (weights, rng.normal(2.0, 1.0, size=(k, d)), roots @ np.swapaxes(roots, 1, 2))


def model(weights, means, covariances, n_steps, reg_covar):
    """Return scikit-learn's model with this start; it takes precisions."""
    return GaussianMixture(
        len(weights),
        weights_init=weights,
        means_init=means,
        precisions_init=np.linalg.inv(covariances),
        max_iter=n_steps,
        tol=0.0,
        reg_covar=reg_covar,
    )


def fitted(X, mixture, n_steps, reg_covar):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model(*mixture, n_steps, reg_covar).fit(X)


def test_fit(reference, rng):
    """scikit-learn starts with an M half of its own only for what is not given."""
    for d, k in [(1, 2), (2, 3), (3, 2), (2, 1)]:
        for reg_covar in (1e-6, 0.2):
            X, mixture = draw(rng, d=d, k=k)
            n_steps = int(rng.integers(1, 6))
            ours, theirs = (
                reference.fit_mixture(X, *mixture, n_steps, reg_covar),
                fitted(X, mixture, n_steps, reg_covar),
            )
            if theirs.n_iter_ < n_steps:  # it stopped because nothing changed any more
                continue
            # It adds 10 eps to each n_k.
            np.testing.assert_allclose(ours.mixture.weights, theirs.weights_, rtol=1e-9)
            np.testing.assert_allclose(ours.mixture.means, theirs.means_, rtol=1e-8, atol=1e-10)
            np.testing.assert_allclose(ours.mixture.covariances, theirs.covariances_, rtol=1e-8, atol=1e-10)
            step = reference.e_step(X, *ours.mixture)
            assert step.log_likelihood == pytest.approx(theirs.score(X), rel=1e-9)
            np.testing.assert_allclose(step.responsibilities, theirs.predict_proba(X), rtol=1e-7, atol=1e-12)
            if n_steps > 1:
                before = fitted(X, mixture, n_steps - 1, reg_covar)
                assert ours.log_likelihoods[-1] == pytest.approx(before.score(X), rel=1e-9)


def test_e_step(reference, rng):
    for d, k in [(1, 1), (2, 4), (5, 2)]:
        X, mixture = draw(rng, d=d, k=k)
        X[0] = 80.0
        logs = [np.log(w) + multivariate_normal(m, c).logpdf(X) for w, m, c in zip(*mixture, strict=True)]
        step = reference.e_step(X, *mixture)
        assert step.log_likelihood == pytest.approx(logsumexp(logs, axis=0).mean(), rel=1e-9)
        np.testing.assert_allclose(
            step.responsibilities.T, np.exp(logs - logsumexp(logs, axis=0)), rtol=1e-8, atol=1e-12
        )


def test_many_dimensions(reference, rng):
    X, covariances = rng.normal(scale=0.03, size=(4, 200)), np.array([1e-3 * np.eye(200)] * 2)
    logs = [np.log(0.5) + multivariate_normal(m, c).logpdf(X) for m, c in zip(X[:2], covariances, strict=True)]
    step = reference.e_step(X, np.array([0.5, 0.5]), X[:2], covariances)
    assert step.log_likelihood == pytest.approx(logsumexp(logs, axis=0).mean(), rel=1e-9)


def test_m_step(reference, rng):
    X, shares = rng.normal(3.0, 1.0, size=(12, 3)), rng.dirichlet(np.ones(2), size=12)
    mixture = reference.m_step(X, shares, 0.1)
    for k in range(2):
        np.testing.assert_allclose(mixture.means[k], np.average(X, axis=0, weights=shares[:, k]), rtol=1e-12)
        covariance = np.cov(X.T, aweights=shares[:, k], ddof=0) + 0.1 * np.eye(3)
        np.testing.assert_allclose(mixture.covariances[k], covariance, rtol=1e-9)


def test_collapse(reference):
    X, shares = np.array([[0.0, 1.0], [2.0, 0.0], [9.0, 9.0]]), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_array_equal(reference.m_step(X, shares, 1e-6).covariances[1], 1e-6 * np.eye(2))


def test_not_positive_definite(reference):
    with pytest.raises(ValueError, match="positive definite"):
        reference.e_step(np.zeros((2, 2)), np.ones(1), np.zeros((1, 2)), np.array([[[1.0, 2.0], [2.0, 1.0]]]))


def test_claim_never_falls(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = np.repeat([[0.0, 0.0], [4.0, 0.0], [0.0, 5.0]], 20, axis=0) + rng.normal(size=(60, 2))
        fit = reference.fit_mixture(X, np.full(2, 0.5), X[[0, 45]], np.array([np.eye(2)] * 2), 50, 0.0)
        assert np.diff(fit.log_likelihoods).min() >= -1e-9


def test_claim_unbounded_likelihood(reference):
    for seed in range(20):
        X, values = np.random.default_rng(seed).normal(size=(30, 1)), []
        for power in (10, 12, 14, 16):
            covariances = np.array([[[1.0]], [[10.0**-power]]])
            means = np.array([[0.0], X[0]])
            values.append(reference.e_step(X, np.full(2, 0.5), means, covariances).log_likelihood)
        np.testing.assert_allclose(np.diff(values), np.log(10) / 30, rtol=0.02)


def test_claim_k_means(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        means = np.array([[0.0, 0.0], [4.0, 0.0]])
        X, unsure = means[rng.integers(2, size=100)] + rng.normal(size=(100, 2)), []
        for s in (0.01, 4.0):
            shares = reference.e_step(X, np.full(2, 0.5), means, np.array([s * np.eye(2)] * 2)).responsibilities
            unsure.append(((shares > 1e-3) & (shares < 1 - 1e-3)).any(axis=1).sum())
        assert unsure[0] <= 5
        assert unsure[1] >= 60


def peers(reference, rng):
    """Yield ten steps on a thousand samples."""
    X, mixture = draw(rng, 1_000, 4, 5)
    yield Peer(
        "1,000 samples, 4 features, 5 components, 10 steps",
        "GaussianMixture",
        lambda: reference.fit_mixture(X, *mixture, 10),
        lambda: fitted(X, mixture, 10, 1e-6),
    )
