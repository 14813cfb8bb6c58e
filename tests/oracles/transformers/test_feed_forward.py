"""The reference beside PyTorch's gelu and silu with linear layers and autograd."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def pytorch_plain(x, w1, b1, w2, b2):
    return functional.linear(functional.gelu(functional.linear(x, w1.T, b1)), w2.T, b2)


def pytorch_gated(x, w_gate, w_up, w_down):
    return functional.silu(x @ w_gate) * (x @ w_up) @ w_down


def draw(rng, *leading, gated=False):
    d_model, d_ff = (int(size) for size in rng.integers(1, 9, size=2))
    plain = (d_model, d_ff), (d_ff,), (d_ff, d_model), (d_model,)
    shapes = ((d_model, d_ff), (d_model, d_ff), (d_ff, d_model)) if gated else plain
    return [rng.normal(size=shape) for shape in ((*leading, d_model), *shapes)]


def assert_agree(reference, arrays, grad_out):
    gated = len(arrays) == 4
    tensors = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]
    out = (pytorch_gated if gated else pytorch_plain)(*tensors)
    expected = torch.autograd.grad(out, tensors, torch.tensor(grad_out, dtype=torch.float64))
    step = (reference.swiglu if gated else reference.feed_forward)(*arrays)
    np.testing.assert_allclose(step.out, out.detach(), rtol=1e-9, atol=1e-12)
    grads = (reference.swiglu_backward if gated else reference.feed_forward_backward)(grad_out, step.cache)
    for ours, theirs in zip(grads, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("n_axes", [0, 1, 2, 3])
def test_random_layers(reference, rng, n_axes, gated):
    for _ in range(40):
        arrays = draw(rng, *rng.integers(1, 5, size=n_axes), gated=gated)
        assert_agree(reference, arrays, rng.normal(size=arrays[0].shape))


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("scale", [0.0, 30.0, 1e4])
def test_large_preactivations(reference, rng, scale, gated):
    for _ in range(20):
        x, *arrays = draw(rng, 4, gated=gated)
        assert_agree(reference, [scale * x / max(1.0, np.abs(x @ arrays[0]).max()), *arrays], rng.normal(size=x.shape))


def test_far_below_zero(reference):
    z = np.linspace(-30, 0, 61)[:, np.newaxis]
    one, zero, both = np.ones((1, 1)), np.zeros(1), np.hstack([z, np.ones((61, 1))])
    # log_ndtr keeps its digits, which PyTorch's gelu in double precision does not below -6.
    expected = torch.tensor(z) * torch.exp(torch.special.log_ndtr(torch.tensor(z)))
    np.testing.assert_allclose(reference.feed_forward(z, one, zero, one, zero).out, expected, rtol=1e-9)
    out = reference.swiglu(both, np.eye(2, 1), np.eye(2, 1, -1), np.eye(1, 2)).out
    np.testing.assert_allclose(out[:, :1], functional.silu(torch.tensor(z)), rtol=1e-9)


@pytest.mark.parametrize("gated", [False, True])
def test_whole_numbers(reference, rng, gated):
    for _ in range(20):
        arrays = [(2 * array).astype(int) for array in draw(rng, 4, gated=gated)]
        assert_agree(reference, arrays, rng.integers(-2, 3, size=arrays[0].shape))


def gelu(reference, z):
    one, zero = np.ones((1, 1)), np.zeros(1)
    return reference.feed_forward(z[:, np.newaxis], one, zero, one, zero).out[:, 0]


def silu(reference, z):
    """Return silu, through a layer whose value is 1."""
    both = np.column_stack([z, np.ones(len(z))])
    return reference.swiglu(both, np.eye(2, 1), np.eye(2, 1, -1), np.eye(1, 2)).out[:, 0]


def test_claim_parameters():
    d_model = 4_096
    assert -(-8 * d_model // 3) == 10_923
    assert -(-8 * d_model // 3 // 256) * 256 == 11_008


def test_claim_minima(reference):
    z = np.linspace(-5, 5, 100_001)
    for function, lowest, place in ((gelu, -0.17, -0.75), (silu, -0.278, -1.28)):
        values = function(reference, z)
        assert values.min() == pytest.approx(lowest, abs=5e-4)
        assert z[values.argmin()] == pytest.approx(place, abs=5e-3)


def test_claim_approximations(reference):
    z = np.linspace(-5, 5, 10_001)
    exact = gelu(reference, z)
    tanh = functional.gelu(torch.tensor(z), approximate="tanh").numpy()
    assert 4e-4 < np.abs(tanh - exact).max() < 5e-4
    assert 0.02 < np.abs(z / (1 + np.exp(-1.702 * z)) - exact).max() < 0.021


def test_claim_quadratic(reference):
    one = np.ones((1, 1))
    out = reference.swiglu(np.array([[20.0], [40.0]]), one, one, one).out
    np.testing.assert_allclose(out, [[400.0], [1_600.0]], rtol=1e-8)


def test_claim_halves(reference, rng):
    x, w1, b1, w2, b2 = (rng.normal(size=size) for size in ((5, 4), (4, 6), (6,), (6, 4), (4,)))
    first = reference.feed_forward(x, w1[:, :3], b1[:3], w2[:3], b2).out
    second = reference.feed_forward(x, w1[:, 3:], b1[3:], w2[3:], 0 * b2).out
    np.testing.assert_allclose(first + second, reference.feed_forward(x, w1, b1, w2, b2).out, rtol=1e-9, atol=1e-12)


def test_claim_other_tokens_stay(reference, rng):
    x, *arrays = draw(rng, 6)
    other = x.copy()
    other[2] += 1
    change = reference.feed_forward(other, *arrays).out - reference.feed_forward(x, *arrays).out
    np.testing.assert_allclose(np.delete(change, 2, axis=0), 0, atol=1e-12)


def peers(reference, rng):
    """Yield both passes of both layers over a few sequences."""
    for gated, name in ((False, "linear and gelu"), (True, "silu")):
        shapes = ((256, 1024), (256, 1024), (1024, 256)) if gated else ((256, 1024), (1024,), (1024, 256), (256,))
        arrays = [rng.normal(size=shape) / 16 for shape in ((4, 64, 256), *shapes)]
        grad_out = rng.normal(size=(4, 64, 256))
        tensors, grad = [torch.tensor(array, requires_grad=True) for array in arrays], torch.tensor(grad_out)

        def ours(gated=gated, arrays=arrays, grad_out=grad_out):
            if gated:
                return reference.swiglu_backward(grad_out, reference.swiglu(*arrays).cache)
            return reference.feed_forward_backward(grad_out, reference.feed_forward(*arrays).cache)

        def theirs(gated=gated, tensors=tensors, grad=grad):
            return torch.autograd.grad((pytorch_gated if gated else pytorch_plain)(*tensors), tensors, grad)

        yield Peer(f"4 x 64 tokens of 256, d_ff 1,024, {'gated, ' * gated}both ways", f"{name}, autograd", ours, theirs)
