# different style; both bars
from collections import deque
from itertools import accumulate
from typing import NamedTuple

import numpy as np

_EPS = 1e-9


class Node(NamedTuple):
    weight: float
    feature: int = -1
    threshold: float = 0.0
    default_left: bool = False
    left: int = -1
    right: int = -1
    gain: float = 0.0


def _ratio(top, H, reg_lambda):
    return 0.0 if H == 0 else top / (H + reg_lambda)


def _suffix(values):
    return list(accumulate(reversed(values)))[::-1]


def _candidates(column, g, h, members):
    """Yield (threshold, default_left, GL, HL, GR, HR) in the order of preference."""
    groups = {}
    Gm = Hm = 0.0
    n_missing = 0
    for i in members:
        v = column[i]
        if v != v:
            Gm, Hm, n_missing = Gm + g[i], Hm + h[i], n_missing + 1
        else:
            a, b = groups.get(v, (0.0, 0.0))
            groups[v] = (a + g[i], b + h[i])
    if not groups:
        return
    values = sorted(groups)
    Gs = [groups[v][0] for v in values]
    Hs = [groups[v][1] for v in values]
    GL, HL = list(accumulate(Gs)), list(accumulate(Hs))
    GR, HR = _suffix(Gs), _suffix(Hs)
    for k in range(len(values) - 1):
        low, high = values[k], values[k + 1]
        middle = low / 2 + high / 2
        if not low < middle <= high:
            middle = high
        yield middle, False, GL[k], HL[k], GR[k + 1] + Gm, HR[k + 1] + Hm
        if n_missing:
            yield middle, True, GL[k] + Gm, HL[k] + Hm, GR[k + 1], HR[k + 1]
    if n_missing:
        yield float("inf"), False, GL[-1], HL[-1], Gm, Hm


def grow_tree(
    X: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    max_depth: int = 6,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> list[Node]:
    columns = np.asarray(X).astype(np.float64).T.tolist()
    g = np.asarray(grad).astype(np.float64).tolist()
    h = np.asarray(hess).astype(np.float64).tolist()
    tree = [Node(0.0)]
    queue = deque([(0, 0, list(range(len(g))))])
    while queue:
        place, depth, members = queue.popleft()
        G = sum(g[i] for i in members)
        H = sum(h[i] for i in members)
        weight = float(_ratio(-G, H, reg_lambda))
        tree[place] = Node(weight)
        if depth >= max_depth:
            continue
        parent = _ratio(G * G, H, reg_lambda)
        found = []
        for feature, column in enumerate(columns):
            for threshold, default_left, GL, HL, GR, HR in _candidates(column, g, h, members):
                if min(HL, HR) >= min_child_weight:
                    gain = (_ratio(GL * GL, HL, reg_lambda) + _ratio(GR * GR, HR, reg_lambda) - parent) / 2
                    found.append((gain, feature, threshold, default_left))
        if not found:
            continue
        largest = max(found)[0]
        if largest <= gamma + _EPS:
            continue
        gain, feature, threshold, default_left = next(c for c in found if c[0] >= largest - _EPS)
        column = columns[feature]
        sides = ([], [])
        for i in members:
            v = column[i]
            to_left = default_left if v != v else (v < threshold or threshold == float("inf"))
            sides[0 if to_left else 1].append(i)
        left = len(tree)
        tree += [Node(0.0), Node(0.0)]
        tree[place] = Node(weight, feature, threshold, default_left, left, left + 1, gain)
        queue.append((left, depth + 1, sides[0]))
        queue.append((left + 1, depth + 1, sides[1]))
    return tree


def prune(tree: list[Node], gamma: float) -> list[Node]:
    result = list(tree)
    order = [0]
    for i in order:  # grows while it is read: parents before children
        if result[i].left >= 0:
            order += [result[i].left, result[i].right]
    for i in reversed(order):
        node = result[i]
        if node.left >= 0 and result[node.left].left < 0 and result[node.right].left < 0:
            if node.gain <= gamma + _EPS:
                result[i] = Node(node.weight)
    return result


def predict(tree: list[Node], X: np.ndarray) -> np.ndarray:
    X = np.asarray(X).astype(np.float64)
    out = np.zeros(len(X))
    stack = [(0, np.arange(len(X)))]
    while stack:
        i, rows = stack.pop()
        node = tree[i]
        if node.left < 0:
            out[rows] = node.weight
            continue
        x = X[rows, node.feature]
        left = x < node.threshold
        if node.default_left:
            left |= np.isnan(x)
        stack.append((node.left, rows[left]))
        stack.append((node.right, rows[~left]))
    return out
