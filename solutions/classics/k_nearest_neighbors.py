"""Classification by the k nearest neighbours.

A new sample gets the label that is most frequent among the k training samples nearest to it, by Euclidean distance:

    distance(x, y) = sqrt(sum_j (x_j - y_j)^2)

Compare all pairs with array operations, but do not build an array of n_samples * n_train * n_features numbers: it does
not fit into memory when the sets are large.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 2.3.2 and chapter 13.
"""

from collections import Counter

import numpy as np


def pairwise_distances(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Return the distance of each row of X to each row of Y.

    Rounding must not give NaN: the distance between equal rows is 0, to within 1e-6 of the norm of a row.

    Parameters
    ----------
    X : array of shape (n, n_features)
    Y : array of shape (m, n_features)

    Returns
    -------
    array of shape (n, m)

    Examples
    --------
    >>> pairwise_distances(np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0], [3.0, 0.0]])).round(3)
    array([[5.   , 1.   , 3.   ],
           [4.   , 3.162, 0.   ]])
    """
    X, Y = X.astype(float), Y.astype(float)
    # |x - y|^2 = |x|^2 + |y|^2 - 2 x.y, which rounding may leave below 0.
    squares = (X**2).sum(axis=1)[:, np.newaxis] + (Y**2).sum(axis=1) - 2 * X @ Y.T
    return np.sqrt(np.maximum(squares, 0))


def predict(X_train: np.ndarray, y_train: np.ndarray, X: np.ndarray, k: int) -> np.ndarray:
    """Return the predicted label of each row of X.

    Parameters
    ----------
    X_train : array of shape (n_train, n_features)
    y_train : array of int of shape (n_train,)
        Labels are any integers.
    X : array of shape (n_samples, n_features)
    k : int
        The number of neighbours, from 1 to n_train.

    Returns
    -------
    array of int of shape (n_samples,)
        If training samples are at the same distance, those with lower indices are nearer. Where rounding errors make
        or break a tie, either order is right. If labels are equally frequent, the smallest of them wins.

    Raises
    ------
    ValueError
        If k is below 1 or above n_train.

    Examples
    --------
    >>> X_train, y_train = np.array([[0.0], [1.0], [3.0], [4.0]]), np.array([5, 5, 2, 2])
    >>> predict(X_train, y_train, np.array([[0.2], [2.0], [3.1]]), k=3)
    array([5, 5, 2])
    >>> predict(X_train, y_train, np.array([[0.2], [2.0], [3.1]]), k=4)
    array([2, 2, 2])
    """
    if not 1 <= k <= len(X_train):
        raise ValueError(f"k is {k}: choose it from 1 to {len(X_train)}, the number of training samples")
    nearest = np.argsort(pairwise_distances(X, X_train), kind="stable")[:, :k]
    labels, codes = np.unique(y_train, return_inverse=True)
    counts = np.eye(len(labels))[codes[nearest]].sum(axis=1)
    return labels[counts.argmax(axis=1)]


def pairwise_distances_via_rows(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Compare one row of X with all rows of Y."""
    out = np.empty((len(X), len(Y)))
    for place, row in enumerate(X):
        out[place] = np.linalg.norm(np.subtract(Y, row, dtype=float), axis=1)
    return out


def pairwise_distances_via_gram_matrix(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Put all rows into one matrix: their products hold everything that is needed."""
    rows = np.concatenate([X, Y]).astype(float)
    gram = np.einsum("if,jf->ij", rows, rows, optimize=True)
    norms = np.diagonal(gram)
    cross = gram[: len(X), len(X) :]
    return np.clip(np.add.outer(norms[: len(X)], norms[len(X) :]) - cross - cross, 0, None) ** 0.5


def predict_via_loop(X_train: np.ndarray, y_train: np.ndarray, X: np.ndarray, k: int) -> np.ndarray:
    """Sort the training samples for each new one, and count in a dictionary."""
    if k < 1 or k > len(y_train):
        raise ValueError("there are not as many neighbours")
    found = []
    for distances in pairwise_distances_via_rows(X, X_train).tolist():
        ranked = sorted(range(len(distances)), key=distances.__getitem__)
        votes = Counter(y_train[ranked[:k]].tolist())
        found.append(min(votes, key=lambda label: (-votes[label], label)))
    return np.array(found)


def predict_via_growing_votes(X_train: np.ndarray, y_train: np.ndarray, X: np.ndarray, k: int) -> np.ndarray:
    """Pick the nearest of those that are left k times, and give it one vote of a row's table."""
    if k not in range(1, len(X_train) + 1):
        raise ValueError("k is out of range")
    left = pairwise_distances_via_rows(X, X_train)
    rows = np.arange(len(X))
    labels = np.array(sorted(set(y_train.tolist())))
    votes = np.zeros((len(X), len(labels)))
    for _ in range(k):
        nearest = left.argmin(axis=1)
        votes[rows, np.searchsorted(labels, y_train[nearest])] += 1
        left[rows, nearest] = np.inf
    return labels[np.argmax(votes, axis=1)]
