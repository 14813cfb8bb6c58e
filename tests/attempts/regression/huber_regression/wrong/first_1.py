# wrong (core): at most 100 steps, however slowly it converges
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- huber_regression
"""Linear regression that outliers hardly move: Huber's M-estimator.

Least squares lets a residual pull with its full size. Huber caps the pull at delta times the scale s of the residuals,
which is estimated along with the fit. Begin with least squares, then repeat:

    e_i = y_i - intercept - x_i . coef
    s   = 1.4826 * median |e_i|                           the MAD about 0
    w_i = min(1, delta * s / |e_i|)                       1 if e_i = 0
    intercept, coef = the minimum of sum_i w_i * e_i^2

Stop when a step changes no fitted value by more than 1e-9 * s, however many steps it takes, or as soon as
s <= 1e-12 * max |y_i|: then at least half of the samples are fitted exactly.

Source: Huber, Robust Statistics (1981), chapter 7.

Strict
------
- ValueError if delta is not positive.
- X and y may be integers of any type.
- Features and y may lie a million standard deviations from zero.
"""

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """The fit, and the scale s of its residuals."""

    intercept: float
    coef: np.ndarray
    scale: float


def fit_huber(X: np.ndarray, y: np.ndarray, delta: float = 1.345) -> Fit:
    """Fit a linear model with an intercept by iteratively reweighted least squares.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column, which it is linearly independent of. Fewer features than samples.
    y : array of shape (n_samples,)
    delta : float
        1.345 has 95 % of the efficiency of least squares on normal errors.

    Examples
    --------
    Least squares gives -3.8 and 4.9.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]]), np.array([0.0, 1.0, 3.0, 2.0, 24.0])
    >>> intercept, coef, scale = fit_huber(X, y, delta=1.0)
    >>> round(intercept, 4), coef.round(4), round(scale, 4)
    (-0.6442, array([1.9776]), 0.9552)
    """
    if not delta > 0:
        raise ValueError("delta must be positive")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n = len(y)
    top = np.abs(y).max()
    x_mean, y_mean = X.mean(axis=0), y.mean()
    Z = X - x_mean
    unit = np.sqrt((Z**2).mean(axis=0))
    A = np.column_stack([np.ones(n), Z / unit])
    t = y - y_mean
    beta = np.linalg.lstsq(A, t, rcond=None)[0]
    fitted = A @ beta
    for _ in range(100):
        e = np.abs(t - fitted)
        s = 1.4826 * np.median(e)
        if s <= 1e-12 * top:
            break
        w = np.minimum(1.0, delta * s / np.where(e > 0, e, delta * s))
        root = np.sqrt(w)
        new = np.linalg.lstsq(A * root[:, None], t * root, rcond=None)[0]
        change = np.abs(A @ new - fitted).max()
        beta, fitted = new, A @ new
        if change <= 1e-9 * s:
            s = 1.4826 * np.median(np.abs(t - fitted))
            break
    coef = beta[1:] / unit
    return Fit(float(y_mean + beta[0] - x_mean @ coef), coef, float(s))
