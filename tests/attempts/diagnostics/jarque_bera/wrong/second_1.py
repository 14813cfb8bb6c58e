# wrong (core): kurtosis from raw moments: cancellation a thousand standard deviations from 0
from typing import NamedTuple

import numpy as np


class JarqueBera(NamedTuple):
    statistic: float
    pvalue: float


def _centred(x):
    x = np.asarray(x, dtype=float)
    if x.max() == x.min():
        raise ValueError("all values are equal")
    d = x - x[0]
    return d - d.mean()


def skewness(x):
    d = _centred(x)
    return float(np.mean(d**3) / np.mean(d**2) ** 1.5)


def kurtosis(x):
    _centred(x)
    x = np.asarray(x, dtype=float)
    a, b, c, e = (np.mean(x**k) for k in (1, 2, 3, 4))
    m2 = b - a**2
    return float((e - 4 * a * c + 6 * a**2 * b - 3 * a**4) / m2**2)


def jarque_bera(x):
    n = len(x)
    statistic = n / 6 * (skewness(x) ** 2 + (kurtosis(x) - 3) ** 2 / 4)
    return JarqueBera(float(statistic), float(np.exp(-statistic / 2)))
