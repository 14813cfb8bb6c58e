"""The reference beside PyTorch's TransformerEncoderLayer."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer


def draw(reference, rng, d_model, d_ff):
    """Draw the parameters of a block."""
    return reference.Params(
        reference.Attention(*rng.normal(size=(4, d_model, d_model)) / d_model**0.5),
        reference.Norm(rng.normal(1.0, 0.3, size=d_model), rng.normal(size=d_model)),
        reference.FeedForward(
            rng.normal(size=(d_model, d_ff)) / d_model**0.5,
            rng.normal(size=d_ff),
            rng.normal(size=(d_ff, d_model)) / d_ff**0.5,
            rng.normal(size=d_model),
        ),
        reference.Norm(rng.normal(1.0, 0.3, size=d_model), rng.normal(size=d_model)),
    )


def layer(params, n_heads, norm_first, eps):
    """Return PyTorch's layer with these parameters; its matrices are transposed, its attention has biases."""
    d_model, d_ff = params.feed_forward.w_1.shape
    module = torch.nn.TransformerEncoderLayer(
        d_model, n_heads, d_ff, 0.0, "relu", eps, batch_first=True, norm_first=norm_first, dtype=torch.float64
    )
    attention, (w_1, b_1, w_2, b_2) = params.attention, params.feed_forward
    values = {
        "self_attn.in_proj_weight": np.concatenate([w.T for w in attention[:3]]),
        "self_attn.in_proj_bias": np.zeros(3 * d_model),
        "self_attn.out_proj.weight": attention.w_o.T,
        "self_attn.out_proj.bias": np.zeros(d_model),
        "linear1.weight": w_1.T,
        "linear1.bias": b_1,
        "linear2.weight": w_2.T,
        "linear2.bias": b_2,
        "norm1.weight": params.norm_1.gamma,
        "norm1.bias": params.norm_1.beta,
        "norm2.weight": params.norm_2.gamma,
        "norm2.bias": params.norm_2.beta,
    }
    module.load_state_dict({name: torch.tensor(value) for name, value in values.items()})
    # In training mode, without dropout, it takes the plain path, which gives padding an output, too.
    return module.train()


def torch_block(x, params, n_heads, mask, norm_first, eps):
    padding = None if mask is None else torch.tensor(~mask)
    with torch.no_grad():
        return layer(params, n_heads, norm_first, eps)(torch.tensor(x), src_key_padding_mask=padding).numpy()


@pytest.mark.parametrize("norm_first", [False, True])
def test_random(reference, rng, norm_first):
    for _ in range(60):
        n_heads, d_head, n_sequences, n_tokens, d_ff = (int(n) for n in rng.integers(1, 6, size=5))
        d_model = n_heads * d_head
        params, eps = draw(reference, rng, d_model, d_ff), float(rng.choice([1e-5, 1e-3, 1.0]))
        x = rng.normal(rng.normal(), rng.uniform(0.5, 3.0), size=(n_sequences, n_tokens, d_model))
        mask = rng.random(size=x.shape[:2]) < 0.6
        mask[:, rng.integers(n_tokens)] = True
        for given in (None, mask):
            ours = reference.encoder_block(x, params, n_heads, given, norm_first, eps)
            theirs = torch_block(x, params, n_heads, given, norm_first, eps)
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10)


def test_defaults(reference, rng):
    params, x = draw(reference, rng, 6, 8), rng.normal(size=(2, 4, 6))
    theirs = torch_block(x, params, 2, None, norm_first=False, eps=1e-5)
    np.testing.assert_allclose(reference.encoder_block(x, params, 2), theirs, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("norm_first", [False, True])
def test_only_padding(reference, rng, norm_first):
    # PyTorch gives NaN here. Attention that adds 0 is attention whose last projection is 0.
    params, x = draw(reference, rng, 6, 8), rng.normal(size=(2, 4, 6))
    mask = np.array([[False] * 4, [True] * 4])
    off = params._replace(attention=params.attention._replace(w_o=np.zeros((6, 6))))
    ours = reference.encoder_block(x, params, 2, mask, norm_first)
    theirs = [torch_block(x[s : s + 1], own, 2, None, norm_first, 1e-5)[0] for s, own in enumerate((off, params))]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10)


def test_large_scores(reference, rng):
    params, x = draw(reference, rng, 6, 8), rng.normal(size=(2, 4, 6))
    params = params._replace(attention=params.attention._replace(w_q=params.attention.w_q * 3e3))
    mask = np.array([[True, False, True, True], [False, True, True, False]])
    for norm_first in (False, True):
        ours = reference.encoder_block(x, params, 2, mask, norm_first)
        # Where two scores of thousands nearly agree, their rounding shows in the weights.
        np.testing.assert_allclose(ours, torch_block(x, params, 2, mask, norm_first, 1e-5), rtol=1e-7, atol=1e-7)


def stack(reference, rng, depth, norm_first):
    """Return the tokens before each of some blocks with plain norms, and after the last."""
    streams = [rng.normal(size=(4, 16, 64))]
    for _ in range(depth):
        drawn = draw(reference, rng, 64, 256)
        plain = reference.Norm(np.ones(64), np.zeros(64))
        feed_forward = drawn.feed_forward._replace(b_1=np.zeros(256), b_2=np.zeros(64))
        params = reference.Params(drawn.attention, plain, feed_forward, plain)
        streams.append(reference.encoder_block(streams[-1], params, 4, norm_first=norm_first))
    return streams


def size(x):
    return np.sqrt((x**2).mean())


def test_claim_growing_stream(reference, rng):
    pre, post = (stack(reference, rng, 24, norm_first) for norm_first in (True, False))
    first, last = (size(after - before) / size(before) for before, after in (pre[:2], pre[-2:]))
    assert 0.7 < first < 0.9
    assert 0.1 < last < 0.35
    assert 4.0 < size(pre[-1]) < 7.0
    np.testing.assert_allclose([size(x) for x in post[1:]], 1.0, rtol=1e-4)


def test_claim_padding(reference, rng):
    params, x = draw(reference, rng, 16, 32), rng.normal(size=(2, 5, 16))
    for norm_first in (False, True):
        alone = reference.encoder_block(x, params, 4, None, norm_first)
        padded = np.concatenate([x, rng.normal(size=(2, 3, 16))], axis=1)
        mask = np.broadcast_to(np.arange(8) < 5, (2, 8))
        found = reference.encoder_block(padded, params, 4, mask, norm_first)
        np.testing.assert_allclose(found[:, :5], alone, rtol=1e-9, atol=1e-10)
        padded[0, 7] = np.nan
        found = reference.encoder_block(padded, params, 4, mask, norm_first)
        assert np.isnan(found[0]).all()
        np.testing.assert_allclose(found[1, :5], alone[1], rtol=1e-9, atol=1e-10)


def test_claim_order(reference, rng):
    params, x, order = draw(reference, rng, 16, 32), rng.normal(size=(2, 7, 16)), rng.permutation(7)
    for norm_first in (False, True):
        out = reference.encoder_block(x, params, 4, norm_first=norm_first)
        moved = reference.encoder_block(x[:, order], params, 4, norm_first=norm_first)
        np.testing.assert_allclose(moved, out[:, order], rtol=1e-9, atol=1e-10)


def test_claim_shift(reference, rng):
    params, x = draw(reference, rng, 16, 32), rng.normal(size=(2, 7, 16))
    before, after = (reference.encoder_block(tokens, params, 4, norm_first=True) for tokens in (x, x + 5.0))
    np.testing.assert_allclose(after, before + 5.0, rtol=1e-9, atol=1e-10)


def peers(reference, rng):
    """Yield a batch at the width of small models."""
    params, x = draw(reference, rng, 256, 1024), rng.normal(size=(4, 128, 256))
    mask = np.arange(128) < np.array([[128], [100], [64], [128]])
    module, tensor, padding = layer(params, 8, True, 1e-5), torch.tensor(x), torch.tensor(~mask)

    def theirs():
        with torch.no_grad():
            return module(tensor, src_key_padding_mask=padding).numpy()

    yield Peer(
        "4 sequences of 128 tokens of 256, 8 heads",
        "TransformerEncoderLayer",
        lambda: reference.encoder_block(x, params, 8, mask, norm_first=True),
        theirs,
    )
