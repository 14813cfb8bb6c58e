"""The reference beside scikit-learn's GridSearchCV and PredefinedSplit, and the claims of the follow-ups."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.neighbors import KNeighborsRegressor

from tests.bench.peers import Peer
from tests.oracles.claims import within


def fit_ridge(X, y, value):
    return Ridge(alpha=value).fit(X, y).predict


def fit_neighbours(X, y, value):
    return KNeighborsRegressor(int(value)).fit(X, y).predict


def negative_error(y_true, y_pred):
    return -float(np.mean((y_true - y_pred) ** 2))


def library(model, name, X, y, grid, folds):
    split = PredefinedSplit(folds)
    return GridSearchCV(model, {name: grid}, scoring="neg_mean_squared_error", cv=split).fit(X, y)


def check(reference, fit, model, name, X, y, grid, outer, inner):
    search, theirs = (
        reference.grid_search(fit, negative_error, X, y, grid, inner),
        library(model, name, X, y, grid, inner),
    )
    np.testing.assert_allclose(search.scores, theirs.cv_results_["mean_test_score"], rtol=1e-9)
    assert search.best == theirs.best_index_
    nested = reference.nested_score(fit, negative_error, X, y, grid, outer, inner)
    for place, (train, test) in enumerate(PredefinedSplit(outer).split()):
        theirs = library(model, name, X[train], y[train], grid, inner[train])
        assert nested.best[place] == theirs.best_index_
        np.testing.assert_allclose(nested.scores[place], theirs.score(X[test], y[test]), rtol=1e-9)


def test_ridge(reference, rng):
    grid = np.array([10.0, 0.1, 1.0, 100.0])
    for _ in range(3):
        n = int(rng.integers(20, 40))
        X, y = rng.normal(size=(n, 3)), rng.normal(size=n)
        outer, inner = (rng.permutation(np.append(np.arange(4), rng.integers(0, 4, size=n - 4))) for _ in range(2))
        check(reference, fit_ridge, Ridge(), "alpha", X, y, grid, outer, inner)


def test_neighbours(reference, rng):
    n, grid = 40, [1, 3, 7]
    X, y = rng.normal(size=(n, 2)), rng.normal(size=n)
    outer, inner = rng.permutation(np.arange(n) % 3), rng.permutation(np.arange(n) % 4)
    check(reference, fit_neighbours, KNeighborsRegressor(), "n_neighbors", X, y, np.array(grid), outer, inner)


def test_edges(reference, rng):
    X, y, grid = rng.normal(size=(12, 2)), rng.normal(size=12), np.array([1.0, 1.0, 5.0, 5.0])
    # The same folds outside and inside, one row a fold, and candidates that are equal.
    check(reference, fit_ridge, Ridge(), "alpha", X, y, grid, np.arange(12) % 3, np.arange(12) % 3)
    check(reference, fit_ridge, Ridge(), "alpha", X, y, grid, np.arange(12) % 2, rng.permutation(12))
    for outer, inner in [(np.zeros(12, int), np.arange(12) % 2), (np.arange(12) % 2, np.arange(12) % 2)]:
        with pytest.raises(ValueError, match="fold"):
            reference.nested_score(fit_ridge, negative_error, X, y, grid, outer, inner)
    with pytest.raises(ValueError, match="differ"):
        reference.nested_score(fit_ridge, negative_error, X, y, grid, np.arange(12) % 2, np.arange(11) % 3)


def fit_line(X, y, value):
    x = X[:, value]
    slope = x @ y / (x @ x)
    return lambda X: slope * X[:, value]


def explained(y_true, y_pred):
    return 1 + negative_error(y_true, y_pred)


def dealt(rng, n):
    return rng.permutation(np.arange(n) % 5)


def test_claims_of_noise(reference):
    """The numbers of the first two follow-ups."""

    def claim(n, n_draws):
        def run(rng):
            found = []
            for _ in range(n_draws):
                X, y, grid = rng.normal(size=(n, 10)), rng.normal(size=n), np.arange(10)
                outer, inner = dealt(rng, n), dealt(rng, n)
                search = reference.grid_search(fit_line, explained, X, y, grid, outer)
                nested = reference.nested_score(fit_line, explained, X, y, grid, outer, inner)
                found.append((search.scores.max() - nested.scores.mean(), len(set(nested.best.tolist()))))
            return np.mean(found, axis=0)

        return run

    within([0.11, 2.5], [0.23, 3.7], claim(40, 20))
    within([0.002, 1], [0.011, 5], claim(1_000, 5))


def strongest(X, y):
    return np.argsort(-abs((X - X.mean(axis=0)).T @ (y - y.mean())))[:10]


def penalised(X, y, value):
    mean, centred = X.mean(axis=0), X - X.mean(axis=0)
    coef = np.linalg.solve(centred.T @ centred + value * np.eye(X.shape[1]), centred.T @ (y - y.mean()))
    return lambda X: y.mean() + (X - mean) @ coef


def test_claims_of_leakage(reference):
    """The numbers of the third follow-up."""

    def selecting(X, y, value):
        chosen = strongest(X, y)
        predict = penalised(X[:, chosen], y, value)
        return lambda X: predict(X[:, chosen])

    def claim(rng):
        found = []
        for _ in range(8):
            X, y, grid = rng.normal(size=(60, 300)), rng.normal(size=60), np.array([1.0, 100.0])
            y -= y.mean()
            outer, inner = dealt(rng, 60), dealt(rng, 60)
            leaky = reference.nested_score(penalised, explained, X[:, strongest(X, y)], y, grid, outer, inner)
            honest = reference.nested_score(selecting, explained, X, y, grid, outer, inner)
            found.append((leaky.scores.mean(), honest.scores.mean()))
        return np.mean(found, axis=0)

    within([0.19, -0.24], [0.41, 0.03], claim)


def test_claims_of_users(reference):
    """The numbers of the fourth follow-up."""

    def nearest(X, y, value):
        def predict(rows):
            apart = ((rows[:, None] - X) ** 2).sum(axis=-1)
            return y[np.argsort(apart, axis=1)[:, : int(value)]].mean(axis=1)

        return predict

    def claim(rng):
        errors, winners = [], []
        grid = np.array([1, 3, 10, 30])
        for _ in range(3):
            user, features = np.repeat(np.arange(30), 5), rng.normal(size=(30, 5))
            X = features[user] + 0.1 * rng.normal(size=(150, 5))
            level = rng.normal(size=30)
            y = 0.5 * features[user, 0] + level[user] + 0.3 * rng.normal(size=150)
            outer, by_user = dealt(rng, 30)[user], dealt(rng, 30)[user]
            for inner in (dealt(rng, 150), by_user):
                nested = reference.nested_score(nearest, negative_error, X, y, grid, outer, inner)
                errors.append(-nested.scores.mean())
                winners.append(grid[nested.best])
        random, whole = np.concatenate(winners[::2]), np.concatenate(winners[1::2])
        return random.max(), np.median(whole), np.mean(errors[::2]), np.mean(errors[1::2])

    within([1, 10, 1.47, 1.05], [3, 30, 3.12, 1.9], claim)


def peers(reference, rng):
    """Yield a nested search over six penalties."""
    X, y, grid = rng.normal(size=(500, 10)), rng.normal(size=500), 10.0 ** np.arange(-2, 4)
    outer, inner = dealt(rng, 500), dealt(rng, 500)

    def theirs():
        return [
            library(Ridge(), "alpha", X[train], y[train], grid, inner[train]).score(X[test], y[test])
            for train, test in PredefinedSplit(outer).split()
        ]

    def ours():
        return reference.nested_score(fit_ridge, negative_error, X, y, grid, outer, inner)

    yield Peer("500 x 10, 6 candidates", "GridSearchCV in a loop", ours, theirs)
