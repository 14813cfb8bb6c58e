# different style; both bars
# The step goes query by query, over the permitted keys only. FlashAttention runs over the keys outside and the queries
# inside; each tile gives a state of its own, and two states are merged (the merge is associative).
import math
from typing import NamedTuple

import numpy as np


class State(NamedTuple):
    maximum: np.ndarray
    total: np.ndarray
    weighted: np.ndarray


class Attention(NamedTuple):
    out: np.ndarray
    logsumexp: np.ndarray


def _merge(a, b):
    """The state of both sets of keys. -inf marks an empty set: its sums do not matter."""
    top = np.maximum(a.maximum, b.maximum)
    total, weighted = np.zeros(a.total.shape), np.zeros(a.weighted.shape)
    for part in (a, b):
        some = part.maximum > -np.inf
        factor = np.exp(part.maximum[some] - top[some])
        total[some] += factor * part.total[some]
        weighted[some] += factor[:, None] * part.weighted[some]
    return State(top, total, weighted)


def online_softmax_step(state: State, scores: np.ndarray, values: np.ndarray) -> State:
    scores, values = np.asarray(scores).astype(np.float64), np.asarray(values).astype(np.float64)
    maximum, total, weighted = (np.array(a, dtype=np.float64) for a in state)
    for i, row in enumerate(scores):
        seen = np.flatnonzero(row > -math.inf)
        if seen.size == 0:
            continue
        old, top = maximum[i], max(maximum[i], row[seen].max())
        shrink = math.exp(old - top)  # 0 before the first key
        share = np.exp(row[seen] - top)
        maximum[i] = top
        total[i] = total[i] * shrink + share.sum()
        weighted[i] = weighted[i] * shrink + share @ values[seen]
    return State(maximum, total, weighted)


def flash_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, block_size: int, block_mask: np.ndarray | None = None
) -> Attention:
    q, k, v = (np.asarray(a).astype(np.float64) for a in (q, k, v))
    n, d_v, size = q.shape[0], v.shape[1], int(block_size)
    all_of_it = State(np.full(n, -np.inf), np.zeros(n), np.zeros((n, d_v)))
    for column, first_key in enumerate(range(0, k.shape[0], size)):
        keys = k[first_key : first_key + size] / math.sqrt(q.shape[1])
        values = v[first_key : first_key + size]
        for row, first_query in enumerate(range(0, n, size)):
            if block_mask is not None and not block_mask[row][column]:
                continue
            rows = slice(first_query, first_query + size)
            scores = q[rows] @ keys.T
            top = scores.max(axis=1)
            share = np.exp(scores - top[:, None])
            merged = _merge(State(*(a[rows] for a in all_of_it)), State(top, share.sum(axis=1), share @ values))
            for array, block in zip(all_of_it, merged):
                array[rows] = block
    some = all_of_it.total > 0
    out, logsumexp = np.zeros((n, d_v)), np.full(n, -np.inf)
    out[some] = all_of_it.weighted[some] / all_of_it.total[some][:, None]
    logsumexp[some] = all_of_it.maximum[some] + np.log(all_of_it.total[some])
    return Attention(out, logsumexp)
