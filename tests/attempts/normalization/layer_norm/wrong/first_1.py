# wrong (core): a constant sample gets standard deviation 1 instead of sqrt(eps); shows only in grad_x
# shown by: layer_norm_backward(np.array([1.0, 0.0]), layer_norm_forward(np.array([7.0, 7.0]), np.ones(2), np.zeros(2)).cache).grad_x; right [158.11388300841895, -158.11388300841895], this [0.5, -0.5]
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
    inv_std = np.where(var == 0, 1.0, 1 / np.sqrt(np.where(var == 0, 1.0, var) + eps))
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
