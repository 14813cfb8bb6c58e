import math
from itertools import permutations

import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def relevance(rng):
    """Five items in any order: grades 0, 1 and 3, one that is a fraction, and one that may repeat another."""
    return rng.permutation([0.0, 1.0, 3.0, 1.5, float(rng.integers(0, 4))])


def defined(relevance, k, gain="exponential"):
    """Return the sum over the first k ranks of gain over discount."""
    total = 0.0
    for rank in range(1, min(k, len(relevance)) + 1):
        r = float(relevance[rank - 1])
        total += (2**r - 1 if gain == "exponential" else r) / math.log2(rank + 1)
    return total


def share_of_best(relevance, k, gain="exponential"):
    """Return the sum as a share of the largest that any order of the items has."""
    return defined(relevance, k, gain) / max(defined(order, k, gain) for order in permutations(relevance))


def test_gain_and_discount(kata, relevance):
    """Each item adds (2^r - 1) / log2(rank + 1), and the first rank is 1."""
    assert_close(kata.dcg_at_k(np.array([3]), 1), 7.0)
    assert_close(kata.dcg_at_k(np.array([0, 3]), 2), 7 / math.log2(3))
    assert_close(kata.dcg_at_k(np.array([3, 2, 0, 1]), 4), 7 + 3 / math.log2(3) + 1 / math.log2(5))
    assert_close(kata.dcg_at_k(relevance, 5), defined(relevance, 5))


def test_linear_gain(kata, relevance):
    """With linear gain an item adds r / log2(rank + 1)."""
    assert_close(kata.dcg_at_k(np.array([0, 3]), 2, gain="linear"), 3 / math.log2(3))
    assert_close(kata.dcg_at_k(relevance, 5, gain="linear"), defined(relevance, 5, "linear"))


def test_cut(kata, rng, relevance):
    """Only the first k items count."""
    assert_close(kata.dcg_at_k(np.array([1, 2, 3]), 1), 1.0)
    for k in (2, 3, 4):
        assert_close(kata.dcg_at_k(relevance, k), defined(relevance, k))
        assert_close(kata.dcg_at_k(relevance, k, "linear"), defined(relevance, k, "linear"))
    many = rng.integers(0, 4, size=300)
    assert_close(kata.dcg_at_k(many, 250), defined(many, 250))


def test_cut_beyond_the_end(kata, relevance):
    """If k is larger than the number of items, all of them count."""
    assert_close(kata.dcg_at_k(np.array([3]), 10), 7.0)
    assert_close(kata.dcg_at_k(relevance, 6), defined(relevance, 5))
    assert_close(kata.dcg_at_k(relevance, 100, "linear"), defined(relevance, 5, "linear"))
    assert_close(kata.ndcg_at_k(relevance, 100), share_of_best(relevance, 5))


def test_share_of_the_ideal(kata, relevance):
    """NDCG divides by the DCG of the best order of the items, with the same gain."""
    assert_close(kata.ndcg_at_k(np.array([2, 1]), 2), 1.0)
    assert_close(kata.ndcg_at_k(np.array([0, 1]), 2), 1 / math.log2(3))
    assert_close(kata.ndcg_at_k(np.array([1, 2]), 2), (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)))
    assert_close(kata.ndcg_at_k(np.array([1, 2]), 2, gain="linear"), (1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3)))
    for gain in ("exponential", "linear"):
        assert_close(kata.ndcg_at_k(relevance, 5, gain), share_of_best(relevance, 5, gain))


def test_ideal_draws_on_all_items(kata, relevance):
    """The ideal ranking takes the k best of all items, also of those below rank k."""
    assert_close(kata.ndcg_at_k(np.array([1, 3]), 1), 1 / 7)
    assert_close(kata.ndcg_at_k(np.array([1, 1, 3]), 1, gain="linear"), 1 / 3)
    for k in (1, 2, 3, 4):
        assert_close(kata.ndcg_at_k(relevance, k), share_of_best(relevance, k))
        assert_close(kata.ndcg_at_k(relevance, k, "linear"), share_of_best(relevance, k, "linear"))


def test_nothing_relevant(kata):
    """If no item is relevant, NDCG is 0; also if all relevant items are below rank k."""
    for relevance in (np.zeros(3), np.array([0]), np.array([0.0, 0.0, 3.0, 1.0])):
        assert_close(kata.dcg_at_k(relevance, 2), 0.0)
        for gain in ("exponential", "linear"):
            assert_close(kata.ndcg_at_k(relevance, 2, gain), 0.0)


def test_integers_and_fractions(kata):
    """Relevance may be integer grades or fractions, and the result is not cut to an integer."""
    # Grades below 1 are relevant too. An eps in the divisor is forgiven here.
    for least in (0.1, 0.001):
        assert_close(kata.ndcg_at_k(np.array([least, 4 * least]), 1, gain="linear"), 1 / 4, rtol=1e-4)
    for relevance in (np.array([0.5, 1.25, 0.25]), np.array([1, 0, 4, 2]), np.array([9, 20, 1])):
        n = len(relevance)
        for gain in ("exponential", "linear"):
            assert_close(kata.dcg_at_k(relevance, n, gain), defined(relevance, n, gain))
            assert_close(kata.ndcg_at_k(relevance, n, gain), share_of_best(relevance, n, gain))


def test_k_below_one(kata):
    """A k below 1 raises ValueError."""
    # Also if the answer would be 0 or 1 whatever k is.
    for relevance in ([3.0, 2.0], [0.0, 0.0], [2.0, 2.0], [1.0]):
        for k in (0, -1):
            for function in (kata.dcg_at_k, kata.ndcg_at_k):
                with pytest.raises(ValueError):
                    function(np.array(relevance), k)


@strict
def test_any_size(kata):
    """Relevance may be 1e-9 or 1000."""
    # Nearly irrelevant is relevant.
    assert_close(kata.ndcg_at_k(np.array([1e-9, 3e-9]), 1, "linear"), 1 / 3)
    for relevance in (np.array([0.01, 0.03]), np.array([3.0, 64.0, 70.0]), np.array([1000.0, 2.0, 999.0])):
        n = len(relevance)
        assert_close(kata.dcg_at_k(relevance, n), defined(relevance, n))
        assert_close(kata.ndcg_at_k(relevance, n), share_of_best(relevance, n))


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int16, int], ids=["uint8", "int16", "int64"])
def test_integers(kata, kind):
    """Relevance may be integers of any type."""
    for grades in ([9, 0, 3, 12], [3, 64, 70]):
        relevance, n = np.array(grades, dtype=kind), len(grades)
        for gain in ("exponential", "linear"):
            assert_close(kata.dcg_at_k(relevance, n, gain), defined(relevance, n, gain))
            assert_close(kata.ndcg_at_k(relevance, n, gain), share_of_best(relevance, n, gain))


@strict
def test_no_items(kata):
    """Without items, DCG and NDCG are 0."""
    for gain in ("exponential", "linear"):
        assert_close(kata.dcg_at_k(np.zeros(0), 2, gain), 0.0)
        assert_close(kata.ndcg_at_k(np.zeros(0), 2, gain), 0.0)


@strict
@pytest.mark.parametrize("function", ["dcg_at_k", "ndcg_at_k"])
def test_bad_input(kata, function):
    """Another gain or a negative relevance raises ValueError, also if nothing is relevant."""
    for relevance, k, gain in [
        ([3, 2], 2, "quadratic"),
        ([3, 2], 2, "exp"),
        ([3, -1], 2, "exponential"),
        ([-0.5, 2.0], 2, "linear"),
        ([3, 2, -1], 1, "exponential"),
        ([0, 0, -1], 2, "linear"),
        ([0, 0], 0, "linear"),
        ([0, 0], 2, "quadratic"),
    ]:
        with pytest.raises(ValueError):
            getattr(kata, function)(np.array(relevance), k, gain)


def workload(kata, rng, n):
    grades = rng.integers(0, 5, size=n)
    # Some lists have fractions, some end before k, and some have little or nothing that is relevant.
    relevance = [grades, grades * rng.random(n), grades * (rng.random(n) < 0.05), np.zeros(n)][rng.integers(4)]
    k = int(rng.integers(1, n + 3))
    return (
        kata.dcg_at_k(relevance, k),
        kata.dcg_at_k(relevance, k, "linear"),
        kata.ndcg_at_k(relevance, k),
        kata.ndcg_at_k(relevance, k, "linear"),
    )


MISTAKES = {
    "no discount at the first two ranks, as first published": (
        "np.log2(np.arange(len(shown)) + 2)",
        "np.maximum(np.log2(np.arange(len(shown)) + 1), 1)",
    ),
    "ranks count from 2": ("np.arange(len(shown)) + 2", "np.arange(len(shown)) + 3"),
    "natural logarithm": ("np.log2(np.arange(len", "np.log(np.arange(len"),
    "discount by the rank itself": ("np.log2(np.arange(len(shown)) + 2)", "(np.arange(len(shown)) + 1)"),
    "no discount": (" / np.log2(np.arange(len(shown)) + 2)", ""),
    "gain r^2": ("2**shown - 1 if", "shown**2 if"),
    "linear gain for both": ("2**shown - 1 if gain", "shown if gain"),
    "exponential gain for both": ('if gain == "exponential" else shown', 'if gain != "" else shown'),
    "linear unless told otherwise": (
        'def dcg_at_k(relevance: np.ndarray, k: int, gain: str = "exponential")',
        'def dcg_at_k(relevance: np.ndarray, k: int, gain: str = "linear")',
    ),
    "grades cut to whole numbers": (
        "    shown = relevance[:k].astype(float)\n",
        "    shown = relevance[:k].astype(int)\n",
    ),
    "binary relevance": ("    shown = relevance[:k].astype(float)\n", "    shown = (relevance[:k] > 0) * 1.0\n"),
    "the result is a whole number": (
        "float((gains / np.log2(np.arange(len(shown)) + 2)).sum())",
        "float((gains / np.log2(np.arange(len(shown)) + 2)).sum().astype(relevance.dtype))",
    ),
    "all ranks count": ("    shown = relevance[:k].astype(float)\n", "    shown = relevance\n"),
    "k counts from 0": ("    shown = relevance[:k].astype(float)\n", "    shown = relevance[: k + 1]\n"),
    "the last k count": ("    shown = relevance[:k].astype(float)\n", "    shown = relevance[-k:]\n"),
    "k beyond the end is refused": ("    if k < 1:\n", "    if not 1 <= k <= len(relevance):\n"),
    "k beyond the end leaves NaN": (
        "    shown = relevance[:k].astype(float)\n",
        "    shown = np.append(relevance, np.full(max(k - len(relevance), 0), np.nan))[:k]\n",
    ),
    "the DCG of the items sorted": (
        "    shown = relevance[:k].astype(float)\n",
        "    shown = np.sort(relevance)[::-1][:k]\n",
    ),
    "ideal of the first k items": ("np.sort(relevance)[::-1], k, gain)", "np.sort(relevance[:k])[::-1], k, gain)"),
    "ideal of all ranks": ("np.sort(relevance)[::-1], k, gain)", "np.sort(relevance)[::-1], len(relevance) + 1, gain)"),
    "ideal from the least relevant up": ("np.sort(relevance)[::-1], k, gain)", "np.sort(relevance), k, gain)"),
    "ideal of nothing but the best grade": (
        "np.sort(relevance)[::-1], k, gain)",
        "np.full(len(relevance), max(relevance, default=0)), k, gain)",
    ),
    "gain not handed on": (
        "    dcg = dcg_at_k(relevance, k, gain)\n    ideal = dcg_at_k(np.sort(relevance)[::-1], k, gain)\n",
        "    dcg = dcg_at_k(relevance, k)\n    ideal = dcg_at_k(np.sort(relevance)[::-1], k)\n",
    ),
    "gain not handed on to the ideal": ("np.sort(relevance)[::-1], k, gain)", "np.sort(relevance)[::-1], k)"),
    "nothing relevant gives NaN": (
        "return dcg / ideal if ideal > 0 else 0.0",
        "return float(np.divide(dcg, ideal))",
    ),
    "nothing relevant is perfect": (
        "return dcg / ideal if ideal > 0 else 0.0",
        "return dcg / ideal if ideal > 0 else 1.0",
    ),
    "nothing relevant is refused": (
        "    dcg = dcg_at_k(relevance, k, gain)\n    ideal",
        "    if not relevance.any():\n        raise ValueError\n    dcg = dcg_at_k(relevance, k, gain)\n    ideal",
    ),
    "grades below 1 are not relevant": (
        "return dcg / ideal if ideal > 0 else 0.0",
        "return dcg / ideal if (relevance >= 1).any() else 0.0",
    ),
    "k of 0 passes": ("    if k < 1:\n", "    if k < 0:\n"),
    "any k passes where nothing is relevant": (
        "    dcg = dcg_at_k(relevance, k, gain)\n    ideal",
        (
            "    if k < 1 and not relevance.any():\n        return 0.0\n"
            "    dcg = dcg_at_k(relevance, k, gain)\n    ideal"
        ),
    ),
    "gain 2^r": ("2**shown - 1 if", "2**shown if"),
}

STRICT_MISTAKES = {
    "an eps in the divisor": ("return dcg / ideal if ideal > 0 else 0.0", "return dcg / (ideal + 1e-12)"),
    "any other gain is linear": ('if gain not in ("exponential", "linear"):', "if False:"),
    "a negative relevance passes": ("(relevance < 0).any()", "False"),
    "a negative relevance passes below rank k": ("(relevance < 0).any()", "(relevance[:k] < 0).any()"),
    "any gain or sign passes where nothing is relevant": (
        "    dcg = dcg_at_k(relevance, k, gain)\n    ideal",
        (
            "    if k >= 1 and not (relevance > 0).any():\n        return 0.0\n"
            "    dcg = dcg_at_k(relevance, k, gain)\n    ideal"
        ),
    ),
    "a gain that begins so passes": (
        'if gain not in ("exponential", "linear"):',
        'if not "exponential".startswith(gain) and gain != "linear":',
    ),
    "a little relevance is none": (
        "return dcg / ideal if ideal > 0 else 0.0",
        "return 0.0 if np.isclose(ideal, 0) else dcg / ideal",
    ),
    "powers in the type of the grades": ("relevance[:k].astype(float)", "relevance[:k]"),
    "no item is refused": ("    if k < 1:\n", "    if k < 1 or len(relevance) == 0:\n"),
}
