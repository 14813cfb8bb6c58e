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

from itertools import pairwise

import numpy as np


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
        A node at this depth is a leaf. The root has depth 0. None means no limit. No input needs more than 200.
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
    if criterion == "gini":
        # The Gini index is the variance of the one-hot labels, added up over the classes.
        classes, label = np.unique(y, return_inverse=True)
        targets, leaf = np.eye(len(classes))[label], lambda means: classes[means.argmax()]
    elif criterion == "squared_error":
        targets, leaf = y[:, np.newaxis], lambda means: means.item()
    else:
        raise ValueError(f'criterion is "gini" or "squared_error", not {criterion!r}')

    def grow(rows: np.ndarray, depth: int) -> object:
        split = None if depth == max_depth else _best_split(X[rows], targets[rows], min_samples_leaf)
        if split is None:
            return leaf(targets[rows].mean(axis=0))
        feature, threshold = split
        goes_left = X[rows, feature] <= threshold
        return feature, threshold, grow(rows[goes_left], depth + 1), grow(rows[~goes_left], depth + 1)

    return grow(np.arange(len(y)), 0)


def _best_split(X: np.ndarray, targets: np.ndarray, min_samples_leaf: int) -> tuple[int, float] | None:
    """Return the feature and the threshold of the largest gain, or None."""
    n_left = np.arange(1, len(X))
    n_right = n_left[::-1]
    centred = targets - targets.mean(axis=0)
    rounding = 1e-9 * (centred**2).sum()
    best, largest = None, -np.inf
    for feature, column in enumerate(X.T if np.ptp(targets, axis=0).any() else ()):
        order = np.argsort(column)
        values = column[order]
        # The sums of the right side are those of the left with the other sign.
        sums = np.cumsum(centred[order], axis=0)[:-1]
        gain = (sums**2).sum(axis=1) * (1 / n_left + 1 / n_right)
        gain[(values[:-1] == values[1:]) | (np.minimum(n_left, n_right) < min_samples_leaf)] = -np.inf
        if gain.max() > largest + rounding:
            largest = gain.max()
            cut = int(np.argmax(gain > largest - rounding))
            best = feature, float(values[cut] + values[cut + 1]) / 2
    return best


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
    if not isinstance(tree, tuple):
        return np.full(len(X), tree)
    feature, threshold, *sides = tree
    goes_left = X[:, feature] <= threshold
    left, right = (predict(side, X[mask]) for side, mask in zip(sides, (goes_left, ~goes_left), strict=True))
    answers = np.empty(len(X), dtype=left.dtype)
    answers[goes_left], answers[~goes_left] = left, right
    return answers


def fit_tree_via_moving(
    X: np.ndarray,
    y: np.ndarray,
    criterion: str = "gini",
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
) -> object:
    """Move one sample after another to the left, in plain Python, and keep the squared sums of both sides."""
    if criterion not in ("gini", "squared_error"):
        raise ValueError(f"there is no criterion {criterion}")

    def grow(columns: list[list[float]], ys: list, depth: int) -> object:
        n, best = len(ys), None
        mean = sum(ys) / n
        # What a sample adds, and to which sum: 1 to that of its class, or its y to the only one.
        moves = [(each, 1.0) if criterion == "gini" else ("y", each - mean) for each in ys]
        totals = dict.fromkeys((key for key, _ in moves), 0.0)
        for key, amount in moves:
            totals[key] += amount
        rounding = 1e-11 * sum(amount**2 for _, amount in moves)
        for feature, column in enumerate(columns if depth != max_depth else []):
            left, right = dict.fromkeys(totals, 0.0), dict(totals)
            squares_left, squares_right = 0.0, sum(total**2 for total in totals.values())
            order = sorted(range(n), key=column.__getitem__)
            for n_left, (place, following) in enumerate(pairwise(order), start=1):
                key, amount = moves[place]
                squares_left += amount * (2 * left[key] + amount)
                squares_right -= amount * (2 * right[key] - amount)
                left[key] += amount
                right[key] -= amount
                gain = squares_left / n_left + squares_right / (n - n_left)
                parted = column[place] < column[following] and n_left >= min_samples_leaf <= n - n_left
                if parted and (best is None or gain > best[0] + rounding):
                    best = gain, feature, (column[place] + column[following]) / 2
        if best is None:
            return min(totals, key=lambda key: (-totals[key], key)) if criterion == "gini" else mean
        _, feature, threshold = best
        goes_left = [value <= threshold for value in columns[feature]]
        sides = [[i for i in range(n) if goes_left[i] is side] for side in (True, False)]
        parts = [([[column[i] for i in side] for column in columns], [ys[i] for i in side]) for side in sides]
        return feature, threshold, *(grow(*part, depth + 1) for part in parts)

    return grow(X.T.tolist(), y.tolist(), 0)


def fit_tree_via_levels(
    X: np.ndarray,
    y: np.ndarray,
    criterion: str = "gini",
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
) -> object:
    """Grow level by level in a list of nodes; a split's gain is the squared distance of the means of both sides."""
    if criterion not in ("gini", "squared_error"):
        raise ValueError(f"there is no criterion {criterion}")
    classes = np.unique(y)
    targets = (y[:, np.newaxis] == classes) * 1.0 if criterion == "gini" else y[:, np.newaxis] * 1.0
    nodes, waiting = [], [(np.arange(len(y)), 0)]
    for rows, depth in waiting:  # which grows on the way
        spread = targets[rows] - targets[rows].mean(axis=0)
        splits = []
        for feature in range(X.shape[1]):
            values, place, counts = np.unique(X[rows, feature], return_inverse=True, return_counts=True)
            sums = np.zeros((len(values), targets.shape[1]))
            np.add.at(sums, place.ravel(), spread)
            left, n_left = np.cumsum(sums, axis=0)[:-1], np.cumsum(counts)[:-1]
            n_right = len(rows) - n_left
            distance = ((left.T / n_left + left.T / n_right) ** 2).sum(axis=0)
            gains, thresholds = n_left * n_right / len(rows) * distance, (values[:-1] + values[1:]) / 2
            allowed = (n_left >= min_samples_leaf) & (n_right >= min_samples_leaf)
            splits += [
                (gain, feature, threshold) for gain, threshold in zip(gains[allowed], thresholds[allowed], strict=True)
            ]
        if depth == max_depth or not splits or len(set(y[rows].tolist())) == 1:
            means = targets[rows].mean(axis=0)
            nodes.append(classes[means.argmax()] if criterion == "gini" else means[0])
            continue
        largest = max(splits)[0]
        feature, threshold = next(split[1:] for split in splits if split[0] > largest - 1e-9 * (spread**2).sum())
        goes_left = X[rows, feature] <= threshold
        nodes.append((feature, threshold, len(waiting), len(waiting) + 1))
        waiting += [(rows[goes_left], depth + 1), (rows[~goes_left], depth + 1)]
    for place in range(len(nodes))[::-1]:
        if isinstance(nodes[place], tuple):
            feature, threshold, left, right = nodes[place]
            nodes[place] = feature, threshold, nodes[left], nodes[right]
    return nodes[0]


def predict_via_loop(tree: object, X: np.ndarray) -> np.ndarray:
    """Let each sample walk from the root to its leaf."""
    answers = []
    for sample in X.tolist():
        node = tree
        while isinstance(node, tuple):
            feature, threshold, left, right = node
            node = left if sample[feature] <= threshold else right
        answers.append(node)
    return np.array(answers)
