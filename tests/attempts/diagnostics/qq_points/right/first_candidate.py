# candidate, par time, from the stub alone
from statistics import NormalDist
from typing import NamedTuple

import numpy as np


class QQ(NamedTuple):
    theoretical: np.ndarray
    ordered: np.ndarray
    slope: float
    intercept: float


def normal_quantiles(n: int) -> np.ndarray:
    p = (np.arange(1, n + 1) - 0.3175) / (n + 0.365)
    p[-1] = 0.5 ** (1 / n)
    p[0] = 1 - p[-1]
    inv_cdf = NormalDist().inv_cdf
    return np.array([inv_cdf(q) for q in p])


def qq_points(x: np.ndarray) -> QQ:
    if len(x) < 2:
        raise ValueError("need at least two values")
    ordered = np.sort(x)
    theoretical = normal_quantiles(len(x))
    slope, intercept = np.polyfit(theoretical, ordered, 1)
    return QQ(theoretical, ordered, float(slope), float(intercept))
