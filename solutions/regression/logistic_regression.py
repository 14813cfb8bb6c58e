"""Logistic regression, fitted by Newton's method.

Sample i has the margin m_i = intercept + x_i . coef and the probability p_i = 1 / (1 + exp(-m_i)) of class 1. The
fit minimises

    sum_i (log(1 + exp(m_i)) - y_i * m_i) + alpha / 2 * sum_j coef_j^2

The intercept has no penalty. The function is convex, and (intercept, coef) is a minimum if and only if

    sum_i (y_i - p_i) = 0
    sum_i x_ij * (y_i - p_i) = alpha * coef_j    for every feature j

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 4.4.1; Albert and Anderson (1984)
on when there is no minimum.

Strict
------
- Full Newton steps may overshoot. The minimum is reached from any data, also where units of features differ by 1e9.
- A small probability is right to nine digits.
- X and y may be integers of any type, and y booleans.
- ValueError if alpha is negative.
"""

from typing import NamedTuple

import numpy as np

STEPS, TOLERANCE, TINY = range(100), 1e-8, 1e-300
HALVES = 0.5 ** np.arange(12)


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


def predict_proba(X: np.ndarray, intercept: float, coef: np.ndarray) -> np.ndarray:
    """Return the probability of class 1 of each sample. Margins may be as large as 1e6 in size.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    intercept : float
    coef : array of shape (n_features,)

    Examples
    --------
    >>> predict_proba(np.array([[0.0], [1.0], [-1000.0]]), 0.0, np.array([2.0])).round(3)
    array([0.5  , 0.881, 0.   ])
    """
    return _sigmoid(intercept + X @ coef)


def fit_logistic(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Fit the intercept and the coefficients, until each condition above holds to within 1e-9.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Do not standardise it. For alpha > 0, features may be constant or copies of others,
        and there may be more features than samples. For alpha = 0, they are linearly independent and not constant.
    y : array of shape (n_samples,)
        Labels 0 and 1.
    alpha : float
        0 is no penalty.

    Raises
    ------
    ValueError
        If all labels are equal, or if alpha = 0 and a hyperplane separates the classes, with no sample on it. There is
        no minimum then. Data that are separable only with samples on the hyperplane do not occur.

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.0], [0.0], [1.0], [1.0]]), np.array([0, 0, 1, 0, 1])
    >>> intercept, coef = fit_logistic(X, y, alpha=0.0)  # the odds are 1/2 at x = 0, and 1 at x = 1
    >>> np.exp([intercept, coef[0]]).round(6)
    array([0.5, 2. ])
    """
    mean, sign = X.mean(axis=0), np.where(y, 1.0, -1.0)
    design = np.column_stack([np.ones(len(X)), X - mean])
    penalty = np.append(0.0, np.full(X.shape[1], float(alpha)))

    def gradient(theta: np.ndarray) -> np.ndarray:
        return penalty * theta - design.T @ (sign * _sigmoid(-sign * (design @ theta)))

    theta = np.zeros(len(penalty))
    for _ in STEPS:
        margin = design @ theta
        _refuse(alpha, sign, margin)
        weight = _sigmoid(margin) * _sigmoid(-margin)
        step = np.linalg.solve((design.T * weight) @ design + np.diag(penalty), gradient(theta))
        # Of the whole step, its half and so on, the one behind which the loss is flattest along the step.
        size = min(HALVES, key=lambda size: abs(gradient(theta - size * step) @ step))
        theta = theta - size * step
        if np.abs(design @ step).max() < TOLERANCE:
            return Fit(float(theta[0] - mean @ theta[1:]), theta[1:])
    raise RuntimeError("the steps do not end: the minimum is far out, or there is none")


def _refuse(alpha: float, sign: np.ndarray, margin: np.ndarray) -> None:
    """Raise ValueError if alpha is negative, or if these margins, times more and more, bring the loss down to 0."""
    if alpha < 0:
        raise ValueError(f"alpha is {alpha}, and may not be negative")
    if (alpha == 0 or sign.min() == sign.max()) and (np.sign(margin) == sign).all():
        raise ValueError("no minimum: there is one class, or a hyperplane separates the classes and alpha is 0")


def _sigmoid(margin: np.ndarray) -> np.ndarray:
    """Take exp of a logarithm of a probability, which is negative and does not overflow."""
    return np.exp(-np.logaddexp(0, -margin))


def predict_proba_via_branches(X: np.ndarray, intercept: float, coef: np.ndarray) -> np.ndarray:
    """Take exp of negative numbers alone."""
    margin = intercept + X @ coef
    small = np.exp(-np.abs(margin))
    return np.where(margin > 0, 1.0, small) / (1 + small)


def predict_proba_via_loop(X: np.ndarray, intercept: float, coef: np.ndarray) -> np.ndarray:
    """Go through the samples; far down, the probability is the exponential of the margin."""
    found = []
    for row in X:
        margin = intercept + sum(float(a) * float(b) for a, b in zip(row, coef, strict=True))
        found.append(1 / (1 + np.exp(-margin)) if margin > -40 else np.exp(margin))
    return np.array(found)


def fit_logistic_via_weighted_least_squares(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    """Fit a linear model to working responses again and again, with the penalty as extra rows (IRLS)."""
    design, sign = np.column_stack([X, np.ones(len(X))]), 2.0 * y - 1.0
    nothing = np.zeros(X.shape[1])
    ridge = np.eye(len(nothing), len(nothing) + 1)
    theta = np.append(nothing, 0.0)
    for _ in STEPS:
        margin = design @ theta
        _refuse(alpha, sign, margin)
        root = np.sqrt(_sigmoid(margin) * _sigmoid(-margin) + TINY)
        rows = np.vstack([root[:, None] * design, np.sqrt(alpha) * ridge])
        target = np.append(root * margin + sign * _sigmoid(-sign * margin) / root, nothing)
        way = np.linalg.lstsq(rows, target)[0] - theta
        ends = theta[:, None] + way[:, None] * HALVES
        pulls = sign @ (_sigmoid(-sign[:, None] * (design @ ends)) * (design @ way)[:, None])
        size = HALVES[np.argmin(np.abs(alpha * (way[:-1] @ ends[:-1]) - pulls))]
        theta = theta + size * way
        if np.abs(design @ way).max() < TOLERANCE:
            return Fit(float(theta[-1]), theta[:-1])
    raise RuntimeError("no minimum is in reach")
