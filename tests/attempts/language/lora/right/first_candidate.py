# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_a: np.ndarray
    grad_b: np.ndarray


def lora_forward(x: np.ndarray, weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> Forward:
    scale = alpha / a.shape[0]
    h = x @ a.T
    out = x @ weight.T + scale * (h @ b.T)
    return Forward(out, (x, weight, a, b, scale, h))


def lora_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x, weight, a, b, scale, h = cache
    grad_h = scale * (grad_out @ b)
    grad_x = grad_out @ weight + grad_h @ a
    x2 = x.reshape(-1, x.shape[-1])
    h2 = h.reshape(-1, h.shape[-1])
    g2 = grad_out.reshape(-1, grad_out.shape[-1])
    gh2 = grad_h.reshape(-1, grad_h.shape[-1])
    return Backward(grad_x, gh2.T @ x2, scale * (g2.T @ h2))


def merge(weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> np.ndarray:
    return weight + (alpha / a.shape[0]) * (b @ a)
