"""`ndcg` beside scikit-learn, whose gain is linear: it is given the gains for relevance where they are exponential."""

import numpy as np
import pytest
from sklearn import metrics

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-15}


def assert_agrees(reference, relevance, k):
    ranked = [np.arange(len(relevance), 0, -1)]
    for gain, gains in [("linear", relevance), ("exponential", 2.0**relevance - 1)]:
        dcg, ndcg = metrics.dcg_score([gains], ranked, k=k), metrics.ndcg_score([gains], ranked, k=k)
        np.testing.assert_allclose(reference.dcg_at_k(relevance, k, gain), dcg, **CLOSE)
        np.testing.assert_allclose(reference.ndcg_at_k(relevance, k, gain), ndcg, **CLOSE)


def test_random_rankings(reference, rng):
    for _ in range(300):
        n = int(rng.integers(2, 40))
        k = int(rng.integers(1, n + 5))
        grades = rng.integers(0, 5, size=n)
        assert_agrees(reference, grades, k)
        assert_agrees(reference, grades * rng.random(n), k)
        assert_agrees(reference, grades * (rng.random(n) < 0.1), k)


@pytest.mark.parametrize("relevance", [[0, 0, 0], [0, 0, 3, 1], [3, 3, 3], [0.01, 0.03], [9, 20, 1]])
@pytest.mark.parametrize("k", [1, 2, 3, 10])
def test_edges(reference, relevance, k):
    assert_agrees(reference, np.array(relevance), k)


def test_hand_values(reference):
    """With grades 3, 2, 3, 0, 1, 2 in the order shown, to the three decimals of the example that went round."""
    relevance = np.array([3, 2, 3, 0, 1, 2])
    np.testing.assert_allclose(reference.dcg_at_k(relevance, 6, "linear"), 6.861, atol=5e-4)
    np.testing.assert_allclose(reference.ndcg_at_k(relevance, 6, "linear"), 0.961, atol=5e-4)
    np.testing.assert_allclose(reference.dcg_at_k(relevance, 6), 13.848, atol=5e-4)
    np.testing.assert_allclose(reference.ndcg_at_k(relevance, 6), 0.949, atol=5e-4)


@pytest.mark.parametrize("relevance", [[], [3]])
def test_input_that_scikit_learn_refuses(reference, relevance):
    """No item or a lone one is no ranking there."""
    np.testing.assert_allclose(reference.dcg_at_k(np.array(relevance), 2), 7.0 * len(relevance))
    np.testing.assert_allclose(reference.ndcg_at_k(np.array(relevance), 2), float(len(relevance)))


def test_claim_exponential_against_linear(reference):
    grades = np.array([1, 1, 1, 4])
    np.testing.assert_allclose(reference.ndcg_at_k(grades, 4), 0.52, atol=5e-3)
    np.testing.assert_allclose(reference.ndcg_at_k(grades, 4, "linear"), 0.69, atol=5e-3)


@pytest.mark.parametrize(("relevant", "ndcg"), [(5, 0.08), (50, 0.50)])
def test_claim_random_order(reference, rng, relevant, ndcg):
    """The mean of 2,000 random orders of 100 items, within four standard errors."""
    items = np.arange(100) < relevant
    values = [reference.ndcg_at_k(rng.permutation(items).astype(int), 10) for _ in range(2000)]
    assert abs(np.mean(values) - ndcg) < 4 * np.std(values) / 2000**0.5 + 5e-3


def test_claim_ideal_of_what_was_retrieved(reference):
    relevance = np.array([1, 0, 0, 0, 0, 3, 3, 3])
    np.testing.assert_allclose(reference.ndcg_at_k(relevance, 5), 0.07, atol=5e-3)
    np.testing.assert_allclose(reference.ndcg_at_k(relevance[:5], 5), 1.0)


def peers(reference, rng):
    """Yield the NDCG of one long ranking."""
    relevance, ranked = rng.integers(0, 5, size=10_000), [np.arange(10_000, 0, -1)]
    yield Peer(
        "10,000 items, k = 100",
        "ndcg_score",
        lambda: reference.ndcg_at_k(relevance, 100, "linear"),
        lambda: metrics.ndcg_score([relevance], ranked, k=100),
    )
