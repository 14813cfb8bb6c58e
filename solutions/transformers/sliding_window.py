"""Sliding-window attention: a token attends to itself and to the window - 1 tokens before it.

    keys of token i:  all j with  i - window < j <= i  and  j >= 0
    score_ij = q_i . k_j / sqrt(d_k)
    out_i    = sum_j weight_ij v_j,   weight_i = softmax of score_i over the keys of token i

Each token has at most window keys, so the scores of n tokens fit into n x window numbers. A window of n or more gives
causal attention. Scores may be as large as 1e4, of either sign.

Source: Child et al., Generating Long Sequences with Sparse Transformers (2019), section 4.3; Jiang et al., Mistral 7B
(2023), section 2.
"""

import math

import numpy as np


def sliding_window_mask(n: int, window: int) -> np.ndarray:
    """Return the mask of shape (n, n): True in row i and column j if token i attends to token j.

    Raises
    ------
    ValueError
        If window is less than 1. The same holds for sliding_window_attention.

    Examples
    --------
    >>> sliding_window_mask(4, 2)
    array([[ True, False, False, False],
           [ True,  True, False, False],
           [False,  True,  True, False],
           [False, False,  True,  True]])
    """
    _check(window)
    back = np.arange(n)[:, np.newaxis] - np.arange(n)
    return (back >= 0) & (back < window)


def sliding_window_attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, window: int) -> np.ndarray:
    """Return the output of each token, of shape (..., n, d_v).

    Parameters
    ----------
    q, k : arrays of shape (..., n, d_k)
        The leading axes, such as batch and heads, are the same for q, k and v. There may be none.
    v : array of shape (..., n, d_v)
    window : int

    Notes
    -----
    O(n * window) time and memory for a given d_k and d_v: no array of n x n is built.

    Examples
    --------
    With q = 0 a token gets the mean of its values.

    >>> v = np.array([[2.0], [4.0], [6.0], [20.0]])
    >>> sliding_window_attention(np.zeros((4, 1)), np.ones((4, 1)), v, window=2)
    array([[ 2.],
           [ 3.],
           [ 5.],
           [13.]])
    """
    _check(window)
    n = q.shape[-2]
    # Column `back` is for the key that many tokens before. The first tokens have none there: -inf.
    scores = np.full((*q.shape[:-1], min(window, n)), -np.inf)
    scaled = q / np.sqrt(q.shape[-1])
    for back in range(scores.shape[-1]):
        scores[..., back:, back] = np.einsum("...d,...d->...", scaled[..., back:, :], k[..., : n - back, :])
    weights = _softmax(scores)
    out = np.zeros((*q.shape[:-1], v.shape[-1]))
    for back in range(scores.shape[-1]):
        out[..., back:, :] += weights[..., back:, back, np.newaxis] * v[..., : n - back, :]
    return out


def _check(window: int) -> None:
    if window < 1:
        raise ValueError(f"window is {window}: a token attends to itself at least, so it has to be 1 or more")


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sliding_window_mask_via_bands(n: int, window: int) -> np.ndarray:
    """Take what lies below the band away from the lower triangle."""
    if window <= 0:
        raise ValueError("a window without tokens")
    return np.tri(n, dtype=bool) ^ np.tri(n, k=-window, dtype=bool)


def sliding_window_mask_via_loop(n: int, window: int) -> np.ndarray:
    """Write out each row."""
    if not window > 0:
        raise ValueError("a window without tokens")
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        mask[i, max(0, i + 1 - window) : i + 1] = True
    return mask


def sliding_window_attention_via_blocks(q: np.ndarray, k: np.ndarray, v: np.ndarray, window: int) -> np.ndarray:
    """Let each block of window queries attend to its own block of keys and to the one before, with masked corners."""
    n, d_k = q.shape[-2:]
    outs = []
    # Without tokens in the window, range or concatenate raises ValueError.
    for start in range(0, n, window):
        end = min(start + window, n)
        first = max(0, start - window)
        scores = q[..., start:end, :] / math.sqrt(d_k) @ np.swapaxes(k[..., first:end, :], -1, -2)
        back = np.arange(start, end)[:, np.newaxis] - np.arange(first, end)
        own = (back >= 0) & (back < window)
        total = np.logaddexp.reduce(scores, axis=-1, keepdims=True, where=own)
        weights = np.exp(scores - total, where=own, out=np.zeros(scores.shape))
        outs.append(weights @ v[..., first:end, :])
    return np.concatenate(outs, axis=-2)


def sliding_window_attention_via_views(q: np.ndarray, k: np.ndarray, v: np.ndarray, window: int) -> np.ndarray:
    """Put masked keys in front of the first, and look at keys and values through a window."""
    if window < 1:
        raise ValueError("a window without tokens")
    n = q.shape[-2]
    window = min(window, n)
    front = [(0, 0)] * (q.ndim - 2) + [(window - 1, 0), (0, 0)]
    keys, values = (np.lib.stride_tricks.sliding_window_view(np.pad(array, front), window, axis=-2) for array in (k, v))
    scores = np.einsum("...nd,...ndw->...nw", q / math.sqrt(q.shape[-1]), keys)
    position = np.arange(n)[:, np.newaxis] + np.arange(1 - window, 1)
    weights = _softmax(np.where(position < 0, -np.inf, scores))
    return np.einsum("...nw,...ndw->...nd", weights, values)


def sliding_window_attention_via_loop(q: np.ndarray, k: np.ndarray, v: np.ndarray, window: int) -> np.ndarray:
    """Answer for one token at a time, from slices of keys and values."""
    if window < 1:
        raise ValueError("a window without tokens")
    out = np.empty((*q.shape[:-1], v.shape[-1]))
    for i in range(q.shape[-2]):
        own = slice(max(0, i - window + 1), i + 1)
        scores = (k[..., own, :] * (q[..., i : i + 1, :] * q.shape[-1] ** -0.5)).sum(axis=-1)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        out[..., i, :] = (powers[..., np.newaxis] * v[..., own, :]).sum(axis=-2) / powers.sum(axis=-1, keepdims=True)
    return out
