# different style; both bars
from collections import Counter
from fractions import Fraction
from math import fsum

import numpy as np


def between(a, b):
    """The midpoint t, always with a <= t < b."""
    if isinstance(a, int) and isinstance(b, int):
        total = int(a) + int(b)
        exact = Fraction(total, 2)
        return total / 2 if total / 2 == exact else exact
    t = a / 2 + b / 2 if abs(a) > 1e300 or abs(b) > 1e300 else (a + b) / 2
    return t if a <= t < b else a


def gini_split(columns, labels, rows, smallest):
    """The gain is largest where A/n_left + B/n_right is, for the sums of squared counts A and B: whole numbers."""
    n = len(rows)
    all_counts = Counter(labels[i] for i in rows)
    best, found = None, None
    for j, column in enumerate(columns):
        order = sorted(rows, key=column.__getitem__)
        left, right = Counter(), Counter(all_counts)
        A, B = 0, sum(c * c for c in right.values())
        for k in range(1, n):
            label = labels[order[k - 1]]
            A += 2 * left[label] + 1
            B -= 2 * right[label] - 1
            left[label] += 1
            right[label] -= 1
            if min(k, n - k) < smallest or not column[order[k - 1]] < column[order[k]]:
                continue
            num, den = A * (n - k) + B * k, k * (n - k)
            if best is None or num * best[1] > best[0] * den:
                best, found = (num, den), (j, k, order)
    return found


def squared_split(columns, y, rows, smallest):
    n = len(rows)
    origin = y[rows[0]]
    d = {i: float(y[i] - origin) for i in rows}
    mean = fsum(d.values()) / n
    r = {i: v - mean for i, v in d.items()}
    total = fsum(r.values())
    options, orders = [], []
    for j, column in enumerate(columns):
        order = sorted(rows, key=column.__getitem__)
        orders.append(order)
        s = 0.0
        for k in range(1, n):
            s += r[order[k - 1]]
            if min(k, n - k) < smallest or not column[order[k - 1]] < column[order[k]]:
                continue
            apart = s / k - (total - s) / (n - k)
            options.append((k / n * (n - k) / n * apart * apart, j, k))
    if not options:
        return None
    slack = 1e-10 * fsum(v * v for v in r.values()) / n
    limit = max(options)[0] - slack
    _, j, k = next(o for o in options if o[0] >= limit)
    return j, k, orders[j]


def fit_tree(
    X: np.ndarray,
    y: np.ndarray,
    criterion: str = "gini",
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
) -> object:
    if criterion not in ("gini", "squared_error"):
        raise ValueError("unknown criterion")
    gini = criterion == "gini"
    columns = [X[:, j].tolist() for j in range(X.shape[1])]
    values = y.tolist()
    if not gini:
        values = [v + 0 for v in values]
    smallest = max(1, min_samples_leaf)
    nodes: list = [None]
    todo = [(0, list(range(len(values))), 0)]
    while todo:
        at, rows, depth = todo.pop()
        found = None
        if (max_depth is None or depth < max_depth) and any(values[i] != values[rows[0]] for i in rows):
            found = (gini_split if gini else squared_split)(columns, values, rows, smallest)
        if found is None:
            if gini:
                counts = Counter(values[i] for i in rows)
                most = max(counts.values())
                nodes[at] = min(v for v, c in counts.items() if c == most)
            else:
                first = values[rows[0]]
                nodes[at] = float(first + fsum(values[i] - first for i in rows) / len(rows))
            continue
        j, k, order = found
        a = len(nodes)
        nodes += [None, None]
        nodes[at] = (j, between(columns[j][order[k - 1]], columns[j][order[k]]), a, a + 1)
        todo += [(a, order[:k], depth + 1), (a + 1, order[k:], depth + 1)]
    return nodes, (y.dtype if gini else np.dtype(float))


def predict(tree: object, X: np.ndarray) -> np.ndarray:
    nodes, dtype = tree
    out = []
    for x in X.tolist():
        node = nodes[0]
        while isinstance(node, tuple):
            j, t, a, b = node
            node = nodes[a] if x[j] <= t else nodes[b]
        out.append(node)
    return np.array(out, dtype=dtype)
