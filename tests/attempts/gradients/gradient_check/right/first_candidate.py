# candidate, par time, from the stub alone
from collections.abc import Callable

import numpy as np


def numerical_gradient(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        plus = x.copy()
        minus = x.copy()
        plus[i] += h
        minus[i] -= h
        grad[i] = (f(plus) - f(minus)) / (2 * h)
    return grad


def gradient_error(analytic: np.ndarray, numerical: np.ndarray) -> float:
    diff = np.abs(analytic - numerical)
    total = np.abs(analytic) + np.abs(numerical)
    error = np.where(total == 0, 0.0, diff / np.where(total == 0, 1.0, total))
    return float(error.max())
