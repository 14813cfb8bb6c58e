# different style; both bars
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


def _moments(rows):
    """Number, mean and sum of squared deviations of some rows: those of two halves are merged (Chan et al.)."""
    n = len(rows)
    if n == 1:
        return 1, rows[0], np.zeros_like(rows[0])
    n_a, mean_a, m2_a = _moments(rows[: n // 2])
    n_b, mean_b, m2_b = _moments(rows[n // 2 :])
    delta = mean_b - mean_a
    return n, mean_a + delta * (n_b / n), m2_a + m2_b + delta * delta * (n_a * n_b / n)


class _Node:
    """The intermediate values of one forward pass, for a step-by-step reverse pass."""

    def __init__(self, **values):
        self.__dict__.update(values)


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
        np.array(a, dtype=np.float64) for a in (x, gamma, beta, running_mean, running_var)
    )
    n = len(x)
    if training:
        if n < 2:
            raise ValueError("a batch of at least two is needed")
        anchor = x[0]
        _, offset, m2 = _moments(x - anchor)
        centred = (x - anchor) - offset
        var = m2 / n
        running_mean = running_mean + momentum * ((anchor + offset) - running_mean)
        running_var = running_var + momentum * (m2 / (n - 1) - running_var)
    else:
        centred = x - running_mean
        var = running_var.copy()
    shifted = var + eps
    std = np.sqrt(shifted)
    hat = centred / std
    out = gamma * hat + beta
    node = _Node(n=n, training=training, centred=centred, shifted=shifted, std=std, hat=hat, gamma=gamma)
    return Forward(out, node, running_mean, running_var)


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    node = cache
    d_out = np.array(grad_out, dtype=np.float64)
    d_beta = np.einsum("ij->j", d_out)
    d_gamma = np.einsum("ij,ij->j", d_out, node.hat)
    d_hat = d_out * node.gamma
    d_centred = d_hat / node.std
    if not node.training:
        return Backward(d_centred, d_gamma, d_beta)
    # The chain in section 3 of the paper: through 1/std, var, and then the mean.
    d_std = -np.einsum("ij,ij->j", d_hat, node.hat) / node.std
    d_var = d_std / (2 * node.std)
    d_centred = d_centred + (2.0 / node.n) * d_var * node.centred
    d_mean = -np.einsum("ij->j", d_centred)
    return Backward(d_centred + d_mean / node.n, d_gamma, d_beta)
