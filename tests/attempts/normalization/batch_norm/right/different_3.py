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
    data = np.asarray(x).astype(np.float64)
    scale, bias = np.asarray(gamma).astype(np.float64), np.asarray(beta).astype(np.float64)
    means, variances = np.asarray(running_mean).astype(np.float64), np.asarray(running_var).astype(np.float64)
    n, n_features = data.shape
    if not training:
        slope = (variances + eps) ** -0.5
        hat = (data - means) * slope
        cache = {"basis": None, "hat": hat.copy(), "slope": scale * slope}
        return Forward(hat * scale + bias, cache, means, variances)
    if n < 2:
        raise ValueError("n must be at least 2 in training")
    # Welford's walk over the rows, measured from the first one.
    drift, scatter = np.zeros(n_features), np.zeros(n_features)
    for seen, row in enumerate(data - data[0], start=1):
        step = row - drift
        drift += step / seen
        scatter += step * (row - drift)
    centre = data[0] + drift
    variance = scatter / n
    slope = 1.0 / np.sqrt(variance + eps)
    axis = (data - data[0]) - drift  # orthogonal to the column of ones
    hat = axis * slope
    # The Jacobian of hat is slope * (I - P), where P projects on the ones and, damped by eps, on the centred feature.
    damping = slope * slope / n
    cache = {"basis": (axis, damping), "hat": hat.copy(), "slope": scale * slope}
    return Forward(
        hat * scale + bias,
        cache,
        means * (1 - momentum) + momentum * centre,
        variances * (1 - momentum) + momentum * scatter / (n - 1),
    )


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    flow = np.asarray(grad_out).astype(np.float64)
    grad_gamma = np.array([math.fsum(pair) for pair in (flow * cache["hat"]).T], dtype=np.float64)
    grad_beta = np.array([math.fsum(column) for column in flow.T], dtype=np.float64)
    if cache["basis"] is not None:
        axis, damping = cache["basis"]
        flow = flow - grad_beta / len(flow)
        flow = flow - axis * (damping * np.einsum("nf,nf->f", axis, flow))
    return Backward(flow * cache["slope"], grad_gamma, grad_beta)
