"""The reference beside PyTorch's binary_cross_entropy_with_logits, with autograd."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def assert_agree(reference, logits, y, *weight):
    z, labels = torch.tensor(logits, dtype=torch.float64, requires_grad=True), torch.tensor(y, dtype=torch.float64)
    pos_weight = torch.tensor(weight[0], dtype=torch.float64) if weight else None
    expected = functional.binary_cross_entropy_with_logits(z, labels, pos_weight=pos_weight)
    (grad,) = torch.autograd.grad(expected, z)
    step = reference.bce_with_logits(logits, y, *weight)
    # PyTorch's form cancels where an element is certain and right.
    np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(step.grad, grad, rtol=1e-9, atol=1e-14)


def draw(rng, scale):
    shape = tuple(rng.integers(1, 6, size=rng.integers(1, 4)))
    return rng.normal(scale=scale, size=shape), (rng.random(shape) < 0.3).astype(float)


@pytest.mark.parametrize("scale", [0.1, 3.0, 1e2, 1e4])
def test_random_batches(reference, rng, scale):
    for _ in range(50):
        assert_agree(reference, *draw(rng, scale))


@pytest.mark.parametrize("scale", [3.0, 1e4])
def test_pos_weight(reference, rng, scale):
    for _ in range(50):
        assert_agree(reference, *draw(rng, scale), float(10.0 ** rng.uniform(-2, 2)))


def test_probabilities_for_labels(reference, rng):
    for scale in (3.0, 1e4):
        for _ in range(50):
            logits, y = draw(rng, scale)
            assert_agree(reference, logits, rng.random(y.shape), float(10.0 ** rng.uniform(-2, 2)))


@pytest.mark.parametrize("z", [-1e4, -40.0, 0.0, 40.0, 1e4])
@pytest.mark.parametrize("y", [0.0, 0.5, 1.0])
def test_one_element(reference, z, y):
    assert_agree(reference, np.array([z]), np.array([y]))
    assert_agree(reference, np.array([z]), np.array([y]), 3.0)


def test_small_losses(reference):
    """PyTorch keeps the digits in its softplus, where it does not return its argument."""
    for z in np.linspace(-700.0, 18.0, 200):
        expected = functional.softplus(torch.tensor(z, dtype=torch.float64)).item()
        for sign, y in ((-1, 1.0), (1, 0.0)):
            loss = reference.bce_with_logits(np.array([sign * z]), np.array([y])).loss
            np.testing.assert_allclose(loss, expected, rtol=1e-9)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        assert_agree(reference, rng.integers(-9, 10, size=(5, 3)), rng.integers(0, 2, size=(5, 3)))


def test_shapes_that_both_refuse(reference):
    with pytest.raises(ValueError, match="same"):
        functional.binary_cross_entropy_with_logits(torch.zeros(3, 1), torch.ones(3))
    with pytest.raises(ValueError, match="same"):
        reference.bce_with_logits(np.zeros((3, 1)), np.ones(3))


def test_claims(reference):
    """The numbers of the follow-ups."""
    y = np.append(np.ones(9), 0.0)
    for p, loss in ((0.9, 0.33), (0.99, 0.47), (0.999, 0.69)):
        found = reference.bce_with_logits(np.full(10, np.log(p / (1 - p))), y).loss
        assert found == pytest.approx(loss, abs=0.011)
    assert -(0.01 * np.log(0.01) + 0.99 * np.log(0.99)) == pytest.approx(0.056, abs=0.0005)
    y = np.append(1.0, np.zeros(9))
    for weight, p in ((1.0, 0.1), (9.0, 0.5)):
        z = np.zeros(10)
        for _ in range(2000):
            z = z - reference.bce_with_logits(z, y, weight).grad.sum()
        assert 1 / (1 + np.exp(-z[0])) == pytest.approx(p, abs=1e-3)
    ten = torch.tensor(-10.0, dtype=torch.float64, requires_grad=True)
    (grad,) = torch.autograd.grad((torch.sigmoid(ten) - 1).square(), ten)
    assert grad.item() == pytest.approx(-0.00009, abs=0.000005)
    assert reference.bce_with_logits(np.array([-10.0]), np.array([1.0])).grad[0] == pytest.approx(-0.99995, abs=5e-6)
    for z, y, ours, theirs in ((40.0, 1.0, 4.2e-18, 4.2e-18), (-40.0, 0.0, 4.2e-18, 0.0)):
        assert reference.bce_with_logits(np.array([z]), np.array([y])).loss == pytest.approx(ours, rel=0.02)
        logit, label = torch.tensor(z, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
        found = functional.binary_cross_entropy_with_logits(logit, label).item()
        assert found == pytest.approx(theirs, rel=0.02, abs=1e-20)


def peers(reference, rng):
    """Yield loss and gradient of a large batch."""
    logits, y = rng.normal(scale=3.0, size=200_000), (rng.random(200_000) < 0.3).astype(float)
    z, labels = torch.tensor(logits, requires_grad=True), torch.tensor(y)

    def theirs():
        return torch.autograd.grad(functional.binary_cross_entropy_with_logits(z, labels), z)

    ours = lambda: reference.bce_with_logits(logits, y)  # noqa: E731
    yield Peer(
        "200,000 logits",
        "binary_cross_entropy_with_logits, autograd",
        ours,
        theirs,
        "One compiled pass there; a pass for each operation here.",
    )
