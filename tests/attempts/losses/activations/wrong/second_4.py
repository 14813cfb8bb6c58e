# wrong (core): negative_slope is kept in module state, so backward of an earlier leaky_relu call uses the latest call's
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


def _each(fn, x):
    return np.array([fn(v) for v in x.ravel().tolist()], dtype=float).reshape(x.shape)


def _ncdf(x):
    return _each(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)), x)


C = math.sqrt(2 / math.pi)
_params = {}


def activation_forward(x, name, negative_slope=0.01):
    if name not in NAMES:
        raise ValueError(name)
    x = np.array(x, dtype=float)
    if name == "sigmoid":
        out = _sigmoid(x)
    elif name == "tanh":
        out = np.tanh(x)
    elif name == "relu":
        out = np.maximum(x, 0.0)
    elif name == "leaky_relu":
        _params["slope"] = negative_slope
        out = np.where(x > 0, x, negative_slope * x)
    elif name == "gelu":
        out = x * _ncdf(x)
    elif name == "gelu_tanh":
        out = x * (1 + np.tanh(C * (x + 0.044715 * x**3))) / 2
    else:
        out = x * _sigmoid(x)
    return Forward(out, (x.copy(), name))


def activation_backward(grad_out, cache):
    x, name = cache
    if name == "sigmoid":
        slope = _sigmoid(x) * _sigmoid(-x)
    elif name == "tanh":
        slope = 1 - np.tanh(x) ** 2
    elif name == "relu":
        slope = (x > 0).astype(float)
    elif name == "leaky_relu":
        slope = np.where(x > 0, 1.0, _params["slope"])
    elif name == "gelu":
        slope = _ncdf(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    elif name == "gelu_tanh":
        t = np.tanh(C * (x + 0.044715 * x**3))
        slope = (1 + t) / 2 + x * (1 - t * t) / 2 * C * (1 + 3 * 0.044715 * x**2)
    else:
        s = _sigmoid(x)
        slope = s + x * s * _sigmoid(-x)
    return np.asarray(grad_out, dtype=float) * slope
