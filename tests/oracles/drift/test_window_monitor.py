"""The reference beside brute force, with exact fractions for the accuracy, and the claims of the follow-ups."""

from fractions import Fraction

import numpy as np
import pytest

from tests.bench.peers import Peer
from tests.oracles.claims import within


def counted(y_true, y_pred, window):
    """Return the accuracy of each window, every window counted anew."""
    found = [np.nan] * min(window - 1, len(y_true))
    for start in range(len(y_true) - window + 1):
        pairs = zip(y_true[start : start + window], y_pred[start : start + window], strict=True)
        found.append(float(Fraction(sum(bool(a == b) for a, b in pairs), window)))
    return found


def decided(values, low, high):
    """Return the alarm of each value, looked up by going back to the last value that decides."""
    found = []
    for t in range(len(values)):
        past = (value for value in values[t::-1] if value < low or value >= high)
        found.append(bool(next(past, 1.0) < low))
    return found


def test_random(reference, rng):
    for _ in range(200):
        n, window = int(rng.integers(1, 60)), int(rng.integers(1, 30))
        y_true, y_pred = rng.integers(-1, 2, size=(2, n))
        rolling = reference.rolling_accuracy(y_true, y_pred, window)
        np.testing.assert_array_equal(rolling, counted(y_true, y_pred, window))
        low, high = np.sort(rng.integers(0, 9, size=2)) / 8
        for values in (rolling, rng.uniform(size=n), rng.integers(0, 9, size=n) / 8):
            np.testing.assert_array_equal(reference.hysteresis_alarm(values, low, high), decided(values, low, high))


def test_edges(reference):
    labels = np.array([2, 2, -2])
    for window in (1, 2, 3, 4, 100):
        ours = reference.rolling_accuracy(labels, np.array([2, 0, -2]), window)
        np.testing.assert_array_equal(ours, counted(labels, np.array([2, 0, -2]), window))
    for values in ([np.nan, np.nan], [0.0], [1.0], [0.0, np.nan, 0.5, 1.0, 0.5], []):
        for low, high in [(0.0, 0.0), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]:
            ours = reference.hysteresis_alarm(np.array(values), low, high)
            np.testing.assert_array_equal(ours, np.array(decided(values, low, high), dtype=bool))
    assert len(reference.rolling_accuracy(labels[:0], labels[:0], 3)) == 0
    with pytest.raises(ValueError, match="window"):
        reference.rolling_accuracy(labels, labels, 0)
    with pytest.raises(ValueError, match="predictions"):
        reference.rolling_accuracy(labels, labels[:2], 2)
    with pytest.raises(ValueError, match="low"):
        reference.hysteresis_alarm(np.array([0.5]), 0.6, 0.5)


def rolling(reference, right, window):
    return reference.rolling_accuracy(right.astype(int), np.ones(len(right), dtype=int), window)


def times_raised(reference, accuracy, low, high):
    return (np.diff(reference.hysteresis_alarm(accuracy, low, high).astype(int), prepend=0) > 0).sum()


def test_claims_of_the_window(reference):
    """The numbers of the first follow-up."""

    def quiet(rng):
        right = rng.random(100_000) < 0.9
        short, long = rolling(reference, right, 100), rolling(reference, right, 400)
        raised = [times_raised(reference, accuracy, 0.85, 0.9) for accuracy in (short, long)]
        return np.nanstd(short), np.nanstd(long), *raised

    within([0.029, 0.014, 100, 0], [0.032, 0.016, 145, 4], quiet)

    def delay(rng):
        found = []
        for window in (100, 400):
            streams = rng.random((300, 3_000)) < np.repeat([0.9, 0.8], [1_000, 2_000])
            on = [reference.hysteresis_alarm(rolling(reference, right, window)[1_000:], 0.85, 0.9) for right in streams]
            found.append(np.median([np.argmax(alarm) if alarm.any() else np.inf for alarm in on]))
        return found

    within([40, 180], [60, 210], delay)


def test_claims_of_two_thresholds(reference):
    """The numbers of the second follow-up."""

    def claim(rng):
        accuracy = rolling(reference, rng.random(100_000) < 0.85, 100)
        return [times_raised(reference, accuracy, 0.85, high) for high in (0.85, 0.9)]

    within([1_300, 180], [1_600, 240], claim)


def test_claim_of_the_weighted_mean():
    """The numbers of the third follow-up."""

    def claim(rng):
        mean, found = 0.9, []
        for right in (rng.random(100_000) < 0.9).tolist():
            mean += 2 / 101 * (right - mean)
            found.append(mean)
        return np.std(found)

    within(0.029, 0.032, claim)


def peers(reference, rng):
    """Yield the accuracies of a long stream, beside windows that are laid out and averaged."""
    y_true, y_pred = rng.integers(0, 3, size=(2, 100_000))
    view = np.lib.stride_tricks.sliding_window_view
    ours = lambda: reference.rolling_accuracy(y_true, y_pred, 100)  # noqa: E731
    theirs = lambda: view(y_true == y_pred, 100).mean(axis=1)  # noqa: E731
    yield Peer("100,000 samples, window 100", "sliding_window_view", ours, theirs)
