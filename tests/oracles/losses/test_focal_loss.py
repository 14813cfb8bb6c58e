"""The reference beside the focal loss as torchvision defines it, written in PyTorch and differentiated by autograd."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def expected_loss(z, y, gamma, alpha):
    cost = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    p = torch.sigmoid(z)
    p_t, alpha_t = p * y + (1 - p) * (1 - y), alpha * y + (1 - alpha) * (1 - y)
    return (alpha_t * (1 - p_t) ** gamma * cost).mean()


def assert_agree(reference, logits, y, gamma=2.0, alpha=0.25):
    z, labels = torch.tensor(logits, dtype=torch.float64, requires_grad=True), torch.tensor(y, dtype=torch.float64)
    expected = expected_loss(z, labels, gamma, alpha)
    (grad,) = torch.autograd.grad(expected, z)
    step = reference.focal_loss(logits, y, gamma, alpha)
    # Where p_t nears 1 the definition, taken literally, cancels: it has no relative precision there.
    np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(step.grad, grad, rtol=1e-9, atol=1e-13)


def draw(rng, scale):
    shape = tuple(rng.integers(1, 6, size=rng.integers(1, 4)))
    return rng.normal(scale=scale, size=shape), (rng.random(shape) < 0.3).astype(float)


def test_defaults(reference, rng):
    for _ in range(50):
        assert_agree(reference, *draw(rng, 3.0))


# Below 1, autograd divides by 1 - p_t, which has lost its digits at a logit of 10 already.
@pytest.mark.parametrize(("gamma", "scale"), [(0.0, 3.0), (0.5, 1.0), (1.0, 3.0), (2.0, 10.0), (3.3, 3.0), (5.0, 10.0)])
def test_random_batches(reference, rng, gamma, scale):
    for _ in range(50):
        assert_agree(reference, *draw(rng, scale), gamma, float(rng.random()))


@pytest.mark.parametrize("gamma", [1.0, 2.0, 5.0])
def test_large_logits(reference, rng, gamma):
    for _ in range(50):
        assert_agree(reference, *draw(rng, 1e4), gamma, float(rng.random()))


def test_no_focus_is_weighted_cross_entropy(reference, rng):
    for scale in (3.0, 1e4):
        logits, y = draw(rng, scale)
        alpha = float(rng.uniform(0.1, 0.9))
        z, labels = torch.tensor(logits, requires_grad=True), torch.tensor(y)
        weight = torch.tensor(alpha / (1 - alpha), dtype=torch.float64)
        bce = functional.binary_cross_entropy_with_logits(z, labels, pos_weight=weight)
        (grad,) = torch.autograd.grad(bce, z)
        step = reference.focal_loss(logits, y, 0.0, alpha)
        np.testing.assert_allclose(step.loss, (1 - alpha) * bce.item(), rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(step.grad, (1 - alpha) * grad, rtol=1e-9, atol=1e-13)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        assert_agree(reference, rng.integers(-9, 10, size=(5, 3)), rng.integers(0, 2, size=(5, 3)))


def test_claims(reference):
    """The numbers of the follow-ups."""

    def logit(p):
        return np.array([np.log(p / (1 - p))])

    one, zero = np.array([1.0]), np.array([0.0])
    for gamma, ratio in ((0.0, 229), (2.0, 1.9e6)):
        hard, easy = (reference.focal_loss(logit(p), y, gamma, 0.5).loss for p, y in ((0.1, one), (0.01, zero)))
        assert hard / easy == pytest.approx(ratio, rel=0.03)
    for gamma, p in ((0.0, 0.20), (2.0, 0.37)):
        z, y = np.zeros(5), np.append(1.0, np.zeros(4))
        for _ in range(5000):
            z = z - reference.focal_loss(z, y, gamma, 0.5).grad.sum()
        assert 1 / (1 + np.exp(-z[0])) == pytest.approx(p, abs=0.005)
    for p, pull, push in ((0.01, 0.27, 0.002), (0.5, 0.07, 224)):
        assert -reference.focal_loss(logit(p), one).grad[0] == pytest.approx(pull, abs=0.005)
        assert 1000 * reference.focal_loss(logit(p), zero).grad[0] == pytest.approx(push, rel=0.15)


def peers(reference, rng):
    """Yield loss and gradient of a large batch."""
    logits, y = rng.normal(scale=3.0, size=200_000), (rng.random(200_000) < 0.1).astype(float)
    z, labels = torch.tensor(logits, requires_grad=True), torch.tensor(y)

    def theirs():
        return torch.autograd.grad(expected_loss(z, labels, 2.0, 0.25), z)

    ours = lambda: reference.focal_loss(logits, y)  # noqa: E731
    yield Peer("200,000 logits", "torchvision's formula in PyTorch, autograd", ours, theirs)
