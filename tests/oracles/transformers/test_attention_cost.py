"""The reference beside PyTorch: parameters of a module, operations that its counter sees, bytes of tensors."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.bench.peers import Peer


class Layer(nn.Module):
    """A layer of the model, without what takes no parameters and no matrix product."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        queries, keys = model.n_heads * model.d_head, model.n_kv_heads * model.d_head
        self.q, self.k, self.v = (nn.Linear(model.d_model, size, bias=False) for size in (queries, keys, keys))
        self.o = nn.Linear(queries, model.d_model, bias=False)
        self.gate, self.up = (nn.Linear(model.d_model, model.d_ff, bias=False) for _ in range(2))
        self.down = nn.Linear(model.d_ff, model.d_model, bias=False)
        self.norms = nn.ModuleList(nn.RMSNorm(model.d_model) for _ in range(2))

    def attend(self, x, cache, causal):
        """Return the attention's output for the new tokens x, each query with a product of its own."""
        heads = [f(x).unflatten(-1, (-1, self.model.d_head)).transpose(0, 1) for f in (self.q, self.k, self.v)]
        keys, values = (
            torch.cat([old, new], dim=1).repeat_interleave(self.model.n_heads // self.model.n_kv_heads, dim=0)
            for old, new in zip(cache, heads[1:], strict=True)
        )
        outs = []
        for i in range(len(x)):
            seen = cache.shape[2] + i + 1 if causal else keys.shape[1]
            scores = heads[0][:, i : i + 1] @ keys[:, :seen].transpose(1, 2)
            outs.append(scores.softmax(-1) @ values[:, :seen])
        return self.o(torch.cat(outs, dim=1).transpose(0, 1).flatten(1))


def build(model):
    modules = nn.ModuleList(Layer(model) for _ in range(model.n_layers))
    embedding, head = (
        nn.Embedding(model.vocab_size, model.d_model),
        nn.Linear(model.d_model, model.vocab_size, bias=False),
    )
    if model.tied:
        head.weight = embedding.weight
    return nn.ModuleList([modules, nn.RMSNorm(model.d_model), embedding, head])


def draw(reference, rng):
    n_layers, d_model, n_kv_heads, n_sharing, d_head, d_ff, vocab_size = rng.integers(1, 9, size=7).tolist()
    return reference.Model(
        n_layers, d_model, n_kv_heads * n_sharing, n_kv_heads, d_head, d_ff, vocab_size, rng.random() < 0.5
    )


def llama_3(reference, **changes):
    return reference.Model(32, 4096, 32, 8, 128, 14336, 128256, tied=False)._replace(**changes)


def test_parameters(reference, rng):
    for _ in range(50):
        model = draw(reference, rng)
        assert reference.parameter_count(model) == sum(array.numel() for array in build(model).parameters())


def test_operations(reference, rng):
    for _ in range(30):
        model, n_new, n_cached = draw(reference, rng), int(rng.integers(1, 6)), int(rng.integers(0, 6))
        causal = bool(rng.random() < 0.5)
        x, cache = torch.randn(n_new, model.d_model), torch.randn(2, model.n_kv_heads, n_cached, model.d_head)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            for layer in build(model)[0]:
                layer.attend(x, cache, causal)
        assert reference.attention_flops(model, n_new, n_cached, causal) == counter.get_total_flops()


def test_bytes(reference, rng):
    types = {8: torch.int8, 16: torch.bfloat16, 32: torch.float32}
    for _ in range(50):
        model, (n_tokens, n_sequences) = draw(reference, rng), rng.integers(1, 9, size=2).tolist()
        for n_bits, dtype in types.items():
            shape = n_sequences, model.n_kv_heads, n_tokens, model.d_head
            layers = [torch.empty(2, *shape, dtype=dtype) for _ in range(model.n_layers)]
            expected = sum(layer.nbytes for layer in layers)
            assert reference.kv_cache_bytes(model, n_tokens, n_sequences, n_bits) == expected
            window = int(rng.integers(1, 9))
            kept = sum(layer[..., -window:, :].contiguous().nbytes for layer in layers)
            assert reference.kv_cache_bytes(model, n_tokens, n_sequences, n_bits, window) == kept
        assert 2 * reference.kv_cache_bytes(model, n_tokens, n_bits=4) == reference.kv_cache_bytes(
            model, n_tokens, n_bits=8
        )


def test_heads_that_cannot_share(reference):
    model = llama_3(reference, n_heads=12)
    for call in (
        reference.parameter_count,
        lambda m: reference.attention_flops(m, 1),
        lambda m: reference.kv_cache_bytes(m, 1),
    ):
        with pytest.raises(ValueError):
            call(model)


def test_large_numbers(reference):
    n = 1_000_001
    model = llama_3(reference, d_head=1)
    assert reference.attention_flops(model, n) == 32 * (2 * n * 2 * 4096 * 40 + 4 * 32 * sum(range(n + 1)))


def test_claim_quadratic_part(reference):
    model = llama_3(reference)
    layer = (reference.parameter_count(model) - (2 * 128256 + 1) * 4096) // 32
    assert round(layer / 1e6) == 218
    assert round(layer / 4096, -3) == 53_000
    for n, share in ((8_192, 0.13), (131_072, 0.70)):
        pairs = 32 * 4 * 4096 * n * (n + 1) // 2
        projections = reference.attention_flops(model, n) - pairs
        assert projections == 2 * n * 32 * (2 * 4096 * 128 * 40)
        matrices = 2 * n * (reference.parameter_count(model) - 128256 * 4096)
        assert pairs / (pairs + matrices) == pytest.approx(share, abs=0.005)
    dense = reference.attention_flops(model, 8_192, causal=False)
    assert dense / reference.attention_flops(model, 8_192) == pytest.approx(1.44, abs=0.005)


def test_claim_cache(reference):
    model = llama_3(reference)
    prompt = reference.attention_flops(model, 1_000)
    assert sum(reference.attention_flops(model, 1, n) for n in range(1_000)) == prompt
    assert round(sum(reference.attention_flops(model, n + 1) for n in range(1_000)) / prompt) == 486
    assert reference.kv_cache_bytes(model, 1) == 128 * 2**10
    assert reference.kv_cache_bytes(model, 8_192) == 2**30
    assert round(2 * reference.parameter_count(model) / 2**30) == 15
    mistral = llama_3(reference, vocab_size=32_000)
    assert reference.kv_cache_bytes(mistral, 32_768) == 4 * 2**30
    assert reference.kv_cache_bytes(mistral, 32_768, window=4_096) == 2**29


def test_claim_grouped_heads(reference):
    model, full = llama_3(reference), llama_3(reference, n_kv_heads=32)
    assert reference.kv_cache_bytes(full, 1) == 512 * 2**10
    assert [round(reference.parameter_count(m) / 1e9, 2) for m in (full, model)] == [8.84, 8.03]
    pairs = [reference.attention_flops(m, 1, 999) - reference.attention_flops(m, 1, 0) for m in (full, model)]
    assert pairs[0] == pairs[1]


def test_claim_decoding(reference):
    size = 2 * reference.parameter_count(llama_3(reference))
    assert round(size / 1e9) == 16
    assert round(size / 3.35e12 * 1e3, 1) == 4.8
    assert round(989 / 3.35, -2) == 300


def test_claim_training(reference):
    n_parameters = reference.parameter_count(llama_3(reference))
    assert round(6 * n_parameters * 15e12 / 1e23, 1) == 7.2
    assert round(16 * n_parameters / 1e9) == 128


def peers(reference, rng):
    """Yield the count of parameters of a small model."""
    model = reference.Model(4, 256, 8, 2, 32, int(rng.integers(600, 800)), 1_000, tied=False)
    built = build(model)
    yield Peer(
        "4 layers of 256",
        "parameters of a module",
        lambda: reference.parameter_count(model),
        lambda: sum(array.numel() for array in built.parameters()),
    )
