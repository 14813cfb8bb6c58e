# wrong (core): sign of the skewness from mean - median, not from m_3
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
    b1 = np.mean(d**3) ** 2 / np.mean(d**2) ** 3
    return float(np.sign(d.mean() - np.median(d)) * np.sqrt(b1))


def kurtosis(x):
    d = _centred(x)
    return float(np.mean(d**4) / np.mean(d**2) ** 2)


def jarque_bera(x):
    n = len(x)
    statistic = n / 6 * (skewness(x) ** 2 + (kurtosis(x) - 3) ** 2 / 4)
    return JarqueBera(float(statistic), float(np.exp(-statistic / 2)))
