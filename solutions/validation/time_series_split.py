"""Cross-validation over time: train on the past, test on the future.

Rows 0 to n - 1 are in order of time. The test sets have test_size rows each, follow one another without a break, and
the last one ends with row n - 1. Each is tested by a model that is trained on the rows before it:

    row:     0 1 2 3 4 5 6 7 8 9        n = 10, n_splits = 3, test_size = 2, gap = 1
    split 1: o o o - x x                o train, - gap, x test
    split 2: o o o o o - x x
    split 3: o o o o o o o - x x

The gap rows right before a test set are left out. Training sets begin at row 0 (expanding window). With max_train_size
they keep only the last max_train_size rows before the gap, or all if there are fewer (rolling window).

Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (2021), section 5.10. Parameters as in
scikit-learn's TimeSeriesSplit, which refuses n_splits = 1.

Strict
------
- ValueError if n_splits, test_size or max_train_size is below 1, or gap below 0.
"""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The rows to train on and the rows to test on: two arrays of int, in rising order."""

    train: np.ndarray
    test: np.ndarray


def time_series_split(
    n: int,
    n_splits: int = 5,
    test_size: int | None = None,
    gap: int = 0,
    max_train_size: int | None = None,
) -> list[Split]:
    """Return the splits, the earliest test set first.

    Parameters
    ----------
    n : int
    n_splits : int
    test_size : int or None
        None stands for n // (n_splits + 1).
    gap : int
    max_train_size : int or None
        None sets no limit.

    Raises
    ------
    ValueError
        If a training set or a test set would be empty.

    Examples
    --------
    >>> for train, test in time_series_split(10, n_splits=3, test_size=2, gap=1):
    ...     print(train, test)
    [0 1 2] [4 5]
    [0 1 2 3 4] [6 7]
    [0 1 2 3 4 5 6] [8 9]
    >>> for train, test in time_series_split(10, n_splits=3, max_train_size=3):
    ...     print(train, test)
    [1 2 3] [4 5]
    [3 4 5] [6 7]
    [5 6 7] [8 9]
    """
    test_size = _test_size(n, n_splits, test_size, gap, max_train_size)
    first = n - n_splits * test_size
    splits = []
    for start in range(first, n, test_size):
        end_of_train = start - gap
        start_of_train = 0 if max_train_size is None else max(end_of_train - max_train_size, 0)
        splits.append(Split(np.arange(start_of_train, end_of_train), np.arange(start, start + test_size)))
    return splits


def _test_size(n: int, n_splits: int, test_size: int | None, gap: int, max_train_size: int | None) -> int:
    """Return the size of a test set, once the parameters are found fit."""
    if n_splits < 1 or gap < 0 or (max_train_size is not None and max_train_size < 1):
        raise ValueError(f"n_splits of {n_splits}, gap of {gap} or max_train_size of {max_train_size} is too small")
    if test_size is None:
        test_size = n // (n_splits + 1)
    if test_size < 1:
        raise ValueError(f"a test set needs at least one row, and would have {test_size}")
    if n - n_splits * test_size - gap < 1:
        raise ValueError(f"{n} rows leave none to train on before the first of {n_splits} tests of {test_size}")
    return test_size


def time_series_split_via_masks(
    n: int,
    n_splits: int = 5,
    test_size: int | None = None,
    gap: int = 0,
    max_train_size: int | None = None,
) -> list[Split]:
    """Ask of every row how long before the test it is."""
    test_size = _test_size(n, n_splits, test_size, gap, max_train_size)
    limit = n if max_train_size is None else max_train_size
    splits = []
    for tests_left in range(n_splits, 0, -1):
        before = n - tests_left * test_size - np.arange(n)  # 1 for the last row before the test, 0 for its first row
        train, test = (gap < before) & (before <= gap + limit), (-test_size < before) & (before <= 0)
        splits.append(Split(np.flatnonzero(train), np.flatnonzero(test)))
    return splits


def time_series_split_via_cutting(
    n: int,
    n_splits: int = 5,
    test_size: int | None = None,
    gap: int = 0,
    max_train_size: int | None = None,
) -> list[Split]:
    """Cut the last test set off the rows, and go on with the rows that are left."""
    test_size = _test_size(n, n_splits, test_size, gap, max_train_size)
    rows, splits = list(range(n)), []
    for _ in range(n_splits):
        rows, test = rows[:-test_size], rows[-test_size:]
        train = rows[: len(rows) - gap]
        splits.append(Split(np.array(train if max_train_size is None else train[-max_train_size:]), np.array(test)))
    return splits[::-1]
