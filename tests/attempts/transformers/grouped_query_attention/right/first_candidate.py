# candidate, par time, from the stub alone
import numpy as np


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
    if n_heads % n_kv_heads != 0:
        raise ValueError("n_heads must be a multiple of n_kv_heads")
    b, n, _ = x.shape
    d_head = w_q.shape[1] // n_heads
    group = n_heads // n_kv_heads

    q = (x @ w_q).reshape(b, n, n_heads, d_head).transpose(0, 2, 1, 3)
    k = (x @ w_k).reshape(b, n, n_kv_heads, d_head).transpose(0, 2, 1, 3)
    v = (x @ w_v).reshape(b, n, n_kv_heads, d_head).transpose(0, 2, 1, 3)
    k = np.repeat(k, group, axis=1)
    v = np.repeat(v, group, axis=1)

    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d_head)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights /= weights.sum(axis=-1, keepdims=True)

    heads = weights @ v
    return heads.transpose(0, 2, 1, 3).reshape(b, n, n_heads * d_head) @ w_o


def pool_kv_heads(w: np.ndarray, n_heads: int, n_kv_heads: int) -> np.ndarray:
    if n_heads % n_kv_heads != 0:
        raise ValueError("n_heads must be a multiple of n_kv_heads")
    d_model = w.shape[0]
    d_head = w.shape[1] // n_heads
    w = w.reshape(d_model, n_kv_heads, n_heads // n_kv_heads, d_head)
    return w.mean(axis=2).reshape(d_model, n_kv_heads * d_head)
