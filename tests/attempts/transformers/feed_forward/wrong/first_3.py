# wrong (core): erf is interpolated linearly in a table of step 0.01, off by up to 1e-5
"""The feed-forward layers of a transformer, GELU and SwiGLU, forward and backward.

Each token goes through the same linear maps, with a nonlinearity between them:

    feed_forward:  out = gelu(x w1 + b1) w2 + b2
    swiglu:        out = (silu(x w_gate) * (x w_up)) w_down         * is elementwise

    gelu(z) = z Phi(z),   Phi(z) = (1 + erf(z / sqrt(2))) / 2       exact, no tanh approximation
    silu(z) = z / (1 + exp(-z))

NumPy has no erf; math.erf takes one number. z may be from -1e4 to 1e4.

Source: Hendrycks and Gimpel, Gaussian Error Linear Units (2016), section 2; Shazeer, GLU Variants Improve Transformer
(2020), section 2.

Strict
------
- Far below 0, gelu and silu are right to nine digits.
"""

import math
from typing import NamedTuple

import numpy as np


_GRID = np.linspace(-6, 6, 1201)
_ERF = np.array([math.erf(v) for v in _GRID])


def _cdf(z):
    """Standard normal distribution function."""
    return (1 + np.interp(z / math.sqrt(2), _GRID, _ERF)) / 2


def _sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1 + e)


def _rows(a):
    return a.reshape(-1, a.shape[-1])


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
    x, w1, b1, w2, b2 = (np.array(a, dtype=float) for a in (x, w1, b1, w2, b2))
    z = x @ w1 + b1
    phi = _cdf(z)
    h = z * phi
    cache = {"x": x, "w1": w1, "w2": w2, "z": z, "cdf": phi, "h": h}
    return Forward(h @ w2 + b2, cache)


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
    c = cache
    g = np.asarray(grad_out, dtype=float)
    x, z = c["x"], c["z"]
    slope = c["cdf"] + z * np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    grad_z = (g @ c["w2"].T) * slope
    grad_x = grad_z @ c["w1"].T
    return FeedForwardGradients(
        grad_x,
        _rows(x).T @ _rows(grad_z),
        _rows(grad_z).sum(axis=0),
        _rows(c["h"]).T @ _rows(g),
        _rows(g).sum(axis=0),
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
    x, w_gate, w_up, w_down = (np.array(a, dtype=float) for a in (x, w_gate, w_up, w_down))
    z = x @ w_gate
    up = x @ w_up
    sig = _sigmoid(z)
    act = z * sig
    cache = {"x": x, "w_gate": w_gate, "w_up": w_up, "w_down": w_down, "z": z, "up": up, "sig": sig, "act": act}
    return Forward((act * up) @ w_down, cache)


def swiglu_backward(grad_out: np.ndarray, cache: object) -> SwigluGradients:
    """Return the gradients of the loss, from grad_out and a cache of swiglu.

    Examples
    --------
    >>> step = swiglu(np.array([[1.0, 1.0]]), np.array([[2.0], [-2.0]]), np.ones((2, 1)), np.array([[3.0, 0.0]]))
    >>> grads = swiglu_backward(np.array([[2.0, 5.0]]), step.cache)
    >>> grads.grad_x, grads.grad_w_gate.ravel()
    (array([[ 12., -12.]]), array([6., 6.]))
    """
    c = cache
    g = np.asarray(grad_out, dtype=float)
    x, z, up, sig, act = c["x"], c["z"], c["up"], c["sig"], c["act"]
    grad_h = g @ c["w_down"].T
    grad_up = grad_h * act
    slope = sig * (1 + z * (1 - sig))
    grad_z = grad_h * up
    grad_z = grad_z * slope
    return SwigluGradients(
        grad_z @ c["w_gate"].T + grad_up @ c["w_up"].T,
        _rows(x).T @ _rows(grad_z),
        _rows(x).T @ _rows(grad_up),
        _rows(act * up).T @ _rows(g),
    )
