import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

PURE = True


def defined(w, l1, l2):
    return sum(l1 * abs(each) + l2 / 2 * each**2 for each in np.ravel(w))


def expected_l2(param, grad, velocity, lr, momentum, l2):
    """One weight at a time."""
    new = [momentum * v + (g + l2 * w) for w, g, v in zip(param, grad, velocity, strict=True)]
    return [w - lr * v for w, v in zip(param, new, strict=True)], new


def expected_decay(param, grad, velocity, lr, momentum, weight_decay):
    """One weight at a time: the decay of the old weight, then the step."""
    new = [momentum * v + g for g, v in zip(grad, velocity, strict=True)]
    return [w * (1 - lr * weight_decay) - lr * v for w, v in zip(param, new, strict=True)], new


def assert_step(step, expected):
    assert_close(step.param, expected[0], rtol=1e-9, atol=1e-13)
    assert_close(step.velocity, expected[1], rtol=1e-9, atol=1e-13)


@pytest.fixture
def state(rng):
    """Weights, gradients and velocities of either sign and of different sizes, all away from 0."""
    return [rng.choice([-1, 1], size=6) * rng.uniform(0.5, 1.5, size=6) * size for size in (2.0, 0.7, 1.3)]


def test_value(kata, rng):
    """The value is l1 times the sum of |w| plus half of l2 times the sum of squares, over all weights."""
    w = np.array([3.0, 0.0, -1.0])
    assert_close(kata.penalty(w, 0.5, 2.0).value, 12.0)
    assert_close(kata.penalty(w, 1.0, 0.0).value, 4.0)
    assert_close(kata.penalty(w, 0.0, 1.0).value, 5.0)
    assert_close(kata.penalty(np.zeros(2), 1.0, 1.0).value, 0.0)
    for shape in [(1,), (7,), (3, 4), (2, 1, 3)]:
        w, l1, l2 = rng.normal(size=shape), rng.uniform(0.1, 2), rng.uniform(0.1, 2)
        assert_close(kata.penalty(w.copy(), l1, l2).value, defined(w, l1, l2))


def test_subgradient(kata, rng):
    """Away from 0 the subgradient is the gradient: l1 with the sign of the weight, plus l2 times the weight."""
    assert_close(kata.penalty(np.array([3.0, -1.0, 2.0]), 0.5, 2.0).subgradient, [6.5, -2.5, 4.5])
    for shape in [(1,), (7,), (3, 4), (2, 1, 3)]:
        w = rng.choice([-1, 1], size=shape) * rng.uniform(0.1, 2, size=shape)
        for l1, l2 in [(0.7, 0.0), (0.0, 0.3), (1.6, 0.4)]:
            expected = numerical_gradient(lambda moved: defined(moved, l1, l2), w)  # noqa: B023
            assert_close(kata.penalty(w.copy(), l1, l2).subgradient, expected, rtol=1e-6, atol=1e-8)


def test_subgradient_at_zero(kata):
    """The subgradient of a weight of 0 is 0, also if all weights are 0."""
    assert_close(kata.penalty(np.array([3.0, 0.0, -1.0]), 0.5, 2.0).subgradient, [6.5, 0.0, -2.5])
    assert_equal(kata.penalty(np.zeros((2, 3)), 0.5, 2.0).subgradient, np.zeros((2, 3)))
    assert_equal(kata.penalty(np.array([0.0]), 0.5, 0.0).subgradient, [0.0])


def test_tiny_weights(kata):
    """A tiny weight is not 0: its subgradient is l1 with its sign, and its value counts."""
    w = np.array([1e-6, -1e-6, 2e-5])
    assert_close(kata.penalty(w, 0.5, 0.0).subgradient, [0.5, -0.5, 0.5])
    assert_close(kata.penalty(w, 0.5, 2.0).value, 1.1000402e-05, rtol=1e-9, atol=0)
    assert_close(kata.penalty(w, 0.0, 3.0).subgradient, 3 * w, rtol=1e-9, atol=0)
    assert_close(kata.penalty(np.array([4e5, -2.0]), 1e-6, 1e-6).subgradient, [0.400001, -3e-6], rtol=1e-9, atol=0)


def test_l2_step(kata, state):
    """The gradient of the L2 penalty goes through the velocity."""
    step = kata.sgd_l2_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), 0.5, 0.5, 0.25)
    assert_step(step, ([6.25], [7.5]))
    for lr, momentum, l2 in [(0.1, 0.9, 0.3), (0.5, 0.3, 2.0), (2.0, 0.0, 0.7), (0.3, 0.6, 0.0), (1e-3, 0.9, 1e-4)]:
        step = kata.sgd_l2_step(*(each.copy() for each in state), lr, momentum, l2)
        assert_step(step, expected_l2(*state, lr, momentum, l2))


def test_decay_step(kata, state):
    """Decoupled decay takes lr * weight_decay of the old param off, and stays out of the velocity."""
    step = kata.sgd_decay_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), 0.5, 0.5, 0.25)
    assert_step(step, ([6.25], [5.0]))
    for lr, momentum, decay in [(0.1, 0.9, 0.3), (0.5, 0.3, 2.0), (2.0, 0.0, 0.7), (0.3, 0.6, 0.0), (1e-3, 0.9, 1e-4)]:
        step = kata.sgd_decay_step(*(each.copy() for each in state), lr, momentum, decay)
        assert_step(step, expected_decay(*state, lr, momentum, decay))


def test_two_steps(kata, state):
    """From the second step on, L2 and decay of the same strength differ with momentum, and agree without it."""
    grad = np.array([0.0])
    for momentum, l2, decay in [(0.5, 0.0, 4.0), (0.0, 4.0, 4.0)]:
        one = kata.sgd_l2_step(np.array([16.0]), grad, grad, 0.5, momentum, 1.0)
        one = kata.sgd_l2_step(one.param, grad, one.velocity, 0.5, momentum, 1.0)
        other = kata.sgd_decay_step(np.array([16.0]), grad, np.array([0.0]), 0.5, momentum, 1.0)
        other = kata.sgd_decay_step(other.param, grad, other.velocity, 0.5, momentum, 1.0)
        assert_close([*one.param, *other.param], [l2, decay])
    param, grad, velocity = state
    for step, expected in [(kata.sgd_l2_step, expected_l2), (kata.sgd_decay_step, expected_decay)]:
        now, want = (param, velocity), (param, velocity)
        for turn in range(4):
            now = step(now[0], grad * (turn - 1.5), now[1], 0.2, 0.8, 0.4)
            want = expected(want[0], grad * (turn - 1.5), want[1], 0.2, 0.8, 0.4)
            assert_step(now, want)


def test_special_states(kata):
    """The formulas hold for weights, gradients and velocities of 0, for tiny ones, and in any shape."""
    still = np.zeros((2, 3))
    param = np.array([[4.0, -2.0, 0.0], [1e-6, -3e-5, 8.0]])
    for step, velocity in [(kata.sgd_l2_step, 0.5 * param), (kata.sgd_decay_step, still)]:
        assert_step(step(param.copy(), still.copy(), still.copy(), 0.5, 0.9, 0.5), (0.75 * param, velocity))
        # No weight, no decay.
        assert_step(step(still.copy(), param.copy(), still.copy(), 0.5, 0.9, 0.5), (-0.5 * param, param))
        assert_step(step(still.copy(), still.copy(), param.copy(), 0.5, 0.75, 0.5), (-0.375 * param, 0.75 * param))
        # A decay of more than 1 changes the sign.
        result = step(param.copy(), still.copy(), still.copy(), 2.0, 0.0, 1.0)
        assert_close(result.param, -param, rtol=1e-9, atol=0)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_integers(kata, kind):
    """The weights of penalty may be integers of any type: nothing wraps around."""
    w = np.array([100, 0, 27]).astype(kind)
    found = kata.penalty(w, 0.5, 2.0)
    assert_close(found.value, 63.5 + 10_729)
    assert_close(found.subgradient, [200.5, 0.0, 54.5])
    if kind is not np.uint8:
        found = kata.penalty(np.array([-128, 1]).astype(kind), 1.0, 0.0)
        assert_close(found.value, 129.0)
        assert_close(found.subgradient, [-1.0, 1.0])


def workload(kata, rng, n):
    """Return penalties of weights that are 0 now and then, and three steps of each kind."""
    w = rng.normal(size=n) * (rng.random(n) < 0.8)
    results = [kata.penalty(w, 0.3, 0.7), kata.penalty(w.reshape(2, -1) if n % 2 == 0 else w, 1.0, 0.1)]
    for step in (kata.sgd_l2_step, kata.sgd_decay_step):
        state = w, np.zeros(n)
        for _ in range(3):
            state = step(state[0], rng.normal(size=n), state[1], 0.1, 0.9, 0.2)
            results.append(state)
    return results


VALUE = "l1 * np.abs(w).sum() + l2 / 2 * (w**2).sum()"
SLOPE = "l1 * np.sign(w) + l2 * w)"
COUPLED = "velocity = momentum * velocity + grad + l2 * param"
MOVE = "return Step(param - lr * velocity, velocity)"
DECOUPLED = "    velocity = momentum * velocity + grad\n"
DECAY = "return Step(param - lr * (velocity + weight_decay * param), velocity)"
MISTAKES = {
    "no half in the value": (VALUE, "l1 * np.abs(w).sum() + l2 * (w**2).sum()"),
    "half of l1 as well": (VALUE, "(l1 * np.abs(w).sum() + l2 * (w**2).sum()) / 2"),
    "the norm, not its square": (VALUE, "l1 * np.abs(w).sum() + l2 / 2 * (w**2).sum() ** 0.5"),
    "l1 of the sum": (VALUE, "l1 * abs(w.sum()) + l2 / 2 * (w**2).sum()"),
    "the mean over the weights": (VALUE, "l1 * np.abs(w).mean() + l2 / 2 * (w**2).mean()"),
    "l1 and l2 swapped": (VALUE, "l2 * np.abs(w).sum() + l1 / 2 * (w**2).sum()"),
    "the gradient without a half in the value": (SLOPE, "l1 * np.sign(w) + 2 * l2 * w)"),
    "half in the gradient": (SLOPE, "l1 * np.sign(w) + l2 / 2 * w)"),
    "no sign": (SLOPE, "l1 + l2 * w)"),
    "slope l1 at 0": (SLOPE, "l1 * np.where(w >= 0, 1, -1) + l2 * w)"),
    "slope -l1 at 0": (SLOPE, "l1 * np.where(w > 0, 1, -1) + l2 * w)"),
    "w over |w|": (SLOPE, "l1 * w / (np.abs(w) + 1e-8) + l2 * w)"),
    "tiny weights count as 0": (SLOPE, "l1 * np.where(np.abs(w) < 1e-5, 0, np.sign(w)) + l2 * w)"),
    "a soft threshold": (SLOPE, "np.sign(w) * np.maximum(np.abs(w) - l1, 0) + l2 * w)"),
    "l2 stays out of the velocity": (
        COUPLED,
        "velocity = momentum * velocity + grad\n    param = param - lr * l2 * param",
    ),
    "half of l2 in the step": (COUPLED, "velocity = momentum * velocity + grad + l2 / 2 * param"),
    "twice l2 in the step": (COUPLED, "velocity = momentum * velocity + grad + 2 * l2 * param"),
    "l2 grows the weights": (COUPLED, "velocity = momentum * velocity + grad - l2 * param"),
    "an average of gradients": (COUPLED, "velocity = momentum * velocity + (1 - momentum) * (grad + l2 * param)"),
    "l2 times lr in the velocity": (COUPLED, "velocity = momentum * velocity + grad + lr * l2 * param"),
    "lr in the velocity": [(COUPLED, "velocity = momentum * velocity + lr * (grad + l2 * param)")],
    "the old velocity moves": [
        (COUPLED, "old, velocity = velocity, momentum * velocity + grad + l2 * param"),
        (MOVE, "return Step(param - lr * old, velocity)"),
    ],
    "decay in the velocity": (DECOUPLED, "    velocity = momentum * velocity + grad + weight_decay * param\n"),
    "L2 under another name": [
        (DECOUPLED, "    velocity = momentum * velocity + grad + weight_decay * param\n"),
        (DECAY, "return Step(param - lr * (1 * velocity), velocity)"),
    ],
    "decay without lr": (DECAY, "return Step(param - lr * velocity - weight_decay * param, velocity)"),
    "decay of the new param": (DECAY, "return Step((param - lr * velocity) * (1 - lr * weight_decay), velocity)"),
    "decay instead of the step": (DECAY, "return Step(param - lr * weight_decay * param, velocity)"),
    "decay by the size": (DECAY, "return Step(param - lr * (velocity + weight_decay * np.abs(param)), velocity)"),
    "decay stops at 0": (DECAY, "return Step(param * max(1 - lr * weight_decay, 0) - lr * velocity, velocity)"),
    "the velocity is not kept": (DECAY, "return Step(param - lr * (velocity + weight_decay * param), grad)"),
    "the decay grows with momentum": (
        DECAY,
        "return Step(param - lr * (velocity + weight_decay / (1 - momentum) * param), velocity)",
    ),
    "changes the velocity in place": (
        COUPLED,
        "velocity *= momentum\n    velocity += grad + l2 * param",
    ),
}

STRICT_MISTAKES = {
    "bytes wrap around": ("    w = w.astype(float)\n", "    w = w + 0\n"),
}
