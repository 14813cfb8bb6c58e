# wrong (core): min_child_weight is compared with the present samples of a child, before the missing ones are added
"""XGBoost's tree: grown from gradients, pruned, and used.

G and H are sums of grad and hess, the derivatives of the loss, over the samples of a node:

    score  = G**2 / (H + reg_lambda)
    gain   = 1/2 * (score of left + score of right - score of both together)
    weight = -G / (H + reg_lambda)

A sample goes left if x[feature] < threshold. At each node, missing values (NaN) all go to the side with the larger
gain.

By default (tree_method="hist"), XGBoost uses gamma while a tree grows. With "exact" it prunes afterwards.

Source: Chen and Guestrin, XGBoost (2016), equations 5 and 7, algorithm 3.

Strict
------
- Gains within 1e-9 of each other, or of gamma, are equal.
- Score and weight are 0 if H is 0.
"""

from typing import NamedTuple

import numpy as np
def _score(g, h, reg_lambda):
    return g**2 / (h + reg_lambda) if h != 0 else 0.0


def _best_split(X, grad, hess, reg_lambda, min_child_weight):
    total_g, total_h = grad.sum(), hess.sum()
    parent = _score(total_g, total_h, reg_lambda)
    best = None
    for feature in range(X.shape[1]):
        x = X[:, feature]
        missing = np.isnan(x)
        values = np.unique(x[~missing])
        if len(values) == 0:
            continue
        candidates = []
        for threshold in (values[1:] + values[:-1]) / 2:
            candidates.append((threshold, False))
            if missing.any():
                candidates.append((threshold, True))
        if missing.any():
            candidates.append((np.inf, False))
        for threshold, default_left in candidates:
            left = (x < threshold) | (missing & default_left)
            g, h = grad[left].sum(), hess[left].sum()
            present = hess[(x < threshold) & ~missing].sum()
            if threshold < np.inf and min(present, hess[~missing].sum() - present) < min_child_weight:
                continue
            if h < min_child_weight or total_h - h < min_child_weight:
                continue
            gain = 0.5 * (_score(g, h, reg_lambda) + _score(total_g - g, total_h - h, reg_lambda) - parent)
            if best is None or gain > best[0] + 1e-9:
                best = (gain, feature, float(threshold), default_left, left)
    return best


class Node(NamedTuple):
    """A leaf has a weight only. left and right are the children's places in the list."""

    weight: float
    feature: int = -1
    threshold: float = 0.0
    default_left: bool = False
    left: int = -1
    right: int = -1
    gain: float = 0.0


def grow_tree(
    X: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    max_depth: int = 6,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> list[Node]:
    """Return the nodes of a tree, the root first.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    grad, hess : arrays of shape (n_samples,)
    max_depth : int
        The root has depth 0. A node at max_depth is a leaf.
    reg_lambda, gamma : float
        A node is split if its largest gain is above gamma.
    min_child_weight : float
        The least H of a child.

    Returns
    -------
    list of Node
        A threshold is the midpoint of two neighbouring distinct values in the node, or inf if some are missing: the
        present ones go left, the missing right. A tie goes to the lower feature, then to the lower threshold, then to
        missing values on the right. If none is missing, default_left is False.

    Examples
    --------
    >>> X, grad = np.array([[1], [2], [4], [np.nan]]), np.array([-3, -1, 3, -2])
    >>> grow_tree(X, grad, np.ones(4), max_depth=1)[0]
    Node(weight=0.6, feature=0, threshold=3.0, default_left=True, left=1, right=2, gain=5.85)
    """
    X = np.asarray(X, dtype=float)
    grad = np.asarray(grad, dtype=float)
    hess = np.asarray(hess, dtype=float)
    nodes = []

    def grow(rows, depth):
        place = len(nodes)
        total_h = hess[rows].sum()
        weight = float(-grad[rows].sum() / (total_h + reg_lambda)) if total_h != 0 else 0.0
        nodes.append(Node(weight))
        if depth >= max_depth:
            return place
        best = _best_split(X[rows], grad[rows], hess[rows], reg_lambda, min_child_weight)
        if best is None or best[0] <= gamma + 1e-9:
            return place
        gain, feature, threshold, default_left, left = best
        l = grow(rows[left], depth + 1)
        r = grow(rows[~left], depth + 1)
        nodes[place] = Node(weight, feature, threshold, default_left, l, r, float(gain))
        return place

    grow(np.arange(len(X)), 0)
    return nodes


def prune(tree: list[Node], gamma: float) -> list[Node]:
    """Return the tree without the splits that do not pay, from the bottom up.

    A node above two leaves becomes a leaf if its gain is not above gamma. The list may keep nodes that nothing points
    to.

    Examples
    --------
    >>> tree = [Node(0.5, 0, 2.0, False, 1, 2, 0.3), Node(0.1), Node(0.8, 0, 3.0, True, 3, 4, 0.7), Node(0.6), Node(2)]
    >>> prune(tree, 0.5) == tree, prune(tree, 0.7)[0] == Node(0.5)
    (True, True)
    """
    nodes = list(tree)

    def visit(place):
        node = nodes[place]
        if node.left < 0:
            return
        visit(node.left)
        visit(node.right)
        if nodes[node.left].left < 0 and nodes[node.right].left < 0 and node.gain <= gamma + 1e-9:
            nodes[place] = Node(node.weight)

    visit(0)
    return nodes


def predict(tree: list[Node], X: np.ndarray) -> np.ndarray:
    """Return the weight of the leaf of each sample.

    Examples
    --------
    >>> tree = [Node(0.0, 0, 2.0, True, 1, 2, 1.0), Node(-0.5), Node(0.25)]
    >>> predict(tree, np.array([[1.0], [2.0], [np.nan]]))
    array([-0.5 ,  0.25, -0.5 ])
    """
    out = np.empty(len(X))
    for i, row in enumerate(np.asarray(X, dtype=float)):
        node = tree[0]
        while node.left >= 0:
            value = row[node.feature]
            left = node.default_left if np.isnan(value) else value < node.threshold
            node = tree[node.left if left else node.right]
        out[i] = node.weight
    return out
