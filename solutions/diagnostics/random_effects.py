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
    n, k = X.shape
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(sizes) <= k + 1 or n <= len(sizes) + k:
        raise ValueError(f"{n} samples in {len(sizes)} groups are too few for {k} features")
    shift, level = X.mean(axis=0), y.mean()
    data = np.column_stack([np.ones(n), X - shift, y - level])
    means = np.column_stack([np.bincount(group, column) for column in data.T]) / sizes[:, None]
    var_error = _rss((data - means[group])[:, 1:]) / (n - len(sizes) - k)
    var_effect = max(0.0, _rss(means) / (len(sizes) - k - 1) - var_error * (1 / sizes).mean())
    theta = 1 - np.sqrt(var_error / (var_error + sizes * var_effect))
    data -= (theta[:, None] * means)[group]
    basis, triangle = np.linalg.qr(data[:, :-1])
    root = np.linalg.inv(triangle)
    coef = root @ (basis.T @ data[:, -1])
    root[0] -= shift @ root[1:]
    coef[0] += level - shift @ coef[1:]
    return RandomEffects(coef, var_error * root @ root.T, float(var_effect), float(var_error))


def _rss(data: np.ndarray) -> float:
    """Return the residual sum of squares of the last column on the others."""
    return np.linalg.qr(data, mode="r")[-1, -1] ** 2


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
    difference = coef_fixed - coef_random
    solution, _, rank, _ = np.linalg.lstsq(cov_fixed - cov_random, difference, rcond=1e-10)
    return Hausman(float(difference @ solution), int(rank))


def fit_random_effects_via_covariance(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> RandomEffects:
    """Write down V, about the means of X and y, and solve with it."""
    member = groups[:, None] == np.unique(groups)
    sizes = member.sum(axis=0)
    (n, k), n_groups = X.shape, len(sizes)
    if n_groups - k < 2 or n - n_groups < k + 1:
        raise ValueError("too few samples or groups")
    centre = X.mean(axis=0)
    design, target = np.column_stack([np.ones(n), X - centre]), y - y.mean()
    left = _left(np.column_stack([member, X - centre]), target)
    var_error = left @ left / (n - n_groups - k)
    apart = _left(member.T @ design / sizes[:, None], member.T @ target / sizes)
    between = apart @ apart / (n_groups - k - 1)
    var_effect = max(between - var_error * np.mean(1 / sizes), 0.0)
    V = var_error * np.eye(n) + var_effect * member @ member.T
    weighted = np.linalg.solve(V, design)
    cov = np.linalg.inv(design.T @ weighted)
    coef = cov @ (weighted.T @ target)
    coef[0] += y.mean()
    move = np.eye(k + 1)
    move[0, 1:] = -centre
    return RandomEffects(move @ coef, move @ cov @ move.T, float(var_effect), float(var_error))


def _left(design: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the residuals of least squares."""
    return target - design @ np.linalg.lstsq(design, target)[0]


def fit_random_effects_via_moments(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> RandomEffects:
    """Add up products within and between groups, one group at a time, and solve normal equations."""
    n, k = X.shape
    about = np.append(X.mean(axis=0), y.mean())
    rows: dict[int, list[int]] = {}
    for i, label in enumerate(groups.tolist()):
        rows.setdefault(label, []).append(i)
    if min(len(rows) - 1, n - len(rows)) <= k:
        raise ValueError("too few samples or groups")
    within, between, means = np.zeros((k + 2, k + 2)), np.zeros((k + 2, k + 2)), []
    for members in rows.values():
        part = np.column_stack([np.ones(len(members)), np.column_stack([X, y])[members] - about])
        mean = part.sum(axis=0) / len(members)
        within += (part - mean).T @ (part - mean)
        between += np.outer(mean, mean)
        means.append((len(members), mean))
    var_error = _left_over(within[1:, 1:]) / (n - len(rows) - k)
    harmonic = sum(1 / size for size, _ in means) / len(rows)
    var_effect = max(_left_over(between) / (len(rows) - k - 1) - var_error * harmonic, 0.0)
    total = within / var_error
    for size, mean in means:
        total += np.outer(mean, mean) * size / (var_error + size * var_effect)
    cov = np.linalg.inv(total[:-1, :-1])
    coef = cov @ total[:-1, -1]
    spread = cov[0] - about[:-1] @ cov[1:]
    cov[0, 0] = spread[0] - spread[1:] @ about[:-1]
    cov[0, 1:] = cov[1:, 0] = spread[1:]
    coef[0] += about[-1] - about[:-1] @ coef[1:]
    return RandomEffects(coef, cov, float(var_effect), float(var_error))


def _left_over(products: np.ndarray) -> float:
    """Return the residual sum of squares of the last column, given all products of columns."""
    A, b = products[:-1, :-1], products[:-1, -1]
    return products[-1, -1] - b @ np.linalg.solve(A, b)


def hausman_via_eigenvalues(
    coef_fixed: np.ndarray, cov_fixed: np.ndarray, coef_random: np.ndarray, cov_random: np.ndarray
) -> Hausman:
    """Add up one term for each eigenvalue that is not 0."""
    values, vectors = np.linalg.eigh(cov_fixed - cov_random)
    along = vectors.T @ (coef_fixed - coef_random)
    statistic, dof = 0.0, 0
    for value, part in zip(values, along, strict=True):
        if abs(value) > 1e-10 * abs(values).max():
            statistic += part * part / value
            dof += 1
    return Hausman(float(statistic), dof)


def hausman_via_pseudo_inverse(
    coef_fixed: np.ndarray, cov_fixed: np.ndarray, coef_random: np.ndarray, cov_random: np.ndarray
) -> Hausman:
    """Take the pseudo-inverse, whose product with D has the rank as its trace."""
    d, D = coef_fixed - coef_random, cov_fixed - cov_random
    inverse = np.linalg.pinv(D, rcond=1e-10, hermitian=True)
    return Hausman(float(np.einsum("i,ij,j", d, inverse, d)), round(float(np.trace(inverse @ D))))
