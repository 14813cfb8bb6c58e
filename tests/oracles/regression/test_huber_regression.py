"""The reference beside statsmodels, which takes the intercept as a column, and the claims of the follow-ups."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.linear_model import HuberRegressor, Ridge
from statsmodels.api import RLM, robust

from tests.bench.peers import Peer
from tests.oracles.claims import within


def library(X, y, delta=1.345, tol=1e-11, maxiter=3_000):
    """Return the coefficients and the scale; its MAD has 0.67449 where ours has 1 / 1.4826."""
    design = np.column_stack([np.ones(len(X)), X])
    change = 1.4826 * norm.ppf(0.75)
    model = RLM(y, design, M=robust.norms.HuberT(t=delta * change))
    fit = model.fit(scale_est="mad", conv="coefs", tol=tol, maxiter=maxiter)
    return np.append(fit.params, fit.scale * change)


def flat(fit):
    return np.array([fit.intercept, *fit.coef, fit.scale])


def drawn(rng, n, n_features):
    X = 3 + rng.normal(size=(n, n_features)) * np.arange(1, n_features + 1)
    y = 5 + X @ rng.normal(size=n_features) + rng.normal(size=n)
    y[::6] += rng.uniform(5, 50)
    return X, y


def test_random(reference):
    # Rare samples go round in a circle, so these are the same each time. Both stop near the end of their steps, and not
    # at the same distance from it.
    rng = np.random.default_rng(0)
    for _ in range(60):
        X, y = drawn(rng, int(rng.integers(30, 60)), int(rng.integers(1, 5)))
        delta = float(rng.choice([1.0, 1.345, 1.6]))
        np.testing.assert_allclose(flat(reference.fit_huber(X, y, delta)), library(X, y, delta), rtol=1e-6, atol=1e-6)


def test_edges(reference, rng):
    # Least squares, if delta is large.
    X, y = drawn(rng, 40, 2)
    np.testing.assert_allclose(flat(reference.fit_huber(X, y, 100.0)), library(X, y, 100.0), rtol=1e-9)
    # A residual that tends to 0, and hundreds of steps.
    X, y = np.arange(8.0)[:, None], np.array([7.0, 5.0, 2.0, 7.0, -6.0, 15.0, 9.0, 12.0])
    np.testing.assert_allclose(flat(reference.fit_huber(X, y, 0.3)), library(X, y, 0.3), rtol=1e-7)
    whole = np.rint(10 * y).astype(np.int8)
    ours = flat(reference.fit_huber(X.astype(np.int8), whole))
    np.testing.assert_allclose(ours, library(X, whole.astype(float)), rtol=1e-7)
    # A scale of 0: the exact fit.
    np.testing.assert_allclose(flat(reference.fit_huber(X, 1 + 2 * X[:, 0])), [1, 2, 0], atol=1e-12)
    np.testing.assert_allclose(flat(reference.fit_huber(X, np.zeros(8))), [0, 0, 0], atol=0)
    for delta in (0.0, -1.0):
        with pytest.raises(ValueError, match="positive"):
            reference.fit_huber(X, y, delta)


def slopes(x, y, delta=1.345):
    """Return the slopes and intercepts of the rows by least squares and by Huber, all rows at once."""
    weights, found = np.ones_like(y), []
    for step in range(60):
        total = weights.sum(axis=1, keepdims=True)
        means = [(weights * values).sum(axis=1, keepdims=True) / total for values in (x, y)]
        a, b = x - means[0], y - means[1]
        slope = (weights * a * b).sum(axis=1, keepdims=True) / (weights * a * a).sum(axis=1, keepdims=True)
        if step in (0, 59):
            found.append((slope[:, 0], (means[1] - slope * means[0])[:, 0]))
        size = abs(b - slope * a)
        cap = delta * 1.4826 * np.median(size, axis=1, keepdims=True)
        weights = cap / np.maximum(size, cap)
    return found


def test_helper(reference, rng):
    x, y = rng.normal(size=(3, 60)), rng.laplace(size=(3, 60))
    ours = [reference.fit_huber(a[:, None], b).coef[0] for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(slopes(x, y)[1][0], ours, rtol=1e-3, atol=1e-3)


def test_claims_of_outliers():
    """The numbers of the first follow-up."""

    def tenfold(rng):
        x = np.sort(rng.uniform(0, 10, size=(200, 100)), axis=1)
        y = 1 + 2 * x + rng.normal(size=x.shape)
        y[:, -5:] *= 10
        ridge = [Ridge(alpha=100).fit(a[:, None], b).coef_[0] for a, b in zip(x[:40], y[:40], strict=True)]
        (plain, _), (huber, _) = slopes(x, y)
        return plain.mean(), np.mean(ridge), huber.mean()

    within([7.1, 6.3, 2.05], [7.4, 6.7, 2.07], tenfold)

    def shares(rng):
        found = []
        for k in (40, 80, 160):
            x = rng.uniform(0, 10, size=(1, 400))
            y = 1 + 2 * x + rng.normal(size=x.shape)
            y[0, :k] += 100
            slope, intercept = slopes(x, y)[1]
            found.append(intercept[0] + 5 * slope[0] - 11)
        return found

    within([0.05, 0.4, 39], [0.3, 0.75, 41], shares)


def test_claims_of_leverage():
    """The numbers of the second follow-up."""

    def claim(rng):
        x = rng.uniform(0, 10, size=(100, 100))
        y = 1 + 2 * x + rng.normal(size=x.shape)
        x[:, 0], y[:, 0] = 1000, 0
        (plain, _), (huber, _) = slopes(x, y)
        return plain.mean(), huber.mean()

    within([-0.011, -0.011], [-0.008, -0.008], claim)


def test_claims_of_scale(reference):
    """The numbers of the third follow-up."""

    def claim(rng):
        x = rng.normal(size=(200, 1))
        y = x[:, 0] + rng.standard_t(2, size=200)
        theirs = HuberRegressor(epsilon=1.345, alpha=0, tol=1e-8, max_iter=1000).fit(x, y)
        return theirs.scale_, reference.fit_huber(x, y).scale

    within([0.6, 0.9], [0.95, 1.45], claim)


def test_claims_of_delta():
    """The numbers of the fourth follow-up."""

    def claim(rng):
        found = []
        for draw in (rng.normal, rng.laplace, lambda size: rng.standard_t(2, size=size)):
            (plain, _), (huber, _) = slopes(rng.normal(size=(2_000, 50)), draw(size=(2_000, 50)))
            found.append(plain.var() / huber.var())
        return found

    within([0.92, 1.28, 3], [0.99, 1.4, 99], claim)


def test_claims_of_skewness():
    """The numbers of the last follow-up."""

    def claim(rng):
        x = rng.uniform(0, 10, size=(1, 5_000))
        (slope, level), (robust_slope, robust_level) = slopes(x, 1 + 2 * x + rng.exponential(5, size=x.shape))
        return level[0] + 5 * slope[0], robust_level[0] + 5 * robust_slope[0], robust_slope[0]

    within([15.8, 15.15, 1.95], [16.15, 15.45, 2.05], claim)


def peers(reference, rng):
    """Yield the fit of a long table."""
    X, y = drawn(rng, 20_000, 5)
    ours, theirs = (lambda: reference.fit_huber(X, y)), (lambda: library(X, y, tol=1e-9))
    yield Peer("20,000 x 5", "RLM(M=HuberT())", ours, theirs)
