"""The reference beside PyTorch's max_pool2d and avg_pool2d and their gradients."""

import numpy as np
import pytest
import torch
from torch.nn.functional import avg_pool2d, max_pool2d

from tests.bench.peers import Peer


@pytest.mark.parametrize(("name", "library"), [("max_pool", max_pool2d), ("average_pool", avg_pool2d)])
@pytest.mark.parametrize("ties", [False, True])
def test_forward_and_backward(reference, rng, name, library, ties):
    for _ in range(100):
        n, channels, size, stride = (int(number) for number in rng.integers(1, 5, size=4))
        padding = int(rng.integers(0, size // 2 + 1))
        shape = n, channels, size + int(rng.integers(0, 6)), size + int(rng.integers(0, 6))
        x = rng.integers(-2, 2, size=shape).astype(float) if ties else rng.normal(size=shape)
        tensor = torch.tensor(x, requires_grad=True)
        expected = library(tensor, size, stride, padding)
        out, cache = getattr(reference, f"{name}_forward")(x, size, stride, padding)
        np.testing.assert_allclose(out, expected.detach(), rtol=1e-9, atol=1e-12)
        grad_out = rng.normal(size=out.shape)
        (wanted,) = torch.autograd.grad(expected, tensor, torch.tensor(grad_out))
        found = getattr(reference, f"{name}_backward")(grad_out, cache)
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def test_claim_shift(reference, rng):
    x = rng.normal(size=(1, 1, 8, 8))
    moved = np.roll(x, 1, axis=3)
    assert reference.max_pool_forward(x, 8, 8).out == reference.max_pool_forward(moved, 8, 8).out


def test_claim_pixels_with_a_gradient(reference):
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=(1, 1, 20, 20))
        for stride, low, high in [(2, 0.25, 0.25), (1, 0.35, 0.65)]:
            out, cache = reference.max_pool_forward(x, 2, stride)
            assert low <= (reference.max_pool_backward(np.ones(out.shape), cache) > 0).mean() <= high


def peers(reference, rng):
    """Yield both kinds on a small batch."""
    x = rng.normal(size=(16, 16, 32, 32))
    tensor = torch.tensor(x)
    for name, library in [("max_pool", max_pool2d), ("average_pool", avg_pool2d)]:
        forward = getattr(reference, f"{name}_forward")
        yield Peer(
            f"{name}, 16 images of 16 channels, 32 x 32, size 2",
            library.__name__,
            lambda forward=forward: forward(x, 2, 2),
            lambda library=library: library(tensor, 2, 2),
        )
