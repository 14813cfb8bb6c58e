"""Outliers pulled in to quantiles of a training sample, and the median absolute deviation.

Winsorising keeps all values, and moves those outside of two bounds to the nearest bound. The bounds are quantiles of
the training values s_0 <= ... <= s_{n-1}, interpolated linearly:

    h           = q * (n - 1),    k = floor(h)
    quantile(q) = s_k + (h - k) * (s_{k+1} - s_k)             s_k if h is whole

The median absolute deviation measures spread, and outliers hardly move it:

    mad = median(|x - median(x)|) / scale

NaN stands for a missing value: it is no part of a quantile or a median. No function changes its arguments.

Source: Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 7; Hampel, The Influence Curve and
Its Role in Robust Estimation (1974).

Strict
------
- ValueError if not 0 <= lower <= upper <= 1, if scale is not positive, or if the values to take a quantile or median of
  are all NaN or none.
- Values may be integers of any type.
"""

import math
import statistics

import numpy as np


def winsorize(x: np.ndarray, train: np.ndarray, lower: float = 0.05, upper: float = 0.95) -> np.ndarray:
    """Return x with its values moved between the quantiles of train at lower and upper.

    Parameters
    ----------
    x : array of shape (n_values,)
        Training values or later ones. NaN stays NaN.
    train : array of shape (n_train,)
        In any order, with at least one value.
    lower, upper : float
        From 0 to 1.

    Examples
    --------
    The bounds are 1.5 and 7.

    >>> winsorize(np.array([9.0, 2.0, 0.0]), np.array([10.0, 1.0, 3.0, 4.0, 2.0]), 0.125, 0.875)
    array([7. , 2. , 1.5])
    """
    # NumPy itself refuses what is not between 0 and 1.
    if not lower <= upper:
        raise ValueError(f"lower has to be at most upper, not {lower} above {upper}")
    low, high = np.quantile(_known(train), [lower, upper])
    return np.clip(x, low, high)


def median_abs_deviation(x: np.ndarray, scale: float = 1.0) -> float:
    """Return the median of the absolute deviations from the median, divided by scale.

    Parameters
    ----------
    x : array of shape (n_values,)
        With at least one value. The median of an even number of values is the mean of the two in the middle.
    scale : float
        0.67449 makes the result an estimate of the standard deviation for normal data.

    Examples
    --------
    The median is 3, and the deviations are 2, 1, 0, 1 and 97.

    >>> median_abs_deviation(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    1.0
    """
    if not scale > 0:
        raise ValueError(f"scale has to be positive, not {scale}")
    values = _known(x)
    return float(np.median(np.abs(values - np.median(values))) / scale)


def _known(x: np.ndarray) -> np.ndarray:
    """Return the values that are not NaN, as floats: differences of small integers would wrap around."""
    values = x[~np.isnan(x)].astype(float)
    if values.size == 0:
        raise ValueError("there is no value but NaN")
    return values


def winsorize_via_order(x: np.ndarray, train: np.ndarray, lower: float = 0.05, upper: float = 0.95) -> np.ndarray:
    """Sort, interpolate by the definition, and move one value at a time."""
    ordered = sorted(value for value in train.tolist() if not math.isnan(value))
    if not ordered or lower > upper or lower < 0 or upper > 1:
        raise ValueError("train has no value, or the quantiles are out of order or range")
    bounds = []
    for q in (lower, upper):
        position = q * (len(ordered) - 1)
        k = math.floor(position)
        following = ordered[min(k + 1, len(ordered) - 1)]
        bounds.append(ordered[k] + (position - k) * (following - ordered[k]))
    low, high = bounds
    # With NaN in front, max and min return it.
    return np.array([min(max(value, low), high) for value in x.tolist()])


def winsorize_via_interp(x: np.ndarray, train: np.ndarray, lower: float = 0.05, upper: float = 0.95) -> np.ndarray:
    """Read both bounds off the line through the ordered values, placed evenly on [0, 1]."""
    ordered = np.sort(train[train == train])  # noqa: PLR0124 - NaN alone differs from itself
    if len(ordered) == 0 or not np.all(np.diff([0, lower, upper, 1]) >= 0):
        raise ValueError("train has no value, or the quantiles are out of order or range")
    low, high = np.interp([lower, upper], np.linspace(0, 1, len(ordered)), ordered)
    return np.minimum(np.maximum(x, low), high)


def median_abs_deviation_via_statistics(x: np.ndarray, scale: float = 1.0) -> float:
    """Take both medians in plain Python."""
    values = [value for value in x.tolist() if not math.isnan(value)]
    if scale <= 0:
        raise ValueError("scale is not positive")
    center = statistics.median(values)
    return statistics.median(abs(value - center) for value in values) / scale
