# candidate, par time, from the stub alone
import numpy as np


def _check(hessian):
    if not np.allclose(hessian, hessian.T, rtol=0, atol=1e-8 * np.abs(hessian).max()):
        raise ValueError("hessian is not symmetric")


def classify_critical_point(hessian: np.ndarray, tol: float = 1e-8) -> str:
    _check(hessian)
    eig = np.linalg.eigvalsh(hessian)
    cut = tol * np.abs(eig).max()
    pos = eig > cut
    neg = eig < -cut
    if pos.all():
        return "minimum"
    if neg.all():
        return "maximum"
    if pos.any() and neg.any():
        return "saddle"
    return "degenerate"


def newton_step(grad: np.ndarray, hessian: np.ndarray, damping: float = 0.0) -> np.ndarray:
    _check(hessian)
    a = hessian + damping * np.eye(len(grad))
    try:
        return np.linalg.solve(a, -grad)
    except np.linalg.LinAlgError:
        raise ValueError("singular matrix")


def negative_curvature_direction(grad: np.ndarray, hessian: np.ndarray, tol: float = 1e-8) -> np.ndarray | None:
    _check(hessian)
    eig, vec = np.linalg.eigh(hessian)
    if eig[0] >= -tol * np.abs(eig).max():
        return None
    d = vec[:, 0]
    return -d if grad @ d > 0 else d
