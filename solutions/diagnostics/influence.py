"""Leverage, studentised residuals and Cook's distance.

Least squares fits an intercept and a coefficient for each feature: p = n_features + 1 numbers from n samples. Let Z be
X with a column of ones in front, e_i = y_i - fitted_i, and s^2 = sum_i e_i^2 / (n - p).

Leverage is the weight of y_i in its own fitted value:

    h_i = the i-th diagonal element of Z (Z'Z)^-1 Z'

The variance of e_i is (1 - h_i) sigma^2. So a residual is studentised by

    internally:    e_i / (s sqrt(1 - h_i))
    externally:    e_i / (s_(i) sqrt(1 - h_i))

where s_(i)^2 is the s^2 of the fit to the other n - 1 samples. Cook's distance tells how far all fitted values move if
sample i is left out:

    D_i = sum_j (fitted_j - fitted_j without i)^2 / (p s^2) = e_i^2 / (p s^2) * h_i / (1 - h_i)^2

Every function runs in O(n p^2) time: no n by n matrix, and no fit for each sample.

Sources: Cook (1977); Belsley, Kuh and Welsch, Regression Diagnostics (1980), chapter 2.

Strict
------
- Residual and distance are NaN if 1 - h_i is below 1e-8: any y_i is fitted exactly.
- Features and y may lie a million standard deviations from zero, in units as unlike as those of an income and an
  interest rate.
"""

import numpy as np


def leverage(X: np.ndarray) -> np.ndarray:
    """Return the leverage of each sample.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features are linearly independent, and none is constant.

    Examples
    --------
    >>> leverage(np.array([[0.0], [1.0], [2.0], [3.0]])).round(9)
    array([0.7, 0.3, 0.3, 0.7])
    """
    basis = np.linalg.qr(X - X.mean(axis=0))[0]
    return 1 / len(X) + (basis**2).sum(axis=1)


def studentized_residuals(X: np.ndarray, y: np.ndarray, external: bool) -> np.ndarray:
    """Return the studentised residuals, with the sign of e_i.

    Raises
    ------
    ValueError
        If n <= p, or n <= p + 1 for external residuals: the variance has no degree of freedom.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 0.0, 1.0])
    >>> studentized_residuals(X, y, external=False).round(4)
    array([ 1.291 , -0.8452, -0.8452,  1.291 ])
    >>> studentized_residuals(X, y, external=True).round(4)
    array([ 2.2361, -0.7454, -0.7454,  2.2361])
    """
    h, residual = leverage(X), _residual(X, y)
    n_free = len(X) - X.shape[1] - 1
    if n_free - external < 1:
        raise ValueError(f"{len(X)} samples are too few for {X.shape[1]} features")
    unfitted = np.where(1 - h < 1e-8, np.nan, 1 - h)
    squares = residual @ residual
    if external:
        # The sum that the fit without the sample leaves, by the identity that spares that fit.
        squares = squares - residual**2 / unfitted
    return residual / np.sqrt(squares / (n_free - external) * unfitted)


def cooks_distance(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Cook's distance of each sample.

    Raises
    ------
    ValueError
        If n <= p.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 0.0, 1.0])
    >>> cooks_distance(X, y).round(4)
    array([1.9444, 0.1531, 0.1531, 1.9444])
    """
    h, residual = leverage(X), _residual(X, y)
    n_coefficients = X.shape[1] + 1
    if len(X) <= n_coefficients:
        raise ValueError(f"{len(X)} samples are too few for {X.shape[1]} features")
    unfitted = np.where(1 - h < 1e-8, np.nan, 1 - h)
    variance = residual @ residual / (len(X) - n_coefficients)
    return residual**2 / (n_coefficients * variance) * h / unfitted**2


def _residual(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what the fit leaves of y."""
    basis, deviation = np.linalg.qr(X - X.mean(axis=0))[0], y - y.mean()
    return deviation - basis @ (basis.T @ deviation)


def leverage_via_distances(X: np.ndarray) -> np.ndarray:
    """Measure how far each sample lies from the mean, in the metric of the features' covariance."""
    centred = X - X.mean(axis=0)
    return (1 + (centred @ np.linalg.inv(centred.T @ centred / len(X)) * centred).sum(axis=1)) / len(X)


def leverage_via_pseudo_inverse(X: np.ndarray) -> np.ndarray:
    """Multiply each row of the design with its column of the pseudo-inverse."""
    design = _design(X)
    scaled = design / np.linalg.norm(design, axis=0)
    return np.einsum("ij,ji->i", scaled, np.linalg.pinv(scaled))


def leverage_via_determinants(X: np.ndarray) -> np.ndarray:
    """Compare the determinant of Z'Z without a sample with that of all: their ratio is 1 - h."""
    design = _design(X)
    gram = design.T @ design
    return 1 - np.linalg.det(gram - design[:, :, None] * design[:, None, :]) / np.linalg.det(gram)


def studentized_residuals_via_leaving_out(X: np.ndarray, y: np.ndarray, external: bool) -> np.ndarray:
    """Fit without each sample, from sums less its own, and compare its y with what the others predict."""
    n_samples, n_coefficients = len(X), X.shape[1] + 1
    if n_samples - n_coefficients < 1 + external:
        raise ValueError("too few samples")
    design, coef_without = _without_each(X, y)
    surprise = y - y.mean() - (design * coef_without).sum(axis=1)
    unfitted = 1 - leverage_via_determinants(X)
    squares, n_free = np.nansum((surprise * unfitted) ** 2), n_samples - n_coefficients
    if external:
        squares, n_free = squares - surprise**2 * unfitted, n_free - 1
    return surprise * np.sqrt(unfitted / (squares / n_free))


def studentized_residuals_via_each_other(X: np.ndarray, y: np.ndarray, external: bool) -> np.ndarray:
    """Turn internally studentised residuals into external ones: each is a function of the other."""
    n_samples, n_features = X.shape
    n_free = n_samples - n_features - 1
    if n_free <= int(external):
        raise ValueError("too few samples")
    design = _design(X)
    left = np.linalg.svd(design / np.linalg.norm(design, axis=0), full_matrices=False)[0]
    residual = y - y.mean() - left @ (left.T @ (y - y.mean()))
    variance, ratio = residual @ residual / n_free, []
    for e, row in zip(residual, left, strict=True):
        unfitted = 1 - row @ row
        r = e / (unfitted * variance) ** 0.5 if unfitted >= 1e-8 else np.nan
        ratio.append(r * ((n_free - 1) / (n_free - r * r)) ** 0.5 if external else r)
    return np.array(ratio)


def cooks_distance_via_moving(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Fit without each sample and measure how far the coefficients move, in the metric of Z'Z."""
    if len(X) < X.shape[1] + 2:
        raise ValueError("too few samples")
    design, coef_without = _without_each(X, y)
    gram, centred = design.T @ design, y - y.mean()
    coef = np.linalg.solve(gram, design.T @ centred)
    residual = centred - design @ coef
    variance = residual @ residual / (len(X) - design.shape[1])
    moved = coef_without - coef
    return np.einsum("ij,jk,ik->i", moved, gram, moved) / (design.shape[1] * variance)


def cooks_distance_via_studentized(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Multiply the square of what surprises by the odds of the leverage."""
    h = leverage_via_distances(X)
    return studentized_residuals_via_each_other(X, y, external=False) ** 2 * h / (1 - h) / (X.shape[1] + 1)


def _design(X: np.ndarray) -> np.ndarray:
    """Return a column of ones and the centred features."""
    return np.column_stack([np.ones(len(X)), X - X.mean(axis=0)])


def _without_each(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the design, and for each sample the coefficients of the fit without it, NaN where there is none."""
    design, centred = _design(X), y - y.mean()
    gram = design.T @ design - design[:, :, None] * design[:, None, :]
    determined = np.linalg.det(gram) / np.linalg.det(design.T @ design) >= 1e-8
    gram[~determined] = np.eye(design.shape[1])
    cross = centred @ design - centred[:, None] * design
    coef = np.einsum("ijk,ik->ij", np.linalg.inv(gram), cross)
    coef[~determined] = np.nan
    return design, coef
