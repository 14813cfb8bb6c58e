# different style; both bars
# One query at a time, with its permitted keys only: no masked scores, O(n_keys) scratch memory.
# grad score_j = weight_j * grad_out . (v_j - out).
from typing import NamedTuple

import numpy as np


class Gradients(NamedTuple):
    grad_q: np.ndarray
    grad_k: np.ndarray
    grad_v: np.ndarray


def attention_backward(
    grad_out: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
) -> Gradients:
    grad_out, q, k, v = (np.asarray(a).astype(np.float64) for a in (grad_out, q, k, v))
    (n_queries, d_k), (n_keys, d_v) = q.shape[-2:], v.shape[-2:]
    for name, have, want in (
        ("d_k of k", k.shape[-1], d_k),
        ("n_keys of k", k.shape[-2], n_keys),
        ("n_queries of grad_out", grad_out.shape[-2], n_queries),
        ("d_v of grad_out", grad_out.shape[-1], d_v),
    ):
        if have != want:
            raise ValueError(f"{name} is {have}, not {want}")
    lead = q.shape[:-2]
    allowed = np.broadcast_to(True if mask is None else np.asarray(mask).astype(bool), (*lead, n_queries, n_keys))

    grad_q, grad_k, grad_v = np.zeros(q.shape), np.zeros(k.shape), np.zeros(v.shape)
    root = d_k**0.5
    for head in np.ndindex(*lead):
        for i in range(n_queries):
            at = np.flatnonzero(allowed[head][i])
            if at.size == 0:
                continue
            query, g, keys, values = q[head][i], grad_out[head][i], k[head][at], v[head][at]
            score = keys @ query / root
            weight = np.exp(score - score.max())
            weight /= weight.sum()
            centred = values - weight @ values
            slope = weight * (centred @ g) / root
            grad_q[head][i] = slope @ keys
            grad_k[head][at] += np.outer(slope, query)
            grad_v[head][at] += np.outer(weight, g)
    return Gradients(grad_q, grad_k, grad_v)
