# candidate, par time, from the stub alone
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
    y, mu = np.asarray(y, dtype=float), np.asarray(mu, dtype=float)
    log_term = np.zeros(len(y))
    pos = y > 0
    log_term[pos] = y[pos] * np.log(y[pos] / mu[pos])
    return float(2 * np.sum(log_term - y + mu))


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
    if np.any(y < 0) or not np.any(y > 0):
        raise ValueError("y must not be negative, nor 0 throughout")
    mean, std = X.mean(axis=0), X.std(axis=0)
    A = np.column_stack([np.ones(len(y)), (X - mean) / std])
    beta = np.zeros(A.shape[1])
    beta[0] = np.log(y.mean())
    mu = np.exp(A @ beta)
    dev = poisson_deviance(y, mu)
    with np.errstate(all="ignore"):
        for _ in range(500):
            root = np.sqrt(mu)
            step = np.linalg.lstsq(A * root[:, None], (y - mu) / root, rcond=None)[0]
            size = np.abs(A @ step).max()
            t = 1.0
            for _ in range(100):
                new = beta + t * step
                new_mu = np.exp(A @ new)
                new_dev = poisson_deviance(y, new_mu)
                if new_dev <= dev or (size < 1e-6 and np.isfinite(new_dev)):
                    break
                t /= 2
            beta, mu, dev = new, new_mu, new_dev
            if size < 1e-10:
                break
    coef = beta[1:] / std
    return PoissonFit(float(beta[0] - mean @ coef), coef, poisson_deviance(y, mu))
