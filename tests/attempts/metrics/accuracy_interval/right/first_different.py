# different style; both bars
import math
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    low: float
    high: float


def _check_level(level):
    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1")


def _lower_root(count, nobs, z2):
    # Smaller root x of (nobs + z2) x^2 - (2 count + z2) x + count^2 / nobs = 0, without cancellation.
    if count == 0:
        return 0.0
    b = 2 * count + z2
    root = math.sqrt(z2 * (z2 + 4 * count * (nobs - count) / nobs))
    return 2 * count * count / nobs / (b + root)


def wilson_interval(count: int, nobs: int, level: float = 0.95) -> Interval:
    _check_level(level)
    count, nobs = int(count), int(nobs)
    if nobs < 1 or count < 0 or count > nobs:
        raise ValueError("need nobs >= 1 and 0 <= count <= nobs")
    z2 = NormalDist().inv_cdf((1 - float(level)) / 2) ** 2
    # The failures have the mirrored interval.
    return Interval(_lower_root(count, nobs, z2), 1.0 - _lower_root(nobs - count, nobs, z2))


def _number(value):
    # A Python number, whose differences do not wrap.
    return np.asarray(value).item()


def _interpolate(ordered, q):
    position = q * (len(ordered) - 1)
    below = min(int(position), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    share = position - below
    if share == 0 or ordered[below] == ordered[above]:
        return float(ordered[below])
    return float(ordered[below] * (1 - share) + ordered[above] * share)


def bootstrap_interval(statistic: Callable, data: np.ndarray, indices: np.ndarray, level: float = 0.95) -> Interval:
    _check_level(level)
    data, indices = np.asarray(data), np.asarray(indices)
    if len(indices) == 0:
        raise ValueError("there is no resample")
    ordered = sorted(_number(statistic(np.take(data, rows.astype(np.int64), axis=0))) for rows in indices)
    return Interval(_interpolate(ordered, (1 - level) / 2), _interpolate(ordered, (1 + level) / 2))


def paired_bootstrap_interval(
    statistic: Callable, data_a: np.ndarray, data_b: np.ndarray, indices: np.ndarray, level: float = 0.95
) -> Interval:
    data_a, data_b = np.asarray(data_a), np.asarray(data_b)
    if len(data_a) != len(data_b):
        raise ValueError("data_a and data_b differ in length")

    # Resample the row numbers, and look both rows up.
    def difference(rows):
        return _number(statistic(data_a[rows])) - _number(statistic(data_b[rows]))

    return bootstrap_interval(difference, np.arange(len(data_a)), indices, level)
