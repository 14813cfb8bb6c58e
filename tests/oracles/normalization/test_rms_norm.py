"""The reference beside PyTorch's rms_norm and its autograd."""

import numpy as np
import pytest
import torch
from torch.nn.functional import layer_norm, rms_norm

from tests.bench.peers import Peer


def draw(rng, *, n_axes=None):
    shape = tuple(rng.integers(1, 7, size=n_axes or rng.integers(1, 5)))
    x = rng.normal(rng.normal(0.0, 5.0, size=(*shape[:-1], 1)), rng.uniform(0.1, 5.0), size=shape)
    gamma = rng.normal(size=shape[-1])
    gamma[rng.random(shape[-1]) < 0.2] = 0.0
    return x, gamma


def assert_agree(reference, rng, batch, eps=1e-5):
    """Compare one call, forward and backward, with PyTorch's on the same batch."""
    x, gamma = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in batch)
    out = rms_norm(x, x.shape[-1:], gamma, eps)
    grad_out = rng.normal(size=out.shape)
    gradients = torch.autograd.grad(out, (x, gamma), torch.tensor(grad_out))
    step = reference.rms_norm_forward(*batch, eps)
    back = reference.rms_norm_backward(grad_out, step.cache)
    np.testing.assert_allclose(step.out, out.detach(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(back.grad_gamma, gradients[1], rtol=1e-9, atol=1e-12)
    # Next to nothing may be left of the terms of grad_x: rounding is as large as they are, which is as the slope.
    slope = np.abs(batch[1]).max() / np.sqrt((batch[0].astype(float) ** 2).mean(axis=-1).min() + eps)
    np.testing.assert_allclose(back.grad_x, gradients[0], rtol=1e-9, atol=1e-12 * max(1.0, slope))
    return step


def test_random_batches(reference, rng):
    for _ in range(100):
        assert_agree(reference, rng, draw(rng), float(10.0 ** rng.uniform(-8, 0)))


@pytest.mark.parametrize("n_axes", [1, 2, 3, 4])
def test_leading_axes(reference, rng, n_axes):
    for _ in range(20):
        assert_agree(reference, rng, draw(rng, n_axes=n_axes))


def test_no_eps(reference, rng):
    for _ in range(20):
        assert_agree(reference, rng, draw(rng), 0.0)


@pytest.mark.parametrize("eps", [1e-5, 1e-12, 2.0])
def test_zeros(reference, rng, eps):
    x, gamma = draw(rng, n_axes=3)
    x[0, 0] = 0.0
    step = assert_agree(reference, rng, (x, gamma), eps)
    assert not step.out[0, 0].any()


@pytest.mark.parametrize("kind", [np.int64, np.int16, np.uint8])
def test_whole_numbers(reference, rng, kind):
    for _ in range(20):
        x, gamma = rng.integers(0, 127, size=(5, 3)), rng.normal(size=3)
        out = assert_agree(reference, rng, (x, gamma)).out
        np.testing.assert_array_equal(reference.rms_norm_forward(x.astype(kind), gamma).out, out)


def plain(reference, x, eps=1e-12):
    return reference.rms_norm_forward(x, np.ones(x.shape[-1]), eps).out


def test_claim_one_row_and_layer_norm(reference, rng):
    """One row changes one row; layer norm is the same of the centred sample."""
    x = rng.normal(size=(5, 8))
    out, layer = plain(reference, x, 1e-5), layer_norm(torch.tensor(x), (8,))
    np.testing.assert_allclose(plain(reference, x - x.mean(axis=1, keepdims=True), 1e-5), layer, rtol=1e-9, atol=1e-12)
    x[2] = rng.normal(size=8)
    assert (plain(reference, x, 1e-5) != out).any(axis=1).tolist() == [False, False, True, False, False]


def test_claim_what_rms_norm_ignores(reference, rng):
    """A factor changes nothing, and makes the gradient smaller; a shift changes the output."""
    x, weights, gamma = rng.normal(size=(5, 8)), rng.normal(size=(5, 8)), rng.normal(size=8)
    out = plain(reference, x)
    np.testing.assert_allclose(plain(reference, 2 * x), out, atol=1e-9)
    assert np.abs(plain(reference, x + 3) - out).max() > 0.1

    def gradient(batch, eps):
        return reference.rms_norm_backward(weights, reference.rms_norm_forward(batch, gamma, eps).cache).grad_x

    np.testing.assert_allclose(gradient(2 * x, 1e-12), gradient(x, 1e-12) / 2, atol=1e-9)
    np.testing.assert_allclose((gradient(x, 1e-12) * x).sum(axis=1), 0.0, atol=1e-8)
    assert np.abs((gradient(x, 0.5) * x).sum(axis=1)).max() > 1e-3


def test_claim_eps(reference, rng):
    """Small samples come out small, and the slope at zeros is that of eps."""
    x = rng.normal(size=(1, 64))
    x *= 1e-3 / np.sqrt((x**2).mean())
    assert round(np.sqrt((plain(reference, x, 1e-5) ** 2).mean()), 2) == 0.30
    for eps, slope in ((1e-5, 316), (np.finfo(float).eps, 7e7)):
        cache = reference.rms_norm_forward(np.zeros((1, 3)), np.ones(3), eps).cache
        np.testing.assert_allclose(reference.rms_norm_backward(np.ones((1, 3)), cache).grad_x, slope, rtol=0.05)


def test_claim_queries_and_keys(reference):
    """Logits before and after a norm of queries and keys."""
    for seed in range(20):
        q, k = np.random.default_rng(seed).normal(0, 10, size=(2, 1_000, 64))
        assert 90 <= ((q * k).sum(axis=1) / 8).std() <= 110
        logits = (plain(reference, q) * plain(reference, k)).sum(axis=1) / 8
        assert 0.9 <= logits.std() <= 1.1
        assert np.abs(logits).max() <= 8
        # No direction goes beyond it.
        assert (plain(reference, q) ** 2).sum(axis=1).max() / 8 <= 8 + 1e-9


def test_claim_rotation(reference, rng):
    """Without gamma the norm commutes with a rotation, and layer norm does not; gamma folds into the next layer."""
    x, q = rng.normal(size=(5, 8)), np.linalg.qr(rng.normal(size=(8, 8)))[0]
    np.testing.assert_allclose(plain(reference, x @ q), plain(reference, x) @ q, atol=1e-9)
    turned, as_it_was = (layer_norm(torch.tensor(value), (8,)).numpy() for value in (x @ q, x))
    assert np.abs(turned - as_it_was @ q).max() > 0.01
    gamma, w = rng.normal(size=8), rng.normal(size=(8, 3))
    folded = plain(reference, x, 1e-5) @ (gamma[:, None] * w)
    np.testing.assert_allclose(reference.rms_norm_forward(x, gamma).out @ w, folded, rtol=1e-9, atol=1e-9)


def peers(reference, rng):
    """Yield forward and backward of a batch of sequences."""
    x, weights, gamma = rng.normal(size=(8, 128, 512)), rng.normal(size=(8, 128, 512)), np.ones(512)
    leaves, grad = [torch.tensor(value, requires_grad=True) for value in (x, gamma)], torch.tensor(weights)

    def ours():
        return reference.rms_norm_backward(weights, reference.rms_norm_forward(x, gamma).cache)

    def theirs():
        return torch.autograd.grad(rms_norm(leaves[0], (512,), leaves[1], 1e-5), leaves, grad)

    yield Peer("8 x 128 x 512, both ways", "rms_norm, autograd", ours, theirs)
