# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- attention
"""Scaled dot-product attention.

Each query is compared with all keys, and gets a mean of the values that belong to them, weighted by how well they
match:

    scores  = q k' / sqrt(d_k)
    weights = softmax of scores over the keys that the query may attend to
    out     = weights v

where d_k is the size of a query and of a key, and the softmax of a row of scores s is

    weight_j = exp(s_j) / sum over the permitted keys i of exp(s_i)

A key that is not permitted has weight 0 and no part in the sum: it is as if it were not there. A query that may attend
to no key at all gets zeros, in weights and in out.

Compute the formulas so that they hold for scores as large as 10,000: no eps is added to them and nothing is clipped.

Source: Vaswani et al. (2017), Attention Is All You Need, section 3.2.1. A mask says what is permitted, and a query
without keys gets zeros, as in PyTorch's scaled_dot_product_attention.
"""

from typing import NamedTuple

import numpy as np


class Attention(NamedTuple):
    """What `attention` returns.

    `out` has shape (..., n_queries, d_v), and `weights` has shape (..., n_queries, n_keys).
    """

    out: np.ndarray
    weights: np.ndarray


def attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None) -> Attention:
    """Average the values, each query by weights of its own.

    Parameters
    ----------
    q : array of shape (..., n_queries, d_k)
        Any number of leading axes, such as batch and heads, or none. They are the same for q, k and v, and each entry
        is a problem of its own. There is at least one query and one key. All numbers in q, k and v are finite, and
        scores lie between -10,000 and 10,000.
    k : array of shape (..., n_keys, d_k)
    v : array of shape (..., n_keys, d_v)
    mask : array of booleans, of a shape that NumPy broadcasts to that of weights
        True where a query may attend to a key, so (n_queries, n_keys) if that is the same for all leading axes, and
        (batch, 1, 1, n_keys) if each sequence of a batch hides some of its keys from all heads and queries. None
        permits everything.

    Returns
    -------
    Attention
        out, weights.

    Raises
    ------
    ValueError
        If the last axes of q and k differ in size, if there are not as many values as keys, or if mask cannot be
        broadcast to the shape of weights. A mask with more axes than weights cannot.

    Examples
    --------
    A query and keys of size 4: the dot products are 2 log(3) and 0, the scores log(3) and 0.

    >>> q = np.array([[2 * np.log(3), 0.0, 0.0, 0.0]])
    >>> k = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    >>> v = np.array([[4.0], [8.0]])
    >>> out, weights = attention(q, k, v)
    >>> weights
    array([[0.75, 0.25]])
    >>> out
    array([[5.]])

    With only the second key permitted, and with none.

    >>> attention(q, k, v, np.array([[False, True]])).out
    array([[8.]])
    >>> attention(q, k, v, np.array([[False, False]])).out
    array([[0.]])
    """
    raise NotImplementedError


def causal_mask(n: int) -> np.ndarray:
    """Return the mask by which each of n tokens attends to itself and to those before it.

    Parameters
    ----------
    n : int, positive

    Returns
    -------
    array of booleans, of shape (n, n)
        In row i, of query i, True for the keys 0 to i.

    Examples
    --------
    >>> causal_mask(3)
    array([[ True, False, False],
           [ True,  True, False],
           [ True,  True,  True]])
    """
    raise NotImplementedError
