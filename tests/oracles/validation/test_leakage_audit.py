"""The audit beside SciPy's tree and rank correlation, and the claims of the follow-ups."""

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import spearmanr

from tests.bench.peers import Peer
from tests.oracles.claims import within


def nearest(train, test):
    """Return for each test row the distance to the nearest training row, in the maximum norm."""
    return cKDTree(train).query(test, p=np.inf)[0]


def correlations(X, y):
    return np.array([abs(spearmanr(column, y).statistic) for column in X.T])


def test_near_duplicates(reference, rng):
    for _ in range(300):
        d = int(rng.integers(1, 4))
        train, test = (rng.integers(-20, 21, size=(int(rng.integers(1, 20)), d)) / 4 for _ in range(2))
        for tol in (0.0, 0.5, 1.0, 2.25):
            expected = np.flatnonzero(nearest(train, test) <= tol)
            np.testing.assert_array_equal(reference.near_duplicates(train, test, tol), expected)


def test_leaking_features(reference, rng):
    for _ in range(100):
        n = int(rng.integers(3, 30))
        X, y = rng.integers(0, 7, size=(n, 5)).astype(float), rng.normal(size=n).round(1)
        X[:2], y[:2] = [[0.0], [1.0]], [-1, 1]
        size = correlations(X, y)
        edges = np.unique(np.append(size, [0, 1]).round(6))
        for threshold in (edges[1:] + edges[:-1]) / 2:
            expected = np.flatnonzero(size >= threshold)
            np.testing.assert_array_equal(reference.leaking_features(X, y, threshold), expected)


def test_edges(reference):
    nan = np.nan
    train, test = np.array([[1, nan], [2, 3]]), np.array([[1, nan], [1, 3], [nan, nan], [2.5, 3]])
    np.testing.assert_array_equal(reference.near_duplicates(train, test, 0.5), [0, 3])
    np.testing.assert_array_equal(reference.shared_groups(np.array(["b", "ab"]), np.array(["a", "b", "abc"])), [1])
    np.testing.assert_array_equal(reference.late_rows(np.array([2, 1, 3]), np.array([4, 3]), 1.0), [0, 2])
    X = np.array([[0.1, 1.0], [0.1, 0.0], [0.1, 3.0]])
    np.testing.assert_array_equal(reference.leaking_features(X, np.array([1.0, 0.0, 2.0])), [1])
    for found in (
        reference.near_duplicates(train[1:], test[:1]),
        reference.shared_groups(np.array([1]), np.array([2])),
        reference.late_rows(np.array([1.0]), np.array([2.0])),
        reference.leaking_features(X[:, :1], np.array([1.0, 0.0, 2.0])),
    ):
        assert found.shape == (0,)
        assert found.dtype.kind == "i"


def mean_within(low, high, claim):
    """Check a claim, the mean of 20 draws, under each seed."""
    within(low, high, lambda rng: np.mean([claim(rng) for _ in range(20)], axis=0))


def neighbour(X, y, queries):
    return y[cKDTree(X).query(queries)[1]]


def cross_validated(predict, y, tests):
    """Return the R2 of the predictions of all test sets together."""
    predicted = np.empty(len(y))
    for test in tests:
        predicted[test] = predict(np.setdiff1d(np.arange(len(y)), test), test)
    return 1 - ((y - predicted) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def test_claims_of_selection():
    """The numbers of the first follow-up."""

    def best(X, y):
        return np.argsort(-abs((X - X.mean(axis=0)).T @ (y - y.mean()) / X.std(axis=0)))[:10]

    def claim(rng):
        X, y, folds = rng.normal(size=(50, 1_000)), rng.normal(size=50), np.array_split(rng.permutation(50), 5)

        def predict(train, test, columns):
            design = np.column_stack([np.ones(50), X[:, columns]])
            return design[test] @ np.linalg.lstsq(design[train], y[train])[0]

        outside = best(X, y)
        return (
            cross_validated(lambda train, test: predict(train, test, outside), y, folds),
            cross_validated(lambda train, test: predict(train, test, best(X[train], y[train])), y, folds),
        )

    mean_within([0.395, -0.605], [0.525, -0.325], claim)


def test_claims_of_copies():
    """The numbers of the second follow-up."""

    def copies(rng):
        X, y = rng.normal(size=(150, 5)), rng.integers(0, 2, size=150)
        rows = rng.permutation(np.append(np.arange(150), rng.choice(150, 50, replace=False)))
        train, test = rows[:100], rows[100:]
        right = neighbour(X[train], y[train], X[test]) == y[test]
        return right.mean(), right[~np.isin(test, train)].mean()

    mean_within([0.585, 0.465], [0.655, 0.535], copies)

    def groups(rng):
        group = np.repeat(np.arange(30), 10)
        X = rng.normal(size=(30, 5))[group] + 0.2 * rng.normal(size=(300, 5))
        y = rng.normal(size=30)[group] + 0.2 * rng.normal(size=300)
        whole = [np.flatnonzero(np.isin(group, some)) for some in np.array_split(rng.permutation(30), 5)]

        def predict(train, test):
            return neighbour(X[train], y[train], X[test])

        return [cross_validated(predict, y, tests) for tests in (np.array_split(rng.permutation(300), 5), whole)]

    mean_within([0.835, -1.45], [0.905, -0.65], groups)


def peers(reference, rng):
    """Yield near duplicates and rank correlations of many rows."""
    train, test = rng.normal(size=(2, 3_000, 4))
    ours, theirs = (lambda: reference.near_duplicates(train, test, 0.1)), (lambda: nearest(train, test) <= 0.1)
    yield Peer("3,000 and 3,000 rows x 4", "scipy cKDTree, maximum norm", ours, theirs)
    X, y = rng.normal(size=(20_000, 10)), rng.normal(size=20_000)
    ours, theirs = (lambda: reference.leaking_features(X, y)), (lambda: correlations(X, y) >= 0.95)
    yield Peer("20,000 x 10, ranks", "scipy spearmanr", ours, theirs)
