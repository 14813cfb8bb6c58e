# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Routing(NamedTuple):
    experts: np.ndarray
    weights: np.ndarray
    probs: np.ndarray


def route(x: np.ndarray, w_router: np.ndarray, k: int) -> Routing:
    n_experts = w_router.shape[1]
    if k < 1 or k > n_experts:
        raise ValueError("k must be between 1 and n_experts")
    logits = x @ w_router
    probs = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    experts = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    weights = np.take_along_axis(probs, experts, axis=1)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return Routing(experts, weights, probs)


def moe_forward(
    x: np.ndarray, routing: Routing, w_in: np.ndarray, w_out: np.ndarray, capacity: int | None = None
) -> np.ndarray:
    out = np.zeros(x.shape)
    for e in range(w_in.shape[0]):
        choice, token = np.nonzero(routing.experts.T == e)  # first choices first, then in the order of x
        if capacity is not None:
            choice, token = choice[:capacity], token[:capacity]
        if len(token) == 0:
            continue
        hidden = np.maximum(x[token] @ w_in[e], 0)
        out[token] += routing.weights[token, choice][:, None] * (hidden @ w_out[e])
    return out


def load_balancing_loss(routing: Routing) -> float:
    n_experts = routing.probs.shape[1]
    share = np.bincount(routing.experts.ravel(), minlength=n_experts) / routing.experts.size
    return float(n_experts * np.sum(share * routing.probs.mean(axis=0)))
