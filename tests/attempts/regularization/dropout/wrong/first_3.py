# wrong (core): training with p = 1: cache is that of inference, so backward passes the gradient through
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError("p must be from 0 to 1")
    x = np.asarray(x)
    x = x.astype(np.result_type(x.dtype, np.float64) if x.dtype.kind != "f" else x.dtype)
    if not training:
        return Forward(x, None)
    if p == 1:
        return Forward(np.zeros_like(x), None)
    keep = rng.random(x.shape) >= p
    return Forward(np.where(keep, x / (1 - p), 0.0), (keep, 1 - p))


def dropout_backward(grad_out, cache):
    grad = np.array(grad_out)
    if grad.dtype.kind != "f":
        grad = grad.astype(float)
    if cache is None:
        return grad
    keep, q = cache
    return np.where(keep, grad / q, 0.0)
