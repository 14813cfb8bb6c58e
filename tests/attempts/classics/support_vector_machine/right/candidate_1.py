# candidate, par time, from the stub alone
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- support_vector_machine
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
    primal = 0.5 * coef @ coef + C * np.maximum(0, 1 - y * (X @ coef + intercept)).sum()
    w = (alpha * y) @ X
    dual = alpha.sum() - 0.5 * w @ w
    return float(primal - dual)


def fit_svm(X: np.ndarray, y: np.ndarray, C: float = 1.0, tol: float = 1e-6) -> Svm:
    """Return a solution whose duality gap is at most tol * P(coef, intercept).

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        A few dozen samples. Rows may repeat, with the same label or the other.
    y : array of shape (n_samples,)
        Labels -1 and 1; both occur.
    C : float
        Positive.
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
    # SMO on the pair that violates the optimality conditions most
    n = len(y)
    y = y.astype(float)
    K = X @ X.T
    alpha = np.zeros(n)
    score = np.zeros(n)  # x_i . w
    for step in range(1_000_000):
        f = y - score  # the intercept that sample i asks for
        up = ((y > 0) & (alpha < C)) | ((y < 0) & (alpha > 0))
        low = ((y > 0) & (alpha > 0)) | ((y < 0) & (alpha < C))
        i = np.where(up, f, -np.inf).argmax()
        j = np.where(low, f, np.inf).argmin()
        if step % 50 == 0 or f[i] - f[j] < 1e-12:
            coef = (alpha * y) @ X
            score = X @ coef
            bs = y - score  # P is piecewise linear in b, with its corners here
            losses = np.maximum(0, 1 - y * (score + bs[:, None])).sum(axis=1)
            b = float(bs[losses.argmin()])
            primal = 0.5 * coef @ coef + C * losses.min()
            if duality_gap(X, y, coef, b, alpha, C) <= tol * primal or f[i] - f[j] < 1e-12:
                break
        eta = K[i, i] + K[j, j] - 2 * K[i, j]
        room_i = C - alpha[i] if y[i] > 0 else alpha[i]
        room_j = alpha[j] if y[j] > 0 else C - alpha[j]
        t = min(room_i, room_j)
        if eta > 0:
            t = min(t, (f[i] - f[j]) / eta)
        alpha[i] = np.clip(alpha[i] + y[i] * t, 0, C)
        alpha[j] = np.clip(alpha[j] - y[j] * t, 0, C)
        score = score + t * (K[:, i] - K[:, j])
    return Svm(coef, b, alpha)
