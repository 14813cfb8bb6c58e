# wrong (core): a constant feature gets std 1 instead of sqrt(eps), as in a scaler: out is right, grad_x is not
# shown by: batch_norm_backward(np.array([[1.0], [0.0]]), batch_norm_forward(np.array([[2.0], [2.0]]), np.array([1.0]), np.array([0.0]), np.array([0.0]), np.array([1.0]), eps=0.01).cache).grad_x; right array([[ 5.], [-5.]]), this array([[ 0.5], [-0.5]])
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
    x, gamma, beta, running_mean, running_var = (
        np.array(a, dtype=float) for a in (x, gamma, beta, running_mean, running_var)
    )
    n = len(x)
    if training:
        if n < 2:
            raise ValueError("training needs at least two samples")
        mean = x.mean(axis=0)
        centred = x - mean
        var = np.mean(centred**2, axis=0)
        std = np.where(var == 0, 1.0, np.sqrt(var + eps))  # a constant feature: do not divide by almost nothing
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    else:
        centred = x - running_mean
        std = np.sqrt(running_var + eps)
    x_hat = centred / std
    out = gamma * x_hat + beta
    return Forward(out, (x_hat, gamma, 1 / std, training), running_mean, running_var)


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x_hat, gamma, inv_std, training = cache
    grad_out = np.asarray(grad_out, dtype=float)
    grad_beta = grad_out.sum(axis=0)
    grad_gamma = (grad_out * x_hat).sum(axis=0)
    if training:
        n = len(grad_out)
        grad_x = gamma * inv_std * (grad_out - grad_beta / n - x_hat * grad_gamma / n)
    else:
        grad_x = grad_out * gamma * inv_std
    return Backward(grad_x, grad_gamma, grad_beta)
