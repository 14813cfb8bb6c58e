# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- platt_scaling
"""Platt scaling: the scores of a classifier become probabilities by a sigmoid.

    p_i = 1 / (1 + exp(-(slope * score_i + intercept)))

slope and intercept minimise the cross-entropy between p and smoothed targets t:

    loss = -sum_i [t_i log p_i + (1 - t_i) log(1 - p_i)]

    t_i = (n_pos + 1) / (n_pos + 2)    for a positive
    t_i = 1 / (n_neg + 2)              for a negative

With targets instead of labels the slope stays finite if the scores separate the classes. (Platt writes the sigmoid as
1 / (1 + exp(A score + B)): A = -slope and B = -intercept.)

Source: Platt, Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized Likelihood Methods
(1999); Lin, Lin and Weng, A Note on Platt's Probabilistic Outputs for Support Vector Machines (2007).

Strict
------
- The minimum is found where a Newton step that is halved until the loss falls would end far off, with p (1 - p) near 0.
- ValueError from platt_targets and fit_platt if there is no sample, from fit_platt if the lengths differ.
- Scores and labels may be integers of any type.
"""

from typing import NamedTuple

import numpy as np


class Platt(NamedTuple):
    """The sigmoid's two numbers."""

    slope: float
    intercept: float


def platt_targets(y_true: np.ndarray) -> np.ndarray:
    """Return the target of each sample.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        1 for a positive, 0 for a negative. All may be of one class.

    Raises
    ------
    ValueError
        If a label is neither 0 nor 1.

    Examples
    --------
    >>> platt_targets(np.array([1, 0, 0]))
    array([0.66666667, 0.25      , 0.25      ])
    """
    raise NotImplementedError


def fit_platt(scores: np.ndarray, y_true: np.ndarray) -> Platt:
    """Return slope and intercept, so precise that the probabilities of the samples are right to 1e-6.

    Parameters
    ----------
    scores : array of shape (n_samples,)
        Any real numbers, in any unit. If all are equal, the slope is 0.
    y_true : array of shape (n_samples,)
        Labels as in platt_targets, with the same error.

    Examples
    --------
    The scores separate the classes. Both targets are met: 1/4 at score 0, and 3/4 at score 2.

    >>> fit = fit_platt(np.array([0.0, 2.0, 0.0, 2.0]), np.array([0, 1, 0, 1]))
    >>> round(fit.slope, 6), round(fit.intercept, 6)
    (1.098612, -1.098612)
    """
    raise NotImplementedError


def predict_proba(fit: Platt, scores: np.ndarray) -> np.ndarray:
    """Return the probability of each score. Nothing overflows, however large slope * score + intercept is.

    Parameters
    ----------
    fit : Platt
    scores : array of shape (n_queries,)

    Examples
    --------
    >>> predict_proba(Platt(2.0, -1.0), np.array([0.5, -1e4, 1e4]))
    array([0.5, 0. , 1. ])
    """
    raise NotImplementedError
