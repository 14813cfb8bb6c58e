import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

# The sigmoid of log 3 is 3/4, the tanh of log 2 is 3/5.
LOG2, LOG3 = math.log(2), math.log(3)
PURE = True
NAMES = ("grad_b", "grad_x", "grad_h0", "grad_c0", "grad_w_ih", "grad_w_hh")


def fixed_gates(seq_len, c0=2.0):
    """Return a layer of one unit with i at 1/2, f at 3/4, g at 3/5 and o at 1/4, whatever the state."""
    b = np.array([0.0, LOG3, LOG2, -LOG3])
    return np.zeros((seq_len, 1, 1)), np.array([[0.5]]), np.array([[c0]]), np.zeros((4, 1)), np.zeros((4, 1)), b


@pytest.fixture
def layer(rng):
    """x, h0, c0, w_ih, w_hh and b: five steps, four samples, three inputs and two units, so that no two sizes agree."""
    shapes = [(5, 4, 3), (4, 2), (4, 2), (8, 3), (8, 2), 8]
    return tuple(rng.normal(size=shape) for shape in shapes)


@pytest.fixture
def grads(rng):
    """Draw a direct part of dL/dh_t for every step, and of dL/dc for the last cell."""
    return rng.normal(size=(5, 4, 2)), rng.normal(size=(4, 2))


def run(x, h0, c0, w_ih, w_hh, b):
    """Return h_1 to h_seq_len and the last cell by the definition, gate by gate, as complex numbers."""
    h, c, output = h0, c0, []
    size = h0.shape[1]
    blocks = [(w_ih[at : at + size].T, w_hh[at : at + size].T, b[at : at + size]) for at in range(0, 4 * size, size)]
    for x_t in x:
        i, f, g, o = (x_t @ by_input + h @ by_state + bias for by_input, by_state, bias in blocks)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        output.append(h)
    return np.array(output), c


def defined(*layer):
    """Return what the definition makes of real numbers."""
    output, c_n = run(*layer)
    return output.real, c_n.real


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


def defined_gradients(grads, layer):
    """Return the gradients of the sum of grad_output * h and grad_c_n * c_n for x, h0, c0, w_ih, w_hh and b."""

    def gradient(place):
        def loss(value):
            output, c_n = run(*layer[:place], value, *layer[place + 1 :])
            return (grads[0] * output).sum() + (grads[1] * c_n).sum()

        return slopes(loss, layer[place])

    names = ("grad_x", "grad_h0", "grad_c0", "grad_w_ih", "grad_w_hh", "grad_b")
    return {name: gradient(place) for place, name in enumerate(names)}


def assert_gradients(actual, expected):
    """Compare from the simplest to the hardest; terms of the sums over steps and samples may cancel."""
    for name in NAMES:
        assert_close(getattr(actual, name), expected[name], atol=1e-10)


def assert_forward(step, expected):
    assert_close(step.output, expected[0])
    assert_close(step.c_n, expected[1])


def test_one_step(kata, layer):
    """A step makes the gates of input, state and bias, in the order i, f, g, o, then the cell, then the state."""
    step = kata.lstm_forward(*fixed_gates(1))
    assert_forward(step, ([[[0.25 * math.tanh(1.8)]]], [[1.8]]))
    # Gates at z = 40 are 1, those at -40 are 0, and g at 1000 is 1.
    for sign, c_1 in ((1, 801.0), (-1, 0.0)):
        *start, _ = fixed_gates(1, c0=800.0)
        step = kata.lstm_forward(*start, np.array([sign * 40.0, sign * 40.0, 1000.0, 40.0]))
        assert_forward(step, ([[[float(sign > 0)]]], [[c_1]]))
    # Two units, of which the second looks at the first one's state: only its g is not 0.
    w_hh = np.zeros((8, 2))
    w_hh[5, 0] = 2 * LOG2
    start = np.zeros((1, 1, 1)), np.array([[0.5, 0.0]]), np.zeros((1, 2))
    assert_close(kata.lstm_forward(*start, np.zeros((8, 1)), w_hh, np.zeros(8)).c_n, [[0.0, 0.3]])
    x, *rest = layer
    assert_forward(kata.lstm_forward(x[:1], *rest), defined(x[:1], *rest))


def test_state_and_cell_are_carried(kata, layer):
    """Each step goes on from the state and the cell of the step before, and each sample from its own."""
    c_1 = 0.75 * 2 + 0.3
    c_2 = 0.75 * c_1 + 0.3
    expected = [[[0.25 * math.tanh(c_1)]], [[0.25 * math.tanh(c_2)]]], [[c_2]]
    assert_forward(kata.lstm_forward(*fixed_gates(2)), expected)
    assert_forward(kata.lstm_forward(*layer), defined(*layer))
    # Time is the first axis, also where there are as many samples as steps.
    x, *rest = layer
    assert_forward(kata.lstm_forward(x[:4], *rest), defined(x[:4], *rest))


def test_gradients_of_one_state(kata, layer, grads):
    """In one step the state's gradient reaches o, and through the cell i, f and g, each through its own slope."""
    through_cell, squashed = 16 * 0.25 * (1 - math.tanh(1.8) ** 2), math.tanh(1.8)
    by_gate = [through_cell * 0.6 / 4, through_cell * 2 * 3 / 16, through_cell * 0.5 * 0.64, 16 * squashed * 3 / 16]
    expected = {
        "grad_b": by_gate,
        "grad_x": [[[0.0]]],
        "grad_h0": [[0.0]],
        "grad_c0": [[through_cell * 0.75]],
        "grad_w_ih": np.zeros((4, 1)),
        "grad_w_hh": 0.5 * np.array(by_gate)[:, None],
    }
    cache = kata.lstm_forward(*fixed_gates(1)).cache
    assert_gradients(kata.lstm_backward(np.array([[[16.0]]]), np.array([[0.0]]), cache), expected)
    x, *rest = layer
    only_state = grads[0][:1], np.zeros((4, 2))
    cache = kata.lstm_forward(x[:1], *rest).cache
    assert_gradients(kata.lstm_backward(*only_state, cache), defined_gradients(only_state, (x[:1], *rest)))


def test_gradients_of_the_last_cell(kata, layer, grads):
    """The last cell's gradient goes back from cell to cell, each time multiplied by f, and reaches i, f and g."""
    cache = kata.lstm_forward(*fixed_gates(2)).cache
    gradients = kata.lstm_backward(np.zeros((2, 1, 1)), np.array([[16.0]]), cache)
    # 16 arrives at the second cell and 12 at the first; the old cells are 1.8 and 2.
    assert_close(gradients.grad_c0, [[9.0]])
    assert_close(gradients.grad_b, [28 * 0.6 / 4, (16 * 1.8 + 12 * 2) * 3 / 16, 28 * 0.5 * 0.64, 0.0])
    # The old cells are 600.3 and 800: 4000 arrives at the second and 3000 at the first.
    _, c_n, cache = kata.lstm_forward(*fixed_gates(2, c0=800.0))
    assert_close(c_n, [[0.75 * 600.3 + 0.3]])
    gradients = kata.lstm_backward(np.zeros((2, 1, 1)), np.array([[4000.0]]), cache)
    assert_close(gradients.grad_c0, [[2250.0]])
    assert_close(gradients.grad_b, [7e3 * 0.6 / 4, (4e3 * 600.3 + 3e3 * 800) * 3 / 16, 7e3 * 0.5 * 0.64, 0.0])
    for seq_len in (1, 5):
        x, *rest = layer
        only_cell = np.zeros((seq_len, 4, 2)), grads[1]
        cache = kata.lstm_forward(x[:seq_len], *rest).cache
        expected = defined_gradients(only_cell, (x[:seq_len], *rest))
        assert_gradients(kata.lstm_backward(*only_cell, cache), expected)


def test_gradients_of_the_last_state(kata, layer, grads):
    """The last state's gradient goes back through cells and earlier states, and the weights sum up all steps."""
    last = 16 * 0.25 * (1 - math.tanh(1.65) ** 2)
    cache = kata.lstm_forward(*fixed_gates(2)).cache
    gradients = kata.lstm_backward(np.array([[[0.0]], [[16.0]]]), np.array([[0.0]]), cache)
    assert_close(gradients.grad_c0, [[last * 0.5625]])
    assert_close(gradients.grad_b[:3], [1.75 * last * 0.15, last * (1.8 + 1.5) * 3 / 16, 1.75 * last * 0.32])
    only_last = grads[0] * (np.arange(5) == 4)[:, None, None], np.zeros((4, 2))
    cache = kata.lstm_forward(*layer).cache
    assert_gradients(kata.lstm_backward(*only_last, cache), defined_gradients(only_last, layer))


def test_gradients_of_everything(kata, layer, grads):
    """Where the loss looks at every state and at the last cell, all parts add up."""
    cache = kata.lstm_forward(*fixed_gates(2)).cache
    gradients = kata.lstm_backward(np.array([[[-3.0]], [[16.0]]]), np.array([[2.0]]), cache)
    second = 2 + 16 * 0.25 * (1 - math.tanh(1.65) ** 2)
    first = 0.75 * second - 3 * 0.25 * (1 - math.tanh(1.8) ** 2)
    assert_close(gradients.grad_c0, [[0.75 * first]])
    cache = kata.lstm_forward(*layer).cache
    assert_gradients(kata.lstm_backward(*grads, cache), defined_gradients(grads, layer))
    # Steps of which the loss sees nothing, at the end too; gradients of any size.
    seen = 4e3 * grads[0] * np.isin(np.arange(5), [0, 2])[:, None, None], np.zeros((4, 2))
    assert_gradients(kata.lstm_backward(*seen, cache), defined_gradients(seen, layer))


def test_cut_in_two(kata, layer, grads):
    """A sequence that is cut in two gives the same: state and cell go on to the second part, gradients come back."""
    x, h0, c0, *weights = layer
    whole = kata.lstm_forward(*layer)
    first = kata.lstm_forward(x[:2], h0, c0, *weights)
    second = kata.lstm_forward(x[2:], first.output[-1], first.c_n, *weights)
    assert_close(np.concatenate([first.output, second.output]), whole.output)
    assert_close(second.c_n, whole.c_n)
    expected = kata.lstm_backward(*grads, whole.cache)
    late = kata.lstm_backward(grads[0][2:], grads[1], second.cache)
    direct = grads[0][:2].copy()
    direct[-1] += late.grad_h0
    early = kata.lstm_backward(direct, late.grad_c0, first.cache)
    assert_close(np.concatenate([early.grad_x, late.grad_x]), expected.grad_x, atol=1e-10)
    for name in ("grad_h0", "grad_c0"):
        assert_close(getattr(early, name), getattr(expected, name), atol=1e-10)
    for name in ("grad_w_ih", "grad_w_hh", "grad_b"):
        assert_close(getattr(early, name) + getattr(late, name), getattr(expected, name), atol=1e-10)


def test_long_memory(kata):
    """Along the cell the gradient is multiplied by f at each step alone, and small ones are as exact as large ones."""
    for f in (0.999, 0.75, 0.25):
        x, h0, c0, w_ih, w_hh, b = fixed_gates(60, c0=0.0)
        b[1] = math.log(f / (1 - f))
        cache = kata.lstm_forward(x, h0, c0, w_ih, w_hh, b).cache
        gradients = kata.lstm_backward(np.zeros((60, 1, 1)), np.array([[-3.0]]), cache)
        assert_close(gradients.grad_c0, [[-3 * f**60]], atol=0.0)


def test_cache(kata, layer, grads):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    other = [1.5 * value for value in layer]
    caches = [kata.lstm_forward(*layer).cache, kata.lstm_forward(*other).cache]
    for values, cache in zip((layer, other), caches, strict=True):
        expected = defined_gradients(grads, values)
        for factor in (1, -2):
            gradients = kata.lstm_backward(*(factor * grad for grad in grads), cache)
            assert_gradients(gradients, {name: factor * gradient for name, gradient in expected.items()})


def test_long_sequence(kata):
    """Each pass walks the sequence once: 3,000 steps take time in proportion."""
    # A cell of 1.2 stays there: 3/4 of it and 0.3.
    step = kata.lstm_forward(*fixed_gates(3000, c0=1.2))
    assert_forward(step, (np.full((3000, 1, 1), 0.25 * math.tanh(1.2)), [[1.2]]))
    gradients = kata.lstm_backward(np.ones((3000, 1, 1)), np.zeros((1, 1)), step.cache)
    # Far from the end, dL/dc_t solves g = direct + 0.75 * g.
    direct = 0.25 * (1 - math.tanh(1.2) ** 2)
    by_cell = 4 * direct * (1 - 0.75 ** np.arange(3000.0, 0.0, -1.0))
    assert_close(gradients.grad_c0, [[0.75 * by_cell[0]]])
    assert_close(gradients.grad_b[0], 0.6 * 0.25 * by_cell.sum())


@strict
def test_integers(kata):
    """Arrays of integers are not truncated, forward or backward."""
    x, h0, c0 = np.array([[[1, 0], [0, 1]], [[-1, 1], [2, 0]]]), np.array([[0], [1]]), np.array([[2], [-1]])
    layer = (
        x,
        h0,
        c0,
        np.array([[1, -1], [0, 1], [1, 1], [-1, 2]]),
        np.array([[1], [0], [-1], [1]]),
        np.array([0, 1, 1, 0]),
    )
    grads = np.array([[[1], [2]], [[-1], [3]]]), np.array([[2], [1]])
    step = kata.lstm_forward(*layer)
    assert_forward(step, defined(*layer))
    assert_gradients(kata.lstm_backward(*grads, step.cache), defined_gradients(grads, layer))


@strict
def test_no_step(kata, layer):
    """A sequence without a step raises ValueError."""
    for x, *rest in (fixed_gates(1), layer):
        with pytest.raises(ValueError):
            kata.lstm_forward(x[:0], *rest)


@strict
def test_saturated_gates(kata):
    """Gates whose z is of size 1e4 are 0 or 1, forward and backward."""
    for sign, c_2 in ((1.0, 5.0), (-1.0, 0.0)):
        x, h0, c0, w_ih, w_hh, _ = fixed_gates(2, c0=3.0)
        b = np.array([sign * 1e4, sign * 1e4, 1e4, sign * 1e4])
        output, c_n, cache = kata.lstm_forward(x, h0, c0, w_ih, w_hh, b)
        assert_close(c_n, [[c_2]])
        assert_close(output[-1], [[math.tanh(c_2)]])
        gradients = kata.lstm_backward(np.zeros((2, 1, 1)), np.array([[1.0]]), cache)
        assert_close(gradients.grad_c0, [[float(sign > 0)]])
        assert_close(gradients.grad_b, np.zeros(4))


def workload(kata, rng, n):
    """Take a loss that looks at every state and the last cell, and one that looks at the last state alone."""
    layer = tuple(rng.normal(size=shape) for shape in [(n, 3, 2), (3, 4), (3, 4), (16, 2), (16, 4), 16])
    output, c_n, cache = kata.lstm_forward(*layer)
    grad_output, grad_c_n = rng.normal(size=output.shape), rng.normal(size=c_n.shape)
    only_last = grad_output * (np.arange(n) == n - 1)[:, None, None]
    losses = [(grad_output, grad_c_n), (only_last, np.zeros(c_n.shape))]
    return output, c_n, [kata.lstm_backward(*grads, cache) for grads in losses]


def picture(kata, rng):
    n_steps, size = 60, 32
    x, zeros = rng.normal(size=(n_steps, 1, size)), np.zeros((1, size))
    w_ih, w_hh = (rng.uniform(-1, 1, size=(4 * size, size)) / np.sqrt(size) for _ in range(2))
    grad_output = np.zeros((n_steps, 1, size))
    grad_output[-1] = rng.normal(size=(1, size))
    lines = []
    for forget_bias in (0, 1, 2, 4):
        b = np.zeros(4 * size)
        b[size : 2 * size] = forget_bias
        grad_x = kata.lstm_backward(grad_output, zeros, kata.lstm_forward(x, zeros, zeros, w_ih, w_hh, b).cache).grad_x
        norms = np.linalg.norm(grad_x, axis=(1, 2))
        lines.append(Line(np.arange(1, n_steps + 1), norms / norms[-1], f"forget bias {forget_bias}"))
    return [
        Panel(
            "Gradient of the last state by step",
            "step of the input, 60 is the last",
            "relative norm",
            lines,
            note="The gradient comes from the right. A larger forget bias keeps more of it.",
            log="y",
        )
    ]


STEP = "            grad_c * before * f * (1 - f),"
CELL = "grad_c = grad_c + grad_h * o * (1 - squashed**2)"
MISTAKES = {
    "gates in the order i, f, o, g": (
        "        z_i, z_f, z_g, z_o = np.split(x_t @ w_ih.T",
        "        z_i, z_f, z_o, z_g = np.split(x_t @ w_ih.T",
    ),
    "gates unit by unit": (
        "np.split(x_t @ w_ih.T + hidden[t] @ w_hh.T + b, 4, axis=1)",
        "np.moveaxis((x_t @ w_ih.T + hidden[t] @ w_hh.T + b).reshape(len(h0), -1, 4), 2, 0)",
    ),
    "bias forgotten": ("hidden[t] @ w_hh.T + b, 4", "hidden[t] @ w_hh.T, 4"),
    "g from a sigmoid": ("np.tanh(z_g), _sigmoid(z_o)", "_sigmoid(z_g), _sigmoid(z_o)"),
    "no tanh of the cell": (
        "        hidden[t + 1] = o * np.tanh(cells[t + 1])\n",
        "        hidden[t + 1] = o * cells[t + 1]\n",
    ),
    "the state from the old cell": (
        "        hidden[t + 1] = o * np.tanh(cells[t + 1])\n",
        "        hidden[t + 1] = o * np.tanh(cells[t])\n",
    ),
    "i and f exchanged in the cell": ("f * cells[t] + i * g", "i * cells[t] + f * g"),
    "input and forget gates add up to 1": (
        "f * cells[t] + i * g",
        "f * cells[t] + (1 - f) * g",
    ),
    "the cell clipped": ("f * cells[t] + i * g", "np.clip(f * cells[t] + i * g, -50, 50)"),
    "the sigmoid's argument clipped to 15": (
        "    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))",
        "    return 1 / (1 + np.exp(-np.clip(z, -15, 15)))",
    ),
    "every step starts from c_0": ("f * cells[t] + i * g", "f * c0 + i * g"),
    "every step starts from h_0": ("np.split(x_t @ w_ih.T + hidden[t] @", "np.split(x_t @ w_ih.T + h0 @"),
    "h_0 taken for zeros": (
        "    hidden[0], cells[0] = h0, c0\n    gates = np",
        "    hidden[0], cells[0] = 0, c0\n    gates = np",
    ),
    "c_0 taken for zeros": (
        "    hidden[0], cells[0] = h0, c0\n    gates = np",
        "    hidden[0], cells[0] = h0, 0\n    gates = np",
    ),
    "the last state for the last cell": (
        "    return Forward(hidden[1:], cells[-1], (x, hidden, cells, gates, w_ih, w_hh))",
        "    return Forward(hidden[1:], hidden[-1], (x, hidden, cells, gates, w_ih, w_hh))",
    ),
    "the batch taken for the time": (
        "    for t, x_t in enumerate(x):\n",
        "    for t, x_t in enumerate(np.swapaxes(x, 0, 1) if x.shape[0] == x.shape[1] else x):\n",
    ),
    "one cache for all calls": [
        ("class Forward(NamedTuple):", "LATEST = []\n\n\nclass Forward(NamedTuple):"),
        (
            "    return Forward(hidden[1:], cells[-1], (x, hidden, cells, gates, w_ih, w_hh))",
            ("    LATEST[:] = x, hidden, cells, gates, w_ih, w_hh\n    return Forward(hidden[1:], cells[-1], LATEST)"),
        ),
        (
            "    x, hidden, cells, gates, w_ih, w_hh = cache\n    grad_h, grad_c = np",
            "    x, hidden, cells, gates, w_ih, w_hh = LATEST\n    grad_h, grad_c = np",
        ),
    ],
    "nothing comes back along the cell": ("        grad_c = grad_c * f\n", "        grad_c = 0 * grad_c\n"),
    "the cell's way back without f": ("        grad_c = grad_c * f\n", "        grad_c = 1 * grad_c\n"),
    "the way back along the cell by i": ("        grad_c = grad_c * f\n", "        grad_c = grad_c * i\n"),
    "nothing comes back through the gates": (
        "        grad_h = grad_z[-1] @ w_hh\n",
        "        grad_h = 0 * grad_z[-1] @ w_hh\n",
    ),
    "what comes back through the cell is lost at each state": (CELL, "grad_c = grad_h * o * (1 - squashed**2)"),
    "the state's gradient does not reach the cell": (CELL, "grad_c = grad_c + 0 * grad_h"),
    "no output gate on the way to the cell": (CELL, "grad_c = grad_c + grad_h * (1 - squashed**2)"),
    "slope of tanh at its input": (CELL, "grad_c = grad_c + grad_h * o * (1 - after**2)"),
    "slope of tanh missing at the cell": (CELL, "grad_c = grad_c + grad_h * o"),
    "the last cell's gradient ignored": (
        "    grad_h, grad_c = np.zeros(grad_c_n.shape), grad_c_n\n",
        "    grad_h, grad_c = np.zeros(grad_c_n.shape), 0 * grad_c_n\n",
    ),
    "the last cell's gradient at every step": (
        CELL,
        "grad_c = (grad_c if len(grad_z) == 0 else grad_c + grad_c_n) + grad_h * o * (1 - squashed**2)",
    ),
    "direct parts of the steps before the last forgotten": (
        "        grad_h = grad_h + direct\n",
        "        grad_h = grad_h + direct * (len(grad_z) == 0)\n",
    ),
    "the new cell for the old in f's gradient": (STEP, "            grad_c * after * f * (1 - f),"),
    "f's gradient without its slope": (STEP, "            grad_c * before,"),
    "slope of a sigmoid for g": ("            grad_c * i * (1 - g**2),", "            grad_c * i * g * (1 - g),"),
    "slope of tanh for i": (
        "            grad_c * g * i * (1 - i),",
        "            grad_c * g * (1 - i**2),",
    ),
    "o's gradient from the cell before its tanh": (
        "            grad_h * squashed * o * (1 - o),",
        "            grad_h * after * o * (1 - o),",
    ),
    "o's gradient from the cell's gradient": (
        "            grad_h * squashed * o * (1 - o),",
        "            grad_c * squashed * o * (1 - o),",
    ),
    "new state for the old in grad_w_hh": (
        '        np.einsum("tnz,tnh->zh", grad_z, hidden[:-1]),\n        grad_z.sum(axis=(0, 1)),',
        '        np.einsum("tnz,tnh->zh", grad_z, hidden[1:]),\n        grad_z.sum(axis=(0, 1)),',
    ),
    "grad_b averaged over the samples": (
        "        grad_z.sum(axis=(0, 1)),\n",
        "        grad_z.sum(axis=0).mean(axis=0),\n",
    ),
    "grad_w_ih of the last step alone": (
        '        np.einsum("tnz,tni->zi", grad_z, x),\n',
        '        np.einsum("tnz,tni->zi", grad_z[-1:], x[-1:]),\n',
    ),
    "the last step's gradients first": (
        "    grad_z = np.array(grad_z[::-1])\n",
        "    grad_z = np.array(grad_z)\n",
    ),
    "the gradient for c_1 instead of c_0": (
        "        grad_c = grad_c * f\n",
        "        grad_c = grad_c * f if len(grad_z) < len(x) else grad_c\n",
    ),
    "the backward pass uses up its cache": (
        "        grad_c = grad_c * f\n",
        "        grad_c = grad_c * f\n        f *= 0\n",
    ),
    "small gradients cut off": (
        "        grad_c = grad_c * f\n",
        "        grad_c = np.where(np.abs(grad_c * f) < 1e-12, 0, grad_c * f)\n",
    ),
    "each step walks back to the beginning": (
        "    x, hidden, cells, gates, w_ih, w_hh = cache\n    grad_h, grad_c = np",
        (
            "    if np.count_nonzero(grad_output.any(axis=(1, 2))) > 1:\n"
            "        steps = np.arange(len(grad_output))\n"
            "        alone = [(grad_output * (steps == t)[:, None, None], grad_c_n * (t == 0)) for t in steps]\n"
            "        parts = [lstm_backward(*grads, cache) for grads in alone]\n"
            "        return Backward(*(sum(part) for part in zip(*parts)))\n"
            "    x, hidden, cells, gates, w_ih, w_hh = cache\n    grad_h, grad_c = np"
        ),
    ),
}

STRICT_MISTAKES = {
    "cells of integer type": (
        "    hidden[0], cells[0] = h0, c0\n    gates = np",
        "    cells = cells.astype(c0.dtype)\n    hidden[0], cells[0] = h0, c0\n    gates = np",
    ),
    "a sequence without a step passes": ("    if len(x) == 0:", "    if x is None:"),
    "an exponential that overflows": (
        "    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))",
        "    return np.exp(z) / (1 + np.exp(z))",
    ),
}
