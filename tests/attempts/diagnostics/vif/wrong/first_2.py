# wrong (core): perfect fit tested with np.isclose(r2, 1), whose rtol of 1e-5 is too wide
"""Variance inflation factors.

A coefficient is hard to estimate if the other features predict its feature. The variance inflation factor of feature j
is the factor by which this increases the variance of the coefficient:

    VIF_j = 1 / (1 - R2_j)

R2_j belongs to the least-squares fit, with an intercept, of feature j on all other features:

    1 - R2_j = sum of squared residuals / sum of squared deviations of feature j from its mean

Sources: James et al., An Introduction to Statistical Learning, section 3.3.3; Marquardt (1970), who named the factor.

Strict
------
- Infinite if 1 - R2 is below 1e-10, finite above.
- Features may lie a million standard deviations from zero.
- A column is constant if all its values are equal. Rounding may make its computed variance a little more than 0.
"""

import numpy as np


def vif(X: np.ndarray) -> np.ndarray:
    """Return the variance inflation factor of every feature.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column.

    Returns
    -------
    array of shape (n_features,)
        1 for a single feature. inf if the fit of the feature is perfect: it is a copy or a linear combination of
        others, or samples are too few. The VIF of the other features is the same as without the redundant ones.

    Raises
    ------
    ValueError
        If a column is constant.

    Examples
    --------
    >>> vif(np.array([[1.0, 3.0], [2.0, 1.0], [3.0, 4.0], [4.0, 7.0], [5.0, 5.0]])).round(9)
    array([2., 2.])
    >>> vif(np.array([[-1.0, -1.0, -1.0], [-1.0, -1.0, 1.0], [1.0, 1.0, -1.0], [1.0, 1.0, 1.0]]))  # two equal features
    array([inf, inf,  1.])
    """
    X = np.asarray(X, dtype=float)
    if np.any(np.all(X == X[0], axis=0)):
        raise ValueError("constant column")
    Z = X - X[0]
    Z = Z - Z.mean(axis=0)
    Z = Z / np.sqrt((Z**2).sum(axis=0))
    p = Z.shape[1]
    out = np.ones(p)
    for j in range(p):
        others = np.delete(Z, j, axis=1)
        if others.shape[1] == 0:
            continue
        w = np.linalg.lstsq(others, Z[:, j], rcond=1e-8)[0]
        residual = Z[:, j] - others @ w
        r2 = 1 - (residual**2).sum()
        out[j] = np.inf if np.isclose(r2, 1) else 1 / (1 - r2)
    return out
