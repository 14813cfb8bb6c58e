# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# To grade: nox -s grade -- time_series_split
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
    raise NotImplementedError
