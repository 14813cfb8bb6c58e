# candidate, par time, from the stub alone
"""Logistic regression, fitted by Newton's method.

Sample i has the margin m_i = intercept + x_i . coef and the probability p_i = 1 / (1 + exp(-m_i)) of class 1. The
fit minimises

    sum_i (log(1 + exp(m_i)) - y_i * m_i) + alpha / 2 * sum_j coef_j^2

The intercept has no penalty. The function is convex, and (intercept, coef) is a minimum if and only if

    sum_i (y_i - p_i) = 0
    sum_i x_ij * (y_i - p_i) = alpha * coef_j    for every feature j

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 4.4.1; Albert and Anderson (1984)
on when there is no minimum.

Strict
------
- Full Newton steps may overshoot. The minimum is reached from any data.
- A small probability is right to nine digits.
- X and y may be integers of any type, and y booleans.
- ValueError if alpha is negative.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def predict_proba(X: np.ndarray, intercept: float, coef: np.ndarray) -> np.ndarray:
    """Return the probability of class 1 of each sample. Margins may be as large as 1e6 in size.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    intercept : float
    coef : array of shape (n_features,)

    Examples
    --------
    >>> predict_proba(np.array([[0.0], [1.0], [-1000.0]]), 0.0, np.array([2.0])).round(3)
    array([0.5  , 0.881, 0.   ])
    """
    m = intercept + np.asarray(X, dtype=float) @ np.asarray(coef, dtype=float)
    return np.exp(-np.logaddexp(0, -m))


def fit_logistic(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Fit the intercept and the coefficients, until each condition above holds to within 1e-6.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Do not standardise it. For alpha > 0, features may be constant or copies of others,
        and there may be more features than samples. For alpha = 0, they are linearly independent and not constant.
    y : array of shape (n_samples,)
        Labels 0 and 1.
    alpha : float
        0 is no penalty.

    Raises
    ------
    ValueError
        If all labels are equal, or if alpha = 0 and a hyperplane separates the classes, with no sample on it. There is
        no minimum then.

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.0], [0.0], [1.0], [1.0]]), np.array([0, 0, 1, 0, 1])
    >>> intercept, coef = fit_logistic(X, y, alpha=0.0)  # the odds are 1/2 at x = 0, and 1 at x = 1
    >>> np.exp([intercept, coef[0]]).round(6)
    array([0.5, 2. ])
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if alpha < 0:
        raise ValueError("alpha must not be negative")
    if np.all(y == y[0]):
        raise ValueError("all labels are equal")
    n, k = X.shape
    A = np.column_stack([np.ones(n), X])
    penalty = np.full(k + 1, float(alpha))
    penalty[0] = 0
    beta = np.zeros(k + 1)

    def loss(b):
        m = A @ b
        return np.sum(np.logaddexp(0, m) - y * m) + penalty @ b**2 / 2

    for _ in range(1000):
        p = predict_proba(A, 0.0, beta)
        gradient = A.T @ (p - y) + penalty * beta
        if alpha == 0 and np.all((A @ beta) * (2 * y - 1) > 0):
            raise ValueError("a hyperplane separates the classes")
        if np.abs(gradient).max() <= 1e-8:
            break
        H = (A * (p * (1 - p))[:, None]).T @ A + np.diag(penalty)
        try:
            step = np.linalg.solve(H, gradient)
        except np.linalg.LinAlgError:
            step = np.linalg.lstsq(H, gradient, rcond=None)[0]
        t, now, slope = 1.0, loss(beta), gradient @ step
        while loss(beta - t * step) > now - 1e-4 * t * slope and t > 1e-10:
            t /= 2
        beta = beta - t * step
    return Fit(float(beta[0]), beta[1:])
