"""The reference beside PyTorch's scaled_dot_product_attention with enable_gqa."""

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from tests.bench.peers import Peer


def draw(rng, d_model, n_heads, n_kv_heads, d_head):
    """Draw w_q, w_k, w_v and w_o."""
    inner, shared = n_heads * d_head, n_kv_heads * d_head
    shapes = [(d_model, inner), (d_model, shared), (d_model, shared), (inner, d_model)]
    return [rng.normal(size=shape) / shape[0] ** 0.5 for shape in shapes]


def projected(x, w, n_heads):
    return (torch.tensor(x) @ torch.tensor(w)).unflatten(-1, (n_heads, -1)).transpose(1, 2)


def torch_attention(x, w_q, w_k, w_v, w_o, n_heads, n_kv_heads, mask=None):
    q, k, v = projected(x, w_q, n_heads), projected(x, w_k, n_kv_heads), projected(x, w_v, n_kv_heads)
    permitted = None if mask is None else torch.tensor(mask)
    heads = scaled_dot_product_attention(q, k, v, permitted, enable_gqa=True)
    return (heads.transpose(1, 2).flatten(-2) @ torch.tensor(w_o)).numpy()


def test_random(reference, rng):
    for _ in range(150):
        n_kv_heads, group, d_head, d_model, n_sequences, n_tokens = (int(n) for n in rng.integers(1, 6, size=6))
        n_heads = group * n_kv_heads
        weights, x = draw(rng, d_model, n_heads, n_kv_heads, d_head), rng.normal(size=(n_sequences, n_tokens, d_model))
        mask = (rng.random(size=(n_tokens, n_tokens)) < 0.5) | np.eye(n_tokens, dtype=bool)
        for given in (None, mask, np.tri(n_tokens, dtype=bool)):
            ours = reference.grouped_query_attention(x, *weights, n_heads, n_kv_heads, given)
            theirs = torch_attention(x, *weights, n_heads, n_kv_heads, given)
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n_kv_heads", [1, 2, 4])
def test_large_scores(reference, rng, n_kv_heads):
    w_q, *others = draw(rng, 8, 4, n_kv_heads, 3)
    x = rng.normal(size=(2, 5, 8))
    for mask in (None, np.tri(5, dtype=bool)):
        ours = reference.grouped_query_attention(x, 3e3 * w_q, *others, 4, n_kv_heads, mask)
        # Where two scores of thousands nearly agree, their rounding shows in the weights.
        theirs = torch_attention(x, 3e3 * w_q, *others, 4, n_kv_heads, mask)
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-8)


def test_pooled_heads(reference, rng):
    for _ in range(50):
        n_kv_heads, group, d_head, d_model = (int(n) for n in rng.integers(1, 6, size=4))
        w = rng.normal(size=(d_model, n_kv_heads * group * d_head))
        theirs = torch.tensor(w).unflatten(1, (n_kv_heads, group, d_head)).mean(2).flatten(1)
        ours = reference.pool_kv_heads(w, n_kv_heads * group, n_kv_heads)
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-9, atol=1e-12)


def test_uneven_groups(reference, rng):
    for n_heads, n_kv_heads in [(4, 3), (2, 4)]:
        with pytest.raises(ValueError, match="evenly"):
            reference.pool_kv_heads(np.ones((2, 12)), n_heads, n_kv_heads)
        weights = draw(rng, 4, n_heads, n_kv_heads, 2)
        with pytest.raises(ValueError, match="evenly"):
            reference.grouped_query_attention(np.ones((1, 2, 4)), *weights, n_heads, n_kv_heads)


def test_claim_memory():
    few, all_heads = (2 * 32 * n_kv_heads * 128 * 2 for n_kv_heads in (8, 32))
    assert (few, all_heads) == (128 * 2**10, 512 * 2**10)
    assert (8192 * few, 8192 * all_heads) == (2**30, 4 * 2**30)


def test_claim_parameters():
    saved = 2 * 4096 * (32 - 8) * 128
    assert (round(saved / 1e6), round(32 * saved / 1e9, 1)) == (25, 0.8)


def test_claim_equal_heads(reference, rng):
    w_q, w_k, w_v, w_o = draw(rng, 8, 6, 2, 4)
    x = rng.normal(size=(2, 5, 8))
    wide = [w.reshape(8, 2, 4).repeat(3, axis=1).reshape(8, 24) for w in (w_k, w_v)]
    pooled = [reference.pool_kv_heads(w, 6, 2) for w in wide]
    before = reference.grouped_query_attention(x, w_q, *wide, w_o, 6, 6)
    after = reference.grouped_query_attention(x, w_q, *pooled, w_o, 6, 2)
    np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-12)


def test_claim_unrelated_heads(reference, rng):
    w = rng.normal(size=(64, 8 * 16))
    pooled = reference.pool_kv_heads(w, 8, 2)
    assert 0.45 < np.sqrt((pooled**2).mean() / (w**2).mean()) < 0.55


@pytest.mark.parametrize("n_kv_heads", [1, 2, 4, 8])
def test_claim_order(reference, rng, n_kv_heads):
    w_q, w_k, w_v, w_o = draw(rng, 16, 8, n_kv_heads, 4)
    x = rng.normal(size=(2, 5, 16))
    tiled = [np.tile(w, 8 // n_kv_heads) for w in (w_k, w_v)]
    ours = reference.grouped_query_attention(x, w_q, w_k, w_v, w_o, 8, n_kv_heads)
    other = reference.grouped_query_attention(x, w_q, *tiled, w_o, 8, 8)
    same = np.abs(ours - other).max() < 1e-10
    assert same == (n_kv_heads in (1, 8))


def peers(reference, rng):
    """Yield causal attention of a batch at the width of small models."""
    weights, x, mask = draw(rng, 256, 8, 2, 32), rng.normal(size=(4, 128, 256)), np.tri(128, dtype=bool)
    yield Peer(
        "4 sequences of 128 tokens of 256, 8 heads on 2",
        "scaled_dot_product_attention",
        lambda: reference.grouped_query_attention(x, *weights, 8, 2, mask),
        lambda: torch_attention(x, *weights, 8, 2, mask),
    )
