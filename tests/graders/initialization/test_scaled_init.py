import math
from itertools import pairwise

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict

ACTIVATIONS = {"linear": lambda z: z, "tanh": math.tanh, "relu": lambda z: z if z > 0 else 0.0}

# Shapes that have some thousands of weights, with fan_in and fan_out.
DENSE = [((3, 1000), 1000, 3), ((60, 40), 40, 60)]
CONVOLUTIONS = [
    ((10, 40, 7), 280, 70),
    ((32, 8, 3, 5), 120, 480),
    ((8, 32, 5, 3), 480, 120),
    ((4, 6, 2, 7, 11), 924, 616),
]


def defined(weights, x, activation):
    """Compute sample by sample and unit by unit, and take the mean of all squares of a layer."""
    samples, moments = [[float(value) for value in sample] for sample in x], []
    for weight in [None, *weights]:
        if weight is not None:
            samples = [
                [ACTIVATIONS[activation](sum(w * h for w, h in zip(row, sample, strict=True))) for row in weight]
                for sample in samples
            ]
        squares = [value**2 for sample in samples for value in sample]
        moments.append(sum(squares) / len(squares))
    return moments


def stack(rng, *widths):
    """Return the weights of layers of these widths, not all of them small."""
    return [rng.normal(size=(n_out, n_in)) * 1.5 / n_in**0.5 for n_in, n_out in pairwise(widths)]


def assert_bound(weights, fan_in, fan_out):
    """Check that the largest weight is within the bound, and near it: chance leaves 5 % free once in 1e17 times."""
    bound, largest = np.sqrt(6 / (fan_in + fan_out)), np.abs(weights).max()
    assert_close(largest, bound, rtol=0.05, atol=0.0)
    assert_close(max(largest, bound), bound)


def assert_spread(weights, fan_in):
    """Check the root mean square to eight standard deviations of its own, which chance never comes to."""
    assert_close(np.sqrt(np.mean(weights**2)), np.sqrt(2 / fan_in), rtol=8 / np.sqrt(2 * weights.size), atol=0.0)


def test_shape(kata, rng):
    """The weights have the given shape, of two axes or more."""
    for shape in [(3, 4), (4, 3), (1, 1), (2, 3, 5), (5, 2, 3, 4), (2, 1, 3, 1, 2)]:
        assert_equal(kata.xavier_uniform(shape, rng).shape, shape)
        assert_equal(kata.he_normal(shape, rng).shape, shape)


def test_xavier_dense(kata, rng):
    """Xavier's weights reach up to sqrt(6 / (fan_in + fan_out)) and no further; a dense layer's fans are its units."""
    assert_bound(kata.xavier_uniform((598, 2), rng), 2, 598)  # 0.1
    for shape, fan_in, fan_out in DENSE:
        assert_bound(kata.xavier_uniform(shape, rng), fan_in, fan_out)


def test_xavier_convolution(kata, rng):
    """In Xavier's rule both fans of a convolution count the kernel: channels times all of its sizes."""
    assert_bound(kata.xavier_uniform((4, 2, 100), rng), 200, 400)  # 0.1
    for shape, fan_in, fan_out in CONVOLUTIONS:
        assert_bound(kata.xavier_uniform(shape, rng), fan_in, fan_out)


def test_xavier_is_uniform(kata, rng):
    """Xavier's weights are uniform: as many in each stretch between -a and a, on either side of 0."""
    for shape, fan_in, fan_out in [((100, 200), 200, 100), ((20, 40, 5, 5), 1000, 500)]:
        weights = kata.xavier_uniform(shape, rng)
        ends = np.sqrt(6 / (fan_in + fan_out)) * np.linspace(-1, 1, 6)
        shares = [np.mean((weights > low) & (weights <= high)) for low, high in pairwise(ends)]
        assert_close(shares, np.full(5, 0.2), rtol=0.0, atol=8 * (0.16 / weights.size) ** 0.5)


def test_he_dense(kata, rng):
    """He's weights have the standard deviation sqrt(2 / fan_in), for any number of outputs."""
    assert_close(np.std(kata.he_normal((2000, 8), rng)), 0.5, rtol=0.05, atol=0.0)
    for shape, fan_in, _ in DENSE:
        assert_spread(kata.he_normal(shape, rng), fan_in)


def test_he_convolution(kata, rng):
    """In He's rule the fan_in of a convolution counts the kernel: channels that come in, times all of its sizes."""
    # 2 channels times 4 times 25.
    assert_close(np.std(kata.he_normal((100, 2, 4, 25), rng)), 0.1, rtol=0.05, atol=0.0)
    for shape, fan_in, _ in CONVOLUTIONS:
        assert_spread(kata.he_normal(shape, rng), fan_in)


def test_he_is_normal(kata, rng):
    """He's weights are normal with mean 0, and are not truncated: 4.6 % lie beyond two standard deviations."""
    for shape, fan_in in [((300, 100), 100), ((30, 40, 5, 5), 1000)]:
        weights = kata.he_normal(shape, rng)
        std = np.sqrt(2 / fan_in)
        for limit in (0.5, 1.0, 2.0, 2.5, 3.0):
            beyond = math.erfc(limit / 2**0.5)
            tolerance = 8 * (beyond / weights.size) ** 0.5
            assert_close(np.mean(np.abs(weights) > limit * std), beyond, rtol=0.0, atol=tolerance)
            assert_close(np.mean(weights > limit * std), beyond / 2, rtol=0.0, atol=tolerance)


def test_each_weight_is_drawn(kata, rng):
    """Each weight is drawn by itself: no two outputs, inputs or places of the kernel share theirs."""
    for shape in [(12, 9), (6, 5, 3, 4)]:
        for weights in (kata.xavier_uniform(shape, rng), kata.he_normal(shape, rng)):
            for axis, size in enumerate(shape):
                slices = {tuple(part.ravel().tolist()) for part in np.moveaxis(weights, axis, 0)}
                assert_equal(len(slices), size, what=f"the number of different slices along axis {axis} is")
    # Nor is anything set right afterwards: the mean and the mean square of few weights vary from draw to draw.
    for draw in (kata.xavier_uniform, kata.he_normal):
        many = np.array([draw((2, 3), rng) for _ in range(40)])
        for values in (many, many**2):
            for axes in ((1, 2), 1, 2):
                varies = values.mean(axis=axes).std() > 0.1 * values.std()
                assert_equal(bool(varies), True, what="the mean of few weights, or of their squares, varies")


def test_randomness_comes_from_rng(kata):
    """All randomness comes from rng: the same state gives the same weights, another state gives others."""
    for draw in (kata.xavier_uniform, kata.he_normal):
        once, again, other = (draw((4, 3), np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert_equal(again, once)
        assert_equal(bool((once == other).any()), False)


@strict
def test_shapes_without_fans(kata, rng):
    """A shape of fewer than two axes raises ValueError."""
    for shape in [(5,), ()]:
        with pytest.raises(ValueError):
            kata.xavier_uniform(shape, rng)
        with pytest.raises(ValueError):
            kata.he_normal(shape, rng)


def test_second_moments(kata, rng):
    """The mean of squares over all samples and units is returned for the input and for each layer."""
    first, second = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 3.0]]), np.array([[0.5, 0.0, 1.0]])
    assert_close(kata.variance_through_depth([first], np.array([[1.0, 2.0]]), "linear"), [2.5, 49 / 3])
    assert_close(kata.variance_through_depth([first, second], np.array([[1.0, 2.0]]), "linear"), [2.5, 49 / 3, 49.0])
    # A signal may vanish, and it may explode.
    for size in (1e-3, 1e3):
        for activation in ("linear", "relu"):
            moments = kata.variance_through_depth([np.array([[size]])] * 3, np.array([[1.0]]), activation)
            assert_close(moments, [1.0, size**2, size**4, size**6], atol=0.0)
    for widths in [(3, 3), (4, 6), (5, 3, 7), (4, 4, 4, 4), (6, 2, 1, 5, 3)]:
        weights, x = stack(rng, *widths), rng.normal(size=(8, widths[0]))
        assert_close(kata.variance_through_depth(weights, x, "linear"), defined(weights, x, "linear"))


def test_activations(kata, rng):
    """An activation follows each layer, the last one too: z, tanh(z) or max(z, 0)."""
    weight = np.array([[1.0, -1.0], [-1.0, 0.0]])
    for activation, moment in [("linear", 6.5), ("relu", 2.0), ("tanh", (np.tanh(2) ** 2 + np.tanh(3) ** 2) / 2)]:
        assert_close(kata.variance_through_depth([weight], np.array([[3.0, 1.0]]), activation), [5.0, moment])
    # z is 900 and -400: tanh is 1 and -1, and exp would overflow.
    for activation, moment in [("linear", 485_000.0), ("relu", 405_000.0), ("tanh", 1.0)]:
        moments = kata.variance_through_depth([weight], np.array([[400.0, -500.0]]), activation)
        assert_close(moments, [205_000.0, moment])
    # Behind a layer of zeros there are zeros, and the moments go on.
    dead = [np.array([[-1.0]]), np.array([[2.0]])]
    assert_close(kata.variance_through_depth(dead, np.array([[3.0]]), "relu"), [9.0, 0.0, 0.0])
    for activation in ACTIVATIONS:
        for widths in [(5, 4), (3, 6, 4), (6, 5, 4, 3, 2)]:
            weights, x = stack(rng, *widths), rng.normal(size=(7, widths[0]))
            assert_close(kata.variance_through_depth(weights, x, activation), defined(weights, x, activation))


def test_not_about_the_mean(kata, rng):
    """The second moment is the mean of squares: the mean of the activations is not subtracted."""
    assert_close(kata.variance_through_depth([np.array([[1.0], [1.0]])], np.array([[3.0], [3.0]]), "relu"), [9.0, 9.0])
    for activation in ACTIVATIONS:
        weights, x = stack(rng, 4, 5, 3), 2.0 + rng.normal(size=(6, 4))
        assert_close(kata.variance_through_depth(weights, x, activation), defined(weights, x, activation))


@strict
def test_integers(kata, rng):
    """Weights and inputs may be integers of any type: squares of 8-bit pixels do not overflow."""
    weight = np.array([[1, 0], [1, 1]])
    assert_close(kata.variance_through_depth([weight], np.array([[2, 1]]), "relu"), [2.5, 6.5])
    pixels = rng.integers(100, 256, size=(5, 4)).astype(np.uint8)
    halves, pair = weight / 2, pixels[:, :2]
    assert_close(kata.variance_through_depth([halves], pair, "relu"), defined([halves], pair, "relu"))
    weights = [rng.integers(-3, 4, size=shape) for shape in [(3, 4), (2, 3)]]
    for activation in ACTIVATIONS:
        assert_close(kata.variance_through_depth(weights, pixels, activation), defined(weights, pixels, activation))


@strict
def test_unknown_activation(kata):
    """An activation other than linear, tanh and relu raises ValueError."""
    for activation in ("sigmoid", "gelu", ""):
        with pytest.raises(ValueError):
            kata.variance_through_depth([np.eye(2)], np.ones((1, 2)), activation)


def workload(kata, rng, n):
    """Draw the weights of a convolution, and pass a batch through three layers of unequal widths."""
    shape = (n, n + 1, 3)
    widths = rng.integers(1, n + 4, size=4)
    x = rng.normal(size=(5, widths[0])) + 0.3
    # Weights are as random as they are; what any right answer shares is their shape.
    drawn = kata.xavier_uniform(shape, rng).shape, kata.he_normal(shape, rng).shape
    return *drawn, *(kata.variance_through_depth(stack(rng, *widths), x, activation) for activation in ACTIVATIONS)


def picture(kata, rng):
    depth, width = 20, 100
    x, layers = rng.normal(size=(50, width)), np.arange(depth + 1)
    shape = width, width
    stacks = {
        "He, ReLU": ([kata.he_normal(shape, rng) for _ in range(depth)], "relu"),
        "Xavier, ReLU": ([kata.xavier_uniform(shape, rng) for _ in range(depth)], "relu"),
        "Xavier, tanh": ([kata.xavier_uniform(shape, rng) for _ in range(depth)], "tanh"),
        "std 0.2, ReLU": ([rng.normal(scale=0.2, size=shape) for _ in range(depth)], "relu"),
    }
    moments = [Line(layers, kata.variance_through_depth(w, x, f), name) for name, (w, f) in stacks.items()]
    edges = np.linspace(-0.5, 0.5, 41)
    drawn = {"Xavier, uniform": kata.xavier_uniform(shape, rng), "He, normal": kata.he_normal(shape, rng)}
    shares = [
        Line(edges[:-1], np.histogram(weights, edges)[0] / weights.size, name, steps=True)
        for name, weights in drawn.items()
    ]
    return [
        Panel(
            "Size of the signal through depth",
            "layer, 0 is the input",
            "second moment",
            moments,
            note="Xavier's rule halves the signal at each ReLU. He's rule makes up for it.",
            log="y",
        ),
        Panel("Weights of one layer of 100 by 100", "weight", "share of the weights", shares),
    ]


XAVIER = "    bound = math.sqrt(6 / sum(_fans(shape)))\n"
HE = "math.sqrt(2 / fan_in)"
MISTAKES = {
    "Xavier's variance for the bound": (XAVIER, "    bound = 2 / sum(_fans(shape))\n"),
    "Xavier's standard deviation for the bound": (XAVIER, "    bound = math.sqrt(2 / sum(_fans(shape)))\n"),
    "Xavier's bound by the mean of the fans": (XAVIER, "    bound = math.sqrt(6 / (sum(_fans(shape)) / 2))\n"),
    "Xavier's bound by fan_in alone": (XAVIER, "    bound = math.sqrt(3 / _fans(shape)[0])\n"),
    "Xavier's bound by He's factor": (XAVIER, "    bound = math.sqrt(12 / sum(_fans(shape)))\n"),
    "a root of the numerator alone": (XAVIER, "    bound = math.sqrt(6) / sum(_fans(shape))\n"),
    "Xavier without the kernel": (XAVIER, "    bound = math.sqrt(6 / sum(_fans(shape[:2])))\n"),
    "the kernel counts for fan_in only": (XAVIER, "    bound = math.sqrt(6 / (shape[0] + _fans(shape)[0]))\n"),
    "uniform from 0 on": ("rng.uniform(-bound, bound, size=shape)", "rng.uniform(0, bound, size=shape)"),
    "normal by Xavier's variance": (
        "rng.uniform(-bound, bound, size=shape)",
        "rng.normal(scale=bound / math.sqrt(3), size=shape)",
    ),
    "He's variance for the standard deviation": (HE, "2 / fan_in"),
    "LeCun's variance, 1 / fan_in": (HE, "math.sqrt(1 / fan_in)"),
    "Xavier's variance for He's": (HE, "math.sqrt(2 / sum(_fans(shape)))"),
    "He by fan_out": ("fan_in, _ = _fans(shape)", "_, fan_in = _fans(shape)"),
    "He without the kernel": ("fan_in, _ = _fans(shape)", "fan_in, _ = _fans(shape[:2])"),
    "channels last": [
        ("math.prod(shape[2:])\n", "math.prod(shape[:-2])\n"),
        ("return shape[1] * kernel, shape[0] * kernel", "return shape[-2] * kernel, shape[-1] * kernel"),
    ],
    "input before output": (
        "return shape[1] * kernel, shape[0] * kernel",
        "return shape[0] * kernel, shape[1] * kernel",
    ),
    "sizes of the kernel added up": ("math.prod(shape[2:])\n", "sum(shape[2:]) or 1\n"),
    "only the kernel's first size": ("math.prod(shape[2:])\n", "math.prod(shape[2:3])\n"),
    "a fan_in of all weights": ("return shape[1] * kernel,", "return math.prod(shape),"),
    "He's variance by uniform numbers": (
        "rng.normal(scale=math.sqrt(2 / fan_in), size=shape)",
        "math.sqrt(6 / fan_in) * rng.uniform(-1, 1, size=shape)",
    ),
    "truncated at two standard deviations": (
        "    return rng.normal(scale=math.sqrt(2 / fan_in), size=shape)\n",
        (
            "    many = rng.normal(size=(8, *shape))\n"
            "    chosen = np.take_along_axis(many, (np.abs(many) < 2).argmax(axis=0)[None], axis=0)[0]\n"
            "    return chosen * math.sqrt(2 / fan_in) / 0.8796\n"
        ),
    ),
    "truncated at three standard deviations": (
        "    return rng.normal(scale=math.sqrt(2 / fan_in), size=shape)\n",
        (
            "    many = rng.normal(size=(8, *shape))\n"
            "    chosen = np.take_along_axis(many, (np.abs(many) < 3).argmax(axis=0)[None], axis=0)[0]\n"
            "    return chosen * math.sqrt(2 / fan_in)\n"
        ),
    ),
    "one kernel for all outputs": (
        "rng.normal(scale=math.sqrt(2 / fan_in), size=shape)",
        "np.repeat(rng.normal(scale=math.sqrt(2 / fan_in), size=shape[1:])[None], shape[0], axis=0)",
    ),
    "standardised after the draw": (
        "    return rng.normal(scale=math.sqrt(2 / fan_in), size=shape)\n",
        (
            "    drawn = rng.normal(size=shape)\n"
            "    return (drawn - drawn.mean()) / max(drawn.std(), 1e-9) * math.sqrt(2 / fan_in)\n"
        ),
    ),
    "flat weights": (
        "rng.uniform(-bound, bound, size=shape)",
        "rng.uniform(-bound, bound, size=(shape[0], math.prod(shape[1:])))",
    ),
    "a generator of its own": ("rng.uniform(-bound", "np.random.default_rng(0).uniform(-bound"),
    "the global generator": (
        "rng.normal(scale=math.sqrt(2 / fan_in), size",
        "np.random.normal(0, math.sqrt(2 / fan_in), size",
    ),
    "variance about the mean": (
        "        moments.append(np.mean(hidden**2))\n",
        "        moments.append(np.var(hidden))\n",
    ),
    "the input's variance about its mean": ("moments = [np.mean(hidden**2)]", "moments = [np.var(hidden)]"),
    "sums for means": (
        "        moments.append(np.mean(hidden**2))\n",
        "        moments.append(np.sum(hidden**2) / len(x))\n",
    ),
    "root mean square": (
        "        moments.append(np.mean(hidden**2))\n",
        "        moments.append(np.mean(hidden**2) ** 0.5)\n",
    ),
    "moments before the activation": (
        "        hidden = _ACTIVATIONS[activation](hidden @ weight.T)\n        moments.append(np.mean(hidden**2))\n",
        (
            "        z = hidden @ weight.T\n"
            "        moments.append(np.mean(z**2))\n"
            "        hidden = _ACTIVATIONS[activation](z)\n"
        ),
    ),
    "no activation behind the last layer": (
        "_ACTIVATIONS[activation](hidden @ weight.T)",
        '_ACTIVATIONS["linear" if weight is weights[-1] else activation](hidden @ weight.T)',
    ),
    "the input is activated too": ("hidden = x.astype(float)", "hidden = _ACTIVATIONS[activation](x.astype(float))"),
    "every layer sees the input": ("(hidden @ weight.T)", "(x @ weight.T)"),
    "weights not transposed": ("hidden @ weight.T", "hidden @ weight"),
    "without the input": ("moments = [np.mean(hidden**2)]", "moments = []"),
    "the last layer alone": ("return np.array(moments)\n\n\n_A", "return np.array(moments[-1:])\n\n\n_A"),
    "absolute value for ReLU": ('"relu": lambda z: np.maximum(z, 0)}', '"relu": np.abs}'),
    "leaky ReLU": ('"relu": lambda z: np.maximum(z, 0)}', '"relu": lambda z: np.maximum(z, 0.01 * z)}'),
    "logistic function for tanh": ('"tanh": np.tanh', '"tanh": lambda z: 1 / (1 + np.exp(-z))'),
}

STRICT_MISTAKES = {
    "a bias is taken for a layer": (
        "    if len(shape) < 2:\n        raise ValueError(f",
        "    if len(shape) < 2:\n        return sum(shape), sum(shape)\n        raise ValueError(f",
    ),
    "squares in the type of the pixels": ("x.astype(float)", "x.copy()"),
    "an unknown activation is linear": [
        ("    if activation not in _ACTIVATIONS:\n", "    if False:\n"),
        ("_ACTIVATIONS[activation](hidden @ weight.T)", "_ACTIVATIONS.get(activation, lambda z: z)(hidden @ weight.T)"),
    ],
}
