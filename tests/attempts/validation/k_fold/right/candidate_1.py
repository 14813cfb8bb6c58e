# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Fold(NamedTuple):
    train: np.ndarray
    test: np.ndarray


def _folds(assignment, k):
    return [Fold(np.flatnonzero(assignment != i), np.flatnonzero(assignment == i)) for i in range(k)]


def k_fold(n: int, k: int, rng: np.random.Generator) -> list[Fold]:
    if k < 2 or k > n:
        raise ValueError("k must be from 2 to n")
    return _folds(rng.permutation(np.arange(n) % k), k)


def stratified_k_fold(y: np.ndarray, k: int, rng: np.random.Generator) -> list[Fold]:
    classes, counts = np.unique(y, return_counts=True)
    if k < 2 or k > counts.min():
        raise ValueError("k must be from 2 to the size of the smallest class")
    # shuffle each class, then deal all rows in one go: the next class goes on where the last one stopped
    order = np.concatenate([rng.permutation(np.flatnonzero(y == c)) for c in classes])
    assignment = np.zeros(len(y), dtype=int)
    assignment[order] = np.arange(len(y)) % k
    return _folds(assignment, k)


def group_k_fold(groups: np.ndarray, k: int) -> list[Fold]:
    names, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    if k < 2 or k > len(names):
        raise ValueError("k must be from 2 to the number of groups")
    fold_of_group = np.zeros(len(names), dtype=int)
    sizes = np.zeros(k, dtype=int)
    for g in np.argsort(-counts):
        fold = np.argmin(sizes)
        fold_of_group[g] = fold
        sizes[fold] += counts[g]
    return _folds(fold_of_group[inverse], k)
