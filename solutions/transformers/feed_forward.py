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
    z = x @ w1 + b1
    return Forward(z * _normal_cdf(z) @ w2 + b2, (x, z, w1, w2))


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
    x, z, w1, w2 = cache
    cdf = _normal_cdf(z)
    slope = cdf + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    grad_z = grad_out @ w2.T * slope
    return FeedForwardGradients(
        grad_z @ w1.T,
        _rows(x).T @ _rows(grad_z),
        _rows(grad_z).sum(axis=0),
        _rows(z * cdf).T @ _rows(grad_out),
        _rows(grad_out).sum(axis=0),
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
    gate, up = x @ w_gate, x @ w_up
    return Forward(gate * _sigmoid(gate) * up @ w_down, (x, gate, up, w_gate, w_up, w_down))


def swiglu_backward(grad_out: np.ndarray, cache: object) -> SwigluGradients:
    """Return the gradients of the loss, from grad_out and a cache of swiglu.

    Examples
    --------
    >>> step = swiglu(np.array([[1.0, 1.0]]), np.array([[2.0], [-2.0]]), np.ones((2, 1)), np.array([[3.0, 0.0]]))
    >>> grads = swiglu_backward(np.array([[2.0, 5.0]]), step.cache)
    >>> grads.grad_x, grads.grad_w_gate.ravel()
    (array([[ 12., -12.]]), array([6., 6.]))
    """
    x, gate, up, w_gate, w_up, w_down = cache
    sigmoid = _sigmoid(gate)
    opened = gate * sigmoid
    grad_hidden = grad_out @ w_down.T
    grad_up = grad_hidden * opened
    grad_gate = grad_hidden * up * (sigmoid + opened * (1 - sigmoid))
    return SwigluGradients(
        grad_gate @ w_gate.T + grad_up @ w_up.T,
        _rows(x).T @ _rows(grad_gate),
        _rows(x).T @ _rows(grad_up),
        _rows(opened * up).T @ _rows(grad_out),
    )


def _normal_cdf(z: np.ndarray) -> np.ndarray:
    # Far below 0 erf is -1, and 1 + erf would be 0. The complement keeps its digits there.
    return np.vectorize(math.erfc)(-z / math.sqrt(2)) / 2


def _sigmoid(z: np.ndarray) -> np.ndarray:
    # exp(z) / (1 + exp(z)) below 0, and 1 / (1 + exp(-z)) above: no exponential overflows.
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def _rows(array: np.ndarray) -> np.ndarray:
    """One row for each token: the gradients of the weights are sums over all of them."""
    return array.reshape(-1, array.shape[-1])


def feed_forward_via_units(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray) -> Forward:
    """Add up what the hidden units write: none needs anything of another one, so each could be on its own machine."""
    z, out = np.empty((*x.shape[:-1], len(b1))), np.zeros(x.shape) + b2
    for unit, (read, offset, write) in enumerate(zip(w1.T, b1, w2, strict=True)):
        z[..., unit] = np.einsum("...i,i->...", x, read) + offset
        hidden = 0.5 * z[..., unit] * np.vectorize(math.erfc)(z[..., unit] * -(0.5**0.5))
        out += np.multiply.outer(hidden, write)
    return Forward(out, (x, z, w1, w2))


def feed_forward_via_loop(x: np.ndarray, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: np.ndarray) -> Forward:
    """Take one token and one hidden unit after the other, in plain Python."""
    z, out = np.empty((*x.shape[:-1], len(b1))), np.empty(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        total = b2.astype(float)
        for unit, row in enumerate(w2):
            score = sum(map(float.__mul__, x[place].astype(float), w1[:, unit].astype(float))) + b1[unit]
            z[(*place, unit)] = score
            total += score * math.erfc(-score / 2**0.5) / 2 * row
        out[place] = total
    return Forward(out, (x, z, w1, w2))


def feed_forward_backward_via_loop(grad_out: np.ndarray, cache: object) -> FeedForwardGradients:
    """Go through the tokens, and add up what each contributes."""
    x, z, w1, w2 = cache
    grad_x = np.empty(x.shape)
    grad_w1, grad_w2 = np.zeros(w1.shape), np.zeros(w2.shape)
    grad_b1, grad_b2 = np.zeros(w1.shape[1]), np.zeros(w2.shape[1])
    for place in np.ndindex(x.shape[:-1]):
        cdf = [math.erfc(-score / 2**0.5) / 2 for score in z[place]]
        density = [math.exp(-score * score / 2) / math.tau**0.5 for score in z[place]]
        grad_z = w2 @ grad_out[place] * (cdf + z[place] * density)
        grad_x[place] = w1 @ grad_z
        grad_w1 += np.multiply.outer(x[place], grad_z)
        grad_b1 += grad_z
        grad_w2 += np.multiply.outer(cdf * z[place], grad_out[place])
        grad_b2 += grad_out[place]
    return FeedForwardGradients(grad_x, grad_w1, grad_b1, grad_w2, grad_b2)


def feed_forward_backward_via_bias_column(grad_out: np.ndarray, cache: object) -> FeedForwardGradients:
    """Treat each bias as a row of its matrix, whose input is 1."""
    x, z, w1, w2 = cache
    ones = np.ones((*x.shape[:-1], 1))
    cdf = np.vectorize(math.erfc)(-z / 2**0.5) / 2
    # gelu is z Phi(z): the product rule, with the normal density as the slope of Phi.
    slope = cdf + z * np.exp(-0.5 * (z**2 + math.log(math.tau)))
    grad_z = np.einsum("ho,...o->...h", w2, grad_out) * slope
    axes = list(range(x.ndim - 1))
    first = np.tensordot(np.concatenate([x, ones], axis=-1), grad_z, axes=(axes, axes))
    second = np.tensordot(np.concatenate([z * cdf, ones], axis=-1), grad_out, axes=(axes, axes))
    return FeedForwardGradients(np.inner(grad_z, w1), first[:-1], first[-1], second[:-1], second[-1])


def swiglu_via_one_product(x: np.ndarray, w_gate: np.ndarray, w_up: np.ndarray, w_down: np.ndarray) -> Forward:
    """Lay w_gate and w_up side by side, so that the tokens are read once."""
    gate, up = np.split(x @ np.hstack([w_gate, w_up]), 2, axis=-1)
    hidden = gate * up * np.exp(-np.logaddexp(0, -gate))
    return Forward(hidden @ w_down, (x, gate, up, w_gate, w_up, w_down))


def swiglu_via_units(x: np.ndarray, w_gate: np.ndarray, w_up: np.ndarray, w_down: np.ndarray) -> Forward:
    """Add up what each hidden unit writes: a direction, times its gate and its value."""
    gate, up, out = np.empty((*x.shape[:-1], len(w_down))), np.empty((*x.shape[:-1], len(w_down))), np.zeros(x.shape)
    for unit, write in enumerate(w_down):
        gate[..., unit], up[..., unit] = np.dot(x, w_gate[:, unit]), np.dot(x, w_up[:, unit])
        value = gate[..., unit] * up[..., unit]
        with np.errstate(over="ignore"):
            out += (value / (1 + np.exp(-gate[..., unit])))[..., np.newaxis] * write
    return Forward(out, (x, gate, up, w_gate, w_up, w_down))


def swiglu_backward_via_one_product(grad_out: np.ndarray, cache: object) -> SwigluGradients:
    """Treat gate and up as the two halves of one vector, with one matrix."""
    x, gate, up, w_gate, w_up, w_down = cache
    sigmoid = np.exp(-np.logaddexp(0, -gate))
    silu = gate * sigmoid
    grad_both = np.concatenate([up * (silu + sigmoid * (1 - silu)), silu], axis=-1)
    grad_both *= np.tile(np.inner(grad_out, w_down), 2)
    axes = list(range(x.ndim - 1))
    grad_w = np.tensordot(x, grad_both, axes=(axes, axes))
    grad_w_down = np.tensordot(silu * up, grad_out, axes=(axes, axes))
    return SwigluGradients(grad_both @ np.hstack([w_gate, w_up]).T, *np.split(grad_w, 2, axis=1), grad_w_down)


def swiglu_backward_via_loop(grad_out: np.ndarray, cache: object) -> SwigluGradients:
    """Go through tokens and hidden units, and add up what each contributes."""
    x, gates, ups, *weights = cache
    w_gate, w_up, w_down = weights
    grad_x = np.zeros(x.shape)
    grad_gate, grad_up, grad_down = (np.zeros(w.shape) for w in weights)
    for (*place, unit), gate in np.ndenumerate(gates):
        token, grad = x[tuple(place)], grad_out[tuple(place)]
        up = ups[(*place, unit)]
        sigmoid = math.exp(-max(-gate, 0.0)) / (1 + math.exp(-abs(gate)))
        passed = w_down[unit] @ grad
        to_gate, to_up = passed * up * sigmoid * (1 + gate * (1 - sigmoid)), passed * gate * sigmoid
        grad_x[tuple(place)] += to_gate * w_gate[:, unit] + to_up * w_up[:, unit]
        grad_gate[:, unit] += to_gate * token
        grad_up[:, unit] += to_up * token
        grad_down[unit] += gate * sigmoid * up * grad
    return SwigluGradients(grad_x, grad_gate, grad_up, grad_down)
