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
        ([0.0, 9.0], 0.0, 0.0, "both"),
        ([0.0, 9.0], 0.0, -1.0, "both"),
        ([0.0, 9.0], 0.0, 1.0, "UP"),
    ],
)
def test_bad_input(reference, stream, delta, threshold, mode):
    for function in (reference.page_hinkley, reference.page_hinkley_alarms):
        with pytest.raises(ValueError):
            function(np.array(stream), delta, threshold, mode)


def first_alarms(reference, streams, delta, threshold):
    """Return the place of the first alarm of each stream, and infinity where there is none."""
    found = [reference.page_hinkley(stream, delta, threshold) for stream in streams]
    return np.array([np.inf if index is None else index for index in found])


def rises(quiet, size, after=1_000, n=300):
    """Return streams of normal noise, fixed by their seeds, the mean of which rises after a number of values."""
    level = np.repeat([0.0, size], [quiet, after])
    return [np.random.default_rng(seed).normal(size=quiet + after) + level for seed in range(n)]


def test_claim_errors_and_features(reference):
    alarms = 0
    for seed in range(100):
        x = np.random.default_rng(seed).normal(size=4_000)
        y = np.append(x[:2_000] > 0, x[2_000:] < 0)
        assert reference.page_hinkley((x > 0) != y, 0.25, 20) == 2_000 + 26
        alarms += reference.page_hinkley(x, 0.25, 20) is not None
    assert alarms <= 3


@pytest.mark.parametrize(
    ("delta", "threshold", "false_alarms", "delay"),
    [(0.25, 10, (0.53, 0.67), 11), (0.25, 20, (0, 0.01), 25), (0.5, 10, (0, 0.03), 18)],
)
def test_claim_threshold_and_delay(reference, delta, threshold, false_alarms, delay):
    found = first_alarms(reference, rises(1_000, 1.0, after=200), delta, threshold)
    early = found < 1_000
    assert false_alarms[0] <= early.mean() <= false_alarms[1]
    assert np.median(found[~early]) - 999 == pytest.approx(delay, abs=1)


def test_claim_small_rise_is_missed(reference):
    missed = np.isinf(first_alarms(reference, rises(1_000, 0.3), 0.5, 10)).mean()
    assert 0.7 <= missed <= 0.8


@pytest.mark.parametrize(("quiet", "share"), [(20, 0.93), (100, 0.23), (1_000, 0.0)])
def test_claim_early_changes_are_missed(reference, quiet, share):
    missed = np.isinf(first_alarms(reference, rises(quiet, 0.6), 0.25, 20)).mean()
    assert missed == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(("spread", "least", "most"), [(2.0, 0.98, 1.0), (1.0, 0.0, 0.02), (0.5, 0.0, 0.0)])
def test_claim_spread(reference, spread, least, most):
    streams = [noise * np.repeat([1.0, spread], 1_000) for noise in rises(1_000, 0.0)]
    found = first_alarms(reference, streams, 0.25, 20)
    quiet = found[found >= 1_000]
    assert least <= np.isfinite(quiet).mean() <= most


def test_claim_weekly_season(reference):
    days = np.tile([0.0] * 5 + [1.0] * 2, 50)
    assert len(reference.page_hinkley_alarms(days, 0.1, 1.0)) > 25
    assert reference.page_hinkley_alarms(days[7:] - days[:-7], 0.1, 1.0) == []
