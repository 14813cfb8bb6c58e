# wrong (core): eta is cut off at -10, so that tiny expected counts are all 4.5e-5 in the fit
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
    y = np.asarray(y, dtype=float)
    mu = np.asarray(mu, dtype=float)
    pos = y > 0
    logs = np.zeros(y.shape)
    logs[pos] = y[pos] * np.log(y[pos] / mu[pos])
    return float(2 * np.sum(logs - y + mu))


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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    if np.any(y < 0) or np.all(y == 0):
        raise ValueError("y must not be negative, nor all zero")
    n, d = X.shape
    A = np.hstack([np.ones((n, 1)), X])
    w = np.zeros(d + 1)
    w[0] = np.log(y.mean())
    mu = np.exp(A @ w)
    current = poisson_deviance(y, mu)
    for _ in range(500):
        eta = np.maximum(A @ w, -10.0)
        mu = np.exp(eta)
        z = eta + (y - mu) / mu
        root = np.sqrt(mu)
        target = np.linalg.lstsq(A * root[:, None], z * root, rcond=None)[0]
        step = target - w
        t = 1.0
        while t > 1e-12:
            with np.errstate(over="ignore", invalid="ignore"):
                new = poisson_deviance(y, np.exp(np.maximum(A @ (w + t * step), -10.0)))
            if np.isfinite(new) and new <= current + 1e-12 * abs(current):
                break
            t /= 2
        if t <= 1e-12:
            break
        w = w + t * step
        current = new
        if np.max(np.abs(t * step)) <= 1e-12 * np.max(np.abs(w)):
            break
    return PoissonFit(float(w[0]), w[1:], current)
