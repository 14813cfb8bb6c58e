"""The formula beside simulation and NumPy's covariances, and trees of scikit-learn on many training sets."""

import math

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor
from xgboost import XGBRegressor

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def equicorrelated(variance, correlation, n):
    return variance * (correlation + (1 - correlation) * np.eye(n))


def by_numpy(predictions):
    covariances = np.cov(predictions, rowvar=False)
    off = covariances[~np.eye(len(covariances), dtype=bool)]
    return off.mean() / np.diag(covariances).mean()


def test_formula(reference, rng):
    for _ in range(200):
        n = int(rng.integers(2, 30))
        variance, correlation = rng.exponential(), rng.uniform(-1 / (n - 1), 1)
        expected = equicorrelated(variance, correlation, n).mean()
        np.testing.assert_allclose(reference.ensemble_variance(variance, correlation, n), expected, **CLOSE)


def test_simulation(reference, rng):
    """The variance of 40,000 means is known to 1 in 140: eight standard errors."""
    for n, correlation in [(2, -0.9), (3, -0.4), (4, 0.0), (5, 0.3), (20, 0.8), (6, 1.0)]:
        draws = rng.multivariate_normal(np.arange(n), equicorrelated(3.0, correlation, n), 40_000, method="eigh")
        expected = reference.ensemble_variance(3.0, correlation, n)
        assert draws.mean(axis=1).var() == pytest.approx(expected, rel=8 / 140)
        assert reference.estimate_correlation(draws) == pytest.approx(correlation, abs=0.06)


def test_which_correlations_exist(reference):
    """A correlation is possible if the covariance matrix has no negative eigenvalue."""
    for n in range(1, 12):
        for correlation in np.arange(-120, 121) / 100 + 0.0037:
            if n > 1:
                exists = np.linalg.eigvalsh(equicorrelated(1.0, correlation, n)).min() >= 0
            else:
                exists = abs(correlation) <= 1
            if exists:
                reference.ensemble_variance(1.0, correlation, n)
            else:
                with pytest.raises(ValueError, match="correlation"):
                    reference.ensemble_variance(1.0, correlation, n)


def test_ends(reference):
    for correlation in (0.0, 0.3, 1.0):
        assert reference.ensemble_variance(2.0, correlation, math.inf) == pytest.approx(2 * correlation, rel=1e-12)
        large = reference.ensemble_variance(2.0, correlation, 10**12)
        assert reference.ensemble_variance(2.0, correlation, math.inf) == pytest.approx(large, abs=1e-11)
    assert reference.ensemble_variance(2.0, -0.25, 5) == pytest.approx(0, abs=1e-15)
    for arguments in [(1.0, -1e-9, math.inf), (-1.0, 0.5, 3), (1.0, 0.5, 0)]:
        with pytest.raises(ValueError, match=r"(at least|correlation)"):
            reference.ensemble_variance(*arguments)


def test_estimate(reference, rng):
    for _ in range(200):
        n_training_sets, n_models = rng.integers(2, 20, size=2)
        predictions = rng.normal(size=(n_training_sets, n_models)) * rng.exponential(size=n_models)
        predictions += rng.normal(size=(n_training_sets, 1))
        predictions[:, 0] = np.where(rng.random() < 0.3, 0.7, predictions[:, 0])
        estimate = reference.estimate_correlation(predictions)
        np.testing.assert_allclose(estimate, by_numpy(predictions), **CLOSE)
        variance = predictions.var(axis=0, ddof=1).mean()
        fitted = reference.ensemble_variance(variance, max(estimate, -1 / (n_models - 1)), n_models)
        np.testing.assert_allclose(fitted, predictions.mean(axis=1).var(ddof=1), **CLOSE)


def test_nothing_to_estimate(reference):
    for predictions in (np.ones((4, 3)), np.full((3, 2), 0.1), np.arange(4.0)[:, None], np.arange(4.0)[None]):
        with pytest.raises(ValueError, match="no correlation"):
            reference.estimate_correlation(predictions)


def friedman(X):
    return 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]


def grown(rng, max_features):
    """Return the predictions of 20 bagged trees for 20 inputs, on each of 100 training sets of 100 rows."""
    places = np.random.default_rng(99).random((20, 5))
    predictions = np.empty((100, 20, 20))
    for training_set in range(100):
        X = rng.random((100, 5))
        y = friedman(X) + rng.normal(size=100)
        for tree in range(20):
            drawn = rng.integers(100, size=100)
            model = DecisionTreeRegressor(max_features=max_features, random_state=int(rng.integers(2**31)))
            predictions[training_set, tree] = model.fit(X[drawn], y[drawn]).predict(places)
    return predictions, friedman(places)


@pytest.mark.parametrize("seed", range(3))
def test_claim_trees(reference, seed):
    """The numbers of bagged trees, and of trees that see one feature a split."""
    rng = np.random.default_rng(seed)
    bounds = {
        5: ((0.12, 0.16), (10, 12), (1.8, 2.2), (3.2, 3.8)),
        1: ((0.05, 0.065), (14.5, 16.5), (1.4, 1.7), (4.8, 5.6)),
    }
    for max_features, (correlations, variances, means, biases) in bounds.items():
        predictions, truth = grown(rng, max_features)
        each = [reference.estimate_correlation(predictions[:, :, place]) for place in range(20)]
        assert correlations[0] <= np.mean(each) <= correlations[1]
        assert variances[0] <= predictions.var(axis=0).mean() <= variances[1]
        assert means[0] <= predictions.mean(axis=1).var(axis=0).mean() <= means[1]
        assert biases[0] <= ((predictions.mean(axis=(0, 1)) - truth) ** 2).mean() <= biases[1]
        # Across inputs the trees agree about where the function is high: that is another correlation.
        across = [reference.estimate_correlation(one.T) for one in predictions[:10]]
        assert (0.5 if max_features == 5 else 0.25) < np.mean(across) < (0.65 if max_features == 5 else 0.4)


@pytest.mark.parametrize("seed", range(4))
def test_claim_forest_and_boosting(reference, seed):  # noqa: ARG001 - a claim about the libraries
    rng = np.random.default_rng(seed)
    bounds = {1: ((3.5, 4.5), (1.3, 1.8)), 10: ((7, 13), (22, 35))}
    for noise, (forest, boosting) in bounds.items():
        X, unseen = rng.random((500, 10)), rng.random((2000, 10))
        y = friedman(X) + noise * rng.normal(size=500)
        models = [
            RandomForestRegressor(200, max_features=1 / 3, random_state=seed),
            XGBRegressor(n_estimators=300, learning_rate=0.1, max_depth=3, n_jobs=1),
        ]
        for model, (low, high) in zip(models, (forest, boosting), strict=True):
            assert low <= ((model.fit(X, y).predict(unseen) - friedman(unseen)) ** 2).mean() <= high


def test_claim_how_many(reference):
    """The numbers of trees that come within a tenth of the limit."""
    for correlation, n in [(0.5, 10), (0.14, 62), (0.05, 190)]:
        limit = reference.ensemble_variance(1.0, correlation, math.inf)
        assert reference.ensemble_variance(1.0, correlation, n) <= 1.1 * limit + 1e-12
        assert reference.ensemble_variance(1.0, correlation, n - 1) > 1.1 * limit


def test_claim_antithetic(reference):
    assert reference.ensemble_variance(1.0, -0.5, 2) == pytest.approx(0.25)
    u = np.random.default_rng(0).random(100_000)
    pairs = np.exp(np.column_stack([u, 1 - u]))
    assert reference.estimate_correlation(pairs) == pytest.approx(-0.968, abs=0.003)
    alone = reference.ensemble_variance(pairs.var(), 0.0, 2)
    assert alone / pairs.mean(axis=1).var() == pytest.approx(31, abs=2)


def test_claim_unequal_variances(reference):
    """One noisy model of variance 100 among nine of variance 1, all independent."""
    variances = np.array([100.0] + 9 * [1.0])
    assert variances.mean() / 10 == pytest.approx(1.09)
    assert reference.ensemble_variance(1.0, 0.0, 9) == pytest.approx(0.111, abs=0.001)
    assert 1 / (1 / variances).sum() == pytest.approx(0.111, abs=0.001)


def peers(reference, rng):
    """Yield the correlation of a forest's trees on many training sets."""
    predictions = rng.normal(size=(500, 300)) + rng.normal(size=(500, 1))
    yield Peer(
        "300 models on 500 training sets",
        "the two parts of numpy.cov",
        lambda: reference.estimate_correlation(predictions),
        lambda: by_numpy(predictions),
    )
