# different style; both bars
from typing import NamedTuple

import numpy as np


class Descent(NamedTuple):
    """Arrays of shape (n_features,) and (n_steps,)."""

    weights: np.ndarray
    losses: np.ndarray


def fit_gradient_descent(X: np.ndarray, y: np.ndarray, lr: float, n_steps: int) -> Descent:
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    n, n_features = X.shape
    # Rotating the samples changes neither losses nor gradients: all that counts of [X, -y] is its factor R.
    R = np.linalg.qr(np.column_stack([X, -y]), mode="r")
    state = np.zeros(n_features + 1)
    state[-1] = 1.0
    losses = []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(int(n_steps)):
            residual = np.einsum("ij,j->i", R, state)
            losses.append(np.einsum("i,i->", residual, residual) / (2 * n))
            state[:-1] -= lr / n * np.einsum("ij,i->j", R[:, :-1], residual)
    return Descent(state[:-1].copy(), np.array(losses, dtype=float))


def _is_positive_definite(matrix):
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def max_stable_lr(X: np.ndarray) -> float:
    X = np.array(X, dtype=float)
    n = len(X)
    size = float(np.abs(X).max())
    X /= size
    gram = X @ X.T if X.shape[0] < X.shape[1] else X.T @ X
    one = np.eye(len(gram))
    # Bisection: c lies above all eigenvalues if and only if c I - gram has a Cholesky factor.
    low, high = float(np.diagonal(gram).max()) * (1 - 1e-12), float(np.trace(gram)) * (1 + 1e-9)
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if _is_positive_definite(middle * one - gram):
            high = middle
        else:
            low = middle
    # Rayleigh's quotient after inverse iteration just above the top takes out the last error.
    vector = np.random.default_rng(0).normal(size=len(gram))
    shifted = high * (1 + 1e-11) * one - gram
    for _ in range(4):
        vector = np.linalg.solve(shifted, vector)
        vector /= np.linalg.norm(vector)
    curvature = float(vector @ gram @ vector / (vector @ vector))
    return 2 * n / curvature / size / size
