"""The reference beside scikit-learn: feature_importances_, and permutation_importance with the same shuffles."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, r2_score
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-13}


def arrays_of(reference, model):
    tree = model.tree_
    return reference.Tree(
        tree.children_left, tree.children_right, tree.feature, tree.impurity, tree.weighted_n_node_samples
    )


class Replay:
    """Shuffles as scikit-learn does: from the same seed for each feature, and each time what was shuffled before."""

    def __init__(self, seed, n_repeats):
        self.seed, self.n_repeats, self.calls = np.random.RandomState(seed).randint(2**31), n_repeats, 0

    def permutation(self, column):
        """Return the column as scikit-learn has it at this call."""
        if self.calls % self.n_repeats == 0:
            self.state, self.order = np.random.RandomState(self.seed), np.arange(len(column))
            self.column = column
        self.calls += 1
        self.state.shuffle(self.order)
        self.column = self.column[self.order]
        return self.column


@pytest.mark.parametrize("criterion", ["gini", "entropy", "squared_error"])
def test_impurity(reference, rng, criterion):
    for _ in range(50):
        n, n_features = int(rng.integers(2, 80)), int(rng.integers(1, 7))
        X = rng.normal(size=(n, n_features)).round(1)
        if criterion == "squared_error":
            model, y = DecisionTreeRegressor(max_depth=int(rng.integers(1, 6))), X[:, 0] ** 2 + rng.normal(size=n)
        else:
            model = DecisionTreeClassifier(criterion=criterion, max_depth=int(rng.integers(1, 9)))
            y = rng.integers(0, 3, size=n)
        model.fit(X, y, sample_weight=rng.integers(1, 4, size=n))
        ours = reference.impurity_importance(arrays_of(reference, model), n_features)
        np.testing.assert_allclose(ours, model.feature_importances_, **CLOSE)


def test_forest(reference, rng):
    """A forest's importance is the mean of its trees'."""
    X, y = rng.normal(size=(60, 4)), rng.integers(0, 2, size=60)
    forest = RandomForestClassifier(20, random_state=0).fit(X, y)
    each = [reference.impurity_importance(arrays_of(reference, tree), 4) for tree in forest.estimators_]
    np.testing.assert_allclose(np.mean(each, axis=0), forest.feature_importances_, **CLOSE)


def test_leaf_alone(reference):
    model = DecisionTreeClassifier().fit(np.ones((4, 3)), [0, 1, 0, 1])
    np.testing.assert_array_equal(reference.impurity_importance(arrays_of(reference, model), 3), np.zeros(3))
    np.testing.assert_array_equal(model.feature_importances_, np.zeros(3))


@pytest.mark.parametrize("model", [LinearRegression(), KNeighborsRegressor(2), DecisionTreeRegressor(max_depth=3)])
def test_permutation(reference, rng, model):
    """The same shuffles give the same importances, of a model on new rows; one feature is constant."""
    for seed in range(20):
        X = rng.normal(size=(int(rng.integers(4, 30)), 4))
        X[:, 2] = 1.5
        y = X[:, 0] - 2 * X[:, 1] + rng.normal(size=len(X))
        model.fit(X + 0.3 * rng.normal(size=X.shape), y)
        theirs = permutation_importance(model, X, y, scoring="r2", n_repeats=6, random_state=seed)
        ours = reference.permutation_importance(model.predict, X, y, r2_score, 6, Replay(seed, 6))
        np.testing.assert_allclose(ours.importances, theirs.importances, **CLOSE)
        np.testing.assert_allclose(ours.importances_mean, theirs.importances_mean, **CLOSE)
        np.testing.assert_allclose(ours.importances_std, theirs.importances_std, **CLOSE)
        np.testing.assert_allclose(ours.importances[2], 0, atol=1e-12)


def test_orders(reference, rng):
    """With three rows all six orders occur equally often."""
    X = np.array([[0.0], [1.0], [3.0]])
    seen = []
    reference.permutation_importance(
        lambda X: seen.append(tuple(X[:, 0])) or X[:, 0], X, X[:, 0], lambda *_: 0.0, 6000, rng
    )
    counts = np.unique(seen[1:], axis=0, return_counts=True)[1]
    assert len(counts) == 6
    assert abs(counts - 1000).max() < 8 * 30


def test_errors(reference, rng):
    X, y = np.ones((3, 1)), np.ones(3)
    for targets, n_repeats in [(y[:2], 2), (y, 0)]:
        with pytest.raises(ValueError, match="repeats"):
            reference.permutation_importance(lambda X: X[:, 0], X, targets, r2_score, n_repeats, rng)


@pytest.mark.parametrize("seed", range(5))
def test_claim_noise_beats_a_bit(reference, seed):
    """A bit that gives the label the probability 0.7 or 0.3, and a float that knows nothing."""
    rng = np.random.default_rng(seed)
    bit = rng.integers(0, 2, size=2000)
    y = (rng.random(2000) < np.where(bit == 1, 0.7, 0.3)).astype(int)
    X = np.column_stack([bit, rng.random(2000)])
    forest = RandomForestClassifier(100, random_state=seed).fit(X[:1000], y[:1000])
    trees = [reference.impurity_importance(arrays_of(reference, tree), 2) for tree in forest.estimators_]
    assert 0.78 < np.mean(trees, axis=0)[1] < 0.9
    seen = reference.permutation_importance(forest.predict, X[:1000], y[:1000], accuracy_score, 5, rng)
    assert 0.25 < seen.importances_mean[0] < 0.32
    assert 0.38 < seen.importances_mean[1] < 0.46
    new = reference.permutation_importance(forest.predict, X[1000:], y[1000:], accuracy_score, 5, rng)
    assert 0.05 < new.importances_mean[0] < 0.12
    assert abs(new.importances_mean[1]) < 0.04
    assert abs(seen.importances_mean[1] - new.importances_mean[1]) > 0.35


@pytest.mark.parametrize("seed", range(5))
def test_claim_copies(reference, seed):
    """The label is the sign of a sum of two features and noise; one of the two is there five times, nearly."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(2000, 2))
    y = (a.sum(axis=1) + 0.5 * rng.normal(size=2000) > 0).astype(int)
    for copies, single, impurity in ((1, (0.15, 0.27), (0.4, 0.6)), (5, (-0.03, 0.05), (0.05, 0.2))):
        X = np.column_stack([a[:, 1], a[:, [0] * copies] + 0.05 * rng.normal(size=(2000, copies))])
        forest = RandomForestClassifier(100, min_samples_leaf=5, random_state=seed).fit(X[:1000], y[:1000])
        new = reference.permutation_importance(forest.predict, X[1000:], y[1000:], accuracy_score, 5, rng)
        assert 0.17 < new.importances_mean[0] < 0.27
        assert single[0] < new.importances_mean[1:].min() <= new.importances_mean[1:].max() < single[1]
        trees = [reference.impurity_importance(arrays_of(reference, tree), 1 + copies) for tree in forest.estimators_]
        shares = np.mean(trees, axis=0)
        assert impurity[0] < shares[1:].min() <= shares[1:].max() < impurity[1]
        # All copies shuffled together.
        together = X[1000:].copy()
        together[:, 1:] = rng.permutation(together[:, 1:])
        lost = forest.score(X[1000:], y[1000:]) - forest.score(together, y[1000:])
        assert 0.15 < lost < 0.27


@pytest.mark.parametrize("seed", range(10))
def test_claim_repeats(reference, seed):
    """40 test sets of 100 rows: repeats tell nothing of how the importance varies with the rows."""
    rng, means, deviations = np.random.default_rng(seed), [], []
    for _ in range(40):
        X = rng.normal(size=(100, 2))
        y = X[:, 0] + 0.2 * X[:, 1] + rng.normal(size=100)
        result = reference.permutation_importance(lambda X: X[:, 0] + 0.2 * X[:, 1], X, y, r2_score, 30, rng)
        means.append(result.importances_mean)
        deviations.append(result.importances_std)
    mean, error = np.mean(means, axis=0), np.mean(deviations, axis=0) / 30**0.5
    assert 0.93 < mean[0] < 1.04
    assert 0.02 < error[0] < 0.03
    assert 0.08 < np.std(means, axis=0)[0] < 0.13


@pytest.mark.parametrize("seed", range(10))
def test_claim_variance(reference, seed):
    """The expected loss of a linear model is 2 w^2 var(x)."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1000, 2)) * [1.0, 3.0]
    y = 2 * X[:, 0] + X[:, 1]
    result = reference.permutation_importance(
        lambda X: 2 * X[:, 0] + X[:, 1], X, y, lambda y, p: -np.mean((y - p) ** 2), 20, rng
    )
    np.testing.assert_allclose(result.importances_mean, [8, 18], rtol=0.15)


def peers(reference, rng):
    """Yield both importances of a tree on 20,000 rows."""
    X = rng.normal(size=(20_000, 10))
    y = X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=20_000)
    model = DecisionTreeRegressor(max_depth=12).fit(X, y)
    tree = arrays_of(reference, model)
    yield Peer(
        f"a tree of {model.tree_.node_count:,} nodes",
        "feature_importances_",
        lambda: reference.impurity_importance(tree, 10),
        lambda: model.feature_importances_,
    )
    yield Peer(
        "20,000 x 10, 5 repeats",
        "permutation_importance",
        lambda: reference.permutation_importance(model.predict, X, y, r2_score, 5, np.random.default_rng(0)),
        lambda: permutation_importance(model, X, y, scoring="r2", n_repeats=5, random_state=0),
    )
