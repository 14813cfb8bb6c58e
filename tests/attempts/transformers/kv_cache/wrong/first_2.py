# wrong (core): causal mask adds -1e4, which large scores outweigh
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- kv_cache
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


def _split(y: np.ndarray, n_heads: int) -> np.ndarray:
    n, t, d = y.shape
    return y.reshape(n, t, n_heads, d // n_heads).transpose(0, 2, 1, 3)


def _merge(heads: np.ndarray) -> np.ndarray:
    n, n_heads, t, d_head = heads.shape
    return heads.transpose(0, 2, 1, 3).reshape(n, t, n_heads * d_head)


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
    x = np.asarray(x).astype(np.float64)
    n_sequences, n_tokens, d_model = x.shape
    q, k, v = (_split(x @ np.asarray(w), n_heads) for w in weights[:3])
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d_model // n_heads)
    future = np.triu(np.ones((n_tokens, n_tokens), dtype=bool), 1)
    scores = scores + np.where(future, -10000.0, 0.0)
    top = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    e = np.exp(scores - top)
    heads = e @ v / e.sum(axis=-1, keepdims=True)
    return Step(_merge(heads) @ np.asarray(weights.w_o), Cache(k, v))


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
    x = np.asarray(x).astype(np.float64)[:, None, :]
    d_head = x.shape[-1] // n_heads
    q, k, v = (_split(x @ np.asarray(w), n_heads) for w in weights[:3])
    keys = np.concatenate([cache.keys, k], axis=2)
    values = np.concatenate([cache.values, v], axis=2)
    scores = q @ keys.swapaxes(-1, -2) / np.sqrt(d_head)
    e_new = np.exp(scores - scores.max(axis=-1, keepdims=True))
    heads = e_new @ values / e_new.sum(axis=-1, keepdims=True)
    return Step((_merge(heads) @ np.asarray(weights.w_o))[:, 0], Cache(keys, values))
