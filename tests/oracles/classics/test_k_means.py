"""The reference beside scikit-learn's KMeans, and k-means++ beside the probabilities of its definition."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.cluster import KMeans

from tests.bench.peers import Peer


def test_lloyd(reference, rng):
    """From the same start both end in the same local minimum."""
    for _ in range(50):
        k = int(rng.integers(1, 6))
        X = rng.normal(size=(60, 3))
        start = X[rng.choice(60, size=k, replace=False)]
        model = KMeans(k, init=start, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(X)
        found = reference.lloyd(X, start, 300)
        np.testing.assert_allclose(found.centers, model.cluster_centers_, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(found.labels, model.labels_)
        assert found.inertia == pytest.approx(model.inertia_, rel=1e-9)


def test_inertia_falls(reference, rng):
    for _ in range(20):
        X, start = rng.normal(size=(50, 2)), rng.normal(size=(5, 2))
        inertia = [reference.lloyd(X, start, n_iter).inertia for n_iter in range(12)]
        assert all(after <= before * (1 + 1e-12) for before, after in pairwise(inertia))


@pytest.mark.parametrize(
    "name", ["kmeans_plus_plus", "kmeans_plus_plus_via_cumulative_sums", "kmeans_plus_plus_via_exponential_race"]
)
def test_probabilities(reference, rng, name):
    """Pairs of centres come up as often as the definition says."""
    X = np.array([[0.0], [1.0], [3.0], [3.0]])
    squares = (X - X.T) ** 2
    expected = {}
    for i, first in enumerate(X[:, 0]):
        for j, second in enumerate(X[:, 0]):
            share = squares[i, j] / squares[i].sum() / 4
            expected[first, second] = expected.get((first, second), 0) + share
    n = 6_000
    draws = [tuple(getattr(reference, name)(X, 2, rng)[:, 0].tolist()) for _ in range(n)]
    for pair, share in expected.items():
        # Six standard deviations.
        assert draws.count(pair) / n == pytest.approx(share, abs=6 * np.sqrt(share * (1 - share) / n) + 1e-12)


def grid(rng):
    """Draw nine round clusters on a grid; return them with their true centres."""
    centers = np.array([[10.0 * i, 10.0 * j] for i in range(3) for j in range(3)])
    return np.concatenate([center + rng.normal(size=(40, 2)) for center in centers]), centers


def test_claim_starts(reference):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X, centers = grid(rng)
        bound = 1.5 * reference.lloyd(X, centers, 30).inertia
        uniform = [reference.lloyd(X, X[rng.choice(360, size=9, replace=False)], 15).inertia > bound for _ in range(20)]
        careful = [reference.lloyd(X, reference.kmeans_plus_plus(X, 9, rng), 15).inertia > bound for _ in range(20)]
        assert np.mean(uniform) >= 0.6
        assert np.mean(careful) <= 0.7
        assert np.mean(careful) < np.mean(uniform)


def test_claim_local_minimum(reference):
    X = np.array([[0.0, 0.0], [0.0, 1.0], [10.0, 0.0], [10.0, 1.0]])
    found = reference.lloyd(X, np.array([[5.0, 0.0], [5.0, 1.0]]), 10)
    assert found.inertia == 100
    assert found.centers.tolist() == [[5.0, 0.0], [5.0, 1.0]]
    assert reference.lloyd(X, np.array([[0.0, 0.5], [10.0, 0.5]]), 10).inertia == 1


def peers(reference, rng):
    """Yield ten rounds on a few thousand samples."""
    X = rng.normal(size=(4_000, 8))
    start = X[:8].copy()
    model = KMeans(8, init=start, n_init=1, max_iter=10, tol=0, algorithm="lloyd")
    yield Peer(
        "4,000 samples of 8, 8 centres, 10 rounds",
        "KMeans",
        lambda: reference.lloyd(X, start, 10),
        lambda: model.fit(X),
    )
