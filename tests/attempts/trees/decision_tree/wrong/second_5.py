# wrong (core): without max_depth the tree still stops at depth 30
"""A decision tree for classification and for regression, as in CART.

A node asks ``x[feature] <= threshold`` and sends a sample left if that is true. It takes the split with the largest
gain, and each side becomes a node:

    gain = impurity(all) - n_left/n * impurity(left) - n_right/n * impurity(right)

    criterion          impurity of a node                             a leaf predicts
    "gini"             1 - sum_k p_k**2, p_k: share of class k        its most frequent label, the smallest on a tie
    "squared_error"    mean of (y - mean(y))**2                       the mean of its y

Source: Breiman et al., Classification and Regression Trees (1984), chapters 4 and 8.

Strict
------
- Gains that differ only by rounding are ties. Neither the unit of y nor a large constant added to it changes a split.
- A split of n samples with few classes costs O(n log n) for each feature.
- Labels of any size come back exactly. y may hold integers with "squared_error".
- ValueError for another criterion.
"""

import numpy as np


def _impurity(y, criterion):
    if criterion == "gini":
        counts = np.unique(y, return_counts=True)[1]
        return 1 - np.sum((counts / len(y)) ** 2)
    return np.mean((y - y.mean()) ** 2)


def _leaf(y, criterion):
    if criterion == "gini":
        labels, counts = np.unique(y, return_counts=True)
        return labels[np.argmax(counts)]
    return y.mean()


def _best_split(X, y, criterion, min_samples_leaf):
    n = len(y)
    total = _impurity(y, criterion)
    best = None
    for j in range(X.shape[1]):
        values = np.unique(X[:, j])
        for t in (values[:-1] + values[1:]) / 2:
            left = X[:, j] <= t
            n_left = int(left.sum())
            if min(n_left, n - n_left) < min_samples_leaf:
                continue
            gain = total - n_left / n * _impurity(y[left], criterion) - (n - n_left) / n * _impurity(y[~left], criterion)
            if best is None or gain > best[0] + 1e-10 * total:
                best = (gain, j, t)
    return best


def _grow(X, y, criterion, max_depth, min_samples_leaf, depth):
    if np.all(y == y[0]) or (max_depth is not None and depth >= max_depth):
        return _leaf(y, criterion)
    best = _best_split(X, y, criterion, min_samples_leaf)
    if best is None:
        return _leaf(y, criterion)
    _, j, t = best
    left = X[:, j] <= t
    return {
        "feature": j,
        "threshold": t,
        "left": _grow(X[left], y[left], criterion, max_depth, min_samples_leaf, depth + 1),
        "right": _grow(X[~left], y[~left], criterion, max_depth, min_samples_leaf, depth + 1),
    }


def fit_tree(
    X: np.ndarray,
    y: np.ndarray,
    criterion: str = "gini",
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
) -> object:
    """Grow a tree.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Class labels (any integers), or numbers for "squared_error".
    criterion : str
        "gini" or "squared_error".
    max_depth : int or None
        A node at this depth is a leaf. The root has depth 0. None means no limit. No
        tree is deeper than 200.
    min_samples_leaf : int
        A split leaves at least this many samples on each side.

    Returns
    -------
    object
        The tree, in any form that your predict takes.

    Notes
    -----
    A threshold is the midpoint of two neighbouring distinct values of the node's samples. A tie between splits goes to
    the lower feature, then to the lower threshold. A node is split as long as its y differ and a split is possible,
    even if the largest gain is 0.

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [4.0], [5.0]]), np.array([0, 1, 1, 1])
    >>> predict(fit_tree(X, y, min_samples_leaf=2), X)  # the threshold is 3, and the left leaf has a tie
    array([0, 0, 1, 1])
    >>> predict(fit_tree(X, np.array([0.0, 1.0, 5.0, 9.0]), "squared_error", max_depth=1), X)
    array([0.5, 0.5, 7. , 7. ])
    """
    if criterion not in ("gini", "squared_error"):
        raise ValueError("unknown criterion")
    X = np.asarray(X, dtype=float)
    y = np.asarray(y)
    if max_depth is None:
        max_depth = 30
    if criterion == "squared_error":
        y = y.astype(float)
    return _grow(X, y, criterion, max_depth, min_samples_leaf, 0)


def predict(tree: object, X: np.ndarray) -> np.ndarray:
    """Return the prediction for each row of X.

    Parameters
    ----------
    tree : object
        What fit_tree returned.
    X : array of shape (n_samples, n_features)

    Examples
    --------
    >>> tree = fit_tree(np.array([[1.0, 5.0], [1.0, 7.0], [2.0, 7.0]]), np.array([3, -2, 3]))
    >>> predict(tree, np.array([[0.0, 0.0], [1.5, 9.0], [1.6, 9.0]]))
    array([ 3, -2,  3])
    """
    X = np.asarray(X, dtype=float)
    out = []
    for x in X:
        node = tree
        while isinstance(node, dict):
            node = node["left"] if x[node["feature"]] <= node["threshold"] else node["right"]
        out.append(node)
    return np.array(out)
