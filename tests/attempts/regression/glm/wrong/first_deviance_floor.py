# wrong (core): poisson_deviance raises mu to at least 1e-4, against log(y / 0)
# shown by: poisson_deviance([1], [1e-6]) = 25.63 against 16.42
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- glm
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
    y, mu = np.asarray(y, dtype=float), np.maximum(np.asarray(mu, dtype=float), 1e-4)
    t = (y - mu) / mu
    ratio = np.where(y > 0, y, mu) / mu
    near = np.abs(t) < 1e-3
    series = t**2 * (1 / 2 - t / 6 + t**2 / 12 - t**3 / 20 + t**4 / 30)
    unit = np.where(near, series, np.where(y > 0, (1 + t) * np.log(ratio), 0.0) - t)
    return float(2 * np.sum(mu * unit))


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
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if (y < 0).any() or not (y > 0).any():
        raise ValueError("y must not be negative, nor 0 throughout")
    n, p = X.shape
    shift = X.mean(axis=0)
    scale = (X - shift).std(axis=0)
    Z = np.column_stack([np.ones(n), (X - shift) / scale])
    level = y.mean()
    y_scaled = y / level

    beta = np.zeros(p + 1)
    mu = np.ones(n)
    deviance = poisson_deviance(y_scaled, mu)
    for _ in range(2000):
        root = np.sqrt(mu)
        step = np.linalg.lstsq(root[:, None] * Z, (y_scaled - mu) / root, rcond=None)[0]
        for _ in range(100):
            with np.errstate(all="ignore"):
                mu_new = np.maximum(np.exp(Z @ (beta + step)), 1e-300)
                deviance_new = poisson_deviance(y_scaled, mu_new)
            if deviance_new <= deviance + 1e-13 * n:
                break
            step = step / 2
        beta, mu, deviance = beta + step, mu_new, deviance_new
        if np.abs(step).max() < 1e-10:
            break
    coef = beta[1:] / scale
    return PoissonFit(float(np.log(level) + beta[0] - shift @ coef), coef, float(level * deviance))
