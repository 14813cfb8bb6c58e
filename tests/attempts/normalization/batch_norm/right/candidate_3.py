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
    n, d = x.shape
    if training and n < 2:
        raise ValueError("training needs at least two samples")

    new_mean = np.array(running_mean, dtype=float)
    new_var = np.array(running_var, dtype=float)
    mean = new_mean.copy()
    var = new_var.copy()
    if training:
        for j in range(d):
            mean[j] = sum(x[:, j]) / n
            var[j] = sum((x[:, j] - mean[j]) ** 2) / n
            new_mean[j] = (1 - momentum) * running_mean[j] + momentum * mean[j]
            new_var[j] = (1 - momentum) * running_var[j] + momentum * var[j] * n / (n - 1)

    centered = x - mean
    std = np.sqrt(var + eps)
    out = gamma * (centered / std) + beta
    cache = {"centered": centered, "std": std, "gamma": gamma.copy(), "training": training}
    return Forward(out, cache, new_mean, new_var)


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    centered, std, gamma = cache["centered"], cache["std"], cache["gamma"]
    n = len(grad_out)

    grad_beta = grad_out.sum(axis=0)
    grad_gamma = (grad_out * centered / std).sum(axis=0)
    grad_x_hat = grad_out * gamma
    grad_x = grad_x_hat / std
    if cache["training"]:
        # chain rule through var, then through mean
        grad_var = (grad_x_hat * centered).sum(axis=0) * -0.5 / std**3
        grad_mean = -(grad_x_hat / std).sum(axis=0)  # d var / d mean is 0, as sum(centered) = 0
        grad_x = grad_x + grad_var * 2 * centered / n + grad_mean / n
    return Backward(grad_x, grad_gamma, grad_beta)
