# wrong (core): a query without a permitted key spreads its weight evenly (finite fill value)
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- attention_backward
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
    grad_out, q, k, v = (np.asarray(a, float) for a in (grad_out, q, k, v))
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError("q, k and v do not fit")
    if q.shape[-2] != grad_out.shape[-2] or v.shape[-1] != grad_out.shape[-1]:
        raise ValueError("grad_out does not fit")
    scale = 1 / np.sqrt(q.shape[-1])
    scores = q @ np.swapaxes(k, -1, -2) * scale
    if mask is not None:
        mask = np.asarray(mask, bool)
        mask = np.broadcast_to(mask, scores.shape)
        scores = np.where(mask, scores, -1e9)
    top = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0.0)
    e = np.exp(scores - top)
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total == 0, 1.0, total)

    grad_v = np.swapaxes(weights, -1, -2) @ grad_out
    grad_weights = grad_out @ np.swapaxes(v, -1, -2)
    grad_scores = weights * (grad_weights - np.sum(weights * grad_weights, axis=-1, keepdims=True))
    grad_q = grad_scores @ k * scale
    grad_k = np.swapaxes(grad_scores, -1, -2) @ q * scale
    return Gradients(grad_q, grad_k, grad_v)
