# wrong (core): numpy.quantile at r / n finds the (r + 1)-th error where n * (r / n) is rounded up to above r
import math

import numpy as np


def reconstruction_error(reference: np.ndarray, current: np.ndarray, n_components: int) -> np.ndarray:
    """Return the error of each row of current."""
    reference = np.asarray(reference, dtype=float)
    current = np.asarray(current, dtype=float)
    n, p = reference.shape
    if n_components < 0 or n_components > p or n_components > n - 1:
        raise ValueError("n_components")
    mean = reference.mean(axis=0)
    _, _, vt = np.linalg.svd(reference - mean, full_matrices=False)
    v = vt[:n_components].T
    c = current - mean
    residual = c - c @ v @ v.T
    return (residual**2).sum(axis=1)


def error_threshold(errors: np.ndarray, level: float) -> float:
    """Return the threshold."""
    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1")
    errors = np.sort(np.asarray(errors, dtype=float))
    n = len(errors)
    r = math.ceil((1 - level) * (n + 1) - 1e-9)
    return math.inf if r > n else float(np.quantile(errors, max(r, 1) / n, method="inverted_cdf"))
