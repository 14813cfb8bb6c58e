"""The reference beside PyTorch's linear layers, with autograd, in the form of PEFT's LoRA layer."""

import numpy as np
import pytest
import torch
from torch.nn.functional import linear

from tests.bench.peers import Peer


def pytorch_out(x, weight, a, b, alpha):
    return linear(x, weight) + linear(linear(x, a), b) * (alpha / len(a))


def assert_agree(reference, arrays, alpha, grad_out):
    x, weight, a, b = (torch.tensor(array, dtype=torch.float64, requires_grad=k != 1) for k, array in enumerate(arrays))
    out = pytorch_out(x, weight, a, b, alpha)
    expected = torch.autograd.grad(out, (x, a, b), torch.tensor(grad_out, dtype=torch.float64))
    step = reference.lora_forward(*arrays, alpha)
    np.testing.assert_allclose(step.out, out.detach(), rtol=1e-9, atol=1e-12)
    for ours, theirs in zip(reference.lora_backward(grad_out, step.cache), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)
    merged = reference.merge(*arrays[1:], alpha)
    np.testing.assert_allclose(merged, (weight + b @ a * (alpha / len(a))).detach(), rtol=1e-9, atol=1e-12)


def draw(rng, *leading):
    r, n_in, n_out = (int(size) for size in rng.integers(1, 8, size=3))
    arrays = [rng.normal(size=shape) for shape in ((*leading, n_in), (n_out, n_in), (r, n_in), (n_out, r))]
    return arrays, rng.normal(size=(*leading, n_out))


@pytest.mark.parametrize("n_axes", [0, 1, 2, 3])
def test_random_layers(reference, rng, n_axes):
    for _ in range(40):
        arrays, grad_out = draw(rng, *rng.integers(1, 5, size=n_axes))
        assert_agree(reference, arrays, float(rng.choice([0.0, 0.5, 1.0, 16.0])), grad_out)


def test_start(reference, rng):
    arrays, grad_out = draw(rng, 4, 3)
    arrays[3][:] = 0.0
    assert_agree(reference, arrays, 16.0, grad_out)


def test_whole_numbers(reference, rng):
    arrays, grad_out = draw(rng, 4)
    assert_agree(reference, [(9 * array).astype(int) for array in arrays], 3, (9 * grad_out).astype(int))


def test_claim_start(reference, rng):
    """From b = 0 the matrix a moves from the second step on; from a = b = 0 nothing ever moves."""
    (x, weight, a, _), grad_out = (
        [rng.normal(size=s) for s in ((5, 4), (3, 4), (2, 4), (3, 2))],
        rng.normal(size=(5, 3)),
    )
    first = reference.lora_backward(grad_out, reference.lora_forward(x, weight, a, np.zeros((3, 2)), 2.0).cache)
    assert not first.grad_a.any()
    second = reference.lora_backward(grad_out, reference.lora_forward(x, weight, a, -first.grad_b, 2.0).cache)
    assert second.grad_a.all()
    zeros = reference.lora_forward(x, weight, np.zeros((2, 4)), np.zeros((3, 2)), 2.0).cache
    nothing = reference.lora_backward(grad_out, zeros)
    assert not nothing.grad_a.any()
    assert not nothing.grad_b.any()


def test_claim_size():
    trained = 16 * (4_096 + 4_096)
    assert trained == 131_072
    assert trained / 4_096**2 == pytest.approx(0.0078, abs=5e-5)


@pytest.mark.parametrize("seed", range(20))
def test_claim_scale(reference, seed):
    """The update shrinks with the root of r."""
    rng = np.random.default_rng(seed)
    for r, low, high in [(4, 7.0, 9.0), (16, 3.7, 4.3), (64, 1.9, 2.1)]:
        update = reference.merge(np.zeros((256, 256)), rng.normal(size=(r, 256)), rng.normal(size=(256, r)), 16.0)
        assert low < update.std() < high


@pytest.mark.parametrize("seed", range(20))
def test_claim_rounding(reference, seed):
    """An update of 1e-6 is mostly lost in half precision."""
    rng = np.random.default_rng(seed)
    weight = rng.normal(scale=0.02, size=(256, 256)).astype(np.float16)
    a, b = rng.normal(size=(16, 256)), rng.normal(size=(256, 16)) * 1e-6 / 4
    merged = reference.merge(weight.astype(float), a, b, 16.0).astype(np.float16)
    assert 0.08 < (merged != weight).mean() < 0.11


def test_claim_rank(reference, rng):
    weight, a, b = rng.normal(size=(20, 30)), rng.normal(size=(4, 30)), rng.normal(size=(20, 4))
    assert np.linalg.matrix_rank(reference.merge(weight, a, b, 8.0) - weight) == 4


def peers(reference, rng):
    """Yield both passes of a layer over a few sequences."""
    shapes = (4, 64, 512), (512, 512), (16, 512), (512, 16)
    arrays, grad_out = [rng.normal(size=shape) for shape in shapes], rng.normal(size=(4, 64, 512))
    x, weight, a, b = (torch.tensor(array, requires_grad=k != 1) for k, array in enumerate(arrays))
    grad = torch.tensor(grad_out)
    yield Peer(
        "4 x 64 x 512, rank 16, both ways",
        "linear, autograd",
        lambda: reference.lora_backward(grad_out, reference.lora_forward(*arrays, 16.0).cache),
        lambda: torch.autograd.grad(pytorch_out(x, weight, a, b, 16.0), (x, a, b), grad),
    )
