# different style; both bars
import math
from typing import NamedTuple

import numpy as np

EPS = 2.0**-52


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def _centre(values):
    """Deviations from the mean; a shift by one of the values comes first, so a constant gives exact zeros."""
    origin = sorted(values)[len(values) // 2]
    dev = [float(v - origin) for v in values]
    for _ in range(2):
        mean = math.fsum(dev) / len(dev)
        dev = [d - mean for d in dev] if any(dev) else dev
    return dev


def _triangle(A, noise, target):
    """Pivoted Gram-Schmidt, A = Q R. A column counts as dependent when its rest is at its own rounding level."""
    n, p = A.shape
    Q, R, f = np.zeros((n, 0)), np.zeros((0, p)), []
    alive = np.sqrt((A * A).sum(axis=0)) > 0
    while alive.any():
        sizes = np.where(alive, np.sqrt((A * A).sum(axis=0)), -1.0)
        if Q.shape[1]:
            alive &= sizes > noise
            if not alive.any():
                break
            sizes[~alive] = -1.0
        j = int(sizes.argmax())
        v = A[:, j].copy()
        for _ in range(2):
            fix = Q.T @ v
            v -= Q @ fix
            R[:, j] += fix
        size = math.sqrt(float(v @ v))
        alive[j] = False
        if size <= (noise[j] if Q.shape[1] else 0.0):
            continue
        q = v / size
        row = np.where(alive, q @ A, 0.0)
        A -= np.outer(q, row)
        noise = noise + np.abs(row) * (noise[j] / size)
        row[j] = size
        f.append(float(q @ target))
        target = target - f[-1] * q
        Q, R = np.column_stack([Q, q]), np.vstack([R, row])
    return R, np.array(f)


def _rounds(r):
    """A round robin tournament: every pair meets once."""
    ring = list(range(r)) + ([-1] if r % 2 else [])
    for _ in range(len(ring) - 1):
        half = len(ring) // 2
        pairs = [sorted(pair) for pair in zip(ring[:half], ring[::-1][:half]) if -1 not in pair]
        if pairs:
            yield [a for a, _ in pairs], [b for _, b in pairs]
        ring = [ring[0], ring[-1], *ring[1:-1]]


def _jacobi(M, p):
    """Rotate the rows of M in pairs until their first p entries are orthogonal (one-sided Jacobi)."""
    schedule = [(np.array(a), np.array(b)) for a, b in _rounds(len(M))]
    extra = 2
    for _ in range(60):
        worst = 0.0
        for left, right in schedule:
            a, b = M[left], M[right]
            product = a[:, :p] * b[:, :p]
            dot = product.sum(axis=1)
            aa, bb = (a[:, :p] ** 2).sum(axis=1), (b[:, :p] ** 2).sum(axis=1)
            worst = max(worst, float((np.abs(dot) / np.sqrt(aa) / np.sqrt(bb)).max()))
            turn = np.abs(dot) > EPS * np.abs(product).sum(axis=1)
            if not turn.any():
                continue
            with np.errstate(over="ignore"):
                zeta = (bb - aa) / np.where(turn, 2 * dot, 1.0)
                t = np.where(zeta >= 0, 1.0, -1.0) / (np.abs(zeta) + np.hypot(1.0, zeta))
            t = np.where(turn, t, 0.0)[:, None]
            c = 1 / np.hypot(1.0, t)
            M[left], M[right] = c * a - (c * t) * b, (c * t) * a + c * b
        if worst < 1e-14:
            extra -= 1
            if extra < 0:
                break
    return M


def fit_ridge(X: np.ndarray, y: np.ndarray, alpha: float) -> Fit:
    if not alpha >= 0:
        raise ValueError("alpha must not be negative")
    alpha = float(alpha)
    X = np.asarray(X)
    n, p = X.shape
    raw = [X[:, j].tolist() for j in range(p)]
    labels = np.asarray(y).tolist()
    A = np.array([_centre(column) for column in raw], dtype=float).reshape(p, n).T.copy()
    noise = np.array([4 * EPS * math.sqrt(n) * float(max(map(abs, column))) for column in raw])
    R, f = _triangle(A, noise, np.array(_centre(labels)))
    lengths = np.sqrt((np.abs(R) ** 2).sum(axis=0))
    lengths = lengths[lengths > 0]
    if len(f) > 40 and lengths.max() < 1e4 * lengths.min():
        # many features in similar units: the same rotation from LAPACK, which is faster
        left, d, right = np.linalg.svd(R, full_matrices=False)
        M = np.column_stack([d[:, None] * right, left.T @ f])
    else:
        M = _jacobi(np.column_stack([R, f]), p) if len(f) else np.zeros((0, p + 1))
    # Along each orthogonal direction the problem has one unknown.
    coef = np.zeros(p)
    for row in M:
        d2 = float(row[:p] @ row[:p])
        coef += row[:p] * (float(row[p]) / (d2 + alpha))
    weights = coef.tolist()
    rests = [
        float(labels[i]) - math.fsum(w * float(column[i]) for w, column in zip(weights, raw) if w) for i in range(n)
    ]
    return Fit(math.fsum(rests) / n, coef)
