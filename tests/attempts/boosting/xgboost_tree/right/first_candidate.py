# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Node(NamedTuple):
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
    X = np.asarray(X, dtype=float)
    grad = np.asarray(grad, dtype=float)
    hess = np.asarray(hess, dtype=float)
    tree: list[Node] = []

    def score(G, H):
        return G**2 / (H + reg_lambda)

    def best_split(rows):
        G, H = grad[rows].sum(), hess[rows].sum()
        best = None
        best_gain = gamma
        for f in range(X.shape[1]):
            x = X[rows, f]
            missing = np.isnan(x)
            G_missing, H_missing = grad[rows][missing].sum(), hess[rows][missing].sum()
            present = rows[~missing]
            order = np.argsort(X[present, f], kind="stable")
            present = present[order]
            values = X[present, f]
            G_cum, H_cum = np.cumsum(grad[present]), np.cumsum(hess[present])
            candidates = []
            for i in np.flatnonzero(values[:-1] < values[1:]):
                threshold = (values[i] + values[i + 1]) / 2
                candidates.append((threshold, False, G_cum[i], H_cum[i]))
                if missing.any():
                    candidates.append((threshold, True, G_cum[i] + G_missing, H_cum[i] + H_missing))
            if missing.any() and len(present):
                candidates.append((np.inf, False, G_cum[-1], H_cum[-1]))
            for threshold, default_left, GL, HL in candidates:
                GR, HR = G - GL, H - HL
                if HL < min_child_weight or HR < min_child_weight:
                    continue
                gain = 0.5 * (score(GL, HL) + score(GR, HR) - score(G, H))
                if gain > best_gain:
                    best_gain = gain
                    best = (f, float(threshold), default_left, float(gain))
        return best

    def build(rows, depth):
        place = len(tree)
        weight = float(-grad[rows].sum() / (hess[rows].sum() + reg_lambda))
        tree.append(Node(weight))
        split = best_split(rows) if depth < max_depth else None
        if split is not None:
            f, threshold, default_left, gain = split
            x = X[rows, f]
            go_left = np.where(np.isnan(x), default_left, x < threshold)
            left = build(rows[go_left], depth + 1)
            right = build(rows[~go_left], depth + 1)
            tree[place] = Node(weight, f, threshold, default_left, left, right, gain)
        return place

    build(np.arange(len(X)), 0)
    return tree


def prune(tree: list[Node], gamma: float) -> list[Node]:
    tree = list(tree)

    def visit(i):
        node = tree[i]
        if node.left == -1:
            return True
        left_is_leaf = visit(node.left)
        right_is_leaf = visit(node.right)
        if left_is_leaf and right_is_leaf and node.gain <= gamma:
            tree[i] = Node(node.weight)
            return True
        return False

    visit(0)
    return tree


def predict(tree: list[Node], X: np.ndarray) -> np.ndarray:
    out = np.empty(len(X))
    for i, x in enumerate(X):
        node = tree[0]
        while node.left != -1:
            value = x[node.feature]
            go_left = node.default_left if np.isnan(value) else value < node.threshold
            node = tree[node.left if go_left else node.right]
        out[i] = node.weight
    return out
