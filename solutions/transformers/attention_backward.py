"""The backward pass of scaled dot-product attention.

The forward pass is

    scores  = q k^T / sqrt(d_k)                      d_k: size of a query and of a key
    weights = softmax of each row of scores, over the permitted keys
    out     = weights v

A key that is not permitted has weight 0 and no part in the sum of the softmax. A query without any permitted key gets
zeros in out, so it passes no gradient on.

From the gradient of a loss with respect to out, find those with respect to q, k and v.
Scores may be as large as 1e4, of either sign. Use q, k, v and the mask only: the weights are computed again.

Source: Vaswani et al., Attention Is All You Need (2017), section 3.2.1. The backward pass is written out in Dao et al.,
FlashAttention (2022), appendix B.2.
"""

import math
from typing import NamedTuple

import numpy as np


class Gradients(NamedTuple):
    """The gradients of the loss, in the shapes of q, k and v."""

    grad_q: np.ndarray
    grad_k: np.ndarray
    grad_v: np.ndarray


def attention_backward(
    grad_out: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
) -> Gradients:
    """Return the gradients of the loss with respect to q, k and v.

    Parameters
    ----------
    grad_out : array of shape (..., n_queries, d_v)
        The gradient with respect to out.
    q : array of shape (..., n_queries, d_k)
        The leading axes, such as batch and heads, are the same for grad_out, q, k and v. There may be none.
    k : array of shape (..., n_keys, d_k)
    v : array of shape (..., n_keys, d_v)
    mask : array of bool
        True where the query may attend to the key. It broadcasts to the shape of weights, (..., n_queries, n_keys).
        None permits everything.

    Strict
    ------
    - O(n_queries * n_keys) memory: no array has two axes of n_keys.
    - ValueError if q and k differ in d_k, k and v in n_keys, q and grad_out in n_queries, v and grad_out in d_v, or if
      mask does not broadcast to the shape of weights.

    Examples
    --------
    Both scores are 0, so both weights are 1/2.

    >>> q, k = np.array([[0.0, 2.0, 0.0, 0.0]]), np.array([[1.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0]])
    >>> grads = attention_backward(np.array([[1.0]]), q, k, np.array([[4.0], [8.0]]))
    >>> grads.grad_q
    array([[1., 0., 0., 0.]])
    >>> grads.grad_k
    array([[ 0., -1.,  0.,  0.],
           [ 0.,  1.,  0.,  0.]])
    >>> grads.grad_v
    array([[0.5],
           [0.5]])
    """
    scale = 1 / np.sqrt(k.shape[-1])
    weights = _softmax(_masked(q @ np.swapaxes(k, -1, -2) * scale, mask))
    grad_weights = grad_out @ np.swapaxes(v, -1, -2)
    # A score raises its own weight at the cost of all weights. That cost is the mean of their gradients, which is
    # grad_out times the output.
    mean = (grad_out * (weights @ v)).sum(axis=-1, keepdims=True)
    grad_scores = weights * (grad_weights - mean) * scale
    return Gradients(
        grad_scores @ k,
        np.swapaxes(grad_scores, -1, -2) @ q,
        np.swapaxes(weights, -1, -2) @ grad_out,
    )


def _masked(scores: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    return scores if mask is None else np.where(np.broadcast_to(mask, scores.shape), scores, -np.inf)


def _softmax(scores: np.ndarray) -> np.ndarray:
    # A row of -inf has no largest score to subtract: any finite number in its place makes its powers 0.
    top = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min)
    powers = np.exp(scores - top)
    # The largest power of a row is 1, so the sum is below 1 only where there is no permitted key.
    return powers / np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)


def _check_sizes(grad_out: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray) -> None:
    if q.shape[-1] != k.shape[-1] or v.shape[-2] != k.shape[-2]:
        raise ValueError("the sizes of q, k and v do not fit")
    if grad_out.shape != (*q.shape[:-1], v.shape[-1]):
        raise ValueError("grad_out does not have the shape of out")


def attention_backward_via_exp_and_division(
    grad_out: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
) -> Gradients:
    """Go back through the softmax in three steps, as automatic differentiation does: division, sum and exp."""
    _check_sizes(grad_out, q, k, v)
    scores = _masked(np.einsum("...qd,...kd->...qk", q, k) / math.sqrt(q.shape[-1]), mask)
    top = np.maximum(scores.max(axis=-1, keepdims=True), -1e300)
    powers = np.exp(scores - top)
    total = np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)
    grad_weights = np.einsum("...qv,...kv->...qk", grad_out, v)
    grad_total = -(grad_weights * powers).sum(axis=-1, keepdims=True) / total**2
    grad_dots = (grad_weights / total + grad_total) * powers / math.sqrt(q.shape[-1])
    return Gradients(
        np.einsum("...qk,...kd->...qd", grad_dots, k),
        np.einsum("...qk,...qd->...kd", grad_dots, q),
        np.einsum("...qk,...qv->...kv", powers / total, grad_out),
    )


def attention_backward_via_one_key_at_a_time(
    grad_out: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
) -> Gradients:
    """Keep two numbers for each query, as FlashAttention does: the log of its sum, and grad_out times its output."""
    _check_sizes(grad_out, q, k, v)
    scores = _masked(np.matmul(q / np.sqrt(q.shape[-1]), np.moveaxis(k, -1, -2)), mask)
    permitted = np.isfinite(scores)
    log_total = np.logaddexp.reduce(scores, axis=-1, keepdims=True, where=permitted)

    def weight(j: int) -> np.ndarray:
        own = permitted[..., j, np.newaxis]
        return np.exp(scores[..., j, np.newaxis] - log_total, where=own, out=np.zeros(log_total.shape))

    n_keys = k.shape[-2]
    out = sum(weight(j) * v[..., j, np.newaxis, :] for j in range(n_keys))
    delta = (grad_out * out).sum(axis=-1, keepdims=True)
    grad_q, grad_k, grad_v = (np.zeros(array.shape) for array in (q, k, v))
    for j in range(n_keys):
        grad_weight = (grad_out * v[..., j, np.newaxis, :]).sum(axis=-1, keepdims=True)
        grad_dot = weight(j) * (grad_weight - delta) * q.shape[-1] ** -0.5
        grad_q += grad_dot * k[..., j, np.newaxis, :]
        grad_k[..., j, :] = (grad_dot * q).sum(axis=-2)
        grad_v[..., j, :] = (weight(j) * grad_out).sum(axis=-2)
    return Gradients(grad_q, grad_k, grad_v)


def attention_backward_via_loop(
    grad_out: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
) -> Gradients:
    """Go through the queries, each with a list of the keys that it may attend to, and add up what each contributes."""
    _check_sizes(grad_out, q, k, v)
    grad_q, grad_k, grad_v = (np.zeros(array.shape) for array in (q, k, v))
    permitted = np.broadcast_to(True if mask is None else mask, (*q.shape[:-1], k.shape[-2]))
    root = math.sqrt(q.shape[-1])
    for place in np.ndindex(q.shape[:-1]):
        chosen = np.flatnonzero(permitted[place])
        if not chosen.size:
            continue
        keys, values = k[place[:-1]][chosen], v[place[:-1]][chosen]
        scores = keys @ q[place] / root
        weights = np.exp(scores - scores.max())
        weights /= weights.sum()
        # The output is a weighted mean of the values, and a key pulls it towards its own value.
        pull = weights * ((values - weights @ values) @ grad_out[place]) / root
        grad_q[place] = pull @ keys
        grad_k[place[:-1]][chosen] += np.multiply.outer(pull, q[place])
        grad_v[place[:-1]][chosen] += np.multiply.outer(weights, grad_out[place])
    return Gradients(grad_q, grad_k, grad_v)
