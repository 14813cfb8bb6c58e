# wrong (core): the first full expert ends the loop over the experts of that choice
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
    x, w_router = np.asarray(x, dtype=float), np.asarray(w_router, dtype=float)
    logits = x @ w_router
    if k < 1 or k > logits.shape[1]:
        raise ValueError("k must be from 1 to n_experts")
    probs = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    experts = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    weights = np.take_along_axis(probs, experts, axis=1)
    return Routing(experts, weights / weights.sum(axis=1, keepdims=True), probs)


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
    x, w_in, w_out = (np.asarray(a, dtype=float) for a in (x, w_in, w_out))
    experts, weights = np.asarray(routing.experts), np.asarray(routing.weights, dtype=float)
    limit = len(x) if capacity is None else capacity
    out = np.zeros(x.shape)
    used = np.zeros(len(w_in), dtype=int)
    for choice in range(experts.shape[1]):
        for e in range(len(w_in)):
            room = limit - used[e]
            if room <= 0:
                break
            tokens = np.flatnonzero(experts[:, choice] == e)[:room]
            if len(tokens) == 0:
                continue
            used[e] += len(tokens)
            hidden = np.maximum(x[tokens] @ w_in[e], 0)
            out[tokens] += weights[tokens, choice, None] * (hidden @ w_out[e])
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
    experts, probs = np.asarray(routing.experts), np.asarray(routing.probs, dtype=float)
    n_experts = probs.shape[1]
    share = np.bincount(experts.ravel(), minlength=n_experts) / experts.size
    return float(n_experts * (share @ probs.mean(axis=0)))
