# wrong (core): raises only if all features are constant within every group, not if one is
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
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    labels, g = np.unique(np.asarray(groups), return_inverse=True)
    g = g.reshape(-1)
    (n, k), G = X.shape, len(labels)
    sizes = np.bincount(g, minlength=G)
    constant = np.array([[np.ptp(X[g == i, j]) == 0 for j in range(k)] for i in range(G)]).reshape(G, k)
    if constant.all():
        raise ValueError("a feature is constant within every group")
    if n <= G + k:
        raise ValueError("too few rows")
    shift_x, shift_y = X.mean(axis=0), y.mean()
    Xc, yc = X - shift_x, y - shift_y
    xbar = np.stack([Xc[g == i].mean(axis=0) for i in range(G)])
    ybar = np.array([yc[g == i].mean() for i in range(G)])
    W, v = Xc - xbar[g], yc - ybar[g]
    scale = np.sqrt((W**2).sum(axis=0))
    scale[scale == 0] = 1.0
    W = W / scale
    b = np.linalg.lstsq(W, v, rcond=None)[0]
    rss = ((v - W @ b) ** 2).sum()
    df = n - G - k
    se = np.sqrt(rss / df * np.diag(np.linalg.pinv(W.T @ W))) / scale
    coef = b / scale
    return FixedEffects(coef, se, (ybar + shift_y) - (xbar + shift_x) @ coef)
