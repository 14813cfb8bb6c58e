# wrong (core): takes a sum of squared residuals below 1e-10 for an exact fit and returns zeros
# shown by: x=0..3, y=1e-6 * [0,1,-2,1], groups=[3,7,7,-1]: sqrt([0.18, 0.405]) * 1e-6 against wrong [0, 0]
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- clustered_errors
"""Standard errors for rows that come in groups, such as the orders of one customer.

Least squares fits b = A y with A = (Z'Z)^-1 Z', where Z is X with a column of ones in front. Errors may be
correlated within a group, in any way, but not between groups. With residuals e_i, n samples, p = n_features + 1
coefficients and G groups, the variance of b_j is estimated by

    c * sum over groups g of (sum over the samples i in g of A_ji e_i)^2
    c = G / (G - 1) * (n - 1) / (n - p)

The standard error is its square root. The factor c is a correction for small samples.

Sources: Liang and Zeger, Biometrika 73 (1986); Cameron and Miller, A Practitioner's Guide to Cluster-Robust
Inference (2015), for the factor.

Strict
------
- X and y may be integers of any type.
- Labels may be any 64-bit integers.
- Features and y may lie a million standard deviations from zero.
"""

import numpy as np


def clustered_standard_errors(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the clustered standard errors: the intercept first, then the features in order.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n_samples,)
    groups : array of shape (n_samples,)
        Integer labels in any order: 7 and -1, say. G counts the labels that occur. It may be less than p.

    Raises
    ------
    ValueError
        If there is one group, or n <= p.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> (clustered_standard_errors(X, y, groups=np.array([3, 7, 7, -1])) ** 2).round(9)
    array([0.18 , 0.405])
    """
    X, y, groups = np.asarray(X, dtype=float), np.asarray(y, dtype=float), np.asarray(groups)
    n, n_features = X.shape
    p = n_features + 1
    labels, index = np.unique(groups, return_inverse=True)
    G = len(labels)
    if G < 2:
        raise ValueError("one group")
    if n <= p:
        raise ValueError("too few samples")

    mean = X.mean(axis=0)
    Xc = X - mean
    rest = Xc.mean(axis=0)
    Xc, mean = Xc - rest, mean + rest
    yc = y - y.mean()
    yc = yc - yc.mean()
    size = np.sqrt((Xc**2).sum(axis=0))
    Q, R = np.linalg.qr(Xc / size)
    residuals = yc - Q @ (Q.T @ yc)
    A = np.empty((p, n))
    A[1:] = np.linalg.solve(R, Q.T) / size[:, None]
    A[0] = 1 / n - mean @ A[1:]

    if residuals @ residuals < 1e-10:
        return np.zeros(p)  # fitted exactly
    scores = np.zeros((G, p))
    np.add.at(scores, index.ravel(), (A * residuals).T)
    c = G / (G - 1) * (n - 1) / (n - p)
    return np.sqrt(c * (scores**2).sum(axis=0))
