# wrong (core): the search starts at a largest gain of 0.0, so a node whose gains are 0 is not split where rounding makes them slightly negative (an exact 0 is split).
# shown by: X, y = np.tile([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], (3, 1)), np.tile([0.1, 2.3, 2.3, 0.1], 3); predict(fit_tree(X, y, "squared_error"), X[:4]); right array([0.1, 2.3, 2.3, 0.1]), this array([1.2, 1.2, 1.2, 1.2])
"""A decision tree for classification and for regression, as in CART.

A node asks ``x[feature] <= threshold`` and sends a sample left if that is true. It takes the split with the largest
gain, and each side becomes a node of its own:

    gain = impurity(all) - n_left/n * impurity(left) - n_right/n * impurity(right)

    criterion          impurity of a node                             a leaf predicts
    "gini"             1 - sum_k p_k**2, p_k: share of class k        its most frequent label, the smallest on a tie
    "squared_error"    mean of (y - mean(y))**2                       the mean of its y

Source: Breiman et al., Classification and Regression Trees (1984), chapters 4 and 8.

Strict
------
- Gains that differ only by rounding are ties. A large constant added to y changes no split.
- A split costs O(n log n) for each feature of a node with n samples (and few classes).
- Labels of any size come back exactly. y may hold integers with "squared_error".
- ValueError for another criterion.
"""

import numpy as np


def _gains(y, codes, k):
    """Gain of a cut after each position but the last, and the node's impurity. y is sorted by the feature."""
    n = len(y)
    nl = np.arange(1, n)
    nr = n - nl
    if codes is None:
        z = y - y.mean()
        cum, cum2 = np.cumsum(z), np.cumsum(z * z)
        total, total2 = cum[-1], cum2[-1]
        left = cum2[:-1] / nl - (cum[:-1] / nl) ** 2
        right = (total2 - cum2[:-1]) / nr - ((total - cum[:-1]) / nr) ** 2
        whole = total2 / n - (total / n) ** 2
    else:
        counts = np.cumsum(codes[:, None] == np.arange(k), axis=0)
        total = counts[-1]
        left = 1 - np.sum((counts[:-1] / nl[:, None]) ** 2, axis=1)
        right = 1 - np.sum(((total - counts[:-1]) / nr[:, None]) ** 2, axis=1)
        whole = 1 - np.sum((total / n) ** 2)
    return whole - nl / n * left - nr / n * right, whole


def _best_split(X, y, criterion, min_samples_leaf):
    n = len(y)
    classes, codes = (None, None) if criterion == "squared_error" else np.unique(y, return_inverse=True)
    k = 0 if classes is None else len(classes)
    best, split = 0.0, None
    for j in range(X.shape[1]):
        order = np.argsort(X[:, j], kind="stable")
        x = X[order, j]
        gains, whole = _gains(y[order], None if codes is None else codes[order], k)
        tolerance = 1e-9 * whole
        cuts = np.flatnonzero(x[1:] > x[:-1])
        cuts = cuts[(cuts + 1 >= min_samples_leaf) & (n - cuts - 1 >= min_samples_leaf)]
        for i in cuts:
            if gains[i] >= best if split is None else gains[i] > best + tolerance:
                best, split = gains[i], (j, x[i] / 2 + x[i + 1] / 2)
    return split


def _leaf(y, criterion):
    if criterion == "squared_error":
        return y.mean()
    labels, counts = np.unique(y, return_counts=True)
    return labels[np.argmax(counts)]


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
        Class labels, which are any integers, or numbers for "squared_error".
    criterion : str
        "gini" or "squared_error".
    max_depth : int or None
        A node at this depth is a leaf. The root has depth 0. None means no limit.
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
        raise ValueError(criterion)
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float) if criterion == "squared_error" else np.asarray(y)
    nodes = []  # [feature, threshold, left, right, value]
    stack = [(np.arange(len(y)), 0, None, None)]
    while stack:
        idx, depth, parent, side = stack.pop()
        if parent is not None:
            nodes[parent][side] = len(nodes)
        node = [-1, 0.0, -1, -1, _leaf(y[idx], criterion)]
        nodes.append(node)
        if max_depth is not None and depth >= max_depth:
            continue
        if np.all(y[idx] == y[idx[0]]):
            continue
        split = _best_split(X[idx], y[idx], criterion, min_samples_leaf)
        if split is None:
            continue
        node[0], node[1] = split
        me = len(nodes) - 1
        goes = X[idx, split[0]] <= split[1]
        stack.append((idx[~goes], depth + 1, me, 3))
        stack.append((idx[goes], depth + 1, me, 2))
    return nodes


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
    for row in X:
        node = tree[0]
        while node[0] >= 0:
            node = tree[node[2] if row[node[0]] <= node[1] else node[3]]
        out.append(node[4])
    return np.array(out, dtype=np.asarray(tree[0][4]).dtype)
