# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- dfbetas
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
    raise NotImplementedError


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
    raise NotImplementedError
