"""`k_fold` has the invariants of scikit-learn's splitters: the same sizes, the same shares, no group on both sides."""

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

from tests.bench.peers import Peer


def sizes(folds):
    return sorted(len(test) for _, test in folds)


def assert_partition(folds, n, k):
    assert len(folds) == k
    np.testing.assert_array_equal(np.sort(np.concatenate([fold.test for fold in folds])), np.arange(n))
    for fold in folds:
        np.testing.assert_array_equal(np.sort(np.concatenate(fold)), np.arange(n))


def test_k_fold(reference, rng):
    for _ in range(100):
        n = int(rng.integers(2, 60))
        k = int(rng.integers(2, n + 1))
        folds = reference.k_fold(n, k, rng)
        assert_partition(folds, n, k)
        assert sizes(folds) == sizes(KFold(k, shuffle=True, random_state=0).split(np.zeros(n)))


def test_stratified_k_fold(reference, rng):
    for _ in range(100):
        k = int(rng.integers(2, 6))
        y = rng.permutation(np.repeat(rng.permutation(9)[:4], rng.integers(k, 20, size=4)))
        folds = reference.stratified_k_fold(y, k, rng)
        theirs = list(StratifiedKFold(k, shuffle=True, random_state=0).split(y, y))
        assert_partition(folds, len(y), k)
        assert sizes(folds) == sizes(theirs)
        for label in np.unique(y):
            assert sorted((y[test] == label).sum() for _, test in folds) == sorted(
                (y[test] == label).sum() for _, test in theirs
            )


def test_group_k_fold(reference, rng):
    for _ in range(100):
        k = int(rng.integers(2, 6))
        groups = rng.permutation(np.repeat(rng.permutation(40)[:8], rng.integers(1, 12, size=8)))
        folds = reference.group_k_fold(groups, k)
        assert_partition(folds, len(groups), k)
        assert not any(np.isin(groups[train], groups[test]).any() for train, test in folds)
        assert sizes(folds) == sizes(GroupKFold(k).split(groups, groups=groups))


def test_rows_are_dealt_evenly(reference, rng):
    """Every row is as likely as any other to be tested in the first fold, alone and in its class."""
    y = np.repeat([0, 1], [5, 4])
    plain, stratified = np.zeros(9), np.zeros(9)
    for _ in range(3000):
        plain[reference.k_fold(9, 3, rng)[0].test] += 1
        stratified[reference.stratified_k_fold(y, 3, rng)[0].test] += 1
    # The standard deviation of a count is 26: six of them.
    np.testing.assert_allclose(plain, 1000, atol=156)
    for label in (0, 1):
        np.testing.assert_allclose(stratified[y == label], stratified[y == label].mean(), atol=156)


@pytest.mark.parametrize("k", [1, 4])
def test_k_that_both_refuse(reference, rng, k):
    """scikit-learn only warns where k is above the size of some class, and refuses where it is above that of all."""
    rows = np.array([2, 5, 7])
    for split in (
        lambda: reference.k_fold(3, k, rng),
        lambda: reference.stratified_k_fold(np.array([2, 2, 2, 5, 5]), k, rng),
        lambda: reference.group_k_fold(rows, k),
        lambda: list(KFold(k).split(rows)),
        lambda: list(StratifiedKFold(k).split(np.zeros(5), np.array([2, 2, 2, 5, 5]))),
        lambda: list(GroupKFold(k).split(rows, groups=rows)),
    ):
        with pytest.raises(ValueError):
            split()


def predicted(folds, X, y, select=None):
    """Return what least squares predicts for each row in the fold that tests it."""
    values = np.empty(len(y))
    for train, test in folds:
        columns = select(train) if select else slice(None)
        design = np.column_stack([np.ones(len(y)), X[:, columns]])
        values[test] = design[test] @ np.linalg.lstsq(design[train], y[train])[0]
    return values


def r_squared(y, values):
    return 1 - ((y - values) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def test_claim_selection_leaks(reference):
    """Features selected on all rows of noise have an R2 far above 0; selected inside the folds, below 0."""
    outside, inside = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(100, 1000)), rng.normal(size=100)

        def top(rows, X=X, y=y):
            part, target = X[rows] - X[rows].mean(axis=0), y[rows] - y[rows].mean()
            return np.argsort(-np.abs(part.T @ target) / part.std(axis=0))[:10]

        folds, on_all = reference.k_fold(100, 5, rng), top(np.arange(100))
        outside.append(r_squared(y, predicted(folds, X[:, on_all], y)))
        inside.append(r_squared(y, predicted(folds, X, y, top)))
    assert 0.24 < np.median(outside) < 0.44
    assert -0.65 < np.median(inside) < -0.2


@pytest.mark.parametrize("seed", range(5))
def test_claim_users(reference, seed):
    """Features that identify users look like skill in random folds, and not by group."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(50), 10)
    X, y = rng.normal(size=(50, 30))[user], rng.normal(size=50)[user]
    assert 0.3 < r_squared(y, predicted(reference.k_fold(500, 5, rng), X, y)) < 0.82
    assert r_squared(y, predicted(reference.group_k_fold(user, 5), X, y)) < -0.5


def test_claim_rare_class(reference, rng):
    """Plain folds often leave a test set without a rare class."""
    y = np.repeat([1, 0], [10, 190])
    missing = [any(y[test].sum() == 0 for _, test in reference.k_fold(200, 5, rng)) for _ in range(2000)]
    assert 0.41 < np.mean(missing) < 0.51


def peers(reference, rng):
    """Yield the folds of many rows, of each kind."""
    rows, y, groups = np.zeros(100_000), rng.integers(0, 5, size=100_000), rng.integers(0, 1_000, size=100_000)
    plain, stratified, grouped = KFold(5, shuffle=True), StratifiedKFold(5, shuffle=True), GroupKFold(5)
    for what, ours, theirs in (
        ("k_fold", lambda: reference.k_fold(100_000, 5, rng), lambda: list(plain.split(rows))),
        ("stratified_k_fold", lambda: reference.stratified_k_fold(y, 5, rng), lambda: list(stratified.split(rows, y))),
        ("group_k_fold", lambda: reference.group_k_fold(groups, 5), lambda: list(grouped.split(rows, groups=groups))),
    ):
        yield Peer(f"{what}, 100,000 rows", "the same in scikit-learn", ours, theirs)
