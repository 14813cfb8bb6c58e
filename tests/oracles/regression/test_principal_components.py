"""The reference beside scikit-learn's PCA, whose components have the same sign rule."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tests.bench.peers import Peer


def assert_agree(reference, X, k):
    ours, theirs = reference.fit_pca(X, k), PCA(k, svd_solver="full").fit(X)
    np.testing.assert_allclose(ours.explained_variance, theirs.explained_variance_, rtol=1e-9)
    np.testing.assert_allclose(ours.explained_variance_ratio, theirs.explained_variance_ratio_, rtol=1e-9)
    np.testing.assert_allclose(ours.mean, theirs.mean_, rtol=1e-9, atol=1e-14)
    # A random draw may have variances that nearly tie, whose components are that much less determined.
    np.testing.assert_allclose(ours.components, theirs.components_, rtol=1e-9, atol=1e-9)
    scores = reference.project(X[:3] + 1, ours.components, ours.mean)
    np.testing.assert_allclose(scores, theirs.transform(X[:3] + 1), rtol=1e-9, atol=1e-8)


def test_random(reference, rng):
    for _ in range(200):
        n, d = rng.integers(2, 12, size=2)
        X = rng.normal(size=(n, d)) * 2.0 ** -np.arange(d) + rng.normal(scale=3.0, size=d)
        assert_agree(reference, X, int(rng.integers(1, min(n - 1, d) + 1)))


def test_edges(reference, rng):
    """One feature, two samples, more features than samples, and the largest k."""
    for n, d in ((5, 1), (2, 1), (2, 6), (6, 6), (7, 6), (3, 20)):
        assert_agree(reference, 5.0 + rng.normal(size=(n, d)), min(n - 1, d))


def test_no_variance(reference, rng):
    base = rng.normal(size=(9, 2))
    X = np.column_stack([base, base.sum(axis=1), np.full(9, 0.1)])
    ours, theirs = reference.fit_pca(X, 4), PCA(4, svd_solver="full").fit(X)
    np.testing.assert_allclose(ours.explained_variance, theirs.explained_variance_, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(ours.components[:2], theirs.components_[:2], rtol=1e-9, atol=1e-12)


def test_k_out_of_range(reference):
    """Here scikit-learn allows one more if there are more features than samples, in an arbitrary direction."""
    for n, d, k in ((4, 2, 3), (3, 5, 3), (4, 2, 0), (1, 2, 1)):
        with pytest.raises(ValueError, match="k goes"):
            reference.fit_pca(np.ones((n, d)), k)


def test_claims_of_units(reference):
    """The numbers of the first follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        height = rng.normal(1.7, 0.1, size=100)
        X = np.column_stack([height, 70 + 50 * (height - 1.7) + 8 * rng.normal(size=100)])
        assert reference.fit_pca(X, 1).components[0, 1] > 0.9999
        assert reference.fit_pca(X * [1000, 1], 1).components[0, 0] > 0.99
        scaled = reference.fit_pca((X - X.mean(axis=0)) / X.std(axis=0), 1)
        assert abs(scaled.components[0]) == pytest.approx(0.5**0.5)
        assert 0.655 < scaled.explained_variance_ratio[0] < 0.835


def test_claims_of_regression(reference):
    """The numbers of the second follow-up."""

    def r_squared(scores, y):
        design = np.column_stack([np.ones(len(y)), scores])
        residual = y - design @ np.linalg.lstsq(design, y)[0]
        return 1 - residual @ residual / ((y - y.mean()) ** 2).sum()

    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(200, 1)) + 0.1 * rng.normal(size=(200, 2))
        y = X[:, 0] - X[:, 1] + 0.05 * rng.normal(size=200)
        pca = reference.fit_pca(X, 2)
        scores = reference.project(X, pca.components, pca.mean)
        assert pca.explained_variance_ratio[0] > 0.99
        assert r_squared(scores[:, :1], y) < 0.04
        assert 0.86 < r_squared(scores, y) < 0.93


def test_claims_of_noise(reference):
    """The numbers of the third follow-up."""
    for n, low, high in ((20, 0.195, 0.29), (1000, 0.11, 0.13)):
        for seed in range(20):
            ratio = reference.fit_pca(np.random.default_rng(seed).normal(size=(n, 10)), 3).explained_variance_ratio
            assert low < ratio[0] < high
            assert n > 20 or 0.45 < ratio.sum() < 0.7


def test_claims_of_the_covariance_matrix(reference):
    """The numbers of the fourth follow-up."""
    for seed in range(20):
        a, b = np.random.default_rng(seed).normal(size=(2, 50))
        a, b = a - a.mean(), b - b.mean()
        for size in (1e-4, 1e-9):
            X = np.column_stack([a, a + size * b])
            # What is left of b beside a, spread over two features.
            true = size**2 * (b @ b - (a @ b) ** 2 / (a @ a)) / 2 / 49
            by_svd = reference.fit_pca(X, 2).explained_variance[1]
            by_covariance = reference.fit_pca_via_covariance(X, 2).explained_variance[1]
            if size == 1e-9:
                assert by_svd == pytest.approx(true, rel=1e-6)
                assert abs(by_covariance / true - 1) > 0.9
            else:
                assert by_svd == pytest.approx(by_covariance, rel=1e-3)


def peers(reference, rng):
    """Yield the fit of a tall and of a wide matrix."""
    for n, d in ((5_000, 50), (200, 1_000)):
        X = rng.normal(size=(n, d))
        yield Peer(
            f"{n:,} samples of {d:,} features, 10 components",
            "PCA(svd_solver='full')",
            lambda X=X: reference.fit_pca(X, 10),
            lambda X=X: PCA(10, svd_solver="full").fit(X),
        )
