# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Routing(NamedTuple):
    experts: np.ndarray
    weights: np.ndarray
    probs: np.ndarray


def _softmax(values):
    top = max(values)
    powers = [math.exp(v - top) for v in values]
    total = math.fsum(powers)
    return [p / total for p in powers]


def route(x: np.ndarray, w_router: np.ndarray, k: int) -> Routing:
    n_tokens, n_experts = len(x), w_router.shape[1]
    if not 1 <= k <= n_experts:
        raise ValueError(f"k is {k}, and there are {n_experts} experts")
    logits = np.asarray(x, dtype=np.float64) @ np.asarray(w_router, dtype=np.float64)
    experts = np.empty((n_tokens, k), dtype=np.int64)
    weights = np.empty((n_tokens, k))
    probs = np.empty((n_tokens, n_experts))
    for t, row in enumerate(logits.tolist()):
        chosen = sorted(range(n_experts), key=lambda e: (-row[e], e))[:k]
        experts[t] = chosen
        weights[t] = _softmax([row[e] for e in chosen])  # the softmax renormalised is that of the chosen logits
        probs[t] = _softmax(row)
    return Routing(experts, weights, probs)


def moe_forward(
    x: np.ndarray, routing: Routing, w_in: np.ndarray, w_out: np.ndarray, capacity: int | None = None
) -> np.ndarray:
    # A queue of (token, weight) per expert, filled choice by choice; then each queue is run through its expert.
    tokens_in = np.asarray(x, dtype=np.float64)
    experts = np.asarray(routing.experts).tolist()
    weights = np.asarray(routing.weights, dtype=np.float64).tolist()
    k = np.shape(routing.experts)[1]
    queues = {}
    for j in range(k):
        for t in range(len(experts)):
            queue = queues.setdefault(experts[t][j], [])
            if capacity is None or len(queue) < capacity:
                queue.append((t, weights[t][j]))
    out = np.zeros(tokens_in.shape)
    for e, queue in queues.items():
        up = np.asarray(w_in[e], dtype=np.float64)
        down = np.asarray(w_out[e], dtype=np.float64)
        for t, weight in queue:
            hidden = up.T @ tokens_in[t]
            hidden[hidden < 0] = 0.0
            out[t] += weight * (down.T @ hidden)
    return out


def load_balancing_loss(routing: Routing) -> float:
    # sum_e share_e mean_prob_e is the mean, over all choices, of the mean probability of the expert chosen.
    probs = np.asarray(routing.probs, dtype=np.float64)
    chosen = np.asarray(routing.experts).astype(np.int64)
    return float(probs.shape[1] * probs.mean(axis=0)[chosen].mean())
