# different style; both bars
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
    if n_splits < 1 or gap < 0 or (max_train_size is not None and max_train_size < 1):
        raise ValueError("n_splits and max_train_size must be at least 1, gap at least 0")
    n, n_splits, gap = int(n), int(n_splits), int(gap)
    test_size = n // (n_splits + 1) if test_size is None else int(test_size)
    if test_size < 1:
        raise ValueError("a test set would be empty")
    rows = np.arange(n)

    def backward(stop, left):
        """The splits whose last test set ends before row stop, the latest first."""
        while left:
            start = stop - test_size
            end = start - gap
            if end < 1:
                raise ValueError("a training set would be empty")
            begin = 0 if max_train_size is None else max(0, end - int(max_train_size))
            yield Split(rows[begin:end].copy(), rows[start:stop].copy())
            stop, left = start, left - 1

    return list(backward(n, n_splits))[::-1]
