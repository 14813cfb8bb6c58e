# wrong (core): the last columns of eigh are taken with -n_components:, which for 0 components takes all of them
"""Drift by reconstruction error: rows that do not fit the principal components of the reference.

Principal component analysis (PCA) on the reference gives its mean and the n_components directions of largest variance,
the orthonormal columns of V. The error of a row x is its squared distance from what the components can express:

    error = ||c - V V^T c||**2          c = x - mean

An error is large if it is above a threshold that rows like the reference rarely exceed. With the errors of n rows that
were not used for the PCA, a further row like them is above the threshold with a probability of at most level:

    r = ceil((1 - level) * (n + 1))
    threshold = the r-th smallest of the n errors, or infinity if r > n

Sources: Jackson and Mudholkar, Control procedures for residuals associated with principal component analysis (1979);
Lei et al., Distribution-free predictive inference for regression (2018), section 2.2.
"""

import numpy as np
import math


def reconstruction_error(reference: np.ndarray, current: np.ndarray, n_components: int) -> np.ndarray:
    """Return the error of each row of current.

    Features are not scaled. All comes from the reference but the rows themselves: current may be one row.

    Parameters
    ----------
    reference : array of shape (n_reference, n_features)
        There may be more features than rows. The variances of components n_components and n_components + 1 differ.
    current : array of shape (n_current, n_features)
    n_components : int
        0 leaves the mean alone.

    Raises
    ------
    ValueError
        If n_components is below 0, above n_features or above n_reference - 1.

    Strict
    ------
    - Small errors are exact to 1e-6 relative, also far from the mean.

    Examples
    --------
    >>> reference = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    >>> reconstruction_error(reference, np.array([[9.0, 12.0], [7.0, 1.0], [10.0, 5.0]]), n_components=1).round(9)
    array([ 0., 25., 25.])
    """
    n, d = reference.shape
    if n_components < 0 or n_components > d or n_components > n - 1:
        raise ValueError("n_components")
    reference = np.asarray(reference, dtype=float)
    current = np.asarray(current, dtype=float)
    mean = reference.mean(axis=0)
    _, vec = np.linalg.eigh((reference - mean).T @ (reference - mean))
    v = vec[:, -n_components:]
    c = current - mean
    rest = c - c @ v @ v.T
    return (rest**2).sum(axis=1)


def error_threshold(errors: np.ndarray, level: float) -> float:
    """Return the threshold.

    Parameters
    ----------
    errors : array of shape (n,)
        In any order, ties included. n may be 0.
    level : float
        Between 0 and 1.

    Strict
    ------
    - (1 - level) * (n + 1) within 1e-9 of a whole number is that number.
    - ValueError if level is not between 0 and 1, both excluded.

    Examples
    --------
    >>> errors = np.array([5.0, 1.0, 8.0, 3.0])
    >>> error_threshold(errors, level=0.2), error_threshold(errors, level=0.5), error_threshold(errors, level=0.1)
    (8.0, 5.0, inf)
    """
    if not 0 < level < 1:
        raise ValueError("level")
    errors = np.sort(errors)
    n = len(errors)
    r = math.ceil((1 - level) * (n + 1) - 1e-9)
    if r > n:
        return float("inf")
    return float(errors[r - 1])
