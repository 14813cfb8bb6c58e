"""`adwin` beside River's definition, and the claims of the follow-ups.

River is not installed with these tests, so its ADWIN is written out here with clock = 1, grace_period = 0 and more
buckets of one value than there are values: then no bucket merges, and every split is tested. As in River, the sum and
the variance of the window are updated by each value that comes or goes.
"""

import math
from collections import deque

import numpy as np
import pytest

from tests.oracles.claims import within


class River:
    """A window with its size, sum and sum of squared deviations, none of which is ever taken anew."""

    def __init__(self, delta, min_length):
        self.delta, self.min_length = delta, min_length
        self.values, self.total, self.squares = deque(), 0.0, 0.0

    def update(self, value):
        """Add a value, shrink, and return whether anything was dropped."""
        n = len(self.values)
        if n:
            self.squares += n * (value - self.total / n) ** 2 / (n + 1)
        self.values.append(value)
        self.total += value
        dropped = False
        while self.finds_cut():
            self.drop()
            dropped = True
        return dropped

    def drop(self):
        """Drop the oldest value."""
        value = self.values.popleft()
        n = len(self.values)
        self.total -= value
        self.squares -= n * (value - self.total / n) ** 2 / (n + 1)

    def finds_cut(self):
        """Return whether the means of two parts differ by more than the bound."""
        old, n = 0.0, len(self.values)
        for n0, value in enumerate(self.values, start=1):
            old += value
            n1 = n - n0
            if min(n0, n1) < self.min_length:
                continue
            if abs(old / n0 - (self.total - old) / n1) > self.bound(n0, n1):
                return True
        return False

    def bound(self, n0, n1):
        """Return River's bound for parts of these lengths."""
        n = n0 + n1
        delta_prime = math.log(2 * math.log(n) / self.delta)
        reciprocal = 1 / (n0 - self.min_length + 1) + 1 / (n1 - self.min_length + 1)
        return math.sqrt(2 * reciprocal * (self.squares / n) * delta_prime) + 2 / 3 * delta_prime * reciprocal


def assert_agrees(reference, stream, delta=0.002, min_length=5):
    river = River(delta, min_length)
    alarms, lengths = [], []
    for index, value in enumerate(np.asarray(stream, dtype=float).tolist()):
        if river.update(value):
            alarms.append(index)
        lengths.append(len(river.values))
    found = reference.adwin(stream, delta, min_length)
    assert (found.alarms, found.lengths) == (alarms, lengths)


def test_streams(reference, rng):
    for _ in range(12):
        levels = np.repeat(rng.normal(scale=3.0, size=4), rng.integers(1, 30, size=4))
        noisy = rng.normal(size=len(levels)) + levels
        for delta, min_length in [(0.002, 5), (0.3, 1), (0.9, 3)]:
            assert_agrees(reference, noisy, delta, min_length)
            assert_agrees(reference, (noisy > 0).astype(np.uint8), delta, min_length)


def test_bounds(reference, rng):
    for n in (0, 1, 2, 9, 10, 40):
        for min_length in (1, 5, 20):
            window = rng.normal(size=n)
            river = River(0.01, min_length)
            river.squares = ((window - window.mean()) ** 2).sum() if n else 0.0
            expected = [river.bound(n0, n - n0) for n0 in range(min_length, n - min_length + 1)]
            np.testing.assert_allclose(reference.cut_bounds(window, 0.01, min_length), expected, rtol=1e-9)


@pytest.mark.parametrize(
    "stream",
    [[], [7.0], [0.0] * 20, [1e6] * 20, np.repeat([0.0, 9.0], [30, 8]), np.repeat([9.0, 0.0, 9.0], [5, 20, 9])],
)
def test_edges(reference, stream):
    assert_agrees(reference, np.array(stream))
    assert_agrees(reference, np.array(stream, dtype=np.int64))


def test_bad_input(reference):
    good = np.zeros(3)
    for arguments in [(np.array([np.nan]),), (np.array([np.inf]),), (good, 0.0), (good, 1.0), (good, 0.1, 0)]:
        for function in (reference.cut_bounds, reference.adwin):
            with pytest.raises(ValueError):
                function(*arguments)


def test_claims_of_delta(reference):
    """The numbers of the second follow-up."""

    def coins(rng):
        return sum(bool(reference.adwin(rng.integers(0, 2, size=400), 0.3).alarms) for _ in range(20))

    within(0, 2, coins, seeds=1)

    def dependent(rng):
        noise, values = rng.normal(size=400), np.zeros(400)
        for i in range(1, 400):
            values[i] = 0.9 * values[i - 1] + noise[i]
        return [len(reference.adwin(one[100:]).alarms) for one in (values, noise)]

    within([8, 0], [60, 0], dependent, seeds=8)

    def delay(rng):
        errors = rng.random(400) < np.repeat([0.2, 0.8], [300, 100])
        return reference.adwin(errors.astype(float)).alarms[0] - 299

    within(12, 50, delay, seeds=8)


def test_claims_of_one_step(reference):
    """The numbers of the third follow-up."""
    found = reference.adwin(np.repeat([0.0, 1.0], [300, 60]))
    assert found.alarms[0] == 299 + 12
    assert found.lengths[310] + 1 - found.lengths[311] == 37
    assert len(found.alarms) == 30
    assert found.lengths[-1] == 60 + 18


def test_claims_of_units(reference):
    """The numbers of the fourth follow-up."""

    def units(rng):
        stream = rng.normal(size=200) + np.repeat([0.0, 10.0], 100)
        return reference.adwin(stream).alarms[0] - 99, len(reference.adwin(stream * 0.01).alarms)

    within([4, 0], [7, 0], units)


def test_claims_of_small_changes(reference):
    """The numbers of the fifth follow-up."""

    def small(rng):
        rate = np.repeat([0.1, 0.2], 300)
        return sum(bool(reference.adwin((rng.random(600) < rate).astype(float)).alarms) for _ in range(10))

    within(0, 3, small, seeds=1)

    def slope(rng):
        return max(reference.adwin(0.2 * rng.normal(size=600) + np.arange(600) / 200).lengths)

    within(100, 180, slope, seeds=4)
