"""Dropout, forward and backward.

In training each element of x is dropped with probability p, independently of all others. The ones that are kept are
scaled up ("inverted dropout"), so that the expected value of out is x:

    out = 0              if dropped
    out = x / (1 - p)    if kept

p = 1 drops everything: out is 0. In inference out is x, whatever p is.

The backward pass belongs to the same draw: it drops and scales the gradient at the same places. A dropped element has
the gradient 0.

Source: Srivastava et al., Dropout (2014). There p is the probability to keep; here, as in PyTorch, to drop.

Strict
------
- ValueError if p is not from 0 to 1, in inference as well.
- x and grad_out may be integers of any type, or empty.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, in the shape of x, and what backward needs of this call in any form."""

    out: np.ndarray
    cache: object


def dropout_forward(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> Forward:
    """Apply dropout to an array.

    Parameters
    ----------
    x : array of any shape
        Left as it is.
    p : float
        The probability to drop an element, from 0 to 1.
    training : bool
    rng : np.random.Generator
        The only source of randomness. Each call draws anew.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> out, cache = dropout_forward(np.full(10_000, 3.0), p=0.25, training=True, rng=rng)
    >>> np.unique(out)
    array([0., 4.])
    >>> bool(0.2 < np.mean(out == 0) < 0.3)
    True
    >>> dropout_forward(np.array([1.0, 2.0]), p=0.25, training=False, rng=rng).out
    array([1., 2.])
    """
    _check(p)
    scale = np.ones(x.shape)
    if training:
        scale = (rng.random(x.shape) >= p) / (1 - p if p < 1 else 1)
    return Forward(x * scale, scale)


def dropout_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Return the gradient of the loss with respect to x.

    Parameters
    ----------
    grad_out : array of the shape of x
        The gradient with respect to out. Left as it is.
    cache : object
        From any earlier call of dropout_forward. A second backward with the same cache gives the same.

    Examples
    --------
    A kept 0 has a gradient, too.

    >>> out, cache = dropout_forward(np.zeros(1000), p=0.25, training=True, rng=np.random.default_rng(0))
    >>> np.unique(dropout_backward(np.full(1000, 3.0), cache))
    array([0., 4.])
    """
    return grad_out * cache


def _check(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}; a probability is from 0 to 1")


def dropout_forward_via_choice(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> Forward:
    """Choose a factor for each element: 0 with probability p, or else what keeps the mean at 1."""
    _check(p)
    if not training:
        return Forward(x, np.ones(x.shape))
    if p == 1:
        return Forward(np.zeros(x.shape), np.zeros(x.shape))
    factors = rng.choice([0.0, 1 / (1 - p)], size=x.shape, p=[p, 1 - p])
    return Forward(factors * x, factors)


def dropout_forward_via_count(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> Forward:
    """Draw how many elements are kept, which is binomial, and then which ones."""
    _check(p)
    keep = 1 - p if training else 1.0
    kept = rng.permutation(x.size)[: rng.binomial(x.size, keep)]
    out, scale = np.zeros(x.size), np.zeros(x.size)
    out[kept] = x.ravel()[kept] / keep
    scale[kept] = np.ones(len(kept)) / keep
    return Forward(out.reshape(x.shape), scale.reshape(x.shape))


def dropout_forward_via_loop(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> Forward:
    """Go element by element."""
    _check(p)
    out, scale = np.zeros(x.shape), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        if not training:
            out[place], scale[place] = x[place], 1.0
        elif rng.random() < 1 - p:
            out[place], scale[place] = x[place] / (1 - p), 1 / (1 - p)
    return Forward(out, scale)


def dropout_backward_via_mask(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Copy the gradient where the element was kept, then scale all of it."""
    grad = np.zeros(grad_out.shape)
    grad[cache > 0] = grad_out[cache > 0]
    return grad * np.max(cache, initial=0.0)


def dropout_backward_via_jacobian(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Write out d out / d x in blocks of the last axis: it is diagonal. Then multiply."""
    rows, scales = np.atleast_2d(grad_out), np.atleast_2d(cache)
    grad = np.empty(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        grad[place] = rows[place] @ np.diag(scales[place])
    return grad.reshape(grad_out.shape)
