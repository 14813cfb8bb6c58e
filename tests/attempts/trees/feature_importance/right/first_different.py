# different style; both bars
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Tree(NamedTuple):
    children_left: np.ndarray
    children_right: np.ndarray
    feature: np.ndarray
    impurity: np.ndarray
    n_node_samples: np.ndarray


class Importances(NamedTuple):
    importances_mean: np.ndarray
    importances_std: np.ndarray
    importances: np.ndarray


def impurity_importance(tree: Tree, n_features: int) -> np.ndarray:
    left, right, feature, impurity, count = (np.asarray(a).tolist() for a in tree)
    decreases = [[] for _ in range(n_features)]
    for node, (l, r) in enumerate(zip(left, right)):
        if l == -1:
            continue
        terms = count[node] * impurity[node], -count[l] * impurity[l], -count[r] * impurity[r]
        decreases[feature[node]].append(math.fsum(terms))
    sums = [math.fsum(d) for d in decreases]
    total = math.fsum(sums)
    if total <= 0:
        return np.zeros(n_features)
    return np.array([s / total for s in sums])


def permutation_importance(
    predict: Callable, X: np.ndarray, y: np.ndarray, score: Callable, n_repeats: int, rng: np.random.Generator
) -> Importances:
    if len(X) != len(y):
        raise ValueError("X and y differ in length")
    if n_repeats < 1:
        raise ValueError("n_repeats must be at least 1")
    n, d = X.shape
    base = float(score(y.copy(), predict(X.copy())))
    rows = []
    for j in range(d):
        row = []
        for _ in range(n_repeats):
            order = list(range(n))
            for i in range(n - 1, 0, -1):  # Fisher-Yates
                k = int(rng.integers(0, i + 1))
                order[i], order[k] = order[k], order[i]
            Z = np.column_stack([X[order, f] if f == j else X[:, f] for f in range(d)])
            row.append(base - float(score(y.copy(), predict(Z))))
        rows.append(row)
    means = [math.fsum(row) / n_repeats for row in rows]
    stds = [math.sqrt(math.fsum((v - m) ** 2 for v in row) / n_repeats) for row, m in zip(rows, means)]
    return Importances(np.array(means), np.array(stds), np.array(rows, dtype=float).reshape(d, n_repeats))
