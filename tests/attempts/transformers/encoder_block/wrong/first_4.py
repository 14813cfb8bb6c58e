# wrong (core): all-padding case handled only if the whole batch is padding
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- encoder_block
"""A block of a Transformer encoder.

It has two parts, self-attention among the tokens and a feed-forward network for each token. Each part has a residual
connection and a layer norm, which stands in one of two places:

    post-norm (norm_first=False)                 pre-norm (norm_first=True)
    y   = norm_1(x + attention(x))               y   = x + attention(norm_1(x))
    out = norm_2(y + feed_forward(y))            out = y + feed_forward(norm_2(y))

With d_head = d_model / n_heads, head h has columns h d_head to (h + 1) d_head - 1 of q, k and v:

    attention(z)    = [head_0, head_1, ...] w_o        head_h = softmax(q_h k_h^T / sqrt(d_head)) v_h
                                                       q = z w_q, k = z w_k, v = z w_v
    feed_forward(z) = max(0, z w_1 + b_1) w_2 + b_2
    norm(z)         = gamma * (z - mean) / sqrt(var + eps) + beta

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

    attention: Attention
    norm_1: Norm
    feed_forward: FeedForward
    norm_2: Norm


def encoder_block(
    x: np.ndarray,
    params: Params,
    n_heads: int,
    mask: np.ndarray | None = None,
    norm_first: bool = False,
    eps: float = 1e-5,
) -> np.ndarray:
    """Return the tokens' outputs, in the shape of x.

    Parameters
    ----------
    x : array of shape (n_sequences, n_tokens, d_model)
    params : Params
    n_heads : int
        It divides d_model.
    mask : array of bool, of shape (n_sequences, n_tokens)
        True for real tokens, False for padding: the opposite of PyTorch. Each token, padding too, attends to the real
        tokens of its sequence. If there are none, attention gives 0. None: all are real.
    norm_first : bool
    eps : float

    Examples
    --------
    With w_q = 0, attention is the mean of the tokens.

    >>> zero, one, zeros, ones = np.zeros((2, 2)), np.eye(2), np.zeros(2), np.ones(2)
    >>> norm, feed_forward = Norm(ones, zeros), FeedForward(one, zeros, one, zeros)
    >>> params = Params(Attention(zero, zero, one, one), norm, feed_forward, norm)
    >>> x = np.array([[[1.0, 5.0], [3.0, -1.0]]])
    >>> encoder_block(x, params, n_heads=1, eps=0.0)
    array([[[-1.,  1.],
            [ 1., -1.]]])
    >>> encoder_block(x, params, n_heads=1, norm_first=True, eps=0.0)
    array([[[ 1.,  6.],
            [ 4., -1.]]])
    >>> encoder_block(x, params, n_heads=1, mask=np.array([[True, False]]), norm_first=True, eps=0.0)
    array([[[0., 7.],
            [3., 0.]]])
    """
    x = np.asarray(x, dtype=float)
    att, ff = params.attention, params.feed_forward
    n_seq, n_tok, d_model = x.shape
    d_head = d_model // n_heads
    if mask is None:
        mask = np.ones((n_seq, n_tok), dtype=bool)
    keys = mask[:, None, None, :]

    def norm(z, p):
        mean = z.mean(axis=-1, keepdims=True)
        var = z.var(axis=-1, keepdims=True)
        return p.gamma * (z - mean) / np.sqrt(var + eps) + p.beta

    def split(z):
        return z.reshape(n_seq, n_tok, n_heads, d_head).transpose(0, 2, 1, 3)

    def attention(z):
        q, k, v = split(z @ att.w_q), split(z @ att.w_k), split(z @ att.w_v)
        scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d_head)
        scores = np.where(keys, scores, -1e9)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = weights / weights.sum(axis=-1, keepdims=True)
        if not mask.any():
            weights = np.zeros_like(weights)
        heads = (weights @ v).transpose(0, 2, 1, 3).reshape(n_seq, n_tok, d_model)
        return heads @ att.w_o

    def feed_forward(z):
        return np.maximum(0, z @ ff.w_1 + ff.b_1) @ ff.w_2 + ff.b_2

    if norm_first:
        y = x + attention(norm(x, params.norm_1))
        return y + feed_forward(norm(y, params.norm_2))
    y = norm(x + attention(x), params.norm_1)
    return norm(y + feed_forward(y), params.norm_2)
