# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_gamma: np.ndarray


def rms_norm_forward(x: np.ndarray, gamma: np.ndarray, eps: float = 1e-5) -> Forward:
    rms = np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    x_hat = x / rms
    return Forward(gamma * x_hat, (x_hat, rms, gamma))


def rms_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x_hat, rms, gamma = cache
    grad_gamma = np.sum(grad_out * x_hat, axis=tuple(range(x_hat.ndim - 1)))
    grad_hat = grad_out * gamma
    grad_x = (grad_hat - x_hat * np.mean(grad_hat * x_hat, axis=-1, keepdims=True)) / rms
    return Backward(grad_x, grad_gamma)
