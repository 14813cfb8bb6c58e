# wrong (core): eps added to the standard deviation, not to the variance
"""A block of a Transformer decoder, with cross-attention to the output of an encoder.

It has three parts, each with a pre-norm and a residual connection:

    y   = x + self_attention(norm_1(x), norm_1(x))       causal: token i attends to the tokens 0 to i
    z   = y + cross_attention(norm_2(y), memory)         each token attends to the whole memory
    out = z + feed_forward(norm_3(z))

The memory is not normalised here. In attention(a, b) queries come from a, keys and values from b. With
d_head = d_model / n_heads, head h has columns h d_head to (h + 1) d_head - 1 of q, k and v:

    q = a w_q, k = b w_k, v = b w_v
    head_h          = softmax(q_h k_h^T / sqrt(d_head)) v_h
    attention(a, b) = [head_0, head_1, ...] w_o
    feed_forward(a) = max(0, a w_1 + b_1) w_2 + b_2
    norm(a)         = gamma * (a - mean) / sqrt(var + eps) + beta

mean and var are over the d_model features of a token; var divides by d_model. Scores may be as large as 1e4,
of either sign.

Sources: Vaswani et al., Attention Is All You Need (2017), sections 3.1 to 3.3; Xiong et al., On Layer Normalization in
the Transformer Architecture (2020), section 3.
"""

from typing import NamedTuple

import numpy as np


class Attention(NamedTuple):
    """The projections, each of shape (d_model, d_model)."""

    w_q: np.ndarray
    w_k: np.ndarray
    w_v: np.ndarray
    w_o: np.ndarray


class FeedForward(NamedTuple):
    """Arrays of shape (d_model, d_ff), (d_ff,), (d_ff, d_model) and (d_model,)."""

    w_1: np.ndarray
    b_1: np.ndarray
    w_2: np.ndarray
    b_2: np.ndarray


class Norm(NamedTuple):
    """Scale and shift of a layer norm, each of shape (d_model,)."""

    gamma: np.ndarray
    beta: np.ndarray


class Params(NamedTuple):
    """All parameters of the block."""

    self_attention: Attention
    norm_1: Norm
    cross_attention: Attention
    norm_2: Norm
    feed_forward: FeedForward
    norm_3: Norm


def _norm(a, norm, eps):
    centred = a - a.mean(axis=-1, keepdims=True)
    var = (centred**2).mean(axis=-1, keepdims=True)
    return norm.gamma * centred / (np.sqrt(var) + eps) + norm.beta


def _attention(a, b, p, n_heads, allowed):
    """allowed broadcasts to (n_sequences, n_heads, n_queries, n_keys)."""

    def split(t):
        return t.reshape(*t.shape[:2], n_heads, -1).transpose(0, 2, 1, 3)

    q, k, v = split(a @ p.w_q), split(b @ p.w_k), split(b @ p.w_v)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    scores = np.where(allowed, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = weights.sum(axis=-1, keepdims=True)
    weights = weights / np.where(total > 0, total, 1.0)
    heads = (weights @ v).transpose(0, 2, 1, 3)
    return heads.reshape(a.shape) @ p.w_o


def decoder_block(
    x: np.ndarray,
    memory: np.ndarray,
    params: Params,
    n_heads: int,
    memory_mask: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    """Return the tokens' outputs, in the shape of x.

    Parameters
    ----------
    x : array of shape (n_sequences, n_tokens, d_model)
    memory : array of shape (n_sequences, n_memory, d_model)
    params : Params
    n_heads : int
        It divides d_model.
    memory_mask : array of bool, of shape (n_sequences, n_memory)
        True for real entries, False for padding: the opposite of PyTorch. Tokens attend to the real entries of their
        sequence's memory. If there are none, cross_attention gives 0. None: all are real.
    eps : float

    Examples
    --------
    With w_q = 0, attention is the mean of what a token may attend to.

    >>> zero, one, zeros, ones = np.zeros((2, 2)), np.eye(2), np.zeros(2), np.ones(2)
    >>> attention, norm = Attention(zero, zero, one, one), Norm(ones, zeros)
    >>> params = Params(attention, norm, attention, norm, FeedForward(one, zeros, one, zeros), norm)
    >>> x, memory = np.array([[[1.0, 5.0], [3.0, -1.0]]]), np.array([[[2.0, 0.0], [4.0, 0.0], [9.0, 9.0]]])
    >>> decoder_block(x, memory, params, n_heads=1, memory_mask=np.array([[True, True, False]]), eps=0.0)
    array([[[ 3.,  7.],
            [ 7., -1.]]])
    """
    x, memory = np.asarray(x, dtype=float), np.asarray(memory, dtype=float)
    n_tokens, n_memory = x.shape[1], memory.shape[1]
    causal = np.tril(np.ones((n_tokens, n_tokens), dtype=bool))[None, None]
    if memory_mask is None:
        memory_mask = np.ones((len(x), n_memory), dtype=bool)
    real = np.asarray(memory_mask, dtype=bool)[:, None, None, :]

    a = _norm(x, params.norm_1, eps)
    y = x + _attention(a, a, params.self_attention, n_heads, causal)
    a = _norm(y, params.norm_2, eps)
    z = y + _attention(a, memory, params.cross_attention, n_heads, real)
    ff = params.feed_forward
    hidden = np.maximum(0.0, _norm(z, params.norm_3, eps) @ ff.w_1 + ff.b_1)
    return z + hidden @ ff.w_2 + ff.b_2
