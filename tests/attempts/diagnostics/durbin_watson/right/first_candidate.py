# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LjungBox(NamedTuple):
    statistic: float
    dof: int


def durbin_watson(residuals: np.ndarray) -> float:
    total = np.sum(residuals**2)
    if total == 0:
        raise ValueError("all residuals are 0")
    return float(np.sum(np.diff(residuals) ** 2) / total)


def autocorrelation(residuals: np.ndarray, n_lags: int) -> np.ndarray:
    n = len(residuals)
    centred = residuals - residuals.mean()
    total = centred @ centred
    if total == 0:
        raise ValueError("all residuals are equal")
    return np.array([centred[k:] @ centred[: n - k] for k in range(n_lags + 1)]) / total


def ljung_box(residuals: np.ndarray, n_lags: int, model_df: int = 0) -> LjungBox:
    n = len(residuals)
    r = autocorrelation(residuals, n_lags)[1:]
    k = np.arange(1, n_lags + 1)
    statistic = n * (n + 2) * np.sum(r**2 / (n - k))
    return LjungBox(float(statistic), n_lags - model_df)
