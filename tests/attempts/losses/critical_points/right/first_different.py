# different style; both bars
import math

import numpy as np


def _checked(hessian):
    h = np.array(hessian, dtype=float)
    if h.ndim != 2 or h.shape[0] != h.shape[1]:
        raise ValueError("the Hessian is not square")
    n = len(h)
    largest = max((abs(v) for row in h.tolist() for v in row), default=0.0)
    if largest == 0.0:
        return h, 0
    power = math.frexp(largest)[1]
    scaled = np.ldexp(h, -power)
    limit = 1e-8 * math.ldexp(largest, -power)
    for i in range(n):
        if (np.abs(scaled[i, :i] - scaled[:i, i]) > limit).any():
            raise ValueError("the Hessian is not symmetric")
    return h, power


def _symmetric(h):
    return h / 2 + h.T / 2


def _jacobi(matrix):
    """Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations."""
    a = matrix.copy()
    n = len(a)
    v = np.eye(n)
    for _ in range(60):
        rotated = False
        for p in range(n - 1):
            for q in range(p + 1, n):
                off = a[p, q]
                if abs(off) <= 1e-17 * math.sqrt(abs(a[p, p])) * math.sqrt(abs(a[q, q])) or abs(off) < 1e-200:
                    continue
                rotated = True
                theta = (a[q, q] - a[p, p]) / (2 * off)
                t = math.copysign(1.0, theta) / (abs(theta) + math.hypot(theta, 1.0))
                c = 1 / math.hypot(t, 1.0)
                s = t * c
                app, aqq = a[p, p] - t * off, a[q, q] + t * off
                row_p, row_q = c * a[p] - s * a[q], s * a[p] + c * a[q]
                a[p], a[q] = row_p, row_q
                a[:, p], a[:, q] = row_p, row_q
                a[p, p], a[q, q], a[p, q], a[q, p] = app, aqq, 0.0, 0.0
                v[:, p], v[:, q] = c * v[:, p] - s * v[:, q], s * v[:, p] + c * v[:, q]
        if not rotated:
            break
    return np.diag(a).copy(), v


def _spectrum(hessian, tol):
    """Eigenvalues (of the Hessian in another unit), eigenvectors and the sign of each, -1, 0 or 1."""
    h, power = _checked(hessian)
    values, vectors = _jacobi(_symmetric(np.ldexp(h, -power)))
    limit = tol * max((abs(v) for v in values), default=0.0)
    return values, vectors, [0 if abs(v) <= limit else (1 if v > 0 else -1) for v in values]


def classify_critical_point(hessian: np.ndarray, tol: float = 1e-8) -> str:
    kinds = set(_spectrum(hessian, tol)[2])
    if {1, -1} <= kinds:
        return "saddle"
    return {frozenset({1}): "minimum", frozenset({-1}): "maximum"}.get(frozenset(kinds), "degenerate")


def newton_step(grad: np.ndarray, hessian: np.ndarray, damping: float = 0.0) -> np.ndarray:
    h, _ = _checked(hessian)
    n = len(h)
    a = _symmetric(h)
    a[range(n), range(n)] += damping
    # S A S with powers of two in S, so that the units of the parameters do not matter
    total = np.zeros(n, dtype=int)
    for _ in range(100):
        largest = np.abs(a).max(axis=1)
        if (largest == 0).any():
            raise ValueError("singular")
        move = -np.fix(np.frexp(largest)[1] / 2).astype(int)
        if not move.any():
            break
        a = np.ldexp(a, move[:, None] + move[None, :])
        total += move
    values, vectors = _jacobi(a)
    sizes = np.abs(values)
    if sizes.min() <= 4 * n * np.finfo(float).eps * sizes.max():
        raise ValueError("singular")
    rhs = np.ldexp(np.array(grad, dtype=float), total)

    def solve(b):
        return vectors @ ((vectors.T @ b) / values)

    step = -solve(rhs)
    for _ in range(2):  # iterative refinement
        step -= solve(a @ step + rhs)
    return np.ldexp(step, total)


def negative_curvature_direction(grad: np.ndarray, hessian: np.ndarray, tol: float = 1e-8) -> np.ndarray | None:
    values, vectors, signs = _spectrum(hessian, tol)
    if -1 not in signs:
        return None
    d = vectors[:, min(range(len(signs)), key=lambda i: values[i])]
    d = d / math.hypot(*d)
    g = np.array(grad, dtype=float)
    return np.negative(d) if g @ d > 0 else d
