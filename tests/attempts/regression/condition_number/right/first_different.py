# different style; both bars
"""Condition number, condition indices and variance proportions: collinearity, and which coefficients it spoils.

Let s_1 >= ... >= s_p be the singular values of a matrix of p columns. Its condition number is

    s_1 / s_p         infinite if the columns are linearly dependent

Belsley's diagnostics look at a regression. Z is X with a column of ones in front, each column divided by its Euclidean
length, nothing centred. With Z = U diag(s) V', the condition index of k is s_1 / s_k. The variance of the
coefficient of column j is proportional to sum_k phi_jk, where

    phi_jk = V_jk^2 / s_k^2

A singular value of at most 1e-12 s_1 counts as 0.

Source: Belsley, Kuh and Welsch, Regression Diagnostics (1980), chapter 3.

Strict
------
- X may hold integers of any type, and features in any unit, such as 1e-12 or 1e12.
- The condition number of a matrix of zeros is infinite.
"""

import math

import numpy as np


def condition_number(X: np.ndarray) -> float:
    """Return the condition number of X as it is: without an intercept, not scaled, not centred.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        With fewer samples than features, the columns are dependent. At 1e7 the result has to be right to five digits,
        which X'X cannot give.

    Examples
    --------
    >>> round(condition_number(np.array([[3.0, 0.0], [4.0, 5.0]])), 9)
    3.0
    """
    s, _ = _jacobi([[float(v) for v in column] for column in np.asarray(X).T])
    if len(X) < len(s) or s[-1] <= 1e-12 * s[0]:
        return math.inf
    return s[0] / s[-1]


def condition_indices(X: np.ndarray) -> np.ndarray:
    """Return the condition indices of Z in ascending order.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. No column is 0 throughout.

    Returns
    -------
    array of shape (n_features + 1,)
        The first is 1. Infinite where s_k counts as 0. Right to five digits up to 1e7.

    Examples
    --------
    >>> condition_indices(np.array([[-1.0], [7.0]])).round(9)
    array([1., 2.])
    """
    s, _ = _jacobi(_unit_columns(X))
    rank = min(len(X), len(s))
    return np.array([s[0] / v if k < rank and v > 1e-12 * s[0] else math.inf for k, v in enumerate(s)])


def variance_proportions(X: np.ndarray) -> np.ndarray:
    """Return the share of each condition index in the variance of each coefficient.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As for condition_indices. All indices differ: those of equal ones have no unique shares.

    Returns
    -------
    array of shape (n_features + 1, n_features + 1)
        In row k and column j, phi_jk / sum_l phi_jl. Row 0 is index 1, column 0 is the intercept.

    Raises
    ------
    ValueError
        If the columns of Z are linearly dependent.

    Examples
    --------
    >>> variance_proportions(np.array([[-1.0], [7.0]])).round(9)
    array([[0.2, 0.2],
           [0.8, 0.8]])
    """
    s, V = _jacobi(_unit_columns(X))
    p = len(s)
    if len(X) < p or s[-1] <= 1e-12 * s[0]:
        raise ValueError("the columns are linearly dependent")
    share = np.empty((p, p))
    for j in range(p):
        phi = [(V[k][j] / s[k]) ** 2 for k in range(p)]
        for k in range(p):
            share[k, j] = phi[k] / math.fsum(phi)
    return share


def _unit_columns(X: np.ndarray) -> list:
    """The columns of Z, as lists."""
    columns = [[1.0] * len(X)] + [[float(v) for v in column] for column in np.asarray(X).T]
    return [[v / length for v in column] for column in columns for length in [math.hypot(*column)]]


def _jacobi(columns: list) -> tuple:
    """Singular values in descending order and right singular vectors, by one-sided Jacobi rotations."""
    p = len(columns)
    top = max((abs(v) for column in columns for v in column), default=0.0) or 1.0
    A = [np.array(column) / top for column in columns]
    V = [row for row in np.eye(p)]
    for _ in range(60):
        turned = False
        for i in range(p - 1):
            for j in range(i + 1, p):
                a, b, c = float(A[i] @ A[i]), float(A[j] @ A[j]), float(A[i] @ A[j])
                if abs(c) <= 1e-15 * math.sqrt(a * b) or math.sqrt(min(a, b)) < 1e-17:
                    continue
                turned = True
                zeta = (b - a) / (2 * c)
                t = math.copysign(1.0, zeta) / (abs(zeta) + math.hypot(1.0, zeta))
                cos = 1 / math.hypot(1.0, t)
                sin = cos * t
                A[i], A[j] = cos * A[i] - sin * A[j], sin * A[i] + cos * A[j]
                V[i], V[j] = cos * V[i] - sin * V[j], sin * V[i] + cos * V[j]
        if not turned:
            break
    s = [float(np.linalg.norm(a)) * top for a in A]
    order = sorted(range(p), key=lambda k: -s[k])
    return [s[k] for k in order], [V[k] for k in order]
