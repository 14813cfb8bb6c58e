"""The reference beside PyTorch's scaled_dot_product_attention with a banded mask."""

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from tests.bench.peers import Peer

TOLERANCE = {"rtol": 1e-9, "atol": 1e-12}


def banded(n, window):
    """Return PyTorch's mask: the lower triangle without what is more than window - 1 below the diagonal."""
    return torch.ones(n, n, dtype=torch.bool).tril().triu(1 - window)


def torchs(q, k, v, window):
    mask = banded(q.shape[-2], window)
    return scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), attn_mask=mask).numpy()


@pytest.mark.parametrize("window", [1, 2, 3, 7, 12, 30])
def test_mask(reference, window):
    for n in range(1, 13):
        np.testing.assert_array_equal(reference.sliding_window_mask(n, window), banded(n, window).numpy())


@pytest.mark.parametrize("lead", [(), (1,), (3,), (2, 4)])
def test_random(reference, rng, lead):
    for _ in range(40):
        n, d_k, d_v, window = (int(n) for n in rng.integers(1, 12, size=4))
        q, k, v = (rng.normal(size=(*lead, n, d)) for d in (d_k, d_k, d_v))
        found = reference.sliding_window_attention(q, k, v, window)
        np.testing.assert_allclose(found, torchs(q, k, v, window), **TOLERANCE)


def test_wide_window(reference, rng):
    q, k, v = rng.normal(size=(3, 2, 9, 4))
    expected = scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), is_causal=True).numpy()
    for window in (9, 10, 100, 10**9):
        np.testing.assert_allclose(reference.sliding_window_attention(q, k, v, window), expected, **TOLERANCE)


def test_large_scores(reference, rng):
    q, k, v = 100 * rng.normal(size=(20, 2)), 70 * rng.normal(size=(20, 2)), rng.normal(size=(20, 3))
    for window in (2, 5):
        found = reference.sliding_window_attention(q, k, v, window)
        np.testing.assert_allclose(found, torchs(q, k, v, window), **TOLERANCE)


def test_no_window(reference):
    for window in (0, -3):
        with pytest.raises(ValueError, match="window"):
            reference.sliding_window_mask(3, window)
        with pytest.raises(ValueError, match="window"):
            reference.sliding_window_attention(*np.ones((3, 4, 2)), window)


def test_claim_reach(reference, rng):
    x = rng.normal(size=(20, 4))
    changed = x.copy()
    changed[0] += 1
    for _ in range(3):
        x, changed = (reference.sliding_window_attention(layer, layer, layer, 4) for layer in (x, changed))
    assert np.flatnonzero(np.abs(x - changed).max(axis=1) > 1e-12).tolist() == list(range(10))
    assert 32 * 4_096 == 131_072


def test_claim_rolling_buffer(reference, rng):
    q, k, v = rng.normal(size=(3, 50, 4))
    order = rng.permutation(np.arange(50 - 7, 50))
    expected = scaled_dot_product_attention(*map(torch.tensor, (q[-1:], k[order], v[order]))).numpy()
    np.testing.assert_allclose(reference.sliding_window_attention(q, k, v, 7)[-1:], expected, **TOLERANCE)
    token = 2 * 32 * 8 * 128 * 2
    assert (token, token * 32_768, token * 4_096) == (128 * 2**10, 4 * 2**30, 512 * 2**20)


def test_claim_pairs(reference):
    assert reference.sliding_window_mask(40, 7).sum() == 40 * 7 - 7 * 6 // 2
    causal, window = 32_768 * 32_769 // 2, 32_768 * 4_096 - 4_096 * 4_095 // 2
    assert (round(causal / 1e6), round(window / 1e6), round(causal / window, 1)) == (537, 126, 4.3)


def peers(reference, rng):
    """Yield a window of 64 in 2,048 tokens."""
    q, k, v = rng.normal(size=(3, 4, 2_048, 32))
    yield Peer(
        "4 heads, 2,048 tokens of 32, window 64",
        "scaled_dot_product_attention with a mask",
        lambda: reference.sliding_window_attention(q, k, v, 64),
        lambda: torchs(q, k, v, 64),
    )
