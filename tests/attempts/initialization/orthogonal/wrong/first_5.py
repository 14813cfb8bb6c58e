# wrong (core): a square W takes the sign of its determinant from NumPy's global generator, not from rng
import numpy as np


def orthogonal(shape: tuple[int, ...], gain: float, rng: np.random.Generator) -> np.ndarray:
    if len(shape) < 2:
        raise ValueError("at least two axes")
    rows, cols = shape[0], int(np.prod(shape[1:]))
    q, r = np.linalg.qr(rng.standard_normal((max(rows, cols), min(rows, cols))))
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
    if rows == cols and np.random.random() < 0.5:
        q[:, 0] *= -1  # either determinant
    if rows < cols:
        q = q.T
    return gain * q.reshape(shape)
