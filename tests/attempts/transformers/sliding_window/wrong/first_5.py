# wrong (core): blocks of window queries, the last partial block is left at 0
import numpy as np


def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window must be 1 or more")
    i, j = np.arange(n)[:, None], np.arange(n)[None, :]
    return (j <= i) & (j > i - window)


def sliding_window_attention(q, k, v, window):
    if window < 1:
        raise ValueError("window must be 1 or more")
    q, k, v = (np.asarray(a, dtype=float) for a in (q, k, v))
    n, d_k = q.shape[-2:]
    w = max(min(window, n), 1)
    out = np.zeros(v.shape)
    for b in range(n // w):
        start, stop = b * w, (b + 1) * w
        first = max(start - w + 1, 0)
        s = q[..., start:stop, :] @ np.swapaxes(k[..., first:stop, :], -1, -2) / np.sqrt(d_k)
        i, j = np.arange(start, stop)[:, None], np.arange(first, stop)[None, :]
        s = np.where((j <= i) & (j > i - w), s, -np.inf)
        p = np.exp(s - s.max(axis=-1, keepdims=True))
        out[..., start:stop, :] = p / p.sum(axis=-1, keepdims=True) @ v[..., first:stop, :]
    return out
