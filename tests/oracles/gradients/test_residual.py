"""The reference beside PyTorch's autograd."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

both_stacks = pytest.mark.parametrize("skip", [True, False], ids=["residual", "plain"])


def draw(rng, n_blocks, scale=1.0):
    n_samples, n_features = (int(size) for size in rng.integers(1, 8, size=2))
    shapes = [((n_hidden, n_features), (n_features, n_hidden)) for n_hidden in rng.integers(1, 8, size=n_blocks)]
    x, grad_out = rng.normal(size=(2, n_samples, n_features))
    return x, [tuple(rng.normal(size=shape, scale=scale) for shape in pair) for pair in shapes], grad_out


def assert_agree(reference, x, blocks, grad_out, skip, rtol=1e-9, atol=1e-11):
    """Compare one call, forward and backward, with PyTorch's; gradients by the largest of their array."""
    leaves = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in (x, *sum(blocks, ()))]
    out = leaves[0]
    for w_1, w_2 in zip(leaves[1::2], leaves[2::2], strict=True):
        f = torch.relu(torch.relu(out) @ w_1.T) @ w_2.T
        out = out + f if skip else f
    direct = torch.tensor(grad_out, dtype=torch.float64)
    grad_x, *grads = torch.autograd.grad(out, leaves, direct)
    step = reference.residual_forward(x, blocks, skip)
    back = reference.residual_backward(grad_out, step.cache)
    flat = [back.grad_x, *(part for pair in back.grad_blocks for part in pair)]
    for have, want in zip([step.out, *flat], [out.detach(), grad_x, *grads], strict=True):
        np.testing.assert_allclose(have, want, rtol, atol * max(1.0, float(want.abs().max())))
    ratio = float(torch.linalg.norm(grad_x) / torch.linalg.norm(direct))
    np.testing.assert_allclose(reference.gradient_ratio(x, blocks, grad_out, skip), ratio, rtol)


@both_stacks
def test_random_stacks(reference, rng, skip):
    for _ in range(200):
        assert_agree(reference, *draw(rng, n_blocks=int(rng.integers(1, 6))), skip)


@both_stacks
def test_deep_stacks(reference, rng, skip):
    for _ in range(20):
        assert_agree(reference, *draw(rng, n_blocks=30, scale=0.4), skip)


@both_stacks
def test_whole_numbers(reference, rng, skip):
    for _ in range(50):
        x, blocks, grad_out = draw(rng, n_blocks=3)
        x, grad_out = np.rint(2 * x).astype(int), np.rint(2 * grad_out).astype(int)
        grad_out[0, 0] = 1
        whole = [tuple(np.rint(weight).astype(int) for weight in block) for block in blocks]
        assert_agree(reference, x, whole, grad_out, skip)


@both_stacks
def test_zeros(reference, rng, skip):
    """Where relu is at 0, and where weights are 0."""
    for _ in range(20):
        x, blocks, grad_out = draw(rng, n_blocks=3)
        x[0] = 0.0
        x[:, 0] = 0.0
        blocks[1] = blocks[1][0], 0.0 * blocks[1][1]
        assert_agree(reference, x, blocks, grad_out, skip)
        assert_agree(reference, x, [(0.0 * w_1, 0.0 * w_2) for w_1, w_2 in blocks], grad_out, skip)


@both_stacks
def test_ratio_to_nothing(reference, rng, skip):
    x, blocks, grad_out = draw(rng, n_blocks=2)
    with pytest.raises(ValueError, match="nothing can be compared"):
        reference.gradient_ratio(x, blocks, 0.0 * grad_out, skip)


def scaled(rng, n_blocks, first=1.0, second=1.0):
    """Return blocks of width 64 with weights of He's standard deviation, times a factor."""
    std = (2 / 64) ** 0.5
    return [tuple(scale * std * rng.normal(size=(64, 64)) for scale in (first, second)) for _ in range(n_blocks)]


@pytest.mark.parametrize("seed", range(4))
def test_claim_depth(reference, seed):
    """What stacks of blocks make of a gradient's norm."""
    rng = np.random.default_rng(seed)
    x, grad_out = rng.normal(size=(2, 64, 64))

    def ratio(blocks, skip=True):
        return reference.gradient_ratio(x, blocks, grad_out, skip)

    half = scaled(rng, 50, 0.5, 0.5)
    assert 2e-13 < ratio(half[:20], skip=False) < 5e-12
    assert 1e-32 < ratio(half, skip=False) < 1e-29
    assert 1.6 < ratio(half[:20]) < 2.1
    assert 3.5 < ratio(half) < 6
    he = scaled(rng, 50)
    assert 0.02 < ratio(he, skip=False) < 8
    for n_blocks, low, high in ((10, 15, 60), (20, 200, 3000), (50, 2e6, 3e8)):
        assert low < ratio(he[:n_blocks]) < high
    for n_blocks in (10, 50):
        assert 1.45 < ratio(scaled(rng, n_blocks, 1.0, n_blocks**-0.5)) < 1.85
    identity = scaled(rng, 20, 1.0, 0.0)
    assert ratio(identity) == 1
    grads = reference.residual_backward(grad_out, reference.residual_forward(x, identity).cache).grad_blocks
    assert all((first == 0).all() and second.any() for first, second in grads)


@pytest.mark.parametrize("seed", range(4))
def test_claim_one_block_removed(reference, seed):
    rng = np.random.default_rng(seed)
    x, grad_out = rng.normal(size=(2, 64, 64))
    blocks = scaled(rng, 20, 0.5, 0.5)
    without = [*blocks[:9], (0 * blocks[9][0], 0 * blocks[9][1]), *blocks[10:]]
    out, other = (reference.residual_forward(x, stack).out for stack in (blocks, without))
    assert 0.15 < np.linalg.norm(other - out) / np.linalg.norm(out) < 0.35
    ratios = [reference.gradient_ratio(x, stack, grad_out) for stack in (blocks, without)]
    assert 0.92 < ratios[1] / ratios[0] < 1.02
    assert not reference.residual_forward(x, without, skip=False).out.any()
    assert reference.gradient_ratio(x, without, grad_out, skip=False) == 0


def peers(reference, rng):
    """Yield forward and backward of a deep stack."""
    x, grad_out = rng.normal(size=(2, 128, 64))
    blocks = [tuple(rng.normal(scale=0.1, size=(2, 64, 64))) for _ in range(20)]
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, *sum(blocks, ()))]
    direct = torch.tensor(grad_out)

    def ours():
        return reference.residual_backward(grad_out, reference.residual_forward(x, blocks).cache)

    def theirs():
        out = leaves[0]
        for w_1, w_2 in zip(leaves[1::2], leaves[2::2], strict=True):
            out = out + torch.relu(torch.relu(out) @ w_1.T) @ w_2.T
        return torch.autograd.grad(out, leaves, direct)

    yield Peer("20 blocks, 128 x 64, both ways", "the same in PyTorch, autograd", ours, theirs)
