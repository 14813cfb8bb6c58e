# wrong (strict): probabilities are clipped to 1e-8..1 - 1e-8 in the fit, which a sample far away feels
# shown by: X=[0,0,0,1,1,1e6], y=[0,0,1,0,1,1], alpha=0: the first condition for the feature is off by 0.01, coef 0.69315 against 0.72815
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- logistic_regression
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
    m = intercept + np.asarray(X).astype(float) @ np.asarray(coef, dtype=float)
    return _sigmoid(m)


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
    X, y = np.asarray(X).astype(float), np.asarray(y).astype(float)
    n, k = X.shape
    if alpha < 0:
        raise ValueError("alpha is negative")
    if y.min() == y.max():
        raise ValueError("all labels are equal")
    center = X.mean(axis=0)
    C = X - center
    scale = np.abs(C).max(axis=0)
    scale[scale == 0] = 1.0
    A = np.column_stack([np.ones(n), C / scale])
    penalty = np.concatenate([[0.0], alpha / scale**2])
    sign = 2 * y - 1

    def loss(b):
        return np.logaddexp(0.0, -sign * (A @ b)).sum() + (penalty * b * b).sum() / 2

    b, best, best_error, stalled = np.zeros(k + 1), None, np.inf, 0
    value = loss(b)
    for _ in range(100000):
        m = A @ b
        if alpha == 0 and (sign * m > 0).all():
            raise ValueError("the classes are separated")
        wrong = y - np.clip(_sigmoid(m), 1e-8, 1 - 1e-8)
        r0 = wrong.sum()
        gradient = A.T @ wrong - penalty * b
        error = max(abs(r0), np.abs(gradient[1:] * scale + center * r0).max(initial=0.0))
        if error < best_error:
            best, best_error, stalled = b, error, 0
        else:
            stalled += 1
        if error == 0 or (best_error < 1e-9 and stalled >= 3) or stalled > 100:
            break
        w = _sigmoid(m) * _sigmoid(-m)
        H = (A.T * w) @ A + np.diag(penalty)
        try:
            step = np.linalg.solve(H, gradient)
        except np.linalg.LinAlgError:
            step = np.linalg.lstsq(H, gradient, rcond=None)[0]
        slope, t = gradient @ step, 1.0
        while slope > 1e-10 * (1 + abs(value)) and loss(b + t * step) > value - 0.1 * t * slope and t > 1e-12:
            t /= 2
        b = b + t * step
        value = loss(b)
    coef = best[1:] / scale
    return Fit(float(best[0] - center @ coef), coef)


def _sigmoid(m):
    e = np.exp(-np.abs(m))
    return np.where(m >= 0, 1.0, e) / (1.0 + e)
