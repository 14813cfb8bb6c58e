"""The distance beside SciPy's `wasserstein_distance`, and the claims of the follow-ups."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import ks_2samp, wasserstein_distance

from tests.bench.peers import Peer
from tests.oracles.claims import within


def assert_agrees(reference, *arguments):
    ours, theirs = reference.wasserstein_1d(*arguments), wasserstein_distance(*arguments)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-13)


def test_random(reference, rng):
    for _ in range(200):
        n, m = rng.integers(1, 40, size=2)
        a, b = rng.normal(size=n), rng.normal(rng.normal(), 2.0, size=m)
        if rng.random() < 0.5:
            a, b = a.round(), b.round()
        a_weights, b_weights = rng.uniform(0.1, 2.0, size=n), rng.integers(0, 4, size=m) + np.eye(m)[0]
        for weights in [(), (a_weights,), (None, b_weights), (a_weights, b_weights)]:
            assert_agrees(reference, a, b, *weights)


def test_edges(reference):
    pair = np.array([3.0, 1.0])
    assert_agrees(reference, pair[:1], pair[1:])
    assert_agrees(reference, pair[:1], pair[:1])
    assert_agrees(reference, pair, pair, np.array([0.0, 2.0]), np.array([1e6, 1e-6]))
    assert_agrees(reference, 1e6 + pair, 1e6 + pair / 8)
    assert_agrees(reference, pair.astype(np.int8), np.array([100, -100], dtype=np.int8))
    for arguments in [
        (pair[:0], pair),
        (pair, pair[:0]),
        (pair, pair, np.zeros(2)),
        (pair, pair, None, np.array([1.0, -1.0])),
        (pair, pair, np.ones(3)),
        (pair, pair, np.array([np.inf, 1.0])),
    ]:
        for function in (reference.wasserstein_1d, wasserstein_distance):
            with pytest.raises(ValueError):
                function(*arguments)
    with pytest.raises(ValueError):
        reference.wasserstein_1d(pair, np.array([1.0, np.nan]))


def test_claims_of_shifts_and_tails(reference):
    """The numbers of the first follow-up."""

    def shifted(rng):
        a, b = rng.normal(size=(2, 2_000))
        ours = [reference.wasserstein_1d(a, b + 5), reference.wasserstein_1d(a, b + 10)]
        return [*ours, ks_2samp(a, b + 5).statistic, ks_2samp(a, b + 10).statistic]

    within([4.9, 9.9, 0.98, 0.98], [5.1, 10.1, 1, 1], shifted)

    def tails(rng):
        a, b = rng.normal(size=(2, 500))
        moved = np.append(b[:5] * 100, b[5:])
        rise = reference.wasserstein_1d(a, moved) - reference.wasserstein_1d(a, b)
        return rise, ks_2samp(a, moved).statistic - ks_2samp(a, b).statistic

    within([0.4, -0.01], [1.5, 0.01], tails)


def test_claims_of_noise(reference):
    """The numbers of the second follow-up."""

    def noise(rng):
        runs = [(100, 200), (10_000, 20)]
        return [np.mean([reference.wasserstein_1d(*rng.normal(size=(2, n))) for _ in range(k)]) for n, k in runs]

    within([0.16, 0.014], [0.19, 0.021], noise)

    def rejected(rng):
        return np.mean([_permuted(reference, rng) for _ in range(200)])

    within(0.01, 0.10, rejected, seeds=2)


def _permuted(reference, rng):
    """Return whether a permutation test rejects at 0.05."""
    pooled = rng.normal(size=200)
    orders = [pooled, *(rng.permutation(pooled) for _ in range(99))]
    found = [reference.wasserstein_1d(x[:100], x[100:]) for x in orders]
    return sum(one >= found[0] for one in found) <= 5


def test_claims_of_dimensions():
    """The numbers of the third follow-up."""

    def assigned(rng):
        costs = []
        for d in (1, 10):
            a, b = rng.normal(size=(2, 200, d))
            cost = np.sqrt(((a[:, None] - b) ** 2).sum(axis=2))
            costs.append(cost[linear_sum_assignment(cost)].mean())
        return costs

    within([0.05, 2.3], [0.2, 2.5], assigned)


def peers(reference, rng):
    """Yield the distance of two large samples."""
    a, b = rng.normal(size=(2, 100_000))
    yield Peer(
        "100,000 values in each sample",
        "wasserstein_distance",
        lambda: reference.wasserstein_1d(a, b),
        lambda: wasserstein_distance(a, b),
    )
