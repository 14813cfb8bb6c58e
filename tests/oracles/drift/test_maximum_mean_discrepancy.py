"""The estimates beside scikit-learn's kernel, the median beside SciPy's distances, and the p-value beside SciPy's."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import ks_2samp, permutation_test
from sklearn.metrics.pairwise import rbf_kernel

from tests.bench.peers import Peer
from tests.oracles.claims import within


def estimate(X, Y, gamma, unbiased):
    blocks = [rbf_kernel(X, X, gamma), rbf_kernel(Y, Y, gamma)]
    if unbiased:
        blocks = [block[~np.eye(len(block), dtype=bool)] for block in blocks]
    return sum(block.mean() for block in blocks) - 2 * rbf_kernel(X, Y, gamma).mean()


def assert_agrees(reference, X, Y, gamma, unbiased):
    ours = reference.squared_mmd(X, Y, gamma, unbiased)
    np.testing.assert_allclose(ours, estimate(X, Y, gamma, unbiased), rtol=1e-9, atol=1e-13)


def test_random(reference, rng):
    for _ in range(60):
        n, m, d = rng.integers([2, 2, 1], [15, 15, 6])
        X, Y = rng.normal(size=(n, d)), rng.normal(rng.normal(), 2.0, size=(m, d))
        for unbiased in (True, False):
            assert_agrees(reference, X, Y, 2.0 ** rng.uniform(-9, 4), unbiased)
        s = np.median(pdist(np.vstack([X, Y])))
        np.testing.assert_allclose(reference.median_gamma(X, Y), 1 / (2 * s**2), rtol=1e-9)


def test_edges(reference):
    X = np.array([[0.0, 1.0], [2.0, 5.0], [2.0, 5.0]])
    for Y in (X, X[:1], X[:2], X + 3, X * 1e5):
        assert_agrees(reference, X, Y, 0.5, unbiased=False)
        if len(Y) > 1:
            assert_agrees(reference, X, Y, 0.5, unbiased=True)
    assert_agrees(reference, X.astype(np.int8) * 60, X.astype(np.uint8)[:2], 1e-4, unbiased=True)
    assert reference.median_gamma(X[:2], X[2:]) == pytest.approx(1 / (2 * 20))


@pytest.mark.parametrize(
    ("n", "m", "columns", "gamma", "unbiased"),
    [(1, 3, 2, 0.5, True), (3, 1, 2, 0.5, True), (0, 3, 2, 0.5, False), (3, 3, 1, 0.5, True), (3, 3, 2, 0.0, True)],
)
def test_bad_input(reference, rng, n, m, columns, gamma, unbiased):
    X, Y = np.zeros((n, 2)), np.ones((m, columns))
    with pytest.raises(ValueError):
        reference.squared_mmd(X, Y, gamma, unbiased)
    if unbiased:
        with pytest.raises(ValueError):
            reference.mmd_p_value(X, Y, gamma, 9, rng)


def test_no_median(reference):
    with pytest.raises(ValueError):
        reference.median_gamma(np.zeros((3, 2)), np.zeros((2, 2)))


def test_p_value(reference, rng):
    """All permutations by SciPy, and their share among those drawn."""
    for shift in (0.0, 1.0):
        X, Y = rng.normal(size=(4, 2)), rng.normal(shift, size=(4, 2))
        pooled = np.vstack([X, Y])

        def statistic(a, b, pooled=pooled):
            return estimate(pooled[a.astype(int)], pooled[b.astype(int)], 0.5, unbiased=True)

        rows = np.arange(8.0)
        exact = permutation_test((rows[:4], rows[4:]), statistic, alternative="greater", vectorized=False).pvalue
        ours = reference.mmd_p_value(X, Y, 0.5, 5_000, rng)
        assert abs(ours - exact) < 0.05
        assert ours * 5_001 == pytest.approx(round(ours * 5_001))


def test_claims_of_bias(reference):
    """The numbers of the first follow-up."""

    def estimates(rng):
        pairs = [rng.normal(size=(2, 30, 2)) for _ in range(200)]
        unbiased, biased = ([reference.squared_mmd(*pair, 0.25, kind) for pair in pairs] for kind in (True, False))
        return np.mean(unbiased), np.mean(np.array(unbiased) < 0), np.mean(biased), np.min(biased)

    within([-0.006, 0.5, 0.03, 0], [0.006, 0.7, 0.04, 1], estimates, seeds=5)


def rejects(reference, X, Y, gamma, rng):
    return reference.mmd_p_value(X, Y, gamma, 99, rng) <= 0.05


def test_claims_of_gamma(reference):
    """The numbers of the second follow-up."""

    def rejected(rng):
        found = []
        for _ in range(20):
            X, Y = rng.choice([-50.0, 50.0], size=(60, 1)) + rng.normal(size=(2, 60, 1)) * [[[1.0]], [[0.3]]]
            gammas = (reference.median_gamma(X, Y), 0.5)
            found.append([rejects(reference, X, Y, gamma, rng) for gamma in gammas])
        return np.mean(found, axis=0)

    within([0, 0.4], [0.2, 1], rejected, seeds=5)


def test_claims_of_dependence(reference):
    """The numbers of the third follow-up."""

    def rejected(rng):
        found = []
        for _ in range(20):
            X, Y = rng.normal(size=(2, 100, 2))
            Y[:, 1] = 0.8 * Y[:, 0] + 0.6 * Y[:, 1]
            by_column = min(ks_2samp(X[:, j], Y[:, j]).pvalue for j in (0, 1)) <= 0.025
            wide = rng.normal(size=(2, 50, 100))
            wide[1, :, 0] += 1
            kinds = [(X, Y), wide[:, :, :1], wide]
            found.append([by_column, *(rejects(reference, A, B, reference.median_gamma(A, B), rng) for A, B in kinds)])
        return np.mean(found, axis=0)

    within([0, 0.6, 0.85, 0.1], [0.2, 1, 1, 0.8], rejected, seeds=5)


def peers(reference, rng):
    """Yield one estimate of two large samples."""
    X, Y = rng.normal(size=(2, 1_000, 10))
    yield Peer(
        "1,000 rows of 10 columns in each sample",
        "rbf_kernel",
        lambda: reference.squared_mmd(X, Y, 0.1),
        lambda: estimate(X, Y, 0.1, unbiased=True),
    )
