import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, assert_equal, strict

PURE = True

SIZES = [5, 1, 3]

# Units of entries that stand beside each other.
UNITS = np.array([1.0, 1e3, 1e-6])


@pytest.fixture
def param(rng):
    """Draw a parameter of shape (2, 3)."""
    return rng.normal(size=(2, 3))


@pytest.fixture
def grads(rng):
    """Draw the gradients of three micro-batches, of which the second is far from the others."""
    first, second, third = rng.normal(size=(3, 2, 3))
    return [first, second + 4.0, third]


def mean_of(grads, sizes, scale):
    """Return the mean over samples: each micro-batch's gradient stands there once for each of its samples."""
    samples = [grad for grad, size in zip(grads, sizes, strict=True) for _ in range(size)]
    return sum(samples) / len(samples) / scale


def norm_of(gradient):
    return math.sqrt(sum(float(entry) ** 2 for entry in gradient.ravel()))


def test_mean(kata, grads):
    """Each micro-batch counts by its number of samples, and the scale is divided out."""
    assert_close(kata.accumulated_gradient([8.0 * UNITS, 4.0 * UNITS], [3, 1], scale=2.0), 3.5 * UNITS)
    assert_close(kata.accumulated_gradient([np.array([8.0]), np.array([4.0])], [1, 3]), [5.0])
    for sizes in (SIZES, [1, 1, 1], [2, 40, 1]):
        for scale in (1.0, 1024.0, 0.3):
            assert_close(kata.accumulated_gradient(grads, sizes, scale), mean_of(grads, sizes, scale))
    # A single micro-batch is the batch.
    assert_close(kata.accumulated_gradient(grads[:1], [7], 4.0), grads[0] / 4)


def test_whole_batch(kata, rng):
    """However the samples are split, the step is that of the whole batch."""
    X, y, param = rng.normal(size=(12, 3)), rng.normal(size=12), rng.normal(size=3)

    def scaled_gradient(rows):
        return 64.0 * X[rows].T @ (X[rows] @ param - y[rows]) / len(rows)

    gradient = X.T @ (X @ param - y) / 12
    for max_norm in (1e3, 0.5 * norm_of(gradient)):
        expected = param - 0.2 * gradient * min(1.0, max_norm / norm_of(gradient))
        for sizes in ([12], [5, 7], [4, 4, 3, 1], [1] * 12):
            micro_batches = np.split(np.arange(12), np.cumsum(sizes)[:-1])
            step = kata.accumulated_step(param, list(map(scaled_gradient, micro_batches)), sizes, 64.0, 0.2, max_norm)
            assert_close(step.param, expected)
            assert_equal(step.skipped, False)


def test_step(kata, param, grads):
    """Below max_norm, param moves by lr times the mean gradient, which is not scaled up."""
    # (3 * 8 + 4) / 4 / 2 = 3.5.
    one = 10.0 * UNITS, [8.0 * UNITS, 4.0 * UNITS], [3, 1]
    assert_close(kata.accumulated_step(*one, scale=2.0, lr=0.1, max_norm=4e3).param, 9.65 * UNITS)
    for scale in (1.0, 512.0):
        gradient = mean_of(grads, SIZES, scale)
        for max_norm in (1.01 * norm_of(gradient), 1e5):
            step = kata.accumulated_step(param, grads, SIZES, scale, lr=0.3, max_norm=max_norm)
            assert_close(step.param, param - 0.3 * gradient)
            assert_equal(step.skipped, False)


def test_clipping(kata, param, grads):
    """Only the mean gradient is clipped, after the scale is out: a longer one is shortened to max_norm."""
    one = np.array([10.0]), [np.array([8.0]), np.array([4.0])], [3, 1]
    assert_close(kata.accumulated_step(*one, scale=2.0, lr=0.1, max_norm=2.5).param, [9.75])
    # The mean is (3, -4), of norm 5, and each micro-batch alone is longer.
    opposed = [np.array([[3000.0], [6000.0]]), np.array([[3000.0], [-9000.0]])]
    step = kata.accumulated_step(np.zeros((2, 1)), opposed, [1, 2], scale=1000.0, lr=1.0, max_norm=2.0)
    assert_close(step.param, [[-1.2], [1.6]])
    for scale in (1.0, 512.0, 1 / 16):
        gradient = mean_of(grads, SIZES, scale)
        for share in (0.99, 0.1, 1e-3):
            max_norm = share * norm_of(gradient)
            step = kata.accumulated_step(param, grads, SIZES, scale, lr=0.3, max_norm=max_norm)
            assert_close(step.param, param - 0.3 * share * gradient)


def test_just_above(kata):
    """Nothing is added to the norm in the division."""
    tiny = [np.array([3e-5]), np.array([3e-5])]
    step = kata.accumulated_step(np.zeros(1), tiny, [1, 2], scale=1.0, lr=1e4, max_norm=2.4e-5)
    assert_close(step.param, [-0.24])


def test_zero_gradient(kata):
    """A gradient of 0 leaves param, and is no overflow; nor are large finite entries."""
    param = np.array([1.0, -2.0])
    opposed = [np.array([3.0, 6.0]), np.array([-1.5, -3.0])]
    for grads, sizes in ([np.zeros(2), np.zeros(2)], [1, 2]), (opposed, [1, 2]):
        step = kata.accumulated_step(param, grads, sizes, scale=8.0, lr=0.1, max_norm=1.0)
        assert_close(step.param, param)
        assert_equal(step.skipped, False)
    step = kata.accumulated_step(param, [np.array([65_504.0, 0.0])], [3], scale=65_536.0, lr=1.0, max_norm=9.0)
    assert_close(step.param, [1.0 - 65_504 / 65_536, -2.0])
    assert_equal(step.skipped, False)


def test_overflow(kata, param, grads):
    """An entry that is infinite or NaN, in any micro-batch, skips the whole step: param stays."""
    for entry in (np.inf, -np.inf, np.nan):
        for place in range(3):
            bad = [grad.copy() for grad in grads]
            bad[place][1, place] = entry
            for max_norm in (1e3, 0.1):
                step = kata.accumulated_step(param, bad, SIZES, scale=64.0, lr=0.1, max_norm=max_norm)
                assert_equal(step.skipped, True)
                assert_close(step.param, param)
    # Infinities of both signs do not cancel.
    step = kata.accumulated_step(np.ones(1), [np.array([np.inf]), np.array([-np.inf])], [2, 2], 1.0, 0.1, 1.0)
    assert_equal(step.skipped, True)
    assert_close(step.param, [1.0])


def test_next_scale(kata):
    """A skipped step halves the scale, growth_interval steps in a row without a skip double it; the streak restarts."""
    assert_equal(tuple(kata.next_scale(1024.0, 0, skipped=False, growth_interval=2)), (1024.0, 1))
    assert_equal(tuple(kata.next_scale(1024.0, 1, skipped=False, growth_interval=2)), (2048.0, 0))
    for streak in (0, 1, 4):
        assert_equal(tuple(kata.next_scale(1024.0, streak, skipped=True, growth_interval=5)), (512.0, 0))
    assert_equal(tuple(kata.next_scale(8.0, 3, skipped=False, growth_interval=5)), (8.0, 4))
    assert_equal(tuple(kata.next_scale(8.0, 0, skipped=False, growth_interval=1)), (16.0, 0))
    # The scale may fall below 1, and it has no bounds.
    for scale in (1.0, 2.0**-10, 2.0**20):
        assert_equal(tuple(kata.next_scale(scale, 2, skipped=True, growth_interval=9)), (scale / 2, 0))
        assert_equal(tuple(kata.next_scale(scale, 8, skipped=False, growth_interval=9)), (scale * 2, 0))


def test_many_steps(kata):
    """Over many steps, every overflow starts the count anew, and so does every growth."""
    scale, streak, seen = 4.0, 0, []
    for step in "....x..xx.......x...":
        scale, streak = kata.next_scale(scale, streak, skipped=step == "x", growth_interval=3)
        seen.append((scale, streak))
    scales = [4, 4, 8, 8, 4, 4, 4, 2, 1, 1, 1, 2, 2, 2, 4, 4, 2, 2, 2, 4]
    streaks = [1, 2, 0, 1, 0, 1, 2, 0, 0, 1, 2, 0, 1, 2, 0, 1, 0, 1, 2, 0]
    assert_equal([pair[0] for pair in seen], scales)
    assert_equal([pair[1] for pair in seen], streaks)


@strict
def test_half_precision(kata):
    """Gradients in float16 do not overflow when they are weighted and summed, nor vanish when they are unscaled."""
    grads = [np.array([60_000.0, 1.0], dtype=np.float16), np.array([30_000.0, 2.0], dtype=np.float16)]
    small = np.array([(40 * 30_000 + 20 * 60_000) / 60, 80 / 60 + 20 / 60]) / 2.0**20
    assert_close(kata.accumulated_gradient(grads, [20, 40], scale=2.0**20), small, rtol=1e-6)
    step = kata.accumulated_step(np.zeros(2), grads, [20, 40], scale=2.0**20, lr=1.0, max_norm=1.0)
    assert_close(step.param, -small, rtol=1e-6)
    assert_equal(step.skipped, False)
    step = kata.accumulated_step(np.zeros(2), grads, [20, 40], scale=1.0, lr=1.0, max_norm=0.5)
    assert_close(step.param, -0.5 * small / norm_of(small), rtol=1e-6)


@strict
def test_defaults(kata):
    """Unless told otherwise, the scale is 1, and growth_interval is 2,000."""
    assert_close(kata.accumulated_gradient([np.array([3.0])], [2]), [3.0])
    assert_equal(tuple(kata.next_scale(2.0, 1_998, skipped=False)), (2.0, 1_999))
    assert_equal(tuple(kata.next_scale(2.0, 1_999, skipped=False)), (4.0, 0))


@strict
def test_integers(kata):
    """Arrays of integers are not truncated."""
    step = kata.accumulated_step(np.array([10]), [np.array([8]), np.array([4])], [3, 1], 2, 0.1, 2.5)
    assert_close(step.param, [9.75])


def workload(kata, rng, n):
    """Take a step below max_norm, one above it and one after an overflow, and adapt the scale."""
    param, sizes = rng.normal(size=(n, 2)), [3, 1, 2]
    grads = list(64.0 * rng.normal(size=(3, n, 2)))
    bad = [*grads[:2], np.where(rng.random((n, 2)) < 0.2, np.inf, grads[2])]
    bad[2][0, 0] = np.nan
    steps = [kata.accumulated_step(param, grads, sizes, 64.0, 0.1, max_norm) for max_norm in (0.5, 1e3)]
    steps.append(kata.accumulated_step(param, bad, sizes, 64.0, 0.1, 1.0))
    scales = [tuple(kata.next_scale(64.0, streak, skipped, 3)) for streak in (0, 2) for skipped in (True, False)]
    return kata.accumulated_gradient(grads, sizes, 64.0), steps, scales


def picture(kata, rng):
    scale, streak, scales, skips = 2.0**16, 0, [], []
    for step in range(400):
        # The largest entry of the gradient, which float16 holds up to 65,504 once it is scaled.
        largest = 3.0 * math.exp(0.5 * rng.normal())
        with np.errstate(over="ignore"):
            grad = np.float16([largest * scale]).astype(float)
        scales.append(scale)
        skipped = kata.accumulated_step(np.zeros(1), [grad], [1], scale, 0.1, 1.0).skipped
        if skipped:
            skips.append(step)
        scale, streak = kata.next_scale(scale, streak, skipped, growth_interval=40)
    return [
        Panel(
            "The loss scale, growth_interval 40",
            "step",
            "scale",
            [
                Line(np.arange(400), scales, "scale"),
                Points(skips, [scales[step] for step in skips], "skipped steps", large=True),
            ],
            log="y",
            note="It falls until gradients fit into float16, and tries a larger scale after each 40 good steps.",
        )
    ]


TOTAL = "total = sum(size * grad.astype(float) for size, grad in zip(sizes, grads, strict=True))"
MEAN = "return total / (scale * sum(sizes))"
FINITE = "if not all(np.isfinite(grad).all() for grad in grads):\n        return Step(param, skipped=True)\n"
GRADIENT = "gradient = accumulated_gradient(grads, sizes, scale)\n    return Step"
MOVE = "param - lr * gradient / max(1.0, np.linalg.norm(gradient) / max_norm)"
GROWN = "if streak + 1 == growth_interval:"
UNSCALED_LATE = GRADIENT.replace("sizes, scale)", "sizes)")

MISTAKES = {
    "the mean of the means": (TOTAL, "total = sum(sizes) / len(sizes) * sum(grads)"),
    "the sum of the micro-batches": (MEAN, "return sum(grads) / scale"),
    "divided by the number of micro-batches": (MEAN, "return total / (scale * len(sizes))"),
    "not divided by the samples": (MEAN, "return total / scale"),
    "the last micro-batch only": (TOTAL, "total = sum(sizes) * grads[-1]"),
    "the last micro-batch dropped": (TOTAL, "total = sum(s * g for s, g in list(zip(sizes, grads))[: len(grads) - 1])"),
    "the scale left in": (MEAN, "return total / sum(sizes)"),
    "the scale taken out of each and of the sum": (MEAN, "return total / (scale * scale * sum(sizes))"),
    "multiplied by the scale": (MEAN, "return total * scale / sum(sizes)"),
    "clipped before unscaling": (
        [
            (GRADIENT, UNSCALED_LATE),
            (MOVE, MOVE.replace("lr *", "lr / scale *")),
        ]
    ),
    "each micro-batch clipped": (
        GRADIENT,
        (
            "grads = [grad / max(1.0, np.linalg.norm(grad) / scale / max_norm) for grad in grads]\n    "
            "gradient = accumulated_gradient(grads, sizes, scale)\n    return Step"
        ),
    ),
    "never clipped": (MOVE, "param - lr * gradient"),
    "scaled up to max_norm": (MOVE, "param - lr * gradient * max_norm / max(np.linalg.norm(gradient), 1e-300)"),
    "0 / 0 without a gradient": (
        MOVE,
        "param - lr * gradient * (min(max_norm, np.linalg.norm(gradient)) / np.linalg.norm(gradient))",
    ),
    "PyTorch's 1e-6 in the divisor": (
        MOVE,
        MOVE.replace("np.linalg.norm(gradient) /", "(np.linalg.norm(gradient) + 1e-6) /"),
    ),
    "entries clipped": (MOVE, "param - lr * np.clip(gradient, -max_norm, max_norm)"),
    "lr clipped along": (MOVE, "param - np.clip(lr * gradient, -max_norm, max_norm)"),
    "the norm without a root": (MOVE, MOVE.replace("np.linalg.norm(gradient)", "np.square(gradient).sum()")),
    "a step uphill": (MOVE, MOVE.replace("param -", "param +")),
    "overflow not noticed": (FINITE, "pass\n"),
    "only NaN noticed": (FINITE, FINITE.replace("if not all(np.isfinite(grad).all()", "if any(np.isnan(grad).any()")),
    "only infinity noticed": (
        FINITE,
        FINITE.replace("if not all(np.isfinite(grad).all()", "if any(np.isinf(grad).any()"),
    ),
    "only the last micro-batch looked at": (FINITE, FINITE.replace("for grad in grads", "for grad in grads[-1:]")),
    "only the bad micro-batch skipped": (
        FINITE,
        (
            "good = [(grad, size) for grad, size in zip(grads, sizes) if np.isfinite(grad).all()]\n"
            "    if not good:\n        return Step(param, skipped=True)\n    grads, sizes = zip(*good)\n"
        ),
    ),
    "bad entries made 0": (FINITE, "grads = [np.where(np.isfinite(grad), grad, 0.0) for grad in grads]\n"),
    "param set to 0 at a skip": (FINITE, FINITE.replace("Step(param,", "Step(np.zeros(param.shape),")),
    "a skip not told": (FINITE, FINITE.replace("skipped=True", "skipped=False")),
    "large entries taken for overflow": (FINITE, FINITE.replace("np.isfinite(grad)", "(np.abs(grad) < 65_504)")),
    "a skip keeps the streak": ("return LossScale(scale / 2, 0)", "return LossScale(scale / 2, streak)"),
    "a skip keeps the scale": ("return LossScale(scale / 2, 0)", "return LossScale(scale, 0)"),
    "never below 1": ("return LossScale(scale / 2, 0)", "return LossScale(max(1.0, scale / 2), 0)"),
    "growth keeps the streak": ("return LossScale(scale * 2, 0)", "return LossScale(scale * 2, streak + 1)"),
    "growth a step late": (GROWN, "if streak == growth_interval:"),
    "growth a step early": (GROWN, "if streak + 2 == growth_interval:"),
    "no growth": (GROWN, "if False:"),
    "growth in every step": (GROWN, "if True:"),
}

STRICT_MISTAKES = {
    "summed in float16": (TOTAL, TOTAL.replace("grad.astype(float)", "grad")),
    "unscaled in float16": (TOTAL, TOTAL.replace("grad.astype(float)", "(grad / scale).astype(float) * scale")),
}
