# candidate, par time, from the stub alone
import numpy as np


def sliding_window_mask(n: int, window: int) -> np.ndarray:
    if window < 1:
        raise ValueError("window must be at least 1")
    i = np.arange(n)[:, None]
    j = np.arange(n)[None, :]
    return (j <= i) & (j > i - window)


def sliding_window_attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, window: int) -> np.ndarray:
    if window < 1:
        raise ValueError("window must be at least 1")
    n, d_k = q.shape[-2:]
    out = np.zeros(v.shape)
    for i in range(n):
        start = max(0, i - window + 1)
        keys = k[..., start : i + 1, :]
        values = v[..., start : i + 1, :]
        scores = (keys @ q[..., i, :, None])[..., 0] / np.sqrt(d_k)
        scores = scores - scores.max(axis=-1, keepdims=True)
        weights = np.exp(scores)
        weights /= weights.sum(axis=-1, keepdims=True)
        out[..., i, :] = (weights[..., None, :] @ values)[..., 0, :]
    return out
