"""The reference beside SciPy's linear filter for each episode, and PyTorch's clamp, minimum and std with autograd."""

import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from tests.bench.peers import Peer


def filtered(rewards, values, terminated, last_value, gamma, lam):
    """Run the filter that sums up discounted deltas over each episode, backwards."""
    parts, start = [], 0
    for end in [*(np.flatnonzero(terminated) + 1), len(rewards)]:
        if end > start:
            over = terminated[end - 1]
            known = np.append(values[start:end], 0.0 if over else last_value)
            deltas = rewards[start:end] + gamma * known[1:] - known[:-1]
            parts.append(lfilter([1], [1, -gamma * lam], deltas[::-1])[::-1])
            start = end
    return np.concatenate(parts)


def pytorch_objective(logps, old_logps, advantages, clip):
    ratio = torch.exp(logps - old_logps)
    return torch.minimum(ratio * advantages, torch.clamp(ratio, 1 - clip, 1 + clip) * advantages).mean()


def assert_objective(reference, logps, old_logps, advantages, clip):
    x = torch.tensor(logps, dtype=torch.float64, requires_grad=True)
    expected = pytorch_objective(x, torch.tensor(old_logps), torch.tensor(advantages), clip)
    (grad,) = torch.autograd.grad(expected, x)
    step = reference.clipped_objective(logps, old_logps, advantages, clip)
    np.testing.assert_allclose(step.value, expected.item(), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(step.grad, grad, rtol=1e-9, atol=1e-14)


def test_random_steps(reference, rng):
    for _ in range(100):
        n = int(rng.integers(1, 30))
        steps = *rng.normal(size=(2, n)), rng.random(n) < rng.uniform(0.0, 0.5), float(rng.normal())
        gamma, lam = rng.choice([0.0, 0.5, 0.9, 1.0], size=2)
        expected = filtered(*steps, gamma, lam)
        ours = reference.generalized_advantages(*steps, gamma, lam)
        np.testing.assert_allclose(ours.advantages, expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(ours.returns, expected + steps[1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("ends", [[False] * 4, [True] * 4, [False, False, False, True], [True, False, True, False]])
def test_ends(reference, rng, ends):
    steps = *rng.normal(size=(2, 4)), np.array(ends), 7.0
    expected = filtered(*steps, 0.99, 0.95)
    np.testing.assert_allclose(reference.generalized_advantages(*steps).advantages, expected, rtol=1e-9)


def test_random_actions(reference, rng):
    for _ in range(100):
        shape = tuple(rng.integers(1, 9, size=2))
        old = rng.normal(-3.0, 1.0, size=shape)
        logps = old + rng.normal(scale=0.5, size=shape)
        assert_objective(reference, logps, old, rng.normal(size=shape), float(rng.uniform(0.01, 0.5)))


def test_first_step(reference, rng):
    old = rng.normal(-3.0, 1.0, size=9)
    assert_objective(reference, old, old, rng.normal(size=9), 0.2)


def test_low_log_probabilities(reference, rng):
    old = rng.uniform(-1e4, -700.0, size=20)
    assert_objective(reference, old + rng.normal(scale=0.5, size=20), old, rng.normal(size=20), 0.2)


def test_groups(reference, rng):
    for _ in range(100):
        shape = int(rng.integers(1, 9)), int(rng.integers(2, 9))
        rewards, eps = rng.normal(size=shape), float(rng.choice([1e-4, 0.1]))
        rewards[0] = rewards[0, 0]
        grouped = torch.tensor(rewards)
        expected = (grouped - grouped.mean(dim=1, keepdim=True)) / (grouped.std(dim=1, keepdim=True) + eps)
        np.testing.assert_allclose(reference.group_advantages(rewards, eps), expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("seed", range(20))
def test_claim_variance(reference, seed):
    """The larger lam, the more later rewards add to the variance of an advantage."""
    rewards = np.random.default_rng(seed).normal(size=(2_000, 100))
    zeros, never = np.zeros(100), np.zeros(100, dtype=bool)
    for lam, low, high in [(0.0, 0.95, 1.05), (0.95, 3.0, 3.4), (1.0, 9.5, 10.5)]:
        # Steps one after another: the first of each episode is what counts.
        ends = np.tile(np.append(never[1:], True), 2_000)
        values = np.tile(zeros, 2_000)
        step = reference.generalized_advantages(rewards.ravel(), values, ends, 0.0, 1.0, lam)
        assert low < step.advantages[::100].std() < high


def test_claim_credit(reference):
    """A reward at the end reaches the first step by lam alone."""
    rewards, ends = np.append(np.zeros(99), 1.0), np.append(np.zeros(99, dtype=bool), True)
    for lam, expected in [(1.0, 1.0), (0.95, 0.006), (0.0, 0.0)]:
        first = reference.generalized_advantages(rewards, np.zeros(100), ends, 0.0, 1.0, lam).advantages[0]
        assert first == pytest.approx(expected, abs=5e-4)


def test_claim_time_limit(reference):
    ones, ends = np.ones(50), np.zeros(50, dtype=bool)
    np.testing.assert_allclose(reference.generalized_advantages(ones, 100 * ones, ends, 100.0).advantages, 0, atol=1e-9)
    ends[-1] = True
    advantages = reference.generalized_advantages(ones, 100 * ones, ends, 100.0).advantages
    assert advantages[-1] == pytest.approx(-99)
    assert advantages[-11:-1].mean() == pytest.approx(-72, abs=0.5)


def test_claim_groups(reference):
    """How many groups teach nothing, and what a rare success weighs."""
    for p, share in [(0.5, 0.008), (0.9, 0.43), (0.99, 0.92)]:
        assert p**8 + (1 - p) ** 8 == pytest.approx(share, abs=0.006)
    for right, weight in [(1, 2.47), (4, 0.94)]:
        rewards = np.array([[1.0] * right + [0.0] * (8 - right)])
        assert reference.group_advantages(rewards)[0, 0] == pytest.approx(weight, abs=0.01)


@pytest.mark.parametrize("seed", range(20))
def test_claim_kl(seed):
    x = np.random.default_rng(seed).normal(size=100_000)
    d = (x**2 - (x - 0.1) ** 2) / 2
    assert 19 < d.std() / 0.005 < 21
    assert 1.35 < (np.exp(d) - 1 - d).std() / 0.005 < 1.5


def peers(reference, rng):
    """Yield the objective of a batch of tokens, the advantages of many steps and those of many groups."""
    old = rng.normal(-3.0, 1.0, size=(64, 512))
    logps, advantages = old + rng.normal(scale=0.2, size=old.shape), rng.normal(size=old.shape)
    x, fixed = torch.tensor(logps, requires_grad=True), [torch.tensor(old), torch.tensor(advantages)]
    yield Peer(
        "64 x 512 tokens",
        "minimum and clamp, autograd",
        lambda: reference.clipped_objective(logps, old, advantages),
        lambda: torch.autograd.grad(pytorch_objective(x, *fixed, 0.2), x),
    )
    steps = *rng.normal(size=(2, 4_096)), np.zeros(4_096, dtype=bool), 0.5
    yield Peer(
        "4,096 steps",
        "lfilter",
        lambda: reference.generalized_advantages(*steps),
        lambda: filtered(*steps, 0.99, 0.95),
        "A compiled recursion there; a loop in Python here.",
    )
