# wrong (core): the slope of gelu is set to 0 or 1 where |z| > 4, where the curve is taken to be straight
"""The feed-forward layers of a transformer, GELU and SwiGLU, forward and backward.

Each token goes through the same linear maps, with a nonlinearity between them:

    feed_forward:  out = gelu(x w1 + b1) w2 + b2
    swiglu:        out = (silu(x w_gate) * (x w_up)) w_down         * is elementwise

    gelu(z) = z Phi(z),   Phi(z) = (1 + erf(z / sqrt(2))) / 2       exact, no tanh approximation
    silu(z) = z / (1 + exp(-z))

NumPy has no erf; math.erf takes one number. z may be as large as 1e4.

Source: Hendrycks and Gimpel, Gaussian Error Linear Units (2016), section 2; Shazeer, GLU Variants Improve Transformer
(2020), section 2.

Strict
------
- Far below 0, gelu and silu are right to nine digits.
"""

from typing import NamedTuple

import numpy as np
import math


class Forward(NamedTuple):
    """The output, in the shape of x, and what backward needs of this call in any form."""

    out: np.ndarray
    cache: object


class FeedForwardGradients(NamedTuple):
    """The gradients, each in the shape of its array."""

    grad_x: np.ndarray
    grad_w1: np.ndarray
    grad_b1: np.ndarray
    grad_w2: np.ndarray
    grad_b2: np.ndarray


class SwigluGradients(NamedTuple):
    """The gradients, each in the shape of its array."""

    grad_x: np.ndarray
    grad_w_gate: np.ndarray
    grad_w_up: np.ndarray
    grad_w_down: np.ndarray


def feed_forward(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray) -> Forward:
    """Apply the layer with GELU.

    Parameters
    ----------
    x : array of shape (..., d_model)
        Any number of leading axes, or none.
    w1 : array of shape (d_model, d_ff)
    b1 : array of shape (d_ff,)
    w2 : array of shape (d_ff, d_model)
    b2 : array of shape (d_model,)

    Examples
    --------
    >>> w1, b1, w2, b2 = np.array([[1.0, -1.0]]), np.array([0.0, 2.0]), np.array([[1.0], [5.0]]), np.array([0.5])
    >>> feed_forward(np.array([[2.0]]), w1, b1, w2, b2).out.round(4)  # gelu(2) + 5 gelu(0) + 0.5
    array([[2.4545]])
    """
    x, w1, b1, w2, b2 = (np.asarray(a, dtype=float) for a in (x, w1, b1, w2, b2))
    z = x @ w1 + b1
    hidden = z * _phi(z)
    return Forward(hidden @ w2 + b2, (x, w1, w2, z, hidden))


def feed_forward_backward(grad_out: np.ndarray, cache: object) -> FeedForwardGradients:
    """Return the gradients of the loss.

    Parameters
    ----------
    grad_out : array of the shape of x
        The gradient with respect to out.
    cache : object
        From any earlier call of feed_forward. A second backward with the same cache gives the same.

    Examples
    --------
    >>> w1, b1, w2, b2 = np.array([[1.0, -1.0]]), np.array([-2.0, 2.0]), np.array([[1.0], [4.0]]), np.array([0.0])
    >>> grads = feed_forward_backward(np.array([[1.0]]), feed_forward(np.array([[2.0]]), w1, b1, w2, b2).cache)
    >>> grads.grad_x, grads.grad_b1
    (array([[-1.5]]), array([0.5, 2. ]))
    """
    x, w1, w2, z, hidden = cache
    grad_out = np.asarray(grad_out, dtype=float)
    grad_z = (grad_out @ w2.T) * _gelu_slope(z)
    return FeedForwardGradients(
        grad_z @ w1.T,
        _flat(x).T @ _flat(grad_z),
        _flat(grad_z).sum(axis=0),
        _flat(hidden).T @ _flat(grad_out),
        _flat(grad_out).sum(axis=0),
    )


def swiglu(x: np.ndarray, w_gate: np.ndarray, w_up: np.ndarray, w_down: np.ndarray) -> Forward:
    """Apply the gated layer.

    Parameters
    ----------
    x : array of shape (..., d_model)
    w_gate, w_up : arrays of shape (d_model, d_ff)
    w_down : array of shape (d_ff, d_model)

    Examples
    --------
    >>> swiglu(np.array([[np.log(3)]]), np.array([[1.0]]), np.array([[2.0]]), np.array([[1.0]])).out.round(4)
    array([[1.8104]])
    """
    x, w_gate, w_up, w_down = (np.asarray(a, dtype=float) for a in (x, w_gate, w_up, w_down))
    gate, up = x @ w_gate, x @ w_up
    return Forward((gate * _sigmoid(gate) * up) @ w_down, (x, w_gate, w_up, w_down, gate, up))


def swiglu_backward(grad_out: np.ndarray, cache: object) -> SwigluGradients:
    """Return the gradients of the loss, from grad_out and a cache of swiglu.

    Examples
    --------
    >>> step = swiglu(np.array([[1.0, 1.0]]), np.array([[2.0], [-2.0]]), np.ones((2, 1)), np.array([[3.0, 0.0]]))
    >>> grads = swiglu_backward(np.array([[2.0, 5.0]]), step.cache)
    >>> grads.grad_x, grads.grad_w_gate.ravel()
    (array([[ 12., -12.]]), array([6., 6.]))
    """
    x, w_gate, w_up, w_down, gate, up = cache
    grad_out = np.asarray(grad_out, dtype=float)
    silu = gate * _sigmoid(gate)
    grad_hidden = grad_out @ w_down.T
    grad_gate = grad_hidden * up * _silu_slope(gate)
    grad_up = grad_hidden * silu
    return SwigluGradients(
        grad_gate @ w_gate.T + grad_up @ w_up.T,
        _flat(x).T @ _flat(grad_gate),
        _flat(x).T @ _flat(grad_up),
        _flat(silu * up).T @ _flat(grad_out),
    )


def _phi(z):
    return np.array([math.erfc(-v / math.sqrt(2)) / 2 for v in z.ravel()]).reshape(z.shape)


def _gelu_slope(z):
    slope = _phi(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return np.where(np.abs(z) > 4, (z > 0) * 1.0, slope)


def _sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def _silu_slope(z):
    s = _sigmoid(z)
    return s + z * s * (1 - s)


def _flat(a):
    return a.reshape(-1, a.shape[-1])
