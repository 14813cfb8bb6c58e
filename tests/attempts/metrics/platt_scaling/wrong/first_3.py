# wrong (core): only labels below 0 or above 1 are an error: 0.5 passes as a negative.
# shown by: platt_targets(np.array([1.0, 0.5, 0.0])).tolist(); right ValueError, this [0.6666666666666666, 0.25, 0.25]
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
- The minimum is found also where half a Newton step lowers the loss, but ends where p (1 - p) is nearly 0 everywhere.
- ValueError from platt_targets and fit_platt if there is no sample, from fit_platt if the lengths differ.
- Scores and labels may be integers of any type.
"""

from typing import NamedTuple

import numpy as np


class Platt(NamedTuple):
    """The sigmoid's two numbers."""

    slope: float
    intercept: float


def _sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def _loss(a, b, s, t):
    z = a * s + b
    return np.sum(np.logaddexp(0.0, z) - t * z)


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
    y = np.asarray(y_true)
    if len(y) == 0 or y.min() < 0 or y.max() > 1:
        raise ValueError("labels are 0 and 1, at least one")
    n_pos = int(np.sum(y == 1))
    n_neg = len(y) - n_pos
    return np.where(y == 1, (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2))


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
    s = np.asarray(scores, dtype=float)
    t = platt_targets(y_true)
    if len(s) != len(t):
        raise ValueError("scores and labels differ in length")
    if np.all(s == s[0]):
        m = t.mean()
        return Platt(0.0, float(np.log(m / (1 - m))))
    shift, scale = s.mean(), 1.0
    scale = np.abs(s - shift).max()
    u = (s - shift) / scale
    m = t.mean()
    a, b = 0.0, float(np.log(m / (1 - m)))
    loss = _loss(a, b, u, t)
    for _ in range(500):
        p = _sigmoid(a * u + b)
        w = p * (1 - p)
        c = np.sum(w * u) / np.sum(w)  # centre with the weights: the Newton system is diagonal
        v = u - c
        g1, g0 = np.sum((p - t) * v), np.sum(p - t)
        da = -g1 / np.sum(w * v * v)
        db = -g0 / np.sum(w) - da * c
        decrement = -(g1 * da + g0 * (db + da * c))
        step = 1.0
        while step > 1e-12:
            new = _loss(a + step * da, b + step * db, u, t)
            if new <= loss - 1e-4 * step * decrement + 1e-14 * abs(loss):
                break
            step /= 2
        a, b, loss = a + step * da, b + step * db, new
        if np.max(np.abs(da * u + db)) < 1e-10:
            break
    return Platt(float(a / scale), float(b - a * shift / scale))


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
    z = fit.slope * np.asarray(scores, dtype=float) + fit.intercept
    return _sigmoid(z)
