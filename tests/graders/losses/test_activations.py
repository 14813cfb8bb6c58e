import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, numerical_gradient, strict

PURE = True

LOG_3 = math.log(3)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def bent(x):
    """Return what the tanh form of GELU takes the tanh of."""
    return math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)


FUNCTIONS = {
    "sigmoid": sigmoid,
    "tanh": lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x)),
    "relu": lambda x: x if x > 0 else 0.0,
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "gelu_tanh": lambda x: x * (1 + math.tanh(bent(x))) / 2,
    "silu": lambda x: x / (1 + math.exp(-x)),
}
# At 0, at +-log(3), where a sigmoid is 3/4 and 1/4 and a tanh 4/5 and -4/5, and at 2.
BY_HAND = {
    "sigmoid": ([0.0, LOG_3, -LOG_3], [0.5, 0.75, 0.25], [0.25, 3 / 16, 3 / 16]),
    "tanh": ([0.0, LOG_3, -LOG_3], [0.0, 0.8, -0.8], [1.0, 0.36, 0.36]),
    "relu": ([0.0, 3.0, -2.0], [0.0, 3.0, 0.0], [0.0, 1.0, 0.0]),
    "leaky_relu": ([0.0, 3.0, -2.0], [0.0, 3.0, -0.02], [0.01, 1.0, 0.01]),
    "gelu": (
        [0.0, 2.0, -2.0],
        [0.0, 1.9544997361036416, -0.0455002638963584],
        [0.5, 1.085231801078197, -0.08523180107819693],
    ),
    "gelu_tanh": (
        [0.0, 2.0, -2.0],
        [0.0, 1.954597694087775, -0.045402305912224996],
        [0.5, 1.0860992566236184, -0.08609925662361838],
    ),
    "silu": (
        [0.0, LOG_3, -LOG_3],
        [0.0, 0.75 * LOG_3, -0.25 * LOG_3],
        [0.5, 0.75 + LOG_3 * 3 / 16, 0.25 - LOG_3 * 3 / 16],
    ),
}
each_activation = pytest.mark.parametrize("name", FUNCTIONS)


def each(function, x):
    return np.array([function(float(value)) for value in x.ravel()]).reshape(x.shape)


def draw(rng, *shape):
    """Return values of either sign from 0.1 to 4 in size: finite differences do not cross a kink."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.1, 4.0, size=shape)


def slopes(kata, x, name, *parameters):
    """Return the slope at each element: the gradient of a sum."""
    return kata.activation_backward(np.ones(x.shape), kata.activation_forward(x, name, *parameters).cache)


@each_activation
def test_forward(kata, rng, name):
    """The output is f(x) for each element, for arrays of any shape."""
    x, out, _ = (np.array(row) for row in BY_HAND[name])
    assert_close(kata.activation_forward(x, name).out, out)
    for shape in ((6,), (1,), (3, 4), (2, 1, 3)):
        x = draw(rng, *shape)
        assert_close(kata.activation_forward(x, name).out, each(FUNCTIONS[name], x))
    grid = np.linspace(-20, 20, 161)
    # 1 + erf cancels far below 0, which is fine.
    assert_close(kata.activation_forward(grid, name).out, each(FUNCTIONS[name], grid), atol=1e-11)


@each_activation
def test_slope(kata, rng, name):
    """The slope is f'(x), at x = 0 too: there it is 0 for relu, and negative_slope for leaky_relu."""
    x, _, expected = (np.array(row) for row in BY_HAND[name])
    assert_close(slopes(kata, x, name), expected)
    x = np.append(draw(rng, 12), [0.7, -0.7, 4.2, -4.2, 5.5, -5.5, 9.0, -9.0, 0.03, -0.03, 1e-3, -1e-3])
    numerical = numerical_gradient(lambda at: each(FUNCTIONS[name], at).sum(), x)
    assert_close(slopes(kata, x, name), numerical, rtol=1e-6, atol=1e-8)


@each_activation
def test_backward(kata, rng, name):
    """Backward multiplies each element of grad_out by the slope at that element of x."""
    x, _, expected = (np.array(row) for row in BY_HAND[name])
    grad_out = np.array([2.0, -3.0, 5.0])
    assert_close(kata.activation_backward(grad_out, kata.activation_forward(x, name).cache), grad_out * expected)
    for shape in ((1,), (3, 4), (2, 1, 3)):
        x, grad_out = draw(rng, *shape), rng.normal(size=shape)

        def loss(at, grad_out=grad_out):
            return (grad_out * each(FUNCTIONS[name], at)).sum()

        grad = kata.activation_backward(grad_out, kata.activation_forward(x, name).cache)
        assert_close(grad, numerical_gradient(loss, x), rtol=1e-5, atol=1e-8)


def test_negative_slope(kata, rng):
    """Below and at 0, leaky_relu is negative_slope * x. The other activations do not depend on it."""
    x = np.array([-2.0, 0.0, 3.0])
    for slope in (0.25, 0.0, 1.0, 0.9):
        assert_close(kata.activation_forward(x, "leaky_relu", slope).out, [-2 * slope, 0.0, 3.0])
        assert_close(slopes(kata, x, "leaky_relu", slope), [slope, slope, 1.0])
    x = draw(rng, 3, 4)
    assert_close(kata.activation_forward(x, "leaky_relu", 0.3).out, np.where(x > 0, x, 0.3 * x))
    for name in FUNCTIONS.keys() - {"leaky_relu"}:
        assert_close(kata.activation_forward(x, name, 0.3).out, each(FUNCTIONS[name], x))
        assert_close(slopes(kata, x, name, 0.3), slopes(kata, x, name, 0.01))
    assert_close(slopes(kata, np.array([0.0, -2.0]), "relu", 0.3), [0.0, 0.0])


def test_two_gelus(kata):
    """The exact form, gelu, and the tanh form, gelu_tanh, are two functions: each is right to nine digits."""
    x = np.array([0.3, -0.3, 1.0, -1.0, 2.5, -2.5])
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    cdf = each(lambda z: (1 + math.erf(z / math.sqrt(2))) / 2, x)
    assert_close(kata.activation_forward(x, "gelu").out, x * cdf)
    assert_close(slopes(kata, x, "gelu"), cdf + x * density)
    tanh = each(lambda z: math.tanh(bent(z)), x)
    inner = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
    assert_close(kata.activation_forward(x, "gelu_tanh").out, x * (1 + tanh) / 2)
    assert_close(slopes(kata, x, "gelu_tanh"), (1 + tanh) / 2 + x * (1 - tanh**2) * inner / 2)


def test_large_values(kata):
    """At 800 and 1e4 nothing overflows or becomes NaN: f goes to its limit, and so does its slope."""
    x, ones = np.array([1e4, -1e4, 800.0, -800.0]), np.ones(4)
    above = np.array([1.0, 0.0, 1.0, 0.0])
    assert_close(kata.activation_forward(x, "sigmoid").out, above)
    assert_close(slopes(kata, x, "sigmoid"), 0 * ones)
    assert_close(kata.activation_forward(x, "tanh").out, np.sign(x))
    assert_close(slopes(kata, x, "tanh"), 0 * ones)
    for name in ("relu", "gelu", "gelu_tanh", "silu"):
        assert_close(kata.activation_forward(x, name).out, x * above)
        assert_close(slopes(kata, x, name), above)
    assert_close(kata.activation_forward(x, "leaky_relu", 0.5).out, [1e4, -5e3, 800.0, -400.0])
    assert_close(slopes(kata, x, "leaky_relu", 0.5), [1.0, 0.5, 1.0, 0.5])


def test_cache(kata, rng):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    inputs = [(name, draw(rng, 2, 3)) for name in FUNCTIONS for _ in range(2)]
    inputs += [("leaky_relu", inputs[0][1])]
    caches = [kata.activation_forward(x, name, 0.01).cache for name, x in inputs]
    kata.activation_forward(inputs[0][1], "leaky_relu", 0.5)
    for _ in range(2):
        for (name, x), cache in zip(inputs, caches, strict=True):
            numerical = numerical_gradient(lambda at, name=name: each(FUNCTIONS[name], at).sum(), x)
            for scale in (1.0, -2.0):
                grad = kata.activation_backward(np.full((2, 3), scale), cache)
                assert_close(grad, scale * numerical, rtol=1e-5, atol=1e-7)


def test_unknown_name(kata):
    """Another name than the seven raises ValueError."""
    for name in ("softplus", "elu", ""):
        with pytest.raises(ValueError):
            kata.activation_forward(np.array([1.0, -1.0]), name)


@strict
def test_far_below_zero(kata):
    """Far below 0, sigmoid, gelu and silu are small and right to nine digits."""
    x = np.array([-20.0, -40.0, -300.0])
    # exp(x) is far below the last digit of 1 from -37 on, and 1 + exp(x) is right before.
    assert_close(kata.activation_forward(x, "sigmoid").out, np.exp(x) / (1 + np.exp(x)), atol=0.0)
    assert_close(kata.activation_forward(x, "silu").out, x * np.exp(x) / (1 + np.exp(x)), atol=0.0)
    x = np.array([-5.0, -10.0, -20.0])
    assert_close(kata.activation_forward(x, "gelu").out, each(lambda z: z * math.erfc(-z / 2**0.5) / 2, x), atol=0.0)


@strict
@each_activation
def test_integers(kata, name):
    """The arrays may hold integers of any type: nothing is truncated, and nothing overflows."""
    for x, grad_out in [
        (np.array([[-3, 1], [2, -1]]), np.array([[2, -1], [3, 5]])),
        (np.array([[-3, 1], [7, -1]], dtype=np.int8), np.array([[2, -1], [3, 5]], dtype=np.int8)),
        (np.array([[3, 1], [9, 1]], dtype=np.uint8), np.array([[2, 1], [3, 250]], dtype=np.uint8)),
    ]:
        step = kata.activation_forward(x, name)
        assert_close(step.out, each(FUNCTIONS[name], x))
        weights = grad_out.astype(float)
        numerical = numerical_gradient(lambda at, w=weights: (w * each(FUNCTIONS[name], at)).sum(), x)
        assert_close(kata.activation_backward(grad_out, step.cache), numerical, rtol=1e-5, atol=1e-6)


def workload(kata, rng, n):
    """All activations on values near 0, at 0 and far from it."""
    x, grad_out = rng.normal(scale=2.0, size=(2, n, 4))
    x[::3], x[1::5] = x[::3].round(), 1e3 * x[1::5]
    found = []
    for name in FUNCTIONS:
        step = kata.activation_forward(x, name, 0.2)
        found += [step.out, kata.activation_backward(grad_out, step.cache)]
    return tuple(found)


def picture(kata, rng):
    del rng
    x = np.linspace(-4, 4, 161)
    names = ["sigmoid", "tanh", "relu", "gelu", "silu"]
    steps = {name: kata.activation_forward(x, name) for name in names}
    outs = [Line(x, step.out, name) for name, step in steps.items()]
    slope_lines = [
        Line(x, kata.activation_backward(np.ones(x.shape), step.cache), name) for name, step in steps.items()
    ]
    difference = kata.activation_forward(x, "gelu_tanh").out - kata.activation_forward(x, "gelu").out
    return [
        Panel(
            "Activations",
            "x",
            "f(x)",
            outs,
            note="GELU and SiLU have a minimum below 0: two inputs may have the same output.",
        ),
        Panel(
            "Slopes",
            "x",
            "slope of f",
            slope_lines,
            note="Only sigmoid and tanh have a slope of 0 on both sides. GELU and SiLU go beyond 1 and below 0.",
        ),
        Panel(
            "The tanh form of GELU",
            "x",
            "gelu_tanh - gelu",
            [Line(x, difference, "difference")],
            note="The approximation is right to three digits, not more.",
        ),
    ]


FLOATS = "    x = x.astype(float)  # small integers would overflow in -x and x**3\n"
SIGMOID = "    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))"
CDF = "np.vectorize(math.erfc)(-x / math.sqrt(2)) / 2"
GELU_SLOPE = "slope = _normal_cdf(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)"
SILU_SLOPE = "slope = _sigmoid(x) * (1 + x * _sigmoid(-x))"
TANH_SLOPE = "slope = (1 + tanh) / 2 + x * (1 - tanh**2) / 2 * _ROOT * (1 + 3 * 0.044715 * x**2)"
MISTAKES = {
    "the sigmoid's slope at the output": (
        "slope = _sigmoid(x) * _sigmoid(-x)",
        "slope = _sigmoid(_sigmoid(x)) * _sigmoid(-_sigmoid(x))",
    ),
    "the sigmoid's slope without 1 - f": ("slope = _sigmoid(x) * _sigmoid(-x)", "slope = _sigmoid(x)"),
    "tanh's slope without the square": ("slope = 1 - np.tanh(x) ** 2", "slope = 1 - np.tanh(x)"),
    "tanh's slope by x itself": ("slope = 1 - np.tanh(x) ** 2", "slope = 1 - x ** 2"),
    "relu of slope 1 at 0": ("slope = x > 0", "slope = x >= 0"),
    "relu of slope 1/2 at 0": ("slope = x > 0", "slope = np.heaviside(x, 0.5)"),
    "relu passes the gradient where that is positive": (
        "    return grad_out * slope",
        '    return np.maximum(grad_out, 0) if name == "relu" else grad_out * slope',
    ),
    "guided backpropagation": (
        "    return grad_out * slope",
        '    return np.maximum(grad_out, 0) * slope if name == "relu" else grad_out * slope',
    ),
    "leaky relu of slope 1 at 0": (
        "slope = np.where(x > 0, 1.0, negative_slope)",
        "slope = np.where(x >= 0, 1.0, negative_slope)",
    ),
    "leaky relu's slope at its default": (
        "slope = np.where(x > 0, 1.0, negative_slope)",
        "slope = np.where(x > 0, 1.0, 0.01)",
    ),
    "a negative slope of 0 taken for no slope given": (
        "out = np.where(x > 0, x, negative_slope * x)",
        "negative_slope = negative_slope or 0.01\n            out = np.where(x > 0, x, negative_slope * x)",
    ),
    "leaky relu rises on both sides": (
        "out = np.where(x > 0, x, negative_slope * x)",
        "out = np.where(x > 0, x, -negative_slope * x)",
    ),
    "the tanh form for the exact gelu": (
        CDF,
        "(1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2",
    ),
    "the exact form for the tanh form": (
        "out = x * (1 + np.tanh(_ROOT * (x + 0.044715 * x**3))) / 2",
        "out = x * _normal_cdf(x)",
    ),
    "erf without the root of 2": (CDF, "np.vectorize(math.erfc)(-x) / 2"),
    "gelu's slope without its second term": (GELU_SLOPE, "slope = _normal_cdf(x)"),
    "gelu's slope without x": (
        GELU_SLOPE,
        "slope = _normal_cdf(x) + np.exp(-x * x / 2) / math.sqrt(2 * math.pi)",
    ),
    "the slope of the exact gelu for the tanh form": (TANH_SLOPE, GELU_SLOPE),
    "the tanh form without the inner slope": (TANH_SLOPE, "slope = (1 + tanh) / 2 + x * (1 - tanh**2) / 2 * _ROOT"),
    "the cube differentiated without its 3": (
        TANH_SLOPE,
        "slope = (1 + tanh) / 2 + x * (1 - tanh**2) / 2 * _ROOT * (1 + 0.044715 * x**2)",
    ),
    "2 over pi without the root": ("_ROOT = math.sqrt(2 / math.pi)", "_ROOT = 2 / math.pi"),
    "0.0447 in the output": (
        "out = x * (1 + np.tanh(_ROOT * (x + 0.044715 * x**3))) / 2",
        "out = x * (1 + np.tanh(_ROOT * (x + 0.0447 * x**3))) / 2",
    ),
    "silu is a sigmoid": ("out = x * _sigmoid(x)", "out = _sigmoid(x)"),
    "the sigmoid's slope for silu": (SILU_SLOPE, "slope = _sigmoid(x) * _sigmoid(-x)"),
    "silu's slope without its second term": (SILU_SLOPE, "slope = _sigmoid(x)"),
    "an exponential that overflows above": (SIGMOID, "    return np.exp(x) / (1 + np.exp(x))"),
    "the incoming gradient forgotten": ("    return grad_out * slope", "    return grad_out**0 * slope"),
    "an unknown name is the identity": (
        "            raise ValueError(f",
        "            out = x\n        case None:\n            raise ValueError(f",
    ),
    "relu in place": [(FLOATS, ""), ("out = np.maximum(x, 0)", "out = np.maximum(x, 0, out=x)")],
}

STRICT_MISTAKES = {
    "a sigmoid from tanh": (SIGMOID, "    return (1 + np.tanh(x / 2)) / 2"),
    "logits clipped before the exponential": (SIGMOID, "    return 1 / (1 + np.exp(-np.clip(x, -100, 100)))"),
    "1 + erf far below 0": (CDF, "(1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2"),
    "small integers overflow": (FLOATS, ""),
    "the output in the type of x": [
        (FLOATS, "    given, x = x, x.astype(float)\n"),
        ("    return Forward(out, (x,", "    return Forward(out.astype(given.dtype), (x,"),
    ],
}
