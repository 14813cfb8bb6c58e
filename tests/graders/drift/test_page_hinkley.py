import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel, Points
from katagrad.testing import assert_equal, strict

MODES = ["up", "down", "both"]


@pytest.fixture
def shifting(rng):
    """Noise about a mean that moves up and down, every forty values."""
    return rng.normal(size=240) + np.repeat([0.0, 2.0, -1.0, 1.5, 1.0, -1.0], 40)


def first_alarm(stream, delta, threshold, mode):
    """Return the first alarm by the formulas, with every mean taken anew."""
    means = [sum(stream[: t + 1]) / (t + 1) for t in range(len(stream))]
    up, down = [], []
    for x, mean in zip(stream, means, strict=True):
        up.append((up[-1] if up else 0.0) + x - mean - delta)
        down.append((down[-1] if down else 0.0) + x - mean + delta)
        rises, falls = up[-1] - min(up) > threshold, max(down) - down[-1] > threshold
        if (rises and mode != "down") or (falls and mode != "up"):
            return len(up) - 1
    return None


def all_alarms(stream, delta, threshold, mode):
    alarms, start = [], 0
    while (found := first_alarm(stream[start:], delta, threshold, mode)) is not None:
        alarms.append(start + found)
        start += found + 1
    return alarms


def test_directions(kata, rng):
    """There is an alarm where U rises above its minimum, or D falls below its maximum, by more than the threshold."""
    # 1 - 1/5 is summed, and then 1 - 2/6.
    stream = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    for sign in (1.0, -1.0):
        assert_equal(kata.page_hinkley(sign * stream, 0.0, 1.0), 5)
        assert_equal(kata.page_hinkley(sign * stream, 0.0, 0.75), 4)
        assert_equal(kata.page_hinkley(sign * stream, 0.0, 1.5), 6)
        # At any level and in any unit.
        assert_equal(kata.page_hinkley(1000.0 + sign * stream, 0.0, 1.0), 5)
        for unit in (1.5e-6, 1e4):
            assert_equal(kata.page_hinkley(sign * unit * stream, 0.25 * unit, 1.2 * unit), 6)
            assert_equal(kata.page_hinkley_alarms(sign * unit * stream, 0.25 * unit, 1.2 * unit), [6])
    for size in (0.3, 1.0, -1.0, -3.0):
        stream = np.append(rng.normal(size=30), rng.normal(size=60) + size)
        for delta, threshold in ((0.0, 3.0), (0.1, 8.0)):
            expected = first_alarm(stream.tolist(), delta, threshold, "both")
            assert_equal(kata.page_hinkley(stream, delta, threshold), expected)


def test_running_mean(kata):
    """A value deviates from the mean up to itself, which it is part of, and not from a later mean."""
    # 3 deviates by 1.5 from the mean of 0 and 3.
    assert_equal(kata.page_hinkley(np.array([0.0, 3.0]), 0.0, 2.0), None)
    assert_equal(kata.page_hinkley(np.array([0.0, 3.0]), 0.0, 1.4), 1)
    # The first value is its own mean, whatever it is. Of the others, 4 deviates by 2, 4 by 4/3, and 0 by -2.
    assert_equal(kata.page_hinkley(np.array([100.0]), 0.0, 1.0), None)
    assert_equal(kata.page_hinkley(np.array([0.0, 4.0, 4.0, 0.0]), 0.0, 3.3), 2)
    assert_equal(kata.page_hinkley(np.array([0.0, 4.0, 4.0, 0.0]), 0.0, 3.4), None)


def test_delta(kata):
    """At each value, delta is subtracted from U and added to D."""
    # With a delta of 1/4, what is summed of 1 - 1/5, 1 - 2/6 and 1 - 3/7 is 0.55, 0.9667 and 1.2881.
    stream = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    for sign in (1.0, -1.0):
        for threshold, expected in [(0.5, 4), (0.6, 5), (0.9, 5), (1.0, 6), (1.2, 6), (1.3, None)]:
            assert_equal(kata.page_hinkley(sign * stream, 0.25, threshold), expected)
        assert_equal(kata.page_hinkley(sign * stream, 2.0, 0.001), None)


def test_extreme_so_far(kata):
    """A sum is measured from its extreme so far, however far that is from 0 and however long ago."""
    # After eight zeros U is at -8 and D at 8; the 9 deviates by 8, and a second one by 7.2.
    stream = np.array([0.0] * 8 + [9.0, 9.0])
    for sign in (1.0, -1.0):
        assert_equal(kata.page_hinkley(sign * stream, 1.0, 6.9), 8)
        assert_equal(kata.page_hinkley(sign * stream, 1.0, 13.1), 9)
        assert_equal(kata.page_hinkley(sign * stream, 1.0, 13.3), None)
    # The k-th 1 after 2,000 zeros deviates by 2000 / (2000 + k). Nothing of the sum is forgotten.
    summed = np.cumsum(2000 / np.arange(2001, 2401))
    for sign in (1.0, -1.0):
        stream = sign * np.append(np.zeros(2000), np.ones(400))
        assert_equal(kata.page_hinkley(stream, 0.0, 250.5), 2000 + int((summed <= 250.5).sum()))
    # Alternation moves the sums, but takes back what it gives.
    assert_equal(kata.page_hinkley(np.tile([0.0, 1.0], 30), 0.5, 1.0), None)


def test_no_alarm(kata, rng):
    """None, and an empty list, if no sum goes beyond the threshold. At the threshold there is no alarm."""
    for stream in ([7.0], [7.0] * 50, [3.0, 3.5, 2.5, 3.0]):
        assert_equal(kata.page_hinkley(np.array(stream), 0.1, 2.0), None)
        assert_equal(kata.page_hinkley_alarms(np.array(stream), 0.1, 2.0), [])
    noise = rng.uniform(-0.1, 0.1, size=50).round(3)
    assert_equal(kata.page_hinkley(noise, 0.25, 0.05), None)
    # These deviate by 1/2 exactly.
    for stream in ([0.0, 1.0], [1.0, 0.0]):
        assert_equal(kata.page_hinkley(np.array(stream), 0.0, 0.5), None)
        assert_equal(kata.page_hinkley(np.array(stream), 0.0, 0.499), 1)
        assert_equal(kata.page_hinkley_alarms(np.array(stream), 0.25, 0.25), [])


def test_all_alarms(kata, shifting):
    """After an alarm the test starts again and finds the next one. Indices are those of the whole stream."""
    stream = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    assert_equal(kata.page_hinkley_alarms(stream, 0.0, 1.0), [5, 10])
    for delta, threshold in [(0.1, 4.0), (0.5, 6.0), (0.0, 12.0)]:
        expected = all_alarms(shifting.tolist(), delta, threshold, "both")
        assert_equal(kata.page_hinkley_alarms(shifting, delta, threshold), expected)
        assert_equal(kata.page_hinkley(shifting, delta, threshold), expected[0] if expected else None)


def test_nothing_is_kept(kata):
    """An alarm resets mean, sums and extremes, and its own value is not used again."""
    # The 10 raises the alarm. To what follows it is no value of the past, and neither are the zeros.
    assert_equal(kata.page_hinkley_alarms(np.array([0.0, 10.0, 10.0, 10.0, 10.0]), 0.0, 4.0), [1])
    assert_equal(kata.page_hinkley_alarms(np.array([0.0, 10.0, 0.0, 0.0, 0.0]), 0.0, 4.0), [1])
    # From 7 on, 3 deviates by -2 and -1.3333.
    assert_equal(kata.page_hinkley_alarms(np.array([0.0, 0.0, 9.0, 7.0, 3.0, 3.0]), 0.0, 3.0), [2, 5])
    # Two alarms may be two values apart, and no less.
    assert_equal(kata.page_hinkley_alarms(np.array([0.0, 9.0, 0.0, 9.0, 9.0, 0.0, 9.0]), 0.0, 1.0), [1, 3, 5])


def test_mode(kata, shifting):
    """Mode "up" has upward alarms only, "down" downward ones only, "both" the first of either."""
    rise_first = np.array([0.0, 0.0, 4.0, 4.0, 4.0, -9.0, -9.0])
    for stream, expected in [(rise_first, [3, 5, 3]), (-rise_first, [5, 3, 3])]:
        for mode, index in zip(MODES, expected, strict=True):
            assert_equal(kata.page_hinkley(stream, 0.5, 3.0, mode), index)
    for mode in MODES:
        expected = all_alarms(shifting.tolist(), 0.2, 6.0, mode)
        assert_equal(kata.page_hinkley_alarms(shifting, 0.2, 6.0, mode), expected)
        assert_equal(kata.page_hinkley(shifting, 0.2, 6.0, mode), expected[0] if expected else None)
    assert_equal(kata.page_hinkley_alarms(shifting, 0.2, 6.0), all_alarms(shifting.tolist(), 0.2, 6.0, "both"))


@strict
def test_integers(kata):
    """A stream may hold integers of any type: nothing is truncated, and no sum overflows."""
    assert_equal(kata.page_hinkley(np.array([200, 200, 200, 0, 0], dtype=np.uint8), 0, 200), 4)
    stream = np.array([2, 1, 2, 1, 2, 4, 4, 4, 4, 0, 0, 0])
    for kind in (int, np.uint8):
        # 3 deviates by 3/2 from the mean of 0 and 3.
        assert_equal(kata.page_hinkley(np.array([0, 3], dtype=kind), 0, 1.6), None)
        assert_equal(kata.page_hinkley(np.array([0, 3], dtype=kind), 0, 1.4), 1)
        assert_equal(kata.page_hinkley(np.array([3, 0], dtype=kind), 0, 1.4), 1)
        for delta, threshold in [(0, 2.1), (0.25, 1.8), (1, 0.7)]:
            expected = all_alarms(stream.tolist(), delta, threshold, "both")
            assert_equal(kata.page_hinkley_alarms(stream.astype(kind), delta, threshold), expected)
            assert_equal(kata.page_hinkley(stream.astype(kind), delta, threshold), expected[0])


@strict
def test_empty_stream(kata):
    """In an empty stream there is no alarm, and its arguments are checked all the same."""
    assert_equal(kata.page_hinkley(np.array([]), 0.1, 2.0), None)
    assert_equal(kata.page_hinkley_alarms(np.array([]), 0.1, 2.0), [])
    for delta, threshold, mode in [(-0.1, 1.0, "both"), (0.1, 0.0, "both"), (0.1, 1.0, "Up")]:
        for function in (kata.page_hinkley, kata.page_hinkley_alarms):
            with pytest.raises(ValueError):
                function(np.array([]), delta, threshold, mode)


@strict
def test_bad_input(kata):
    """A value that is not finite, even after an alarm, delta < 0, threshold <= 0 and another mode raise ValueError."""
    good = np.array([0.0, 0.0, 9.0, 9.0])
    calls = [(np.append(good, value), 0.1, 1.0, "both") for value in (np.nan, np.inf, -np.inf)]
    calls += [(good, delta, 1.0, "both") for delta in (-0.1, -1e-9)]
    calls += [(good, 0.1, threshold, "both") for threshold in (0.0, -1.0)]
    calls += [(good, 0.1, 1.0, mode) for mode in ("", "Up", "upward", "two-sided")]
    for call in calls:
        for function in (kata.page_hinkley, kata.page_hinkley_alarms):
            with pytest.raises(ValueError):
                function(*call)


def test_linear_time(kata):
    """200,000 values take linear time, with no alarm before the end and with thousands of them."""
    late = np.append(np.tile([0.0, 1.0], 99_980), np.full(40, 9.0))
    # Each 9 deviates by nearly 8.5: the fifth exceeds 40.
    assert_equal(kata.page_hinkley(late, 0.01, 40.0), 199_964)
    # Each fortieth value deviates by 97.5 from the mean of its forty, and begins the next forty anew.
    often = np.tile(np.append(np.zeros(39), 100.0), 5_000)
    assert_equal(kata.page_hinkley_alarms(often, 0.5, 50.0), list(range(39, 200_000, 40)))


def workload(kata, rng, n):
    """Return the alarms of streams with several changes: measurements, counts, and fine steps that make exact ties."""
    levels = np.repeat(rng.normal(scale=2.0, size=n // 20 + 2), 20)
    noisy = rng.normal(size=len(levels)) + levels
    counts = rng.poisson(np.exp(levels / 3))
    return (
        [kata.page_hinkley(noisy, 0.1, threshold) for threshold in (2.0, 5.0, 20.0)],
        [kata.page_hinkley_alarms(noisy, 0.2, 5.0, mode) for mode in ("up", "down", "both")],
        [kata.page_hinkley(counts, 0.0, 4.0, mode) for mode in ("up", "down")],
        kata.page_hinkley_alarms(counts, 0.5, 2.0),
        kata.page_hinkley_alarms(rng.integers(0, 2, size=n), 0.25, 0.25),
    )


def picture(kata, rng):
    levels = np.repeat([0.0, 1.5, 0.0], [120, 100, 80])
    stream = levels + rng.normal(scale=0.8, size=300)
    alarms = kata.page_hinkley_alarms(stream, 0.3, 8.0)
    at, thresholds = np.arange(300), np.linspace(2, 24, 12)
    first = {threshold: kata.page_hinkley(stream[:220], 0.3, float(threshold), "up") for threshold in thresholds}
    raised = [(threshold, alarm) for threshold, alarm in first.items() if alarm is not None]
    return [
        Panel(
            "A stream with its alarms",
            "index",
            "value",
            [
                Points(at, stream, "value", faint=True),
                Line(at, levels, "true mean", steps=True),
                *(Mark(alarm, "" if number else "alarm") for number, alarm in enumerate(alarms)),
            ],
            note="The mean changes at 120 and at 220. An alarm comes somewhat later, and starts the test again.",
        ),
        Panel(
            "The first alarm by threshold",
            "threshold",
            "index of the first alarm",
            [
                Points([threshold for threshold, _ in raised], [alarm for _, alarm in raised], "first alarm"),
                Mark(120, "the change", level=True),
            ],
            note="A low threshold gives false alarms, below the line. A high one comes late.",
        ),
    ]


MISTAKES = {
    "the mean before the value": (
        "        mean = total / n\n",
        "        mean = (total - value) / (n - 1) if n > 1 else value\n",
    ),
    "the mean of the whole stream": (
        "        mean = total / n\n",
        "        mean = float(stream.mean())\n",
    ),
    "no allowance": [
        ("rise + value - mean - delta", "rise + value - mean"),
        ("fall - value + mean - delta", "fall - value + mean"),
    ],
    "the allowance is added": (
        "rise + value - mean - delta",
        "rise + value - mean + delta",
    ),
    "the allowance has the wrong sign for falls": ("fall - value + mean - delta", "fall - value + mean + delta"),
    "rises alone": ('(mode != "up" and fall > threshold)', "False"),
    "falls alone": ('(mode != "down" and rise > threshold)', "False"),
    "the modes swapped": [
        ('mode != "down" and rise', 'mode != "up" and rise'),
        ('mode != "up" and fall', 'mode != "down" and fall'),
    ],
    "sums from 0 instead of the extreme": [
        ("max(0.0, rise + value - mean - delta)", "rise + value - mean - delta"),
        ("max(0.0, fall - value + mean - delta)", "fall - value + mean - delta"),
    ],
    "a sum that is not kept": [
        ("max(0.0, rise + value - mean - delta)", "max(0.0, value - mean - delta)"),
        ("max(0.0, fall - value + mean - delta)", "max(0.0, mean - value - delta)"),
    ],
    "a forgetting factor": ("max(0.0, rise + value", "max(0.0, 0.9999 * rise + value"),
    "an alarm at the threshold": [("rise > threshold", "rise >= threshold"), ("fall > threshold", "fall >= threshold")],
    "thirty values before the first alarm": ("        if (mode", "        if n >= 30 and (mode"),
    "nothing begins anew": ("            n, total, rise, fall = 0, 0.0, 0.0, 0.0\n\n\ndef _check", "\n\ndef _check"),
    "the mean is kept": (
        "            n, total, rise, fall = 0, 0.0, 0.0, 0.0\n\n\ndef _check",
        "            rise, fall = 0.0, 0.0\n\n\ndef _check",
    ),
    "the sums are kept": (
        "            n, total, rise, fall = 0, 0.0, 0.0, 0.0\n\n\ndef _check",
        "            n, total = 0, 0.0\n\n\ndef _check",
    ),
    "the alarm's value begins the next mean": (
        "            n, total, rise, fall = 0, 0.0, 0.0, 0.0\n\n\ndef _check",
        "            n, total, rise, fall = 1, value, 0.0, 0.0\n\n\ndef _check",
    ),
    "indices from the last alarm on": ("            yield index\n", "            yield n - 1\n"),
    "indices from 1": ("            yield index\n", "            yield index + 1\n"),
    "the first alarm alone": (
        "    return list(_alarms(stream, delta, threshold, mode))",
        "    return list(_alarms(stream, delta, threshold, mode))[:1]",
    ),
    "the last alarm for the first": (
        "return next(_alarms(stream, delta, threshold, mode), None)",
        "return ([None, *_alarms(stream, delta, threshold, mode)])[-1]",
    ),
    "no alarm is -1": ("mode), None)", "mode), -1)"),
    "the values instead of the indices": ("            yield index\n", "            yield int(value)\n"),
    "the mean from the beginning at each value": (
        "        mean = total / n\n",
        "        mean = float(stream[index + 1 - n : index + 1].mean())\n",
    ),
    "all of the rest at each alarm": (
        "    return list(_alarms(stream, delta, threshold, mode))",
        (
            "    alarms, start = [], 0\n"
            "    first = page_hinkley_via_running_extremes\n"
            "    while (found := first(stream[start:], delta, threshold, mode)) is not None:\n"
            "        alarms.append(start + found)\n"
            "        start += found + 1\n"
            "    return alarms"
        ),
    ),
}

STRICT_MISTAKES = {
    "an empty stream is not looked at": (
        "    _check(stream, delta, threshold, mode)\n    n, total",
        "    if len(stream):\n        _check(stream, delta, threshold, mode)\n    n, total",
    ),
    "means in the kind of the stream": (
        "        mean = total / n\n",
        "        mean = type(value)(total / n)\n",
    ),
    "values are checked on the way": (
        "    if not np.isfinite(stream).all():",
        "    if not np.isfinite(stream[:3]).all():",
    ),
    "an infinite value passes": ("np.isfinite(stream).all()", "(~np.isnan(stream)).all()"),
    "a threshold of 0 passes": ("threshold > 0)", "threshold >= 0)"),
    "a negative delta passes": ("(delta >= 0 and", "(delta == delta and"),
    "any mode passes": ('if mode not in ("up", "down", "both"):', "if False:"),
}
