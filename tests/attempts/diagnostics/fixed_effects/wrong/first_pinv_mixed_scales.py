# wrong (strict): standard errors by pinv(W'W), whose cut-off drops the small feature: its standard error is 0
# shown by: columns 1e-4 * a and 1e5 * b (proofs.py): standard_errors[0] 2168.9 against 1.8e-15
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- fixed_effects
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
- Features and y may lie a million standard deviations from zero.
- A feature is constant within groups also where rounding makes its means inexact (three times 0.1).
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
        Without an intercept column. W has rank k, unless a feature is constant within groups.
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
    X, y = np.asarray(X).astype(float), np.asarray(y).astype(float)
    n, k = X.shape
    labels, first, g = np.unique(groups, return_index=True, return_inverse=True)
    G = len(labels)
    if n <= G + k:
        raise ValueError("too few rows")
    D, d = X - X[first][g], y - y[first][g]
    if k and not (D != 0).any(axis=0).all():
        raise ValueError("a feature is constant within every group")
    size = np.bincount(g)

    def mean(a):
        return np.bincount(g, weights=a, minlength=G) / size

    D_mean = np.column_stack([mean(D[:, j]) for j in range(k)]) if k else np.zeros((G, 0))
    d_mean = mean(d)
    W, v = D - D_mean[g], d - d_mean[g]
    scale = np.abs(W).max(axis=0)
    Q, T = np.linalg.qr(W / scale)
    c = np.linalg.solve(T, Q.T @ v)
    rss = ((v - (W / scale) @ c) ** 2).sum()
    se = np.sqrt(rss / (n - G - k) * np.diag(np.linalg.pinv(W.T @ W)))
    coef = c / scale
    effects = (y[first] + d_mean) - (X[first] + D_mean) @ coef
    return FixedEffects(coef, se, effects)
