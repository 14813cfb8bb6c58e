# wrong (core): one random sign for the whole Q instead of one for each column
import numpy as np


def orthogonal(shape: tuple[int, ...], gain: float, rng: np.random.Generator) -> np.ndarray:
    if len(shape) < 2:
        raise ValueError("at least two axes")
    rows, cols = shape[0], int(np.prod(shape[1:]))
    q, _ = np.linalg.qr(rng.standard_normal((max(rows, cols), min(rows, cols))))
    q = q * rng.choice([-1.0, 1.0])
    if rows < cols:
        q = q.T
    return gain * q.reshape(shape)
