# different style; both bars
import math

import numpy as np


def multi_head_attention(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    x, w_q, w_k, w_v, w_o = (np.array(a, dtype=np.float64, order="C") for a in (x, w_q, w_k, w_v, w_o))
    if n_heads <= 0:
        raise ValueError("n_heads must be positive")
    *lead, n_tokens, d_model = x.shape
    if d_model % n_heads:
        raise ValueError("d_model must be a multiple of n_heads")
    n_heads = int(n_heads)
    size = d_model // n_heads
    root = math.sqrt(size) if size else 1.0
    if mask is not None:
        mask = np.broadcast_to(np.asarray(mask).astype(bool), (*lead, n_heads, n_tokens, n_tokens))

    out = np.zeros(x.shape)
    for spot in np.ndindex(*lead):
        tokens = x[spot]
        for h in range(n_heads):
            part = slice(h * size, (h + 1) * size)
            q, k, v = tokens @ w_q[:, part], tokens @ w_k[:, part], tokens @ w_v[:, part]
            head = np.zeros((n_tokens, size))
            for i in range(n_tokens):
                if mask is None:
                    seen_k, seen_v = k, v
                else:
                    seen = np.flatnonzero(mask[spot + (h, i)])
                    if not len(seen):
                        continue
                    seen_k, seen_v = k[seen], v[seen]
                score = seen_k.dot(q[i]) / root
                power = np.exp(score - score.max())
                head[i] = power.dot(seen_v) / power.sum()
            # The rows of w_o that belong to this head: the sum over heads replaces the concatenation.
            out[spot] += head @ w_o[part]
    return out
