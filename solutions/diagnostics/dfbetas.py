"""DFBETAS: how far each coefficient moves when one sample is left out.

Least squares fits an intercept and a coefficient for each feature: p = n_features + 1 numbers from n samples. Let Z be
X with a column of ones in front, b = (Z'Z)^-1 Z'y and e_i = y_i - z_i b. The leverage h_i is the i-th diagonal element
of Z (Z'Z)^-1 Z'. The fit to the other n - 1 samples follows from the fit to all:

    b_(i) = b - (Z'Z)^-1 z_i * e_i / (1 - h_i)

Let s_(i)^2 be the sum of squared residuals of that fit over its degrees of freedom, n - 1 - p. Then

    DFBETAS_ij = (b_j - b_(i)j) / sqrt(s_(i)^2 * [(Z'Z)^-1]_jj)

Both functions run in O(n p^2) time: no fit for each sample.

Source: Belsley, Kuh and Welsch, Regression Diagnostics (1980), chapter 2.

Strict
------
- A leverage counts as 1 if 1 - h_i is below 1e-8, and not before.
- X and y may hold integers of any type.
"""

import numpy as np


def leave_one_out_coefficients(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the coefficients b_(i) of the fit without sample i, for each i.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n_samples,)

    Returns
    -------
    np.ndarray
        Shape (n_samples, n_features + 1). The intercept is the first column.

    Raises
    ------
    ValueError
        If n <= p, or if a leverage is 1: without that sample the coefficients are not determined.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 2.0, 9.0])
    >>> leave_one_out_coefficients(X, y)[3].round(9)
    array([0.5, 0.5])
    """
    pinv, residual, unfitted = _fit(X, y)
    return pinv @ y - (pinv * (residual / unfitted)).T


def dfbetas(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return DFBETAS_ij, in the same shape and order.

    Raises
    ------
    ValueError
        If n <= p + 1, or if a leverage is 1.

    Examples
    --------
    Without the last sample the slope falls from 2.6 to 0.5.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 2.0, 9.0])
    >>> dfbetas(X, y)[3].round(4)
    array([-1.3663,  3.8341])
    """
    n_free = len(X) - X.shape[1] - 2
    if n_free < 1:
        raise ValueError(f"{len(X)} samples are too few for {X.shape[1]} features")
    pinv, residual, unfitted = _fit(X, y)
    variance = (residual @ residual - residual**2 / unfitted) / n_free
    scale = np.sqrt((pinv**2).sum(axis=1))
    return (pinv * (residual / unfitted / np.sqrt(variance))).T / scale


def _fit(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pseudo-inverse (Z'Z)^-1 Z', the residuals and 1 - leverage."""
    basis, triangle = np.linalg.qr(np.column_stack([np.ones(len(X)), X]))
    unfitted = 1 - (basis**2).sum(axis=1)
    if unfitted.min() < 1e-8:  # n <= p, too
        raise ValueError(f"sample {unfitted.argmin()} has leverage 1: no fit without it")
    return np.linalg.solve(triangle, basis.T), y - basis @ (basis.T @ y), unfitted


def leave_one_out_coefficients_via_sums(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Solve the normal equations of each fit: the sums over all samples less what its own sample adds."""
    if len(X) < X.shape[1] + 2:
        raise ValueError("too few samples")
    design = np.column_stack([np.ones(len(X)), X])
    total = design.T @ design
    gram = total - design[:, :, None] * design[:, None, :]
    if (np.linalg.det(gram) < 1e-8 * np.linalg.det(total)).any():
        raise ValueError("a fit without one sample is not determined")
    cross = y @ design - y[:, None] * design
    return np.einsum("ijk,ik->ij", np.linalg.inv(gram), cross)


def dfbetas_via_partial_columns(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Multiply the external residual with what the other columns leave of each, at length 1."""
    n_free = len(X) - X.shape[1] - 1
    if n_free < 2:
        raise ValueError("too few samples")
    design = np.column_stack([np.ones(len(X)), X])
    left = np.linalg.qr(design)[0]
    unfitted = 1 - np.einsum("ij,ij->i", left, left)
    if (unfitted < 1e-8).any():
        raise ValueError("a leverage is 1")
    residual = y - left @ (left.T @ y)
    internal = residual**2 / unfitted / (residual @ residual) * n_free
    external = np.sign(residual) * np.sqrt(internal * (n_free - 1) / (n_free - internal))
    moves = []
    for j in range(design.shape[1]):
        basis = np.linalg.qr(np.delete(design, j, axis=1))[0]
        partial = design[:, j] - basis @ (basis.T @ design[:, j])
        moves.append(partial / np.linalg.norm(partial) * external / np.sqrt(unfitted))
    return np.column_stack(moves)
