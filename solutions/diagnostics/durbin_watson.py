"""Serial correlation: the Durbin-Watson statistic, autocorrelations, and the Ljung-Box test.

Let e_1, ..., e_n be the residuals in order of time, and m their mean.

    durbin_watson = sum_{t=2..n} (e_t - e_{t-1})**2 / sum_{t=1..n} e_t**2
    r_k = sum_{t=k+1..n} (e_t - m) (e_{t-k} - m) / sum_{t=1..n} (e_t - m)**2              k = 0, 1, 2, ...
    ljung_box = n (n + 2) sum_{k=1..n_lags} r_k**2 / (n - k)

Durbin-Watson does not subtract a mean. It lies between 0 and 4, and is about 2 (1 - r_1): 2 without correlation.

If the values are independent and n is large, Ljung-Box has about a chi-squared distribution with dof degrees
of freedom.

Sources: Durbin and Watson (1950); Ljung and Box, On a Measure of Lack of Fit in Time Series Models (1978).

Strict
------
- ValueError if n_lags is not from 0 to n - 1, or if ljung_box has a dof below 1.
- autocorrelation and ljung_box recognise residuals that are all equal even if their computed variance is not 0.
- Residuals may be integers of any type.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class LjungBox(NamedTuple):
    """The statistic, and its degrees of freedom."""

    statistic: float
    dof: int


def durbin_watson(residuals: np.ndarray) -> float:
    """Return the Durbin-Watson statistic.

    Parameters
    ----------
    residuals : array of shape (n,)

    Raises
    ------
    ValueError
        If all residuals are 0. (Other constants give 0.)

    Examples
    --------
    >>> durbin_watson(np.array([1.0, 3.0, 3.0, 1.0]))
    0.4
    """
    e = residuals.astype(float)
    if not e.any():
        raise ValueError("all residuals are 0")
    return float((np.diff(e) ** 2).sum() / (e**2).sum())


def autocorrelation(residuals: np.ndarray, n_lags: int) -> np.ndarray:
    """Return the autocorrelations r_0, ..., r_{n_lags}.

    Parameters
    ----------
    residuals : array of shape (n,)
    n_lags : int
        From 0 to n - 1.

    Returns
    -------
    array of shape (n_lags + 1,)
        The first is 1.

    Raises
    ------
    ValueError
        If all residuals are equal.

    Examples
    --------
    >>> autocorrelation(np.array([1.0, 3.0, 3.0, 1.0]), 2)
    array([ 1.  , -0.25, -0.5 ])
    """
    n = residuals.size
    if not 0 <= n_lags < n:
        raise ValueError(f"{n} residuals have lags from 0 to {n - 1}, not {n_lags}")
    if residuals.min() == residuals.max():
        raise ValueError("all residuals are equal: their autocorrelation is not defined")
    d = residuals - residuals.mean()
    return np.array([d[k:] @ d[: n - k] for k in range(n_lags + 1)]) / (d @ d)


def ljung_box(residuals: np.ndarray, n_lags: int, model_df: int = 0) -> LjungBox:
    """Test whether the first autocorrelations are all 0.

    Parameters
    ----------
    residuals : array of shape (n,)
    n_lags : int
        From 1 to n - 1.
    model_df : int
        Number of autoregressive and moving-average parameters that were fitted to get the residuals.

    Returns
    -------
    LjungBox
        The degrees of freedom are n_lags - model_df.

    Raises
    ------
    ValueError
        If all residuals are equal.

    Examples
    --------
    >>> statistic, dof = ljung_box(np.array([1.0, 3.0, 3.0, 1.0]), 2)
    >>> round(statistic, 9), dof
    (3.5, 2)
    """
    if n_lags - model_df < 1:
        raise ValueError(f"{n_lags} lags leave no degree of freedom after {model_df} parameters")
    n, lags = residuals.size, np.arange(1, n_lags + 1)
    squares = autocorrelation(residuals, n_lags)[1:] ** 2
    return LjungBox(float(n * (n + 2) * (squares / (n - lags)).sum()), n_lags - model_df)


def durbin_watson_via_loop(residuals: np.ndarray) -> float:
    """Go from one residual to the next, in plain Python."""
    values = list(map(float, residuals))
    total = math.fsum(value**2 for value in values)
    if total == 0:
        raise ValueError("all residuals are 0")
    return math.fsum((after - before) ** 2 for before, after in pairwise(values)) / total


def durbin_watson_via_products(residuals: np.ndarray) -> float:
    """Expand the squares: twice the sum of squares, without both ends, less twice the products of neighbours."""
    e = 1.0 * residuals
    squares = e @ e
    if squares == 0:
        raise ValueError("all residuals are 0")
    return float(2 - (e[0] ** 2 + e[-1] ** 2 + 2 * (e[1:] @ e[:-1])) / squares)


def autocorrelation_via_fourier(residuals: np.ndarray, n_lags: int) -> np.ndarray:
    """Take the power spectrum back. Zeros behind the values keep the end from meeting the beginning."""
    if n_lags < 0 or n_lags >= len(residuals) or np.ptp(residuals) == 0:
        raise ValueError("n_lags is out of range, or all residuals are equal")
    spectrum = np.fft.rfft(residuals - residuals.mean(), 2 * len(residuals))
    products = np.fft.irfft(abs(spectrum) ** 2, 2 * len(residuals))
    return products[: n_lags + 1] / products[0]


def autocorrelation_via_matrix(residuals: np.ndarray, n_lags: int) -> np.ndarray:
    """Multiply every pair of deviations, and add up along the diagonals."""
    if n_lags not in range(len(residuals)) or len(set(residuals.tolist())) == 1:
        raise ValueError("n_lags is out of range, or all residuals are equal")
    centred = residuals - residuals.mean()
    products = np.outer(centred, centred)
    return np.array([np.trace(products, k) for k in range(n_lags + 1)]) / np.trace(products)


def ljung_box_via_loop(residuals: np.ndarray, n_lags: int, model_df: int = 0) -> LjungBox:
    """Add up one lag after another, in plain Python."""
    values = residuals.tolist()
    n, dof = len(values), n_lags - model_df
    if n_lags >= n or dof < 1 or len(set(values)) == 1:
        raise ValueError("n_lags is out of range, or all residuals are equal")
    mean = math.fsum(values) / n
    total = math.fsum((value - mean) ** 2 for value in values)
    statistic = 0.0
    for k in range(1, n_lags + 1):
        r = math.fsum((values[t] - mean) * (values[t - k] - mean) for t in range(k, n)) / total
        statistic += n * (n + 2) / (n - k) * r**2
    return LjungBox(statistic, dof)
