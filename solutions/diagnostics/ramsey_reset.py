"""Ramsey's RESET: a test for a mean that is not linear in the features.

If a linear model misses a curve or an interaction, powers of its own fitted values often explain part of what is left.
With n samples and p features:

    1. Fit y to X with an intercept. Take the fitted values f and the sum of squared residuals SSR_0.
    2. Fit y again to the intercept, X and f**2, ..., f**max_power: q = max_power - 1 more columns. It leaves SSR_1.
    3. statistic = ((SSR_0 - SSR_1) / q) / (SSR_1 / (n - p - 1 - q))

If the mean is linear and the errors are normal with one variance, the statistic has an F distribution.

Source: Ramsey, Tests for Specification Errors in Classical Linear Least-Squares Regression Analysis (1969);
Wooldridge, Introductory Econometrics, section 9.1, for this form.

Strict
------
- Any unit and any origin of y and of each feature: large powers neither overflow nor drown the other columns.
- ValueError if max_power is below 2.
- X and y may be integers of any type.
"""

from typing import NamedTuple

import numpy as np


class Reset(NamedTuple):
    """The statistic, and the degrees of freedom of its F distribution."""

    statistic: float
    dof_numerator: int
    dof_denominator: int


def ramsey_reset(X: np.ndarray, y: np.ndarray, max_power: int = 3) -> Reset:
    """Test whether powers of the fitted values add to a linear model.

    Parameters
    ----------
    X : array of shape (n, p)
        Without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n,)
        No power is a linear combination of the other columns of the second fit, and neither fit is exact.
    max_power : int
        At least 2.

    Raises
    ------
    ValueError
        If the second fit has no fewer columns than there are samples.

    Examples
    --------
    The line leaves (4, -2, -8, 6). A parabola explains 100 of the 120 squares.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([4.0, 0.0, -4.0, 12.0])
    >>> statistic, *dof = ramsey_reset(X, y, max_power=2)
    >>> round(statistic, 6), dof
    (5.0, [1, 1])
    """
    n, p = X.shape
    q = max_power - 1
    dof = n - p - 1 - q
    if q < 1 or dof < 1:
        raise ValueError(f"{n} samples are too few for {p} features and powers up to {max_power}, or there is no power")
    y = y - y.mean()
    basis = np.linalg.qr(X - X.mean(axis=0))[0]
    fitted = basis @ (basis.T @ y)
    # The columns span the same if the fitted values have another origin and unit.
    powers = (fitted / fitted.std())[:, None] ** np.arange(2, max_power + 1)
    powers -= powers.mean(axis=0)
    directions = np.linalg.qr(powers - basis @ (basis.T @ powers))[0]
    residual = y - fitted
    explained = directions.T @ residual
    rest = residual - directions @ explained
    return Reset(float((explained @ explained / q) / (rest @ rest / dof)), q, dof)


def ramsey_reset_via_two_fits(X: np.ndarray, y: np.ndarray, max_power: int = 3) -> Reset:
    """Fit twice, on all columns."""
    design = np.column_stack([np.ones(len(X)), X / X.std(axis=0)])
    y = y - y.mean()
    fitted = design @ np.linalg.lstsq(design, y)[0]
    longer = np.column_stack([design, *((fitted / fitted.std()) ** power for power in range(2, max_power + 1))])
    n, columns = longer.shape
    if columns >= n or max_power < 2:
        raise ValueError("too few samples, or there is no power")
    before, after = np.sum((y - fitted) ** 2), np.sum((y - longer @ np.linalg.lstsq(longer, y)[0]) ** 2)
    return Reset(float((before - after) / (max_power - 1) / (after / (n - columns))), max_power - 1, n - columns)


def ramsey_reset_via_gram_schmidt(X: np.ndarray, y: np.ndarray, max_power: int = 3) -> Reset:
    """Strip each column of those before it, and y of each: the squares that the powers take away are the numerator."""
    n, p = X.shape
    if max_power < 2 or n < p + max_power + 1:
        raise ValueError("too few samples, or there is no power")
    basis: list[np.ndarray] = []
    rest = start = y - y.mean()
    for column in X.T:
        rest = _stripped(rest, basis, column - column.mean())
    fitted, taken = start - rest, 0.0
    for power in range(2, max_power + 1):
        column = (fitted / abs(fitted).max()) ** power
        shorter = _stripped(rest, basis, column - column.mean())
        taken, rest = taken + float(np.sum((rest - shorter) ** 2)), shorter
    dof = max_power - 1, n - p - max_power
    return Reset(float(taken / dof[0] / (np.sum(rest**2) / dof[1])), *dof)


def _stripped(target: np.ndarray, basis: list[np.ndarray], column: np.ndarray) -> np.ndarray:
    """Put the direction that is new in a column into the basis, and return the target without it."""
    for direction in basis * 2:  # the second time removes what rounding left
        column = column - (direction @ column) * direction
    basis.append(column / (column @ column) ** 0.5)
    return target - (basis[-1] @ target) * basis[-1]
