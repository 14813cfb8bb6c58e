import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

PURE = True


@pytest.fixture
def state(rng):
    """Draw a param, a gradient and a velocity of shape (2, 3)."""
    return rng.normal(size=(3, 2, 3))


def test_momentum_step(kata, state):
    """The velocity is momentum times the old one plus the whole gradient, and param moves by lr times the new one."""
    # 0.5 * 4 + 3 = 5, and 10 - 0.2 * 5 = 9.
    step = kata.momentum_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.2, momentum=0.5)
    assert_close(step.velocity, [5.0])
    assert_close(step.param, [9.0])
    for size in (1.0, 1e4, 1e-6):
        param, grad, velocity = size * state
        step = kata.momentum_step(param, grad, velocity, lr=0.3, momentum=0.8)
        for place in np.ndindex(2, 3):
            grown = 0.8 * velocity[place] + grad[place]
            assert_close(step.velocity[place], grown)
            assert_close(step.param[place], param[place] - 0.3 * grown)


def test_nesterov_step(kata, state):
    """Nesterov keeps the same velocity, and moves by lr times the gradient plus momentum times the new velocity."""
    # 0.5 * 4 + 3 = 5, and 10 - 0.2 * (3 + 0.5 * 5) = 8.9.
    step = kata.nesterov_step(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.2, momentum=0.5)
    assert_close(step.velocity, [5.0])
    assert_close(step.param, [8.9])
    for size in (1.0, 1e4, 1e-6):
        param, grad, velocity = size * state
        step = kata.nesterov_step(param, grad, velocity, lr=0.3, momentum=0.8)
        for place in np.ndindex(2, 3):
            grown = 0.8 * velocity[place] + grad[place]
            assert_close(step.velocity[place], grown)
            assert_close(step.param[place], param[place] - 0.3 * (grad[place] + 0.8 * grown))


def test_first_step(kata):
    """From rest, the first step is lr times the gradient, and 1 + momentum times that for Nesterov."""
    param, grad, rest = np.array([1.0, 1.0, 1.0]), np.array([10.0, -2.0, 0.0]), np.zeros(3)
    assert_close(kata.momentum_step(param, grad, rest, lr=0.1, momentum=0.5).param, [0.0, 1.2, 1.0])
    assert_close(kata.nesterov_step(param, grad, rest, lr=0.1, momentum=0.5).param, [-0.5, 1.3, 1.0])


def test_coasting(kata):
    """Without gradient, param goes on by its velocity, which shrinks by the factor momentum."""
    param, flat, velocity = np.array([1.0]), np.zeros(1), np.array([8.0])
    for function, moved in ((kata.momentum_step, 0.6), (kata.nesterov_step, 0.8)):
        step = function(param, flat, velocity, lr=0.1, momentum=0.5)
        assert_close(step.velocity, [4.0])
        assert_close(step.param, [moved])


def test_parameters_of_zero(kata, state):
    """With momentum 0 both are plain gradient descent, whatever the velocity was; with lr 0 param stays."""
    param, grad, _ = state
    for function in (kata.momentum_step, kata.nesterov_step):
        step = function(*state, lr=0.3, momentum=0.0)
        assert_close(step.velocity, grad)
        assert_close(step.param, param - 0.3 * grad)
        step = function(*state, lr=0.0, momentum=0.8)
        assert_close(step.velocity, 0.8 * state[2] + grad)
        assert_close(step.param, param)


def test_several_steps(kata):
    """Under a constant gradient the velocity nears grad / (1 - momentum), a geometric sum."""
    for function, ahead in ((kata.momentum_step, 0), (kata.nesterov_step, 1)):
        param, velocity, expected = np.array([3.0]), np.zeros(1), 3.0
        for t in range(1, 8):
            # Nesterov's grad + momentum * velocity is the velocity of one step later.
            expected -= 0.5 * 2.0 * (1 - 0.6 ** (t + ahead)) / (1 - 0.6)
            param, velocity = function(param, np.array([2.0]), velocity, lr=0.5, momentum=0.6)
            assert_close(param, [expected])
            assert_close(velocity, [2.0 * (1 - 0.6**t) / (1 - 0.6)])


def test_changed_rate(kata):
    """The learning rate multiplies the step and not the velocity: a new rate holds for all of the next step."""
    for function, moved in ((kata.momentum_step, -6.0), (kata.nesterov_step, -7.0)):
        velocity = function(np.zeros(1), np.array([4.0]), np.zeros(1), lr=1.0, momentum=0.5).velocity
        # A rate may be above 1, and small.
        for lr in (0.1, 2.5, 1e-5):
            step = function(np.zeros(1), np.array([4.0]), velocity, lr=lr, momentum=0.5)
            assert_close(step.velocity, [6.0])
            assert_close(step.param, [lr * moved])


def test_look_ahead(kata, rng):
    """At a constant rate, Nesterov's param is the point ahead, at which his own form takes its gradient."""
    curvature, lr, momentum = rng.uniform(0.5, 3.0, size=4), 0.2, 0.9
    behind, speed = rng.normal(size=4), np.zeros(4)
    param, velocity = behind, speed
    for _ in range(6):
        param, velocity = kata.nesterov_step(param, curvature * param, velocity, lr=lr, momentum=momentum)
        speed = momentum * speed + curvature * (behind - lr * momentum * speed)
        behind = behind - lr * speed
        assert_close(velocity, speed)
        assert_close(param, behind - lr * momentum * speed)


def test_large_momentum(kata):
    """A momentum of 0.999 is used as it is."""
    for name, param in (
        ("momentum_step", 10 - 0.2 * (0.999 * 4 + 3)),
        ("nesterov_step", 10 - 0.2 * (3 + 0.999 * 6.996)),
    ):
        step = getattr(kata, name)(np.array([10.0]), np.array([3.0]), np.array([4.0]), lr=0.2, momentum=0.999)
        assert_close(step.param, [param])


@strict
def test_integers(kata):
    """Arrays of integers are not truncated."""
    whole = np.array([10, 20]), np.array([3, -1]), np.array([5, 2])
    step = kata.momentum_step(*whole, lr=0.5, momentum=0.5)
    assert_close(step.velocity, [5.5, 0.0])
    assert_close(step.param, [7.25, 20.0])
    step = kata.nesterov_step(*whole, lr=0.5, momentum=0.5)
    assert_close(step.velocity, [5.5, 0.0])
    assert_close(step.param, [7.125, 20.5])


def workload(kata, rng, n):
    """Two steps of either rule; some gradients are zero."""
    param, first, second = rng.normal(size=(3, n, 4))
    second[rng.random(size=second.shape) < 0.3] = 0.0
    steps = []
    for function in (kata.momentum_step, kata.nesterov_step):
        steps.append(function(param, first, np.zeros(param.shape), 0.1, 0.9))
        steps.append(function(steps[-1].param, second, steps[-1].velocity, 0.3, 0.5))
    return tuple(steps)


def picture(kata, rng):
    curvature, n_steps = np.array([1.0, 40.0]), 80
    start = np.array([-3.0, 1.0]) + 0.1 * rng.normal(size=2)
    rules = {
        "momentum 0.9": lambda p, v: kata.momentum_step(p, curvature * p, v, 0.02, 0.9),
        "Nesterov 0.9": lambda p, v: kata.nesterov_step(p, curvature * p, v, 0.02, 0.9),
        "momentum 0": lambda p, v: kata.momentum_step(p, curvature * p, v, 0.02, 0.0),
    }
    losses, paths = [], []
    for name, rule in rules.items():
        param, velocity = start, np.zeros(2)
        points = [param]
        for _ in range(n_steps):
            param, velocity = rule(param, velocity)
            points.append(param)
        track = np.array(points)
        losses.append(Line(np.arange(n_steps + 1), np.maximum(track**2 @ curvature / 2, 1e-12), name))
        paths.append(Line(track[:, 0], track[:, 1], name))
    return [
        Panel("Loss of x^2 / 2 + 20 y^2, lr 0.02", "step", "loss", losses, log="y"),
        Panel(
            "The way to the minimum at (0, 0)",
            "x",
            "y",
            paths,
            note="Momentum runs past the minimum and swings back. Nesterov's form damps the swing.",
        ),
    ]


MISTAKES = {
    "step by the old velocity": (
        "velocity = momentum * velocity + grad\n    return Step(param - lr * velocity, velocity)",
        "return Step(param - lr * velocity, momentum * velocity + grad)",
    ),
    "a moving average": (
        "velocity = momentum * velocity + grad\n    return Step(param - lr * velocity, velocity)",
        "velocity = momentum * velocity + (1 - momentum) * grad\n    return Step(param - lr * velocity, velocity)",
    ),
    "the rate inside the velocity": (
        "velocity = momentum * velocity + grad\n    return Step(param - lr * velocity, velocity)",
        "velocity = momentum * velocity + lr * grad\n    return Step(param - velocity, velocity)",
    ),
    "the velocity forgotten": (
        "velocity = momentum * velocity + grad\n    return Step(param - lr * velocity, velocity)",
        "velocity = grad\n    return Step(param - lr * velocity, velocity)",
    ),
    "the old velocity handed on": (
        "velocity = momentum * velocity + grad\n    return Step(param - lr * velocity, velocity)",
        "grown = momentum * velocity + grad\n    return Step(param - lr * grown, velocity)",
    ),
    "momentum fixed at 0.9": (
        "velocity = momentum * velocity + grad\n    return Step(param - lr * velocity, velocity)",
        "velocity = 0.9 * velocity + grad\n    return Step(param - lr * velocity, velocity)",
    ),
    "a step uphill": ("param - lr * velocity, velocity", "param + lr * velocity, velocity"),
    "a momentum of 0 is none given": (
        "velocity = momentum * velocity + grad\n    return Step(param - lr * velocity, velocity)",
        "velocity = (momentum or 0.9) * velocity + grad\n    return Step(param - lr * velocity, velocity)",
    ),
    "a rate of 0 is none given": (
        "return Step(param - lr * velocity, velocity)",
        "return Step(param - (lr or 0.01) * velocity, velocity)",
    ),
    "Nesterov: the old velocity": (
        "velocity = momentum * velocity + grad\n    return Step(param - lr * (grad + momentum * velocity), velocity)",
        "return Step(param - lr * (grad + momentum * velocity), momentum * velocity + grad)",
    ),
    "Nesterov: plain momentum": (
        "return Step(param - lr * (grad + momentum * velocity), velocity)",
        "return Step(param - lr * velocity, velocity)",
    ),
    "Nesterov: the velocity not weighted": (
        "param - lr * (grad + momentum * velocity), v",
        "param - lr * (grad + velocity), v",
    ),
    "Nesterov: the gradient forgotten": (
        "param - lr * (grad + momentum * velocity), v",
        "param - lr * momentum * velocity, v",
    ),
    "Nesterov: the point behind returned": (
        "lr * (grad + momentum * velocity), velocity",
        "lr * (grad + momentum * velocity) + lr * momentum * velocity, velocity",
    ),
    "Nesterov: the step kept for a velocity": (
        "return Step(param - lr * (grad + momentum * velocity), velocity)",
        "velocity = grad + momentum * velocity\n    return Step(param - lr * velocity, velocity)",
    ),
}

STRICT_MISTAKES = {
    "integers truncated": (
        "return Step(param - lr * velocity, velocity)",
        "return Step((param - lr * velocity).astype(param.dtype), velocity)",
    ),
}
