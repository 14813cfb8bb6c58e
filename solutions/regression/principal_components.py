"""Principal components of centred data.

The first component is the direction in which the data vary most. Each next one is the direction of largest variance
that is orthogonal to all before it. They are eigenvectors of the covariance matrix, and the variances are its
eigenvalues:

    C = (X - mean)' (X - mean) / (n_samples - 1)
    C component_i = variance_i component_i,    variance_1 > variance_2 > ...

Features are centred, but not scaled. An eigenvector has no sign of its own. Here the sign makes the entry of largest
absolute value positive. All variances asked for differ, and so do the two largest absolute values of each component.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 14.5.1.

Strict
------
- Features may lie a million standard deviations from zero.
- Where X does not vary, the variance is 0 or more, and the components are still orthonormal.
- X may hold integers of any type.
"""

import math
from typing import NamedTuple

import numpy as np


class PCA(NamedTuple):
    """Components of shape (k, n_features), variances and ratios of shape (k,), and the mean of each feature."""

    components: np.ndarray
    explained_variance: np.ndarray
    explained_variance_ratio: np.ndarray
    mean: np.ndarray


def fit_pca(X: np.ndarray, k: int) -> PCA:
    """Return the first k principal components, the one of largest variance first.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Its rows are not all equal. It may have more features than samples.
    k : int
        From 1 to min(n_samples - 1, n_features). Centred data have no more directions.

    Returns
    -------
    PCA
        Each component is a row of length 1. A ratio is explained_variance over the variance of all features together,
        also of what the k components leave out.

    Raises
    ------
    ValueError
        If k is out of range.

    Examples
    --------
    >>> pca = fit_pca(np.array([[3.0, 6.0], [3.0, 4.0], [7.0, 2.0], [7.0, 0.0]]), 1)
    >>> pca.components.round(4)
    array([[-0.6618,  0.7497]])
    >>> pca.explained_variance.round(4), pca.explained_variance_ratio.round(4), pca.mean
    (array([11.3748]), array([0.9479]), array([5., 3.]))
    """
    n_samples, n_features = X.shape
    if not 1 <= k <= min(n_samples - 1, n_features):
        raise ValueError(f"k goes from 1 to min(n_samples - 1, n_features), and is {k} for X of shape {X.shape}")
    mean = X.mean(axis=0)
    _, lengths, directions = np.linalg.svd(X - mean, full_matrices=False)
    variances = lengths**2 / (n_samples - 1)
    components = directions[:k]
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1, keepdims=True), axis=1)
    return PCA(components * np.sign(largest), variances[:k], variances[:k] / variances.sum(), mean)


def project(X: np.ndarray, components: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return the scores of old or new samples: the coordinates along each component, seen from the fitted mean.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        It may have a single row.
    components : array of shape (k, n_features)
    mean : array of shape (n_features,)

    Returns
    -------
    array of shape (n_samples, k)

    Examples
    --------
    >>> project(np.array([[5.0, 5.0]]), np.array([[0.6, 0.8]]), np.array([4.0, 3.0]))
    array([[2.2]])
    """
    return (X - mean) @ components.T


def fit_pca_via_covariance(X: np.ndarray, k: int) -> PCA:
    """Take the eigenvectors of the covariance matrix, from the last."""
    if k < 1 or k > X.shape[1] or k >= len(X):
        raise ValueError(f"{k} components of X of shape {X.shape}")
    mean = X.sum(axis=0) / len(X)
    centred = X - mean
    covariance = centred.T @ centred / (len(X) - 1)
    values, vectors = np.linalg.eigh(covariance)
    variances = np.maximum(values[::-1][:k], 0)
    components = vectors.T[::-1][:k]
    turned = components.max(axis=1) < -components.min(axis=1)
    return PCA(np.where(turned[:, None], -components, components), variances, variances / np.trace(covariance), mean)


def fit_pca_via_rotations(X: np.ndarray, k: int) -> PCA:
    """Rotate pairs of features until all are uncorrelated, as Jacobi did."""
    if k not in range(1, min(len(X) - 1, X.shape[1]) + 1):
        raise ValueError(f"{k} components of X of shape {X.shape}")
    mean = X.mean(axis=0)
    scores, basis = X - mean, np.eye(X.shape[1])
    for _ in range(15):
        for i in range(len(basis)):
            for j in range(i):
                a, b = scores[:, i], scores[:, j]
                angle = math.atan2(2 * (a @ b), a @ a - b @ b) / 2
                turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
                scores[:, [i, j]] = scores[:, [i, j]] @ turn
                basis[:, [i, j]] = basis[:, [i, j]] @ turn
    variances = (scores**2).sum(axis=0) / (len(X) - 1)
    first = np.argsort(-variances)[:k]
    components = [column if max(column) == max(abs(column)) else -column for column in basis.T[first]]
    return PCA(np.array(components), variances[first], variances[first] / variances.sum(), mean)


def project_via_loop(X: np.ndarray, components: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Add up one score at a time."""
    return np.array([[math.fsum((row - mean) * component) for component in components] for row in X])


def project_via_offset(X: np.ndarray, components: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Project the rows and the mean, and subtract."""
    return np.einsum("nd,kd->nk", X, components) - components @ mean
