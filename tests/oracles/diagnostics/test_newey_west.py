"""The reference beside statsmodels, which takes the intercept as a column, and the claims of the follow-ups."""

import numpy as np
import pytest
from statsmodels.api import OLS

from tests.bench.peers import Peer
from tests.oracles.claims import within


def library(X, y, n_lags):
    design = np.column_stack([np.ones(len(X)), X])
    return OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": n_lags, "use_correction": False}).bse


def drawn(rng, n, n_features):
    X = rng.normal(size=(n, n_features)).cumsum(axis=0) + rng.normal(size=(n, n_features))
    return X, 3 + X @ rng.normal(size=n_features) + autoregressive(rng, 0.7, n, 1)[0]


def test_random(reference, rng):
    for _ in range(200):
        n_features = int(rng.integers(1, 6))
        n = n_features + int(rng.integers(4, 40))
        X, y = drawn(rng, n, n_features)
        for n_lags in (0, 1, int(rng.integers(0, n)), n - 1):
            ours = reference.newey_west_standard_errors(X, y, n_lags)
            np.testing.assert_allclose(ours, library(X, y, n_lags), rtol=1e-9)


def test_edges(reference, rng):
    X, y = drawn(rng, 12, 3)
    fit = OLS(y, np.column_stack([np.ones(12), X])).fit()
    np.testing.assert_allclose(reference.newey_west_standard_errors(X, y, 0), fit.HC0_se, rtol=1e-9)
    whole = np.rint(5 * X).astype(np.int8), np.rint(5 * y).astype(np.int8)
    np.testing.assert_allclose(reference.newey_west_standard_errors(*whole, 3), library(*whole, 3), rtol=1e-9)
    # Features this far away keep about nine digits of their spread, and statsmodels is asked about the plain ones.
    moved = reference.newey_west_standard_errors(X + 1e6, y - 1e6, 3)
    np.testing.assert_allclose(moved[1:], library(X, y, 3)[1:], rtol=1e-6)
    assert not reference.newey_west_standard_errors(X, np.zeros(12), 3).any()
    for n in (3, 4):
        with pytest.raises(ValueError, match="too few"):
            reference.newey_west_standard_errors(X[:n], y[:n], 1)
    for n_lags in (-1, 12, 40):
        with pytest.raises(ValueError, match="lags"):
            reference.newey_west_standard_errors(X, y, n_lags)


def autoregressive(rng, rho, n=200, n_draws=1_000):
    e = rng.normal(size=(n_draws, n))
    e[:, 0] /= np.sqrt(1 - rho**2)
    for t in range(1, n):
        e[:, t] += rho * e[:, t - 1]
    return e


def fit(x, y, n_lags=0):
    """Return slopes, classical and Newey-West standard errors of the rows, with an intercept."""
    n = x.shape[1]
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    squares = (x**2).sum(axis=1)
    slope = (x * y).sum(axis=1) / squares
    e = y - slope[:, None] * x
    weights = [1, *(2 * (1 - k / (n_lags + 1)) for k in range(1, n_lags + 1))]
    return slope, np.sqrt((e**2).sum(axis=1) / (n - 2) / squares), np.sqrt(summed(x * e, weights)) / squares


def summed(u, weights):
    return sum(weight * (u[:, k:] * u[:, : u.shape[1] - k]).sum(axis=1) for k, weight in enumerate(weights))


def rejected(slope, error):
    return (abs(slope / error) > 1.96).mean()


def test_helper(reference, rng):
    x, y = rng.normal(size=(3, 20)), rng.normal(size=(3, 20))
    ours = [reference.newey_west_standard_errors(a[:, None], b, 4)[1] for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(fit(x, y, 4)[2], ours)


def test_claims_of_correlated_errors():
    """The numbers of the first follow-up."""

    def claim(rng):
        e = autoregressive(rng, 0.8)
        alike, white = fit(autoregressive(rng, 0.8), e), fit(rng.normal(size=e.shape), e)
        mean = e.mean(axis=1).std() / (e.std(axis=1, ddof=1) / np.sqrt(200)).mean()
        return rejected(*alike[:2]), rejected(*white[:2]), mean

    within([0.33, 0.03, 2.9], [0.39, 0.07, 3.2], claim)

    def opposite(rng):
        slope, classical, robust = fit(autoregressive(rng, 0.5), autoregressive(rng, -0.5), 5)
        return slope.std(), classical.mean(), robust.mean()

    within([0.052, 0.07, 0.055], [0.06, 0.073, 0.058], opposite)


def test_claims_of_lags():
    """The numbers of the second follow-up."""

    def claim(rng):
        x, e = autoregressive(rng, 0.8), autoregressive(rng, 0.8)
        return [rejected(*fit(x, e, n_lags)[::2]) for n_lags in (0, 4, 10, 20, 150)]

    within([0.33, 0.14, 0.105, 0.11, 0.29], [0.4, 0.195, 0.155, 0.17, 0.365], claim)

    def long(rng):
        x, e = autoregressive(rng, 0.8, 2_000, 300), autoregressive(rng, 0.8, 2_000, 300)
        return rejected(*fit(x, e, 25)[::2])

    within(0.025, 0.115, long)
    assert int(4 * (200 / 100) ** (2 / 9)) == 4


def test_claims_of_weights():
    """The numbers of the third follow-up."""

    def claim(rng):
        x, y = rng.normal(size=(2, 1_000, 30))
        x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
        e = y - ((x * y).sum(axis=1) / (x**2).sum(axis=1))[:, None] * x
        return (summed(x * e, [1] + [2] * 8) < 0).mean()

    within(0.145, 0.205, claim)


def test_claims_of_other_ways():
    """The numbers of the fourth follow-up."""

    def transformed(rng):
        x, e = rng.normal(size=(1_000, 200)), autoregressive(rng, 0.8)
        return fit(x, e)[0].std(), fit(x[:, 1:] - 0.8 * x[:, :-1], e[:, 1:] - 0.8 * e[:, :-1])[0].std()

    within([0.11, 0.051], [0.126, 0.06], transformed)

    def overlapping(rng):
        y = np.lib.stride_tricks.sliding_window_view(rng.normal(size=(1_000, 240)), 12, axis=1).sum(axis=2)
        slope, classical, robust = fit(autoregressive(rng, 0.9, y.shape[1]), y, 11)
        return rejected(slope, classical), rejected(slope, robust)

    within([0.455, 0.125], [0.535, 0.195], overlapping)


def peers(reference, rng):
    """Yield the standard errors of a long series, the fit included."""
    X, y = drawn(rng, 20_000, 5)
    ours, theirs = (lambda: reference.newey_west_standard_errors(X, y, 12)), (lambda: library(X, y, 12))
    yield Peer("20,000 x 5, 12 lags", 'OLS.fit(cov_type="HAC")', ours, theirs)
