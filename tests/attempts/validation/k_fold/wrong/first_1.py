# wrong (core): k_fold shuffles only inside each run of k rows, so rows 0 and 1 are never in one test set
# shown by: sum(any({0, 1} <= set(f.test.tolist()) for f in k_fold(6, 2, np.random.default_rng(s))) for s in range(300)) > 0; right True, this False
from typing import NamedTuple

import numpy as np


class Fold(NamedTuple):
    train: np.ndarray
    test: np.ndarray


def _folds(fold_of, k):
    return [Fold(np.flatnonzero(fold_of != i), np.flatnonzero(fold_of == i)) for i in range(k)]


def k_fold(n: int, k: int, rng: np.random.Generator) -> list[Fold]:
    if k < 2 or k > n:
        raise ValueError("k must be from 2 to n")
    fold_of = np.empty(n, dtype=int)
    for start in range(0, n, k):
        fold_of[start : start + k] = rng.permutation(k)[: n - start]
    return _folds(fold_of, k)


def stratified_k_fold(y: np.ndarray, k: int, rng: np.random.Generator) -> list[Fold]:
    y = np.asarray(y)
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    if k < 2 or k > counts.min(initial=0 if len(y) == 0 else len(y)):
        raise ValueError("k must be from 2 to the size of the smallest class")
    fold_of = np.empty(len(y), dtype=int)
    start = 0
    for c, count in enumerate(counts):
        rows = rng.permutation(np.flatnonzero(codes == c))
        fold_of[rows] = (start + np.arange(count)) % k
        start += count
    return _folds(fold_of, k)


def group_k_fold(groups: np.ndarray, k: int) -> list[Fold]:
    _, codes, counts = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    if k < 2 or k > len(counts):
        raise ValueError("k must be from 2 to the number of groups")
    size = np.zeros(k, dtype=int)
    fold_of_group = np.empty(len(counts), dtype=int)
    for g in np.argsort(-counts, kind="stable"):
        fold = int(size.argmin())
        fold_of_group[g] = fold
        size[fold] += counts[g]
    return _folds(fold_of_group[codes], k)
