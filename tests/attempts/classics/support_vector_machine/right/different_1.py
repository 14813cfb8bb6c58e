# different style; both bars
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

import math
from typing import NamedTuple

import numpy as np


class Svm(NamedTuple):
    """The weights w, the intercept b, and the dual variables of the samples."""

    coef: np.ndarray
    intercept: float
    alpha: np.ndarray


def best_intercept(scores, y):
    """Over b, the loss is convex and piecewise linear, so one of its corners is best."""
    corners = y - scores
    return min(corners, key=lambda b: np.maximum(0, 1 - y * (scores + b)).sum())


def make_feasible(alpha, y, C):
    """Shrink the heavier class, then mend what rounding has left."""
    plus, minus = math.fsum(alpha[y > 0]), math.fsum(alpha[y < 0])
    less = min(plus, minus)
    alpha = np.where(y > 0, alpha * (less / plus if plus else 0.0), alpha * (less / minus if minus else 0.0))
    for _ in range(3):
        rest = math.fsum(alpha * y)
        i = np.argmax(np.minimum(alpha, C - alpha))
        alpha[i] = min(max(alpha[i] - y[i] * rest, 0.0), C)
    return alpha


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
    X, y, coef, alpha = (np.asarray(a, dtype=np.float64) for a in (X, y, coef, alpha))
    losses = [max(0.0, 1.0 - label * (float(row @ coef) + intercept)) for row, label in zip(X, y)]
    own = np.einsum("i,i,ij->j", alpha, y, X)
    primal = 0.5 * np.dot(coef, coef) + C * math.fsum(losses)
    return float(primal - (math.fsum(alpha) - 0.5 * np.dot(own, own)))


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
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if not np.all(np.abs(y) == 1):
        raise ValueError("labels must be -1 and 1")
    if np.all(y == 1) or np.all(y == -1):
        raise ValueError("both classes must occur")
    if not C > 0:
        raise ValueError("C must be positive")

    # A shift of X changes b only, and a scale s changes alpha by 1 / s**2. u = alpha / C is between 0 and 1.
    centered = X - X.mean(axis=0)
    scale = np.sqrt((centered**2).sum(axis=1).max()) or 1.0
    Z = centered / scale
    bound = C * scale**2
    n = len(y)
    signed = y[:, None] * Z
    H = bound * signed @ signed.T

    best = (np.inf, None)

    def consider(u):
        """Make u feasible, choose the intercept, and keep the result if its gap is the smallest so far."""
        nonlocal best
        for candidate in (u, np.where(u < 1e-9 * u.max(), 0.0, u)):
            alpha = make_feasible(np.clip(candidate, 0, 1) * C, y, C)
            coef = (alpha * y) @ centered
            b = best_intercept(centered @ coef, y)
            primal = 0.5 * coef @ coef + C * np.maximum(0, 1 - y * (centered @ coef + b)).sum()
            gap = duality_gap(centered, y, coef, b, alpha, C) / primal
            if gap < best[0]:
                best = (gap, Svm(coef, float(b - X.mean(axis=0) @ coef), alpha))

    # primal-dual interior point on the dual problem
    positive = y > 0
    few = min(positive.sum(), n - positive.sum())
    u = 0.5 * few / np.where(positive, positive.sum(), n - positive.sum())
    u *= min(1.0, 10 / (1 + np.abs(H).max()))
    low, high, b = np.ones(n), np.ones(n), 0.0
    for _ in range(200):
        mu = (low @ u + high @ (1 - u)) / (2 * n)
        residual = H @ u - 1 + b * y - low + high
        system = np.zeros((n + 1, n + 1))
        system[:n, :n] = H + np.diag(low / u + high / (1 - u))
        system[:n, n] = system[n, :n] = y

        def direction(target, cross_low, cross_high):
            a, c = (target - cross_low) / u - low, (target + cross_high) / (1 - u) - high
            step = np.linalg.solve(system, np.append(-residual + a - c, -(y @ u)))
            du = step[:n]
            return du, step[n], a - low * du / u, c + high * du / (1 - u)

        def longest(du, dl, dh):
            room = [1.0]
            for value, change in ((u, du), (1 - u, -du), (low, dl), (high, dh)):
                down = change < 0
                room.extend(-value[down] / change[down])
            return min(room)

        try:
            du, _, dl, dh = direction(0.0, 0.0, 0.0)
            t = longest(du, dl, dh)
            ahead = ((low + t * dl) @ (u + t * du) + (high + t * dh) @ (1 - u - t * du)) / (2 * n)
            du, db, dl, dh = direction(mu * (ahead / mu) ** 3, du * dl, du * dh)
        except np.linalg.LinAlgError:
            break
        t = 0.995 * longest(du, dl, dh)
        u, b, low, high = u + t * du, b + t * db, low + t * dl, high + t * dh
        if not (np.isfinite(u).all() and np.all(u > 0) and np.all(u < 1)):
            break
        consider(u)
        # which samples are on the margin? Solve for them exactly.
        free = (u > low) & (1 - u > high)
        if free.any():
            fixed = np.where(free, u, (u > 0.5).astype(float))
            m = free.sum()
            K = np.zeros((m + 1, m + 1))
            K[:m, :m], K[:m, m], K[m, :m] = H[np.ix_(free, free)], y[free], y[free]
            right = np.append(1 - H[free] @ fixed - b * y[free], -(y @ fixed))
            fixed[free] += np.linalg.lstsq(K, right, rcond=None)[0][:m]
            if np.all(fixed > -1e-9) and np.all(fixed < 1 + 1e-9) and fixed.max() > 0:
                consider(fixed)
        if best[0] <= 0.1 * tol or mu < 1e-18:
            break
    return best[1]
