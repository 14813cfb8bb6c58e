import math
from itertools import pairwise

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, numerical_gradient, strict

ACTIVATIONS = ("sigmoid", "tanh", "relu")
each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


@pytest.fixture
def network(rng):
    """Weights of three layers, a batch and a gradient: every width differs, and few samples."""
    widths = [3, 5, 4, 2]
    weights = [rng.normal(size=(width, before)) for before, width in pairwise(widths)]
    return weights, rng.normal(size=(6, 3)), rng.normal(size=(6, 2))


def value(z, activation):
    if activation == "sigmoid":
        return 1 / (1 + math.exp(-z))
    return math.tanh(z) if activation == "tanh" else max(z, 0.0)


def slope(z, activation):
    if activation == "sigmoid":
        return value(z, activation) * value(-z, activation)
    return 1 / math.cosh(z) ** 2 if activation == "tanh" else float(z > 0)


def loss(weights, x, grad_out, activation):
    """Return the sum of grad_out * the network's output."""
    for weight in weights:
        x = np.vectorize(value)(x @ weight.T, activation)
    return (grad_out * x).sum()


def defined(weights, x, grad_out, activation):
    """Return the norms by the chain rule, sample by sample and unit by unit."""
    grads = [np.zeros(weight.shape) for weight in weights]
    for sample, grad_sample in zip(x.astype(float), grad_out.astype(float), strict=True):
        inputs, slopes, above = [sample], [], grad_sample
        for weight in weights:
            z = [sum(w * a for w, a in zip(row, inputs[-1], strict=True)) for row in weight.astype(float)]
            inputs.append([value(entry, activation) for entry in z])
            slopes.append([slope(entry, activation) for entry in z])
        for layer in range(len(weights) - 1, -1, -1):
            grad_z = [grad * steepness for grad, steepness in zip(above, slopes[layer], strict=True)]
            for place in np.ndindex(weights[layer].shape):
                grads[layer][place] += grad_z[place[0]] * inputs[layer][place[1]]
            above = [sum(g * w for g, w in zip(grad_z, column, strict=True)) for column in weights[layer].T]
    return [math.sqrt(sum(entry**2 for entry in grad.ravel())) for grad in grads]


def test_one_sample(kata):
    """Going back, a layer multiplies the gradient by the slope at its z, then by its input or, going on, its weight."""
    # One unit a layer: 2 becomes 6, then 3, then 12.
    weights = [np.array([[3.0]]), np.array([[0.5]]), np.array([[4.0]])]
    assert_close(kata.layer_gradient_norms(weights, np.array([[2.0]]), np.array([[1.0]]), "relu"), [4.0, 24.0, 3.0])
    # Both z are 0: slope 1/4 and output 1/2.
    weights = [np.array([[1.0]]), np.array([[0.0]])]
    x, grad_out = np.array([[0.0]]), np.array([[-2.0]])
    assert_close(kata.layer_gradient_norms(weights, x, grad_out, "sigmoid"), [0.0, 0.25])
    # z is the logarithm of 2: tanh is 3/5, its slope 16/25.
    x = np.array([[math.log(2)]])
    assert_close(kata.layer_gradient_norms(weights[:1], x, grad_out, "tanh"), [2 * 16 / 25 * math.log(2)])
    # A second unit with the same z: the gradient passes a slope of 16/25 in each.
    weights = [np.array([[1.0]]), np.array([[math.log(2) * 5 / 3]])]
    expected = [2 * (16 / 25) ** 2 * math.log(2) ** 2 * 5 / 3, 2 * 16 / 25 * 3 / 5]
    assert_close(kata.layer_gradient_norms(weights, x, grad_out, "tanh"), expected)
    # Large and small: 300 becomes 3e-4, then 0.15; back, -400 becomes -2e5.
    weights, x, grad_out = [np.array([[1e-6]]), np.array([[500.0]])], np.array([[300.0]]), np.array([[-400.0]])
    assert_close(kata.layer_gradient_norms(weights, x, grad_out, "relu"), [6e7, 0.12])
    norms = kata.layer_gradient_norms([np.array([[300.0]])], np.array([[1e-6]]), np.array([[1e-6]]), "relu")
    assert_close(norms, [1e-12], atol=0.0)


@each_activation
def test_batch(kata, network, activation):
    """A layer's gradient is summed over the samples, and its norm is the root of the sum of its squared entries."""
    # The gradient of the only layer is [[1 * 3 + 1 * 5, 0], [0, 2 * 3]], of norm 10.
    weights, x = [np.ones((2, 2))], np.array([[3.0, 0.0], [5.0, 0.0], [0.0, 3.0]])
    grad_out = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    assert_close(kata.layer_gradient_norms(weights, x, grad_out, "relu"), [10.0])
    assert_close(kata.layer_gradient_norms(*network, activation), defined(*network, activation))


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_finite_differences(kata, network, activation):
    """The norms are those of the gradients that finite differences give, layer by layer."""
    weights, x, grad_out = network
    expected = []
    for layer in range(3):

        def moved(weight, layer=layer):
            return loss([*weights[:layer], weight, *weights[layer + 1 :]], x, grad_out, activation)

        expected.append(np.linalg.norm(numerical_gradient(moved, weights[layer])))
    assert_close(kata.layer_gradient_norms(*network, activation), expected, rtol=1e-5, atol=1e-8)


def test_relu_at_zero(kata):
    """At z = 0 the slope of relu is 0: no gradient passes, and a layer that is all off leaves norms of 0."""
    weights, x = [np.array([[1.0, -1.0]])], np.array([[2.0, 2.0]])
    assert_close(kata.layer_gradient_norms(weights, x, np.array([[1.0]]), "relu"), [0.0])
    weights = [np.array([[1.0, -1.0], [1.0, 0.0]]), np.array([[3.0, 1.0]])]
    assert_close(kata.layer_gradient_norms(weights, x, np.array([[1.0]]), "relu"), [8**0.5, 2.0])
    weights = [np.array([[1.0]]), np.array([[-1.0]]), np.array([[5.0]])]
    x, grad_out = np.array([[1.0], [2.0]]), np.array([[1.0], [1.0]])
    assert_close(kata.layer_gradient_norms(weights, x, grad_out, "relu"), [0.0, 0.0, 0.0])


def test_depth(kata, rng):
    """Norms are exact, however small or large a gradient gets: through forty layers they shrink to next to nothing."""
    # Each layer halves the signal on its way up and the gradient on its way down.
    weights, one = [np.array([[0.5]])] * 40, np.array([[1.0]])
    assert_close(kata.layer_gradient_norms(weights, one, one, "relu"), [0.5**39] * 40, atol=0.0)
    # Here each doubles both, the signal up to 8,192.
    weights, x = [np.array([[2.0]])] * 32, np.array([[2.0**-19]])
    assert_close(kata.layer_gradient_norms(weights, x, one, "relu"), [2.0**12] * 32)
    weights = [rng.normal(size=(3, 3)) for _ in range(40)]
    x, grad_out = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    expected = defined(weights, x, grad_out, "sigmoid")
    assert_close(kata.layer_gradient_norms(weights, x, grad_out, "sigmoid"), expected, rtol=1e-7, atol=0.0)


@pytest.mark.parametrize("x", [1e4, -1e4])
@each_activation
def test_large_pre_activations(kata, activation, x):
    """Pre-activations may be of any size: no slope and no output overflows to NaN."""
    height = {"sigmoid": float(x > 0), "tanh": np.sign(x), "relu": max(x, 0.0)}[activation]
    on = float(activation == "relu" and x > 0)
    one, batch = np.array([[1.0]]), np.array([[x]])
    assert_close(kata.layer_gradient_norms([one], batch, one, activation), [on * abs(x)])
    # The second layer is at z = 0.
    norms = kata.layer_gradient_norms([one, 0 * one], batch, one, activation)
    assert_close(norms, [0.0, slope(0.0, activation) * abs(height)])
    assert_close(kata.saturated_fraction([np.array([[x, x]])], activation), [1 - on])


@each_activation
def test_saturated(kata, rng, activation):
    """Saturated is what has a slope below the threshold's share of the activation's largest slope, on either side."""
    small, largest = [np.array([[-3.0, 0.0], [1.0, 3.0]]), np.array([[-2.0], [2.0]])], slope(1e-9, activation)
    for threshold, sigmoid, tanh in [(0.05, [0, 0], [0.5, 0]), (0.1, [0, 0], [0.5, 1]), (0.2, [0.5, 0], [0.5, 1])]:
        expected = {"sigmoid": sigmoid, "tanh": tanh, "relu": [0.5, 0.5]}[activation]
        assert_close(kata.saturated_fraction(small, activation, threshold), expected)
    # Next to 0, at 0, and a threshold near 1.
    near = [np.array([[1e-6, -1e-6]]), np.zeros((2, 3)), np.array([[0.3, -0.3], [0.1, 3.0]])]
    expected = {"sigmoid": [0, 0, 0.75], "tanh": [0, 0, 0.75], "relu": [0.5, 1, 0.25]}[activation]
    assert_close(kata.saturated_fraction(near, activation, threshold=0.98), expected)
    layers = [rng.normal(size=shape, scale=3.0) for shape in [(7, 5), (7, 3), (7, 11)]]
    for threshold in (0.01, 0.3, 0.9):
        limit = threshold * largest
        expected = [np.mean([slope(z, activation) < limit for z in layer.ravel()]) for layer in layers]
        assert_close(kata.saturated_fraction(layers, activation, threshold), expected)


@strict
@each_activation
def test_default_threshold(kata, activation):
    """Unless told otherwise the threshold is 0.05."""
    # Shares of 0.0502 and 0.0498, of tanh at z and of sigmoid at 2 z.
    near, far = math.acosh(0.0502**-0.5), math.acosh(0.0498**-0.5)
    z = np.array([[near, far, far]]) * (2 if activation == "sigmoid" else 1)
    assert_close(kata.saturated_fraction([z], activation), [0.0 if activation == "relu" else 2 / 3])


@strict
@each_activation
def test_threshold_is_strict(kata, activation):
    """A slope at the threshold itself is not saturated; relu's slope of 0 always is."""
    steepest = np.array([[1.0 if activation == "relu" else 0.0]])
    assert_close(kata.saturated_fraction([steepest], activation, threshold=1.0), [0.0])
    off = np.array([[0.0, -1.0, 2.0]])
    assert_close(kata.saturated_fraction([off], "relu", threshold=1e-6), [2 / 3])


def test_unknown_activation(kata, network):
    """An activation other than the three raises ValueError."""
    for activation in ("gelu", "", "Tanh"):
        with pytest.raises(ValueError):
            kata.layer_gradient_norms([np.array([[1.0]])], np.array([[2.0]]), np.array([[1.0]]), activation)
        with pytest.raises(ValueError):
            kata.layer_gradient_norms(*network, activation)
        # Also where every norm is 0.
        with pytest.raises(ValueError):
            kata.layer_gradient_norms(network[0], network[1], 0 * network[2], activation)
        with pytest.raises(ValueError):
            kata.saturated_fraction([network[1]], activation)


@strict
@each_activation
def test_integers(kata, activation):
    """Weights, inputs, gradients and pre-activations may be integers, and are not truncated."""
    weights = [np.array([[1, 0], [-1, 1], [0, 1]]), np.array([[1, -1, 1], [0, 2, -1]])]
    x, grad_out = np.array([[1, 0], [1, 2], [-1, 1]]), np.array([[1, 2], [3, -1], [0, 1]])
    expected = defined(weights, x, grad_out, activation)
    assert_close(kata.layer_gradient_norms(weights, x, grad_out, activation), expected)
    expected = [{"sigmoid": 1 / 4, "tanh": 3 / 4, "relu": 1 / 2}[activation]]
    assert_close(kata.saturated_fraction([np.array([[0, -3], [9, 3]])], activation, threshold=0.04), expected)


def workload(kata, rng, n):
    """Each activation on a network of a few layers, on a batch with a sample of zeros, and on counts."""
    norms, shares = [], []
    widths = [3, *rng.integers(2, 6, size=min(n, 4)), 2]
    weights = [rng.normal(size=(width, before)) for before, width in pairwise(widths)]
    x, grad_out = rng.normal(size=(n + 1, 3)), rng.normal(size=(n + 1, 2))
    x[0] = 0.0
    for activation in ACTIVATIONS:
        norms.append(kata.layer_gradient_norms(weights, x, grad_out, activation))
        norms.append(kata.layer_gradient_norms(weights[:1], 1e4 * x, np.ones((n + 1, widths[1])), activation))
        layers = [2 * x, 5 * grad_out, rng.integers(-3, 4, size=(n, 2))]
        shares.append(kata.saturated_fraction(layers, activation))
        shares.append(kata.saturated_fraction(layers, activation, threshold=0.5))
        shares.append(kata.saturated_fraction([1e4 * x, np.zeros((2, 2))], activation, threshold=1.0))
    return tuple(norms), tuple(shares)


def picture(kata, rng):
    depth, width = 15, 40
    x, grad_out = rng.normal(size=(50, width)), rng.normal(size=(50, width))
    normal = [rng.normal(size=(width, width)) for _ in range(depth)]
    layers = np.arange(1, depth + 1)
    # Without biases, each of these keeps the size of a signal forward.
    stacks = {"sigmoid": (1.0, "sigmoid"), "tanh": (1.0, "tanh"), "relu": (np.sqrt(2), "relu")}
    norms = [
        Line(layers, kata.layer_gradient_norms([gain / np.sqrt(width) * w for w in normal], x, grad_out, f), name)
        for name, (gain, f) in stacks.items()
    ]
    scales = np.linspace(0.25, 8, 25)
    z = rng.normal(size=(40, 25))
    shares = [Line(scales, kata.saturated_fraction([scale * z for scale in scales], f), f) for f in ACTIVATIONS]
    return [
        Panel(
            "Gradient norm by layer",
            "layer, 1 is next to the input",
            "norm of the gradient",
            norms,
            note="The gradient comes from the right. The slope of a sigmoid is at most 1/4, so it vanishes on the way.",
            log="y",
        ),
        Panel(
            "Saturated units",
            "standard deviation of z",
            "share of saturated units",
            shares,
            note="ReLU has half of its units at slope 0 at any scale, the others never saturate.",
        ),
    ]


MISTAKES = {
    "gradient averaged over the samples": (
        "np.linalg.norm(grad_z.T @ inputs[layer])",
        "np.linalg.norm(grad_z.T @ inputs[layer]) / len(x)",
    ),
    "norm of the gradient for z instead of the weights": (
        "np.linalg.norm(grad_z.T @ inputs[layer])",
        "np.linalg.norm(grad_z)",
    ),
    "norms of the samples' gradients added up": (
        "np.linalg.norm(grad_z.T @ inputs[layer])",
        "np.sqrt(((grad_z**2).sum(axis=1) * (inputs[layer] ** 2).sum(axis=1)).sum())",
    ),
    "squared norm": ("np.linalg.norm(grad_z.T @ inputs[layer])", "((grad_z.T @ inputs[layer]) ** 2).sum()"),
    "spectral norm": ("np.linalg.norm(grad_z.T @ inputs[layer])", "np.linalg.norm(grad_z.T @ inputs[layer], 2)"),
    "root mean square instead of norm": (
        "np.linalg.norm(grad_z.T @ inputs[layer])",
        "np.sqrt(((grad_z.T @ inputs[layer]) ** 2).mean())",
    ),
    "last layer first": (
        "        grad = grad_z @ weights[layer]\n    return norms",
        ("        grad = grad_z @ weights[layer]\n    return norms[::-1]"),
    ),
    "no activation behind the last layer": (
        "    grad = grad_out\n    for layer in reversed",
        "    slopes[-1] = np.ones(slopes[-1].shape)\n    grad = grad_out\n    for layer in reversed",
    ),
    "slope at the activation instead of z": (
        "        out, slope = _activate(inputs[-1] @ weight.T, activation)\n        inputs.append(out)\n        slopes",
        (
            "        out, _ = _activate(inputs[-1] @ weight.T, activation)\n"
            "        _, slope = _activate(out, activation)\n        inputs.append(out)\n        slopes"
        ),
    ),
    "gradient goes on without the slope": (
        "        grad = grad_z @ weights[layer]\n    return norms",
        "        grad = grad @ weights[layer]\n    return norms",
    ),
    "output of a layer for its input": (
        "np.linalg.norm(grad_z.T @ inputs[layer])",
        "np.linalg.norm(grad_z.T @ inputs[layer + 1])",
    ),
    "norms rounded to what prints": (
        "norms[layer] = np.linalg.norm(grad_z.T @ inputs[layer])",
        "norms[layer] = round(np.linalg.norm(grad_z.T @ inputs[layer]), 12)",
    ),
    "relu of slope 1 at 0": ("return np.maximum(z, 0), z > 0", "return np.maximum(z, 0), z >= 0"),
    "relu of slope 1 everywhere": ("return np.maximum(z, 0), z > 0", "return np.maximum(z, 0), z == z"),
    "sigmoid overflows above": (
        "return np.exp(np.minimum(z, 0)) / (1 + decay), decay / (1 + decay) ** 2",
        "return np.exp(z) / (1 + np.exp(z)), decay / (1 + decay) ** 2",
    ),
    "sigmoid's slope overflows below": (
        "return np.exp(np.minimum(z, 0)) / (1 + decay), decay / (1 + decay) ** 2",
        "return np.exp(np.minimum(z, 0)) / (1 + decay), np.exp(-z) / (1 + np.exp(-z)) ** 2",
    ),
    "tanh's slope without the square": ("1 - np.tanh(z) ** 2", "1 - np.tanh(z)"),
    "share of the slope 1 for every activation": (
        "threshold * _LARGEST_SLOPE[activation]",
        "threshold",
    ),
    "threshold fixed at its default": ("(slope < threshold", "(slope < 0.05"),
    "one side only": (
        "        _, slope = _activate(z, activation)\n        shares",
        ('        _, slope = _activate(z if activation == "relu" else np.maximum(z, 0), activation)\n        shares'),
    ),
    "one share for all layers": (
        "    return np.array(shares)\n\n\n_LARGEST",
        "    return np.full(len(shares), np.mean(shares))\n\n\n_LARGEST",
    ),
    "share of the units instead of all entries": (
        "_LARGEST_SLOPE[activation]).mean())",
        "_LARGEST_SLOPE[activation]).all(axis=0).mean())",
    ),
    "an unknown activation is taken for relu": (
        '    if activation == "relu":\n        return np.maximum(z, 0), z > 0',
        ('    if activation == "relu" or activation.islower():\n        return np.maximum(z, 0), z > 0'),
    ),
}

STRICT_MISTAKES = {
    "slopes of integer input truncated": (
        "        slopes.append(slope)\n",
        "        slopes.append(np.asarray(slope).astype((inputs[-2] @ weight.T).dtype))\n",
    ),
    "at the threshold is saturated too": ("(slope < threshold", "(slope <= threshold"),
}
