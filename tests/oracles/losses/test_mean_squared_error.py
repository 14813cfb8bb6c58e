"""The reference beside PyTorch's mse_loss and l1_loss, differentiated by autograd."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer

LOSSES = [("mse", functional.mse_loss), ("mae", functional.l1_loss)]


def assert_agree(reference, prediction, target):
    for name, library in LOSSES:
        tensor = torch.tensor(prediction, dtype=torch.float64, requires_grad=True)
        expected = library(tensor, torch.tensor(target, dtype=torch.float64))
        (grad,) = torch.autograd.grad(expected, tensor)
        step = getattr(reference, name)(prediction, target)
        np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9)
        np.testing.assert_allclose(step.grad, grad, rtol=1e-9)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e5])
def test_random(reference, rng, scale):
    for _ in range(100):
        shape = tuple(rng.integers(1, 6, size=rng.integers(1, 4)))
        assert_agree(reference, rng.normal(scale=scale, size=shape), rng.normal(scale=scale, size=shape))


@pytest.mark.parametrize("kind", [float, int, np.uint8, np.int8])
def test_ties_and_whole_numbers(reference, rng, kind):
    for _ in range(50):
        shape = tuple(rng.integers(1, 6, size=2))
        assert_agree(reference, *(rng.integers(0, 3, size=shape).astype(kind) * kind(60) for _ in range(2)))


def test_small_errors(reference):
    prediction = np.array([1e-300, -1e-300, 0.0])
    assert_agree(reference, prediction, np.zeros(3))


def test_shapes(reference):
    for shape, other in [((3, 1), (3,)), ((3,), (1,)), ((2, 3), (3, 2))]:
        for name, _ in LOSSES:
            with pytest.raises(ValueError, match="shape"):
                getattr(reference, name)(np.zeros(shape), np.zeros(other))


def test_claims_of_location_and_outliers(reference):
    """The numbers of the first follow-up."""
    target = np.array([0.0, 1.0, 2.0, 3.0, 100.0])
    for loss, place in ((reference.mse, 21.2), (reference.mae, 2.0)):
        constant = 0.0
        for _ in range(2000):
            constant -= 0.01 * loss(np.full(5, constant), target).grad.sum()
        assert constant == pytest.approx(place, abs=0.01)
    error = np.append(np.ones(99), 100.0)
    for loss, power, share, pull in ((reference.mse, 2, 0.99, 0.5), (reference.mae, 1, 0.5, 0.01)):
        step = loss(error, np.zeros(100))
        assert error[-1] ** power / 100 / step.loss == pytest.approx(share, abs=0.005)
        assert abs(step.grad[-1]) / np.abs(step.grad).sum() == pytest.approx(pull, abs=0.005)


def test_claims_of_descent(reference):
    """The numbers of the second follow-up."""
    for loss, path in ((reference.mae, [0.7, 0.4, 0.1, -0.2, 0.1, -0.2]), (reference.mse, 0.4 ** np.arange(1, 7))):
        at, seen = np.array([1.0]), []
        for _ in range(6):
            at = at - 0.3 * loss(at, np.zeros(1)).grad
            seen.append(at[0])
        np.testing.assert_allclose(seen, path, atol=1e-12)


def test_claims_of_shapes_and_divisors(reference, rng):
    """The numbers of the third and the fourth follow-up."""
    y = rng.normal(3.0, 2.0, size=50)
    assert ((y[:, None] - y) ** 2).mean() == pytest.approx(2 * y.var())
    assert ((np.full((50, 1), y.mean()) - y) ** 2).mean() == pytest.approx(y.var())
    error = np.append(np.zeros(8), 3.0)
    batches = [
        reference.mse(error[part], np.zeros(error[part].size)).loss for part in (slice(4), slice(4, 8), slice(8, 9))
    ]
    assert np.mean(batches) == pytest.approx(3)
    assert reference.mse(error, np.zeros(9)).loss == pytest.approx(1)


def test_claims_of_ratios(reference):
    """The ratios of the fifth follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        for error, low, high in ((rng.normal(size=100_000), 1.24, 1.27), (rng.laplace(size=100_000), 1.39, 1.44)):
            zeros = np.zeros(error.size)
            assert low < reference.mse(error, zeros).loss ** 0.5 / reference.mae(error, zeros).loss < high


def peers(reference, rng):
    """Yield loss and gradient of a large batch."""
    prediction, target = rng.normal(size=(2, 200_000))
    tensor, truth = torch.tensor(prediction, requires_grad=True), torch.tensor(target)
    for name, library in LOSSES:
        yield Peer(
            f"{name}, 200,000 entries",
            f"{library.__name__} of PyTorch, autograd",
            lambda name=name: getattr(reference, name)(prediction, target),
            lambda library=library: torch.autograd.grad(library(tensor, truth), tensor),
        )
