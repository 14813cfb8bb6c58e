from typing import NamedTuple

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

FORTH, BACK = slice(None), slice(None, None, -1)


class IsotonicFit(NamedTuple):
    """The fit that `predict` takes."""

    x: np.ndarray
    y: np.ndarray


def fitted(y, weights=None):
    """Return the fit to samples in order, by the formula: max over starts of min over ends of the means between."""
    weights = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    above, below = (np.triu(np.tile(each, (len(y), 1))).cumsum(axis=1) for each in (weights * y, weights))
    means = np.divide(above, below, out=np.full(above.shape, np.inf), where=below > 0)
    return [means[: k + 1, k:].min(axis=1).max() for k in range(len(y))]


def assert_fit(kata, y, expected, weights=None, orders=(FORTH, BACK)):
    """Check the fit at x = 0, 1, ..., of the samples in order and in another order."""
    x, y = np.arange(len(y), dtype=float), np.array(y, dtype=float)
    given = () if weights is None else (np.array(weights, dtype=float),)
    for order in orders:
        fit = kata.fit_isotonic(x[order], y[order], *(each[order] for each in given))
        assert_close(fit.x, x)
        assert_close(fit.y, expected)


def test_neighbours(kata, rng):
    """Neighbours whose values fall share their mean. Values that rise stay as they are."""
    assert_fit(kata, [1, 3, 2, 4], [1, 2.5, 2.5, 4])
    assert_fit(kata, [-3, -1, 0.5, 0.5, 7], [-3, -1, 0.5, 0.5, 7])
    assert_fit(kata, [5, 1, 6, 3, 7], [3, 3, 4.5, 4.5, 7])
    for y, order in [(rng.normal(size=12), FORTH), (rng.normal(size=9) + np.arange(9), BACK)]:
        assert_fit(kata, y, fitted(y), orders=[order])


def test_blocks(kata, rng):
    """A low value pulls down all blocks before it whose mean is above that of the merged block, and no other."""
    assert_fit(kata, [4, 6, 8, 2], [4, 16 / 3, 16 / 3, 16 / 3])
    assert_fit(kata, [0, 5, 7, 9, -24], [-0.6] * 5)
    assert_fit(kata, [5, 4, 3, 2, 1, 0], [2.5] * 6)
    assert_fit(kata, [1, 3, 8, 9, 4, 4, 6, 2], [1, 3, 5.5, 5.5, 5.5, 5.5, 5.5, 5.5])
    # Every second value is low, each a bit lower than the last: blocks merge again and again.
    saw = np.where(np.arange(25) % 2, -np.arange(25.0), np.arange(25.0) + 40)
    assert_fit(kata, saw, fitted(saw))
    labels = (rng.random(30) < np.linspace(0.1, 0.9, 30)).astype(float)
    assert_fit(kata, labels, fitted(labels), orders=[BACK])


def test_order(kata, rng):
    """Samples may come in any order of x, negative ones too, in any unit."""
    fit = kata.fit_isotonic(np.array([3.0, -1.0, 2.0, 0.5]), np.array([4.0, 1.0, 2.0, 3.0]))
    assert_close(fit.x, [-1.0, 0.5, 2.0, 3.0])
    assert_close(fit.y, [1.0, 2.5, 2.5, 4.0])
    y = rng.normal(size=14) + 0.2 * np.arange(14)
    weights = rng.uniform(0.5, 3.0, size=14)
    order = rng.permutation(14)
    for x in (np.linspace(-3.0, 40.0, 14) ** 3, 1e-5 * np.arange(14) - 4e-5):
        fit = kata.fit_isotonic(x[order], y[order], weights[order])
        assert_close(fit.x, x)
        assert_close(fit.y, fitted(y, weights))


def test_equal_x(kata, rng):
    """Samples with equal x count as one: the mean of their y, with their number as its weight."""
    fit = kata.fit_isotonic(np.array([1.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.25]))
    assert_close(fit.x, [1.0, 2.0])
    assert_close(fit.y, [1.25 / 3] * 2)
    # The mean at 2 is 5, between 3 and 6, though 9 and 1 are not.
    fit = kata.fit_isotonic(np.array([2.0, 3.0, 1.0, 2.0]), np.array([9.0, 6.0, 3.0, 1.0]))
    assert_close(fit.x, [1.0, 2.0, 3.0])
    assert_close(fit.y, [3.0, 5.0, 6.0])
    fit = kata.fit_isotonic(np.array([4.0, 4.0, 4.0]), np.array([0.0, 1.0, 1.0]))
    assert_close(fit.x, [4.0])
    assert_close(fit.y, [2 / 3])
    for weights in (np.ones(20), rng.uniform(0.2, 2.0, size=20), rng.uniform(0.2, 2.0, size=20)):
        x, y = rng.integers(0, 6, size=20), rng.normal(size=20)
        distinct, parts = np.unique(x), [x == each for each in np.unique(x)]
        total = [weights[part].sum() for part in parts]
        means = [np.dot(weights[part], y[part]) / weights[part].sum() for part in parts]
        fit = kata.fit_isotonic(0.5 * x - 1, y, weights)
        assert_close(fit.x, 0.5 * distinct - 1)
        assert_close(fit.y, fitted(means, total))


def test_close_x(kata):
    """Values of x, or of y, that differ little still differ."""
    x = np.array([0.3, 0.300001, 0.300002, 0.300003])
    fit = kata.fit_isotonic(x, np.array([0.0, 0.0, 1.0, 1.0]))
    assert_close(fit.x, x)
    assert_close(fit.y, [0.0, 0.0, 1.0, 1.0])
    x = np.array([2e5, 2e5 + 0.002, 2e5 + 0.004])
    fit = kata.fit_isotonic(x, np.array([1.0, 3.0, 4.0]))
    assert_close(fit.x, x)
    assert_close(fit.y, [1.0, 3.0, 4.0])
    for y, expected in [
        ([3e-6, 1e-6, 4e-6, 5e-6], [2e-6, 2e-6, 4e-6, 5e-6]),
        ([0.500003, 0.500001, 0.500004], [0.500002, 0.500002, 0.500004]),
        ([5e5 + 0.003, 5e5 + 0.001, 5e5 + 0.004], [5e5 + 0.002, 5e5 + 0.002, 5e5 + 0.004]),
    ]:
        assert_fit(kata, y, expected, orders=[FORTH])


def test_weights(kata, rng):
    """A sample of weight w counts as w samples, also when blocks merge."""
    assert_fit(kata, [1, 0], [0.75, 0.75], weights=[3, 1])
    assert_fit(kata, [1, 4, 2, 0], [0.5] * 4, weights=[1, 0.5, 1, 7.5])
    y, weights = rng.normal(size=11), rng.integers(1, 5, size=11).astype(float)
    expected = fitted(y, weights)
    assert_fit(kata, y, expected, weights, orders=[BACK])
    x = np.arange(11.0)
    repeats = weights.astype(int)
    fit = kata.fit_isotonic(np.repeat(x, repeats), np.repeat(y, repeats))
    assert_close(fit.x, x)
    assert_close(fit.y, expected)
    # Only ratios count: tiny weights, and large ones.
    for factor, order in [(1e-6, FORTH), (1e5, BACK)]:
        weights = factor * np.array([1, 3, 1, 2])
        assert_fit(kata, [2, 1, 5, 3], [1.25, 1.25, 11 / 3, 11 / 3], weights, orders=[order])


def test_closest(kata, rng):
    """No other rising curve is closer: the residuals' running sum is never negative, and 0 wherever the fit rises."""
    x, y = np.array([0.2, 0.1, 0.4, 0.3]), np.array([1.0, 0.0, 1.0, 0.0])
    assert_close(kata.fit_isotonic(x, y).y, [0.0, 0.5, 0.5, 1.0])
    for n in (2, 40, 41):
        x = rng.normal(size=n)
        y = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(float) + rng.choice([0.0, 30.0]) * rng.normal(size=n)
        weights = rng.uniform(0.1, 2.0, size=n)
        fit = kata.fit_isotonic(x, y, weights)
        order = np.argsort(x)
        assert_close(fit.x, x[order])
        values = np.asarray(fit.y)
        assert_close(np.minimum(np.diff(values), 0), np.zeros(n - 1), atol=1e-9, what="steps down")
        running = np.cumsum(weights[order] * (y[order] - values))
        assert_close(np.minimum(running, 0), np.zeros(n), atol=1e-8, what="the residuals' running sum below 0")
        rises = np.append(np.diff(values) > 1e-7, True)
        assert_close(running[rises], np.zeros(rises.sum()), atol=1e-8, what="the residuals' running sum at a rise")


def test_one_sample(kata):
    """One sample is a fit of one point, and two samples are one of two points or of one."""
    for y in (1.0, -2.5, 0.0):
        fit = kata.fit_isotonic(np.array([0.5]), np.array([y]))
        assert_close(fit.x, [0.5])
        assert_close(fit.y, [y])
        assert_close(kata.predict(IsotonicFit(*fit), np.array([-1.0, 0.5, 3.0])), [y] * 3)
    assert_fit(kata, [1, 2], [1, 2])
    assert_fit(kata, [2, 1], [1.5, 1.5])
    assert_fit(kata, [0, 0, 0], [0, 0, 0])
    assert_fit(kata, [1, 1], [1, 1], weights=[2, 7])


def test_predict(kata, rng):
    """Between two points of the fit, predictions lie on the line between them. At a point they are its value."""
    fit = IsotonicFit(np.array([-1.0, 0.0, 4.0, 5.0, 8.0]), np.array([0.0, 0.2, 0.6, 0.6, 0.9]))
    assert_close(kata.predict(fit, np.array([1.0, -0.5, 7.0, 4.25])), [0.3, 0.1, 0.8, 0.6])
    assert_close(kata.predict(fit, fit.x[::-1]), fit.y[::-1])
    close = IsotonicFit(np.array([0.1, 0.100002]), np.array([-3.0, 5.0]))
    assert_close(kata.predict(close, np.array([0.100001, 0.1000005])), [1.0, -1.0], rtol=1e-6)
    x, y = np.cumsum(rng.uniform(0.1, 2.0, size=7)), np.cumsum(rng.uniform(0.0, 1.0, size=7)) - 2
    share = rng.uniform(size=6)
    order = rng.permutation(6)
    queries, expected = x[:-1] + share * np.diff(x), y[:-1] + share * np.diff(y)
    assert_close(kata.predict(IsotonicFit(x, y), queries[order]), expected[order])
    assert_close(kata.predict(IsotonicFit(x, y), queries[2:3]), expected[2:3])


def test_outside(kata):
    """Below the first point of the fit, predictions are its value, and above the last point, that one's."""
    fit = IsotonicFit(np.array([1.0, 2.0, 4.0]), np.array([0.25, 0.5, 0.75]))
    assert_close(kata.predict(fit, np.array([4.5, 0.5, 1e6, -1e6])), [0.75, 0.25, 0.75, 0.25])
    fit = IsotonicFit(np.array([1.0, 2.0]), np.array([-30.0, 20.0]))
    assert_close(kata.predict(fit, np.array([0.999999, 2.000001, 0.0, 2.5, 1.5])), [-30.0, 20.0, -30.0, 20.0, -5.0])


def test_many_samples(kata):
    """20,000 samples take n log n time, also if the last one merges with all before it."""
    assert_close(kata.fit_isotonic(np.array([2.0, 1.0]), np.array([0.0, 1.0])).y, [0.5, 0.5])
    x = np.arange(20_000.0)
    last_is_low = np.append(x[:-1] / 1000, -5e5)
    assert_close(kata.fit_isotonic(x, last_is_low).y, np.full(x.size, last_is_low.mean()))
    assert_close(kata.fit_isotonic(x, x / 7).y, x / 7)
    assert_close(kata.fit_isotonic(x[:1500], x[:1500][::-1].copy()).y, np.full(1500, 749.5))


@strict
def test_bad_input(kata):
    """No sample, lengths that differ and a weight that is not positive raise ValueError."""
    x, y = np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.5])
    for bad in [
        (np.zeros(0), np.zeros(0)),
        (x, y[:2]),
        (x[:2], y),
        (x[:1], y),
        (x, y[:1]),
        (x, y, np.ones(2)),
        (x, y, np.ones(1)),
        (x, y, np.ones(4)),
        (x, y, np.array([1.0, 0.0, 1.0])),
        (x, y, np.array([1.0, 2.0, -1.0])),
        (x, y, np.array([1.0, np.nan, 1.0])),
    ]:
        with pytest.raises(ValueError):
            kata.fit_isotonic(*bad)


@strict
def test_integers(kata):
    """All arrays may be integers of any type: nothing wraps around."""
    for kind in (np.int8, np.uint8, int):
        x, y = np.array([100, 3, 90, 3, 110]).astype(kind), np.array([90, 120, 100, 100, 127]).astype(kind)
        fit = kata.fit_isotonic(x, y)
        assert_close(fit.x, [3, 90, 100, 110])
        assert_close(fit.y, [410 / 4] * 3 + [127])
        fit = kata.fit_isotonic(x, y, np.array([100, 2, 3, 3, 100]).astype(kind))
        assert_close(fit.x, [3, 90, 100, 110])
        assert_close(fit.y, [9840 / 108] * 3 + [127])
        fit = kata.fit_isotonic(np.array([5, 0, 1]).astype(kind), np.array([1, 0, 1]).astype(kind))
        assert_close(fit.y, [0, 1, 1])


def workload(kata, rng, n):
    """Scores, half of them rounded, with labels, weights and queries."""
    x = rng.normal(size=n)
    x = np.where(rng.random(n) < 0.5, np.round(2 * x) / 2, x)
    y = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    fit = kata.fit_isotonic(x, y, rng.uniform(0.5, 2.0, size=n))
    return fit, kata.predict(IsotonicFit(*fit), np.append(rng.uniform(-3.0, 3.0, size=n), x[:2]))


def picture(kata, rng):
    """Draw a fit to labels, and the same fit as the slope of a convex curve."""
    x = np.sort(rng.uniform(-3.0, 3.0, size=60))
    y = (rng.random(60) < 1 / (1 + np.exp(-2 * x))).astype(float)
    fit = kata.fit_isotonic(x, y)
    at = np.linspace(-3.5, 3.5, 281)
    count = np.arange(61)
    return [
        Panel(
            "Fit to labels 0 and 1",
            "score",
            "probability",
            [
                Line(at, 1 / (1 + np.exp(-2 * at)), "truth", faint=True),
                Line(at, kata.predict(IsotonicFit(*fit), at), "fit"),
            ],
            note="Flat on each block. The ends are often exactly 0 or 1: nobody should believe that.",
        ),
        Panel(
            "Positives among the first samples",
            "samples, in order of score",
            "positives",
            [
                Line(count, np.append(0, np.cumsum(y)), "labels", faint=True),
                Line(count, np.append(0, np.cumsum(fit.y)), "fit"),
            ],
            note="The fit is the convex curve just below. Its slope is the share of positives of a block.",
        ),
    ]


POOL = "while len(means) > 1 and means[-2] > means[-1]:"
MERGE = "[(left * means[-2] + right * means[-1]) / (left + right)]"
DISTINCT = "    distinct, place = np.unique(x, return_inverse=True)\n"
ORDER = "    order = np.argsort(x, kind='stable')\n    distinct, place = x[order], np.argsort(order)\n"
PREDICT = "return np.interp(x, fit.x, fit.y)"
RETURN = "return IsotonicFit(distinct, np.repeat(means, sizes))"
FIRST = (
    "distinct, first = np.unique(distinct, return_index=True)\n"
    "    return IsotonicFit(distinct, np.repeat(means, sizes)[first])"
)
AVERAGE = "    average = np.bincount(place, weights * y) / total\n"
SIZES = "            sizes[-2:] = [sizes[-2] + sizes[-1]]\n"
MISTAKES = {
    "no step back: a block merges with one before it": (SIZES, SIZES + "            break\n"),
    "two steps back at most": (
        POOL,
        "for _ in range(2):\n            if len(means) < 2 or means[-2] <= means[-1]:\n                break",
    ),
    "a curve that never rises": (POOL, POOL.replace("] > ", "] < ")),
    "the running maximum": (MERGE, "[means[-2]]"),
    "the running minimum": (MERGE, "[means[-1]]"),
    "means of means": (MERGE, "[(means[-2] + means[-1]) / 2]"),
    "blocks weighed by their distinct x": ("left, right = masses[-2:]", "left, right = sizes[-2:]"),
    "the weight of a merged block is that of its first": ("masses[-2:] = [left + right]", "masses[-2:] = [left]"),
    "the weight of a merged block is that of its last": ("masses[-2:] = [left + right]", "masses[-2:] = [right]"),
    "small falls are left": (POOL, POOL.replace("means[-1]:", "means[-1] + 1e-5:")),
    "small rises merge": (POOL, POOL.replace("means[-1]:", "means[-1] - 1e-5:")),
    "relatively small rises merge": (POOL, POOL.replace("means[-1]:", "means[-1] - 1e-7 * abs(means[-1]):")),
    "only down to 0": (POOL, POOL.replace("means[-1]:", "max(means[-1], 0):")),
    "taken as sorted": (DISTINCT, "    distinct, place = x, np.arange(len(x))\n"),
    "x sorted alone": (
        DISTINCT,
        DISTINCT + "    place = np.sort(place)\n",
    ),
    "equal x are not pooled first": [(DISTINCT, ORDER), (RETURN, FIRST)],
    "equal x in order of y": [
        (DISTINCT, ORDER.replace("np.argsort(x, kind='stable')", "np.lexsort((y, x))")),
        (RETURN, FIRST),
    ],
    "equal x stay apart": (DISTINCT, ORDER),
    "the last of equal x counts": (AVERAGE, AVERAGE + "    average[place] = y\n"),
    "equal x weigh as one sample": (AVERAGE, AVERAGE + "    total = total / np.bincount(place)\n"),
    "the mean of equal x without weights": (AVERAGE, "    average = np.bincount(place, y) / np.bincount(place)\n"),
    "the sum of equal x": (AVERAGE, "    average = np.bincount(place, weights * y)\n"),
    "close x are equal": ("np.unique(x, return", "np.unique(np.round(x, 5), return"),
    "one value for each sample": (RETURN, "return IsotonicFit(x, np.repeat(means, sizes)[place])"),
    "one value for each block": (
        RETURN,
        "return IsotonicFit(distinct[np.cumsum(sizes) - 1], np.array(means))",
    ),
    "weights left out": ("if sample_weight is None else sample_weight.astype(float)", "if True else x"),
    "weights below 1 are 1": ("else sample_weight.astype(float)", "else np.maximum(sample_weight, 1)"),
    "weights squared": ("else sample_weight.astype(float)", "else sample_weight**2"),
    "clipped to 0 and 1": (RETURN, RETURN.replace("np.repeat(means, sizes)", "np.clip(np.repeat(means, sizes), 0, 1)")),
    "a step, not a line": (
        PREDICT,
        "return fit.y[np.clip(np.searchsorted(fit.x, x, side='right') - 1, 0, len(fit.x) - 1)]",
    ),
    "the nearest point": (PREDICT, "return fit.y[np.abs(x[:, np.newaxis] - fit.x).argmin(axis=1)]"),
    "NaN outside": (PREDICT, "return np.interp(x, fit.x, fit.y, left=np.nan, right=np.nan)"),
    "0 below and 1 above": (PREDICT, "return np.interp(x, fit.x, fit.y, left=0.0, right=1.0)"),
    "lines go on outside": (
        PREDICT,
        (
            "k = np.clip(np.searchsorted(fit.x, x) - 1, 0, max(len(fit.x) - 2, 0))\n"
            "    step = np.diff(np.append(fit.x, np.inf))[k]\n"
            "    return fit.y[k] + (x - fit.x[k]) / step * np.diff(np.append(fit.y, fit.y[-1]))[k]"
        ),
    ),
    "queries are sorted": (PREDICT, "return np.interp(np.sort(x), fit.x, fit.y)"),
    "predictions clipped to 0 and 1": (PREDICT, "return np.clip(np.interp(x, fit.x, fit.y), 0, 1)"),
    "quadratic: looks at all blocks for each sample": (POOL, "while any(a > b for a, b in zip(means, means[1:])):"),
}

STRICT_MISTAKES = {
    "surplus y are ignored": (
        "    if not len(x) == len(y) == len(weights) or len(x) == 0:",
        "    y = y[: len(x)]\n    if not len(x) == len(y) == len(weights) or len(x) == 0:",
    ),
    "weights are not looked at": ("if not (weights > 0).all():", "if False:"),
    "a NaN weight passes": ("if not (weights > 0).all():", "if (weights <= 0).any():"),
    "weight 0 passes": ("if not (weights > 0).all():", "if not (weights >= 0).all():"),
    "small integers wrap around": ("else sample_weight.astype(float)", "else sample_weight"),
}
