import numpy as np
import pytest

from katagrad.testing import assert_equal, strict

ONE_TO_SIX = np.arange(1.0, 7.0)


def columns(*features):
    return np.array(features, dtype=float).T


def spearman(x, y):
    """Return the rank correlation by its definition: ranks from counting, then Pearson's formula."""
    ranks = [[sum(b < a for b in v) + (sum(b == a for b in v) + 1) / 2 for a in v] for v in (x.tolist(), y.tolist())]
    p, q = (np.array(rank) - np.mean(rank) for rank in ranks)
    return (p * q).sum() / np.sqrt((p**2).sum() * (q**2).sum())


def test_exact_duplicates(kata, rng):
    """With tol = 0, only test rows that equal a training row in all features are returned."""
    train, test = columns([1, 3, 3], [5, 8, 5]), columns([1, 3, 1, 8, 3], [8, 5, 5, 3, 8])
    assert_equal(kata.near_duplicates(train, test), np.array([1, 2, 4]))
    # The difference is 1e-6, or one part in ten million.
    assert_equal(kata.near_duplicates(columns([2e-6, 1e6]), columns([1e-6, 2e-6, 0, 1e6 - 0.1, 1e6])), np.array([1, 4]))
    assert_equal(kata.near_duplicates(columns([1, 2]), columns([3, 4, 0])), np.array([]))
    # No more training rows than one, and all test rows equal.
    assert_equal(kata.near_duplicates(np.zeros((1, 2)), np.zeros((3, 2))), np.array([0, 1, 2]))
    train, test = rng.integers(0, 3, size=(7, 3)).astype(float), rng.integers(0, 3, size=(9, 3)).astype(float)
    expected = [i for i, row in enumerate(test.tolist()) if row in train.tolist()]
    assert_equal(kata.near_duplicates(train, test), np.array(expected))


def test_near_duplicates(kata, rng):
    """A row may differ by tol in each feature, in both directions; a difference of exactly tol is near."""
    train, test = columns([1, 3], [5, 8]), columns([1.5, 0.5, 1, 3.5, 1.5, 1], [4.5, 5.5, 5.75, 8, 7.5, 8])
    assert_equal(kata.near_duplicates(train, test, tol=0.5), np.array([0, 1, 3]))
    assert_equal(kata.near_duplicates(train, test, tol=0.75), np.array([0, 1, 2, 3]))
    assert_equal(kata.near_duplicates(train, test, tol=0.25), np.array([]))
    # Near in each feature, but to different rows. Large values, and a far difference in one feature only.
    assert_equal(kata.near_duplicates(columns([0, 4], [4, 0]), columns([0, 4], [0, 4]), tol=1.0), np.array([]))
    # The row that is near in each feature is not the nearest in the sum of all.
    assert_equal(kata.near_duplicates(columns([1, 1.5], [1, 0]), columns([0], [0]), tol=1.0), np.array([0]))
    far = columns([1e6, 1e6, 1e6 + 2], [-4, -4, -4], [7, 10, 7])
    assert_equal(kata.near_duplicates(columns([1e6 + 1], [-5], [8]), far, tol=1.0), np.array([0, 2]))
    assert_equal(kata.near_duplicates(columns([1e-6]), columns([3e-6, 5e-6, 0]), tol=2.5e-6), np.array([0, 2]))
    for tol in (1.0, 3.0):
        train, test = rng.integers(-9, 10, size=(2, 8, 3)).astype(float)
        expected = [i for i, row in enumerate(test) if min(abs(other - row).max() for other in train) <= tol]
        assert_equal(kata.near_duplicates(train, test, tol=tol), np.array(expected))


def test_shared_groups(kata, rng):
    """All test rows of a group that has a row in training are returned, in the order of the rows."""
    assert_equal(kata.shared_groups(np.array([7, 3, 7]), np.array([7, 4, 3, 7])), np.array([0, 2, 3]))
    assert_equal(kata.shared_groups(np.array([5]), np.array([9, 0, -5, 5, 6, 5, 5])), np.array([3, 5, 6]))
    assert_equal(kata.shared_groups(np.array([0, -1, 900_000]), np.array([900_000, 1, 0, -1])), np.array([0, 2, 3]))
    assert_equal(kata.shared_groups(np.array([2, 8, 5]), np.array([4, 9])), np.array([]))
    train, test = rng.integers(0, 20, size=15), rng.integers(0, 20, size=11)
    assert_equal(kata.shared_groups(train, test), np.array([i for i in range(11) if (train == test[i]).any()]))


def test_late_rows(kata, rng):
    """A training row is late if its target is known at the earliest test time or after it."""
    train = np.array([1.0, 4.0, 2.0, 9.0, 5.0, 0.0])
    assert_equal(kata.late_rows(train, np.array([6.0, 5.0, 8.0])), np.array([3, 4]))
    assert_equal(kata.late_rows(train, np.array([6.0, 5.0, 8.0]), horizon=3.0), np.array([1, 2, 3, 4]))
    assert_equal(kata.late_rows(train, np.array([5.0]), horizon=2.5), np.array([1, 3, 4]))
    assert_equal(kata.late_rows(train, np.array([10.0, 12.0]), horizon=0.5), np.array([]))
    assert_equal(kata.late_rows(train, np.array([-1.0]), horizon=0.5), np.arange(6))
    # Times that are 1e-6 apart, and negative ones.
    assert_equal(kata.late_rows(np.array([1e-6, 2e-6, 3e-6]), np.array([2e-6])), np.array([1, 2]))
    assert_equal(kata.late_rows(np.array([-5.0, -7.0, -4.0]), np.array([-3.0, -4.0]), horizon=1.0), np.array([0, 2]))
    train, test = rng.permutation(40)[:12].astype(float), rng.integers(15, 40, size=5).astype(float)
    for horizon in (0.0, 1.0, 7.0):
        expected = [i for i in range(12) if any(train[i] + horizon >= time for time in test)]
        assert_equal(kata.late_rows(train, test, horizon=horizon), np.array(expected))


def test_leaking_features(kata):
    """A feature that rises or falls with the target leaks, however curved the relation is."""
    y = ONE_TO_SIX
    X = columns(np.exp(2 * y), [2, 6, 1, 4, 3, 5], -(y**3), y, [1, 2, 3, 3, 2, 1])
    assert_equal(kata.leaking_features(X, y), np.array([0, 2, 3]))
    order = [3, 0, 5, 1, 4, 2]
    assert_equal(kata.leaking_features(X[order], y[order]), np.array([0, 2, 3]))
    assert_equal(kata.leaking_features(X[:, [1, 4, 3]], y), np.array([2]))
    assert_equal(kata.leaking_features(X[:, [1, 4]], y), np.array([]))
    # One value far away hides the rest from Pearson's correlation, and here makes it large.
    far = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 1e6])
    assert_equal(kata.leaking_features(columns([5, 4, 3, 2, 1, 1e6]), far), np.array([]))
    assert_equal(kata.leaking_features(columns(far, -far), y), np.array([0, 1]))


def test_threshold(kata, rng):
    """The threshold is that of the absolute rank correlation."""
    # 1 - 6 sum d^2 / (n (n^2 - 1)): the sums of d^2 are 2, 6 and 68, and the correlations 33/35, 29/35 and -33/35.
    X = columns([2, 1, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], [6, 5, 4, 3, 1, 2])
    assert_equal(kata.leaking_features(X, ONE_TO_SIX), np.array([]))
    assert_equal(kata.leaking_features(X, ONE_TO_SIX, threshold=0.94), np.array([0, 2]))
    assert_equal(kata.leaking_features(X, ONE_TO_SIX, threshold=0.83), np.array([0, 2]))
    assert_equal(kata.leaking_features(X, ONE_TO_SIX, threshold=0.82), np.array([0, 1, 2]))
    X, y = rng.integers(0, 6, size=(12, 5)).astype(float), rng.integers(0, 6, size=12) / 2
    X[:, 0], X[:2, 1:], y[:2] = -y, [[0], [1]], [0, 3]
    X[:2, 0] = [0, -3]
    size = np.array([abs(spearman(column, y)) for column in X.T])
    # Thresholds halfway between two correlations, so that rounding does not decide.
    steps = np.unique(np.append(size, 0).round(6))
    for threshold in (steps[1:] + steps[:-1]) / 2:
        expected = np.flatnonzero(size >= threshold)
        assert_equal(kata.leaking_features(X, y, threshold=threshold), expected)


def test_tied_values(kata):
    """Equal values share the mean of their ranks; a constant feature does not leak."""
    y = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    assert_equal(kata.leaking_features(columns([4, 4, 4, 4, 4, 4], y), y), np.array([1]))
    # A copy, a copy with other numbers, and one without ties, of which the rank correlation is sqrt(27/35) = 0.878.
    X = columns(y, 7 - 3 * y, ONE_TO_SIX, [4, 4, 4, 4, 4, 4])
    assert_equal(kata.leaking_features(X, y), np.array([0, 1]))
    assert_equal(kata.leaking_features(X, y, threshold=0.88), np.array([0, 1]))
    assert_equal(kata.leaking_features(X, y, threshold=0.87), np.array([0, 1, 2]))
    # The ranks are (1.5, 1.5, 3, 4, 5.5, 5.5): a correlation of sqrt(33/35) = 0.971, whatever the order of the rows.
    X = columns([1, 1, 2, 3, 4, 4])
    for order in ([0, 1, 2, 3, 4, 5], [1, 0, 2, 3, 5, 4], [5, 1, 3, 0, 2, 4]):
        assert_equal(kata.leaking_features(X[order], ONE_TO_SIX[order], threshold=0.9705), np.array([0]))
        assert_equal(kata.leaking_features(X[order], ONE_TO_SIX[order], threshold=0.9715), np.array([]))
    # All but one value of the target are equal; and constant features alone.
    rare = np.array([0.0, 0.0, 1.0, 0.0, 0.0])
    assert_equal(kata.leaking_features(columns([5, 5, 2, 5, 5], [0, 0, 0, 0, 1]), rare), np.array([0]))
    assert_equal(kata.leaking_features(columns([0, 0, 0, 0, 0], [3, 3, 3, 3, 3]), rare, threshold=0.01), np.array([]))


def test_units(kata):
    """Units of features and target do not matter to the rank correlation: values 1e-6 apart are no ties."""
    small = ONE_TO_SIX * 1e-6
    assert_equal(kata.leaking_features(columns(small, 5 - small, [2, 6, 1, 4, 3, 5]), small), np.array([0, 1]))
    assert_equal(kata.leaking_features(columns(1e6 - ONE_TO_SIX / 10), ONE_TO_SIX), np.array([0]))
    assert_equal(kata.leaking_features(columns([3, 8]), np.array([9.0, 2.0])), np.array([0]))


@strict
def test_missing_values(kata):
    """NaN equals NaN, and no number."""
    train, test = columns([1, np.nan], [np.nan, 2]), columns([1, 1, np.nan, np.nan], [np.nan, 2, 2, np.nan])
    for tol in (0.0, 0.5):
        assert_equal(kata.near_duplicates(train, test, tol=tol), np.array([0, 2]))


@strict
def test_names_of_groups(kata):
    """Groups may be strings."""
    assert_equal(kata.shared_groups(np.array(["b", "ab"]), np.array(["a", "b", "abc", "ab"])), np.array([1, 3]))


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """Features, times and targets may be integers of any type."""
    train, test = np.array([[100, 3]], dtype=kind), np.array([[101, 2], [98, 3], [99, 4]], dtype=kind)
    assert_equal(kata.near_duplicates(train, test, tol=1.0), np.array([0, 2]))
    times = np.array([10, 120, 100], dtype=kind)
    assert_equal(kata.late_rows(times, np.array([125, 127], dtype=kind), horizon=20.0), np.array([1]))
    y = np.array([3, 100, 50, 7], dtype=kind)
    assert_equal(kata.leaking_features(np.column_stack([y // 3, y % 5]), y), np.array([0]))


def workload(kata, rng, n):
    """Rows of which some repeat, users, days, and features of which one is the target with few errors."""
    train, test = rng.integers(0, 12, size=(n + 4, 2)) / 2, rng.integers(0, 12, size=(n + 2, 2)) / 2
    test[0] = train[n // 2]
    users = rng.integers(0, n + 5, size=n + 4), rng.integers(0, n + 5, size=n + 2)
    days = rng.integers(0, 30, size=n + 4).astype(float), rng.integers(20, 30, size=n + 2).astype(float)
    X = rng.integers(0, 9, size=(n + 6, 4)).astype(float)
    y = X[:, 0] + X[:, 1] / 4 + np.arange(n + 6) / 64
    return (
        [kata.near_duplicates(train, test, tol=tol) for tol in (0.0, 0.5)],
        kata.shared_groups(*users),
        [kata.late_rows(*days, horizon=horizon) for horizon in (0.0, 5.0)],
        [kata.leaking_features(X, y, threshold=threshold) for threshold in (0.25, 0.8)],
    )


NEAR = "near &= (abs(a[:, np.newaxis] - b) <= tol) | (np.isnan(a)[:, np.newaxis] & np.isnan(b))"
ANY = "return np.flatnonzero(near.any(axis=1))"
GROUPS = "return np.flatnonzero(np.isin(test_groups, train_groups))"
LATE = "return np.flatnonzero(train_time + horizon >= test_time.min())"
LEAKS = "found.append(size and abs(ranks @ target) >= threshold * size)"
RANKS = "return (2 * np.cumsum(count) - count - len(values))[place]"
MISTAKES = {
    "a difference of tol is not near": (NEAR, NEAR.replace("<= tol", "< tol + (tol == 0) * 1e-300")),
    "no absolute value": (NEAR, NEAR.replace("abs(a[:, np.newaxis] - b)", "a[:, np.newaxis] - b")),
    "isclose": (NEAR, "near &= np.isclose(a[:, np.newaxis], b, atol=tol)"),
    "a floor under tol": (NEAR, "tol = max(tol, 1e-6)\n        " + NEAR),
    "a relative tolerance": (NEAR, NEAR.replace("<= tol", "<= tol * abs(b)")),
    "one feature is enough": [("np.ones((len(test)", "np.zeros((len(test)"), (NEAR, NEAR.replace("&=", "|="))],
    "features apart": (
        ANY,
        "return np.flatnonzero((abs(test[:, None] - train) <= tol).any(axis=1).all(axis=1))",
    ),
    "Euclidean distance": (
        ANY,
        "return np.flatnonzero(((test[:, None] - train) ** 2).sum(axis=2).min(axis=1) <= tol**2)",
    ),
    "the sum of differences": (ANY, "return np.flatnonzero(abs(test[:, None] - train).sum(axis=2).min(axis=1) <= tol)"),
    "training rows": (ANY, "return np.flatnonzero(near.any(axis=0))"),
    "near to all training rows": (ANY, "return np.flatnonzero(near.all(axis=1))"),
    "one row by one": (ANY, "return np.flatnonzero([near[i, i] for i in range(min(near.shape))])"),
    "training rows of groups": (GROUPS, "return np.flatnonzero(np.isin(train_groups, test_groups))"),
    "the groups": (GROUPS, "return np.intersect1d(test_groups, train_groups)"),
    "the first row of a group": (
        GROUPS,
        "return np.sort(np.intersect1d(test_groups, train_groups, return_indices=True)[1])",
    ),
    "groups that are not shared": (GROUPS, GROUPS.replace("np.isin", "~np.isin")),
    "groups within the range": (
        GROUPS,
        "return np.flatnonzero((test_groups >= min(train_groups)) & (test_groups <= max(train_groups)))",
    ),
    "absolute groups": (GROUPS, "return np.flatnonzero(np.isin(abs(test_groups), abs(train_groups)))"),
    "the same time passes": (LATE, LATE.replace(">=", ">")),
    "the last test row": (LATE, LATE.replace("min()", "max()")),
    "the first test row given": (LATE, LATE.replace("test_time.min()", "test_time[0]")),
    "no horizon": (LATE, LATE.replace(" + horizon", "")),
    "the horizon after the test": (LATE, LATE.replace("+ horizon", "- horizon")),
    "late rows in order of time": (LATE, LATE + "[np.argsort(train_time[train_time + horizon >= test_time.min()])]"),
    "from the first late row on": (
        LATE,
        "late = train_time + horizon >= test_time.min()\n    return np.flatnonzero(np.maximum.accumulate(late))",
    ),
    "Pearson's correlation": (RANKS, "return values - values.mean()"),
    "ties in order of the rows": (RANKS, "ranks = np.argsort(np.argsort(values))\n    return ranks - ranks.mean()"),
    "ties share the lowest rank": (
        RANKS,
        "ranks = (np.cumsum(count) - count)[place]\n    return ranks - ranks.mean()",
    ),
    "ties share the highest rank": (
        RANKS,
        "ranks = np.cumsum(count)[place]\n    return ranks - ranks.mean()",
    ),
    "dense ranks": (RANKS, "return place - place.mean()"),
    "argsort once": (RANKS, "return np.argsort(values) - (len(values) - 1) / 2"),
    "rounded values": ("for column in X.T:", "for column in X.round(5).T:"),
    "only rising features": (LEAKS, LEAKS.replace("abs(ranks @ target)", "ranks @ target")),
    "the square against the threshold": (LEAKS, LEAKS.replace("abs(ranks @ target)", "(ranks @ target) ** 2 / size")),
    "a constant feature leaks": (LEAKS, LEAKS.replace("size and ", "")),
    "the threshold is ignored": (LEAKS, LEAKS.replace("threshold", "0.95")),
    "only copies": (LEAKS, "found.append(np.array_equal(column, y))"),
}

STRICT_MISTAKES = {
    "NaN equals nothing": (NEAR, "near &= abs(a[:, np.newaxis] - b) <= tol"),
    "NaN equals everything": (NEAR, "near &= ~(abs(a[:, np.newaxis] - b) > tol)"),
    "differences in the type of the rows": (
        "zip(test.T.astype(float), train.T, strict=True)",
        "zip(test.T, train.T, strict=True)",
    ),
}
