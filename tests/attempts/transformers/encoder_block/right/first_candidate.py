# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Attention(NamedTuple):
    w_q: np.ndarray
    w_k: np.ndarray
    w_v: np.ndarray
    w_o: np.ndarray


class FeedForward(NamedTuple):
    w_1: np.ndarray
    b_1: np.ndarray
    w_2: np.ndarray
    b_2: np.ndarray


class Norm(NamedTuple):
    gamma: np.ndarray
    beta: np.ndarray


class Params(NamedTuple):
    attention: Attention
    norm_1: Norm
    feed_forward: FeedForward
    norm_2: Norm


def layer_norm(z, p, eps):
    mean = z.mean(axis=-1, keepdims=True)
    var = z.var(axis=-1, keepdims=True)
    return p.gamma * (z - mean) / np.sqrt(var + eps) + p.beta


def self_attention(z, p, n_heads, mask):
    n_seq, n_tokens, d_model = z.shape
    d_head = d_model // n_heads

    def split(t):
        return t.reshape(n_seq, n_tokens, n_heads, d_head).transpose(0, 2, 1, 3)

    q, k, v = split(z @ p.w_q), split(z @ p.w_k), split(z @ p.w_v)
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d_head)
    if mask is not None:
        scores = np.where(mask[:, None, None, :], scores, -np.inf)
    m = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isinf(m), 0, m))
    total = e.sum(axis=-1, keepdims=True)
    heads = e / np.where(total == 0, 1, total) @ v
    return heads.transpose(0, 2, 1, 3).reshape(z.shape) @ p.w_o


def encoder_block(
    x: np.ndarray,
    params: Params,
    n_heads: int,
    mask: np.ndarray | None = None,
    norm_first: bool = False,
    eps: float = 1e-5,
) -> np.ndarray:
    def norm_1(z):
        return layer_norm(z, params.norm_1, eps)

    def norm_2(z):
        return layer_norm(z, params.norm_2, eps)

    def attention(z):
        return self_attention(z, params.attention, n_heads, mask)

    def feed_forward(z):
        p = params.feed_forward
        return np.maximum(0, z @ p.w_1 + p.b_1) @ p.w_2 + p.b_2

    if norm_first:
        y = x + attention(norm_1(x))
        return y + feed_forward(norm_2(y))
    y = norm_1(x + attention(x))
    return norm_2(y + feed_forward(y))
