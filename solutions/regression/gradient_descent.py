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
    weights, losses = np.zeros(X.shape[1]), np.empty(n_steps)
    for step in range(n_steps):
        residual = X @ weights - y
        losses[step] = residual @ residual / (2 * len(X))
        weights = weights - lr / len(X) * (residual @ X)
    return Descent(weights, losses)


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
    # The largest singular value of X, squared, is the largest eigenvalue of X'X.
    largest = np.linalg.norm(X, ord=2) ** 2 / len(X)
    return float(2 / largest) if largest > 0 else float("inf")


def fit_gradient_descent_via_gram(X: np.ndarray, y: np.ndarray, lr: float, n_steps: int) -> Descent:
    """Take the products of X and y once: a step then costs as much for a million samples as for ten."""
    n_samples = len(X)
    hessian, pull, start = X.T @ X / n_samples, X.T @ y / n_samples, np.dot(y, y) / (2 * n_samples)
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
    """Ask for the eigenvalues of X'X, or of XX', which has the same ones and may be smaller."""
    gram = X.T @ X if X.shape[1] < len(X) else X @ X.T
    largest = np.linalg.eigvalsh(gram)[-1]
    return 2 * len(X) / largest if X.any() else np.inf


def max_stable_lr_via_squaring(X: np.ndarray) -> float:
    """Square X'X again and again: of the sum of its eigenvalues' powers, the largest is all that remains."""
    power, logarithm = X.T @ (X / len(X)), 0.0
    if not power.any():
        return np.inf
    for doublings in range(60):
        size = np.trace(power)
        logarithm += np.log(size) / 2.0**doublings
        power = (power / size) @ (power / size)
    return float(2 / np.exp(logarithm))
