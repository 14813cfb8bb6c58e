# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- xgboost_leaf_weight
"""XGBoost's leaf weight: one regularised Newton step.

A new tree adds the weight w of a leaf to the margin of every sample in it. XGBoost replaces the loss by its
second-order Taylor expansion about the present margins. With G and H the sums of the samples' first and second
derivatives, a leaf then adds

    G w + (H + reg_lambda) w^2 / 2 + reg_alpha |w| + gamma                                    (1)

to the objective. Where H > 0, the lowest point of that is at

    w = -sign(G) max(|G| - reg_alpha, 0) / (H + reg_lambda)                                   (2)

The sum of (1) over all leaves, each at its weight, is the tree's structure score: lower is better.

Source: Chen and Guestrin, XGBoost: a scalable tree boosting system (2016), section 2.2, equations 3 to 6. For reg_alpha
and max_delta_step, which the paper lacks: XGBoost's documentation, Parameters for Tree Booster.
"""

from typing import NamedTuple

import numpy as np


class GradHess(NamedTuple):
    """First and second derivative of each sample's loss with respect to its margin."""

    grad: np.ndarray
    hess: np.ndarray


def logistic_grad_hess(y: np.ndarray, margin: np.ndarray) -> GradHess:
    """Return both derivatives of -y log(p) - (1 - y) log(1 - p) with respect to margin, p being 1 / (1 + exp(-margin)).

    Parameters
    ----------
    y : array of shape (n_samples,)
        Labels 0 and 1, or probabilities between.
    margin : array of shape (n_samples,)
        Log-odds, any finite numbers.

    Returns
    -------
    GradHess
        p - y and p (1 - p), two arrays of shape (n_samples,). For the labels 0 and 1, both keep their relative
        precision at any margin, down to the smallest float: at 40, where p rounds to 1, hess is 4.2e-18. (XGBoost
        itself works in single precision and raises hess to 1e-16 at least; here it is left as it is.)

    Raises
    ------
    ValueError
        If a label is below 0, above 1 or NaN.

    Examples
    --------
    >>> logistic_grad_hess(np.array([0.0, 1.0, 0.25]), np.array([0.0, 0.0, 0.0]))
    GradHess(grad=array([ 0.5 , -0.5 ,  0.25]), hess=array([0.25, 0.25, 0.25]))
    """
    raise NotImplementedError


def leaf_weight(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
) -> np.ndarray:
    """Return the weight of every leaf, before the learning rate.

    Parameters
    ----------
    grad_sum, hess_sum : arrays of shape (n_leaves,)
        G and H of each leaf.
    reg_lambda, reg_alpha : float
        Penalties on w^2 / 2 and on |w|, neither negative.
    max_delta_step : float
        A weight beyond -max_delta_step or +max_delta_step is set to that bound; 0 means that there is no bound.

    Returns
    -------
    array of shape (n_leaves,)
        The weight (2) within its bounds, and 0 where H is 0 or negative, whatever reg_lambda is: as in XGBoost,
        H itself decides, not H + reg_lambda. Any H above 0 will do: min_child_weight is no part of this.

    Examples
    --------
    >>> leaf_weight(np.array([3.0, -4.0, 1.0]), np.array([2.0, 3.0, 0.0]))
    array([-1.,  1.,  0.])
    >>> leaf_weight(np.array([3.0, -4.0, 0.5]), np.array([2.0, 3.0, 4.0]), reg_alpha=1.5, max_delta_step=0.6)
    array([-0.5,  0.6,  0. ])
    """
    raise NotImplementedError


def structure_score(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
    gamma: float = 0.0,
) -> float:
    """Return what a tree adds to the objective: the sum of (1) over its leaves, at the weights of `leaf_weight`.

    Parameters
    ----------
    grad_sum, hess_sum, reg_lambda, reg_alpha, max_delta_step
        As `leaf_weight` takes them.
    gamma : float
        The price of a leaf. A leaf of weight 0 pays it too.

    Returns
    -------
    float
        Where every H is positive and reg_alpha and max_delta_step are 0, this is gamma times the number of leaves
        less half the sum of G^2 / (H + reg_lambda).

    Examples
    --------
    >>> structure_score(np.array([3.0, -4.0]), np.array([2.0, 3.0]), gamma=0.5)
    -2.5
    """
    raise NotImplementedError
