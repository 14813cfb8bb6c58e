from collections import namedtuple

import pytest

from katagrad.testing import assert_equal, strict

# The kata's own has these fields.
Model = namedtuple("Model", "n_layers d_model n_heads n_kv_heads d_head d_ff vocab_size tied")  # noqa: PYI024
# Projections of 24, 12, 12 and 24 numbers, 60 for SwiGLU, 8 and 4 for the norms, and twice 28 for the vocabulary.
SMALL = Model(1, 4, 2, 1, 3, 5, 7, tied=False)
LLAMA_2_7B = Model(32, 4096, 32, 32, 128, 11008, 32000, tied=False)
LLAMA_3_8B = Model(32, 4096, 32, 8, 128, 14336, 128256, tied=False)


@pytest.fixture
def draw(rng):
    """Return a function that draws a model, whose heads are rarely d_model wide together."""

    def sizes():
        n_layers, d_model, n_kv_heads, n_sharing, d_head, d_ff, vocab_size = rng.integers(1, 12, size=7).tolist()
        return Model(
            n_layers, d_model, n_kv_heads * n_sharing, n_kv_heads, d_head, d_ff, vocab_size, rng.random() < 0.5
        )

    return sizes


def matrices(model):
    """Return the shapes of the four projections of a layer."""
    queries, keys = model.n_heads * model.d_head, model.n_kv_heads * model.d_head
    return [(model.d_model, queries), (model.d_model, keys), (model.d_model, keys), (queries, model.d_model)]


def parameters(model):
    """Return the number of parameters, one array after the other."""
    layer = sum(rows * columns for rows, columns in matrices(model))
    layer += 3 * model.d_ff * model.d_model + model.d_model + model.d_model
    count = model.d_model + sum([layer] * model.n_layers) + model.vocab_size * model.d_model
    return count if model.tied else count + model.d_model * model.vocab_size


def operations(model, n_new, n_cached, causal):
    """Return the operations of attention: one layer, one token, one query head and one key at a time."""
    count = 0
    for _ in range(model.n_layers):
        for token in range(n_new):
            # A vector of n times a matrix of n by m has n m multiply-adds.
            count += sum(2 * rows * columns for rows, columns in matrices(model))
            for _ in range(model.n_heads):
                for key in range(n_cached + n_new):
                    if not causal or key <= n_cached + token:
                        count += 2 * model.d_head + 2 * model.d_head
    return count


def test_parameters(kata, draw):
    """Every array counts: projections, three matrices of SwiGLU, the norms and the vocabulary."""
    assert_equal(kata.parameter_count(SMALL), 200)
    assert_equal(kata.parameter_count(SMALL._replace(n_layers=3)), 480)
    for _ in range(20):
        model = draw()
        assert_equal(kata.parameter_count(model), parameters(model))


def test_tied(kata):
    """A tied embedding is the output matrix, too, and counts once."""
    assert_equal(kata.parameter_count(SMALL._replace(tied=True)), 172)
    model = LLAMA_3_8B._replace(tied=True)
    assert_equal(kata.parameter_count(model), 8_030_261_248 - 128_256 * 4_096)


def test_known_models(kata):
    """The numbers of parameters are those of the published models."""
    assert_equal(kata.parameter_count(LLAMA_2_7B), 6_738_415_616)
    assert_equal(kata.parameter_count(LLAMA_3_8B), 8_030_261_248)
    # Llama 3.2 1B, Mistral 7B and Gemma 7B, whose heads are wider than the model.
    assert_equal(kata.parameter_count(Model(16, 2048, 32, 8, 64, 8192, 128256, tied=True)), 1_235_814_400)
    assert_equal(kata.parameter_count(Model(32, 4096, 32, 8, 128, 14336, 32000, tied=False)), 7_241_732_096)
    assert_equal(kata.parameter_count(Model(28, 3072, 16, 16, 256, 24576, 256000, tied=True)), 8_537_680_896)


def test_prompt(kata, draw, rng):
    """A prompt costs its projections, and 4 n_heads d_head operations for each pair that the causal mask permits."""
    assert_equal(kata.attention_flops(SMALL, 1), 168)
    assert_equal(kata.attention_flops(SMALL, 3), 576)
    assert_equal(kata.attention_flops(SMALL._replace(n_layers=5), 3), 2_880)
    for _ in range(20):
        model, n_new = draw(), int(rng.integers(1, 8))
        assert_equal(kata.attention_flops(model, n_new), operations(model, n_new, 0, causal=True))


def test_cached_tokens(kata, draw, rng):
    """New tokens attend to the cached tokens, too, but only the new ones are projected."""
    # 144 for the projections, and 11 pairs.
    assert_equal(kata.attention_flops(SMALL, 1, 10), 408)
    # Two tokens after ten have 11 and 12 pairs.
    assert_equal(kata.attention_flops(SMALL, n_new=2, n_cached=10), 840)
    for _ in range(20):
        model, n_new, n_cached = draw(), *rng.integers(1, 8, size=2).tolist()
        found = kata.attention_flops(model, n_new, n_cached)
        assert_equal(found, operations(model, n_new, n_cached, causal=True))
        parts = kata.attention_flops(model, n_cached) + found
        assert_equal(kata.attention_flops(model, n_cached + n_new), parts, what="operations in one go")


def test_without_causal_mask(kata, draw, rng):
    """Without the causal mask every new token attends to all tokens."""
    assert_equal(kata.attention_flops(SMALL, 3, causal=False), 648)
    assert_equal(kata.attention_flops(SMALL, 2, 10, causal=False), 864)
    for _ in range(20):
        model, n_new, n_cached = draw(), *rng.integers(0, 8, size=2).tolist()
        found = kata.attention_flops(model, n_new, n_cached, causal=False)
        assert_equal(found, operations(model, n_new, n_cached, causal=False))


def test_cache(kata, draw, rng):
    """A token takes keys and values of n_kv_heads heads in every layer. 4 bits are half a byte."""
    assert_equal(kata.kv_cache_bytes(SMALL, 10), 120)
    assert_equal(kata.kv_cache_bytes(SMALL, 10, n_sequences=3, n_bits=8), 180)
    assert_equal(kata.kv_cache_bytes(SMALL, 1, n_bits=4), 3)
    assert_equal(kata.kv_cache_bytes(LLAMA_2_7B, 4_096), 2 * 2**30)
    assert_equal(kata.kv_cache_bytes(LLAMA_3_8B, 4_096), 2**29)
    for n_bits in (4, 8, 16, 32):
        model, n_tokens, n_sequences = draw(), *rng.integers(1, 9, size=2).tolist()
        numbers = sum(2 * model.d_head * n_tokens * n_sequences for _ in range(model.n_kv_heads * model.n_layers))
        assert_equal(kata.kv_cache_bytes(model, n_tokens, n_sequences, n_bits), numbers * n_bits // 8)


def test_window(kata):
    """With a sliding window the cache stops growing at window tokens."""
    for n_tokens, bytes_of_all in [(0, 0), (3, 36), (4, 48), (5, 48), (9, 48)]:
        assert_equal(kata.kv_cache_bytes(SMALL, n_tokens, window=4), bytes_of_all)
    assert_equal(kata.kv_cache_bytes(SMALL, 9, 2, 8, 4), 48)
    assert_equal(kata.kv_cache_bytes(SMALL, 9, 2, 8, None), 108)


def test_heads_that_cannot_share(kata):
    """n_heads that is not a multiple of n_kv_heads raises ValueError, in each function."""
    for n_heads, n_kv_heads in [(2, 4), (6, 4), (3, 2)]:
        model = SMALL._replace(n_heads=n_heads, n_kv_heads=n_kv_heads)
        with pytest.raises(ValueError):
            kata.parameter_count(model)
        with pytest.raises(ValueError):
            kata.attention_flops(model, 3)
        with pytest.raises(ValueError):
            kata.kv_cache_bytes(model, 3)


@strict
def test_large_numbers(kata):
    """Numbers beyond 2**53 are exact as well."""
    model = SMALL._replace(n_layers=3, d_head=3**27)
    assert_equal(kata.attention_flops(model, 101, 6), 3 * 3**27 * (48 * 101 + 8 * 5_757))
    model = SMALL._replace(d_ff=3**33 + 2, vocab_size=3**34)
    assert_equal(kata.parameter_count(model), 84 + 12 * (3**33 + 2) + 8 * 3**34)
    assert_equal(kata.kv_cache_bytes(SMALL, 3**34, n_bits=4), 3**35)


def workload(kata, rng, n):
    """Count for models with and without groups, a prompt, decoding steps and several caches."""
    answers = []
    for n_kv_heads, tied in ((6, True), (2, False), (1, False)):
        model = Model(3, 10, 6, n_kv_heads, 4, 21, 30, tied)
        answers += [kata.parameter_count(model), kata.attention_flops(model, n)]
        n_cached = int(rng.integers(1, n + 1))
        answers += [kata.attention_flops(model, n, n_cached, causal) for causal in (True, False)]
        answers += [
            kata.attention_flops(model, 1, n),
            kata.kv_cache_bytes(model, n),
            kata.kv_cache_bytes(model, n, 3, 4),
        ]
        answers.append(kata.kv_cache_bytes(model, n, 2, 8, window=n // 2 + 1))
    return answers


EMBEDDINGS = "(1 if model.tied else 2) * model.vocab_size"
TOTAL = "embeddings + model.n_layers * (_projections(model) + feed_forward + norms) + model.d_model"
PAIRS = "n_new * n_cached + (n_new * (n_new + 1) // 2 if causal else n_new**2)"
OF_PAIR = "of_pair = 2 * 2 * model.n_heads * model.d_head"
FLOPS = "return model.n_layers * (2 * n_new * _projections(model) + pairs * of_pair)"
BYTES = "2 * model.n_layers * model.n_kv_heads * model.d_head * kept * n_sequences * n_bits // 8"
PROJECTIONS = "2 * model.d_model * model.d_head * (model.n_heads + model.n_kv_heads)"
MISTAKES = {
    "a multiply-add counts 1": [
        (OF_PAIR, "of_pair = 2 * model.n_heads * model.d_head"),
        (FLOPS, "return model.n_layers * (n_new * _projections(model) + pairs * of_pair)"),
    ],
    "a multiply-add of the projections counts 1": (
        FLOPS,
        "return model.n_layers * (n_new * _projections(model) + pairs * of_pair)",
    ),
    "the dot products only": (OF_PAIR, "of_pair = 2 * model.n_heads * model.d_head"),
    "grouped heads have fewer scores": (OF_PAIR, "of_pair = 2 * 2 * model.n_kv_heads * model.d_head"),
    "scores as wide as the model": (OF_PAIR, "of_pair = 2 * 2 * model.d_model"),
    "heads as wide as the model together": (
        PROJECTIONS,
        "2 * model.d_model**2 * (1 + model.n_kv_heads / model.n_heads)",
    ),
    "keys and values of all heads": (PROJECTIONS, "4 * model.d_model * model.d_head * model.n_heads"),
    "no output projection": (
        PROJECTIONS,
        "model.d_model * model.d_head * (model.n_heads + 2 * model.n_kv_heads)",
    ),
    "a token does not attend to itself": (
        PAIRS,
        "n_new * n_cached + (n_new * (n_new - 1) // 2 if causal else n_new**2)",
    ),
    "half of the square": (PAIRS, "n_new * n_cached + (n_new**2 // 2 if causal else n_new**2)"),
    "the causal mask saves nothing": (PAIRS, "n_new * n_cached + n_new**2"),
    "the mask on the cached tokens as well": (
        PAIRS,
        "(n_new * (n_cached + n_new + 1) // 2 if causal else n_new * (n_cached + n_new))",
    ),
    "always causal": (PAIRS, "n_new * n_cached + n_new * (n_new + 1) // 2"),
    "the cached tokens are not attended to": (PAIRS, "n_new * (n_new + 1) // 2 if causal else n_new**2"),
    "the cached tokens are projected again": (
        FLOPS,
        "return model.n_layers * (2 * (n_new + n_cached) * _projections(model) + pairs * of_pair)",
    ),
    "one layer": (FLOPS, "return 2 * n_new * _projections(model) + pairs * of_pair"),
    "the projections left out": (FLOPS, "return model.n_layers * (0 * _projections(model) + pairs * of_pair)"),
    "keys without values": (
        BYTES,
        "model.n_layers * model.n_kv_heads * model.d_head * kept * n_sequences * n_bits // 8",
    ),
    "the cache of all query heads": (
        BYTES,
        "2 * model.n_layers * model.n_heads * model.d_head * kept * n_sequences * n_bits // 8",
    ),
    "the cache as wide as the model": (BYTES, "2 * model.n_layers * model.d_model * kept * n_sequences * n_bits // 8"),
    "bits for bytes": (BYTES, "2 * model.n_layers * model.n_kv_heads * model.d_head * kept * n_sequences * n_bits"),
    "no number below one byte": (
        BYTES,
        "2 * model.n_layers * model.n_kv_heads * model.d_head * kept * n_sequences * (n_bits // 8)",
    ),
    "at least one byte a number": (
        BYTES,
        "2 * model.n_layers * model.n_kv_heads * model.d_head * kept * n_sequences * -(-n_bits // 8)",
    ),
    "one sequence": (BYTES, "2 * model.n_layers * model.n_kv_heads * model.d_head * kept * n_bits // 8"),
    "the window ignored": ("n_tokens if window is None else min(n_tokens, window)", "n_tokens"),
    "the window always full": ("n_tokens if window is None else min(n_tokens, window)", "window or n_tokens"),
    "the window beside the token itself": (
        "n_tokens if window is None else min(n_tokens, window)",
        "n_tokens if window is None else min(n_tokens, window + 1)",
    ),
    "two matrices of the feed-forward part": ("3 * model.d_model * model.d_ff", "2 * model.d_model * model.d_ff"),
    "one norm a layer": ("norms = 2 * model.d_model", "norms = model.d_model"),
    "norms with a shift": ("norms = 2 * model.d_model", "norms = 4 * model.d_model"),
    "no norm at the end": (TOTAL, "embeddings + model.n_layers * (_projections(model) + feed_forward + norms)"),
    "the embedding always tied": (EMBEDDINGS, "model.vocab_size"),
    "the embedding never tied": (EMBEDDINGS, "2 * model.vocab_size"),
    "tied read the other way round": (EMBEDDINGS, "(2 if model.tied else 1) * model.vocab_size"),
    "one head too many left to itself": (
        "if model.n_heads % model.n_kv_heads:",
        "if model.n_heads < model.n_kv_heads:",
    ),
    "the cache takes any heads": ("    _check(model)\n    kept", "    kept"),
    "the projections take any heads": (
        "    _check(model)\n    return 2 * model.d_model",
        "    return 2 * model.d_model",
    ),
}

STRICT_MISTAKES = {
    "operations in floating point": (
        FLOPS,
        "return int(float(model.n_layers) * (2 * n_new * _projections(model) + pairs * of_pair))",
    ),
    "bytes in floating point": (
        BYTES,
        "int(2 * model.n_layers * model.n_kv_heads * model.d_head * kept * n_sequences * (n_bits / 8))",
    ),
}
