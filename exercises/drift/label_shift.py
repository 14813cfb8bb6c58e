# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- label_shift
"""Label shift: estimate the new class priors, and correct predicted probabilities for them.

From source to target the class priors p(y) change, and p(x | y) does not. So the share of the target that a fixed
classifier predicts as class j is

    share_j = sum_i target_prior_i * P_ij              P_ij = p(predicted j | true i), from the source

Solve for target_prior, set negative entries to 0, then divide by the sum. Bayes' rule corrects the probabilities:

    p_target(y | x) = w_y * p_source(y | x) / sum_k w_k * p_source(k | x)            w = target_prior / source_prior

Sources: Lipton et al. (2018); Saerens et al. (2002).
"""

from typing import NamedTuple

import numpy as np


class LabelShift(NamedTuple):
    """The target prior of each class, and its weight w."""

    target_prior: np.ndarray
    weights: np.ndarray


def estimate_label_shift(confusion: np.ndarray, target_predictions: np.ndarray) -> LabelShift:
    """Estimate the target prior from predicted classes.

    Parameters
    ----------
    confusion : array of shape (n_classes, n_classes)
        confusion[i, j] is the number of source samples of class i that are predicted as j. It may also be that number
        divided by the number of all source samples. Row sums give the source prior.
    target_predictions : array of int of shape (n_samples,)
        From 0 to n_classes - 1. A class may be missing.

    Raises
    ------
    ValueError
        If a class has no source sample, or P is singular.

    Strict
    ------
    - Singular: the smallest singular value is below 1e-9.
    - ValueError if an entry of confusion is negative or not finite.
    - ValueError if target_predictions is empty or holds another class.

    Examples
    --------
    >>> shift = estimate_label_shift(np.array([[60, 20], [5, 15]]), np.array([0, 1, 1, 0]))
    >>> shift.target_prior.round(9), shift.weights.round(9)  # 1/2 = (1 - q) * 1/4 + q * 3/4
    (array([0.5, 0.5]), array([0.625, 2.5  ]))
    """
    raise NotImplementedError


def reweight(probs: np.ndarray, source_prior: np.ndarray, target_prior: np.ndarray) -> np.ndarray:
    """Turn probabilities of the source into those of the target.

    Parameters
    ----------
    probs : array of shape (n_samples, n_classes)
    source_prior, target_prior : arrays of shape (n_classes,)
        Shares or counts: only proportions matter. A target prior may be 0.

    Strict
    ------
    - ValueError if lengths differ, a source prior is not positive, a target prior is negative, or a row would be all 0.

    Examples
    --------
    >>> reweight(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0.8, 0.2]), np.array([0.5, 0.5])).round(4)
    array([[0.2   , 0.8   ],
           [0.0769, 0.9231]])
    """
    raise NotImplementedError
