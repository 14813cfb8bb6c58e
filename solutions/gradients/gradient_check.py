"""Check a gradient with finite differences.

The central difference moves one entry of x at a time, by h to either side. With e_i, which is 1 at entry i and 0
elsewhere:

    numerical_i = (f(x + h e_i) - f(x - h e_i)) / (2 h)

Its error is of order h^2. The analytic gradient is compared with it by the relative error, entry by entry:

    error_i = |analytic_i - numerical_i| / (|analytic_i| + |numerical_i|)

It is 0 if both are 0. It does not depend on the size of the gradient: there is no eps, and small entries count as much
as large ones.

Source: Stanford CS231n, notes on Neural Networks part 3, section Gradient Checks.

Strict
------
- f is called exactly twice for each entry.
- x may hold integers.
- Entries of size 1e-150 count as much as others.
- ValueError in gradient_error if the shapes differ.
- The error is NaN if an entry of either gradient is NaN.
"""

import math
from collections.abc import Callable

import numpy as np


def numerical_gradient(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Return the gradient of f at x by central differences, in the shape of x.

    Parameters
    ----------
    f : function of an array
        Takes an array of the shape of x and returns a float.
    x : array of any shape, of at least one axis
    h : float
        Above 0.

    Examples
    --------
    The derivative for the first entry is 3 x_0^2 + x_1 = 15, and the central difference adds h^2.

    >>> numerical_gradient(lambda x: x[0] ** 3 + x[0] * x[1], np.array([2.0, 3.0]), h=0.5)
    array([15.25,  2.  ])
    """
    gradient = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        gradient[place] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def gradient_error(analytic: np.ndarray, numerical: np.ndarray) -> float:
    """Return the largest relative error of all entries.

    Parameters
    ----------
    analytic, numerical : arrays of one shape
        Of at least one entry.

    Examples
    --------
    >>> gradient_error(np.array([500.0, 0.0, -0.25]), np.array([500.0, 0.0, -0.75]))
    0.5
    """
    if analytic.shape != numerical.shape:
        raise ValueError(f"the gradients differ in shape: {analytic.shape} and {numerical.shape}")
    differ = analytic != numerical  # of equal entries the error is 0, and two zeros have nothing to divide by
    size = np.abs(analytic) + np.abs(numerical)
    errors = np.abs(analytic - numerical)[differ] / size[differ]
    return float(errors.max(initial=0.0))


def numerical_gradient_via_points(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Lay out all points first, those above and those below x, and then call f on each."""
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    above, below = ([f(point) for point in x + sign * steps] for sign in (1, -1))
    return (np.subtract(above, below) / 2 / h).reshape(x.shape)


def numerical_gradient_via_one_buffer(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Move the entries of one copy, each from its own value, and put that back."""
    moved = x.astype(float)
    slopes = []
    for place, start in np.ndenumerate(x):
        ends = []
        for end in (start - h, start + h):
            moved[place] = end
            ends.append(f(moved))
        moved[place] = start
        slopes.append((ends[1] - ends[0]) / (h + h))
    return np.reshape(slopes, x.shape)


def gradient_error_via_loop(analytic: np.ndarray, numerical: np.ndarray) -> float:
    """Go through the entries in plain Python. A comparison with NaN is false, so NaN needs a branch of its own."""
    if analytic.shape != numerical.shape:
        raise ValueError("the shapes differ")
    largest = 0.0
    for a, n in zip(analytic.ravel().tolist(), numerical.ravel().tolist(), strict=True):
        if math.isnan(a) or math.isnan(n):
            return math.nan
        if a != n:
            largest = max(largest, abs(a - n) / (abs(a) + abs(n)))
    return largest


def gradient_error_via_ratio(analytic: np.ndarray, numerical: np.ndarray) -> float:
    """Write the error by the ratio r of the smaller size to the larger: (1 - r) / (1 + r), or 1 if the signs differ."""
    if np.shape(analytic) != np.shape(numerical):
        raise ValueError("one gradient has another shape")
    sizes = np.sort(np.abs([analytic, numerical]), axis=0)
    small, large = sizes[0][analytic != numerical], sizes[1][analytic != numerical]
    ratio = small / large
    opposite = np.sign(analytic * 1.0) * np.sign(numerical) < 0
    return float(np.where(opposite[analytic != numerical], 1.0, (1 - ratio) / (1 + ratio)).max(initial=0.0))
