# wrong (core): np.unique sorts train but drops repeated values
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
    if not 0 <= lower <= upper <= 1:
        raise ValueError("need 0 <= lower <= upper <= 1")
    x = np.asarray(x, dtype=float)
    train = np.asarray(train, dtype=float)
    s = np.unique(train[~np.isnan(train)])
    n = s.size
    if n == 0:
        raise ValueError("no training values")

    def quantile(q):
        h = q * (n - 1)
        k = int(np.floor(h))
        if h == k:
            return s[k]
        return s[k] + (h - k) * (s[k + 1] - s[k])

    return np.minimum(np.maximum(x, quantile(lower)), quantile(upper))


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
        raise ValueError("scale must be positive")
    x = np.asarray(x, dtype=float)
    values = x[~np.isnan(x)]
    n = values.size
    if n == 0:
        raise ValueError("no values")

    def median(v):
        s = np.sort(v)
        if n % 2:
            return s[n // 2]
        return (s[n // 2 - 1] + s[n // 2]) / 2

    return float(median(np.abs(values - median(values))) / scale)
