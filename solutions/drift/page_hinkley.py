"""The Page-Hinkley test for a change of the mean of a stream.

Sum the deviation of each value from the mean of the values so far. An allowance delta keeps noise from adding up:

    mean_t = (x_1 + ... + x_t) / t
    U_t = U_{t-1} + x_t - mean_t - delta,   U_0 = 0
    D_t = D_{t-1} + x_t - mean_t + delta,   D_0 = 0

    upward alarm at t:    U_t - min(U_1, ..., U_t) > threshold
    downward alarm at t:  max(D_1, ..., D_t) - D_t > threshold

After an alarm the test starts again: the next value is x_1, and mean, sums and extremes are reset. Both functions take
linear time, however many alarms there are.

Source: Page (1954); Hinkley (1971). River's PageHinkley with alpha = 1 and min_instances = 1 is the same.

Strict
------
- The stream may be empty.
- ValueError if a value of the stream is not finite, delta < 0, threshold <= 0, or mode is unknown.
"""

import math
from collections.abc import Iterator
from itertools import accumulate

import numpy as np


def page_hinkley(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> int | None:
    """Return the index of the first alarm, counted from 0, or None if there is no alarm.

    Parameters
    ----------
    stream : array of shape (n_values,)
    delta, threshold : float
    mode : str
        "up" for upward alarms only, "down" for downward alarms only, "both" for the first of either.

    Examples
    --------
    After four zeros, the first 1 deviates from its mean by 4/5, the second by 4/6.

    >>> stream = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    >>> page_hinkley(stream, delta=0.0, threshold=1.0)
    5
    >>> page_hinkley(stream, delta=0.5, threshold=1.0) is None
    True
    >>> page_hinkley(stream, delta=0.0, threshold=1.0, mode="down") is None
    True
    """
    return next(_alarms(stream, delta, threshold, mode), None)


def page_hinkley_alarms(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> list[int]:
    """Return the indices of all alarms in the whole stream, in order.

    In mode "both" an alarm resets both directions. In the other modes the other direction is ignored.

    Examples
    --------
    After the alarm at 5 the ones are normal, and the zeros are a change again.

    >>> stream = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    >>> page_hinkley_alarms(stream, delta=0.0, threshold=1.0)
    [5, 10]
    >>> page_hinkley_alarms(stream, delta=0.0, threshold=1.0, mode="up")
    [5]
    """
    return list(_alarms(stream, delta, threshold, mode))


def _alarms(stream: np.ndarray, delta: float, threshold: float, mode: str) -> Iterator[int]:
    _check(stream, delta, threshold, mode)
    n, total, rise, fall = 0, 0.0, 0.0, 0.0
    for index, value in enumerate(stream.tolist()):
        n, total = n + 1, total + value
        mean = total / n
        # How far the sums are from their extremes: 0 where the extreme is now, and else one step more.
        rise = max(0.0, rise + value - mean - delta)
        fall = max(0.0, fall - value + mean - delta)
        if (mode != "down" and rise > threshold) or (mode != "up" and fall > threshold):
            yield index
            n, total, rise, fall = 0, 0.0, 0.0, 0.0


def _check(stream: np.ndarray, delta: float, threshold: float, mode: str) -> None:
    if not np.isfinite(stream).all():
        raise ValueError("the stream has a NaN or an infinite value")
    if not (delta >= 0 and threshold > 0):
        raise ValueError(f"delta is {delta} and must be at least 0; threshold is {threshold} and must be above 0")
    if mode not in ("up", "down", "both"):
        raise ValueError(f'mode is {mode!r}; it is "up", "down" or "both"')


def page_hinkley_via_running_extremes(
    stream: np.ndarray, delta: float, threshold: float, mode: str = "both"
) -> int | None:
    """Compute all means, sums and extremes at once."""
    _check(stream, delta, threshold, mode)
    deviations = stream - np.cumsum(stream) / np.arange(1, len(stream) + 1)
    up, down = np.cumsum(deviations - delta), np.cumsum(deviations + delta)
    rises = up - np.minimum.accumulate(up) > threshold
    falls = np.maximum.accumulate(down) - down > threshold
    alarms = np.flatnonzero({"up": rises, "down": falls, "both": rises | falls}[mode])
    return next(iter(alarms.tolist()), None)


def page_hinkley_via_mirror(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> int | None:
    """Look for upward changes alone, in the stream and in its mirror image."""
    _check(stream, delta, threshold, mode)

    def first_rise(values: list) -> float:
        total = summed = lowest = 0.0
        for t, value in enumerate(values, start=1):
            total += value
            summed += value - total / t - delta
            lowest = min(lowest, summed)
            if summed - lowest > threshold:
                return t - 1
        return math.inf

    first = min(
        first_rise(stream.tolist()) if mode != "down" else math.inf,
        first_rise((-1.0 * stream).tolist()) if mode != "up" else math.inf,
    )
    return None if first == math.inf else first


def page_hinkley_alarms_via_iterator(
    stream: np.ndarray, delta: float, threshold: float, mode: str = "both"
) -> list[int]:
    """Let one function after the other read on in the same stream, each until its alarm."""
    _check(stream, delta, threshold, mode)
    values = enumerate(stream.tolist())

    def next_alarm() -> int | None:
        total = summed = lowest = highest = 0.0
        for t, (index, value) in enumerate(values, start=1):
            total += value
            summed += value - total / t
            # Without the allowance in it, one sum does for both directions.
            lowest, highest = min(lowest, summed - t * delta), max(highest, summed + t * delta)
            rises, falls = summed - t * delta - lowest > threshold, highest - summed - t * delta > threshold
            if {"up": rises, "down": falls, "both": rises or falls}[mode]:
                return index
        return None

    return list(iter(next_alarm, None))


def page_hinkley_alarms_via_fold(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> list[int]:
    """Fold a step over the stream, which takes a state to the next one, and see which states are alarms."""
    _check(stream, delta, threshold, mode)
    fresh = (0, 0.0, 0.0, 0.0, math.inf, -math.inf, False)

    def step(state: tuple, value: float) -> tuple:
        n, total, up, down, lowest, highest, _ = fresh if state[-1] else state
        n, total = n + 1, total + value
        up, down = up + (value - total / n) - delta, down + (value - total / n) + delta
        lowest, highest = min(lowest, up), max(highest, down)
        gaps = {"up": up - lowest, "down": highest - down, "both": max(up - lowest, highest - down)}
        return n, total, up, down, lowest, highest, gaps[mode] > threshold

    states = accumulate(stream.tolist(), step, initial=fresh)
    return [index for index, state in enumerate(states, start=-1) if state[-1]]
