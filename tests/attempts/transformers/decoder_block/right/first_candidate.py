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
    self_attention: Attention
    norm_1: Norm
    cross_attention: Attention
    norm_2: Norm
    feed_forward: FeedForward
    norm_3: Norm


def layer_norm(a, p, eps):
    mean = a.mean(axis=-1, keepdims=True)
    var = a.var(axis=-1, keepdims=True)
    return p.gamma * (a - mean) / np.sqrt(var + eps) + p.beta


def softmax(scores):
    m = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isinf(m), 0, m))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def attend(a, b, p, n_heads, mask):
    """mask broadcasts to (n_sequences, n_heads, len a, len b)."""

    def split(t):
        return t.reshape(t.shape[0], t.shape[1], n_heads, -1).transpose(0, 2, 1, 3)

    q, k, v = split(a @ p.w_q), split(b @ p.w_k), split(b @ p.w_v)
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(q.shape[-1])
    heads = softmax(np.where(mask, scores, -np.inf)) @ v
    return heads.transpose(0, 2, 1, 3).reshape(a.shape) @ p.w_o


def decoder_block(
    x: np.ndarray,
    memory: np.ndarray,
    params: Params,
    n_heads: int,
    memory_mask: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    n_tokens = x.shape[1]
    causal = np.tril(np.ones((n_tokens, n_tokens), dtype=bool))
    if memory_mask is None:
        memory_mask = np.ones(memory.shape[:2], dtype=bool)

    a = layer_norm(x, params.norm_1, eps)
    y = x + attend(a, a, params.self_attention, n_heads, causal)
    a = layer_norm(y, params.norm_2, eps)
    z = y + attend(a, memory, params.cross_attention, n_heads, memory_mask[:, None, None, :])
    a = layer_norm(z, params.norm_3, eps)
    ff = params.feed_forward
    return z + np.maximum(0, a @ ff.w_1 + ff.b_1) @ ff.w_2 + ff.b_2
