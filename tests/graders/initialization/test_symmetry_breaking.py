import math
from collections import namedtuple

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

# The given network stays as it is.
PURE = True

# The kata's own has these fields.
Network = namedtuple("Network", "w_1 b_1 w_2 b_2")  # noqa: PYI024
ACTIVATIONS = {
    "tanh": math.tanh,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "relu": lambda z: max(z, 0.0),
}


def draw(rng, n_in, n_hidden, n_out, scale=1.0):
    """Return a network of normal numbers, biases too."""
    shapes = (n_hidden, n_in), (n_hidden,), (n_out, n_hidden), (n_out,)
    return Network(*(scale * rng.normal(size=shape) for shape in shapes))


def constant(n_in, n_hidden, n_out, value):
    """Return a network whose weights are all one number, and whose biases are 0."""
    weights = np.full((n_hidden, n_in), value), np.full((n_out, n_hidden), value)
    return Network(weights[0], np.zeros(n_hidden), weights[1], np.zeros(n_out))


def draw_clear(rng, n_samples, n_in, n_hidden, n_out):
    """Return a network with x and y so that no unit is at the corner of relu, where finite differences fail."""
    while True:
        network, (x, y) = draw(rng, n_in, n_hidden, n_out), batch(rng, n_samples, n_in, n_out)
        if np.abs(x @ network.w_1.T + network.b_1).min() > 1e-3:
            return network, x, y


def batch(rng, n_samples, n_in, n_out):
    """Return x and y that are not centred."""
    return rng.normal(0.5, 1.0, size=(n_samples, n_in)), rng.normal(1.0, 2.0, size=(n_samples, n_out))


def defined_loss(network, x, y, activation):
    """Compute the loss sample by sample and unit by unit."""
    total = 0.0
    for sample, target in zip(x, y, strict=True):
        z = [sum(w * v for w, v in zip(row, sample, strict=True)) for row in network.w_1]
        h = [ACTIVATIONS[activation](value + bias) for value, bias in zip(z, network.b_1, strict=True)]
        out = [sum(w * v for w, v in zip(row, h, strict=True)) for row in network.w_2] + network.b_2
        total += sum((out - target) ** 2)
    return total / (2 * len(x))


def defined_gradients(network, x, y, activation):
    """Return the gradients of the loss by finite differences."""
    return [
        numerical_gradient(lambda value, k=k: defined_loss(network._replace(**{k: value}), x, y, activation), array)
        for k, array in network._asdict().items()
    ]


def assert_networks(actual, expected, rtol=1e-9, atol=1e-12):
    """Compare the last layer first: an error there shows in the others."""
    for have, want in zip(reversed(actual), reversed(expected), strict=True):
        assert_close(have, want, rtol=rtol, atol=atol)


def test_by_hand(kata):
    """The gradients of a network of two units, worked out by hand."""
    network = Network(np.array([[1.0], [-1.0]]), np.array([0.0, 5.0]), np.array([[1.0, 2.0]]), np.array([-3.0]))
    # h is (2, 3), out is 5 and the error 4; then h is (4, 1), out is 3 and the error -2. Two samples: halves.
    x, y = np.array([[2.0], [4.0]]), np.array([[1.0], [5.0]])
    gradients = kata.loss_gradients(network, x, y, "relu")
    assert_networks(gradients, [[[0.0], [0.0]], [1.0, 2.0], [[0.0, 5.0]], [1.0]])


def test_gradients(kata, rng):
    """The gradients agree with finite differences for each activation, and the loss is a mean over samples."""
    for sizes in [(3, 4, 2), (2, 5, 3), (1, 1, 1), (4, 2, 1)]:
        for n_samples in (1, 6):
            network, x, y = draw_clear(rng, n_samples, *sizes)
            for activation in ACTIVATIONS:
                expected = defined_gradients(network, x, y, activation)
                assert_networks(kata.loss_gradients(network, x, y, activation), expected, rtol=1e-5, atol=1e-7)
    # A unit that is nearly off still has its gradient: sigmoid(-25) is about exp(-25).
    one, zero, h = np.ones((1, 1)), np.zeros(1), math.exp(-25) / (1 + math.exp(-25))
    gradients = kata.loss_gradients(Network(one, zero, one, zero), -25 * one, 1e6 * one, "sigmoid")
    assert_close(gradients.w_2, [[(h - 1e6) * h]], rtol=1e-3)
    assert_close(gradients.w_1, [[-25 * (h - 1e6) * h * (1 - h)]], rtol=1e-3)


def test_zeros(kata, rng):
    """With zero weights and tanh or relu only b_2 has a gradient; sigmoid gives w_2 one, too, equal for all units."""
    x, y = batch(rng, 5, 3, 2)
    zeros = constant(3, 4, 2, 0.0)
    error = -y.mean(axis=0)
    for activation, h in (("tanh", 0.0), ("relu", 0.0), ("sigmoid", 0.5)):
        gradients = kata.loss_gradients(zeros, x, y, activation)
        assert_close(gradients.b_2, error)
        assert_close(gradients.w_2, h * np.outer(error, np.ones(4)))
        assert_close(gradients.w_1, np.zeros((4, 3)))
        assert_close(gradients.b_1, np.zeros(4))
    # The slope of relu at 0 is 0, also where something comes back.
    gradients = kata.loss_gradients(zeros._replace(w_2=rng.normal(size=(2, 4))), x, y, "relu")
    assert_close(gradients.w_1, np.zeros((4, 3)))
    assert_close(gradients.b_1, np.zeros(4))


def test_copies(kata, rng):
    """Equal units get equal gradients, and a different outgoing weight is enough for different ones."""
    for activation in ACTIVATIONS:
        network, x, y = draw_clear(rng, 5, 3, 4, 2)
        for array in (network.w_1, network.b_1, network.w_2.T):
            array[2] = array[0]
        gradients = kata.loss_gradients(network, x, y, activation)
        for array in (gradients.w_1, gradients.b_1, gradients.w_2.T):
            assert_close(array[2], array[0])
        network.w_2[1, 2] += 1.0
        # And if all units differ in their outgoing weights alone.
        alike = network._replace(w_1=np.tile(network.w_1[:1], (4, 1)), b_1=np.full(4, network.b_1[0]))
        for each in (network, alike):
            expected = defined_gradients(each, x, y, activation)
            assert_networks(kata.loss_gradients(each, x, y, activation), expected, rtol=1e-5, atol=1e-7)


def test_train(kata, rng):
    """A step takes lr times the gradient from all four parameters at once, and the next one starts from there."""
    equal = constant(1, 2, 1, 1.0)
    after = kata.train(equal, np.array([[2.0]]), np.array([[1.0]]), "relu", 0.125, 1)
    assert_networks(after, [[[0.25], [0.25]], [-0.375, -0.375], [[0.25, 0.25]], [-0.375]])
    x, y = batch(rng, 6, 3, 2)
    for activation in ACTIVATIONS:
        expected = start = draw(rng, 3, 4, 2)
        for n_steps in range(4):
            assert_networks(kata.train(start, x, y, activation, 0.1, n_steps), expected)
            steps = kata.loss_gradients(expected, x, y, activation)
            expected = Network(*(value - 0.1 * step for value, step in zip(expected, steps, strict=True)))


def test_zeros_stay(kata, rng):
    """From zero weights, tanh and relu learn the mean of y in b_2 and nothing else."""
    x, y = batch(rng, 6, 3, 2)
    zeros = constant(3, 4, 2, 0.0)
    for activation in ("tanh", "relu"):
        after = kata.train(zeros, x, y, activation, 0.5, 40)
        expected = zeros._replace(b_2=y.mean(axis=0) * (1 - 0.5**40))
        assert_networks(after, expected)


def test_symmetry_stays(kata, rng):
    """Trained from equal units there is one distinct unit; from random weights all are distinct."""
    x, y = batch(rng, 6, 3, 2)
    for activation in ACTIVATIONS:
        after = kata.train(constant(3, 5, 2, 0.5), x, y, activation, 0.05, 20)
        assert_equal(kata.distinct_units(after, 1e-6), 1)
        assert_equal(kata.distinct_units(kata.train(draw(rng, 3, 5, 2), x, y, activation, 0.05, 20), 1e-6), 5)
    # Random outgoing weights alone are enough.
    mixed = constant(3, 5, 2, 0.5)._replace(w_2=rng.permutation(10).reshape(2, 5) / 10)
    after = kata.train(mixed, x, y, "tanh", 0.05, 20)
    assert_equal(kata.distinct_units(after, 1e-6), 5)


def test_distinct_units(kata, rng):
    """A unit owns its row of w_1, its entry of b_1 and its column of w_2, and is counted once."""
    ones, zeros = np.ones((3, 1)), np.zeros(3)
    assert_equal(kata.distinct_units(Network(ones, zeros, np.array([[1.0, 1.0, 2.0]]), zeros[:1]), 1e-6), 2)
    for n_in, n_out in [(1, 1), (3, 2), (2, 4)]:
        different = draw(rng, n_in, 4, n_out)
        assert_equal(kata.distinct_units(different, 1e-6), 4)
        # The copies of a unit do not stand side by side.
        order = [0, 1, 2, 0, 3, 1, 0]
        copies = Network(different.w_1[order], different.b_1[order], different.w_2[:, order], different.b_2)
        assert_equal(kata.distinct_units(copies, 1e-6), 4)
        assert_equal(kata.distinct_units(different._replace(b_2=np.zeros(n_out)), 1e-6), 4)
        # Each kind of number tells units apart by itself, wherever it stands; two differences do not cancel.
        for name, place in [("w_1", (0, n_in - 1)), ("b_1", (0,)), ("w_2", (n_out - 1, 0))]:
            changed = Network(*(np.array(value) for value in copies))
            getattr(changed, name)[place] += 0.5
            assert_equal(kata.distinct_units(changed, 1e-6), 5)
    swapped = Network(np.array([[1.0, 2.0], [2.0, 1.0]]), np.zeros(2), np.ones((1, 2)), np.zeros(1))
    assert_equal(kata.distinct_units(swapped, 1e-6), 2)
    opposite = Network(np.array([[1.0], [-1.0]]), np.zeros(2), np.array([[1.0, -1.0]]), np.zeros(1))
    assert_equal(kata.distinct_units(opposite, 1e-6), 2)


def test_tolerance(kata):
    """Units are equal if no number differs by more than tol. Each is compared with those counted before it."""
    # All differences are exact in binary.
    for base in (0.0, 100.0, 4096.0):
        network = Network(
            base + np.array([[0.0, 0.25], [0.25, 0.0]]), np.array([0.0, 0.25]), np.ones((1, 2)), np.zeros(1)
        )
        assert_equal([kata.distinct_units(network, tol) for tol in (0.2, 0.25, 0.3)], [2, 1, 1])
        near = Network(np.full((2, 1), base), np.array([base, base + 0.0625]), np.ones((1, 2)), np.zeros(1))
        assert_equal([kata.distinct_units(near, tol) for tol in (0.05, 0.07)], [2, 1])
    # The default is 1e-6.
    for difference, count in ((4e-6, 2), (4e-7, 1)):
        near = Network(np.array([[0.01], [0.01 + difference]]), np.zeros(2), np.zeros((1, 2)), np.zeros(1))
        assert_equal(kata.distinct_units(near), count)
    # A chain of near units is not a single one.
    for row, count in [([0.0, 0.75, 1.5], 2), ([0.75, 0.0, 1.5], 1), ([0.0, 0.75, 1.5, 2.25, 3.0], 3)]:
        n = len(row)
        network = Network(np.array(row)[:, np.newaxis], np.zeros(n), np.ones((1, n)), np.zeros(1))
        assert_equal(kata.distinct_units(network, 1.0), count)


@strict
def test_unknown_activation(kata, rng):
    """An activation other than tanh, sigmoid and relu raises ValueError."""
    network, (x, y) = draw(rng, 3, 4, 2), batch(rng, 5, 3, 2)
    for activation in ("gelu", "linear", ""):
        with pytest.raises(ValueError):
            kata.loss_gradients(network, x, y, activation)
        with pytest.raises(ValueError):
            kata.train(network, x, y, activation, 0.1, 1)


@strict
def test_integers(kata):
    """Arrays of integers are not truncated."""
    network = Network(np.array([[1, -2], [0, 1]]), np.array([1, 1]), np.array([[2, -1]]), np.array([1]))
    x, y = np.array([[1, 0], [2, 1], [0, 3]]), np.array([[1], [0], [2]])
    floats = Network(*(value.astype(float) for value in network))
    for activation in ACTIVATIONS:
        steps = defined_gradients(floats, x, y, activation)
        assert_networks(kata.loss_gradients(network, x, y, activation), steps, rtol=1e-5, atol=1e-7)
        expected = [value - 0.5 * step for value, step in zip(floats, steps, strict=True)]
        assert_networks(kata.train(network, x, y, activation, 0.5, 1), expected, rtol=1e-5, atol=1e-7)


def workload(kata, rng, n):
    """Take gradients and a few steps with each activation, and count units, some of which are copies."""
    network, (x, y) = draw(rng, 3, n + 2, 2, 0.5), batch(rng, 6, 3, 2)
    for array in (network.w_1, network.b_1, network.w_2.T):
        array[-1] = array[0]
    # Half of them at the slope of relu's corner.
    network.w_1[: n // 2], network.b_1[: n // 2] = 0.0, 0.0
    results = []
    for activation in ACTIVATIONS:
        after = kata.train(network, x, y, activation, 0.01, 3)
        results.append((kata.loss_gradients(network, x, y, activation), after, kata.distinct_units(after, 1e-6)))
    return results, kata.distinct_units(network)


def picture(kata, rng):
    x = np.linspace(-2, 2, 40)[:, np.newaxis]
    y = np.sin(2 * x) + 0.3
    n_hidden, steps = 8, np.arange(0, 601, 20)
    starts = {"all zero": constant(1, n_hidden, 1, 0.0), "all 0.5": constant(1, n_hidden, 1, 0.5)}
    starts["random"] = Network(
        rng.normal(size=(n_hidden, 1)), np.zeros(n_hidden), rng.normal(size=(1, n_hidden)) / 2, np.zeros(1)
    )
    losses, fits = [], [Line(x[:, 0], y[:, 0], "y", faint=True)]
    for name, start in starts.items():
        values, network = [], start
        for step in steps:
            network = kata.train(network, x, y, "tanh", 0.1, 20 if step else 0)
            out = np.tanh(x @ network.w_1.T + network.b_1) @ network.w_2.T + network.b_2
            values.append(float(np.mean((out - y) ** 2) / 2))
        losses.append(Line(steps, values, name))
        fits.append(Line(x[:, 0], out[:, 0], name))
    return [
        Panel(
            "Loss of eight tanh units",
            "steps",
            "loss",
            losses,
            note="Zero weights learn the mean of y. Equal ones learn what a single unit can.",
            log="y",
        ),
        Panel("What they have learnt", "x", "out", fits),
    ]


ERROR = "    error = (h @ network.w_2.T + network.b_2 - y) / len(x)\n"
GRADIENTS = "Network(grad_z.T @ x, grad_z.sum(axis=0), error.T @ h, error.sum(axis=0))"
STEP = "network = Network(*(value - lr * gradient for value, gradient in zip(network, gradients, strict=True)))"
UNITS = "np.column_stack([network.w_1, network.b_1, network.w_2.T])"
NEW = "if all(np.abs(unit - other).max() > tol for other in counted):"
MISTAKES = {
    "a sum over samples": (ERROR, ERROR.replace(" / len(x)", "")),
    "a mean over outputs, too": (ERROR, ERROR.replace("len(x)", "y.size")),
    "without the half": (ERROR, ERROR.replace("/ len(x)", "* 2 / len(x)")),
    "the sign of the error": (
        ERROR,
        ERROR.replace("(h @ network.w_2.T + network.b_2 - y)", "(y - h @ network.w_2.T - network.b_2)"),
    ),
    "no slope of the activation": ("(error @ network.w_2) * slope", "error @ network.w_2"),
    "tanh's slope for sigmoid": ("return h, h * (1 - h)", "return h, 1 - h**2"),
    "sigmoid's slope of h, not of z": (
        "return h, h * (1 - h)",
        "return h, (1 + np.tanh(h / 2)) * (1 - np.tanh(h / 2)) / 4",
    ),
    "relu's slope at 0 is 1": ("np.maximum(z, 0), z > 0", "np.maximum(z, 0), z >= 0"),
    "relu's slope at 0 is 1/2": ("np.maximum(z, 0), z > 0", "np.maximum(z, 0), np.heaviside(z, 0.5)"),
    "the bias left out": (
        "_activate(x @ network.w_1.T + network.b_1, activation)",
        "_activate(x @ network.w_1.T, activation)",
    ),
    "b_1's gradient is a mean": ("grad_z.sum(axis=0)", "grad_z.mean(axis=0)"),
    "biases do not learn": (
        GRADIENTS,
        GRADIENTS.replace("grad_z.sum(axis=0)", "0 * network.b_1").replace("error.sum(axis=0)", "0 * network.b_2"),
    ),
    "w_2's gradient of z, not of h": (
        GRADIENTS,
        GRADIENTS.replace("error.T @ h", "error.T @ (x @ network.w_1.T + network.b_1)"),
    ),
    "steps uphill": (STEP, STEP.replace("- lr", "+ lr")),
    "the second layer first, and the first layer after it": (
        "        " + STEP + "\n",
        (
            "        w_2, b_2 = network.w_2 - lr * gradients.w_2, network.b_2 - lr * gradients.b_2\n"
            "        gradients = loss_gradients(network._replace(w_2=w_2, b_2=b_2), x, y, activation)\n"
            "        w_1, b_1 = network.w_1 - lr * gradients.w_1, network.b_1 - lr * gradients.b_1\n"
            "        network = Network(w_1, b_1, w_2, b_2)\n"
        ),
    ),
    "always the first gradient": (
        "    for _ in range(n_steps):\n        gradients = loss_gradients(network, x, y, activation)\n",
        "    gradients = loss_gradients(network, x, y, activation)\n    for _ in range(n_steps):\n",
    ),
    "one step more": ("for _ in range(n_steps):\n        gradients", "for _ in range(n_steps + 1):\n        gradients"),
    "trained in place": (
        "        " + STEP + "\n",
        ("        for value, gradient in zip(network, gradients, strict=True):\n            value -= lr * gradient\n"),
    ),
    "incoming weights only": (UNITS, "network.w_1"),
    "without the bias": (UNITS, "np.column_stack([network.w_1, network.w_2.T])"),
    "without outgoing weights": (UNITS, "np.column_stack([network.w_1, network.b_1])"),
    "rows of w_2 for its columns": (
        UNITS,
        "np.column_stack([network.w_1, network.b_1, np.resize(network.w_2, network.w_2.T.shape)])",
    ),
    "compared with the unit before only": (NEW, NEW.replace("in counted)", "in counted[-1:])")),
    "compared with the first unit only": (NEW, NEW.replace("in counted)", "in counted[:1])")),
    "compared with all before, counted or not": [
        ("    counted = []\n", "    counted, seen = [], []\n"),
        (NEW, NEW.replace("in counted", "in seen")),
        (
            "            counted.append(unit)\n    return",
            "            counted.append(unit)\n        seen.append(unit)\n    return",
        ),
    ],
    "the distance of whole units": (NEW, NEW.replace("np.abs(unit - other).max()", "np.linalg.norm(unit - other)")),
    "the mean difference": (NEW, NEW.replace("np.abs(unit - other).max()", "np.abs(unit - other).mean()")),
    "the signed difference": (NEW, NEW.replace("np.abs(unit - other).max()", "(unit - other).max()")),
    "the sum of a unit": (NEW, NEW.replace("np.abs(unit - other).max()", "abs(unit.sum() - other.sum())")),
    "a relative tolerance": (NEW, "if not any(np.allclose(unit, other, rtol=1e-4, atol=tol) for other in counted):"),
    "signs do not matter": (NEW, NEW.replace("np.abs(unit - other)", "np.abs(np.abs(unit) - np.abs(other))")),
    "tol itself is a difference": (NEW, NEW.replace("> tol", ">= tol")),
    "rounded to tol": (
        "    counted = []\n",
        (
            "    units = np.column_stack([network.w_1, network.b_1, network.w_2.T])\n"
            "    return len(np.unique(np.round(units / tol), axis=0))\n    counted = []\n"
        ),
    ),
    "equal numbers only": (NEW, NEW.replace("> tol", "> 0")),
}

STRICT_MISTAKES = {
    "an unknown activation is linear": (
        '    raise ValueError(f"activation is {activation!r}, and has to be tanh, sigmoid or relu")',
        "    return z, np.ones(z.shape)",
    ),
}
