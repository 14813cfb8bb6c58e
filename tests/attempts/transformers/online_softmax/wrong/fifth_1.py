# wrong (core): returns the maximum 0 (the safe stand-in) instead of -inf for rows without keys so far; later very negative scores vanish
"""Online softmax, and FlashAttention on top of it.

Attention needs a softmax over all keys, but not all scores at once. Take in the keys block by block, and keep for each
query, over the keys so far:

    maximum  = max_j score_j                              -inf before the first key
    total    = sum_j exp(score_j - maximum)               0
    weighted = sum_j exp(score_j - maximum) value_j       0

Scale both sums when the maximum grows. After the last block, out = weighted / total is the softmax-weighted mean of all
values. Scores may be as large as 1e4, of either sign.

Source: Milakov and Gimelshein, Online normalizer calculation for softmax (2018), section 3; Dao et al., FlashAttention
(2022), sections 3.1 and 3.3.
"""

from typing import NamedTuple

import numpy as np


class State(NamedTuple):
    """Of each query: maximum and total, of shape (n_queries,), and weighted, of shape (n_queries, d_v)."""

    maximum: np.ndarray
    total: np.ndarray
    weighted: np.ndarray


class Attention(NamedTuple):
    """The output, of shape (n_queries, d_v), and log(sum_j exp(score_j)), of shape (n_queries,)."""

    out: np.ndarray
    logsumexp: np.ndarray


def online_softmax_step(state: State, scores: np.ndarray, values: np.ndarray) -> State:
    """Return the state after one more block of keys.

    Parameters
    ----------
    state : State
        After the blocks before.
    scores : array of shape (n_queries, n_keys)
        -inf where a query may not attend to a key. A row may be -inf throughout, in the first block too.
    values : array of shape (n_keys, d_v)

    Examples
    --------
    The maximum grows to log(3): the sums shrink to a third.

    >>> state = State(np.array([0.0]), np.array([1.0]), np.array([[6.0]]))
    >>> state = online_softmax_step(state, np.array([[np.log(3), -np.inf]]), np.array([[10.0], [7.0]]))
    >>> state.total, state.weighted
    (array([1.33333333]), array([[12.]]))
    """
    maximum, total, weighted = (np.asarray(s, dtype=float) for s in state)
    scores = np.asarray(scores, dtype=float)
    values = np.asarray(values, dtype=float)
    new_max = np.maximum(maximum, scores.max(axis=1, initial=-np.inf))
    safe = np.where(np.isneginf(new_max), 0.0, new_max)
    scale = np.exp(maximum - safe)
    p = np.exp(scores - safe[:, None])
    total = total * scale + p.sum(axis=1)
    weighted = weighted * scale[:, None] + p @ values
    return State(safe, total, weighted)


def flash_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, block_size: int, block_mask: np.ndarray | None = None
) -> Attention:
    """Return attention with scores q k^T / sqrt(d_k), in tiles of block_size queries and block_size keys.

    Parameters
    ----------
    q : array of shape (n_queries, d_k)
    k : array of shape (n_keys, d_k)
    v : array of shape (n_keys, d_v)
    block_size : int
        The last blocks may be smaller.
    block_mask : array of bool of shape (n_query_blocks, n_key_blocks)
        True for the tiles that are permitted. None permits all.

    Returns
    -------
    Attention
        A query without permitted keys gets out 0 and logsumexp -inf.

    Notes
    -----
    Skip tiles that are not permitted. Do not build an array of n_queries x n_keys.

    Examples
    --------
    >>> q, k, v = np.zeros((2, 1)), np.zeros((3, 1)), np.array([[3.0], [5.0], [10.0]])
    >>> flash_attention(q, k, v, block_size=2).out
    array([[6.],
           [6.]])
    >>> flash_attention(q, k, v, block_size=2, block_mask=np.array([[True, False]])).out
    array([[4.],
           [4.]])
    """
    q, k, v = (np.asarray(a, dtype=float) for a in (q, k, v))
    n_queries, d_k = q.shape
    n_keys, d_v = v.shape
    out = np.zeros((n_queries, d_v))
    logsumexp = np.full(n_queries, -np.inf)
    n_query_blocks = -(-n_queries // block_size)
    n_key_blocks = -(-n_keys // block_size)
    for i in range(n_query_blocks):
        rows = slice(i * block_size, (i + 1) * block_size)
        qi = q[rows] / np.sqrt(d_k)
        state = State(np.full(len(qi), -np.inf), np.zeros(len(qi)), np.zeros((len(qi), d_v)))
        for j in range(n_key_blocks):
            if block_mask is not None and not block_mask[i, j]:
                continue
            cols = slice(j * block_size, (j + 1) * block_size)
            state = online_softmax_step(state, qi @ k[cols].T, v[cols])
        seen = state.total > 0
        total = np.where(seen, state.total, 1.0)
        out[rows] = state.weighted / total[:, None]
        logsumexp[rows] = np.where(seen, state.maximum + np.log(total), -np.inf)
    return Attention(out, logsumexp)
