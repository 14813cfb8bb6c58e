# wrong (core): numbers that are all equal get no gradient, as if x_hat could not move from 0
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


def _channels(values):
    return np.array(values, dtype=float)[None, :, None, None]


def _statistics(x, shape, axes, eps):
    split = x.reshape(shape)
    mean = split.mean(axis=axes, keepdims=True)
    centred = split - mean
    var = (centred**2).mean(axis=axes, keepdims=True)
    inv = np.where(var > 0, 1.0 / np.sqrt(var + eps), 0.0)
    return mean, var, inv, (centred * inv).reshape(x.shape)


def _norm(x, shape, axes, gamma, beta, eps):
    _, _, inv, x_hat = _statistics(x, shape, axes, eps)
    gamma = _channels(gamma)
    return Forward(gamma * x_hat + _channels(beta), (x_hat, inv, gamma, shape, axes))


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
    x = np.asarray(x, dtype=float)
    running_mean = np.array(running_mean, dtype=float)
    running_var = np.array(running_var, dtype=float)
    scale = _channels(gamma)
    axes = (0, 2, 3)
    if training:
        mean, var, inv, x_hat = _statistics(x, x.shape, axes, eps)
        m = x.size // x.shape[1]
        running_mean = (1 - momentum) * running_mean + momentum * mean.ravel()
        running_var = (1 - momentum) * running_var + momentum * var.ravel() * m / (m - 1)
        cache = (x_hat, inv, scale, x.shape, axes)
    else:
        inv = 1.0 / np.sqrt(_channels(running_var) + eps)
        x_hat = (x - _channels(running_mean)) * inv
        cache = (x_hat, inv, scale, x.shape, None)
    return BatchForward(scale * x_hat + _channels(beta), cache, running_mean, running_var)


def group_norm_forward(x: np.ndarray, n_groups: int, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    x = np.asarray(x, dtype=float)
    n, channels, height, width = x.shape
    if n_groups < 1 or channels % n_groups:
        raise ValueError("n_groups does not divide the channels")
    return _norm(x, (n, n_groups, channels // n_groups * height * width), (2,), gamma, beta, eps)


def instance_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    x = np.asarray(x, dtype=float)
    return _norm(x, x.shape, (2, 3), gamma, beta, eps)


def image_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    grad_out = np.asarray(grad_out, dtype=float)
    x_hat, inv, gamma, shape, axes = cache
    grad_gamma = (grad_out * x_hat).sum(axis=(0, 2, 3))
    grad_beta = grad_out.sum(axis=(0, 2, 3))
    if axes is None:
        return Backward(grad_out * gamma * inv, grad_gamma, grad_beta)
    g, xh = (grad_out * gamma).reshape(shape), x_hat.reshape(shape)
    grad = g - g.mean(axis=axes, keepdims=True) - xh * (g * xh).mean(axis=axes, keepdims=True)
    return Backward((grad * inv).reshape(x_hat.shape), grad_gamma, grad_beta)
