"""The reference beside scikit-learn's trees, and the numbers of the follow-ups.

scikit-learn holds X in single precision, and takes one of several best splits by chance, by the order of the features
or by the rounding of their gains. So X is made of eighths here, and random trees are compared where many seeds of
scikit-learn agree, with the rows weighted so evenly that only ties can tell the difference.
"""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.bench.peers import Peer

MODELS = {"gini": DecisionTreeClassifier, "squared_error": DecisionTreeRegressor}


def theirs(X, y, points, criterion, max_depth=None, min_samples_leaf=1, jitter=0.0, seeds=12):
    """Return scikit-learn's predictions, or None if they depend on its seed or on weights of 1 plus or minus jitter."""
    answers = []
    for seed in range(seeds):
        model = MODELS[criterion](max_depth=max_depth, min_samples_leaf=min_samples_leaf, random_state=seed)
        weight = 1 + jitter * np.random.default_rng(seed).uniform(-1, 1, len(X)) * (seed > 0)
        answers.append(model.fit(X, y, sample_weight=weight).predict(points))
    return answers[0] if all(np.allclose(each, answers[0], rtol=1e-7, atol=1e-7) for each in answers) else None


def assert_agrees(reference, X, y, points, *settings, **tries):
    expected = theirs(X, y, points, *settings, **tries)
    if expected is not None:
        ours = reference.predict(reference.fit_tree(X, y, *settings), points)
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)
    return expected is not None


def draw(rng, n, n_features, n_values):
    """Return features in eighths, a score that depends on them, and points between the values."""
    X = rng.integers(0, n_values, size=(n, n_features)) / 8
    points = rng.integers(-2, n_values + 2, size=(300, n_features)) / 8 + 1 / 32
    return X, X @ rng.normal(size=n_features) + rng.normal(scale=0.5, size=n), points


@pytest.mark.parametrize("criterion", ["gini", "squared_error"])
def test_small_trees(reference, rng, criterion):
    """Several features, and limits that leave nodes of many samples, where ties are rare."""
    agreed = 0
    for _ in range(40):
        X, score, points = draw(rng, 300, int(rng.integers(1, 4)), 200)
        y = np.digitize(score, [-0.5, 0.5]) * 7 - 3 if criterion == "gini" else score
        for settings in [(1,), (2,), (3,), (None, 30), (2, 60)]:
            agreed += assert_agrees(reference, X, y, points, criterion, *settings, jitter=1e-9)
    assert agreed > 120


@pytest.mark.parametrize("criterion", ["gini", "squared_error"])
def test_deep_trees(reference, rng, criterion):
    """One feature, with repeated values and down to the last sample; the number of rows varies from 1."""
    agreed = 0
    for _ in range(60):
        X, score, points = draw(rng, int(rng.integers(1, 60)), 1, int(rng.integers(2, 80)))
        y = np.digitize(score, [0.0]) if criterion == "gini" else score
        for settings in [(None,), (None, 2), (4,), (None, 5)]:
            agreed += assert_agrees(reference, X, y, points, criterion, *settings, jitter=1e-9)
    assert agreed > 60


def test_own_rows(reference, rng):
    """A tree without limits fits distinct rows, and takes the vote or the mean of equal ones, whatever the ties."""
    for _ in range(40):
        X = rng.integers(0, 3, size=(30, 3)) / 8
        label, number = rng.integers(-2, 2, size=30), rng.normal(size=30)
        np.testing.assert_array_equal(
            reference.predict(reference.fit_tree(X, label), X), DecisionTreeClassifier().fit(X, label).predict(X)
        )
        ours = reference.predict(reference.fit_tree(X, number, "squared_error"), X)
        np.testing.assert_allclose(ours, DecisionTreeRegressor().fit(X, number).predict(X), rtol=1e-9, atol=1e-12)


def test_edges(reference):
    """XOR, a gain of 0, equal labels, equal rows, tied labels, a lone row, a sample at the threshold, unseen values."""
    cases = [
        ([[0, 0], [0, 1], [1, 0], [1, 1]], [4, 8, 8, 4]),
        ([[2], [2], [5], [5]], [0, 1, 0, 1]),
        ([[1], [2], [3]], [-4, -4, -4]),
        ([[1], [1], [1]], [5, 3, 3]),
        ([[1], [1]], [5, 3]),
        ([[1]], [7]),
        ([[1], [2], [4], [6]], [1, 1, 2, 3]),
    ]
    for rows, y in cases:
        X = np.array(rows, dtype=float)
        points = np.vstack([X, X - 9, X + 9, X + 1])  # 2 + 1 is the threshold of the last
        for criterion in MODELS:
            assert assert_agrees(reference, X, np.array(y), points, criterion)
        # scikit-learn takes no depth of 0: its dummies predict without a question.
        lone = reference.predict(reference.fit_tree(X, np.array(y), "gini", 0), points)
        np.testing.assert_array_equal(lone, DummyClassifier().fit(X, y).predict(points))
        lone = reference.predict(reference.fit_tree(X, np.array(y), "squared_error", 0), points)
        np.testing.assert_allclose(lone, DummyRegressor().fit(X, y).predict(points), rtol=1e-12)
    with pytest.raises(ValueError, match="criterion"):
        reference.fit_tree(np.ones((2, 1)), np.array([0, 1]), "friedman_mse")


def depth(tree):
    return 1 + max(map(depth, tree[2:])) if isinstance(tree, tuple) else 0


def leaves(tree):
    return sum(map(leaves, tree[2:])) if isinstance(tree, tuple) else 1


@pytest.mark.parametrize("seed", range(10))
def test_claim_noisy_sine(reference, seed):
    rng, at = np.random.default_rng(seed), np.linspace(0, 1, 201)[:, None]
    settings = {"none": (), "leaf": (None, 10), "stump": (1,)}
    errors = {name: [] for name in settings}
    for _ in range(20):
        x = rng.random((100, 1))
        y = np.sin(2 * np.pi * x[:, 0]) + rng.normal(scale=0.5, size=100)
        for name, limits in settings.items():
            fit = reference.predict(reference.fit_tree(x, y, "squared_error", *limits), at)
            errors[name].append(np.mean((fit - np.sin(2 * np.pi * at[:, 0])) ** 2))
    assert 0.22 < np.mean(errors["none"]) < 0.28
    assert 0.05 < np.mean(errors["leaf"]) < 0.07
    assert 0.10 < np.mean(errors["stump"]) < 0.13


@pytest.mark.parametrize("seed", range(20))
def test_claim_unstable(reference, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(100, 5))
    y = (X.sum(axis=1) + rng.normal(size=100) > 0) * 1
    samples = [rng.integers(100, size=100) for _ in range(50)]
    roots = np.bincount([reference.fit_tree(X[rows], y[rows], "gini", 1)[0] for rows in samples])
    assert 2 <= np.count_nonzero(roots) <= 5
    assert roots.max() <= 45
    if seed < 10:
        new = rng.normal(size=(1000, 5))
        answers = [reference.predict(reference.fit_tree(X[rows], y[rows]), new) for rows in samples[:20]]
        apart = [np.mean(answers[i] != answers[j]) for i in range(20) for j in range(i)]
        assert 0.24 < np.mean(apart) < 0.36


def test_claim_greedy(reference):
    accuracies = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.uniform(-1, 1, size=(400, 2))
        y = (X[:, 0] * X[:, 1] > 0) * 1
        accuracies.append(np.mean(reference.predict(reference.fit_tree(X, y, "gini", 2), X) == y))
        full = reference.fit_tree(X, y)
        assert (reference.predict(full, X) == y).all()
        assert 4 <= leaves(full) <= 22
    assert 0.51 <= min(accuracies) < np.median(accuracies) < 0.65
    assert max(accuracies) == 1


@pytest.mark.parametrize("seed", range(10))
def test_claim_diagonal(reference, seed):
    X = np.random.default_rng(seed).uniform(-1, 1, size=(400, 2))
    total = X.sum(axis=1)
    assert 15 <= leaves(reference.fit_tree(X, (total > 0) * 1)) <= 26
    assert leaves(reference.fit_tree(np.column_stack([X, total]), (total > 0) * 1)) == 2


def test_claim_flat_outside(reference):
    x = np.linspace(0, 1, 50)[:, None]
    tree = reference.fit_tree(x, 2 * x[:, 0], "squared_error")
    np.testing.assert_allclose(reference.predict(tree, np.array([[2.0], [100.0]])), [2.0, 2.0])


@pytest.mark.parametrize("seed", range(10))
def test_claim_random_labels(reference, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(1000, 5)), rng.integers(0, 2, size=1000)
    tree = reference.fit_tree(X, y)
    assert 20 <= depth(tree) <= 45
    assert 240 < leaves(tree) < 300
    assert (reference.predict(tree, X) == y).all()
    assert 0.45 < np.mean(reference.predict(tree, rng.normal(size=(1000, 5))) == y) < 0.55


def peers(reference, rng):
    """Yield fit and prediction of a tree of depth 8."""
    X = rng.normal(size=(5000, 10))
    y = (X[:, :3].sum(axis=1) + rng.normal(size=5000) > 0) * 1
    for criterion, model in MODELS.items():
        fitted = model(max_depth=8).fit(X, y)
        tree = reference.fit_tree(X, y * 1.0, criterion, 8)
        yield Peer(
            f"fit, {criterion}, 5,000 x 10, depth 8",
            f"{model.__name__}.fit",
            lambda criterion=criterion: reference.fit_tree(X, y * 1.0, criterion, 8),
            lambda model=model: model(max_depth=8).fit(X, y),
        )
        yield Peer(
            f"predict, {criterion}, 5,000 x 10, depth 8",
            f"{model.__name__}.predict",
            lambda tree=tree: reference.predict(tree, X),
            lambda fitted=fitted: fitted.predict(X),
        )
