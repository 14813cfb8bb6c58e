# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Range(NamedTuple):
    low: float
    high: float


def with_zero(low, high):
    return Range(min(float(low), 0.0), max(float(high), 0.0))


def min_max_range(batches: list[np.ndarray]) -> Range:
    return with_zero(min(b.min() for b in batches), max(b.max() for b in batches))


def moving_average_range(batches: list[np.ndarray], averaging_constant: float = 0.01) -> Range:
    c = averaging_constant
    low = batches[0].min()
    high = batches[0].max()
    for b in batches[1:]:
        low = (1 - c) * low + c * b.min()
        high = (1 - c) * high + c * b.max()
    return with_zero(low, high)


def percentile_range(batches: list[np.ndarray], percentile: float = 99.99) -> Range:
    numbers = np.concatenate([b.ravel() for b in batches])
    low, high = np.percentile(numbers, [100 - percentile, percentile])
    return with_zero(low, high)
