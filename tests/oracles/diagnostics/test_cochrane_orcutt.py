"""The reference beside the root of its equation, found by SciPy with fits of statsmodels, and the follow-ups' claims.

GLSAR of statsmodels estimates rho by Yule-Walker, which is another number.
"""

import numpy as np
import pytest
from scipy.optimize import brentq
from statsmodels.api import GLSAR, OLS

from tests.oracles.claims import within

N_DRAWS = 300


def regressed(X, y, rho):
    # GLSAR with a given rho regresses the rows from the second on.
    return GLSAR(y, np.column_stack([np.ones(len(y)), X]), rho=[rho]).fit().params


def implied(X, y, rho):
    e = y - np.column_stack([np.ones(len(y)), X]) @ regressed(X, y, rho)
    return OLS(e[1:], e[:-1]).fit().params.item()


def drawn(rng, n, n_features, rho):
    X = rng.normal(size=(n, n_features)) + rng.normal(size=n_features)
    e = rng.normal(size=n)
    for t in range(1, n):
        e[t] += rho * e[t - 1]
    return X, 3 + X @ rng.normal(size=n_features) + e


def same(fit, X, y):
    def off(rho):
        return implied(X, y, rho) - rho

    assert off(fit.rho - 1e-6) > 0 > off(fit.rho + 1e-6)
    rho = brentq(off, fit.rho - 1e-6, fit.rho + 1e-6, xtol=1e-15, rtol=1e-14)
    np.testing.assert_allclose(fit.rho, rho, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(fit.coef, regressed(X, y, rho), rtol=1e-9, atol=1e-10)


def test_random(reference, rng):
    for _ in range(30):
        X, y = drawn(rng, int(rng.integers(30, 60)), int(rng.integers(1, 5)), rng.uniform(-0.7, 0.7))
        same(reference.cochrane_orcutt(X, y, 1e-14), X, y)


def test_edges(reference, rng):
    X, y = np.array([[0.0], [0.0], [3.0], [5.0]]), np.array([-5.0, -4.0, 4.0, 5.0])
    same(reference.cochrane_orcutt(X, y, 1e-14), X, y)
    X, y = np.array([[2.0], [0.0], [0.0], [-3.0], [-1.0], [0.0]]), np.array([-4.0, 3.0, 1.0, 5.0, 1.0, -5.0])
    same(reference.cochrane_orcutt(X, y, 1e-14), X, y)
    X, y = drawn(rng, 40, 2, 0.5)
    whole = np.rint(9 * X).astype(np.int8), np.rint(9 * y).astype(np.int8)
    same(reference.cochrane_orcutt(*whole, 1e-14), *(array.astype(float) for array in whole))
    moved = reference.cochrane_orcutt(X + 1e6, y - 1e6, 1e-12)
    np.testing.assert_allclose(moved.coef[1:], reference.cochrane_orcutt(X, y, 1e-12).coef[1:], rtol=1e-6)
    for n, n_features in [(3, 1), (4, 2)]:
        with pytest.raises(ValueError, match="too few"):
            reference.cochrane_orcutt(X[:n, :n_features], y[:n], 1e-10)


def autoregressive(rng, rho, n):
    e = rng.normal(size=(N_DRAWS, n))
    e[:, 0] /= np.sqrt(1 - rho**2)
    for t in range(1, n):
        e[:, t] += rho * e[:, t - 1]
    return e


def line(x, y):
    """Return intercepts, slopes and their standard errors of the rows."""
    x_mean, y_mean = x.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    squares = ((x - x_mean) ** 2).sum(axis=1)
    slope = ((x - x_mean) * (y - y_mean)).sum(axis=1) / squares
    intercept = y_mean[:, 0] - slope * x_mean[:, 0]
    e = y - intercept[:, None] - slope[:, None] * x
    return intercept, slope, np.sqrt((e**2).sum(axis=1) / (x.shape[1] - 2) / squares)


def iterated(x, y, n_rounds=20):
    """Return intercepts, slopes, standard errors and rho of the rows after so many rounds."""
    intercept, slope, error = line(x, y)
    for _ in range(n_rounds):
        e = y - intercept[:, None] - slope[:, None] * x
        rho = (e[:, 1:] * e[:, :-1]).sum(axis=1) / (e[:, :-1] ** 2).sum(axis=1)
        intercept, slope, error = line(x[:, 1:] - rho[:, None] * x[:, :-1], y[:, 1:] - rho[:, None] * y[:, :-1])
        intercept = intercept / (1 - rho)
    return intercept, slope, error, rho


def test_helper(reference, rng):
    x = rng.normal(size=(3, 100))
    y = 1 + x + autoregressive(rng, 0.6, 100)[:3]
    intercept, slope, _, rho = iterated(x, y, 40)
    fit = reference.cochrane_orcutt(x[1][:, None], y[1], 1e-12)
    np.testing.assert_allclose([*fit.coef, fit.rho], [intercept[1], slope[1], rho[1]], rtol=1e-6)


def test_claims_of_the_gain():
    """The numbers of the first follow-up."""

    def alike(rng):
        x, y = autoregressive(rng, 0.8, 100), autoregressive(rng, 0.8, 100)
        (_, plain, error), (_, slope, own, _) = line(x, y), iterated(x, y)
        return (abs(plain / error) > 1.98).mean(), (abs(slope / own) > 1.98).mean(), plain.std(), slope.std()

    within([0.28, 0.03, 0.17, 0.095], [0.41, 0.12, 0.23, 0.12], alike)

    def trend(rng):
        x, y = np.tile(np.arange(30.0), (N_DRAWS, 1)), autoregressive(rng, 0.8, 30)
        return iterated(x, y)[1].std() / line(x, y)[1].std()

    within(1.1, 1.75, trend)


def test_claims_of_rho():
    """The numbers of the second follow-up."""

    def short(rng):
        x, y = autoregressive(rng, 0.8, 20), autoregressive(rng, 0.8, 20)
        return iterated(x, y, 1)[3].mean(), iterated(x, y)[3].mean()

    within([0.48, 0.55], [0.56, 0.62], short)

    def long(rng):
        return iterated(autoregressive(rng, 0.8, 200), autoregressive(rng, 0.8, 200))[3].mean()

    within(0.775, 0.79, long)


def test_claims_of_dynamics():
    """The numbers of the third follow-up."""

    def lag(rng):
        x, e = rng.normal(size=(N_DRAWS, 201)), autoregressive(rng, 0.8, 200)
        y = x[:, 1:] + x[:, :-1] + e
        return line(x[:, 1:], y)[1].mean(), iterated(x[:, 1:], y)[1].mean()

    within([0.97, 0.53], [1.03, 0.56], lag)

    def last(rng):
        y = autoregressive(rng, 0.5, 500)
        for t in range(1, 500):
            y[:, t] += 0.5 * y[:, t - 1]
        return line(y[:, :-1], y[:, 1:])[1].mean()

    within(0.78, 0.81, last)


def test_claims_of_forecasts():
    """The numbers of the fourth follow-up."""

    def claim(rng):
        x = autoregressive(rng, 0.5, 101)
        y = x + autoregressive(rng, 0.8, 101)
        intercept, slope, _, rho = iterated(x[:, :-1], y[:, :-1])
        left = y - intercept[:, None] - slope[:, None] * x
        return (left[:, -1] ** 2).mean() ** 0.5, ((left[:, -1] - rho * left[:, -2]) ** 2).mean() ** 0.5

    within([1.4, 0.9], [2.1, 1.15], claim)
