# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Scaler(NamedTuple):
    mean: np.ndarray
    scale: np.ndarray


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def _column(values: list) -> tuple[float, float]:
    first, n = values[0], len(values)
    # Differences to the first row: Python numbers, so exact for integers, and all 0 for a constant feature.
    diffs = [float(v - first) for v in values]
    largest = max(abs(d) for d in diffs)
    if largest == 0.0:
        return float(first), 1.0
    # In units of the largest difference, so that squares neither underflow nor overflow.
    units = [d / largest for d in diffs]
    centre = math.fsum(units) / n
    scale = largest * math.sqrt(math.fsum((u - centre) ** 2 for u in units) / n)
    return math.fsum(values) / n, scale


def fit_scaler(X: np.ndarray) -> Scaler:
    stats = [_column(X[:, j].tolist()) for j in range(X.shape[1])]
    return Scaler(
        np.array([m for m, _ in stats], dtype=np.float64),
        np.array([s for _, s in stats], dtype=np.float64),
    )


def transform(X: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    z = np.empty(X.shape, dtype=np.float64)
    means, scales = mean.tolist(), scale.tolist()
    for i, row in enumerate(X.tolist()):
        for j, (x, m, s) in enumerate(zip(row, means, scales, strict=True)):
            z[i, j] = (x - m) / s
    return z


def unscale(intercept: float, coef: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> Fit:
    slopes = []
    terms = [float(intercept)]
    for c, m, s in zip(coef.tolist(), mean.tolist(), scale.tolist(), strict=True):
        slopes.append(c / s)
        terms.append(-(c / s) * m)
    return Fit(math.fsum(terms), np.array(slopes, dtype=np.float64))
