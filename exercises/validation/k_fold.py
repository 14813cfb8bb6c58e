# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- k_fold
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
