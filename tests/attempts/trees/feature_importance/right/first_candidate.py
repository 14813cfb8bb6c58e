# candidate, par time, from the stub alone
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
    weighted = tree.n_node_samples * tree.impurity
    split = np.flatnonzero(tree.children_left != -1)
    decrease = weighted[split] - weighted[tree.children_left[split]] - weighted[tree.children_right[split]]
    importance = np.zeros(n_features)
    np.add.at(importance, tree.feature[split], decrease)
    total = importance.sum()
    return importance / total if total > 0 else np.zeros(n_features)


def permutation_importance(
    predict: Callable, X: np.ndarray, y: np.ndarray, score: Callable, n_repeats: int, rng: np.random.Generator
) -> Importances:
    base = score(y, predict(X))
    n_features = X.shape[1]
    importances = np.zeros((n_features, n_repeats))
    for j in range(n_features):
        for r in range(n_repeats):
            shuffled = X.copy()
            shuffled[:, j] = rng.permutation(X[:, j])
            importances[j, r] = base - score(y, predict(shuffled))
    return Importances(importances.mean(axis=1), importances.std(axis=1), importances)
