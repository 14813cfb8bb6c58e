import math
from statistics import NormalDist

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Skewed, tied at the first place and in the middle, and with an even number of values.
SKEWED = np.array([3.0, -2.0, 40.0, 3.0, -2.0, 0.5, 7.0, 11.0])


@pytest.fixture
def samples(rng):
    """Skewed values in random order, ties among them: an odd number, an even one, and few. They are never all equal."""
    draws = [np.rint(rng.exponential(scale=20.0, size=n)) / 4 + rng.choice([-7.0, 3.0]) for n in (11, 14, 5, 2)]
    return [rng.permutation([x.max() + 2, *x[1:]]) for x in draws]


def position(i, n):
    """Return the position of the i-th of n values, counted from 1."""
    if i == n:
        return 0.5 ** (1 / n)
    return 1 - 0.5 ** (1 / n) if i == 1 else (i - 0.3175) / (n + 0.365)


def quantiles(n):
    return [NormalDist().inv_cdf(position(i, n)) for i in range(1, n + 1)]


def line(x):
    """Return slope and intercept: the slope is that of all pairs of points, weighted by their squared distance."""
    t, x = quantiles(len(x)), sorted(x)
    pairs = [(i, j) for j in range(len(x)) for i in range(j)]
    slope = sum((t[j] - t[i]) * (x[j] - x[i]) for i, j in pairs) / sum((t[j] - t[i]) ** 2 for i, j in pairs)
    return slope, sum(value - slope * at for at, value in zip(t, x, strict=True)) / len(x)


def assert_line(points, x, rtol=1e-7):
    slope, intercept = line(x)
    assert_close(points.slope, slope, rtol=rtol)
    assert_close(points.intercept, intercept, rtol=rtol, atol=1e-9)


def test_quantiles(kata):
    """Between the ends, the normal CDF at quantile i is (i - 0.3175) / (n + 0.365)."""
    # For n = 4 the two in the middle are at 1.6825 / 4.365 and 2.6825 / 4.365.
    assert_close(kata.normal_quantiles(4)[1:3], [-0.29119142, 0.29119142], rtol=1e-6)
    for n in (3, 4, 7, 20, 51, 2000):
        cdf = [0.5 * math.erfc(-z / math.sqrt(2)) for z in kata.normal_quantiles(n)]
        assert_close(cdf[1:-1], [position(i, n) for i in range(2, n)], rtol=1e-7)


def test_ends(kata):
    """The first and the last quantile are those at 1 - 0.5**(1 / n) and 0.5**(1 / n)."""
    assert_close(kata.normal_quantiles(2), [-0.54495214, 0.54495214], rtol=1e-6)
    for n in (2, 3, 4, 7, 20, 51, 100, 10_000):
        actual, last = kata.normal_quantiles(n), NormalDist().inv_cdf(position(n, n))
        assert_close([actual[0], actual[-1]], [-last, last], rtol=1e-7)
        assert_close(np.shape(actual), (n,))


def test_one_quantile(kata):
    """For n = 1 the only quantile is 0."""
    assert_close(kata.normal_quantiles(1), [0.0])


def test_points(kata, samples):
    """The sorted values stand beside the quantiles, both from the lowest to the highest."""
    points = kata.qq_points(np.array([5.0, 0.0, 1.0]))
    assert_close(points.ordered, [0.0, 1.0, 5.0])
    assert_close(points.theoretical, [-0.81932862, 0.0, 0.81932862], rtol=1e-6)
    for x in [*samples, SKEWED, np.array([-1e-6, -3e-6, 1e-6]), np.array([-5.0, -1.0, -3.0])]:
        points = kata.qq_points(x)
        assert_close(points.ordered, sorted(x))
        assert_close(points.theoretical, quantiles(len(x)), rtol=1e-7)


def test_line(kata, samples):
    """Slope and intercept are those of the least-squares fit of the ordered values on the quantiles."""
    # The quantiles are -0.8193, 0 and 0.8193: the slope is 5 / 1.6387, and the intercept the mean.
    points = kata.qq_points(np.array([5.0, 0.0, 1.0]))
    assert_close(points.slope, 3.05127877, rtol=1e-6)
    assert_close(points.intercept, 2.0)
    for x in samples:
        assert_line(kata.qq_points(x), x)


def test_ties(kata):
    """Each of several equal values is a point of its own. If all are equal, the slope is 0."""
    x = np.array([0.0, 3.0, 0.0])
    points = kata.qq_points(x)
    assert_close(points.ordered, [0.0, 0.0, 3.0])
    assert_close(points.slope, 1.5 / 0.81932862, rtol=1e-6)
    assert_line(kata.qq_points(SKEWED), SKEWED)
    for n in (2, 5):
        for value in (0.0, 2.5, -2.5):
            points = kata.qq_points(np.full(n, value))
            assert_close(points.ordered, np.full(n, value))
            assert_close(points.theoretical, quantiles(n), rtol=1e-7)
            assert_close([points.slope, points.intercept], [0.0, value], atol=1e-9)


def test_units(kata, samples):
    """The slope has the unit of x and is never negative. The intercept moves with the origin."""
    points = kata.qq_points(np.array([-5e-6, 0.0, -1e-6]))
    assert_close(points.slope, 3.05127877e-6, rtol=1e-6, atol=0)
    assert_close(points.intercept, -2e-6, atol=0)
    assert_close(kata.qq_points(np.array([-5e-8, 0.0, -1e-8])).slope, 3.05127877e-8, rtol=1e-6, atol=0)
    for x in [*samples, SKEWED]:
        slope, intercept = line(x)
        for unit in (2.0**-18, -1.0, -8.0, 2.0**12):
            points = kata.qq_points(unit * x - 100 * unit)
            assert_close(points.slope, abs(unit) * slope, rtol=1e-7, atol=0)
            assert_close(points.intercept, unit * (intercept - 100), rtol=1e-7, atol=1e-9 * abs(unit))
    # Large values that differ by one part in ten million or so.
    points = kata.qq_points(1e6 + np.array([0.125, 0.0, 0.625, 0.125]))
    slope, intercept = line([0.125, 0.0, 0.625, 0.125])
    assert_close(points.slope, slope, rtol=1e-6)
    assert_close(points.intercept, 1e6 + intercept)


def test_one_value(kata):
    """Fewer than two values raise ValueError. Two are enough."""
    assert_close(kata.qq_points(np.array([3.0, 1.0])).slope, 1 / 0.54495214, rtol=1e-6)
    for x in ([2.0], [0.0], []):
        with pytest.raises(ValueError):
            kata.qq_points(np.array(x))


@strict
def test_origin(kata, samples):
    """Values may lie a million standard deviations from 0."""
    for x in [np.array([5.0, 0.0, 1.0]), *samples]:
        for origin in (1e8, -3e8):
            points = kata.qq_points(x + origin)
            assert_close(points.slope, line(x)[0], rtol=1e-5)
            assert_close(points.intercept, line(x)[1] + origin)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8])
def test_integers(kata, kind):
    """Integers of any type do not wrap around, and nothing is truncated."""
    for x in ([5, 0, 1], [100, 3, 127, 127, 90, 1]):
        assert_line(kata.qq_points(np.array(x, dtype=kind)), x)


def workload(kata, rng, n):
    """Heavy-tailed values, the same in steps, and quantiles alone."""
    x = 5 + 3 * rng.standard_t(3, size=n + 2)
    return kata.qq_points(x), kata.qq_points(np.rint(x)), kata.normal_quantiles(n + 1)


MIDDLE = "positions = (np.arange(1, n + 1) - 0.3175) / (n + 0.365)"
LAST = "    positions[-1] = 0.5 ** (1 / n)\n"
FIRST = "    positions[0] = 1 - positions[-1]\n"
INVERSE = "np.array([NormalDist().inv_cdf(p) for p in positions])"
SORTED = "normal_quantiles(x.size), np.sort(x)\n    # The"
SLOPE = "slope = theoretical @ (ordered - ordered.mean()) / (theoretical @ theoretical)"
RESULT = "return QQ(theoretical, ordered, float(slope), float(ordered.mean()))"
BEFORE = "    slope = theoretical @ (ordered"

MISTAKES = {
    "(i - 0.5) / n": [(MIDDLE, "positions = (np.arange(1, n + 1) - 0.5) / n"), (LAST, ""), (FIRST, "")],
    "i / (n + 1)": [(MIDDLE, "positions = np.arange(1, n + 1) / (n + 1)"), (LAST, ""), (FIRST, "")],
    "Blom's positions": [(MIDDLE, "positions = (np.arange(1, n + 1) - 0.375) / (n + 0.25)"), (LAST, ""), (FIRST, "")],
    "other positions between the right ends": (MIDDLE, "positions = (np.arange(1, n + 1) - 0.3) / (n + 0.4)"),
    "the ends as the middle": [(LAST, ""), (FIRST, "")],
    "the first position as the middle ones": (FIRST, ""),
    "the last position as the middle ones": [(LAST, ""), (FIRST, "    positions[0] = 1 - 0.5 ** (1 / n)\n")],
    "the ends swapped": [
        (LAST, "    positions[0] = 0.5 ** (1 / n)\n"),
        (FIRST, "    positions[-1] = 1 - positions[0]\n"),
    ],
    "the ends at half of 1 / n": (LAST, "    positions[-1] = 1 - 0.5 / n\n"),
    "counted from 0": (MIDDLE, "positions = (np.arange(n) - 0.3175) / (n + 0.365)"),
    "the middle over n": (MIDDLE, "positions = (np.arange(1, n + 1) - 0.3175) / n"),
    "positions kept away from 0 and 1": (INVERSE, INVERSE.replace("positions", "positions.clip(1e-3, 1 - 1e-3)")),
    "positions in place of quantiles": (INVERSE, "positions"),
    "a logistic quantile": (INVERSE, "np.log(positions / (1 - positions))"),
    "x is not sorted": (SORTED, "normal_quantiles(x.size), x.copy()\n    # The"),
    "the largest first": (SORTED, "normal_quantiles(x.size), np.sort(x)[::-1]\n    # The"),
    "sorted by size": (SORTED, "normal_quantiles(x.size), x[np.argsort(abs(x))]\n    # The"),
    "equal values are one point": [
        (SORTED, "normal_quantiles(np.unique(x).size), np.unique(x)\n    # The"),
        (SLOPE, SLOPE.replace("(theoretical @ theoretical)", "max(theoretical @ theoretical, 1e-300)")),
    ],
    "equal values share their quantile": (
        BEFORE,
        (
            "    theoretical = np.array([theoretical[ordered == v].mean() for v in ordered])\n"
            "    slope = theoretical @ (ordered"
        ),
    ),
    "standardised values": (
        BEFORE,
        "    ordered = (ordered - ordered.mean()) / max(ordered.std(), 1e-300)\n    slope = theoretical @ (ordered",
    ),
    "the fit of the quantiles on the values": (
        SLOPE,
        "centred = ordered - ordered.mean()\n    slope = theoretical @ centred / max(centred @ centred, 1e-300)",
    ),
    "the inverse of that fit": (
        SLOPE,
        "centred = ordered - ordered.mean()\n    slope = centred @ centred / max(theoretical @ centred, 1e-300)",
    ),
    "the standard deviation as slope": (SLOPE, "slope = ordered.std()"),
    "the quantiles taken to have a variance of 1": (SLOPE, "slope = theoretical @ (ordered - ordered.mean()) / x.size"),
    "the correlation as slope": (
        SLOPE,
        "slope = np.corrcoef(theoretical, ordered)[0, 1] if np.ptp(ordered) else 0.0",
    ),
    "the line through the ends": (SLOPE, "slope = (ordered[-1] - ordered[0]) / (theoretical[-1] - theoretical[0])"),
    "the line through the quartiles": (
        SLOPE,
        (
            "high, low = np.quantile([ordered, theoretical], [0.75, 0.25], axis=1)\n"
            "    slope = (high[0] - low[0]) / (high[1] - low[1])"
        ),
    ),
    "the median as intercept": (RESULT, "return QQ(theoretical, ordered, float(slope), float(np.median(x)))"),
    "no intercept": (RESULT, RESULT.replace("float(ordered.mean())", "0.0")),
    "a small floor under the slope": (RESULT, RESULT.replace("float(slope)", "float(max(slope, 1e-5))")),
    "one value passes": ("if x.size < 2:", "if x.size < 1:"),
    "two values are too few": ("if x.size < 2:", "if x.size < 3:"),
}

STRICT_MISTAKES = {
    "deviations in the type of x": (
        SLOPE,
        SLOPE.replace("(ordered - ordered.mean())", "(ordered - ordered.mean()).astype(x.dtype)"),
    ),
}
