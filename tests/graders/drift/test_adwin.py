import math
from functools import cache

import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel, Points
from katagrad.testing import assert_close, assert_equal, strict


@pytest.fixture
def noisy(rng):
    """Noise about a mean that rises and falls."""
    return rng.normal(size=40) + np.repeat([0.0, 6.0, -2.0], [13, 12, 15])


def bounds(window, delta=0.002, min_length=5):
    """Write the formulas down, split by split."""
    n, found = len(window), []
    mean = sum(window) / n if n else 0.0
    variance = sum((x - mean) ** 2 for x in window) / n if n else 0.0
    for n0 in range(min_length, n - min_length + 1):
        d = math.log(2 * math.log(n) / delta)
        inverse = 1 / (n0 - min_length + 1) + 1 / (n - n0 - min_length + 1)
        found.append(math.sqrt(2 * inverse * variance * d) + 2 / 3 * d * inverse)
    return found


@cache
def monitored(stream, delta=0.002, min_length=5):
    """Return alarms and lengths by the definition, with every mean taken anew."""
    window, alarms, lengths = [], [], []
    for index, value in enumerate(stream):
        window.append(value)
        before = len(window)
        while True:
            n = len(window)
            for n0, bound in enumerate(bounds(window, delta, min_length), start=min_length):
                if abs(sum(window[:n0]) / n0 - sum(window[n0:]) / (n - n0)) > bound:
                    break
            else:
                break
            window = window[1:]
        if len(window) < before:
            alarms.append(index)
        lengths.append(len(window))
    return alarms, lengths


def assert_monitored(kata, stream, alarms, lengths, *parameters):
    found = kata.adwin(np.array(stream, dtype=float), *parameters)
    assert_equal(found.alarms, alarms)
    assert_equal(found.lengths, lengths)


def assert_defined(kata, stream, *parameters):
    assert_monitored(
        kata, stream, *monitored(tuple(np.asarray(stream, dtype=float).tolist()), *parameters), *parameters
    )


def test_bounds(kata, noisy):
    """A bound has two terms, with the window's variance in the first and the lengths of both parts in both."""
    # The variance is 1/4; 1/m is 1/1 + 1/3, 1/2 + 1/2, 1/3 + 1/1.
    d = math.log(2 * math.log(4) / 0.5)
    ends, middle = math.sqrt(2 * 4 / 3 * 0.25 * d) + 2 / 3 * d * 4 / 3, math.sqrt(2 * 0.25 * d) + 2 / 3 * d
    assert_close(kata.cut_bounds(np.array([0.0, 1.0, 0.0, 1.0]), 0.5, 1), [ends, middle, ends])
    assert_close(kata.cut_bounds(np.array([0.0, 1.0, 1.0, 0.0]) * 4 - 7, 0.5, 1)[1], math.sqrt(8 * d) + 2 / 3 * d)
    for window in (noisy[:11], noisy[:24], noisy):
        for parameters in [(), (0.3,), (0.002, 1), (0.9, 4)]:
            assert_close(kata.cut_bounds(window, *parameters), bounds(window.tolist(), *parameters))


def test_splits(kata, noisy):
    """A split counts if both parts have min_length values: a short window has no split."""
    for n, parameters, count in [
        (9, (), 0),
        (10, (), 1),
        (11, (), 2),
        (0, (), 0),
        (1, (0.1, 1), 0),
        (2, (0.1, 1), 1),
        (3, (0.1, 1), 2),
        (3, (0.1, 2), 0),
        (4, (0.1, 2), 1),
        (7, (0.1, 30), 0),
    ]:
        found = kata.cut_bounds(noisy[:n], *parameters)
        assert_equal(len(found), count, what=f"the number of bounds for {n} values and {parameters or 'the defaults'}")
        assert_close(found, bounds(noisy[:n].tolist(), *parameters))


def test_no_variance(kata):
    """Equal values leave the second term alone, and large or small values change the first one alone."""
    d = math.log(2 * math.log(10) / 0.002)
    for value in (0.0, 0.1, 1.0, -0.3, 1e6):
        assert_close(kata.cut_bounds(np.full(10, value)), [4 / 3 * d], what=f"bounds of ten values of {value}")
    for unit in (2.0**-19, 2.0**-10, 2.0**19):
        window = np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0]) * unit
        assert_close(kata.cut_bounds(window, 0.5, 3), bounds(window.tolist(), 0.5, 3), atol=0.0)
    # The deviation is far smaller than the values.
    near = 1.0 + np.array([0.0, 2.0**-19] * 5)
    assert_close(kata.cut_bounds(near)[0] - 4 / 3 * d, math.sqrt(4 * 2.0**-40 * d), rtol=1e-4, atol=0.0)
    # Far from 0 the mean of squares less the square of the mean loses the digits of the variance.
    small = np.array([0.0, 1.0, 1.0, 0.0]) * 2.0**-4
    assert_close(kata.cut_bounds(2.0**19 + small, 0.5, 1), bounds(small.tolist(), 0.5, 1))


def test_change(kata, noisy):
    """A rise or a fall raises an alarm at the value after which the means of some split differ by more than a bound."""
    stream = np.array([0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 5.0])
    for sign in (1.0, -1.0):
        assert_monitored(kata, sign * stream, [5], [1, 2, 3, 4, 5, 5, 6], 0.5, 1)
        assert_monitored(kata, sign * stream + 3, [5], [1, 2, 3, 4, 5, 5, 6], 0.5, 1)
        assert_defined(kata, sign * np.repeat([0.0, 2.0], [20, 30]))
        assert_defined(kata, sign * noisy)
        assert_defined(kata, sign * noisy, 0.2, 2)


def test_every_split(kata):
    """Every split is tried: a change may stand near either end of the window, or in the middle."""
    for early, late in [(5, 40), (40, 5), (6, 9), (23, 22), (30, 8), (8, 30), (5, 5)]:
        for size in (3.0, -1e6):
            assert_defined(kata, np.repeat([0.0, size], [early, late]))
    # What comes before and after is alike; only some split in the middle shows it.
    assert_defined(kata, np.repeat([0.0, 9.0, 0.0, 9.0], [12, 9, 8, 7]))
    assert_defined(kata, np.repeat([9.0, 0.0, 9.0], [7, 20, 7]), 0.2, 3)
    # The split with the largest difference is not the one that exceeds its bound.
    assert_defined(kata, [30.0, 20.0, 20.0, 47.0, 27.0, 57.0, 57.0, 57.0], 0.5, 1)


def test_drop(kata, noisy):
    """Of a window that has changed the oldest values are dropped, one by one, and no more than needed."""
    # At index 6 three of the six zeros go, at 7 and at 8 one more.
    stream = np.repeat([0.0, 100.0], [6, 10])
    assert_monitored(kata, stream, [6, 7, 8], [1, 2, 3, 4, 5, 6, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10], 0.5, 1)
    # The new values are few: they stay, with some of the old ones.
    assert_defined(kata, np.repeat([0.0, 4.0], [30, 8]))
    # After a drop the window has another variance.
    assert_defined(kata, [3.0, 0.0, 2.0, 2.0, 31.0, 29.0], 0.5, 1)
    assert_defined(kata, np.concatenate([noisy, noisy[::-1]]), 0.05, 3)


def test_one_alarm_a_value(kata):
    """A value raises one alarm, however many are dropped. One change may raise alarms at several values."""
    stream = np.repeat([0.0, 50.0, 0.0], [15, 15, 15])
    assert_defined(kata, stream)
    assert_defined(kata, np.tile(np.repeat([1.0, -1.0], 12), 3) * 8, 0.5, 4)


def test_no_change(kata, rng):
    """Without a change the window grows, and there is no alarm."""
    for stream in ([], [7.0], [0.0] * 30, [1e6] * 30, [0.1] * 30, [0.0, 1.0] * 15, [0.0] * 5 + [1e6] * 4):
        assert_monitored(kata, stream, [], list(range(1, len(stream) + 1)))
    # The second term has no unit: steps that are too small are never a change.
    assert_monitored(kata, np.repeat([0.0, 1e-6], [20, 20]), [], list(range(1, 41)))
    assert_monitored(kata, np.repeat([0.0, 0.25], [20, 20]), [], list(range(1, 41)))
    assert_monitored(kata, rng.uniform(size=30), [], list(range(1, 31)), 1e-6)
    # A window may become long. These have no split.
    assert_monitored(kata, np.zeros(1100), [], list(range(1, 1101)), 0.002, 600)


def test_parameters(kata, noisy):
    """A smaller delta and a larger min_length make alarms rarer."""
    step = np.repeat([0.0, 4.0], [25, 25])
    for parameters in [(0.002,), (0.3,), (0.999,), (1e-6,), (0.3, 1), (0.3, 2), (0.3, 12), (0.3, 26), (0.3, 25)]:
        assert_defined(kata, step, *parameters)
    for parameters in [(0.3,), (1e-4, 2), (0.3, 12), (0.3, 20), (0.3, 21)]:
        assert_defined(kata, noisy, *parameters)
    # One value may be a part.
    assert_defined(kata, [0.0, 90.0, 0.0, 0.0, 90.0, 90.0], 0.9, 1)


def test_large_values_leave(kata):
    """A value that has been dropped leaves no trace in sums and variances."""
    stream = np.concatenate([np.full(6, 1e6), np.repeat([0.25, 4.0, 0.25], [20, 20, 20])])
    assert_defined(kata, stream)
    assert_defined(kata, -stream / 3)


@strict
def test_integers(kata):
    """Values may be integers of any type: no sum or difference wraps around."""
    for kind in (np.uint8, np.int8, np.int16, np.int64):
        stream = np.repeat([100, 0, 100], [20, 20, 20]).astype(kind)
        assert_equal(kata.adwin(stream), monitored(tuple(stream.tolist())))
        assert_close(kata.cut_bounds(stream[10:30]), bounds(stream[10:30].tolist()))
    assert_close(kata.cut_bounds(np.array([-128, 127] * 6, dtype=np.int8)), bounds([-128, 127] * 6))


@strict
def test_far_from_zero(kata):
    """Values far from 0 have the variance of their deviations."""
    window = np.tile([0.0, 1.0, 0.0, 0.0], 4)
    assert_close(kata.cut_bounds(window + 2.0**26), bounds(window.tolist()))
    stream = np.repeat([0.0, 4.0], 20)
    assert_monitored(kata, stream + 2.0**30, *monitored(tuple(stream.tolist())))


@strict
def test_bad_input(kata):
    """A value that is not finite, delta outside (0, 1), and min_length below 1 raise ValueError."""
    good = np.zeros(12)
    calls = [(np.append(good, bad), 0.1, 5) for bad in (np.nan, np.inf, -np.inf)]
    calls += [(good, delta, 5) for delta in (0.0, -0.1, 1.0, 2.0, np.nan)]
    calls += [(good, 0.1, 0), (good, 0.1, -1), (good[:0], 0.0, 5), (good[:0], 0.1, 0), (np.array([np.nan]), 0.1, 5)]
    for function in (kata.cut_bounds, kata.adwin):
        for call in calls:
            with pytest.raises(ValueError):
                function(*call)


def workload(kata, rng, n):
    """Return what becomes of measurements and of errors, 0 or 1, whose means change; one window as it is."""
    levels = np.repeat(rng.normal(scale=4.0, size=n // 16 + 2), 16)
    noisy = rng.normal(size=len(levels)) + levels
    errors = (rng.random(len(levels)) < 1 / (1 + np.exp(-levels))).astype(float)
    return (
        kata.cut_bounds(noisy),
        kata.cut_bounds(errors[: n // 2], 0.1, 2),
        *kata.adwin(noisy),
        *kata.adwin(noisy, 0.2, 2),
        *kata.adwin(errors, 0.5, 1),
    )


def picture(kata, rng):
    levels = np.repeat([0.0, 2.5, 0.5], [120, 100, 80])
    stream = levels + rng.normal(scale=0.8, size=300)
    found, at = kata.adwin(stream), np.arange(300)
    ends = zip(at, found.lengths, strict=True)
    means = [stream[end + 1 - int(length) : end + 1].mean() for end, length in ends]
    return [
        Panel(
            "A stream, and the mean of its window",
            "index",
            "value",
            [
                Points(at, stream, "value", faint=True),
                Line(at, levels, "true mean", steps=True, faint=True),
                Line(at, means, "mean of the window"),
                *(Mark(alarm, "first alarm") for alarm in found.alarms[:1]),
            ],
            note="The mean changes at 120 and at 220. The window drops what is old, and its mean follows.",
        ),
        Panel(
            "The length of the window",
            "index",
            "values in the window",
            [
                Line(at, found.lengths, "length", steps=True),
                Mark(120, "a change"),
                Mark(220, ""),
            ],
            note="It grows by one a value, and falls at alarms: the alarms of one change are many.",
        ),
    ]


MISTAKES = {
    "the variance with divisor n - 1": ("np.var(window)", "np.var(window, ddof=1)"),
    "the standard deviation for the variance": ("np.var(window)", "np.std(window)"),
    "a variance of 1/4 at most": ("np.var(window)", "min(np.var(window), 0.25)"),
    "Hoeffding's bound, without the variance": (
        "np.sqrt(2 * inverse * np.var(window) * d) + 2 / 3 * d * inverse",
        "np.sqrt(inverse / 2 * np.log(4 * np.log(n) / delta))",
    ),
    "the first term alone": (" + 2 / 3 * d * inverse", ""),
    "the second term alone": ("np.sqrt(2 * inverse * np.var(window) * d) + 2", "2"),
    "a second term that grows with the values": (
        " + 2 / 3 * d * inverse",
        " + 2 / 3 * d * inverse * np.ptp(window)",
    ),
    "m is the sum of the lengths": (
        "1 / (n0 - min_length + 1) + 1 / (n - n0 - min_length + 1)",
        "1 / (n - 2 * min_length + 2) + 0 * n0",
    ),
    "the full lengths": ("1 / (n0 - min_length + 1) + 1 / (n - n0 - min_length + 1)", "1 / n0 + 1 / (n - n0)"),
    "no logarithm of n": ("np.log(2 * np.log(n) / delta)", "np.log(2 * n / delta)"),
    "delta as it is": ("np.log(2 * np.log(n) / delta)", "np.log(2 / delta)"),
    "logarithms to base 2": ("np.log(2 * np.log(n) / delta)", "np.log2(2 * np.log(n) / delta)"),
    "a logarithm to base 2 of n": ("np.log(2 * np.log(n) / delta)", "np.log(2 * np.log2(n) / delta)"),
    "the last split is left out": ("n - min_length + 1)\n    if not", "n - min_length)\n    if not"),
    "a part may be one value shorter": [
        (
            "n0 = np.arange(min_length, n - min_length + 1)",
            "n0 = np.arange(max(1, min_length - 1), n - min_length + 1)",
        ),
        ("inverse = 1 / (n0 - min_length + 1)", "inverse = 1 / np.maximum(1, n0 - min_length + 1)"),
    ],
    "falls alone": ("np.abs(excess)", "excess"),
    "rises alone": ("np.abs(excess)", "-excess"),
    "the middle alone is tried": (
        "> bounds).any())",
        "> bounds)[len(bounds) // 2 : len(bounds) // 2 + 1].any())",
    ),
    "all splits have to differ": ("> bounds).any())", "> bounds).all() and len(bounds))"),
    "the window starts empty after an alarm": ("            start += 1\n", "            start = end\n"),
    "all values before the split are dropped": (
        "            start += 1\n",
        "            start += min_length\n",
    ),
    "one value is dropped, and no more": ("while _changed(", "if _changed("),
    "the newest values are kept and nothing else": (
        "            start += 1\n",
        "            start = end - min_length\n",
    ),
    "the window has a largest length": ("        before = start\n", "        before = start = max(start, end - 50)\n"),
    "an alarm for each value that is dropped": (
        "            alarms.append(end - 1)\n",
        "            alarms += [end - 1] * (start - before)\n",
    ),
    "alarms where the change is": ("            alarms.append(end - 1)\n", "            alarms.append(start)\n"),
    "indices from 1": ("            alarms.append(end - 1)\n", "            alarms.append(end)\n"),
    "alarms in a row are one": (
        "        if start > before:\n",
        "        if start > before and (end - 2) not in alarms:\n",
    ),
    "the first alarm alone": (
        "            alarms.append(end - 1)\n",
        "            alarms = alarms or [end - 1]\n",
    ),
    "a test at every fourth value": ("while _changed(", "while end % 4 == 0 and _changed("),
    "no test before the eleventh value": ("while _changed(", "while end > 10 and _changed("),
    "lengths before anything is dropped": ("lengths.append(end - start)", "lengths.append(end - before)"),
    "the last length alone": (
        "Adaptive(alarms, lengths)\n\n\ndef _changed",
        "Adaptive(alarms, lengths[-1:])\n\n\ndef _changed",
    ),
    "the mean of squares less the square of the mean": (
        "np.var(window)",
        "max(0.0, np.mean(window * 1.0 * window) - np.mean(window) ** 2)",
    ),
}

STRICT_MISTAKES = {
    "sums of small integers": (
        "np.cumsum(window - np.mean(window))",
        "np.cumsum(window - np.mean(window).astype(window.dtype))",
    ),
    "any number passes": ("if not np.isfinite(values).all():", "if False:"),
    "any delta passes": ("if not 0 < delta < 1:", "if False:"),
    "any min_length passes": ("if min_length < 1:", "if False:"),
}
