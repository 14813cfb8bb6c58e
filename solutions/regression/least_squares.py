"""Least squares, by a method that survives nearly dependent features.

A linear model predicts intercept + x . coef for a sample x. Fit it by minimising

    sum_i (y_i - intercept - x_i . coef)^2

If features are linearly dependent, many fits reach the minimum. Return the one with the smallest sum of coef_j^2; the
intercept is not part of that sum.

The normal equations (X'X) coef = X'y square the condition number of X. At 1e8 they lose all sixteen digits. Methods
that work on X itself, QR or SVD, keep about eight.

Source: Golub and Van Loan, Matrix Computations, 4th edition, sections 5.3 (full rank) and 5.5 (rank deficient).

Strict
------
- Features in any unit, such as 1e-12 or 1e12.
- The coef of a constant feature is 0, also if rounding makes its mean inexact. All may be constant.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_least_squares(X: np.ndarray, y: np.ndarray) -> Fit:
    """Fit a linear model with an intercept.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features may be constant, copies or sums of others, and there may be more features
        than samples. Singular values of rounding size count as 0; NumPy's default cut-off is one possible choice.
    y : array of shape (n_samples,)

    Returns
    -------
    Fit
        If y fits exactly, coef is right to five digits even at a condition number of 1e8.

    Examples
    --------
    >>> y = np.array([1.0, 3.0, 8.0])
    >>> intercept, coef = fit_least_squares(np.array([[0.0], [1.0], [2.0]]), y)
    >>> round(intercept, 9), coef.round(9)
    (0.5, array([3.5]))
    >>> fit_least_squares(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]), y).coef.round(9)  # two equal features
    array([1.75, 1.75])
    """
    # Centred, the problem has no intercept, and so none in the norm that decides between several minima.
    x_mean, y_mean = X.mean(axis=0), y.mean()
    # The mean of three 0.1 is not 0.1, and the rest may be all that there is, or large beside other features.
    x_mean = np.where((X[0] == X).all(axis=0), X[0], x_mean)
    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]
    return Fit(float(y_mean - x_mean @ coef), coef)


def fit_least_squares_via_svd(X: np.ndarray, y: np.ndarray) -> Fit:
    """Divide by the singular values, but for those that are zero."""
    moved = X - 1.0 * X[0]  # exactly 0 where a feature is constant
    left, lengths, directions = np.linalg.svd(moved - moved.mean(axis=0), full_matrices=False)
    kept = lengths > 1e-10 * lengths.max()
    coef = directions[kept].T @ (left[:, kept].T @ (y - y.mean()) / lengths[kept])
    return Fit(np.mean(y - X @ coef), coef)


def fit_least_squares_via_qr(X: np.ndarray, y: np.ndarray) -> Fit:
    """Take an orthonormal basis of the columns, the longest rest first, then one of the rows for the shortest coef."""
    centred = np.where(X.min(axis=0) < X.max(axis=0), X - X.mean(axis=0), 0.0)
    columns, basis = centred.copy(), np.empty((len(X), 0))
    scale = np.linalg.norm(columns, axis=0).max()
    for _ in range(min(X.shape)):
        lengths = np.linalg.norm(columns, axis=0)
        longest = int(lengths.argmax())
        if lengths[longest] <= 1e-10 * scale:
            break
        basis = np.linalg.qr(np.column_stack([basis, columns[:, longest]]))[0]
        columns = centred - basis @ (basis.T @ centred)
    outer, inner = np.linalg.qr((basis.T @ centred).T)
    coef = outer @ np.linalg.solve(inner.T, basis.T @ (y - y.mean()))
    return Fit(y.mean() - X.mean(axis=0) @ coef, coef)
