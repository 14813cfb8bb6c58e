"""Least squares, by a method that survives nearly dependent features.

A linear model predicts intercept + x . coef for a sample x. Least squares chooses what minimises the sum of squared
residuals over the samples:

    sum of (y_i - intercept - x_i . coef)^2

Where features depend on one another, many choices share the minimum. Of those, take the one whose coef has the smallest
sum of squares, the intercept not counted.

The textbook formula inverts X'X, whose condition number is the square of X's. Where that of X is 1e8, none of sixteen
digits is left; methods that work on X itself, by QR or by singular values, still have about eight.

Source: Golub and Van Loan, Matrix Computations, 4th edition, section 5.3 for full rank and section 5.5 for less.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """What `fit_least_squares` returns: a number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_least_squares(X: np.ndarray, y: np.ndarray) -> Fit:
    """Fit a linear model with an intercept.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least two samples, and no intercept column: the intercept is yours to add. Features may be constant, though
        not all of them, and there may be more of them than samples.

        X is one of three kinds, in any unit. Its features may lie ten thousand times their spread from zero. Or, once
        centred, its largest singular value may be up to 1e8 times the smallest: even then, coef must be right to five
        digits if y fits exactly. Or features may depend on one another exactly, but for rounding: those singular values
        count as 0. No X is of two kinds at once, nor in between, so where to draw the line is yours to choose.
    y : array of shape (n_samples,)

    Returns
    -------
    Fit
        intercept, coef.

    Examples
    --------
    The points (0, 1), (1, 3) and (2, 8) leave residuals of 1/2, -1 and 1/2.

    >>> intercept, coef = fit_least_squares(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0]))
    >>> round(intercept, 9), coef.round(9)
    (0.5, array([3.5]))

    A feature and its copy share the coefficient, which makes the sum of squares smallest.

    >>> fit_least_squares(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]), np.array([1.0, 3.0, 8.0])).coef.round(9)
    array([1.75, 1.75])
    """
    # Centred, the problem has no intercept, and so none in the norm that decides between several minima.
    x_mean, y_mean = X.mean(axis=0), y.mean()
    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]
    return Fit(float(y_mean - x_mean @ coef), coef)


def fit_least_squares_via_svd(X: np.ndarray, y: np.ndarray) -> Fit:
    """Divide by the singular values, but for those that are zero."""
    x_mean = X.mean(axis=0)
    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)
    kept = lengths > 1e-10 * lengths.max()
    coef = directions[kept].T @ (left[:, kept].T @ (y - y.mean()) / lengths[kept])
    return Fit(np.mean(y - X @ coef), coef)


def fit_least_squares_via_qr(X: np.ndarray, y: np.ndarray) -> Fit:
    """Take an orthonormal basis of the columns, the longest rest first, then one of the rows for the shortest coef."""
    centred = X - X.mean(axis=0)
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
