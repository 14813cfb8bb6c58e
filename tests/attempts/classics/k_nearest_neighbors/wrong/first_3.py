# wrong (core): k = 0 is not refused
"""Classification by the k nearest neighbours.

A new sample gets the label that is most frequent among the k training samples nearest to it, by Euclidean distance:

    distance(x, y) = sqrt(sum_j (x_j - y_j)^2)

Compare all pairs with array operations, but do not build an array of n_samples * n_train * n_features numbers: it does
not fit into memory when the sets are large.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 2.3.2 and chapter 13.
"""

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
    X, Y = np.asarray(X).astype(float), np.asarray(Y).astype(float)
    squared = (X**2).sum(axis=1)[:, None] + (Y**2).sum(axis=1)[None, :] - 2.0 * (X @ Y.T)
    return np.sqrt(np.maximum(squared, 0.0))


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
    y_train = np.asarray(y_train)
    n_train = len(X_train)
    if k < 0 or k > n_train:
        raise ValueError("k is from 1 to n_train")
    distances = pairwise_distances(X, X_train)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :k]
    labels, codes = np.unique(y_train, return_inverse=True)
    votes = np.zeros((len(distances), len(labels)), dtype=int)
    np.add.at(votes, (np.arange(len(distances))[:, None], codes[nearest]), 1)
    return labels[votes.argmax(axis=1)]
