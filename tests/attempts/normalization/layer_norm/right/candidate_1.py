# candidate, par time, from the stub alone
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
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    return Forward(gamma * x_hat + beta, (x_hat, inv_std, gamma))


def layer_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x_hat, inv_std, gamma = cache
    axes = tuple(range(grad_out.ndim - 1))
    grad_gamma = np.sum(grad_out * x_hat, axis=axes)
    grad_beta = np.sum(grad_out, axis=axes)

    g = grad_out * gamma
    grad_x = inv_std * (
        g - g.mean(axis=-1, keepdims=True) - x_hat * np.mean(g * x_hat, axis=-1, keepdims=True)
    )
    return Backward(grad_x, grad_gamma, grad_beta)
