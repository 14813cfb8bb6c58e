"""The reference beside PyTorch's autograd."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def draw(rng, n_layers, n_samples, scale=1.0):
    widths = rng.integers(1, 8, size=n_layers + 1)
    weights = [rng.normal(size=shape, scale=scale) for shape in zip(widths[1:], widths[:-1], strict=True)]
    return weights, rng.normal(size=(n_samples, widths[0])), rng.normal(size=(n_samples, widths[-1]))


def autograd_norms(weights, x, grad_out, activation):
    leaves = [torch.tensor(weight, dtype=torch.float64, requires_grad=True) for weight in weights]
    out = torch.tensor(x, dtype=torch.float64)
    for leaf in leaves:
        out = ACTIVATIONS[activation](torch.nn.functional.linear(out, leaf))
    grads = torch.autograd.grad(out, leaves, torch.tensor(grad_out, dtype=torch.float64))
    return [float(torch.linalg.norm(grad)) for grad in grads]


def assert_agree(reference, network, activation, rtol=1e-9, atol=1e-12):
    norms = reference.layer_gradient_norms(*network, activation)
    np.testing.assert_allclose(norms, autograd_norms(*network, activation), rtol, atol)


@each_activation
def test_random_networks(reference, rng, activation):
    for _ in range(200):
        network = draw(rng, n_layers=int(rng.integers(1, 7)), n_samples=int(rng.integers(1, 12)))
        assert_agree(reference, network, activation)


@each_activation
def test_deep_networks(reference, rng, activation):
    for _ in range(20):
        # Slopes near 0 are differences of numbers near 1, which two libraries round differently; forty multiply up.
        assert_agree(reference, draw(rng, n_layers=40, n_samples=3, scale=0.5), activation, rtol=1e-7, atol=0.0)


@each_activation
def test_whole_numbers(reference, rng, activation):
    for _ in range(50):
        weights, x, grad_out = draw(rng, n_layers=3, n_samples=4, scale=2.0)
        whole = [np.rint(array).astype(int) for array in (*weights, 2 * x, 2 * grad_out)]
        assert_agree(reference, (whole[:3], *whole[3:]), activation)


@each_activation
def test_large_pre_activations(reference, rng, activation):
    for _ in range(50):
        weights, x, grad_out = draw(rng, n_layers=3, n_samples=4)
        assert_agree(reference, ([1e4 * weights[0], *weights[1:]], x, grad_out), activation)


def test_relu_at_zero(reference):
    network = [np.array([[1.0, -1.0], [1.0, 0.0]]), np.array([[3.0, 1.0]])], np.array([[2.0, 2.0]]), np.array([[1.0]])
    assert_agree(reference, network, "relu")


@each_activation
def test_saturated_fraction(reference, rng, activation):
    for _ in range(100):
        layers = [rng.normal(size=(int(rng.integers(1, 9)), int(rng.integers(1, 9))), scale=4.0) for _ in range(3)]
        layers.append(rng.integers(-5, 6, size=(4, 3)))
        layers.append(np.array([[1e4, -1e4, 0.0]]))
        threshold = float(rng.uniform(0.001, 0.999))
        expected = []
        for layer in layers:
            z = torch.tensor(layer, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(ACTIVATIONS[activation](z).sum(), z)
            largest = 0.25 if activation == "sigmoid" else 1.0
            expected.append(float((slope / largest < threshold).double().mean()))
        np.testing.assert_allclose(reference.saturated_fraction(layers, activation, threshold), expected, rtol=1e-12)


def test_unknown_activation(reference, rng):
    with pytest.raises(ValueError, match="gelu"):
        reference.layer_gradient_norms(*draw(rng, 2, 3), "gelu")
    with pytest.raises(ValueError, match="gelu"):
        reference.saturated_fraction([np.zeros((2, 2))], "gelu")


def deep(seed, variance, width=64, n_layers=20):
    """Return a network of square layers, 64 samples and a gradient, all normal."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(scale=variance**0.5, size=(width, width)) for _ in range(n_layers)]
    return weights, *rng.normal(size=(2, 64, width))


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_depth(reference, seed):
    """First over last norm by activation and scale; the share of saturated units; He's factor of 724."""
    ratio = lambda norms: norms[0] / norms[-1]  # noqa: E731
    network = deep(seed, 1 / 64)
    tanh = reference.layer_gradient_norms(*network, "tanh")
    assert 1e-12 <= ratio(reference.layer_gradient_norms(*network, "sigmoid")) <= 4e-12
    assert 1.0 <= ratio(tanh) <= 1.5
    large = deep(seed, 9 / 64)
    assert 250 <= ratio(reference.layer_gradient_norms(*large, "tanh")) <= 520
    z, out = [], large[1]
    for weight in large[0]:
        z.append(out @ weight.T)
        out = np.tanh(z[-1])
    assert 0.38 <= reference.saturated_fraction(z, "tanh").mean() <= 0.40
    small = reference.layer_gradient_norms(*deep(seed, 1 / 256), "tanh")
    assert small.max() <= 2 * small.min()
    assert 7e-6 <= small.mean() / tanh.mean() <= 1.2e-5
    he, plain = (reference.layer_gradient_norms(*deep(seed, variance, 64), "relu") for variance in (2 / 64, 1 / 64))
    np.testing.assert_allclose(he / plain, 2**9.5, rtol=1e-6)


def test_claim_of_dead_networks(reference):
    """Of 300 networks, about 56 % of width 4 have a first norm of 0, of width 16 none."""
    for width, low, high in [(4, 0.5, 0.63), (16, 0.0, 0.0)]:
        dead = [reference.layer_gradient_norms(*deep(s, 2 / width, width), "relu")[0] == 0 for s in range(300)]
        assert low <= np.mean(dead) <= high


def test_claims_of_saturation(reference, rng):
    """Shares of a million normal z: 3 % and next to none, 47 % and 15 %; 1 - tanh(19.1)^2 is 0."""
    z = rng.normal(size=(1_000, 1_000))
    for scale, tanh, sigmoid in [(1, 0.03, 0.0), (3, 0.47, 0.15)]:
        shares = [reference.saturated_fraction([scale * z], activation)[0] for activation in ("tanh", "sigmoid")]
        np.testing.assert_allclose(shares, [tanh, sigmoid], atol=0.005)
    assert 1 - np.tanh(19.1) ** 2 == 0
    assert 5e-17 < 1 / np.cosh(19.1) ** 2 < 2e-16


def peers(reference, rng):
    """Yield the norms of a deep network."""
    weights = [rng.normal(scale=0.1, size=(128, 128)) for _ in range(20)]
    x, grad_out = rng.normal(size=(2, 128, 128))
    leaves = [torch.tensor(weight, requires_grad=True) for weight in weights]
    start, direct = torch.tensor(x), torch.tensor(grad_out)

    def theirs():
        out = start
        for leaf in leaves:
            out = torch.tanh(torch.nn.functional.linear(out, leaf))
        return [torch.linalg.norm(grad) for grad in torch.autograd.grad(out, leaves, direct)]

    ours = lambda: reference.layer_gradient_norms(weights, x, grad_out, "tanh")  # noqa: E731
    yield Peer("20 layers, 128 x 128, tanh", "the same in PyTorch, autograd", ours, theirs)
