# wrong (core): without a sample strictly between 0 and C, the intercept is the mean over all support vectors
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
- fit_svm: at C = 50 a fit may take thousands of steps.
"""

from typing import NamedTuple

import numpy as np


class Svm(NamedTuple):
    """The weights w, the intercept b, and the dual variables of the samples."""

    coef: np.ndarray
    intercept: float
    alpha: np.ndarray


def best_intercept(scores: np.ndarray, y: np.ndarray, alpha: np.ndarray, C: float) -> float:
    """The intercept by which the support vectors lie on their margins."""
    support = (alpha > 1e-8 * C) & (alpha < C * (1 - 1e-8))
    if not support.any():
        support = alpha > 1e-8 * C
    return float(np.mean((y - scores)[support])) if support.any() else 0.0


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
        Feasible. coef need not belong to it.
    C : float

    Examples
    --------
    At w = 0 and b = 0 both samples lose 1, so P = 2 * C.

    >>> X, y = np.array([[1.0], [4.0]]), np.array([-1, 1])
    >>> duality_gap(X, y, np.zeros(1), 0.0, np.zeros(2), C=3.0)
    6.0
    """
    X, y, coef, alpha = (np.asarray(a, dtype=float) for a in (X, y, coef, alpha))
    hinge = np.maximum(0.0, 1 - y * (X @ coef + intercept))
    primal = 0.5 * coef @ coef + C * hinge.sum()
    w = (alpha * y) @ X
    dual = alpha.sum() - 0.5 * w @ w
    return float(primal - dual)


def fit_svm(X: np.ndarray, y: np.ndarray, C: float = 1.0, tol: float = 1e-6) -> Svm:
    """Return a solution whose duality gap is at most tol * P(coef, intercept).

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        A few dozen samples. Features vary by a few units, or more if the classes are far apart. Rows may repeat,
        with the same label or the other.
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
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if not np.isin(y, (-1, 1)).all() or len(np.unique(y)) < 2 or not C > 0:
        raise ValueError("labels must be -1 and 1, both present, and C positive")
    center = X.mean(axis=0)
    Z = X - center
    K = Z @ Z.T
    alpha = np.zeros(len(y))
    for step in range(100_000):
        if step % 20 == 0:
            w = (alpha * y) @ Z
            scores = Z @ w
            b = best_intercept(scores, y, alpha, C)
            primal = 0.5 * w @ w + C * np.maximum(0.0, 1 - y * (scores + b)).sum()
            if primal - (alpha.sum() - 0.5 * w @ w) <= 0.5 * tol * primal:
                break
        # the pair of samples that violates the optimality conditions the most
        violation = y - K @ (alpha * y)
        up = ((y > 0) & (alpha < C)) | ((y < 0) & (alpha > 0))
        low = ((y > 0) & (alpha > 0)) | ((y < 0) & (alpha < C))
        i = np.where(up, violation, -np.inf).argmax()
        gain = violation[i] - violation
        curve = np.maximum(K[i, i] + K.diagonal() - 2 * K[i], 1e-12)
        able = low & (gain > 1e-12)
        if not able.any():
            break
        j = np.where(able, gain**2 / curve, -np.inf).argmax()
        room_i = C - alpha[i] if y[i] > 0 else alpha[i]
        room_j = alpha[j] if y[j] > 0 else C - alpha[j]
        delta = min(gain[j] / curve[j], room_i, room_j)
        alpha[i] += y[i] * delta
        alpha[j] -= y[j] * delta
        alpha[[i, j]] = np.clip(alpha[[i, j]], 0.0, C)
    w = (alpha * y) @ Z
    b = best_intercept(Z @ w, y, alpha, C)
    coef = (alpha * y) @ X
    return Svm(coef, float(b - center @ w), alpha)
