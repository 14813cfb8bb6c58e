# wrong (core): the expansion takes a negative hess as 0
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
    y, margin = np.asarray(y, dtype=np.float64), np.asarray(margin, dtype=np.float64)
    if y.shape != margin.shape or not delta > 0:
        raise ValueError("shapes differ, or delta is not positive")
    e = margin - y
    root = np.sqrt(1 + (e / delta) ** 2)
    return Objective(e**2 / (root + 1), e / root, np.maximum(root**-3, min_hess))


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
    y, margin = np.asarray(y, dtype=np.float64), np.asarray(margin, dtype=np.float64)
    if y.shape != margin.shape or not gamma >= 0:
        raise ValueError("shapes differ, or gamma is negative")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    sign = 2 * y - 1
    u = sign * margin
    weight = np.where(y == 1, scale_pos_weight, 1.0)
    log_p = -np.logaddexp(0, -u)
    log_q = -np.logaddexp(0, u)
    p, q = np.exp(log_p), np.exp(log_q)
    power = np.exp(gamma * log_q)
    loss = -weight * power * log_p
    grad = weight * sign * power * (gamma * p * log_p - q)
    hess = weight * power * p * (gamma * log_p * (q - gamma * p) + q * (2 * gamma + 1))
    return Objective(loss, grad, np.maximum(hess, min_hess))


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
    step = np.asarray(step, dtype=np.float64)
    return objective.loss + objective.grad * step + np.maximum(objective.hess, 0.0) * step**2 / 2
