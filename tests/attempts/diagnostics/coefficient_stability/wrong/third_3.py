# wrong (core): gives up after 100 draws of a resample and keeps the minimum-norm solution
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """Two arrays of shape (n_coefficients,)."""

    low: np.ndarray
    high: np.ndarray


def bootstrap_coefficients(X, y, n_resamples, rng):
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, p = X.shape
    A = np.column_stack([np.ones(n), X])
    if np.linalg.matrix_rank(A) < p + 1:
        raise ValueError("the samples do not determine the fit")
    out = np.empty((n_resamples, p + 1))
    for b in range(n_resamples):
        for _ in range(100):
            rows = rng.integers(0, n, n)
            coef, __, rank, __ = np.linalg.lstsq(A[rows], y[rows], rcond=None)
            if rank == p + 1:
                break
        out[b] = coef
    return out


def sign_flip_rate(resampled, coef):
    resampled = np.asarray(resampled, dtype=float)
    return (np.sign(resampled) * np.sign(coef) < 0).mean(axis=0)


def percentile_interval(resampled, level=0.95):
    tail = (1 - level) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail], axis=0)
    return Interval(low, high)
