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

import heapq
import math

import numpy as np


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
    _check(reference, n_components)
    mean = reference.mean(axis=0)
    _, _, directions = np.linalg.svd(reference - mean, full_matrices=False)
    kept = directions[:n_components]
    centred = current - mean
    return ((centred - centred @ kept.T @ kept) ** 2).sum(axis=1)


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
    rank = _rank(len(errors), level)
    return float(np.sort(errors)[rank - 1]) if rank <= len(errors) else math.inf


def _check(reference: np.ndarray, n_components: int) -> None:
    n, d = reference.shape
    if not 0 <= n_components <= min(n - 1, d):
        raise ValueError(f"{n} rows of {d} features have no {n_components} components")


def _rank(n: int, level: float) -> int:
    if not 0 < level < 1:
        raise ValueError(f"the level is {level}, not between 0 and 1")
    return math.ceil((1 - level) * (n + 1) - 1e-9)


def reconstruction_error_via_other_directions(
    reference: np.ndarray, current: np.ndarray, n_components: int
) -> np.ndarray:
    """Add the squared scores on the directions that are left out, from the covariance."""
    _check(reference, n_components)
    centred = reference - np.average(reference, axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)  # in rising order
    left_out = directions[:, : reference.shape[1] - n_components]
    return np.square((current - np.average(reference, axis=0)) @ left_out).sum(axis=1)


def reconstruction_error_via_rows(reference: np.ndarray, current: np.ndarray, n_components: int) -> np.ndarray:
    """Take each row off its components one by one; these are sums of reference rows, by the matrix of dot products."""
    _check(reference, n_components)
    mean = sum(row.astype(float) for row in reference) / len(reference)
    centred = reference - mean
    _, combinations = np.linalg.eigh(centred @ centred.T)
    errors = []
    for row in current:
        rest = row - mean
        for combination in combinations.T[::-1][:n_components]:
            direction = combination @ centred
            rest = rest - (rest @ direction) / (direction @ direction) * direction
        errors.append(float(rest @ rest))
    return np.array(errors)


def error_threshold_via_counting(errors: np.ndarray, level: float) -> float:
    """Look for the smallest error that enough errors do not exceed."""
    rank = _rank(len(errors), level)
    enough = [error for error in errors.tolist() if (errors <= error).sum() >= rank]
    return float(min(enough, default=math.inf))


def error_threshold_via_largest(errors: np.ndarray, level: float) -> float:
    """Count from the top: the smallest of the largest errors, as many as may be at the threshold or above it."""
    at_least = len(errors) + 1 - _rank(len(errors), level)
    largest = heapq.nlargest(at_least, errors.tolist())
    return float(largest[-1]) if largest else math.inf
