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
    X = X.astype(float)
    centers = [X[rng.integers(len(X))]]
    squares = np.full(len(X), np.inf)
    while len(centers) < k:
        squares = np.minimum(squares, ((X - centers[-1]) ** 2).sum(axis=1))
        centers.append(X[rng.choice(len(X), p=squares / squares.sum())])
    return np.array(centers)


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
    centers = np.array(centers, dtype=float)
    for _ in range(n_iter):
        labels = _squares(X, centers).argmin(axis=1)
        for j in np.unique(labels):
            centers[j] = X[labels == j].mean(axis=0)
    squares = _squares(X, centers)
    return Clusters(squares.argmin(axis=1), centers, float(squares.min(axis=1).sum()))


def _squares(X: np.ndarray, centers: np.ndarray) -> np.ndarray:
    return np.stack([((X - center) ** 2).sum(axis=1) for center in centers], axis=1)


def kmeans_plus_plus_via_cumulative_sums(X: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Throw a dart at the line on which the squares lie end to end."""
    chosen = [int(rng.random() * len(X))]
    for _ in range(k - 1):
        gaps = np.linalg.norm(X[:, np.newaxis] - 1.0 * X[chosen], axis=2).min(axis=1)
        ends = np.cumsum(gaps * gaps)
        chosen.append(int(np.searchsorted(ends, rng.uniform(0, ends[-1]), side="right")))
    return X[chosen]


def kmeans_plus_plus_via_exponential_race(X: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Let each sample ring after a random time whose rate is its weight; the first to ring is drawn."""
    rates = np.ones(len(X))
    centers = np.empty((0, X.shape[1]))
    for _ in range(k):
        waits = np.full(len(X), np.inf)
        np.divide(rng.exponential(size=len(X)), rates, out=waits, where=rates > 0)
        centers = np.vstack([centers, X[waits.argmin()]])
        rates = np.array([min(((row - center) ** 2).sum() for center in centers) for row in X])
    return centers


def lloyd_via_indicators(X: np.ndarray, centers: np.ndarray, n_iter: int) -> Clusters:
    """Sum up samples and counts by a product with the matrix that says which sample belongs to which centre."""
    k, X = len(centers), X.astype(float)

    def assign(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gaps = X[:, np.newaxis, :] - points[np.newaxis]
        squares = np.einsum("nkf,nkf->nk", gaps, gaps)
        return np.argmin(squares, axis=1), squares

    labels, squares = assign(centers)
    for _ in range(n_iter):
        members = labels == np.arange(k)[:, np.newaxis]
        counts = members.sum(axis=1, keepdims=True)
        # A centre without samples moves by 0 / 1.
        centers = centers + (members @ X - counts * centers) / np.maximum(counts, 1)
        labels, squares = assign(centers)
    return Clusters(labels, centers, float(squares[np.arange(len(X)), labels].sum()))


def lloyd_via_loop(X: np.ndarray, centers: np.ndarray, n_iter: int) -> Clusters:
    """Do it in plain Python, one sample at a time."""
    rows, points = X.tolist(), [[float(number) for number in center] for center in centers]

    def nearest(row: list[float]) -> tuple[float, int]:
        return min((sum((a - b) ** 2 for a, b in zip(row, point, strict=True)), j) for j, point in enumerate(points))

    for _ in range(n_iter):
        groups: dict[int, list[list[float]]] = {}
        for row in rows:
            groups.setdefault(nearest(row)[1], []).append(row)
        for j, group in groups.items():
            points[j] = [sum(column) / len(group) for column in zip(*group, strict=True)]
    found = [nearest(row) for row in rows]
    return Clusters(np.array([j for _, j in found]), np.array(points), sum(square for square, _ in found))
