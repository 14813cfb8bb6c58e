# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- principal_components
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
    raise NotImplementedError


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
    raise NotImplementedError
