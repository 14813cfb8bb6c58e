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

from collections import Counter
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
    n_samples, n_features = X.shape
    size = n_samples if max_samples is None else max_samples
    if not (1 <= max_features <= n_features and 1 <= size <= n_samples):
        raise ValueError("max_features and max_samples are from 1 to the number of features and samples")

    def grow(rows: np.ndarray) -> object:
        labels, counts = np.unique(y[rows], return_counts=True)
        columns = rng.choice(n_features, size=max_features, replace=False)
        split = best_split(X[np.ix_(rows, columns)], y[rows]) if len(labels) > 1 else None
        if split is None:
            return labels[counts.argmax()]
        feature, threshold = columns[split[0]], split[1]
        goes_left = X[rows, feature] <= threshold
        return feature, threshold, grow(rows[goes_left]), grow(rows[~goes_left])

    return [grow(rng.choice(n_samples, size=size, replace=max_samples is None)) for _ in range(n_trees)]


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
    votes = np.array([_vote(tree, X) for tree in forest])
    labels = np.unique(votes)
    counts = np.array([np.count_nonzero(votes == label, axis=0) for label in labels])
    return labels[counts.argmax(axis=0)]  # argmax takes the first of several, and labels ascend


def _vote(tree: object, X: np.ndarray) -> np.ndarray:
    if not isinstance(tree, tuple):
        return np.full(len(X), tree)
    feature, threshold, left, right = tree
    return np.where(X[:, feature] <= threshold, _vote(left, X), _vote(right, X))


def fit_forest_via_counts(
    X: np.ndarray,
    y: np.ndarray,
    best_split: Callable,
    n_trees: int,
    max_features: int,
    max_samples: int | None,
    rng: np.random.Generator,
) -> object:
    """Draw how often each row comes; random numbers, one for each column, choose the smallest of them."""
    n_samples, n_features = X.shape
    if max_features not in range(1, n_features + 1) or max_samples not in (None, *range(1, n_samples + 1)):
        raise ValueError("max_features or max_samples is out of range")

    def grow(times: np.ndarray) -> object:
        rows = np.repeat(np.arange(n_samples), times)
        labels = sorted(set(y[rows].tolist()))
        if len(labels) > 1:
            columns = rng.random(n_features).argsort()[:max_features]
            split = best_split(X[rows][:, columns], y[rows])
            if split is not None:
                above = X[:, columns[split[0]]] > split[1]
                return columns[split[0]], split[1], grow(times * ~above), grow(times * above)
        return max(labels, key=lambda label: times[y == label].sum())

    def sample() -> np.ndarray:
        if max_samples is None:
            return rng.multinomial(n_samples, np.full(n_samples, 1 / n_samples))
        return rng.permuted(np.arange(n_samples) < max_samples)

    return [grow(sample()) for _ in range(n_trees)]


def fit_forest_via_queue(
    X: np.ndarray,
    y: np.ndarray,
    best_split: Callable,
    n_trees: int,
    max_features: int,
    max_samples: int | None,
    rng: np.random.Generator,
) -> object:
    """Grow all trees at the same time, level by level in one list, then put each node into its parent."""
    n_samples, n_features = X.shape
    if not 0 < max_features <= n_features or (max_samples is not None and not 0 < max_samples <= n_samples):
        raise ValueError("max_features or max_samples is out of range")
    if max_samples is None:
        waiting = [[int(rng.random() * n_samples) for _ in range(n_samples)] for _ in range(n_trees)]
    else:
        waiting = [rng.permutation(n_samples)[:max_samples].tolist() for _ in range(n_trees)]
    nodes = []
    for rows in waiting:  # which grows on the way
        counts = Counter(y[rows].tolist())
        columns = rng.permutation(n_features)[:max_features].tolist()
        split = best_split(X[rows][:, columns], y[rows]) if len(counts) > 1 else None
        if split is None:
            nodes.append(min(counts, key=lambda label: (-counts[label], label)))
            continue
        feature, threshold = columns[split[0]], split[1]
        nodes.append((feature, threshold, len(waiting), len(waiting) + 1))
        waiting.append([row for row in rows if X[row, feature] <= threshold])
        waiting.append([row for row in rows if X[row, feature] > threshold])
    for place in range(len(nodes))[::-1]:
        if isinstance(nodes[place], tuple):
            feature, threshold, left, right = nodes[place]
            nodes[place] = feature, threshold, nodes[left], nodes[right]
    return nodes[:n_trees]


def predict_via_elections(forest: object, X: np.ndarray) -> np.ndarray:
    """Let each sample walk through all trees, and count its votes."""
    winners = []
    for sample in X.tolist():
        votes = Counter()
        for tree in forest:
            node = tree
            while isinstance(node, tuple):
                feature, threshold, left, right = node
                node = left if sample[feature] <= threshold else right
            votes[node] += 1
        winners.append(min(votes, key=lambda label: (-votes[label], label)))
    return np.array(winners)
