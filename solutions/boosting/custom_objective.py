"""Two objectives for XGBoost, pseudo-Huber and focal loss, and the expansion that it minimises.

A custom objective returns the first and second derivative of each sample's loss L with respect to its margin m, the
prediction so far. With e = m - y, and with p_t the probability of the label, 1 / (1 + exp(-m)) for 1 and
1 / (1 + exp(m)) for 0,

    pseudo_huber:  L = delta**2 * (sqrt(1 + (e / delta)**2) - 1)
    focal:         L = -weight * (1 - p_t)**gamma * log(p_t)

where weight is scale_pos_weight for the label 1, and 1 for 0. A tree that adds step to the margin makes L about

    loss + grad * step + hess * step**2 / 2                                                                      (1)

If hess is negative, (1) has no minimum. So hess is the second derivative, but at least min_hess.

Source: Chen and Guestrin, XGBoost (2016), section 2.2; Lin et al., Focal Loss for Dense Object Detection (2017),
section 3.

Strict
------
- All fields have nine correct digits, however small: a residual of 1e-8, a margin of 40.
- ValueError if the shapes differ, delta is not positive, or gamma is negative.
- Arrays may hold integers of any type.
"""

import math
from typing import NamedTuple

import numpy as np


class Objective(NamedTuple):
    """Each sample's loss, and its derivatives with respect to the margin."""

    loss: np.ndarray
    grad: np.ndarray
    hess: np.ndarray


def pseudo_huber(y: np.ndarray, margin: np.ndarray, delta: float = 1.0, min_hess: float = 1e-16) -> Objective:
    """Return the pseudo-Huber loss of each sample with its derivatives.

    Parameters
    ----------
    y, margin : arrays of shape (n_samples,)
    delta : float
        Positive.
    min_hess : float
        The lowest hess. It may be -inf.

    Examples
    --------
    >>> pseudo_huber(np.array([1.0]), np.array([2.5]), delta=2.0)
    Objective(loss=array([1.]), grad=array([1.2]), hess=array([0.512]))
    """
    if not delta > 0:
        raise ValueError(f"delta has to be positive, not {delta}")
    _check_shapes(y, margin)
    error = np.subtract(margin, y, dtype=float)
    root = np.hypot(1, error / delta)
    # e**2 / (1 + root) is delta**2 * (root - 1), without the difference that cancels.
    return Objective(error * (error / (1 + root)), error / root, np.maximum(root**-3.0, min_hess))


def focal(
    y: np.ndarray, margin: np.ndarray, gamma: float = 2.0, scale_pos_weight: float = 1.0, min_hess: float = 1e-16
) -> Objective:
    """Return the focal loss of each sample with its derivatives.

    Parameters
    ----------
    y, margin : arrays of shape (n_samples,)
        Labels 0 and 1, and log-odds, which may be as large as 1000.
    gamma : float
        At least 0.
    scale_pos_weight : float
        Multiplies loss and both derivatives of positives, before the floor.
    min_hess : float
        The lowest hess. It may be -inf.

    Raises
    ------
    ValueError
        If a label is not 0 or 1.

    Examples
    --------
    A positive that is confidently wrong has a negative curvature.

    >>> focal(np.array([1]), np.array([-4.0]), min_hess=-np.inf).hess.round(4)
    array([-0.0467])
    >>> focal(np.array([1]), np.array([-4.0]), min_hess=0.01).hess
    array([0.01])
    """
    _check_shapes(y, margin)
    if not ((y == 0) | (y == 1)).all():
        raise ValueError("y has a label that is neither 0 nor 1")
    if not gamma >= 0:
        raise ValueError(f"gamma has to be at least 0, not {gamma}")
    sign = np.where(y == 1, 1.0, -1.0)
    # Of the product of easing = (1 - p_t)**gamma and cost = -log(p_t), by the product rule in sign * margin.
    cost, log_q = np.logaddexp(0, -sign * margin), -np.logaddexp(0, sign * margin)
    p, q = np.exp(-cost), np.exp(log_q)
    easing = np.where(y == 1, scale_pos_weight, 1.0) * np.exp(gamma * log_q)
    grad = easing * (-gamma * p * cost - q)
    hess = easing * p * (gamma * (gamma * p - q) * cost + (2 * gamma + 1) * q)
    return Objective(easing * cost, sign * grad, np.maximum(hess, min_hess))


def second_order_loss(objective: Objective, step: np.ndarray) -> np.ndarray:
    """Return (1) for each sample.

    Parameters
    ----------
    objective : Objective
    step : array of shape (n_samples,)

    Examples
    --------
    >>> objective = Objective(np.array([1.0, 4.0]), np.array([-3.0, 2.0]), np.array([0.5, 1.0]))
    >>> second_order_loss(objective, np.array([2.0, 2.0]))
    array([-4., 10.])
    """
    return objective.loss + step * (objective.grad + objective.hess * step / 2)


def _check_shapes(y: np.ndarray, margin: np.ndarray) -> None:
    if y.shape != margin.shape:
        raise ValueError(f"y of shape {y.shape} needs margins of the same, not of {margin.shape}")


def pseudo_huber_via_hyperbola(
    y: np.ndarray, margin: np.ndarray, delta: float = 1.0, min_hess: float = 1e-16
) -> Objective:
    """Write e as delta * sinh(t): the loss is delta**2 * (cosh(t) - 1)."""
    if y.shape != margin.shape or not delta > 0:
        raise ValueError("y and margin differ in shape, or delta is not positive")
    t = np.arcsinh((margin.astype(float) - y) / delta)
    hess = np.cosh(t) ** -3.0
    return Objective(2 * (delta * np.sinh(t / 2)) ** 2, delta * np.tanh(t), hess.clip(min_hess))


def pseudo_huber_via_loop(y: np.ndarray, margin: np.ndarray, delta: float = 1.0, min_hess: float = 1e-16) -> Objective:
    """Treat one sample at a time, in plain Python."""
    if y.shape != margin.shape or not delta > 0:
        raise ValueError("y and margin differ in shape, or delta is not positive")
    rows = []
    for truth, guess in zip(y.tolist(), margin.tolist(), strict=True):
        error = guess - truth
        root = math.sqrt(1 + (error / delta) ** 2)
        rows.append((error**2 / (1 + root), error / root, max(1 / root**3, min_hess)))
    return Objective(*np.array(rows).T)


def focal_via_loop(
    y: np.ndarray, margin: np.ndarray, gamma: float = 2.0, scale_pos_weight: float = 1.0, min_hess: float = 1e-16
) -> Objective:
    """Treat one sample at a time, in plain Python, by the derivatives of the two factors."""
    if y.shape != margin.shape or not gamma >= 0:
        raise ValueError("y and margin differ in shape, or gamma is negative")
    rows = []
    for label, m in zip(y.tolist(), margin.tolist(), strict=True):
        if label not in (0, 1):
            raise ValueError(f"{label} is no label")
        lead, weight = (m, scale_pos_weight) if label == 1 else (-m, 1.0)
        odds = math.exp(-abs(m))
        p, q = math.exp(min(lead, 0)) / (1 + odds), math.exp(min(-lead, 0)) / (1 + odds)
        cost, cost_slope, cost_bend = math.log1p(odds) + max(-lead, 0), -q, p * q
        ease = weight * q**gamma
        ease_slope, ease_bend = -gamma * p * ease, gamma * p * ease * (gamma * p - q)
        grad = ease_slope * cost + ease * cost_slope
        hess = ease_bend * cost + 2 * ease_slope * cost_slope + ease * cost_bend
        rows.append((ease * cost, grad if label == 1 else -grad, max(hess, min_hess)))
    return Objective(*np.array(rows).T)


def focal_via_cross_entropy(
    y: np.ndarray, margin: np.ndarray, gamma: float = 2.0, scale_pos_weight: float = 1.0, min_hess: float = 1e-16
) -> Objective:
    """Turn every sample into a positive; loss and derivatives are those of the cross-entropy times factors."""
    if y.shape != margin.shape or not np.isin(y, [0, 1]).all() or not gamma >= 0:
        raise ValueError("y and margin differ in shape, a label is not 0 or 1, or gamma is negative")
    lead = (2.0 * y - 1) * margin
    scale = 1 + np.exp(-np.abs(lead))
    p, q = np.exp(np.minimum(lead, 0)) / scale, np.exp(np.minimum(-lead, 0)) / scale
    cost = np.log1p(np.exp(-np.abs(lead))) - np.minimum(lead, 0)
    weight = 1 + (scale_pos_weight - 1) * y
    per_q = np.divide(cost, q, out=np.ones(q.shape), where=q > 0)  # tends to 1
    slope = weight * q ** (gamma + 1) * (1 + gamma * p * per_q)
    bend = weight * p * q ** (gamma + 1) * (1 + 2 * gamma + gamma * (gamma * p - q) * per_q)
    return Objective(weight * q**gamma * cost, (1 - 2.0 * y) * slope, bend.clip(min_hess))


def second_order_loss_via_factors(objective: Objective, step: np.ndarray) -> np.ndarray:
    """Multiply the step by the mean of the slopes at its start and its end."""
    before, after = objective.grad, objective.grad + objective.hess * step
    return objective.loss + (before + after) / 2 * step


def second_order_loss_via_loop(objective: Objective, step: np.ndarray) -> np.ndarray:
    """Treat one sample at a time."""
    rows = zip(*objective, step.tolist(), strict=True)
    return np.array([loss + s * grad + s * s * hess / 2 for loss, grad, hess, s in rows])
