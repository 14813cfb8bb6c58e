# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class LjungBox(NamedTuple):
    statistic: float
    dof: int


def _total(terms):
    # Python integers are added exactly, floats with one rounding.
    terms = list(terms)
    if all(isinstance(term, int) for term in terms):
        return sum(terms)
    return math.fsum(terms)


def _scaled(values):
    # Every statistic is a ratio, so that a power of two drops out: squares neither overflow nor underflow.
    largest = max(map(abs, values), default=0)
    if isinstance(largest, int) or not largest or not math.isfinite(largest):
        return values
    exponent = math.frexp(largest)[1]
    return [math.ldexp(value, -exponent) for value in values]


def durbin_watson(residuals: np.ndarray) -> float:
    values = np.asarray(residuals).tolist()
    if not any(values):
        raise ValueError("all residuals are 0")
    values = _scaled(values)
    steps = _total((b - a) ** 2 for a, b in zip(values, values[1:]))
    return float(steps / _total(v * v for v in values))


def _deviations(residuals):
    values = np.asarray(residuals).tolist()
    n = len(values)
    if all(v == values[0] for v in values):
        raise ValueError("all residuals are equal")
    values = _scaled(values)
    if all(isinstance(v, int) for v in values):
        total = sum(values)
        return [n * v - total for v in values]  # n times the deviations, exactly
    shifted = _scaled([v - values[0] for v in values])
    mean = math.fsum(shifted) / n
    return [s - mean for s in shifted]


def autocorrelation(residuals: np.ndarray, n_lags: int) -> np.ndarray:
    n = len(residuals)
    if not 0 <= n_lags <= n - 1:
        raise ValueError("n_lags must be from 0 to n - 1")
    d = _deviations(residuals)
    square = _total(x * x for x in d)
    out = np.empty(n_lags + 1)
    for k in range(n_lags + 1):
        out[k] = _total(d[t] * d[t - k] for t in range(k, n)) / square
    return out


def ljung_box(residuals: np.ndarray, n_lags: int, model_df: int = 0) -> LjungBox:
    n = len(residuals)
    dof = int(n_lags) - int(model_df)
    if dof < 1:
        raise ValueError("dof must be at least 1")
    r = autocorrelation(residuals, n_lags).tolist()
    statistic = 0.0
    for k in range(1, n_lags + 1):
        statistic += r[k] * r[k] * (n * (n + 2) / (n - k))
    return LjungBox(statistic, dof)
