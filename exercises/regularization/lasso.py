# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- lasso
"""The lasso.

Over n samples, the lasso minimises

    1 / (2 n) * sum over samples of (y_i - intercept - x_i . coef)^2 + alpha * sum over features of |coef_j|

The intercept costs nothing. Whether coef is a minimum can be read off the residuals r_i that it leaves with the best
intercept, the one that makes them sum to 0. With g_j = (sum of x_ij * r_i) / n, it is a minimum if and only if, for
every feature,

    g_j = alpha            where coef_j > 0
    g_j = -alpha           where coef_j < 0
    -alpha <= g_j <= alpha where coef_j = 0

The penalty pulls with the same force however small a coefficient is, so that weak features end at 0: at 0, not near it.

Source: Tibshirani (1996) for the lasso; Friedman, Hastie and Tibshirani, Regularization Paths for Generalized Linear
Models via Coordinate Descent (2010), section 2, for the method that most libraries use.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """What `fit_lasso` returns: a number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def soft_threshold(z: np.ndarray, t: float) -> np.ndarray:
    """Move every number towards 0 by t; a number that is within t of 0 becomes 0.

    Parameters
    ----------
    z : array of any shape
    t : float, 0 or more

    Returns
    -------
    array of the shape of z
        The w that minimises (w - z)^2 / 2 + t |w|, for each number.

    Examples
    --------
    >>> soft_threshold(np.array([3.0, -0.5, -2.0]), 1.0)
    array([ 2.,  0., -1.])
    """
    raise NotImplementedError


def fit_lasso(X: np.ndarray, y: np.ndarray, alpha: float, tol: float = 1e-8) -> Fit:
    """Fit a linear model with an intercept and a penalty on the absolute values of its coefficients.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        No intercept column. It is used in its own units, whichever they are, not standardised. There may be more
        features than samples; features may be constant, and may be exact copies or combinations of one another.
    y : array of shape (n_samples,)
    alpha : float, 0 or more
        The weight of the penalty, as in the formula above. At 0 it is least squares.
    tol : float, positive
        When to stop: as soon as none of the conditions above is missed by more than tol, however many steps that
        takes. That the last step changed little does not show it. Going on longer is right as well. tol is always far
        above rounding, so it can be met.

    Returns
    -------
    Fit
        intercept, coef. For alpha above 0, a coefficient whose condition holds with room to spare, |g_j| < alpha by
        more than tol, is exactly 0, not just small; that of a constant feature always is 0. Where there are several
        minima, any of them will do. The intercept leaves residuals of mean 0.

    Raises
    ------
    ValueError
        If alpha is negative.

    Examples
    --------
    Centred, x y averages 7/3 and x^2 averages 2/3: the slope is (7/3 - alpha) / (2/3).

    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    >>> intercept, coef = fit_lasso(X, y, alpha=1 / 3)
    >>> round(intercept, 6), coef.round(6)
    (1.0, array([3.]))
    >>> fit_lasso(X, y, alpha=2.5)
    Fit(intercept=4.0, coef=array([0.]))
    """
    raise NotImplementedError
