# wrong (core): missing keys get the score -1e4, not -inf
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
    scores = np.full(q.shape[:-1] + (w,), -1e4)
    for o in range(min(w, n)):  # o tokens back
        scores[..., o:, o] = (q[..., o:, :] * k[..., : n - o, :]).sum(-1) / np.sqrt(d_k)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    out = np.zeros(v.shape)
    for o in range(min(w, n)):
        out[..., o:, :] += weights[..., o:, o, None] * v[..., : n - o, :]
    return out
