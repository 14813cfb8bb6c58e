# wrong (core): the attention of padding tokens is set to 0 (they are masked as queries too)
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


def _norm(a, p, eps):
    mean = a.mean(axis=-1, keepdims=True)
    var = a.var(axis=-1, keepdims=True)
    return p.gamma * (a - mean) / np.sqrt(var + eps) + p.beta


def _heads(a, n_heads):
    n, t, d = a.shape
    return a.reshape(n, t, n_heads, d // n_heads).transpose(0, 2, 1, 3)


def _attention(a, p, n_heads, mask):
    q, k, v = (_heads(z, n_heads) for z in (a @ p.w_q, a @ p.w_k, a @ p.w_v))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=-1, keepdims=True)
    weights = np.divide(e, total, out=np.zeros_like(e), where=total > 0)
    heads = (weights * mask.swapaxes(-1, -2)) @ v
    return heads.transpose(0, 2, 1, 3).reshape(a.shape) @ p.w_o


def _feed_forward(a, f):
    return np.maximum(a @ f.w_1 + f.b_1, 0.0) @ f.w_2 + f.b_2


def encoder_block(x, params, n_heads, mask=None, norm_first=False, eps=1e-5):
    x = np.asarray(x, dtype=float)
    if mask is None:
        mask = np.ones(x.shape[:2], dtype=bool)
    mask = np.asarray(mask, dtype=bool)[:, None, None, :]
    p = params
    if norm_first:
        y = x + _attention(_norm(x, p.norm_1, eps), p.attention, n_heads, mask)
        return y + _feed_forward(_norm(y, p.norm_2, eps), p.feed_forward)
    y = _norm(x + _attention(x, p.attention, n_heads, mask), p.norm_1, eps)
    return _norm(y + _feed_forward(y, p.feed_forward), p.norm_2, eps)
