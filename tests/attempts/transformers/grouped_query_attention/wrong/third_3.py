# wrong (core): pool_kv_heads refuses only too few heads, and otherwise trusts the reshape
"""Grouped-query attention.

Keys and values of each token are kept while a model generates. To keep less, n_heads query heads share n_kv_heads heads
of keys and values. The query heads of a group stand next to each other:

    q = x w_q, k = x w_k, v = x w_v
    d_head = (columns of w_q) / n_heads                  it need not be d_model / n_heads
    q_h: columns h d_head to (h + 1) d_head - 1 of q     the same for k_j and v_j

    head_h = softmax(q_h k_j^T / sqrt(d_head)) v_j       h = 0, ..., n_heads - 1
             with j = h // (n_heads / n_kv_heads)
    out    = [head_0, head_1, ...] w_o

n_kv_heads = n_heads is multi-head attention, n_kv_heads = 1 is multi-query attention. Scores may be as large as 1e4.

Both functions raise ValueError if n_heads is not a multiple of n_kv_heads.

Source: Ainslie et al., GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints (2023),
section 2.
"""

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
    """Return the tokens' outputs, in the shape of x.

    Parameters
    ----------
    x : array of shape (n_sequences, n_tokens, d_model)
    w_q : array of shape (d_model, n_heads * d_head)
    w_k, w_v : arrays of shape (d_model, n_kv_heads * d_head)
    w_o : array of shape (n_heads * d_head, d_model)
    n_heads, n_kv_heads : int
    mask : array of bool, of shape (n_tokens, n_tokens)
        True where token i (row) may attend to token j. Each row has a True. None permits everything.

    Examples
    --------
    One token, four query heads of size 1. Heads 0 and 1 get the value 5, heads 2 and 3 the value 7.

    >>> w_q, w_k, w_v = np.ones((1, 4)), np.ones((1, 2)), np.array([[5.0, 7.0]])
    >>> w_o = np.array([[1.0], [10.0], [100.0], [1000.0]])
    >>> grouped_query_attention(np.array([[[1.0]]]), w_q, w_k, w_v, w_o, n_heads=4, n_kv_heads=2)
    array([[[7755.]]])
    """
    if n_heads % n_kv_heads:
        raise ValueError("n_heads is not a multiple of n_kv_heads")
    x = np.asarray(x, dtype=float)
    s, n, d_model = x.shape
    d_head = w_q.shape[1] // n_heads
    q = (x @ w_q).reshape(s, n, n_heads, d_head).transpose(0, 2, 1, 3)
    k = (x @ w_k).reshape(s, n, n_kv_heads, d_head).transpose(0, 2, 1, 3)
    v = (x @ w_v).reshape(s, n, n_kv_heads, d_head).transpose(0, 2, 1, 3)
    k = np.repeat(k, n_heads // n_kv_heads, axis=1)
    v = np.repeat(v, n_heads // n_kv_heads, axis=1)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d_head)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    p = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return (p @ v).transpose(0, 2, 1, 3).reshape(s, n, -1) @ w_o


def pool_kv_heads(w: np.ndarray, n_heads: int, n_kv_heads: int) -> np.ndarray:
    """Turn w_k or w_v of multi-head attention into that of grouped-query attention: average the heads of each group.

    Parameters
    ----------
    w : array of shape (d_model, n_heads * d_head)
    n_heads, n_kv_heads : int

    Examples
    --------
    Four heads of size 2 become two.

    >>> pool_kv_heads(np.array([[1.0, 10.0, 3.0, 30.0, 5.0, 50.0, 9.0, 90.0]]), n_heads=4, n_kv_heads=2)
    array([[ 2., 20.,  7., 70.]])
    """
    if n_heads < n_kv_heads:
        raise ValueError("n_heads is not a multiple of n_kv_heads")
    return w.reshape(len(w), n_kv_heads, n_heads // n_kv_heads, -1).mean(axis=2).reshape(len(w), -1)
