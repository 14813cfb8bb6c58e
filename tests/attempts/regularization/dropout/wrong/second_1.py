# wrong (core): always drops exactly round(p * size) elements, at random places: they are not independent
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

_masks: dict = {}


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
    if not 0 <= p <= 1:
        raise ValueError("p has to be from 0 to 1")
    x = np.array(x, float)
    if not training:
        return Forward(x, (None, 1.0))
    if p == 1:
        return Forward(np.zeros_like(x), (np.zeros(x.shape, bool), 1.0))
    keep = np.ones(x.size, bool)
    keep[rng.permutation(x.size)[: round(p * x.size)]] = False
    keep = keep.reshape(x.shape)
    return Forward(np.where(keep, x / (1 - p), 0.0), (keep, 1 - p))


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
    keep, scale = cache
    grad = np.array(grad_out, float)
    if keep is None:
        return grad
    return np.where(keep, grad / scale, 0.0)
