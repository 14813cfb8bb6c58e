import math

import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict

PURE = True

# From one number to one, with one hidden unit: the layer is its nonlinearity.
ONE, ZERO = np.ones((1, 1)), np.zeros(1)
# Two hidden units, at 2 and 0 for the token 2.
SMALL = np.array([[1.0, -1.0]]), np.array([0.0, 2.0]), np.array([[1.0], [5.0]]), np.array([0.5])
# gelu and its slope at 2, and silu at log(3).
GELU_2, SLOPE_2 = 1.9544997361036416, 1.085231801078197
SILU_LOG_3 = 0.75 * math.log(3)


@pytest.fixture
def draw(rng):
    """Return a function that draws tokens and the arrays of a layer, by default none of their sizes alike."""

    def arrays(*leading, d_model=3, d_ff=5, gated=False):
        ffn = (d_model, d_ff), (d_ff,), (d_ff, d_model), (d_model,)
        shapes = ((d_model, d_ff), (d_model, d_ff), (d_ff, d_model)) if gated else ffn
        return [rng.normal(size=shape) for shape in ((*leading, d_model), *shapes)]

    return arrays


def gelu(z):
    return z * (1 + math.erf(z / math.sqrt(2))) / 2


def gelu_slope(z):
    return (1 + math.erf(z / math.sqrt(2))) / 2 + z * math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def silu(z):
    return z / (1 + math.exp(-z))


def silu_slope(z):
    return (1 + math.exp(-z) + z * math.exp(-z)) / (1 + math.exp(-z)) ** 2


def each(function, array):
    return np.array([function(float(z)) for z in array.ravel()]).reshape(array.shape)


def defined(x, w1, b1, w2, b2):
    """Return out of feed_forward, one hidden unit at a time."""
    out = np.zeros(x.shape) + b2
    for unit in range(len(b1)):
        hidden = each(gelu, (x * w1[:, unit]).sum(axis=-1) + b1[unit])
        out += hidden[..., np.newaxis] * w2[unit]
    return out


def defined_gated(x, w_gate, w_up, w_down):
    """Return out of swiglu, one hidden unit at a time."""
    out = np.zeros(x.shape)
    for unit in range(len(w_down)):
        gate, up = ((x * w[:, unit]).sum(axis=-1) for w in (w_gate, w_up))
        out += (each(silu, gate) * up)[..., np.newaxis] * w_down[unit]
    return out


def defined_gradients(grad_out, x, w1, b1, w2, b2):
    """Return the gradients of feed_forward, token by token, and within each unit by unit."""
    grads = [np.zeros(array.shape) for array in (x, w1, b1, w2, b2)]
    for place in np.ndindex(x.shape[:-1]):
        for unit in range(len(b1)):
            z = float(x[place] @ w1[:, unit] + b1[unit])
            back = grad_out[place] @ w2[unit] * gelu_slope(z)
            grads[0][place] += back * w1[:, unit]
            grads[1][:, unit] += back * x[place]
            grads[2][unit] += back
            grads[3][unit] += gelu(z) * grad_out[place]
        grads[4] += grad_out[place]
    return grads


def defined_gated_gradients(grad_out, x, w_gate, w_up, w_down):
    """Return the gradients of swiglu, token by token, and within each unit by unit."""
    grads = [np.zeros(array.shape) for array in (x, w_gate, w_up, w_down)]
    for place in np.ndindex(x.shape[:-1]):
        for unit in range(len(w_down)):
            gate, up = float(x[place] @ w_gate[:, unit]), x[place] @ w_up[:, unit]
            back = grad_out[place] @ w_down[unit]
            to_gate, to_up = back * up * silu_slope(gate), back * silu(gate)
            grads[0][place] += to_gate * w_gate[:, unit] + to_up * w_up[:, unit]
            grads[1][:, unit] += to_gate * x[place]
            grads[2][:, unit] += to_up * x[place]
            grads[3][unit] += silu(gate) * up * grad_out[place]
    return grads


def assert_all_close(actual, expected, rtol=1e-9, atol=1e-11):
    for have, want in zip(actual, expected, strict=True):
        assert_close(have, want, rtol, atol)


def test_feed_forward(kata, draw):
    """The output of feed_forward is gelu(x w1 + b1) w2 + b2."""
    assert_close(kata.feed_forward(np.array([[2.0]]), *SMALL).out, [[GELU_2 + 0.5]])
    for arrays in (draw(4), draw(1), draw(3, d_ff=1), draw(2, d_model=1, d_ff=7), draw(4, d_model=4, d_ff=4)):
        assert_close(kata.feed_forward(*arrays).out, defined(*arrays))


def test_exact_gelu(kata):
    """gelu(z) is z Phi(z) with the normal distribution function Phi, to nine digits. Its slope is too."""
    x = np.linspace(-4, 4, 33)[:, np.newaxis]
    step = kata.feed_forward(x, ONE, ZERO, ONE, ZERO)
    assert_close(step.out, each(gelu, x), atol=1e-11)
    slopes = kata.feed_forward_backward(np.ones((33, 1)), step.cache).grad_x
    assert_close(slopes, each(gelu_slope, x), atol=1e-11)


def test_swiglu(kata, draw):
    """The output of swiglu is (silu(x w_gate) * (x w_up)) w_down."""
    x = np.array([[math.log(3)]])
    assert_close(kata.swiglu(x, ONE, 2 * ONE, 5 * ONE).out, [[10 * math.log(3) * SILU_LOG_3]])
    for sizes in [{}, {"d_ff": 1}, {"d_model": 1, "d_ff": 7}, {"d_model": 4, "d_ff": 4}]:
        arrays = draw(4, **sizes, gated=True)
        assert_close(kata.swiglu(*arrays).out, defined_gated(*arrays))


def test_feed_forward_gradients(kata, draw, rng):
    """The gradients of feed_forward for x, w1, b1, w2 and b2 follow the chain rule."""
    step = kata.feed_forward(np.array([[2.0]]), *SMALL)
    grads = kata.feed_forward_backward(np.array([[2.0]]), step.cache)
    # The slope of gelu is 1/2 at 0.
    first = 2 * SLOPE_2
    assert_all_close(grads, ([[first - 5]], [[2 * first, 10]], [first, 5], [[2 * GELU_2], [0]], [2]))
    for arrays in (draw(4), draw(1), draw(3, d_ff=1), draw(2, d_model=1, d_ff=7), draw(4, d_model=4, d_ff=4)):
        grad_out = rng.normal(size=arrays[0].shape)
        grads = kata.feed_forward_backward(grad_out, kata.feed_forward(*arrays).cache)
        assert_all_close(grads, defined_gradients(grad_out, *arrays))
    for place, array in enumerate(arrays):

        def loss(value, place=place):
            return (grad_out * defined(*arrays[:place], value, *arrays[place + 1 :])).sum()

        assert_close(grads[place], numerical_gradient(loss, array), rtol=1e-5, atol=1e-6)


def test_swiglu_gradients(kata, draw, rng):
    """The gradients of swiglu for x, w_gate, w_up and w_down follow the chain rule."""
    x, w_gate = np.array([[1.0, 1.0]]), np.array([[2.0], [-2.0]])
    step = kata.swiglu(x, w_gate, np.ones((2, 1)), np.array([[3.0, 0.0]]))
    # The gate is 0, where silu is 0 and its slope 1/2.
    grads = kata.swiglu_backward(np.array([[2.0, 5.0]]), step.cache)
    assert_all_close(grads, ([[12, -12]], [[6], [6]], [[0], [0]], [[0, 0]]))
    for sizes in [{}, {"d_ff": 1}, {"d_model": 1, "d_ff": 7}, {"d_model": 4, "d_ff": 4}]:
        arrays = draw(4, **sizes, gated=True)
        grad_out = rng.normal(size=arrays[0].shape)
        grads = kata.swiglu_backward(grad_out, kata.swiglu(*arrays).cache)
        assert_all_close(grads, defined_gated_gradients(grad_out, *arrays))
    for place, array in enumerate(arrays):

        def loss(value, place=place):
            return (grad_out * defined_gated(*arrays[:place], value, *arrays[place + 1 :])).sum()

        assert_close(grads[place], numerical_gradient(loss, array), rtol=1e-5, atol=1e-6)


def test_leading_axes(kata, draw, rng):
    """There may be any number of leading axes, or none. Gradients of weights and biases are sums over all tokens."""
    step = kata.feed_forward(np.full((2, 3, 1), 2.0), *SMALL)
    assert_close(step.out, np.full((2, 3, 1), GELU_2 + 0.5))
    assert_close(kata.feed_forward_backward(np.ones((2, 3, 1)), step.cache).grad_b1, [6 * SLOPE_2, 15.0])
    for leading in [(), (2, 4), (3, 1, 2), (3, 3)]:
        arrays = draw(*leading)
        grad_out = rng.normal(size=arrays[0].shape)
        step = kata.feed_forward(*arrays)
        assert_close(step.out, defined(*arrays))
        assert_all_close(kata.feed_forward_backward(grad_out, step.cache), defined_gradients(grad_out, *arrays))
        arrays = draw(*leading, gated=True)
        step = kata.swiglu(*arrays)
        assert_close(step.out, defined_gated(*arrays))
        assert_all_close(kata.swiglu_backward(grad_out, step.cache), defined_gated_gradients(grad_out, *arrays))


def test_large_preactivations(kata):
    """At 1e4 and -1e4 nothing overflows: gelu and silu are z and 0 there, and their slopes 1 and 0."""
    x, ones = np.array([[1e4], [-1e4], [750.0], [-750.0]]), np.ones((4, 1))
    step = kata.feed_forward(x, ONE, ZERO, ONE, ZERO)
    assert_close(step.out, np.maximum(x, 0))
    grads = kata.feed_forward_backward(ones, step.cache)
    assert_all_close(grads, ([[1], [0], [1], [0]], [[10_750]], [2], [[10_750]], [4]))
    step = kata.swiglu(ones, 1e4 * ONE, 3 * ONE, ONE)
    assert_close(step.out, 3e4 * ones)
    assert_all_close(kata.swiglu_backward(ones, step.cache), (6e4 * ones, [[12]], [[4e4]], [[12e4]]))
    step = kata.swiglu(ones, -1e4 * ONE, 3 * ONE, ONE)
    assert_close(step.out, 0 * ones)
    assert_all_close(kata.swiglu_backward(ones, step.cache), (0 * ones, [[0]], [[0]], [[0]]))


def test_cache(kata, draw, rng):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    problems = [(draw(2), draw(2, gated=True)) for _ in range(2)]
    caches = [(kata.feed_forward(*plain).cache, kata.swiglu(*gated).cache) for plain, gated in problems]
    for _ in range(2):
        for (plain, gated), (first, second) in zip(problems, caches, strict=True):
            grad_out = rng.normal(size=(2, 3))
            assert_all_close(kata.feed_forward_backward(grad_out, first), defined_gradients(grad_out, *plain))
            assert_all_close(kata.swiglu_backward(grad_out, second), defined_gated_gradients(grad_out, *gated))


@strict
def test_far_below_zero(kata):
    """Far below 0, gelu and silu are small and right to nine digits, and so are their slopes."""
    x = np.array([[-5.0], [-10.0], [-20.0]])
    step = kata.feed_forward(x, ONE, ZERO, ONE, ZERO)
    assert_close(step.out, each(lambda z: z * math.erfc(-z / math.sqrt(2)) / 2, x), atol=0.0)
    x = np.array([[-20.0], [-40.0], [-300.0]])
    step = kata.swiglu(np.hstack([x, np.ones((3, 1))]), np.eye(2, 1), np.eye(2, 1, -1), np.eye(1, 2))
    # exp(z) is far below the last digit of 1: silu is z exp(z), and its slope (1 + z) exp(z).
    assert_close(step.out[:, :1], x * np.exp(x) / (1 + np.exp(x)), atol=0.0)
    grad_x = kata.swiglu_backward(np.tile([1.0, 0.0], (3, 1)), step.cache).grad_x
    assert_close(grad_x[1:, :1], ((1 + x) * np.exp(x))[1:], atol=0.0)


@strict
def test_integers(kata, rng):
    """Arrays may hold integers: nothing is truncated."""
    shapes = (4, 3), (3, 2), (2,), (2, 3), (3,)
    arrays = [rng.integers(-2, 3, size=shape) for shape in shapes]
    grad_out = rng.integers(-2, 3, size=(4, 3))
    step = kata.feed_forward(*arrays)
    assert_close(step.out, defined(*arrays))
    assert_all_close(kata.feed_forward_backward(grad_out, step.cache), defined_gradients(grad_out, *arrays))
    x, w_gate, _, w_down, _ = arrays
    step = kata.swiglu(x, w_gate, w_gate + 1, w_down)
    assert_close(step.out, defined_gated(x, w_gate, w_gate + 1, w_down))
    expected = defined_gated_gradients(grad_out, x, w_gate, w_gate + 1, w_down)
    assert_all_close(kata.swiglu_backward(grad_out, step.cache), expected)


def workload(kata, rng, n):
    """Both layers on two sequences, forward and backward, with tokens that are 0 or large."""
    x, grad_out = rng.normal(size=(2, 2, n, 4))
    x[0, ::3], x[1, ::5] = 0.0, 1e3 * x[1, ::5]
    w1, w_up = rng.normal(size=(2, 4, 6))
    b1, w2, b2 = rng.normal(size=6), rng.normal(size=(6, 4)), rng.normal(size=4)
    plain, gated = kata.feed_forward(x, w1, b1, w2, b2), kata.swiglu(x, w1, w_up, w2)
    backward = kata.feed_forward_backward(grad_out, plain.cache), kata.swiglu_backward(grad_out, gated.cache)
    return plain.out, gated.out, *backward


CDF = "np.vectorize(math.erfc)(-z / math.sqrt(2)) / 2\n\n\ndef _sigmoid"
TANH = "(1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))) / 2\n\n\ndef _sigmoid"
SLOPE = "slope = cdf + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)"
HIDDEN = "gate * _sigmoid(gate) * up @ w_down"
GATE = "grad_gate = grad_hidden * up * (sigmoid + opened * (1 - sigmoid))"
MISTAKES = {
    "the tanh approximation": (CDF, TANH),
    "the sigmoid approximation": (CDF, "1 / (1 + np.exp(-1.702 * z))\n\n\ndef _sigmoid"),
    "erf without the root of 2": (CDF, "np.vectorize(math.erfc)(-z) / 2\n\n\ndef _sigmoid"),
    "relu": (CDF, "(z > 0) * 1.0\n\n\ndef _sigmoid"),
    "the first bias forgotten": ("z = x @ w1 + b1\n    return", "z = x @ w1 + 0 * b1\n    return"),
    "the second bias forgotten": ("z * _normal_cdf(z) @ w2 + b2,", "z * _normal_cdf(z) @ w2 + 0 * b2,"),
    "the second bias inside": ("z * _normal_cdf(z) @ w2 + b2,", "(z * _normal_cdf(z) + b2.sum()) @ w2,"),
    "the slope of gelu without its second term": (SLOPE, "slope = cdf"),
    "the slope of gelu without z": (SLOPE, "slope = cdf + np.exp(-z * z / 2) / math.sqrt(2 * math.pi)"),
    "a density that does not integrate to 1": (SLOPE, "slope = cdf + z * np.exp(-z * z / 2) / 2"),
    "the slope of relu": (SLOPE, "slope = (z > 0) * 1.0"),
    "no slope at all": ("grad_z = grad_out @ w2.T * slope", "grad_z = grad_out @ w2.T * slope**0"),
    "grad_w2 before the gelu": ("_rows(z * cdf).T @ _rows(grad_out)", "_rows(z).T @ _rows(grad_out)"),
    "grad_w1 from the gradient behind the gelu": ("_rows(x).T @ _rows(grad_z)", "_rows(x).T @ _rows(grad_out @ w2.T)"),
    "means over the tokens": ("_rows(grad_z).sum(axis=0)", "_rows(grad_z).mean(axis=0)"),
    "a bias summed over the first axis only": (
        "_rows(grad_out).sum(axis=0),",
        "grad_out.sum(axis=0) if grad_out.ndim == 2 else grad_out[0].sum(axis=0),",
    ),
    "tokens in another order": ("_rows(x).T @ _rows(grad_z)", "_rows(np.moveaxis(x, 0, -2)).T @ _rows(grad_z)"),
    "silu on the wrong branch": (HIDDEN, "gate * _sigmoid(up) * up @ w_down"),
    "a plain sigmoid gate": (HIDDEN, "_sigmoid(gate) * up @ w_down"),
    "a gelu gate": (HIDDEN, "gate * _normal_cdf(gate) * up @ w_down"),
    "the sum of gate and value": (HIDDEN, "(gate * _sigmoid(gate) + up) @ w_down"),
    "silu of silu": (HIDDEN, "gate * _sigmoid(gate * _sigmoid(gate)) * up @ w_down"),
    "gate and up swapped": ("gate, up = x @ w_gate, x @ w_up", "up, gate = x @ w_gate, x @ w_up"),
    "the slope of the sigmoid for that of silu": (GATE, "grad_gate = grad_hidden * up * sigmoid * (1 - sigmoid)"),
    "the slope of silu without its second term": (GATE, "grad_gate = grad_hidden * up * sigmoid"),
    "the gate's gradient without the value": (
        GATE,
        "grad_gate = grad_hidden * (sigmoid + opened * (1 - sigmoid))",
    ),
    "the value's gradient without the gate": ("grad_up = grad_hidden * opened", "grad_up = grad_hidden * 1"),
    "the value's gradient with the gate before silu": (
        "grad_up = grad_hidden * opened",
        "grad_up = grad_hidden * gate",
    ),
    "x gets its gradient from the gate alone": ("grad_gate @ w_gate.T + grad_up @ w_up.T", "grad_gate @ w_gate.T"),
    "x gets its gradient from the value alone": ("grad_gate @ w_gate.T + grad_up @ w_up.T", "grad_up @ w_up.T"),
    "grad_w_down without the value": ("_rows(opened * up).T", "_rows(opened).T"),
    "grad_w_gate and grad_w_up swapped": (
        "        _rows(x).T @ _rows(grad_gate),\n        _rows(x).T @ _rows(grad_up),\n",
        "        _rows(x).T @ _rows(grad_up),\n        _rows(x).T @ _rows(grad_gate),\n",
    ),
    "an exponential that overflows": (
        "    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))",
        "    return np.exp(z) / (1 + np.exp(z))",
    ),
    "the tokens changed in place": (
        "gate, up = x @ w_gate, x @ w_up",
        "x += 1e-3\n    gate, up = x @ w_gate, x @ w_up",
    ),
}

STRICT_MISTAKES = {
    "1 + erf far below 0": (
        CDF,
        "(1 + np.vectorize(math.erf)(z / math.sqrt(2))) / 2\n\n\ndef _sigmoid",
    ),
    "a sigmoid from tanh": (
        "    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))",
        "    return (1 + np.tanh(z / 2)) / 2",
    ),
    "the output in the type of x": (
        "z * _normal_cdf(z) @ w2 + b2,",
        "(z * _normal_cdf(z) @ w2 + b2).astype(x.dtype),",
    ),
}
