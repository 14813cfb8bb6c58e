# wrong (core): features are standardised first and the coefficients scaled back: with dependent features the norm of the scaled coefficients is minimal
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
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    x_mean, y_mean = X.mean(axis=0), y.mean()
    constant = (X == X[0]).all(axis=0)
    centred = np.where(constant, 0.0, X - x_mean)
    scale = centred.std(axis=0)
    scale[scale == 0] = 1.0
    coef = np.linalg.lstsq(centred / scale, y - y_mean, rcond=None)[0] / scale
    return Fit(float(y_mean - x_mean @ coef), coef)
