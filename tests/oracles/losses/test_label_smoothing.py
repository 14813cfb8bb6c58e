"""The reference beside PyTorch's cross_entropy with label_smoothing."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def assert_agree(reference, logits, labels, smoothing):
    z = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    expected = functional.cross_entropy(z, torch.tensor(labels), label_smoothing=smoothing)
    (grad,) = torch.autograd.grad(expected, z)
    step = reference.smoothed_cross_entropy(logits, labels, smoothing)
    np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9, atol=1e-13)
    # PyTorch adds the gradients of its two parts: at 0 one cancels the other.
    np.testing.assert_allclose(step.grad, grad, rtol=1e-9, atol=1e-13)


def draw(rng, scale):
    n_samples, n_classes = (int(n) for n in rng.integers((1, 2), 9))
    return rng.normal(scale=scale, size=(n_samples, n_classes)), rng.integers(0, n_classes, size=n_samples)


@pytest.mark.parametrize("scale", [0.0, 1.0, 10.0, 1e4])
def test_random_batches(reference, rng, scale):
    for _ in range(100):
        assert_agree(reference, *draw(rng, scale), float(rng.random()))


@pytest.mark.parametrize("smoothing", [0.0, 1.0])
def test_ends_of_the_range(reference, rng, smoothing):
    for _ in range(50):
        assert_agree(reference, *draw(rng, 3.0), smoothing)


def test_default(reference, rng):
    logits, labels = draw(rng, 2.0)
    expected = functional.cross_entropy(torch.tensor(logits), torch.tensor(labels), label_smoothing=0.1)
    np.testing.assert_allclose(reference.smoothed_cross_entropy(logits, labels).loss, expected.item(), rtol=1e-9)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        logits, labels = draw(rng, 3.0)
        assert_agree(reference, logits.round().astype(int), labels, 0.1)


def test_labels(reference):
    for labels in ([0, 3], [-1, 0]):
        with pytest.raises(ValueError, match="labels go from 0 to 2"):
            reference.smoothed_cross_entropy(np.zeros((2, 3)), np.array(labels))
    with pytest.raises(ValueError, match="2 samples"):
        reference.smoothed_cross_entropy(np.zeros((2, 3)), np.array([1]))


def one(reference, gap, smoothing, n_classes=10):
    """Return loss and gradient of one sample whose label has a logit of its own."""
    logits = np.zeros((1, n_classes))
    logits[0, 0] = gap
    return reference.smoothed_cross_entropy(logits, np.array([0]), smoothing)


def test_claims_of_the_best_distance(reference):
    best = one(reference, math.log(91), 0.1)
    np.testing.assert_allclose(best.grad, 0, atol=1e-12)
    assert math.log(91) == pytest.approx(4.51, abs=0.005)
    assert best.loss == pytest.approx(0.50, abs=0.005)
    assert one(reference, math.log(91), 0.0).loss == pytest.approx(0.094, abs=0.0005)
    assert one(reference, 20.0, 0.1).grad[0, 0] == pytest.approx(0.09, abs=1e-6)
    best = one(reference, math.log(450_001), 0.1, n_classes=50_000)
    np.testing.assert_allclose(best.grad, 0, atol=1e-12)
    assert math.log(450_001) == pytest.approx(13.0, abs=0.05)


def test_claim_other_classes(reference, rng):
    """Spread over the others: PyTorch with such targets agrees at s C / (C - 1)."""
    for n_classes in (2, 10):
        logits, label = rng.normal(size=(1, n_classes)), np.array([1])
        targets = np.full((1, n_classes), 0.1 / (n_classes - 1))
        targets[0, 1] = 0.9
        expected = functional.cross_entropy(torch.tensor(logits), torch.tensor(targets))
        loss = reference.smoothed_cross_entropy(logits, label, 0.1 * n_classes / (n_classes - 1)).loss
        np.testing.assert_allclose(loss, expected.item(), rtol=1e-9)


def test_claim_not_proper(reference):
    p = 0.9 * np.array([0.7, 0.2, 0.1]) + 0.1 / 3
    np.testing.assert_allclose(p, [0.663, 0.213, 0.123], atol=5e-4)
    labels = np.repeat([0, 1, 2], [7, 2, 1])
    grad = reference.smoothed_cross_entropy(np.tile(np.log(p), (10, 1)), labels, 0.1).grad
    np.testing.assert_allclose(grad.sum(axis=0), 0, atol=1e-12)


def test_claim_redrawn_labels(reference, rng):
    logits, labels = rng.normal(scale=2.0, size=(5, 4)), rng.integers(0, 4, size=5)
    redrawn = np.where(rng.random((20_000, 5)) < 0.2, rng.integers(0, 4, size=(20_000, 5)), labels)
    # The same samples over and over: one batch of 100,000.
    mean = reference.smoothed_cross_entropy(np.tile(logits, (20_000, 1)), redrawn.ravel(), 0.0).loss
    assert mean == pytest.approx(reference.smoothed_cross_entropy(logits, labels, 0.2).loss, rel=0.02)


def test_claim_ruled_out(reference):
    assert reference.smoothed_cross_entropy(np.array([[0.0, 0.0, -np.inf]]), np.array([0])).loss == np.inf


def peers(reference, rng):
    """Yield loss and gradient of a batch over a vocabulary."""
    logits, labels = rng.normal(scale=3.0, size=(256, 5_000)), rng.integers(0, 5_000, size=256)
    z, y = torch.tensor(logits, requires_grad=True), torch.tensor(labels)

    def theirs():
        return torch.autograd.grad(functional.cross_entropy(z, y, label_smoothing=0.1), z)

    ours = lambda: reference.smoothed_cross_entropy(logits, labels, 0.1)  # noqa: E731
    yield Peer("256 samples, 5,000 classes", "cross_entropy of PyTorch, autograd", ours, theirs)
