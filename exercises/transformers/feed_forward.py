# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- feed_forward
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

from typing import NamedTuple

import numpy as np


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


def swiglu_backward(grad_out: np.ndarray, cache: object) -> SwigluGradients:
    """Return the gradients of the loss, from grad_out and a cache of swiglu.

    Examples
    --------
    >>> step = swiglu(np.array([[1.0, 1.0]]), np.array([[2.0], [-2.0]]), np.ones((2, 1)), np.array([[3.0, 0.0]]))
    >>> grads = swiglu_backward(np.array([[2.0, 5.0]]), step.cache)
    >>> grads.grad_x, grads.grad_w_gate.ravel()
    (array([[ 12., -12.]]), array([6., 6.]))
    """
    raise NotImplementedError
