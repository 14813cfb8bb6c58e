# wrong (core): a negative_slope of 0 is taken as "not given" and becomes 0.01
import math
from typing import NamedTuple

import numpy as np

NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "gelu_tanh", "silu")


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


def _sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def _normal_cdf(x):
    flat = [math.erfc(-v / math.sqrt(2)) / 2 for v in x.ravel().tolist()]
    return np.array(flat, dtype=float).reshape(x.shape)


def activation_forward(x, name, negative_slope=0.01):
    if name not in NAMES:
        raise ValueError("unknown activation")
    x = np.array(x, dtype=float)
    negative_slope = negative_slope or 0.01
    if name == "sigmoid":
        out = _sigmoid(x)
        slope = out * _sigmoid(-x)
    elif name == "tanh":
        out = np.tanh(x)
        slope = 1 - out**2
    elif name == "relu":
        out = np.maximum(x, 0.0)
        slope = (x > 0).astype(float)
    elif name == "leaky_relu":
        out = np.where(x > 0, x, negative_slope * x)
        slope = np.where(x > 0, 1.0, negative_slope)
    elif name == "gelu":
        cdf = _normal_cdf(x)
        out = x * cdf
        slope = cdf + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    elif name == "gelu_tanh":
        c = math.sqrt(2 / math.pi)
        t = np.tanh(c * (x + 0.044715 * x**3))
        out = x * (1 + t) / 2
        slope = (1 + t) / 2 + x * (1 - t**2) / 2 * c * (1 + 3 * 0.044715 * x**2)
    else:
        s = _sigmoid(x)
        out = x * s
        slope = s + out * _sigmoid(-x)
    return Forward(out, slope)


def activation_backward(grad_out, cache):
    return np.asarray(grad_out, dtype=float) * cache
