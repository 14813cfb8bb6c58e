# candidate, par time, from the stub alone
import math
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def normal_cdf(x):
    return (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2


def activation_forward(x: np.ndarray, name: str, negative_slope: float = 0.01) -> Forward:
    if name == "sigmoid":
        out = sigmoid(x)
    elif name == "tanh":
        out = np.tanh(x)
    elif name == "relu":
        out = np.maximum(x, 0)
    elif name == "leaky_relu":
        out = np.where(x > 0, x, negative_slope * x)
    elif name == "gelu":
        out = x * normal_cdf(x)
    elif name == "gelu_tanh":
        out = x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    elif name == "silu":
        out = x * sigmoid(x)
    else:
        raise ValueError(f"unknown activation {name}")
    return Forward(out, (x, name, negative_slope))


def activation_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    x, name, negative_slope = cache
    if name == "sigmoid":
        s = sigmoid(x)
        slope = s * (1 - s)
    elif name == "tanh":
        slope = 1 - np.tanh(x) ** 2
    elif name == "relu":
        slope = (x > 0).astype(float)
    elif name == "leaky_relu":
        slope = np.where(x > 0, 1.0, negative_slope)
    elif name == "gelu":
        slope = normal_cdf(x) + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    elif name == "gelu_tanh":
        c = math.sqrt(2 / math.pi)
        t = np.tanh(c * (x + 0.044715 * x**3))
        slope = (1 + t) / 2 + x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2) / 2
    else:
        s = sigmoid(x)
        slope = s + x * s * (1 - s)
    return grad_out * slope
