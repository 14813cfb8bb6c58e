"""Decoding with a key-value cache: causal self-attention, one token at a time.

In causal attention, keys and values of earlier tokens do not change when a token is added. So a decoder keeps them. For
the new token x and each head h, with d_head = d_model / n_heads:

    q, k, v  = x w_q, x w_k, x w_v               head h has columns h d_head to (h + 1) d_head - 1
    keys_h   = cached keys of h, then k_h        the same for values_h
    head_h   = softmax(keys_h q_h / sqrt(d_head)) values_h
    out      = [head_0, head_1, ...] w_o

Before that, the tokens of the prompt are processed all at once with a causal mask (prefill): token i attends to the
tokens 0 to i. Both ways give the same outputs. Scores may be as large as 1e4, of either sign.

Source: Pope et al., Efficiently Scaling Transformer Inference (2023), sections 2 and 3.
"""

from typing import NamedTuple

import numpy as np


class Weights(NamedTuple):
    """The projections, each of shape (d_model, d_model)."""

    w_q: np.ndarray
    w_k: np.ndarray
    w_v: np.ndarray
    w_o: np.ndarray


class Cache(NamedTuple):
    """Keys and values so far, each of shape (n_sequences, n_heads, n_tokens, d_head). n_tokens may be 0."""

    keys: np.ndarray
    values: np.ndarray


class Step(NamedTuple):
    """The output, in the shape of x, and the cache with all tokens so far."""

    out: np.ndarray
    cache: Cache


def prefill(x: np.ndarray, weights: Weights, n_heads: int) -> Step:
    """Process a prompt.

    Parameters
    ----------
    x : array of shape (n_sequences, n_tokens, d_model)
        Prompts of the same length.
    weights : Weights
    n_heads : int
        It divides d_model.

    Examples
    --------
    With w_q = 0 a token gets the mean of the values up to its own.

    >>> weights = Weights(np.zeros((1, 1)), np.eye(1), np.eye(1), np.eye(1))
    >>> prefill(np.array([[[2.0], [6.0]]]), weights, n_heads=1).out
    array([[[2.],
            [4.]]])
    """
    q, keys, values = (_heads(x @ w, n_heads) for w in weights[:3])
    scores = q @ keys.swapaxes(2, 3) / np.sqrt(q.shape[-1])
    scores = np.where(np.tri(x.shape[1]), scores, -np.inf)
    return Step(_merged(_softmax(scores) @ values) @ weights.w_o, Cache(keys, values))


def decode_step(x: np.ndarray, cache: Cache, weights: Weights, n_heads: int) -> Step:
    """Process the next token of each sequence, without computing anything of earlier tokens again.

    Parameters
    ----------
    x : array of shape (n_sequences, d_model)
        One new token of each sequence.
    cache : Cache
        Of the tokens before. It stays as it is, so that several continuations can start from it.
    weights : Weights
    n_heads : int

    Examples
    --------
    >>> weights = Weights(np.zeros((1, 1)), np.eye(1), np.eye(1), np.eye(1))
    >>> cache = Cache(np.array([[[[2.0], [6.0]]]]), np.array([[[[2.0], [6.0]]]]))
    >>> out, cache = decode_step(np.array([[1.0]]), cache, weights, n_heads=1)
    >>> out, cache.keys.ravel()
    (array([[3.]]), array([2., 6., 1.]))
    """
    q, k, v = (_heads(x[:, np.newaxis] @ w, n_heads) for w in weights[:3])
    keys, values = (np.concatenate(pair, axis=2) for pair in ((cache.keys, k), (cache.values, v)))
    weighted = _softmax(q @ keys.swapaxes(2, 3) / np.sqrt(q.shape[-1])) @ values
    return Step(weighted.reshape(x.shape) @ weights.w_o, Cache(keys, values))


def _heads(projected: np.ndarray, n_heads: int) -> np.ndarray:
    """Turn (n_sequences, n_tokens, d_model) into (n_sequences, n_heads, n_tokens, d_head)."""
    return projected.reshape(*projected.shape[:2], n_heads, -1).swapaxes(1, 2)


def _merged(heads: np.ndarray) -> np.ndarray:
    """Turn (n_sequences, n_heads, n_tokens, d_head) into (n_sequences, n_tokens, d_model)."""
    return heads.swapaxes(1, 2).reshape(heads.shape[0], heads.shape[2], -1)


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def prefill_via_steps(x: np.ndarray, weights: Weights, n_heads: int) -> Step:
    """Decode the prompt token by token, from an empty cache."""
    empty = np.empty((x.shape[0], n_heads, 0, x.shape[2] // n_heads))
    cache, outs = Cache(empty, empty), []
    for token in x.swapaxes(0, 1):
        step = decode_step(token, cache, weights, n_heads)
        outs.append(step.out)
        cache = step.cache
    return Step(np.array(outs).swapaxes(0, 1), cache)


def prefill_via_prefixes(x: np.ndarray, weights: Weights, n_heads: int) -> Step:
    """Let each token attend to the slice of keys up to its own, head by head."""
    w_q, w_k, w_v, w_o = weights
    n_sequences, n_tokens, d_model = x.shape
    d_head = d_model // n_heads
    keys, values = (np.empty((n_sequences, n_heads, n_tokens, d_head)) for _ in range(2))
    heads = np.empty((n_sequences, n_tokens, d_model))
    for h in range(n_heads):
        columns = slice(h * d_head, (h + 1) * d_head)
        q, keys[:, h], values[:, h] = x @ w_q[:, columns], x @ w_k[:, columns], x @ w_v[:, columns]
        for i in range(n_tokens):
            scores = np.einsum("sd,std->st", q[:, i], keys[:, h, : i + 1]) / d_head**0.5
            shares = np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
            heads[:, i, columns] = np.einsum("st,std->sd", shares, values[:, h, : i + 1])
    return Step(heads @ w_o, Cache(keys, values))


def decode_step_via_einsum(x: np.ndarray, cache: Cache, weights: Weights, n_heads: int) -> Step:
    """Write into larger arrays, and name every axis."""
    n_sequences, _, n_cached, d_head = cache.keys.shape
    q = (x @ weights.w_q).reshape(n_sequences, n_heads, d_head)
    keys, values = (np.empty((n_sequences, n_heads, n_cached + 1, d_head)) for _ in range(2))
    keys[:, :, :n_cached], values[:, :, :n_cached] = cache.keys, cache.values
    keys[:, :, -1] = (x @ weights.w_k).reshape(n_sequences, n_heads, d_head)
    values[:, :, -1] = (x @ weights.w_v).reshape(n_sequences, n_heads, d_head)
    scores = np.einsum("shd,shtd->sht", q, keys) * d_head**-0.5
    shares = np.exp(scores - np.logaddexp.reduce(scores, axis=2, keepdims=True))
    return Step(np.einsum("sht,shtd->shd", shares, values).reshape(x.shape) @ weights.w_o, Cache(keys, values))


def decode_step_via_loop(x: np.ndarray, cache: Cache, weights: Weights, n_heads: int) -> Step:
    """Answer for one sequence and one head at a time, with running sums over the tokens."""
    d_head = x.shape[1] // n_heads
    new_keys, new_values = x @ weights.w_k, x @ weights.w_v
    keys = np.append(cache.keys, new_keys.reshape(len(x), n_heads, 1, d_head), axis=2)
    values = np.append(cache.values, new_values.reshape(len(x), n_heads, 1, d_head), axis=2)
    heads = np.zeros(x.shape)
    for s, query in enumerate(x @ weights.w_q):
        for h in range(n_heads):
            own = slice(h * d_head, (h + 1) * d_head)
            scores = keys[s, h] @ query[own] / np.sqrt(d_head)
            top = max(scores.tolist())
            total = 0.0
            for score, value in zip(scores, values[s, h], strict=True):
                power = np.exp(score - top)
                total += power
                heads[s, own] += power * value
            heads[s, own] /= total
    return Step(heads @ weights.w_o, Cache(keys, values))
