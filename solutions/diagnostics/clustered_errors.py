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
    n_samples, n_coefficients = len(X), X.shape[1] + 1
    labels, group = np.unique(groups, return_inverse=True)
    if len(labels) < 2:
        raise ValueError("a single group tells nothing of how groups vary")
    if n_samples <= n_coefficients:
        raise ValueError(f"{n_samples} samples are too few for {n_coefficients} coefficients")
    mean, deviation = X.mean(axis=0), y - y.mean()
    basis, triangle = np.linalg.qr(X - mean)
    slopes = np.linalg.solve(triangle, basis.T)
    influence = np.vstack([1 / n_samples - mean @ slopes, slopes])
    residual = deviation - basis @ (basis.T @ deviation)
    sums = np.array([np.bincount(group, row) for row in influence * residual])
    factor = len(labels) / (len(labels) - 1) * (n_samples - 1) / (n_samples - n_coefficients)
    return np.sqrt(factor * (sums**2).sum(axis=1))


def clustered_standard_errors_via_matrices(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Multiply by indicators of the groups, about the mean of X, and move the result to the origin."""
    member = groups[:, None] == np.unique(groups)
    n_samples, n_coefficients, n_groups = len(X), X.shape[1] + 1, member.shape[1]
    if n_groups == 1 or n_samples <= n_coefficients:
        raise ValueError("one group, or too few samples")
    design = np.column_stack([np.ones(n_samples), X - X.mean(axis=0)])
    bread = np.linalg.inv(design.T @ design)
    bread[0] -= X.mean(axis=0) @ bread[1:]
    residual = y - design @ np.linalg.solve(design.T @ design, design.T @ y)
    factor = n_groups * (n_samples - 1) / ((n_groups - 1) * (n_samples - n_coefficients))
    return factor**0.5 * np.linalg.norm(bread @ (design.T * residual) @ member, axis=1)


def clustered_standard_errors_via_each_alone(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Strip each column of what the others predict of it, and add up what is left, group by group."""
    design = np.column_stack([np.ones(len(X)), X])
    n_free = len(X) - design.shape[1]
    members: dict[int, list[int]] = {}
    for i, label in enumerate(groups.tolist()):
        members.setdefault(label, []).append(i)
    if len(members) < 2 or n_free < 1:
        raise ValueError("one group, or too few samples")
    residual = _stripped(design, y)
    factor = (len(X) - 1) / n_free / (1 - 1 / len(members))
    found = []
    for j in range(design.shape[1]):
        rest = _stripped(np.delete(design, j, axis=1), design[:, j])
        squares = sum((rest[rows] @ residual[rows]) ** 2 for rows in members.values())
        found.append((factor * squares) ** 0.5 / (rest @ rest))
    return np.array(found)


def _stripped(design: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return what least squares on the columns leaves of the target."""
    basis = np.linalg.qr(design)[0]
    return target - basis @ (basis.T @ target)
