import cmath
import math

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# One unit and two steps, each with z at the logarithm of 2, where tanh is 3/5 and its slope 16/25: h_0 is 1/4, w_ih is
# 1/2, w_hh is 2 and b is 1.
LOG = math.log(2)
X = np.array([[[2 * (LOG - 1.5)]], [[2 * (LOG - 2.2)]]])
SMALL = X, np.array([[0.25]]), np.array([[0.5]]), np.array([[2.0]]), np.array([1.0])


@pytest.fixture
def layer(rng):
    """x, h0, w_ih, w_hh and b: five steps, four samples, three inputs and two units, so that no two sizes agree."""
    shapes = [(5, 4, 3), (4, 2), (2, 3), (2, 2), 2]
    return tuple(rng.normal(size=shape) for shape in shapes)


@pytest.fixture
def grad_output(rng):
    """Draw a direct part of dL/d h_t at every step."""
    return rng.normal(size=(5, 4, 2))


def run(x, h0, w_ih, w_hh, b):
    """Return h_1 to h_seq_len by the definition, unit by unit, as complex numbers."""
    output = []
    for x_t in x:
        before = output[-1] if output else h0
        h_t = np.empty(before.shape, complex)
        for n, unit in np.ndindex(h_t.shape):
            from_input = sum(w * value for w, value in zip(w_ih[unit], x_t[n], strict=True))
            from_state = sum(w * value for w, value in zip(w_hh[unit], before[n], strict=True))
            h_t[n, unit] = cmath.tanh(from_input + from_state + b[unit])
        output.append(h_t)
    return np.array(output)


def defined(*layer):
    """Return what the definition makes of real numbers."""
    return run(*layer).real


def slopes(loss, value):
    """Differentiate by a tiny imaginary step: the slope is what it leaves in the imaginary part, and nothing cancels.

    Differences of two real values are too coarse here: through several steps the loss bends too much.
    """
    gradient = np.empty(value.shape)
    for place in np.ndindex(value.shape):
        moved = value.astype(complex)
        moved[place] += 1e-30j
        gradient[place] = loss(moved).imag / 1e-30
    return gradient


def defined_gradients(grad_output, layer):
    """Return the gradients of the sum of grad_output * h for x, h0, w_ih, w_hh and b."""

    def gradient(place):
        def loss(value):
            return (grad_output * run(*layer[:place], value, *layer[place + 1 :])).sum()

        return slopes(loss, layer[place])

    return [gradient(place) for place in range(5)]


def defined_norms(grad_output, layer):
    """Return the norm of dL/d h_t for each t: the loss of the steps from t on, run again from a moved h_t."""
    x, h0, *rest = layer
    states, direct = [h0, *defined(*layer)], np.concatenate([0.0 * grad_output[:1], grad_output])
    norms = []
    for t, h_t in enumerate(states):

        def loss(state, t=t):
            later = run(x[t:], state, *rest) if t < len(x) else 0.0
            return (direct[t] * state).sum() + (direct[t + 1 :] * later).sum()

        norms.append(math.sqrt((slopes(loss, h_t) ** 2).sum()))
    return norms


def assert_gradients(actual, expected):
    """Compare from the simplest to the hardest; terms of the sums over steps and samples may cancel."""
    for name, place in [("grad_b", 4), ("grad_x", 0), ("grad_h0", 1), ("grad_w_ih", 2), ("grad_w_hh", 3)]:
        assert_close(getattr(actual, name), expected[place], atol=1e-10)


def test_one_step(kata, layer):
    """A step is the tanh of input by w_ih, state by w_hh and the bias, summed; the output begins with h_1."""
    x, *rest = SMALL
    assert_close(kata.rnn_forward(x[:1], *rest).output, [[[0.6]]])
    # Two units, of which the second looks at the first one's state.
    h0, w_ih, w_hh = np.array([[0.5, 0.0]]), np.zeros((2, 1)), np.array([[0.0, 0.0], [2 * LOG, 0.0]])
    assert_close(kata.rnn_forward(x[:1], h0, w_ih, w_hh, np.zeros(2)).output, [[[0.0, 0.6]]])
    # A large input that a large state cancels, and two that stand alone.
    x = np.array([[[LOG + 799.0]], [[1000.0]], [[-1000.0]]])
    output = kata.rnn_forward(x, np.array([[-400.0]]), np.array([[1.0]]), *SMALL[3:]).output
    assert_close(output, [[[0.6]], [[1.0]], [[-1.0]]])
    x, *rest = layer
    assert_close(kata.rnn_forward(x[:1], *rest).output, defined(x[:1], *rest))


def test_state_is_carried(kata, layer):
    """Each step goes on from the state of the step before, and each sample from its own."""
    assert_close(kata.rnn_forward(*SMALL).output, [[[0.6]], [[0.6]]])
    assert_close(kata.rnn_forward(*layer).output, defined(*layer))
    # Time is the first axis, also where there are as many samples as steps.
    x, *rest = layer
    assert_close(kata.rnn_forward(x[:4], *rest).output, defined(x[:4], *rest))


def test_gradients_of_one_step(kata, layer, grad_output):
    """In one step the gradient passes the slope of tanh and reaches x, h_0, the weights and the bias."""
    x, *rest = SMALL
    cache = kata.rnn_forward(x[:1], *rest).cache
    expected = [[[[0.64 * 0.5]]], [[0.64 * 2]], [[0.64 * x[0, 0, 0]]], [[0.64 * 0.25]], [0.64]]
    assert_gradients(kata.rnn_backward(np.array([[[1.0]]]), cache), expected)
    x, *rest = layer
    cache = kata.rnn_forward(x[:1], *rest).cache
    expected = defined_gradients(grad_output[:1], (x[:1], *rest))
    assert_gradients(kata.rnn_backward(grad_output[:1], cache), expected)


def test_gradients_of_the_last_state(kata, layer, grad_output):
    """The last state's gradient goes back through every step to h_0, and the weights sum up all steps and samples."""
    first, last = 0.64 * 2 * 0.64, 0.64
    cache = kata.rnn_forward(*SMALL).cache
    expected = [
        [[[first * 0.5]], [[last * 0.5]]],
        [[first * 2]],
        [[first * X[0, 0, 0] + last * X[1, 0, 0]]],
        [[first * 0.25 + last * 0.6]],
        [first + last],
    ]
    assert_gradients(kata.rnn_backward(np.array([[[0.0]], [[1.0]]]), cache), expected)
    only_last = grad_output * (np.arange(5) == 4)[:, None, None]
    cache = kata.rnn_forward(*layer).cache
    assert_gradients(kata.rnn_backward(only_last, cache), defined_gradients(only_last, layer))


def test_gradients_of_every_state(kata, layer, grad_output):
    """Where the loss looks at several states, each adds its direct part to what comes back from later steps."""
    last = 0.64
    first = 0.64 * (-3 + 2 * last)
    cache = kata.rnn_forward(*SMALL).cache
    expected = [
        [[[first * 0.5]], [[last * 0.5]]],
        [[first * 2]],
        [[first * X[0, 0, 0] + last * X[1, 0, 0]]],
        [[first * 0.25 + last * 0.6]],
        [first + last],
    ]
    # All gradients are in proportion to grad_output.
    for scale in (1.0, 2e3, 1e-6):
        gradients = kata.rnn_backward(scale * np.array([[[-3.0]], [[1.0]]]), cache)
        assert_gradients(gradients, [scale * np.array(gradient) for gradient in expected])
    # A loss that looks at the first state alone.
    expected = [[[[0.64 * 0.5]], [[0.0]]], [[0.64 * 2]], [[0.64 * X[0, 0, 0]]], [[0.64 * 0.25]], [0.64]]
    assert_gradients(kata.rnn_backward(np.array([[[1.0]], [[0.0]]]), cache), expected)
    cache = kata.rnn_forward(*layer).cache
    # The loss looks at every state, and at the third alone.
    for seen in (np.ones(5), np.arange(5) == 2):
        direct = grad_output * seen[:, None, None]
        assert_gradients(kata.rnn_backward(direct, cache), defined_gradients(direct, layer))
    # An argument that is all 0 has a gradient like any other.
    for place in range(5):
        with_zeros = *layer[:place], 0.0 * layer[place], *layer[place + 1 :]
        cache = kata.rnn_forward(*with_zeros).cache
        assert_gradients(kata.rnn_backward(grad_output, cache), defined_gradients(grad_output, with_zeros))


def test_norms(kata, layer, grad_output):
    """The norm at step t is that of dL/d h_t by all paths, over samples and units, from h_0 to the last state."""
    cache = kata.rnn_forward(*SMALL).cache
    assert_close(kata.hidden_gradient_norms(np.array([[[0.0]], [[-1.0]]]), cache), [1.28**2, 1.28, 1.0])
    assert_close(kata.hidden_gradient_norms(np.array([[[-3.0]], [[1.0]]]), cache), [1.28 * 1.72, 1.72, 1.0])
    assert_close(kata.hidden_gradient_norms(np.array([[[1.0]], [[0.0]]]), cache), [1.28, 1.0, 0.0])
    norms = kata.hidden_gradient_norms(np.array([[[-3e3]], [[1e3]]]), cache)
    assert_close(norms, [1280 * 1.72, 1720.0, 1000.0])
    # With w_hh = 0 nothing comes back.
    cache = kata.rnn_forward(*SMALL[:3], np.zeros((1, 1)), SMALL[4]).cache
    assert_close(kata.hidden_gradient_norms(np.array([[[-3.0]], [[1.0]]]), cache), [0.0, 3.0, 1.0])
    # Two samples at 0, where the slope is 1: 3 and 4 make 5.
    zeros = np.zeros((1, 2, 1)), np.zeros((2, 1)), np.array([[1.0]]), np.array([[2.0]]), np.zeros(1)
    cache = kata.rnn_forward(*zeros).cache
    assert_close(kata.hidden_gradient_norms(np.array([[[3.0], [4.0]]]), cache), [10.0, 5.0])
    cache = kata.rnn_forward(*layer).cache
    assert_close(kata.hidden_gradient_norms(grad_output, cache), defined_norms(grad_output, layer), atol=1e-10)


def test_vanishing_and_exploding(kata, rng):
    """At states of 0 each step back multiplies the gradient by w_hh, and small norms are as exact as large ones."""
    # By a matrix that maps the one unit to the other and that to nothing; then by a multiple of a rotation.
    rest = np.zeros((2, 1)), np.zeros(2)
    start = np.zeros((2, 1, 1)), np.zeros((1, 2))
    cache = kata.rnn_forward(*start, rest[0], np.array([[0.0, 4.0], [0.0, 0.0]]), rest[1]).cache
    assert_close(kata.hidden_gradient_norms(np.array([[[0.0, 0.0]], [[1.0, 0.0]]]), cache), [0.0, 4.0, 1.0])
    angle = rng.uniform(0.5, 1.0)
    rotation = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    grad_output = np.zeros((60, 1, 2))
    grad_output[-1] = [3.0, -4.0]
    for factor in (0.25, 2.0):
        cache = kata.rnn_forward(np.zeros((60, 1, 1)), start[1], rest[0], factor * rotation, rest[1]).cache
        expected = 5 * factor ** np.arange(60.0, -1.0, -1.0)
        assert_close(kata.hidden_gradient_norms(grad_output, cache), expected, atol=0.0)
        reached = np.linalg.norm(kata.rnn_backward(grad_output, cache).grad_h0)
        assert_close(reached, expected[0], atol=0.0, what="the norm of grad_h0")


def test_cache(kata, layer, grad_output):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    other = [2 * value for value in layer]
    caches = [kata.rnn_forward(*layer).cache, kata.rnn_forward(*other).cache]
    for values, cache in zip((layer, other), caches, strict=True):
        for direct in (grad_output, -2 * grad_output):
            assert_gradients(kata.rnn_backward(direct, cache), defined_gradients(direct, values))
            norms = kata.hidden_gradient_norms(direct, cache)
            assert_close(norms, defined_norms(direct, values), atol=1e-10)


def test_long_sequence(kata):
    """Each pass walks the sequence once: 3,000 steps take time in proportion."""
    # An input that holds the one unit at 3/5, from the first step on.
    x = np.full((3000, 1, 1), LOG - 0.5 * 0.6)
    layer = x, np.array([[0.6]]), np.array([[1.0]]), np.array([[0.5]]), np.array([0.0])
    output, cache = kata.rnn_forward(*layer)
    assert_close(output, np.full((3000, 1, 1), 0.6))
    grad_output = np.ones((3000, 1, 1))
    # Far from the end, dL/d h_t solves g = 1 + 0.64 * 0.5 * g.
    left = 0.32 ** np.arange(3000.0, 0.0, -1.0)
    steady = (1 - left) / 0.68
    assert_close(kata.hidden_gradient_norms(grad_output, cache), [0.32 * steady[0], *steady])
    assert_close(kata.rnn_backward(grad_output, cache).grad_b, [0.64 * steady.sum()])


@strict
def test_no_step(kata, layer):
    """A sequence without a step raises ValueError."""
    for x, *rest in (SMALL, layer):
        with pytest.raises(ValueError):
            kata.rnn_forward(x[:0], *rest)


@strict
def test_integers(kata):
    """Arrays of integers are not truncated, forward or backward."""
    x, grad_output = np.array([[[1, 0], [0, 1]], [[-1, 1], [2, 0]]]), np.array([[[1], [2]], [[-1], [3]]])
    layer = x, np.array([[0], [1]]), np.array([[1, -1]]), np.array([[1]]), np.array([1])
    output, cache = kata.rnn_forward(*layer)
    assert_close(output, defined(*layer))
    assert_gradients(kata.rnn_backward(grad_output, cache), defined_gradients(grad_output, layer))
    assert_close(kata.hidden_gradient_norms(grad_output, cache), defined_norms(grad_output, layer), atol=1e-10)


def workload(kata, rng, n):
    """Take a loss that looks at every state, and one that looks at the last alone, over n steps."""
    layer = tuple(rng.normal(size=shape) for shape in [(n, 3, 2), (3, 4), (4, 2), (4, 4), 4])
    output, cache = kata.rnn_forward(*layer)
    grad_output = rng.normal(size=output.shape)
    only_last = grad_output * (np.arange(n) == n - 1)[:, None, None]
    results = [(kata.rnn_backward(g, cache), kata.hidden_gradient_norms(g, cache)) for g in (grad_output, only_last)]
    return output, results


MISTAKES = {
    "bias forgotten": ("hidden[-1] @ w_hh.T + b))\n    hidden", "hidden[-1] @ w_hh.T))\n    hidden"),
    "w_hh the wrong way round": ("x_t @ w_ih.T + hidden[-1] @ w_hh.T", "x_t @ w_ih.T + hidden[-1] @ w_hh"),
    "every step starts from h_0": ("x_t @ w_ih.T + hidden[-1] @ w_hh.T", "x_t @ w_ih.T + h0 @ w_hh.T"),
    "h_0 taken for zeros": ("    hidden = [h0]\n", "    hidden = [0.0 * h0]\n"),
    "state carried before tanh": (
        "        hidden.append(np.tanh(x_t @ w_ih.T + hidden[-1] @ w_hh.T + b))\n    hidden = np.array(hidden)\n",
        (
            "        hidden.append(x_t @ w_ih.T + hidden[-1] @ w_hh.T + b)\n"
            "    hidden = np.array([h0, *np.tanh(hidden[1:])])\n"
        ),
    ),
    "h_0 first in the output": (
        "    hidden = np.array(hidden)\n    return Forward(hidden[1:]",
        "    hidden = np.array(hidden)\n    return Forward(hidden[:-1]",
    ),
    "the batch taken for the time": (
        "    for x_t in x:\n",
        "    for x_t in np.swapaxes(x, 0, 1) if x.shape[0] == x.shape[1] else x:\n",
    ),
    "one cache for all calls": [
        ("class Forward(NamedTuple):", "LATEST = []\n\n\nclass Forward(NamedTuple):"),
        (
            "    hidden = np.array(hidden)\n    return Forward(",
            "    hidden = np.array(hidden)\n    LATEST[:] = x, hidden, w_ih, w_hh\n    return Forward(",
        ),
        ("    x, hidden, w_ih, _ = cache", "    x, hidden, w_ih, _ = cache = LATEST"),
    ],
    "direct parts of the steps before the last forgotten": (
        "grads.append(at_t + (grads",
        "grads.append(0 * at_t + (grads",
    ),
    "nothing comes back through time": (
        "grads.append(at_t + (grads[-1] * (1 - h_next**2)) @ w_hh)",
        "grads.append(at_t + 0 * grads[-1])",
    ),
    "the way back ends at a gradient of 0": (
        "grads.append(at_t + (grads[-1] * (1 - h_next**2)) @ w_hh)",
        "grads.append(np.any(grads[-1]) * (at_t + (grads[-1] * (1 - h_next**2)) @ w_hh))",
    ),
    "gradients clipped on the way back": (
        "    grad_hidden = _through_time(grad_output, cache)\n    grad_z = grad_hidden[1:] *",
        "    grad_hidden = _through_time(grad_output, cache).clip(-1000, 1000)\n    grad_z = grad_hidden[1:] *",
    ),
    "slope of tanh missing in the way back": ("(grads[-1] * (1 - h_next**2)) @ w_hh", "grads[-1] @ w_hh"),
    "slope of tanh without the square": (
        "    grad_z = grad_hidden[1:] * (1 - hidden[1:] ** 2)\n    return Backward(\n",
        "    grad_z = grad_hidden[1:] * (1 - hidden[1:])\n    return Backward(\n",
    ),
    "slope of tanh at the step before": (
        "    grad_z = grad_hidden[1:] * (1 - hidden[1:] ** 2)\n    return Backward(\n",
        "    grad_z = grad_hidden[1:] * (1 - hidden[:-1] ** 2)\n    return Backward(\n",
    ),
    "slope of tanh at its output": ("(1 - h_next**2)", "(1 - np.tanh(h_next) ** 2)"),
    "w_hh the wrong way round on the way back": ("(1 - h_next**2)) @ w_hh)", "(1 - h_next**2)) @ w_hh.T)"),
    "gradient cut off after one step": (
        "    direct = [0.0, *grad_output[:-1]]\n",
        "    w_hh = w_hh if len(grad_output) < 3 else 0.0 * w_hh\n    direct = [0.0, *grad_output[:-1]]\n",
    ),
    "weights' gradients of the last step alone": (
        "    grad_z = grad_hidden[1:] * (1 - hidden[1:] ** 2)\n    return Backward(\n        grad_z @ w_ih,\n",
        (
            "    grad_z = grad_hidden[1:] * (1 - hidden[1:] ** 2)\n    grad_x = grad_z @ w_ih\n"
            "    grad_z[:-1] = 0\n    return Backward(\n        grad_x,\n"
        ),
    ),
    "new state for the old in grad_w_hh": (
        'np.einsum("tnh,tni->hi", grad_z, hidden[:-1])',
        'np.einsum("tnh,tni->hi", grad_z, hidden[1:])',
    ),
    "grad_b averaged over the samples": (
        "        grad_z.sum(axis=(0, 1)),\n",
        "        grad_z.sum(axis=0).mean(axis=0),\n",
    ),
    "grad_w_ih averaged over the steps": (
        'np.einsum("tnh,tni->hi", grad_z, x)',
        'np.einsum("tnh,tni->hi", grad_z, x) / len(x)',
    ),
    "the backward pass uses up its cache": (
        "        grad_z.sum(axis=(0, 1)),\n",
        "        np.multiply(grad_z, 1.0, out=hidden[1:]).sum(axis=(0, 1)),\n",
    ),
    "h_1's gradient for h_0's": ("        grad_hidden[0],\n", "        grad_hidden[1],\n"),
    "gradient for z in place of h_0's": ("        grad_hidden[0],\n", "        grad_z[0],\n"),
    "norms from the last step to the first": (
        "    return np.sqrt((_through_time(grad_output, cache) ** 2).sum(axis=(1, 2)))",
        "    return np.sqrt((_through_time(grad_output, cache) ** 2).sum(axis=(1, 2)))[::-1]",
    ),
    "norm of h_0 left out": (
        "    return np.sqrt((_through_time(grad_output, cache) ** 2).sum(axis=(1, 2)))",
        "    return np.sqrt((_through_time(grad_output, cache)[1:] ** 2).sum(axis=(1, 2)))",
    ),
    "mean of the samples' norms": (
        "    return np.sqrt((_through_time(grad_output, cache) ** 2).sum(axis=(1, 2)))",
        "    return np.sqrt((_through_time(grad_output, cache) ** 2).sum(axis=2)).mean(axis=1)",
    ),
    "norms of the direct parts": (
        "    return np.sqrt((_through_time(grad_output, cache) ** 2).sum(axis=(1, 2)))",
        "    return np.sqrt((np.concatenate([0 * grad_output[:1], grad_output]) ** 2).sum(axis=(1, 2)))",
    ),
    "each step walks back to the beginning": (
        "        grads.append(at_t + (grads[-1] * (1 - h_next**2)) @ w_hh)\n    return np.array(grads[::-1])",
        (
            "        grads.append(at_t)\n"
            "    for start in range(len(direct)):\n"
            "        back = [grad_output[-1], *direct[::-1]][start]\n"
            "        for t in range(start, len(direct)):\n"
            "            back = (back * (1 - hidden[len(direct) - t] ** 2)) @ w_hh\n"
            "            grads[t + 1] = grads[t + 1] + back\n"
            "    return np.array(grads[::-1])"
        ),
    ),
}

STRICT_MISTAKES = {
    "a sequence without a step passes": ("    if len(x) == 0:", "    if x is None:"),
    "states of integer type": ("    hidden = np.array(hidden)\n", "    hidden = np.array(hidden).astype(h0.dtype)\n"),
}
