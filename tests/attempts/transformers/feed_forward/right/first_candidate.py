# candidate, par time, from the stub alone
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


erf = np.vectorize(math.erf, otypes=[float])


def cdf(z):
    return (1 + erf(z / np.sqrt(2))) / 2


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def rows(a):
    return a.reshape(-1, a.shape[-1])


def feed_forward(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray) -> Forward:
    z = x @ w1 + b1
    h = z * cdf(z)
    return Forward(h @ w2 + b2, (x, w1, w2, z, h))


def feed_forward_backward(grad_out: np.ndarray, cache: object) -> FeedForwardGradients:
    x, w1, w2, z, h = cache
    grad_h = grad_out @ w2.T
    pdf = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    grad_z = grad_h * (cdf(z) + z * pdf)
    return FeedForwardGradients(
        grad_z @ w1.T,
        rows(x).T @ rows(grad_z),
        rows(grad_z).sum(axis=0),
        rows(h).T @ rows(grad_out),
        rows(grad_out).sum(axis=0),
    )


def swiglu(x: np.ndarray, w_gate: np.ndarray, w_up: np.ndarray, w_down: np.ndarray) -> Forward:
    gate, up = x @ w_gate, x @ w_up
    out = (gate * sigmoid(gate) * up) @ w_down
    return Forward(out, (x, w_gate, w_up, w_down, gate, up))


def swiglu_backward(grad_out: np.ndarray, cache: object) -> SwigluGradients:
    x, w_gate, w_up, w_down, gate, up = cache
    s = sigmoid(gate)
    silu = gate * s
    grad_h = grad_out @ w_down.T
    grad_up = grad_h * silu
    grad_gate = grad_h * up * (s + gate * s * (1 - s))
    return SwigluGradients(
        grad_gate @ w_gate.T + grad_up @ w_up.T,
        rows(x).T @ rows(grad_gate),
        rows(x).T @ rows(grad_up),
        rows(silu * up).T @ rows(grad_out),
    )
