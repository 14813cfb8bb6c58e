# wrong (core): the last column's sign is left as the QR chose it
import numpy as np


def orthogonal(shape: tuple[int, ...], gain: float, rng: np.random.Generator) -> np.ndarray:
    if len(shape) < 2:
        raise ValueError("at least two axes")
    rows, cols = shape[0], int(np.prod(shape[1:]))
    q, r = np.linalg.qr(rng.standard_normal((max(rows, cols), min(rows, cols))))
    for j in range(len(r) - 1):
        if r[j, j] < 0:
            q[:, j] *= -1
    if rows < cols:
        q = q.T
    return gain * q.reshape(shape)
