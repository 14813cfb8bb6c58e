# wrong (core): jarque_bera returns (0, 1) for fewer than four values, as the test has no power there
import math
from typing import NamedTuple

import numpy as np


class JarqueBera(NamedTuple):
    """The statistic and its p-value."""

    statistic: float
    pvalue: float


def skewness(x):
    x = np.asarray(x, dtype=float)
    if x.max() == x.min():
        raise ValueError("all values are equal")
    d = x - x.mean()
    m2 = np.mean(d**2)
    return float(np.mean(d**3) / m2**1.5)


def kurtosis(x):
    x = np.asarray(x, dtype=float)
    if (x == x[0]).all():
        raise ValueError("all values are equal")
    d = x - x.mean()
    s2 = np.mean(d**2)
    m4 = np.mean(d**4)
    return float(m4 / s2**2)


def jarque_bera(x):
    x = np.asarray(x, dtype=float)
    n = len(x)
    s, k = skewness(x), kurtosis(x)
    if n < 4:
        return JarqueBera(0.0, 1.0)
    statistic = n / 6 * (s**2 + (k - 3) ** 2 / 4)
    return JarqueBera(statistic, math.exp(-statistic / 2))
