# wrong (core): backward gets x / rms back as out / gamma, and takes it as 0 where gamma is 0
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_gamma: np.ndarray


def rms_norm_forward(x: np.ndarray, gamma: np.ndarray, eps: float = 1e-5) -> Forward:
    x = np.asarray(x, dtype=float)
    gamma = np.array(gamma, dtype=float)
    rms = np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    out = gamma * x / rms
    return Forward(out, (out.copy(), rms, gamma))


def rms_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    out, rms, gamma = cache
    unit = np.divide(out, gamma, out=np.zeros(out.shape), where=gamma != 0)
    grad_out = np.asarray(grad_out, dtype=float)
    grad_gamma = (grad_out * unit).reshape(-1, len(gamma)).sum(axis=0)
    g = grad_out * gamma
    grad_x = (g - unit * np.mean(g * unit, axis=-1, keepdims=True)) / rms
    return Backward(grad_x, grad_gamma)
