"""Calibration: choose the range of numbers that the codes of a quantised layer cover.

Batches of data run through the network, and the activations of a layer are recorded. Codes are then spread evenly over
a range from low to high, and numbers beyond it are clipped. A wide range has coarse steps; a narrow range clips more.

Padding and ReLU produce exact zeros, so the range has to contain 0. For a range that was found as (low, high),

    range = (min(low, 0), max(high, 0))

Each function returns that, for a list of batches. A batch is an array of any shape, with at least one number; batches
may differ in size.

Source: Jacob et al., Quantization and Training of Neural Networks (2018), section 3.1; Wu et al., Integer Quantization
for Deep Learning Inference (2020), on calibration.

Strict
------
- Batches may hold integers or floats of any type. The result is as exact as float64 allows.
- ValueError if there is no batch, or one of the numbers is NaN or infinite.
"""

from typing import NamedTuple

import numpy as np


class Range(NamedTuple):
    """The smallest and the largest number that has a code of its own."""

    low: float
    high: float


def min_max_range(batches: list[np.ndarray]) -> Range:
    """Return the range from the smallest to the largest number in any batch.

    Examples
    --------
    >>> min_max_range([np.array([0.5, 3.0]), np.array([[-1.0], [0.2]])])
    Range(low=-1.0, high=3.0)
    >>> min_max_range([np.array([0.5, 3.0])])
    Range(low=0.0, high=3.0)
    """
    x = _together(batches)
    return _with_zero(x.min(), x.max())


def moving_average_range(batches: list[np.ndarray], averaging_constant: float = 0.01) -> Range:
    """Return moving averages of the batches' minima and maxima.

    With c for the averaging constant,

        low_1 = min of batch 1,    low_b = (1 - c) * low_(b-1) + c * min of batch b

    and the same for high with the maxima. 0 is included at the end, after the last batch.

    Parameters
    ----------
    batches : list of array
        In order of time.
    averaging_constant : float
        From 0 to 1.

    Examples
    --------
    >>> moving_average_range([np.array([-4.0, 2.0]), np.array([8.0, 10.0])], averaging_constant=0.25)
    Range(low=-1.0, high=4.0)
    """
    _together(batches)
    ends = np.array([(batch.min(), batch.max()) for batch in batches], dtype=float)
    average = ends[0]
    # The step to the first batch, from itself, moves nothing.
    for each in ends:
        average = average + averaging_constant * (each - average)
    return _with_zero(*average)


def percentile_range(batches: list[np.ndarray], percentile: float = 99.99) -> Range:
    """Return a range that cuts off the same share of all numbers at each end.

    high is the given percentile of the numbers in all batches together, and low is the percentile 100 - percentile.

    Parameters
    ----------
    batches : list of array
    percentile : float
        Above 50, at most 100. The percentile p of n numbers is at position (n - 1) * p / 100 in ascending order,
        counted from 0. Between two positions, interpolate linearly (as np.percentile does).

    Examples
    --------
    >>> percentile_range([np.array([-3.0, 500.0, 1.0]), np.array([2.0, 6.0])], percentile=75)
    Range(low=0.0, high=6.0)
    """
    return _with_zero(*np.percentile(_together(batches), [100 - percentile, percentile]))


def _together(batches: list[np.ndarray]) -> np.ndarray:
    """Return the numbers of all batches."""
    if not batches:
        raise ValueError("there is no batch")
    x = np.concatenate([batch.ravel().astype(float) for batch in batches])
    if not np.isfinite(x).all():
        raise ValueError("a number is NaN or infinite")
    return x


def _with_zero(low: float, high: float) -> Range:
    return Range(min(float(low), 0.0), max(float(high), 0.0))


def min_max_range_via_running(batches: list[np.ndarray]) -> Range:
    """Start at 0, and widen the range batch by batch."""
    if len(batches) == 0:
        raise ValueError("nothing to calibrate on")
    low = high = 0.0
    for batch in batches:
        if not np.isfinite(batch).all():
            raise ValueError("not all numbers are finite")
        low, high = min(low, float(batch.min())), max(high, float(batch.max()))
    return Range(low, high)


def min_max_range_via_sorting(batches: list[np.ndarray]) -> Range:
    """Put all numbers in order, 0 among them, in plain Python."""
    numbers = sorted(float(number) for batch in batches for number in batch.flat)
    if not numbers or not all(abs(number) < float("inf") for number in numbers):
        raise ValueError("nothing to calibrate on, or not finite")
    numbers = sorted([*numbers, 0.0])
    return Range(numbers[0], numbers[-1])


def moving_average_range_via_weights(batches: list[np.ndarray], averaging_constant: float = 0.01) -> Range:
    """Give each batch the weight that it has in the end: c (1 - c)^age, and what is left to the first."""
    if len(batches) == 0:
        raise ValueError("nothing to calibrate on")
    ages = np.arange(len(batches))[::-1]
    weights = averaging_constant * np.power(1.0 - averaging_constant, ages)
    weights[0] = (1.0 - averaging_constant) ** ages[0]
    ends = weights @ [[float(np.min(batch)), float(np.max(batch))] for batch in batches]
    if not np.isfinite(ends).all():
        raise ValueError("not all numbers are finite")
    return Range(float(np.minimum(ends[0], 0)), float(np.maximum(ends[1], 0)))


def moving_average_range_via_recursion(batches: list[np.ndarray], averaging_constant: float = 0.01) -> Range:
    """Average the last batch with the range of those before."""

    def average(kept: list[np.ndarray], end: str) -> float:
        own = float(getattr(kept[-1], end)())
        if len(kept) == 1:
            return own
        return (1 - averaging_constant) * average(kept[:-1], end) + averaging_constant * own

    if not batches or not all(np.isfinite(batch).all() for batch in batches):
        raise ValueError("nothing to calibrate on, or not finite")
    return Range(min(average(batches, "min"), 0.0), max(average(batches, "max"), 0.0))


def percentile_range_via_sorting(batches: list[np.ndarray], percentile: float = 99.99) -> Range:
    """Put all numbers in order, and interpolate between two neighbours, in plain Python."""
    numbers = sorted(float(number) for batch in batches for number in batch.flat)
    if not numbers or not np.isfinite(numbers).all():
        raise ValueError("nothing to calibrate on, or not finite")

    def at(p: float) -> float:
        place = (len(numbers) - 1) * p / 100
        below = int(place)
        above = min(below + 1, len(numbers) - 1)
        return numbers[below] + (place - below) * (numbers[above] - numbers[below])

    return Range(min(at(100 - percentile), 0.0), max(at(percentile), 0.0))


def percentile_range_via_interp(batches: list[np.ndarray], percentile: float = 99.99) -> Range:
    """Read the ends off the quantile function; the low end is the high end of the mirrored numbers."""
    if len(batches) == 0:
        raise ValueError("nothing to calibrate on")
    x = np.hstack([np.ravel(batch) * 1.0 for batch in batches], dtype=float)
    if np.isnan(x).any() or np.isinf(x).any():
        raise ValueError("not all numbers are finite")
    shares = np.linspace(0, 100, len(x))
    high, low = (np.interp(percentile, shares, np.sort(sign * x)) for sign in (1, -1))
    return Range(-max(float(low), 0.0), max(float(high), 0.0))
