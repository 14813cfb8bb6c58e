# candidate, par time, from the stub alone
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
    d_model = x.shape[-1]
    if d_model % n_heads != 0:
        raise ValueError("d_model must be a multiple of n_heads")
    d_head = d_model // n_heads

    def split(a):  # (..., n, d_model) -> (..., h, n, d_head)
        return np.swapaxes(a.reshape(*a.shape[:-1], n_heads, d_head), -2, -3)

    q, k, v = split(x @ w_q), split(x @ w_k), split(x @ w_v)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(d_head)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)  # fully masked rows
    e = np.exp(scores - top)
    total = e.sum(axis=-1, keepdims=True)
    heads = e / np.where(total == 0, 1.0, total) @ v
    return np.swapaxes(heads, -2, -3).reshape(x.shape) @ w_o
