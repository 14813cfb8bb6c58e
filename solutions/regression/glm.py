"""Poisson regression: a generalised linear model for counts.

The logarithm of the expected count is linear in the features. The fit has the largest likelihood, which is the smallest
deviance:

    eta_i = intercept + x_i . coef        mu_i = exp(eta_i)
    deviance = 2 sum_i (y_i log(y_i / mu_i) - y_i + mu_i)        0 log 0 = 0

Newton's method reaches it by iteratively reweighted least squares: fit z_i = eta_i + (y_i - mu_i) / mu_i on the
features with weights mu_i, then update eta and mu. A step may overshoot so far that exp overflows. Shorten such a
step, for example halve it until the deviance does not rise.

Source: McCullagh and Nelder, Generalized Linear Models (1989), section 2.5 and chapter 6.

Strict
------
- Counts near 1e-6 or 1e12 are fitted to a relative error of 1e-6, too.
- Features may lie a million standard deviations from zero.
- Arrays may hold integers of any type.
"""

from typing import NamedTuple

import numpy as np


class PoissonFit(NamedTuple):
    """A number, an array of shape (n_features,), and the deviance of the fit."""

    intercept: float
    coef: np.ndarray
    deviance: float


def poisson_deviance(y: np.ndarray, mu: np.ndarray) -> float:
    """Return the deviance, a sum and not a mean.

    Parameters
    ----------
    y : array of shape (n_samples,)
        Not negative, and not always whole.
    mu : array of shape (n_samples,)
        Expected counts, positive.

    Examples
    --------
    >>> poisson_deviance(np.array([0.0, 1.0, 2.0]), np.array([0.5, 1.0, 2.0]))
    1.0
    """
    logs = np.log(np.where(y > 0, y, mu) / mu)
    return float(2 * (y * logs + mu - y).sum())


def fit_poisson(X: np.ndarray, y: np.ndarray) -> PoissonFit:
    """Fit intercept and coefficients, without a penalty.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n_samples,)
        Not negative, and such that the minimum exists.

    Returns
    -------
    PoissonFit
        Iterate until intercept and coefficients have a relative error below 1e-6.

    Raises
    ------
    ValueError
        If a y is negative, or all are 0.

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0.0, 2.0, 1.0, 3.0])
    >>> intercept, coef, deviance = fit_poisson(X, y)
    >>> abs(round(intercept, 6)), coef.round(6), round(deviance, 6)
    (0.0, array([0.693147]), 3.819085)
    """
    basis, eta = _start(X, y)
    for _ in range(1_000):
        mu = np.exp(eta)
        step = basis @ np.linalg.solve((basis.T * mu) @ basis, basis.T @ (y - mu))
        # Along Newton's direction, the deviance falls as long as no eta changes by more than 1.
        longest = abs(step).max()
        eta = eta + step / max(1, longest)
        if longest < 1e-8:
            break
    return _fit_of(eta, X, y)


def _start(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an orthonormal basis of what eta may be, and the best eta that is constant."""
    if (y < 0).any() or not y.any():
        raise ValueError("counts may not be negative, and at least one has to be positive")
    basis = np.linalg.qr(np.column_stack([np.ones(len(y)), X]))[0]
    return basis, np.full(len(y), np.log(y.mean()))


def _fit_of(eta: np.ndarray, X: np.ndarray, y: np.ndarray) -> PoissonFit:
    mean = X.mean(axis=0)
    coef = np.linalg.lstsq(X - mean, eta)[0]
    return PoissonFit(float(eta.mean() - mean @ coef), coef, poisson_deviance(y, np.exp(eta)))


def poisson_deviance_via_loop(y: np.ndarray, mu: np.ndarray) -> float:
    """Add up one sample at a time."""
    total = 0.0
    for count, expected in zip(y.tolist(), mu.tolist(), strict=True):
        total += expected - count
        if count:
            total += count * (np.log(count) - np.log(expected))
    return 2 * total


def poisson_deviance_via_ratios(y: np.ndarray, mu: np.ndarray) -> float:
    """Weight a function of y / mu with mu: r log r - r + 1."""
    ratio = y / mu
    logs = np.log(ratio, where=ratio > 0, out=np.zeros(len(ratio)))
    return 2 * mu.astype(float) @ (ratio * logs - ratio + 1)


def fit_poisson_via_working_response(X: np.ndarray, y: np.ndarray) -> PoissonFit:
    """Fit the working response by weighted least squares."""
    basis, eta = _start(X, y)
    for _ in range(40):
        mu = np.exp(eta)
        root = np.sqrt(mu)
        new = basis @ np.linalg.lstsq(basis * root[:, np.newaxis], root * (eta + (y - mu) / mu))[0]
        eta = eta + (new - eta) / max(1, np.linalg.norm(new - eta, np.inf))
    return _fit_of(eta, X, y)


def fit_poisson_via_line_search(X: np.ndarray, y: np.ndarray) -> PoissonFit:
    """Follow Newton's direction to where the deviance is lowest along it, found by bisection."""
    basis, eta = _start(X, y)
    for _ in range(30):
        root = np.exp(eta / 2)
        q, r = np.linalg.qr(basis * root[:, np.newaxis])
        step = basis @ np.linalg.solve(r, q.T @ (y / root - root))
        low, high = 0.0, 2.0
        for _ in range(40):
            middle = (low + high) / 2
            with np.errstate(over="ignore"):
                rises = (np.exp(eta + middle * step) - y) @ step > 0
            low, high = (low, middle) if rises else (middle, high)
        eta = eta + low * step
    return _fit_of(eta, X, y)
