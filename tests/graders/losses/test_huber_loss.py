import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, numerical_gradient, strict

SHAPES = [(12,), (4, 3), (2, 3, 2), (1, 12), (1,)]
# No error of the pair is within 0.01 of one of these in size. The last makes all errors small, the first but one none.
THRESHOLDS = [1.0, 0.2, 0.01, 3.0, 10.0]
# The errors are 1/128, -1/256, 0 and 2, without rounding.
NEARLY_EQUAL = np.array([1000 + 1 / 128, 500 - 1 / 256, -800.0, 302.0]), np.array([1000.0, 500.0, -800.0, 300.0])


@pytest.fixture
def pair(rng):
    """Predictions and targets, twelve of each, with errors small and large on both sides."""
    error = rng.permutation([-6.1, -2.3, -1.7, -0.8, -0.3, -0.05, 0.1, 0.4, 0.9, 1.4, 2.6, 4.9])
    target = rng.normal(2.0, 3.0, size=12)
    return target + error, target


def mean_cost(cost, prediction, target, threshold):
    costs = [cost(p - t, threshold) for p, t in zip(np.ravel(prediction), np.ravel(target), strict=True)]
    return sum(costs) / len(costs)


def huber_cost(error, delta):
    return error**2 / 2 if abs(error) < delta else delta * (abs(error) - delta / 2)


def smooth_cost(error, beta):
    return error**2 / (2 * beta) if abs(error) < beta else abs(error) - beta / 2


def cases(pair):
    """Yield the pair in shapes of one axis and more, with each threshold."""
    for shape in SHAPES:
        size = int(np.prod(shape))
        for threshold in THRESHOLDS:
            yield *(array[:size].reshape(shape) for array in pair), threshold


def test_huber(kata, pair):
    """The Huber loss is the mean of e^2 / 2 below delta and of delta (|e| - delta / 2) beyond, over all entries."""
    # 1/2, 2 * (8 - 1), 0 and 2 * (3 - 1).
    assert_close(kata.huber(np.array([1.0, -3.0, 4.0, 3.0]), np.array([0.0, 5.0, 4.0, 0.0]), 2.0).loss, 18.5 / 4)
    for case in cases(pair):
        assert_close(kata.huber(*case).loss, mean_cost(huber_cost, *case))


def test_gradient_of_huber(kata, pair):
    """The gradient of huber is that of the mean: e below delta, and delta with the sign of e beyond."""
    grad = kata.huber(np.array([1.0, -3.0, 4.0, 3.0]), np.array([0.0, 5.0, 4.0, 0.0]), 2.0).grad
    assert_close(grad, [0.25, -0.5, 0.0, 0.5])
    assert_close(kata.huber(*NEARLY_EQUAL).grad, [1 / 512, -1 / 1024, 0.0, 0.25])
    for prediction, target, delta in cases(pair):
        expected = numerical_gradient(lambda moved: mean_cost(huber_cost, moved, target, delta), prediction)  # noqa: B023
        assert_close(kata.huber(prediction, target, delta).grad, expected, rtol=1e-6, atol=1e-8)


def test_smooth_l1(kata, pair):
    """Smooth L1 is the mean of e^2 / (2 beta) below beta and of |e| - beta / 2 beyond, over all entries."""
    # 1/4, 8 - 1, 0 and 3 - 1.
    assert_close(kata.smooth_l1(np.array([1.0, -3.0, 4.0, 3.0]), np.array([0.0, 5.0, 4.0, 0.0]), 2.0).loss, 9.25 / 4)
    for case in cases(pair):
        assert_close(kata.smooth_l1(*case).loss, mean_cost(smooth_cost, *case))


def test_gradient_of_smooth_l1(kata, pair):
    """The gradient of smooth_l1 is that of the mean: e / beta below beta, and the sign of e beyond."""
    grad = kata.smooth_l1(np.array([1.0, -3.0, 4.0, 3.0]), np.array([0.0, 5.0, 4.0, 0.0]), 2.0).grad
    assert_close(grad, [0.125, -0.25, 0.0, 0.25])
    assert_close(kata.smooth_l1(*NEARLY_EQUAL).grad, [1 / 512, -1 / 1024, 0.0, 0.25])
    for prediction, target, beta in cases(pair):
        expected = numerical_gradient(lambda moved: mean_cost(smooth_cost, moved, target, beta), prediction)  # noqa: B023
        assert_close(kata.smooth_l1(prediction, target, beta).grad, expected, rtol=1e-6, atol=1e-8)


def test_factor(kata, pair):
    """With delta = beta, huber is delta times smooth_l1, in loss and gradient."""
    for prediction, target, threshold in cases(pair):
        ours, theirs = kata.huber(prediction, target, threshold), kata.smooth_l1(prediction, target, threshold)
        assert_close(ours.loss, threshold * theirs.loss)
        assert_close(ours.grad, threshold * np.asarray(theirs.grad))


def test_beta_of_zero(kata, pair):
    """At beta = 0, smooth_l1 is the mean absolute error, and its slope at an error of 0 is 0."""
    step = kata.smooth_l1(np.array([3.0, 5.0, 0.0, -1.0]), np.array([0.0, 5.0, 0.0, 1.0]), 0.0)
    assert_close(step.loss, 1.25)
    assert_close(step.grad, [0.25, 0.0, 0.0, -0.25])
    assert_close(kata.smooth_l1(*NEARLY_EQUAL, 0.0).grad, [0.25, -0.25, 0.0, 0.25])
    target = pair[1].reshape(3, 4)
    prediction = np.where(np.arange(12).reshape(3, 4) % 5 == 0, target, pair[0].reshape(3, 4))
    step = kata.smooth_l1(prediction, target, 0.0)
    assert_close(step.loss, sum(abs(p - t) for p, t in zip(prediction.flat, target.flat, strict=True)) / 12)
    assert_close(
        step.grad,
        [
            [((p > t) * 1.0 - (p < t)) / 12 for p, t in zip(*row, strict=True)]
            for row in zip(prediction, target, strict=True)
        ],
    )


def test_where_the_pieces_meet(kata):
    """At an error of exactly delta or beta both pieces give the same. No error costs nothing."""
    for threshold in (1.0, 0.5, 4.0):
        prediction, target = np.array([3 + threshold, 3 - threshold, 3.0, 3.0]), np.full(4, 3.0)
        step = kata.huber(prediction, target, threshold)
        assert_close(step.loss, threshold**2 / 4)
        assert_close(step.grad, [threshold / 4, -threshold / 4, 0.0, 0.0])
        step = kata.smooth_l1(prediction, target, threshold)
        assert_close(step.loss, threshold / 4)
        assert_close(step.grad, [0.25, -0.25, 0.0, 0.0])


def test_defaults(kata, pair):
    """By default delta and beta are 1, so that the two losses are equal."""
    for loss in (kata.huber, kata.smooth_l1):
        assert_close(loss(np.array([0.5, 3.0]), np.array([0.0, 0.0])).loss, (0.125 + 2.5) / 2)
        assert_close(loss(*pair).loss, mean_cost(huber_cost, *pair, 1.0))
        assert_close(loss(np.array([0.5, 3.0]), np.array([0.0, 0.0])).grad, [0.25, 0.5])


def test_outliers(kata):
    """An outlier of a million costs in proportion to its size, and pulls no more than delta or 1."""
    prediction, target = np.array([1e6, -1e6, 0.5, 0.0]), np.array([0.0, 0.0, 0.0, 0.25])
    step = kata.huber(prediction, target, 3.0)
    assert_close(step.loss, (2 * 3 * (1e6 - 1.5) + 0.15625) / 4)
    assert_close(step.grad, [0.75, -0.75, 0.125, -0.0625])
    step = kata.smooth_l1(prediction, target, 2.0)
    assert_close(step.loss, (2 * (1e6 - 1) + 0.078125) / 4)
    assert_close(step.grad, [0.25, -0.25, 0.0625, -0.03125])


@strict
def test_bad_input(kata):
    """Shapes that differ, a delta that is not positive and a negative beta raise ValueError."""
    for shape, other in [((3, 1), (3,)), ((3,), (1,)), ((4, 3), (3,)), ((2, 3), (3, 2)), ((2,), (3,))]:
        for loss in (kata.huber, kata.smooth_l1):
            with pytest.raises(ValueError):
                loss(np.zeros(shape), np.ones(other))
    for delta in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError):
            kata.huber(np.zeros(2), np.ones(2), delta)
    for beta in (-1.0, -1e-9, np.nan):
        with pytest.raises(ValueError):
            kata.smooth_l1(np.zeros(2), np.ones(2), beta)


@strict
def test_tiny_beta(kata):
    """A beta as small as 1e-300 is not 0: smaller errors have a smaller slope."""
    for beta in (1e-9, 1e-20, 1e-300):
        step = kata.smooth_l1(np.array([beta / 2, -beta / 4, 2 * beta, 0.0]), np.zeros(4), beta)
        assert_close(step.loss / beta, (1 / 8 + 1 / 32 + 3 / 2) / 4)
        assert_close(step.grad, [0.125, -0.0625, 0.25, 0.0])


@strict
def test_huge_errors(kata):
    """Errors as large as 1e300 have a finite loss."""
    prediction, target = np.array([1e300, -4e300]), np.zeros(2)
    assert_close(kata.huber(prediction, target, 2.0).loss / 1e300, 5.0)
    assert_close(kata.smooth_l1(prediction, target, 2.0).loss / 1e300, 2.5)


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8, int])
def test_kinds(kata, kind):
    """Arrays may hold integers of any type: nothing wraps around or is truncated."""
    low, high = {np.uint8: (0, 200), np.int8: (-100, 100), int: (-3, 4)}[kind]
    prediction, target = np.array([low, high, low, 1]), np.array([high, high, low, 0])
    gap = high - low
    step = kata.huber(prediction.astype(kind), target.astype(kind), 2)
    assert_close(step.loss, (2 * (gap - 1) + 0.5) / 4)
    assert_close(step.grad, [-0.5, 0.0, 0.0, 0.25])
    for beta, loss, slope in ((2, gap - 0.75, 0.125), (0, gap + 1, 0.25)):
        step = kata.smooth_l1(prediction.astype(kind), target.astype(kind), beta)
        assert_close(step.loss, loss / 4)
        assert_close(step.grad, [-0.25, 0.0, 0.0, slope])


def workload(kata, rng, n):
    """Errors of n samples with three outputs: none, small, at the threshold, and outliers."""
    target = rng.normal(5.0, 2.0, size=(n, 3))
    prediction = target + rng.standard_t(2, size=(n, 3)) * (rng.random((n, 3)) < 0.8)
    whole = rng.integers(-4, 5, size=(2, n)) / 2
    return [
        loss(*arrays, threshold)
        for loss in (kata.huber, kata.smooth_l1)
        for arrays, threshold in (((prediction, target), 1.0), ((prediction, target), 0.3), (whole, 1.5))
    ] + [kata.smooth_l1(*whole, 0.0)]


def picture(kata, rng):  # noqa: ARG001 - nothing in it is random
    """Loss and gradient of one entry against its error."""
    at = np.linspace(-4.0, 4.0, 161)
    kinds = [
        ("huber, delta 1", kata.huber, 1.0),
        ("huber, delta 2", kata.huber, 2.0),
        ("smooth_l1, beta 2", kata.smooth_l1, 2.0),
        ("smooth_l1, beta 0", kata.smooth_l1, 0.0),
    ]
    steps = {name: [loss(at[[i]], np.zeros(1), threshold) for i in range(at.size)] for name, loss, threshold in kinds}
    return [
        Panel(
            "Loss against the error",
            "error",
            "loss",
            [Line(at, [step.loss for step in each], name) for name, each in steps.items()],
            note="huber has one parabola, whatever delta is; smooth_l1 has slope 1 outside, whatever beta is.",
        ),
        Panel(
            "Gradient against the error",
            "error",
            "gradient",
            [Line(at, [float(step.grad[0]) for step in each], name) for name, each in steps.items()],
            note="An outlier pulls with delta in huber, and with 1 in smooth_l1.",
        ),
    ]


HUBER = "(capped * (size - capped / 2)).mean()"
CLIPPED = "np.clip(error, -delta, delta) / error.size)"
SMOOTH = "(np.abs(slope) * (size - np.minimum(size, beta) / 2)).mean()"
SLOPE = "slope / error.size)"
DIVIDE = "np.divide(error, beta, out=np.sign(error), where=size < beta)"
LINEAR = "np.where(size < delta, error**2 / 2, {}).mean()"
CHECK = "    if prediction.shape != target.shape:\n        raise ValueError(f"
MISTAKES = {
    "the linear piece without its offset": (HUBER, LINEAR.format("delta * size")),
    "the linear piece with delta for delta / 2": (HUBER, LINEAR.format("delta * (size - delta)")),
    "the linear piece of delta = 1": (HUBER, LINEAR.format("size - 0.5")),
    "the linear piece of smooth L1": (HUBER, LINEAR.format("size - delta / 2")),
    "clipped part squared, the rest with slope 1": (HUBER, "(capped**2 / 2 + size - capped).mean()"),
    "no half in the quadratic piece": (HUBER, "(capped**2 + delta * (size - capped)).mean()"),
    "the error clipped, then squared": (HUBER, "(capped**2 / 2).mean()"),
    "no gradient beyond delta": (CLIPPED, "np.where(size < delta, error, 0) / error.size)"),
    "a gradient of 1 beyond delta": (CLIPPED, "np.where(size < delta, error, np.sign(error)) / error.size)"),
    "a gradient of delta beyond, whatever the sign": (CLIPPED, "np.minimum(error, delta) / error.size)"),
    "the gradient of huber is that of the sum": (CLIPPED, "np.clip(error, -delta, delta))"),
    "the gradient of huber is divided by rows": (CLIPPED, "np.clip(error, -delta, delta) / len(error))"),
    "the gradient for the target": (CLIPPED, "np.clip(-error, -delta, delta) / error.size)"),
    "huber is a sum": (HUBER, HUBER.replace("mean", "sum")),
    "delta fixed at 1": (
        "    error = _errors(prediction, target)\n    size = np.abs(error)\n    # Both",
        "    error, delta = _errors(prediction, target), 1.0\n    size = np.abs(error)\n    # Both",
    ),
    "smooth L1 is huber": [
        (SMOOTH, "(np.minimum(size, beta) * (size - np.minimum(size, beta) / 2)).mean()"),
        (SLOPE, "slope * beta / error.size)"),
    ],
    "the quadratic piece not divided by beta": (SMOOTH, "np.where(size < beta, error**2 / 2, size - beta / 2).mean()"),
    "the gradient of smooth L1 not divided by beta": (DIVIDE, "np.where(size < beta, error, np.sign(error))"),
    "the linear piece of smooth L1 with beta for beta / 2": (
        SMOOTH,
        "np.where(size < beta, np.abs(slope) * size / 2, size - beta).mean()",
    ),
    "the linear piece of smooth L1 at beta = 1": (
        SMOOTH,
        "np.where(size < beta, np.abs(slope) * size / 2, size - 0.5).mean()",
    ),
    "nearly equal taken for equal": (
        "return np.subtract(prediction, target, dtype=float)",
        "return np.where(np.isclose(prediction, target), 0, np.subtract(prediction, target, dtype=float))",
    ),
    "multiplied by beta": (SMOOTH, "np.where(size < beta, beta * error**2 / 2, size - beta / 2).mean()"),
    "smooth L1 is a sum": (SMOOTH, SMOOTH.replace("mean", "sum")),
    "the gradient of smooth L1 is that of the sum": (SLOPE, "slope)"),
    "the gradient of smooth L1 is divided by rows": (SLOPE, "slope / len(error))"),
    "0 / 0 at beta = 0": (DIVIDE, "np.where(size <= beta, error / beta, np.sign(error))"),
    "an eps added to beta": (DIVIDE, "np.where(size <= beta, error / (beta + 1e-3), np.sign(error))"),
    "beta kept away from 0": (
        "    error = _errors(prediction, target)\n    size = np.abs(error)\n    # The",
        "    error, beta = _errors(prediction, target), max(beta, 1e-3)\n    size = np.abs(error)\n    # The",
    ),
    "no loss at beta = 0": (SMOOTH, SMOOTH + " * (beta > 0)"),
    "a slope of 1 where there is no error at beta = 0": (
        DIVIDE,
        "np.where(size < beta, error / (beta or 1), np.where(error >= 0, 1.0, -1.0))",
    ),
    "beta of 0 refused": (
        "if not beta >= 0:\n        raise ValueError(f",
        "if not beta > 0:\n        raise ValueError(f",
    ),
}

STRICT_MISTAKES = {
    "a square that overflows": (HUBER, "((size**2 - (size - capped) ** 2) / 2).mean()"),
    "a small beta taken for 0": (
        "    error = _errors(prediction, target)\n    size = np.abs(error)\n    # The",
        "    error, beta = _errors(prediction, target), beta * (beta > 1e-8)\n    size = np.abs(error)\n    # The",
    ),
    "shapes may broadcast": (CHECK, "    if len(prediction) != len(target):\n        raise ValueError(f"),
    "delta of 0": ("if not delta > 0:\n        raise ValueError(f", "if not delta >= 0:\n        raise ValueError(f"),
    "delta of NaN": ("if not delta > 0:\n        raise ValueError(f", "if delta <= 0:\n        raise ValueError(f"),
    "negative beta": (
        "if not beta >= 0:\n        raise ValueError(f",
        "if not beta >= -1e-6:\n        raise ValueError(f",
    ),
    "bytes wrap around": ("np.subtract(prediction, target, dtype=float)", "prediction - target"),
}
