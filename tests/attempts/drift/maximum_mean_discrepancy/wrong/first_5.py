# wrong (core): s**2 is compared to 0 with the absolute tolerance of np.isclose (1e-8)
"""Maximum mean discrepancy (MMD): a two-sample test for rows of any dimension."""

import numpy as np


def _kernel(A, B, gamma):
    diff = A[:, None, :] - B[None, :, :]
    return np.exp(-gamma * (diff**2).sum(axis=-1))


def squared_mmd(X: np.ndarray, Y: np.ndarray, gamma: float, unbiased: bool = True) -> float:
    """Return the estimate of MMD**2."""
    X = np.asarray(X, dtype=float)
    Y = np.asarray(Y, dtype=float)
    n, m = len(X), len(Y)
    if min(n, m) < (2 if unbiased else 1):
        raise ValueError("too few rows")
    if X.shape[1] != Y.shape[1]:
        raise ValueError("X and Y differ in columns")
    if not gamma > 0:
        raise ValueError("gamma must be above 0")
    xx, yy, xy = _kernel(X, X, gamma), _kernel(Y, Y, gamma), _kernel(X, Y, gamma)
    if not unbiased:
        return float(max(0.0, xx.mean() + yy.mean() - 2 * xy.mean()))
    np.fill_diagonal(xx, 0)
    np.fill_diagonal(yy, 0)
    return float(xx.sum() / (n * (n - 1)) + yy.sum() / (m * (m - 1)) - 2 * xy.mean())


def median_gamma(X: np.ndarray, Y: np.ndarray) -> float:
    """Return 1 / (2 * s**2), where s is the median distance between two rows."""
    if X.shape[1] != Y.shape[1]:
        raise ValueError("X and Y differ in columns")
    Z = np.concatenate([X, Y]).astype(float)
    i, j = np.triu_indices(len(Z), 1)
    s = np.median(np.sqrt(((Z[i] - Z[j]) ** 2).sum(axis=1)))
    if np.isclose(2 * s**2, 0):
        raise ValueError("the median distance is 0")
    return float(1 / (2 * s**2))


def mmd_p_value(X: np.ndarray, Y: np.ndarray, gamma: float, n_permutations: int, rng: np.random.Generator) -> float:
    """Return the p-value of a permutation test."""
    observed = squared_mmd(X, Y, gamma)
    Z = np.concatenate([X, Y]).astype(float)
    n = len(X)
    count = 0
    for _ in range(n_permutations):
        P = Z[rng.permutation(len(Z))]
        if squared_mmd(P[:n], P[n:], gamma) >= observed - 1e-12:
            count += 1
    return (1 + count) / (1 + n_permutations)
