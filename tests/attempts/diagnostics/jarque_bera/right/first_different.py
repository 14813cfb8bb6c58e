# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class JarqueBera(NamedTuple):
    statistic: float
    pvalue: float


def _standardized(x: np.ndarray) -> list[float]:
    values = np.asarray(x).tolist()  # Python numbers: no overflow, no wrap-around
    if all(v == values[0] for v in values):
        raise ValueError("all values are equal")
    origin = values[0]
    shifted = [float(v - origin) for v in values]
    scale = max(map(abs, shifted))
    shifted = [v / scale for v in shifted]
    center = math.fsum(shifted) / len(shifted)
    deviations = [v - center for v in shifted]
    sd = math.sqrt(math.fsum(v * v for v in deviations) / len(deviations))
    return [v / sd for v in deviations]


def skewness(x: np.ndarray) -> float:
    z = _standardized(x)
    return math.fsum(v * v * v for v in z) / len(z)


def kurtosis(x: np.ndarray) -> float:
    z = _standardized(x)
    return math.fsum((v * v) ** 2 for v in z) / len(z)


def jarque_bera(x: np.ndarray) -> JarqueBera:
    n = np.size(x)
    statistic = n * skewness(x) ** 2 / 6 + n * (kurtosis(x) - 3) ** 2 / 24
    return JarqueBera(statistic, math.exp(-0.5 * statistic))
