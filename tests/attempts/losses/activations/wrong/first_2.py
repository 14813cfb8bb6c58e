# wrong (core): factor 3 missing in the inner derivative of gelu_tanh
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- activations
"""Activation functions, forward and backward.

An activation f works on each element. Backward multiplies the incoming gradient by the slope f'(x):

    name          f(x)
    sigmoid       1 / (1 + exp(-x))
    tanh          tanh(x)
    relu          max(x, 0)
    leaky_relu    x if x > 0, else negative_slope * x
    gelu          x * (1 + erf(x / sqrt(2))) / 2
    gelu_tanh     x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2
    silu          x / (1 + exp(-x))

At x = 0 the slope of relu is 0, and that of leaky_relu is negative_slope. x may be as large as 1e4, of either sign.
NumPy has no erf; math.erf takes one number.

Source: Hendrycks and Gimpel, Gaussian Error Linear Units (2016), section 2; Maas et al., Rectifier Nonlinearities
Improve Neural Network Acoustic Models (2013), section 2.

Strict
------
- Far below 0, sigmoid, gelu and silu are right to nine digits.
"""

import math
from typing import NamedTuple

import numpy as np


NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "gelu_tanh", "silu")
C = math.sqrt(2.0 / math.pi)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def _normal_cdf(x: np.ndarray) -> np.ndarray:
    values = [math.erfc(-v / math.sqrt(2.0)) / 2.0 for v in x.ravel().tolist()]
    return np.array(values, dtype=np.float64).reshape(x.shape)


def _slope(x: np.ndarray, name: str, negative_slope: float) -> np.ndarray:
    if name == "sigmoid":
        return _sigmoid(x) * _sigmoid(-x)
    if name == "tanh":
        return 1.0 - np.tanh(x) ** 2
    if name == "relu":
        return np.where(x > 0, 1.0, 0.0)
    if name == "leaky_relu":
        return np.where(x > 0, 1.0, negative_slope)
    if name == "gelu":
        return _normal_cdf(x) + x * np.exp(-(x**2) / 2.0) / np.sqrt(2.0 * np.pi)
    if name == "gelu_tanh":
        u = C * (x + 0.044715 * x**3)
        s = _sigmoid(2.0 * u)
        return s + x * s * _sigmoid(-2.0 * u) * 2.0 * C * (1.0 + 0.044715 * x**2)
    s = _sigmoid(x)
    return s * (1.0 + x * _sigmoid(-x))


class Forward(NamedTuple):
    """The output, in the shape of x, and what backward needs of this call in any form."""

    out: np.ndarray
    cache: object


def activation_forward(x: np.ndarray, name: str, negative_slope: float = 0.01) -> Forward:
    """Apply an activation to each element.

    Parameters
    ----------
    x : array of any shape, of at least one axis
    name : str
        One of the seven names above. Another one raises ValueError.
    negative_slope : float
        From 0 to 1. Only leaky_relu uses it.

    Examples
    --------
    >>> activation_forward(np.array([-2.0, 0.0, 3.0]), "leaky_relu", 0.25).out
    array([-0.5,  0. ,  3. ])
    >>> [float(activation_forward(np.array([-1.0]), name).out[0].round(4)) for name in ("gelu", "gelu_tanh", "silu")]
    [-0.1587, -0.1588, -0.2689]
    """
    if name not in NAMES:
        raise ValueError(f"unknown activation: {name}")
    x = np.array(x, dtype=np.float64)
    if name == "sigmoid":
        out = _sigmoid(x)
    elif name == "tanh":
        out = np.tanh(x)
    elif name == "relu":
        out = np.maximum(x, 0.0)
    elif name == "leaky_relu":
        out = np.where(x > 0, x, negative_slope * x)
    elif name == "gelu":
        out = x * _normal_cdf(x)
    elif name == "gelu_tanh":
        out = x * _sigmoid(2.0 * C * (x + 0.044715 * x**3))
    else:
        out = x * _sigmoid(x)
    return Forward(out, _slope(x, name, negative_slope))


def activation_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Return the gradient of the loss with respect to x.

    Parameters
    ----------
    grad_out : array of the shape of x
        The gradient with respect to out.
    cache : object
        From any earlier call of activation_forward. A second backward with the same cache gives the same.

    Examples
    --------
    >>> activation_backward(np.array([8.0, 8.0]), activation_forward(np.array([0.0, np.log(3)]), "sigmoid").cache)
    array([2. , 1.5])
    >>> activation_backward(np.array([5.0, 5.0, 5.0]), activation_forward(np.array([-2.0, 0.0, 3.0]), "relu").cache)
    array([0., 0., 5.])
    """
    return np.asarray(grad_out) * cache
