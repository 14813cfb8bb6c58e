# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- xgboost_best_split
"""XGBoost's best split of a node on one feature, with missing values.

G and H are the sums of the first and second derivatives of the loss over the samples of a leaf. Each additional leaf
costs gamma:

    score = G**2 / (H + reg_lambda)
    gain  = 1/2 * (score of left + score of right - score of both together) - gamma

A sample goes left if x < threshold. Missing values (NaN) all go to the same side: the one with the larger gain.

Source: Chen and Guestrin, XGBoost (2016), equation 7 and algorithms 1 and 3.

Strict
------
- Gains within 1e-9 of each other are ties, and a gain below 1e-9 is 0.
- The score is 0 if H is 0, for any G and reg_lambda.
- A midpoint does not overflow (values near 1e308).
"""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question x < threshold, its gain, and whether missing values go left."""

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
    grad_left, hess_left, grad_right, hess_right : arrays of the same shape
        G and H of the left and the right side of each split.
    reg_lambda, gamma : float

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
    """Return the split with the largest gain, in O(n log n) time.

    Parameters
    ----------
    x : array of shape (n_samples,)
        NaN where the value is missing.
    grad, hess : arrays of shape (n_samples,)
        The derivatives of each sample's loss. No hess is negative.
    reg_lambda, gamma : float
    min_child_weight : float
        Each side has at least this H. Missing values count on their side.

    Returns
    -------
    Split or None
        The threshold is the midpoint of two neighbouring distinct values, or inf if some values are missing: then all
        present values go left and the missing ones right. A tie goes to the lower threshold, then to missing values on
        the right. If none is missing, default_left is False. None if no split has a gain above 0.

    Examples
    --------
    >>> x, grad = np.array([1.0, 2.0, 4.0, 5.0, np.nan]), np.array([-3.0, -1.0, 2.0, 2.0, -3.0])
    >>> split = best_split(x, grad, np.ones(5))
    >>> split.threshold, round(split.gain, 6), split.default_left
    (3.0, 8.041667, True)
    >>> best_split(x, grad, np.ones(5), gamma=9.0) is None
    True
    """
    raise NotImplementedError
