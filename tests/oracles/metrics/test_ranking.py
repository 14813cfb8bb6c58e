"""`ranking` beside scikit-learn: precision and recall of a cut, and average precision where there is none."""

import numpy as np
import pytest
from sklearn import metrics

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 0}
NONE = np.array([], dtype=int)


def draw(rng, n_ranked, n_items, share):
    ids = rng.permutation(n_items) - 5
    return ids[:n_ranked], rng.permutation(ids[rng.random(n_items) < share])


def cut(ranked, relevant, k):
    """Return labels and predictions of every item that is ranked or relevant, and of the empty ranks up to k."""
    items = np.union1d(ranked, relevant)
    empty = max(k - len(ranked), 0)
    labels = np.append(np.isin(items, relevant), np.zeros(empty, bool))
    return labels, np.append(np.isin(items, ranked[:k]), np.ones(empty, bool))


def apk(ranked, relevant, k):
    """Take scikit-learn's AP of the items shown, which divides by the hits, and give it our divisor."""
    if not np.isin(ranked[:k], relevant).any():
        return 0.0
    shown = ranked[:k]
    found = np.isin(shown, relevant)
    over_hits = metrics.average_precision_score(found, -np.arange(len(shown), dtype=float))
    return over_hits * found.sum() / min(k, len(relevant))


def test_cuts(reference, rng):
    for _ in range(200):
        n_items = int(rng.integers(1, 40))
        case = draw(rng, int(rng.integers(0, n_items + 1)), n_items, rng.choice([0.05, 0.4, 0.9]))
        for k in (1, 3, 10, 50):
            labels, called = cut(*case, k)
            expected = metrics.precision_score(labels, called, zero_division=0)
            np.testing.assert_allclose(reference.precision_at_k(*case, k), expected, **CLOSE)
            expected = metrics.recall_score(labels, called, zero_division=0)
            np.testing.assert_allclose(reference.recall_at_k(*case, k), expected, **CLOSE)
            np.testing.assert_allclose(reference.average_precision_at_k(*case, k), apk(*case, k), **CLOSE)


def test_whole_rankings(reference, rng):
    """Everything is ranked: AP and, for one relevant item, the reciprocal rank are label ranking metrics."""
    for _ in range(100):
        n = int(rng.integers(2, 40))
        ranked, relevant = draw(rng, n, n, 0.3)
        relevant = relevant if len(relevant) else ranked[-1:]
        scores, labels = -np.arange(n, dtype=float), np.isin(ranked, relevant)
        ours = reference.average_precision_at_k(ranked, relevant, n)
        np.testing.assert_allclose(ours, metrics.average_precision_score(labels, scores), **CLOSE)
        np.testing.assert_allclose(
            ours, metrics.label_ranking_average_precision_score(labels[np.newaxis], scores[np.newaxis]), **CLOSE
        )
        one = np.isin(ranked, relevant[:1])
        expected = metrics.label_ranking_average_precision_score(one[np.newaxis], scores[np.newaxis])
        np.testing.assert_allclose(reference.reciprocal_rank(ranked, relevant[:1]), expected, **CLOSE)


def test_first_hit(reference, rng):
    for _ in range(100):
        ranked, relevant = draw(rng, int(rng.integers(0, 20)), 30, rng.choice([0.0, 0.1, 0.5]))
        ranks = [rank for rank, item in enumerate(ranked, 1) if item in relevant]
        np.testing.assert_allclose(reference.reciprocal_rank(ranked, relevant), 1 / min(ranks, default=np.inf), **CLOSE)


def test_means(reference, rng):
    for _ in range(50):
        queries = [draw(rng, int(rng.integers(0, 20)), 30, rng.choice([0.0, 0.1, 0.5])) for _ in range(7)]
        means = reference.mean_over_queries(*map(list, zip(*queries, strict=True)), 5)
        np.testing.assert_allclose(means.average_precision, np.mean([apk(*query, 5) for query in queries]), **CLOSE)
        for field, average in [("precision", metrics.precision_score), ("recall", metrics.recall_score)]:
            expected = np.mean([average(*cut(*query, 5), zero_division=0) for query in queries])
            np.testing.assert_allclose(getattr(means, field), expected, **CLOSE)
        expected = np.mean([reference.reciprocal_rank(*query) for query in queries])
        np.testing.assert_allclose(means.reciprocal_rank, expected, **CLOSE)


def test_edges(reference):
    """Nothing ranked, nothing relevant, no hit; a relevant item that is listed twice."""
    some, others = np.array([7, 3]), np.array([4])
    for ranked, relevant in [(NONE, NONE), (NONE, some), (some, NONE), (some, others)]:
        assert reference.reciprocal_rank(ranked, relevant) == 0
        for name in ("precision_at_k", "recall_at_k", "average_precision_at_k"):
            assert getattr(reference, name)(ranked, relevant, 2) == 0
    assert reference.recall_at_k(some, np.array([3, 3, 4]), 2) == 0.5
    assert reference.average_precision_at_k(some, np.array([3, 3]), 2) == 0.5


def test_bad_input(reference):
    for name in ("precision_at_k", "recall_at_k", "average_precision_at_k"):
        for ranked, k in [(np.array([1, 2]), 0), (np.array([1, 2]), -1), (np.array([1, 2, 1]), 2)]:
            with pytest.raises(ValueError, match=r"k is|twice"):
                getattr(reference, name)(ranked, np.array([1]), k)
    with pytest.raises(ValueError, match="twice"):
        reference.reciprocal_rank(np.array([1, 1]), NONE)
    for rankings, relevants in [([], []), ([NONE], []), ([NONE], [NONE, NONE])]:
        with pytest.raises(ValueError, match=r"no query|zip"):
            reference.mean_over_queries(rankings, relevants, 1)


def test_claims_of_denominators(reference):
    """The ceiling of the first follow-up, and the numbers of the second."""
    assert reference.precision_at_k(np.arange(10), np.arange(3), 10) == 0.3
    five, ten = np.array([0, 20, 21, 22, 23]), np.arange(10)
    for ranked, over_hits, over_min in [(ten, 1, 0.2), (np.append(ten[:9], 20), 0.6, 0.24)]:
        hits = np.isin(ranked, five)
        average = metrics.average_precision_score(hits, -np.arange(10.0))
        assert average == pytest.approx(over_hits)
        assert reference.average_precision_at_k(ranked, five, 10) == pytest.approx(over_min)
    twenty = np.arange(20)
    assert reference.average_precision_at_k(ten, twenty, 10) == pytest.approx(1)
    assert reference.average_precision_at_k(ten, twenty, 10) * 10 / 20 == pytest.approx(0.5)


def test_claims_of_sampled_metrics():
    """The numbers of the third follow-up."""
    rank_a, rank_b = np.full(500, 100), np.where(np.arange(500) < 100, 2, 5000)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        for ranks, full, sampled in [(rank_a, 0, 1), (rank_b, 0.2, 0.2)]:
            assert np.mean(ranks <= 10) == full
            above = rng.hypergeometric(ranks - 1, 10_000 - ranks, 100)
            assert np.mean(above + 1 <= 10) == pytest.approx(sampled, abs=1e-3)


def test_claims_of_spread(reference):
    """The numbers of the fourth follow-up."""
    ranks = np.random.default_rng(0).geometric(0.4, size=(4000, 200))
    better = np.where(np.random.default_rng(1).random(ranks.shape) < 0.1, np.maximum(ranks - 1, 1), ranks)
    mrr, gain = (1 / ranks).mean(axis=1), (1 / better - 1 / ranks).mean(axis=1)
    assert mrr.mean() == pytest.approx(0.61, abs=5e-3)
    assert 0.022 < mrr.std() < 0.024
    assert gain.mean() == pytest.approx(0.015, abs=1e-3)
    assert gain.std() == pytest.approx(0.006, abs=1e-3)
    at = [reference.reciprocal_rank(np.arange(20), np.array([rank - 1])) for rank in (1, 2, 10, 11)]
    assert at[0] - at[1] == 0.5
    assert at[2] - at[3] == pytest.approx(0.009, abs=5e-4)


def test_claims_of_empty_queries_and_ties(reference):
    """The numbers of the fifth follow-up."""
    rankings = [np.array([1, 2])] * 100
    relevants = [np.array([2])] * 80 + [NONE] * 20
    assert reference.mean_over_queries(rankings[:80], relevants[:80], 2).reciprocal_rank == pytest.approx(0.5)
    assert reference.mean_over_queries(rankings, relevants, 2).reciprocal_rank == pytest.approx(0.4)
    assert reference.precision_at_k(np.arange(100), np.arange(10), 10) == 1
    rng = np.random.default_rng(0)
    orders = [reference.precision_at_k(rng.permutation(100), np.arange(10), 10) for _ in range(3000)]
    assert np.mean(orders) == pytest.approx(0.1, abs=5e-3)


def peers(reference, rng):
    """Yield the average precision of a long ranking."""
    ranked, relevant = draw(rng, 100_000, 100_000, 0.1)
    labels, scores = np.isin(ranked, relevant), -np.arange(100_000.0)
    yield Peer(
        "average precision, 100,000 items",
        "average_precision_score",
        lambda: reference.average_precision_at_k(ranked, relevant, 100_000),
        lambda: metrics.average_precision_score(labels, scores),
    )
