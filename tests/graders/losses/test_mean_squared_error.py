import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, numerical_gradient, strict

SHAPES = [(12,), (4, 3), (2, 3, 2), (1, 12), (1,)]


@pytest.fixture
def pair(rng):
    """Predictions and targets, twelve of each, whose errors are not centred and at least 0.1 in size."""
    error = rng.permutation([1.0] * 8 + [-1.0] * 4) * rng.uniform(0.1, 4.0, size=12)
    target = rng.normal(2.0, 3.0, size=12)
    return target + error, target


def mean_loss(prediction, target, cost):
    costs = [cost(p - t) for p, t in zip(np.ravel(prediction), np.ravel(target), strict=True)]
    return sum(costs) / len(costs)


def squared_loss(prediction, target):
    return mean_loss(prediction, target, lambda error: error**2)


def absolute_loss(prediction, target):
    return mean_loss(prediction, target, abs)


def shaped(pair):
    """Yield the pair in shapes of one axis and more."""
    for shape in SHAPES:
        size = int(np.prod(shape))
        yield [array[:size].reshape(shape) for array in pair]


def test_squared_error(kata, pair):
    """The squared errors are averaged over all entries, for arrays of any shape."""
    assert_close(kata.mse(np.array([4.0, 1.0]), np.array([1.0, 2.0])).loss, 5.0)
    assert_close(kata.mse(np.array([[3.0, 0.0], [0.0, -5.0]]), np.zeros((2, 2))).loss, 8.5)
    for prediction, target in shaped(pair):
        assert_close(kata.mse(prediction, target).loss, squared_loss(prediction, target))


def test_gradient_of_the_squared_error(kata, pair):
    """The gradient of mse is that of the mean: twice the error, divided by the number of entries."""
    assert_close(kata.mse(np.array([4.0, 1.0]), np.array([1.0, 2.0])).grad, [3.0, -1.0])
    assert_close(kata.mse(np.array([[3.0, 0.0], [0.0, -5.0]]), np.zeros((2, 2))).grad, [[1.5, 0.0], [0.0, -2.5]])
    for prediction, target in shaped(pair):
        grad = kata.mse(prediction, target).grad
        expected = numerical_gradient(lambda moved: squared_loss(moved, target), prediction)  # noqa: B023
        assert_close(grad, expected, rtol=1e-6, atol=1e-8)
        assert_close(grad, (prediction - target) * 2 / prediction.size)


def test_absolute_error(kata, pair):
    """The absolute errors are averaged over all entries, for arrays of any shape."""
    assert_close(kata.mae(np.array([4.0, 1.0]), np.array([1.0, 2.0])).loss, 2.0)
    assert_close(kata.mae(np.array([[3.0, 0.0], [0.0, -5.0]]), np.zeros((2, 2))).loss, 2.0)
    for prediction, target in shaped(pair):
        assert_close(kata.mae(prediction, target).loss, absolute_loss(prediction, target))


def test_gradient_of_the_absolute_error(kata, pair):
    """The gradient of mae has the sign of the error, and its size is 1 over the number of entries."""
    assert_close(kata.mae(np.array([4.0, 1.0]), np.array([1.0, 2.0])).grad, [0.5, -0.5], rtol=1e-6)
    small = kata.mae(np.array([1e-3, 0.0, 5.0, 0.0]), np.array([0.0, 2e-3, 1.0, 0.0]))
    assert_close(small.grad, [0.25, -0.25, 0.25, 0.0], rtol=1e-6)
    for prediction, target in shaped(pair):
        grad = kata.mae(prediction, target).grad
        expected = numerical_gradient(lambda moved: absolute_loss(moved, target), prediction)  # noqa: B023
        assert_close(grad, expected, rtol=1e-6, atol=1e-8)


def test_no_error(kata, pair):
    """Where a prediction is its target, both gradients are 0. Such an entry counts in the mean like any other."""
    prediction, target = np.array([2.0, 3.0, 0.0, -1.0]), np.array([2.0, 1.0, 0.0, -1.0])
    for loss, expected in ((kata.mse, (1.0, [0.0, 1.0, 0.0, 0.0])), (kata.mae, (0.5, [0.0, 0.25, 0.0, 0.0]))):
        step = loss(prediction, target)
        assert_close(step.loss, expected[0])
        assert_close(step.grad, expected[1], rtol=1e-6)
    target = pair[1]
    prediction = np.where(np.arange(12) % 3 == 0, target, pair[0])
    step = kata.mae(prediction, target)
    assert_close(step.loss, absolute_loss(prediction, target))
    expected = [((p > t) * 1.0 - (p < t)) / 12 for p, t in zip(prediction, target, strict=True)]
    assert_close(step.grad, expected, rtol=1e-6)
    for loss in (kata.mse, kata.mae):
        step = loss(target.reshape(4, 3), target.reshape(4, 3))
        assert_close(step.loss, 0.0)
        assert_close(step.grad, np.zeros((4, 3)))


def test_far_from_zero(kata, rng):
    """Only the errors count: with all numbers near a million, loss and gradient are those of the same errors near 0."""
    target = np.array([1e6, 1e6 + 1, 1e6 - 1, 1e6])
    prediction = target + np.array([2.0, -1.0, 0.0, 3.0])
    assert_close(kata.mse(prediction, target).loss, 3.5)
    assert_close(kata.mae(prediction, target).loss, 1.5)
    for level in (1e6, -1e6):
        target = level + rng.uniform(-8.0, 8.0, size=6)
        prediction = target + np.array([0.7, -1.3, 2.1, -0.3, 1.1, 0.9])
        # Exact: two floats as near as these differ by a float.
        error = prediction - target
        step = kata.mse(prediction, target)
        assert_close(step.loss, squared_loss(error, np.zeros(6)))
        assert_close(step.grad, error / 3)
        step = kata.mae(prediction, target)
        assert_close(step.loss, absolute_loss(error, np.zeros(6)))
        assert_close(step.grad, np.array([1, -1, 1, -1, 1, 1]) / 6, rtol=1e-6)


def test_large_errors(kata):
    """No error is clipped: one of a million counts in full."""
    prediction, target = np.array([1e6, 0.0, 3.0, 1.0]), np.array([0.0, 2.0, 3.0, -1.0])
    step = kata.mse(prediction, target)
    assert_close(step.loss, (1e12 + 8) / 4)
    assert_close(step.grad, [5e5, -1.0, 0.0, 1.0])
    step = kata.mae(prediction, target)
    assert_close(step.loss, (1e6 + 4) / 4)
    assert_close(step.grad, [0.25, -0.25, 0.0, 0.25], rtol=1e-6)


def test_shapes(kata):
    """Arrays of different shapes raise ValueError, even if the two would broadcast."""
    for shape, other in [((3, 1), (3,)), ((3,), (3, 1)), ((3,), (1,)), ((4, 3), (3,)), ((2, 3), (3, 2)), ((2,), (3,))]:
        for loss in (kata.mse, kata.mae):
            with pytest.raises(ValueError):
                loss(np.zeros(shape), np.ones(other))


@strict
@pytest.mark.parametrize("kind", [bool, np.uint8, np.int8, int])
def test_kinds(kata, kind):
    """Arrays may hold integers or booleans of any type: nothing wraps around or is truncated."""
    low, high = {bool: (0, 1), np.uint8: (0, 200), np.int8: (-100, 100), int: (-3, 4)}[kind]
    prediction, target = np.array([low, high, low, high, high]), np.array([high, high, low, low, high])
    gap = high - low
    step = kata.mse(prediction.astype(kind), target.astype(kind))
    assert_close(step.loss, gap**2 * 0.4)
    assert_close(step.grad, np.array([-0.4, 0.0, 0.0, 0.4, 0.0]) * gap)
    step = kata.mae(prediction.astype(kind), target.astype(kind))
    assert_close(step.loss, gap * 0.4)
    assert_close(step.grad, [-0.2, 0.0, 0.0, 0.2, 0.0])


@strict
def test_small_errors(kata):
    """An error as small as 1e-300 has its sign in the gradient of mae."""
    for size in (1e-9, 1e-20, 1e-300):
        assert_close(kata.mae(np.array([size, -size, 0.0, 1.0]), np.zeros(4)).grad, [0.25, -0.25, 0.0, 0.25])


def workload(kata, rng, n):
    """Predictions of n samples with three outputs, some of them right, some far off."""
    target = rng.normal(5.0, 2.0, size=(n, 3))
    prediction = target + rng.standard_t(2, size=(n, 3)) * (rng.random((n, 3)) < 0.8)
    whole = rng.integers(0, 4, size=(2, n)).astype(float)
    return [loss(*pair) for loss in (kata.mse, kata.mae) for pair in ((prediction, target), whole)]


def picture(kata, rng):
    """One prediction that moves past its target, and one constant for targets with an outlier."""
    at = np.linspace(-2.0, 2.0, 81)
    steps = {"mse": [kata.mse(at[[i]], np.zeros(1)) for i in range(81)]}
    steps["mae"] = [kata.mae(at[[i]], np.zeros(1)) for i in range(81)]
    target = np.append(rng.normal(size=9), 12.0)
    levels = np.linspace(-1.0, 4.0, 101)
    means = {"mse": [kata.mse(np.full(10, level), target).loss for level in levels]}
    means["mae"] = [kata.mae(np.full(10, level), target).loss for level in levels]
    return [
        Panel(
            "Gradient against the error",
            "error",
            "gradient",
            [Line(at, [float(step.grad[0]) for step in each], name) for name, each in steps.items()],
            note="That of mse falls with the error. That of mae does not, and jumps at 0.",
        ),
        Panel(
            "Loss of one constant, with an outlier at 12",
            "the constant",
            "loss, less its lowest",
            [Line(levels, np.array(each) - min(each), name) for name, each in means.items()],
            note="mse is lowest at the mean, which the outlier moves; mae at the median.",
        ),
    ]


SQUARED = "float((error**2).mean())"
ABSOLUTE = "float(np.abs(error).mean())"
SIGNS = "np.sign(error) / error.size)"
CHECK = "    if prediction.shape != target.shape:\n        raise ValueError(f"
MISTAKES = {
    "half the squared error": [
        (SQUARED, "float((error**2).mean()) / 2"),
        ("2 * error / error.size", "error / error.size"),
    ],
    "the 2 forgotten in the gradient": ("2 * error / error.size", "error / error.size"),
    "the root of the mean squared error": (SQUARED, "float((error**2).mean() ** 0.5)"),
    "the squared error is a sum": (SQUARED, "float((error**2).sum())"),
    "the absolute error is a sum": (ABSOLUTE, "float(np.abs(error).sum())"),
    "the squared error divided by rows": (SQUARED, "float((error**2).sum() / len(error))"),
    "the absolute error divided by rows": (ABSOLUTE, "float(np.abs(error).sum() / len(error))"),
    "the gradient of mse is that of the sum": ("2 * error / error.size", "2 * error"),
    "the gradient of mae is that of the sum": (SIGNS, "np.sign(error))"),
    "the gradient of mse divided by rows": ("2 * error / error.size", "2 * error / len(error)"),
    "the gradient of mae divided by rows": (SIGNS, "np.sign(error) / len(error))"),
    "the gradient for the target": ("np.subtract(prediction, target, dtype", "np.subtract(target, prediction, dtype"),
    "the mean of the errors, which cancel": (ABSOLUTE, "float(abs(error.mean()))"),
    "a slope of 1 where there is no error": (SIGNS, "np.where(error >= 0, 1.0, -1.0) / error.size)"),
    "a slope of -1 where there is no error": (SIGNS, "np.where(error > 0, 1.0, -1.0) / error.size)"),
    "the error over its size, NaN at 0": (SIGNS, "error / np.abs(error) / error.size)"),
    "an eps of 1e-8 in the denominator": (SIGNS, "error / (np.abs(error) + 1e-8) / error.size)"),
    "right predictions left out of the mean": (SIGNS, "np.sign(error) / max(np.count_nonzero(error), 1))"),
    "nearly right taken for right": (
        SIGNS,
        "np.where(np.isclose(prediction, target), 0, np.sign(error)) / error.size)",
    ),
    "the square multiplied out": (SQUARED, "float((prediction**2 - 2 * prediction * target + target**2).mean())"),
    "gradients clipped": ("2 * error / error.size", "np.clip(2 * error / error.size, -100, 100)"),
    "shapes may broadcast": (CHECK, "    if len(prediction) != len(target):\n        raise ValueError(f"),
    "shapes may broadcast from one target": (
        CHECK,
        "    if target.size > 1 and prediction.shape != target.shape:\n        raise ValueError(f",
    ),
    "shapes may differ where they are as large": (
        CHECK,
        "    if prediction.size != target.size:\n        raise ValueError(f",
    ),
}

STRICT_MISTAKES = {
    "bytes wrap around": ("np.subtract(prediction, target, dtype=float)", "prediction - target"),
    "an eps of 1e-12 in the denominator": (SIGNS, "error / (np.abs(error) + 1e-12) / error.size)"),
    "the slope of a smooth root": (SIGNS, "error / np.sqrt(error**2 + 1e-16) / error.size)"),
}
