# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- attention
"""Scaled dot-product attention.

The output of a query is a mean of the values, weighted by how well their keys match it:

    scores  = q k^T / sqrt(d_k)                      d_k: size of a query and of a key
    weights = softmax of each row of scores, over the permitted keys
    out     = weights v

A key that is not permitted has weight 0 and no part in the sum of the softmax. A query without any permitted key gets
zeros, in weights and in out.

Scores may be as large as 1e4, of either sign. No eps and no clipping: the weights follow the formula.

Source: Vaswani et al., Attention Is All You Need (2017), section 3.2.1.

Strict
------
- A weight as small as exp(-700) is right to nine digits.
- ValueError if q and k differ in d_k, k and v differ in n_keys, or mask does not broadcast to the shape of weights.
"""

from typing import NamedTuple

import numpy as np


class Attention(NamedTuple):
    """The output, of shape (..., n_queries, d_v), and the weights, of shape (..., n_queries, n_keys)."""

    out: np.ndarray
    weights: np.ndarray


def attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None) -> Attention:
    """Return the output and the weights of each query.

    Parameters
    ----------
    q : array of shape (..., n_queries, d_k)
        The leading axes, such as batch and heads, are the same for q, k and v. There may be none.
    k : array of shape (..., n_keys, d_k)
    v : array of shape (..., n_keys, d_v)
    mask : array of bool
        True where the query may attend to the key. It broadcasts to the shape of weights. None permits everything.

    Examples
    --------
    The dot products are 2 log(3) and 0, the scores log(3) and 0.

    >>> q = np.array([[2 * np.log(3), 0.0, 0.0, 0.0]])
    >>> k = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    >>> v = np.array([[4.0], [8.0]])
    >>> attention(q, k, v)
    Attention(out=array([[5.]]), weights=array([[0.75, 0.25]]))
    >>> attention(q, k, v, np.array([[False, True]])).out
    array([[8.]])
    """
    raise NotImplementedError


def causal_mask(n: int) -> np.ndarray:
    """Return the mask of shape (n, n) with which token i attends to the tokens 0 to i.

    Examples
    --------
    >>> causal_mask(3)
    array([[ True, False, False],
           [ True,  True, False],
           [ True,  True,  True]])
    """
    raise NotImplementedError
