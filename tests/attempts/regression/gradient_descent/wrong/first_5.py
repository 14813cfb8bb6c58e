# wrong (core): returns the best weights seen instead of the last ones
"""Gradient descent on a linear model, and its largest stable learning rate.

The model predicts X w, without an intercept. The loss over n samples is

    L(w) = 1 / (2 n) * sum_i (y_i - x_i . w)^2

Start at w = 0. Each step uses all samples: w <- w - lr * gradient of L at w.

Let c be an eigenvalue of the Hessian X'X / n. Along its eigenvector, a step multiplies the distance from the minimum
by 1 - lr * c. It shrinks if 0 < lr * c < 2.

Source: Boyd and Vandenberghe, Convex Optimization, section 9.3.

Strict
------
- max_stable_lr is right to nine digits, also if the two largest eigenvalues are close.
"""

from typing import NamedTuple

import numpy as np


class Descent(NamedTuple):
    """Arrays of shape (n_features,) and (n_steps,)."""

    weights: np.ndarray
    losses: np.ndarray


def fit_gradient_descent(X: np.ndarray, y: np.ndarray, lr: float, n_steps: int) -> Descent:
    """Take n_steps steps, even if the losses grow.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Used as it is, neither centred nor scaled.
    y : array of shape (n_samples,)
    lr : float
        The learning rate, positive.
    n_steps : int

    Returns
    -------
    Descent
        The weights after the last step, and the loss before each step.

    Examples
    --------
    >>> X, y = np.array([[0.0], [2.0]]), np.array([0.0, 4.0])
    >>> fit_gradient_descent(X, y, lr=0.25, n_steps=2)
    Descent(weights=array([1.5]), losses=array([4., 1.]))
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, p = X.shape

    def loss(w):
        return ((y - X @ w) ** 2).sum() / (2 * n)

    w = np.zeros(p)
    best, best_loss = w, loss(w)
    losses = []
    for _ in range(n_steps):
        losses.append(loss(w))
        w = w - lr * (X.T @ (X @ w - y)) / n
        if loss(w) <= best_loss:
            best, best_loss = w, loss(w)
    return Descent(best, np.array(losses))


def max_stable_lr(X: np.ndarray) -> float:
    """Return the learning rate below which gradient descent converges for every y.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Not all zeros.

    Examples
    --------
    >>> max_stable_lr(np.array([[0.0], [2.0]]))  # X'X / n = 2
    1.0
    """
    X = np.asarray(X, dtype=float)
    largest = np.linalg.svd(X, compute_uv=False)[0] ** 2 / len(X)
    return float(2 / largest)
