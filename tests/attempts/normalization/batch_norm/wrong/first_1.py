# wrong (core): a constant feature gets standard deviation 1 instead of sqrt(eps); shows only in grad_x
# shown by: batch_norm_backward(np.array([[1.0], [0.0]]), batch_norm_forward(np.array([[2.0], [2.0]]), np.ones(1), np.zeros(1), np.zeros(1), np.ones(1)).cache).grad_x.ravel(); right [158.11388300841895, -158.11388300841895], this [0.5, -0.5]
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object
    running_mean: np.ndarray
    running_var: np.ndarray


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


def batch_norm_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    momentum: float = 0.1,
    eps: float = 1e-5,
    training: bool = True,
) -> Forward:
    x = np.asarray(x, dtype=float)
    gamma, beta = np.array(gamma, dtype=float), np.asarray(beta, dtype=float)
    running_mean, running_var = np.array(running_mean, dtype=float), np.array(running_var, dtype=float)
    n = len(x)
    if training:
        if n < 2:
            raise ValueError("training needs at least two samples")
        mean = x.mean(axis=0)
        var = ((x - mean) ** 2).mean(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    else:
        mean, var = running_mean, running_var
    inv_std = np.where(var == 0, 1.0, 1 / np.sqrt(np.where(var == 0, 1.0, var) + eps))
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    return Forward(out, (x_hat, inv_std, gamma, training), running_mean, running_var)


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x_hat, inv_std, gamma, training = cache
    g = np.asarray(grad_out, dtype=float)
    grad_gamma = (g * x_hat).sum(axis=0)
    grad_beta = g.sum(axis=0)
    if training:
        n = len(g)
        grad_x = gamma * inv_std * (g - grad_beta / n - x_hat * grad_gamma / n)
    else:
        grad_x = gamma * inv_std * g
    return Backward(grad_x, grad_gamma, grad_beta)
