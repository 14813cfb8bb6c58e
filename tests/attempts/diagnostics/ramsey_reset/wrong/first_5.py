# wrong (core): sample check forgets the intercept: no ValueError when columns equal samples
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
    X = np.array(X, dtype=float)
    y = np.array(y, dtype=float)
    n, p = X.shape
    if max_power < 2:
        raise ValueError("max_power must be at least 2")
    q = max_power - 1
    if n <= p + q:
        raise ValueError("too few samples")
    Xs = X / np.abs(X).max(axis=0)
    Xs -= Xs.mean(axis=0)
    Xs /= np.sqrt((Xs**2).mean(axis=0))
    ys = y / np.abs(y).max()
    ys -= ys.mean()
    ys /= np.sqrt((ys**2).mean())
    design = np.column_stack([np.ones(n), Xs])
    coef = np.linalg.lstsq(design, ys, rcond=None)[0]
    fitted = design @ coef
    ssr_0 = np.sum((ys - fitted) ** 2)
    f = fitted - fitted.mean()
    f /= np.abs(f).max()
    basis = np.linalg.qr(design)[0]
    rest = ys - fitted
    for k in range(2, max_power + 1):
        column = f**k
        for _ in range(2):
            column = column - basis @ (basis.T @ column)
        column /= np.linalg.norm(column)
        rest = rest - column * (column @ rest)
        basis = np.column_stack([basis, column])
    ssr_1 = np.sum(rest**2)
    dof = n - p - 1 - q
    return Reset(float((ssr_0 - ssr_1) / q / (ssr_1 / dof)), q, dof)
