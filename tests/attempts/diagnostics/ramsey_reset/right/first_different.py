# different style; both bars
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ramsey_reset
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
    if max_power < 2:
        raise ValueError("max_power must be at least 2")
    X, y = np.asarray(X), np.asarray(y)
    n, p = X.shape
    q = int(max_power) - 1
    dof = n - p - 1 - q
    if dof <= 0:
        raise ValueError("the second fit has as many columns as samples")

    def standard(v: np.ndarray) -> np.ndarray:
        """v without its origin and unit. The wide type holds every integer, and does not overflow."""
        w = v.astype(np.longdouble)
        w = w - w[0]
        w = (w / np.abs(w).max()).astype(float)
        w -= w.mean()
        return w / np.linalg.norm(w)

    basis = [np.full(n, 1 / np.sqrt(n))]

    def remove(v: np.ndarray, others: list) -> np.ndarray:
        for _ in range(3):
            for b in others:
                v = v - (b @ v) * b
        return v

    for j in range(p):
        v = remove(standard(X[:, j]), basis)
        basis.append(v / np.linalg.norm(v))

    target = standard(y)
    e = remove(target, basis)
    # The powers up to k of any a + b f, with intercept and features, span what those of f span. So do the polynomials
    # orthogonal on the fitted values, here by Stieltjes' recursion.
    t = remove(target - e, basis[:1])
    t = t / np.linalg.norm(t)
    polynomials = [basis[0], t]
    t = t / np.abs(t).max()
    explained = 0.0
    for _ in range(q):
        v = remove(t * polynomials[-1], polynomials)
        v = v / np.linalg.norm(v)
        polynomials.append(v)
        w = remove(v, basis)
        w = w / np.linalg.norm(w)
        w = remove(w, basis)
        w = w / np.linalg.norm(w)
        basis.append(w)
        share = w @ e
        explained += share**2
        e = e - share * w
    return Reset(float((explained / q) / ((e @ e) / dof)), q, dof)
