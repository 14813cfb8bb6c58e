# different style; both bars
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
    margins = np.asarray(X, dtype=float) @ np.asarray(coef, dtype=float) + float(intercept)
    small = np.exp(-np.abs(margins))
    return np.where(margins < 0, small, 1.0) / (1.0 + small)


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
    if not alpha >= 0:
        raise ValueError("alpha must not be negative")
    X = np.array(X, dtype=float)
    side = np.where(np.asarray(y).astype(bool), 1.0, -1.0)
    if abs(side.sum()) == len(side):
        raise ValueError("all labels are equal")
    n, k = X.shape
    middle = np.where(X.min(axis=0) == X.max(axis=0), X[0], X.mean(axis=0))
    unit = np.abs(X - middle).max(axis=0, initial=0.0)
    unit[unit == 0] = 1.0
    Z = np.column_stack([np.ones(n), (X - middle) / unit])
    if alpha == 0 and _separable(Z * side[:, None]):
        raise ValueError("a hyperplane separates the classes")
    # the penalty as extra rows: |ridge * beta|^2 / 2
    ridge = np.concatenate([[0.0], np.sqrt(alpha) / unit])
    beta = np.zeros(k + 1)

    def loss(b: np.ndarray) -> float:
        return float(np.logaddexp(0.0, -side * (Z @ b)).sum() + ((ridge * b) ** 2).sum() / 2)

    def pull(b: np.ndarray) -> np.ndarray:  # side_i times the probability of the wrong class
        m = side * (Z @ b)
        small = np.exp(-np.abs(m))
        return side * np.where(m > 0, small, 1.0) / (1.0 + small)

    def conditions(b: np.ndarray, e: np.ndarray) -> np.ndarray:
        return Z.T @ e - ridge**2 * b

    def error(g: np.ndarray) -> float:  # the largest in the units of X
        return max(abs(g[0]), np.abs(g[1:] * unit + g[0] * middle).max(initial=0.0))

    # Levenberg and Marquardt: the damping grows until the loss falls by a part of what the model promised
    damping, current, e = 1e-3, loss(beta), pull(beta)
    target = 1e-8
    for _ in range(5000):
        g = conditions(beta, e)
        if error(g) <= target:
            break
        w = np.abs(e) * (1 - np.abs(e))
        root = np.sqrt(w)
        width = np.sqrt((w[:, None] * Z**2).sum(axis=0) + ridge**2) + 1e-150
        # in the basis of the columns' widths, J'J step = g
        J = np.vstack([Z * root[:, None], np.diag(ridge)]) / width
        _, s, Vt = np.linalg.svd(J, full_matrices=False)
        rotated = Vt @ (g / width)
        accepted = False
        for _ in range(200):
            bend = s**2 + damping
            step = Vt.T @ (rotated / np.maximum(bend, 1e-300)) / width
            promise = float(np.sum(rotated**2 / np.maximum(bend, 1e-300) * (1 - s**2 / np.maximum(bend, 1e-300) / 2)))
            new = beta + step
            new_loss, new_e = loss(new), pull(new)
            fall = current - new_loss
            flat = promise <= 1e-10 * (1 + abs(current))  # rounding hides the fall: judge by the gradient
            if fall >= 0.1 * promise or (flat and error(conditions(new, new_e)) < error(g)):
                damping = damping / 10 if damping > 1e-14 else 0.0
                accepted = True
                break
            damping = max(damping * 4, 1e-14)
        if not accepted:
            break
        beta, current, e = new, new_loss, new_e
    coef = beta[1:] / unit
    coef[np.ptp(X, axis=0) == 0] = 0.0
    return Fit(float(beta[0] - coef @ middle), coef)


def _separable(S: np.ndarray) -> bool:
    """Is there a w with S w > 0? The shortest w with S w >= 1, by non-negative least squares, Lawson and Hanson."""
    n, p = S.shape
    E = np.vstack([S.T, np.ones(n)])
    f = np.zeros(p + 1)
    f[-1] = 1.0
    u, active = np.zeros(n), []
    for _ in range(20 * (n + p)):
        rest = f - E @ u
        if rest[-1] > 1e-14 and (S @ -rest[:-1]).min() > 0 and (S @ -rest[:-1]).min() > 1e-13 * np.abs(rest[:-1]).max():
            return True
        gain = E.T @ rest
        gain[active] = -np.inf
        j = int(np.argmax(gain))
        if gain[j] <= 1e-14:
            return False
        active.append(j)
        first = True
        while True:
            z = np.linalg.lstsq(E[:, active], f, rcond=1e-14)[0]
            if first and z[-1] <= 0:
                return False
            first = False
            if z.min() > 0:
                u[:] = 0.0
                u[active] = z
                break
            now = u[active]
            bad = np.flatnonzero(z <= 0)
            reach = now[bad] / (now[bad] - z[bad])
            k = int(bad[np.argmin(reach)])
            u[active] = now + reach.min() * (z - now)
            u[active[k]] = 0.0
            active = [i for i in active if u[i] > 0]
            if not active:
                break
    return False
