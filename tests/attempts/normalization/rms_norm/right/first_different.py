# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_gamma: np.ndarray


def rms_norm_forward(x: np.ndarray, gamma: np.ndarray, eps: float = 1e-5) -> Forward:
    shape = np.shape(x)
    n = shape[-1]
    rows = np.array(x, dtype=np.float64).reshape(-1, n)
    gamma = np.array(gamma, dtype=np.float64)
    # sqrt(sum(x^2) / n + eps) is the length of the vector (x, sqrt(n eps)), divided by sqrt(n)
    inverse = np.array([math.sqrt(n) / math.hypot(*row, math.sqrt(n * eps)) for row in rows.tolist()])
    unit = np.einsum("i,ij->ij", inverse, rows)
    return Forward((unit @ np.diag(gamma)).reshape(shape), (unit, inverse, gamma))


def rms_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    unit, inverse, gamma = cache
    n = gamma.size
    g = np.asarray(grad_out, dtype=np.float64)
    rows = g.reshape(-1, n)
    # The Jacobian d out_j / d x_k of each sample is gamma_j (delta_jk - unit_j unit_k / n) / rms
    jacobian = np.einsum("i,j,ijk->ijk", inverse, gamma, np.eye(n) - np.einsum("ij,ik->ijk", unit, unit) / n)
    grad_x = np.einsum("ij,ijk->ik", rows, jacobian).reshape(g.shape)
    grad_gamma = np.diagonal(rows.T @ unit).copy()
    return Backward(grad_x, grad_gamma)
