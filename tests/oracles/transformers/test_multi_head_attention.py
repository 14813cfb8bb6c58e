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
