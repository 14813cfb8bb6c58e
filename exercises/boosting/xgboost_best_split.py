# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- xgboost_best_split
"""XGBoost's best split of a node on one feature, with missing values.

With G and H the sums of the first and second derivatives of the loss over a leaf's samples, its best weight brings the
objective down by G^2 / (H + reg_lambda) / 2. A split turns one leaf into two, and each additional leaf costs gamma:

    gain = 1/2 (G_L^2 / (H_L + reg_lambda) + G_R^2 / (H_R + reg_lambda)
                - (G_L + G_R)^2 / (H_L + H_R + reg_lambda)) - gamma

A sample goes left if x < threshold and right if not. Missing values all go the same way, the default direction of the
node: the one that gains more.

The gain that XGBoost reports is the bracket, without the half and before gamma, and its parameter gamma is compared
with that number: gamma = 1 there does what gamma = 1/2 does here.

Source: Chen and Guestrin, XGBoost (2016), equation 7 and algorithms 1 and 3.
"""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """A question, x < threshold, its gain, and whether missing values go left."""

    threshold: float
    gain: float
    default_left: bool


def split_gain(
    grad_left: np.ndarray,
    hess_left: np.ndarray,
    grad_right: np.ndarray,
    hess_right: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
) -> np.ndarray:
    """Return the gain of every split.

    Parameters
    ----------
    grad_left, hess_left, grad_right, hess_right : arrays of one shape
        G_L, H_L, G_R and H_R of each split; no H is negative.
    reg_lambda, gamma : float
        Neither is negative: reg_lambda / 2 penalises a leaf's squared weight, and gamma is the cost of a leaf.

    Returns
    -------
    array of that shape
        The gains, which may be negative. Where the H of a leaf is 0, its whole fraction counts as 0, whatever G and
        reg_lambda are, for the weight of such a leaf is 0. That goes for the parent too.

    Examples
    --------
    >>> split_gain(np.array([-3.0, 3.0]), np.array([2.0, 2.0]), np.array([4.0, 4.0]), np.array([3.0, 3.0]), gamma=0.5)
    array([ 2.91666667, -1.08333333])
    """
    raise NotImplementedError


def best_split(
    x: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> Split | None:
    """Return the split of largest gain.

    Should run in n log n time: 30,000 samples in well under a second.

    Parameters
    ----------
    x : array of shape (n_samples,)
        The feature: finite numbers of any size, and NaN where it is missing. At least one sample.
    grad, hess : arrays of shape (n_samples,)
        First and second derivative of each sample's loss; no hess is negative.
    reg_lambda, gamma : float
        As in `split_gain`.
    min_child_weight : float, positive
        Each side of a split must have at least this H, up to rounding. Missing values count on the side that they go
        to.

    Returns
    -------
    Split or None
        A threshold lies midway between two neighbours among the distinct values present. Where some values are missing,
        inf is a threshold too: it parts those that are present from those that are missing, which go right.

        Of several splits of largest gain, the one of the lowest threshold is returned, and of those the one that sends
        missing values right; with none missing, default_left is False. Rounding must not decide: gains that differ by
        rounding alone count as equal, and gains that are 1e-6 or more apart do not.

        None if no split that min_child_weight allows has a gain above 0; a gain that is above 0 is above 1e-6.

    Examples
    --------
    The missing value is like those on the left: there it gains more.

    >>> x, grad = np.array([1.0, 2.0, 4.0, 5.0, np.nan]), np.array([-3.0, -1.0, 2.0, 2.0, -3.0])
    >>> split = best_split(x, grad, np.ones(5))
    >>> split.threshold, round(split.gain, 6), split.default_left
    (3.0, 8.041667, True)

    With gamma = 9 that does not pay; and five samples with a hess of 1 cannot have an H of 3 on both sides.

    >>> best_split(x, grad, np.ones(5), gamma=9.0) is None
    True
    >>> best_split(x, grad, np.ones(5), min_child_weight=3.0) is None
    True

    Here all that matters is whether the value is missing.

    >>> split = best_split(np.array([1.0, 2.0, np.nan, np.nan]), np.array([1.0, 1.0, -2.0, -2.0]), np.ones(4))
    >>> split.threshold, round(split.gain, 6), split.default_left
    (inf, 2.933333, False)
    """
    raise NotImplementedError
