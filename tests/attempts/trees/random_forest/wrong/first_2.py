# wrong (core): the features are drawn once for each level of a tree, so that nodes of equal depth share them.
# shown by: cousins_with_same_columns(fit_forest); right 0.26, this 1
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- random_forest
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
        The feature that it returns is a column of the X_node that it was given.
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
    n_samples, n_features = X.shape
    if not 1 <= max_features <= n_features:
        raise ValueError("max_features")
    if max_samples is not None and not 1 <= max_samples <= n_samples:
        raise ValueError("max_samples")
    forest = []
    for _ in range(n_trees):
        if max_samples is None:
            rows = rng.integers(n_samples, size=n_samples)
        else:
            rows = rng.choice(n_samples, size=max_samples, replace=False)
        forest.append(_grow(X, y, rows, best_split, max_features, rng))
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
    X = np.asarray(X)
    votes = np.array([_predict_tree(tree, X) for tree in forest])
    labels = np.unique(votes)
    counts = np.zeros((len(labels), len(X)), dtype=np.int64)
    for vote in votes:
        counts += vote == labels[:, None]
    return labels[np.argmax(counts, axis=0)]


def _leaf_label(y: np.ndarray) -> int:
    labels, counts = np.unique(y, return_counts=True)
    return labels[np.argmax(counts)]


def _grow(
    X: np.ndarray, y: np.ndarray, rows: np.ndarray, best_split: Callable, max_features: int, rng: np.random.Generator
) -> tuple:
    """Return five arrays over the nodes: feature (-1 in a leaf), threshold, left, right, label."""
    feature, threshold, left, right, label = [-1], [0.0], [-1], [-1], [0]
    stack = [(0, 0, rows)]
    drawn = []
    while stack:
        node, depth, rows = stack.pop()
        y_node = y[rows]
        label[node] = _leaf_label(y_node)
        if np.all(y_node == y_node[0]):
            continue
        while len(drawn) <= depth:
            drawn.append(rng.choice(X.shape[1], size=max_features, replace=False))
        columns = drawn[depth]
        split = best_split(X[np.ix_(rows, columns)], y_node)
        if split is None:
            continue
        feature[node], threshold[node] = int(columns[split[0]]), split[1]
        goes_left = X[rows, feature[node]] <= threshold[node]
        left[node], right[node] = len(feature), len(feature) + 1
        for values, value in (feature, -1), (threshold, 0.0), (left, -1), (right, -1), (label, 0):
            values += [value, value]
        stack.append((right[node], depth + 1, rows[~goes_left]))
        stack.append((left[node], depth + 1, rows[goes_left]))
    return np.array(feature), np.array(threshold), np.array(left), np.array(right), np.array(label)


def _predict_tree(tree: tuple, X: np.ndarray) -> np.ndarray:
    feature, threshold, left, right, label = tree
    node = np.zeros(len(X), dtype=int)
    while True:
        inner = np.flatnonzero(feature[node] >= 0)
        if len(inner) == 0:
            return label[node]
        at = node[inner]
        node[inner] = np.where(X[inner, feature[at]] <= threshold[at], left[at], right[at])
