# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ridge
"""Ridge regression.

Least squares pays for residuals alone. Ridge also pays for coefficients: it minimises

    sum over samples of (y_i - intercept - x_i . coef)^2 + alpha * sum over features of coef_j^2

The intercept costs nothing, so that a shift of y, or of a feature, leaves coef alone. For alpha above 0 there is one
minimum, whatever X is: along a direction in which the features have the singular value d, the least-squares solution is
multiplied by d^2 / (d^2 + alpha), which is nearly 1 where d is large and nearly 0 where it is small.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 3.4.1; Hoerl and Kennard (1970).
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """What `fit_ridge` returns: a number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def fit_ridge(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Fit a linear model with an intercept and a penalty on the squares of its coefficients.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least two samples, and no intercept column. It is used in its own units, whichever they are, not
        standardised. Features may be constant, though not all of them, and may depend on one another, exactly but for
        rounding; there may be more of them than samples.
    y : array of shape (n_samples,)
    alpha : float, 0 or more
        The weight of the penalty, as in the formula above: neither halved nor multiplied by the number of samples.

    Returns
    -------
    Fit
        intercept, coef. At alpha 0, several fits may share the smallest sum of squared residuals. Of those, return the
        one whose coef has the smallest sum of squares, which is the limit as alpha falls to 0.

    Raises
    ------
    ValueError
        If alpha is negative.

    Examples
    --------
    Centred, x y sums to 7 and x^2 to 2: the slope is 7 / (2 + alpha).

    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> intercept, coef = fit_ridge(X, y, alpha=5.0)
    >>> round(intercept, 9), coef.round(9)
    (3.0, array([1.]))
    >>> intercept, coef = fit_ridge(X, y, alpha=0.0)
    >>> round(intercept, 9), coef.round(9)
    (0.5, array([3.5]))
    """
    raise NotImplementedError
