# wrong (core): distances are rounded to five decimals before sorting, so that nearly equal ones count as ties
import numpy as np


def pairwise_distances(X, Y):
    X = np.asarray(X, dtype=float)
    Y = np.asarray(Y, dtype=float)
    squares = np.zeros((len(X), len(Y)))
    for j in range(X.shape[1]):
        squares += (X[:, j, None] - Y[None, :, j]) ** 2
    return np.sqrt(squares)


def predict(X_train, y_train, X, k):
    y_train = np.asarray(y_train)
    if not 1 <= k <= len(y_train):
        raise ValueError("k is out of range")
    distances = pairwise_distances(X, X_train).round(5)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :k]
    labels = np.unique(y_train)
    votes = (y_train[nearest][:, :, None] == labels).sum(axis=1)
    return labels[votes.argmax(axis=1)]
