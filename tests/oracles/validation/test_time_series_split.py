"""`time_series_split` beside scikit-learn's `TimeSeriesSplit`."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, TimeSeriesSplit

from tests.bench.peers import Peer


def assert_agrees(reference, n, n_splits, test_size, gap=0, max_train_size=None):
    theirs = TimeSeriesSplit(n_splits, max_train_size=max_train_size, test_size=test_size, gap=gap).split(np.zeros(n))
    ours = reference.time_series_split(n, n_splits, test_size, gap, max_train_size)
    for split, expected in zip(ours, theirs, strict=True):
        for rows, expected_rows in zip(split, expected, strict=True):
            np.testing.assert_array_equal(rows, expected_rows)


def test_random_parameters(reference, rng):
    for _ in range(300):
        n_splits, test_size, gap = (int(rng.integers(low, 9)) for low in (2, 1, 0))
        n = n_splits * test_size + gap + int(rng.integers(1, 30))
        limit = int(rng.integers(1, 40)) if rng.random() < 0.6 else None
        assert_agrees(reference, n, n_splits, test_size, gap, limit)


def test_size_of_tests(reference, rng):
    for n in range(7, 60):
        assert_agrees(reference, n, int(rng.integers(2, 7)), None)


def test_defaults(reference):
    for (train, test), expected in zip(
        reference.time_series_split(23), TimeSeriesSplit().split(np.zeros(23)), strict=True
    ):
        np.testing.assert_array_equal(train, expected[0])
        np.testing.assert_array_equal(test, expected[1])


@pytest.mark.parametrize(
    ("n", "parameters"),
    [
        (7, {"n_splits": 3, "test_size": 2, "gap": 1}),
        (6, {"n_splits": 3, "test_size": 2}),
        (8, {"n_splits": 3, "gap": 2}),
        (5, {}),
        (20, {"n_splits": 0}),
    ],
)
def test_bad_input_that_both_refuse(reference, n, parameters):
    with pytest.raises(ValueError):
        reference.time_series_split(n, **parameters)
    with pytest.raises(ValueError):
        list(TimeSeriesSplit(**({"n_splits": 5} | parameters)).split(np.zeros(n)))


def test_one_split(reference):
    """scikit-learn refuses a single split, which is a plain hold-out."""
    ((train, test),) = reference.time_series_split(5, 1)
    np.testing.assert_array_equal(train, [0, 1, 2])
    np.testing.assert_array_equal(test, [3, 4])


def r_squared(y, predicted):
    return 1 - ((y - predicted) ** 2).sum() / ((y - y.mean()) ** 2).sum()


@pytest.mark.parametrize("seed", range(5))
def test_claim_random_walk(reference, seed):
    """The nearest training row predicts a walk within one step in shuffled folds, and far off over time."""
    walk = np.random.default_rng(seed).normal(size=500).cumsum()

    def error(splits):
        nearest = [(test, train[np.abs(test[:, None] - train).argmin(axis=1)]) for train, test in splits]
        return np.mean([((walk[test] - walk[rows]) ** 2).mean() for test, rows in nearest])

    assert 0.8 < error(KFold(5, shuffle=True, random_state=seed).split(walk)) < 1.3
    assert 15 < error(reference.time_series_split(500, 5)) < 90


def test_claim_spurious_regression(reference):
    """Between independent walks, R2 is above 0 in shuffled folds and far below over time."""
    shuffled, over_time = [], []
    for seed in range(60):
        x, y = np.random.default_rng(seed).normal(size=(2, 300)).cumsum(axis=1)
        for splits, scores in (
            (KFold(5, shuffle=True, random_state=seed).split(x), shuffled),
            (reference.time_series_split(300, 5), over_time),
        ):
            lines = [(test, np.polyfit(x[train], y[train], 1)) for train, test in splits]
            scores.append(np.mean([r_squared(y[test], np.polyval(line, x[test])) for test, line in lines]))
    assert 0.08 < np.median(shuffled) < 0.26
    assert -12 < np.median(over_time) < -4


def test_claim_gap(reference):  # noqa: ARG001 - the claim is about the data alone
    """A label that looks ten rows ahead is predicted by the one before it, and not by one ten rows back."""
    walks = np.random.default_rng(0).normal(size=(300, 200)).cumsum(axis=1)
    labels = walks[:, 10:] - walks[:, :-10]
    assert 0.7 < r_squared(labels[:, 100], labels[:, 99]) < 0.87
    assert r_squared(labels[:, 100], labels[:, 89]) < -0.5


def peers(reference, rng):  # noqa: ARG001 - nothing is random here
    """Yield the splits of a long series."""
    rows, splitter = np.zeros(100_000), TimeSeriesSplit(5)
    ours, theirs = (lambda: reference.time_series_split(100_000, 5)), (lambda: list(splitter.split(rows)))
    yield Peer("100,000 rows", "TimeSeriesSplit.split", ours, theirs, "Views of one array there.")
