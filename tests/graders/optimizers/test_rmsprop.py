import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

PURE = True

OPTIONS = {"lr": 0.3, "alpha": 0.8, "eps": 0.2}


@pytest.fixture
def state(rng):
    """Draw a param, a gradient and the averages m and v, of shape (2, 3)."""
    param, grad, m = rng.normal(size=(3, 2, 3))
    return param, grad, m, m**2 + rng.uniform(0.1, 4.0, size=(2, 3))


def weights_of(n, alpha):
    """Return the weight that each of n gradients has in an average, the oldest first."""
    return [(1 - alpha) * alpha ** (n - 1 - i) for i in range(n)]


def averages(grads, alpha):
    """Return the weighted sums that define m and v after these gradients."""
    pairs = list(zip(weights_of(len(grads), alpha), grads, strict=True))
    return sum(weight * grad for weight, grad in pairs), sum(weight * grad**2 for weight, grad in pairs)


def test_step(kata, rng):
    """The squared gradient joins v first; the step divides by the root of the new v plus eps, coordinate-wise."""
    # 0.75 * 32 + 0.25 * 10^2 = 49, whose root is 7; eps = 1 makes that 8. The size of the gradients does not matter.
    for size in (1.0, 1e3, 1e-4):
        one = np.array([10.0 * size]), np.array([10.0 * size]), np.array([32.0 * size**2])
        step = kata.rmsprop_step(*one, lr=2.0, alpha=0.75, eps=size)
        assert_close(step.v, [49.0 * size**2])
        assert_close(step.param, [10.0 * size - 2.5])
    for shape in ((4,), (2, 4), (2, 3, 2)):
        param, grad, v = rng.normal(size=(3, *shape))
        step = kata.rmsprop_step(param, grad, v**2, **OPTIONS)
        v = np.vectorize(lambda old, new: 0.8 * old + 0.2 * new)(v**2, grad**2)
        assert_close(step.v, v)
        assert_close(step.param, param - 0.3 * grad / (v**0.5 + 0.2))


def test_first_step(kata):
    """Nothing is corrected: from v = 0 the first step is lr / sqrt(1 - alpha), for large and small gradients alike."""
    grad = np.array([1e5, -2.0, 1e-3, 0.0])
    step = kata.rmsprop_step(np.zeros(4), grad, np.zeros(4), lr=0.5, alpha=0.75, eps=1e-12)
    assert_close(step.param, [-1.0, 1.0, -1.0, 0.0], rtol=1e-6)
    step = kata.rmsprop_step(np.zeros(4), grad, np.zeros(4), lr=0.5, alpha=0.96, eps=1e-12)
    assert_close(step.param, [-2.5, 2.5, -2.5, 0.0], rtol=1e-6)


def test_several_steps(kata, rng):
    """Each call uses the v of the last one, in which a gradient counts alpha times less at every step."""
    grads = np.concatenate([[2.0, -1.0, 30.0], rng.normal(size=5)])
    param, v = np.array([3.0]), np.zeros(1)
    for t in range(1, 9):
        square = averages(grads[:t], 0.8)[1]
        expected = param - 0.3 * grads[t - 1] / (square**0.5 + 0.2)
        param, v = kata.rmsprop_step(param, grads[t - 1 : t], v, **OPTIONS)
        assert_close(v, [square])
        assert_close(param, expected)


def test_zero_gradient(kata):
    """A coordinate without gradient stays where it is, while its averages fade."""
    param, flat, m, v = np.array([1.5]), np.zeros(1), np.array([2.0]), np.array([8.0])
    step = kata.rmsprop_step(param, flat, v, **OPTIONS)
    assert_close(step.param, [1.5])
    assert_close(step.v, [6.4])
    step = kata.centered_rmsprop_step(param, flat, m, v, **OPTIONS)
    assert_close(step.param, [1.5])
    assert_close(step.m, [1.6])
    assert_close(step.v, [6.4])
    # Nothing at all yet: 0 over eps.
    assert_close(kata.rmsprop_step(param, flat, flat).param, [1.5])
    assert_close(kata.centered_rmsprop_step(param, flat, flat, flat).param, [1.5])


def test_at_zero(kata, state):
    """With alpha = 0 nothing is remembered; with lr = 0 only the averages change."""
    param, grad, m, v = state
    step = kata.rmsprop_step(param, grad, v, lr=0.3, alpha=0.0, eps=0.2)
    assert_close(step.v, grad**2)
    assert_close(step.param, param - 0.3 * grad / (np.abs(grad) + 0.2))
    step = kata.rmsprop_step(param, grad, v, lr=0.0, alpha=0.8, eps=0.2)
    assert_close(step.v, 0.8 * v + 0.2 * grad**2)
    assert_close(step.param, param)
    step = kata.centered_rmsprop_step(param, grad, m, v, lr=0.0, alpha=0.8, eps=0.2)
    assert_close(step.m, 0.8 * m + 0.2 * grad)
    assert_close(step.param, param)


def test_centered_step(kata, state):
    """Centred, m and v are updated alike; the step divides the gradient by the root of v - m^2, plus eps."""
    # m = 1 + 3 = 4 and v = 7 + 18 = 25; 25 - 4^2 = 9, whose root is 3; eps = 1 makes that 4.
    for size in (1.0, 1e3, 1e-4):
        one = np.array([10.0 * size]), np.array([6.0 * size]), np.array([2.0 * size]), np.array([14.0 * size**2])
        step = kata.centered_rmsprop_step(*one, lr=2.0, alpha=0.5, eps=size)
        assert_close(step.m, [4.0 * size])
        assert_close(step.v, [25.0 * size**2])
        assert_close(step.param, [10.0 * size - 3.0])
    param, grad, m, v = state
    step = kata.centered_rmsprop_step(*state, **OPTIONS)
    m, v = 0.8 * m + 0.2 * grad, 0.8 * v + 0.2 * grad**2
    assert_close(step.m, m)
    assert_close(step.v, v)
    assert_close(step.param, param - 0.3 * grad / ((v - m**2) ** 0.5 + 0.2))


def test_centered_first_step(kata):
    """Centred, the first step from zero is lr / sqrt(alpha * (1 - alpha)), for large and small gradients alike."""
    grad, zeros = np.array([1e5, -2.0, 1e-3, 0.0]), np.zeros(4)
    step = kata.centered_rmsprop_step(zeros, grad, zeros, zeros, lr=0.4, alpha=0.8, eps=1e-12)
    assert_close(step.param, [-1.0, 1.0, -1.0, 0.0], rtol=1e-6)


def test_centered_several_steps(kata, rng):
    """Centred, the divisor is the spread of all gradients so far about their mean, where older ones count less."""
    grads = np.concatenate([[2.0, -1.0, 30.0], 4.0 + rng.normal(size=5)])
    param, m, v = np.array([3.0]), np.zeros(1), np.zeros(1)
    for t in range(1, 9):
        mean, square = averages(grads[:t], 0.8)
        # The weight that the gradients do not have yet is that of the zero at which the averages start.
        variance = 0.8**t * mean**2
        for weight, grad in zip(weights_of(t, 0.8), grads[:t], strict=True):
            variance += weight * (grad - mean) ** 2
        expected = param - 0.3 * grads[t - 1] / (variance**0.5 + 0.2)
        param, m, v = kata.centered_rmsprop_step(param, grads[t - 1 : t], m, v, **OPTIONS)
        assert_close(m, [mean])
        assert_close(v, [square])
        assert_close(param, expected)


@strict
def test_defaults(kata):
    """Unless told otherwise, lr is 0.01, alpha is 0.99 and eps is 1e-8."""
    # The root of 0.01 * 1e-14 is 1e-8, the size of eps.
    step = kata.rmsprop_step(np.zeros(1), np.array([1e-7]), np.zeros(1))
    assert_close(step.param, [-0.05])
    assert_close(kata.rmsprop_step(np.zeros(1), np.ones(1), np.zeros(1)).v, [0.01])
    step = kata.centered_rmsprop_step(np.zeros(1), np.array([1e-7]), np.zeros(1), np.zeros(1))
    assert_close(step.param, [-0.1 / (0.99**0.5 + 1)])
    step = kata.centered_rmsprop_step(np.zeros(1), np.ones(1), np.zeros(1), np.zeros(1))
    assert_close(step.m, [0.01])
    assert_close(step.v, [0.01])


@strict
def test_constant_gradients(kata):
    """Where gradients do not vary, rounding may make v - m^2 negative. That gives no NaN."""
    grad = np.arange(1.0, 40.0) / 7
    # In the last digit, m^2 may be above v from the beginning.
    for v in (grad**2, np.nextafter(grad**2, 0.0)):
        step = kata.centered_rmsprop_step(np.zeros(39), grad, grad, v, lr=0.5, alpha=0.9, eps=2.0)
        assert_close(step.param, -0.25 * grad, rtol=1e-5)
        step = kata.centered_rmsprop_step(np.zeros(39), grad, step.m, step.v, lr=0.5, alpha=0.9, eps=2.0)
        assert_close(step.param, -0.25 * grad, rtol=1e-5)


@strict
def test_integers(kata):
    """Arrays of integers are not truncated."""
    param, grad, m, v = np.array([10, 20]), np.array([6, 1]), np.array([2, 0]), np.array([14, 2])
    step = kata.rmsprop_step(param, grad, v, lr=2, alpha=0.5, eps=1)
    assert_close(step.v, [25.0, 1.5])
    assert_close(step.param, [8.0, 20 - 2 / (1.5**0.5 + 1)])
    step = kata.centered_rmsprop_step(param, grad, m, v, lr=2, alpha=0.5, eps=1)
    assert_close(step.m, [4.0, 0.5])
    assert_close(step.v, [25.0, 1.5])
    assert_close(step.param, [7.0, 20 - 2 / (1.25**0.5 + 1)])


def workload(kata, rng, n):
    """Two steps of either form; some gradients are zero."""
    param, first, second = rng.normal(size=(3, n, 4))
    second[rng.random(size=second.shape) < 0.3] = 0.0
    zeros = np.zeros(param.shape)
    plain = kata.rmsprop_step(param, first, zeros)
    centered = kata.centered_rmsprop_step(param, first, zeros, zeros)
    return (
        plain,
        kata.rmsprop_step(plain.param, second, plain.v, 0.3, 0.7, 0.1),
        centered,
        kata.centered_rmsprop_step(centered.param, second, centered.m, centered.v, 0.3, 0.7, 0.1),
    )


def picture(kata, rng):
    n_steps = 300
    steps = np.arange(1, n_steps + 1)

    def sizes(step, grads, n_averages):
        state = [np.zeros(1)] * (1 + n_averages)
        way = []
        for grad in grads:
            before, state = state[0], step(state[0], np.array([grad]), *state[1:], lr=1.0, alpha=0.95)
            way.append(abs((state[0] - before).item()))
        return np.array(way)

    both = {"RMSprop": (kata.rmsprop_step, 1), "centred": (kata.centered_rmsprop_step, 2)}
    falling = np.where(steps <= 50, 30.0, 1.0) * (1 + 0.3 * rng.normal(size=n_steps))
    return [
        Panel(
            "Gradients of about 30, then of about 1",
            "step",
            "size of the step, in lr",
            [Line(steps, np.maximum(sizes(step, falling, n), 1e-4), name) for name, (step, n) in both.items()],
            log="y",
            note="Both forget the large gradients. The centred form takes longer steps, because the gradients agree.",
        ),
        Panel(
            "A gradient of 1 in every step",
            "step",
            "size of the step, in lr",
            [Line(steps, sizes(step, np.ones(n_steps), n), name) for name, (step, n) in both.items()],
            log="y",
            note="Gradients that do not vary have no variance: the centred steps grow until eps limits them.",
        ),
    ]


PLAIN = "param - lr * grad / (np.sqrt(v) + eps), v)\n\n\ndef centered_rmsprop_step("
CENTERED = "variance = np.maximum(v - m**2, 0)\n"
SQUARES = "    v = alpha * v + (1 - alpha) * grad**2\n    return Step(param"

MISTAKES = {
    "v updated after the step": (
        SQUARES + " - lr * grad / (np.sqrt(v) + eps), v)\n\n\ndef centered_rmsprop_step(",
        (
            "    return Step(param - lr * grad / (np.sqrt(v) + eps), alpha * v + (1 - alpha) * grad**2)\n\n\n"
            "def centered_rmsprop_step("
        ),
    ),
    "eps inside the root": (PLAIN, PLAIN.replace("np.sqrt(v) + eps", "np.sqrt(v + eps)")),
    "eps fixed at its default": (PLAIN, PLAIN.replace("eps), v", "1e-8), v")),
    "root forgotten": (PLAIN, PLAIN.replace("np.sqrt(v) + eps", "v + eps")),
    "a step uphill": (PLAIN, PLAIN.replace("param - lr", "param + lr")),
    "alpha on the gradient": (SQUARES, SQUARES.replace("alpha * v + (1 - alpha) *", "(1 - alpha) * v + alpha *")),
    "alpha fixed at its default": (SQUARES, SQUARES.replace("alpha * v + (1 - alpha) *", "0.99 * v + 0.01 *")),
    "another algorithm: Adagrad": (SQUARES, SQUARES.replace("alpha * v + (1 - alpha) * grad", "v + grad")),
    "squares join whole": (SQUARES, SQUARES.replace("(1 - alpha) * grad", "grad")),
    "size of the gradient, not its square": (SQUARES, SQUARES.replace("grad**2", "np.abs(grad)")),
    "one average for the whole array": (SQUARES, SQUARES.replace("grad**2", "(grad**2).mean()")),
    "bias corrected as in Adam's first step": (
        PLAIN,
        PLAIN.replace("np.sqrt(v) + eps", "np.sqrt(v / (1 - alpha)) + eps"),
    ),
    "a small root raised": (PLAIN, PLAIN.replace("np.sqrt(v) + eps", "np.maximum(np.sqrt(v), 1e-3) + eps")),
    "centred: mean forgotten": (CENTERED, "variance = v\n"),
    "centred: mean not squared": (CENTERED, "variance = np.maximum(v - m, 0)\n"),
    "centred: added": (CENTERED, "variance = v + m**2\n"),
    "centred: eps inside the root": [
        (CENTERED, "variance = np.maximum(v - m**2, 0) + eps\n"),
        ("(np.sqrt(variance) + eps)", "np.sqrt(variance)"),
    ],
    "centred: eps fixed at its default": ("(np.sqrt(variance) + eps)", "(np.sqrt(variance) + 1e-8)"),
    "centred: root forgotten": ("(np.sqrt(variance) + eps)", "(variance + eps)"),
    "centred: the old mean": (
        CENTERED,
        "variance = np.maximum(v - ((m - (1 - alpha) * grad) / (alpha or 1)) ** 2, 0)\n",
    ),
    "centred: the gradient loses its mean, too": (
        "lr * grad / (np.sqrt(variance)",
        "lr * (grad - m) / (np.sqrt(variance)",
    ),
    "centred: a step by the mean": ("lr * grad / (np.sqrt(variance)", "lr * m / (np.sqrt(variance)"),
    "centred: a step uphill": ("param - lr * grad / (np.sqrt(variance)", "param + lr * grad / (np.sqrt(variance)"),
    "centred: v of distances from the mean": (
        "    v = alpha * v + (1 - alpha) * grad**2\n    variance",
        "    v = alpha * v + (1 - alpha) * (grad - m) ** 2\n    variance",
    ),
    "centred: m joins whole": (
        "    m = alpha * m + (1 - alpha) * grad\n    v = alpha * v + (1 - alpha) * grad**2\n    variance",
        "    m = alpha * m + grad\n    v = alpha * v + (1 - alpha) * grad**2\n    variance",
    ),
}

STRICT_MISTAKES = {
    "a variance below zero": (CENTERED, "variance = v - m**2\n"),
    "integers truncated": (SQUARES, SQUARES.replace("\n    return", "\n    v = v.astype(grad.dtype)\n    return")),
}
