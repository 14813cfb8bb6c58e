import numpy as np
import pytest

from katagrad.testing import assert_close, strict

NONE = np.array([], dtype=int)
WITH_K = ("precision_at_k", "recall_at_k", "average_precision_at_k")
METRICS = ("precision_at_k", "recall_at_k", "reciprocal_rank", "average_precision_at_k")


def draw(rng, n_ranked=9, n_found=3, n_missed=2):
    """Return a ranking and its relevant items, of which some are not ranked. Ids are any integers."""
    ids = rng.choice(np.arange(-50, 50), size=n_ranked + n_missed, replace=False)
    relevant = np.append(rng.choice(ids[:n_ranked], size=n_found, replace=False), ids[n_ranked:])
    return ids[:n_ranked], rng.permutation(relevant)


def found(ranked, relevant, k):
    return sum(1 for item in ranked[:k].tolist() if item in relevant.tolist())


def precision(ranked, relevant, k):
    return found(ranked, relevant, k) / k


def recall(ranked, relevant, k):
    return found(ranked, relevant, k) / max(len(relevant), 1)


def reciprocal(ranked, relevant):
    for rank in range(1, len(ranked) + 1):
        if found(ranked, relevant, rank):
            return 1 / rank
    return 0.0


def average_precision(ranked, relevant, k):
    total = 0.0
    for rank in range(1, min(k, len(ranked)) + 1):
        if found(ranked, relevant, rank) > found(ranked, relevant, rank - 1):
            total += precision(ranked, relevant, rank)
    return total / max(min(k, len(relevant)), 1)


def test_precision(kata, rng):
    """Precision at k is the share of the first k items that is relevant."""
    ranked, relevant = np.array([7, 3, 9, 4]), np.array([4, 9, 7])
    for k, expected in [(1, 1.0), (2, 1 / 2), (3, 2 / 3), (4, 3 / 4)]:
        assert_close(kata.precision_at_k(ranked, relevant, k), expected)
    case = draw(rng)
    for k in range(1, 10):
        assert_close(kata.precision_at_k(*case, k), precision(*case, k))


def test_recall(kata, rng):
    """Recall at k is the share of all relevant items that is in the first k. Items that are not ranked are missed."""
    ranked, relevant = np.array([7, 3, 9, 4]), np.array([5, 9, 7, 1, 8])
    for k, expected in [(1, 1 / 5), (2, 1 / 5), (3, 2 / 5), (4, 2 / 5)]:
        assert_close(kata.recall_at_k(ranked, relevant, k), expected)
    case = draw(rng)
    for k in range(1, 10):
        assert_close(kata.recall_at_k(*case, k), recall(*case, k))
    # More relevant items than k, and all of them ranked.
    assert_close(kata.recall_at_k(np.arange(6), np.array([5, 3, 1, 0, 2]), 3), 3 / 5)


def test_reciprocal_rank(kata, rng):
    """The reciprocal rank is 1 / rank of the first hit alone, over the whole ranking."""
    ranked = np.array([7, 3, 9, 4])
    for relevant, expected in [([7], 1.0), ([4, 3, 9], 1 / 2), ([9, 4], 1 / 3), ([4], 1 / 4), ([4, 7], 1.0)]:
        assert_close(kata.reciprocal_rank(ranked, np.array(relevant)), expected)
    case = draw(rng)
    assert_close(kata.reciprocal_rank(*case), reciprocal(*case))
    assert_close(kata.reciprocal_rank(np.arange(1000), np.array([999])), 1 / 1000)


def test_average_precision(kata, rng):
    """Average precision sums the precision at the rank of each hit, and divides by min(k, relevant items)."""
    # Hits at ranks 1, 3 and 4, then one relevant item that is not ranked.
    ranked, relevant = np.array([7, 3, 9, 4]), np.array([4, 9, 5, 7])
    total = [1, 1, 1 + 2 / 3, 1 + 2 / 3 + 3 / 4]
    for k, expected in [(1, total[0] / 1), (2, total[1] / 2), (3, total[2] / 3), (4, total[3] / 4)]:
        assert_close(kata.average_precision_at_k(ranked, relevant, k), expected)
    # Two relevant items, one of them found.
    assert_close(kata.average_precision_at_k(np.array([1, 2, 3]), np.array([2, 9]), 3), 1 / 4)
    for n_found, n_missed in [(3, 2), (1, 0), (6, 0), (2, 9)]:
        case = draw(rng, 9, n_found, n_missed)
        for k in range(1, 10):
            assert_close(kata.average_precision_at_k(*case, k), average_precision(*case, k))


def test_k_beyond_the_end(kata, rng):
    """If k is larger than the ranking, precision still divides by k, and average precision by min(k, relevant)."""
    ranked, relevant = np.array([7, 3]), np.array([3, 9, 4])
    for k in (3, 4, 100):
        assert_close(kata.precision_at_k(ranked, relevant, k), 1 / k)
        assert_close(kata.recall_at_k(ranked, relevant, k), 1 / 3)
        assert_close(kata.average_precision_at_k(ranked, relevant, k), 1 / 6)
    # What is missing is no item of id 0.
    relevant = np.array([0, 7, -1])
    assert_close(kata.precision_at_k(ranked, relevant, 4), 1 / 4)
    assert_close(kata.recall_at_k(ranked, relevant, 4), 1 / 3)
    assert_close(kata.average_precision_at_k(ranked, relevant, 4), 1 / 3)
    relevant = np.array([3, 9, 4])
    # Everything that is ranked is relevant.
    assert_close(kata.precision_at_k(np.array([3, 9]), relevant, 5), 2 / 5)
    assert_close(kata.average_precision_at_k(np.array([3, 9]), relevant, 5), 2 / 3)
    case = draw(rng, 5, 2, 7)
    for k in (6, 9, 30):
        assert_close(kata.precision_at_k(*case, k), precision(*case, k))
        assert_close(kata.average_precision_at_k(*case, k), average_precision(*case, k))


def test_no_hit(kata):
    """All metrics are 0 if nothing that is ranked is relevant, nothing is relevant, or nothing is ranked."""
    some, others = np.array([7, 3, 9]), np.array([4, 5])
    for ranked, relevant in [(some, others), (some, NONE), (NONE, others), (NONE, NONE)]:
        assert_close(kata.reciprocal_rank(ranked, relevant), 0.0)
        for name in WITH_K:
            for k in (1, 3, 8):
                assert_close(getattr(kata, name)(ranked, relevant, k), 0.0)
    # The hits are all below k.
    for name in WITH_K:
        assert_close(getattr(kata, name)(some, np.array([9, 4]), 2), 0.0)


def test_ids(kata):
    """Ids are any integers: 0, negative or large ones, and relevant items come in any order."""
    ranked, relevant = np.array([-1, 0, 10**9, 5, -7]), np.array([5, 10**9, -1])
    assert_close(kata.precision_at_k(ranked, relevant, 4), 3 / 4)
    assert_close(kata.recall_at_k(ranked, relevant, 3), 2 / 3)
    assert_close(kata.reciprocal_rank(ranked, np.array([-7, 5])), 1 / 4)
    assert_close(kata.reciprocal_rank(ranked, np.array([0])), 1 / 2)
    assert_close(kata.average_precision_at_k(ranked, relevant, 5), (1 + 2 / 3 + 3 / 4) / 3)
    for name, expected in [("precision_at_k", 1 / 2), ("recall_at_k", 1.0), ("average_precision_at_k", 1 / 2)]:
        assert_close(getattr(kata, name)(np.array([1, 0]), np.array([0]), 2), expected)


def test_mean_over_queries(kata, rng):
    """Each query counts alike in the mean, however many items it has, and also if it has no hit or nothing relevant."""
    rankings = [np.array([7, 3, 9]), np.array([5]), np.array([2, 8, 6])]
    relevants = [np.array([9, 3]), NONE, np.array([8, 1, 4, 5, 2])]
    means = kata.mean_over_queries(rankings, relevants, 2)
    assert_close(means.precision, (1 / 2 + 0 + 2 / 2) / 3)
    assert_close(means.recall, (1 / 2 + 0 + 2 / 5) / 3)
    assert_close(means.reciprocal_rank, (1 / 2 + 0 + 1) / 3)
    assert_close(means.average_precision, (1 / 4 + 0 + 2 / 2) / 3)
    # The last two have their first hit below k, and none.
    queries = [draw(rng, 9, 3, 2), draw(rng, 4, 1, 9), draw(rng, 30, 20, 1), (NONE, np.array([3]))]
    queries += [(np.arange(9), np.array([8, 20])), (np.arange(3), np.array([30]))]
    for some in (queries, queries[:1], queries[3:4]):
        means = kata.mean_over_queries([ranked for ranked, _ in some], [relevant for _, relevant in some], 5)
        assert_close(means.precision, np.mean([precision(*query, 5) for query in some]))
        assert_close(means.recall, np.mean([recall(*query, 5) for query in some]))
        assert_close(means.reciprocal_rank, np.mean([reciprocal(*query) for query in some]))
        assert_close(means.average_precision, np.mean([average_precision(*query, 5) for query in some]))


def test_k_below_one(kata):
    """A k below 1 raises ValueError."""
    for k in (0, -1):
        for name in WITH_K:
            for relevant in (np.array([3]), NONE):
                with pytest.raises(ValueError):
                    getattr(kata, name)(np.array([3, 2]), relevant, k)


@strict
def test_repeated_ids(kata):
    """A ranking with an id twice raises ValueError. An id that is twice among the relevant counts once."""
    for ranked in (np.array([3, 3, 2]), np.array([5, 2, 5])):
        for relevant in (np.array([3, 5]), np.array([2]), NONE):
            with pytest.raises(ValueError):
                kata.reciprocal_rank(ranked, relevant)
            for name in WITH_K:
                with pytest.raises(ValueError):
                    getattr(kata, name)(ranked, relevant, 2)
    assert_close(kata.recall_at_k(np.array([3, 2]), np.array([3, 3, 4]), 2), 1 / 2)
    assert_close(kata.average_precision_at_k(np.array([2, 3]), np.array([3, 3, 3]), 2), 1 / 2)
    assert_close(kata.precision_at_k(np.array([2, 3]), np.array([3, 3, 3]), 2), 1 / 2)


@strict
def test_queries_that_do_not_fit(kata):
    """No query, or more rankings than sets of relevant items or fewer, raise ValueError."""
    one = np.array([3])
    for rankings, relevants in [([], []), ([one], [one, one]), ([one, one], [one]), ([one], [])]:
        with pytest.raises(ValueError):
            kata.mean_over_queries(rankings, relevants, 2)


def workload(kata, rng, n):
    """Rankings of up to n items: relevant items are many or few, found or missed, sometimes none."""
    sizes = [n, max(n // 2, 1), 1, 0]
    queries = [draw_wide(rng, size) for size in sizes]
    rankings, relevants = [list(each) for each in zip(*queries, strict=True)]
    k = int(rng.integers(1, n + 3))
    return (
        [[getattr(kata, name)(*query, k) for name in WITH_K] for query in queries],
        [kata.reciprocal_rank(*query) for query in queries],
        kata.mean_over_queries(rankings, relevants, k),
    )


def draw_wide(rng, size):
    ids = rng.permutation(2 * size + 2) - 1
    return ids[:size], rng.permutation(ids[rng.random(len(ids)) < rng.choice([0.0, 0.1, 0.6])])


PRECISION = "return int(_hits(ranked, relevant, k).sum()) / k"
RECALL = "return float(hits / len(np.unique(relevant))) if hits else 0.0"
FIRST = "return 1 / (int(hits.argmax()) + 1) if hits.any() else 0.0"
RANKS = "ranks = np.flatnonzero(hits) + 1\n    precisions"
SHARES = "precisions = np.arange(1, len(ranks) + 1) / ranks"
AVERAGE = "return float(precisions.sum() / min(k, len(np.unique(relevant)))) if hits.any() else 0.0"
MEANS = "return Means(*np.mean(each, axis=0).tolist())"
QUERIES = "for query in zip(rankings, relevants, strict=True)"
ISIN = "return np.isin(ranked[:k], relevant)"
MISTAKES = {
    "precision over the ranks that there are": (PRECISION, PRECISION.replace("/ k", "/ max(min(k, len(ranked)), 1)")),
    "precision over the relevant": (PRECISION, PRECISION.replace("/ k", "/ max(len(relevant), 1)")),
    "precision over min(k, relevant)": (PRECISION, PRECISION.replace("/ k", "/ max(min(k, len(relevant)), 1)")),
    "precision for a k beyond the end is refused": (
        PRECISION,
        f"if k > len(ranked):\n        raise ValueError\n    {PRECISION}",
    ),
    "recall over the relevant that are ranked": (
        RECALL,
        "return float(hits / np.isin(ranked, relevant).sum()) if hits else 0.0",
    ),
    "recall over min(k, relevant)": (RECALL, RECALL.replace("len(np.unique(relevant))", "min(k, len(relevant))")),
    "recall over k": (RECALL, RECALL.replace("len(np.unique(relevant))", "k")),
    "recall NaN without relevant items": (RECALL, "return float(np.divide(hits, len(relevant)))"),
    "recall 1 without relevant items": (RECALL, "return float(hits / len(relevant)) if len(relevant) else 1.0"),
    "hit or not for recall": (RECALL, "return 1.0 if hits else 0.0"),
    "ranks count from 0": (FIRST, "return 1 / int(hits.argmax()) if hits.argmax() else float(hits.any())"),
    "without a hit the rank is 1": (FIRST, "return 1 / (int(hits.argmax()) + 1) if hits.size else 0.0"),
    "without a hit the rank is the one past the end": (
        FIRST,
        "return 1 / (int(np.append(hits, True).argmax()) + 1) if len(relevant) else 0.0",
    ),
    "the last hit": (FIRST, FIRST.replace("int(hits.argmax())", "int(np.flatnonzero(hits)[-1])")),
    "mean over all hits": (FIRST, "return float(np.mean(1 / (np.flatnonzero(hits) + 1))) if hits.any() else 0.0"),
    "the reciprocal rank of the first ten": (
        "hits = _hits(ranked, relevant)\n",
        "hits = _hits(ranked, relevant, 10)\n",
    ),
    "the rank of the first of the relevant": (
        FIRST,
        (
            "where = np.flatnonzero(np.isin(ranked, relevant[:1]))\n"
            "    return 1 / (int(where[0]) + 1) if where.size else 0.0"
        ),
    ),
    "average precision over the hits": (AVERAGE, AVERAGE.replace("min(k, len(np.unique(relevant)))", "hits.sum()")),
    "average precision over the relevant": (
        AVERAGE,
        AVERAGE.replace("min(k, len(np.unique(relevant)))", "len(relevant)"),
    ),
    "average precision over k": (AVERAGE, AVERAGE.replace("min(k, len(np.unique(relevant)))", "k")),
    "average precision over min(k, relevant, ranked)": (AVERAGE, AVERAGE.replace("min(k,", "min(k, len(ranked),")),
    "average precision over the relevant that are ranked": (
        AVERAGE,
        AVERAGE.replace("len(np.unique(relevant))", "np.isin(ranked, relevant).sum()"),
    ),
    "the mean of precision at all ranks": (
        AVERAGE,
        (
            "running = np.cumsum(hits) / np.arange(1, len(hits) + 1)\n"
            "    return float(running.sum() / min(k, len(relevant))) if hits.any() else 0.0"
        ),
    ),
    "each hit counts 1 / rank": (SHARES, "precisions = 1 / ranks"),
    "each hit counts one too few": (SHARES, "precisions = np.arange(len(ranks)) / ranks"),
    "average precision NaN without a hit": (
        AVERAGE,
        "return float(np.divide(precisions.sum(), min(k, len(relevant))))",
    ),
    "average precision 1 without relevant items": (
        AVERAGE,
        AVERAGE.replace("else 0.0", "else float(not len(relevant))"),
    ),
    "average precision of the whole ranking": (
        "hits = _hits(ranked, relevant, k)\n    ranks",
        "_hits(ranked, relevant, k)\n    hits = _hits(ranked, relevant)\n    ranks",
    ),
    "one rank too many": (ISIN, "return np.isin(ranked[: None if k is None else k + 1], relevant)"),
    "one rank too few": (ISIN, "return np.isin(ranked[: None if k is None else k - 1], relevant)"),
    "the relevant cut at k": (ISIN, "return np.isin(ranked[:k], relevant[:k])"),
    "the last k": (ISIN, "return np.isin(ranked[-(k or 0):], relevant)"),
    "relevance by position": (ISIN, "return np.isin(np.arange(len(ranked))[:k], relevant)"),
    "flags for ids": (ISIN, "return ranked[:k] > 0"),
    "0 is no id": (ISIN, "return np.isin(ranked[:k], relevant[relevant != 0])"),
    "negative ids are padding": (ISIN, "return np.isin(ranked[:k], relevant[relevant >= 0])"),
    "queries without relevant items are skipped": (QUERIES, QUERIES + " if len(query[1])"),
    "queries without a hit are skipped": (MEANS, "each = [row for row in each if row[2]] or each\n    " + MEANS),
    "queries without a ranking are skipped": (QUERIES, QUERIES + " if len(query[0]) or len(rankings) == 1"),
    "all queries pooled": (
        MEANS,
        (
            "weights = [len(relevant) + 1e-300 for relevant in relevants]\n"
            "    return Means(*np.average(each, axis=0, weights=weights).tolist())"
        ),
    ),
    "a median for the mean": (MEANS, MEANS.replace("mean", "median")),
    "the reciprocal rank cut at k in the mean": (
        "reciprocal_rank(*query), average",
        "reciprocal_rank(query[0][:k], query[1]), average",
    ),
    "a sum for the mean": (MEANS, MEANS.replace("mean", "sum")),
    "k of 0 passes": ("if k is not None and k < 1:", "if k is not None and k < 0:"),
    "a negative k counts from the end": ("if k is not None and k < 1:", "if k == 0:"),
    "k is not looked at without relevant items": (
        "if k is not None and k < 1:",
        "if k is not None and k < 1 and len(relevant):",
    ),
}

STRICT_MISTAKES = {
    "a repeated id passes": ("if len(np.unique(ranked)) < len(ranked):", "if False:"),
    "a repeated id passes below k": (
        "if len(np.unique(ranked)) < len(ranked):",
        "if len(np.unique(ranked[:k])) < len(ranked[:k]):",
    ),
    "the relevant counted twice": (RECALL, RECALL.replace("np.unique(relevant)", "relevant")),
    "the relevant counted twice in average precision": (AVERAGE, AVERAGE.replace("np.unique(relevant)", "relevant")),
    "surplus rankings are ignored": (QUERIES, QUERIES.replace("True", "False")),
    "no query passes": ("    if not rankings:\n", "    if False:\n"),
}
