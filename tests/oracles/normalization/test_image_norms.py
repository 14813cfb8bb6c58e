"""The reference beside PyTorch's batch_norm, group_norm and instance_norm and its autograd."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def draw(rng, shape=None):
    # PyTorch refuses a single number in a mean, and so does the statement leave it out.
    n, channels, height, width = shape or (*rng.integers(1, 6, size=2), *rng.integers(2, 5, size=2))
    spread = rng.uniform(0.1, 5.0, size=(n, channels, 1, 1))
    x = rng.normal(rng.normal(0.0, 5.0, size=spread.shape), spread, size=(n, channels, height, width))
    gamma, beta = rng.normal(size=(2, channels))
    gamma[rng.random(channels) < 0.2] = 0.0
    return x, gamma, beta


def tensors(values, *, grad=True):
    return [torch.tensor(value, dtype=torch.float64, requires_grad=grad) for value in values]


def assert_same(reference, rng, step, out, leaves, root, rtol=1e-9, atol=1e-12):
    """Compare the output and all gradients; root is the least by which anything was divided."""
    grad_out = rng.normal(size=out.shape)
    gradients = torch.autograd.grad(out, leaves, torch.tensor(grad_out))
    back = reference.image_norm_backward(grad_out, step.cache)
    np.testing.assert_allclose(step.out, out.detach(), rtol, atol)
    np.testing.assert_allclose(back.grad_beta, gradients[2], rtol, atol)
    np.testing.assert_allclose(back.grad_gamma, gradients[1], rtol, 10 * atol)
    # Next to nothing may be left of the terms of grad_x: rounding is as large as they are, which is as the slope.
    slope = float(leaves[1].detach().abs().max()) / root
    np.testing.assert_allclose(back.grad_x, gradients[0], rtol, atol * max(1.0, slope))


def compare_batch_norm(reference, rng, values, statistics, momentum=0.1, eps=1e-5, training=True):
    leaves, updated = tensors(values), tensors(statistics, grad=False)
    out = functional.batch_norm(leaves[0], *updated, *leaves[1:], training, momentum, eps)
    step = reference.batch_norm_2d_forward(*values, *statistics, momentum, eps, training)
    var = values[0].var(axis=(0, 2, 3)) if training else statistics[1]
    assert_same(reference, rng, step, out, leaves, np.sqrt(var.min() + eps))
    np.testing.assert_allclose(step.running_mean, updated[0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(step.running_var, updated[1], rtol=1e-9, atol=1e-12)
    return step


def compare_group_norm(reference, rng, values, n_groups, eps=1e-5, **tolerance):
    leaves = tensors(values)
    out = functional.group_norm(leaves[0], n_groups, *leaves[1:], eps)
    step = reference.group_norm_forward(values[0], n_groups, *values[1:], eps)
    var = values[0].reshape(len(values[0]), n_groups, -1).var(axis=2)
    assert_same(reference, rng, step, out, leaves, np.sqrt(var.min() + eps), **tolerance)
    return step


def compare_instance_norm(reference, rng, values, eps=1e-5):
    leaves = tensors(values)
    out = functional.instance_norm(leaves[0], weight=leaves[1], bias=leaves[2], eps=eps)
    step = reference.instance_norm_forward(*values, eps)
    assert_same(reference, rng, step, out, leaves, np.sqrt(values[0].var(axis=(2, 3)).min() + eps))
    return step


@pytest.mark.parametrize("training", [True, False], ids=["training", "inference"])
def test_batch_norm(reference, rng, training):
    for _ in range(60):
        values = draw(rng)
        statistics = rng.normal(size=len(values[1])), rng.uniform(0.0, 3.0, size=len(values[1]))
        options = float(rng.uniform()), float(10.0 ** rng.uniform(-6, 0))
        compare_batch_norm(reference, rng, values, statistics, *options, training)
        compare_batch_norm(reference, rng, values, statistics, training=training)


def test_group_norm(reference, rng):
    for _ in range(60):
        n_groups, size = (int(value) for value in rng.integers(1, 4, size=2))
        values = draw(rng, (int(rng.integers(1, 4)), n_groups * size, *rng.integers(2, 5, size=2)))
        compare_group_norm(reference, rng, values, n_groups, float(10.0 ** rng.uniform(-6, 0)))
        compare_group_norm(reference, rng, values, n_groups)


def test_instance_norm(reference, rng):
    for _ in range(60):
        compare_instance_norm(reference, rng, draw(rng), float(10.0 ** rng.uniform(-6, 0)))


def test_maps_of_one_place(reference, rng):
    """Where a map is a single pixel, batch norm is that of a matrix, and groups of channels remain."""
    for _ in range(20):
        values = draw(rng, (4, 6, 1, 1))
        compare_batch_norm(reference, rng, values, (np.zeros(6), np.ones(6)))
        compare_group_norm(reference, rng, values, 2)


def test_groups_that_do_not_divide(reference, rng):
    values = draw(rng, (2, 6, 3, 4))
    with pytest.raises(RuntimeError, match="divisible"):
        functional.group_norm(torch.tensor(values[0]), 4)
    with pytest.raises(ValueError, match="4 groups do not divide 6 channels"):
        reference.group_norm_forward(values[0], 4, *values[1:])


def test_constant_parts(reference, rng):
    x, gamma, beta = draw(rng, (3, 4, 2, 5))
    x[1], x[:, 2] = 7.0, -2.0
    values = x, gamma, beta
    compare_batch_norm(reference, rng, values, (np.zeros(4), np.ones(4)))
    compare_group_norm(reference, rng, values, 2)
    step = compare_instance_norm(reference, rng, values)
    np.testing.assert_allclose(step.out[1], np.broadcast_to(beta[:, None, None], (4, 2, 5)), rtol=1e-12)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        values = tuple(rng.integers(1, 9, size=shape) for shape in [(3, 4, 2, 3), 4, 4])
        compare_batch_norm(reference, rng, values, tuple(rng.integers(1, 9, size=(2, 4))))
        compare_group_norm(reference, rng, values, 2)
        compare_instance_norm(reference, rng, values)


def test_far_from_zero(reference, rng):
    for _ in range(20):
        x, gamma, beta = rng.normal(size=(3, 4, 5, 6)), *rng.normal(size=(2, 4))
        # At a million spreads from zero, the mean alone is rounded by some 1e-10 of the spread, in PyTorch too.
        compare_group_norm(reference, rng, (x + 1e6, gamma, beta), 2, rtol=1e-8, atol=1e-8)


def plain(reference, x, n_groups=None, eps=1e-5):
    """Return x after batch norm, or after group norm, with gamma 1 and beta 0."""
    one, zero = np.ones(x.shape[1]), np.zeros(x.shape[1])
    if n_groups:
        return reference.group_norm_forward(x, n_groups, one, zero, eps).out
    return reference.batch_norm_2d_forward(x, one, zero, zero, one, eps=eps).out


def test_claim_special_cases(reference, rng):
    """One group is layer norm, as many as channels are instance norm; only batch norm mixes samples."""
    x = rng.normal(size=(3, 6, 4, 5))
    layer = functional.layer_norm(torch.tensor(x), (6, 4, 5))
    np.testing.assert_allclose(plain(reference, x, 1), layer, rtol=1e-9, atol=1e-12)
    instance = reference.instance_norm_forward(x, np.ones(6), np.zeros(6)).out
    np.testing.assert_allclose(plain(reference, x, 6), instance, rtol=1e-9, atol=1e-12)
    changed = x.copy()
    changed[1] = rng.normal(size=(6, 4, 5))
    for n_groups, expected in ((None, [True, True, True]), (2, [False, True, False]), (6, [False, True, False])):
        apart = plain(reference, changed, n_groups) != plain(reference, x, n_groups)
        assert apart.any(axis=(1, 2, 3)).tolist() == expected


@pytest.mark.parametrize(("n", "low", "high"), [(2, 0.66, 0.76), (32, 0.165, 0.19)])
def test_claim_noise_of_the_mean(reference, n, low, high):
    """The mean of a batch whose images differ in brightness, over 1,000 channels."""
    one, zero = np.ones(1_000), np.zeros(1_000)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(n, 1_000, 8, 8)) + rng.normal(size=(n, 1_000, 1, 1))
        mean = reference.batch_norm_2d_forward(x, one, zero, zero, one, momentum=1.0).running_mean
        assert low <= mean.std() <= high
    assert round((2 / (n * 64)) ** 0.5, 3) == {2: 0.125, 32: 0.031}[n]


def test_claim_style(reference, rng):
    """Instance norm ignores each image's contrast; AdaIN gives it the statistics of another."""
    x, style = rng.normal(size=(3, 4, 6, 5)), rng.normal(2.0, 3.0, size=(1, 4, 6, 5))
    changed = rng.uniform(0.5, 2.0, size=(3, 1, 1, 1)) * x + rng.normal(size=(3, 1, 1, 1))
    np.testing.assert_allclose(plain(reference, changed, 4, 1e-12), plain(reference, x, 4, 1e-12), atol=1e-9)
    assert np.abs(plain(reference, changed, eps=1e-12) - plain(reference, x, eps=1e-12)).max() > 0.1
    std, mean = style.std(axis=(0, 2, 3)), style.mean(axis=(0, 2, 3))
    out = reference.instance_norm_forward(x, std, mean, 1e-12).out
    np.testing.assert_allclose(out.std(axis=(2, 3)), np.tile(std, (3, 1)), rtol=1e-9)
    np.testing.assert_allclose(out.mean(axis=(2, 3)), np.tile(mean, (3, 1)), rtol=1e-9)
    pooled = reference.instance_norm_forward(rng.normal(size=(3, 4, 1, 1)), std, mean).out
    np.testing.assert_allclose(pooled[:, :, 0, 0], np.tile(mean, (3, 1)), rtol=1e-12)


def test_claim_bias(reference, rng):
    """A bias for each channel does nothing before batch and instance norm, and something before group norm."""
    x, bias = rng.normal(size=(3, 6, 4, 5)), rng.normal(size=(6, 1, 1))
    for n_groups in (None, 6):
        np.testing.assert_allclose(plain(reference, x + bias, n_groups), plain(reference, x, n_groups), atol=1e-9)
    assert np.abs(plain(reference, x + bias, 2) - plain(reference, x, 2)).max() > 0.05
    np.testing.assert_allclose(plain(reference, x + 3, 2), plain(reference, x, 2), atol=1e-9)
    gamma, weights = rng.normal(size=6), rng.normal(size=x.shape)
    step = reference.batch_norm_2d_forward(x, gamma, gamma, gamma, np.ones(6))
    np.testing.assert_allclose(
        reference.image_norm_backward(weights, step.cache).grad_x.sum(axis=(0, 2, 3)), 0, atol=1e-9
    )
    step = reference.group_norm_forward(x, 2, gamma, gamma)
    grad_x = reference.image_norm_backward(weights, step.cache).grad_x
    np.testing.assert_allclose(grad_x.reshape(3, 2, -1).sum(axis=2), 0, atol=1e-9)
    assert np.abs(grad_x.sum(axis=(0, 2, 3))).max() > 1e-3


def test_claim_frozen_and_brighter(reference, rng):
    """In inference batch norm is affine: a shift goes through, which the other norms remove."""
    values, statistics = draw(rng, (3, 6, 4, 5)), (rng.normal(size=6), rng.uniform(0.5, 2.0, size=6))
    x, gamma, beta = values
    frozen = reference.batch_norm_2d_forward(*values, *statistics, training=False)
    slope = (gamma / np.sqrt(statistics[1] + 1e-5))[:, None, None]
    weights = rng.normal(size=x.shape)
    np.testing.assert_allclose(reference.image_norm_backward(weights, frozen.cache).grad_x, slope * weights, rtol=1e-9)
    brighter = reference.batch_norm_2d_forward(x + 1, gamma, beta, *statistics, training=False).out
    np.testing.assert_allclose(brighter - frozen.out, np.broadcast_to(slope, x.shape), rtol=1e-9, atol=1e-9)
    for n_groups in (2, 6):
        np.testing.assert_allclose(plain(reference, x + 1, n_groups), plain(reference, x, n_groups), atol=1e-9)
    afresh = reference.batch_norm_2d_forward(x + 1, gamma, beta, *statistics, momentum=1.0)
    known = reference.batch_norm_2d_forward(x, gamma, beta, *statistics, momentum=1.0)
    np.testing.assert_allclose(afresh.running_mean, known.running_mean + 1, rtol=1e-9)


def peers(reference, rng):
    """Yield forward and backward of a middling batch."""
    x, weights = rng.normal(size=(16, 64, 28, 28)), rng.normal(size=(16, 64, 28, 28))
    gamma, beta, mean, var = np.ones(64), np.zeros(64), np.zeros(64), np.ones(64)
    leaves, grad = tensors((x, gamma, beta)), torch.tensor(weights)
    running = tensors((mean, var), grad=False)
    yield Peer(
        "batch norm, 16 x 64 x 28 x 28, both ways",
        "batch_norm, autograd",
        lambda: reference.image_norm_backward(
            weights, reference.batch_norm_2d_forward(x, gamma, beta, mean, var).cache
        ),
        lambda: torch.autograd.grad(
            functional.batch_norm(leaves[0], *running, *leaves[1:], training=True), leaves, grad
        ),
        "One compiled pass there; a pass for each operation here.",
    )
    yield Peer(
        "group norm, 16 x 64 x 28 x 28, 8 groups, both ways",
        "group_norm, autograd",
        lambda: reference.image_norm_backward(weights, reference.group_norm_forward(x, 8, gamma, beta).cache),
        lambda: torch.autograd.grad(functional.group_norm(leaves[0], 8, *leaves[1:]), leaves, grad),
        "One compiled pass there; a pass for each operation here.",
    )
