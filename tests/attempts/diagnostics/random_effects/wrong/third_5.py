# wrong (core): with var_effect = 0 it falls back to pooled least squares, covariance with the pooled residual variance, not var_error
"""Random effects of groups, and Hausman's test against fixed effects.

In the model y_i = Z_i coef + effect_g + error_i, Z is X with a column of ones in front. Effects and errors are
independent. So V, the covariance of y, is var_effect for two samples of one group, 0 for other pairs, and
var_effect + var_error on the diagonal. With n samples, k features, G groups and n_g samples in group g:

    var_error  = RSS of y - ybar_g on X - xbar_g / (n - G - k)            xbar_g, ybar_g, Z_bar_g: means of group g
    var_effect = max(0, RSS of ybar_g on Z_bar_g / (G - k - 1) - var_error * mean_g(1 / n_g))
    coef = (Z' V^-1 Z)^-1 Z' V^-1 y,    cov = (Z' V^-1 Z)^-1

The second regression has one row per group.

Sources: Swamy and Arora, Econometrica 40 (1972); Hausman, Specification Tests in Econometrics (1978).

Strict
------
- X and y may be integers of any type, labels any 64-bit integers.
- Features and y may lie a million standard deviations from zero. Units of features may differ by 1e10.
"""

from typing import NamedTuple

import numpy as np


class RandomEffects(NamedTuple):
    """Coefficients and their covariance, the intercept first, and both variances."""

    coef: np.ndarray
    cov: np.ndarray
    var_effect: float
    var_error: float


class Hausman(NamedTuple):
    """The statistic and its rank."""

    statistic: float
    dof: int


def fit_random_effects(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> RandomEffects:
    """Fit the model.

    Parameters
    ----------
    X : array of shape (n, k)
        Without an intercept column. Its deviations X - xbar_g have rank k, and the group means Z_bar_g have
        rank k + 1.
    y : array of shape (n,)
        With var_error > 0.
    groups : array of shape (n,)
        Integer labels in any order.

    Raises
    ------
    ValueError
        If G <= k + 1 or n <= G + k.

    Examples
    --------
    >>> X = np.array([[-1.0], [1.0], [-1.0], [1.0], [1.0], [3.0], [1.0], [3.0]])
    >>> y = np.array([0.0, 4.0, -4.0, 0.0, 7.0, 5.0, 1.0, 3.0])
    >>> fit = fit_random_effects(X, y, groups=np.array([7, 7, 2, 2, 5, 5, -1, -1]))
    >>> fit.coef.round(9), round(fit.var_effect, 9), round(fit.var_error, 9)
    (array([0.8, 1.2]), 6.0, 4.0)
    """
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, k = X.shape
    labels, g = np.unique(groups, return_inverse=True)
    G = len(labels)
    if G <= k + 1 or n <= G + k:
        raise ValueError("too few groups or samples")
    counts = np.bincount(g).astype(float)
    xbar = np.zeros((G, k))
    np.add.at(xbar, g, X)
    xbar /= counts[:, None]
    ybar = np.bincount(g, weights=y) / counts
    Xw = X - xbar[g]
    yw = y - ybar[g]
    b = np.linalg.lstsq(Xw, yw, rcond=None)[0]
    var_error = float(np.sum((yw - Xw @ b) ** 2) / (n - G - k))
    Zb = np.column_stack([np.ones(G), xbar])
    b = np.linalg.lstsq(Zb, ybar, rcond=None)[0]
    rss = np.sum((ybar - Zb @ b) ** 2)
    var_effect = max(0.0, float(rss / (G - k - 1) - var_error * np.mean(1 / counts)))
    theta = 1 - np.sqrt(var_error / (var_error + counts * var_effect))
    Z = np.column_stack([np.ones(n), X])
    Zt = Z - theta[g][:, None] * Zb[g]
    yt = y - theta[g] * ybar[g]
    coef = np.linalg.lstsq(Zt, yt, rcond=None)[0]
    cov = var_error * np.linalg.inv(Zt.T @ Zt)
    if var_effect == 0:
        cov = cov / var_error * np.sum((y - Z @ coef) ** 2) / (n - k - 1)
    return RandomEffects(coef, cov, var_effect, var_error)


def hausman(coef_fixed: np.ndarray, cov_fixed: np.ndarray, coef_random: np.ndarray, cov_random: np.ndarray) -> Hausman:
    """Return d' D^+ d and the rank of D, where d and D are the differences, fixed minus random.

    Parameters
    ----------
    coef_fixed, coef_random : arrays of shape (k,)
        Slopes only.
    cov_fixed, cov_random : symmetric arrays of shape (k, k)

    Notes
    -----
    D^+ is the pseudo-inverse. Singular values up to 1e-10 times the largest count as 0. The statistic may be negative.

    Examples
    --------
    >>> test = hausman(np.array([3.0, 1.0]), np.diag([2.0, 1.0]), np.array([1.0, 2.0]), np.diag([1.5, 1.0]))
    >>> round(test.statistic, 9), test.dof
    (8.0, 1)
    """
    d = np.asarray(coef_fixed, dtype=float) - np.asarray(coef_random, dtype=float)
    D = np.asarray(cov_fixed, dtype=float) - np.asarray(cov_random, dtype=float)
    w, V = np.linalg.eigh(D)
    keep = np.abs(w) > 1e-10 * np.abs(w).max()
    z = V[:, keep].T @ d
    return Hausman(float(np.sum(z**2 / w[keep])), int(keep.sum()))
