# different style; both bars
from cmath import rect

import numpy as np


def sinusoidal_encoding(n_positions: int, d_model: int) -> np.ndarray:
    n_positions, d_model = int(n_positions), int(d_model)
    if n_positions < 1 or d_model < 1:
        raise ValueError("n_positions and d_model must be at least 1")
    lengths = [10000.0 ** (column / d_model) for column in range(0, d_model, 2)]
    # Points of the unit circle: the imaginary part is the sine, the real part the cosine.
    points = np.fromiter(
        (rect(1.0, p / length) for p in range(n_positions) for length in lengths),
        dtype=complex,
        count=n_positions * len(lengths),
    ).reshape(n_positions, -1)
    table = np.empty((n_positions, d_model))
    table[:, 0::2] = points.imag
    table[:, 1::2] = points.real[:, : d_model // 2]
    return table
