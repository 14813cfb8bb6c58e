"""The reference beside PyTorch's fake_quantize operators, and beside autograd with the rounding error detached."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer


def straight_through(x, scale, zero_point, low, high):
    """Write the straight-through estimator as users of PyTorch do."""
    ratio = x / scale
    rounded = ratio + (torch.round(ratio) - ratio).detach()
    return scale * (torch.clamp(rounded + zero_point, low, high) - zero_point)


def assert_agree(reference, x, setting, grad_out):
    scale, *rest = setting
    z = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    s = torch.tensor(float(scale), dtype=torch.float64, requires_grad=True)
    grad = torch.tensor(grad_out, dtype=torch.float64)
    step = reference.fake_quantize(x, *setting)
    grads = reference.fake_quantize_backward(grad_out, step.cache)
    out = straight_through(z, s, *rest)
    by_x, by_scale = torch.autograd.grad(out, (z, s), grad)
    np.testing.assert_allclose(step.out, out.detach(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(grads.grad_x, by_x, rtol=1e-9)
    np.testing.assert_allclose(grads.grad_scale, by_scale, rtol=1e-9, atol=1e-9)
    theirs = torch.fake_quantize_per_tensor_affine(z, float(scale), *rest)
    np.testing.assert_allclose(step.out, theirs.detach(), rtol=1e-6, atol=1e-9)  # they keep the scale in float32
    np.testing.assert_allclose(grads.grad_x, torch.autograd.grad(theirs, z, grad)[0], rtol=1e-9)


@pytest.mark.parametrize("n_bits", [2, 4, 8])
def test_random(reference, rng, n_bits):
    for _ in range(60):
        low, high = (0, 2**n_bits - 1) if rng.random() < 0.5 else (-(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1)
        setting = float(rng.uniform(0.1, 2.0)), int(rng.integers(low, high + 1)), low, high
        shape = tuple(rng.integers(1, 6, size=rng.integers(1, 4)))
        # Away from halves, which a scale in float32 decides otherwise.
        q = rng.integers(low - 2**n_bits // 2, high + 2**n_bits // 2 + 1, size=shape)
        x = setting[0] * (q - setting[1] + rng.uniform(-0.49, 0.49, size=shape))
        assert_agree(reference, x, setting, rng.normal(size=shape))


def test_edges_and_halves(reference, rng):
    x = np.array([127.4, 127.5, 127.0, -128.0, -128.4, -128.5, -128.6, 0.5, 1.5, 2.5, -0.5, 0.0, 500.0, -1e6])
    for setting in [(1.0, 0, -128, 127), (1.0, 3, -128, 127), (0.5, 0, -8, 7), (2.0, 7, 0, 15)]:
        assert_agree(reference, x, setting, rng.normal(size=len(x)))


def test_learnable_scale(reference, rng):
    """PyTorch's own operator for a learned scale, which takes single precision only."""
    for setting in [(0.5, 0, -8, 7), (0.25, 2, -8, 7), (1.0, 0, -128, 127)]:
        x, grad_out = rng.integers(-999, 1000, size=50) / 64 + 1 / 128, rng.integers(-64, 65, size=50) / 64
        z, s = torch.tensor(x, dtype=torch.float32, requires_grad=True), torch.tensor([setting[0]], requires_grad=True)
        zero_point = torch.tensor([float(setting[1])])
        out = torch._fake_quantize_learnable_per_tensor_affine(z, s, zero_point, *setting[2:], 1.0)  # noqa: SLF001
        by_x, by_scale = torch.autograd.grad(out, (z, s), torch.tensor(grad_out, dtype=torch.float32))
        step = reference.fake_quantize(x, *setting)
        grads = reference.fake_quantize_backward(grad_out, step.cache)
        np.testing.assert_allclose(step.out, out.detach(), rtol=1e-6)
        np.testing.assert_allclose(grads.grad_x, by_x, rtol=1e-6)
        np.testing.assert_allclose(grads.grad_scale, by_scale[0], rtol=1e-5, atol=1e-4)


def test_integers(reference, rng):
    assert_agree(reference, rng.integers(-20, 20, size=9), (0.75, -1, -8, 7), rng.integers(-3, 4, size=9))


def test_claim_aware_training(reference):
    """Straight-through steps find better codes than rounding does."""
    rounded, trained = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, w = rng.normal(size=(200, 1)) + 0.5 * rng.normal(size=(200, 16)), rng.normal(size=16)
        y, setting = x @ w, (np.abs(w).max() / 3, 0, -3, 3)
        rate = 0.1 / np.linalg.eigvalsh(x.T @ x / 200)[-1]
        losses = []
        for _ in range(501):
            step = reference.fake_quantize(w, *setting)
            error = x @ step.out - y
            losses.append((error**2).mean() / y.var())
            w = w - rate * reference.fake_quantize_backward(x.T @ error / 200, step.cache).grad_x
        rounded.append(losses[0])
        trained.append(min(losses))
    assert 0.03 < np.median(rounded) < 0.07
    assert 0.01 < np.median(trained) < 0.03


def test_claim_oscillation(reference):
    w, outs = np.zeros(1), []
    for _ in range(10_000):
        step = reference.fake_quantize(w, 1.0, 0)
        outs.append(step.out[0])
        w = w - 0.01 * reference.fake_quantize_backward(step.out - 0.3, step.cache).grad_x
    assert w[0] == pytest.approx(0.5, abs=0.02)
    assert np.mean(outs[5_000:]) == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("seed", range(20))
def test_claim_learned_scale(reference, seed):
    x = np.random.default_rng(seed).normal(size=10_000)
    scale = np.abs(x).max() / 7
    found = []
    for _ in range(301):
        step = reference.fake_quantize(x, scale, 0, -8, 7)
        found.append((scale, np.sqrt(((step.out - x) ** 2).mean())))
        scale -= 0.07 * reference.fake_quantize_backward(2 * (step.out - x) / len(x), step.cache).grad_scale
    (first, first_error), (last, last_error) = found[0], found[-1]
    assert 0.50 < first < 0.67
    assert 0.14 < first_error < 0.20
    assert 0.32 < last < 0.35
    assert 0.10 < last_error < 0.12


def peers(reference, rng):
    """Yield both passes of a weight matrix."""
    x, grad_out = rng.normal(size=(1_024, 1_024)), rng.normal(size=(1_024, 1_024))
    z, grad = torch.tensor(x, requires_grad=True), torch.tensor(grad_out)

    def theirs():
        return torch.autograd.grad(torch.fake_quantize_per_tensor_affine(z, 0.01, 0, -128, 127), z, grad)

    yield Peer(
        "1,024 x 1,024, both ways",
        "fake_quantize_per_tensor_affine, autograd",
        lambda: reference.fake_quantize_backward(grad_out, reference.fake_quantize(x, 0.01, 0).cache),
        theirs,
        "One compiled pass there, without a gradient for the scale; a pass for each operation here.",
    )
