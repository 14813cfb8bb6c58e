"""The Page-Hinkley test: the moment at which the mean of a stream has changed.

Each value's deviation from the mean of the values so far, itself included, is summed twice: less an allowance delta to
detect a rise, and plus it to detect a fall:

    mean_t = (x_1 + ... + x_t) / t
    U_t = sum over s = 1, ..., t of (x_s - mean_s - delta)
    D_t = sum over s = 1, ..., t of (x_s - mean_s + delta)

Each deviation is from the mean as it was at that value: mean_s, and not mean_t. As long as nothing changes, U falls and
D rises, on average by delta at each value. If values become larger, U rises above the lowest point that it has had, and
if they become smaller, D falls below its highest. There is an alarm at t where

    upward:     U_t - min(U_1, ..., U_t) > threshold
    downward:   max(D_1, ..., D_t) - D_t > threshold

(Where a mean, delta or a sum has no exact float, rounding may decide at the threshold itself.)

After an alarm the test begins anew: the next value is x_1 again, and nothing of the mean, the sums and the extremes is
kept. All of this takes linear time, however many alarms there are: 200,000 values should need well under a second.

Source: Page, Continuous inspection schemes (1954); Hinkley, Inference about the change-point from cumulative sum tests
(1971). Parameters as in River's PageHinkley, with its alpha and its min_instances set to 1.
"""

import math
from collections.abc import Iterator
from itertools import accumulate

import numpy as np


def page_hinkley(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> int | None:
    """Return the index of the first alarm.

    Parameters
    ----------
    stream : array of shape (n_values,)
        Finite numbers whose sums are finite too, floats or integers, in order of time. There may be none.
    delta : float, at least 0
        The deviation that is allowed for at each value, in the unit of the stream.
    threshold : float, above 0
        How far a sum may be from its extreme; at the threshold itself there is no alarm.
    mode : str
        "up" for upward alarms alone, "down" for downward ones, "both" for whichever is first.

    Returns
    -------
    int or None
        The index, from 0, of the value that raises the first alarm; None if there is no alarm.

    Raises
    ------
    ValueError
        If a value is NaN or infinite, even one after the alarm; if delta is negative or threshold not positive, or
        either is NaN; if mode is none of the three.

    Examples
    --------
    After four zeros a 1 has the mean 1/5, and so 4/5 is summed; 4/6 at the next.

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
    """Return where all alarms are, with the test begun anew after each.

    Parameters
    ----------
    stream, delta, threshold, mode
        As `page_hinkley` takes them.

    Returns
    -------
    list of int
        Indices into the whole stream, rising. In mode "both" an alarm in one direction begins both directions
        anew; in the other modes the direction that is not asked for begins nothing anew.

    Raises
    ------
    ValueError
        Where `page_hinkley` does.

    Examples
    --------
    The ones that follow the first alarm are the new normal, and the zeros after them are a change again.

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
        raise ValueError(
            f"delta is {delta} and threshold {threshold}: the one may not be negative, the other must exceed 0"
        )
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
