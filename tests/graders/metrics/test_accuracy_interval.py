import math
from statistics import NormalDist

import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel
from katagrad.testing import assert_close, strict

# Resample i has row i only.
EACH = np.repeat(np.arange(9)[:, np.newaxis], 9, axis=1)
# The levels of one and of two standard deviations.
ONE, TWO = math.erf(math.sqrt(0.5)), math.erf(math.sqrt(2.0))


def assert_wilson(interval, count, nobs, level):
    """Check that the score test is at its limit at both ends: (p - x)^2 = z^2 x (1 - x) / nobs."""
    z2, p = NormalDist().inv_cdf((1 + level) / 2) ** 2, count / nobs
    for x, sign in zip(interval, (-1, 1), strict=True):
        assert_close(p + sign * math.sqrt(z2 * x * (1 - x) / nobs), x, rtol=1e-9, what="the limit of the score test")


def quantile(values, q):
    values, position = sorted(values), q * (len(values) - 1)
    below = min(int(position), len(values) - 2) if len(values) > 1 else 0
    above = min(below + 1, len(values) - 1)
    return values[below] + (position - below) * (values[above] - values[below])


def assert_percentiles(interval, values, level):
    assert_close(interval.low, quantile(values, (1 - level) / 2), atol=1e-9)
    assert_close(interval.high, quantile(values, (1 + level) / 2), atol=1e-9)


def ratio(rows):
    return float(rows[:, 0].sum() / rows[:, 1].sum())


def largest(rows):
    return float(np.max(rows))


def median(rows):
    return float(np.median(rows))


def mean(rows):
    return float(np.mean(rows))


def draw(rng, m, n=7):
    """Return n rows of two columns, and m resamples."""
    return np.stack([rng.normal(2.0, 3.0, size=n), rng.uniform(1.0, 4.0, size=n)], axis=1), rng.integers(0, n, (m, n))


def test_wilson(kata, rng):
    """At both ends of Wilson's interval, the observed proportion is z standard errors of that end away."""
    for count, nobs, level, expected in [
        (4, 16, TWO, (0.1, 0.5)),
        (4, 8, ONE, (1 / 3, 2 / 3)),
        (12, 16, TWO, (0.5, 0.9)),
    ]:
        interval = kata.wilson_interval(count, nobs, level)
        assert_close(interval.low, expected[0])
        assert_close(interval.high, expected[1])
    for nobs in (3, 10, 57, 1000):
        count = int(rng.integers(1, nobs))
        assert_wilson(kata.wilson_interval(count, nobs), count, nobs, 0.95)


def test_none_and_all(kata):
    """With no success the interval starts at 0 and has a width, and so has it with successes only."""
    for nobs, level in [(3, ONE), (1, ONE), (12, TWO), (250, TWO)]:
        z2 = 1 if level == ONE else 4
        none, every = kata.wilson_interval(0, nobs, level), kata.wilson_interval(nobs, nobs, level)
        assert_close(none.low, 0.0)
        assert_close(none.high, z2 / (nobs + z2))
        assert_close(every.low, nobs / (nobs + z2))
        assert_close(every.high, 1.0)


def test_level(kata):
    """The level is two-sided, 0.95 unless told otherwise, and any number between 0 and 1."""
    assert_close(kata.wilson_interval(0, 10).high, 0.2775327998628893)
    assert_close(kata.bootstrap_interval(mean, np.arange(5.0), EACH[:5, :5]).low, 0.1)
    rows = EACH[:5, :5]
    assert_close(kata.paired_bootstrap_interval(mean, np.arange(5.0), np.zeros(5), rows).high, 3.9)
    for level in (0.05, 0.5, 0.8, 0.9, 0.99, 0.999):
        assert_wilson(kata.wilson_interval(7, 23, level), 7, 23, level)
        for interval in (
            kata.bootstrap_interval(mean, np.arange(5.0), rows, level),
            kata.paired_bootstrap_interval(mean, np.arange(5.0), np.zeros(5), rows, level),
        ):
            assert_close(interval.low, 2 - 2 * level)
            assert_close(interval.high, 2 + 2 * level)


def test_rare(kata):
    """One success in a million, or one failure, is not none."""
    for count in (1, 3, 999_999):
        for level in (0.5, 0.95):
            interval = kata.wilson_interval(count, 1_000_000, level)
            assert_wilson(interval, count, 1_000_000, level)
    # The product of the ends is p^2 / (1 + z^2 / nobs).
    interval = kata.wilson_interval(1, 1_000_000, TWO)
    assert_close(interval.low * interval.high * 1e12, 1 / (1 + 4e-6))


def test_no_proportion(kata):
    """No trial, or a count that is not from 0 to nobs, raises ValueError."""
    for count, nobs in [(0, 0), (11, 10), (-1, 10), (0, -1), (-2, -1), (1, 0)]:
        for level in (0.95, 0.99):
            with pytest.raises(ValueError):
                kata.wilson_interval(count, nobs, level)


def test_percentiles(kata, rng):
    """The ends are quantiles of the values, interpolated linearly between the two values at either side."""
    # Each resample has one row, again and again: the values are the data.
    data, rows = np.array([8.0, 1.0, 4.0, -2.0]), EACH[:4, :4]
    for level, expected in [(0.5, (0.25, 5.0)), (0.8, (-1.1, 6.8)), (0.1, (2.05, 2.95))]:
        interval = kata.bootstrap_interval(median, data, rows, level)
        assert_close(interval.low, expected[0])
        assert_close(interval.high, expected[1])
    for m in (1, 2, 5, 12, 41):
        data, indices = draw(rng, m)
        values = [ratio(data[rows]) for rows in indices]
        for level in (0.5, 0.95):
            assert_percentiles(kata.bootstrap_interval(ratio, data, indices, level), values, level)


def test_statistic(kata, rng):
    """The statistic sees the rows of a resample, with all of their columns, as often as they are drawn."""
    data = np.array([[1.0, 2.0], [6.0, 3.0], [5.0, 4.0]])
    interval = kata.bootstrap_interval(ratio, data, np.array([[0, 0, 1], [2, 2, 2]]), 0.5)
    assert_close(interval.low, 8 / 7 + (5 / 4 - 8 / 7) / 4)
    assert_close(interval.high, 8 / 7 + (5 / 4 - 8 / 7) * 3 / 4)
    # Rows are not drawn once each, and their order may matter.
    indices = np.array([[0, 0, 0, 1], [3, 2, 1, 0], [2, 2, 3, 3]])
    assert_close(kata.bootstrap_interval(median, np.array([1.0, 9.0, 3.0, 5.0]), indices, 0.5), [2.5, 4.0])
    interval = kata.bootstrap_interval(lambda rows: float(rows[0]), np.array([1.0, 9.0, 3.0, 5.0]), indices, 0.5)
    assert_close(interval, [2.0, 4.0])
    for statistic in (largest, median, lambda rows: float(np.std(rows)), lambda rows: -(len(rows) ** 2.0)):
        data, indices = draw(rng, 9)
        values = [statistic(data[rows]) for rows in indices]
        assert_percentiles(kata.bootstrap_interval(statistic, data, indices, 0.8), values, 0.8)


def test_accuracy(kata):
    """The rows may be truth and prediction, or right and wrong as 1 and 0, and the interval may have no width."""
    table = np.array([[1, 1], [0, 1], [0, 0], [2, 2], [2, 0]])
    indices = np.array([[0, 1, 1, 4, 4], [0, 2, 3, 3, 1], [0, 0, 2, 2, 3], [4, 3, 2, 1, 0], [1, 1, 0, 0, 4]])

    def accuracy(rows):
        return float(np.mean(rows[:, 0] == rows[:, 1]))

    for data, statistic in [(table, accuracy), ((table[:, 0] == table[:, 1]).astype(int), mean)]:
        interval = kata.bootstrap_interval(statistic, data, indices, 0.5)
        assert_close(interval.low, 0.4)
        assert_close(interval.high, 0.8)
        interval = kata.bootstrap_interval(statistic, data, indices[[2, 2, 2]])
        assert_close(interval.low, 1.0)
        assert_close(interval.high, 1.0)


def test_pairs(kata, rng):
    """The difference is that of a minus b, on the same rows in each resample."""
    # a is worse by 2 on each row, so the difference has no spread.
    a, b = np.array([1.0, 3.0, 8.0]), np.array([3.0, 5.0, 10.0])
    indices = np.array([[0, 0, 2], [1, 2, 2], [0, 1, 1], [2, 1, 0]])
    for statistic in (mean, median, largest):
        assert_close(kata.paired_bootstrap_interval(statistic, a, b, indices), [-2.0, -2.0])
        assert_close(kata.paired_bootstrap_interval(statistic, b, a, indices), [2.0, 2.0])
    for m in (1, 6, 15):
        for size in (6, 7):
            (a, indices), (b, _) = draw(rng, m, size), draw(rng, m, size)
            values = [ratio(a[rows]) - ratio(b[rows]) for rows in indices]
            assert_percentiles(kata.paired_bootstrap_interval(ratio, a, b, indices, 0.8), values, 0.8)


def test_statistic_of_pairs(kata, rng):
    """The difference of two statistics is not the statistic of the differences, and not that of two intervals."""
    a, b = np.array([1.0, 2.0, 9.0]), np.array([5.0, 0.0, 1.0])
    # The medians are 2 and 1, 9 and 1, 1 and 5: the differences are 1, 8 and -4.
    interval = kata.paired_bootstrap_interval(median, a, b, np.array([[0, 1, 2], [2, 2, 1], [0, 0, 1]]), 0.5)
    assert_close(interval.low, -1.5)
    assert_close(interval.high, 4.5)
    a, b = rng.normal(size=(2, 9))
    indices = rng.integers(0, 9, size=(20, 9))
    for statistic in (median, largest):
        values = [statistic(a[rows]) - statistic(b[rows]) for rows in indices]
        assert_percentiles(kata.paired_bootstrap_interval(statistic, a, b, indices), values, 0.95)


@strict
def test_bad_level(kata):
    """A level that is not between 0 and 1 raises ValueError."""
    data, indices = np.array([1.0, 2.0]), np.array([[0, 1], [1, 1]])
    for level in (0.0, 1.0, -0.5, 1.5, 95.0, math.nan):
        with pytest.raises(ValueError):
            kata.wilson_interval(3, 10, level)
        with pytest.raises(ValueError):
            kata.bootstrap_interval(mean, data, indices, level)
        with pytest.raises(ValueError):
            kata.paired_bootstrap_interval(mean, data, data, indices, level)


@strict
def test_data_that_does_not_fit(kata):
    """No resample, or paired data of different length, raises ValueError."""
    data = np.array([1.0, 2.0])
    with pytest.raises(ValueError):
        kata.bootstrap_interval(mean, data, np.zeros((0, 2), dtype=int))
    with pytest.raises(ValueError):
        kata.paired_bootstrap_interval(mean, data, data, np.zeros((0, 2), dtype=int))
    for a, b in [(data, np.array([1.0, 2.0, 3.0])), (np.array([1.0, 2.0, 3.0]), data), (data, data[:1])]:
        with pytest.raises(ValueError):
            kata.paired_bootstrap_interval(mean, a, b, np.array([[0, 0], [0, 0]]))


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8, int])
def test_kinds(kata, kind):
    """Data, indices and what statistic returns may be integers of any type: differences do not wrap around."""
    a, b = np.array([0, 3, 100]).astype(kind), np.array([100, 5, 1]).astype(kind)
    indices = np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2]]).astype(kind)
    assert_close(kata.bootstrap_interval(np.max, a, indices, 0.5), [1.5, 51.5])
    assert_close(kata.paired_bootstrap_interval(np.max, a, b, indices, 0.5), [-51.0, 48.5])
    flags = np.array([True, False, True])
    assert_close(kata.paired_bootstrap_interval(np.any, flags, ~flags, indices.astype(int), 0.5), [0.0, 1.0])


def workload(kata, rng, n):
    """Two models on the same n samples: right or wrong, of each some; the statistics are accuracy and a ratio."""
    right = (rng.random((2, n)) < 0.7).astype(float)
    m = int(rng.integers(1, 25))
    indices, level = rng.integers(0, n, size=(m, n)), [0.5, 0.9, 0.95][rng.integers(3)]
    table = np.stack([rng.normal(size=n), rng.uniform(1, 2, size=n)], axis=1)
    count = int(right[0].sum())
    return (
        kata.wilson_interval(count, n, level),
        kata.bootstrap_interval(mean, right[0], indices, level),
        kata.bootstrap_interval(ratio, table, indices, level),
        kata.paired_bootstrap_interval(mean, right[0], right[1], indices, level),
        kata.paired_bootstrap_interval(median, table[:, 0], table[:, 1], indices, level),
    )


def picture(kata, rng):
    counts, nobs = np.arange(21), 20
    wilson = np.array([kata.wilson_interval(int(count), nobs) for count in counts])
    share = counts / nobs
    reach = 1.96 * np.sqrt(share * (1 - share) / nobs)
    ends = Panel(
        "Intervals of 95 % from 20 trials",
        "successes",
        "proportion",
        [
            Line(counts, wilson[:, 0], "Wilson, low"),
            Line(counts, wilson[:, 1], "Wilson, high"),
            Line(counts, share - reach, "p - 1.96 standard errors", faint=True),
            Line(counts, share + reach, "p + 1.96 standard errors", faint=True),
        ],
        note="The simple interval leaves 0 to 1, and has no width at 0 and at 20.",
    )
    both = rng.random(300) < 0.8
    a, b = np.where(rng.random((2, 300)) < 0.05, ~both, both).astype(float)
    sizes = [10, 20, 40, 80, 160]
    resamples = rng.integers(0, 300, size=(160, 300))
    found = np.array([kata.paired_bootstrap_interval(mean, a, b, resamples[:size], 0.9) for size in sizes])
    return [
        ends,
        Panel(
            "Two models on the same 300 samples",
            "resamples",
            "difference in accuracy",
            [Line(sizes, found[:, 0], "low"), Line(sizes, found[:, 1], "high"), Mark(0.0, "no difference", level=True)],
            note="The ends of an interval are themselves random: they settle with more resamples.",
        ),
    ]


COUNTS = "if nobs < 1 or not 0 <= count <= nobs:"
CENTER = "center = p + z**2 / (2 * nobs)"
HALF = "half = z * math.sqrt(p * (1 - p) / nobs + z**2 / (4 * nobs**2))"
SCALE = "scale = 1 + z**2 / nobs"
WILSON = "return Interval((center - half) / scale, (center + half) / scale)"
NORMAL = "z, p = NormalDist().inv_cdf(_tails(level)[1]), count / nobs"
VALUES = "return _percentiles([float(statistic(data[rows])) for rows in indices], level)"
PAIRS = (
    "return _percentiles([float(statistic(data_a[rows])) - float(statistic(data_b[rows])) for rows in indices], level)"
)
QUANTILES = "return Interval(*np.quantile(values, _tails(level)).tolist())"
LEVEL = "if not 0 < level < 1:"
BASIC = "seen = float(statistic(data))\n    low, high = "
MISTAKES = {
    "Wald's interval": [
        (CENTER, "center = p"),
        (HALF, "half = z * math.sqrt(p * (1 - p) / nobs)"),
        (SCALE, "scale = 1"),
    ],
    "Wald's interval, clipped": (
        WILSON,
        "half = z * math.sqrt(p * (1 - p) / nobs)\n    return Interval(max(p - half, 0.0), min(p + half, 1.0))",
    ),
    "Wald's interval, clipped and with an eps": (
        WILSON,
        (
            "half = z * math.sqrt(max(p * (1 - p), 1e-12) / nobs)\n"
            "    return Interval(max(p - half, 0.0), min(p + half, 1.0))"
        ),
    ),
    "Agresti and Coull's interval": (
        WILSON,
        (
            "middle = center / scale\n"
            "    half = z * math.sqrt(middle * (1 - middle) / (nobs + z**2))\n"
            "    return Interval(middle - half, middle + half)"
        ),
    ),
    "not moved to the middle": (CENTER, "center = p"),
    "the centre moved twice as far": (CENTER, "center = p + z**2 / nobs"),
    "the root without z": (HALF, "half = z * math.sqrt(p * (1 - p) / nobs)"),
    "the root with z^2 / (2 nobs^2)": (HALF, HALF.replace("4 * nobs**2", "2 * nobs**2")),
    "the root with z^2 / (4 nobs)": (HALF, HALF.replace("4 * nobs**2", "4 * nobs")),
    "not divided": (SCALE, "scale = 1"),
    "n - 1 for n": (HALF, HALF.replace("p) / nobs", "p) / max(nobs - 1, 1)")),
    "a continuity correction": (HALF, HALF + " + 1 / (2 * nobs)"),
    "z is 1.96": (NORMAL, "z, p = 1.96, count / nobs"),
    "a one-sided level": (NORMAL, "z, p = abs(NormalDist().inv_cdf(level)), count / nobs"),
    "alpha for the level": (NORMAL, "z, p = NormalDist().inv_cdf(1 - level / 2), count / nobs"),
    "no interval without a success": (WILSON, f"if count == 0:\n        return Interval(0.0, 0.0)\n    {WILSON}"),
    "the rule of three": (WILSON, f"if count == 0:\n        return Interval(0.0, min(3 / nobs, 1.0))\n    {WILSON}"),
    "no interval without a failure": (WILSON, f"if count == nobs:\n        return Interval(1.0, 1.0)\n    {WILSON}"),
    "the low end not below 1e-5": (
        WILSON,
        "return Interval(max((center - half) / scale, 1e-5) * (count > 0), (center + half) / scale)",
    ),
    "a middle and a half width": (WILSON, "return Interval(center / scale, half / scale)"),
    "no trial gives 0 to 1": (COUNTS, f"if nobs == 0 and count == 0:\n        return Interval(0.0, 1.0)\n    {COUNTS}"),
    "too many successes pass": (
        COUNTS,
        "if nobs < 1 or count < 0:\n        raise ValueError\n    count = min(count, nobs)\n    if False:",
    ),
    "a negative count passes": (COUNTS, "count = max(count, 0)\n    " + COUNTS),
    "the mean for the statistic": (VALUES, VALUES.replace("statistic(data[rows])", "np.mean(data[rows])")),
    "the statistic of the data": (VALUES, VALUES.replace("data[rows]", "data")),
    "each row once": (VALUES, VALUES.replace("data[rows]", "data[np.unique(rows)]")),
    "rows in order": (VALUES, VALUES.replace("data[rows]", "data[np.sort(rows)]")),
    "a column of the data": (VALUES, VALUES.replace("data[rows]", "data[rows] if data.ndim == 1 else data[rows, 0]")),
    "resamples in the columns": (VALUES, VALUES.replace("in indices]", "in indices.T]")),
    "the last resample left out": (VALUES, VALUES.replace("in indices]", "in indices[: max(len(indices) - 1, 1)]]")),
    "resamples of its own": (
        VALUES,
        VALUES.replace("in indices]", "in np.random.default_rng(0).integers(0, len(data), indices.shape)]"),
    ),
    "permutations": (
        VALUES,
        VALUES.replace("in indices]", "in np.argsort(indices, axis=1, kind='stable')]"),
    ),
    "the normal interval": (
        VALUES,
        (
            "values = [float(statistic(data[rows])) for rows in indices]\n"
            "    reach = NormalDist().inv_cdf((1 + level) / 2) * float(np.std(values))\n"
            "    return Interval(float(np.mean(values)) - reach, float(np.mean(values)) + reach)"
        ),
    ),
    "the basic interval": (
        VALUES,
        VALUES.replace("return ", BASIC) + "\n    return Interval(2 * seen - high, 2 * seen - low)",
    ),
    "moved to the statistic of the data": (
        VALUES,
        VALUES.replace("return ", BASIC) + "\n    return Interval(seen - (high - low) / 2, seen + (high - low) / 2)",
    ),
    "a one-sided quantile": (
        QUANTILES,
        QUANTILES.replace("_tails(level)", "sorted([1 - level, level])"),
    ),
    "alpha for the level of quantiles": (
        QUANTILES,
        QUANTILES.replace("_tails(level)", "[level / 2, 1 - level / 2]"),
    ),
    "the quantiles of 95 % always": (QUANTILES, QUANTILES.replace("_tails(level)", "[0.025, 0.975]")),
    "the ends the wrong way round": (
        QUANTILES,
        QUANTILES.replace("_tails(level)", "_tails(level)[::-1]"),
    ),
    "no interpolation": (QUANTILES, QUANTILES.replace("level))", 'level), method="nearest")')),
    "the lower of two values": (QUANTILES, QUANTILES.replace("level))", 'level), method="lower")')),
    "positions of Weibull": (QUANTILES, QUANTILES.replace("level))", 'level), method="weibull")')),
    "positions of Hazen": (QUANTILES, QUANTILES.replace("level))", 'level), method="hazen")')),
    "values not sorted": (
        QUANTILES,
        QUANTILES.replace(
            "np.quantile(values, _tails(level))",
            "np.interp(np.array(_tails(level)) * (len(values) - 1), range(len(values)), values)",
        ),
    ),
    "from smallest to largest": (QUANTILES, "return Interval(min(values), max(values))"),
    "values not below 0": (QUANTILES, QUANTILES.replace("(values,", "(np.maximum(values, 0),")),
    "values between 0 and 1": (QUANTILES, QUANTILES.replace("(values,", "(np.clip(values, -1, 1),")),
    "equal values once": (QUANTILES, QUANTILES.replace("(values,", "(np.unique(values),")),
    "b minus a": (PAIRS, PAIRS.replace("float(statistic(data_a[rows])) - ", "-float(statistic(data_a[rows])) + ")),
    "the size of the difference": (
        PAIRS,
        PAIRS.replace("[float", "[abs(float", 1).replace("data_b[rows]))", "data_b[rows])))"),
    ),
    "other rows for b": (PAIRS, PAIRS.replace("data_b[rows]", "data_b[(rows + 1) % len(data_b)]")),
    "b as it is": (PAIRS, PAIRS.replace("data_b[rows]", "data_b")),
    "the statistic of the differences": (
        PAIRS,
        "return _percentiles([float(statistic(data_a[rows] - data_b[rows])) for rows in indices], level)",
    ),
    "the difference of two intervals": (
        PAIRS,
        (
            "ends = [bootstrap_interval(statistic, data, indices, level) for data in (data_a, data_b)]\n"
            "    return Interval(ends[0].low - ends[1].high, ends[0].high - ends[1].low)"
        ),
    ),
    "the difference of ends": (
        PAIRS,
        (
            "ends = [bootstrap_interval(statistic, data, indices, level) for data in (data_a, data_b)]\n"
            "    return Interval(ends[0].low - ends[1].low, ends[0].high - ends[1].high)"
        ),
    ),
    "a ratio for the difference": (PAIRS, PAIRS.replace("])) - float(", "])) / float(")),
    "a and b resampled in turn": (
        PAIRS,
        (
            "return _percentiles(\n"
            "        [float(statistic(data_a[r])) - float(statistic(data_b[s]))\n"
            "         for r, s in zip(indices, np.roll(indices, 1, axis=0), strict=True)],\n"
            "        level,\n"
            "    )"
        ),
    ),
}

STRICT_MISTAKES = {
    "any level passes": (LEVEL, "if False:"),
    "a level of 1 passes": (LEVEL, "if not 0 < level <= 1:"),
    "a level of 0 passes": (LEVEL, "if not 0 <= level < 1:"),
    "a percentage passes": (LEVEL, "level = level / 100 if level > 1 else level\n    " + LEVEL),
    "no resample gives NaN": (
        "    if not values:\n",
        "    if not values:\n        return Interval(math.nan, math.nan)\n    if False:\n",
    ),
    "surplus pairs are ignored": ("if len(data_a) != len(data_b):", "if len(data_a) > len(data_b):"),
    "differences in the type of the statistic": (
        PAIRS,
        "return _percentiles([statistic(data_a[rows]) - statistic(data_b[rows]) for rows in indices], level)",
    ),
}
