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
    x = x.astype(float)  # small integers would overflow in -x and x**3
    match name:
        case "sigmoid":
            out = _sigmoid(x)
        case "tanh":
            out = np.tanh(x)
        case "relu":
            out = np.maximum(x, 0)
        case "leaky_relu":
            out = np.where(x > 0, x, negative_slope * x)
        case "gelu":
            out = x * _normal_cdf(x)
        case "gelu_tanh":
            out = x * (1 + np.tanh(_ROOT * (x + 0.044715 * x**3))) / 2
        case "silu":
            out = x * _sigmoid(x)
        case _:
            raise ValueError(f"name is {name!r}; known are sigmoid, tanh, relu, leaky_relu, gelu, gelu_tanh and silu")
    return Forward(out, (x, name, negative_slope))


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
    x, name, negative_slope = cache
    match name:
        case "sigmoid":
            slope = _sigmoid(x) * _sigmoid(-x)
        case "tanh":
            slope = 1 - np.tanh(x) ** 2
        case "relu":
            slope = x > 0
        case "leaky_relu":
            slope = np.where(x > 0, 1.0, negative_slope)
        case "gelu":
            slope = _normal_cdf(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        case "gelu_tanh":
            # f is x times a gate. The slope of (1 + tanh u) / 2 is (1 - tanh(u)^2) / 2 times that of u.
            tanh = np.tanh(_ROOT * (x + 0.044715 * x**3))
            slope = (1 + tanh) / 2 + x * (1 - tanh**2) / 2 * _ROOT * (1 + 3 * 0.044715 * x**2)
        case "silu":
            slope = _sigmoid(x) * (1 + x * _sigmoid(-x))
    return grad_out * slope


_ROOT = math.sqrt(2 / math.pi)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    # exp(x) / (1 + exp(x)) below 0, and 1 / (1 + exp(-x)) above: no exponential overflows.
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def _normal_cdf(x: np.ndarray) -> np.ndarray:
    # Far below 0 erf is -1, and 1 + erf would be 0. The complement keeps its digits there.
    return np.vectorize(math.erfc)(-x / math.sqrt(2)) / 2


def activation_forward_via_gates(x: np.ndarray, name: str, negative_slope: float = 0.01) -> Forward:
    """See all but sigmoid and tanh as x times a gate; the gate of gelu_tanh is a sigmoid, too."""
    x, cube_root = x.astype(float), 0.044715 ** (1 / 3)
    # exp of a logarithm: -log(1 + exp(-z)) overflows on neither side.
    sigmoid = lambda z: np.exp(-np.logaddexp(0.0, -z))  # noqa: E731
    step = (1 + np.sign(x)) / 2
    gates = {
        "relu": lambda _: step,
        "leaky_relu": lambda _: negative_slope + (1 - negative_slope) * step,
        "gelu": lambda z: np.reshape([math.erfc(-v * 0.5**0.5) / 2 for v in z.ravel().tolist()], z.shape),
        "gelu_tanh": lambda z: sigmoid((8 / math.pi) ** 0.5 * (z + (cube_root * z) ** 3)),
        "silu": sigmoid,
    }
    if name == "sigmoid":
        out = sigmoid(x)
    elif name == "tanh":
        out = np.sign(x) * (2 * sigmoid(2 * np.abs(x)) - 1)
    elif name in gates:
        out = x * gates[name](x)
    else:
        raise ValueError(f"no activation is called {name}")
    return Forward(out, (x, name, negative_slope))


def activation_forward_via_loop(x: np.ndarray, name: str, negative_slope: float = 0.01) -> Forward:
    """Take one element at a time, in plain Python."""

    def sigmoid(z: float) -> float:
        return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))

    functions = {
        "sigmoid": sigmoid,
        "tanh": math.tanh,
        "relu": lambda z: z if z > 0 else 0.0,
        "leaky_relu": lambda z: max(z, negative_slope * z),
        "gelu": lambda z: z * math.erfc(-z / 2**0.5) / 2,
        "gelu_tanh": lambda z: z * sigmoid(2 * math.sqrt(2 / math.pi) * z * (1 + 0.044715 * z * z)),
        "silu": lambda z: z * sigmoid(z),
    }
    if name not in functions:
        raise ValueError(f"no activation is called {name}")
    out = [functions[name](z) for z in x.ravel().tolist()]
    return Forward(np.reshape(out, x.shape), (x.astype(float), name, negative_slope))


def activation_backward_via_product_rule(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Write f(x) as x times a gate: its slope is the gate plus x times the gate's own slope."""
    x, name, negative_slope = cache
    sigmoid = lambda z: np.exp(-np.logaddexp(0.0, -z))  # noqa: E731
    if name == "tanh":
        return 4 * sigmoid(2 * x) * sigmoid(-2 * x) * grad_out
    if name == "sigmoid":
        return grad_out * sigmoid(x) * sigmoid(-x)
    if name in ("relu", "leaky_relu"):
        low = negative_slope if name == "leaky_relu" else 0.0
        return grad_out * (low + (1 - low) * (x > 0))
    if name == "gelu":
        gate = np.reshape([math.erfc(-v * 0.5**0.5) / 2 for v in x.ravel().tolist()], x.shape)
        return grad_out * (gate + x * np.exp(-0.5 * (x**2 + math.log(math.tau))))
    # Both are sigmoids of some u: of x, or of a polynomial of x.
    u, slope_of_u = x, 1.0
    if name == "gelu_tanh":
        scale = (8 / math.pi) ** 0.5
        u, slope_of_u = scale * (x + 0.044715 * x**3), scale * (1 + 0.134145 * x**2)
    return grad_out * sigmoid(u) * (1 + x * sigmoid(-u) * slope_of_u)


def activation_backward_via_output(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Take the slope from the output where that is enough, element by element in plain Python."""
    x, name, negative_slope = cache
    out = activation_forward_via_loop(x, name, negative_slope).out

    def slope(z: float, y: float) -> float:
        if name in ("sigmoid", "tanh"):
            return y * (1 - y) if name == "sigmoid" else (1 - y) * (1 + y)
        if name in ("relu", "leaky_relu"):
            return 1.0 if y > 0 else negative_slope * (name == "leaky_relu")
        if name == "gelu":
            return math.erfc(-z / 2**0.5) / 2 + z * math.exp(-z * z / 2) / math.tau**0.5
        # What is left is z times a gate g, with the slope 1 - g of the gate's logarithm.
        gate = y / z if z else 0.5
        inner = 1.0 if name == "silu" else (8 / math.pi) ** 0.5 * (1 + 3 * 0.044715 * z**2)
        return gate + z * gate * (1 - gate) * inner

    slopes = [slope(z, y) for z, y in zip(x.ravel().tolist(), out.ravel().tolist(), strict=True)]
    return grad_out * np.reshape(slopes, x.shape)
