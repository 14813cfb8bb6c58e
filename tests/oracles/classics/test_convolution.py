"""The reference beside PyTorch's conv2d and its gradients."""

import numpy as np
import pytest
import torch
from torch.nn.functional import conv2d

from tests.bench.peers import Peer


def draw(rng):
    """Return a random problem in which the kernel fits."""
    n, channels, n_out, kernel_height, kernel_width, stride = (int(size) for size in rng.integers(1, 5, size=6))
    padding = int(rng.integers(0, 3))
    height, width = kernel_height + int(rng.integers(0, 6)), kernel_width + int(rng.integers(0, 6))
    x, weight = (
        rng.normal(size=(n, channels, height, width)),
        rng.normal(size=(n_out, channels, kernel_height, kernel_width)),
    )
    return x, weight, rng.normal(size=n_out), stride, padding


@pytest.mark.parametrize("name", ["conv2d_forward", "conv2d_forward_via_shifts", "conv2d_forward_via_matrix"])
def test_forward_and_backward(reference, rng, name):
    for _ in range(60):
        x, weight, bias, stride, padding = draw(rng)
        tensors = [torch.tensor(array, requires_grad=True) for array in (x, weight, bias)]
        expected = conv2d(*tensors, stride=stride, padding=padding)
        out, cache = getattr(reference, name)(x, weight, bias, stride, padding)
        np.testing.assert_allclose(out, expected.detach(), rtol=1e-9, atol=1e-11)
        grad_out = rng.normal(size=out.shape)
        wanted = torch.autograd.grad(expected, tensors, torch.tensor(grad_out))
        for have, want in zip(reference.conv2d_backward(grad_out, cache), wanted, strict=True):
            np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-11)


def test_claim_cost():
    assert 64 * (64 * 9 + 1) == 36_928
    assert round(56 * 56 * 64 * 64 * 9 / 1e6) == 116
    assert round((64 * 56 * 56) ** 2 / 1e9) == 40
    assert 0.12 < 1 / 64 + 1 / 9 < 0.13


def test_claim_unused_column(reference, rng):
    x, weight = rng.normal(size=(1, 1, 6, 6)), rng.normal(size=(1, 1, 3, 3))
    out, cache = reference.conv2d_forward(x, weight, np.zeros(1), 2)
    grad_x = reference.conv2d_backward(rng.normal(size=out.shape), cache).grad_x
    assert not grad_x[..., -1].any()
    assert grad_x[0, 0, 0, :5].all()


def test_claim_windows(rng):
    image = np.pad(rng.normal(size=(20, 30)), 1)
    assert np.lib.stride_tricks.sliding_window_view(image, (3, 3)).size == 9 * 20 * 30


def test_claim_shift(reference, rng):
    x, weight = rng.normal(size=(1, 2, 8, 12)), rng.normal(size=(3, 2, 3, 3))
    out, moved = (reference.conv2d_forward(image, weight, np.zeros(3)).out for image in (x, np.roll(x, 2, axis=3)))
    np.testing.assert_allclose(moved[..., 2:], out[..., :-2], rtol=1e-9, atol=1e-11)


def peers(reference, rng):
    """Yield the convolution of a small batch."""
    x, weight, bias = rng.normal(size=(8, 16, 32, 32)), rng.normal(size=(32, 16, 3, 3)), rng.normal(size=32)
    tensors = [torch.tensor(array) for array in (x, weight, bias)]
    yield Peer(
        "8 images, 16 to 32 channels, 32 x 32, kernel 3",
        "conv2d",
        lambda: reference.conv2d_forward(x, weight, bias, 1, 1),
        lambda: conv2d(*tensors, padding=1),
    )
