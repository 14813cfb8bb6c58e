"""The reference beside scikit-learn's forest: its trees' votes, its accuracy, and the numbers of the follow-ups."""

import numpy as np
import pytest
from sklearn.datasets import make_friedman1
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier, XGBRegressor

from tests.bench.peers import Peer


def best_split(X, y):
    """Return the question that removes most of the Gini index."""
    stump = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y).tree_
    return (int(stump.feature[0]), float(stump.threshold[0])) if stump.node_count > 1 else None


def nested(tree, classes, node=0):
    """Return a tree of scikit-learn in the reference's form."""
    if tree.children_left[node] < 0:
        return classes[tree.value[node].argmax()]
    sides = (nested(tree, classes, child[node]) for child in (tree.children_left, tree.children_right))
    return int(tree.feature[node]), float(tree.threshold[node]), *sides


def draw(rng, n, n_features=10, noise=1.0, relevant=None):
    X = rng.normal(size=(n, n_features))
    return X, (X[:, :relevant].sum(axis=1) + noise * rng.normal(size=n) > 0) * 1


def test_votes(reference, rng):
    """Trees of scikit-learn, put into the reference's form, vote as they do there; ties go to the smallest label."""
    for n_trees, depth, labels in [
        (1, 3, [0, 1]),
        (4, 2, [-7, 3, 900]),
        (8, 3, [5, -1, 2, 10**9]),
        (15, None, [1, 2, 3]),
    ]:
        X = rng.integers(0, 64, size=(120, 4)) / 8
        y = rng.choice(labels, size=120)
        theirs = RandomForestClassifier(n_trees, max_depth=depth, random_state=int(rng.integers(2**31))).fit(X, y)
        new = rng.integers(-8, 72, size=(200, 4)) / 8
        forest = [nested(tree.tree_, theirs.classes_) for tree in theirs.estimators_]
        votes = theirs.classes_[np.array([tree.predict(new) for tree in theirs.estimators_]).astype(int)]
        winners = [max(sorted(set(column)), key=column.count) for column in votes.T.tolist()]
        np.testing.assert_array_equal(reference.predict(forest, new), winners)


@pytest.mark.parametrize("max_features", [1, 3, 10])
def test_accuracy(reference, rng, max_features):
    """Both forests are grown until nodes are pure, so that votes and averages are the same but for ties."""
    ours, theirs = [], []
    for _ in range(3):
        X, y = draw(rng, 2100)
        forest = reference.fit_forest(X[:100], y[:100], best_split, 25, max_features, None, rng)
        ours.append(np.mean(reference.predict(forest, X[100:]) == y[100:]))
        model = RandomForestClassifier(25, max_features=max_features, random_state=int(rng.integers(2**31)))
        theirs.append(model.fit(X[:100], y[:100]).score(X[100:], y[100:]))
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=0.05)


def test_all_rows_and_columns(reference, rng):
    """Nothing is random then: each tree is scikit-learn's tree, which fits its own rows."""
    X, y = draw(rng, 60, 3)
    forest = reference.fit_forest(X, y, best_split, 2, 3, 60, rng)
    np.testing.assert_array_equal(reference.predict(forest, X), DecisionTreeClassifier().fit(X, y).predict(X))


def test_edges(reference, rng):
    """One class, one row, rows that are equal, a tie, and parameters out of range."""
    X, y = draw(rng, 9, 2)
    same = np.ones((4, 2))
    for rows, labels in [
        (X, np.full(9, -3)),
        (X[:1], y[:1]),
        (same, np.array([4, 9, 9, 4])),
        (same, np.array([1, 1, 1, 0])),
    ]:
        forest = reference.fit_forest(rows, labels, best_split, 3, 1, len(rows), rng)
        theirs = DecisionTreeClassifier().fit(rows, labels)
        np.testing.assert_array_equal(reference.predict(forest, X), theirs.predict(X))
    for max_features, max_samples in [(0, None), (3, None), (1, 0), (1, 10)]:
        with pytest.raises(ValueError, match="max_features and max_samples"):
            reference.fit_forest(X, y, best_split, 2, max_features, max_samples, rng)


@pytest.mark.parametrize("seed", range(6))
def test_claim_boosting_wins(seed):
    X, y = make_friedman1(n_samples=2500, noise=1.0, random_state=seed)
    forest = RandomForestRegressor(100, random_state=seed)
    boosted = XGBRegressor(
        n_estimators=200, learning_rate=0.1, max_depth=3, tree_method="hist", n_jobs=1, random_state=seed
    )
    errors = [np.mean((m.fit(X[:500], y[:500]).predict(X[500:]) - y[500:]) ** 2) ** 0.5 for m in (forest, boosted)]
    assert 2.0 < errors[0] < 2.4
    assert 1.5 < errors[1] < 1.8


@pytest.mark.parametrize("seed", range(10))
def test_claim_flipped_labels(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2200, 5))
    truth = (X.sum(axis=1) > 0) * 1
    y = np.where(rng.random(2200) < 0.3, 1 - truth, truth)
    boosted = XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1, random_state=seed)
    models = RandomForestClassifier(100, random_state=seed), boosted
    forest, boosted = (model.fit(X[:200], y[:200]).score(X[200:], truth[200:]) for model in models)
    assert 0.62 < boosted < 0.73
    assert 0.68 < forest < 0.80
    assert forest > boosted


def fitted(X, y, seed, **settings):
    return RandomForestClassifier(30, random_state=seed, **settings).fit(X[:200], y[:200])


@pytest.mark.parametrize("seed", range(6))
def test_claim_per_node(seed):
    X, y = draw(np.random.default_rng(seed), 2200, noise=0, relevant=3)
    tree = DecisionTreeClassifier(random_state=seed)
    per_tree = BaggingClassifier(tree, 30, max_features=3, random_state=seed).fit(X[:200], y[:200])
    assert 0.80 < fitted(X, y, seed, max_features=3).score(X[200:], y[200:]) < 0.92
    assert 0.70 < per_tree.score(X[200:], y[200:]) < 0.80


@pytest.mark.parametrize("seed", range(6))
def test_claim_max_features(seed):
    X, y = draw(np.random.default_rng(seed), 2200)
    for max_features, bounds in {
        1: (0.55, 0.58, 0.60, 0.64, 0.75, 0.81),
        10: (0.60, 0.67, 0.63, 0.67, 0.70, 0.81),
    }.items():
        forest = fitted(X, y, seed, max_features=max_features)
        votes = np.array([tree.predict(X[200:]) for tree in forest.estimators_])
        agreement = np.mean([np.mean(votes[i] == votes[j]) for i in range(30) for j in range(i)])
        assert bounds[0] < agreement < bounds[1]
        assert bounds[2] < np.mean(votes == y[200:]) < bounds[3]
        assert bounds[4] < forest.score(X[200:], y[200:]) < bounds[5]
    half = BaggingClassifier(DecisionTreeClassifier(max_features=3), 30, max_samples=100, bootstrap=False)
    half = half.fit(X[:200], y[:200]).score(X[200:], y[200:])
    assert abs(half - fitted(X, y, seed, max_features=3).score(X[200:], y[200:])) < 0.04


@pytest.mark.parametrize("seed", range(6))
def test_claim_few_relevant(seed):
    rng = np.random.default_rng(seed)
    X, y = draw(rng, 2200, 50, noise=0, relevant=2)
    forests = (RandomForestClassifier(100, max_features=m, random_state=seed) for m in ("sqrt", None))
    few, every = (forest.fit(X[:200], y[:200]).score(X[200:], y[200:]) for forest in forests)
    assert 0.85 < few < 0.91
    assert 0.87 < every < 0.96


@pytest.mark.parametrize("seed", range(6))
def test_claim_more_trees(seed):
    X, y = draw(np.random.default_rng(seed), 2200, 5, noise=2.0)
    forest = RandomForestClassifier(100, max_features=2, random_state=seed).fit(X[:200], y[:200])
    votes = np.array([tree.predict(X[200:]) for tree in forest.estimators_])
    for n_trees, low, high in [(1, 0.57, 0.67), (25, 0.66, 0.74), (100, 0.67, 0.75)]:
        assert low < np.mean((votes[:n_trees].mean(axis=0) > 0.5) == y[200:]) < high
    assert forest.score(X[:200], y[:200]) == 1


@pytest.mark.parametrize("seed", range(20))
def test_claim_vote_or_average(seed):
    rng = np.random.default_rng(seed)
    X, y = draw(rng, 1200, 5, noise=2.0)
    forest = RandomForestClassifier(20, max_depth=3, random_state=seed).fit(X[:200], y[:200])
    share = np.mean([tree.predict(X[200:]) for tree in forest.estimators_], axis=0)
    average = forest.predict_proba(X[200:])[:, 1]
    assert 0.01 < np.mean((share > 0.5) != (average > 0.5)) < 0.13
    assert 0.01 < np.mean((share == 0) | (share == 1)) < 0.13
    assert 0.02 < average.min() < average.max() < 0.98


def peers(reference, rng):
    """Yield prediction, and a fit in which the search for splits is scikit-learn's as well."""
    X, y = draw(rng, 500)
    forest = RandomForestClassifier(20, max_features=3, max_depth=6).fit(X, y)
    ours = [nested(tree.tree_, forest.classes_) for tree in forest.estimators_]
    yield Peer(
        "predict, 500 rows, 20 trees of depth 6",
        "RandomForestClassifier.predict",
        lambda: reference.predict(ours, X),
        lambda: forest.predict(X),
    )
    yield Peer(
        "fit, 500 x 10, 5 trees",
        "RandomForestClassifier.fit",
        lambda: reference.fit_forest(X, y, best_split, 5, 3, None, np.random.default_rng(0)),
        lambda: RandomForestClassifier(5, max_features=3).fit(X, y),
    )
