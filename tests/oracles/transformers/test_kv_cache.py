"""The reference beside PyTorch's scaled_dot_product_attention with its causal mask."""

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from tests.bench.peers import Peer


def draw(reference, rng, d_model):
    return reference.Weights(*(rng.normal(size=(d_model, d_model)) / d_model**0.5 for _ in range(4)))


def causal(x, weights, n_heads):
    """Return out of the whole sequences."""
    q, k, v = ((torch.tensor(x) @ torch.tensor(w)).unflatten(-1, (n_heads, -1)).transpose(1, 2) for w in weights[:3])
    heads = scaled_dot_product_attention(q, k, v, is_causal=True)
    return (heads.transpose(1, 2).flatten(-2) @ torch.tensor(weights.w_o)).numpy()


@pytest.mark.parametrize("n_heads", [1, 2, 4])
def test_every_position(reference, rng, n_heads):
    for _ in range(20):
        n_prompt, n_more = (int(n) for n in rng.integers(1, 10, size=2))
        x, weights = rng.normal(size=(3, n_prompt + n_more, 8)), draw(reference, rng, 8)
        expected = causal(x, weights, n_heads)
        out, cache = reference.prefill(x[:, :n_prompt], weights, n_heads)
        np.testing.assert_allclose(out, expected[:, :n_prompt], rtol=1e-9, atol=1e-12)
        for i in range(n_prompt, n_prompt + n_more):
            out, cache = reference.decode_step(x[:, i], cache, weights, n_heads)
            np.testing.assert_allclose(out, expected[:, i], rtol=1e-9, atol=1e-12)
        assert cache.keys.shape == (3, n_heads, n_prompt + n_more, 8 // n_heads)


def test_claim_memory():
    token = 2 * 32 * 32 * 128 * 2
    assert token == 512 * 2**10
    assert token * 4_096 == 2 * 2**30


def test_claim_multiplications():
    attention = 2 * 200 * 256
    kept, again = 4 * 256**2 + attention, (2 + 2 * 200) * 256**2 + attention
    assert (round(kept / 1e6, 2), round(again / 1e6), round(again / kept)) == (0.36, 26, 73)


def test_claim_changed_token(reference, rng):
    weights, x = draw(reference, rng, 8), rng.normal(size=(1, 10, 8))
    other = x.copy()
    other[0, 5] += 1
    first, second = reference.prefill(x, weights, 2), reference.prefill(other, weights, 2)
    changed = np.abs(first.cache.keys - second.cache.keys).max(axis=(0, 1, 3)) > 1e-12
    assert np.flatnonzero(changed).tolist() == [5]
    deeper = [reference.prefill(step.out, weights, 2).cache.keys for step in (first, second)]
    changed = np.abs(deeper[0] - deeper[1]).max(axis=(0, 1, 3)) > 1e-12
    assert np.flatnonzero(changed).tolist() == [5, 6, 7, 8, 9]


def peers(reference, rng):
    """Yield the prefill of a prompt."""
    weights, x = draw(reference, rng, 256), rng.normal(size=(2, 256, 256))
    yield Peer(
        "2 prompts of 256 tokens of 256, 8 heads",
        "scaled_dot_product_attention",
        lambda: reference.prefill(x, weights, 8),
        lambda: causal(x, weights, 8),
    )
