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
