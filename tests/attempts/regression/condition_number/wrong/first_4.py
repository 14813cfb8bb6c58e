# wrong (core): condition_number infinite only for an exact 0
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- condition_number
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

import numpy as np


TOL = 1e-12


def _scaled(X: np.ndarray) -> np.ndarray:
    X = np.asarray(X).astype(np.float64)
    Z = np.column_stack([np.ones(len(X)), X])
    return Z / np.linalg.norm(Z, axis=0)


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
    X = np.asarray(X).astype(np.float64)
    if X.shape[0] < X.shape[1]:
        return float("inf")
    s = np.linalg.svd(X, compute_uv=False)
    if s[-1] == 0:
        return float("inf")
    return float(s[0] / s[-1])


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
    Z = _scaled(X)
    s = np.zeros(Z.shape[1])
    found = np.linalg.svd(Z, compute_uv=False)
    s[: len(found)] = found
    indices = np.full(len(s), np.inf)
    used = s > TOL * s[0]
    indices[used] = s[0] / s[used]
    return indices


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
    Z = _scaled(X)
    if Z.shape[0] < Z.shape[1]:
        raise ValueError("the columns are linearly dependent")
    _, s, Vt = np.linalg.svd(Z, full_matrices=False)
    if s[-1] <= TOL * s[0]:
        raise ValueError("the columns are linearly dependent")
    phi = (Vt / s[:, None]) ** 2
    return phi / phi.sum(axis=0)
