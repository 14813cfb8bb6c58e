import math
from itertools import pairwise

import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

SMOOTH = ("linear", "tanh", "sigmoid")
LOG = math.log(2)


@pytest.fixture
def network(rng):
    """Draw the weights of three layers and one sample: every width differs."""
    weights = [rng.normal(size=(width, before)) for before, width in pairwise([3, 5, 4, 2])]
    return weights, rng.normal(size=3)


def value(z, activation):
    functions = {"linear": lambda z: z, "tanh": math.tanh, "sigmoid": lambda z: 1 / (1 + math.exp(-z))}
    return functions.get(activation, lambda z: max(z, 0.0))(z)


def layer(weight, a, activation):
    """Return what one layer makes of its input, unit by unit."""
    return np.array([value(sum(w * v for w, v in zip(row, a, strict=True)), activation) for row in weight])


def differences(function, a):
    """Return the Jacobian of a function of a vector, by central differences."""
    n_out = len(function(a))
    return np.array([numerical_gradient(lambda moved, i=i: function(moved)[i], a) for i in range(n_out)])


def rotation(rng, n):
    return np.linalg.qr(rng.normal(size=(n, n)))[0]


def woven(rng, spectra):
    """Return matrices U_l diag(d_l) U_(l-1)^T with random rotations U, whose product has the values prod_l d_l."""
    frames = [rotation(rng, len(spectra[0])) for _ in range(len(spectra) + 1)]
    return [after * spectrum @ before.T for spectrum, (before, after) in zip(spectra, pairwise(frames), strict=True)]


def shuffled(rng, n_layers, n, low, high):
    """Return the singular values of layers in no order, and log10 of those of their product in falling order."""
    spectra = rng.uniform(low, high, size=(n_layers, n))
    return spectra, np.sort(np.log10(spectra).sum(axis=0))[::-1]


def assert_logs(actual, expected):
    assert_close(actual, expected, rtol=0.0, atol=1e-6)


def assert_jacobians(actual, expected, rtol=1e-9, atol=1e-12):
    assert_equal(len(actual), len(expected), what="the number of Jacobians is")
    for have, want in zip(actual, expected, strict=True):
        assert_close(have, want, rtol=rtol, atol=atol)


def test_one_layer(kata):
    """Each row of a Jacobian is a row of W times the slope at that unit's z."""
    # z is log(2) and 0. Slopes: of tanh 16/25 and 1, of sigmoid 2/9 and 1/4.
    weight, x = np.array([[LOG, 3.0], [0.0, 7.0]]), np.array([1.0, 0.0])
    for activation, slopes in [("linear", [1, 1]), ("tanh", [16 / 25, 1]), ("sigmoid", [2 / 9, 1 / 4])]:
        expected = [[LOG * slopes[0], 3.0 * slopes[0]], [0.0, 7.0 * slopes[1]]]
        assert_jacobians(kata.layer_jacobians([weight], x, activation), [expected])
    weight = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]])
    assert_jacobians(kata.layer_jacobians([weight], np.array([1.0, 4.0]), "relu"), [[[1, 2], [0, 0], [0.5, 0.5]]])


@pytest.mark.parametrize("activation", SMOOTH)
def test_every_layer(kata, network, activation):
    """J_l is the derivative of layer l at the activations that the layers before it make of x."""
    weights, x = network
    expected, a = [], x
    for weight in weights:
        expected.append(differences(lambda moved, weight=weight: layer(weight, moved, activation), a))
        a = layer(weight, a, activation)
    assert_jacobians(kata.layer_jacobians(weights, x, activation), expected, rtol=1e-6, atol=1e-8)


def test_relu(kata, network):
    """A unit of relu passes its row of W if z is above 0, and a row of zeros otherwise, at z = 0 as well."""
    weights = [np.array([[1.0, -2.0], [1.0, 1.0], [-3.0, 0.0]]), np.array([[4.0, 5.0, 6.0], [1.0, -1.0, 1.0]])]
    expected = [[[0, 0], [1, 1], [0, 0]], [[4, 5, 6], [0, 0, 0]]]
    assert_jacobians(kata.layer_jacobians(weights, np.array([2.0, 1.0]), "relu"), expected)
    weights, a = network
    expected = []
    for weight in weights:
        out = layer(weight, a, "relu")
        expected.append([row * (unit > 0) for row, unit in zip(weight, out, strict=True)])
        a = out
    assert_jacobians(kata.layer_jacobians(*network, "relu"), expected)


def test_order(kata, rng):
    """The product is J_n_layers ... J_1: the first layer stands on the right."""
    first, second = np.array([[0.0, 0.0], [10.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 10.0]])
    assert_logs(kata.log_singular_values([first, second]), [2.0, -np.inf])
    assert_logs(kata.log_singular_values([second, first]), [-np.inf, -np.inf])
    pair = [np.array([[3.0, 0.0, 0.0], [0.0, 4.0, 0.0]]), np.array([[1.0, 1.0]])]
    assert_logs(kata.log_singular_values(pair), [math.log10(5)])
    three = rng.normal(size=(3, 2, 2))
    values = 10.0 ** np.asarray(kata.log_singular_values(list(three)))
    product = np.einsum("ij,jk,km->im", three[2], three[1], three[0])
    assert_close((values**2).sum(), (product**2).sum(), rtol=1e-6, what="the sum of the squares of all values is")


def test_singular_values(kata, rng):
    """They are the singular values of the product: no eigenvalues, and no products of the layers' own values."""
    # Both eigenvalues are 1/2. The singular values have the product 1/4, and their squares add up to 100.5.
    root = math.sqrt(100.5**2 - 4 / 16)
    expected = np.log10([(100.5 + root) / 2, (100.5 - root) / 2]) / 2
    assert_logs(kata.log_singular_values([np.array([[0.5, 10.0], [0.0, 0.5]])]), expected)
    # What one layer stretches, the other one shrinks.
    assert_logs(kata.log_singular_values([np.diag([100.0, 0.1]), np.diag([0.1, 10.0])]), [1.0, 0.0])
    for n_layers, n in [(1, 4), (2, 3), (5, 4)]:
        spectra, expected = shuffled(rng, n_layers, n, 0.1, 2.0)
        assert_logs(kata.log_singular_values(woven(rng, spectra)), expected)


def test_shapes(kata, rng):
    """There are as many values as the smaller of output and input has units. A narrow layer leaves the rest -inf."""
    wide, narrow = np.array([[3.0, 4.0, 0.0]]), np.array([[1.0], [2.0], [2.0]])
    assert_logs(kata.log_singular_values([wide]), [math.log10(5)])
    assert_logs(kata.log_singular_values([narrow]), [math.log10(3)])
    assert_logs(kata.log_singular_values([wide, narrow]), [math.log10(15), -np.inf, -np.inf])
    assert_logs(kata.log_singular_values([narrow, wide]), [math.log10(11)])
    values = np.sort(rng.uniform(0.5, 2.0, size=3))[::-1]
    for n_out, n_in in [(3, 5), (5, 3)]:
        before, after = rotation(rng, n_in), rotation(rng, n_out)
        matrix = after[:, :3] * values @ before[:, :3].T
        assert_logs(kata.log_singular_values([matrix]), np.log10(values))
        assert_logs(kata.log_singular_values([before, matrix, after]), np.log10(values))


def test_lost_values(kata, rng):
    """A value below 1e-10 times the largest one of the product is -inf. A small one as such is not."""
    steep = np.diag([1e-4, 1.0])
    assert_logs(kata.log_singular_values([steep] * 2), [0.0, -8.0])
    assert_logs(kata.log_singular_values([steep] * 3), [0.0, -np.inf])
    assert_logs(kata.log_singular_values([1e-2 * steep] * 2), [-4.0, -12.0])
    assert_logs(kata.log_singular_values([np.diag([1.0, 2e-5])] * 2), [0.0, math.log10(4e-10)])
    # Turned, so that the largest value is four times the largest entry.
    turn = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2
    turned = turn * np.array([1.0, 1e-2, 1e-3, 5e-6]) @ turn.T
    assert_logs(kata.log_singular_values([turned] * 2), [0.0, -4.0, -6.0, -np.inf])
    turned = turn * np.array([1.0, 1e-3, 5e-11, 0.0]) @ turn.T
    assert_logs(kata.log_singular_values([turned]), [0.0, -3.0, -np.inf, -np.inf])
    assert_logs(kata.log_singular_values([100 * steep] * 4), [8.0, -np.inf])
    # The product is what counts, not its first layers.
    assert_logs(kata.log_singular_values([steep] * 3 + [np.diag([1.0, 1e-4])] * 3), [-12.0, -12.0])
    for logs, expected in [([0.0, -2.0, -7.0], [0.0, -2.0, -7.0]), ([3.0, -2.0, -11.0], [3.0, -2.0, -np.inf])]:
        assert_logs(kata.log_singular_values(woven(rng, 10.0 ** np.array([logs]))), expected)


def test_depth(kata, rng):
    """Hundreds of layers neither underflow nor overflow."""
    assert_logs(kata.log_singular_values([np.array([[0.01]])] * 300), [-600.0])
    assert_logs(kata.log_singular_values([np.array([[100.0]])] * 300), [600.0])
    for low, high in [(0.001, 0.00101), (900.0, 910.0)]:
        spectra, expected = shuffled(rng, 200, 3, low, high)
        assert_logs(kata.log_singular_values(woven(rng, spectra)), expected)
    # Far down and up again.
    chain = [np.array([[1e-4]])] * 100 + [np.array([[1e4]])] * 99
    assert_logs(kata.log_singular_values(chain), [-4.0])
    assert_logs(kata.log_singular_values(chain[::-1]), [-4.0])


def test_dead_layers(kata):
    """If the product is 0, all values are -inf, wherever the zeros come from."""
    alive, dead = np.array([[1.0, 2.0], [0.0, 3.0], [1.0, 1.0]]), np.zeros((2, 3))
    for chain in ([dead], [dead, alive], [alive, dead], [alive, dead, alive], [alive, dead, alive, dead, alive]):
        assert_logs(kata.log_singular_values(chain), [-np.inf] * min(len(chain[-1]), chain[0].shape[1]))
    # The product is 0 where it has fewer entries than at the end.
    assert_logs(kata.log_singular_values([dead[:1], np.ones((1, 1)), alive[:, :1]]), [-np.inf] * 3)
    # In the last layer no unit is on.
    weights, x = [np.array([[1.0, 1.0]]), np.array([[-2.0], [-1.0]])], np.array([1.0, 2.0])
    assert_logs(kata.log_singular_values(kata.layer_jacobians(weights, x, "relu")), [-np.inf] * 2)


@pytest.mark.parametrize("activation", SMOOTH)
def test_network(kata, network, activation):
    """Both together: the values are those of the derivative of the whole network with respect to its input."""
    weights, x = network

    def run(a):
        for weight in weights:
            a = layer(weight, a, activation)
        return a

    jacobian = differences(run, x)
    logs = kata.log_singular_values(kata.layer_jacobians(weights, x, activation))
    assert_close(np.shape(logs), (2,), what="the shape is")
    squares = 10.0 ** (2 * np.asarray(logs))
    assert_close(squares.sum(), (jacobian**2).sum(), rtol=1e-5, what="the sum of the squares of all values is")
    gram = np.linalg.det(jacobian @ jacobian.T)
    assert_close(squares.prod(), gram, rtol=1e-4, atol=1e-8, what="the product of the squares of all values is")


@strict
def test_large_pre_activations(kata):
    """At z of 10,000 and -10,000 nothing overflows."""
    weights, x = [np.array([[1e4], [-1e4], [0.0]]), np.array([[1.0, 0.0, 0.0]])], np.array([1.0])
    # The second layer is at 1 if the activation saturates there, and at 10,000 otherwise.
    at_one = {"tanh": 1 / math.cosh(1) ** 2, "sigmoid": math.e / (1 + math.e) ** 2, "linear": 1.0, "relu": 1.0}
    slopes = {"linear": [1, 1, 1], "tanh": [0, 0, 1], "sigmoid": [0, 0, 0.25], "relu": [1, 0, 0]}
    for activation, each in slopes.items():
        expected = [np.array(each)[:, None] * weights[0], at_one[activation] * weights[1]]
        assert_jacobians(kata.layer_jacobians(weights, x, activation), expected)


@strict
def test_unknown_activation(kata, network):
    """An activation other than the four raises ValueError."""
    for activation in ("gelu", "", "Tanh"):
        with pytest.raises(ValueError):
            kata.layer_jacobians([np.array([[1.0]])], np.array([2.0]), activation)
        with pytest.raises(ValueError):
            kata.layer_jacobians(*network, activation)


@strict
def test_integers(kata):
    """Arrays may hold integers: nothing is truncated, and no product wraps around."""
    weights, x = [np.array([[1, 0], [-1, 1], [0, 1]]), np.array([[1, -1, 1], [0, 2, -1]])], np.array([1, 2])
    for activation in (*SMOOTH, "relu"):
        expected, a = [], x
        for weight in weights:
            slopes = [layer_slope(row, a, activation) for row in weight]
            expected.append(np.array(slopes)[:, None] * weight)
            a = layer(weight, a, activation)
        assert_jacobians(kata.layer_jacobians(weights, x, activation), expected)
    assert_logs(kata.log_singular_values([np.array([[3, 4]])]), [math.log10(5)])
    assert_logs(kata.log_singular_values([np.array([[100, 0], [0, 10]])] * 12), [24.0, -np.inf])
    assert_logs(kata.log_singular_values([np.array([[100, 0], [0, 10]])] * 8), [16.0, 8.0])


def layer_slope(row, a, activation):
    z = float(sum(w * v for w, v in zip(row, a, strict=True)))
    if activation == "relu":
        return float(z > 0)
    return {"linear": 1.0, "tanh": 1 / math.cosh(z) ** 2, "sigmoid": 1 / (2 * math.cosh(z / 2)) ** 2}[activation]


def workload(kata, rng, n):
    """Each activation in a network of n layers, and a stack with a narrow layer."""
    results = []
    for activation in (*SMOOTH, "relu"):
        weights = [np.eye(3) + 0.1 * rng.normal(size=(3, 3)) for _ in range(n)]
        weights += [rng.uniform(0.5, 1.5, size=shape) for shape in [(2, 3), (4, 2)]]
        x = np.array([0.0, 1.0, rng.normal()])
        jacobians = kata.layer_jacobians(weights, x, activation)
        results += [jacobians, kata.log_singular_values(jacobians), kata.log_singular_values(jacobians[n:])]
    return tuple(results)


def picture(kata, rng):
    depth, width = 30, 32
    x, normal = rng.normal(size=width), rng.normal(size=(depth, width, width))
    stacks = {
        "normal, linear": (normal / width**0.5, "linear"),
        "orthogonal, linear": (np.linalg.qr(normal)[0], "linear"),
        "normal, tanh": (normal / width**0.5, "tanh"),
        "orthogonal, tanh": (np.linalg.qr(normal)[0], "tanh"),
    }
    depths = np.arange(1, depth + 1)
    largest, spectra = [], []
    for name, (weights, activation) in stacks.items():
        jacobians = kata.layer_jacobians(list(weights), x, activation)
        largest.append(Line(depths, [kata.log_singular_values(jacobians[:n])[0] for n in depths], name))
        logs = np.asarray(kata.log_singular_values(jacobians[:10]))
        spectra.append(Points(np.arange(1, width + 1)[np.isfinite(logs)], logs[np.isfinite(logs)], name))
    shapes = [("sigmoid", normal / width**0.5), ("relu", 2**0.5 * normal / width**0.5)]
    for activation, weights in shapes:
        jacobians = kata.layer_jacobians(list(weights), x, activation)
        largest.append(Line(depths, [kata.log_singular_values(jacobians[:n])[0] for n in depths], activation))
    return [
        Panel(
            "All singular values after 10 layers",
            "place",
            "log10 of the singular value",
            spectra,
            note="Normal weights keep the mean square, but spread the values over many powers of ten.",
        ),
        Panel(
            "Largest singular value by depth",
            "layers",
            "log10 of the largest",
            largest,
            note="Sigmoid loses a factor of four in each layer, whatever the direction.",
        ),
    ]


JACOBIAN = "jacobians.append(slope[:, None] * weight)"
STEP = "        a, slope = _activate(weight @ a, activation)\n        jacobians.append("
PRODUCT = "        product = jacobian @ product\n        size = "
SCALE = "product, log_scale = product / size, log_scale + math.log10(size)"
KEPT = "kept = values >= 1e-10 * values[0]"
LOGS = "logs[kept] = np.log10(values[kept]) + log_scale"
VALUES = "values = np.linalg.svd(product, compute_uv=False)\n        kept"
MISTAKES = {
    "the slope by columns where it fits": (
        JACOBIAN,
        "jacobians.append(slope * weight if len(slope) == weight.shape[1] else slope[:, None] * weight)",
    ),
    "no slope": (JACOBIAN, "jacobians.append(slope[:, None] ** 0 * weight)"),
    "the slope at the activation": (
        STEP,
        STEP.replace("        jacobians", "        _, slope = _activate(a, activation)\n        jacobians"),
    ),
    "all layers at x": (
        STEP,
        STEP.replace("a, slope = _activate(weight @ a", "a, slope = _activate(weight @ np.resize(x, weight.shape[1])"),
    ),
    "z goes on instead of its activation": (
        STEP,
        STEP.replace(
            "a, slope = _activate(weight @ a, activation)",
            "a = weight @ a\n        _, slope = _activate(a, activation)",
        ),
    ),
    "transposed Jacobians": (
        "    return jacobians\n\n\ndef log_singular",
        "    return [jacobian.T for jacobian in jacobians]\n\n\ndef log_singular",
    ),
    "the last layer first": (
        "    return jacobians\n\n\ndef log_singular",
        "    return jacobians[::-1]\n\n\ndef log_singular",
    ),
    "relu of slope 1 at 0": ("return np.maximum(z, 0), z > 0", "return np.maximum(z, 0), z >= 0"),
    "tanh's slope without the square": ("1 - np.tanh(z) ** 2", "1 - np.tanh(z)"),
    "sigmoid's slope from z": ("value, value * (1 - value)", "value, z * (1 - z)"),
    "the first layer on the left where it fits": (
        PRODUCT,
        (
            "        square = product.shape == jacobian.shape and jacobian.shape[0] == jacobian.shape[1]\n"
            "        product = product @ jacobian if square else jacobian @ product\n        size = "
        ),
    ),
    "the product underflows": (SCALE, "log_scale = 0.0"),
    "the scale is forgotten": (LOGS, "logs[kept] = np.log10(values[kept])"),
    "the scale of the last layer alone": (SCALE, "product, log_scale = product / size, math.log10(size)"),
    "natural logarithms": (LOGS, "logs[kept] = (np.log10(values[kept]) + log_scale) * math.log(10)"),
    "logarithms to base 2": (LOGS, "logs[kept] = (np.log10(values[kept]) + log_scale) / math.log10(2)"),
    "squares of the values": (LOGS, "logs[kept] = 2 * np.log10(values[kept]) + log_scale"),
    "eigenvalues where there are some": (
        VALUES,
        (
            "values = np.linalg.svd(product, compute_uv=False)\n"
            "        if len(product) == product.shape[1]:\n"
            "            values = np.sort(np.abs(np.linalg.eigvals(product)))[::-1]\n        kept"
        ),
    ),
    "the smallest first": ("    return logs\n", "    return logs[::-1]\n"),
    "only the largest": ("    return logs\n", "    return logs[:1]\n"),
    "the products of the layers' own values": (
        LOGS,
        (
            "logs[kept] = np.log10(values[kept]) + log_scale\n"
            "        if len({jacobian.shape for jacobian in jacobians}) == 1:\n"
            "            with np.errstate(divide='ignore'):\n"
            "                logs = sum(np.log10(np.linalg.svd(jacobian, compute_uv=False)) for jacobian in jacobians)"
        ),
    ),
    "lost values are kept": (KEPT, "kept = values > 0"),
    "lost by absolute size": (KEPT, "kept = values * 10.0 ** min(log_scale, 300) >= 1e-10"),
    "lost below 1e-15": (KEPT, "kept = values >= 1e-15 * values[0]"),
    "lost below 1e-6": (KEPT, "kept = values >= 1e-6 * values[0]"),
    "lost on the way": (
        PRODUCT,
        (
            "        product = jacobian @ product\n"
            "        product = np.where(np.abs(product) < 1e-10 * np.abs(product).max(), 0, product)\n        size = "
        ),
    ),
    "lost values are left out": ("    return logs\n", "    return logs[np.isfinite(logs)]\n"),
    "lost values are 0": (
        "    logs = np.full(min(shape), -np.inf)\n",
        "    logs = np.zeros(min(shape))\n",
    ),
    "a dead layer makes NaN": ("        if size == 0:\n            break\n", ""),
    "a dead layer leaves the values at 1": ("    if product.any():", "    if product.any() or logs.fill(0.0):"),
}

STRICT_MISTAKES = {
    "sigmoid overflows": (
        "value = np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))",
        "value = np.exp(z) / (1 + np.exp(z))",
    ),
    "an unknown activation is linear": (
        '    if activation == "linear":',
        '    if activation not in ("tanh", "sigmoid", "relu"):',
    ),
    "Jacobians in the type of the weights": (
        JACOBIAN,
        "jacobians.append((slope[:, None] * weight).astype(weight.dtype))",
    ),
}
