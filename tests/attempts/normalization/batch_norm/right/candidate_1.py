# candidate, par time, from the stub alone
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
    n = x.shape[0]
    if training:
        if n < 2:
            raise ValueError("training needs at least 2 samples")
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    else:
        mean = running_mean
        var = running_var

    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    cache = (x_hat, gamma, inv_std, training)
    return Forward(out, cache, running_mean, running_var)


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x_hat, gamma, inv_std, training = cache
    grad_gamma = np.sum(grad_out * x_hat, axis=0)
    grad_beta = np.sum(grad_out, axis=0)

    grad_x_hat = grad_out * gamma
    if training:
        grad_x = inv_std * (
            grad_x_hat - grad_x_hat.mean(axis=0) - x_hat * np.mean(grad_x_hat * x_hat, axis=0)
        )
    else:
        grad_x = grad_x_hat * inv_std
    return Backward(grad_x, grad_gamma, grad_beta)
