# wrong (core): eps = 0 is replaced by the default
# shown by: layer_norm_forward(np.array([0.001, 0.003]), np.ones(2), np.zeros(2), eps=0.0).out; right [-1.0, 1.0], this [-0.3015113445777636, 0.3015113445777636]
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


def layer_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    x = np.asarray(x, dtype=float)
    gamma, beta = np.array(gamma, dtype=float), np.asarray(beta, dtype=float)
    centered = x - x.mean(axis=-1, keepdims=True)
    var = (centered**2).mean(axis=-1, keepdims=True)
    inv_std = 1 / np.sqrt(var + (eps or 1e-5))
    x_hat = centered * inv_std
    return Forward(gamma * x_hat + beta, (x_hat, inv_std, gamma))


def layer_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x_hat, inv_std, gamma = cache
    g = np.asarray(grad_out, dtype=float)
    axes = tuple(range(g.ndim - 1))
    grad_gamma = (g * x_hat).sum(axis=axes)
    grad_beta = g.sum(axis=axes)
    h = g * gamma
    mean_h = h.mean(axis=-1, keepdims=True)
    mean_hx = (h * x_hat).mean(axis=-1, keepdims=True)
    grad_x = inv_std * (h - mean_h - x_hat * mean_hx)
    return Backward(grad_x, grad_gamma, grad_beta)
