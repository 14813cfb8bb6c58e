"""The reference beside PyTorch's layer_norm and its autograd."""

import numpy as np
import pytest
import torch
from torch.nn.functional import layer_norm

from tests.bench.peers import Peer


def draw(rng, *, n_axes=None):
    shape = tuple(rng.integers(1, 7, size=n_axes or rng.integers(1, 5)))
    x = rng.normal(rng.normal(0.0, 5.0, size=(*shape[:-1], 1)), rng.uniform(0.1, 5.0), size=shape)
    gamma, beta = rng.normal(size=(2, shape[-1]))
    gamma[rng.random(shape[-1]) < 0.2] = 0.0
    return x, gamma, beta


def assert_agree(reference, rng, batch, *eps, rtol=1e-9, atol=1e-12):
    """Compare one call, forward and backward, with PyTorch's on the same batch."""
    x, gamma, beta = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in batch)
    out = layer_norm(x, x.shape[-1:], gamma, beta, *eps)
    grad_out = rng.normal(size=out.shape)
    gradients = torch.autograd.grad(out, (x, gamma, beta), torch.tensor(grad_out))
    step = reference.layer_norm_forward(*batch, *eps)
    back = reference.layer_norm_backward(grad_out, step.cache)
    # What is rounded in a mean is divided by the root, which a sample of a single feature makes small.
    root = np.sqrt(batch[0].var(axis=-1).min() + (eps[0] if eps else 1e-5))
    atol *= max(1.0, 1 / root)
    np.testing.assert_allclose(step.out, out.detach(), rtol, atol)
    np.testing.assert_allclose(back.grad_beta, gradients[2], rtol, atol)
    np.testing.assert_allclose(back.grad_gamma, gradients[1], rtol, atol)
    # Next to nothing may be left of the terms of grad_x: rounding is as large as they are, which is as the slope.
    np.testing.assert_allclose(back.grad_x, gradients[0], rtol, atol * max(1.0, np.abs(batch[1]).max() / root))
    return step


def test_random_batches(reference, rng):
    for _ in range(100):
        assert_agree(reference, rng, draw(rng), float(10.0 ** rng.uniform(-8, 0)))


def test_defaults(reference, rng):
    for _ in range(50):
        assert_agree(reference, rng, draw(rng))


@pytest.mark.parametrize("n_axes", [1, 2, 3, 4])
def test_leading_axes(reference, rng, n_axes):
    for _ in range(20):
        assert_agree(reference, rng, draw(rng, n_axes=n_axes))


def test_constant_samples(reference, rng):
    x, gamma, beta = draw(rng, n_axes=2)
    x[0] = 7.0
    step = assert_agree(reference, rng, (x, gamma, beta))
    np.testing.assert_allclose(step.out[0], beta, rtol=1e-12)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        assert_agree(reference, rng, tuple(rng.integers(1, 9, size=shape) for shape in [(5, 3), 3, 3]))


def test_far_from_zero(reference, rng):
    for _ in range(50):
        x, *rest = rng.normal(size=(6, 8)), *rng.normal(size=(2, 8))
        # At a million spreads from zero, the mean alone is rounded by some 1e-10 of the spread, in PyTorch too.
        assert_agree(reference, rng, (x + 1e6, *rest), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("seed", range(20))
def test_claim_pre_norm_grows(reference, seed):
    """48 layers of width 512: the sum ends near a deviation of 7 with pre-norm, at 1 with post-norm."""
    rng = np.random.default_rng(seed)
    pre = post = rng.normal(size=512)
    ones, zeros = np.ones(512), np.zeros(512)
    for _ in range(48):
        weights = rng.normal(scale=512**-0.5, size=(512, 512))
        pre = pre + reference.layer_norm_forward(pre, ones, zeros).out @ weights
        post = reference.layer_norm_forward(post + post @ weights, ones, zeros).out
    assert 6.5 <= pre.std() <= 7.5
    np.testing.assert_allclose(post.std(), 1.0, rtol=1e-4)


def test_claim_what_layer_norm_ignores(reference, rng):
    """One row changes one row; a number that multiplies a sample or is added to it changes nothing."""
    x, plain = rng.normal(size=(5, 8)), (np.ones(8), np.zeros(8), 1e-12)
    out = reference.layer_norm_forward(x, *plain).out
    for same in (2 * x, x + 3):
        np.testing.assert_allclose(reference.layer_norm_forward(same, *plain).out, out, atol=1e-9)
    x[2] = rng.normal(size=8)
    changed = (reference.layer_norm_forward(x, *plain).out != out).any(axis=1)
    assert changed.tolist() == [False, False, True, False, False]


@pytest.mark.parametrize(("eps", "orthogonal"), [(1e-12, True), (0.5, False)])
def test_claim_identities_of_the_gradient(reference, rng, eps, orthogonal):
    """Rows of grad_x sum to 0, and are orthogonal to x_hat if eps is small."""
    x, weights = rng.normal(size=(2, 5, 8))
    step = reference.layer_norm_forward(x, np.ones(8), np.zeros(8), eps)
    grad_x = reference.layer_norm_backward(weights, step.cache).grad_x
    np.testing.assert_allclose(grad_x.sum(axis=1), 0.0, atol=1e-9)
    assert (np.abs((grad_x * step.out).sum(axis=1)) < 1e-6).all() == orthogonal


def peers(reference, rng):
    """Yield forward and backward of a batch of sequences."""
    x, weights = rng.normal(size=(8, 128, 512)), rng.normal(size=(8, 128, 512))
    gamma, beta = np.ones(512), np.zeros(512)
    leaves, grad = [torch.tensor(value, requires_grad=True) for value in (x, gamma, beta)], torch.tensor(weights)

    def ours():
        return reference.layer_norm_backward(weights, reference.layer_norm_forward(x, gamma, beta).cache)

    def theirs():
        return torch.autograd.grad(torch.nn.functional.layer_norm(leaves[0], (512,), *leaves[1:]), leaves, grad)

    yield Peer(
        "8 x 128 x 512, both ways",
        "layer_norm, autograd",
        ours,
        theirs,
        "One compiled pass there; a pass for each operation here.",
    )
