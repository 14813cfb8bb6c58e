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

import math
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
    # Where sizes do not fit, matmul and broadcast_to raise ValueError themselves.
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])
    if mask is not None:
        scores = np.where(np.broadcast_to(mask, scores.shape), scores, -np.inf)
    # A row of -inf has no largest score to subtract: any finite number in its place makes its powers 0.
    top = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min)
    powers = np.exp(scores - top)
    # The largest power of a row is 1, so the sum is below 1 only where there is no permitted key.
    weights = powers / np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)
    return Attention(weights @ v, weights)


def causal_mask(n: int) -> np.ndarray:
    """Return the mask of shape (n, n) with which token i attends to the tokens 0 to i.

    Examples
    --------
    >>> causal_mask(3)
    array([[ True, False, False],
           [ True,  True, False],
           [ True,  True,  True]])
    """
    return np.tri(n, dtype=bool)


def attention_via_logarithms(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None) -> Attention:
    """Add the powers of the permitted scores up in logarithms, and subtract before going back."""
    scores = np.matmul(q / math.sqrt(q.shape[-1]), np.moveaxis(k, -1, -2))
    permitted = np.broadcast_to(True if mask is None else mask, scores.shape)
    log_total = np.logaddexp.reduce(scores, axis=-1, keepdims=True, where=permitted)
    weights = np.exp(scores - log_total, where=permitted, out=np.zeros(scores.shape))
    return Attention(np.matmul(weights, v), weights)


def attention_via_online_softmax(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
) -> Attention:
    """Take in one key at a time, and scale down what was summed before whenever a larger score turns up."""
    n_keys = k.shape[-2]
    if v.shape[-2] != n_keys:
        raise ValueError("there are not as many values as keys")
    permitted = np.broadcast_to(True if mask is None else mask, (*q.shape[:-1], n_keys))
    scores = np.empty(permitted.shape)
    top = np.full((*q.shape[:-1], 1), -1e300)
    total = np.zeros(top.shape)
    out = np.zeros((*q.shape[:-1], v.shape[-1]))
    for j in range(n_keys):
        own = permitted[..., j : j + 1]
        score = np.where(own, q @ k[..., j, :, np.newaxis] / q.shape[-1] ** 0.5, -np.inf)
        larger = np.maximum(top, score)
        shrink, power = np.exp(top - larger), np.exp(score - larger)
        total = total * shrink + power
        out = out * shrink + power * v[..., j : j + 1, :]
        scores[..., j : j + 1], top = score, larger
    some = permitted.any(axis=-1, keepdims=True)
    return Attention(
        np.divide(out, total, out=np.zeros(out.shape), where=some),
        np.divide(np.exp(scores - top), total, out=np.zeros(scores.shape), where=some),
    )


def attention_via_loop(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None) -> Attention:
    """Answer one query at a time, in plain Python, from a list of the keys that it may attend to."""
    (n_keys, d_k), d_v = k.shape[-2:], v.shape[-1]
    if q.shape[-1] != d_k or v.shape[-2] != n_keys:
        raise ValueError("the sizes of q, k and v do not fit")
    weights, out = np.zeros((*q.shape[:-1], n_keys)), np.zeros((*q.shape[:-1], d_v))
    permitted = np.broadcast_to(True if mask is None else mask, weights.shape)
    for place in np.ndindex(q.shape[:-1]):
        query, keys, values = q[place].tolist(), k[place[:-1]].tolist(), v[place[:-1]].tolist()
        chosen = np.flatnonzero(permitted[place]).tolist()
        scores = [sum(a * b for a, b in zip(query, keys[j], strict=True)) / math.sqrt(d_k) for j in chosen]
        top = max(scores, default=0.0)
        powers = [math.exp(score - top) for score in scores]
        total = sum(powers)
        for j, power in zip(chosen, powers, strict=True):
            weights[(*place, j)] = power / total
        out[place] = [sum(weights[(*place, j)] * values[j][column] for j in chosen) for column in range(d_v)]
    return Attention(out, weights)


def causal_mask_via_accumulation(n: int) -> np.ndarray:
    """Permit each token itself, and pass what is permitted on to the next."""
    return np.logical_or.accumulate(np.eye(n))


def causal_mask_via_loop(n: int) -> np.ndarray:
    """Write out each row."""
    return np.array([[True] * (i + 1) + [False] * (n - 1 - i) for i in range(n)])
