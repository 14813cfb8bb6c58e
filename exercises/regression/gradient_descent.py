# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- gradient_descent
"""Gradient descent on a linear model, and the learning rate at which it turns into gradient ascent.

The model predicts X w, without an intercept, and the loss over n samples is

    L(w) = 1 / (2 n) * sum of (y_i - x_i . w)^2

From w = 0, each step takes all samples and moves against the gradient: w <- w - lr * gradient of L at w.

L is a bowl whose curvature depends on the direction: it lies between the smallest and the largest eigenvalue of the
Hessian X'X / n. Along an eigenvector with eigenvalue c, a step multiplies the distance from the minimum by 1 - lr * c.
That shrinks it as long as lr * c is below 2; beyond, each step lands farther off, on the other side.

Source: Goodfellow et al., Deep Learning, section 4.3; Boyd and Vandenberghe, Convex Optimization, section 9.3.
"""

from typing import NamedTuple

import numpy as np


class Descent(NamedTuple):
    """What `fit_gradient_descent` returns: arrays of shape (n_features,) and (n_steps,)."""

    weights: np.ndarray
    losses: np.ndarray


def fit_gradient_descent(X: np.ndarray, y: np.ndarray, lr: float, n_steps: int) -> Descent:
    """Take a number of steps from zero weights.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least one sample and one feature; it is used as it is, neither centred nor scaled.
    y : array of shape (n_samples,)
    lr : float, positive
        The learning rate. It may be too large for the losses to fall. They grow then, as the steps make them, and
        nothing is done about it.
    n_steps : int, 0 or more
        All of them are taken, whatever the losses do.

    Returns
    -------
    Descent
        `weights` after the last step, and in `losses` the loss before each step: the first is that of zero weights, and
        that of the final weights is not among them.

    Examples
    --------
    The gradient at 0 is -4, so the first step leads to 0.25 * 4 = 1. The minimum is at 2, where the gradient is 0; at 1
    it is -2, and the second step leads to 1.5.

    >>> X, y = np.array([[0.0], [2.0]]), np.array([0.0, 4.0])
    >>> fit_gradient_descent(X, y, lr=0.25, n_steps=2)
    Descent(weights=array([1.5]), losses=array([4., 1.]))
    """
    raise NotImplementedError


def max_stable_lr(X: np.ndarray) -> float:
    """Return the bound on lr: below it gradient descent converges for every y, above it some y makes it diverge.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As `fit_gradient_descent` takes it.

    Returns
    -------
    float
        2 / largest eigenvalue of X'X / n_samples, to full precision; inf if all of X is 0.

    Examples
    --------
    >>> max_stable_lr(np.array([[0.0], [2.0]]))
    1.0
    """
    raise NotImplementedError
