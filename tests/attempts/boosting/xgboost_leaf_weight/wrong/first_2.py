# wrong (core): only H = 0 gives weight 0, a negative H does not
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- xgboost_leaf_weight
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
    y = np.asarray(y, dtype=float)
    margin = np.asarray(margin, dtype=float)
    if not np.all((y >= 0) & (y <= 1)):
        raise ValueError("labels must be from 0 to 1")
    e = np.exp(-np.abs(margin))
    big, small = 1.0 / (1.0 + e), e / (1.0 + e)
    p = np.where(margin >= 0, big, small)
    q = np.where(margin >= 0, small, big)  # 1 - p without cancellation
    grad = (1.0 - y) * p - y * q
    return GradHess(grad, p * q)


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
    G = np.asarray(grad_sum, dtype=float)
    H = np.asarray(hess_sum, dtype=float)
    valid = H != 0
    shrunk = np.sign(G) * np.maximum(np.abs(G) - reg_alpha, 0.0)
    w = np.where(valid, -shrunk / np.where(valid, H + reg_lambda, 1.0), 0.0)
    if max_delta_step > 0:
        w = np.clip(w, -max_delta_step, max_delta_step)
    return w + 0.0


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
    G = np.asarray(grad_sum, dtype=float)
    H = np.asarray(hess_sum, dtype=float)
    w = leaf_weight(G, H, reg_lambda, reg_alpha, max_delta_step)
    total = (G * w).sum() + ((H + reg_lambda) * w**2).sum() / 2
    total += reg_alpha * np.abs(w).sum() + gamma * len(w)
    return float(total)
