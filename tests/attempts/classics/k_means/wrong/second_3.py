# wrong (core): a centre that loses all samples goes back to where it started
"""k-means clustering: k-means++ to start, Lloyd's algorithm to improve.

k-means looks for k centres with a small inertia, the sum of squared distances of all samples to their nearest centre:

    inertia = sum_i min_j |x_i - c_j|^2

Lloyd's algorithm never raises it, but where it ends depends on where it starts. k-means++ draws starting centres from
the samples:

- The first centre is drawn uniformly.
- Each further one is sample i with probability D_i^2 / sum_l D_l^2, where D_i is the distance of sample i to the
  nearest centre drawn so far.

Sources: Lloyd, Least squares quantization in PCM (1982); Arthur and Vassilvitskii, k-means++ (2007), section 2.2.
"""

from typing import NamedTuple

import numpy as np


class Clusters(NamedTuple):
    """The index of each sample's centre, the centres, of shape (k, n_features), and the inertia."""

    labels: np.ndarray
    centers: np.ndarray
    inertia: float


def kmeans_plus_plus(X: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Draw k centres by k-means++.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        It has at least k distinct rows.
    k : int
        At least 1.
    rng : np.random.Generator
        The only source of randomness.

    Returns
    -------
    array of shape (k, n_features)
        Rows of X in the order in which they were drawn, no two of them equal.

    Examples
    --------
    >>> X = np.array([[0.0], [0.0], [0.0], [7.0]])
    >>> np.sort(kmeans_plus_plus(X, 2, np.random.default_rng(0)), axis=0)
    array([[0.],
           [7.]])
    """
    X = np.asarray(X, dtype=float)
    n = len(X)
    chosen = [int(rng.integers(n))]
    distance = ((X - X[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        i = int(rng.choice(n, p=distance / distance.sum()))
        chosen.append(i)
        distance = np.minimum(distance, ((X - X[i]) ** 2).sum(axis=1))
    return X[chosen].copy()


def lloyd(X: np.ndarray, centers: np.ndarray, n_iter: int) -> Clusters:
    """Run n_iter rounds of Lloyd's algorithm.

    A round assigns each sample to its nearest centre, and then moves each centre to the mean of its samples. On a tie
    the centre with the lower index is nearer. A centre without samples stays where it is.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    centers : array of shape (k, n_features)
        Where to start.
    n_iter : int
        At least 0. You may stop early once nothing changes any more.

    Returns
    -------
    Clusters
        labels and inertia belong to the centres that are returned, so samples are assigned once more at the end.

    Examples
    --------
    >>> lloyd(np.array([[0.0], [1.0], [5.0]]), np.array([[0.0], [1.0]]), n_iter=1)
    Clusters(labels=array([0, 0, 1]), centers=array([[0.],
           [3.]]), inertia=5.0)
    """
    X = np.asarray(X, dtype=float)
    centers = np.array(centers, dtype=float)
    k = len(centers)
    start = centers.copy()

    def assign(centers):
        d = ((X[:, None, :] - centers[None, :, :]) ** 2).sum(axis=2)
        return d.argmin(axis=1), d

    labels = np.full(len(X), -1)
    for _ in range(n_iter):
        new, _d = assign(centers)
        if np.array_equal(new, labels):
            break
        labels = new
        moved = start.copy()
        for j in range(k):
            if np.any(labels == j):
                moved[j] = X[labels == j].mean(axis=0)
        centers = moved
    labels, d = assign(centers)
    return Clusters(labels, centers, float(d.min(axis=1).sum()))
