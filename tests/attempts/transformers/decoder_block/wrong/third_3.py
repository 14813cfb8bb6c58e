# wrong (core): the norm divides by sqrt(var) + eps instead of sqrt(var + eps)
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


def _norm(a, p, eps=1e-5):
    mean = a.mean(axis=-1, keepdims=True)
    var = a.var(axis=-1, keepdims=True)
    return p.gamma * (a - mean) / (np.sqrt(var) + eps) + p.beta


def _heads(a, n_heads):
    n, t, d = a.shape
    return a.reshape(n, t, n_heads, d // n_heads).transpose(0, 2, 1, 3)


def _attention(a, b, p, n_heads, mask):
    """Return attention; mask broadcasts to (n_sequences, n_heads, n_tokens, n_keys)."""
    q, k, v = (_heads(z, n_heads) for z in (a @ p.w_q, b @ p.w_k, b @ p.w_v))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    weights = np.divide(e, total, out=np.zeros_like(e), where=total > 0)
    heads = weights @ v
    return heads.transpose(0, 2, 1, 3).reshape(a.shape) @ p.w_o


def decoder_block(x, memory, params, n_heads, memory_mask=None, eps=1e-5):
    x = np.asarray(x, dtype=float)
    memory = np.asarray(memory, dtype=float)
    n, t = x.shape[:2]
    causal = np.tril(np.ones((t, t), dtype=bool))
    if memory_mask is None:
        memory_mask = np.ones(memory.shape[:2], dtype=bool)
    memory_mask = np.asarray(memory_mask, dtype=bool)[:, None, None, :]
    a = _norm(x, params.norm_1, eps)
    y = x + _attention(a, a, params.self_attention, n_heads, causal)
    z = y + _attention(_norm(y, params.norm_2, eps), memory, params.cross_attention, n_heads, memory_mask)
    f = params.feed_forward
    return z + np.maximum(_norm(z, params.norm_3, eps) @ f.w_1 + f.b_1, 0.0) @ f.w_2 + f.b_2
