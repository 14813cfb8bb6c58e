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

# A step that changes less than this share of the scale is the last; so is a scale below this share of y.
STILL, EXACT = 1e-9, 1e-12
MOST_STEPS = 2_000


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
        raise ValueError(f"delta has to be positive, not {delta}")
    x_mean, y_mean = X.mean(axis=0), y.mean()
    centred, target = X - x_mean, y - y_mean
    design = np.column_stack([np.ones(len(y)), centred])
    exact = EXACT * np.linalg.norm(y, np.inf)
    fitted, weights = np.full(len(y), np.inf), np.ones(len(y))
    for _ in range(MOST_STEPS):
        root, before = np.sqrt(weights), fitted
        basis, triangle = np.linalg.qr(root[:, np.newaxis] * design)
        level, *coef = np.linalg.solve(triangle, basis.T @ (root * target))
        fitted = level + centred @ coef
        size = np.abs(target - fitted)
        scale = 1.4826 * np.median(size)
        if scale <= exact or (np.abs(fitted - before) <= STILL * scale).all():
            break
        cap = delta * scale
        weights = cap / np.maximum(size, cap)
    return Fit(float(y_mean + level - x_mean @ coef), np.array(coef), float(scale))


def fit_huber_via_pseudo_values(X: np.ndarray, y: np.ndarray, delta: float = 1.345) -> Fit:
    """Leave the weights alone and move y: least squares of the clipped residuals corrects the fit."""
    if not delta > 0:
        raise ValueError("delta is not positive")
    shift = np.mean(X, axis=0)
    design = np.hstack([np.ones((len(X), 1)), X - shift])
    hat = np.linalg.pinv(design)
    target, exact = y - y.mean(), EXACT * np.linalg.norm(y, np.inf)
    found = hat @ target
    for _ in range(MOST_STEPS):
        residual = target - design @ found
        scale = np.quantile(np.abs(residual), 0.5) * 1.4826
        if scale <= exact:
            break
        step = hat @ np.clip(residual / scale, -delta, delta) * scale
        found = found + step
        if (abs(design @ step) <= STILL * scale).all():
            break
    return Fit(found[0] + y.mean() - shift @ found[1:], found[1:], scale)


def fit_huber_via_weighted_means(X: np.ndarray, y: np.ndarray, delta: float = 1.345) -> Fit:
    """Take weighted means from features and y, solve the normal equations of the rest; medians by sorting."""
    if not delta > 0:
        raise ValueError("delta is not positive")
    origin, exact = y.mean(), EXACT * np.linalg.norm(y, np.inf)
    X, y, away, old = X - X.mean(axis=0), y - origin, X.mean(axis=0), None
    share = np.full(len(y), 1 / len(y))
    for _ in range(MOST_STEPS):
        x_mean, y_mean = share @ X, share @ y
        left = share[:, None] * (X - x_mean)
        coef = np.linalg.solve(left.T @ (X - x_mean), left.T @ (y - y_mean))
        residual = y - y_mean - (X - x_mean) @ coef
        sizes = sorted(abs(residual).tolist())
        scale = 1.4826 * (sizes[(len(sizes) - 1) // 2] + sizes[len(sizes) // 2]) / 2
        if scale <= exact:
            break
        if old is not None and abs(residual - old).max() <= STILL * scale:
            break
        old = residual
        share = np.array([1.0 if abs(e) <= delta * scale else delta * scale / abs(e) for e in residual.tolist()])
        share = share / share.sum()
    return Fit(origin + y_mean - (x_mean + away) @ coef, coef, scale)
