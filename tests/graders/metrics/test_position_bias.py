import itertools
import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

LOOKED_AT = np.array([1.0, 0.7, 0.4, 0.2, 0.05])


@pytest.fixture
def log(rng):
    """Seven queries of five results: scores without ties, clicks, and the second and fourth query without a click."""
    clicks = rng.integers(0, 2, size=(7, 5))
    clicks[[1, 3]] = 0
    clicks[[0, 6]] = [1, 0, 1, 1, 0], [0, 1, 0, 0, 1]
    return rng.permuted(np.tile(np.arange(5.0), (7, 1)), axis=1) - 2 + 0.3 * rng.random((7, 5)), clicks


def estimated(scores, clicks, propensities, max_weight=math.inf):
    """Rank the results of each query by a plain sort, and add up its clicks."""
    total = 0.0
    for row, clicked in zip(scores, clicks, strict=True):
        ranking = sorted(range(len(row)), key=lambda k: (-row[k], k))
        for place, k in enumerate(ranking):
            if clicked[k]:
                total += min(1 / propensities[k], max_weight) / math.log2(2 + place)
    return total / len(scores)


def test_propensities(kata):
    """A propensity is clicks / impressions, relative to that of rank 1, with its own impressions for each rank."""
    found = kata.position_propensities(np.array([1000, 400, 500]), np.array([200, 40, 20]))
    assert_close(found, [1.0, 0.5, 0.2])
    assert_close(kata.position_propensities(np.array([8, 2]), np.array([8, 1])), [1.0, 0.5])
    assert_close(kata.position_propensities(np.array([3]), np.array([2])), [1.0])
    assert_close(kata.position_propensities(np.array([1, 4, 1]), np.array([1, 1, 0])), [1.0, 0.25, 0.0])
    found = kata.position_propensities(np.array([1000, 700, 900_000]), np.array([200, 70, 9]))
    assert_close(found, [1.0, 0.5, 5e-5])


def test_chance(kata):
    """Propensities may rise from a rank to the next, and above 1: nothing is sorted, smoothed or cut off."""
    found = kata.position_propensities(np.array([10, 20, 10, 4]), np.array([4, 12, 1, 1]))
    assert_close(found, [1.0, 1.5, 0.25, 0.625])
    assert_close(kata.position_propensities(np.array([100, 5, 5]), np.array([1, 5, 0])), [1.0, 100.0, 0.0])


def test_rank_never_shown(kata):
    """A rank that was never shown has the propensity NaN. One that was shown and never clicked has 0."""
    found = kata.position_propensities(np.array([1000, 0, 500, 0]), np.array([200, 0, 50, 0]))
    assert_close(found, [1.0, np.nan, 0.5, np.nan])
    found = kata.position_propensities(np.array([4, 9, 0, 7]), np.array([1, 0, 0, 7]))
    assert_close(found, [1.0, 0.0, np.nan, 4.0])


def test_no_click_at_rank_1(kata):
    """Without a click at rank 1 there is nothing to compare with: ValueError."""
    for impressions, clicks in (([50, 20], [0, 3]), ([0, 20], [0, 3]), ([5, 5], [0, 0])):
        with pytest.raises(ValueError):
            kata.position_propensities(np.array(impressions), np.array(clicks))


def test_ips_dcg(kata, log):
    """A click is worth 1 / propensity of its rank when shown, discounted by the new rank; the mean is over queries."""
    scores = np.array([[0.2, 0.1, 0.9], [3.0, 1.0, 2.0]])
    clicks = np.array([[0, 0, 1], [1, 1, 0]])
    # Query 1: shown at rank 3, new rank 1. Query 2: new ranks 1 and 3.
    found = kata.ips_dcg(scores, clicks, np.array([1.0, 0.5, 0.25]))
    assert_close(found, (4 + 1 + 2 / 2) / 2)
    # The new order is that of a cycle: shown 1, 2, 3 become 2, 3, 1.
    cycle = np.array([[5.0, -1.0, 7.0]])
    for k, worth in enumerate((1 / math.log2(3), 2 / 2, 4 / 1)):
        assert_close(kata.ips_dcg(cycle, np.eye(3, dtype=int)[[k]], np.array([1.0, 0.5, 0.25])), worth)
    assert_close(kata.ips_dcg(*log, LOOKED_AT), estimated(*log, LOOKED_AT))
    for k in (0, 6):
        part = log[0][k : k + 1], log[1][k : k + 1]
        assert_close(kata.ips_dcg(*part, LOOKED_AT), estimated(*part, LOOKED_AT))
    wide = log[0].T.copy(), log[1].T.copy()
    assert_close(kata.ips_dcg(*wide, np.linspace(1.0, 0.1, 7)), estimated(*wide, np.linspace(1.0, 0.1, 7)))
    assert_close(kata.ips_dcg(np.array([[2.0], [0.0], [1.0]]), np.array([[1], [0], [1]]), np.array([0.5])), 4 / 3)


def test_queries_without_click(kata, log):
    """A query without a click adds 0 and counts in the mean."""
    scores = np.array([[1.0, 2.0], [1.0, 2.0], [4.0, 3.0], [0.0, 0.0]])
    clicks = np.array([[0, 0], [0, 1], [0, 0], [0, 0]])
    assert_close(kata.ips_dcg(scores, clicks, np.array([1.0, 0.8])), 1.25 / 4)
    assert_close(kata.ips_dcg(scores, 0 * clicks, np.array([1.0, 0.8])), 0.0)
    assert_close(kata.ips_dcg(log[0][1:4], log[1][1:4], LOOKED_AT), estimated(log[0][1:4], log[1][1:4], LOOKED_AT))


def test_ties(kata, rng):
    """Of results with equal scores the one that was shown first has the better new rank."""
    scores = np.array([[1.0, 3.0, 1.0, 1.0]])
    for k, rank in enumerate((2, 1, 3, 4)):
        found = kata.ips_dcg(scores, np.eye(4, dtype=int)[[k]], np.array([1.0, 0.5, 0.8, 0.25]))
        assert_close(found, [1, 2, 1.25, 4][k] / math.log2(1 + rank))
    propensities = rng.uniform(0.2, 1.0, size=40)
    for scores in (np.zeros((3, 40)), rng.integers(-2, 2, size=(3, 40)) / 4):
        clicks = rng.integers(0, 2, size=(3, 40))
        assert_close(kata.ips_dcg(scores, clicks, propensities), estimated(scores, clicks, propensities))


def test_close_scores(kata):
    """Scores that differ little are no tie."""
    for scores in ([0.3, 0.300001, 0.300002], [2e5, 2e5 + 0.002, 2e5 + 0.004], [-3e-6, -2e-6, -1e-6]):
        found = kata.ips_dcg(np.array([scores]), np.array([[1, 0, 0]]), np.array([1.0, 0.5, 0.2]))
        assert_close(found, 0.5)
        found = kata.ips_dcg(np.array([scores]), np.array([[0, 0, 1]]), np.array([1.0, 0.5, 0.2]))
        assert_close(found, 5.0)


def test_clipping(kata, log):
    """Weights above max_weight become max_weight. Others, and the discount, stay."""
    scores, clicks = np.array([[1.0, 2.0, 3.0]]), np.array([[1, 1, 1]])
    propensities = np.array([1.0, 0.4, 0.1])
    assert_close(kata.ips_dcg(scores, clicks, propensities, max_weight=4.0), 1 / 2 + 2.5 / math.log2(3) + 4)
    assert_close(kata.ips_dcg(scores, clicks, propensities, max_weight=2.0), 1 / 2 + 2 / math.log2(3) + 2)
    for limit in (0.5, 1.0, 3.0, 1000.0):
        assert_close(kata.ips_dcg(*log, LOOKED_AT, limit), estimated(*log, LOOKED_AT, limit))
    # Tiny propensities have no floor, and those above 1 count as they are.
    found = kata.ips_dcg(scores[:, :2], np.array([[1, 1]]), np.array([1.25, 1e-5]))
    assert_close(found, 0.8 / math.log2(3) + 1e5)


def test_unknown_propensities(kata):
    """A propensity of 0 or NaN does no harm at a rank without a click. At a rank with one, it raises ValueError."""
    scores, clicks = np.array([[1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]]), np.array([[1, 0, 0, 0], [0, 0, 1, 0]])
    found = kata.ips_dcg(scores, clicks, np.array([1.0, np.nan, 0.5, 0.0]))
    assert_close(found, (1 / math.log2(5) + 2 / 2) / 2)
    for wrong in (np.nan, 0.0, -0.5):
        for limit in ((), (10.0,)):
            with pytest.raises(ValueError):
                kata.ips_dcg(scores, clicks, np.array([1.0, 1.0, wrong, 1.0]), *limit)
            with pytest.raises(ValueError):
                kata.ips_dcg(scores, clicks, np.array([wrong, 1.0, 0.5, 1.0]), *limit)


def test_unbiased(kata):
    """The mean over all clicks that users might make is the DCG of the relevant results."""
    scores, relevant = np.array([[0.1, 0.9, -0.3, 0.5]]), np.array([1, 0, 1, 1])
    propensities = np.array([1.0, 0.5, 0.3, 0.1])
    # The new ranks of the relevant results are 3, 4 and 2.
    value = 1 / 2 + 1 / math.log2(5) + 1 / math.log2(3)
    mean = 0.0
    for looked in itertools.product((0, 1), repeat=3):
        looked_at = np.array([1, *looked])
        chance = np.prod(np.where(looked_at, propensities, 1 - propensities))
        mean += chance * kata.ips_dcg(scores, (looked_at * relevant)[np.newaxis], propensities)
    assert_close(mean, value)


@strict
def test_counts(kata):
    """Negative counts, more clicks than impressions and shapes that do not fit raise ValueError."""
    for impressions, clicks in (
        ([10, 5], [3, 6]),
        ([10, 5], [11, 1]),
        ([10, 5], [3, -1]),
        ([10, -5], [3, -6]),
        ([10, 5], [3]),
        ([10], [3, 2]),
        ([], []),
    ):
        with pytest.raises(ValueError):
            kata.position_propensities(np.array(impressions, dtype=int), np.array(clicks, dtype=int))


@strict
def test_shapes(kata):
    """Scores, clicks and propensities that do not fit, and no query, raise ValueError."""
    for scores, clicks, n_ranks in (
        ((2, 3), (2, 2), 3),
        ((2, 3), (1, 3), 3),
        ((1, 3), (2, 3), 3),
        ((2, 3), (3, 2), 3),
        ((2, 3), (2, 3), 2),
        ((2, 3), (2, 3), 4),
        ((2, 3), (2, 3), 1),
        ((0, 3), (0, 3), 3),
    ):
        with pytest.raises(ValueError):
            kata.ips_dcg(np.zeros(scores), np.zeros(clicks, dtype=int), np.ones(n_ranks))


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_kinds(kata, kind):
    """Counts, clicks and scores may be integers of any type, clicks may be booleans."""
    found = kata.position_propensities(np.array([120, 100, 0]).astype(kind), np.array([60, 90, 0]).astype(kind))
    assert_close(found, [1.0, 1.8, np.nan])
    scores, clicks = np.array([[0, 100, 120, 0], [127, 0, 1, 126]]).astype(kind), np.array([[1, 0, 1, 1], [0, 1, 0, 1]])
    propensities = np.array([1.0, 0.5, 0.25, 0.2])
    expected = estimated(scores.astype(float), clicks, propensities)
    for dtype in (kind, bool):
        assert_close(kata.ips_dcg(scores, clicks.astype(dtype), propensities), expected)


def workload(kata, rng, n):
    """Draw an experiment over six ranks, and the clicks on n lists whose new scores have ties."""
    impressions = rng.integers(50, 200, size=6)
    clicks = rng.binomial(impressions, 0.8 / np.arange(1, 7))
    impressions[4] = clicks[4] = clicks[3] = 0
    clicks[0] += 1
    scores = np.round(rng.normal(size=(n, 6)), 1)
    clicked = (rng.random((n, 6)) < 0.5 / np.arange(1, 7)).astype(int)
    propensities = np.append(1 / np.arange(1.0, 6.0), np.nan)
    clicked[:, 5] = 0
    return (
        kata.position_propensities(impressions, clicks),
        kata.ips_dcg(scores, clicked, propensities),
        kata.ips_dcg(scores, clicked, propensities, 2.5),
    )


def picture(kata, rng):
    """Draw propensities of an experiment and of the plain log, and what clicks say of two rankings."""
    n_queries, n_ranks = 4000, 10
    ranks = np.arange(1, n_ranks + 1)
    quality = rng.normal(size=(n_queries, n_ranks))
    relevant = rng.random(quality.shape) < sigmoid(2 * quality - 2)
    order = np.argsort(-(quality + 1.5 * rng.normal(size=quality.shape)), axis=1)
    rows = np.arange(n_queries)[:, np.newaxis]
    shown, shown_relevant = quality[rows, order], relevant[rows, order]
    looked_at = rng.random(quality.shape) < 1 / ranks
    impressions = np.full(n_ranks, n_queries)
    curves = [
        Line(ranks, 1 / ranks, "truth", faint=True),
        Line(ranks, kata.position_propensities(impressions, (looked_at & relevant).sum(axis=0)), "random order"),
        Line(
            ranks, kata.position_propensities(impressions, (looked_at & shown_relevant).sum(axis=0)), "the log itself"
        ),
    ]
    clicks = (looked_at & shown_relevant).astype(int)
    new = shown + 0.7 * rng.normal(size=quality.shape)
    old = np.tile(-ranks.astype(float), (n_queries, 1))
    limits = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0]
    values = [
        Line(limits, [kata.ips_dcg(scores, clicks, 1 / ranks, limit) for limit in limits], name)
        for name, scores in (("old ranking", old), ("new ranking", new))
    ]
    return [
        Panel(
            "Propensities",
            "rank",
            "relative to rank 1",
            curves,
            note="In the log good results stand at the top, so its click rates fall faster.",
        ),
        Panel(
            "Estimated DCG",
            "max_weight",
            "DCG",
            values,
            note="At 1 nothing is corrected, and the ranking that was shown looks better. The new one is better.",
        ),
    ]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


RATE = "rate = clicks / impressions"
RELATIVE = "return rate / rate[0]"
FIRST = "if clicks.size == 0 or clicks[0] == 0:"
KNOWN = "if not (propensities[shown] > 0).all():"
ORDER = 'order = np.argsort(-scores.astype(float), kind="stable")'
RANK = "new_rank = 1 + np.argsort(order)[query, shown]"
WEIGHTS = "weights = np.minimum(1 / propensities[shown], max_weight)"
MEAN = "return float((weights / np.log2(1 + new_rank)).sum() / len(scores))"
MISTAKES = {
    "click rates, not relative to rank 1": (RELATIVE, "return rate"),
    "relative to the largest": (RELATIVE, "return rate / np.nanmax(rate)"),
    "shares of a sum of 1": (RELATIVE, "return rate / np.nansum(rate)"),
    "clicks relative to rank 1, impressions ignored": (
        RELATIVE,
        "return np.where(impressions > 0, clicks / clicks[0], np.nan)",
    ),
    "impressions of rank 1 for all": (RATE, "rate = np.where(impressions > 0, clicks / impressions[0], np.nan)"),
    "smoothed rates": (RATE, "rate = np.where(impressions > 0, (clicks + 1) / (impressions + 2), np.nan)"),
    "cut off at 1": (RELATIVE, "return np.minimum(rate / rate[0], 1)"),
    "never rising": (RELATIVE, "return np.fmin.accumulate(rate / rate[0])"),
    "a floor": (RELATIVE, "return np.maximum(rate / rate[0], 1e-3)"),
    "never shown is 0": (RATE, "rate = clicks / np.maximum(impressions, 1)"),
    "never shown is as good as rank 1": (
        RATE,
        "rate = np.where(impressions > 0, clicks / impressions, clicks[0] / impressions[0])",
    ),
    "never shown is refused": (FIRST, "if (impressions == 0).any() or clicks[0] == 0:"),
    "never clicked is NaN": (RATE, "rate = np.where(clicks > 0, clicks, np.nan) / impressions"),
    "ranks never shown are left out": (RELATIVE, "return (rate / rate[0])[impressions > 0]"),
    "no click at rank 1 passes": (FIRST, "if clicks.size == 0:"),
    "only no impression at rank 1 is refused": (FIRST, "if clicks.size == 0 or impressions[0] == 0:"),
    "the propensity as weight": (WEIGHTS, "weights = np.minimum(propensities[shown], max_weight)"),
    "no weights": (WEIGHTS, "weights = np.minimum(1.0, max_weight)"),
    "the propensity of the new rank": (
        WEIGHTS,
        "weights = np.minimum(1 / np.where(propensities > 0, propensities, 1)[new_rank - 1], max_weight)",
    ),
    "discounted by the rank where it was shown": (MEAN, MEAN.replace("new_rank", "(1 + shown)")),
    "the natural logarithm": (MEAN, MEAN.replace("np.log2", "np.log")),
    "ranks begin at 0": (RANK, RANK.replace("1 + ", "0.01 + ")),
    "discounted by log2(rank + 2)": (MEAN, MEAN.replace("1 + new_rank", "2 + new_rank")),
    "discounted by the rank itself": (MEAN, MEAN.replace("np.log2(1 + new_rank)", "new_rank")),
    "argsort taken for ranks": (RANK, "new_rank = 1 + order[query, shown]"),
    "the lowest score on top": (ORDER, ORDER.replace("-scores.", "scores.")),
    "ties go to the last": (RANK, "new_rank = (scores[query] >= scores[query, shown][:, np.newaxis]).sum(axis=1)"),
    "ties share the best rank": (
        RANK,
        "new_rank = 1 + (scores[query] > scores[query, shown][:, np.newaxis]).sum(axis=1)",
    ),
    "close scores are ties": (ORDER, ORDER.replace("-scores.astype(float)", "-scores.astype(float).round(4)")),
    "relatively close scores are ties": (ORDER, ORDER.replace("-scores.astype(float)", "-scores.astype(np.float32)")),
    "all queries ranked together": (ORDER, 'order = np.argsort(-scores.ravel(), kind="stable").reshape(scores.shape)'),
    "the first click of a query only": (
        "query, shown = np.nonzero(clicks)",
        "query, first = np.unique(np.nonzero(clicks)[0], return_index=True)\n    shown = np.nonzero(clicks)[1][first]",
    ),
    "the mean over queries with a click": (MEAN, MEAN.replace("len(scores)", "max(len(set(query.tolist())), 1)")),
    "the mean over clicks": (MEAN, MEAN.replace("len(scores)", "max(len(query), 1)")),
    "the mean over results": (MEAN, MEAN.replace("len(scores)", "scores.size")),
    "a sum over queries": (MEAN, MEAN.replace(" / len(scores)", "")),
    "self-normalised": (MEAN, MEAN.replace("len(scores)", "max(weights.sum(), 1e-300)")),
    "not clipped": (WEIGHTS, "weights = 1 / propensities[shown]"),
    "the discounted weight is clipped": [
        (WEIGHTS, "weights = 1 / propensities[shown]"),
        (MEAN, "return float(np.minimum(weights / np.log2(1 + new_rank), max_weight).sum() / len(scores))"),
    ],
    "heavy clicks are dropped": (WEIGHTS, "weights = 1 / propensities[shown]\n    weights[weights > max_weight] = 0"),
    "weights are 1 at least": (WEIGHTS, "weights = np.minimum(np.maximum(1 / propensities[shown], 1), max_weight)"),
    "a floor under the propensity": (
        WEIGHTS,
        WEIGHTS.replace("propensities[shown]", "np.maximum(propensities[shown], 1e-3)"),
    ),
    "NaN times 0": (
        MEAN,
        "return float((weights / np.log2(1 + new_rank)).sum() / len(scores) + 0 * propensities.sum())",
    ),
    "unknown propensities are always refused": (KNOWN, "if not (propensities > 0).all():"),
    "a click at an unknown rank passes": (KNOWN, "if False:"),
    "a click at a rank with NaN passes": (KNOWN, "if (propensities[shown] <= 0).any():"),
    "a click at a rank with 0 passes": (
        KNOWN,
        "if np.isnan(propensities[shown]).any() or (propensities[shown] < 0).any():",
    ),
    "a click at an unknown rank is left out": (
        "query, shown = np.nonzero(clicks)",
        "query, shown = np.nonzero(clicks * (propensities > 0))",
    ),
}

STRICT_MISTAKES = {
    "more clicks than impressions pass": ("(clicks < 0).any() or (clicks > impressions).any()", "(clicks < 0).any()"),
    "negative counts pass": ("(clicks < 0).any() or (clicks > impressions).any()", "(clicks > impressions).any()"),
    "one count for all ranks": (
        "if impressions.shape != clicks.shape:",
        "if impressions.ndim != 1:",
    ),
    "no query": ("if scores.shape != clicks.shape or len(scores) == 0:", "if scores.shape != clicks.shape:"),
    "surplus propensities": ("if propensities.shape != scores.shape[1:]:", "if len(propensities) < scores.shape[1]:"),
    "unsigned scores turn round": (ORDER, ORDER.replace(".astype(float)", "")),
}
