# different style; both bars
"""Maximum mean discrepancy (MMD): a two-sample test for rows of any dimension."""

import math

import numpy as np


def _pool(X, Y):
    """Pooled rows, exact: Python integers where float64 would round, else float64."""
    X, Y = np.asarray(X), np.asarray(Y)
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise ValueError("X and Y need the same columns")
    parts = []
    for A in (X, Y):
        if A.dtype.kind in "iu" and A.size and max(abs(int(A.max())), abs(int(A.min()))) > 2**53:
            parts.append(A.astype(object))
        else:
            parts.append(A.astype(np.float64))
    return np.concatenate(parts)


def _squared_distances(Z):
    """All squared distances, added up a column at a time."""
    D = np.zeros((len(Z), len(Z)))
    for column in Z.T:
        D += np.subtract.outer(column, column).astype(np.float64) ** 2
    return D


def _gram(X, Y, gamma, least):
    if not gamma > 0:
        raise ValueError("gamma must be above 0")
    Z = _pool(X, Y)
    if len(X) < least or len(Y) < least:
        raise ValueError("too few rows")
    return np.exp(-float(gamma) * _squared_distances(Z))


def squared_mmd(X: np.ndarray, Y: np.ndarray, gamma: float, unbiased: bool = True) -> float:
    """Return the estimate of MMD**2."""
    K = _gram(X, Y, gamma, 2 if unbiased else 1)
    n, m = len(X), len(Y)
    # a quadratic form: w' K w with weights 1/n and -1/m
    if not unbiased:
        w = np.concatenate([np.full(n, 1.0 / n), np.full(m, -1.0 / m)])
        return max(0.0, math.fsum((w[:, None] * K * w).ravel()))
    i, j = np.triu_indices(n + m, 1)
    first, second = i < n, j < n
    k = K[i, j]
    within_x = math.fsum(k[first & second]) * 2 / (n * (n - 1))
    within_y = math.fsum(k[~first & ~second]) * 2 / (m * (m - 1))
    return within_x + within_y - 2 * math.fsum(k[first & ~second]) / (n * m)


def median_gamma(X: np.ndarray, Y: np.ndarray) -> float:
    """Return 1 / (2 * s**2), where s is the median distance between two rows."""
    D = _squared_distances(_pool(X, Y))
    distances = sorted(math.sqrt(D[i, j]) for i in range(len(D)) for j in range(i))
    if not distances:
        raise ValueError("no pair of rows")
    half = len(distances) // 2
    s = (distances[half] + distances[~half]) / 2
    if s == 0:
        raise ValueError("the median distance is 0")
    return 1 / (2 * s * s)


def mmd_p_value(X: np.ndarray, Y: np.ndarray, gamma: float, n_permutations: int, rng: np.random.Generator) -> float:
    """Return the p-value of a permutation test."""
    K = _gram(X, Y, gamma, 2)
    n, m = len(X), len(Y)
    np.fill_diagonal(K, 0.0)
    total = K.sum()

    def estimates(B):
        """Rows of B are indicators of the first sample."""
        BK = B @ K
        xx = (BK * B).sum(axis=1)
        xy = BK.sum(axis=1) - xx
        yy = total - xx - 2 * xy
        return xx / (n * (n - 1)) + yy / (m * (m - 1)) - 2 * xy / (n * m)

    base = np.zeros((1, n + m))
    base[0, :n] = 1.0
    observed = estimates(base)[0]
    count, left = 0, n_permutations
    while left > 0:
        size = min(left, 512)
        B = rng.permuted(np.repeat(base, size, axis=0), axis=1)
        count += int((estimates(B) >= observed - 1e-12).sum())
        left -= size
    return (1 + count) / (1 + n_permutations)
