# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, what backward needs of this call in any form, and the running statistics after it."""

    out: np.ndarray
    cache: object
    running_mean: np.ndarray
    running_var: np.ndarray


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x, gamma and beta."""

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
            raise ValueError("expected more than 1 sample in training")
        mean = x.mean(axis=0)
        var = x.var(axis=0)  # biased
        # no in-place update: the arguments must not change
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    else:
        mean, var = running_mean, running_var

    inv_std = 1.0 / np.sqrt(var + eps)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    cache = (x_hat, inv_std, gamma, training)
    return Forward(out, cache, running_mean, running_var)


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x_hat, inv_std, gamma, training = cache
    grad_beta = grad_out.sum(axis=0)
    grad_gamma = (grad_out * x_hat).sum(axis=0)
    g = grad_out * gamma  # d loss / d x_hat
    if training:
        grad_x = inv_std * (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0))
    else:
        grad_x = g * inv_std
    return Backward(grad_x, grad_gamma, grad_beta)
