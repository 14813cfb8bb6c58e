# wrong (core): the margins are clipped to [-15, 15] in the fit, so that far samples have a slightly wrong residual
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
- Full Newton steps may overshoot. The minimum is reached from any data, also where units of features differ by 1e9.
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
    m = intercept + X @ coef
    e = np.exp(-np.abs(m))
    return np.where(m >= 0, 1 / (1 + e), e / (1 + e))


def fit_logistic(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Fit the intercept and the coefficients, until each condition above holds to within 1e-9.

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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    if alpha < 0:
        raise ValueError("alpha")
    if np.all(y == y[0]):
        raise ValueError("all labels equal")
    n, d = X.shape
    A = np.hstack([np.ones((n, 1)), X])
    pen = np.full(d + 1, float(alpha))
    pen[0] = 0.0
    w = np.zeros(d + 1)
    sign = 2 * y - 1

    def loss(w):
        m = A @ w
        return np.sum(np.logaddexp(0, m) - y * m) + 0.5 * np.sum(pen * w**2)

    current = loss(w)
    for _ in range(300):
        m = A @ w
        if alpha == 0 and np.all(sign * m > 0):
            raise ValueError("separated")
        p = 1 / (1 + np.exp(-np.clip(m, -15, 15)))
        g = A.T @ (y - p) - pen * w
        if np.max(np.abs(g)) < 1e-11:
            break
        H = (A.T * (p * (1 - p))) @ A + np.diag(pen)
        step = np.linalg.lstsq(H, g, rcond=None)[0]
        t = 1.0
        while t > 1e-10 and loss(w + t * step) > current + 1e-13 * abs(current):
            t /= 2
        if t <= 1e-10:
            break
        w = w + t * step
        current = loss(w)
    return Fit(float(w[0]), w[1:])
