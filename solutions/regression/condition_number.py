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
    return float(_ratios(_singular_values(X))[-1])


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
    return _ratios(_singular_values(_scaled(X)))


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
    if np.isinf(_ratios(_singular_values(Z))).any():
        raise ValueError("the intercept and the features are linearly dependent: the variances are infinite")
    _, values, directions = np.linalg.svd(np.linalg.qr(Z)[1])
    phi = (directions / values[:, None]) ** 2
    return phi / phi.sum(axis=0)


def _singular_values(A: np.ndarray) -> np.ndarray:
    """Return one singular value a column, the largest first."""
    values = np.linalg.svd(A, compute_uv=False)
    return np.pad(values, (0, A.shape[1] - len(values)))


def _ratios(values: np.ndarray) -> np.ndarray:
    """Return the largest value over each, infinite where that counts as 0."""
    return np.divide(values[0], values, out=np.full(len(values), np.inf), where=values > 1e-12 * values[0])


def _scaled(X: np.ndarray) -> np.ndarray:
    """Return X with an intercept column in front, in columns of length 1."""
    columns = np.column_stack([np.ones(len(X)), X])
    return columns / np.linalg.norm(columns, axis=0)


def condition_number_via_augmented(X: np.ndarray) -> float:
    """Read the singular values off the eigenvalues of a symmetric matrix, which come in pairs of s and -s."""
    values = -np.linalg.eigvalsh(_augmented(X))[: X.shape[1]]
    return float(values[0] / values[-1]) if values[-1] > 1e-12 * values[0] else np.inf


def condition_indices_via_augmented(X: np.ndarray) -> np.ndarray:
    """Divide the largest eigenvalue by each."""
    values = -np.linalg.eigvalsh(_augmented(_scaled(X)))[: X.shape[1] + 1]
    return np.array([values[0] / value if value > 1e-12 * values[0] else np.inf for value in values])


def variance_proportions_via_augmented(X: np.ndarray) -> np.ndarray:
    """Take the lower part of each eigenvector: the right singular vectors, up to a factor that cancels."""
    values, vectors = np.linalg.eigh(_augmented(_scaled(X)))
    values, vectors = -values[: X.shape[1] + 1], vectors[len(X) :, : X.shape[1] + 1]
    if values[-1] <= 1e-12 * values[0]:
        raise ValueError("linearly dependent columns")
    phi = (vectors / values) ** 2
    return (phi / phi.sum(axis=1, keepdims=True)).T


def condition_number_via_jacobi(X: np.ndarray) -> float:
    """Turn pairs of columns until all are orthogonal: their lengths are then the singular values."""
    lengths = np.linalg.norm(_orthogonal(X)[0], axis=0)
    return float(lengths.max() / lengths.min()) if lengths.min() > 1e-12 * lengths.max() else np.inf


def condition_indices_via_jacobi(X: np.ndarray) -> np.ndarray:
    """Sort the lengths of the turned columns."""
    lengths = np.sort(np.linalg.norm(_orthogonal(_scaled(X))[0], axis=0))[::-1]
    with np.errstate(divide="ignore"):
        return np.where(lengths > 1e-12 * lengths[0], lengths[0] / lengths, np.inf)


def variance_proportions_via_jacobi(X: np.ndarray) -> np.ndarray:
    """Keep account of the turns: their product is V."""
    columns, turns = _orthogonal(_scaled(X))
    lengths = np.linalg.norm(columns, axis=0)
    if lengths.min() <= 1e-12 * lengths.max():
        raise ValueError("linearly dependent columns")
    shares = []
    for row in turns:
        phi = row**2 / lengths**2
        shares.append(phi / sum(phi))
    return np.array(shares).T[np.argsort(-lengths)]


def _augmented(A: np.ndarray) -> np.ndarray:
    """Return [[0, A], [A', 0]]."""
    n, p = A.shape
    return np.block([[np.zeros((n, n)), A], [A.T, np.zeros((p, p))]])


def _orthogonal(A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return A V and V such that the columns of A V are orthogonal (Hestenes 1958)."""
    columns, turns = A.astype(float), np.eye(A.shape[1])
    for _ in range(12):
        for i in range(A.shape[1]):
            for j in range(i):
                a, b = columns[:, i], columns[:, j]
                angle = np.arctan2(2 * (a @ b), a @ a - b @ b) / 2
                turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
                columns[:, [i, j]] = columns[:, [i, j]] @ turn
                turns[:, [i, j]] = turns[:, [i, j]] @ turn
    return columns, turns
