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

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Node(NamedTuple):
    """A leaf has a weight only. left and right are the children's places, anywhere in the list."""

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
    groups, tree = [(np.arange(len(grad)), 0)], []
    for rows, depth in groups:  # which grows meanwhile
        G, H = grad[rows].sum(), hess[rows].sum()
        node = Node(float(-G / (H + reg_lambda)) if H > 0 else 0.0)
        if depth < max_depth:
            splits = [_best_split(x[rows], grad[rows], hess[rows], reg_lambda, min_child_weight) for x in X.T]
            feature = int(np.argmax([round(gain, 9) for gain, _, _ in splits]))
            gain, threshold, default_left = splits[feature]
            if round(gain - gamma, 9) > 0:
                node = Node(node.weight, feature, threshold, default_left, len(groups), len(groups) + 1, gain)
                left = _goes_left(X[rows, feature], threshold, default_left)
                groups += [(rows[left], depth + 1), (rows[~left], depth + 1)]
        tree.append(node)
    return tree


def _goes_left(x: np.ndarray, threshold: float, default_left: bool) -> np.ndarray:
    return np.where(np.isnan(x), default_left, x < threshold)


def _best_split(
    x: np.ndarray, grad: np.ndarray, hess: np.ndarray, reg_lambda: float, min_child_weight: float
) -> tuple[float, float, bool]:
    """Return gain, threshold and default_left. Nothing on one side gains 0."""

    def score(sums: np.ndarray) -> np.ndarray:
        return np.divide(sums[0] ** 2, sums[1] + reg_lambda, out=np.zeros(sums.shape[1:]), where=sums[1] > 0)

    order = np.argsort(x)  # NaN comes last
    n_present = len(x) - np.count_nonzero(np.isnan(x))
    values = x[order[:n_present]]
    following = np.append(values[1:], np.inf)
    sums = np.stack([grad, hess])[:, order, np.newaxis]
    whole, missing = sums.sum(axis=1), sums[:, n_present:].sum(axis=1)
    # A row for a cut behind each present value; missing ones go right in the first column, left in the second.
    left = np.cumsum(sums[:, :n_present], axis=1) + missing[:, np.newaxis] * [0, 1]
    right = whole[:, np.newaxis] - left
    gains = (score(left) + score(right) - score(whole)) / 2
    gains[(np.minimum(left[1], right[1]) < min_child_weight) | (values == following)[:, np.newaxis]] = -np.inf
    if not gains.size:
        return -np.inf, np.inf, False
    place, default_left = divmod(int(gains.round(9).argmax()), 2)
    return float(gains[place, default_left]), float(values[place] / 2 + following[place] / 2), bool(default_left)


def prune(tree: list[Node], gamma: float) -> list[Node]:
    """Return the tree without the splits that do not pay, from the bottom up.

    A node above two leaves becomes a leaf if its gain is not above gamma. Nodes that nothing points to may stay.

    Examples
    --------
    >>> tree = [Node(0.5, 0, 2.0, False, 1, 2, 0.3), Node(0.1), Node(0.8, 0, 3.0, True, 3, 4, 0.7), Node(0.6), Node(2)]
    >>> prune(tree, 0.5) == tree, prune(tree, 0.7)[0] == Node(0.5)
    (True, True)
    """
    pruned = list(tree)

    def visit(place: int) -> bool:
        """Prune below a node, and say whether it is a leaf."""
        node = pruned[place]
        if node.feature >= 0:
            leaves = [visit(child) for child in (node.left, node.right)]
            if all(leaves) and round(node.gain - gamma, 9) <= 0:
                pruned[place] = Node(node.weight)
        return pruned[place].feature < 0

    visit(0)
    return pruned


def predict(tree: list[Node], X: np.ndarray) -> np.ndarray:
    """Return the weight of the leaf of each sample.

    Examples
    --------
    >>> tree = [Node(0.0, 0, 2.0, True, 1, 2, 1.0), Node(-0.5), Node(0.25)]
    >>> predict(tree, np.array([[1.0], [2.0], [np.nan]]))
    array([-0.5 ,  0.25, -0.5 ])
    """
    weights = np.empty(len(X))
    groups = [(0, np.arange(len(X)))]
    for place, rows in groups:
        node = tree[place]
        if node.feature < 0:
            weights[rows] = node.weight
        else:
            left = _goes_left(X[rows, node.feature], node.threshold, node.default_left)
            groups += [(node.left, rows[left]), (node.right, rows[~left])]
    return weights


def grow_tree_via_recursion(
    X: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    max_depth: int = 6,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> list[Node]:
    """Grow the left subtree before the right one, and try one question after the other by its mask."""
    tree: list[Node] = []

    def added(rows: np.ndarray) -> float:
        return _weight(grad[rows], hess[rows], reg_lambda) * -grad[rows].sum() / 2

    def grow(rows: np.ndarray, depth: int) -> int:
        place = len(tree)
        best, parts = Node(_weight(grad[rows], hess[rows], reg_lambda)), ()
        tree.append(best)
        least = gamma + 1e-9
        for question in _questions(X[rows]) if depth < max_depth else ():
            left = _goes_left(X[rows, question[0]], *question[1:])
            sides = rows[left], rows[~left]
            gain = added(sides[0]) + added(sides[1]) - added(rows)
            if gain > least and min(hess[side].sum() for side in sides) >= min_child_weight:
                best, parts, least = Node(best.weight, *question, gain=float(gain)), sides, gain + 1e-9
        if parts:
            tree[place] = best._replace(left=grow(parts[0], depth + 1), right=grow(parts[1], depth + 1))
        return place

    grow(np.arange(len(grad)), 0)
    return tree


def _weight(grad: np.ndarray, hess: np.ndarray, reg_lambda: float) -> float:
    H = math.fsum(hess)
    return -math.fsum(grad) / (H + reg_lambda) if H else 0.0


def _questions(X: np.ndarray) -> Iterator[tuple[int, float, bool]]:
    """Yield feature, threshold and default_left of all questions, and of some that part nothing."""
    for feature, x in enumerate(X.T):
        values = np.unique(x[~np.isnan(x)])
        for threshold in [*(values[:-1] / 2 + values[1:] / 2), np.inf]:
            yield from ((feature, float(threshold), default_left) for default_left in (False, True))


def grow_tree_via_scan(
    X: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    max_depth: int = 6,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> list[Node]:
    """Scan the sorted values of each feature upwards, once for either direction, in plain Python."""
    tree, waiting = [Node(0.0)], [(0, list(zip(X.tolist(), grad.tolist(), hess.tolist(), strict=True)), 0)]
    while waiting:
        place, samples, depth = waiting.pop()
        _, grads, hesses = zip(*samples, strict=True)
        tree[place] = Node(_weight(grads, hesses, reg_lambda))
        found = []
        for feature in range(X.shape[1]) if depth < max_depth else ():
            for default_left in (False, True):
                found += _scanned(samples, feature, default_left, reg_lambda, min_child_weight)
        found = [split for split in found if round(split.gain - gamma, 9) > 0]
        if not found:
            continue
        split = min(found, key=lambda each: (-round(each.gain, 9), *each[1:4]))
        tree[place] = split._replace(weight=tree[place].weight, left=len(tree), right=len(tree) + 1)
        sides = [[], []]
        for sample in samples:
            value = sample[0][split.feature]
            sides[value >= split.threshold or (math.isnan(value) and not split.default_left)].append(sample)
        waiting += [(len(tree), sides[0], depth + 1), (len(tree) + 1, sides[1], depth + 1)]
        tree += [Node(0.0), Node(0.0)]
    return tree


def _scanned(
    samples: list, feature: int, default_left: bool, reg_lambda: float, min_child_weight: float
) -> Iterator[Node]:
    """Yield the splits of one feature with missing values on one side, as nodes without a weight."""
    missing = [sample for sample in samples if math.isnan(sample[0][feature])]
    present = [sample for sample in samples if not math.isnan(sample[0][feature])]
    present.sort(key=lambda sample: sample[0][feature])
    if missing and not default_left:
        present.append(([math.inf] * (feature + 1), 0.0, 0.0))
    left = missing if default_left else []
    right = [sample for sample in samples if sample not in left]

    def sums(side: list) -> tuple[float, float]:
        return math.fsum(sample[1] for sample in side), math.fsum(sample[2] for sample in side)

    def score(G: float, H: float) -> float:
        return G / (H + reg_lambda) * G / 2 if H > 0 else 0.0

    (G, H), (G_left, H_left), (G_right, H_right) = sums(samples), sums(left), sums(right)
    for (x, g, h), (following, *_) in pairwise(present):
        G_left, H_left, G_right, H_right = G_left + g, H_left + h, G_right - g, H_right - h
        if x[feature] < following[feature] and min(H_left, H_right) >= min_child_weight:
            threshold = x[feature] / 2 + following[feature] / 2
            gain = score(G_left, H_left) + score(G_right, H_right) - score(G, H)
            yield Node(0.0, feature, threshold, default_left, gain=gain)


def prune_via_rebuilding(tree: list[Node], gamma: float) -> list[Node]:
    """Lay the tree anew: the two subtrees first, then see whether the node above needs them."""

    def laid(place: int, start: int) -> list[Node]:
        """Return the nodes of a subtree whose root gets the place `start`."""
        node = tree[place]
        if node.feature == -1:
            return [node]
        left = laid(node.left, start + 1)
        right = laid(node.right, start + 1 + len(left))
        if len(left) == len(right) == 1 and node.gain <= gamma + 1e-9:
            return [Node(node.weight)]
        return [node._replace(left=start + 1, right=start + 1 + len(left)), *left, *right]

    return laid(0, 0)


def predict_via_walk(tree: list[Node], X: np.ndarray) -> np.ndarray:
    """Let one sample after the other walk down."""
    weights = []
    for sample in X.tolist():
        node = tree[0]
        while node.feature >= 0:
            value = sample[node.feature]
            left = node.default_left if math.isnan(value) else value < node.threshold
            node = tree[node.left if left else node.right]
        weights.append(node.weight)
    return np.array(weights)


def predict_via_boxes(tree: list[Node], X: np.ndarray) -> np.ndarray:
    """Add up leaf weights, each times whether a sample meets all conditions on the way."""

    def below(place: int, inside: np.ndarray) -> np.ndarray:
        node = tree[place]
        if node.feature < 0:
            return node.weight * inside
        x = X[:, node.feature]
        right = (x >= node.threshold) | (np.isnan(x) & (not node.default_left))
        return below(node.left, inside & ~right) + below(node.right, inside & right)

    return below(0, np.full(len(X), fill_value=True))
