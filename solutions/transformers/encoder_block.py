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
    parts = [
        (lambda z: _attend(z, params.attention, n_heads, mask), params.norm_1),
        (lambda z: _feed_forward(z, params.feed_forward), params.norm_2),
    ]
    for part, norm in parts:
        x = x + part(_normalised(x, norm, eps)) if norm_first else _normalised(x + part(x), norm, eps)
    return x


def _normalised(z: np.ndarray, norm: Norm, eps: float) -> np.ndarray:
    centred = z - z.mean(axis=-1, keepdims=True)
    return norm.gamma * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps) + norm.beta


def _feed_forward(z: np.ndarray, params: FeedForward) -> np.ndarray:
    return np.maximum(z @ params.w_1 + params.b_1, 0) @ params.w_2 + params.b_2


def _attend(z: np.ndarray, params: Attention, n_heads: int, mask: np.ndarray | None) -> np.ndarray:
    q, k, v = ((z @ w).reshape(*z.shape[:2], n_heads, -1).swapaxes(1, 2) for w in params[:3])
    scores = q @ k.swapaxes(2, 3) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask[:, np.newaxis, np.newaxis], scores, -np.inf)
    # A row of -inf has no largest score to subtract: any finite number in its place makes its powers 0.
    powers = np.exp(scores - np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min))
    # The largest power of a row is 1, so the sum is below 1 only where all tokens are padding.
    weights = powers / np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)
    return (weights @ v).swapaxes(1, 2).reshape(z.shape) @ params.w_o


def encoder_block_via_real_tokens(
    x: np.ndarray,
    params: Params,
    n_heads: int,
    mask: np.ndarray | None = None,
    norm_first: bool = False,
    eps: float = 1e-5,
) -> np.ndarray:
    """Take one sequence at a time, and pick out its real tokens instead of masking scores."""
    (w_q, w_k, w_v, w_o), norm_1, (w_1, b_1, w_2, b_2), norm_2 = params

    def normalised(z: np.ndarray, norm: Norm) -> np.ndarray:
        mean, root = z.mean(axis=1, keepdims=True), np.sqrt(z.var(axis=1, keepdims=True) + eps)
        return (z - mean) / root * norm.gamma + norm.beta

    def attention(z: np.ndarray, real: np.ndarray) -> np.ndarray:
        mixed = np.zeros(z.shape)
        for own in np.split(np.arange(z.shape[1]), n_heads):
            scores = z @ (w_q[:, own] @ w_k[:, own].T) @ real.T / math.sqrt(len(own))
            shares = np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
            mixed += shares @ real @ (w_v[:, own] @ w_o[own])
        return mixed

    out = np.empty(x.shape)
    for s, tokens in enumerate(x):
        chosen = slice(None) if mask is None else np.flatnonzero(mask[s])
        z = normalised(tokens, norm_1) if norm_first else tokens
        h = tokens + attention(z, z[chosen])
        h = h if norm_first else normalised(h, norm_1)
        z = normalised(h, norm_2) if norm_first else h
        hidden = z @ w_1 + b_1
        h = h + (hidden + abs(hidden)) @ w_2 / 2 + b_2
        out[s] = h if norm_first else normalised(h, norm_2)
    return out


def encoder_block_via_einsum(
    x: np.ndarray,
    params: Params,
    n_heads: int,
    mask: np.ndarray | None = None,
    norm_first: bool = False,
    eps: float = 1e-5,
) -> np.ndarray:
    """Name every axis, and take the variance from the mean of the squares."""
    projections, (gamma_1, beta_1), (w_1, b_1, w_2, b_2), (gamma_2, beta_2) = params
    d_model = x.shape[2]
    w_q, w_k, w_v = (w.reshape(d_model, n_heads, -1) for w in projections[:3])
    w_o = projections.w_o.reshape(n_heads, -1, d_model)
    real = np.ones(x.shape[:2], dtype=bool) if mask is None else mask

    def standardised(z: np.ndarray) -> np.ndarray:
        mean = np.einsum("std->st", z) / d_model
        var = np.einsum("std,std->st", z, z) / d_model - mean**2
        return np.einsum("std,st->std", z - mean[..., np.newaxis], (var + eps) ** -0.5)

    def attended(z: np.ndarray) -> np.ndarray:
        q, k, v = (np.einsum("stm,mhd->shtd", z, w) for w in (w_q, w_k, w_v))
        scores = np.einsum("shqd,shkd->shqk", q, k) * q.shape[3] ** -0.5
        permitted = np.broadcast_to(real[:, np.newaxis, np.newaxis], scores.shape)
        top = scores.max(axis=3, keepdims=True, where=permitted, initial=-1e300)
        powers = np.exp(scores - top, where=permitted, out=np.zeros(scores.shape))
        total = powers.sum(axis=3, keepdims=True)
        shares = np.divide(powers, total, where=total > 0, out=np.zeros(scores.shape))
        return np.einsum("shqk,shkd,hdm->sqm", shares, v, w_o, optimize=True)

    def fed(z: np.ndarray) -> np.ndarray:
        hidden = np.einsum("stm,mf->stf", z, w_1) + b_1
        return np.einsum("stf,fm->stm", hidden.clip(0), w_2) + b_2

    if norm_first:
        h = x + attended(standardised(x) * gamma_1 + beta_1)
        return h + fed(standardised(h) * gamma_2 + beta_2)
    h = standardised(x + attended(x)) * gamma_1 + beta_1
    return standardised(h + fed(h)) * gamma_2 + beta_2


def encoder_block_via_loop(
    x: np.ndarray,
    params: Params,
    n_heads: int,
    mask: np.ndarray | None = None,
    norm_first: bool = False,
    eps: float = 1e-5,
) -> np.ndarray:
    """Follow one token at a time through the block, with running sums over those that it attends to."""
    (w_q, w_k, w_v, w_o), first, (w_1, b_1, w_2, b_2), second = params
    n_sequences, n_tokens, d_model = x.shape
    d_head = d_model // n_heads

    def normalised(token: np.ndarray, norm: Norm) -> np.ndarray:
        mean = sum(token.tolist()) / d_model
        var = sum((value - mean) ** 2 for value in token.tolist()) / d_model
        return norm.gamma * ((token - mean) / math.sqrt(var + eps)) + norm.beta

    out = np.empty(x.shape)
    for s in range(n_sequences):
        read = [normalised(token, first) if norm_first else token for token in x[s]]
        keys, values = [token @ w_k for token in read], [token @ w_v for token in read]
        for i in range(n_tokens):
            query, heads = read[i] @ w_q, np.zeros(d_model)
            for h in range(n_heads):
                own = slice(h * d_head, (h + 1) * d_head)
                top, total = -math.inf, 0.0
                for j in range(n_tokens):
                    if mask is None or mask[s, j]:
                        score = float(query[own] @ keys[j][own]) / d_head**0.5
                        larger = max(top, score)
                        shrink, power = math.exp(top - larger), math.exp(score - larger)
                        total = total * shrink + power
                        heads[own] = heads[own] * shrink + power * values[j][own]
                        top = larger
                if total:
                    heads[own] /= total
            token = x[s, i] + heads @ w_o
            token = token if norm_first else normalised(token, first)
            inner = normalised(token, second) if norm_first else token
            hidden = np.array([max(value, 0.0) for value in (inner @ w_1 + b_1).tolist()])
            token = token + hidden @ w_2 + b_2
            out[s, i] = token if norm_first else normalised(token, second)
    return out
