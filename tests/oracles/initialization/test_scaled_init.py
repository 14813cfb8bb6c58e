"""The reference beside PyTorch: fans as it counts them, weights as it draws them, layers as it computes them."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from tests.bench.peers import Peer

SHAPES = [
    (300, 200),
    (2, 5000),
    (5000, 2),
    (64, 32, 9),
    (32, 64, 3, 5),
    (64, 32, 1, 7),
    (8, 16, 3, 4, 5),
    (1, 1, 99, 99),
]
FUNCTIONS = {"linear": lambda z: z, "tanh": torch.tanh, "relu": torch.relu}


def fans(shape):
    return torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))  # noqa: SLF001 - there is no public one


@pytest.mark.parametrize("shape", SHAPES)
def test_xavier_uniform(reference, rng, shape):
    """One distribution with torch.nn.init.xavier_uniform_, and the uniform one that its fans give."""
    weights, bound = reference.xavier_uniform(shape, rng), (6 / sum(fans(shape))) ** 0.5
    assert weights.shape == shape
    assert weights.dtype == np.float64
    assert np.abs(weights).max() <= bound
    theirs = torch.nn.init.xavier_uniform_(torch.empty(shape, dtype=torch.float64)).numpy()
    for drawn in (weights, theirs):
        assert kstest(drawn.ravel(), "uniform", (-bound, 2 * bound)).pvalue > 1e-9


@pytest.mark.parametrize("shape", SHAPES)
def test_he_normal(reference, rng, shape):
    """One distribution with torch.nn.init.kaiming_normal_, and the normal one that its fan_in gives."""
    weights, std = reference.he_normal(shape, rng), (2 / fans(shape)[0]) ** 0.5
    assert weights.shape == shape
    assert weights.dtype == np.float64
    theirs = torch.nn.init.kaiming_normal_(torch.empty(shape, dtype=torch.float64), nonlinearity="relu").numpy()
    for drawn in (weights, theirs):
        assert kstest(drawn.ravel(), "norm", (0, std)).pvalue > 1e-9


def test_private_fans(reference, rng):
    for _ in range(200):
        shape = tuple(rng.integers(1, 9, size=int(rng.integers(2, 7))).tolist())
        assert reference._fans(shape) == fans(shape)  # noqa: SLF001 - the numbers behind both rules


@pytest.mark.parametrize("shape", [(), (7,)])
def test_shapes_that_both_refuse(reference, rng, shape):
    for draw in (
        lambda: reference.xavier_uniform(shape, rng),
        lambda: reference.he_normal(shape, rng),
        lambda: torch.nn.init.xavier_uniform_(torch.empty(shape)),
        lambda: torch.nn.init.kaiming_normal_(torch.empty(shape)),
    ):
        with pytest.raises(ValueError, match=r"fans|Fan"):
            draw()


def torch_moments(weights, x, activation):
    hidden = torch.from_numpy(x).double()
    moments = [hidden.square().mean().item()]
    for weight in weights:
        hidden = FUNCTIONS[activation](torch.nn.functional.linear(hidden, torch.from_numpy(weight).double()))
        moments.append(hidden.square().mean().item())
    return moments


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_second_moments(reference, rng, activation):
    for _ in range(100):
        widths = rng.integers(1, 40, size=int(rng.integers(2, 12)))
        scale = 10.0 ** rng.uniform(-3, 1)
        weights = [scale * rng.normal(size=(n, m)) for m, n in pairwise(widths)]
        x = rng.normal(size=(int(rng.integers(1, 30)), widths[0])) + rng.normal()
        moments = reference.variance_through_depth(weights, x, activation)
        np.testing.assert_allclose(moments, torch_moments(weights, x, activation), rtol=1e-9)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64, np.float32])
def test_kinds_of_numbers(reference, rng, kind):
    x, weights = (
        rng.integers(0, 128, size=(20, 6)).astype(kind),
        [rng.normal(size=(4, 6)), rng.integers(-3, 4, size=(3, 4))],
    )
    moments = reference.variance_through_depth(weights, x, "relu")
    np.testing.assert_allclose(moments, torch_moments(weights, x, "relu"), rtol=1e-9)


def test_an_unknown_activation(reference):
    with pytest.raises(ValueError, match="gelu"):
        reference.variance_through_depth([np.eye(2)], np.ones((1, 2)), "gelu")


def test_depth(reference, rng):
    """He's factor keeps the second moment through ReLU layers, which Xavier's halves once a layer."""
    x = rng.normal(size=(50, 400))
    kept, halved = np.zeros(11), np.zeros(11)
    for _ in range(20):
        kept += (
            reference.variance_through_depth([reference.he_normal((400, 400), rng) for _ in range(10)], x, "relu") / 20
        )
        weights = [reference.xavier_uniform((400, 400), rng) for _ in range(10)]
        halved += reference.variance_through_depth(weights, x, "relu") / 20
    # A stack varies by sqrt(5 / 400) once a layer; twenty of them at the end by about a tenth: six of those.
    np.testing.assert_allclose(kept, 1, atol=0.6)
    np.testing.assert_allclose(halved * 2.0 ** np.arange(11), 1, atol=0.6)


@pytest.mark.parametrize("seed", range(4))
def test_claim_thirty_layers(reference, seed):
    """What 30 layers of 256 units make of a second moment of 1."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(64, 256))

    def last(draw, activation="relu", depth=30):
        weights = [draw((256, 256), rng) for _ in range(depth)]
        return reference.variance_through_depth(weights, x, activation)[-1]

    assert 0.1 < last(reference.he_normal) < 6
    assert 1e-10 < last(reference.xavier_uniform) < 1e-8
    assert 1e-58 < last(lambda shape, rng: 0.01 * rng.normal(size=shape)) < 1e-56
    assert 1e8 < last(lambda shape, rng: 2**0.5 * reference.he_normal(shape, rng)) < 1e10
    assert 1e62 < last(lambda shape, rng: rng.normal(size=shape)) < 1e64
    assert 5e-25 < last(lambda shape, rng: rng.uniform(-1, 1, size=shape) / 16) < 5e-23
    assert 0.045 < last(reference.xavier_uniform, "tanh", 10) < 0.06
    assert 0.012 < last(reference.xavier_uniform, "tanh") < 0.024


@pytest.mark.parametrize("seed", range(4))
def test_claim_narrowing_layers(reference, seed):
    """With 1 / fan_in the signal keeps its size, with 1 / fan_out the gradient, and Xavier lies between."""
    rng = np.random.default_rng(seed)

    def both(variance):
        weights = [rng.normal(size=(n, m)) * variance(m, n) ** 0.5 for m, n in pairwise((800, 400, 200, 100, 50))]
        forward = reference.variance_through_depth(weights, rng.normal(size=(64, 800)), "linear")[-1]
        back = [weight.T for weight in weights[::-1]]
        return forward, reference.variance_through_depth(back, rng.normal(size=(64, 50)), "linear")[-1]

    for found, expected in [
        (both(lambda m, n: 1 / m), (1.0, 0.0625)),  # noqa: ARG005 - fan_in and fan_out
        (both(lambda m, n: 1 / n), (16.0, 1.0)),  # noqa: ARG005
        (both(lambda m, n: 2 / (m + n)), (3.16, 0.1975)),
    ]:
        np.testing.assert_allclose(found, expected, rtol=0.25)


@pytest.mark.parametrize("seed", range(4))
def test_claim_saturation(reference, seed):  # noqa: ARG001 - standard normal weights are no rule's
    rng = np.random.default_rng(seed)
    h, grad, layers = rng.normal(size=(64, 256)), rng.normal(size=(64, 256)), []
    for _ in range(10):
        weight = rng.normal(size=(256, 256))
        h = np.tanh(h @ weight.T)
        layers.append((weight, h))
    assert 0.84 < (np.abs(h) > 0.99).mean() < 0.89
    assert 0.04 < (1 - h**2).mean() < 0.06
    before = (grad**2).mean()
    for weight, after in reversed(layers):
        grad = (grad * (1 - after**2)) @ weight
    assert 7.5 < ((grad**2).mean() / before) ** 0.1 < 10
    logits = 10 * rng.normal(size=(5000, 10))
    assert 14.9 < (np.log(np.exp(logits).sum(axis=1)) - logits[:, 0]).mean() < 16.1


def test_claim_relu_halves(reference, rng):
    z = rng.normal(size=(200_000, 1))
    assert reference.variance_through_depth([np.eye(1)], z, "relu")[1] == pytest.approx(0.5, abs=0.01)
    assert np.var(np.maximum(z, 0)) == pytest.approx(0.34, abs=0.01)
    assert reference.he_normal((784, 10), rng).std() == pytest.approx(0.45, abs=0.02)
    assert reference.he_normal((10, 784), rng).std() == pytest.approx(0.05, abs=0.002)


def test_claim_equal_weights(rng):
    """Zero weights get no gradient; equal ones get the same."""
    x, y = (torch.from_numpy(rng.normal(size=(8, n))) for n in (3, 2))
    for value in (0.0, 0.5):
        first, second = (
            torch.full(shape, value, dtype=torch.float64, requires_grad=True) for shape in ((4, 3), (2, 4))
        )
        loss = (torch.tanh(x @ first.T) @ second.T - y).square().mean()
        grads = torch.autograd.grad(loss, (first, second))
        torch.testing.assert_close(grads[0], grads[0][:1].expand(4, 3), rtol=1e-12, atol=0)
        assert all((grad == 0).all() for grad in grads) == (value == 0)


def peers(reference, rng):
    """Yield the weights of a large layer."""
    shape, empty = (1_000, 1_000), torch.empty(1_000, 1_000, dtype=torch.float64)
    yield Peer(
        "xavier_uniform, 1,000 x 1,000",
        "torch.nn.init.xavier_uniform_",
        lambda: reference.xavier_uniform(shape, rng),
        lambda: torch.nn.init.xavier_uniform_(empty),
    )
    yield Peer(
        "he_normal, 1,000 x 1,000",
        "torch.nn.init.kaiming_normal_",
        lambda: reference.he_normal(shape, rng),
        lambda: torch.nn.init.kaiming_normal_(empty, nonlinearity="relu"),
    )
