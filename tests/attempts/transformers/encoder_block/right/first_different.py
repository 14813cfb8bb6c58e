# different style; both bars
# A loop over sequences and heads. Padding is cut out of the keys, not masked. Each head has its own columns of the
# weights, and goes through its rows of w_o at once, so that heads are added, not joined. Softmax over columns.
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


def _floats(group):
    return type(group)(*(np.asarray(a).astype(np.float64) for a in group))


def _norm(tokens, norm, eps):
    columns = tokens.T - np.einsum("td->t", tokens) / tokens.shape[1]
    columns = columns / np.sqrt(np.einsum("dt,dt->t", columns, columns) / tokens.shape[1] + eps)
    return norm.gamma * columns.T + norm.beta


def _attention(tokens, sources, weights, n_heads):
    """Attention of (n_tokens, d_model) to (n_real, d_model)."""
    out = np.zeros(tokens.shape)
    if sources.shape[0] == 0:
        return out
    for w_q, w_k, w_v, w_o in zip(
        np.split(weights.w_q, n_heads, axis=1),
        np.split(weights.w_k, n_heads, axis=1),
        np.split(weights.w_v, n_heads, axis=1),
        np.split(weights.w_o, n_heads, axis=0),
    ):
        by_key = (sources @ w_k) @ (tokens @ w_q).T / np.sqrt(w_q.shape[1])  # (n_real, n_tokens)
        by_key = np.exp(by_key - by_key.max(axis=0))
        by_key /= by_key.sum(axis=0)
        out += by_key.T @ (sources @ w_v) @ w_o
    return out


def encoder_block(
    x: np.ndarray,
    params: Params,
    n_heads: int,
    mask: np.ndarray | None = None,
    norm_first: bool = False,
    eps: float = 1e-5,
) -> np.ndarray:
    x = np.asarray(x).astype(np.float64)
    weights, norm_1, ff, norm_2 = map(_floats, params)
    real = np.ones(x.shape[:2], dtype=bool) if mask is None else np.asarray(mask).astype(bool)
    out = np.empty(x.shape)
    for s, tokens in enumerate(x):
        stages = (
            (norm_1, lambda z: _attention(z, z[real[s]], weights, n_heads)),
            (norm_2, lambda z: np.clip(z @ ff.w_1 + ff.b_1, 0.0, None) @ ff.w_2 + ff.b_2),
        )
        for norm, part in stages:
            if norm_first:
                tokens = tokens + part(_norm(tokens, norm, eps))
            else:
                tokens = _norm(tokens + part(tokens), norm, eps)
        out[s] = tokens
    return out
