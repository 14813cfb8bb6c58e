"""A mixture of experts: a router sends each token to k of many feed-forward networks.

    logits   = x w_router                                 (n_tokens, n_experts)
    probs    = softmax of each row of logits
    chosen   = the k experts with the largest logits      on a tie the lower index
    weight_e = probs_e / sum of the probs of the chosen
    out      = sum over the chosen e of  weight_e relu(x w_in[e]) w_out[e]

Logits may be as large as 1e4, of either sign.

Sources: Lepikhin et al., GShard (2021), section 2.2; Fedus et al., Switch Transformers (2022), section 2.2; Jiang et
al., Mixtral of Experts (2024), section 2.1.
"""

import math
from typing import NamedTuple

import numpy as np


class Routing(NamedTuple):
    """Chosen experts (int, largest logit first) and weights, of shape (n_tokens, k); probs, (n_tokens, n_experts)."""

    experts: np.ndarray
    weights: np.ndarray
    probs: np.ndarray


def route(x: np.ndarray, w_router: np.ndarray, k: int) -> Routing:
    """Return the experts of each token.

    Parameters
    ----------
    x : array of shape (n_tokens, d_model)
    w_router : array of shape (d_model, n_experts)
    k : int

    Raises
    ------
    ValueError
        If k is less than 1 or greater than n_experts.

    Examples
    --------
    >>> routing = route(np.array([[1.0]]), np.log([[2.0, 5.0, 2.0, 1.0]]), k=2)
    >>> routing.experts, routing.weights.round(3), routing.probs
    (array([[1, 0]]), array([[0.714, 0.286]]), array([[0.2, 0.5, 0.2, 0.1]]))
    """
    if not 1 <= k <= w_router.shape[1]:
        raise ValueError(f"k is {k}, but has to be from 1 to the number of experts, {w_router.shape[1]}")
    logits = x.astype(float) @ w_router
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    # Largest logit first; a stable sort leaves ties in the order of the experts.
    experts = np.argsort(-logits, kind="stable")[:, :k]
    chosen = powers[np.arange(len(x))[:, np.newaxis], experts]
    return Routing(experts, chosen / chosen.sum(axis=1, keepdims=True), powers / powers.sum(axis=1, keepdims=True))


def moe_forward(
    x: np.ndarray, routing: Routing, w_in: np.ndarray, w_out: np.ndarray, capacity: int | None = None
) -> np.ndarray:
    """Return out, in the shape of x. An expert computes only its own tokens.

    Parameters
    ----------
    x : array of shape (n_tokens, d_model)
    routing : Routing
        Of a token, the experts are distinct, and the weights need not sum to 1.
    w_in : array of shape (n_experts, d_model, d_hidden)
    w_out : array of shape (n_experts, d_hidden, d_model)
    capacity : int or None
        At least 0. An expert takes at most so many tokens: those with it as first choice, in the order of x, then those
        with it as second choice, and so on. To the others it adds 0; their weights stay. None is no limit.

    Examples
    --------
    >>> x, w_in, w_out = np.array([[10.0], [20.0]]), np.ones((2, 1, 1)), np.array([[[3.0]], [[5.0]]])
    >>> routing = Routing(np.array([[1, 0], [0, 1]]), np.array([[0.75, 0.25], [0.5, 0.5]]), np.full((2, 2), 0.5))
    >>> moe_forward(x, routing, w_in, w_out, capacity=1)
    array([[37.5],
           [30. ]])
    """
    n_tokens, k = routing.experts.shape
    # All first choices, then all second ones.
    tokens, choices, weights = np.tile(np.arange(n_tokens), k), routing.experts.T, routing.weights.T.ravel()
    out = np.zeros(x.shape)
    for e in range(len(w_in)):
        taken = np.flatnonzero(choices == e)[:capacity]
        hidden = np.maximum(x[tokens[taken]].astype(float) @ w_in[e], 0.0)
        out[tokens[taken]] += weights[taken, np.newaxis] * (hidden @ w_out[e])
    return out


def load_balancing_loss(routing: Routing) -> float:
    """Return n_experts * sum_e share_e * mean_prob_e.

    share_e is the share of expert e in all n_tokens * k choices, mean_prob_e the mean of its column of probs.

    Examples
    --------
    >>> probs = np.array([[0.75, 0.25], [0.5, 0.5]])
    >>> load_balancing_loss(Routing(np.array([[0], [0]]), np.ones((2, 1)), probs))
    1.25
    """
    n_experts = routing.probs.shape[1]
    share = np.bincount(routing.experts.ravel(), minlength=n_experts) / routing.experts.size
    return float(n_experts * share @ routing.probs.mean(axis=0))


def route_via_repeated_argmax(x: np.ndarray, w_router: np.ndarray, k: int) -> Routing:
    """Take the best expert k times, out of the running after each; a softmax of the chosen logits gives the weights."""
    n_experts = w_router.shape[1]
    if k < 1 or k > n_experts:
        raise ValueError("no such number of experts")
    logits = np.einsum("td,de->te", x, w_router, dtype=float)
    probs = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    left, rows = logits.copy(), np.arange(len(x))
    experts = np.empty((len(x), k), dtype=int)
    for choice in range(k):
        experts[:, choice] = left.argmax(axis=1)
        left[rows, experts[:, choice]] = -np.inf
    chosen = logits[rows[:, np.newaxis], experts]
    return Routing(experts, np.exp(chosen - np.logaddexp.reduce(chosen, axis=1, keepdims=True)), probs)


def route_via_sorting(x: np.ndarray, w_router: np.ndarray, k: int) -> Routing:
    """Sort the experts of one token at a time, in plain Python."""
    n_experts = w_router.shape[1]
    if k not in range(1, n_experts + 1):
        raise ValueError("no such number of experts")
    experts, weights, probs = [], [], []
    for token in x.tolist():
        logits = [sum(a * b for a, b in zip(token, column, strict=True)) for column in w_router.T.tolist()]
        best = sorted(range(n_experts), key=lambda e: (-logits[e], e))[:k]
        powers = [math.exp(logit - logits[best[0]]) for logit in logits]
        among_chosen = sum(powers[e] for e in best)
        experts.append(best)
        weights.append([powers[e] / among_chosen for e in best])
        probs.append([power / sum(powers) for power in powers])
    return Routing(np.array(experts), np.array(weights), np.array(probs))


def moe_forward_via_counters(
    x: np.ndarray, routing: Routing, w_in: np.ndarray, w_out: np.ndarray, capacity: int | None = None
) -> np.ndarray:
    """Serve one choice of one token at a time, and count what each expert has taken."""
    room = [math.inf if capacity is None else capacity] * len(w_in)
    out = np.zeros(x.shape)
    for experts, weights in zip(routing.experts.T, routing.weights.T, strict=True):
        for i, (e, weight) in enumerate(zip(experts, weights, strict=True)):
            if room[e] > 0:
                room[e] -= 1
                hidden = np.array(x[i], dtype=float) @ w_in[e]
                out[i] += weight * (np.fmax(hidden, 0) @ w_out[e])
    return out


def moe_forward_via_buffers(
    x: np.ndarray, routing: Routing, w_in: np.ndarray, w_out: np.ndarray, capacity: int | None = None
) -> np.ndarray:
    """Copy tokens into a buffer of equal size for each expert, multiply all buffers at once, and add up the results."""
    experts = np.concatenate(list(routing.experts.T))
    order = np.argsort(experts, kind="stable")
    counts = np.bincount(experts, minlength=len(w_in))
    place = np.empty(len(experts), dtype=int)
    place[order] = np.arange(len(experts)) - np.repeat(np.cumsum(counts) - counts, counts)
    size = counts.max() if capacity is None else min(capacity, counts.max())
    taken = np.flatnonzero(place < size)
    tokens = taken % len(x)
    buffers = np.zeros((len(w_in), size, x.shape[1]))
    buffers[experts[taken], place[taken]] = x[tokens]
    results = np.clip(buffers @ w_in, 0, None) @ w_out
    out = np.zeros(x.shape)
    np.add.at(out, tokens, routing.weights.T.reshape(-1, 1)[taken] * results[experts[taken], place[taken]])
    return out


def load_balancing_loss_via_one_hot(routing: Routing) -> float:
    """Mark the choices of each token in a matrix like probs."""
    n_tokens, n_experts = routing.probs.shape
    marks = (routing.experts[:, :, np.newaxis] == np.arange(n_experts)).sum(axis=(0, 1))
    return float(np.dot(marks, routing.probs.sum(axis=0)) * n_experts / n_tokens / routing.experts.size)


def load_balancing_loss_via_choices(routing: Routing) -> float:
    """Average, over all choices, the mean probability of the chosen expert."""
    mean_prob = routing.probs.mean(axis=0)
    return float(np.mean([mean_prob[e] for e in routing.experts.flat]) * len(mean_prob))
