# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Descent(NamedTuple):
    weights: np.ndarray
    losses: np.ndarray


def fit_gradient_descent(X: np.ndarray, y: np.ndarray, lr: float, n_steps: int) -> Descent:
    n, n_features = X.shape
    w = np.zeros(n_features)
    losses = np.zeros(n_steps)
    for step in range(n_steps):
        residual = X @ w - y
        losses[step] = np.sum(residual**2) / (2 * n)
        w = w - lr * X.T @ residual / n
    return Descent(w, losses)


def max_stable_lr(X: np.ndarray) -> float:
    hessian = X.T @ X / len(X)
    return float(2 / np.linalg.eigvalsh(hessian).max())
