"""The reference beside PyTorch's batch_norm and its autograd."""

import numpy as np
import pytest
import torch
from torch.nn.functional import batch_norm

from tests.bench.peers import Peer


def draw(rng, n_samples):
    n_features = int(rng.integers(1, 7))
    x = rng.normal(rng.normal(0.0, 5.0, size=n_features), rng.uniform(0.1, 5.0), size=(n_samples, n_features))
    gamma, beta, running_mean = rng.normal(size=(3, n_features))
    gamma[rng.random(n_features) < 0.2] = 0.0
    return x, gamma, beta, running_mean, rng.uniform(0.0, 3.0, size=n_features)


def assert_agree(reference, rng, batch, *, rtol=1e-9, atol=1e-12, training=True, **options):
    """Compare one call, forward and backward, with PyTorch's on the same batch."""
    x, gamma, beta = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in batch[:3])
    running_mean, running_var = (torch.tensor(value, dtype=torch.float64) for value in batch[3:])
    out = batch_norm(x, running_mean, running_var, gamma, beta, training=training, **options)
    grad_out = rng.normal(size=out.shape)
    gradients = torch.autograd.grad(out, (x, gamma, beta), torch.tensor(grad_out))
    step = reference.batch_norm_forward(*batch, training=training, **options)
    back = reference.batch_norm_backward(grad_out, step.cache)
    np.testing.assert_allclose(step.out, out.detach(), rtol, atol)
    np.testing.assert_allclose(step.running_mean, running_mean, rtol, atol)  # PyTorch has updated its own in place
    np.testing.assert_allclose(step.running_var, running_var, rtol, atol)
    np.testing.assert_allclose(back.grad_beta, gradients[2], rtol, atol)
    np.testing.assert_allclose(back.grad_gamma, gradients[1], rtol, atol)
    # Next to nothing may be left of the terms of grad_x: rounding is as large as they are, which is as the slope.
    var = batch[0].var(axis=0) if training else batch[4]
    slope = np.abs(batch[1] / np.sqrt(var + options.get("eps", 1e-5))).max()
    np.testing.assert_allclose(back.grad_x, gradients[0], rtol, atol * max(1.0, slope))
    return step


@pytest.mark.parametrize("training", [True, False], ids=["training", "inference"])
def test_random_batches(reference, rng, training):
    for _ in range(100):
        batch = draw(rng, n_samples=int(rng.integers(2, 30)))
        options = {"momentum": float(rng.uniform()), "eps": float(10.0 ** rng.uniform(-8, 0))}
        assert_agree(reference, rng, batch, training=training, **options)


def test_defaults(reference, rng):
    for _ in range(20):
        assert_agree(reference, rng, draw(rng, n_samples=3))


@pytest.mark.parametrize("momentum", [0.0, 1.0])
def test_limits_of_momentum(reference, rng, momentum):
    assert_agree(reference, rng, draw(rng, n_samples=4), momentum=momentum)


def test_step_after_step(reference, rng):
    x, gamma, beta, running_mean, running_var = draw(rng, n_samples=8)
    for _ in range(20):
        batch = x + rng.normal(size=x.shape), gamma, beta, running_mean, running_var
        _, _, running_mean, running_var = assert_agree(reference, rng, batch, momentum=0.2)


def test_one_sample_in_inference(reference, rng):
    for _ in range(20):
        assert_agree(reference, rng, draw(rng, n_samples=1), training=False)


def test_one_sample_in_training(reference, rng):
    batch = draw(rng, n_samples=1)
    with pytest.raises(ValueError, match="more than 1 value"):
        batch_norm(torch.tensor(batch[0]), None, None, training=True)
    with pytest.raises(ValueError, match="two samples"):
        reference.batch_norm_forward(*batch)


def test_constant_feature(reference, rng):
    x, *rest = draw(rng, n_samples=5)
    x[:, 0] = 7.0
    step = assert_agree(reference, rng, (x, *rest))
    np.testing.assert_allclose(step.out[:, 0], rest[1][0], rtol=1e-12)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        batch = tuple(rng.integers(1, 9, size=shape) for shape in [(5, 3), 3, 3, 3, 3])
        assert_agree(reference, rng, batch)


def test_far_from_zero(reference, rng):
    for _ in range(50):
        x, *rest = draw(rng, n_samples=20)
        # At a million spreads from zero, the mean alone is rounded by some 1e-10 of the spread, in PyTorch too.
        assert_agree(reference, rng, (x + 1e6 * x.std(axis=0), *rest), rtol=1e-8, atol=1e-8)


def test_claim_running_statistics_converge(reference, rng):
    """65 % of the batch mean after 10 steps at momentum 0.1, and 99 % after 44."""
    x, one, mean = rng.normal(size=(8, 1)), np.ones(1), np.zeros(1)
    shares = []
    for _ in range(44):
        mean = reference.batch_norm_forward(x, one, one, mean, one).running_mean
        shares.append((mean / x.mean()).item())
    assert round(shares[9], 2) == 0.65
    assert shares[42] < 0.99 <= shares[43]


@pytest.mark.parametrize(("n", "low", "high"), [(4, 0.48, 0.53), (64, 0.145, 0.165)])
def test_claim_small_batches_are_noisy(reference, n, low, high):
    """The output for a sample at 1 among standard normal ones, over 2,000 batches."""
    for seed in range(20):
        # Each batch is a feature of its own.
        x = np.random.default_rng(seed).normal(size=(n, 2_000))
        x[0] = 1.0
        rest = np.ones(2_000), np.zeros(2_000), np.zeros(2_000), np.ones(2_000)
        assert low <= reference.batch_norm_forward(x, *rest).out[0].std() <= high


def test_claim_what_batch_norm_undoes(reference, rng):
    """Nothing is left of grad_x with two samples; a bias and a scale change nothing."""
    x, weights, rest = rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), (np.ones(3), *np.zeros((2, 3)), np.ones(3))
    plain = reference.batch_norm_forward(x, *rest, eps=1e-12)
    for changed in (x + 5, 2 * x):
        np.testing.assert_allclose(reference.batch_norm_forward(changed, *rest, eps=1e-12).out, plain.out, atol=1e-9)
    grad_x = reference.batch_norm_backward(weights, plain.cache).grad_x
    np.testing.assert_allclose(grad_x.sum(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose((grad_x * plain.out).sum(axis=0), 0.0, atol=1e-9)
    two = reference.batch_norm_forward(x[:2], *rest, eps=1e-12)
    np.testing.assert_allclose(reference.batch_norm_backward(weights[:2], two.cache).grad_x, 0.0, atol=1e-6)


def test_claim_it_folds_and_halves_differ(reference, rng):
    """Batch norm in inference is a x + b; the transposed batch gives layer norm; two halves are not the whole."""
    x, gamma, beta, mean, var = draw(rng, n_samples=8)
    a = gamma / np.sqrt(var + 1e-5)
    out = reference.batch_norm_forward(x, gamma, beta, mean, var, training=False).out
    np.testing.assert_allclose(out, a * x + beta - a * mean, rtol=1e-9, atol=1e-9)
    x, plain = rng.normal(size=(8, 8)), (np.ones(8), np.zeros(8), np.zeros(8), np.ones(8))
    layer = torch.nn.functional.layer_norm(torch.tensor(x), (8,))
    np.testing.assert_allclose(reference.batch_norm_forward(x.T, *plain).out.T, layer, rtol=1e-9, atol=1e-12)
    halves = [reference.batch_norm_forward(half, *plain).out for half in (x[:4], x[4:])]
    assert np.abs(np.vstack(halves) - reference.batch_norm_forward(x, *plain).out).max() > 0.01


def peers(reference, rng):
    """Yield forward and backward of a middling batch in training."""
    x, weights = rng.normal(size=(256, 1_024)), rng.normal(size=(256, 1_024))
    gamma, beta, mean, var = np.ones(1_024), np.zeros(1_024), np.zeros(1_024), np.ones(1_024)
    leaves = [torch.tensor(value, requires_grad=True) for value in (x, gamma, beta)]
    running, grad = [torch.tensor(mean), torch.tensor(var)], torch.tensor(weights)

    def ours():
        step = reference.batch_norm_forward(x, gamma, beta, mean, var)
        return reference.batch_norm_backward(weights, step.cache)

    def theirs():
        out = torch.nn.functional.batch_norm(leaves[0], *running, *leaves[1:], training=True)
        return torch.autograd.grad(out, leaves, grad)

    yield Peer(
        "256 x 1,024, both ways",
        "batch_norm, autograd",
        ours,
        theirs,
        "One compiled pass there; a pass for each operation here.",
    )
