# wrong (core): signs corrected for rows >= columns only
import numpy as np


def orthogonal(shape: tuple[int, ...], gain: float, rng: np.random.Generator) -> np.ndarray:
    if len(shape) < 2:
        raise ValueError("at least two axes")
    rows, cols = shape[0], int(np.prod(shape[1:]))
    q, r = np.linalg.qr(rng.standard_normal((max(rows, cols), min(rows, cols))))
    if rows < cols:
        q = q.T
    else:
        q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
    return gain * q.reshape(shape)
