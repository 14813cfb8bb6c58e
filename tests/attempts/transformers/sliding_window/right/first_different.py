# different style; both bars
import math

import numpy as np


def sliding_window_mask(n: int, window: int) -> np.ndarray:
    if window < 1:
        raise ValueError("window is less than 1")
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        mask[i, max(0, i - window + 1) : i + 1] = True
    return mask


def sliding_window_attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, window: int) -> np.ndarray:
    # one step per distance back from the token, for all tokens at once, with a running (online) softmax
    if window < 1:
        raise ValueError("window is less than 1")
    q, k, v = (np.asarray(a, dtype=np.float64) for a in (q, k, v))
    n, d_k = q.shape[-2:]
    q = q / math.sqrt(d_k)
    largest = np.einsum("...d,...d->...", q, k)[..., None]  # distance 0: every token has itself
    total = np.ones_like(largest)
    out = v.copy()
    for back in range(1, min(window, n)):
        m, z, o = largest[..., back:, :], total[..., back:, :], out[..., back:, :]  # views
        score = np.einsum("...d,...d->...", q[..., back:, :], k[..., : n - back, :])[..., None]
        new = np.maximum(m, score)
        old_scale, weight = np.exp(m - new), np.exp(score - new)
        m[...] = new
        z *= old_scale
        z += weight
        o *= old_scale
        o += weight * v[..., : n - back, :]
    return out / total
