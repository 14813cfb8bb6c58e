"""`gradient_reversal` beside PyTorch's autograd, with the layer as a `Function`, and the claims of the follow-ups."""

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from tests.bench.peers import Peer
from tests.oracles.claims import within


class Reversal(torch.autograd.Function):
    """The identity forward; a factor of -strength backward."""

    @staticmethod
    def forward(ctx, x, strength):
        """Return x."""
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        """Return the reversed gradient."""
        return -ctx.strength * grad, None


def autograd(X, y, is_target, encoder, label_head, domain_head, strength):
    """Return the three gradients of one backward pass."""
    weights = [torch.tensor(each, requires_grad=True) for each in (encoder, label_head, domain_head)]
    features, source = torch.tensor(X) @ weights[0], torch.tensor(~is_target)
    loss = binary_cross_entropy_with_logits(
        Reversal.apply(features, strength) @ weights[2], torch.tensor(is_target.astype(float))
    )
    if source.any():
        labels = torch.tensor(y.astype(float))[source]
        loss = loss + binary_cross_entropy_with_logits(features[source] @ weights[1], labels)
    loss.backward()
    return [each.grad.numpy() if each.grad is not None else np.zeros(each.shape) for each in weights]


def draw(rng, n, share):
    is_target = rng.random(n) < share
    d, k = rng.integers(1, 6, size=2)
    y = np.where(is_target, -1, rng.integers(0, 2, size=n))
    return rng.normal(0.5, 1.0, (n, d)), y, is_target, rng.normal(size=(d, k)), rng.normal(size=k), rng.normal(size=k)


def assert_agrees(reference, *arguments):
    for ours, theirs in zip(reference.adversarial_gradients(*arguments), autograd(*arguments), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-14)


def test_random(reference, rng):
    for _ in range(100):
        assert_agrees(reference, *draw(rng, int(rng.integers(1, 12)), 0.5), float(rng.gamma(1.0)))


def test_edges(reference, rng):
    for share in (0.0, 1.0):
        for n in (1, 5):
            assert_agrees(reference, *draw(rng, n, share), 0.5)
    for strength in (0.0, 1e-6, 1e6):
        assert_agrees(reference, *draw(rng, 6, 0.5), strength)
    X, y, is_target, encoder, label_head, domain_head = draw(rng, 6, 0.5)
    for factor in (0.0, 1e-6, 300.0):
        assert_agrees(reference, X, y, is_target, encoder * factor, label_head, domain_head, 1.0)


def test_strength(reference):
    for progress in (0.0, 1e-300, 1e-9, 0.1, 0.5, 1.0):
        for gamma in (0.0, 1e-6, 1.0, 10.0, 1e6):
            expected = torch.tanh(torch.tensor(gamma * progress / 2, dtype=torch.float64)).item()
            np.testing.assert_allclose(reference.reversal_strength(progress, gamma), expected, rtol=1e-9)
    for bad in (-1e-9, 1 + 1e-9):
        with pytest.raises(ValueError):
            reference.reversal_strength(bad)


def test_claim_of_the_schedule(reference):
    found = [reference.reversal_strength(progress) for progress in (0.1, 0.25, 0.5)]
    np.testing.assert_allclose(found, [0.46, 0.85, 0.987], atol=0.005)


def test_claim_of_label_shift():
    """The best case: in each domain, the rows with the largest features are the positives."""

    def least(rng):
        features = np.sort(rng.normal(size=(2, 10_000)))
        truths = [np.arange(10_000) >= 5_000, np.arange(10_000) >= 1_000]
        cuts = np.linspace(-3, 3, 61)
        guesses = features[:, None] > cuts[:, None]
        return [min(sum((guesses[i] != truths[i]).mean(axis=1) for i in (0, 1)))]

    within([0.37], [1.0], least)


def test_claim_of_a_domain_head_that_is_right(reference):
    X, y, is_target, zero = np.array([[-1.0], [1.0]]), np.array([1, -1]), np.array([False, True]), np.zeros(1)
    found = [
        abs(reference.adversarial_gradients(X, y, is_target, np.eye(1), zero, np.array([head]), 1.0).encoder.item())
        for head in (1.0, 20.0)
    ]
    assert found[0] == pytest.approx(0.27, abs=0.005)
    assert found[1] < 1e-7


def test_claim_of_gradcheck():
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    assert not torch.autograd.gradcheck(lambda x: Reversal.apply(x, 1.0), x, raise_exception=False)


def peers(reference, rng):
    """Yield one step with a batch of 4,096 rows, 64 inputs and 32 features."""
    n, d, k = 4096, 64, 32
    is_target = rng.random(n) < 0.5
    y = np.where(is_target, -1, rng.integers(0, 2, size=n))
    weights = rng.normal(size=(d, k)), rng.normal(size=k), rng.normal(size=k)
    arguments = (rng.normal(size=(n, d)), y, is_target, *weights, 0.5)
    yield Peer(
        "4,096 rows, 64 inputs, 32 features",
        "PyTorch autograd",
        lambda: reference.adversarial_gradients(*arguments),
        lambda: autograd(*arguments),
    )
