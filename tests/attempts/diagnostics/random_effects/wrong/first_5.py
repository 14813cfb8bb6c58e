# wrong (core): negative eigenvalues of D count as 0
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- random_effects
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
    X, y, groups = np.asarray(X).astype(float), np.asarray(y).astype(float), np.asarray(groups)
    n, k = X.shape
    _, index = np.unique(groups, return_inverse=True)
    n_g = np.bincount(index)
    G = len(n_g)
    if G <= k + 1 or n <= G + k:
        raise ValueError("not enough groups or samples")
    center, y_center = X.mean(axis=0), y.mean()
    scale = np.sqrt(np.mean((X - center) ** 2, axis=0))
    Xs, ys = (X - center) / scale, y - y_center

    def means(a):
        total = np.zeros((G, *a.shape[1:]))
        np.add.at(total, index, a)
        return total / n_g.reshape(-1, *[1] * (a.ndim - 1))

    def rss(A, b):
        return np.sum((b - A @ np.linalg.lstsq(A, b, rcond=None)[0]) ** 2)

    x_bar, y_bar = means(Xs), means(ys)
    x_dev, y_dev = Xs - x_bar[index], ys - y_bar[index]
    unit = np.sqrt(np.mean(x_dev**2, axis=0))
    var_error = rss(x_dev / unit, y_dev) / (n - G - k)
    Z, Z_bar = np.column_stack([np.ones(n), Xs]), np.column_stack([np.ones(G), x_bar])
    var_effect = max(0.0, rss(Z_bar, y_bar) / (G - k - 1) - var_error * np.mean(1 / n_g))

    theta = (1 - np.sqrt(var_error / (var_error + n_g * var_effect)))[index]
    A, b = Z - theta[:, None] * Z_bar[index], ys - theta * y_bar[index]
    Q, R = np.linalg.qr(A)
    c = np.linalg.solve(R, Q.T @ b)
    R_inv = np.linalg.inv(R)
    T = np.diag(np.append(1.0, 1 / scale))
    T[0, 1:] = -center / scale
    root = T @ R_inv
    cov = var_error * root @ root.T
    coef = T @ c
    coef[0] += y_center
    return RandomEffects(coef, cov, float(var_effect), float(var_error))


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
    d = np.asarray(coef_fixed, float) - np.asarray(coef_random, float)
    D = np.asarray(cov_fixed, float) - np.asarray(cov_random, float)
    values, vectors = np.linalg.eigh((D + D.T) / 2)
    size = values
    keep = size > 1e-10 * size.max(initial=0.0)
    part = vectors[:, keep].T @ d
    return Hausman(float(np.sum(part**2 / values[keep])), int(keep.sum()))
