"""What a language model costs: its parameters, the operations of its attention, and its key-value cache.

The model is a decoder like Llama. Each layer has grouped-query attention, SwiGLU and two RMSNorms. One more RMSNorm
follows the last layer. There are no biases:

    w_q              d_model x (n_heads d_head)             w_o             (n_heads d_head) x d_model
    w_k, w_v         d_model x (n_kv_heads d_head)          RMSNorm         d_model
    w_gate, w_up     d_model x d_ff                         embedding       vocab_size x d_model
    w_down           d_ff x d_model                         output matrix   d_model x vocab_size

The n_heads query heads share n_kv_heads heads of keys and values. d_head need not be d_model / n_heads.

All functions raise ValueError if n_heads is not a multiple of n_kv_heads.

Source: Kaplan et al., Scaling Laws for Neural Language Models (2020), section 2.1; Ainslie et al., GQA (2023), section
2.2.

Strict
------
- Results above 2**53 are exact, too.
"""

import math
from typing import NamedTuple

import numpy as np


class Model(NamedTuple):
    """The sizes of a model. If tied, the embedding is also the output matrix, and counts once."""

    n_layers: int
    d_model: int
    n_heads: int
    n_kv_heads: int
    d_head: int
    d_ff: int
    vocab_size: int
    tied: bool


def parameter_count(model: Model) -> int:
    """Return the number of parameters.

    Examples
    --------
    >>> parameter_count(Model(32, 4096, 32, 8, 128, 14336, 128256, tied=False))  # Llama 3 8B
    8030261248
    """
    embeddings = (1 if model.tied else 2) * model.vocab_size * model.d_model
    feed_forward = 3 * model.d_model * model.d_ff
    norms = 2 * model.d_model
    return embeddings + model.n_layers * (_projections(model) + feed_forward + norms) + model.d_model


def attention_flops(model: Model, n_new: int, n_cached: int = 0, causal: bool = True) -> int:
    """Return the floating-point operations of all attention layers in one forward pass of one sequence.

    Count the four projections of the new tokens, the dot products of queries and keys, and the weighted sums of values.
    A multiply-add counts 2. Softmax, scaling and all else count 0.

    Parameters
    ----------
    model : Model
    n_new : int
        Tokens processed at once.
    n_cached : int
        Earlier tokens, whose keys and values are in the cache.
    causal : bool
        If True, a new token attends to the cached tokens, to the new ones before it and to itself, and only these
        pairs count. If False, it attends to all n_cached + n_new.

    Examples
    --------
    >>> model = Model(1, 4, 2, 1, 3, 5, 7, tied=False)
    >>> attention_flops(model, n_new=3)  # 432 for the projections, and 24 for each of 6 pairs
    576
    """
    pairs = n_new * n_cached + (n_new * (n_new + 1) // 2 if causal else n_new**2)
    # Each query head has scores of its own, also where it shares its keys and values.
    of_pair = 2 * 2 * model.n_heads * model.d_head
    return model.n_layers * (2 * n_new * _projections(model) + pairs * of_pair)


def kv_cache_bytes(
    model: Model, n_tokens: int, n_sequences: int = 1, n_bits: int = 16, window: int | None = None
) -> int:
    """Return the bytes of the keys and values of n_sequences sequences with n_tokens tokens each.

    Parameters
    ----------
    model : Model
    n_tokens, n_sequences : int
    n_bits : int
        Of one number: 4, 8, 16 or 32.
    window : int or None
        With a sliding window, each layer keeps the last window tokens only.

    Examples
    --------
    >>> kv_cache_bytes(Model(32, 4096, 32, 8, 128, 14336, 128256, tied=False), n_tokens=8192)  # 1 GiB
    1073741824
    """
    _check(model)
    kept = n_tokens if window is None else min(n_tokens, window)
    return 2 * model.n_layers * model.n_kv_heads * model.d_head * kept * n_sequences * n_bits // 8


def _check(model: Model) -> None:
    if model.n_heads % model.n_kv_heads:
        raise ValueError(f"{model.n_heads} query heads cannot share {model.n_kv_heads} heads of keys alike")


def _projections(model: Model) -> int:
    """Return the parameters of the four projections of a layer."""
    _check(model)
    return 2 * model.d_model * model.d_head * (model.n_heads + model.n_kv_heads)


def parameter_count_via_shapes(model: Model) -> int:
    """List the shape of every array."""
    _check(model)
    queries, keys = model.n_heads * model.d_head, model.n_kv_heads * model.d_head
    attention = [(model.d_model, queries), (model.d_model, keys), (model.d_model, keys), (queries, model.d_model)]
    feed_forward = [(model.d_model, model.d_ff), (model.d_model, model.d_ff), (model.d_ff, model.d_model)]
    shapes = [*attention, *feed_forward, (model.d_model,), (model.d_model,)] * model.n_layers
    shapes += [(model.d_model,), (model.vocab_size, model.d_model)]
    if not model.tied:
        shapes.append((model.d_model, model.vocab_size))
    return sum(map(math.prod, shapes))


def parameter_count_via_vectors(model: Model) -> int:
    """Count vectors of size d_model: every array consists of them."""
    _check(model)
    heads = 2 * model.n_heads + 2 * model.n_kv_heads
    vectors = model.n_layers * (heads * model.d_head + 3 * model.d_ff + 2) + 1 + model.vocab_size
    if not model.tied:
        vectors += model.vocab_size
    return vectors * model.d_model


def attention_flops_via_products(model: Model, n_new: int, n_cached: int = 0, causal: bool = True) -> int:
    """List the matrix products of each head: an (m, k) by a (k, n) matrix takes 2 m k n operations."""
    _check(model)
    reads = [n_cached + i + 1 if causal else n_cached + n_new for i in range(n_new)]
    projection = n_new, model.d_model, model.d_head
    products = [projection] * (2 * model.n_heads + 2 * model.n_kv_heads)
    for n_keys in reads:
        products += [(1, model.d_head, n_keys), (1, n_keys, model.d_head)] * model.n_heads
    return 2 * model.n_layers * sum(map(math.prod, products))


def attention_flops_via_growth(model: Model, n_new: int, n_cached: int = 0, causal: bool = True) -> int:
    """Add up single tokens with a growing cache; without the causal mask each finds the cache of the last one."""
    _check(model)
    width, shared = model.n_heads * model.d_head, model.n_kv_heads * model.d_head
    each = 4 * model.d_model * (width + shared)
    total, last = 0, n_cached + n_new
    for n_keys in range(n_cached + 1, last + 1):
        total += each + 4 * width * (n_keys if causal else last)
    return total * model.n_layers


def kv_cache_bytes_via_token(
    model: Model, n_tokens: int, n_sequences: int = 1, n_bits: int = 16, window: int | None = None
) -> int:
    """Start from what one token takes in one layer."""
    _check(model)
    bits = n_bits * model.d_head * model.n_kv_heads * 2
    dropped = 0 if window is None else max(n_tokens - window, 0)
    return sum(bits * (n_tokens - dropped) * n_sequences // 8 for _ in range(model.n_layers))


def kv_cache_bytes_via_array(
    model: Model, n_tokens: int, n_sequences: int = 1, n_bits: int = 16, window: int | None = None
) -> int:
    """Ask an array of single bits for its shape, without ever filling it."""
    _check(model)
    kept = len(range(n_tokens)[-window:]) if window else n_tokens
    heads = model.n_kv_heads, model.d_head
    shape = 2, model.n_layers, n_sequences, kept, *heads, n_bits
    return sum(divmod(int(np.broadcast_to(np.False_, shape).size), 8))
