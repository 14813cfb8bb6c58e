"""The matching beside SciPy's `linear_sum_assignment`, and the cost beside its definition in fractions.

The cost is that of DETR's matcher. torchvision, whose GIoU that one could use, does not install beside the PyTorch of
these tests, so the definition is written out.
"""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from tests.bench.peers import Peer
from tests.oracles.claims import within

MATCHERS = ["match", "match_via_flow", "match_via_exchanges"]


def assert_least(reference, cost):
    rows, columns = linear_sum_assignment(cost)
    expected = cost[rows, columns].sum()
    for name in MATCHERS:
        found = getattr(reference, name)(cost)
        assert len(found.rows) == len(found.columns) == len(set(found.columns.tolist())) == min(cost.shape)
        assert (np.diff(found.rows) > 0).all()
        np.testing.assert_allclose(cost[found.rows, found.columns].sum(), expected, rtol=1e-9, atol=1e-13)


def test_random(reference, rng):
    for _ in range(150):
        shape = tuple(rng.integers(0, 12, size=2))
        cost = rng.normal(size=shape) * 10.0 ** rng.integers(-6, 7)
        assert_least(reference, cost)
        assert_least(reference, np.abs(cost))
        assert_least(reference, rng.integers(-2, 3, size=shape).astype(float))


def test_same_pairs(reference, rng):
    """Where only one matching is best, the pairs and their order are SciPy's."""
    for _ in range(50):
        cost = rng.normal(size=rng.integers(1, 15, size=2))
        for ours, theirs in zip(reference.match(cost), linear_sum_assignment(cost), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_large(reference, rng):
    assert_least(reference, rng.normal(size=(120, 200)))
    assert_least(reference, np.multiply.outer(np.arange(60.0), np.arange(60.0)))


def test_edges(reference):
    for shape in [(0, 0), (0, 3), (3, 0), (1, 1), (1, 4), (4, 1)]:
        assert_least(reference, np.zeros(shape))
    bad = np.zeros((2, 3))
    for value in (np.nan, -np.inf):
        bad[1, 1] = value
        for function in (reference.match, linear_sum_assignment):
            with pytest.raises(ValueError):
                function(bad)
    # SciPy takes an infinite cost for a pair that is forbidden. The statement forbids it.
    bad[1, 1] = np.inf
    with pytest.raises(ValueError):
        reference.match(bad)


def defined_cost(probs, a, label, b, weights):
    """Return the cost of one query and one object; no fraction rounds."""
    a, b = [Fraction(x) for x in a], [Fraction(x) for x in b]
    sides = []
    for k in (0, 1):
        (low_a, high_a), (low_b, high_b) = ((c[k] - c[k + 2] / 2, c[k] + c[k + 2] / 2) for c in (a, b))
        sides.append((max(min(high_a, high_b) - max(low_a, low_b), 0), max(high_a, high_b) - min(low_a, low_b)))
    both, around = sides[0][0] * sides[1][0], sides[0][1] * sides[1][1]
    either = a[2] * a[3] + b[2] * b[3] - both
    giou = (both / either if either else 0) - ((around - either) / around if around else 0)
    distance = sum(abs(x - y) for x, y in zip(a, b, strict=True))
    by_class, by_box, by_giou = map(Fraction, weights)
    return float(-by_class * Fraction(probs[label]) + by_box * distance - by_giou * giou)


def assert_costs(reference, probs, queries, labels, objects, weights=(1.0, 5.0, 2.0)):
    expected = [
        [defined_cost(p, a, k, b, weights) for k, b in zip(labels.tolist(), objects.tolist(), strict=True)]
        for p, a in zip(probs.tolist(), queries.tolist(), strict=True)
    ]
    expected = np.array(expected).reshape(len(queries), len(objects))
    for name in ("detr_cost", "detr_cost_via_loop", "detr_cost_via_distances"):
        found = getattr(reference, name)(probs, queries, labels, objects, *weights)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_random_costs(reference, rng):
    for _ in range(60):
        n, m = rng.integers(0, 6, size=2)
        probs, labels = rng.dirichlet(np.ones(4), size=n), rng.integers(0, 4, size=m)
        queries, objects = rng.uniform(1e-3, 1, size=(n, 4)), rng.uniform(1e-3, 1, size=(m, 4))
        assert_costs(reference, probs, queries, labels, objects)
        assert_costs(reference, probs, queries, labels, objects, tuple(rng.uniform(0, 5, size=3)))
        assert_costs(reference, probs, queries.round(1), labels, objects.round(1), (0.0, 0.0, 1.0))


def test_edges_of_costs(reference):
    boxes = np.array([[2, 3, 0, 0], [4, 4, 6, 0], [4, 4, 0, 6], [2, 3, 2, 4], [90, 90, 60, 80]])
    probs, labels = np.eye(5), np.array([4, 3, 0, 0, 1])
    for kind in (float, np.uint8, np.int8, np.int32):
        assert_costs(reference, probs, boxes.astype(kind), labels, boxes[::-1].astype(kind))
    assert_costs(reference, probs, boxes * 1e-3, labels, boxes * 1e-3)
    for label in (-1, 5):
        with pytest.raises(ValueError):
            reference.detr_cost(probs[:1], boxes[:1], np.array([label]), boxes[:1])
    for bad in ([0, 0, -1, 1], [0, 0, 1, -1]):
        for a, b in [(np.array([bad]), boxes[:1]), (boxes[:1], np.array([bad]))]:
            with pytest.raises(ValueError):
                reference.detr_cost(probs[:1], a, labels[:1], b)


def test_claim_of_greed(reference):
    """The numbers of the second follow-up."""

    def totals(rng):
        tables = rng.random((5, 100, 100))
        least = [table[tuple(reference.match(table))].sum() for table in tables]
        return np.mean(least), np.mean([_pairs(table) for table in tables]), np.mean([_rows(table) for table in tables])

    within([1.4, 3.2, 3.6], [1.8, 4.6, 4.9], totals, seeds=6)


def _pairs(table):
    """Return the total if the best pair is taken first, then the best of what is left."""
    table, total = table.copy(), 0.0
    for _ in range(len(table)):
        row, column = np.unravel_index(np.argmin(table), table.shape)
        total += table[row, column]
        table[row], table[:, column] = np.inf, np.inf
    return total


def _rows(table):
    """Return the total if each row in turn takes the best column that is left."""
    table, total = table.copy(), 0.0
    for row in range(len(table)):
        column = np.argmin(table[row])
        total += table[row, column]
        table[:, column] = np.inf
    return total


def test_claim_of_rows(reference, rng):
    """The numbers of the third follow-up."""
    for _ in range(50):
        cost = rng.normal(size=(3, 5))
        moved = cost + np.array([[0.0], [10.0], [0.0]])
        np.testing.assert_array_equal(reference.match(cost), reference.match(moved))
    assert reference.match(np.array([[1.0], [2.0]])).rows.tolist() == [0]
    assert reference.match(np.array([[11.0], [2.0]])).rows.tolist() == [1]


def test_claim_of_thresholds(reference):
    """The numbers of the fifth follow-up."""
    overlaps = np.array([[0.9, 0.75], [0.72, 0.6]])
    assert reference.match(1 - overlaps).columns.tolist() == [0, 1]
    assert reference.match(np.where(overlaps < 0.7, 1e3, 1 - overlaps)).columns.tolist() == [1, 0]


def peers(reference, rng):
    """Yield the matching of a large table."""
    cost = rng.normal(size=(100, 200))
    yield Peer(
        "100 rows, 200 columns",
        "linear_sum_assignment",
        lambda: reference.match(cost),
        lambda: linear_sum_assignment(cost),
        reason="compiled code",
    )
