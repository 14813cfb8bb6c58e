"""The reference beside scikit-learn's cross-validation and AUC, known densities, and the claims of the follow-ups."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from tests.bench.peers import Peer
from tests.oracles.claims import within


def fitted(model):
    """Return a `fit` that trains the model."""

    def fit(X, y):
        trained = model().fit(X, y)
        return lambda X: trained.predict_proba(X)[:, 1]

    return fit


def neighbours():
    """Return a model whose scores are often tied."""
    return KNeighborsClassifier(n_neighbors=3)


def dealt(rng, n, k):
    """Return folds from 0 to k - 1 of n rows, all of them in use."""
    return rng.permutation(np.append(np.arange(k), rng.integers(k, size=n - k)))


@pytest.mark.parametrize("model", [neighbours, LogisticRegression])
def test_random(reference, rng, model):
    for _ in range(10):
        n, m, k = rng.integers(12, 30), rng.integers(12, 30), rng.integers(2, 5)
        old, new = rng.normal(size=(n, 2)), rng.normal([0.5, 0], size=(m, 2))
        folds = np.append(dealt(rng, n, k), dealt(rng, m, k))
        X, y, split = np.vstack([old, new]), np.repeat([0, 1], [n, m]), PredefinedSplit(folds)
        scores = cross_val_predict(model(), X, y, cv=split, method="predict_proba")[:, 1]
        np.testing.assert_allclose(reference.domain_scores(fitted(model), old, new, 7 * folds - 3), scores, rtol=1e-9)
        areas = cross_val_score(model(), X, y, cv=split, scoring="roc_auc")
        np.testing.assert_allclose(reference.domain_auc(fitted(model), old, new, folds), areas.mean(), rtol=1e-9)
        assert areas.mean() == pytest.approx(
            np.mean([roc_auc_score(y[folds == fold], scores[folds == fold]) for fold in range(k)])
        )


def test_known_density_ratio(reference):
    """With the true P(current | x), weights are proportional to the ratio of the densities, whatever the share."""
    x = np.linspace(-2, 3, 41)
    old, new = np.exp(-(x**2) / 2), np.exp(-((x - 1) ** 2) / 2)
    for share in (0.01, 0.3, 0.5, 0.99):
        probs = share * new / (share * new + (1 - share) * old)
        weights = reference.importance_weights(probs, share, clip=1e6)
        np.testing.assert_allclose(weights, (new / old) / (new / old).mean(), rtol=1e-9)
        clipped = np.minimum(new / old, 2)
        np.testing.assert_allclose(reference.importance_weights(probs, share, 2.0), clipped / clipped.mean(), rtol=1e-9)


def test_edges(reference):
    rows = np.arange(6.0)[:, None]
    for folds in [np.zeros(6), [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 1], [0, 1, 0, 1, 0]]:
        for function in (reference.domain_scores, reference.domain_auc):
            with pytest.raises(ValueError):
                function(lambda X, y: lambda X: X[:, 0], rows[:3], rows[3:], np.array(folds))  # noqa: ARG005
    weigh = reference.importance_weights
    np.testing.assert_array_equal(weigh(np.array([0.0, 1.0, 1.0, 0.0]), 0.5), [0.0, 2.0, 2.0, 0.0])
    np.testing.assert_array_equal(weigh(np.array([1]), 0.25), [1.0])
    for probs, share, clip in [
        ([0.5, 1.5], 0.5, 1.0),
        ([0.5, -0.5], 0.5, 1.0),
        ([0.5, np.nan], 0.5, 1.0),
        ([0.5], 0.0, 1.0),
        ([0.5], 1.0, 1.0),
        ([0.5], 0.5, 0.0),
        ([0.0], 0.5, 1.0),
    ]:
        with pytest.raises(ValueError):
            weigh(np.array(probs), share, clip)


def five_folds(rng, n):
    return np.append(rng.permutation(n) % 5, rng.permutation(n) % 5)


def test_claims_of_noise(reference):
    def areas(rng):
        old, new = rng.normal(size=(2, 100, 5))
        seen = LogisticRegression().fit(np.vstack([old, new]), np.repeat([0, 1], 100))
        own = roc_auc_score(np.repeat([0, 1], 100), seen.decision_function(np.vstack([old, new])))
        return reference.domain_auc(fitted(LogisticRegression), old, new, five_folds(rng, 100)), own

    within([0.35, 0.51], [0.65, 0.7], areas)
    assert np.mean([areas(np.random.default_rng(seed))[1] for seed in range(20)]) > 0.55


def test_claims_of_dependence(reference):
    def areas(rng):
        old = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], size=500)
        new = rng.multivariate_normal([0, 0], [[1, -0.8], [-0.8, 1]], size=500)
        folds, fit = five_folds(rng, 500), fitted(LogisticRegression)
        both = [np.column_stack([rows, rows.prod(axis=1)]) for rows in (old, new)]
        return reference.domain_auc(fit, old, new, folds), reference.domain_auc(fit, *both, folds)

    within([0.4, 0.8], [0.6, 1], areas, seeds=10)


def true_probability(x, distance):
    return 1 / (1 + np.exp(distance**2 / 2 - distance * x))


def test_claims_of_sample_size(reference):
    def left(rng):
        shares = []
        for distance in (1.0, 2.0):
            weights = reference.importance_weights(true_probability(rng.normal(size=10_000), distance), 0.5, np.inf)
            shares.append(weights.sum() ** 2 / (weights**2).sum() / len(weights))
        return shares

    within([0.3, 0], [0.42, 0.1], left)


def test_claims_of_calibration(reference):
    def means(rng):
        x = rng.normal(size=5_000)
        found = []
        for power in (1.0, 0.5):
            probs = true_probability(x, 1.0)
            odds = (probs / (1 - probs)) ** power
            found.append((reference.importance_weights(odds / (1 + odds), 0.5, np.inf) * x).mean())
        return found

    within([0.85, 0.4], [1.15, 0.6], means)


def peers(reference, rng):
    """Yield the AUC of a logistic regression, which takes most of the time."""
    old, new = rng.normal(size=(2, 2_000, 5))
    folds, y = five_folds(rng, 2_000), np.repeat([0, 1], 2_000)
    X, split = np.vstack([old, new]), PredefinedSplit(folds)
    yield Peer(
        "2,000 rows on either side, 5 folds",
        "cross_val_score",
        lambda: reference.domain_auc(fitted(LogisticRegression), old, new, folds),
        lambda: cross_val_score(LogisticRegression(), X, y, cv=split, scoring="roc_auc"),
    )
