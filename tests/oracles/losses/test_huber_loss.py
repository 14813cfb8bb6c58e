"""The reference beside PyTorch's huber_loss and smooth_l1_loss, differentiated by autograd, and SciPy's huber."""

import numpy as np
import pytest
import torch
from scipy import special
from torch.nn import functional

from tests.bench.peers import Peer

LOSSES = [
    ("huber", lambda p, t, threshold: functional.huber_loss(p, t, delta=threshold)),
    ("smooth_l1", lambda p, t, threshold: functional.smooth_l1_loss(p, t, beta=threshold)),
]


def assert_agree(reference, name, library, prediction, target, threshold):
    tensor = torch.tensor(prediction, dtype=torch.float64, requires_grad=True)
    expected = library(tensor, torch.tensor(target, dtype=torch.float64), threshold)
    (grad,) = torch.autograd.grad(expected, tensor)
    step = getattr(reference, name)(prediction, target, threshold)
    np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9)
    np.testing.assert_allclose(step.grad, grad, rtol=1e-9)


def draw(rng, scale):
    shape = tuple(rng.integers(1, 6, size=rng.integers(1, 4)))
    return rng.normal(scale=scale, size=shape), rng.normal(scale=scale, size=shape)


@pytest.mark.parametrize(("name", "library"), LOSSES)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e5])
def test_random(reference, rng, name, library, scale):
    for _ in range(100):
        assert_agree(
            reference, name, library, *draw(rng, scale), float(scale * rng.choice([0.01, 0.3, 1.0, 2.0, 10.0]))
        )


@pytest.mark.parametrize(("name", "library"), LOSSES)
@pytest.mark.parametrize("kind", [float, int, np.uint8])
def test_ties_and_thresholds(reference, rng, name, library, kind):
    for _ in range(50):
        arrays = (rng.integers(0, 4, size=(5, 3)).astype(kind) for _ in range(2))
        assert_agree(reference, name, library, *arrays, float(rng.choice([1.0, 2.0, 0.5])))


def test_beta_of_zero(reference, rng):
    name, library = LOSSES[1]
    for _ in range(50):
        assert_agree(reference, name, library, *draw(rng, 1.0), 0.0)
        assert_agree(reference, name, library, *rng.integers(0, 3, size=(2, 6)).astype(float), 0.0)


def test_published_function(reference, rng):
    for _ in range(50):
        prediction, target = draw(rng, 2.0)
        delta = float(rng.uniform(0.1, 3.0))
        expected = special.huber(delta, prediction - target).mean()
        np.testing.assert_allclose(reference.huber(prediction, target, delta).loss, expected, rtol=1e-9)


def test_strict_promises(reference):
    for loss in (reference.huber, reference.smooth_l1):
        with pytest.raises(ValueError, match="shape"):
            loss(np.zeros((3, 1)), np.zeros(3))
        with pytest.raises(ValueError, match="has to be"):
            loss(np.zeros(3), np.zeros(3), -1.0)
        assert np.isfinite(loss(np.array([1e300]), np.zeros(1)).loss)
    name, library = LOSSES[1]
    assert_agree(reference, name, library, np.array([0.4e-150, 3e-150]), np.zeros(2), 1e-150)


def test_claims_of_thresholds(reference):
    """The numbers of the first and the third follow-up."""
    error, zeros = np.array([0.1, 5.0]), np.zeros(2)
    for threshold, huber, smooth in ((0.01, 0.025, 2.545), (100.0, 6.2525, 0.062525)):
        assert reference.huber(error, zeros, threshold).loss == pytest.approx(huber, rel=0.02)
        assert reference.smooth_l1(error, zeros, threshold).loss == pytest.approx(smooth, rel=1e-3)
    assert reference.huber(np.array([10.0]), np.zeros(1)).grad == 1


def location(reference, samples, delta):
    center = np.median(samples, axis=1)
    for _ in range(40):
        grad = reference.huber(np.repeat(center[:, None], samples.shape[1], axis=1), samples, delta).grad
        center = center - grad.sum(axis=1) * len(samples)
    return center


def test_claims_of_efficiency(reference):
    """The variances of the second follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        for share, huber, median in ((0.0, (1.03, 1.07), (1.4, 1.6)), (0.1, (0.12, 0.15), (0.155, 0.19))):
            samples = rng.normal(size=(2000, 50)) * np.where(rng.random((2000, 50)) < share, 10, 1)
            plain = samples.mean(axis=1).var()
            assert huber[0] < location(reference, samples, 1.345).var() / plain < huber[1]
            assert median[0] < np.median(samples, axis=1).var() / plain < median[1]


def test_claims_of_leverage(reference):
    """The slopes of the fourth follow-up."""
    x = np.arange(1, 11) / 10
    for at, value, rate, robust, plain in ((0.5, 10.0, 0.5, 1.01, 2.16), (10.0, 0.0, 0.02, 0.005, 0.037)):
        features, y = np.append(x, at), np.append(x, value)
        slope = 1.0
        for _ in range(10_000):
            slope -= rate * reference.huber(slope * features, y, 0.1).grad @ features
        assert slope == pytest.approx(robust, abs=0.004)
        assert features @ y / (features @ features) == pytest.approx(plain, abs=0.005)


def peers(reference, rng):
    """Yield loss and gradient of a large batch."""
    prediction, target = rng.normal(size=(2, 200_000))
    tensor, truth = torch.tensor(prediction, requires_grad=True), torch.tensor(target)
    for name, library in LOSSES:
        yield Peer(
            f"{name}, 200,000 entries",
            f"{name} of PyTorch, autograd",
            lambda name=name: getattr(reference, name)(prediction, target, 0.7),
            lambda library=library: torch.autograd.grad(library(tensor, truth, 0.7), tensor),
        )
