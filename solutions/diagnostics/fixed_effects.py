"""Fixed effects: a regression with an intercept for each group of rows.

In the model y_i = x_i . coef + effect_g + error_i, every group g has an effect of its own, which may be related to the
features. Least squares over coef and all effects compares rows of one group only. With n samples, k features and G
groups, xbar_g and ybar_g the means of group g, and rows x_i - xbar_g in W:

    coef     = least squares of y_i - ybar_g on x_i - xbar_g, without an intercept
    effect_g = ybar_g - xbar_g . coef
    variance of coef_j = RSS / (n - G - k) * ((W'W)^-1)_jj    RSS: the residual sum of squares

Source: Wooldridge, Econometric Analysis of Cross Section and Panel Data, section 10.5.

Strict
------
- X and y may be integers of any type, labels any 64-bit integers.
- Features and y may lie a million standard deviations from zero, and units of features may differ by 1e9.
- A feature is constant within every group also where rounding makes its means inexact (three times 0.1).
"""

from typing import NamedTuple

import numpy as np


class FixedEffects(NamedTuple):
    """Slopes and their standard errors, of shape (k,), and the effects, of shape (G,)."""

    coef: np.ndarray
    standard_errors: np.ndarray
    effects: np.ndarray


def fit_fixed_effects(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> FixedEffects:
    """Fit the model.

    Parameters
    ----------
    X : array of shape (n, k)
        Without an intercept column. W has rank k, unless a feature is constant within every group.
    y : array of shape (n,)
    groups : array of shape (n,)
        Integer labels in any order. A group may have one row: it has an effect and counts in G.

    Returns
    -------
    FixedEffects
        Effects stand in the order of their labels, smallest first.

    Raises
    ------
    ValueError
        If a feature is constant within every group, or n <= G + k.

    Examples
    --------
    >>> X, y = np.array([[0.0], [2.0], [10.0], [14.0]]), np.array([1.0, 5.0, 1.0, 5.0])
    >>> fit = fit_fixed_effects(X, y, groups=np.array([7, 7, 2, 2]))
    >>> fit.coef.round(9), fit.standard_errors.round(9), fit.effects.round(9)
    (array([1.2]), array([0.4]), array([-11.4,   1.8]))
    """
    n, k = X.shape
    _, first, group, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    dof = n - len(sizes) - k
    if dof <= 0:
        raise ValueError(f"{n} samples in {len(sizes)} groups are too few for {k} features")
    if (X[first][group] == X).all(axis=0).any():
        raise ValueError("a feature that is constant within every group has no slope")
    shift, level = X.mean(axis=0), y.mean()
    data = np.column_stack([X - shift, y - level])
    means = np.column_stack([np.bincount(group, column) for column in data.T]) / sizes[:, None]
    data -= means[group]
    basis, triangle = np.linalg.qr(data[:, :-1])
    root = np.linalg.inv(triangle)
    explained = basis.T @ data[:, -1]
    residual = data[:, -1] - basis @ explained
    coef = root @ explained
    errors = np.sqrt(residual @ residual / dof) * np.linalg.norm(root, axis=1)
    return FixedEffects(coef, errors, level - shift @ coef + means[:, -1] - means[:, :-1] @ coef)


def fit_fixed_effects_via_indicators(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> FixedEffects:
    """Fit everything at once: one column for each feature and one for each group."""
    labels = np.unique(groups)
    member = groups[:, None] == labels
    n, k = X.shape
    if n - len(labels) < k + 1:
        raise ValueError("too few samples")
    if any(all(np.ptp(X[groups == g, j]) == 0 for g in labels) for j in range(k)):
        raise ValueError("a feature does not vary within any group")
    design = np.column_stack([X - X[0].astype(float), member])
    inverse = np.linalg.pinv(design)
    centred = y - float(y[0])
    fitted = inverse @ centred
    variance = np.sum((centred - design @ fitted) ** 2) / (n - len(labels) - k)
    errors = np.sqrt(variance * (inverse[:k] ** 2).sum(axis=1))
    return FixedEffects(fitted[:k], errors, fitted[k:] + y[0] - X[0] @ fitted[:k])


def fit_fixed_effects_via_pairs(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> FixedEffects:
    """Add up products of differences of all pairs in a group: over n_g, they are the products of deviations."""
    k, labels = X.shape[1], sorted(set(groups.tolist()))
    if len(X) <= len(labels) + k:
        raise ValueError("too few samples")
    data = np.column_stack([X, y]).astype(float)
    products = np.zeros((k + 1, k + 1))
    for label in labels:
        rows = data[groups == label]
        apart = (rows[:, None] - rows).reshape(-1, k + 1)
        products += apart.T @ apart / (2 * len(rows))
    if (np.diag(products)[:k] == 0).any():
        raise ValueError("no slope for a feature that is constant within groups")
    scale = np.sqrt(np.diag(products)[:k])
    inverse = np.linalg.inv(products[:k, :k] / np.outer(scale, scale)) / np.outer(scale, scale)
    coef = inverse @ products[:k, k]
    effects = [np.mean(y[groups == g] - X[groups == g].astype(float) @ coef) for g in labels]
    residual = y - X.astype(float) @ coef - np.array(effects)[np.searchsorted(labels, groups)]
    variance = residual @ residual / (len(X) - len(labels) - k)
    return FixedEffects(coef, np.sqrt(variance * np.diag(inverse)), np.array(effects))
