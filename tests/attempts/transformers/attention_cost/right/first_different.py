# different style; both bars
# Lists of matrix shapes, and triangular numbers for the causal pairs. Everything in Python's int.
import math
from typing import NamedTuple


class Model(NamedTuple):
    n_layers: int
    d_model: int
    n_heads: int
    n_kv_heads: int
    d_head: int
    d_ff: int
    vocab_size: int
    tied: bool


def _checked(model):
    sizes = Model(*(int(size) for size in model[:-1]), bool(model.tied))
    if sizes.n_kv_heads == 0 or sizes.n_heads % sizes.n_kv_heads:
        raise ValueError("n_heads is not a multiple of n_kv_heads")
    return sizes


def _projections(m):
    wide, narrow = m.n_heads * m.d_head, m.n_kv_heads * m.d_head
    return [(m.d_model, wide), (m.d_model, narrow), (m.d_model, narrow), (wide, m.d_model)]


def parameter_count(model: Model) -> int:
    m = _checked(model)
    gated = [(m.d_model, m.d_ff)] * 2 + [(m.d_ff, m.d_model)]
    norms = [(m.d_model,)] * 2
    outside = [(m.vocab_size, m.d_model), (m.d_model,)]
    if not m.tied:
        outside.append((m.d_model, m.vocab_size))
    shapes = (_projections(m) + gated + norms) * m.n_layers + outside
    return sum(map(math.prod, shapes))


def attention_flops(model: Model, n_new: int, n_cached: int = 0, causal: bool = True) -> int:
    m, new, end = _checked(model), int(n_new), int(n_cached) + int(n_new)
    # causal: the tokens of a whole sequence of length end, without those of the cached part
    pairs = math.comb(end + 1, 2) - math.comb(end - new + 1, 2) if causal else new * end
    products = [(new, *shape) for shape in _projections(m)]
    products += [(pairs, m.n_heads, m.d_head)] * 2  # q k^T, weights v
    return 2 * m.n_layers * sum(map(math.prod, products))


def kv_cache_bytes(
    model: Model, n_tokens: int, n_sequences: int = 1, n_bits: int = 16, window: int | None = None
) -> int:
    m = _checked(model)
    kept = int(n_tokens) if window is None else min(int(n_tokens), int(window))
    keys = math.prod((m.n_layers, int(n_sequences), kept, m.n_kv_heads, m.d_head))
    bits = (keys + keys) * int(n_bits)
    return -(-bits // 8)
