# different style; both bars
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
    n, k = X.shape
    rows_of: dict[int, list[int]] = {}
    for i, label in enumerate(groups.tolist()):
        rows_of.setdefault(label, []).append(i)
    G = len(rows_of)
    if n <= G + k:
        raise ValueError("need more than G + k rows")

    # Within a group, compare each row with the mean of those before it. Scaled by sqrt(m / (m + 1)), these n - G
    # comparisons are an orthonormal transform of the rows less their mean: same slopes, same residual sum of squares.
    data = np.column_stack([X.astype(np.longdouble), y.astype(np.longdouble)])
    compared = []
    starts, shifts = [], []
    for label in sorted(rows_of):
        rows = rows_of[label]
        start = data[rows[0]]
        mean = np.zeros(k + 1)
        for m, i in enumerate(rows[1:], start=1):
            gap = (data[i] - start).astype(float) - mean
            compared.append(np.sqrt(m / (m + 1)) * gap)
            mean = mean + gap / (m + 1)
        starts.append(start)
        shifts.append(mean)
    H = np.array(compared)
    size = np.abs(H[:, :k]).max(axis=0)
    if (size == 0).any():
        raise ValueError("a feature is constant within every group")

    Q, R = np.linalg.qr(H[:, :k] / size)
    projected = Q.T @ H[:, k]
    residual = H[:, k] - Q @ projected
    inverse = np.linalg.solve(R, np.eye(k)) / size[:, None]
    coef = inverse @ projected
    sigma = np.sqrt(residual @ residual / (len(H) - k))
    means = np.array(starts) + np.array(shifts)
    effects = (means[:, k] - means[:, :k] @ coef).astype(float)
    return FixedEffects(coef, sigma * np.sqrt((inverse**2).sum(axis=1)), effects)
