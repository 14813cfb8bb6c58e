# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- time_series_split
"""Cross-validation over time, which never trains on what comes after the test.

The rows are in order of time. The last n_splits * test_size of them are cut into test sets of test_size rows, one
right after the other, and the last of them ends with the last row. A model is tested on each of them, and
trained on what comes before it:

    row:     0 1 2 3 4 5 6 7 8 9        n = 10, n_splits = 3, test_size = 2, gap = 1
    split 1: o o o - x x                o trained on, - gap, x tested on
    split 2: o o o o o - x x
    split 3: o o o o o o o - x x

The gap rows right before a test set are left out, since labels or features may reach across the border. Training sets
begin at row 0 and grow (an expanding window), unless max_train_size is given: then only the last max_train_size
rows before the gap are trained on (a rolling window), or all of them where there are fewer.

Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (2021), section 5.10; Tashman, Out-of-sample
tests of forecasting accuracy (2000), for windows. Parameters as in scikit-learn's TimeSeriesSplit.
"""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The rows to train on and the rows to test on: two arrays of int, each rising."""

    train: np.ndarray
    test: np.ndarray


def time_series_split(
    n: int,
    n_splits: int = 5,
    test_size: int | None = None,
    gap: int = 0,
    max_train_size: int | None = None,
) -> list[Split]:
    """Return the splits of n rows that are in order of time.

    Parameters
    ----------
    n : int
        The number of rows.
    n_splits : int, at least 1
    test_size : int, at least 1, or None
        The number of rows in each test set. None stands for n // (n_splits + 1).
    gap : int, at least 0
        The number of rows to leave out between training set and test set.
    max_train_size : int, at least 1, or None
        The largest number of rows in a training set. None sets no limit.

    Returns
    -------
    list of n_splits Split
        From the earliest test set to the latest.

    Raises
    ------
    ValueError
        If n_splits, test_size or max_train_size is below 1, or gap below 0; if n is too small, so that the first
        training set would have no row or the test_size that None stands for would be 0.

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
