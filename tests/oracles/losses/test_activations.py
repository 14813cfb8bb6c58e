"""The reference beside PyTorch's activations and autograd."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer

PYTORCH = {
    "sigmoid": lambda x, _: torch.sigmoid(x),
    "tanh": lambda x, _: torch.tanh(x),
    "relu": lambda x, _: functional.relu(x),
    "leaky_relu": functional.leaky_relu,
    "gelu": lambda x, _: functional.gelu(x),
    "gelu_tanh": lambda x, _: functional.gelu(x, approximate="tanh"),
    "silu": lambda x, _: functional.silu(x),
}
each_activation = pytest.mark.parametrize("name", PYTORCH)


def assert_agree(reference, x, grad_out, name, slope=0.01):
    tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    out = PYTORCH[name](tensor, slope)
    (expected,) = torch.autograd.grad(out, tensor, torch.tensor(grad_out, dtype=torch.float64))
    step = reference.activation_forward(x, name, slope)
    # PyTorch adds 1 to erf and tanh: far below 0 its GELU has no relative precision.
    np.testing.assert_allclose(step.out, out.detach(), rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(reference.activation_backward(grad_out, step.cache), expected, rtol=1e-9, atol=1e-13)


@each_activation
@pytest.mark.parametrize("scale", [0.1, 2.0, 1e4])
def test_random(reference, rng, name, scale):
    for _ in range(40):
        shape = tuple(rng.integers(1, 6, size=rng.integers(1, 4)))
        x, grad_out = rng.normal(size=(2, *shape))
        assert_agree(reference, np.clip(scale * x, -1e4, 1e4), grad_out, name, float(rng.choice([0.0, 0.01, 0.3, 1.0])))


@each_activation
def test_edges(reference, name):
    x = np.array([0.0, -0.0, 1e4, -1e4, 800.0, -800.0])
    assert_agree(reference, x, np.array([2.0, 3.0, -1.0, 5.0, 0.5, -0.5]), name)


@each_activation
def test_whole_numbers(reference, rng, name):
    for _ in range(20):
        assert_agree(reference, rng.integers(-9, 10, size=(3, 4)), rng.integers(-3, 4, size=(3, 4)), name)


def test_far_below_zero(reference):
    x = np.linspace(-30, 0, 61)
    tensor = torch.tensor(x)
    # log_ndtr keeps its digits, which PyTorch's gelu in double precision does not below -6.
    expected = tensor * torch.exp(torch.special.log_ndtr(tensor))
    np.testing.assert_allclose(reference.activation_forward(x, "gelu").out, expected, rtol=1e-9)
    x = np.linspace(-300, 0, 61)
    for name in ("sigmoid", "silu"):
        expected = PYTORCH[name](torch.tensor(x), None)
        np.testing.assert_allclose(reference.activation_forward(x, name).out, expected, rtol=1e-9)


def test_unknown_name(reference):
    with pytest.raises(ValueError, match="softplus"):
        reference.activation_forward(np.ones(2), "softplus")


def both(reference, x, name, *parameters):
    """Return outputs and slopes."""
    step = reference.activation_forward(x, name, *parameters)
    return step.out, reference.activation_backward(np.ones(x.shape), step.cache)


def test_claim_chain(reference):
    for name, expected in (("relu", 1.0), ("tanh", 0.016), ("sigmoid", 9e-14)):
        x, grad = np.array([1.0]), 1.0
        for _ in range(20):
            x, slope = both(reference, x, name)
            grad *= slope[0]
        assert grad == pytest.approx(expected, rel=0.02)


def test_claims_of_normal_inputs(reference, rng):
    """Mean squared slopes and mean outputs of a million normal x."""
    x = rng.normal(size=1_000_000)
    means = {}
    for name, low, high in (("relu", 0.495, 0.505), ("tanh", 0.46, 0.47), ("sigmoid", 0.0445, 0.0455)):
        means[name], slope = both(reference, x, name)
        assert low <= (slope**2).mean() <= high
    means["gelu"] = reference.activation_forward(x, "gelu").out
    for name, mean in (("sigmoid", 0.50), ("relu", 0.40), ("gelu", 0.28), ("tanh", 0.00)):
        assert means[name].mean() == pytest.approx(mean, abs=0.006)


def test_claims_of_a_dead_unit(reference):
    x = np.linspace(0, 1, 100)
    for name, expected in (("relu", -2), ("leaky_relu", 0.5), ("gelu", -4.57), ("silu", -8.48)):
        bias = -2.0
        for _ in range(5000):
            out, slope = both(reference, x + bias, name)
            bias -= 0.1 * ((out - 1) * slope).mean()
        assert bias == pytest.approx(expected, abs=0.006)


def test_claim_two_inputs_of_silu(reference):
    out, slope = both(reference, np.array([-0.545, -2.396]), "silu")
    np.testing.assert_allclose(out, -0.2, atol=2e-4)
    np.testing.assert_allclose(slope, [0.24, -0.10], atol=0.005)


def test_claim_kink(reference):
    for x, numerical, slope in ((1e-6, 0.55, 1.0), (0.0, 0.5, 0.0)):
        above, below = reference.activation_forward(np.array([x + 1e-5, x - 1e-5]), "relu").out
        assert (above - below) / 2e-5 == pytest.approx(numerical)
        assert both(reference, np.array([x]), "relu")[1] == slope


def test_claims_of_the_tanh_form(reference):
    x = np.linspace(-6, 6, 12_001)
    (exact, slope), (tanh, slope_of_tanh) = both(reference, x, "gelu"), both(reference, x, "gelu_tanh")
    apart = np.abs(exact - tanh)
    assert 4.7e-4 < apart.max() < 4.8e-4
    assert abs(x[apart.argmax()]) == pytest.approx(2.7, abs=0.02)
    assert 8.6e-4 < np.abs(slope - slope_of_tanh).max() < 8.7e-4
    assert 0.02 < np.abs(x * reference.activation_forward(1.702 * x, "sigmoid").out - exact).max() < 0.021


def peers(reference, rng):
    """Yield each activation, forward and backward, on a million elements."""
    x, grad_out = rng.normal(scale=2.0, size=(2, 1_000_000))
    tensor, grad = torch.tensor(x, requires_grad=True), torch.tensor(grad_out)
    for name in ("relu", "silu", "gelu_tanh"):

        def ours(name=name):
            return reference.activation_backward(grad_out, reference.activation_forward(x, name).cache)

        def theirs(name=name):
            return torch.autograd.grad(PYTORCH[name](tensor, 0.01), tensor, grad)

        yield Peer(f"1,000,000 elements, {name}, both ways", "PyTorch, autograd", ours, theirs)
