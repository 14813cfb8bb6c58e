# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class PCA(NamedTuple):
    components: np.ndarray
    explained_variance: np.ndarray
    explained_variance_ratio: np.ndarray
    mean: np.ndarray


def _one_sided_jacobi(A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotate pairs of columns until all are orthogonal: squared lengths of the columns, and the rotation."""
    A = A.copy()
    m = A.shape[1]
    V = np.eye(m)
    floor = (1e-15 * np.linalg.norm(A)) ** 2
    for _ in range(60):
        turned = False
        for i in range(m - 1):
            for j in range(i + 1, m):
                a, b, c = A[:, i] @ A[:, i], A[:, j] @ A[:, j], A[:, i] @ A[:, j]
                if abs(c) <= 1e-15 * math.sqrt(a * b) + floor:
                    continue
                turned = True
                zeta = (b - a) / (2 * c)
                t = math.copysign(1.0, zeta) / (abs(zeta) + math.hypot(1.0, zeta))
                cos = 1 / math.hypot(1.0, t)
                turn = np.array([[cos, t * cos], [-t * cos, cos]])
                A[:, [i, j]] = A[:, [i, j]] @ turn
                V[:, [i, j]] = V[:, [i, j]] @ turn
        if not turned:
            break
    return (A * A).sum(axis=0), V


def fit_pca(X: np.ndarray, k: int) -> PCA:
    X = np.asarray(X).astype(float)
    n, p = X.shape
    if k < 1 or k > p or k > n - 1:
        raise ValueError(f"k is {k}, but has to be from 1 to {min(n - 1, p)}")
    first = X[0].copy()
    shifted = X - first
    shift = shifted.mean(axis=0)
    centred = shifted - shift
    if n >= p:
        squares, rotation = _one_sided_jacobi(np.linalg.qr(centred, mode="r"))
    else:
        basis, r = np.linalg.qr(centred.T)
        squares, rotation = _one_sided_jacobi(r.T)
        rotation = basis @ rotation
    rows = []
    order = np.argsort(-squares, kind="stable")[:k]
    for i in order:
        row = rotation[:, i]
        rows.append(-row if -row.min() > row.max() else row)
    variance = squares[order] / (n - 1)
    total = sum(float(np.dot(c, c)) for c in centred.T) / (n - 1)
    return PCA(np.array(rows), variance, variance / total, first + shift)


def project(X: np.ndarray, components: np.ndarray, mean: np.ndarray) -> np.ndarray:
    offset = np.asarray(X).astype(float) - np.asarray(mean).astype(float)
    return np.einsum("ij,kj->ik", offset, np.asarray(components).astype(float))
