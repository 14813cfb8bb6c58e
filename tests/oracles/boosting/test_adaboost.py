"""`adaboost` beside scikit-learn, with stumps of lowest error in place of its own, which have the lowest impurity."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import AdaBoostClassifier

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


class Stump(ClassifierMixin, BaseEstimator):
    """A stump of lowest error, found one by one."""

    def fit(self, X, y, sample_weight):
        """Take the first stump of lowest error."""
        self.classes_ = np.unique(y)
        least = np.inf
        for feature, column in enumerate(X.T):
            values = np.unique(column)
            for threshold in [-np.inf, *(values[:-1] + values[1:]) / 2]:
                for polarity in (1, -1):
                    error = sample_weight[np.where(column > threshold, polarity, -polarity) != y].sum()
                    if error < least - 1e-9:
                        least, self.stump_ = error, (feature, threshold, polarity)
        return self

    def predict(self, X):
        """Ask it."""
        feature, threshold, polarity = self.stump_
        return np.where(X[:, feature] > threshold, polarity, -polarity)


def assert_agrees(reference, X, y, n_rounds, X_new):
    ensemble = reference.fit_adaboost(X, y, n_rounds)
    theirs = AdaBoostClassifier(Stump(), n_estimators=n_rounds).fit(X, y)
    stumps = list(zip(ensemble.features, ensemble.thresholds, ensemble.polarities, strict=True))
    assert stumps == [tuple(stump.stump_) for stump in theirs.estimators_]
    # Theirs lack the factor 1/2, except where there is no error.
    halves = np.where(theirs.estimator_errors_[: len(stumps)] == 0, 1, 1 / 2)
    np.testing.assert_allclose(ensemble.alphas, theirs.estimator_weights_[: len(stumps)] * halves, **CLOSE)
    clear = np.abs(theirs.decision_function(X_new)) > 1e-9
    np.testing.assert_array_equal(reference.predict(ensemble, X_new)[clear], theirs.predict(X_new)[clear])


def test_distinct_values(reference, rng):
    for _ in range(30):
        n = int(rng.integers(10, 40))
        X, y = rng.normal(size=(n, 3)), np.append([-1, 1, 1], rng.choice([-1, 1], size=n - 3))
        assert_agrees(reference, X, y, 8, rng.normal(size=(50, 3)))


def test_repeated_values(reference, rng):
    for _ in range(30):
        n = int(rng.integers(15, 40))
        X = rng.integers(0, 5, size=(n, 4)).astype(float)
        y = np.where((X[:, 1] > 1.5) ^ (rng.random(n) < 0.2), 1, -1)
        y[:3] = -1, 1, 1
        assert_agrees(reference, X, y, 5, rng.integers(-1, 6, size=(50, 4)).astype(float))


@pytest.mark.parametrize("sign", [1, -1])
def test_stump_without_error(reference, sign):
    X, y = np.arange(7.0)[:, None], sign * np.array([-1, -1, 1, 1, 1, 1, 1])
    assert_agrees(reference, X, y, 5, X)


def test_no_better_than_chance(reference):
    """No ensemble is an error there; here it is one without stumps."""
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([1, -1, -1, 1])
    with pytest.raises(ValueError):
        AdaBoostClassifier(Stump(), n_estimators=3).fit(X, y)
    assert len(reference.fit_adaboost(X, y, 3).alphas) == 0


def test_half_the_weight_is_wrong(reference, rng):
    """After each round, its own stump has an error of 1/2 by the new weights: what alpha is chosen for."""
    X, y = rng.normal(size=(60, 3)), rng.choice([-1, 1], size=60)
    ensemble = reference.fit_adaboost(X, y, 10)
    for last in range(1, len(ensemble.alphas) + 1):
        first = reference.Ensemble(*[field[:last] for field in ensemble])
        answers = np.where(X[:, first.features] > first.thresholds, first.polarities, -first.polarities)
        weights = np.exp(-y * (answers @ first.alphas))
        np.testing.assert_allclose(weights[answers[:, -1] != y].sum() / weights.sum(), 1 / 2, **CLOSE)


def scores(ensemble, X, n_stumps=None):
    features, thresholds, polarities, alphas = (field[:n_stumps] for field in ensemble)
    return np.where(X[:, features] > thresholds, polarities, -polarities) @ alphas


def weights_after(ensemble, X, y, n_stumps):
    weights = np.exp(-y * scores(ensemble, X, n_stumps))
    return weights / weights.sum()


def test_claim_three_stumps_find_an_interval(reference):
    X, y = np.arange(90.0)[:, None], np.repeat([-1, 1, -1], 30)
    for n_rounds, wrong in [(1, 1 / 3), (3, 0)]:
        assert np.mean(reference.predict(reference.fit_adaboost(X, y, n_rounds), X) != y) == wrong


@pytest.mark.parametrize("seed", range(20))
def test_claim_few_positives(reference, seed):
    rng, y = np.random.default_rng(seed), np.where(np.arange(1000) < 50, 1, -1)
    X = rng.normal(size=(1000, 2)) + 0.5 * (y == 1)[:, None]
    ensemble = reference.fit_adaboost(X, y, 50)
    assert abs(weights_after(ensemble, X, y, 1)[y == 1].sum() - 0.5) < 0.03
    assert (reference.predict(ensemble, X) == 1).sum() <= 7


@pytest.mark.parametrize("flipped", [10, 25, 40, 60, 75, 90])
def test_claim_a_wrong_label(reference, flipped):
    X, y = np.arange(100.0)[:, None], np.where(np.arange(100) < 50, -1, 1)
    y[flipped] *= -1
    ensemble = reference.fit_adaboost(X, y, 50)
    assert abs(weights_after(ensemble, X, y, 1)[flipped] - 0.5) < 0.005
    assert abs(weights_after(ensemble, X, y, 50)[flipped] - 0.31) < 0.005
    assert reference.predict(ensemble, X)[flipped] == y[flipped]


def test_claim_the_bound(reference, rng):
    X = rng.normal(size=(60, 3))
    y = np.where(X[:, 0] + rng.normal(size=60) > 0, 1, -1)
    ensemble = reference.fit_adaboost(X, y, 10)
    errors = 1 / (1 + np.exp(2 * ensemble.alphas))
    bound = np.prod(2 * np.sqrt(errors * (1 - errors)))
    np.testing.assert_allclose(np.mean(np.exp(-y * scores(ensemble, X))), bound)
    assert bound >= np.mean(reference.predict(ensemble, X) != y)


def peers(reference, rng):
    """Yield AdaBoost on a table of a few thousand rows, beside scikit-learn's with its own stumps."""
    X = rng.normal(size=(5_000, 10))
    y = np.where(X[:, 0] + X[:, 1] ** 2 + rng.normal(size=5_000) > 1, 1, -1)
    model = AdaBoostClassifier(n_estimators=20)
    ours, theirs = (lambda: reference.fit_adaboost(X, y, 20)), (lambda: model.fit(X, y))
    yield Peer("20 rounds on 5,000 x 10", "AdaBoostClassifier.fit", ours, theirs)
