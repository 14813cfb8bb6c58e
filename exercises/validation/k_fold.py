# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- k_fold
"""Cross-validation in k folds: plain, stratified, and by group.

The rows of a data set are dealt into k folds. Each fold is tested once, by a model trained on all the other rows: a row
is in the test set of exactly one fold, and in the training sets of the k - 1 others.

- Plain: rows are dealt at random, as from a shuffled deck. The sizes of any two test sets differ by at most one.
- Stratified: the rows of each class are dealt at random, in the same sense. Between any two test sets the number of
  rows of each class differs by at most one, and so does the number of all rows.
- By group: the rows of a group (a user, a patient) stay together, so that no group is on both sides of a fold. Groups
  are dealt one by one, the one with the most rows first, each to the fold with the fewest test rows so far. Where
  groups or folds are tied, the choice is yours.

A fold holds row indices from 0 to n - 1. The order of the folds, and of the rows within a fold, is yours, too.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 7.10; Kohavi, A study of
cross-validation and bootstrap (1995), for stratified folds.
"""

from typing import NamedTuple

import numpy as np


class Fold(NamedTuple):
    """The rows to train on and the rows to test on: two arrays of int."""

    train: np.ndarray
    test: np.ndarray


def k_fold(n: int, k: int, rng: np.random.Generator) -> list[Fold]:
    """Return k folds of n rows, dealt at random.

    Parameters
    ----------
    n : int
        The number of rows.
    k : int, from 2 to n
    rng : np.random.Generator
        The only source of randomness: the same state gives the same folds.

    Returns
    -------
    list of k Fold

    Raises
    ------
    ValueError
        If k is below 2 or above n.

    Examples
    --------
    Seven rows make folds of 3, 2 and 2.

    >>> folds = k_fold(7, 3, np.random.default_rng(0))
    >>> sorted(len(fold.test) for fold in folds)
    [2, 2, 3]
    >>> sorted(np.concatenate([folds[0].train, folds[0].test]).tolist())
    [0, 1, 2, 3, 4, 5, 6]
    """
    raise NotImplementedError


def stratified_k_fold(y: np.ndarray, k: int, rng: np.random.Generator) -> list[Fold]:
    """Return k folds in which every class has the same share, as nearly as can be, dealt at random within a class.

    Parameters
    ----------
    y : array of shape (n,)
        The class of each row: integers or strings, of any number of classes, in any order. There is at least one row.
    k : int, at least 2
    rng : np.random.Generator
        The only source of randomness: the same state gives the same folds.

    Returns
    -------
    list of k Fold

    Raises
    ------
    ValueError
        If k is below 2, or above the number of rows of the smallest class.

    Examples
    --------
    Four rows of class 0 and three of class 1: each test set has two rows of the one, and one or two of the other.

    >>> y = np.array([0, 0, 1, 0, 1, 1, 0])
    >>> sorted(sorted(y[fold.test].tolist()) for fold in stratified_k_fold(y, 2, np.random.default_rng(0)))
    [[0, 0, 1], [0, 0, 1, 1]]
    """
    raise NotImplementedError


def group_k_fold(groups: np.ndarray, k: int) -> list[Fold]:
    """Return k folds that keep groups whole, of sizes as even as dealing the largest group first makes them.

    Parameters
    ----------
    groups : array of shape (n,)
        The group of each row: integers or strings, in any order. Groups may differ in size. There is at least one row.
    k : int, at least 2

    Returns
    -------
    list of k Fold

    Raises
    ------
    ValueError
        If k is below 2, or above the number of groups.

    Examples
    --------
    Groups 5, 7 and 9 have three rows, two rows and one row: the first makes a fold, the others make one together.

    >>> folds = group_k_fold(np.array([5, 7, 5, 9, 5, 7]), 2)
    >>> sorted(sorted(fold.test.tolist()) for fold in folds)
    [[0, 2, 4], [1, 3, 5]]
    """
    raise NotImplementedError
