import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict


@pytest.fixture
def quadratic(rng):
    """Return a quadratic function of a matrix in which all entries are coupled, its gradient and a place for both.

    Of a quadratic function the central difference is exact, whatever h is.
    """
    shape = 2, 3
    pairs, slope = rng.normal(size=(6, 6)), rng.normal(size=6)

    def f(x):
        assert np.shape(x) == shape, f"f got an array of shape {np.shape(x)}"
        flat = np.asarray(x).ravel()
        return float(flat @ pairs @ flat + slope @ flat)

    def gradient(x):
        return ((pairs + pairs.T) @ x.ravel() + slope).reshape(shape)

    return f, gradient, rng.normal(size=shape)


def logistic(rng):
    """Return the loss of a logistic regression in its weights, and its gradient."""
    X, y = rng.normal(size=(8, 4)), rng.choice([-1.0, 1.0], size=8)

    def f(w):
        return sum(math.log1p(math.exp(-label * float(row @ w))) for row, label in zip(X, y, strict=True)) / 8

    def gradient(w):
        return sum(-label * row / (1 + math.exp(label * float(row @ w))) for row, label in zip(X, y, strict=True)) / 8

    return f, gradient


def defined_error(analytic, numerical):
    """Return the largest relative error, entry by entry."""
    errors = []
    for a, n in zip(np.ravel(analytic), np.ravel(numerical), strict=True):
        errors.append(0.0 if a == n == 0 else float(abs(a - n) / (abs(a) + abs(n))))
    return max(errors)


def cube(x):
    return float(x[0]) ** 3


def test_central(kata):
    """The difference is taken to both sides of x, over 2 h: for x^3 it is 3 x^2 + h^2."""
    assert_close(kata.numerical_gradient(cube, np.array([2.0]), h=0.5), [12.25])
    assert_close(kata.numerical_gradient(cube, np.array([-1.0]), h=2.0), [7.0])
    # Of an even function at 0 it is 0.
    assert_close(kata.numerical_gradient(lambda x: float(x[0]) ** 2, np.array([0.0]), h=0.25), [0.0])


def test_one_entry_at_a_time(kata, quadratic):
    """Each entry is moved alone, while all others are where x has them."""

    def product(x):
        return float(x[0] * x[1] * x[2])

    assert_close(kata.numerical_gradient(product, np.array([2.0, 3.0, 5.0]), h=1.0), [15.0, 10.0, 6.0])
    f, gradient, x = quadratic
    for h in (1.0, 0.25, 1e-3):
        assert_close(kata.numerical_gradient(f, x, h), gradient(x), rtol=1e-7, atol=1e-9)


def test_step(kata):
    """The step is h, whatever the size of x, and 1e-5 by default."""
    for h in (1.0, 0.1, 1e-3):
        assert_close(kata.numerical_gradient(cube, np.array([0.0]), h), [h**2], atol=0.0)
        assert_close(kata.numerical_gradient(cube, np.array([100.0]), h), [3e4 + h**2], rtol=1e-10, atol=1e-6)
    assert_close(kata.numerical_gradient(cube, np.array([0.0])), [1e-10], rtol=1e-6, atol=0.0)


def test_shape(kata, quadratic, rng):
    """The gradient has the shape of x, and so has what f gets."""
    f, gradient, x = quadratic
    assert_close(kata.numerical_gradient(f, x), gradient(x), rtol=1e-6, atol=1e-8)
    weights = rng.normal(size=(2, 1, 4))
    for shape in [(8,), (1,), (4, 2), (1, 3), (2, 1, 4)]:
        factors = weights.ravel()[: math.prod(shape)].reshape(shape)

        def weighted(x, factors=factors):
            assert np.shape(x) == factors.shape, f"f got an array of shape {np.shape(x)}"
            return float((factors * np.asarray(x) ** 2).sum())

        x = rng.normal(size=shape)
        assert_close(kata.numerical_gradient(weighted, x), 2 * factors * x, rtol=1e-6, atol=1e-8)


def test_logistic_loss(kata, rng):
    """At the default step the gradient of a smooth loss is right to about nine digits."""
    f, gradient = logistic(rng)
    w = rng.normal(size=4)
    assert_close(kata.numerical_gradient(f, w), gradient(w), rtol=1e-7, atol=1e-9)


def test_error(kata, rng):
    """The error of an entry is the difference over the sum of the two sizes, and the largest of all entries counts."""
    assert_close(kata.gradient_error(np.array([1.0, 2.0, -4.0]), np.array([1.0, 6.0, -4.0])), 0.5)
    assert_close(kata.gradient_error(np.array([-3.0]), np.array([-1.0])), 0.5)
    # Another sign: whatever the sizes, the error is 1.
    assert_close(kata.gradient_error(np.array([2.0, 3.0]), np.array([2.0, -4.0])), 1.0)
    for shape in [(7,), (3, 4), (2, 3, 2)]:
        analytic, scale = rng.normal(size=shape), rng.uniform(0.5, 1.5, size=shape)
        assert_close(kata.gradient_error(analytic, scale * analytic), defined_error(analytic, scale * analytic))
        other = rng.uniform(1.0, 2.0, size=shape)
        assert_close(kata.gradient_error(other, scale * other), defined_error(other, scale * other))
    same = rng.normal(size=(3, 2))
    assert_close(kata.gradient_error(same, same.copy()), 0.0)


def test_error_of_one_entry(kata, rng):
    """One wrong entry among many is not averaged away, even if the others are much larger."""
    analytic = rng.uniform(50.0, 100.0, size=(20, 10)) * rng.choice([-1.0, 1.0], size=(20, 10))
    numerical = analytic.copy()
    analytic[13, 4], numerical[13, 4] = 2e-3, 3e-3
    assert_close(kata.gradient_error(analytic, numerical), 0.2)
    assert_close(kata.gradient_error(numerical, analytic), 0.2)


def test_zeros(kata):
    """Where both gradients are 0 the error is 0; where one of them is 0 it is 1."""
    zeros = np.zeros((2, 2))
    assert_close(kata.gradient_error(zeros, zeros), 0.0)
    assert_close(kata.gradient_error(np.array([0.0, 3.0]), np.array([0.0, 5.0])), 0.25)
    assert_close(kata.gradient_error(np.array([1.0, 0.0]), np.array([1.0, 2e-3])), 1.0)
    assert_close(kata.gradient_error(np.array([1.0, -2e-3]), np.array([1.0, 0.0])), 1.0)


def test_scale(kata, rng):
    """Gradients that are a million times smaller have the same error: no eps stands in the denominator."""
    assert_close(kata.gradient_error(np.array([1e-6]), np.array([3e-6])), 0.5, rtol=1e-5)
    analytic = rng.uniform(1.0, 2.0, size=6)
    numerical = analytic * rng.uniform(0.9, 1.1, size=6)
    expected = defined_error(analytic, numerical)
    for scale in (1e-6, 1e-3, 1e5):
        assert_close(kata.gradient_error(scale * analytic, scale * numerical), expected, rtol=1e-5)


@strict
def test_tiny_gradients(kata):
    """The error does not depend on scale down to 1e-150."""
    for scale in (1e-12, 1e-40, 1e-150):
        assert_close(kata.gradient_error(np.array([scale, 0.0]), np.array([3 * scale, 0.0])), 0.5)


@strict
def test_number_of_calls(kata, rng):
    """The function f is called exactly twice for each entry."""
    calls = []

    def counted(x):
        calls.append(None)
        return float(np.sum(x))

    kata.numerical_gradient(counted, rng.normal(size=(3, 4)))
    assert_equal(len(calls), 24, what="the number of calls of f is")


@strict
def test_integers(kata):
    """Arrays may hold integers: the step is not truncated."""
    assert_close(kata.numerical_gradient(lambda x: float(x[0] * x[1]), np.array([3, 4]), h=0.25), [4.0, 3.0])
    assert_close(kata.numerical_gradient(cube, np.array([2])), [12.0], rtol=1e-6)
    assert_close(kata.gradient_error(np.array([1, 0, -3]), np.array([1, 0, -1])), 0.5)


@strict
def test_shapes_that_differ(kata):
    """Two gradients of different shapes raise ValueError, also where they would broadcast."""
    for other in [(3, 1), (1, 3), (1,), (4,)]:
        with pytest.raises(ValueError):
            kata.gradient_error(np.ones(3), np.ones(other))


@strict
def test_nan(kata):
    """NaN in either gradient makes the error NaN: the check does not pass."""
    for place in (0, 1, 2):
        bad = np.array([1.0, 2.0, 3.0])
        bad[place] = np.nan
        for pair in [(bad, np.array([1.0, 2.5, 3.0])), (np.array([0.0, 0.0, 3.0]), bad)]:
            assert_close(kata.gradient_error(*pair), np.nan)


def workload(kata, rng, n):
    """Differentiate a function of about n entries, some of which do not matter, and compare with another gradient."""
    x = np.round(rng.normal(size=(2, n // 2 + 1)), 3)
    factors = rng.normal(size=x.shape) * (rng.random(x.shape) < 0.7)

    def f(x):
        return float((factors * np.asarray(x) ** 3).sum())

    numerical = kata.numerical_gradient(f, x)
    coarse = kata.numerical_gradient(f, x, h=0.5)
    wrong = 2 * factors * x**2
    return numerical, coarse, kata.gradient_error(wrong, coarse), kata.gradient_error(wrong[0], 3 * wrong[0])


def picture(kata, rng):
    f, gradient = logistic(rng)
    w = rng.normal(size=4)
    steps = 10.0 ** np.arange(-13, 0.5, 0.5)
    central = [kata.gradient_error(gradient(w), kata.numerical_gradient(f, w, float(h))) for h in steps]
    forward = [
        kata.gradient_error(gradient(w), np.array([(f(w + h * e) - f(w)) / h for e in np.eye(4)])) for h in steps
    ]
    return [
        Panel(
            "Error by step",
            "h",
            "relative error",
            [Line(steps, central, "central"), Line(steps, forward, "one-sided", faint=True)],
            note="On the right the formula is too coarse, on the left f is rounded. The best h lies between.",
            log="xy",
        )
    ]


DIFFERENCE = "gradient[place] = (f(x + step) - f(x - step)) / (2 * h)"
SIZE = "size = np.abs(analytic) + np.abs(numerical)"
ERRORS = "errors = np.abs(analytic - numerical)[differ] / size[differ]"
LARGEST = "return float(errors.max(initial=0.0))"
MISTAKES = {
    "forward difference": (DIFFERENCE, "gradient[place] = (f(x + step) - f(x)) / h"),
    "backward difference": (DIFFERENCE, "gradient[place] = (f(x) - f(x - step)) / h"),
    "divided by h": (DIFFERENCE, "gradient[place] = (f(x + step) - f(x - step)) / h"),
    "half a step to either side": (DIFFERENCE, "gradient[place] = (f(x + step / 2) - f(x - step / 2)) / h"),
    "not divided": (DIFFERENCE, "gradient[place] = f(x + step) - f(x - step)"),
    "the wrong way round": (DIFFERENCE, "gradient[place] = (f(x - step) - f(x + step)) / (2 * h)"),
    "a step of its own": (DIFFERENCE, "h = step[place] = 1e-5\n        " + DIFFERENCE),
    "a step in proportion to x": [
        ("        step[place] = h\n", "        step[place] = h * max(1.0, abs(x[place]))\n"),
        (DIFFERENCE, DIFFERENCE.replace("(2 * h)", "(2 * step[place])")),
    ],
    "entries moved before are not put back": (DIFFERENCE, DIFFERENCE + "\n        x = x - step"),
    "all entries moved at once": ("        step[place] = h\n", "        step[:] = h\n"),
    "a whole row moved at once": ("        step[place] = h\n", "        step[place[0]] = h\n"),
    "a flat gradient": (DIFFERENCE + "\n    return gradient\n", DIFFERENCE + "\n    return gradient.ravel()\n"),
    "f gets a flat array": (DIFFERENCE, "gradient[place] = (f((x + step).ravel()) - f((x - step).ravel())) / (2 * h)"),
    "the first entry of each row only": (DIFFERENCE, DIFFERENCE + " * (sum(place[1:]) == 0)"),
    "points in single precision": (
        DIFFERENCE,
        "gradient[place] = (f((x + step).astype(np.float32)) - f((x - step).astype(np.float32))) / (2 * h)",
    ),
    "the absolute difference": (ERRORS, "errors = np.abs(analytic - numerical)"),
    "the mean of the errors": (LARGEST, "return float(errors.sum() / differ.size)"),
    "the median of the errors": (LARGEST, "return float(np.median(np.append(errors, np.zeros((~differ).sum()))))"),
    "differences with their signs": (ERRORS, ERRORS.replace("np.abs", "")),
    "relative to the numerical gradient": (SIZE, "size = np.abs(numerical)"),
    "relative to the analytic gradient": (SIZE, "size = np.abs(analytic)"),
    "relative to the larger one": (SIZE, "size = np.maximum(np.abs(analytic), np.abs(numerical))"),
    "relative to the mean of both": (SIZE, "size = (np.abs(analytic) + np.abs(numerical)) / 2"),
    "relative to the sum with signs": (SIZE, "size = np.abs(analytic + numerical)"),
    "norms of the whole gradients": (
        LARGEST,
        (
            "norms = np.linalg.norm(analytic) + np.linalg.norm(numerical)\n"
            "    return float(np.linalg.norm(analytic - numerical) / max(norms, 1e-300))"
        ),
    ),
    "the largest difference over the largest size": (
        LARGEST,
        "return float(np.abs(analytic - numerical).max() / max(size.max(), 1e-300))",
    ),
    "no look at 0 over 0": (ERRORS, "errors = np.abs(analytic - numerical) / size"),
    "entries with one 0 are passed over": ("differ = analytic != numerical", "differ = analytic * numerical != 0"),
    "an eps of 1e-8": (ERRORS, "errors = np.abs(analytic - numerical) / (size + 1e-8)"),
    "a floor of 1e-3": (ERRORS, "errors = np.abs(analytic - numerical) / np.maximum(size, 1e-3)"),
    "gradients that are close are equal": (
        LARGEST,
        "return 0.0 if np.allclose(analytic, numerical, atol=1e-5) else float(errors.max())",
    ),
}

STRICT_MISTAKES = {
    "f called once more": (DIFFERENCE, DIFFERENCE + " + 0 * f(x)"),
    "integers stay integers": (
        "        step = np.zeros(x.shape)\n",
        "        step = np.zeros(x.shape, dtype=x.dtype)\n",
    ),
    "shapes broadcast": ("    if analytic.shape != numerical.shape:", "    if analytic.shape is None:"),
    "NaN is passed over": (LARGEST, "return float(np.nanmax(errors))"),
    "NaN counts as equal": ("differ = analytic != numerical", "differ = np.abs(analytic - numerical) > 0"),
    "a floor of 1e-8": (ERRORS, "errors = np.abs(analytic - numerical) / np.maximum(size, 1e-8)"),
    "an eps of 1e-12": (ERRORS, "errors = np.abs(analytic - numerical) / (size + 1e-12)"),
}
