# wrong (core): sums runs of equal labels, so a label that comes back later is split
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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    groups = np.asarray(groups)
    n, p = X.shape[0], X.shape[1] + 1
    labels, index = np.unique(groups, return_inverse=True)
    G = len(labels)
    if G < 2 or n <= p:
        raise ValueError("need two groups and n > p")
    mean, scale = X.mean(axis=0), X.std(axis=0)
    Q, R = np.linalg.qr(np.column_stack([np.ones(n), (X - mean) / scale]))
    yc = y - y.mean()
    e = yc - Q @ (Q.T @ yc)
    e -= Q @ (Q.T @ e)
    A = np.linalg.solve(R, Q.T)
    A[1:] /= scale[:, None]
    A[0] -= mean @ A[1:]
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    sums = np.add.reduceat((A * e).T, starts, axis=0)
    c = G / (G - 1) * (n - 1) / (n - p)
    return np.sqrt(c * (sums**2).sum(axis=0))
