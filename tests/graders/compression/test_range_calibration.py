import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def batches(rng):
    """Return batches of different shapes, with numbers of both signs in each."""
    shapes = [(3, 4), (7,), (2, 3, 5), (1, 2), (2, 1, 3, 2)]
    return [rng.normal(size=shape) * scale + 0.3 for shape, scale in zip(shapes, [1, 4, 2, 0.5, 3], strict=True)]


def flat(batches):
    """Return all numbers in one sorted list."""
    return sorted(float(number) for batch in batches for number in np.asarray(batch).flat)


def min_max(batches):
    numbers = flat(batches)
    return min(numbers[0], 0.0), max(numbers[-1], 0.0)


def moving_average(batches, c=0.01):
    ends = [(flat([batch])[0], flat([batch])[-1]) for batch in batches]
    low, high = ends[0]
    for own_low, own_high in ends[1:]:
        low, high = (1 - c) * low + c * own_low, (1 - c) * high + c * own_high
    return min(low, 0.0), max(high, 0.0)


def percentiles(batches, p=99.99):
    numbers = flat(batches)

    def at(share):
        place = (len(numbers) - 1) * share
        below = int(place)
        above = min(below + 1, len(numbers) - 1)
        return numbers[below] * (below + 1 - place) + numbers[above] * (place - below)

    return min(at(1 - p / 100), 0.0), max(at(p / 100), 0.0)


def test_min_max(kata, rng, batches):
    """Min-max takes the smallest and the largest number of all batches, wherever they are."""
    assert_close(kata.min_max_range([np.array([1.0, 3.0]), np.array([[-2.0], [0.5]])]), (-2.0, 3.0))
    assert_close(kata.min_max_range([np.array([-5.0, 7.0]), np.array([1.0, 2.0]), np.array([-1.0, 0.5])]), (-5.0, 7.0))
    for _ in range(5):
        rng.shuffle(batches)
        assert_close(kata.min_max_range(batches), min_max(batches))
        assert_close(kata.min_max_range(batches[:1]), min_max(batches[:1]))


def test_zero_is_in_the_range(kata, rng):
    """The range contains 0, also if all numbers are positive or all are negative."""
    positive, negative = [np.array([2.0, 5.0, 3.0])], [np.array([-2.0, -5.0, -3.0])]
    for find in (kata.min_max_range, kata.moving_average_range):
        assert_close(find(positive), (0.0, 5.0))
        assert_close(find(negative), (-5.0, 0.0))
        assert_close(find([np.zeros((2, 3))]), (0.0, 0.0))
    assert_close(kata.percentile_range(positive, 75.0), (0.0, 4.0))
    assert_close(kata.percentile_range(negative, 75.0), (-4.0, 0.0))
    for sign in (1.0, -1.0):
        batches = [sign * rng.uniform(1.0, 9.0, size=size) for size in (5, 3, 8)]
        assert_close(kata.min_max_range(batches), min_max(batches))
        assert_close(kata.moving_average_range(batches, 0.3), moving_average(batches, 0.3))
        assert_close(kata.percentile_range(batches, 80.0), percentiles(batches, 80.0))


def test_zero_comes_last(kata):
    """The moving average is of the minima and maxima as they are; 0 is included after the last batch."""
    batches = [np.array([4.0, 8.0]), np.array([-6.0, -2.0]), np.array([-1.0, 1.0])]
    # Minima 4, -1, -1 and maxima 8, 3, 2 on the way.
    assert_close(kata.moving_average_range(batches, 0.5), (-1.0, 2.0))
    assert_close(kata.moving_average_range([np.array([2.0, 4.0]), np.array([-1.0, 1.0])], 0.5), (0.0, 2.5))
    assert_close(kata.moving_average_range([np.array([-4.0, -2.0]), np.array([-1.0, 1.0])], 0.5), (-2.5, 0.0))


def test_moving_average(kata, rng, batches):
    """The first batch is where the averages start; each batch after it moves them by c of the way."""
    first, second, third = np.array([[-4.0, 2.0]]), np.array([-8.0, 6.0, 1.0]), np.array([-2.0, 14.0])
    assert_close(kata.moving_average_range([first], 0.25), (-4.0, 2.0))
    assert_close(kata.moving_average_range([first, second], 0.25), (-5.0, 3.0))
    assert_close(kata.moving_average_range([first, second, third], 0.25), (-4.25, 5.75))
    assert_close(kata.moving_average_range([third, second, first], 0.25), (-3.625, 9.5))
    # An average of 0, at the start or on the way, is one like others.
    start, way = np.array([[0.0, 4.0], [-1.0, 2.0]]), np.array([[2.0, 4.0], [-2.0, 6.0], [-6.0, 9.0]])
    assert_close(kata.moving_average_range(list(start), 0.5), (-0.5, 3.0))
    assert_close(kata.moving_average_range(list(-start), 0.5), (-3.0, 0.5))
    # Minima 2, 0, -3 and maxima 4, 5, 7 on the way.
    assert_close(kata.moving_average_range(list(way), 0.5), (-3.0, 7.0))
    assert_close(kata.moving_average_range(list(-way), 0.5), (-7.0, 3.0))
    for c in (0.05, 0.3, 0.9):
        rng.shuffle(batches)
        assert_close(kata.moving_average_range(batches, c), moving_average(batches, c))


def test_averaging_constant(kata, batches):
    """The default is 0.01; 0 stays with the first batch, and 1 takes the last one."""
    assert_close(kata.moving_average_range([np.array([-1.0, 1.0]), np.array([-3.0, 101.0])]), (-1.02, 2.0))
    assert_close(kata.moving_average_range(batches), moving_average(batches))
    assert_close(kata.moving_average_range(batches, 0.0), min_max(batches[:1]))
    assert_close(kata.moving_average_range(batches, 1.0), min_max(batches[-1:]))
    # 0.99 ** 150 of the first batch is left.
    many = [np.array([-1.0, 1.0])] + [np.array([-3.0, 2.0])] * 150
    assert_close(kata.moving_average_range(many), (-3 + 2 * 0.99**150, 2 - 0.99**150))


def test_percentile(kata, batches):
    """The percentile p is at position (n - 1) * p / 100, between two numbers by linear interpolation."""
    x = np.array([-30.0, 10.0, -10.0, 40.0, 0.0, 20.0, -20.0, 30.0, -40.0])
    assert_close(kata.percentile_range([x], 75.0), (-20.0, 20.0))
    assert_close(kata.percentile_range([x], 90.0), (-32.0, 32.0))
    assert_close(kata.percentile_range([x[:2]], 90.0), (-26.0, 6.0))
    for p in (55.0, 80.0, 99.9):
        assert_close(kata.percentile_range(batches, p), percentiles(batches, p))
    assert_close(kata.percentile_range(batches), percentiles(batches))
    assert_close(kata.percentile_range(batches, 100), min_max(batches))


def test_ends_are_cut_apart(kata, rng):
    """Each end is a percentile by itself: as many numbers lie beyond one as beyond the other, of whatever size."""
    x = np.append(-np.arange(1.0, 21.0), 100 * np.arange(1.0, 21.0))
    # Position 39 * 0.9 = 35.1 is between 1600 and 1700, and 39 * 0.1 = 3.9 between -17 and -16.
    assert_close(kata.percentile_range([x], 90.0), (-16.1, 1610.0))
    assert_close(kata.percentile_range([-x], 90.0), (-1610.0, 16.1))
    skewed = [np.exp(rng.normal(size=size)) - 1 for size in (40, 11, 25)]
    for p in (70.0, 95.0):
        assert_close(kata.percentile_range(skewed, p), percentiles(skewed, p))


def test_all_batches_together(kata, rng):
    """The percentile is that of all numbers, not a mean over the batches: larger batches say more."""
    batches = [np.array([1.0, 2.0]), np.arange(-10.0, 11.0).reshape(3, 7), np.array([[100.0]])]
    # 24 numbers: position 20.7 is between 8 and 9, and 2.3 between -8 and -7.
    assert_close(kata.percentile_range(batches, 90.0), (-7.7, 8.7))
    for _ in range(5):
        sizes = rng.integers(1, 30, size=6)
        batches = [rng.normal(size=(n, 2)) * scale for n, scale in zip(sizes, [1, 9, 2, 1, 4, 0.1], strict=True)]
        assert_close(kata.percentile_range(batches, 90.0), percentiles(batches, 90.0))


def test_outliers(kata, rng):
    """One outlier in 20,000 numbers sets the range of min-max, not that of the percentile 99.99."""
    x = rng.uniform(-1.0, 1.0, size=(20, 1_000))
    x[3, 5], x[17, 900] = -900.0, 4_000.0
    assert_close(kata.min_max_range(list(x)), (-900.0, 4_000.0))
    low, high = kata.percentile_range(list(x))
    assert_close((low, high), percentiles(list(x)))
    assert_close(max(-low, high), 1.0, atol=0.01, what="the larger end of the percentile range")


def test_sizes_of_numbers(kata, rng):
    """Ranges may be small or large."""
    for size in (1e-5, 1e5):
        batches = [size * rng.uniform(0.5, 9.0, size=n) * rng.choice([-1.0, 1.0], size=n) for n in (9, 4, 6)]
        assert_close(np.array(kata.min_max_range(batches)) / size, np.array(min_max(batches)) / size)
        found = kata.moving_average_range(batches, 0.2)
        assert_close(np.array(found) / size, np.array(moving_average(batches, 0.2)) / size)
        assert_close(np.array(kata.percentile_range(batches, 85.0)) / size, np.array(percentiles(batches, 85.0)) / size)


@strict
def test_number_types(kata, rng):
    """Batches may be of smaller types, also of different ones: results are those of float64."""
    for kind in (np.int8, np.uint8, np.float16, np.float32):
        batches = [rng.integers(0, 100, size=n).astype(kind) for n in (9, 4, 6)]
        if kind == np.int8:
            batches[0][:2], batches[1][:2] = [-128, 127], [-127, 3]
        elif kind != np.uint8:
            batches = [rng.normal(scale=30.0, size=n).astype(kind) for n in (9, 4, 6)]
            # The type does not hold the distance between two neighbours.
            apart = [np.array([-1e3, 0.1, 1e3], dtype=kind)]
            assert_close(kata.percentile_range(apart, 90.0), percentiles(apart, 90.0))
        batches.append(np.array([0.1, 7.3]))
        assert_close(kata.min_max_range(batches), min_max(batches))
        assert_close(kata.moving_average_range(batches, 0.3), moving_average(batches, 0.3))
        assert_close(kata.percentile_range(batches, 93.0), percentiles(batches, 93.0))
        assert_close(kata.moving_average_range(batches[:-1], 0.3), moving_average(batches[:-1], 0.3))
        assert_close(kata.percentile_range(batches[:-1], 93.0), percentiles(batches[:-1], 93.0))


@strict
def test_bad_batches(kata):
    """No batch, or NaN or infinity in one, raises ValueError."""
    fine = np.array([1.0, -2.0])
    for find in (kata.min_max_range, kata.moving_average_range, kata.percentile_range):
        with pytest.raises(ValueError):
            find([])
        for bad in (np.nan, np.inf, -np.inf):
            for place in range(3):
                batches = [fine, fine, fine]
                batches[place] = np.array([[0.5, bad, 1.0]])
                with pytest.raises(ValueError):
                    find(batches)


def workload(kata, rng, n):
    """Calibrate on n batches of different sizes, with ties, zeros and outliers."""
    batches = [rng.normal(size=(int(size), 3)).round(2) * 2 + 0.1 for size in rng.integers(1, 9, size=n)]
    batches[-1][0, 0] = 500.0
    batches[n // 2] = np.maximum(batches[n // 2], 0)
    positive = [np.abs(batch) + 1.0 for batch in batches]
    return [
        (
            kata.min_max_range(each),
            kata.moving_average_range(each),
            kata.moving_average_range(each, 0.3),
            kata.percentile_range(each),
            kata.percentile_range(each, 90.0),
        )
        for each in (batches, positive, [-batch for batch in positive])
    ]


MINMAX = "return _with_zero(x.min(), x.max())"
STEP = "average = average + averaging_constant * (each - average)"
ENDS = "ends = np.array([(batch.min(), batch.max()) for batch in batches], dtype=float)"
PERCENTILE = "return _with_zero(*np.percentile(_together(batches), [100 - percentile, percentile]))"
ZERO = "Range(min(float(low), 0.0), max(float(high), 0.0))"

MISTAKES = {
    "0 is not in the range": (ZERO, "Range(float(low), float(high))"),
    "low is always 0": (ZERO, ZERO.replace("min(float(low), 0.0)", "0.0")),
    "only low includes 0": (ZERO, ZERO.replace("max(float(high), 0.0)", "float(high)")),
    "a symmetric range": (
        ZERO,
        "Range(-max(abs(float(low)), abs(float(high))), max(abs(float(low)), abs(float(high))))",
    ),
    "the last batch only": (MINMAX, "return _with_zero(batches[-1].min(), batches[-1].max())"),
    "the mean of minima and maxima": (
        MINMAX,
        "return _with_zero(np.mean([b.min() for b in batches]), np.mean([b.max() for b in batches]))",
    ),
    "the first dimension only": (MINMAX, "x = np.concatenate([b[:1].ravel() for b in batches])\n    " + MINMAX),
    "0 is included for each batch": (
        ENDS,
        "ends = np.array([(min(batch.min(), 0), max(batch.max(), 0)) for batch in batches], dtype=float)",
    ),
    "the average starts at 0": ("average = ends[0]", "average = averaging_constant * ends[0]"),
    "c weighs the old value": (STEP, "average = averaging_constant * average + (1 - averaging_constant) * each"),
    "a plain mean of all batches": (STEP, "average = ends.mean(axis=0)"),
    "an average of 0 is taken for none": (
        STEP,
        "average = np.where(average, average + averaging_constant * (each - average), each)",
    ),
    "the constant is fixed": (STEP, STEP.replace("averaging_constant", "0.01")),
    "a constant of 0 is taken for the default": (
        STEP,
        STEP.replace("averaging_constant", "(averaging_constant or 0.01)"),
    ),
    "in the wrong order of time": ("average = ends[0]", "ends = ends[::-1]\n    average = ends[0]"),
    "the average only widens": (
        STEP,
        STEP + "\n        average = np.array([min(average[0], each[0]), max(average[1], each[1])])",
    ),
    "corrected for the start, as in Adam": (
        "return _with_zero(*average)",
        "return _with_zero(*average / (1 - (1 - averaging_constant) ** len(ends)))",
    ),
    "the cut is shared between the ends": (
        PERCENTILE,
        PERCENTILE.replace("[100 - percentile, percentile]", "[(100 - percentile) / 2, (100 + percentile) / 2]"),
    ),
    "the low end is the minimum": (PERCENTILE, PERCENTILE.replace("100 - percentile", "0")),
    "the percentile of absolute values": (
        PERCENTILE,
        (
            "bound = np.percentile(np.abs(_together(batches)), percentile)\n"
            "    return _with_zero(max(-bound, _together(batches).min()), min(bound, _together(batches).max()))"
        ),
    ),
    "the percentile as a share": (
        PERCENTILE,
        PERCENTILE.replace("percentile, percentile]", "percentile / 100, percentile / 100]"),
    ),
    "the nearest number": (PERCENTILE, PERCENTILE.replace("percentile])", 'percentile], method="nearest")')),
    "the lower neighbour": (PERCENTILE, PERCENTILE.replace("percentile])", 'percentile], method="lower")')),
    "another interpolation": (PERCENTILE, PERCENTILE.replace("percentile])", 'percentile], method="hazen")')),
    "the mean of the batches' percentiles": (
        PERCENTILE,
        "return _with_zero(*np.mean([np.percentile(b, [100 - percentile, percentile]) for b in batches], axis=0))",
    ),
    "the widest of the batches' percentiles": (
        PERCENTILE,
        (
            "ends = np.array([np.percentile(b, [100 - percentile, percentile]) for b in batches])\n"
            "    return _with_zero(ends[:, 0].min(), ends[:, 1].max())"
        ),
    ),
    "percentile fixed": (PERCENTILE, PERCENTILE.replace("[100 - percentile, percentile]", "[0.01, 99.99]")),
    "0 among the numbers": (PERCENTILE, PERCENTILE.replace("_together(batches)", "np.append(_together(batches), 0)")),
    "rounded to six digits": (
        PERCENTILE,
        PERCENTILE.replace("_together(batches)", "_together(batches).round(6)"),
    ),
}

STRICT_MISTAKES = {
    "in the type of the batches": (
        "batch.ravel().astype(float) for",
        "batch.ravel() for",
    ),
    "NaN passes": ("if not np.isfinite(x).all():", "if np.isinf(x).any():"),
    "infinity passes": ("if not np.isfinite(x).all():", "if np.isnan(x).any():"),
    "the average in the type of the batches": (ENDS, ENDS.replace(", dtype=float", "")),
}
