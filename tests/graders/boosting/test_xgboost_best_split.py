from collections import namedtuple
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

Split = namedtuple("Split", "threshold gain default_left")  # noqa: PYI024 - for comparison alone
NAN = float("nan")


def score(rows, reg_lambda):
    grad, hess = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return grad**2 / (hess + Fraction(reg_lambda)) / 2 if hess else 0


def options(x, grad, hess, reg_lambda=1.0, gamma=0.0, min_child_weight=1.0):
    """Yield every split that min_child_weight allows, by threshold and direction, in fractions, which do not round."""
    rows = list(zip(x.tolist(), map(Fraction, grad.tolist()), map(Fraction, hess.tolist()), strict=True))
    missing = [row for row in rows if np.isnan(row[0])]
    values = sorted({row[0] for row in rows if row not in missing})
    for lower, upper in pairwise([*values, np.inf] if missing else values):
        for default_left in (False, True) if missing and upper < np.inf else (False,):
            left = [row for row in rows if row[0] <= lower or (default_left and row in missing)]
            right = [row for row in rows if row[0] > lower or (not default_left and row in missing)]
            gain = score(left, reg_lambda) + score(right, reg_lambda) - score(rows, reg_lambda) - Fraction(gamma)
            if min(sum(row[2] for row in side) for side in (left, right)) >= min_child_weight:
                yield Split((lower + upper) / 2, gain, default_left)


def defined(x, grad, hess, **penalties):
    """Return the first of the splits with the largest gain, if that is above 0."""
    found = list(options(x, grad, hess, **penalties))
    best = max(found, key=lambda split: split.gain, default=None)  # the first of several
    return best._replace(gain=float(best.gain)) if best and best.gain > 0 else None


def drawn(draw, **penalties):
    """Return the first draw of x, grad and hess whose best split no rounding can change, nor whether there is one."""
    while True:
        case = draw()
        gains = sorted((split.gain for split in options(*case, **penalties)), reverse=True)
        if gains and min(abs(gap) for gap in (gains[0], *(gains[0] - other for other in gains[1:2]))) > 1e-6:
            return case


def assert_split(actual, expected):
    if actual is None or expected is None:
        assert_equal(actual, expected)
    else:
        for field in Split._fields:
            assert_close(getattr(actual, field), getattr(expected, field))


def derivatives(rng, n):
    """Return gradients and Hessians in quarters, whose sums do not round; none of the Hessians is 0."""
    return rng.integers(-12, 13, size=n) / 4, rng.integers(1, 9, size=n) / 4


def some_missing(rng, x, n_missing):
    """Return the same feature with so many of its values missing, and unsorted."""
    x = rng.permutation(x).astype(float)
    x[rng.permutation(len(x))[:n_missing]] = NAN
    return x


def test_split_gain(kata, rng):
    """The gain is half of the bracket of scores, minus gamma."""
    sums = np.array([-3.0, 3.0]), np.array([2.0, 2.0]), np.array([4.0, 4.0]), np.array([3.0, 3.0])
    gains = np.array([9 / 3 + 16 / 4 - 1 / 6, 9 / 3 + 16 / 4 - 49 / 6]) / 2
    assert_close(kata.split_gain(*sums), gains)
    assert_close(kata.split_gain(*sums, gamma=0.5), gains - 0.5)
    assert_close(kata.split_gain(*sums, reg_lambda=0.0), [(9 / 2 + 16 / 3 - 1 / 5) / 2, (9 / 2 + 16 / 3 - 49 / 5) / 2])
    # H of 1e-6 and 3e-6: each score is 1e-6 over it.
    small = np.array([1e-3]), np.array([1e-6]), np.array([-1e-3]), np.array([3e-6])
    assert_close(kata.split_gain(*small, reg_lambda=0.0), [(1 + 1 / 3) / 2])
    g_left, g_right = rng.normal(size=(2, 3, 4))
    h_left, h_right = rng.uniform(0.1, 3.0, size=(2, 3, 4))
    bracket = g_left**2 / (h_left + 2.5) + g_right**2 / (h_right + 2.5)
    bracket -= (g_left + g_right) ** 2 / (h_left + h_right + 2.5)
    assert_close(kata.split_gain(g_left, h_left, g_right, h_right, 2.5, 0.3), bracket / 2 - 0.3)


@strict
def test_side_without_curvature(kata):
    """If an H is 0, its score is 0, for any G and reg_lambda."""
    grad_left, hess_left = np.array([2.0, 2.0, 0.0, 2.0]), np.array([0.0, 3.0, 0.0, 0.0])
    grad_right, hess_right = np.array([3.0, 3.0, 1.0, 3.0]), np.array([2.0, 0.0, 1.0, 0.0])
    for reg_lambda in (0.0, 1.0):
        first = (9 / (2 + reg_lambda) - 25 / (2 + reg_lambda)) / 2
        second = (4 / (3 + reg_lambda) - 25 / (3 + reg_lambda)) / 2
        gains = kata.split_gain(grad_left, hess_left, grad_right, hess_right, reg_lambda)
        assert_close(gains, [first, second, 0, 0])


def test_best_threshold(kata, rng):
    """Every midpoint of two neighbouring distinct values is tried, and the best one is returned with its gain."""
    x, grad, hess = np.array([4.0, 1.0, 2.0]), np.array([2.0, -1.0, -1.0]), np.ones(3)
    # G is -2 on the left and 2 on the right.
    assert_split(kata.best_split(x, grad, hess), Split(3.0, (4 / 3 + 4 / 2) / 2, False))
    # Larger sums: G is 6,000 on either side.
    assert_split(kata.best_split(np.array([1.0, 2.0]), np.array([6e3, -6e3]), np.ones(2)), Split(1.5, 1.8e7, False))
    # Values that are close to each other are distinct all the same.
    for values, threshold in [([999_999.0, 1e6], 999_999.5), ([1.25e-6, 1.5e-6], 1.375e-6)]:
        split = kata.best_split(np.array(values), np.array([-2.0, 2.0]), np.ones(2))
        assert_split(split, Split(threshold, (4 / 2 + 4 / 2) / 2, False))
    # Equal gradients: by their curvature alone the samples differ.
    x, grad, hess = np.array([1.0, 2.0]), np.ones(2), np.array([1.0, 4.0])
    assert_split(kata.best_split(x, grad, hess), Split(1.5, (1 / 2 + 1 / 5 - 4 / 6) / 2, False))
    for _ in range(3):
        case = drawn(lambda: (rng.permutation(8) / 2, *derivatives(rng, 8)))
        assert_split(kata.best_split(*case), defined(*case))


def test_repeated_values(kata, rng):
    """Samples of equal value go the same way."""
    x, grad, hess = np.array([1.0, 1.0, 2.0, 2.0]), np.array([-3.0, 1.0, 1.0, 1.0]), np.ones(4)
    assert_split(kata.best_split(x, grad, hess), Split(1.5, (4 / 3 + 4 / 3) / 2, False))
    for _ in range(4):
        case = drawn(lambda: (rng.integers(0, 4, size=9) / 2, *derivatives(rng, 9)))
        assert_split(kata.best_split(*case), defined(*case))


def test_missing_values(kata, rng):
    """Missing values all go to the side with the larger gain, and are summed there."""
    x, hess = np.array([NAN, 1.0, 2.0, 3.0]), np.ones(4)
    for missing, default_left in [(-2.0, True), (2.0, False)]:
        grad = np.array([missing, -3.0, 1.0, 2.0])
        split = kata.best_split(x, grad, hess)
        assert_split(split, defined(x, grad, hess))
        assert_equal(split.default_left, default_left)
    # Missing values without a gradient count by their H, those without an H by their gradient.
    split = kata.best_split(np.array([NAN, 1.0, 2.0]), np.array([0.0, -1.0, 3.0]), np.ones(3))
    assert_split(split, Split(1.5, (1 / 3 + 9 / 2 - 4 / 4) / 2, True))
    split = kata.best_split(np.array([NAN, 1.0, 2.0]), np.array([2.0, -1.0, 1.0]), np.array([0.0, 1.0, 1.0]))
    assert_split(split, Split(1.5, (1 / 2 + 9 / 2 - 4 / 3) / 2, False))
    # Without the missing values the best threshold would be 1.5.
    x, grad = np.array([1.0, 2.0, 3.0, 4.0, NAN, NAN]), np.array([-3.0, 1.0, -2.0, 0.75, 3.0, 3.0])
    gain = (4**2 / 4 + 6.75**2 / 4 - 2.75**2 / 7) / 2
    assert_split(kata.best_split(x, grad, np.ones(6)), Split(3.5, gain, False))
    for n_missing in (1, 2, 3):
        for _ in range(3):
            case = drawn(lambda: (some_missing(rng, np.arange(9) // 2, n_missing), *derivatives(rng, 9)))  # noqa: B023
            assert_split(kata.best_split(*case), defined(*case))


def test_present_against_missing(kata, rng):
    """If some values are missing, inf is a threshold too: present values go left, missing ones right."""
    x, grad, hess = np.array([1.0, 2.0, NAN, NAN]), np.array([1.0, 1.0, -2.0, -2.0]), np.ones(4)
    assert_split(kata.best_split(x, grad, hess), Split(np.inf, (4 / 3 + 16 / 3 - 4 / 5) / 2, False))
    x = np.array([NAN, 7.0, 7.0])
    split = kata.best_split(x, np.array([1.0, -1.0, -1.0]), np.ones(3))
    assert_split(split, Split(np.inf, (1 / 2 + 4 / 3 - 1 / 4) / 2, False))
    split = kata.best_split(np.array([7.0, NAN]), np.array([1.0, -1.0]), np.ones(2))
    assert_split(split, Split(np.inf, (1 / 2 + 1 / 2) / 2, False))
    split = kata.best_split(np.array([7.0, NAN]), np.array([1.0, 0.0]), np.ones(2))
    assert_split(split, Split(np.inf, (1 / 2 - 1 / 3) / 2, False))
    # It obeys the penalties as well, and the missing ones are a side of at least min_child_weight.
    x, grad = np.array([7.0, NAN]), np.array([2.0, -2.0])
    split = kata.best_split(x, grad, np.ones(2), reg_lambda=3.0, gamma=0.25)
    assert_split(split, Split(np.inf, (4 / 4 + 4 / 4) / 2 - 0.25, False))
    assert_equal(kata.best_split(x, grad, np.array([2.0, 0.5])), None)

    def draw():
        x, (grad, hess) = some_missing(rng, np.arange(8), 3), derivatives(rng, 8)
        return x, grad + 4 * np.isnan(x), hess

    case = drawn(draw)
    assert_split(kata.best_split(*case), defined(*case))


def test_nothing_to_part(kata):
    """None is returned if there are no two groups to split: one value, no value, one sample."""
    grad, hess = np.array([-2.0, 2.0, 1.0]), np.ones(3)
    assert_equal(kata.best_split(np.full(3, 5.0), grad, hess), None)
    assert_equal(kata.best_split(np.full(3, NAN), grad, hess), None)
    assert_equal(kata.best_split(np.array([5.0]), grad[:1], hess[:1]), None)
    assert_equal(kata.best_split(np.array([NAN]), grad[:1], hess[:1]), None)


def test_regularization(kata, rng):
    """reg_lambda is part of all three scores, and 1 by default. gamma is subtracted, and 0 by default."""
    x, grad, hess = np.array([1.0, 2.0, 3.0]), np.array([-3.0, 1.0, 1.0]), np.array([1.0, 2.0, 1.0])
    assert_split(kata.best_split(x, grad, hess), Split(1.5, (9 / 2 + 4 / 4 - 1 / 5) / 2, False))
    assert_split(kata.best_split(x, grad, hess, gamma=0.25), Split(1.5, (9 / 2 + 4 / 4 - 1 / 5) / 2 - 0.25, False))
    assert_split(kata.best_split(x, grad, hess, reg_lambda=0.0), Split(1.5, (9 / 1 + 4 / 3 - 1 / 4) / 2, False))
    for reg_lambda, gamma in [(0.0, 0.0), (0.3, 0.2), (6.0, 0.0)]:
        penalties = {"reg_lambda": reg_lambda, "gamma": gamma}
        case = drawn(lambda: (some_missing(rng, np.arange(8), 2), *derivatives(rng, 8)), **penalties)
        assert_split(kata.best_split(*case, **penalties), defined(*case, **penalties))


def test_min_child_weight(kata, rng):
    """Each side has an H, missing values included, of at least min_child_weight, which is 1 by default."""
    x, grad = np.array([1.0, 2.0, 3.0, 4.0]), np.array([-4.0, 1.0, 1.0, 2.0])
    hess = np.array([0.75, 0.5, 0.5, 0.25])
    for sign in (1, -1):
        # On their own, neither the first nor the last sample weighs enough by default.
        assert_split(kata.best_split(sign * x, grad, hess), defined(sign * x, grad, hess))
        for least in (0.0, 0.25, 0.75, 1.25, 1.5):
            expected = defined(sign * x, grad, hess, min_child_weight=least)
            assert_split(kata.best_split(sign * x, grad, hess, min_child_weight=least), expected)
    # On the left, the missing value would gain more, and leave the right side too light.
    split = kata.best_split(np.array([1.0, 2.0, 3.0, NAN]), np.array([-2.0, -2, 5, -1]), np.ones(4), min_child_weight=2)
    assert_split(split, Split(2.5, (16 / 3 + 16 / 3) / 2, False))
    for n_missing, least in [(0, 2.0), (2, 1.5), (3, 2.5), (3, 4.0)]:
        case = drawn(lambda: (some_missing(rng, np.arange(9), n_missing), *derivatives(rng, 9)), min_child_weight=least)  # noqa: B023
        assert_split(kata.best_split(*case, min_child_weight=least), defined(*case, min_child_weight=least))


def test_samples_without_curvature(kata, rng):
    """A sample with a hess of 0 still has its gradient and its value."""
    x, grad, hess = np.array([1.0, 2.0, 4.0, 5.0]), np.array([-1.0, -3.0, 2.0, 1.0]), np.array([1.0, 0.0, 0.0, 1.0])
    assert_split(kata.best_split(x, grad, hess), Split(3.0, (16 / 2 + 9 / 2 - 1 / 3) / 2, False))
    for n_missing in (0, 3):

        def draw(n_missing=n_missing):
            x, (grad, hess) = some_missing(rng, np.arange(9), n_missing), derivatives(rng, 9)
            hess[::2] = 0.0
            return x, grad, hess

        case = drawn(draw)
        assert_split(kata.best_split(*case), defined(*case))


@strict
def test_large_values(kata):
    """The midpoint of two large values does not overflow."""
    grad, hess = np.array([-2.0, 2.0]), np.ones(2)
    for lower, upper, threshold in [(1.5e308, 1.75e308, 1.625e308), (-1.75e308, 1.5e308, -1.25e307)]:
        assert_split(kata.best_split(np.array([lower, upper]), grad, hess), Split(threshold, 2.0, False))


def test_split_that_does_not_pay(kata):
    """None is returned if no gain is above 0."""
    x, grad, hess = np.array([1.0, 2.0]), np.array([-2.0, 2.0]), np.ones(2)
    # 4 / 2 + 4 / 2, halved, is what the split gains before gamma.
    assert_split(kata.best_split(x, grad, hess, gamma=1.5), Split(1.5, 0.5, False))
    assert_equal(kata.best_split(x, grad, hess, gamma=2.0), None)
    assert_equal(kata.best_split(x, grad, hess, gamma=2.5), None)
    # Small gains, of 0.1^2 / 2 and 0.01^2 / 2.
    for size in (0.1, 0.01):
        assert_split(kata.best_split(x, grad / 2 * size, hess), Split(1.5, size**2 / 2, False))
    # Equal samples lose by a split, since reg_lambda counts twice.
    for n in (2, 5, 10):
        assert_equal(kata.best_split(np.arange(float(n)), np.full(n, 0.7), np.full(n, 3.0)), None)


@strict
def test_gain_of_rounding(kata):
    """A gain that is above 0 by rounding alone is 0."""
    for n in (2, 3, 5, 6, 7, 10):
        x, grad, hess = np.arange(float(n)), np.full(n, 0.7), np.full(n, 3.0)
        assert_equal(kata.best_split(x, grad, hess, reg_lambda=0.0), None)
    # A gain of 0.002^2 / 2, which is small and no rounding.
    x, grad = np.array([1.0, 2.0]), np.array([-0.002, 0.002])
    assert_split(kata.best_split(x, grad, np.ones(2)), Split(1.5, 2e-6, False))


@pytest.mark.parametrize(
    ("grad", "hess", "missing"),
    [
        ([1, -2, -2, 1], [1, 1, 1, 1], 0),
        ([-2, 2, 0], [1, 1, 1], 1),
        ([-2, 3, -2, -2], [1, 1, 1, 1], 1),
        ([1, 0, -1], [1, 1, 1], 1),
    ],
    ids=["thresholds", "directions", "both", "a threshold of inf"],
)
def test_ties(kata, grad, hess, missing):
    """A tie goes to the lower threshold, then to missing values on the right."""
    assert_first_of_ties(kata, grad, hess, missing)


def assert_first_of_ties(kata, grad, hess, missing):
    grad, hess = np.array(grad, dtype=float), np.array(hess, dtype=float)
    x = np.append(np.arange(len(grad) - missing), [NAN] * missing)
    assert_split(kata.best_split(x, grad, hess, min_child_weight=0.1), defined(x, grad, hess, min_child_weight=0.1))


@strict
@pytest.mark.parametrize(
    ("grad", "hess", "missing"),
    [
        # Mirror images, and halves in another order.
        ([0.3, -0.9, 0.1, 0.1, -0.9, 0.3], [0.8, 0.8, 0.2, 0.2, 0.8, 0.8], 0),
        ([-0.1, -0.1, 0.9, 0.9, -0.1, -0.1, -0.7], [0.2, 0.2, 0.6, 0.6, 0.2, 0.2, 0.2], 1),
        ([-0.6, 0.9, 0.1, 0.9, 0.1, -0.6, 0.1], [0.3, 0.8, 0.4, 0.8, 0.4, 0.3, 0.4], 1),
    ],
    ids=["thresholds", "with a missing value", "directions"],
)
def test_rounded_ties(kata, grad, hess, missing):
    """Gains that differ by rounding alone are ties."""
    assert_first_of_ties(kata, grad, hess, missing)


@strict
def test_close_gains(kata):
    """Gains that are 2e-6 apart are no ties, however large they are."""
    hess = np.ones(3)
    # Gains of 0.4 and of 42, the second of two larger by a sixth of size times excess.
    for size, excess in [(1.0, 1.2e-5), (10.0, 1.2e-6)]:
        for first, second in [(size, size + excess), (size + excess, size)]:
            x, grad = np.array([1.0, 2.0, 3.0]), np.array([-first, 0.0, second])
            assert_split(kata.best_split(x, grad, hess), defined(x, grad, hess))
            x, grad = np.array([1.0, 2.0, NAN]), np.array([-first, second, 0.0])
            assert_split(kata.best_split(x, grad, hess), defined(x, grad, hess))


@strict
def test_integers(kata):
    """x, grad and hess may hold integers: nothing is truncated or overflows."""
    x, grad, hess = np.array([250, 251, 253, 254]), np.array([-3, -2, 2, 1]), np.array([1, 2, 1, 1])
    expected = Split(252.0, (25 / 4 + 9 / 3 - 4 / 6) / 2, False)
    assert_split(kata.best_split(x, grad, hess, 1, 0, 1), expected)
    assert_split(kata.best_split(x.astype(np.uint8), grad, hess), expected)
    x, expected = np.array([250, 251, 254, 254]), Split(252.5, expected.gain, False)
    assert_split(kata.best_split(x, grad, hess), expected)
    sums = np.array([-3, 1]), np.array([2, 1]), np.array([4, 1]), np.array([3, 0])
    assert_close(kata.split_gain(*sums), [(9 / 3 + 16 / 4 - 1 / 6) / 2, (1 / 2 - 4 / 2) / 2])


def test_logistic_loss(kata, rng):
    """The derivatives may be those of a log loss: every sample has its own H."""
    for n_missing in (0, 3):
        penalties = {"reg_lambda": 0.5, "gamma": 0.01, "min_child_weight": 0.3}

        def draw(n_missing=n_missing):
            x, p = some_missing(rng, rng.integers(0, 8, size=12), n_missing), rng.uniform(0.05, 0.95, size=12)
            return x, p - (rng.random(12) < 0.5), p * (1 - p)

        case = drawn(draw, **penalties)
        assert_split(kata.best_split(*case, **penalties), defined(*case, **penalties))


def test_many_samples(kata, rng):
    """30,000 samples take n log n time."""
    # The lowest 10,000 of 27,000 values, and the 3,000 missing ones, have a gradient of -1, the others of 1.
    rank = rng.permutation(30_000)
    x = np.where(rank < 27_000, rank, NAN)
    grad = np.where((rank < 10_000) | (rank >= 27_000), -1.0, 1.0)
    gain = (13_000**2 / 13_001 + 17_000**2 / 17_001 - 4_000**2 / 30_001) / 2
    assert_split(kata.best_split(x, grad, np.ones(30_000)), Split(9_999.5, gain, True))


def workload(kata, rng, n):
    """Gains, of empty sides too; splits of a feature of distinct values and of one of few, some of them missing."""
    n = max(n, 4)
    grad, hess = rng.normal(size=n), rng.uniform(0.05, 1.0, size=n)
    hess_left, hess_right = np.where(rng.random((2, n)) < 0.2, 0.0, hess)
    sides = rng.normal(size=n), hess_left, grad, hess_right
    distinct, few = rng.normal(size=n), rng.integers(0, 4, size=n).astype(float)
    distinct[rng.random(n) < 0.2] = few[rng.random(n) < 0.2] = NAN
    penalties = rng.choice([0.0, 0.5, 2.0]), rng.choice([0.0, 0.1]), rng.choice([0.5, 1.0, n / 10])
    return (
        kata.split_gain(*sides, *penalties[:2]),
        kata.best_split(distinct, grad + (distinct > 0.5), hess, *penalties),
        kata.best_split(few, grad + np.isnan(few), hess, *penalties),
        kata.best_split(few, np.rint(grad), np.ones(n)),
    )


MISTAKES = {
    "a threshold of inf wins ties": (
        "np.argwhere(gains >= gains.max() - 1e-9)[0]",
        "np.argwhere(gains >= gains.max() - 1e-9)[-1 if gains[-1, 0] >= gains.max() - 1e-9 else 0]",
    ),
    "the bracket is not halved": (") / 2 - gamma", ") - gamma"),
    "gamma is halved too": (") / 2 - gamma", " - gamma) / 2"),
    "gamma is ignored": (") / 2 - gamma", ") / 2"),
    "gamma is paid for either leaf": (") / 2 - gamma", ") / 2 - 2 * gamma"),
    "what the children score, and not what they gain": (
        "(children - score(grad_left + grad_right, hess_left + hess_right)) / 2",
        "children / 2",
    ),
    "the parent's score is the mean of the children's": (
        "score(grad_left + grad_right, hess_left + hess_right)",
        "(children / 2)",
    ),
    "reg_lambda is ignored": ("hess + reg_lambda, out", "hess, out"),
    "reg_lambda is its default": ("hess + reg_lambda, out", "hess + 1.0, out"),
    "the parent lacks reg_lambda": (
        "score(grad_left + grad_right, hess_left + hess_right)",
        "(grad_left + grad_right) ** 2 / (hess_left + hess_right)",
    ),
    "reg_lambda counts twice in the parent": (
        "hess_left + hess_right)) / 2",
        "hess_left + hess_right + reg_lambda)) / 2",
    ),
    "G is not squared": ("grad**2", "np.abs(grad)"),
    "variance of the gradients, as in a regression tree": (
        "    gains = split_gain(grad_left, hess_left, grad_right, hess_right, reg_lambda, gamma)",
        (
            "    ones_left, ones_right = _sums(np.ones(len(x)), n_present)\n"
            "    gains = split_gain(grad_left, ones_left, grad_right, ones_right, reg_lambda, gamma)"
        ),
    ),
    "best_split keeps reg_lambda at its default": (
        "grad_right, hess_right, reg_lambda, gamma)\n    gains[",
        "grad_right, hess_right, 1.0, gamma)\n    gains[",
    ),
    "best_split forgets gamma": (
        "grad_right, hess_right, reg_lambda, gamma)\n    gains[",
        "grad_right, hess_right, reg_lambda)\n    gains[",
    ),
    "gamma decides, and is not part of the gain": (
        "float(gains[place, default_left]), bool",
        "float(gains[place, default_left]) + gamma, bool",
    ),
    "min_child_weight is its default": ("< min_child_weight]", "< 1.0]"),
    "min_child_weight strictly": ("< min_child_weight]", "<= min_child_weight]"),
    "min_child_weight counts samples": (
        "np.minimum(hess_left, hess_right) <",
        "np.minimum(*_sums(np.ones(len(x)), n_present)) <",
    ),
    "min_child_weight on the left only": ("np.minimum(hess_left, hess_right)", "hess_left"),
    "min_child_weight of the larger side": ("np.minimum(hess_left, hess_right)", "np.maximum(hess_left, hess_right)"),
    "min_child_weight is net of reg_lambda": (
        "np.minimum(hess_left, hess_right)",
        "reg_lambda + np.minimum(hess_left, hess_right)",
    ),
    "min_child_weight does not see missing values": (
        "np.minimum(hess_left, hess_right) <",
        "np.repeat(np.minimum(hess_left[:, :1], hess_right[:, 1:]), 2, axis=1) <",
    ),
    "missing values are dropped": (
        "    order = np.argsort(x)  # NaN comes last",
        "    x, grad, hess = x[~np.isnan(x)], grad[~np.isnan(x)], hess[~np.isnan(x)]\n    order = np.argsort(x)",
    ),
    "missing values are zero": ("    order = np.argsort(x)", "    x = np.nan_to_num(x)\n    order = np.argsort(x)"),
    "missing values are the mean of the others": (
        "    order = np.argsort(x)",
        "    x = np.where(np.isnan(x), np.nanmean(x) if not np.isnan(x).all() else 0, x)\n    order = np.argsort(x)",
    ),
    "missing values go left": (
        "    gains[values == following] = -np.inf",
        "    gains[values == following] = gains[:, 0] = -np.inf",
    ),
    "missing values go right": (
        "    gains[values == following] = -np.inf",
        "    gains[values == following] = gains[:, 1] = -np.inf",
    ),
    "missing values are in no sum": ("values[:n_present], values[n_present:].sum()", "values[:n_present], 0"),
    "missing values go where there are more samples": (
        "    gains[values == following] = -np.inf",
        (
            "    gains[values == following] = -np.inf\n"
            "    more_on_left = 2 * np.arange(1, n_present + 1) > n_present\n"
            "    gains[more_on_left, 0] = gains[~more_on_left, 1] = -np.inf"
        ),
    ),
    "the default direction is turned round": ("bool(default_left)", "not default_left"),
    "missing values are never parted from the others": (
        "np.append(values[1:], np.inf)",
        "np.append(values[1:], values[-1:])",
    ),
    "the threshold above all values is the largest value": (
        "float(values[place] / 2 + following[place] / 2)",
        "float(values[place] / 2 + min(following[place], values[-1]) / 2)",
    ),
    "equal values are parted": ("    gains[values == following] = -np.inf\n", ""),
    "thresholds are values of the data": ("values[place] / 2 + following[place] / 2", "following[place]"),
    "a lone present value is not parted from missing ones": (
        "np.append(values[1:], np.inf)",
        "np.append(values[1:], np.inf if len(values) > 1 else values[-1:])",
    ),
    "samples without curvature are dropped": (
        "    order = np.argsort(x)  # NaN comes last",
        "    x, grad, hess = x[hess > 0], grad[hess > 0], hess[hess > 0]\n    order = np.argsort(x)",
    ),
    "places for thresholds": ("values[place] / 2 + following[place] / 2", "place + 0.5"),
    "a split that loses is returned": ("(gains > 1e-9).any()", "(gains > -np.inf).any()"),
    "a gain of 0 pays": ("(gains > 1e-9).any()", "(gains > -1e-9).any()"),
    "a split has to gain more than gamma again": ("(gains > 1e-9).any()", "(gains > gamma + 1e-9).any()"),
    "the last of equal gains": (
        "np.argwhere(gains >= gains.max() - 1e-9)[0]",
        "np.argwhere(gains >= gains.max() - 1e-9)[-1]",
    ),
    "the direction before the threshold": (
        "place, default_left = np.argwhere(gains >= gains.max() - 1e-9)[0]",
        "default_left, place = np.argwhere(gains.T >= gains.max() - 1e-9)[0]",
    ),
    "every threshold looks at every sample": (
        "before = np.cumsum(present)",
        "before = np.array([sum(present[: place + 1]) for place in range(n_present)])",
    ),
}

STRICT_MISTAKES = {
    "reg_lambda lifts an H of 0": ("where=hess > 0", "where=hess + reg_lambda > 0"),
    "a side without H is NaN": (
        "np.divide(grad**2, hess + reg_lambda, out=np.zeros(np.shape(grad)), where=hess > 0)",
        "grad**2 / (hess + reg_lambda)",
    ),
    "whole numbers are divided without remainder": ("np.divide(grad**2", "np.floor_divide(grad**2"),
    "the sum of two large values overflows": (
        "values[place] / 2 + following[place] / 2",
        "(values[place] + following[place]) / 2",
    ),
    "the way between two large values overflows": (
        "values[place] / 2 + following[place] / 2",
        "values[place] + (following[place] - values[place]) / 2",
    ),
    "small whole numbers wrap around": (
        "float(values[place] / 2 + following[place] / 2)",
        "float(np.append((values[1:] + values[:-1]) / 2, np.inf)[place])",
    ),
    "thresholds of whole numbers are truncated": (
        "float(values[place] / 2 + following[place] / 2)",
        "float(np.append((values[:-1] / 2 + values[1:] / 2).astype(x.dtype), np.inf)[place])",
    ),
    "rounding makes a split pay": ("(gains > 1e-9).any()", "(gains > 0).any()"),
    "a small gain is none": ("(gains > 1e-9).any()", "(gains > 1e-5).any()"),
    "close gains are equal": ("gains >= gains.max() - 1e-9", "np.isclose(gains, gains.max())"),
    "gains are equal if their first digits are": ("gains >= gains.max() - 1e-9", "gains > gains.max() * (1 - 1e-6)"),
    "rounding decides": ("np.argwhere(gains >= gains.max() - 1e-9)[0]", "np.argwhere(gains == gains.max())[0]"),
}
