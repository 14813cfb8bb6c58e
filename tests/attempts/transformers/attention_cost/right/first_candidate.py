# candidate, par time, from the stub alone
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


def check(model):
    if model.n_heads % model.n_kv_heads != 0:
        raise ValueError("n_heads must be a multiple of n_kv_heads")


def parameter_count(model: Model) -> int:
    check(model)
    d = model.d_model
    attention = 2 * d * model.n_heads * model.d_head + 2 * d * model.n_kv_heads * model.d_head
    layer = attention + 3 * d * model.d_ff + 2 * d
    embedding = model.vocab_size * d
    return model.n_layers * layer + d + (embedding if model.tied else 2 * embedding)


def attention_flops(model: Model, n_new: int, n_cached: int = 0, causal: bool = True) -> int:
    check(model)
    weights = 2 * model.d_model * (model.n_heads + model.n_kv_heads) * model.d_head
    if causal:
        pairs = n_new * n_cached + n_new * (n_new + 1) // 2
    else:
        pairs = n_new * (n_new + n_cached)
    return model.n_layers * (2 * n_new * weights + 4 * model.n_heads * model.d_head * pairs)


def kv_cache_bytes(
    model: Model, n_tokens: int, n_sequences: int = 1, n_bits: int = 16, window: int | None = None
) -> int:
    check(model)
    if window is not None:
        n_tokens = min(n_tokens, window)
    numbers = 2 * model.n_layers * model.n_kv_heads * model.d_head * n_tokens * n_sequences
    return numbers * n_bits // 8
