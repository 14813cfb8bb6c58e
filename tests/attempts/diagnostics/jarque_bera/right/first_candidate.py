# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class JarqueBera(NamedTuple):
    statistic: float
    pvalue: float


def _central_moments(x):
    d = x - np.mean(x)
    m2 = np.mean(d**2)
    if m2 == 0:
        raise ValueError("all values are equal")
    return m2, np.mean(d**3), np.mean(d**4)


def skewness(x: np.ndarray) -> float:
    m2, m3, _ = _central_moments(x)
    return float(m3 / m2**1.5)


def kurtosis(x: np.ndarray) -> float:
    m2, _, m4 = _central_moments(x)
    return float(m4 / m2**2)


def jarque_bera(x: np.ndarray) -> JarqueBera:
    statistic = len(x) / 6 * (skewness(x) ** 2 + (kurtosis(x) - 3) ** 2 / 4)
    return JarqueBera(float(statistic), float(np.exp(-statistic / 2)))
