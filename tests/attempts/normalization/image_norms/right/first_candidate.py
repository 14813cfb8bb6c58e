# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class BatchForward(NamedTuple):
    out: np.ndarray
    cache: object
    running_mean: np.ndarray
    running_var: np.ndarray


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


def per_channel(v):
    return v[None, :, None, None]


def batch_norm_2d_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    momentum: float = 0.1,
    eps: float = 1e-5,
    training: bool = True,
) -> BatchForward:
    axes = (0, 2, 3)
    if training:
        mean, var = x.mean(axis=axes), x.var(axis=axes)
        m = x.size // x.shape[1]
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * m / (m - 1)
    else:
        mean, var = running_mean, running_var
    inv_std = 1 / np.sqrt(per_channel(var) + eps)
    x_hat = (x - per_channel(mean)) * inv_std
    out = per_channel(gamma) * x_hat + per_channel(beta)
    cache = (x_hat, inv_std, gamma, x.shape, axes if training else None)
    return BatchForward(out, cache, running_mean, running_var)


def group_norm_forward(x: np.ndarray, n_groups: int, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    n, c, h, w = x.shape
    if c % n_groups != 0:
        raise ValueError("n_groups must divide the channels")
    grouped = x.reshape(n, n_groups, c // n_groups, h, w)
    axes = (2, 3, 4)
    mean = grouped.mean(axis=axes, keepdims=True)
    var = grouped.var(axis=axes, keepdims=True)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = (grouped - mean) * inv_std
    out = per_channel(gamma) * x_hat.reshape(x.shape) + per_channel(beta)
    return Forward(out, (x_hat, inv_std, gamma, grouped.shape, axes))


def instance_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    return group_norm_forward(x, x.shape[1], gamma, beta, eps)


def image_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x_hat, inv_std, gamma, shape, axes = cache
    grad_gamma = (grad_out * x_hat.reshape(grad_out.shape)).sum(axis=(0, 2, 3))
    grad_beta = grad_out.sum(axis=(0, 2, 3))
    g = (grad_out * per_channel(gamma)).reshape(shape)
    if axes is None:
        grad_x = g * inv_std
    else:
        g_mean = g.mean(axis=axes, keepdims=True)
        gx_mean = (g * x_hat).mean(axis=axes, keepdims=True)
        grad_x = inv_std * (g - g_mean - x_hat * gx_mean)
    return Backward(grad_x.reshape(grad_out.shape), grad_gamma, grad_beta)
