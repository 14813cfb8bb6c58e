# different style; both bars
# One token and one number at a time. The cache is a function that knows the call's own copies of the arrays.
# Phi by erfc, and by the asymptotic series of z Phi(z) where erfc runs out of digits; silu by exp(z) below 0.
import math
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class FeedForwardGradients(NamedTuple):
    grad_x: np.ndarray
    grad_w1: np.ndarray
    grad_b1: np.ndarray
    grad_w2: np.ndarray
    grad_b2: np.ndarray


class SwigluGradients(NamedTuple):
    grad_x: np.ndarray
    grad_w_gate: np.ndarray
    grad_w_up: np.ndarray
    grad_w_down: np.ndarray


def _gelu(z):
    """gelu(z) and its slope Phi(z) + z phi(z)."""
    phi = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    if z > -20.0:
        big_phi = 0.5 * math.erfc(-z / math.sqrt(2.0))
        return z * big_phi, big_phi + z * phi
    # z Phi(z) = -phi(z) (1 - 1/z^2 + 3/z^4 - 15/z^6 ...)
    term = series = 1.0
    for odd in range(1, 17, 2):
        term *= -odd / (z * z)
        series += term
    return -phi * series, phi * (z - series / z)


def _silu(z):
    """silu(z) and its slope."""
    if z >= 0.0:
        e = math.exp(-z)
        return z / (1.0 + e), (1.0 + e * (1.0 + z)) / (1.0 + e) ** 2
    half = math.exp(0.5 * z)  # exp(z) in two halves: not subnormal before the last product
    e = half * half
    return z * half / (1.0 + e) * half, (1.0 + e + z) * half / (1.0 + e) ** 2 * half


def _each(function, z):
    pairs = [function(value) for value in z.tolist()]
    return np.array([p[0] for p in pairs], dtype=float), np.array([p[1] for p in pairs], dtype=float)


def _own(*arrays):
    return [np.array(a, dtype=np.float64) for a in arrays]


def feed_forward(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray) -> Forward:
    x, w1, b1, w2, b2 = _own(x, w1, b1, w2, b2)
    out, kept = np.empty(x.shape), {}
    for at in np.ndindex(*x.shape[:-1]):
        value, slope = _each(_gelu, x[at] @ w1 + b1)
        out[at] = value @ w2 + b2
        kept[at] = value, slope

    def backward(grad_out):
        grads = FeedForwardGradients(*(np.zeros(a.shape) for a in (x, w1, b1, w2, b2)))
        for at, (value, slope) in kept.items():
            g = grad_out[at]
            g_hidden = (w2 @ g) * slope
            grads.grad_x[at] = w1 @ g_hidden
            grads.grad_w1[...] += np.multiply.outer(x[at], g_hidden)
            grads.grad_b1[...] += g_hidden
            grads.grad_w2[...] += np.multiply.outer(value, g)
            grads.grad_b2[...] += g
        return grads

    return Forward(out, backward)


def feed_forward_backward(grad_out: np.ndarray, cache: object) -> FeedForwardGradients:
    return cache(np.asarray(grad_out).astype(np.float64))


def swiglu(x: np.ndarray, w_gate: np.ndarray, w_up: np.ndarray, w_down: np.ndarray) -> Forward:
    x, w_gate, w_up, w_down = _own(x, w_gate, w_up, w_down)
    out, kept = np.empty(x.shape), {}
    for at in np.ndindex(*x.shape[:-1]):
        up = x[at] @ w_up
        value, slope = _each(_silu, x[at] @ w_gate)
        out[at] = (value * up) @ w_down
        kept[at] = up, value, slope

    def backward(grad_out):
        grads = SwigluGradients(*(np.zeros(a.shape) for a in (x, w_gate, w_up, w_down)))
        for at, (up, value, slope) in kept.items():
            g = grad_out[at]
            g_product = w_down @ g
            g_gate, g_up = g_product * up * slope, g_product * value
            grads.grad_x[at] = w_gate @ g_gate + w_up @ g_up
            grads.grad_w_gate[...] += np.multiply.outer(x[at], g_gate)
            grads.grad_w_up[...] += np.multiply.outer(x[at], g_up)
            grads.grad_w_down[...] += np.multiply.outer(value * up, g)
        return grads

    return Forward(out, backward)


def swiglu_backward(grad_out: np.ndarray, cache: object) -> SwigluGradients:
    return cache(np.asarray(grad_out).astype(np.float64))
