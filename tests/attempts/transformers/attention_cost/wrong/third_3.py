# wrong (core): the last RMSNorm is left out if tied
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# To grade: nox -s grade -- attention_cost
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

from typing import NamedTuple

import numpy as np


def _sizes(model: "Model") -> tuple[int, ...]:
    if model.n_heads % model.n_kv_heads:
        raise ValueError("n_heads is not a multiple of n_kv_heads")
    return tuple(int(size) for size in model[:7])


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
    layers, d, heads, kv_heads, d_head, d_ff, vocab = _sizes(model)
    attention = 2 * d * heads * d_head + 2 * d * kv_heads * d_head
    layer = attention + 3 * d * d_ff + 2 * d
    total = layers * layer + vocab * d
    if not model.tied:
        total += d + d * vocab
    return total


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
    layers, d, heads, kv_heads, d_head, _, _ = _sizes(model)
    n_new, n_cached = int(n_new), int(n_cached)
    projections = 2 * n_new * 2 * d * heads * d_head + 2 * n_new * 2 * d * kv_heads * d_head
    if causal:
        pairs = n_new * n_cached + n_new * (n_new + 1) // 2
    else:
        pairs = n_new * (n_cached + n_new)
    return layers * (projections + pairs * 4 * heads * d_head)


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
    layers, _, _, kv_heads, d_head, _, _ = _sizes(model)
    kept = int(n_tokens)
    if window is not None:
        kept = min(kept, int(window))
    return 2 * layers * kv_heads * d_head * kept * int(n_sequences) * int(n_bits) // 8
