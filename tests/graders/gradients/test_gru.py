import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

# The sigmoid of log 3 is 3/4, the tanh of log 2 is 3/5.
LOG2, LOG3 = math.log(2), math.log(3)
PURE = True
FORMS = pytest.mark.parametrize("reset_after", [True, False], ids=["behind", "in_front"])


def one_unit(s):
    """Return a layer of one unit and one step with r at 1/4 and z at 3/4, whose candidate is 3/5 if s is this."""
    w_ih, w_hh = np.array([[0.0], [0.0], [0.25]]), np.array([[0.0], [0.0], [4.0]])
    b_ih, b_hh = np.array([-LOG3 - 2, LOG3 + 1, LOG2 - s - 0.5]), np.array([2.0, -1.0, 2.0])
    return np.array([[[2.0]]]), np.array([[0.5]]), w_ih, w_hh, b_ih, b_hh


def two_units():
    """Return a layer whose gates r are 1/4 and 3/4 and whose gates z are 1/2, and whose W_hn swaps the units."""
    w_hh = np.zeros((6, 2))
    w_hh[4:] = [[0.0, 1.0], [1.0, 0.0]]
    b_hh = np.array([-LOG3, LOG3, 0.0, 0.0, 0.0, 2.0])
    return np.zeros((1, 1, 1)), np.array([[4.0, 1.0]]), np.zeros((6, 1)), w_hh, np.zeros(6), b_hh


@pytest.fixture
def layer(rng):
    """x, h0, w_ih, w_hh, b_ih and b_hh: five steps, four samples, three inputs and two units: no two sizes agree."""
    return tuple(rng.normal(size=shape) for shape in [(5, 4, 3), (4, 2), (6, 3), (6, 2), 6, 6])


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def defined(x, h0, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    """Return h_1 to h_seq_len by the definition, unit by unit."""
    size = h0.shape[1]

    def product(row, values):
        return sum(weight * value for weight, value in zip(row, values, strict=True))

    output = np.empty((len(x), *h0.shape))
    for t, n in np.ndindex(x.shape[:2]):
        h = output[t - 1, n] if t else h0[n]
        from_input = [product(w_ih[row], x[t, n]) + b_ih[row] for row in range(3 * size)]
        gates = [sigmoid(from_input[row] + product(w_hh[row], h) + b_hh[row]) for row in range(2 * size)]
        r, z = gates[:size], gates[size:]
        for unit in range(size):
            row = 2 * size + unit
            if reset_after:
                s = r[unit] * (product(w_hh[row], h) + b_hh[row])
            else:
                s = product(w_hh[row], [gate * value for gate, value in zip(r, h, strict=True)]) + b_hh[row]
            output[t, n, unit] = (1 - z[unit]) * math.tanh(from_input[row] + s) + z[unit] * h[unit]
    return output


def test_one_step(kata, layer):
    """A step makes r, z and the candidate, in this order, and mixes the candidate with the old state."""
    # The old state of 1/2 by W_hn of 4 and the bias of 2 make 4, of which r lets a quarter through.
    assert_close(kata.gru_forward(*one_unit(1.0)), [[[0.25 * 0.6 + 0.75 * 0.5]]])
    # An input of 1000 or -1000, which the candidate alone sees by the weight 1, makes it 1 or -1.
    for sign in (1, -1):
        _, h0, w_ih, *rest = one_unit(1.0)
        output = kata.gru_forward(np.array([[[sign * 1000.0]]]), h0, 4 * w_ih, *rest)
        assert_close(output, [[[0.25 * sign + 0.75 * 0.5]]])
    s = 0.25 * 1, 0.75 * 6
    assert_close(kata.gru_forward(*two_units()), [[[math.tanh(s[0]) / 2 + 2, math.tanh(s[1]) / 2 + 0.5]]])
    x, *rest = layer
    assert_close(kata.gru_forward(x[:1], *rest), defined(x[:1], *rest, reset_after=True))


def test_reset_in_front(kata, layer):
    """With reset_after=False the reset gate scales the old state before W_hn, and the bias is not scaled."""
    # A quarter of the old state of 1/2 by W_hn of 4 makes 1/2, and the bias 2.
    assert_close(kata.gru_forward(*one_unit(2.5), reset_after=False), [[[0.25 * 0.6 + 0.75 * 0.5]]])
    s = 0.75 * 1, 0.25 * 4 + 2
    expected = [[[math.tanh(s[0]) / 2 + 2, math.tanh(s[1]) / 2 + 0.5]]]
    assert_close(kata.gru_forward(*two_units(), reset_after=False), expected)
    x, *rest = layer
    assert_close(kata.gru_forward(x[:1], *rest, reset_after=False), defined(x[:1], *rest, reset_after=False))


@FORMS
def test_state_is_carried(kata, layer, reset_after):
    """Each step goes on from the state of the step before, and each sample from its own."""
    # At weights of 0 the candidate is 3/5 and z is 3/4: the distance to 3/5 shrinks by 3/4 a step.
    b = np.array([0.0, LOG3, LOG2])
    start = np.zeros((2, 1, 1)), np.array([[1.0]]), np.zeros((3, 1)), np.zeros((3, 1))
    output = kata.gru_forward(*start, b, np.zeros(3), reset_after=reset_after)
    assert_close(output, [[[0.6 + 0.3]], [[0.6 + 0.225]]])
    # A state of several hundred is not cut.
    x, _, *weights = start
    output = kata.gru_forward(x, np.array([[-799.4]]), *weights, b, np.zeros(3), reset_after=reset_after)
    assert_close(output, [[[0.6 - 600.0]], [[0.6 - 450.0]]])
    output = kata.gru_forward(*layer, reset_after=reset_after)
    assert_close(output, defined(*layer, reset_after=reset_after))


@FORMS
def test_start_at_zero(kata, layer, reset_after):
    """A first state of 0 is a state like any other, and a step that changes nothing is a step like any other."""
    x, h0, *weights = layer
    output = kata.gru_forward(x, np.zeros_like(h0), *weights, reset_after=reset_after)
    assert_close(output, defined(x, np.zeros_like(h0), *weights, reset_after=reset_after))
    # Without biases a state of 0 stays there until an input comes.
    late, still = x * (np.arange(5) >= 2)[:, None, None], np.zeros(6)
    output = kata.gru_forward(late, np.zeros_like(h0), *weights[:2], still, still, reset_after=reset_after)
    assert_close(output[:2], np.zeros((2, 4, 2)))
    assert_close(output, defined(late, np.zeros_like(h0), *weights[:2], still, still, reset_after=reset_after))


@FORMS
def test_time_is_the_first_axis(kata, layer, reset_after):
    """Time is the first axis, also where there are as many samples as steps."""
    x, *rest = layer
    output = kata.gru_forward(x[:4], *rest, reset_after=reset_after)
    assert_close(output, defined(x[:4], *rest, reset_after=reset_after))
    # A sample alone gives what it gives in the batch.
    h0, *weights = rest
    alone = kata.gru_forward(x[:4, 2:3], h0[2:3], *weights, reset_after=reset_after)
    assert_close(alone, defined(x[:4], *rest, reset_after=reset_after)[:, 2:3])


@FORMS
def test_update_gate(kata, layer, reset_after):
    """With z at 1 the state stays as it is, with z at 0 it is the candidate."""
    x, h0, w_ih, w_hh, b_ih, b_hh = layer
    for bias in (40.0, -40.0):
        b_z = b_ih.copy()
        b_z[2:4] = bias
        held = x / 10, h0, w_ih, w_hh, b_z, b_hh
        output = kata.gru_forward(*held, reset_after=reset_after)
        if bias > 0:
            assert_close(output, np.broadcast_to(h0, output.shape))
        assert_close(output, defined(*held, reset_after=reset_after))


@FORMS
def test_reset_gate(kata, layer, reset_after):
    """With r at 0 the old state does not reach the candidate, and its bias does so only in front of the matrix."""
    x, h0, w_ih, w_hh, b_ih, b_hh = layer
    b_r, by_state = b_ih.copy(), w_hh.copy()
    b_r[:2] = -100.0
    by_state[:4] = 0.0
    output = kata.gru_forward(x[:1] / 10, h0, w_ih, by_state, b_r, b_hh, reset_after=reset_after)
    drive = x[0] / 10 @ w_ih.T + b_ih
    z = 1 / (1 + np.exp(-drive[:, 2:4] - b_hh[2:4]))
    n = np.tanh(drive[:, 4:] + (0.0 if reset_after else b_hh[4:]))
    assert_close(output, [(1 - z) * n + z * h0])


def test_both_forms(kata, layer):
    """The two forms agree where W_hn is diagonal and its bias is 0, and differ elsewhere."""
    x, h0, w_ih, w_hh, b_ih, b_hh = layer
    diagonal, unbiased = w_hh.copy(), b_hh.copy()
    diagonal[[4, 5], [1, 0]] = 0.0
    unbiased[4:] = 0.0
    for weights in ((w_ih, diagonal, b_ih, unbiased), (w_ih, w_hh, b_ih, b_hh)):
        for reset_after in (True, False):
            output = kata.gru_forward(x, h0, *weights, reset_after=reset_after)
            assert_close(output, defined(x, h0, *weights, reset_after=reset_after))
    behind = kata.gru_forward(x, h0, w_ih, diagonal, b_ih, unbiased, reset_after=True)
    assert_close(kata.gru_forward(x, h0, w_ih, diagonal, b_ih, unbiased, reset_after=False), behind)


@FORMS
def test_cut_in_two(kata, layer, reset_after):
    """A sequence that is cut in two gives the same, if the second part starts at the last state of the first."""
    x, h0, *weights = layer
    whole = kata.gru_forward(*layer, reset_after=reset_after)
    first = kata.gru_forward(x[:2], h0, *weights, reset_after=reset_after)
    second = kata.gru_forward(x[2:], first[-1], *weights, reset_after=reset_after)
    assert_close(np.concatenate([first, second]), whole)


@strict
def test_no_step(kata, layer):
    """A sequence without a step raises ValueError."""
    for x, *rest in (one_unit(1.0), layer):
        with pytest.raises(ValueError):
            kata.gru_forward(x[:0], *rest)


@strict
@FORMS
def test_saturated_gates(kata, reset_after):
    """Gates whose argument is of size 1e4 are 0 or 1."""
    x, h0, w_ih, w_hh, b_ih, b_hh = one_unit(0.0)
    for sign in (1.0, -1.0):
        b_ih[:2] = sign * 1e4, -sign * 1e4
        s = 4 * 0.5 + 2 if sign > 0 else 2.0 * (not reset_after)
        expected = math.tanh(LOG2 + s) if sign > 0 else 0.5
        assert_close(kata.gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh, reset_after), [[[expected]]])


@strict
@FORMS
def test_integers(kata, reset_after):
    """Arrays of integers are not truncated."""
    x, h0, w_ih = (
        np.array([[[1, 0], [0, 1]], [[-1, 1], [2, 0]]]),
        np.array([[0], [1]]),
        np.array([[1, -1], [0, 1], [1, 1]]),
    )
    layer = x, h0, w_ih, np.array([[1], [0], [-1]]), np.array([0, 1, 1]), np.array([1, 0, -1])
    assert_close(kata.gru_forward(*layer, reset_after=reset_after), defined(*layer, reset_after=reset_after))


def workload(kata, rng, n):
    """Run n steps with the reset gate behind the matrix and in front of it."""
    layer = tuple(rng.normal(size=shape) for shape in [(n, 3, 2), (3, 4), (12, 2), (12, 4), 12, 12])
    return [kata.gru_forward(*layer), kata.gru_forward(*layer, reset_after=False)]


def picture(kata, rng):
    n_steps, size = 60, 32
    x = rng.normal(size=(n_steps, 1, size))
    starts = rng.normal(size=(2, 1, size))
    w_ih, w_hh = (rng.uniform(-1, 1, size=(3 * size, size)) / np.sqrt(size) for _ in range(2))
    lines = []
    for bias in (0, 1, 2, 4):
        b = np.zeros(3 * size)
        b[size : 2 * size] = bias
        one, other = (kata.gru_forward(x, start, w_ih, w_hh, b, np.zeros(3 * size)) for start in starts)
        gap = np.linalg.norm(one - other, axis=(1, 2)) / np.linalg.norm(starts[0] - starts[1])
        lines.append(Line(np.arange(1, n_steps + 1), gap, f"bias of z {bias}"))
    return [
        Panel(
            "How long the first state is remembered",
            "step",
            "relative distance",
            lines,
            note="Two runs on one input start at different states. A larger bias of z keeps the difference longer.",
            log="y",
        )
    ]


NEW = "(1 - z) * np.tanh(x_n + s) + z * state"
AFTER = "s = r * h_n if reset_after"
FRONT = "(r * state) @ w_hh[2 * size :].T + b_hh[2 * size :]"
MISTAKES = {
    "blocks in the order z, r, n": (
        "        r, z = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)",
        "        z, r = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)",
    ),
    "the update gate the other way round": (NEW, "z * np.tanh(x_n + s) + (1 - z) * state"),
    "always behind the matrix": (AFTER, "s = r * h_n if True"),
    "always in front of the matrix": (AFTER, "s = (r * state) @ w_hh[2 * size :].T + b_hh[2 * size :] if reset_after"),
    "in front of the matrix by default": (
        '    reset_after: bool = True,\n) -> np.ndarray:\n    """Return the',
        '    reset_after: bool = False,\n) -> np.ndarray:\n    """Return the',
    ),
    "the forms exchanged": (AFTER, "s = r * h_n if not reset_after"),
    "the bias of W_hn outside the reset gate": (
        AFTER,
        "s = r * (h_n - b_hh[2 * size :]) + b_hh[2 * size :] if reset_after",
    ),
    "the bias of W_hn inside the reset gate in front": (
        FRONT,
        "(r * state) @ w_hh[2 * size :].T + r * b_hh[2 * size :]",
    ),
    "the bias of W_hn forgotten in front": (FRONT, "(r * state) @ w_hh[2 * size :].T"),
    "the reset gate on the input as well": (NEW, "(1 - z) * np.tanh(r * x_n + s) + z * state"),
    "no reset gate": (AFTER, "s = h_n if reset_after"),
    "the reset state is mixed in": (NEW, "(1 - z) * np.tanh(x_n + s) + z * r * state"),
    "a sigmoid for the candidate": (NEW, "(1 - z) * _sigmoid(x_n + s) + z * state"),
    "tanh by exponentials that overflow": (
        NEW,
        "(1 - z) * (np.exp(2 * (x_n + s)) - 1) / (np.exp(2 * (x_n + s)) + 1) + z * state",
    ),
    "states clipped": (NEW, "((1 - z) * np.tanh(x_n + s) + z * state).clip(-100, 100)"),
    "no tanh": (NEW, "(1 - z) * (x_n + s) + z * state"),
    "the candidate is the state": (
        "        state = output[t] = (1 - z) * np.tanh(x_n + s) + z * state\n    return output\n\n\ndef _sigmoid",
        (
            "        output[t] = (1 - z) * np.tanh(x_n + s) + z * state\n"
            "        state = np.tanh(x_n + s)\n    return output\n\n\ndef _sigmoid"
        ),
    ),
    "every step starts from h_0": (
        "        state = output[t] = (1 - z) * np.tanh(x_n + s) + z * state\n    return output\n\n\ndef _sigmoid",
        "        output[t] = (1 - z) * np.tanh(x_n + s) + z * state\n    return output\n\n\ndef _sigmoid",
    ),
    "h_0 taken for zeros": (
        "    state, output = h0, np.empty((len(x), *h0.shape))",
        "    state, output = 0 * h0, np.empty((len(x), *h0.shape))",
    ),
    "biases of the state forgotten": ("state @ w_hh.T + b_hh, 3", "state @ w_hh.T, 3"),
    "biases of the input forgotten": ("x_t @ w_ih.T + b_ih, 3", "x_t @ w_ih.T, 3"),
    "W_hn the wrong way round": (FRONT, "(r * state) @ w_hh[2 * size :] + b_hh[2 * size :]"),
    "the gates of the update do not see the state": (
        "_sigmoid(x_z + h_z)\n        s = r",
        "_sigmoid(x_z)\n        s = r",
    ),
    "units interleaved": (
        "        x_r, x_z, x_n = np.split(x_t @ w_ih.T + b_ih, 3, axis=1)",
        "        x_r, x_z, x_n = np.moveaxis((x_t @ w_ih.T + b_ih).reshape(len(h0), -1, 3), 2, 0)",
    ),
    "the batch taken for the time": (
        "    for t, x_t in enumerate(x):\n",
        "    for t, x_t in enumerate(np.swapaxes(x, 0, 1) if x.shape[0] == x.shape[1] else x):\n",
    ),
}

STRICT_MISTAKES = {
    "a sequence without a step passes": ("    if len(x) == 0:", "    if x is None:"),
    "an exponential that overflows": (
        "    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))",
        "    return np.exp(z) / (1 + np.exp(z))",
    ),
    "states of integer type": (
        "    state, output = h0, np.empty((len(x), *h0.shape))",
        "    state, output = h0, np.empty((len(x), *h0.shape), dtype=h0.dtype)",
    ),
}
