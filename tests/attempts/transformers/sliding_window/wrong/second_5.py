# wrong (core): sliding_window_attention takes a window of 0 as 1 instead of raising
"""Sliding-window attention: a token attends to itself and to the window - 1 tokens before it.

    keys of token i:  all j with  i - window < j <= i  and  j >= 0
    score_ij = q_i . k_j / sqrt(d_k)
    out_i    = sum_j weight_ij v_j,   weight_i = softmax of score_i over the keys of token i

Each token has at most window keys, so the scores of n tokens fit into n x window numbers. A window of n or more gives
causal attention. Scores may be as large as 1e4.

Source: Child et al., Generating Long Sequences with Sparse Transformers (2019), section 4.3; Jiang et al., Mistral 7B
(2023), section 2.
"""

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
    if window < 1:
        raise ValueError("window must be at least 1")
    i, j = np.arange(n)[:, None], np.arange(n)
    return (j <= i) & (j > i - window)


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
    if window < 0:
        raise ValueError("window must be at least 1")
    q, k, v = (np.asarray(a, dtype=np.float64) for a in (q, k, v))
    n, d = q.shape[-2:]
    if n == 0:
        return np.zeros(v.shape)
    window = max(min(window, n), 1)
    scores = np.full((*q.shape[:-1], window), -np.inf)
    for back in range(window):
        scores[..., back:, back] = (q[..., back:, :] * k[..., : n - back, :]).sum(axis=-1) / np.sqrt(d)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    out = np.zeros(v.shape)
    for back in range(window):
        out[..., back:, :] += weights[..., back:, back, None] * v[..., : n - back, :]
    return out
