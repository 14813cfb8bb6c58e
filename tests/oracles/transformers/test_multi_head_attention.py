"""The reference beside PyTorch's MultiheadAttention, without biases."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer


def draw(rng):
    n_heads, d_head, n_tokens = (int(size) for size in rng.integers(1, 6, size=3))
    d_model = n_heads * d_head
    x = rng.normal(size=(int(rng.integers(1, 4)), n_tokens, d_model))
    return x, rng.normal(scale=1.5 / d_model**0.5, size=(4, d_model, d_model)), n_heads


def library(x, weights, n_heads, mask=None):
    """Return PyTorch's output for a batch and a mask of any shape that can be broadcast."""
    w_q, w_k, w_v, w_o = (torch.tensor(w, dtype=torch.float64) for w in weights)
    n_sequences, n_tokens, d_model = x.shape
    module = torch.nn.MultiheadAttention(d_model, n_heads, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.cat([w_q.T, w_k.T, w_v.T]))
        module.out_proj.weight.copy_(w_o.T)
        forbidden = None
        if mask is not None:
            shape = n_sequences, n_heads, n_tokens, n_tokens
            # Here True means permitted; there, forbidden, and sequences and heads share an axis.
            forbidden = torch.tensor(~np.broadcast_to(mask, shape).reshape(-1, n_tokens, n_tokens))
        tokens = torch.tensor(x, dtype=torch.float64)
        # Asked for its weights as well, PyTorch takes another way, on which a token without keys gets NaN.
        return module(tokens, tokens, tokens, attn_mask=forbidden, need_weights=False)[0].numpy()


def assert_agree(reference, x, weights, n_heads, mask=None, rtol=1e-9, atol=1e-12):
    out = reference.multi_head_attention(x, *weights, n_heads, mask)
    np.testing.assert_allclose(out, library(x, weights, n_heads, mask), rtol, atol)
    return out


def test_random_batches(reference, rng):
    for _ in range(100):
        assert_agree(reference, *draw(rng))


def test_leading_axes(reference, rng):
    for _ in range(50):
        x, weights, n_heads = draw(rng)
        expected = library(x, weights, n_heads)
        np.testing.assert_allclose(reference.multi_head_attention(x[0], *weights, n_heads), expected[0], 1e-9, 1e-12)
        stacked = reference.multi_head_attention(np.stack([x, x])[:, np.newaxis], *weights, n_heads)
        np.testing.assert_allclose(stacked, np.stack([expected, expected])[:, np.newaxis], 1e-9, 1e-12)


def test_masks(reference, rng):
    for _ in range(100):
        x, weights, n_heads = draw(rng)
        shape = np.array([len(x), n_heads, x.shape[1], x.shape[1]])
        shape[rng.random(4) < 0.3] = 1
        mask = rng.random(size=shape) < rng.uniform()
        assert_agree(reference, x, weights, n_heads, mask)
        assert_agree(reference, x, weights, n_heads, mask[0])


def test_token_without_keys(reference, rng):
    for _ in range(20):
        x, weights, n_heads = draw(rng)
        mask = np.ones((n_heads, x.shape[1], x.shape[1]), dtype=bool)
        mask[:, 0] = False
        out = assert_agree(reference, x, weights, n_heads, mask)
        assert not out[:, 0].any()


def test_large_scores(reference, rng):
    for _ in range(50):
        x, (w_q, w_k, w_v, w_o), n_heads = draw(rng)
        by_head = [np.stack(np.split(x @ w, n_heads, axis=-1)) for w in (w_q, w_k)]
        scores = by_head[0] @ np.swapaxes(by_head[1], -1, -2) / by_head[0].shape[-1] ** 0.5
        weights = w_q * (1e4 / np.abs(scores).max()), w_k, w_v, w_o
        # A score of 10,000 is itself rounded by some 1e-12, which is a relative error of its power.
        assert_agree(reference, x, weights, n_heads, rtol=1e-8, atol=1e-10)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        assert_agree(reference, rng.integers(-1, 2, size=(2, 3, 6)), rng.integers(-1, 2, size=(4, 6, 6)), 3)


@pytest.mark.parametrize("n_heads", [4, 5, 7, 12, 0, -1, -2, -3])
def test_number_of_heads(reference, rng, n_heads):
    x, weights = rng.normal(size=(2, 5, 6)), rng.normal(size=(4, 6, 6))
    with pytest.raises((AssertionError, ValueError)):
        library(x, weights, n_heads)
    with pytest.raises(ValueError):
        reference.multi_head_attention(x, *weights, n_heads)


def test_claim_rank(rng):
    w_q, w_k = rng.normal(size=(2, 64, 64))
    assert np.linalg.matrix_rank(w_q[:, :8] @ w_k[:, :8].T) == 8
    assert np.linalg.matrix_rank(w_q @ w_k.T) == 64


def test_claim_heads_are_independent(reference, rng):
    x, (w_q, w_k, w_v, w_o) = rng.normal(size=(5, 6)), rng.normal(size=(4, 6, 6))
    out = reference.multi_head_attention(x, w_q, w_k, w_v, w_o, 3)
    rows = np.repeat(np.eye(3), 2, axis=1)[:, :, np.newaxis]
    parts = [reference.multi_head_attention(x, w_q, w_k, w_v, own * w_o, 3) for own in rows]
    np.testing.assert_allclose(sum(parts), out, rtol=1e-9)
    basis = np.eye(6)
    basis[2:4, 2:4] = [[2.0, 1.0], [-1.0, 1.0]]
    same = reference.multi_head_attention(x, w_q @ basis, w_k @ np.linalg.inv(basis).T, w_v, w_o, 3)
    np.testing.assert_allclose(same, out, rtol=1e-9)
    order = [4, 5, 0, 1, 2, 3]
    same = reference.multi_head_attention(x, w_q[:, order], w_k[:, order], w_v[:, order], w_o[order], 3)
    np.testing.assert_allclose(same, out, rtol=1e-9)


def test_claim_cache():
    full, grouped, single = (2 * 32 * n_heads * 128 * 4_096 * 2 for n_heads in (32, 8, 1))
    assert (full, grouped, single) == (2 * 2**30, 2**29, 64 * 2**20)


def test_claim_bias_on_the_keys(rng):
    q, k, b = rng.normal(size=(5, 4)), rng.normal(size=(6, 4)), rng.normal(size=4)
    weights = [torch.softmax(torch.tensor(q @ keys.T / 2), -1) for keys in (k, k + b)]
    np.testing.assert_allclose(*weights, rtol=1e-9)


def test_claim_tokens_become_alike(reference):
    def ratios(seed, n_layers, *, residual):
        rng = np.random.default_rng(seed)
        x, found = rng.normal(size=(20, 32)), []
        for _ in range(n_layers):
            out = reference.multi_head_attention(x, *rng.normal(scale=32**-0.5, size=(4, 32, 32)), 4)
            x = x + out if residual else out
            found.append(np.linalg.norm(x - x.mean(axis=0)) / np.linalg.norm(x))
        return found

    plain = np.median([ratios(seed, 3, residual=False) for seed in range(100)], axis=0)
    np.testing.assert_allclose(plain, [0.8, 0.04, 2e-6], rtol=0.15)
    kept = [ratios(seed, 6, residual=True)[-1] for seed in range(100)]
    assert np.median(kept) == pytest.approx(0.6, abs=0.05)
    assert min(kept) > 0.25
    assert max(kept) < 0.96


def test_claim_parameters_of_gpt_2():
    blocks, tokens, positions = 12 * 12 * 768**2, 50_257 * 768, 1_024 * 768
    assert round(blocks / 1e6) == 85
    assert round(tokens / 1e6) == 39
    assert round((blocks + tokens + positions) / 1e6) == 124


def peers(reference, rng):
    """Yield a layer of middling size, without gradients on either side."""
    x, weights = rng.normal(size=(4, 128, 256)), rng.normal(scale=1 / 16, size=(4, 256, 256))
    module = torch.nn.MultiheadAttention(256, 8, bias=False, batch_first=True, dtype=torch.float64).requires_grad_(
        False
    )
    tokens = torch.tensor(x)
    yield Peer(
        "4 x 128 tokens of 256, 8 heads",
        "MultiheadAttention",
        lambda: reference.multi_head_attention(x, *weights, 8),
        lambda: module(tokens, tokens, tokens, need_weights=False),
    )
