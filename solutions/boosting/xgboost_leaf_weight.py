"""XGBoost's leaf weight: one regularized Newton step.

A tree adds the weight w of a leaf to the margin of every sample in it. XGBoost replaces the loss by its second-order
expansion. With G and H, the sums of the first and second derivatives over the samples of a leaf, the leaf adds

    G * w + (H + reg_lambda) * w**2 / 2 + reg_alpha * |w| + gamma                             (1)

to the objective. If H > 0, the minimum is at

    w = -sign(G) * max(|G| - reg_alpha, 0) / (H + reg_lambda)                                 (2)

The sum of (1) over all leaves, each at its weight, is the structure score of the tree: lower is better.

Source: Chen and Guestrin, XGBoost (2016), section 2.2, equations 3 to 6.

Strict
------
- ValueError if a label is below 0, above 1 or NaN.
- grad and hess are right to nine digits at any margin: at 40, hess is 4.2e-18.
- Any H above 0 makes a weight, also 1e-18.
"""

import math
from typing import NamedTuple

import numpy as np


class GradHess(NamedTuple):
    """The first and second derivative of each sample's loss with respect to its margin."""

    grad: np.ndarray
    hess: np.ndarray


def logistic_grad_hess(y: np.ndarray, margin: np.ndarray) -> GradHess:
    """Return the derivatives of the log loss, p - y and p * (1 - p), where p = 1 / (1 + exp(-margin)).

    Parameters
    ----------
    y : array of shape (n_samples,)
        0, 1, or a probability between them.
    margin : array of shape (n_samples,)
        Log-odds. At 1000 and -1000 the derivatives are finite too.

    Examples
    --------
    >>> logistic_grad_hess(np.array([0.0, 1.0, 0.25]), np.array([0.0, 0.0, 0.0]))
    GradHess(grad=array([ 0.5 , -0.5 ,  0.25]), hess=array([0.25, 0.25, 0.25]))
    """
    if not ((y >= 0) & (y <= 1)).all():
        raise ValueError("y has a label outside of 0 to 1")
    # Where p nears 1, subtracting it from 1 would cancel: q is 1 - p by a form of its own. No exponential is above 1.
    scale = 1 + np.exp(-np.abs(margin))
    p, q = np.exp(np.minimum(margin, 0)) / scale, np.exp(-np.maximum(margin, 0)) / scale
    return GradHess((1 - y) * p - y * q, p * q)


def leaf_weight(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
) -> np.ndarray:
    """Return the weight (2) of every leaf.

    Parameters
    ----------
    grad_sum, hess_sum : arrays of shape (n_leaves,)
        G and H of each leaf. If H is 0 or negative, the weight is 0, for any reg_lambda.
    reg_lambda, reg_alpha : float
        Not negative.
    max_delta_step : float
        Weights are clipped to -max_delta_step and max_delta_step. 0 means no bound.

    Examples
    --------
    >>> leaf_weight(np.array([3.0, -4.0, 1.0]), np.array([2.0, 3.0, 0.0]))
    array([-1.,  1.,  0.])
    >>> leaf_weight(np.array([3.0, -4.0, 0.5]), np.array([2.0, 3.0, 4.0]), reg_alpha=1.5, max_delta_step=0.6)
    array([-0.5,  0.6,  0. ])
    """
    pull = np.clip(grad_sum, -reg_alpha, reg_alpha) - grad_sum
    weight = np.divide(pull, hess_sum + reg_lambda, out=np.zeros(len(pull)), where=hess_sum > 0)
    return np.clip(weight, -max_delta_step, max_delta_step) if max_delta_step > 0 else weight


def structure_score(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
    gamma: float = 0.0,
) -> float:
    """Return the sum of (1) over all leaves, at the weights of leaf_weight.

    A leaf of weight 0 costs gamma too.

    Examples
    --------
    >>> structure_score(np.array([3.0, -4.0]), np.array([2.0, 3.0]), gamma=0.5)
    -2.5
    """
    weight = leaf_weight(grad_sum, hess_sum, reg_lambda, reg_alpha, max_delta_step)
    quadratic = grad_sum * weight + (hess_sum + reg_lambda) * weight**2 / 2
    return float((quadratic + reg_alpha * np.abs(weight) + gamma).sum())


def logistic_grad_hess_via_logarithms(y: np.ndarray, margin: np.ndarray) -> GradHess:
    """Take p and 1 - p from their logarithms, which never overflow."""
    if np.isnan(y).any() or np.min(y) < 0 or np.max(y) > 1:
        raise ValueError("y has a label outside of 0 to 1")
    log_p, log_q = -np.logaddexp(0, -margin), -np.logaddexp(0, margin)
    return GradHess(np.exp(log_p) * (1 - y) - np.exp(log_q) * y, np.exp(log_p + log_q))


def logistic_grad_hess_via_loop(y: np.ndarray, margin: np.ndarray) -> GradHess:
    """Treat one sample at a time, turned so that its margin is not positive."""
    grad, hess = [], []
    for label, m in np.column_stack([y, margin]).tolist():
        if not 0 <= label <= 1:
            raise ValueError(f"{label} is no label")
        odds = math.exp(-abs(m))
        # Turned, the margin is -m, the label 1 - label, and the gradient that of the other sign.
        sign, other = (1, label) if m <= 0 else (-1, 1 - label)
        grad.append(sign * ((1 - other) * odds - other) / (1 + odds))
        hess.append(odds / (1 + odds) ** 2)
    return GradHess(np.array(grad), np.array(hess))


def leaf_weight_via_loop(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
) -> np.ndarray:
    """Treat one leaf at a time: how far its step goes, then which way."""
    weights = []
    for g, h in np.column_stack([grad_sum, hess_sum]).tolist():
        length = max(abs(g) - reg_alpha, 0) / (h + reg_lambda) if h > 0 else 0.0
        if max_delta_step:
            length = min(length, max_delta_step)
        weights.append(-math.copysign(length, g))
    return np.array(weights)


def leaf_weight_via_sides(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
) -> np.ndarray:
    """Minimise among the weights above 0 and among those below: one of the two minima is always at 0."""
    bound = max_delta_step if max_delta_step > 0 else np.inf
    curvature = np.where(hess_sum > 0, hess_sum + reg_lambda, np.inf)
    above = np.clip((-grad_sum - reg_alpha) / curvature, 0, bound)
    below = np.clip((-grad_sum + reg_alpha) / curvature, -bound, 0)
    return above + below


def structure_score_via_square(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
    gamma: float = 0.0,
) -> float:
    """Complete the square: a leaf adds curvature/2 ((w - free)^2 - free^2), with `free` its weight without a bound."""
    free = leaf_weight(grad_sum, hess_sum, reg_lambda, reg_alpha)
    weight = leaf_weight(grad_sum, hess_sum, reg_lambda, reg_alpha, max_delta_step)
    return float(((hess_sum + reg_lambda) / 2 * weight * (weight - 2 * free)).sum() + gamma * len(weight))


def structure_score_via_loop(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
    gamma: float = 0.0,
) -> float:
    """Treat one leaf at a time: its pull times the way it goes, less what the curvature takes back."""
    score = gamma * len(grad_sum)
    for g, h in np.column_stack([grad_sum, hess_sum]).tolist():
        if h > 0:
            pull = max(abs(g) - reg_alpha, 0.0)
            way = min(pull / (h + reg_lambda), max_delta_step or math.inf)
            score -= way * (pull - (h + reg_lambda) * way / 2)
    return score
