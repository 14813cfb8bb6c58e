# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Attention(NamedTuple):
    out: np.ndarray
    weights: np.ndarray


def attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None) -> Attention:
    q, k, v = (np.array(a, dtype=np.float64, order="C") for a in (q, k, v))
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ValueError("q, k and v need two axes or more")
    *lead, n_queries, d_k = q.shape
    n_keys, d_v = k.shape[-2], v.shape[-1]
    if k.shape[-1] != d_k:
        raise ValueError("q and k differ in d_k")
    if v.shape[-2] != n_keys:
        raise ValueError("k and v differ in n_keys")
    if list(k.shape[:-2]) != lead or list(v.shape[:-2]) != lead:
        raise ValueError("the leading axes differ")
    shape = (*lead, n_queries, n_keys)
    allowed = None if mask is None else np.broadcast_to(np.asarray(mask).astype(bool), shape)

    out = np.zeros((*lead, n_queries, d_v))
    weights = np.zeros(shape)
    root = math.sqrt(d_k) if d_k else 1.0
    for spot in np.ndindex(*lead):
        keys, values = k[spot], v[spot]
        for i in range(n_queries):
            if allowed is None:
                seen, some_keys, some_values = slice(None), keys, values
            else:
                seen = np.flatnonzero(allowed[spot + (i,)])
                some_keys, some_values = keys[seen], values[seen]
            if len(some_keys) == 0:
                continue
            score = some_keys.dot(q[spot + (i,)]) / root
            score -= score.max()
            # log of a weight: shifted score minus log of the partition sum
            share = np.exp(score - math.log(math.fsum(np.exp(score).tolist())))
            weights[spot + (i, seen)] = share
            out[spot + (i,)] = share.dot(some_values)
    return Attention(out, weights)


def causal_mask(n: int) -> np.ndarray:
    return np.array([[j <= i for j in range(n)] for i in range(n)], dtype=bool).reshape(n, n)
