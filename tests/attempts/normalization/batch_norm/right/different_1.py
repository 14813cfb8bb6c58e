# different style; both bars
import math
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


def _root_inverse(v):
    return 1.0 / math.sqrt(v) if v > 0 else math.nan


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
    x = np.asarray(x)
    n, n_features = x.shape
    if training and n < 2:
        raise ValueError("training needs two samples")
    columns = [[float(v) for v in x[:, j]] for j in range(n_features)]
    g, b, old_mean, old_var = ([float(v) for v in a] for a in (gamma, beta, running_mean, running_var))
    new_mean, new_var, hats, slopes = list(old_mean), list(old_var), [], []
    for j, column in enumerate(columns):
        if training:
            origin = column[0]
            moved = [v - origin for v in column]
            shift = math.fsum(moved) / n
            moved = [v - shift for v in moved]
            var = math.fsum(v * v for v in moved) / n
            new_mean[j] = (1 - momentum) * old_mean[j] + momentum * (origin + shift)
            new_var[j] = (1 - momentum) * old_var[j] + momentum * var * n / (n - 1)
        else:
            moved = [v - old_mean[j] for v in column]
            var = old_var[j]
        slope = _root_inverse(var + eps)
        slopes.append(slope)
        hats.append([v * slope for v in moved])
    out = np.empty((n, n_features))
    for j in range(n_features):
        for i in range(n):
            out[i, j] = g[j] * hats[j][i] + b[j]

    def backward(grad_out):
        grad_out = np.asarray(grad_out)
        grad_x = np.empty((n, n_features))
        grad_gamma, grad_beta = [], []
        for j, hat in enumerate(hats):
            flow = [float(v) for v in grad_out[:, j]]
            total = math.fsum(flow)
            along = math.fsum(f * h for f, h in zip(flow, hat))
            grad_beta.append(total)
            grad_gamma.append(along)
            for i in range(n):
                inner = flow[i] - (total + hat[i] * along) / n if training else flow[i]
                grad_x[i, j] = g[j] * slopes[j] * inner
        return Backward(grad_x, np.array(grad_gamma, dtype=float), np.array(grad_beta, dtype=float))

    return Forward(out, backward, np.array(new_mean, dtype=float), np.array(new_var, dtype=float))


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    return cache(grad_out)
