"""The reference beside PyTorch's Jacobians and singular values, and beside products in exact fractions."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

ACTIVATIONS = {"linear": lambda z: z, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}
each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def draw(rng, n_layers, scale=1.0):
    widths = [int(width) for width in rng.integers(1, 7, size=n_layers + 1)]
    return [scale * rng.normal(size=(width, before)) for before, width in pairwise(widths)], rng.normal(size=widths[0])


def autograd(weights, x, activation):
    """Return the Jacobian of each layer at its input."""
    a, jacobians = torch.tensor(x, dtype=torch.float64), []
    for weight in weights:

        def layer(a, weight=weight):
            return ACTIVATIONS[activation](torch.tensor(weight, dtype=torch.float64) @ a)

        jacobians.append(torch.autograd.functional.jacobian(layer, a).numpy())
        a = layer(a)
    return jacobians


def exact_product(jacobians):
    """Return the product of Jacobians as fractions, without rounding."""
    product = np.array(
        [[Fraction(int(i == j)) for j in range(jacobians[0].shape[1])] for i in range(jacobians[0].shape[1])]
    )
    for jacobian in jacobians:
        product = np.array([[Fraction(float(value)) for value in row] for row in jacobian]) @ product
    return product


def assert_logs(actual, singular_values, log_scale=0.0):
    """Compare all values that lie well above or below the bound."""
    assert actual.shape == singular_values.shape
    ratio = singular_values / singular_values[0] if singular_values[0] else 0 * singular_values
    np.testing.assert_array_equal(np.isfinite(actual)[ratio > 2e-10], True)
    np.testing.assert_array_equal(np.isfinite(actual)[ratio < 5e-11], False)
    # Rounding leaves an error of some 1e-15 of the largest value in each.
    kept = ratio > 2e-10
    np.testing.assert_allclose(
        actual[kept],
        np.log10(singular_values[kept]) + log_scale,
        rtol=1e-9,
        atol=1e-9 + 1e-13 / ratio[kept].min(initial=1),
    )


@each_activation
def test_random_networks(reference, rng, activation):
    for _ in range(150):
        weights, x = draw(rng, int(rng.integers(1, 7)))
        jacobians = reference.layer_jacobians(weights, x, activation)
        for have, want in zip(jacobians, autograd(weights, x, activation), strict=True):
            np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-12)

        def network(a, weights=weights):
            for weight in weights:
                a = ACTIVATIONS[activation](torch.tensor(weight) @ a)
            return a

        whole = torch.autograd.functional.jacobian(network, torch.tensor(x))
        assert_logs(reference.log_singular_values(jacobians), torch.linalg.svdvals(whole).numpy())


@each_activation
def test_whole_numbers(reference, rng, activation):
    for _ in range(50):
        weights, x = draw(rng, 3)
        weights, x = [np.rint(2 * weight).astype(int) for weight in weights], np.rint(2 * x).astype(int)
        for have, want in zip(
            reference.layer_jacobians(weights, x, activation), autograd(weights, x, activation), strict=True
        ):
            np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-12)


@each_activation
def test_large_pre_activations(reference, rng, activation):
    for _ in range(50):
        weights, x = draw(rng, 3)
        weights[0] *= 1e4 / np.abs(weights[0] @ x).max()
        for have, want in zip(
            reference.layer_jacobians(weights, x, activation), autograd(weights, x, activation), strict=True
        ):
            np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-12)


def test_unknown_activation(reference, rng):
    with pytest.raises(ValueError, match="gelu"):
        reference.layer_jacobians(*draw(rng, 2), "gelu")


@pytest.mark.parametrize("scale", [1e-6, 1e-2, 1.0, 1e2, 1e6])
def test_deep_products(reference, rng, scale):
    """Products of up to 120 matrices, which leave the range of a float at the outer scales."""
    for _ in range(15):
        matrices, _ = draw(rng, int(rng.integers(20, 121)), scale)
        if rng.random() < 0.5:  # close to a rotation, so that several values stay
            matrices = [scale * (np.eye(4) + 0.1 * rng.normal(size=(4, 4))) for _ in matrices]
        product = exact_product(matrices)
        largest = max(abs(value) for value in product.ravel())
        floats = np.array([[float(value / largest) for value in row] for row in product])
        log_scale = math.log10(largest.numerator) - math.log10(largest.denominator)
        assert_logs(
            reference.log_singular_values(matrices), torch.linalg.svdvals(torch.tensor(floats)).numpy(), log_scale
        )


def test_dead_layers(reference, rng):
    for place in range(4):
        matrices, _ = draw(rng, 4)
        matrices[place] *= 0
        assert_logs(reference.log_singular_values(matrices), np.zeros(min(len(matrices[-1]), matrices[0].shape[1])))


def stack(seed, n_layers, scale=1.0, *, orthogonal=False):
    """Return weights of width 64 and of variance scale^2 / 64, and a normal sample."""
    rng = np.random.default_rng(seed)
    weights = []
    for _ in range(n_layers):
        weight = rng.normal(size=(64, 64))
        if orthogonal:
            q, r = np.linalg.qr(weight)
            weight = 8 * q * np.sign(np.diag(r))
        weights.append(scale * weight / 8)
    return weights, rng.normal(size=64)


def spectrum(reference, network, activation):
    return reference.log_singular_values(reference.layer_jacobians(*network, activation))


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_vanishing(reference, seed):
    """What 20 sigmoid and 20 linear layers with normal weights let through."""
    jacobians = reference.layer_jacobians(*stack(seed, 20), "sigmoid")
    assert all(0.38 < np.linalg.norm(jacobian, 2) < 0.55 for jacobian in jacobians)
    largest = 10.0 ** reference.log_singular_values(jacobians)[0]
    assert 7e-13 < largest < 4e-12
    assert 0.24 < largest ** (1 / 20) < 0.275
    logs = spectrum(reference, stack(seed, 20), "linear")
    assert 3 < 10 ** logs[0] < 10
    assert 0.5 < np.sqrt(np.mean(10 ** (2 * logs))) < 1.6
    assert 37 <= (logs < -2).sum() <= 42
    assert 7 <= np.isinf(logs).sum() <= 11


def test_claims_of_eigenvalues(reference):
    bent = np.array([[0.5, 10.0], [0.0, 0.5]])
    largest = [10 ** reference.log_singular_values([bent] * n)[0] for n in range(1, 12)]
    assert largest[0] == pytest.approx(10, abs=0.05)
    assert largest[4] == pytest.approx(3.1, abs=0.05)
    assert int(np.argmax(np.array(largest) < 1)) + 1 == 8
    pair = [np.array([[0.0, 10.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [10.0, 0.0]])]
    assert not any(np.linalg.eigvals(matrix).any() for matrix in pair)
    assert reference.log_singular_values(pair)[0] == pytest.approx(2, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_isometry(reference, seed):
    weights, x = stack(seed, 20, orthogonal=True)
    np.testing.assert_allclose(spectrum(reference, (weights, x), "linear"), 0, atol=1e-9)
    values = 10 ** spectrum(reference, (weights, x), "tanh")
    assert values[-1] > 5e-5
    assert values[0] < 0.5
    values = 10 ** spectrum(reference, (weights, 0.01 * x), "tanh")
    assert values[-1] > 0.98
    assert values[0] < 1
    logs = spectrum(reference, stack(seed, 20, 2**0.5, orthogonal=True), "relu")
    assert 19 <= np.isfinite(logs).sum() <= 30


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_residuals(reference, seed):
    def values(n_layers, scale):
        (weights, x), jacobians = stack(seed, n_layers, scale), []
        for weight in weights:
            jacobians.append(np.eye(64) + reference.layer_jacobians([weight], x, "tanh")[0])
            x = x + np.tanh(weight @ x)
        return 10 ** reference.log_singular_values(jacobians)

    small = values(50, 50**-0.5)
    assert small[-1] > 0.18
    assert small[0] < 5
    assert -43 < spectrum(reference, stack(seed, 50, 50**-0.5), "tanh")[0] < -41
    assert 20 < values(20, 1.0)[0] < 70


def test_claim_of_underflow(reference):
    jacobians, product = reference.layer_jacobians(*stack(0, 600), "sigmoid"), np.eye(64)
    for jacobian in jacobians:
        product = jacobian @ product
    assert not product.any()
    assert -380 < reference.log_singular_values(jacobians)[0] < -376


def peers(reference, rng):
    """Yield the spectrum of a network of some size; there the Jacobian is computed as a whole."""
    weights, x = [rng.normal(size=(64, 64)) / 8 for _ in range(10)], rng.normal(size=64)
    tensors, start = [torch.tensor(weight) for weight in weights], torch.tensor(x)

    def network(a):
        for weight in tensors:
            a = torch.tanh(weight @ a)
        return a

    yield Peer(
        "10 layers, width 64, tanh",
        "jacobian and svdvals",
        lambda: reference.log_singular_values(reference.layer_jacobians(weights, x, "tanh")),
        lambda: torch.linalg.svdvals(torch.autograd.functional.jacobian(network, start)),
    )
