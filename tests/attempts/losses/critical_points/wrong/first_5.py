# wrong (core): direction: sign by np.sign, so the zero vector comes back if grad . d is 0
import numpy as np


def _symmetric(hessian):
    h = np.array(hessian, dtype=float)
    if h.ndim != 2 or h.shape[0] != h.shape[1]:
        raise ValueError("the Hessian is not square")
    if np.abs(h - h.T).max() > 1e-8 * np.abs(h).max():
        raise ValueError("the Hessian is not symmetric")
    return h


def classify_critical_point(hessian: np.ndarray, tol: float = 1e-8) -> str:
    w = np.linalg.eigvalsh(_symmetric(hessian))
    cut = tol * np.abs(w).max()
    pos, neg = w > cut, w < -cut
    if pos.all():
        return "minimum"
    if neg.all():
        return "maximum"
    if pos.any() and neg.any():
        return "saddle"
    return "degenerate"


def newton_step(grad: np.ndarray, hessian: np.ndarray, damping: float = 0.0) -> np.ndarray:
    h = _symmetric(hessian)
    a = h + damping * np.eye(len(h))
    if np.linalg.matrix_rank(a) < len(a):
        raise ValueError("the matrix is singular")
    return np.linalg.solve(a, -np.asarray(grad, dtype=float))


def negative_curvature_direction(grad: np.ndarray, hessian: np.ndarray, tol: float = 1e-8) -> np.ndarray | None:
    w, v = np.linalg.eigh(_symmetric(hessian))
    if w[0] >= -tol * np.abs(w).max():
        return None
    d = v[:, 0]
    return -np.sign(np.asarray(grad, dtype=float) @ d) * d
