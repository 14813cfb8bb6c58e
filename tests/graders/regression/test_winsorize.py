import itertools
import math

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

PURE = True
PAIRS = [(0.05, 0.95), (0.1, 0.7), (0.0, 0.8), (0.25, 1.0), (0.37, 0.41)]


def drawn(rng, n):
    """Return skewed values of both signs, with two far out; n is at least 3."""
    return rng.permutation(np.concatenate([rng.exponential(size=n - 2) - 0.4, [-70.0, 500.0]]))


def quantile(values, q):
    """Return the quantile by the definition, with the steps between neighbours weighted one by one."""
    ordered = sorted(values)
    position = q * (len(ordered) - 1)
    steps = itertools.pairwise(ordered)
    return ordered[0] + math.fsum(min(max(position - k, 0.0), 1.0) * (b - a) for k, (a, b) in enumerate(steps))


def clipped(x, train, lower, upper):
    low, high = quantile(train, lower), quantile(train, upper)
    return [min(max(value, low), high) for value in x]


def middle(values):
    """Return the median: the value, or the mean of the two values, that have as many below as above."""
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def test_bounds(kata, rng):
    """The bounds are quantiles with linear interpolation. Values beyond a bound become the bound, others stay."""
    train = np.array([10.0, 1.0, 3.0, 4.0, 2.0])
    x = np.array([9.0, 2.0, 0.0, 7.0, 1.5, 6.9, -3.0])
    assert_close(kata.winsorize(x, train, 0.125, 0.875), [7.0, 2.0, 1.5, 7.0, 1.5, 6.9, 1.5])
    for n in (3, 6, 11, 40):
        for lower, upper in PAIRS:
            train = drawn(rng, n)
            assert_close(kata.winsorize(train, train, lower, upper), clipped(train, train, lower, upper), rtol=1e-8)


def test_bounds_of_train(kata, rng):
    """The bounds come from train alone, whatever x is: one value, all beyond a bound, or all within."""
    train = np.array([0.0, 4.0, 8.0, 12.0, 16.0])
    for x, expected in [([20.0], [14.0]), ([-1.0, -9.0], [2.0, 2.0]), ([5.0, 3.0, 7.0], [5.0, 3.0, 7.0])]:
        assert_close(kata.winsorize(np.array(x), train, 0.125, 0.875), expected)
    x = np.array([30.0, 40.0, -50.0, 60.0])
    assert_close(kata.winsorize(x, train, 0.125, 0.875), [14.0, 14.0, 2.0, 14.0])
    for lower, upper in PAIRS:
        train, x = drawn(rng, 12), 3 * drawn(rng, 9)
        assert_close(kata.winsorize(x, train, lower, upper), clipped(x, train, lower, upper), rtol=1e-8)


def test_lower_and_upper(kata):
    """By default lower is 0.05 and upper 0.95. At 0 and 1 the bounds are the extremes of train, and equal ones meet."""
    train = np.array([20.0, *range(20)])
    x = np.array([-5.0, 0.5, 18.5, 19.5, 100.0])
    assert_close(kata.winsorize(x, train), [1.0, 1.0, 18.5, 19.0, 19.0])
    assert_close(kata.winsorize(x, train, upper=0.5), [1.0, 1.0, 10.0, 10.0, 10.0])
    assert_close(kata.winsorize(x, train, 0.0, 1.0), [0.0, 0.5, 18.5, 19.5, 20.0])
    assert_close(kata.winsorize(x, train, 0.0, 0.75), [0.0, 0.5, 15.0, 15.0, 15.0])
    assert_close(kata.winsorize(x, train, 0.75, 1.0), [15.0, 15.0, 18.5, 19.5, 20.0])
    assert_close(kata.winsorize(x, train, 0.25, 0.25), [5.0] * 5)
    # More is moved on one side than on the other.
    assert_close(kata.winsorize(x, train, 0.4, 0.975), [8.0, 8.0, 18.5, 19.5, 19.5])


def test_few_values_and_ties(kata):
    """The definition holds for one and two training values, and for ties, across a bound, too."""
    x = np.array([-1.0, 3.0, 6.0, 10.0])
    assert_close(kata.winsorize(x, np.array([4.0]), 0.1, 0.9), [4.0] * 4)
    assert_close(kata.winsorize(x, np.array([8.0, 4.0]), 0.25, 0.875), [5.0, 5.0, 6.0, 7.5])
    assert_close(kata.winsorize(x, np.full(4, 5.0), 0.1, 0.9), [5.0] * 4)
    assert_close(kata.winsorize(x, np.zeros(3)), [0.0] * 4)
    # Half of the values are 2. The upper bound is between 2 and 9.
    train = np.array([9.0, 2.0, 1.0, 2.0, 9.0, 2.0, 9.0])
    assert_close(kata.winsorize(x, train, 0.25, 0.625), [2.0, 3.0, 6.0, 7.25])
    assert_close(kata.winsorize(x, train, 0.125, 0.5), [1.75, 2.0, 2.0, 2.0])


def test_missing_values(kata):
    """NaN in train is left out of the quantiles, and NaN in x stays where it is."""
    nan = np.nan
    train = np.array([nan, 10.0, 1.0, 3.0, nan, 4.0, 2.0, nan])
    x = np.array([9.0, nan, 0.0, 2.0, nan])
    assert_close(kata.winsorize(x, train, 0.125, 0.875), [7.0, nan, 1.5, 2.0, nan])
    assert_close(kata.winsorize(x, np.array([3.0, nan])), [3.0, nan, 3.0, 3.0, nan])
    assert_close(kata.winsorize(np.array([nan, nan]), train), [nan, nan])


def test_small_differences(kata):
    """Values may be of size 1e-6, or large and close to each other."""
    train = np.array([1e-6, 5e-6, 2e-6, 9e-6, 3e-6])
    moved = kata.winsorize(np.array([0.0, 4e-6, 1e-5]), train, 0.125, 0.875)
    assert_close(moved, [1.5e-6, 4e-6, 7e-6], atol=0)
    train = 5e5 + np.array([0.0, 1.0, 2.0, 4.0, 9.0]) / 64
    moved = kata.winsorize(5e5 + np.array([0.0, 3.0, 9.0]) / 64, train, 0.125, 0.875)
    assert_close(np.asarray(moved) - 5e5, np.array([0.5, 3.0, 6.5]) / 64, rtol=1e-6)
    assert_close(kata.median_abs_deviation(train), 2 / 64, rtol=1e-6)
    assert_close(kata.median_abs_deviation(np.array([1e-6, 5e-6, 2e-6, 9e-6, 3.5e-6])), 1.5e-6, atol=0)


def test_median_abs_deviation(kata, rng):
    """The deviations are from the median, and absolute; their median is returned."""
    assert_close(kata.median_abs_deviation(np.array([100.0, 2.0, 4.5, 1.0, 3.0])), 1.5)
    # The median is 5, and the deviations are 4, 3, 3, 7.
    assert_close(kata.median_abs_deviation(np.array([1.0, 2.0, 12.0, 8.0])), 3.5)
    for n in (3, 4, 9, 10, 31):
        for x in (drawn(rng, n), -3 * drawn(rng, n) - 20):
            center = middle(x)
            assert_close(kata.median_abs_deviation(x), middle([abs(value - center) for value in x]), rtol=1e-8)


def test_median_abs_deviation_of_ties(kata):
    """Mad is 0 if more than half of the values are equal, and for one value."""
    assert_close(kata.median_abs_deviation(np.array([5.0, 5.0, -40.0, 5.0, 99.0])), 0.0)
    assert_close(kata.median_abs_deviation(np.array([-7.0])), 0.0)
    assert_close(kata.median_abs_deviation(np.full(4, 2.5)), 0.0)
    assert_close(kata.median_abs_deviation(np.zeros(3), 2.0), 0.0)
    # Half of the values are equal: 4 deviations of 0, 0, 6, 8.
    assert_close(kata.median_abs_deviation(np.array([1.0, 1.0, 7.0, 9.0])), 3.0)
    assert_close(kata.median_abs_deviation(np.array([0.0, 0.0, 0.0, 2.0, 6.0, 8.0])), 1.0)
    assert_close(kata.median_abs_deviation(np.array([4.0, 1.0])), 1.5)


def test_scale_and_missing_values(kata):
    """The result is divided by scale, and NaN is left out."""
    x = np.array([100.0, 2.0, 4.5, 1.0, 3.0])
    assert_close(kata.median_abs_deviation(x, 0.5), 3.0)
    assert_close(kata.median_abs_deviation(x, scale=0.67449), 1.5 / 0.67449)
    assert_close(kata.median_abs_deviation(x, 4.0), 0.375)
    nan = np.nan
    assert_close(kata.median_abs_deviation(np.array([nan, 100.0, nan, 2.0, 4.5, 1.0, 3.0, nan])), 1.5)
    assert_close(kata.median_abs_deviation(np.array([8.0, nan, 12.0, 1.0, 2.0]), 0.5), 7.0)


@strict
def test_bad_input(kata):
    """Quantiles out of order or range, a scale that is not positive, and no value raise ValueError."""
    values = np.array([1.0, 2.0, 4.0])
    for lower, upper in [(0.6, 0.4), (-0.1, 0.9), (0.1, 1.1), (0.5, np.nan), (np.nan, 0.5), (5.0, 95.0)]:
        with pytest.raises(ValueError):
            kata.winsorize(values, values, lower, upper)
    for scale in (0.0, -1.0):
        with pytest.raises(ValueError):
            kata.median_abs_deviation(values, scale)
    for empty in (np.array([]), np.array([np.nan]), np.array([np.nan, np.nan])):
        with pytest.raises(ValueError):
            kata.winsorize(values, empty)
        with pytest.raises(ValueError):
            kata.median_abs_deviation(empty)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.int16, int])
def test_integers(kata, kind):
    """Values may be integers of any type: nothing wraps around or is truncated."""
    train = np.array([100, -100, 120, -120, 0], dtype=kind)
    x = np.array([-128, 127, 7], dtype=kind)
    assert_close(kata.winsorize(x, train, 0.3828125, 0.6328125), [-46.875, 53.125, 7.0])
    assert_close(kata.winsorize(x, train[:2], 0.5, 0.75), [0.0, 50.0, 7.0])
    assert_close(kata.winsorize(x.astype(float), train, 0.125, 0.875), [-110.0, 110.0, 7.0])
    # The median is 50, and the deviations are 150, 50, 50, 70.
    assert_close(kata.median_abs_deviation(np.array([-100, 0, 100, 120], dtype=kind)), 60.0)
    assert_close(kata.median_abs_deviation(np.array([-120, 100], dtype=kind), 2), 55.0)


def workload(kata, rng, n):
    """Skewed values with ties, outliers and missing ones, and later values."""
    train = np.where(rng.random(n) < 0.3, rng.integers(-1, 3, size=n), rng.exponential(size=n))
    train[:: max(n // 5, 1)] *= 40
    x = np.append(2 * rng.normal(size=n), [np.nan, train[0]])
    holes = np.append(train, [np.nan, np.nan])
    return (
        kata.winsorize(x, train),
        kata.winsorize(train, holes, 0.2, 0.5),
        kata.median_abs_deviation(train),
        kata.median_abs_deviation(holes[1:], 0.67449),
    )


QUANTILES = "np.quantile(_known(train), [lower, upper])"
CLIP = "return np.clip(x, low, high)"
KNOWN = "values = x[~np.isnan(x)].astype(float)"
MAD = "float(np.median(np.abs(values - np.median(values))) / scale)"
MISTAKES = {
    "quantiles of x": (QUANTILES, "np.quantile(_known(x), [lower, upper])"),
    "quantiles of both together": (QUANTILES, "np.quantile(_known(np.append(train, x)), [lower, upper])"),
    "quantiles without interpolation, the lower value": (
        QUANTILES,
        "np.quantile(_known(train), [lower, upper], method='lower')",
    ),
    "quantiles without interpolation, the higher value": (
        QUANTILES,
        "np.quantile(_known(train), [lower, upper], method='higher')",
    ),
    "the nearest value": (QUANTILES, "np.quantile(_known(train), [lower, upper], method='nearest')"),
    "positions by q * n": (QUANTILES, "np.quantile(_known(train), [lower, upper], method='hazen')"),
    "positions by q * (n + 1)": (QUANTILES, "np.quantile(_known(train), [lower, upper], method='weibull')"),
    "median-unbiased quantiles": (
        QUANTILES,
        "np.quantile(_known(train), [lower, upper], method='median_unbiased')",
    ),
    "by counts, as SciPy does": (
        QUANTILES,
        (
            "np.sort(_known(train))[[int(lower * _known(train).size), "
            "max(_known(train).size - 1 - int((1 - upper) * _known(train).size), 0)]]"
        ),
    ),
    "train taken as sorted": (
        QUANTILES,
        "np.interp([lower, upper], np.linspace(0, 1, _known(train).size), _known(train))",
    ),
    "of distinct values": (QUANTILES, "np.quantile(np.unique(_known(train)), [lower, upper])"),
    "upper as a share to cut off": (QUANTILES, "np.quantile(_known(train), [lower, max(1 - upper, lower)])"),
    "the same share on both sides": (QUANTILES, "np.quantile(_known(train), [lower, max(1 - lower, lower)])"),
    "quantiles that NaN spoils": (QUANTILES, "np.quantile(train, [lower, upper])"),
    "NaN taken for 0": (QUANTILES, "np.quantile(np.nan_to_num(train), [lower, upper])"),
    "bounds at two standard deviations": (
        QUANTILES,
        "_known(train).mean() - 2 * _known(train).std(), _known(train).mean() + 2 * _known(train).std()",
    ),
    "trimmed: values beyond are dropped": (CLIP, "return x[~((x < low) | (x > high))]"),
    "values beyond are missing": (CLIP, "return np.where((x < low) | (x > high), np.nan, x)"),
    "values beyond become the median": (
        CLIP,
        "return np.where((x < low) | (x > high), np.median(_known(train)), x)",
    ),
    "only the upper side": (CLIP, "return np.minimum(x, high)"),
    "only the lower side": (CLIP, "return np.maximum(x, low)"),
    "at 0 and 1 nothing is moved": (
        CLIP,
        "return np.clip(x, low if lower > 0 else -np.inf, high if upper < 1 else np.inf)",
    ),
    "NaN is moved to the lower bound": (CLIP, "return np.fmin(np.fmax(x, low), high)"),
    "missing values are dropped from x": (CLIP, "return np.clip(x[~np.isnan(x)], low, high)"),
    "the result in order": (CLIP, "return np.sort(np.clip(x, low, high))"),
    "x is changed": (CLIP, "x[:] = np.clip(x, low, high)\n    return x"),
    "another default for upper": (
        'upper: float = 0.95) -> np.ndarray:\n    """Return x',
        'upper: float = 0.9) -> np.ndarray:\n    """Return x',
    ),
    "deviations from the mean": (MAD, "float(np.median(np.abs(values - values.mean())) / scale)"),
    "the mean of the deviations": (MAD, "float(np.mean(np.abs(values - np.median(values))) / scale)"),
    "deviations with a sign": (MAD, "float(np.median(values - np.median(values)) / scale)"),
    "half of the interquartile range": (MAD, "float(np.subtract(*np.quantile(values, [0.75, 0.25])) / 2 / scale)"),
    "the upper of two middle values": (
        MAD,
        "float(np.sort(np.abs(values - np.median(values)))[values.size // 2] / scale)",
    ),
    "the lower of two middle values": (
        MAD,
        "float(np.sort(np.abs(values - np.median(values)))[(values.size - 1) // 2] / scale)",
    ),
    "times scale": (MAD, "float(np.median(np.abs(values - np.median(values))) * scale)"),
    "always for normal data": (MAD, "float(np.median(np.abs(values - np.median(values))) / 0.67449)"),
    "never 0": (MAD, "float(max(np.median(np.abs(values - np.median(values))), 1e-9) / scale)"),
    "deviations of 0 left out": (
        MAD,
        (
            "float(np.median(np.abs(values - np.median(values))"
            "[values != np.median(values)] if np.ptp(values) else 0.0) / scale)"
        ),
    ),
}

STRICT_MISTAKES = {
    "bounds out of order": ("if not lower <= upper:", "if lower < 0:"),
    "scale is not looked at": ("if not scale > 0:", "if scale != scale:"),
    "no value gives NaN": (
        '    if values.size == 0:\n        raise ValueError("there is no value but NaN")\n',
        "    if values.size == 0:\n        return np.array([np.nan])\n",
    ),
    "bytes wrap around": (KNOWN, "values = x[~np.isnan(x)]"),
    "bounds in the type of train": (QUANTILES, QUANTILES + ".astype(train.dtype)"),
}
