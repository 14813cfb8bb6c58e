# different style; both bars
# One token at a time, as in generation: a token sees the keys that exist when it comes, so there is no causal mask.
# Padding is cut out of the memory, not masked. Each head goes through its own rows of w_o, and the heads are added.
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


def _floats(group):
    return type(group)(*(np.asarray(a).astype(np.float64) for a in group))


def _norm(token, norm, eps):
    centred = token - token.sum() / token.size
    return norm.gamma * (centred / np.sqrt(centred @ centred / token.size + eps)) + norm.beta


def _attend(token, keys, values, weights, n_heads):
    """Attention of one token to all given keys: (d_model,) from (d_model,) and two of (n_keys, d_model)."""
    out = np.zeros(token.size)
    if not len(keys):
        return out
    d_head = token.size // n_heads
    query = token @ weights.w_q
    for start in range(0, token.size, d_head):
        head = slice(start, start + d_head)
        scores = keys[:, head] @ query[head] / np.sqrt(d_head)
        share = np.exp(scores - scores.max())
        out += (share @ values[:, head] / share.sum()) @ weights.w_o[head]
    return out


def decoder_block(
    x: np.ndarray,
    memory: np.ndarray,
    params: Params,
    n_heads: int,
    memory_mask: np.ndarray | None = None,
    eps: float = 1e-5,
) -> np.ndarray:
    x, memory = np.asarray(x).astype(np.float64), np.asarray(memory).astype(np.float64)
    own, norm_1, cross, norm_2, ff, norm_3 = map(_floats, params)
    out = np.empty(x.shape)
    for s in range(x.shape[0]):
        real = memory[s] if memory_mask is None else memory[s][np.asarray(memory_mask[s]).astype(bool)]
        memory_keys, memory_values = real @ cross.w_k, real @ cross.w_v
        past_keys, past_values = np.empty(x.shape[1:]), np.empty(x.shape[1:])
        for i in range(x.shape[1]):
            token = x[s, i].copy()
            a = _norm(token, norm_1, eps)
            past_keys[i], past_values[i] = a @ own.w_k, a @ own.w_v
            token += _attend(a, past_keys[: i + 1], past_values[: i + 1], own, n_heads)
            token += _attend(_norm(token, norm_2, eps), memory_keys, memory_values, cross, n_heads)
            hidden = _norm(token, norm_3, eps) @ ff.w_1 + ff.b_1
            hidden[hidden < 0] = 0.0
            out[s, i] = token + (hidden @ ff.w_2 + ff.b_2)
    return out
