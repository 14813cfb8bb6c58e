"""The reference beside PyTorch: autograd of the same network, and SGD on all of the data."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

FUNCTIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}


def draw(reference, rng, n_in, n_hidden, n_out, scale=1.0):
    shapes = (n_hidden, n_in), (n_hidden,), (n_out, n_hidden), (n_out,)
    return reference.Network(*(scale * rng.normal(size=shape) for shape in shapes))


def constant(reference, n_in, n_hidden, n_out, value):
    w_1, w_2 = np.full((n_hidden, n_in), value), np.full((n_out, n_hidden), value)
    return reference.Network(w_1, np.zeros(n_hidden), w_2, np.zeros(n_out))


def tensors(network):
    return [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in network]


def torch_loss(leaves, x, y, activation):
    x, y = (torch.tensor(value, dtype=torch.float64) for value in (x, y))
    h = FUNCTIONS[activation](torch.nn.functional.linear(x, *leaves[:2]))
    return (torch.nn.functional.linear(h, *leaves[2:]) - y).square().sum() / (2 * len(x))


def torch_gradients(network, x, y, activation):
    leaves = tensors(network)
    return torch.autograd.grad(torch_loss(leaves, x, y, activation), leaves)


def assert_networks(actual, expected, rtol=1e-9, atol=1e-12):
    for ours, theirs in zip(actual, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol, atol)


def batch(rng, n_samples, n_in, n_out):
    return rng.normal(size=(n_samples, n_in)) + rng.normal(), rng.normal(size=(n_samples, n_out)) + rng.normal()


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_gradients(reference, rng, activation):
    for _ in range(100):
        sizes = rng.integers(1, 7, size=3).tolist()
        network, (x, y) = draw(reference, rng, *sizes), batch(rng, int(rng.integers(1, 9)), sizes[0], sizes[2])
        assert_networks(reference.loss_gradients(network, x, y, activation), torch_gradients(network, x, y, activation))


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize("value", [0.0, 0.5, -0.5, 3.0])
def test_equal_weights(reference, rng, activation, value):
    """PyTorch's slope of relu at 0 is 0, too."""
    network, (x, y) = constant(reference, 3, 4, 2, value), batch(rng, 6, 3, 2)
    gradients = reference.loss_gradients(network, x, y, activation)
    assert_networks(gradients, torch_gradients(network, x, y, activation))
    np.testing.assert_allclose(gradients.w_1, np.tile(gradients.w_1[0], (4, 1)), rtol=1e-12)


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_train(reference, rng, activation):
    for _ in range(10):
        network, (x, y) = draw(reference, rng, 3, 5, 2, 0.5), batch(rng, 8, 3, 2)
        leaves, n_steps = tensors(network), int(rng.integers(0, 30))
        optimizer = torch.optim.SGD(leaves, lr=0.05)
        for _ in range(n_steps):
            optimizer.zero_grad()
            torch_loss(leaves, x, y, activation).backward()
            optimizer.step()
        assert_networks(reference.train(network, x, y, activation, 0.05, n_steps), [leaf.detach() for leaf in leaves])


def test_distinct_units(reference, rng):
    """Beside PyTorch's unique, on copies of units with a little noise."""
    for _ in range(100):
        n_in, n_units, n_out = rng.integers(1, 6, size=3).tolist()
        network = draw(reference, rng, n_in, n_units, n_out)
        order = rng.integers(n_units, size=12)
        copies = network.w_1[order], network.b_1[order], network.w_2[:, order]
        noisy = [value + rng.uniform(-1e-9, 1e-9, size=value.shape) for value in copies]
        table = torch.tensor(np.column_stack([copies[0], copies[1], copies[2].T]))
        assert reference.distinct_units(reference.Network(*noisy, network.b_2)) == len(table.unique(dim=0))
        assert reference.distinct_units(reference.Network(*noisy, network.b_2), 0.0) == 12


def test_whole_numbers(reference, rng):
    for activation in FUNCTIONS:
        shapes = [(4, 3), (4,), (2, 4), (2,)]
        network = reference.Network(*(rng.integers(-2, 3, size=shape) for shape in shapes))
        x, y = rng.integers(-3, 4, size=(5, 3)), rng.integers(-3, 4, size=(5, 2))
        assert_networks(reference.loss_gradients(network, x, y, activation), torch_gradients(network, x, y, activation))


def test_an_unknown_activation(reference):
    with pytest.raises(ValueError, match="gelu"):
        reference.loss_gradients(constant(reference, 1, 2, 1, 0.5), np.ones((1, 1)), np.ones((1, 1)), "gelu")


X = np.linspace(-2, 2, 40)[:, np.newaxis]
Y = np.sin(2 * X) + 0.3


def loss(network, activation="tanh"):
    return torch_loss(tensors(network), X, Y, activation).item()


def random(reference, rng, first=1.0, second=8**-0.5):
    w_1, w_2 = first * rng.normal(size=(8, 1)), second * rng.normal(size=(1, 8))
    return reference.Network(w_1, np.zeros(8), w_2, np.zeros(1))


def test_claim_zero_equal_random(reference):
    """The loss of 8 tanh units after 2,000 steps."""
    zeros, equal = (reference.train(constant(reference, 1, 8, 1, v), X, Y, "tanh", 0.1, 2_000) for v in (0.0, 0.5))
    assert round(loss(zeros), 3) == 0.221 == round(Y.var() / 2, 3)
    assert not np.any(zeros.w_1)
    np.testing.assert_allclose(zeros.b_2, Y.mean())
    assert round(loss(equal), 3) == 0.183
    sigmoid = reference.train(constant(reference, 1, 8, 1, 0.0), X, Y, "sigmoid", 0.1, 2_000)
    assert np.abs(sigmoid.w_1).min() > 0.1
    for network in (zeros, equal, sigmoid):
        assert reference.distinct_units(network) == 1
    for seed in range(20):
        trained = reference.train(random(reference, np.random.default_rng(seed)), X, Y, "tanh", 0.1, 2_000)
        assert loss(trained) <= 0.01
        assert reference.distinct_units(trained) == 8


def test_claim_one_layer_is_enough(reference):
    """Which parameters are random, and whether the units part."""
    for seed in range(10):
        start = random(reference, np.random.default_rng(seed))
        for activation in ("tanh", "relu"):
            last = start._replace(w_2=np.zeros((1, 8)))
            step = reference.loss_gradients(last, X, Y, activation)
            assert not np.any(step.w_1)
            assert np.any(step.w_2)
            for network in (last, start._replace(w_1=np.full((8, 1), 0.5))):
                trained = reference.train(network, X, Y, activation, 0.1, 2_000)
                assert reference.distinct_units(trained) == 8
            first = reference.train(start._replace(w_1=np.zeros((8, 1))), X, Y, activation, 0.1, 2_000)
            assert loss(first, activation) < 0.01 if activation == "tanh" else round(loss(first, "relu"), 3) == 0.221
        biases = constant(reference, 1, 8, 1, 0.5)._replace(b_1=np.random.default_rng(seed).normal(size=8))
        assert reference.distinct_units(reference.train(biases, X, Y, "tanh", 0.1, 2_000)) == 8


def test_claim_a_little_noise(reference):
    """Differences of 1e-6 grow; without any, 8 units are one."""
    equal = constant(reference, 1, 8, 1, 0.5)
    assert round(loss(reference.train(equal, X, Y, "tanh", 0.1, 5_000)), 2) == 0.16
    for seed in range(5):
        rng = np.random.default_rng(seed)
        noisy = equal._replace(
            w_1=equal.w_1 + 1e-6 * rng.normal(size=(8, 1)), w_2=equal.w_2 + 1e-6 * rng.normal(size=(1, 8))
        )
        assert loss(reference.train(noisy, X, Y, "tanh", 0.1, 5_000)) < 0.004


@pytest.mark.parametrize(("spread", "low", "high"), [(1e-2, 250, 800), (1e-8, 990, 1_550)])
def test_claim_tiny_weights(reference, spread, low, high):
    """The number of steps until the loss has fallen by a tenth."""
    for seed in range(20):
        network, n_steps = random(reference, np.random.default_rng(seed), spread, spread), 0
        while loss(network) > 0.9 * Y.var() / 2 and n_steps <= high:
            network, n_steps = reference.train(network, X, Y, "tanh", 0.1, 10), n_steps + 10
        assert low <= n_steps <= high


def test_claim_copied_units(reference):
    """Doubled units stay copies with equal shares of the outgoing weights, and part with unequal ones."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        start = reference.Network(rng.normal(size=(4, 1)), np.zeros(4), rng.normal(size=(1, 4)) / 2, np.zeros(1))
        small = reference.train(start, X, Y, "tanh", 0.1, 500)
        for share, expected in ((0.5, 4), (0.3, 8)):
            w_2 = np.hstack([share * small.w_2, (1 - share) * small.w_2])
            wide = reference.Network(np.tile(small.w_1, (2, 1)), np.tile(small.b_1, 2), w_2, small.b_2)
            assert loss(wide) == pytest.approx(loss(small), rel=1e-12)
            assert reference.distinct_units(reference.train(wide, X, Y, "tanh", 0.1, 2_000)) == expected


def peers(reference, rng):
    """Yield a hundred steps of a middling network."""
    network, (x, y) = draw(reference, rng, 20, 64, 5, 0.1), batch(rng, 500, 20, 5)
    inputs, targets = torch.tensor(x), torch.tensor(y)

    def theirs():
        leaves = tensors(network)
        optimizer = torch.optim.SGD(leaves, lr=0.01)
        for _ in range(100):
            optimizer.zero_grad()
            h = torch.tanh(torch.nn.functional.linear(inputs, *leaves[:2]))
            out = torch.nn.functional.linear(h, *leaves[2:])
            ((out - targets).square().sum() / (2 * len(inputs))).backward()
            optimizer.step()

    yield Peer(
        "100 steps, 500 samples, 20-64-5",
        "autograd, torch.optim.SGD",
        lambda: reference.train(network, x, y, "tanh", 0.01, 100),
        theirs,
    )
