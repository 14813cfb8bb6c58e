"""The reference beside PyTorch's softmax and cross_entropy, with autograd."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def assert_agree(reference, logits, labels):
    z = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    expected = functional.cross_entropy(z, torch.tensor(labels))
    (grad,) = torch.autograd.grad(expected, z)
    step = reference.cross_entropy(logits, labels)
    # A difference of two logits of 1e4 is rounded by some 1e-12.
    np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(step.grad, grad, rtol=1e-9, atol=1e-14)


def draw(rng, scale):
    shape = int(rng.integers(1, 20)), int(rng.integers(1, 9))
    return rng.normal(scale=scale, size=shape), rng.integers(0, shape[1], size=shape[0])


@pytest.mark.parametrize("scale", [0.1, 3.0, 1e2, 1e4])
def test_random_batches(reference, rng, scale):
    for _ in range(50):
        assert_agree(reference, *draw(rng, scale))


def test_levels(reference, rng):
    for _ in range(50):
        logits, labels = draw(rng, 3.0)
        assert_agree(reference, logits + rng.choice([-1e4, 0.0, 1e4], size=(len(logits), 1)), labels)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_softmax(reference, rng, axis):
    for scale in (1.0, 30.0, 1e4):
        logits = rng.normal(scale=scale, size=(3, 4, 5))
        logits[rng.random(logits.shape) < 0.1] = -np.inf
        logits[0, 0, 0] = 0.0
        expected = torch.softmax(torch.tensor(logits), axis).numpy()
        if np.isfinite(expected).all():
            np.testing.assert_allclose(reference.softmax(logits, axis), expected, rtol=1e-9)


def test_classes_ruled_out(reference, rng):
    for _ in range(50):
        logits, labels = draw(rng, 3.0)
        mask = rng.random(logits.shape) < 0.3
        mask[np.arange(len(labels)), labels] = False
        assert_agree(reference, np.where(mask, -np.inf, logits), labels)


def test_label_ruled_out(reference):
    assert_agree(reference, np.array([[0.0, 1.0, -np.inf], [1.0, 2.0, 3.0]]), np.array([2, 0]))


def test_whole_numbers(reference, rng):
    for _ in range(20):
        assert_agree(reference, rng.integers(-9, 10, size=(5, 3)), rng.integers(0, 3, size=5))


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [1]])
def test_labels_that_both_refuse(reference, labels):
    logits = np.zeros((2, 3))
    with pytest.raises((IndexError, ValueError)):
        functional.cross_entropy(torch.tensor(logits), torch.tensor(labels))
    with pytest.raises(ValueError, match="label"):
        reference.cross_entropy(logits, np.array(labels))


def test_claims(reference):
    """The numbers of the follow-ups."""
    ten = np.array([[10.0, 0.0]])
    np.testing.assert_allclose(reference.cross_entropy(ten, np.array([1])).grad, [[1.0, -1.0]], atol=1e-4)
    z = torch.tensor(ten, requires_grad=True)
    squared = (torch.softmax(z, -1) - torch.tensor([0.0, 1.0])).square().sum() / 2
    (grad,) = torch.autograd.grad(squared, z)
    np.testing.assert_allclose(grad.abs().numpy(), 1e-4, atol=1e-4)
    far = np.array([[0.0, -800.0]])
    assert reference.cross_entropy(far, np.array([1])).loss == pytest.approx(800)
    assert reference.softmax(far)[0, 1] == 0
    assert -np.log(1e-12) == pytest.approx(27.6, abs=0.05)
    assert reference.cross_entropy(np.zeros((1, 10)), np.array([3])).loss == pytest.approx(2.30, abs=0.005)
    assert np.exp(reference.cross_entropy(np.zeros((1, 50)), np.array([3])).loss) == pytest.approx(50)
    assert np.log((0.9 + 0.01) / 0.01) == pytest.approx(4.51, abs=0.005)
    twice = reference.cross_entropy(reference.softmax(np.append(1e4, np.zeros(9)))[None], np.array([0])).loss
    assert twice == pytest.approx(np.log(1 + 9 / np.e))
    assert twice == pytest.approx(1.46, abs=0.005)


FUSED = "One compiled pass there; a pass for each operation here."


def peers(reference, rng):
    """Yield loss and gradient of a batch with many classes, and softmax alone."""
    logits, labels = rng.normal(scale=3.0, size=(4_096, 100)), rng.integers(0, 100, size=4_096)
    z, t = torch.tensor(logits, requires_grad=True), torch.tensor(labels)

    def theirs():
        return torch.autograd.grad(functional.cross_entropy(z, t), z)

    yield Peer("4,096 x 100", "cross_entropy, autograd", lambda: reference.cross_entropy(logits, labels), theirs, FUSED)
    fixed = z.detach()
    yield Peer(
        "softmax, 4,096 x 100", "torch.softmax", lambda: reference.softmax(logits), lambda: fixed.softmax(-1), FUSED
    )
