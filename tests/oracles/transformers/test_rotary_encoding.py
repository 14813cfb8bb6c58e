"""The reference beside the rotation written with PyTorch's complex numbers, and as two published codes write it."""

import math

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer


def complex_code(x, positions, base):
    """Turn pairs of neighbours as complex numbers, as Meta's code of Llama does."""
    d = x.shape[-1]
    rates = 1.0 / base ** (torch.arange(0, d, 2, dtype=torch.float64) / d)
    turns = torch.polar(torch.ones(len(positions), d // 2, dtype=torch.float64), torch.outer(positions.double(), rates))
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2).contiguous())
    return torch.view_as_real(pairs * turns).flatten(-2)


def half_code(x, positions, base):
    """Turn halves by x * cos + rotate_half(x) * sin, as Hugging Face's code does."""
    d = x.shape[-1]
    angles = torch.outer(positions.double(), 1.0 / base ** (torch.arange(0, d, 2, dtype=torch.float64) / d))
    angles = torch.cat([angles, angles], dim=-1)
    rotated = torch.cat([-x[..., d // 2 :], x[..., : d // 2]], dim=-1)
    return x * angles.cos() + rotated * angles.sin()


@pytest.mark.parametrize(("code", "interleaved"), [(complex_code, True), (half_code, False)])
def test_published_codes(reference, rng, code, interleaved):
    for _ in range(100):
        n, d, base = int(rng.integers(1, 20)), 2 * int(rng.integers(1, 20)), float(rng.choice([100.0, 10000.0, 5e5]))
        x, positions = rng.normal(size=(2, 3, n, d)), rng.integers(0, 5000, size=n)
        expected = code(torch.tensor(x), torch.tensor(positions), base)
        # An angle in the thousands is itself rounded by some 1e-12.
        np.testing.assert_allclose(reference.rotary(x, positions, base, interleaved), expected, rtol=1e-9, atol=1e-10)


def test_odd_size(reference, rng):
    with pytest.raises(ValueError, match="d is 5"):
        reference.rotary(rng.normal(size=(2, 5)), np.arange(2))


def test_claim_distance(reference, rng):
    q, k = rng.normal(size=(2, 1, 64))
    scores = [reference.rotary(q, np.array([p])) @ reference.rotary(k, np.array([p + 7])).T for p in (3, 1003)]
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-9, atol=1e-9)


def test_claim_layouts(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        q, k = rng.normal(size=(2, 16, 64))
        p = np.arange(16)
        right = reference.rotary(q, p) @ reference.rotary(k, p).T
        mixed = reference.rotary(q, p) @ reference.rotary(k, p, interleaved=False).T
        assert 0.65 < np.sqrt(((mixed - right) ** 2).mean() / (right**2).mean()) < 1.05
        assert mixed[0, 0] == pytest.approx(right[0, 0])
        order = np.r_[0:64:2, 1:64:2]
        halves = [reference.rotary(tokens[:, order], p, interleaved=False) for tokens in (q, k)]
        np.testing.assert_allclose(halves[0] @ halves[1].T, right, rtol=1e-9, atol=1e-9)


def test_claim_slowest_pair():
    turns = [2 * math.pi * base ** (126 / 128) for base in (1e4, 5e5)]
    assert round(turns[0], -3) == 54_000
    assert round(turns[1] / 1e6, 1) == 2.6


def peers(reference, rng):
    """Yield the queries of a batch."""
    x, positions = rng.normal(size=(4, 8, 256, 64)), np.arange(256)
    tensors = torch.tensor(x), torch.tensor(positions)
    yield Peer(
        "4 x 8 heads, 256 tokens of 64",
        "rotate_half in PyTorch",
        lambda: reference.rotary(x, positions, interleaved=False),
        lambda: half_code(*tensors, 10000.0),
    )
