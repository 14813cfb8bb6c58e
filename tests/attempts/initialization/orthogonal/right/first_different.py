# different style; both bars
import math

import numpy as np


def orthogonal(shape: tuple[int, ...], gain: float, rng: np.random.Generator) -> np.ndarray:
    """The polar factor of a Gaussian matrix is Haar distributed: (A G B) has the factor A W B."""
    if len(shape) < 2:
        raise ValueError("at least two axes, please")
    flat = rng.normal(size=(shape[0], math.prod(shape[1:])))
    u, _, vt = np.linalg.svd(flat, full_matrices=False)
    return np.einsum("ik,kj->ij", gain * u, vt).reshape(shape)
