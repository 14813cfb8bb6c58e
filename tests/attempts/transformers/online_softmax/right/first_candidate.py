# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class State(NamedTuple):
    maximum: np.ndarray
    total: np.ndarray
    weighted: np.ndarray


class Attention(NamedTuple):
    out: np.ndarray
    logsumexp: np.ndarray


def online_softmax_step(state: State, scores: np.ndarray, values: np.ndarray) -> State:
    maximum = np.maximum(state.maximum, scores.max(axis=1))
    shift = np.where(maximum == -np.inf, 0.0, maximum)
    scale = np.exp(state.maximum - shift)
    p = np.exp(scores - shift[:, None])
    total = state.total * scale + p.sum(axis=1)
    weighted = state.weighted * scale[:, None] + p @ values
    return State(maximum, total, weighted)


def flash_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, block_size: int, block_mask: np.ndarray | None = None
) -> Attention:
    n_queries, n_keys, d_v = len(q), len(k), v.shape[1]
    out = np.zeros((n_queries, d_v))
    logsumexp = np.full(n_queries, -np.inf)
    for i, start in enumerate(range(0, n_queries, block_size)):
        rows = slice(start, start + block_size)
        qb = q[rows]
        state = State(np.full(len(qb), -np.inf), np.zeros(len(qb)), np.zeros((len(qb), d_v)))
        for j, key_start in enumerate(range(0, n_keys, block_size)):
            if block_mask is not None and not block_mask[i, j]:
                continue
            cols = slice(key_start, key_start + block_size)
            scores = qb @ k[cols].T / np.sqrt(q.shape[1])
            state = online_softmax_step(state, scores, v[cols])
        if state.total.size and state.total[0] > 0:  # all queries of a block have the same keys
            out[rows] = state.weighted / state.total[:, None]
            logsumexp[rows] = state.maximum + np.log(state.total)
    return Attention(out, logsumexp)
