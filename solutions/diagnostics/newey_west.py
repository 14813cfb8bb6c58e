"""Standard errors for errors that are correlated in time (Newey and West).

Least squares fits b = A y with A = (Z'Z)^-1 Z', where Z is X with a column of ones in front. With residuals e_t, let
u_t = A_jt e_t be what time t adds to coefficient j. Its variance is estimated by

    sum_t u_t^2 + 2 sum_{k=1..n_lags} (1 - k / (n_lags + 1)) sum_{t=k+1..n} u_t u_{t-k}

The standard error is its square root. Errors that are further apart than n_lags count as uncorrelated. There is
no factor for small samples, so that n_lags = 0 gives HC0.

Source: Newey and West, A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent
Covariance Matrix, Econometrica 55 (1987).

Strict
------
- ValueError if n_lags is not from 0 to n - 1.
- X and y may be integers of any type.
- Features and y may lie a million standard deviations from zero.
"""

import numpy as np


def newey_west_standard_errors(X: np.ndarray, y: np.ndarray, n_lags: int) -> np.ndarray:
    """Return the Newey-West standard errors: the intercept first, then the features in order.

    Parameters
    ----------
    X : array of shape (n, n_features)
        Rows in order of time, without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n,)
    n_lags : int
        From 0 to n - 1.

    Raises
    ------
    ValueError
        If n <= n_features + 1.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> (newey_west_standard_errors(X, y, n_lags=1) ** 2).round(9)
    array([0.2, 0.1])
    """
    n = len(X)
    if n < X.shape[1] + 2:
        raise ValueError(f"{n} samples are too few for {X.shape[1]} features and an intercept")
    if not 0 <= n_lags < n:
        raise ValueError(f"{n} samples have lags from 0 to {n - 1}, not {n_lags}")
    mean, deviation = X.mean(axis=0), y - y.mean()
    basis, triangle = np.linalg.qr(X - mean)
    slopes = np.linalg.solve(triangle, basis.T)
    influence = np.vstack([1 / n - mean @ slopes, slopes])
    u = influence * (deviation - basis @ (basis.T @ deviation))
    variance = (u**2).sum(axis=1)
    for k in range(1, n_lags + 1):
        variance += 2 * (1 - k / (n_lags + 1)) * (u[:, k:] * u[:, :-k]).sum(axis=1)
    return np.sqrt(variance)


def newey_west_standard_errors_via_windows(X: np.ndarray, y: np.ndarray, n_lags: int) -> np.ndarray:
    """Square the sums of all windows of n_lags + 1 values: two values at lag k share n_lags + 1 - k windows."""
    if len(X) <= X.shape[1] + 1 or n_lags not in range(len(X)):
        raise ValueError("too few samples, or no such lag")
    design = np.column_stack([np.ones(len(X)), X])
    residual = _stripped(design, y)
    window = np.ones(n_lags + 1)
    found = []
    for j in range(design.shape[1]):
        rest = _stripped(np.delete(design, j, axis=1), design[:, j])
        found.append(np.linalg.norm(np.convolve(rest * residual, window)) / (rest @ rest))
    return np.array(found) / len(window) ** 0.5


def newey_west_standard_errors_via_matrices(X: np.ndarray, y: np.ndarray, n_lags: int) -> np.ndarray:
    """Lay the sandwich about the mean of X, with an n by n matrix of weights, and move it to the origin."""
    n, shift = len(X), X.mean(axis=0)
    if n - X.shape[1] < 2 or n_lags < 0 or n_lags >= n:
        raise ValueError("too few samples, or no such lag")
    design = np.column_stack([np.ones(n), X - shift])
    bread = np.linalg.inv(design.T @ design)
    centred = y - y.mean()
    residual = centred - design @ np.linalg.solve(design.T @ design, design.T @ centred)
    bread[0] -= shift @ bread[1:]
    apart = abs(np.subtract.outer(np.arange(n), np.arange(n)))
    weights = np.clip(1 - apart / (n_lags + 1), 0, None)
    filling = design.T @ (np.outer(residual, residual) * weights) @ design
    return np.sqrt([row @ filling @ row for row in bread])


def _stripped(design: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return what least squares on the columns leaves of the target."""
    basis = np.linalg.qr(design)[0]
    return target - basis @ (basis.T @ target)
