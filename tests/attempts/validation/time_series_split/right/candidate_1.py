# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    train: np.ndarray
    test: np.ndarray


def time_series_split(
    n: int,
    n_splits: int = 5,
    test_size: int | None = None,
    gap: int = 0,
    max_train_size: int | None = None,
) -> list[Split]:
    if test_size is None:
        test_size = n // (n_splits + 1)
    if test_size < 1:
        raise ValueError("empty test set")

    splits = []
    for i in range(n_splits):
        test_start = n - (n_splits - i) * test_size
        train_end = test_start - gap
        if train_end < 1:
            raise ValueError("empty training set")
        train_start = 0
        if max_train_size is not None:
            train_start = max(0, train_end - max_train_size)
        splits.append(Split(np.arange(train_start, train_end), np.arange(test_start, test_start + test_size)))
    return splits
