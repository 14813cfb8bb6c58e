import cmath
import math

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

LOG2 = math.log(2)
# Each operation on the inputs 3, -2 and 0: what the output is, and its slope in each input.
ONE_OPERATION = {
    "add": (("add", (0, 1)), 1.0, [1.0, 1.0, 0.0]),
    "mul": (("mul", (0, 1)), -6.0, [-2.0, 3.0, 0.0]),
    "mul by zero": (("mul", (2, 1)), 0.0, [0.0, 0.0, -2.0]),
    "power": (("power", (1, 3)), -8.0, [0.0, 12.0, 0.0]),
    "power of 1": (("power", (2, 1)), 0.0, [0.0, 0.0, 1.0]),
    "negative power": (("power", (1, -1)), -0.5, [0.0, -0.25, 0.0]),
    "exp": (("exp", (1,)), math.exp(-2), [0.0, math.exp(-2), 0.0]),
    "tanh": (("tanh", (1,)), math.tanh(-2), [0.0, 1 / math.cosh(2) ** 2, 0.0]),
    "relu": (("relu", (0,)), 3.0, [1.0, 0.0, 0.0]),
    "relu below 0": (("relu", (1,)), 0.0, [0.0, 0.0, 0.0]),
    "relu at 0": (("relu", (2,)), 0.0, [0.0, 0.0, 0.0]),
}
INPUTS = np.array([3.0, -2.0, 0.0])


def result(operation, operands, v):
    """Return what an operation makes of real or complex values."""
    x = v[operands[0]]
    if operation == "power":
        return x ** operands[1]
    if operation == "relu":
        return x if x.real > 0 else 0.0 * x
    if operation in ("exp", "tanh"):
        return getattr(cmath, operation)(x)
    return x + v[operands[1]] if operation == "add" else x * v[operands[1]]


def defined(tape, inputs):
    """Return all values by the definition."""
    values = [complex(value) for value in inputs]
    for operation, operands in tape:
        values.append(result(operation, operands, values))
    return np.array(values)


def slopes(tape, inputs):
    """Move one value after the other by a tiny imaginary step, and compute what comes later again.

    The slope is what the step leaves in the imaginary part, and nothing cancels.
    """
    values, grads = defined(tape, inputs), []
    for moved in range(len(values)):
        again = values.copy()
        again[moved] += 1e-30j
        for number in range(max(moved + 1, len(inputs)), len(values)):
            again[number] = result(*tape[number - len(inputs)], again)
        grads.append(again[-1].imag / 1e-30)
    return np.array(grads)


def draw(rng, n_inputs, length):
    """Draw inputs, and a tape on which no value is larger than 4 and none is near a kink or a pole."""
    inputs = rng.uniform(0.5, 2.0, size=n_inputs) * rng.choice([-1.0, 1.0], size=n_inputs)
    values, tape = [complex(value) for value in inputs], []
    while len(tape) < length:
        operation = str(rng.choice(["add", "add", "mul", "mul", "power", "exp", "tanh", "relu"]))
        # Mostly late values, so that the tape is deep; early ones are used again now and then.
        back = np.minimum(rng.geometric(0.2, size=2), len(values))
        operands = tuple(len(values) - int(steps) for steps in back)
        if operation == "power":
            operands = operands[0], int(rng.choice([-2, -1, 2, 3]))
        elif operation not in ("add", "mul"):
            operands = operands[:1]
        if operation in ("power", "relu") and abs(values[operands[0]]) < 0.3:
            continue
        new = result(operation, operands, values)
        if abs(new) < 4:
            values.append(new)
            tape.append((operation, operands))
    return tape, inputs


def assert_gradients(actual, expected):
    """Compare; terms of a sum may cancel, so the largest derivative sets the scale."""
    assert_close(actual, expected, atol=1e-12 * max(1.0, float(np.abs(expected).max())))


def both(kata, tape, inputs):
    values = kata.forward(tape, np.array(inputs))
    return values, kata.backward(tape, values)


@pytest.mark.parametrize("case", ONE_OPERATION)
def test_one_operation(kata, case):
    """Each operation gives its value and its slope in each operand, and an input that is not used has slope 0."""
    entry, value, grads = ONE_OPERATION[case]
    values, actual = both(kata, [entry], INPUTS)
    assert_close(values, [*INPUTS, value])
    assert_close(actual, [*grads, 1.0])


def test_chain(kata):
    """The slopes of a chain multiply, and each is taken at the value that the operation saw."""
    # A neuron: the tanh of 2 * (log 2 / 4) + -1 * (-log 2 / 2), and its cube.
    tape = [("mul", (0, 1)), ("mul", (2, 3)), ("add", (4, 5)), ("tanh", (6,)), ("power", (7, 3))]
    inputs = [2.0, LOG2 / 4, -1.0, -LOG2 / 2]
    values, grads = both(kata, tape, inputs)
    assert_close(values, [*inputs, LOG2 / 2, LOG2 / 2, LOG2, 0.6, 0.216])
    z = 3 * 0.36 * 0.64
    expected = [z * LOG2 / 4, z * 2, -z * LOG2 / 2, -z, z, z, z, 3 * 0.36, 1.0]
    assert_close(grads, expected)
    # Slopes of exp and of a negative power: of exp(x) ** -2 at log 2, where exp(x) is 2.
    values, grads = both(kata, [("exp", (0,)), ("power", (1, -2))], [LOG2])
    assert_close(values, [LOG2, 2.0, 0.25])
    assert_close(grads, [-0.5, -0.25, 1.0])
    # Values of several hundred: the relu of 20 * 30, squared; exp(6).
    values, grads = both(kata, [("mul", (0, 1)), ("relu", (2,)), ("power", (3, 2))], [20.0, 30.0])
    assert_close(values, [20.0, 30.0, 600.0, 600.0, 36e4])
    assert_close(grads, [36e3, 24e3, 1200.0, 1200.0, 1.0])
    values, grads = both(kata, [("exp", (0,))], [6.0])
    assert_close([values[1], grads[0]], [math.exp(6.0)] * 2)
    # A tanh that is saturated.
    assert_close(kata.forward([("tanh", (0,)), ("tanh", (1,))], np.array([400.0, -400.0])), [400.0, -400.0, 1.0, -1.0])
    assert_close(both(kata, [("tanh", (0,))], [20.0])[1], [0.0, 1.0])
    # Ten factors of 1/100: small derivatives are as exact as large ones.
    _, grads = both(kata, [("mul", (k + 1 if k else 0, 1)) for k in range(10)], [3.0, 0.01])
    assert_close(grads[:2], [1e-20, 10 * 3e-18], atol=0.0)


def test_value_used_twice(kata):
    """The derivatives of a value that is used more than once add up."""
    for entry, value, slope in [(("add", (0, 0)), 6.0, 2.0), (("mul", (0, 0)), 9.0, 6.0)]:
        values, grads = both(kata, [entry], [3.0])
        assert_close(values, [3.0, value])
        assert_close(grads, [slope, 1.0])
    # x * x + x at 3, then times x: the input has three users, and the product two.
    values, grads = both(kata, [("mul", (0, 0)), ("add", (1, 0)), ("mul", (2, 0)), ("add", (3, 1))], [3.0])
    assert_close(values, [3.0, 9.0, 12.0, 36.0, 45.0])
    assert_close(grads, [12 + 21 + 6, 4.0, 3.0, 1.0, 1.0])
    # One branch is a user of the other: the derivative of exp(x) is complete only after both.
    values, grads = both(kata, [("exp", (0,)), ("mul", (1, 1)), ("add", (1, 2))], [LOG2])
    assert_close(values, [LOG2, 2.0, 4.0, 6.0])
    assert_close(grads, [10.0, 5.0, 1.0, 1.0])


def test_unused_values(kata):
    """The output is the last value: what it does not depend on gets 0, even at the end of a branch of its own."""
    tape = [("mul", (0, 1)), ("exp", (1,)), ("mul", (4, 1)), ("add", (3, 0))]
    values, grads = both(kata, tape, [2.0, 0.5, 7.0])
    assert_close(values, [2.0, 0.5, 7.0, 1.0, math.exp(0.5), math.exp(0.5) / 2, 3.0])
    assert_close(grads, [1.5, 2.0, 0.0, 1.0, 0.0, 0.0, 1.0])
    # A relu that is off leaves no derivative on its side.
    values, grads = both(kata, [("mul", (0, 1)), ("relu", (2,)), ("add", (3, 1))], [2.0, -3.0])
    assert_close(values, [2.0, -3.0, -6.0, 0.0, -3.0])
    assert_close(grads, [0.0, 1.0, 0.0, 1.0, 1.0])


def test_exponent_is_a_constant(kata):
    """The second operand of a power is the exponent itself: it takes no part as a value."""
    tape = [("power", (0, 2)), ("add", (3, 1)), ("mul", (4, 2))]
    values, grads = both(kata, tape, [3.0, 5.0, 0.5])
    assert_close(values, [3.0, 5.0, 0.5, 9.0, 14.0, 7.0])
    assert_close(grads, [3.0, 0.5, 14.0, 0.5, 0.5, 1.0])


def test_random_tapes(kata, rng):
    """All derivatives agree with those by a small step of each value."""
    for n_inputs, length in [(1, 6), (3, 12), (5, 25), (2, 25), (4, 25)]:
        tape, inputs = draw(rng, n_inputs, length)
        values, grads = both(kata, tape, inputs)
        assert_close(values, defined(tape, inputs).real)
        assert_gradients(grads, slopes(tape, inputs))


def test_values_of_another_call(kata, rng):
    """The backward pass belongs to the values that it gets, also after another forward pass."""
    tape, inputs = draw(rng, 3, 12)
    other = [("mul", (0, 2)), ("add", (3, 0)), ("tanh", (4,))]
    calls = [(tape, inputs), (other, np.array([0.5, 2.0, -1.0])), (other, np.array([2.0, -3.0, 0.25]))]
    values = [kata.forward(*call) for call in calls]
    for _ in range(2):
        for (one, given), of_call in zip(calls, values, strict=True):
            assert_gradients(kata.backward(one, of_call), slopes(one, given))


def test_long_tape(kata):
    """10,000 operations in a row, and values whose number of paths doubles at each step, take no longer than others."""
    n = 10_000
    # Each step adds the second input: the first one has slope 1, the second one n.
    values, grads = both(kata, [("add", (k + 1 if k else 0, 1)) for k in range(n)], [0.5, 0.25])
    assert_close(values[-1], 0.5 + 0.25 * n)
    assert_close(grads[:3], [1.0, n, 1.0])
    # v + v, 60 times: 2 ** 60 paths.
    values, grads = both(kata, [("add", (k, k)) for k in range(60)], [3.0])
    assert_close(values[-1], 3.0 * 2**60)
    assert_close(grads, 2.0 ** np.arange(60, -1, -1))


@strict
def test_power_of_zero(kata):
    """The power of 0 is 1 and its slope 0, also at 0."""
    values, grads = both(kata, [("power", (0, 0)), ("add", (2, 1))], [0.0, 4.0])
    assert_close(values, [0.0, 4.0, 1.0, 5.0])
    assert_close(grads, [0.0, 1.0, 1.0, 1.0])


@strict
def test_unknown_operation(kata):
    """A tape with another operation raises ValueError in both functions."""
    for tape in ([("sub", (0, 1))], [("add", (0, 1)), ("sin", (2,)), ("add", (3, 0))]):
        with pytest.raises(ValueError):
            kata.forward(tape, np.array([1.0, 2.0]))
        with pytest.raises(ValueError):
            kata.backward(tape, np.ones(2 + len(tape)))


@strict
def test_integers(kata):
    """Inputs may be integers: their values are not truncated, and a negative power is taken."""
    tape = [("power", (0, -1)), ("mul", (2, 1)), ("tanh", (3,))]
    values, grads = both(kata, tape, [4, 2])
    assert_close(values, [4.0, 2.0, 0.25, 0.5, math.tanh(0.5)])
    slope = 1 / math.cosh(0.5) ** 2
    assert_close(grads, [-slope / 8, slope / 4, 2 * slope, slope, 1.0])


def workload(kata, rng, n):
    """Run a tape of n operations on n // 8 + 2 inputs, forward and backward."""
    tape, inputs = draw(rng, n // 8 + 2, n)
    return both(kata, tape, inputs)


ADD = "            grads[operand] += grads[number] * slope\n"
LAST = "    grads[-1] = 1.0\n"
LOOP = "    for number in range(len(v) - 1, n_inputs - 1, -1):\n"
MISTAKES = {
    "the last use overwrites the others": (ADD, "            grads[operand] = grads[number] * slope\n"),
    "from the first operation to the last": (LOOP, "    for number in range(n_inputs, len(v)):\n"),
    "the slope alone": (ADD, "            grads[operand] += slope\n"),
    "slopes add up along a chain": (ADD, "            grads[operand] += grads[number] + slope\n"),
    "every value without a user is an output": (
        LAST,
        (
            "    used = {i for operation, (i, *rest) in tape for i in (i, *(rest if operation != 'power' else []))}\n"
            "    grads = [float(number not in used) for number in range(len(v))]\n"
        ),
    ),
    "no slope of the output itself": ("    return np.array(grads)\n", "    return np.array([*grads[:-1], 0.0])\n"),
    "the output's value for its slope": (LAST, "    grads[-1] = v[-1]\n"),
    "the inputs' derivatives alone": ("    return np.array(grads)\n", "    return np.array(grads[:n_inputs])\n"),
    "the slopes of a product exchanged": (
        '    "mul": lambda v, i, j: [(i, v[j]), (j, v[i])],',
        '    "mul": lambda v, i, j: [(i, v[i]), (j, v[j])],',
    ),
    "the slope of a product by division": (
        '    "mul": lambda v, i, j: [(i, v[j]), (j, v[i])],',
        '    "mul": lambda v, i, j: [(i, np.divide(v[i] * v[j], v[i])), (j, np.divide(v[i] * v[j], v[j]))],',
    ),
    "a square has the slope of a product once": (
        '    "mul": lambda v, i, j: [(i, v[j]), (j, v[i])],',
        '    "mul": lambda v, i, j: [(i, v[j]), (j, v[i])] if i != j else [(i, v[i])],',
    ),
    "operands as a set": (
        '    "add": lambda _v, i, j: [(i, 1.0), (j, 1.0)],',
        '    "add": lambda _v, i, j: [(k, 1.0) for k in {i, j}],',
    ),
    "the exponent taken for the number of a value": (
        '    "power": lambda v, i, p: v[i] ** p,',
        '    "power": lambda v, i, p: v[i] ** v[p],',
    ),
    "a slope for the exponent": (
        '    "power": lambda v, i, p: [(i, p * v[i] ** (p - 1) if p else 0.0)],',
        (
            '    "power": lambda v, i, p: ['
            "(i, p * v[i] ** (p - 1) if p else 0.0), (p, v[i] ** p * math.log(abs(v[i]) + 1e-9))],"
        ),
    ),
    "a power's slope with the exponent p": ("p * v[i] ** (p - 1) if p else 0.0", "p * v[i] ** p if p else 0.0"),
    "a power's slope without the factor": ("p * v[i] ** (p - 1) if p else 0.0", "v[i] ** (p - 1) if p else 0.0"),
    "no negative exponents": (
        '    "power": lambda v, i, p: v[i] ** p,',
        '    "power": lambda v, i, p: v[i] ** abs(p),',
    ),
    "the slope of exp is its operand": (
        '    "exp": lambda v, i: [(i, math.exp(v[i]))],',
        '    "exp": lambda v, i: [(i, v[i])],',
    ),
    "the slope of tanh from its operand": ("1 - math.tanh(v[i]) ** 2", "1 - v[i] ** 2"),
    "the slope of tanh without the square": ("1 - math.tanh(v[i]) ** 2", "1 - math.tanh(v[i])"),
    "slope 1 of relu at 0": ("float(v[i] > 0)", "float(v[i] >= 0)"),
    "slope 1/2 of relu at 0": ("float(v[i] > 0)", "(1 + np.sign(v[i])) / 2"),
    "relu lets everything back": ("float(v[i] > 0)", "1.0"),
    "small derivatives are dropped": (
        ADD,
        "            grads[operand] += grads[number] * slope * (abs(slope) > 0.02)\n",
    ),
    "forward recomputed at ones": (
        "    v = [float(value) for value in values]\n",
        "    v = forward(tape, np.ones(len(values) - len(tape))).tolist()\n",
    ),
    "recursion": (
        LOOP,
        (
            "    def back(number):\n"
            "        if number >= n_inputs:\n"
            "            operation, operands = tape[number - n_inputs]\n"
            "            for operand, slope in _SLOPES[operation](v, *operands):\n"
            "                grads[operand] += grads[number] * slope\n"
            "            back(number - 1)\n\n"
            "    back(len(v) - 1)\n"
            "    for number in ():\n"
        ),
    ),
    "path by path": (
        LOOP,
        (
            "    stack, grads[-1] = [(len(v) - 1, 1.0)], 0.0\n"
            "    while stack:\n"
            "        number, grad = stack.pop()\n"
            "        grads[number] += grad\n"
            "        if number >= n_inputs:\n"
            "            operation, operands = tape[number - n_inputs]\n"
            "            stack += [(i, grad * slope) for i, slope in _SLOPES[operation](v, *operands)]\n"
            "    for number in ():\n"
        ),
    ),
    "each derivative by differences": (
        "    return np.array(grads)\n",
        (
            "    for number in range(len(v)):\n"
            "        ends = []\n"
            "        for step in (1e-6, -1e-6):\n"
            "            moved = [*v]\n"
            "            moved[number] += step\n"
            "            for later in range(max(number + 1, n_inputs), len(v)):\n"
            "                operation, operands = tape[later - n_inputs]\n"
            "                moved[later] = _RESULT[operation](moved, *operands)\n"
            "            ends.append(moved[-1])\n"
            "        grads[number] = (ends[0] - ends[1]) / 2e-6\n"
            "    return np.array(grads)\n"
        ),
    ),
}

STRICT_MISTAKES = {
    "the slope of a power of 0 at 0": ("p * v[i] ** (p - 1) if p else 0.0", "p * v[i] ** (p - 1)"),
    "an unknown operation is a KeyError": (
        "    if operation not in table:\n",
        "    if operation is None:\n",
    ),
    "values in the type of the inputs": (
        "    return np.array(values)\n",
        "    return np.array(values).astype(inputs.dtype)\n",
    ),
}
