import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel
from katagrad.testing import assert_close, assert_equal, strict

NAN = np.nan


def accuracies(y_true, y_pred, window):
    """Return the accuracy of each window by counting it anew."""
    right = [a == b for a, b in zip(y_true.tolist(), y_pred.tolist(), strict=True)]
    ends = range(1, len(right) + 1)
    return np.array([sum(right[end - window : end]) / window if end >= window else NAN for end in ends])


def alarms(values, low, high):
    """Return the alarm of each value, decided by the last value before it that is below low or at least high."""
    found = []
    for t in range(len(values)):
        decisions = [value < low for value in values[: t + 1] if value < low or value >= high]
        found.append(bool(decisions and decisions[-1]))
    return found


def check_alarm(kata, values, low, high, expected):
    assert_equal(kata.hysteresis_alarm(np.array(values, dtype=float), low, high), np.array(expected, dtype=bool))


def test_rolling(kata, rng):
    """Each value is the share of right predictions among the last window samples, up to the newest one."""
    y_true, y_pred = np.array([1, 1, 0, 0, 1, 0, 1]), np.array([1, 0, 0, 0, 1, 1, 0])
    assert_close(kata.rolling_accuracy(y_true, y_pred, 2), [NAN, 0.5, 0.5, 1, 1, 0.5, 0])
    assert_close(kata.rolling_accuracy(y_true, y_pred, 3), [NAN, NAN, 2 / 3, 2 / 3, 1, 2 / 3, 1 / 3])
    assert_close(kata.rolling_accuracy(y_true, y_pred, 4), [NAN, NAN, NAN, 0.75, 0.75, 0.75, 0.5])
    for window in (1, 2, 7, 16, 50):
        y_true, y_pred = rng.integers(0, 3, size=(2, 50))
        assert_close(kata.rolling_accuracy(y_true, y_pred, window), accuracies(y_true, y_pred, window))
    # The window holds 8 right of 10 at 34 places. Rounding errors that add up from place to place would start an alarm.
    y_true, y_pred = np.zeros(100, dtype=int), (np.arange(100) ** 2 % 37 < 8).astype(int)
    found = kata.rolling_accuracy(y_true, y_pred, 10)
    expected = accuracies(y_true, y_pred, 10)
    assert_close(found, expected)
    assert_equal(found < 0.8, expected < 0.8, what="where the accuracy is below 0.8")


def test_first_window(kata):
    """Values before the first full window are NaN, and so are all of them if the stream is shorter than the window."""
    y_true, y_pred = np.array([1, 0, 0, 1]), np.array([1, 0, 0, 0])
    for window in range(1, 5):
        found = kata.rolling_accuracy(y_true, y_pred, window)
        assert_equal(np.isnan(found), np.arange(4) < window - 1)
        assert_close(found, accuracies(y_true, y_pred, window))
    for window in (5, 6, 8, 9, 1_000):
        assert_close(kata.rolling_accuracy(y_true, y_pred, window), [NAN] * 4)
    for label in (0, 1):
        one = np.array([label])
        assert_close(kata.rolling_accuracy(one, np.array([0]), 1), [1.0 - label])
        assert_close(kata.rolling_accuracy(one, np.array([0]), 2), [NAN])


def test_labels(kata, rng):
    """A prediction is right if it equals the label. Labels are any integers."""
    y_true, y_pred = np.array([0, -1, 1, 7, 7, 1_000_000]), np.array([0, 1, 1, -7, 8, 1_000_001])
    assert_close(kata.rolling_accuracy(y_true, y_pred, 1), [1, 0, 1, 0, 0, 0])
    assert_close(kata.rolling_accuracy(y_true, y_pred, 4), [NAN, NAN, NAN, 0.5, 0.25, 0.25])
    for label in (-1, 0, 5):
        same = np.full(400, label)
        assert_close(kata.rolling_accuracy(same, same, 300), np.where(np.arange(400) < 299, NAN, 1.0))
        assert_close(kata.rolling_accuracy(same, same + 1, 3), np.where(np.arange(400) < 2, NAN, 0.0))
    y_true, y_pred = rng.choice([-3, 0, 12], size=(2, 40))
    assert_close(kata.rolling_accuracy(y_true, y_pred, 6), accuracies(y_true, y_pred, 6))


def test_hysteresis(kata, rng):
    """The alarm goes on below low, stays on until a value reaches high, and then off until one is below low."""
    values = [0.75, 0.5, 0.25, 0.5, 0.75, 0.5, 0.875, 0.5, 0.25, 0.5, 0.875]
    on = [False, False, True, True, True, True, False, False, True, True, False]
    check_alarm(kata, values, 0.375, 0.8125, on)
    for stop in (1, 2, 3, 4, 7, 8):
        check_alarm(kata, values[:stop], 0.375, 0.8125, on[:stop])
    check_alarm(kata, np.tile([0.25, 0.5, 0.875, 0.5], 5), 0.375, 0.8125, np.tile([True, True, False, False], 5))
    # Neither an alarm nor its end is forgotten.
    quiet = [0.5] * 3_000
    check_alarm(kata, [0.25, *quiet, 0.875, *quiet], 0.375, 0.8125, [True] * 3_001 + [False] * 3_001)
    for low, high in [(0.3, 0.7), (0.1, 0.2), (0.9, 0.95)]:
        values = rng.uniform(size=60)
        check_alarm(kata, values, low, high, alarms(values, low, high))


def test_first_value(kata):
    """The alarm is off before the first value, which may put it on at once. A value of 0 is like any other."""
    for first, expected in [(0.0, True), (0.25, True), (0.5, False), (0.75, False), (1.0, False)]:
        check_alarm(kata, [first, 0.625, 0.5], 0.5, 0.75, [expected] * 3)
    check_alarm(kata, [0.0], 0.5, 0.75, [True])
    check_alarm(kata, [0.5], 0.5, 0.75, [False])
    check_alarm(kata, [0.0, 0.0, 0.0], 0.5, 0.75, [True] * 3)
    check_alarm(kata, [1.0, 0.0, 0.625, 1.0, 0.0], 0.5, 0.75, [False, True, True, False, True])


def test_thresholds(kata):
    """A value equal to low leaves the alarm as it is, one equal to high puts it off, and there is no tolerance."""
    check_alarm(kata, [0.5, 0.25, 0.5, 0.75, 0.5], 0.5, 0.75, [False, True, True, False, False])
    for gap in (1e-3, 1e-9, 1e-15):
        values = [0.5, 0.5 + gap, 0.5 - gap, 0.75 - gap, 0.75, 0.5 - gap, 0.75 + gap]
        check_alarm(kata, values, 0.5, 0.75, [False, False, True, True, False, True, False])
    check_alarm(kata, [2e-6, 1e-6, 2e-6, 3e-6, 0.0, 4e-6], 2e-6, 3e-6, [False, True, True, False, True, False])
    # Equal thresholds, and thresholds at the ends of the range.
    check_alarm(kata, [0.5, 0.25, 0.5, 0.75, 0.0], 0.5, 0.5, [False, True, False, False, True])
    check_alarm(kata, [0.0, 0.5, 0.0, 1.0], 0.0, 0.5, [False] * 4)
    check_alarm(kata, [0.0, 0.5, 0.0, 1.0], 0.0, 0.0, [False] * 4)
    check_alarm(kata, [1.0, 0.0, 1 - 1e-6, 1.0, 0.75], 0.5, 1.0, [False, True, True, False, False])
    check_alarm(kata, [1.0, 1 - 1e-6, 1.0], 1.0, 1.0, [False, True, False])


def test_missing(kata):
    """NaN leaves the alarm as it is, wherever it stands. Before the first value that is a number, the alarm is off."""
    values = [NAN, NAN, 0.25, NAN, 0.6, NAN, 0.875, NAN, 0.6, 0.0, NAN]
    on = [False, False, True, True, True, True, False, False, False, True, True]
    check_alarm(kata, values, 0.5, 0.75, on)
    for low, high in [(0.5, 0.75), (0.5, 0.5), (0.0, 0.0), (1.0, 1.0)]:
        check_alarm(kata, [NAN] * 3, low, high, [False] * 3)
    check_alarm(kata, [NAN, 0.6, 0.25], 0.5, 0.75, [False, False, True])


def test_linear_time(kata):
    """200,000 samples take linear time, whatever the window is and however long no value decides."""
    at, window = np.arange(200_000), 100_000
    y_true = np.zeros(200_000, dtype=int)
    y_pred = (at >= 150_000).astype(int)
    expected = 1 - np.maximum(0, at - 149_999) / window
    expected[: window - 1] = NAN
    assert_close(kata.rolling_accuracy(y_true, y_pred, window), expected)
    values = np.full(200_000, 0.5)
    values[1] = 0.0
    check_alarm(kata, values, 0.25, 0.75, at > 0)


@strict
def test_bad_input(kata):
    """A window below 1, lengths that differ, and low above high raise ValueError."""
    labels = np.array([1, 0, 1])
    for window in (0, -1):
        for stream in (labels, labels[:0]):
            with pytest.raises(ValueError):
                kata.rolling_accuracy(stream, stream, window)
    for n in (0, 1, 2):
        for pair in [(labels, labels[:n]), (labels[:n], labels)]:
            with pytest.raises(ValueError):
                kata.rolling_accuracy(*pair, 2)
    for low, high in [(0.75, 0.5), (1.0, 0.0), (0.5 + 1e-9, 0.5)]:
        for values in ([0.6, 0.7], []):
            with pytest.raises(ValueError):
                kata.hysteresis_alarm(np.array(values), low, high)


@strict
def test_empty_stream(kata):
    """An empty stream has no accuracy and no alarm."""
    none = np.array([], dtype=int)
    for window in (1, 2, 5):
        assert_equal(kata.rolling_accuracy(none, none, window), np.array([]))
    check_alarm(kata, [], 0.5, 0.75, [])


def workload(kata, rng, n):
    """Return the accuracy of a stream that gets worse, and the alarm of values that hit thresholds or are missing."""
    y_true = rng.integers(0, 3, size=n)
    right = rng.random(n) < np.where(np.arange(n) < n // 2, 0.9, 0.6)
    y_pred = np.where(right, y_true, (y_true + 1) % 3)
    eighths = rng.integers(0, 9, size=n) / 8
    gappy = np.where(rng.random(n) < 0.2, NAN, eighths)
    return kata.rolling_accuracy(y_true, y_pred, 4), kata.hysteresis_alarm(gappy, 0.25, 0.75)


def picture(kata, rng):
    right = rng.random(1_200) < np.repeat([0.9, 0.75, 0.92], 400)
    rolling = kata.rolling_accuracy(right.astype(int), np.ones(1_200, dtype=int), 100)
    at = np.arange(1_200)
    two, one = kata.hysteresis_alarm(rolling, 0.8, 0.88), kata.hysteresis_alarm(rolling, 0.8, 0.8)
    return [
        Panel(
            "Accuracy in the last 100 samples",
            "index",
            "accuracy",
            [Line(at[99:], rolling[99:], "accuracy"), Mark(0.8, "low", level=True), Mark(0.88, "high", level=True)],
            note="The true accuracy falls at 400 and recovers at 800. The window follows within 100 samples.",
        ),
        Panel(
            "The alarm",
            "index",
            "on",
            [
                Line(at, two.astype(float), "low 0.8, high 0.88", steps=True),
                Line(at, one.astype(float) - 1.5, "one threshold, 0.8", steps=True),
            ],
            note="With one threshold the alarm flickers. With two it goes on and off once or twice.",
        ),
    ]


MISTAKES = {
    "the window ends before the newest sample": (
        "(right[window:] - right[:-window]) / window",
        "np.append(np.nan, (right[window:] - right[:-window]) / window)[:-1]",
    ),
    "one sample more in the window": (
        "(right[window:] - right[:-window]) / window",
        "(right[window:] - np.maximum(right[:-window] - 1, 0)) / window",
    ),
    "shares of the samples so far before the first window": (
        "    accuracy = np.full(len(y_true), np.nan)\n",
        "    accuracy = right[1:] / np.arange(1, len(right))\n",
    ),
    "0 before the first window": ("np.full(len(y_true), np.nan)", "np.zeros(len(y_true))"),
    "a window that is longer than the stream is cut to it": (
        "    right = np.append",
        "    window = min(window, len(y_true))\n    right = np.append",
    ),
    "the error rate": ("np.cumsum(y_true == y_pred)", "np.cumsum(y_true != y_pred)"),
    "counts": ("right[:-window]) / window", "right[:-window]) / 1"),
    "all samples so far": (
        "(right[window:] - right[:-window]) / window",
        "right[window:] / np.arange(window, len(right))",
    ),
    "a running sum of shares, in which rounding errors add up": [
        ("np.cumsum(y_true == y_pred)", "np.cumsum((y_true == y_pred) / window)"),
        ("(right[window:] - right[:-window]) / window", "right[window:] - right[:-window]"),
    ],
    "labels within a tolerance": ("np.cumsum(y_true == y_pred)", "np.cumsum(np.isclose(y_true, y_pred))"),
    "signs of labels": ("np.cumsum(y_true == y_pred)", "np.cumsum((y_true > 0) == (y_pred > 0))"),
    "0 is a missing label": ("np.cumsum(y_true == y_pred)", "np.cumsum((y_true == y_pred) & (y_true != 0))"),
    "counts in eight bits": ("np.cumsum(y_true == y_pred)", "np.cumsum(y_true == y_pred, dtype=np.uint8)"),
    "each window is counted anew": (
        "(right[window:] - right[:-window]) / window",
        "np.array([sum((y_true == y_pred)[t - window : t].tolist()) for t in range(window, len(right))]) / window",
    ),
    "one threshold, low": ("    decided = on | (accuracy >= high)\n", "    decided = on | (accuracy >= low)\n"),
    "one threshold, high": ("    on = accuracy < low\n", "    on = accuracy < high\n"),
    "on at low": ("    on = accuracy < low\n", "    on = accuracy <= low\n"),
    "still on at high": ("    decided = on | (accuracy >= high)\n", "    decided = on | (accuracy > high)\n"),
    "a tolerance at low": ("    on = accuracy < low\n", "    on = accuracy < low - 1e-12\n"),
    "a tolerance at high": (
        "    decided = on | (accuracy >= high)\n",
        "    decided = on | (accuracy >= high - 1e-12)\n",
    ),
    "0 is a missing value": ("    on = accuracy < low\n", "    on = (accuracy < low) & (accuracy > 0)\n"),
    "NaN puts the alarm off": (
        "    decided = on | (accuracy >= high)\n",
        "    decided = on | ~(accuracy < high)\n",
    ),
    "NaN puts the alarm on": ("    on = accuracy < low\n", "    on = ~(accuracy >= low)\n"),
    "the alarm never ends": ("    decided = on | (accuracy >= high)\n", "    decided = on\n"),
    "on at the start": ("    return on[last]\n", "    return on[last] | ~np.maximum.accumulate(decided)\n"),
    "on at the start if the first value is below high": (
        "    return on[last]\n",
        "    return on[last] | (~np.maximum.accumulate(decided) & (accuracy[0] < high))\n",
    ),
    "an alarm one value late": ("    return on[last]\n", "    return np.append(False, on[last])[:-1]\n"),
    "the end of the alarm is still part of it": (
        "    return on[last]\n",
        "    return on[last] | np.append(False, on[last])[:-1]\n",
    ),
    "only where the alarm goes on": (
        "    return on[last]\n",
        "    return on[last] & ~np.append(False, on[last])[:-1]\n",
    ),
}

STRICT_MISTAKES = {
    "a window of 0 passes": ("    if window < 1:\n", "    if window < 0:\n"),
    "low above high passes": ("    if low > high:\n", "    if low > high + 1e-6:\n"),
    "lengths are not compared": ("    if len(y_true) != len(y_pred):\n", "    if len(y_true) < len(y_pred):\n"),
}
