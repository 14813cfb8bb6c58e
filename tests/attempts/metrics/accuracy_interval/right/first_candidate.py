# candidate, par time, from the stub alone
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    low: float
    high: float


def wilson_interval(count: int, nobs: int, level: float = 0.95) -> Interval:
    if nobs < 1 or not 0 <= count <= nobs:
        raise ValueError("need nobs >= 1 and 0 <= count <= nobs")
    z = NormalDist().inv_cdf((1 + level) / 2)
    p = count / nobs
    center = p + z**2 / (2 * nobs)
    half = z * np.sqrt(p * (1 - p) / nobs + z**2 / (4 * nobs**2))
    scale = 1 + z**2 / nobs
    return Interval(float((center - half) / scale), float((center + half) / scale))


def _percentile(values, level: float) -> Interval:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def bootstrap_interval(statistic: Callable, data: np.ndarray, indices: np.ndarray, level: float = 0.95) -> Interval:
    return _percentile([statistic(data[rows]) for rows in indices], level)


def paired_bootstrap_interval(
    statistic: Callable, data_a: np.ndarray, data_b: np.ndarray, indices: np.ndarray, level: float = 0.95
) -> Interval:
    return _percentile([statistic(data_a[rows]) - statistic(data_b[rows]) for rows in indices], level)
