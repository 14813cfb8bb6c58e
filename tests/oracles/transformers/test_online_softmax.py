"""The reference beside PyTorch: scaled_dot_product_attention, softmax and logsumexp."""

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from tests.bench.peers import Peer

TOLERANCE = {"rtol": 1e-9, "atol": 1e-12}


def empty(reference, n_queries, d_v):
    return reference.State(np.full(n_queries, -np.inf), np.zeros(n_queries), np.zeros((n_queries, d_v)))


def torchs(q, k, v, permitted=None):
    """Return out and logsumexp of attention with a mask of each pair."""
    mask = None if permitted is None else torch.tensor(permitted)
    out = scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), attn_mask=mask).numpy()
    scores = torch.tensor(q) @ torch.tensor(k).T / q.shape[1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
        # The statement's zeros, whatever this version of PyTorch makes of a query without keys.
        out = np.where(permitted.any(axis=1, keepdims=True), out, 0.0)
    return out, torch.logsumexp(scores, dim=1).numpy()


@pytest.mark.parametrize("level", [1.0, 100.0, 1e4])
def test_blocks(reference, rng, level):
    for _ in range(50):
        n_queries, n_keys, d_v = (int(n) for n in rng.integers(1, 12, size=3))
        scores, values = rng.normal(size=(n_queries, n_keys)) * level, rng.normal(size=(n_keys, d_v))
        scores[rng.random(size=scores.shape) < 0.4] = -np.inf
        state, start = empty(reference, n_queries, d_v), 0
        while start < n_keys:
            end = start + int(rng.integers(1, 4))
            state = reference.online_softmax_step(state, scores[:, start:end], values[start:end])
            start = end
        seen = torch.tensor(scores)
        np.testing.assert_allclose(state.maximum, seen.amax(dim=1).numpy(), **TOLERANCE)
        some = state.total > 0
        assert (some == np.isfinite(scores).any(axis=1)).all()
        found = state.maximum[some] + np.log(state.total[some])
        np.testing.assert_allclose(found, torch.logsumexp(seen, dim=1).numpy()[some], **TOLERANCE)
        expected = (torch.softmax(seen, dim=1) @ torch.tensor(values)).numpy()[some]
        np.testing.assert_allclose(state.weighted[some] / state.total[some, np.newaxis], expected, **TOLERANCE)
        assert (state.weighted[~some] == 0).all()


def test_tiles(reference, rng):
    for _ in range(100):
        n_queries, n_keys, d_k, d_v, block_size = (int(n) for n in rng.integers(1, 12, size=5))
        q, k, v = rng.normal(size=(n_queries, d_k)), rng.normal(size=(n_keys, d_k)), rng.normal(size=(n_keys, d_v))
        found, (out, logsumexp) = reference.flash_attention(q, k, v, block_size), torchs(q, k, v)
        np.testing.assert_allclose(found.out, out, **TOLERANCE)
        np.testing.assert_allclose(found.logsumexp, logsumexp, **TOLERANCE)
        mask = rng.random(size=(-(-n_queries // block_size), -(-n_keys // block_size))) < 0.5
        permitted = np.kron(mask, np.ones((block_size, block_size), dtype=bool))[:n_queries, :n_keys]
        found, (out, logsumexp) = reference.flash_attention(q, k, v, block_size, mask), torchs(q, k, v, permitted)
        np.testing.assert_allclose(found.out, out, **TOLERANCE)
        np.testing.assert_allclose(found.logsumexp, logsumexp, **TOLERANCE)


def test_large_scores(reference, rng):
    q, k, v = 100 * rng.normal(size=(5, 2)), 100 * rng.normal(size=(9, 2)), rng.normal(size=(9, 3))
    found, (out, logsumexp) = reference.flash_attention(q, k, v, 2), torchs(q, k, v)
    np.testing.assert_allclose(found.out, out, **TOLERANCE)
    np.testing.assert_allclose(found.logsumexp, logsumexp, **TOLERANCE)


def test_claim_backward(reference, rng):
    q, k, v, grad_out = (rng.normal(size=shape) for shape in [(50, 8), (80, 8), (80, 6), (50, 6)])
    out, logsumexp = reference.flash_attention(q, k, v, 16)
    weights = np.exp(q @ k.T / 8**0.5 - logsumexp[:, None])
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, **TOLERANCE)
    np.testing.assert_allclose(weights @ v, out, **TOLERANCE)
    np.testing.assert_allclose((weights * (grad_out @ v.T)).sum(axis=1), (grad_out * out).sum(axis=1), **TOLERANCE)


def test_claim_merged_halves(reference, rng):
    q, k, v = rng.normal(size=(1, 8)), rng.normal(size=(100, 8)), rng.normal(size=(100, 6))
    halves = [reference.flash_attention(q, k[part], v[part], 16) for part in (slice(50), slice(50, 100))]
    together = np.logaddexp(*(half.logsumexp for half in halves))
    merged = sum(np.exp(half.logsumexp - together)[:, None] * half.out for half in halves)
    np.testing.assert_allclose(merged, reference.flash_attention(q, k, v, 16).out, **TOLERANCE)


def test_claim_causal(reference, rng):
    assert np.tri(16).sum() == 136
    q, k, v = rng.normal(size=(3, 12, 4))
    expected = scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), is_causal=True).numpy()
    np.testing.assert_allclose(reference.flash_attention(q, k, v, 1, np.tri(12, dtype=bool)).out, expected, **TOLERANCE)


def test_claim_growing_maximum(reference):
    harmonic = (1 / np.arange(1, 1001)).sum()
    assert round(harmonic, 1) == 7.5
    scores = np.random.default_rng(0).normal(size=(2_000, 1_000))
    state, grown = empty(reference, 2_000, 1), np.zeros(2_000)
    for j in range(1_000):
        before = state.maximum
        state = reference.online_softmax_step(state, scores[:, j : j + 1], np.ones((1, 1)))
        grown += state.maximum > before
    # The variance of one count is below the harmonic number.
    assert abs(grown.mean() - harmonic) < 6 * (harmonic / 2_000) ** 0.5


def test_claim_memory():
    assert 32_768**2 * 2 == 2 * 2**30


def peers(reference, rng):
    """Yield attention of one head in tiles."""
    q, k, v = rng.normal(size=(3, 2_048, 64))
    yield Peer(
        "2,048 queries and keys of 64, tiles of 256",
        "scaled_dot_product_attention",
        lambda: reference.flash_attention(q, k, v, 256).out,
        lambda: torchs(q, k, v)[0],
    )
