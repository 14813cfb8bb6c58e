# different style; both bars
import math

import numpy as np


def _group_size(n_heads, n_kv_heads):
    group, rest = divmod(n_heads, n_kv_heads)
    if rest:
        raise ValueError("n_heads is not a multiple of n_kv_heads")
    return group


def grouped_query_attention(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    n_kv_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    # per head, scores = x (w_q w_k^T) x^T and out += weights x (w_v w_o): no q, k, v and no concatenation
    group = _group_size(n_heads, n_kv_heads)
    x, w_q, w_k, w_v, w_o = (np.asarray(a, dtype=np.float64) for a in (x, w_q, w_k, w_v, w_o))
    d = w_q.shape[1] // n_heads
    n_sequences, n_tokens, _ = x.shape
    if mask is None:
        keys = [np.arange(n_tokens)] * n_tokens
    else:
        keys = [np.flatnonzero(row) for row in np.asarray(mask)]

    out = np.zeros(x.shape)
    for h in range(n_heads):
        j = h // group
        mine, shared = slice(h * d, h * d + d), slice(j * d, j * d + d)
        bilinear = w_q[:, mine] @ w_k[:, shared].T / math.sqrt(d)
        outward = w_v[:, shared] @ w_o[mine]
        for s in range(n_sequences):
            asked = x[s] @ bilinear
            given = x[s] @ outward
            for i in range(n_tokens):
                score = x[s, keys[i]] @ asked[i]
                weight = np.exp(score - score.max())
                out[s, i] += weight @ given[keys[i]] / weight.sum()
    return out


def pool_kv_heads(w: np.ndarray, n_heads: int, n_kv_heads: int) -> np.ndarray:
    group = _group_size(n_heads, n_kv_heads)
    w = np.asarray(w, dtype=np.float64)
    d = w.shape[1] // n_heads
    pooled = np.zeros((w.shape[0], n_kv_heads * d))
    for h in range(n_heads):
        start = h // group * d
        pooled[:, start : start + d] += w[:, h * d : h * d + d]
    return pooled / group
