import pytest

from katagrad.testing import assert_equal, strict


def defined(n, n_splits, test_size, gap, max_train_size):
    """Return the splits, found by asking of every row how far before the test set it lies."""
    splits = []
    for split in range(n_splits):
        first = n - (n_splits - split) * test_size
        test = [row for row in range(n) if first <= row < first + test_size]
        train = [row for row in range(n) if row + gap < first]
        while max_train_size is not None and len(train) > max_train_size:
            train.pop(0)
        splits.append((train, test))
    return splits


def assert_splits(splits, expected):
    assert_equal(len(splits), len(expected))
    for (train, test), (expected_train, expected_test) in zip(splits, expected, strict=True):
        assert_equal(test, expected_test)
        assert_equal(train, expected_train)


def test_expanding_window(kata):
    """Each training set has all rows before its test set, and the test sets follow one another up to the last row."""
    assert_splits(kata.time_series_split(3, 1, 1), [([0, 1], [2])])
    assert_splits(kata.time_series_split(6, 2, 2), [([0, 1], [2, 3]), ([0, 1, 2, 3], [4, 5])])
    assert_splits(kata.time_series_split(7, 3, 1), [([0, 1, 2, 3], [4]), ([0, 1, 2, 3, 4], [5]), ([*range(6)], [6])])
    assert_splits(kata.time_series_split(23, 4, 3), defined(23, 4, 3, 0, None))


def test_size_of_tests(kata):
    """Without test_size, a test set has n // (n_splits + 1) rows. The rows left over are trained on."""
    assert_splits(kata.time_series_split(9, 2), defined(9, 2, 3, 0, None))
    assert_splits(kata.time_series_split(11, 2), [([0, 1, 2, 3, 4], [5, 6, 7]), ([*range(8)], [8, 9, 10])])
    assert_splits(kata.time_series_split(11, 3), defined(11, 3, 2, 0, None))


def test_defaults(kata):
    """By default there are five splits, no gap, and no limit to a training set."""
    assert_splits(kata.time_series_split(20), defined(20, 5, 3, 0, None))
    assert_splits(kata.time_series_split(6), defined(6, 5, 1, 0, None))


def test_gap(kata):
    """The gap rows right before a test set are left out of its training set; the test sets stay where they are."""
    assert_splits(kata.time_series_split(7, 2, 2, 1), [([0, 1], [3, 4]), ([0, 1, 2, 3], [5, 6])])
    assert_splits(kata.time_series_split(12, 3, 2, gap=4), defined(12, 3, 2, 4, None))
    assert_splits(kata.time_series_split(20, 3, gap=4), defined(20, 3, 5, 4, None))


def test_rolling_window(kata):
    """A rolling window trains on the last max_train_size rows before the test, or on all if there are fewer."""
    assert_splits(kata.time_series_split(6, 3, 1, max_train_size=2), [([1, 2], [3]), ([2, 3], [4]), ([3, 4], [5])])
    assert_splits(kata.time_series_split(9, 3, 2, max_train_size=5), defined(9, 3, 2, 0, 5))
    assert_splits(kata.time_series_split(9, 3, 2, max_train_size=1), defined(9, 3, 2, 0, 1))
    assert_splits(kata.time_series_split(9, 3, 2, max_train_size=100), defined(9, 3, 2, 0, None))


def test_rolling_window_before_a_gap(kata):
    """With both, the max_train_size rows before the gap are trained on."""
    assert_splits(kata.time_series_split(9, 2, 2, 1, 3), [([1, 2, 3], [5, 6]), ([3, 4, 5], [7, 8])])
    assert_splits(kata.time_series_split(20, 4, 3, gap=2, max_train_size=8), defined(20, 4, 3, 2, 8))
    # Weeks and months of days.
    assert_splits(kata.time_series_split(500, 15, 21, gap=14, max_train_size=90), defined(500, 15, 21, 14, 90))


def test_any_parameters(kata, rng):
    """With any parameters, training ends right before the gap, and the last test set with the last row."""
    for _ in range(30):
        n_splits, test_size, gap = int(rng.integers(1, 6)), int(rng.integers(1, 5)), int(rng.integers(0, 4))
        n = n_splits * test_size + gap + int(rng.integers(1, 9))
        limit = int(rng.integers(1, 12)) if rng.random() < 0.7 else None
        splits = kata.time_series_split(n, n_splits, test_size, gap, limit)
        assert_splits(splits, defined(n, n_splits, test_size, gap, limit))


def test_one_row_to_train_on(kata):
    """The first training set may have one row. If it would have none: ValueError."""
    assert_splits(kata.time_series_split(8, 3, 2, 1), defined(8, 3, 2, 1, None))
    assert_splits(kata.time_series_split(8, 3, 2, 1, 5), defined(8, 3, 2, 1, 5))
    assert_splits(kata.time_series_split(2, 1), [([0], [1])])
    for parameters in [(7, 3, 2, 1), (7, 3, 2, 1, 5), (6, 3, 2), (5, 3, 2), (8, 1, 8), (8, 2, 3, 2), (8, 3, None, 2)]:
        with pytest.raises(ValueError):
            kata.time_series_split(*parameters)


def test_no_row_to_test_on(kata):
    """If n // (n_splits + 1) is 0, a test set would be empty: ValueError."""
    for parameters in [(5,), (3, 3), (2, 7)]:
        with pytest.raises(ValueError):
            kata.time_series_split(*parameters)


@strict
def test_bad_parameters(kata):
    """n_splits, test_size and max_train_size below 1, and a gap below 0, raise ValueError."""
    for parameters in [
        {"n_splits": 0},
        {"n_splits": -1, "test_size": 2},
        {"test_size": 0},
        {"test_size": -1},
        {"gap": -1},
        {"max_train_size": 0},
        {"max_train_size": -2},
    ]:
        with pytest.raises(ValueError):
            kata.time_series_split(20, **parameters)


def workload(kata, rng, n):
    n_splits = int(rng.integers(1, 6))
    n += 20
    return (
        kata.time_series_split(n),
        kata.time_series_split(n, n_splits, gap=int(rng.integers(0, 3))),
        kata.time_series_split(n, n_splits, int(rng.integers(1, 4)), int(rng.integers(0, 5)), int(rng.integers(1, n))),
    )


MISTAKES = {
    "trained on everything but the test": (
        "np.arange(start_of_train, end_of_train), np",
        "np.delete(np.arange(n), np.s_[start : start + test_size]), np",
    ),
    "trained on the test": (
        "np.arange(start_of_train, end_of_train), np",
        "np.arange(start_of_train, end_of_train + test_size), np",
    ),
    "trained on the first row of the test": (
        "np.arange(start_of_train, end_of_train), np",
        "np.arange(start_of_train, end_of_train + 1), np",
    ),
    "the row before the gap is left out, too": ("end_of_train = start - gap", "end_of_train = start - gap - (gap > 0)"),
    "gap ignored": ("end_of_train = start - gap", "end_of_train = start"),
    "the gap shortens the test": (
        "end_of_train = start - gap",
        "end_of_train, start = start, start + gap",
    ),
    "the gap is left out at the beginning": (
        "        end_of_train = start - gap\n        start_of_train = 0 if max_train_size is None",
        "        end_of_train = start\n        start_of_train = gap if max_train_size is None",
    ),
    "gaps between the tests": (
        "range(first, n, test_size)",
        "range(n - n_splits * test_size - (n_splits - 1) * gap, n, test_size + gap)",
    ),
    "max_train_size ignored": ("0 if max_train_size is None else max(end_of_train - max_train_size, 0)", "0"),
    "the earliest rows of a limited training set": (
        "        start_of_train = 0 if max_train_size is None else max(end_of_train - max_train_size, 0)\n",
        (
            "        start_of_train = 0\n"
            "        end_of_train = end_of_train if max_train_size is None else min(end_of_train, max_train_size)\n"
        ),
    ),
    "the gap counts as trained on": (
        "max(end_of_train - max_train_size, 0)",
        "max(start - max_train_size, 0)",
    ),
    "a window that reaches before the first row": (
        "max(end_of_train - max_train_size, 0)",
        "end_of_train - max_train_size",
    ),
    "a window that has to be full": (
        "        splits.append(Split(np.arange(start_of_train",
        (
            "        if max_train_size is not None and end_of_train < max_train_size:\n"
            "            continue\n"
            "        splits.append(Split(np.arange(start_of_train"
        ),
    ),
    "the first test after as many rows to train on, and the rest unused": (
        "range(first, n, test_size)",
        "range(test_size, test_size * (n_splits + 1), test_size)",
    ),
    "what is left over is tested at the end": (
        "range(first, n, test_size)",
        "range(first - (0 if first % test_size == 0 else first % test_size), n - test_size, test_size)",
    ),
    "a test as large as k-fold's": ("test_size = n // (n_splits + 1)", "test_size = n // n_splits"),
    "test_size ignored": ("    if test_size is None:\n", "    if True:\n"),
    "overlapping tests": ("range(first, n, test_size)", "range(first, n - test_size + 1, max(test_size // 2, 1))"),
    "the latest test first": ("range(first, n, test_size)", "range(n - test_size, first - 1, -test_size)"),
    "four splits by default": (
        "def time_series_split(\n    n: int,\n    n_splits: int = 5,",
        "def time_series_split(\n    n: int,\n    n_splits: int = 4,",
    ),
    "indices from 1": (
        "Split(np.arange(start_of_train, end_of_train), np.arange(start, start + test_size))",
        "Split(np.arange(start_of_train, end_of_train) + 1, np.arange(start, start + test_size) + 1)",
    ),
    "an empty training set passes": ("if n - n_splits * test_size - gap < 1:", "if n - n_splits * test_size < 1:"),
    "the first training set has to have two rows": (
        "if n - n_splits * test_size - gap < 1:",
        "if n - n_splits * test_size - gap < 2:",
    ),
    "a split without training set is dropped": (
        "    if n - n_splits * test_size - gap < 1:\n",
        (
            "    if n_splits > 1 and n - n_splits * test_size - gap < 1:\n"
            "        return _test_size(n, n_splits - 1, test_size, gap, max_train_size)\n"
            "    if n - n_splits * test_size - gap < 1:\n"
        ),
    ),
}

STRICT_MISTAKES = {
    "a max_train_size of 0 is no limit": (
        "(max_train_size is not None and max_train_size < 1)",
        "(max_train_size is not None and max_train_size < 0)",
    ),
    "a negative gap passes": ("gap < 0 or", "gap < -9 or"),
    "a test_size of 0 stands for None": ("    if test_size is None:\n", "    if not test_size:\n"),
}
