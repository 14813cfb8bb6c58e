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
    weights, losses = np.zeros(X.shape[1]), np.empty(n_steps)
    for step in range(n_steps):
        residual = X @ weights - y
        losses[step] = residual @ residual / (2 * len(X))
        weights = weights - lr / len(X) * (residual @ X)
    return Descent(weights, losses)


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
    # The largest singular value of X, squared, is the largest eigenvalue of X'X.
    return float(2 * len(X) / np.linalg.norm(X, ord=2) ** 2)


def fit_gradient_descent_via_gram(X: np.ndarray, y: np.ndarray, lr: float, n_steps: int) -> Descent:
    """Take the products of X and y once: a step then costs as much for a million samples as for ten."""
    scaled = X / len(X)
    hessian, pull, start = scaled.T @ X, scaled.T @ y, y.astype(float) @ y / (2 * len(X))
    weights, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        slope = hessian @ weights
        losses.append(start - weights @ pull + weights @ slope / 2)
        weights = weights + lr * (pull - slope)
    return Descent(weights, np.array(losses))


def fit_gradient_descent_via_eigenvectors(X: np.ndarray, y: np.ndarray, lr: float, n_steps: int) -> Descent:
    """Take no step at all: after t of them, a part (1 - lr * curvature)^t of each direction is still to go."""
    n_samples = len(X)
    left, lengths, directions = np.linalg.svd(X, full_matrices=False)
    part = left.T @ y
    to_go = (1 - lr * lengths**2 / n_samples)[:, None] ** np.arange(n_steps + 1)
    # Where X has no length, y is out of reach and the weight stays at 0.
    goal = np.divide(part, lengths, out=np.zeros(len(lengths)), where=lengths > 1e-12 * lengths[0])
    out_of_reach = ((y - left @ part) ** 2).sum()
    losses = out_of_reach + ((part[:, None] * to_go[:, :-1]) ** 2).sum(axis=0)
    return Descent(directions.T @ (goal * (1 - to_go[:, -1])), losses / (2 * n_samples))


def fit_gradient_descent_via_loop(X: np.ndarray, y: np.ndarray, lr: float, n_steps: int) -> Descent:
    """Add up loss and gradient sample by sample, in plain Python."""
    rows, targets, weights, losses = X.tolist(), y.tolist(), [0.0] * X.shape[1], []
    for _ in range(n_steps):
        loss, gradient = 0.0, [0.0] * len(weights)
        for row, target in zip(rows, targets, strict=True):
            residual = sum(w * x for w, x in zip(weights, row, strict=True)) - target
            loss += residual * residual / 2
            gradient = [g + residual * x for g, x in zip(gradient, row, strict=True)]
        losses.append(loss / len(rows))
        weights = [w - lr * g / len(rows) for w, g in zip(weights, gradient, strict=True)]
    return Descent(np.array(weights), np.array(losses))


def max_stable_lr_via_eigenvalues(X: np.ndarray) -> float:
    """Take the largest eigenvalue of XX' / n: apart from zeros, XX' and X'X have the same ones."""
    return 2 / np.linalg.eigvalsh(X @ (X.T / len(X)))[-1]


def max_stable_lr_via_squaring(X: np.ndarray) -> float:
    """Square X'X again and again: of the sum of its eigenvalues' powers, the largest is all that remains."""
    power, logarithm = X.T @ (X / len(X)), 0.0
    for doublings in range(60):
        size = np.trace(power)
        logarithm += np.log(size) / 2.0**doublings
        power = (power / size) @ (power / size)
    return float(2 / np.exp(logarithm))
