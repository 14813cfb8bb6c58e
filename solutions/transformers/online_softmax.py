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

import math
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
    maximum = np.maximum(state.maximum, scores.max(axis=1))
    # While a query has seen no key, any finite level makes its powers 0, where -inf - (-inf) would be NaN.
    level = np.maximum(maximum, np.finfo(float).min)
    shrink, powers = np.exp(state.maximum - level), np.exp(scores - level[:, np.newaxis])
    return State(
        maximum,
        state.total * shrink + powers.sum(axis=1),
        state.weighted * shrink[:, np.newaxis] + powers @ values,
    )


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
    out, logsumexp = np.empty((len(q), v.shape[1])), np.empty(len(q))
    for i, first_query in enumerate(range(0, len(q), block_size)):
        queries = slice(first_query, first_query + block_size)
        scaled = q[queries] / np.sqrt(q.shape[1])
        state = State(np.full(len(scaled), -np.inf), np.zeros(len(scaled)), np.zeros((len(scaled), v.shape[1])))
        for j, first_key in enumerate(range(0, len(k), block_size)):
            if block_mask is None or block_mask[i, j]:
                keys = slice(first_key, first_key + block_size)
                state = online_softmax_step(state, scaled @ k[keys].T, v[keys])
        # The largest power is 1, so the total is below 1 only where there is no key.
        total = np.maximum(state.total, 1.0)
        out[queries] = state.weighted / total[:, np.newaxis]
        logsumexp[queries] = state.maximum + np.log(total)
    return Attention(out, logsumexp)


def online_softmax_step_via_merging(state: State, scores: np.ndarray, values: np.ndarray) -> State:
    """Make a state of the block alone, and merge the two at the level of the larger maximum."""
    top = scores.max(axis=1)
    powers = np.exp(scores - np.maximum(top, np.finfo(float).min)[:, np.newaxis])
    maximum = np.fmax(state.maximum, top)
    total, weighted = np.zeros(maximum.shape), np.zeros(state.weighted.shape)
    for part in (state, State(top, powers.sum(axis=1), powers @ values)):
        seen = part.maximum > -np.inf
        share = np.exp(part.maximum[seen] - maximum[seen])
        total[seen] += share * part.total[seen]
        weighted[seen] += share[:, np.newaxis] * part.weighted[seen]
    return State(maximum, total, weighted)


def online_softmax_step_via_loop(state: State, scores: np.ndarray, values: np.ndarray) -> State:
    """Take in one key of one query at a time, and rescale only when the maximum grows."""
    maximum, total, weighted = (np.array(part, dtype=float) for part in state)
    for i, row in enumerate(scores.tolist()):
        for score, value in zip(row, values, strict=True):
            if score == -math.inf:
                continue
            if score > maximum[i]:
                shrink = math.exp(maximum[i] - score)
                total[i], weighted[i], maximum[i] = total[i] * shrink, weighted[i] * shrink, score
            power = math.exp(score - maximum[i])
            total[i] += power
            weighted[i] += power * value
    return State(maximum, total, weighted)


def flash_attention_via_running_means(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, block_size: int, block_mask: np.ndarray | None = None
) -> Attention:
    """Let each block of keys update the mean and the logsumexp of the queries that may see it."""
    n_queries, d_k = q.shape
    out, logsumexp = np.zeros((n_queries, v.shape[1])), np.full(n_queries, -np.inf)
    blocks_of_queries = np.arange(n_queries) // block_size
    for j in range(math.ceil(len(k) / block_size)):
        keys = slice(j * block_size, (j + 1) * block_size)
        for i in range(math.ceil(n_queries / block_size)):
            if block_mask is not None and not block_mask[i, j]:
                continue
            rows = blocks_of_queries == i
            scores = np.einsum("id,jd->ij", q[rows] * d_k**-0.5, k[keys])
            own = np.logaddexp.reduce(scores, axis=1)
            both = np.logaddexp(logsumexp[rows], own)
            part = np.exp(scores - both[:, np.newaxis]) @ v[keys]
            out[rows] = np.exp(logsumexp[rows] - both)[:, np.newaxis] * out[rows] + part
            logsumexp[rows] = both
    return Attention(out, logsumexp)


def flash_attention_via_gathered_keys(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, block_size: int, block_mask: np.ndarray | None = None
) -> Attention:
    """Gather the keys of each block of queries, and take one plain softmax over them."""
    out, logsumexp = [], []
    for i in range(-(-len(q) // block_size)):
        queries = q[i * block_size : (i + 1) * block_size]
        permitted = np.ones(-(-len(k) // block_size), dtype=bool) if block_mask is None else block_mask[i]
        keys = np.flatnonzero(np.repeat(permitted, block_size)[: len(k)])
        if not keys.size:
            out += [[0.0] * v.shape[1]] * len(queries)
            logsumexp += [-math.inf] * len(queries)
            continue
        scores = queries / math.sqrt(k.shape[1]) @ k[keys].T
        top = scores.max(axis=1, keepdims=True)
        powers = np.exp(scores - top)
        total = powers.sum(axis=1, keepdims=True)
        out += (powers / total @ v[keys]).tolist()
        logsumexp += (top + np.log(total))[:, 0].tolist()
    return Attention(np.array(out), np.array(logsumexp))
