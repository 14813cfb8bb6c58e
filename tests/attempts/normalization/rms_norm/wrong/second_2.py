# wrong (core): backward changes the cached x_hat in place, so a second backward differs
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_gamma: np.ndarray


def rms_norm_forward(x, gamma, eps=1e-5):
    x = np.array(x, dtype=np.float64)
    gamma = np.array(gamma, dtype=np.float64)
    rms = np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    x_hat = x / rms
    return Forward(gamma * x_hat, (x_hat, rms, gamma))


def rms_norm_backward(grad_out, cache):
    x_hat, rms, gamma = cache
    grad_out = np.asarray(grad_out, dtype=np.float64)
    grad_gamma = (grad_out * x_hat).reshape(-1, gamma.size).sum(axis=0)
    g = grad_out * gamma
    x_hat *= np.mean(g * x_hat, axis=-1, keepdims=True)
    grad_x = (g - x_hat) / rms
    return Backward(grad_x, grad_gamma)
