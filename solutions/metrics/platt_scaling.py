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

from collections.abc import Callable
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
    if len(y_true) == 0:
        raise ValueError("there is no sample")
    if not ((y_true == 0) | (y_true == 1)).all():
        raise ValueError("y_true has a label that is neither 0 nor 1")
    n_pos = np.count_nonzero(y_true)
    n_neg = len(y_true) - n_pos
    return np.where(y_true == 1, (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2))


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
    if len(scores) != len(y_true):
        raise ValueError(f"{len(scores)} scores need as many labels, not {len(y_true)}")
    targets = platt_targets(y_true)
    start = float(np.log(targets.mean() / (1 - targets.mean())))
    if (scores == scores[0]).all():
        return Platt(0.0, start)
    center, scale = float(scores.mean()), float(scores.std())
    X = np.column_stack([(scores - center) / scale, np.ones(len(scores))])
    rounding = 1e-13 * len(scores)

    def loss(weights: np.ndarray) -> float:
        return (np.logaddexp(0, X @ weights) - targets * (X @ weights)).sum()

    weights, gap = np.array([0.0, start]), np.inf
    while gap > rounding:
        p = predict_proba(Platt(*weights), X[:, 0])
        gradient = X.T @ (p - targets)
        step = np.linalg.solve(X.T * (p * (1 - p)) @ X, gradient)
        gap = gradient @ step
        while loss(weights - step) > loss(weights) - gradient @ step / 4 + rounding:
            step = step / 2
        weights = weights - step
    return Platt(float(weights[0] / scale), float(weights[1] - weights[0] / scale * center))


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
    return np.exp(-np.logaddexp(0, -(fit.slope * scores + fit.intercept)))


def platt_targets_via_loop(y_true: np.ndarray) -> np.ndarray:
    """Count each class, and take one label at a time."""
    labels = y_true.tolist()
    count = {label: labels.count(label) for label in (0, 1)}
    if not labels or sum(count.values()) < len(labels):
        raise ValueError("there is no sample, or a label that is neither 0 nor 1")
    return np.array([1 / (count[0] + 2) if label == 0 else 1 - 1 / (count[1] + 2) for label in labels])


def platt_targets_via_pseudo_samples(y_true: np.ndarray) -> np.ndarray:
    """Take the mean label of a class to which one sample of each class was added."""
    classes, place, count = np.unique(y_true, return_inverse=True, return_counts=True)
    if not len(classes) or not set(classes.tolist()) <= {0, 1}:
        raise ValueError("y_true has no label, or one that is neither 0 nor 1")
    return ((classes * count + 1) / (count + 2))[place]


def fit_platt_via_bisection(scores: np.ndarray, y_true: np.ndarray) -> Platt:
    """For each slope the intercept's condition has one solution, and that of the slope then rises with the slope."""
    if np.shape(scores) != np.shape(y_true):
        raise ValueError("scores and labels differ in shape")
    targets = platt_targets(y_true)
    if len(set(scores.tolist())) == 1:
        return Platt(0.0, float(-np.log(1 / targets.mean() - 1)))
    center, unit = np.mean(scores), np.std(scores)
    z = (scores - center) / unit

    def solve(excess: Callable[[float], float]) -> float:
        limit = 1.0
        while excess(-limit) > 0 or excess(limit) < 0:
            limit *= 2
        low, high = -limit, limit
        while low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if excess(middle) < 0 else (low, middle)
        return high

    def level(slope: float) -> float:
        return solve(lambda intercept: (predict_proba(Platt(slope, intercept), z) - targets).sum())

    slope = solve(lambda slope: (predict_proba(Platt(slope, level(slope)), z) - targets) @ z)
    return Platt(float(slope / unit), float(level(slope) - slope / unit * center))


def fit_platt_via_reweighting(scores: np.ndarray, y_true: np.ndarray) -> Platt:
    """Solve weighted least squares again and again, and go halfway back as long as the slope is uphill there."""
    if len(scores) != len(y_true):
        raise ValueError(f"{len(scores)} scores, {len(y_true)} labels")
    targets = platt_targets(y_true)
    shift = scores.astype(float) - scores.min()
    unit = shift.max() or 1.0
    X = np.stack([shift / unit, np.ones(len(scores))], axis=1)
    old = np.zeros(2)
    for _ in range(40):
        p = predict_proba(Platt(*old), X[:, 0])
        root = np.sqrt(p * (1 - p))
        new = np.linalg.lstsq(root[:, np.newaxis] * X, root * (X @ old) + (targets - p) / root, rcond=None)[0]
        while (predict_proba(Platt(*new), X[:, 0]) - targets) @ (X @ (new - old)) > 1e-12 * len(scores):
            new = (new + old) / 2
        old = new
    return Platt(float(old[0] / unit), float(old[1] - old[0] / unit * scores.min()))


def predict_proba_via_branches(fit: Platt, scores: np.ndarray) -> np.ndarray:
    """Let exp see no positive number: take the probability of the likelier class, or of the other."""
    z = fit.slope * scores + fit.intercept
    small = np.exp(-np.abs(z))
    return np.where(z < 0, small, 1.0) / (1 + small)


def predict_proba_via_tanh(fit: Platt, scores: np.ndarray) -> np.ndarray:
    """Shift and shrink the tanh of half the argument, which is the sigmoid."""
    return (np.tanh((fit.slope * scores + fit.intercept) / 2) + 1) / 2
