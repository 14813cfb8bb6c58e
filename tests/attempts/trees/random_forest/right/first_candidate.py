# candidate, par time, from the stub alone
from collections.abc import Callable

import numpy as np


def _majority(labels):
    values, counts = np.unique(labels, return_counts=True)
    return values[np.argmax(counts)]


def _grow(X, y, best_split, max_features, rng):
    if np.all(y == y[0]):
        return y[0]
    features = rng.choice(X.shape[1], max_features, replace=False)
    split = best_split(X[:, features], y)
    if split is None:
        return _majority(y)
    feature, threshold = features[split[0]], split[1]
    left = X[:, feature] <= threshold
    return (
        feature,
        threshold,
        _grow(X[left], y[left], best_split, max_features, rng),
        _grow(X[~left], y[~left], best_split, max_features, rng),
    )


def fit_forest(
    X: np.ndarray,
    y: np.ndarray,
    best_split: Callable,
    n_trees: int,
    max_features: int,
    max_samples: int | None,
    rng: np.random.Generator,
) -> object:
    n = len(X)
    trees = []
    for _ in range(n_trees):
        if max_samples is None:
            rows = rng.integers(0, n, n)
        else:
            rows = rng.choice(n, max_samples, replace=False)
        trees.append(_grow(X[rows], y[rows], best_split, max_features, rng))
    return trees


def _predict_one(node, x):
    while isinstance(node, tuple):
        feature, threshold, left, right = node
        node = left if x[feature] <= threshold else right
    return node


def predict(forest: object, X: np.ndarray) -> np.ndarray:
    return np.array([_majority([_predict_one(tree, x) for tree in forest]) for x in X])
