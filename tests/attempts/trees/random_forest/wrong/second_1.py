# wrong (core): the features are drawn once for each level of a tree, so nodes of the same depth share them
"""A random forest: trees on bootstrap samples, which ask about a few random features at each node.

The search for a split is given, as a function: ``best_split(X_node, y_node)`` returns a pair ``(feature, threshold)``,
or None if it finds no split. A tree is grown like this:

    1. Draw the rows of the tree: n_samples of them with replacement, or max_samples of them without.
    2. A node whose labels are all equal is a leaf.
    3. For any other node, draw max_features distinct features, anew for each node. Call best_split on the rows of the
       node and these columns only. If it returns None, the node is a leaf.
    4. Otherwise samples with ``x[feature] <= threshold`` go left, the others right, and each side is a node.

A leaf predicts its most frequent label, and the forest the label that most trees predict; ties go to the smallest
label. (scikit-learn's forest averages the shares of the leaves instead.)

Source: Breiman, Random Forests (2001), section 4.

Strict
------
- best_split is not called for a node whose labels are all equal.
- ValueError if max_features or max_samples is below 1, or above the number of features or samples.
"""

from collections.abc import Callable

import numpy as np


def fit_forest(
    X: np.ndarray,
    y: np.ndarray,
    best_split: Callable,
    n_trees: int,
    max_features: int,
    max_samples: int | None,
    rng: np.random.Generator,
) -> object:
    """Grow a forest.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Class labels: any integers.
    best_split : function of two arrays
        The feature that it returns is a column of the X_node that it was given. Both sides have rows.
    n_trees, max_features : int
    max_samples : int or None
        None means n_samples rows with replacement, and a number that many rows without.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    object
        The forest, in any form that your predict takes.

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([5, 5, -7, -7])
    >>> forest = fit_forest(X, y, lambda X_node, y_node: (0, 2.5), 3, 1, 4, np.random.default_rng(0))
    >>> predict(forest, np.array([[0.0], [2.5], [2.6]]))
    array([ 5,  5, -7])
    """
    X, y = np.asarray(X), np.asarray(y)
    n = len(X)
    forest = []
    for _ in range(n_trees):
        if max_samples is None:
            rows = rng.integers(0, n, n)
        else:
            rows = rng.choice(n, max_samples, replace=False)
        forest.append(_grow(X[rows], y[rows], best_split, max_features, rng, []))
    return forest


def predict(forest: object, X: np.ndarray) -> np.ndarray:
    """Return the label that most trees predict, for each row of X.

    Examples
    --------
    Four trees of one leaf, and each leaf has a tie.

    >>> X, y = np.array([[1.0], [1.0]]), np.array([8, 3])
    >>> forest = fit_forest(X, y, lambda X_node, y_node: None, 4, 1, 2, np.random.default_rng(0))
    >>> predict(forest, np.array([[1.0], [5.0]]))
    array([3, 3])
    """
    votes = np.array([[_fall(tree, x) for tree in forest] for x in np.asarray(X)])
    return np.array([_most_frequent(v) for v in votes])


def _most_frequent(labels):
    values, counts = np.unique(labels, return_counts=True)
    return values[np.argmax(counts)]


def _grow(X, y, best_split, max_features, rng, drawn, depth=0):
    if np.all(y == y[0]):
        return y[0]
    if depth == len(drawn):
        drawn.append(rng.choice(X.shape[1], max_features, replace=False))
    features = drawn[depth]
    split = best_split(X[:, features], y)
    if split is None:
        return _most_frequent(y)
    feature, threshold = features[split[0]], split[1]
    left = X[:, feature] <= threshold
    return (
        feature,
        threshold,
        _grow(X[left], y[left], best_split, max_features, rng, drawn, depth + 1),
        _grow(X[~left], y[~left], best_split, max_features, rng, drawn, depth + 1),
    )


def _fall(tree, x):
    while isinstance(tree, tuple):
        feature, threshold, left, right = tree
        tree = left if x[feature] <= threshold else right
    return tree
