# wrong (core): fit_svm never moves a pair of equal rows, though of unlike labels both can grow
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


def _best_intercept(scores: np.ndarray, y: np.ndarray) -> float:
    """The intercept of the least sum of losses. It is piecewise linear, so one of the kinks is best."""
    kinks = y - scores
    losses = np.maximum(0.0, 1.0 - y * (scores + kinks[:, None])).sum(axis=1)
    return float(kinks[losses.argmin()])


def _solve_free(alpha: np.ndarray, X: np.ndarray, y: np.ndarray, C: float) -> None:
    """Move the alphas between 0 and C to their optimum, holding one more at each bound that is met."""
    for _ in range(len(y)):
        free = np.flatnonzero((alpha > 0) & (alpha < C))
        if len(free) < 2:
            return
        signed = X[free] * y[free, None]
        slope = 1.0 - signed @ (X.T @ (alpha * y))
        basis = np.linalg.svd(y[None, free])[2][1:].T  # keeps the sum of alpha_i * y_i
        values, vectors = np.linalg.eigh((signed.T @ basis).T @ (signed.T @ basis))
        part = vectors.T @ (basis.T @ slope)
        curved = values > 1e-12 * max(values[-1], 1e-300)
        if np.any(np.abs(part[~curved]) > 1e-9):
            direction, longest = basis @ (vectors[:, ~curved] @ part[~curved]), np.inf
        else:
            direction, longest = basis @ (vectors[:, curved] @ (part[curved] / values[curved])), 1.0
        room = np.where(direction > 0, C - alpha[free], alpha[free])
        lengths = np.divide(room, np.abs(direction), out=np.full(len(free), np.inf), where=direction != 0)
        first = int(lengths.argmin())
        length = min(longest, lengths[first])
        if not np.isfinite(length):
            return
        alpha[free] = np.clip(alpha[free] + length * direction, 0.0, C)
        if length == longest:
            return
        alpha[free[first]] = C if direction[first] > 0 else 0.0


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
    X, y, alpha, coef = (np.asarray(a, dtype=float) for a in (X, y, alpha, coef))
    primal = 0.5 * coef @ coef + C * np.maximum(0.0, 1.0 - y * (X @ coef + intercept)).sum()
    own = X.T @ (alpha * y)
    dual = alpha.sum() - 0.5 * own @ own
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
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if not C > 0 or set(np.unique(y).tolist()) != {-1.0, 1.0}:
        raise ValueError("C must be positive, and the labels -1 and 1, both of them")
    curvatures = ((X[:, None] - X) ** 2).sum(axis=2)
    alpha = np.zeros(len(y))
    for step in range(100_000):
        if step % 20 == 0:
            _solve_free(alpha, X, y, C)
            coef = X.T @ (alpha * y)
            intercept = _best_intercept(X @ coef, y)
            primal = 0.5 * coef @ coef + C * np.maximum(0.0, 1.0 - y * (X @ coef + intercept)).sum()
            if primal - (alpha.sum() - 0.5 * coef @ coef) <= 0.5 * tol * primal:
                break
        # Move alpha_i * y_i up and alpha_j * y_j down by the same amount, which keeps their sum. Take the best pair.
        errors = y - X @ (X.T @ (alpha * y))
        slopes = errors[:, None] - errors
        rooms = np.minimum(np.where(y > 0, C - alpha, alpha)[:, None], np.where(y > 0, alpha, C - alpha))
        moves = np.zeros_like(slopes)
        apart = curvatures > 0
        moves[apart] = np.clip(slopes[apart] / curvatures[apart], 0.0, rooms[apart])
        gains = moves * slopes - 0.5 * curvatures * moves**2
        i, j = np.unravel_index(gains.argmax(), gains.shape)
        if gains[i, j] <= 0:
            break
        alpha[i] = min(max(alpha[i] + y[i] * moves[i, j], 0.0), C)
        alpha[j] = min(max(alpha[j] - y[j] * moves[i, j], 0.0), C)
        alpha[alpha > C * (1.0 - 1e-14)] = C
    coef = X.T @ (alpha * y)
    return Svm(coef, _best_intercept(X @ coef, y), alpha)
