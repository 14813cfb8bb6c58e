# wrong (core): alphas below 1e-5 are set to 0 at the end as noise
"""The linear support vector machine, with the duality gap that proves a fit right.

The primal problem, over weights w and an intercept b, for labels y of -1 and 1:

    P(w, b) = 1/2 * ||w||^2 + C * sum_i max(0, 1 - y_i * (x_i . w + b))

The dual problem, over one number for each sample:

    D(alpha) = sum_i alpha_i - 1/2 * ||sum_i alpha_i * y_i * x_i||^2
    where 0 <= alpha_i <= C and sum_i alpha_i * y_i = 0

The last constraint is there because b has no penalty. P is never below D, and at the optimum they are equal, with
w = sum_i alpha_i * y_i * x_i. So a gap P - D near 0 proves that both are optimal.

Source: Cortes and Vapnik, Support-Vector Networks (1995); Keerthi et al. (2001) for pairs of samples.

Strict
------
- fit_svm: ValueError if a label is not -1 or 1, a class is missing, or C is not positive.
"""

from typing import NamedTuple

import numpy as np


def _primal(X, y, coef, intercept, C):
    return 0.5 * coef @ coef + C * np.maximum(0, 1 - y * (X @ coef + intercept)).sum()


class Svm(NamedTuple):
    """The weights w, the intercept b, and the dual variables of the samples."""

    coef: np.ndarray
    intercept: float
    alpha: np.ndarray


def duality_gap(X: np.ndarray, y: np.ndarray, coef: np.ndarray, intercept: float, alpha: np.ndarray, C: float) -> float:
    """Return P(coef, intercept) - D(alpha).

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Labels -1 and 1.
    coef : array of shape (n_features,)
    intercept : float
    alpha : array of shape (n_samples,)
        Feasible. coef need not be the weights that belong to it.
    C : float

    Examples
    --------
    At w = 0 and b = 0 both samples lose 1, so P = 2 * C.

    >>> X, y = np.array([[1.0], [4.0]]), np.array([-1, 1])
    >>> duality_gap(X, y, np.zeros(1), 0.0, np.zeros(2), C=3.0)
    6.0
    """
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    coef = np.asarray(coef, dtype=float)
    alpha = np.asarray(alpha, dtype=float)
    v = (alpha * y) @ X
    return float(_primal(X, y, coef, intercept, C) - (alpha.sum() - 0.5 * v @ v))


def fit_svm(X: np.ndarray, y: np.ndarray, C: float = 1.0, tol: float = 1e-6) -> Svm:
    """Return a solution whose duality gap is at most tol * P(coef, intercept).

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        A few dozen samples. Rows may repeat, with the same label or the other.
    y : array of shape (n_samples,)
        Labels -1 and 1; both occur.
    C : float
        Positive, and at most 50.
    tol : float
        Positive.

    Returns
    -------
    Svm
        alpha meets its constraints to within 1e-9, and coef is sum_i alpha_i * y_i * x_i. If several intercepts or
        alphas are optimal, return any.

    Examples
    --------
    >>> coef, intercept, alpha = fit_svm(np.array([[1.0], [4.0]]), np.array([-1, 1]))
    >>> coef.round(6), round(intercept, 6), alpha.round(6)
    (array([0.666667]), -1.666667, array([0.222222, 0.222222]))
    """
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    if not np.isin(y, [-1, 1]).all() or not (y == 1).any() or not (y == -1).any() or not C > 0:
        raise ValueError("bad labels or C")
    n = len(y)
    K = X @ X.T
    alpha = np.zeros(n)
    for step in range(300000):
        F = y - K @ (alpha * y)
        up = np.where(y > 0, alpha < C, alpha > 0)
        low = np.where(y > 0, alpha > 0, alpha < C)
        i = int(np.argmax(np.where(up, F, -np.inf)))
        violation = F[i] - np.min(np.where(low, F, np.inf))
        if step % 10 == 0 or violation < 1e-9:
            coef = (alpha * y) @ X
            intercept = min(y - X @ coef, key=lambda b: _primal(X, y, coef, b, C))
            if duality_gap(X, y, coef, intercept, alpha, C) <= 0.5 * tol * _primal(X, y, coef, intercept, C):
                break
        if violation <= 1e-14:
            break
        eta = np.maximum(K[i, i] + np.diag(K) - 2 * K[i], 1e-12)
        gain = np.where(low & (F < F[i]), (F[i] - F) ** 2 / eta, -np.inf)
        j = int(np.argmax(gain))
        t = (F[i] - F[j]) / eta[j]
        t = min(t, C - alpha[i] if y[i] > 0 else alpha[i], alpha[j] if y[j] > 0 else C - alpha[j])
        alpha[i] += y[i] * t
        alpha[j] -= y[j] * t
        for k in (i, j):
            if alpha[k] < 1e-14 * C:
                alpha[k] = 0.0
            elif alpha[k] > C * (1 - 1e-14):
                alpha[k] = C
    alpha[alpha < 1e-5] = 0.0
    coef = (alpha * y) @ X
    intercept = min(y - X @ coef, key=lambda b: _primal(X, y, coef, b, C))
    return Svm(coef, float(intercept), alpha)
