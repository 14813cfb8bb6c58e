"""The reference beside PyTorch's autograd, operation by operation."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

NAMES = ("add", "mul", "power", "exp", "tanh", "relu")
ONE = {"exp": torch.exp, "tanh": torch.tanh, "relu": torch.relu}


def torch_values(tape, inputs):
    """Return a list of scalars of PyTorch, each a node of the graph."""
    values = [torch.tensor(float(value), dtype=torch.float64, requires_grad=True) for value in inputs]
    for operation, (i, *rest) in tape:
        if operation == "power":
            values.append(values[i] ** rest[0])
        elif operation in ONE:
            values.append(ONE[operation](values[i]))
        else:
            values.append(values[i] + values[rest[0]] if operation == "add" else values[i] * values[rest[0]])
    return values


def assert_agree(reference, tape, inputs):
    expected = torch_values(tape, inputs)
    grads = torch.autograd.grad(expected[-1], expected, allow_unused=True, materialize_grads=True)
    values = reference.forward(tape, inputs)
    np.testing.assert_allclose(values, [float(value.detach()) for value in expected], 1e-9, 1e-12)
    grads = np.array([float(grad) for grad in grads])
    # Terms of a sum may cancel, so the largest derivative sets the scale.
    np.testing.assert_allclose(reference.backward(tape, values), grads, 1e-9, 1e-13 * max(1.0, np.abs(grads).max()))


def draw(rng, n_inputs, length):
    """Draw a tape whose values stay within 5, and inputs of which some are 0."""
    inputs = rng.normal(size=n_inputs) * (rng.random(n_inputs) < 0.8)
    tape = []
    while len(tape) < length:
        operation = str(rng.choice(NAMES))
        count = n_inputs + len(tape)
        # Half of the operands are among the last four values.
        first, second = (int(rng.integers(max(0, count - 4) if rng.random() < 0.5 else 0, count)) for _ in range(2))
        operands = {"add": (first, second), "mul": (first, second), "power": (first, int(rng.integers(-2, 4)))}
        entry = operation, operands.get(operation, (first,))
        with torch.no_grad():
            values = torch_values([*tape, entry], inputs)
        if abs(float(values[-1])) < 5:
            tape.append(entry)
    return tape, inputs


def test_random_tapes(reference, rng):
    for _ in range(60):
        assert_agree(reference, *draw(rng, int(rng.integers(1, 5)), int(rng.integers(1, 25))))


def test_each_operation(reference):
    for value in (-2.0, -0.5, 0.0, 0.5, 3.0):
        inputs = np.array([value, 4.0])
        for entry in [
            ("add", (0, 1)),
            ("add", (0, 0)),
            ("mul", (0, 1)),
            ("mul", (0, 0)),
            *((name, (0,)) for name in ONE),
        ]:
            assert_agree(reference, [entry], inputs)
        for exponent in range(-3 if value else 0, 4):
            assert_agree(reference, [("power", (0, exponent))], inputs)


def test_long_tapes(reference):
    assert_agree(reference, [("add", (k + 1 if k else 0, 1)) for k in range(10_000)], np.array([0.5, 0.25]))
    assert_agree(reference, [("add", (k, k)) for k in range(60)], np.array([3.0]))


def test_unknown_operation(reference):
    for function in (reference.forward, reference.backward):
        with pytest.raises(ValueError, match="no operation 'sub'"):
            function([("sub", (0, 1))], np.array([1.0, 2.0, -1.0]))


def test_claim_of_the_kink(reference):
    """The function x, as relu(x) - relu(-x), has slope 0 at 0 by convention and 1 elsewhere."""
    tape = [("mul", (0, 1)), ("relu", (0,)), ("relu", (2,)), ("mul", (4, 1)), ("add", (3, 5))]
    for x, slope in [(0.0, 0.0), (1e-9, 1.0), (-1e-9, 1.0)]:
        values = reference.forward(tape, np.array([x, -1.0]))
        assert values[-1] == x
        assert reference.backward(tape, values)[0] == slope
        assert_agree(reference, tape, np.array([x, -1.0]))


def test_claim_of_differences(reference):
    tape = [(("tanh", "exp")[k % 2], (k,)) for k in range(10)]

    def f(x):
        return float(reference.forward(tape, np.array([x]))[-1])

    z = np.clongdouble(0.5 + 1e-30j)
    for _ in range(5):
        z = np.exp(np.tanh(z))
    exact = float(z.imag / 1e-30)

    def error(slope):
        return abs(slope - exact) / abs(exact)

    assert error(reference.backward(tape, reference.forward(tape, np.array([0.5])))[0]) < 1e-15
    steps = 10.0 ** -np.arange(1, 13)
    forward = {step: error((f(0.5 + step) - f(0.5)) / step) for step in steps}
    central = {step: error((f(0.5 + step) - f(0.5 - step)) / (2 * step)) for step in steps}
    assert min(forward, key=forward.get) == pytest.approx(1e-6)
    assert min(forward.values()) == pytest.approx(3e-6, rel=0.3)
    assert min(central, key=central.get) == pytest.approx(1e-4)
    assert 3e-10 < min(central.values()) < 3e-9
    assert forward[steps[-1]] == central[steps[-1]] == 1.0


def peers(reference, rng):
    """Yield both passes over a chain of a thousand neurons of one input."""
    tape, last = [], 0
    for _ in range(1000):
        number = 3 + len(tape)
        tape += [("mul", (last, 1)), ("add", (number, 2)), ("tanh", (number + 1,))]
        last = number + 2
    inputs = rng.uniform(0.5, 1.0, size=3)

    def theirs():
        values = torch_values(tape, inputs)
        return torch.autograd.grad(values[-1], values[:3])

    yield Peer(
        f"{len(tape):,} operations, both ways",
        "scalars, autograd",
        lambda: reference.backward(tape, reference.forward(tape, inputs)),
        theirs,
        "PyTorch is made for arrays: each of its operations has an overhead.",
    )
