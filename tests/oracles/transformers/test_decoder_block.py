"""The reference beside PyTorch's TransformerDecoderLayer."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer


def draw(reference, rng, d_model, d_ff):
    """Draw the parameters of a block."""

    def norm():
        return reference.Norm(rng.normal(1.0, 0.3, size=d_model), rng.normal(size=d_model))

    def attention():
        return reference.Attention(*rng.normal(size=(4, d_model, d_model)) / d_model**0.5)

    inner, outer = rng.normal(size=(d_model, d_ff)) / d_model**0.5, rng.normal(size=(d_ff, d_model)) / d_ff**0.5
    feed_forward = reference.FeedForward(inner, rng.normal(size=d_ff), outer, rng.normal(size=d_model))
    return reference.Params(attention(), norm(), attention(), norm(), feed_forward, norm())


def layer(params, n_heads, eps):
    """Return PyTorch's layer with these parameters; its matrices are transposed, its attention has biases."""
    w_1, b_1, w_2, b_2 = params.feed_forward
    d_model, d_ff = w_1.shape
    module = torch.nn.TransformerDecoderLayer(
        d_model, n_heads, d_ff, 0.0, "relu", eps, batch_first=True, norm_first=True, dtype=torch.float64
    )
    values = {"linear1.weight": w_1.T, "linear1.bias": b_1, "linear2.weight": w_2.T, "linear2.bias": b_2}
    for name, weights in (("self_attn", params.self_attention), ("multihead_attn", params.cross_attention)):
        values[f"{name}.in_proj_weight"] = np.concatenate([w.T for w in weights[:3]])
        values[f"{name}.in_proj_bias"] = np.zeros(3 * d_model)
        values[f"{name}.out_proj.weight"] = weights.w_o.T
        values[f"{name}.out_proj.bias"] = np.zeros(d_model)
    for i, norm in enumerate((params.norm_1, params.norm_2, params.norm_3), start=1):
        values[f"norm{i}.weight"], values[f"norm{i}.bias"] = norm
    module.load_state_dict({name: torch.tensor(value) for name, value in values.items()})
    return module


def torch_block(x, memory, params, n_heads, mask, eps):
    padding = None if mask is None else torch.tensor(~mask)
    hidden = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
    with torch.no_grad():
        module = layer(params, n_heads, eps)
        return module(torch.tensor(x), torch.tensor(memory), hidden, memory_key_padding_mask=padding).numpy()


def assert_agree(reference, x, memory, params, n_heads, mask, eps, tolerance=1e-9):
    ours = reference.decoder_block(x, memory, params, n_heads, mask, eps)
    theirs = torch_block(x, memory, params, n_heads, mask, eps)
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance / 10)


def test_random(reference, rng):
    for _ in range(60):
        n_heads, d_head, n_sequences, n_tokens, n_memory, d_ff = (int(n) for n in rng.integers(1, 6, size=6))
        d_model = n_heads * d_head
        params, eps = draw(reference, rng, d_model, d_ff), float(rng.choice([1e-5, 1e-3, 1.0]))
        x = rng.normal(rng.normal(), rng.uniform(0.5, 3.0), size=(n_sequences, n_tokens, d_model))
        memory = rng.normal(rng.normal(), rng.uniform(0.5, 3.0), size=(n_sequences, n_memory, d_model))
        mask = rng.random(size=memory.shape[:2]) < 0.6
        mask[:, rng.integers(n_memory)] = True
        for given in (None, mask):
            assert_agree(reference, x, memory, params, n_heads, given, eps)


def test_defaults(reference, rng):
    params, x, memory = draw(reference, rng, 6, 8), rng.normal(size=(2, 4, 6)), rng.normal(size=(2, 3, 6))
    theirs = torch_block(x, memory, params, 2, None, 1e-5)
    np.testing.assert_allclose(reference.decoder_block(x, memory, params, 2), theirs, rtol=1e-9, atol=1e-10)


def test_only_padding(reference, rng):
    # PyTorch gives NaN here. Attention that adds 0 is attention whose last projection is 0.
    params, x, memory = draw(reference, rng, 6, 8), rng.normal(size=(2, 4, 6)), rng.normal(size=(2, 3, 6))
    mask = np.array([[False] * 3, [True] * 3])
    off = params._replace(cross_attention=params.cross_attention._replace(w_o=np.zeros((6, 6))))
    ours = reference.decoder_block(x, memory, params, 2, mask)
    for s, own in enumerate((off, params)):
        theirs = torch_block(x[s : s + 1], memory[s : s + 1], own, 2, None, 1e-5)
        np.testing.assert_allclose(ours[s], theirs[0], rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("part", ["self_attention", "cross_attention"])
def test_large_scores(reference, rng, part):
    params, x, memory = draw(reference, rng, 6, 8), rng.normal(size=(2, 4, 6)), rng.normal(size=(2, 3, 6))
    weights = getattr(params, part)
    params = params._replace(**{part: weights._replace(w_q=weights.w_q * 3e3)})
    mask = np.array([[True, False, True], [False, True, True]])
    # Where two scores of thousands nearly agree, their rounding shows in the weights.
    assert_agree(reference, x, memory, params, 2, mask, 1e-5, tolerance=1e-7)


def example(reference, rng):
    return draw(reference, rng, 16, 32), rng.normal(size=(2, 10, 16)), rng.normal(size=(2, 6, 16))


def test_claim_growing_prefix(reference, rng):
    params, x, memory = example(reference, rng)
    whole = reference.decoder_block(x, memory, params, 4)
    for n in range(1, 11):
        last = reference.decoder_block(x[:, :n], memory, params, 4)[:, -1]
        np.testing.assert_allclose(last, whole[:, n - 1], rtol=1e-9, atol=1e-10)


def test_claim_changed_token(reference, rng):
    params, x, memory = example(reference, rng)
    other = x.copy()
    other[:, 5] = rng.normal(size=(2, 16))
    changes = reference.decoder_block(other, memory, params, 4) - reference.decoder_block(x, memory, params, 4)
    assert (np.abs(changes[:, :5]) < 1e-10).all()
    assert (np.abs(changes[:, 5:]).max(axis=2) > 1e-10).all()


def test_claim_order_of_the_memory(reference, rng):
    params, x, memory = example(reference, rng)
    mask, order = np.arange(6) < np.array([[6], [4]]), rng.permutation(6)
    expected = reference.decoder_block(x, memory, params, 4, mask)
    found = reference.decoder_block(x, memory[:, order], params, 4, mask[:, order])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)


def test_claim_longer_memory(reference, rng):
    params, x, memory = example(reference, rng)
    expected = reference.decoder_block(x, memory, params, 4)
    longer = np.concatenate([memory, rng.normal(size=(2, 3, 16))], axis=1)
    found = reference.decoder_block(x, longer, params, 4, np.broadcast_to(np.arange(9) < 6, (2, 9)))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)
    zeros = np.concatenate([memory, np.zeros((2, 3, 16))], axis=1)
    assert np.abs(reference.decoder_block(x, zeros, params, 4) - expected).max() > 1e-3


def test_claim_parameters(reference, rng):
    params = draw(reference, rng, 64, 256)
    matrices = [*params.self_attention, *params.cross_attention, params.feed_forward.w_1, params.feed_forward.w_2]
    assert sum(w.size for w in matrices) == 16 * 64**2
    assert sum(w.size for w in matrices) - sum(w.size for w in params.cross_attention) == 12 * 64**2


def peers(reference, rng):
    """Yield a batch at the width of small models."""
    params, x, memory = draw(reference, rng, 256, 1024), rng.normal(size=(4, 64, 256)), rng.normal(size=(4, 128, 256))
    mask = np.arange(128) < np.array([[128], [100], [64], [128]])
    module, hidden = layer(params, 8, 1e-5), torch.ones(64, 64, dtype=torch.bool).triu(1)
    tensors, padding = (torch.tensor(x), torch.tensor(memory)), torch.tensor(~mask)

    def theirs():
        with torch.no_grad():
            return module(*tensors, hidden, memory_key_padding_mask=padding).numpy()

    yield Peer(
        "4 sequences of 64 tokens of 256 and 128 of memory, 8 heads",
        "TransformerDecoderLayer",
        lambda: reference.decoder_block(x, memory, params, 8, mask),
        theirs,
    )
