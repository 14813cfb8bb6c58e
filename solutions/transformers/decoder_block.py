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

import math
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
    causal = np.tri(x.shape[1])
    real = None if memory_mask is None else memory_mask[:, np.newaxis, np.newaxis]
    read = _normalised(x, params.norm_1, eps)
    x = x + _attend(read, read, params.self_attention, n_heads, causal)
    x = x + _attend(_normalised(x, params.norm_2, eps), memory, params.cross_attention, n_heads, real)
    return x + _feed_forward(_normalised(x, params.norm_3, eps), params.feed_forward)


def _normalised(a: np.ndarray, norm: Norm, eps: float) -> np.ndarray:
    centred = a - a.mean(axis=-1, keepdims=True)
    return norm.gamma * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps) + norm.beta


def _feed_forward(a: np.ndarray, params: FeedForward) -> np.ndarray:
    return np.maximum(a @ params.w_1 + params.b_1, 0) @ params.w_2 + params.b_2


def _attend(a: np.ndarray, b: np.ndarray, params: Attention, n_heads: int, permitted: np.ndarray | None) -> np.ndarray:
    q, k, v = (_heads(tokens @ w, n_heads) for tokens, w in zip((a, b, b), params[:3], strict=True))
    scores = q @ k.swapaxes(2, 3) / np.sqrt(q.shape[-1])
    if permitted is not None:
        scores = np.where(permitted, scores, -np.inf)
    # A row of -inf has no largest score to subtract: any finite number in its place makes its powers 0.
    powers = np.exp(scores - np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min))
    # The largest power of a row is 1, so the sum is below 1 only where nothing is permitted.
    weights = powers / np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)
    return (weights @ v).swapaxes(1, 2).reshape(a.shape) @ params.w_o


def _heads(projected: np.ndarray, n_heads: int) -> np.ndarray:
    """Turn (n_sequences, n_tokens, d_model) into (n_sequences, n_heads, n_tokens, d_head)."""
    return projected.reshape(*projected.shape[:2], n_heads, -1).swapaxes(1, 2)


def decoder_block_via_steps(
    x: np.ndarray,
    memory: np.ndarray,
    params: Params,
    n_heads: int,
    memory_mask: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    """Process one token at a time, as in generation: self-attention's keys grow, the memory's are made once."""
    (w_q, w_k, w_v, w_o), norm_1, crossing, norm_2, (w_1, b_1, w_2, b_2), norm_3 = params
    parts = np.split(np.arange(x.shape[-1]), n_heads)

    def normalised(token: np.ndarray, norm: Norm) -> np.ndarray:
        return (token - token.mean()) / math.sqrt(token.var() + eps) * norm.gamma + norm.beta

    def attended(query: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
        scores = [keys[:, own] @ query[own] / len(own) ** 0.5 for own in parts]
        shares = [np.exp(head - np.logaddexp.reduce(head)) for head in scores]
        return np.concatenate([share @ values[:, own] for share, own in zip(shares, parts, strict=True)])

    out = np.empty(x.shape)
    for s, tokens in enumerate(x):
        seen = memory[s] if memory_mask is None else memory[s, memory_mask[s]]
        memory_keys, memory_values = seen @ crossing.w_k, seen @ crossing.w_v
        keys, values = [], []
        for i, token in enumerate(tokens):
            read = normalised(token, norm_1)
            keys.append(read @ w_k)
            values.append(read @ w_v)
            y = token + attended(read @ w_q, np.array(keys), np.array(values)) @ w_o
            query = normalised(y, norm_2) @ crossing.w_q
            z = y + attended(query, memory_keys, memory_values) @ crossing.w_o
            hidden = normalised(z, norm_3) @ w_1 + b_1
            out[s, i] = z + (hidden + abs(hidden)) @ w_2 / 2 + b_2
    return out


def decoder_block_via_einsum(
    x: np.ndarray,
    memory: np.ndarray,
    params: Params,
    n_heads: int,
    memory_mask: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    """Name every axis, and take the variance from the mean of the squares."""
    (n_sequences, n_tokens, d_model), n_memory = x.shape, memory.shape[1]
    w_1, b_1, w_2, b_2 = params.feed_forward
    real = np.ones((n_sequences, n_memory), dtype=bool) if memory_mask is None else memory_mask
    causal = np.arange(n_tokens)[:, np.newaxis] >= np.arange(n_tokens)

    def normalised(a: np.ndarray, norm: Norm) -> np.ndarray:
        mean = np.einsum("std->st", a) / d_model
        var = np.einsum("std,std->st", a, a) / d_model - mean**2
        return np.einsum("std,st,d->std", a - mean[..., np.newaxis], (var + eps) ** -0.5, norm.gamma) + norm.beta

    def attended(a: np.ndarray, b: np.ndarray, weights: Attention, permitted: np.ndarray) -> np.ndarray:
        w_q, w_k, w_v = (w.reshape(d_model, n_heads, -1) for w in weights[:3])
        q = np.einsum("sqm,mhd->shqd", a, w_q)
        k, v = (np.einsum("skm,mhd->shkd", b, w) for w in (w_k, w_v))
        scores = np.einsum("shqd,shkd->shqk", q, k) * q.shape[3] ** -0.5
        permitted = np.broadcast_to(permitted, scores.shape)
        top = scores.max(axis=3, keepdims=True, where=permitted, initial=-1e300)
        powers = np.exp(scores - top, where=permitted, out=np.zeros(scores.shape))
        total = powers.sum(axis=3, keepdims=True)
        shares = np.divide(powers, total, where=total > 0, out=np.zeros(scores.shape))
        w_o = weights.w_o.reshape(n_heads, -1, d_model)
        return np.einsum("shqk,shkd,hdm->sqm", shares, v, w_o, optimize=True)

    first = normalised(x, params.norm_1)
    y = x + attended(first, first, params.self_attention, causal)
    z = y + attended(normalised(y, params.norm_2), memory, params.cross_attention, real[:, np.newaxis, np.newaxis])
    hidden = np.einsum("stm,mf->stf", normalised(z, params.norm_3), w_1) + b_1
    return z + np.einsum("stf,fm->stm", hidden.clip(0), w_2) + b_2


def decoder_block_via_sum_of_heads(
    x: np.ndarray,
    memory: np.ndarray,
    params: Params,
    n_heads: int,
    memory_mask: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    """Add up what the heads write, sequence by sequence: each scores by its w_q w_k', and passes on by its w_v w_o."""
    parts = np.split(np.arange(x.shape[-1]), n_heads)
    gates = np.ones(memory.shape[:2]) if memory_mask is None else memory_mask

    def normalised(a: np.ndarray, norm: Norm) -> np.ndarray:
        centred = a - a.sum(axis=1, keepdims=True) / a.shape[1]
        return centred / np.hypot(centred.std(axis=1, keepdims=True), math.sqrt(eps)) * norm.gamma + norm.beta

    def written(a: np.ndarray, b: np.ndarray, weights: Attention, permitted: np.ndarray) -> np.ndarray:
        total = np.zeros(a.shape)
        for own in parts:
            scores = a @ (weights.w_q[:, own] @ weights.w_k[:, own].T) @ b.T / math.sqrt(len(own))
            log_total = np.logaddexp.reduce(scores, axis=1, keepdims=True, where=permitted)
            shares = np.exp(scores - log_total, where=permitted, out=np.zeros(scores.shape))
            total += shares @ b @ (weights.w_v[:, own] @ weights.w_o[own])
        return total

    out = []
    for tokens, kept, gate in zip(x, memory, gates, strict=True):
        n_tokens = len(tokens)
        read = normalised(tokens, params.norm_1)
        y = tokens + written(read, read, params.self_attention, np.tril(np.ones((n_tokens, n_tokens), dtype=bool)))
        permitted = np.outer(np.ones(n_tokens), gate) > 0
        z = y + written(normalised(y, params.norm_2), kept, params.cross_attention, permitted)
        hidden = normalised(z, params.norm_3) @ params.feed_forward.w_1 + params.feed_forward.b_1
        out.append(z + np.where(hidden < 0, 0, hidden) @ params.feed_forward.w_2 + params.feed_forward.b_2)
    return np.array(out)
