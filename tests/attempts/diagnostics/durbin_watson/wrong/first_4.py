# wrong (core): np.allclose as test for equal residuals, a small spread around a large mean raises
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- durbin_watson
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
    e = np.asarray(residuals, dtype=float)
    if not np.any(e):
        raise ValueError("all residuals are 0")
    return float(np.sum(np.diff(e) ** 2) / np.sum(e**2))


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
    e = np.array(residuals, dtype=float)
    n = len(e)
    if not 0 <= n_lags <= n - 1:
        raise ValueError("n_lags must be from 0 to n - 1")
    if np.allclose(e, e[0]):
        raise ValueError("all residuals are equal")
    e = e - e.mean()
    total = np.sum(e**2)
    return np.array([1.0] + [np.sum(e[k:] * e[: n - k]) / total for k in range(1, n_lags + 1)])


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
    n, dof = len(residuals), n_lags - model_df
    if n_lags < 1 or dof < 1:
        raise ValueError("n_lags and dof must be at least 1")
    r = autocorrelation(residuals, n_lags)
    k = np.arange(1, n_lags + 1)
    return LjungBox(float(n * (n + 2) * np.sum(r[1:] ** 2 / (n - k))), int(dof))
