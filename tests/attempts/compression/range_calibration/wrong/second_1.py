# wrong (core): 0 is included in the running values after each batch, not only at the end
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


def _check(batches):
    batches = [np.asarray(b, dtype=float).ravel() for b in batches]
    if not batches or not all(np.isfinite(b).all() for b in batches):
        raise ValueError("no batch, or a number is not finite")
    return batches


def _with_zero(low, high):
    return Range(float(min(low, 0.0)), float(max(high, 0.0)))


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
    batches = _check(batches)
    return _with_zero(min(b.min() for b in batches), max(b.max() for b in batches))


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
    batches = _check(batches)
    c = averaging_constant
    low = high = None
    for b in batches:
        low = b.min() if low is None else (1 - c) * low + c * b.min()
        high = b.max() if high is None else (1 - c) * high + c * b.max()
        low, high = min(low, 0.0), max(high, 0.0)
    return _with_zero(low, high)


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
    values = np.concatenate(_check(batches))
    low, high = np.percentile(values, [100 - percentile, percentile])
    return _with_zero(low, high)
