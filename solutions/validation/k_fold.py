"""Cross-validation in k folds: plain, stratified, and by group.

Each of the n rows is in the test set of exactly one fold, and in the training sets of the k - 1 others.

- Plain: rows are dealt in uniformly random order. The sizes of the test sets differ by at most one.
- Stratified: the rows of each class are dealt in uniformly random order, independently of other classes. The number of
  rows of each class differs by at most one between test sets, and so does the number of all rows.
- By group: the rows of a group stay together. The largest group goes first, each group to the fold with the fewest test
  rows so far. Ties are yours to break.

The order of the folds, and of the rows in them, is yours too. All randomness comes from rng.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 7.10; Kohavi (1995).
"""

import heapq
from collections import Counter
from typing import NamedTuple

import numpy as np


class Fold(NamedTuple):
    """The rows to train on and the rows to test on: two arrays of int."""

    train: np.ndarray
    test: np.ndarray


def k_fold(n: int, k: int, rng: np.random.Generator) -> list[Fold]:
    """Return k folds of the rows 0 to n - 1, dealt at random.

    Raises
    ------
    ValueError
        If k is below 2 or above n.

    Examples
    --------
    >>> folds = k_fold(7, 3, np.random.default_rng(0))
    >>> sorted(len(fold.test) for fold in folds)
    [2, 2, 3]
    """
    if not 2 <= k <= n:
        raise ValueError(f"k is {k}, and has to be from 2 to the number of rows, {n}")
    return _folds(rng.permutation(n) % k, k)


def stratified_k_fold(y: np.ndarray, k: int, rng: np.random.Generator) -> list[Fold]:
    """Return k folds in which every class has the same share, as nearly as possible.

    Parameters
    ----------
    y : array of shape (n,)
        Class labels: integers or strings.

    Raises
    ------
    ValueError
        If k is below 2 or above the number of rows of the smallest class (scikit-learn only warns).

    Examples
    --------
    >>> y = np.array([0, 0, 1, 0, 1, 1, 0])
    >>> sorted(sorted(y[fold.test].tolist()) for fold in stratified_k_fold(y, 2, np.random.default_rng(0)))
    [[0, 0, 1], [0, 0, 1, 1]]
    """
    smallest = np.unique(y, return_counts=True)[1].min()
    if not 2 <= k <= smallest:
        raise ValueError(f"k is {k}, and has to be from 2 to the number of rows of the smallest class, {smallest}")
    shuffled = rng.permutation(len(y))
    by_class = shuffled[np.argsort(y[shuffled])]
    # Each class is dealt on from where the one before it ended, so that no fold gets the odd row of every class.
    fold_of = np.empty_like(shuffled)
    fold_of[by_class] = np.arange(len(y)) % k
    return _folds(fold_of, k)


def group_k_fold(groups: np.ndarray, k: int) -> list[Fold]:
    """Return k folds that keep groups whole.

    Parameters
    ----------
    groups : array of shape (n,)
        The group of each row: an integer or string.

    Raises
    ------
    ValueError
        If k is below 2 or above the number of groups.

    Examples
    --------
    >>> folds = group_k_fold(np.array([5, 7, 5, 9, 5, 7]), 2)
    >>> sorted(sorted(fold.test.tolist()) for fold in folds)
    [[0, 2, 4], [1, 3, 5]]
    """
    _, group, size = np.unique(groups, return_inverse=True, return_counts=True)
    if not 2 <= k <= len(size):
        raise ValueError(f"k is {k}, and has to be from 2 to the number of groups, {len(size)}")
    rows_so_far = np.zeros(k)
    fold_of_group = np.empty_like(size)
    for largest in np.argsort(-size):
        fold_of_group[largest] = np.argmin(rows_so_far)
        rows_so_far[fold_of_group[largest]] += size[largest]
    return _folds(fold_of_group[group], k)


def _folds(fold_of: np.ndarray, k: int) -> list[Fold]:
    """Return the folds, given the number of the one in which each row is tested."""
    return [Fold(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(k)]


def k_fold_via_cutting(n: int, k: int, rng: np.random.Generator) -> list[Fold]:
    """Shuffle the rows and cut them into k stretches, the first ones longer by one."""
    if k < 2 or k > n:
        raise ValueError("k has to be from 2 to n")
    rows = rng.permutation(n)
    ends = np.cumsum([n // k + (fold < n % k) for fold in range(k)])
    return [
        Fold(np.concatenate([rows[:start], rows[end:]]), rows[start:end])
        for start, end in zip([0, *ends[:-1]], ends, strict=True)
    ]


def k_fold_via_drawing(n: int, k: int, rng: np.random.Generator) -> list[Fold]:
    """Draw each fold's rows from those that are left, without putting them back."""
    if k < 2 or k > n:
        raise ValueError("k has to be from 2 to n")
    left, tests = set(range(n)), []
    for folds_left in range(k, 0, -1):
        tests.append(rng.choice(sorted(left), size=len(left) // folds_left, replace=False))
        left -= set(tests[-1].tolist())
    return [Fold(np.setdiff1d(np.arange(n), test), test) for test in tests]


def stratified_k_fold_via_queues(y: np.ndarray, k: int, rng: np.random.Generator) -> list[Fold]:
    """Give the rows of each shuffled class to the folds in turn, going on with the fold after the last one served."""
    rows_of = {}
    for row, label in enumerate(y.tolist()):
        rows_of.setdefault(label, []).append(row)
    if k < 2 or any(len(rows) < k for rows in rows_of.values()):
        raise ValueError("k has to be from 2 to the size of the smallest class")
    tests, turn = [[] for _ in range(k)], 0
    for rows in rows_of.values():
        for place in rng.permutation(len(rows)):
            tests[turn % k].append(rows[place])
            turn += 1
    return [Fold(np.array([row for row in range(len(y)) if row not in test]), np.array(test)) for test in tests]


def group_k_fold_via_heap(groups: np.ndarray, k: int) -> list[Fold]:
    """Keep the folds on a heap, the one with the fewest rows on top."""
    sizes = Counter(groups.tolist())
    if k < 2 or k > len(sizes):
        raise ValueError("k has to be from 2 to the number of groups")
    heap = [(0, fold, []) for fold in range(k)]
    for group, size in sizes.most_common():
        rows, fold, members = heap[0]
        heapq.heapreplace(heap, (rows + size, fold, [*members, group]))
    return [
        Fold(np.flatnonzero(~np.isin(groups, members)), np.flatnonzero(np.isin(groups, members)))
        for _, _, members in heap
    ]
