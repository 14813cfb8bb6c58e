# different style; both bars
import math

import numpy as np


def _dot(a, b):
    return math.fsum(u * v for u, v in zip(a, b))


def _parts(X, y, spare):
    """Gram-Schmidt, twice over, in plain Python; columns are lists of floats."""
    X = np.asarray(X)
    n, p = X.shape[0], X.shape[1] + 1
    if n <= p + spare:
        raise ValueError("too few samples")
    columns = [[1.0] * n] + [[float(v) for v in X[:, j]] for j in range(p - 1)]
    target = [float(v) for v in y]
    Q, R = [], [[0.0] * p for _ in range(p)]
    for j, column in enumerate(columns):
        v = list(column)
        for _ in range(2):
            for k, q in enumerate(Q):
                r = _dot(q, v)
                R[k][j] += r
                v = [a - r * c for a, c in zip(v, q)]
        R[j][j] = math.sqrt(_dot(v, v))
        Q.append([a / R[j][j] for a in v])
    # inverse of the upper triangle, column by column
    T = [[0.0] * p for _ in range(p)]
    for j in range(p):
        for k in range(j, -1, -1):
            known = math.fsum(R[k][m] * T[m][j] for m in range(k + 1, j + 1))
            T[k][j] = ((1.0 if k == j else 0.0) - known) / R[k][k]
    e, c = list(target), [0.0] * p
    for _ in range(2):
        for k, q in enumerate(Q):
            r = _dot(q, e)
            c[k] += r
            e = [a - r * u for a, u in zip(e, q)]
    b = [_dot(T[k], c) for k in range(p)]
    rows = list(zip(*Q))
    gaps = [1.0 - _dot(q, q) for q in rows]
    if any(g < 1e-8 for g in gaps):
        raise ValueError("a leverage is 1")
    moves = [[_dot(T[k], q) * (e[i] / gaps[i]) for k in range(p)] for i, q in enumerate(rows)]
    return b, moves, T, Q, rows, e, gaps


def leave_one_out_coefficients(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    b, moves, *_ = _parts(X, y, 0)
    return np.array([[bk - m for bk, m in zip(b, move)] for move in moves])


def dfbetas(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    b, moves, T, Q, rows, e, gaps = _parts(X, y, 1)
    n, p = len(e), len(b)
    total = _dot(e, e)
    variances = []
    for i in range(n):
        f = e[i] / gaps[i]
        rss = total - e[i] * f
        if rss < 1e-6 * total:
            # Cancellation: sum the residuals themselves. At most about p + 1 samples can come here
            # (their columns of I - H are parallel), so this stays O(n p^2).
            left = [e[m] + f * _dot(rows[m], rows[i]) for m in range(n) if m != i]
            rss = _dot(left, left)
        variances.append(rss / (n - 1 - p))
    spread = [_dot(t, t) for t in T]
    scale = np.sqrt(np.outer(variances, spread))
    return np.array(moves) / scale
