"""The reference beside scikit-learn's euclidean_distances and KNeighborsClassifier."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.neighbors import KNeighborsClassifier

from tests.bench.peers import Peer


def test_distances(reference, rng):
    for _ in range(50):
        n, m, n_features = rng.integers(1, 20, size=3)
        X, Y = rng.normal(size=(n, n_features)), rng.normal(size=(m, n_features))
        np.testing.assert_allclose(reference.pairwise_distances(X, Y), euclidean_distances(X, Y), rtol=1e-9, atol=1e-7)


def test_labels(reference, rng):
    for _ in range(50):
        n_train = int(rng.integers(1, 40))
        k = int(rng.integers(1, n_train + 1))
        X_train, y_train, X = rng.normal(size=(n_train, 3)), rng.integers(-2, 3, size=n_train), rng.normal(size=(10, 3))
        model = KNeighborsClassifier(k, algorithm="brute").fit(X_train, y_train)
        np.testing.assert_array_equal(reference.predict(X_train, y_train, X, k), model.predict(X))


def test_equal_votes(reference, rng):
    """Labels that are equally frequent: scikit-learn takes the smallest, too."""
    for _ in range(20):
        X_train, X = rng.normal(size=(30, 2)), rng.normal(size=(10, 2))
        y_train = rng.permutation(np.arange(30) // 3)
        model = KNeighborsClassifier(6, algorithm="brute").fit(X_train, y_train)
        np.testing.assert_array_equal(reference.predict(X_train, y_train, X, 6), model.predict(X))


@pytest.mark.parametrize("k", [0, 5])
def test_number_of_neighbors(reference, rng, k):
    X, y = rng.normal(size=(4, 2)), np.array([0, 1, 0, 1])
    with pytest.raises(ValueError):
        KNeighborsClassifier(k).fit(X, y).predict(X)
    with pytest.raises(ValueError, match="choose it from 1 to 4"):
        reference.predict(X, y, X, k)


def test_claim_expansion(reference):
    x, y = np.full((1, 10), 1e6), np.full((1, 10), 1e6 + 1e-3)
    exact = np.linalg.norm(x - y)
    assert round(exact, 5) == 0.00316
    assert abs(reference.pairwise_distances(x, y)[0, 0] / exact - 1) > 0.1


def classes(seed, n, n_features, gap):
    """Draw n samples of two classes that lie apart in the first feature."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, size=n)
    X = rng.normal(size=(n, n_features))
    X[:, 0] += gap * y
    return X, y


def test_claim_number_of_neighbors(reference):
    for seed in range(20):
        X, y = classes(seed, 600, 2, 1.5)
        train, new = (X[:300], y[:300]), X[300:]
        assert (reference.predict(*train, X[:300], 1) == y[:300]).all()
        assert 0.63 < (reference.predict(*train, new, 1) == y[300:]).mean() < 0.775
        assert 0.71 < (reference.predict(*train, new, 25) == y[300:]).mean() < 0.815


def test_claim_scaling(reference):
    for seed in range(20):
        X, y = classes(seed, 400, 3, 2.0)
        X[:, 2] *= 100
        scaled = (X - X[:200].mean(axis=0)) / X[:200].std(axis=0)
        right = [(reference.predict(Z[:200], y[:200], Z[200:], 5) == y[200:]).mean() for Z in (X, scaled)]
        assert 0.50 < right[0] < 0.655
        assert 0.75 < right[1] < 0.85


def test_claim_dimensions(reference):
    for n_features, low, high in [(2, 0.0, 0.06), (1_000, 0.87, 0.92)]:
        for seed in range(20):
            rng = np.random.default_rng(seed)
            X, query = rng.random((500, n_features)), rng.random((1, n_features))
            distances = reference.pairwise_distances(query, X)
            assert low < distances.min() / distances.max() < high
    assert round(0.01 ** (1 / 10), 2) == 0.63


def peers(reference, rng):
    """Yield the distances and the labels of a thousand samples."""
    X_train, y_train, X = rng.normal(size=(1_000, 16)), rng.integers(0, 3, size=1_000), rng.normal(size=(1_000, 16))
    yield Peer(
        "1,000 by 1,000 rows of 16",
        "euclidean_distances",
        lambda: reference.pairwise_distances(X, X_train),
        lambda: euclidean_distances(X, X_train),
    )
    model = KNeighborsClassifier(5, algorithm="brute").fit(X_train, y_train)
    yield Peer(
        "1,000 samples, 1,000 to train on, k = 5",
        "KNeighborsClassifier",
        lambda: reference.predict(X_train, y_train, X, 5),
        lambda: model.predict(X),
    )
