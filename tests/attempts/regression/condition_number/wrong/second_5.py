# wrong (strict): variance_proportions applies 1e-12 to the squares: raises from index 1e6 on
import numpy as np


def _unit(X):
    X = np.asarray(X, dtype=float)
    X = X / np.abs(X).max(axis=0)
    Z = np.column_stack([np.ones(len(X)), X])
    return Z / np.linalg.norm(Z, axis=0)


def condition_number(X):
    X = np.asarray(X, dtype=float)
    n, p = X.shape
    if n < p:
        return float("inf")
    s = np.linalg.svd(X, compute_uv=False)
    if s[-1] <= 1e-12 * s[0]:
        return float("inf")
    return float(s[0] / s[-1])


def condition_indices(X):
    Z = _unit(X)
    s = np.linalg.svd(Z, compute_uv=False)
    out = np.full(Z.shape[1], np.inf)
    keep = s > 1e-12 * s[0]
    out[: len(s)][keep] = s[0] / s[keep]
    return out


def variance_proportions(X):
    Z = _unit(X)
    n, p = Z.shape
    if n < p:
        raise ValueError("columns are linearly dependent")
    _, s, vt = np.linalg.svd(Z, full_matrices=False)
    lam = s**2
    if lam[-1] <= 1e-12 * lam[0]:
        raise ValueError("columns are linearly dependent")
    phi = (vt / s[:, None]) ** 2
    return phi / phi.sum(axis=0)
