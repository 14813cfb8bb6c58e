"""The reference beside PyTorch: cross_entropy with ignore_index, logsigmoid and autograd, as DPO is usually written."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def pytorch_logps(logits, labels):
    losses = functional.cross_entropy(logits[:, :-1].transpose(1, 2), labels[:, 1:], reduction="none")
    return -losses.sum(dim=1)


def pytorch_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    return -functional.logsigmoid(beta * ((chosen - rejected) - (ref_chosen - ref_rejected))).mean()


def assert_logps(reference, logits, labels):
    expected = pytorch_logps(torch.tensor(logits, dtype=torch.float64), torch.tensor(labels))
    # A difference of two logits of 1e4 is rounded by some 1e-12.
    atol = 1e-15 * max(1.0, np.abs(logits).max()) * labels.shape[1]
    np.testing.assert_allclose(reference.sequence_logps(logits, labels), expected, rtol=1e-9, atol=atol)


def assert_loss(reference, *arrays, beta):
    chosen, rejected = (torch.tensor(logps, dtype=torch.float64, requires_grad=True) for logps in arrays[:2])
    expected = pytorch_loss(chosen, rejected, *map(torch.tensor, arrays[2:]), beta)
    grads = torch.autograd.grad(expected, (chosen, rejected))
    step = reference.dpo_loss(*arrays, beta)
    atol = 1e-15 * max(1.0, np.abs(arrays).max()) * max(1.0, beta)
    np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9, atol=atol)
    for ours, theirs in zip((step.grad_chosen, step.grad_rejected), grads, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=atol * beta)


@pytest.mark.parametrize("scale", [0.1, 3.0, 1e2, 1e4])
def test_random_answers(reference, rng, scale):
    for _ in range(50):
        shape = tuple(rng.integers(1, 9, size=3))
        labels = rng.integers(0, shape[2], size=shape[:2])
        labels[rng.random(shape[:2]) < 0.4] = -100
        assert_logps(reference, rng.normal(scale=scale, size=shape), labels)


def test_nothing_counts(reference, rng):
    assert_logps(reference, rng.normal(size=(3, 4, 5)), np.full((3, 4), -100))


@pytest.mark.parametrize("scale", [0.1, 3.0, 1e2, 1e4])
def test_random_pairs(reference, rng, scale):
    for _ in range(50):
        arrays = rng.normal(-scale, scale, size=(4, rng.integers(1, 20)))
        assert_loss(reference, *arrays, beta=float(10.0 ** rng.uniform(-2, 1)))


def test_policy_like_reference(reference, rng):
    arrays = rng.normal(-50.0, 9.0, size=(2, 7))
    assert_loss(reference, *arrays, *arrays, beta=0.1)


def test_whole_numbers(reference, rng):
    assert_loss(reference, *rng.integers(-40, 0, size=(4, 6)), beta=2)


def test_claim_displacement(reference):
    """The loss falls while the chosen answer gets less likely."""
    slopes, theta, zero = np.array([1.0, 0.0, 3.0]), 0.0, np.log([1 / 3])
    losses, chosen = [], []
    for _ in range(101):
        p = np.exp(slopes * theta - np.logaddexp.reduce(slopes * theta))
        logps = np.log(p)
        step = reference.dpo_loss(logps[:1], logps[1:2], zero, zero, 1.0)
        losses.append(step.loss)
        chosen.append(logps[0])
        by_theta = slopes - p @ slopes
        theta -= step.grad_chosen[0] * by_theta[0] + step.grad_rejected[0] * by_theta[1]
    assert losses[0] == pytest.approx(0.69, abs=0.005)
    assert losses[-1] == pytest.approx(0.01, abs=0.005)
    assert chosen[0] == pytest.approx(-1.1, abs=0.005)
    assert chosen[-1] == pytest.approx(-9.2, abs=0.05)
    assert np.all(np.diff(chosen) < 0)


@pytest.mark.parametrize("seed", range(20))
def test_claim_weights(reference, seed):
    """The larger beta, the larger the share of the gradient on pairs in the wrong order."""
    margins, zeros = np.random.default_rng(seed).normal(scale=20.0, size=10_000), np.zeros(10_000)
    for beta, low, high in [(0.01, 0.52, 0.56), (0.1, 0.76, 0.80), (1.0, 0.96, 0.98)]:
        grad = reference.dpo_loss(margins, zeros, zeros, zeros, beta).grad_chosen
        assert low < grad[margins < 0].sum() / grad.sum() < high


@pytest.mark.parametrize("seed", range(20))
def test_claim_length(seed):
    rng = np.random.default_rng(seed)
    assert 0.4 < rng.normal(scale=0.1, size=(1000, 20)).sum(axis=1).std() < 0.5
    assert 4 < rng.normal(scale=0.1, size=(1000, 2000)).sum(axis=1).std() < 5


def test_claim_smoothing(reference):
    """With a tenth of the labels wrong the best margin is log(9)."""
    zero = np.zeros(1)
    grid = np.arange(0.0, 6.0, 0.01)
    losses = [
        0.9 * reference.dpo_loss(np.array([h]), zero, zero, zero, 1.0).loss
        + 0.1 * reference.dpo_loss(zero, np.array([h]), zero, zero, 1.0).loss
        for h in grid
    ]
    assert grid[np.argmin(losses)] == pytest.approx(np.log(9.0), abs=0.011)


def peers(reference, rng):
    """Yield the log-probabilities of a batch of answers, and the loss with its gradients."""
    logits, labels = rng.normal(scale=3.0, size=(8, 128, 1_000)), rng.integers(0, 1_000, size=(8, 128))
    z, y = torch.tensor(logits), torch.tensor(labels)
    yield Peer(
        "8 x 128 tokens of 1,000",
        "cross_entropy",
        lambda: reference.sequence_logps(logits, labels),
        lambda: pytorch_logps(z, y),
        "One compiled pass there; a pass for each operation here.",
    )
    arrays = rng.normal(-30.0, 3.0, size=(4, 4_096))
    chosen, rejected, *fixed = (torch.tensor(logps, requires_grad=k < 2) for k, logps in enumerate(arrays))
    yield Peer(
        "4,096 pairs",
        "logsigmoid, autograd",
        lambda: reference.dpo_loss(*arrays),
        lambda: torch.autograd.grad(pytorch_loss(chosen, rejected, *fixed, 0.1), (chosen, rejected)),
    )
