# different style; both bars
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
    n, d = X.shape
    if not 1 <= max_features <= d:
        raise ValueError("max_features must be from 1 to the number of features")
    if max_samples is not None and not 1 <= max_samples <= n:
        raise ValueError("max_samples must be from 1 to the number of samples")
    classes, codes = np.unique(y, return_inverse=True)  # sorted: the smallest label has the smallest code
    codes = codes.reshape(-1)
    trees = []
    for _ in range(n_trees):
        rows = np.floor(rng.random(n) * n).astype(np.int64) if max_samples is None else rng.permutation(n)[:max_samples]
        feature, threshold, left, right, leaf = [], [], [], [], []

        def new_node():
            for a, v in ((feature, -1), (threshold, 0.0), (left, -1), (right, -1), (leaf, 0)):
                a.append(v)
            return len(leaf) - 1

        queue = [(new_node(), rows)]  # breadth first, no recursion
        for node, at in queue:
            counts = np.bincount(codes[at], minlength=len(classes))
            leaf[node] = int(counts.argmax())
            if np.count_nonzero(counts) <= 1:
                continue
            columns = np.argsort(rng.random(d))[:max_features]
            split = best_split(X[np.ix_(at, columns)], y[at])
            if split is None:
                continue
            f = int(columns[int(split[0])])
            goes_left = np.array([v <= split[1] for v in X[at, f].tolist()], dtype=bool)
            if goes_left.all() or not goes_left.any():
                continue  # not a split: one side is empty
            feature[node], threshold[node] = f, split[1]
            left[node], right[node] = new_node(), new_node()
            queue.append((left[node], at[goes_left]))
            queue.append((right[node], at[~goes_left]))
        trees.append((feature, threshold, left, right, leaf))
    return classes, trees


def predict(forest: object, X: np.ndarray) -> np.ndarray:
    classes, trees = forest
    votes = np.zeros((len(X), len(classes)), dtype=np.int64)
    for i, row in enumerate(X.tolist()):
        for feature, threshold, left, right, leaf in trees:
            node = 0
            while feature[node] >= 0:
                node = left[node] if row[feature[node]] <= threshold[node] else right[node]
            votes[i, leaf[node]] += 1
    return classes[votes.argmax(axis=1)]
