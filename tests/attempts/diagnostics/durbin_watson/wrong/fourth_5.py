# wrong (core): ljung_box silently caps the summed lags at n // 2
from typing import NamedTuple

import numpy as np


class LjungBox(NamedTuple):
    statistic: float
    dof: int


def durbin_watson(residuals):
    e = np.array(residuals, dtype=float)
    if not np.any(e):
        raise ValueError("all residuals are 0")
    e = e / np.abs(e).max()
    return float(np.sum(np.diff(e) ** 2) / np.sum(e**2))


def autocorrelation(residuals, n_lags):
    x = np.asarray(residuals)
    n = len(x)
    if not 0 <= n_lags <= n - 1:
        raise ValueError("n_lags must be from 0 to n - 1")
    if np.all(x == x[0]):
        raise ValueError("all residuals are equal")
    d = x.astype(float)
    d = d / np.abs(d).max()
    d -= d.mean()
    d /= np.abs(d).max()
    c = np.array([d[k:] @ d[: n - k] for k in range(n_lags + 1)])
    return c / c[0]


def ljung_box(residuals, n_lags, model_df=0):
    n = len(residuals)
    dof = n_lags - model_df
    if dof < 1:
        raise ValueError("dof must be at least 1")
    r = autocorrelation(residuals, min(n_lags, n // 2))[1:]
    k = np.arange(1, len(r) + 1)
    return LjungBox(float(n * (n + 2) * np.sum(r**2 / (n - k))), dof)
