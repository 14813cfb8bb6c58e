# different style; both bars
import heapq
import math
from fractions import Fraction

import numpy as np


def _orthonormal(v):
    """Return v with columns that are orthonormal to the precision of its type (Newton-Schulz; v nearly is)."""
    return v @ (3 * np.eye(v.shape[1], dtype=v.dtype) - v.T @ v) / 2


def reconstruction_error(reference: np.ndarray, current: np.ndarray, n_components: int) -> np.ndarray:
    """Return the error of each row of current.

    The part of c outside of the components is V2^T c, where V2 completes V: nothing is subtracted. V2 is refined in long
    double precision, as an angle of 1e-16 is too much for a small error far from the mean.
    """
    x = np.asarray(reference).astype(np.longdouble)
    c = np.asarray(current).astype(np.longdouble)
    n, p = x.shape
    k = n_components
    if not 0 <= k <= min(p, n - 1):
        raise ValueError("expected 0 <= n_components <= min(n_features, n_reference - 1)")
    mean = x.mean(axis=0)
    shift = (x - mean).mean(axis=0)
    x = (x - mean) - shift
    c = (c - mean) - shift
    if k == p:
        return np.zeros(len(c))
    if k > 0:
        vt = np.linalg.svd(x.astype(np.float64), full_matrices=True)[2]
        v = _orthonormal(vt.T.astype(np.longdouble))
        for _ in range(2):
            y = x @ v
            squares = (y * y).sum(axis=0)
            gaps = squares[:k] - squares[k:, None]  # (p - k, k), all positive
            turn = (y[:, k:].T @ y[:, :k]) / gaps
            v = _orthonormal(np.hstack([v[:, :k] + v[:, k:] @ turn, v[:, k:] - v[:, :k] @ turn.T]))
        c = c @ v[:, k:]
    return (c * c).sum(axis=1).astype(np.float64)


def error_threshold(errors: np.ndarray, level: float) -> float:
    """Return the threshold."""
    level = float(level)
    if not 0 < level < 1:
        raise ValueError("expected 0 < level < 1")
    errors = np.asarray(errors).tolist()
    x = (1 - Fraction(level)) * (len(errors) + 1)
    r = round(x) if abs(x - round(x)) <= Fraction(1, 10**9) else math.ceil(x)
    r = max(r, 1)
    if r > len(errors):
        return math.inf
    return float(heapq.nsmallest(r, errors)[-1])
