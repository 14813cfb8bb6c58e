"""The reference beside River's definition, by brute force.

River's PageHinkley keeps a mean, two sums with their extremes, and counts; with alpha = 1 (nothing is forgotten) and
min_instances = 1 (alarms from the first value on) it is the same test. Here each of these is taken anew at each value,
in exact fractions, from all values since the last alarm.
"""

from fractions import Fraction

import numpy as np
import pytest

MODES = ("up", "down", "both")


def brute_force(stream, delta, threshold, mode):
    """Return all alarms, and how near to the threshold any gap came."""
    delta, threshold = Fraction(delta), Fraction(threshold)
    alarms, since, up, down, nearest = [], [], [], [], Fraction(10**9)
    for index, value in enumerate(stream.tolist()):
        since.append(Fraction(value))
        deviation = since[-1] - sum(since) / len(since)
        up.append(sum(up[-1:]) + deviation - delta)
        down.append(sum(down[-1:]) + deviation + delta)
        gaps = {"up": up[-1] - min(up), "down": max(down) - down[-1]}
        looked_at = [gap for name, gap in gaps.items() if mode in (name, "both")]
        nearest = min([nearest, *(abs(gap - threshold) for gap in looked_at)])
        if max(looked_at) > threshold:
            alarms.append(index)
            since, up, down = [], [], []
    return alarms, float(nearest)


def assert_agrees(reference, stream, delta, threshold, *, exact=False):
    """Compare alarms; unless all sums are exact, a gap within rounding of the threshold may go either way."""
    for mode in MODES:
        expected, nearest = brute_force(stream, delta, threshold, mode)
        if not exact and nearest < 1e-9 * threshold:
            continue
        assert reference.page_hinkley_alarms(stream, delta, threshold, mode) == expected
        assert reference.page_hinkley(stream, delta, threshold, mode) == (expected[0] if expected else None)


def test_random_streams(reference, rng):
    for _ in range(60):
        levels = np.repeat(rng.normal(scale=2.0, size=4), rng.integers(1, 25))
        stream = rng.normal(size=len(levels)) + levels
        assert_agrees(reference, stream, float(rng.choice([0.0, rng.uniform()])), float(rng.uniform(0.1, 12.0)))


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32])
def test_kinds(reference, rng, kind):
    for _ in range(30):
        stream = rng.integers(0, 9, size=40).astype(kind)
        assert_agrees(reference, stream, float(rng.integers(0, 5) / 4), float(rng.integers(1, 40) / 8))


@pytest.mark.parametrize(
    ("stream", "delta", "threshold"),
    [
        ([], 0.0, 1.0),
        ([7.0], 0.0, 1.0),
        ([7.0] * 20, 0.0, 1e-9),
        ([0.0, 1.0], 0.0, 0.5),
        ([1.0, 0.0], 0.0, 0.5),
        ([0.0, 1.0, 1.0, 0.0], 0.25, 0.25),
        ([0.0, 0.0, 0.0, 4.0], 0.0, 3.0),
        ([0.0, 0.0, 0.0, 4.0], 1.0, 2.0),
        ([0.0, 9.0, 0.0, 9.0, 9.0, 0.0, 9.0], 0.0, 1.0),
        ([0.0] * 8 + [9.0, 9.0], 1.0, 7.0),
    ],
)
def test_edges(reference, stream, delta, threshold):
    """Sums that are exact in binary, at the threshold itself too."""
    assert_agrees(reference, np.array(stream), delta, threshold, exact=True)


def test_units_and_origins(reference, rng):
    stream = rng.normal(size=80) + np.repeat([0.0, 2.0], 40)
    for unit in (2.0**-40, 1.0, 2.0**40):
        for origin in (0.0, -1e3, 1e6):
            assert_agrees(reference, unit * (stream + origin), unit * 0.1, unit * 5.0)


@pytest.mark.parametrize(
    ("stream", "delta", "threshold", "mode"),
    [
        ([0.0, 9.0, np.nan], 0.0, 1.0, "both"),
        ([0.0, 9.0, np.inf], 0.0, 1.0, "both"),
        ([-np.inf, 9.0], 0.0, 1.0, "both"),
        ([0.0, 9.0], -0.1, 1.0, "both"),
        ([0.0, 9.0], np.nan, 1.0, "both"),
        ([0.0, 9.0], 0.0, 0.0, "both"),
        ([0.0, 9.0], 0.0, -1.0, "both"),
        ([0.0, 9.0], 0.0, np.nan, "both"),
        ([0.0, 9.0], 0.0, 1.0, "UP"),
    ],
)
def test_bad_input(reference, stream, delta, threshold, mode):
    for function in (reference.page_hinkley, reference.page_hinkley_alarms):
        with pytest.raises(ValueError):
            function(np.array(stream), delta, threshold, mode)
