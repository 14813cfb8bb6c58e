"""The reference beside PyTorch: triplet_margin_loss with eps 0, normalize and cross_entropy, and autograd."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def pytorch_triplet(anchor, positive, negative, margin=1.0):
    if margin:
        return functional.triplet_margin_loss(anchor, positive, negative, margin=margin, eps=0.0)
    # Which refuses a margin of 0.
    near, far = (functional.pairwise_distance(anchor, other, eps=0.0) for other in (positive, negative))
    return functional.relu(near - far).mean()


def pytorch_info_nce(a, b, temperature=0.07):
    s = functional.normalize(a, dim=1) @ functional.normalize(b, dim=1).T / temperature
    labels = torch.arange(len(a))
    return (functional.cross_entropy(s, labels) + functional.cross_entropy(s.T, labels)) / 2


def assert_agree(function, pytorch, arrays, *parameters, atol=1e-12):
    tensors = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]
    expected = pytorch(*tensors, *parameters)
    step = function(*arrays, *parameters)
    np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9, atol=atol)
    for ours, theirs in zip(step[1:], torch.autograd.grad(expected, tensors), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=atol)


def draw(rng, n_arrays):
    base, *others = rng.normal(size=(n_arrays, *rng.integers(1, 9, size=2)))
    return [base, *(base + other for other in others)]


@pytest.mark.parametrize("margin", [0.0, 0.2, 1.0, 3.0])
def test_random_triplets(reference, rng, margin):
    for _ in range(100):
        assert_agree(reference.triplet_loss, pytorch_triplet, draw(rng, 3), margin)


@pytest.mark.parametrize("scale", [1e-6, 1e4])
def test_units_of_distances(reference, rng, scale):
    for _ in range(50):
        arrays = [scale * array for array in draw(rng, 3)]
        # Distances here, and gradients of size 1: no tolerance that is absolute in one would suit both.
        assert_agree(reference.triplet_loss, pytorch_triplet, arrays, scale, atol=1e-9 * min(scale, 1.0))


def test_distance_of_zero(reference):
    anchor = np.tile([1.0, 2.0], (3, 1))
    positive, negative = anchor.copy(), anchor.copy()
    positive[1], negative[2] = [4.0, 6.0], [1.0, 2.5]
    assert_agree(reference.triplet_loss, pytorch_triplet, [anchor, positive, negative], 2.0)


def test_at_the_hinge(reference):
    """PyTorch passes a gradient there, and the statement does not: both are subgradients."""
    arrays = np.array([[1.0, 1.0]]), np.array([[1.0, 3.0]]), np.array([[4.0, 5.0]])
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    assert torch.autograd.grad(pytorch_triplet(*tensors, 3.0), tensors)[0].any()
    step = reference.triplet_loss(*arrays, 3.0)
    assert step.loss == 0
    assert not any(grad.any() for grad in step[1:])


@pytest.mark.parametrize("temperature", [0.07, 0.5, 1.0, 5.0])
def test_random_pairs(reference, rng, temperature):
    for _ in range(100):
        assert_agree(reference.info_nce, pytorch_info_nce, draw(rng, 2), temperature)


@pytest.mark.parametrize("temperature", [1e-3, 1e-2])
def test_low_temperatures(reference, rng, temperature):
    for _ in range(50):
        # A cosine rounded in its last digit: 1 / temperature times that in the loss, and once more in the gradient.
        assert_agree(reference.info_nce, pytorch_info_nce, draw(rng, 2), temperature, atol=1e-14 / temperature**2)


@pytest.mark.parametrize("scale", [1e-5, 1e5])
def test_lengths_of_rows(reference, rng, scale):
    for _ in range(50):
        a, b = draw(rng, 2)
        assert_agree(reference.info_nce, pytorch_info_nce, [scale * a, b], 0.5, atol=1e-12 / min(scale, 1.0))


def test_defaults(reference, rng):
    assert_agree(reference.triplet_loss, pytorch_triplet, draw(rng, 3))
    assert_agree(reference.info_nce, pytorch_info_nce, draw(rng, 2))


def test_whole_numbers(reference, rng):
    for _ in range(20):
        arrays = [rng.integers(1, 5, size=(4, 3)) * rng.choice([-1, 1], size=(4, 3)) for _ in range(3)]
        assert_agree(reference.triplet_loss, pytorch_triplet, arrays, 0.5)
        assert_agree(reference.info_nce, pytorch_info_nce, arrays[:2], 1.0)


def test_shapes(reference):
    with pytest.raises(ValueError, match="shapes differ"):
        reference.triplet_loss(np.ones((2, 3)), np.ones((2, 3)), np.ones((1, 3)))
    with pytest.raises(ValueError, match="shapes differ"):
        reference.info_nce(np.ones((2, 3)), np.ones((1, 3)))


def test_claims_of_a_collapse(reference, rng):
    same = np.ones((4, 3))
    step = reference.triplet_loss(same, same, same, 0.2)
    assert step.loss == pytest.approx(0.2)
    assert not any(grad.any() for grad in step[1:])
    step = reference.triplet_loss(*(same + 1e-6 * rng.normal(size=(3, 4, 3))), 0.2)
    np.testing.assert_allclose(np.linalg.norm(step.grad_positive, axis=1), 1 / 4, rtol=1e-9)


def test_claim_random_triplets(reference, rng):
    centres, own = rng.normal(size=(100, 64)), rng.integers(0, 100, size=2_000)
    other = (own + rng.integers(1, 100, size=2_000)) % 100
    arrays = [centres[place] + 0.5 * rng.normal(size=(2_000, 64)) for place in (own, own, other)]
    assert reference.triplet_loss(*arrays, 1.0).loss == 0


def test_claims_of_length_and_temperature(reference, rng):
    a, b = rng.normal(size=(2, 6, 5))
    step, longer = reference.info_nce(a, b), reference.info_nce(10 * a, b)
    np.testing.assert_allclose(longer.loss, step.loss, rtol=1e-9)
    np.testing.assert_allclose(longer.grad_a, step.grad_a / 10, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose((a * step.grad_a).sum(axis=1), 0, atol=1e-12)
    assert math.log(1 + 999 * math.exp(-2)) == pytest.approx(4.91, abs=0.005)
    assert 14 < 1 / 0.07 < 14.3


def test_claims_of_batches(reference, rng):
    a, b = rng.normal(size=(2, 256, 512))
    assert math.log(256) == pytest.approx(5.545, abs=5e-4)
    assert 5.53 < reference.info_nce(a, b, 1.0).loss < 5.56
    assert 5.6 < reference.info_nce(a, b, 0.07).loss < 5.9


def test_claim_duplicates(reference):
    axes = np.eye(6)
    assert reference.info_nce(axes, axes, 0.01).loss == pytest.approx(0, abs=1e-12)
    twice = np.tile(axes, (2, 1))
    assert reference.info_nce(twice, twice, 0.01).loss == pytest.approx(math.log(2))


def test_claim_smooth_hinge(reference):
    a, b = np.eye(2), np.array([[3.0, 4.0], [4.0, 3.0]])
    for temperature, expected in ((0.01, 0.200), (0.2, 0.263)):
        assert temperature * reference.info_nce(a, b, temperature).loss == pytest.approx(expected, abs=5e-4)


def peers(reference, rng):
    """Yield both losses at sizes of a training step."""
    for name, n_arrays, function, pytorch in (
        ("triplets", 3, reference.triplet_loss, pytorch_triplet),
        ("pairs", 2, reference.info_nce, pytorch_info_nce),
    ):
        arrays = rng.normal(size=(n_arrays, 1024, 256))
        tensors = [torch.tensor(array, requires_grad=True) for array in arrays]

        def ours(function=function, arrays=arrays):
            return function(*arrays)

        def theirs(pytorch=pytorch, tensors=tensors):
            return torch.autograd.grad(pytorch(*tensors), tensors)

        yield Peer(f"1,024 {name} of 256 features", "PyTorch, autograd", ours, theirs)
