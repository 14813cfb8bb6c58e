# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- least_squares
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
    raise NotImplementedError
