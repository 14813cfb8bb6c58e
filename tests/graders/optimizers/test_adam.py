import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, strict

PURE = True

OPTIONS = {"lr": 0.3, "betas": (0.8, 0.6), "eps": 0.2}


@pytest.fixture
def state(rng):
    """Draw a param, a gradient and the averages m and v, of shape (2, 3)."""
    param, grad, m = rng.normal(size=(3, 2, 3))
    return param, grad, m, rng.uniform(0.1, 4.0, size=(2, 3))


def defined(grads, lr, betas, eps):
    """Return what the definition makes of one coordinate's gradients so far: the way it goes now, m and v."""
    (beta1, beta2), t = betas, len(grads)
    m = sum((1 - beta1) * beta1**age * grad for age, grad in enumerate(reversed(grads)))
    v = sum((1 - beta2) * beta2**age * grad**2 for age, grad in enumerate(reversed(grads)))
    return -lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v


def test_step(kata, state):
    """The averages take the gradient and its square in; the step is lr * m_hat / (sqrt(v_hat) + eps)."""
    # m = 1.5, v = 3; over 1 - 0.5^2 they are 2 and 4; the step is 0.5 * 2 / (2 + 2). Their size does not matter.
    for size in (1.0, 1e3, 1e-4):
        one = np.array([10.0 * size]), np.array([2.0 * size]), np.array([size]), np.array([2.0 * size**2])
        step = kata.adam_step(*one, t=2, lr=0.5, betas=(0.5, 0.5), eps=2.0 * size)
        assert_close(step.m, [1.5 * size])
        assert_close(step.v, [3.0 * size**2])
        assert_close(step.param, [10.0 * size - 0.25])
    param, grad, m, v = state
    step = kata.adam_step(*state, t=3, **OPTIONS)
    m, v = 0.8 * m + 0.2 * grad, 0.6 * v + 0.4 * grad**2
    assert_close(step.m, m)
    assert_close(step.v, v)
    assert_close(step.param, param - 0.3 * (m / (1 - 0.8**3)) / ((v / (1 - 0.6**3)) ** 0.5 + 0.2))


def test_first_step(kata):
    """Corrected for bias, the first step is lr in each coordinate that has a gradient, large or small."""
    grad, zeros = np.array([1e5, -2.0, 1e-3, 0.0]), np.zeros(4)
    assert_close(kata.adam_step(zeros, grad, zeros, zeros, t=1, lr=0.5, eps=1e-12).param, [-0.5, 0.5, -0.5, 0.0])


def test_several_steps(kata, rng):
    """The averages go from step to step uncorrected, and each step corrects them by its own t."""
    grads = [np.array([2.0]), np.array([-1.0]), *rng.normal(size=(5, 1))]
    param, m, v = np.array([3.0]), np.zeros(1), np.zeros(1)
    for t in range(1, 8):
        way, first, second = defined([grad.item() for grad in grads[:t]], **OPTIONS)
        expected = param + way
        param, m, v = kata.adam_step(param, grads[t - 1], m, v, t, **OPTIONS)
        assert_close(m, [first])
        assert_close(v, [second])
        assert_close(param, expected)


def test_without_memory(kata, state):
    """With betas of 0 nothing is remembered: every step is its gradient over its size plus eps."""
    param, grad, *_ = state
    step = kata.adam_step(*state, t=2, lr=0.3, betas=(0.0, 0.0), eps=0.2)
    assert_close(step.m, grad)
    assert_close(step.v, grad**2)
    assert_close(step.param, param - 0.3 * grad / (np.abs(grad) + 0.2))
    step = kata.adamw_step(*state, t=2, lr=0.3, betas=(0.0, 0.0), eps=0.2, weight_decay=0.5)
    assert_close(step.param, param - 0.15 * param - 0.3 * grad / (np.abs(grad) + 0.2))


def test_late_step(kata, state):
    """However many steps there were, both averages are corrected by t."""
    param, grad, m, v = state
    m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
    # With the default betas the second correction is still a third at step 1,100, and gone at 100,000.
    for t in (1100, 100_000):
        way = 0.3 * m / (1 - 0.9**t) / ((v / (1 - 0.999**t)) ** 0.5 + 0.2)
        assert_close(kata.adam_step(*state, t=t, lr=0.3, eps=0.2).param, param - way)
        step = kata.adamw_step(*state, t=t, lr=0.3, eps=0.2, weight_decay=0.5)
        assert_close(step.param, param - 0.15 * param - way)


def test_zero_gradient(kata):
    """A coordinate without gradient still moves, by an average that fades."""
    param, flat = np.array([1.0]), np.zeros(1)
    # m = 1, v = 1; over 0.75 and 0.75 the step is 0.5 * (4/3) / sqrt(4/3).
    step = kata.adam_step(param, flat, np.array([2.0]), np.array([2.0]), t=2, lr=0.5, betas=(0.5, 0.5), eps=1e-12)
    assert_close(step.m, [1.0])
    assert_close(step.v, [1.0])
    assert_close(step.param, [1.0 - 0.5 * (4 / 3) ** 0.5])


def test_decay(kata, state):
    """AdamW takes Adam's step and lr * weight_decay times the old param off; m and v are Adam's."""
    # Adam goes from 10 to 9.75, and 0.5 * 0.2 * 10 is 1.
    for size in (1.0, 1e3, 1e-4):
        one = np.array([10.0 * size]), np.array([2.0 * size]), np.array([size]), np.array([2.0 * size**2])
        step = kata.adamw_step(*one, t=2, lr=0.5, betas=(0.5, 0.5), eps=2.0 * size, weight_decay=0.2)
        assert_close(step.m, [1.5 * size])
        assert_close(step.v, [3.0 * size**2])
        assert_close(step.param, [9.0 * size - 0.25])
    param, grad, m, v = state
    step = kata.adamw_step(*state, t=3, weight_decay=0.7, **OPTIONS)
    m, v = 0.8 * m + 0.2 * grad, 0.6 * v + 0.4 * grad**2
    assert_close(step.m, m)
    assert_close(step.v, v)
    adam = 0.3 * (m / (1 - 0.8**3)) / ((v / (1 - 0.6**3)) ** 0.5 + 0.2)
    assert_close(step.param, param - 0.3 * 0.7 * param - adam)
    # Without decay it is Adam.
    assert_close(kata.adamw_step(*state, t=3, weight_decay=0.0, **OPTIONS).param, param - adam)


def test_decay_alone(kata):
    """Without gradients, AdamW shrinks every weight by the factor 1 - lr * weight_decay, and the averages stay 0."""
    start = np.array([4.0, -0.5, 3e3, 2e-6])
    param, m, v = start, np.zeros(4), np.zeros(4)
    for t in range(1, 4):
        param, m, v = kata.adamw_step(param, np.zeros(4), m, v, t, lr=0.5, weight_decay=0.4)
        assert_close(m, np.zeros(4))
        assert_close(v, np.zeros(4))
        assert_close(param, 0.8**t * start)


def test_first_number(kata):
    """Steps count from 1: t = 0 raises ValueError, and so does a negative t."""
    one, flat = (np.ones(2), np.ones(2), np.zeros(2), np.zeros(2)), (np.ones(2), *np.zeros((3, 2)))
    for function in (kata.adam_step, kata.adamw_step):
        for t in (0, -1, -10):
            # Also where nothing would move.
            for state, lr in ((one, 0.001), (one, 0.0), (flat, 0.001)):
                with pytest.raises(ValueError):
                    function(*state, t, lr)


def test_any_state(kata):
    """The formulas hold for any m, v and t, and for eps = 0 or lr = 0: at t = 1 with averages, and at t = 10001."""
    one, grad, m, v = np.array([10.0]), np.array([2.0]), np.array([1.0]), np.array([2.0])
    step = kata.adam_step(one, grad, m, v, t=1, lr=0.5, betas=(0.5, 0.5), eps=2.0)
    assert_close(step.m, [1.5])
    assert_close(step.v, [3.0])
    assert_close(step.param, [10 - 0.5 * 3 / (6**0.5 + 2)])
    for step in (
        kata.adam_step(one, grad, m, v, t=1, lr=0.0, betas=(0.5, 0.5)),
        kata.adamw_step(one, grad, m, v, t=1, lr=0.0, betas=(0.5, 0.5), weight_decay=0.1),
    ):
        assert_close(step.param, one)
        assert_close(step.m, [1.5])
        assert_close(step.v, [3.0])
    step = kata.adam_step(one, grad, m, v, t=10001, lr=0.5, betas=(0.9, 0.9999))
    m_hat, v_hat = 1.1 / (1 - 0.9**10001), (0.9999 * 2 + 0.0001 * 4) / (1 - 0.9999**10001)
    assert_close(step.param, [10 - 0.5 * m_hat / (v_hat**0.5 + 1e-8)])
    small = one, np.array([1e-6]), np.zeros(1), np.zeros(1)
    assert_close(kata.adam_step(*small, t=1, lr=1.0, eps=0.0).param, [9.0])
    assert_close(kata.adamw_step(*small, t=1, lr=1.0, eps=0.0, weight_decay=0.2).param, [7.0])
    # There was no v, or it is not remembered, and there is no gradient: m_hat is 1, v_hat is 0, and eps divides alone.
    for beta2, v in [(0.5, 0.0), (0.0, 4.0)]:
        flat, options = (one, np.zeros(1), np.ones(1), np.array([v])), {"lr": 0.5, "betas": (0.5, beta2), "eps": 1e-3}
        assert_close(kata.adam_step(*flat, t=1, **options).param, [10.0 - 500.0])
        step = kata.adamw_step(*flat, t=1, **options, weight_decay=0.2)
        assert_close(step.m, [0.5])
        assert_close(step.v, [0.0])
        assert_close(step.param, [9.0 - 500.0])


@strict
def test_defaults(kata):
    """Unless told otherwise, lr is 0.001, betas are 0.9 and 0.999, eps is 1e-8, and weight_decay is 0.01."""
    # A gradient of eps takes half a step.
    step = kata.adam_step(np.zeros(1), np.array([1e-8]), np.zeros(1), np.zeros(1), 1)
    assert_close(step.param, [-0.0005])
    step = kata.adam_step(np.zeros(1), np.array([1.0]), np.zeros(1), np.zeros(1), 1)
    assert_close(step.m, [0.1])
    assert_close(step.v, [0.001])
    step = kata.adamw_step(np.array([5.0]), np.array([1e-8]), np.zeros(1), np.zeros(1), 1)
    assert_close(step.param, [5.0 - 0.00005 - 0.0005])
    step = kata.adamw_step(np.zeros(1), np.array([1.0]), np.zeros(1), np.zeros(1), 1)
    assert_close(step.m, [0.1])
    assert_close(step.v, [0.001])


@strict
def test_integers(kata):
    """Arrays of integers are not truncated."""
    whole = np.array([10, 20]), np.array([2, 1]), np.array([1, 0]), np.array([2, 0])
    step = kata.adam_step(*whole, t=2, lr=1, betas=(0.5, 0.5), eps=2)
    assert_close(step.m, [1.5, 0.5])
    assert_close(step.v, [3.0, 0.5])
    way = (2 / 3) / ((2 / 3) ** 0.5 + 2)
    assert_close(step.param, [9.5, 20 - way])
    step = kata.adamw_step(*whole, t=2, lr=1, betas=(0.5, 0.5), eps=2, weight_decay=0.01)
    assert_close(step.param, [9.4, 19.8 - way])


def workload(kata, rng, n):
    """Two steps of either rule; some gradients are zero."""
    param, first, second = rng.normal(size=(3, n, 4))
    second[rng.random(size=second.shape) < 0.3] = 0.0
    steps = []
    for function, decay in ((kata.adam_step, ()), (kata.adamw_step, (0.2,))):
        zeros = np.zeros(param.shape)
        steps.append(function(param, first, zeros, zeros, 1))
        step = steps[-1]
        steps.append(function(step.param, second, step.m, step.v, 2, 0.3, (0.7, 0.8), 0.1, *decay))
    return tuple(steps)


def picture(kata, rng):
    curvature, n_steps = np.array([1.0, 60.0]), 150
    start = np.array([-3.0, 1.0]) + 0.1 * rng.normal(size=2)
    rules = {
        "Adam, lr 0.1": lambda p, m, v, t: kata.adam_step(p, curvature * p, m, v, t, lr=0.1),
        "AdamW, lr 0.1, decay 0.3": lambda p, m, v, t: kata.adamw_step(
            p, curvature * p, m, v, t, lr=0.1, weight_decay=0.3
        ),
        "gradient descent, lr 0.03": lambda p, m, v, _: (p - 0.03 * curvature * p, m, v),
    }
    losses, paths = [], []
    for name, rule in rules.items():
        param, m, v = start, np.zeros(2), np.zeros(2)
        points = [param]
        for t in range(1, n_steps + 1):
            param, m, v = rule(param, m, v, t)
            points.append(param)
        track = np.array(points)
        losses.append(Line(np.arange(n_steps + 1), np.maximum(track**2 @ curvature / 2, 1e-12), name))
        paths.append(Line(track[:40, 0], track[:40, 1], name))
    return [
        Panel("Loss of x^2 / 2 + 30 y^2", "step", "loss", losses, log="y"),
        Panel(
            "The first 40 steps",
            "x",
            "y",
            [*paths, Points([0], [0], "minimum", large=True)],
            note="The gradient is 60 times steeper along y. Adam takes steps of one size in both directions.",
        ),
    ]


MISTAKES = {
    "bias not corrected": ("m / (1 - beta1**t), v / (1 - beta2**t)", "m, v"),
    "only m corrected": ("v / (1 - beta2**t)\n", "v\n"),
    "corrected as if always in the first step": (
        "m / (1 - beta1**t), v / (1 - beta2**t)",
        "m / (1 - beta1), v / (1 - beta2)",
    ),
    "corrected by beta times t": ("m / (1 - beta1**t), v / (1 - beta2**t)", "m / (1 - beta1) / t, v / (1 - beta2) / t"),
    "corrected in the first 1,000 steps only": (
        "m / (1 - beta1**t), v / (1 - beta2**t)",
        "(m / (1 - beta1**t), v / (1 - beta2**t)) if t <= 1000 else (m, v)",
    ),
    "t counts from 0": ("m / (1 - beta1**t), v / (1 - beta2**t)", "m / (1 - beta1**(t + 1)), v / (1 - beta2**(t + 1))"),
    "t not checked": ("if t < 1:\n        raise ValueError(f", "if False:\n        raise ValueError(f"),
    "t = 0 passes": ("if t < 1:\n        raise ValueError(f", "if t < 0:\n        raise ValueError(f"),
    "corrected averages handed on": ("(np.sqrt(v_hat) + eps), m, v)", "(np.sqrt(v_hat) + eps), m_hat, v_hat)"),
    "eps inside the root": ("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)"),
    "eps beside the uncorrected root": (
        "(np.sqrt(v_hat) + eps)",
        "((np.sqrt(v) + eps) / np.sqrt(1 - beta2**t))",
    ),
    "eps fixed at its default": ("np.sqrt(v_hat) + eps", "np.sqrt(v_hat) + 1e-8"),
    "betas fixed at their defaults": ("beta1, beta2 = betas", "beta1, beta2 = 0.9, 0.999"),
    "betas swapped": ("beta1, beta2 = betas", "beta2, beta1 = betas"),
    "root forgotten": ("np.sqrt(v_hat) + eps", "v_hat + eps"),
    "v of the gradient, not of its square": ("(1 - beta2) * grad**2", "(1 - beta2) * np.abs(grad)"),
    "v of the averaged gradient": ("(1 - beta2) * grad**2", "(1 - beta2) * m**2"),
    "gradients join whole": ("m = beta1 * m + (1 - beta1) * grad", "m = beta1 * m + grad"),
    "another algorithm: RMSprop": ("Step(param - lr * m_hat / (", "Step(param - lr * grad / ("),
    "a step uphill": ("Step(param - lr * m_hat", "Step(param + lr * m_hat"),
    "decay joined to the gradient": (
        "adam_step(param - lr * weight_decay * param, grad, m,",
        "adam_step(param, grad + weight_decay * param, m,",
    ),
    "a decay of 0 is none given": (
        "(param - lr * weight_decay * param",
        "(param - lr * (weight_decay or 0.01) * param",
    ),
    "decay without lr": ("param - lr * weight_decay * param, grad", "param - weight_decay * param, grad"),
    "decay forgotten": ("param - lr * weight_decay * param, grad", "param, grad"),
    "decay fixed at its default": ("(param - lr * weight_decay * param", "(param - lr * 0.01 * param"),
    "decay of the new param": (
        "return adam_step(param - lr * weight_decay * param, grad, m, v, t, lr, betas, eps)",
        (
            "step = adam_step(param, grad, m, v, t, lr, betas, eps)\n"
            "    return step._replace(param=step.param * (1 - lr * weight_decay))"
        ),
    ),
    "AdamW: eps not handed on": ("betas, eps)\n\n\ndef adam_step_via", "betas)\n\n\ndef adam_step_via"),
}

STRICT_MISTAKES = {
    "integers truncated": (
        "m = beta1 * m + (1 - beta1) * grad",
        "m = (beta1 * m + (1 - beta1) * grad).astype(m.dtype)",
    ),
}
