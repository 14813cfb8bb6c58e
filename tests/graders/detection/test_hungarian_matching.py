from itertools import permutations

import numpy as np
import pytest

from katagrad.picture import Boxes, Heat, Panel
from katagrad.testing import assert_close, assert_equal, strict

# Boxes are handed over in this unit. Their areas are so large that a 1e-6 added to a denominator does no harm.
UNIT = 4096.0

# Greedy choices, by row, by column or overall, and swaps of two rows after them, all end above the least total of 11.
HARD = [
    [4.0, 7.0, 6.0, 9.0, 5.0],
    [2.0, 4.0, 6.0, 3.0, 1.0],
    [2.0, 1.0, 8.0, 6.0, 9.0],
    [8.0, 1.0, 6.0, 9.0, 5.0],
    [6.0, 7.0, 0.0, 9.0, 8.0],
]


@pytest.fixture
def scene(rng):
    """Four queries and three objects, not square, of whole corners, with probabilities and labels."""
    corners = rng.integers(-5, 6, size=(7, 2))
    corners = np.column_stack([corners, corners + rng.integers(1, [6, 9], size=(7, 2))])
    return rng.dirichlet(np.ones(5), size=4), corners[:4], np.array([3, 0, 3]), corners[4:]


def centred(corners):
    """Return centre and size of boxes given by their corners."""
    corners = np.asarray(corners, dtype=float)
    low, high = corners[:, :2], corners[:, 2:]
    return np.column_stack([(low + high) / 2, high - low])


def cells(box):
    """Return the unit squares that a box of whole corners is made of."""
    x1, y1, x2, y2 = map(int, box)
    return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}


def defined_giou(corners_a, corners_b):
    """Count squares, pair by pair."""
    table = np.zeros((len(corners_a), len(corners_b)))
    for i, a in enumerate(corners_a):
        for j, b in enumerate(corners_b):
            both, either = len(cells(a) & cells(b)), len(cells(a) | cells(b))
            around = len(cells([min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])]))
            table[i, j] = both / either - (around - either) / around
    return table


def defined_distance(corners_a, corners_b):
    """Add up the differences of centres and sizes, pair by pair."""
    return np.array([[sum(abs(a - b)) for b in centred(corners_b)] for a in centred(corners_a)])


def costs(kata, scene, *weights, unit=1.0):
    """Return the costs of a scene."""
    probs, queries, labels, objects = scene
    return kata.detr_cost(probs, centred(queries) * unit, labels, centred(objects) * unit, *weights)


def least(cost):
    """Return the least total, by trying all matchings."""
    cost = np.asarray(cost)
    cost = cost if len(cost) <= cost.shape[1] else cost.T
    rows = range(len(cost))
    return min(
        sum(cost[i, j] for i, j in zip(rows, chosen, strict=True))
        for chosen in permutations(range(cost.shape[1]), len(cost))
    )


def total_of(kata, cost):
    """Return the total of what is matched, which has to be a matching with its rows in ascending order."""
    cost = np.array(cost)
    found = kata.match(cost)
    rows, columns = found.rows.astype(int), found.columns.astype(int)
    for name, picked, size in [("rows", rows, len(cost)), ("columns", columns, cost.shape[1])]:
        assert_equal(picked.shape, (min(cost.shape),), what=f"the shape of {name}")
        assert_equal([k for k in picked.tolist() if not 0 <= k < size], [], what=f"{name} that do not exist")
        assert_equal(len(set(picked.tolist())), len(picked), what=f"the number of different {name}")
    assert_equal(rows.tolist(), sorted(rows.tolist()), what="rows")
    return cost[rows, columns].sum()


def assert_least(kata, cost, expected=None):
    assert_close(total_of(kata, cost), least(cost) if expected is None else expected, what="the total cost")


def test_class_term(kata, scene):
    """The first term is the probability that the query gives to the label of the object, negative: no logarithm."""
    probs = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.5, 1e-6, 0.499999]])
    same = np.array([[0, 0, 2, 2]] * 3)
    found = costs(kata, (probs, same, np.array([1, 1, 0]), same), 2.0, 0.0, 0.0)
    assert_close(found, [[-0.4, -0.4, -1.4], [-2.0, -2.0, 0.0], [-2e-6, -2e-6, -1.0]])
    assert_close(costs(kata, scene, 0.25, 0.0, 0.0), -0.25 * scene[0][:, [3, 0, 3]])


def test_distance_term(kata, scene):
    """The second term is the sum of absolute differences of centre x, centre y, width and height, not of corners."""
    one = (np.ones((1, 1)), np.array([[3, 3, 5, 5]]), np.array([0]), np.array([[3, 3, 7, 5], [1, 2, 4, 6]]))
    one = (*one[:2], np.array([0, 0]), one[3])
    # From (4, 4, 2, 2) to (5, 4, 4, 2) and to (2.5, 4, 3, 4).
    assert_close(costs(kata, one, 0.0, 1.0, 0.0), [[3.0, 4.5]])
    _, queries, _, objects = scene
    for unit in (1.0, 2.0**-16, 2.0**16):
        expected = defined_distance(queries, objects) * 3.0 * unit
        assert_close(costs(kata, scene, 0.0, 3.0, 0.0, unit=unit), expected, atol=0.0)


def test_giou_term(kata, scene):
    """The third term is the negative GIoU of the boxes that have these centres and sizes."""
    query = np.array([[1, 2, 3, 5]])
    others = [
        [2, 3, 4, 6],
        [5, 2, 7, 5],
        [1, 9, 3, 12],
        [5, 9, 7, 12],
        [3, 5, 5, 8],
        [1, 2, 2, 4],
        [-1, 0, 4, 6],
        [1, 2, 3, 5],
    ]
    gious = [2 / 10 - 2 / 12, -6 / 18, -8 / 20, -48 / 60, -12 / 24, 2 / 6, 6 / 30, 1.0]
    one = (np.ones((1, 1)), query, np.zeros(8, dtype=int), np.array(others))
    assert_close(costs(kata, one, 0.0, 0.0, 1.0, unit=UNIT), -np.array([gious]))
    _, queries, _, objects = scene
    assert_close(costs(kata, scene, 0.0, 0.0, 0.5, unit=UNIT), -0.5 * defined_giou(queries, objects))


def test_cost(kata, scene):
    """The three terms are weighted by class_cost, bbox_cost and giou_cost: 1, 5 and 2 by default."""
    pair = (np.array([[0.5, 0.3, 0.2]]), np.array([[3, 3, 5, 5]]), np.array([1]), np.array([[4, 3, 6, 5]]))
    assert_close(costs(kata, pair, unit=UNIT), [[-0.3 + 5 * UNIT - 2 / 3]])
    probs, queries, labels, objects = scene
    terms = probs[:, labels], defined_distance(queries, objects) * UNIT, defined_giou(queries, objects)
    for weights in [(), (1.0, 5.0), (0.0, 2.0, 3.0), (4.0, 0.0, 0.125), (2.0, 0.25, 0.0), (0.0, 0.0, 0.0)]:
        by_class, by_box, by_giou = (*weights, *(1.0, 5.0, 2.0)[len(weights) :])
        expected = -by_class * terms[0] + by_box * terms[1] - by_giou * terms[2]
        assert_close(costs(kata, scene, *weights, unit=UNIT), expected)


def test_least_total(kata, rng):
    """The matching has the least total cost: the best pair, or the best column of a row, need not belong to it."""
    assert_least(kata, [[1.0, 2.0], [2.0, 9.0]], 4.0)
    assert_least(kata, [[3.0, 1.0], [1.0, 5.0]], 2.0)
    for cost in (np.array(HARD), np.array(HARD).T, np.array(HARD)[::-1], np.array(HARD)[:, ::-1]):
        assert_least(kata, cost, 11.0)
    # Only if three rows exchange their columns, the total falls.
    assert_least(kata, [[1.0, 0.0, 9.0], [9.0, 1.0, 0.0], [0.0, 9.0, 1.0]], 0.0)
    for n in (3, 4, 5, 6):
        assert_least(kata, rng.normal(size=(n, n)))
        assert_least(kata, rng.integers(0, 9, size=(n, n)) + 0.0)


def test_rectangles(kata, rng):
    """Of n rows and m columns, min(n, m) are matched, rows in ascending order."""
    wide = np.array([[1.0, 2.0, 9.0], [2.0, 9.0, 9.0]])
    found = kata.match(wide)
    assert_equal([found.rows, found.columns], [np.array([0, 1]), np.array([1, 0])])
    tall = np.array([[9.0, 4.0], [5.0, 1.0], [9.0, 9.0], [2.0, 1.0]])
    found = kata.match(tall)
    assert_equal([found.rows, found.columns], [np.array([1, 3]), np.array([1, 0])])
    found = kata.match(tall[::-1])
    assert_equal([found.rows, found.columns], [np.array([0, 2]), np.array([0, 1])])
    assert_least(kata, np.array(HARD)[:3])
    assert_least(kata, np.array(HARD)[:, 2:])
    for shape in [(1, 5), (5, 1), (2, 5), (5, 2), (3, 6), (6, 3), (4, 5), (5, 4), (6, 5)]:
        assert_least(kata, rng.normal(size=shape))


def test_signs(kata, rng):
    """Costs may be negative, all or some. A number added to a whole row counts where rows are left over."""
    assert_least(kata, [[-5.0]], -5.0)
    assert_least(kata, [[-1.0, -3.0], [-2.0, -9.0], [0.0, -8.0]], -10.0)
    assert_least(kata, [[4.0, 1.0], [-3.0, -1.0], [2.0, 0.0]], -3.0)
    # The best of each column is in the first row, which is too dear.
    assert_least(kata, [[105.0, 101.0], [3.0, 8.0], [4.0, 5.0]], 8.0)
    for shape in [(4, 4), (3, 5), (5, 3)]:
        shifted = rng.normal(size=shape) + 1e3 * rng.normal(size=(shape[0], 1))
        for cost in (shifted, -np.abs(shifted), shifted + 1e5):
            assert_least(kata, cost)


def test_ties(kata, rng):
    """If several matchings have the least total, any of them will do."""
    for shape in [(1, 1), (4, 4), (2, 5), (5, 2)]:
        assert_least(kata, np.zeros(shape), 0.0)
        assert_least(kata, np.full(shape, -2.5), -2.5 * min(shape))
        assert_least(kata, np.ones(shape).cumsum(axis=0))
        assert_least(kata, np.ones(shape).cumsum(axis=1))
        assert_least(kata, rng.integers(0, 2, size=shape) + 0.0)
        assert_least(kata, np.repeat(rng.integers(-1, 2, size=(1, shape[1])), shape[0], axis=0) + 0.0)
    assert_least(kata, [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 5.0]], 2.0)
    # Equal rows and equal columns, the larger costs first.
    assert_least(kata, np.multiply.outer([3.0, 3.0, 1.0, 2.0], [3.0, 1.0, 3.0, 2.0]))


def test_small_differences(kata):
    """Small costs count, and so do small differences of large costs."""
    hard, small = np.array(HARD), 2.0**-19
    for cost, expected in [
        (hard * small, 11 * small),
        (hard * 2.0**16, 11 * 2.0**16),
        (hard * small + 2.0**18, 11 * small + 5 * 2.0**18),
        (hard * small - 2.0**18, 11 * small - 5 * 2.0**18),
        (hard * small + 2.0**18 * np.arange(5)[:, None], 11 * small + 10 * 2.0**18),
        (hard[:3] * small - 2.0**18, least(hard[:3]) * small - 3 * 2.0**18),
        # Totals that differ by less than 1e-6.
        (np.array([[1.5, 1.0]]) * small, small),
        (hard * small / 8 + small, (11 / 8 + 5) * small),
    ]:
        assert_equal(total_of(kata, cost), expected, what="the total cost")
        assert_equal(total_of(kata, cost.T), expected, what="the total cost")


def test_nothing(kata, scene):
    """Without queries or without objects there are no costs and no pairs: shapes (0, m), (n, 0) and (0,)."""
    probs, queries, labels, objects = scene
    assert_close(costs(kata, (probs, queries, labels[:0], objects[:0])), np.zeros((4, 0)))
    assert_close(costs(kata, (probs[:0], queries[:0], labels, objects)), np.zeros((0, 3)))
    for shape in [(0, 3), (4, 0), (0, 0)]:
        assert_close(total_of(kata, np.zeros(shape)), 0.0)


def test_queries_find_their_objects(kata, scene):
    """Queries that are near the objects, in another order and among others, are matched with them."""
    probs, _, labels, _ = scene
    objects = np.array([[0, 0, 4, 4], [2, 2, 6, 6], [9, 9, 12, 15]])
    for order in [[2, 0, 3, 1], [3, 1, 2, 0], [1, 2, 0, 3]]:
        queries = np.array([[0, 0, 4, 5], [2, 1, 6, 6], [9, 9, 13, 15], [20, 20, 24, 24]])[order]
        found = kata.match(costs(kata, (probs, queries, labels, objects)))
        assert_equal([order[i] for i in found.rows.tolist()], found.columns.tolist(), what="the objects")
        assert_equal(found.rows.tolist(), [k for k in range(4) if order[k] < 3], what="rows")


@strict
def test_many(kata, rng):
    """200 rows and columns take O(n**3) time."""
    for n, m in [(200, 200), (120, 200), (200, 120)]:
        # With row and column prices, no matching costs less than all prices together; one costs just that.
        k, prices = min(n, m), rng.integers(0, 100, size=(2, max(n, m)))
        table = rng.integers(0, 50, size=(n, m))
        rows, columns = rng.permutation(n)[:k], rng.permutation(m)[:k]
        table[rows, columns] = 0
        by_row = prices[0][:n] if n <= m else -prices[0][:n] * np.isin(np.arange(n), rows)
        by_column = prices[1][:m] if m <= n else -prices[1][:m] * np.isin(np.arange(m), columns)
        cost = table + by_row[:, None] + by_column + 0.0
        assert_close(total_of(kata, cost), by_row.sum() + by_column.sum(), what="the total cost")


@strict
def test_small_boxes(kata, scene):
    """Boxes may be as small as 1e-3, and without width or height: a fraction whose denominator is 0 counts as 0."""
    _, queries, _, objects = scene
    assert_close(costs(kata, scene, 0.0, 0.0, 1.0, unit=2.0**-10), -defined_giou(queries, objects))
    near = (np.ones((1, 1)), np.array([[1, 2, 3, 5]]), np.array([0]), np.array([[2, 3, 4, 6]]))
    assert_close(costs(kata, near, 0.0, 0.0, 1.0, unit=2.0**-10), [[2 / 12 - 2 / 10]])
    point, line, box = [2, 3, 2, 3], [0, 4, 7, 4], [0, -1, 3, 1]
    rows = np.array([point, line, box])
    one = (np.ones((3, 1)), rows, np.zeros(3, dtype=int), rows)
    expected = [[0.0, 1.0, 6 / 12], [1.0, 0.0, 29 / 35], [6 / 12, 29 / 35, -1.0]]
    assert_close(costs(kata, one, 0.0, 0.0, 1.0), expected)


@strict
def test_integers(kata):
    """Boxes and costs may be integers of any type: no difference, sum or area wraps around."""
    queries, objects = (
        np.array([[50, 60, 100, 120], [4, 4, 8, 8]]),
        np.array([[60, 50, 80, 40], [120, 120, 6, 6], [9, 3, 2, 6]]),
    )
    labels, probs = np.array([0, 1, 0]), np.array([[0.25, 0.75], [1.0, 0.0]])
    expected = kata.detr_cost(probs, queries.astype(float), labels, objects.astype(float))
    for kind in (np.uint8, np.int8, np.int32, np.int64):
        found = kata.detr_cost(probs, queries.astype(kind), labels.astype(kind), objects.astype(kind))
        assert_close(found, expected)
        cost = (np.array(HARD) * 12).astype(kind)
        for table in (cost, cost.T, cost[:3]):
            found = kata.match(table)
            assert_equal(
                table.astype(int)[found.rows, found.columns].sum(), int(least(table.astype(int))), what="the total cost"
            )


@strict
def test_bad_input(kata, scene):
    """A cost that is not finite, a label that is no class, and a negative width or height raise ValueError."""
    for bad in (np.nan, np.inf, -np.inf):
        for shape in [(1, 1), (2, 3), (3, 2)]:
            cost = np.zeros(shape)
            cost[-1, -1] = bad
            with pytest.raises(ValueError):
                kata.match(cost)
    probs, queries, labels, objects = scene
    for bad in ([3, -1, 0], [5, 0, 0]):
        with pytest.raises(ValueError):
            costs(kata, (probs, queries, np.array(bad), objects))
    for place in (2, 3):
        for which in (0, 1):
            boxes = [centred(queries), centred(objects)]
            boxes[which][-1, place] = -1.0
            with pytest.raises(ValueError):
                kata.detr_cost(probs, boxes[0], labels, boxes[1])


def workload(kata, rng, n):
    """Objects of an image, some of them twice, a query near most of them, and costs with ties."""
    objects = rng.integers(1, 9, size=(n // 4 + 1, 4)) / 8
    objects[-1] = objects[0]
    queries = np.concatenate([objects + rng.uniform(0, 0.1, size=objects.shape), rng.uniform(0.1, 1, size=(2, 4))])
    queries = queries[rng.permutation(len(queries))]
    probs = rng.dirichlet(np.ones(4), size=len(queries))
    cost = kata.detr_cost(probs, queries, rng.integers(0, 3, size=len(objects)), objects)
    best = kata.match(cost)
    tied = np.round(cost)
    return cost, cost[best.rows, best.columns].sum(), tied.T[kata.match(tied.T)].sum()


def picture(kata, rng):
    objects = np.array([[30.0, 34.0, 36.0, 44.0], [44.0, 40.0, 34.0, 40.0], [80.0, 62.0, 26.0, 48.0]])
    queries = np.concatenate([objects[[1, 0, 0, 2]], [[70.0, 20.0, 30.0, 18.0]]]) + rng.normal(scale=3.0, size=(5, 4))
    probs = np.array([[0.8, 0.1, 0.1], [0.9, 0.05, 0.05], [0.7, 0.1, 0.2], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
    cost = kata.detr_cost(probs, queries / 100, np.array([0, 0, 1]), objects / 100)
    found = kata.match(cost)
    texts = [f"{i} = {j}" for i, j in zip(found.rows, found.columns, strict=True)]
    shown = [np.column_stack([one[:, :2] - one[:, 2:] / 2, one[:, :2] + one[:, 2:] / 2]) for one in (objects, queries)]
    axes = "x, % of the width", "y, % of the height"
    return [
        Panel(
            "Objects and queries",
            *axes,
            [Boxes(shown[1], "queries", faint=True), Boxes(shown[0], "objects", [f"{j}" for j in range(3)])],
            square=True,
        ),
        Panel(
            "The cost of each pair",
            "object",
            "query",
            [Heat(cost, "cost", [f"{i}" for i in range(5)], [f"{j}" for j in range(3)])],
            note="The matching takes one cell of each column, no two in one row.",
        ),
        Panel(
            "Matched: query = object",
            *axes,
            [
                Boxes(np.delete(shown[1], found.rows, axis=0), "no object", faint=True),
                Boxes(shown[1][found.rows], "matched", texts),
            ],
            note="A second query near an object gets none: it learns to say 'no object'.",
            square=True,
        ),
    ]


MISTAKES = {
    "greedy: each row takes the best column that is left": (
        "    table = _wide(cost)\n    n, m = table.shape\n    owner, u, v",
        (
            "    table = _wide(cost)\n    n, m = table.shape\n    owner = np.full(m, -1)\n    for row in range(n):\n"
            "        owner[np.argmin(np.where(owner < 0, table[row], np.inf))] = row\n"
            "    return _matching(owner, cost)\n    owner, u, v"
        ),
    ),
    "greedy: the best pair that is left": (
        "    table = _wide(cost)\n    n, m = table.shape\n    owner, u, v",
        (
            "    table = _wide(cost).copy()\n    n, m = table.shape\n    owner = np.full(m, -1)\n"
            "    for _ in range(n):\n        row, column = np.unravel_index(np.argmin(table), table.shape)\n"
            "        owner[column], table[row], table[:, column] = row, np.inf, np.inf\n"
            "    return _matching(owner, cost)\n    owner, u, v"
        ),
    ),
    "greedy, then swaps of two rows": (
        "    table = _wide(cost)\n    n, m = table.shape\n    owner, u, v",
        (
            "    table = _wide(cost)\n    n, m = table.shape\n"
            "    table = np.concatenate([table, np.zeros((m - n, m))])\n    owner = np.full(m, -1)\n"
            "    for row in range(m):\n        owner[np.argmin(np.where(owner < 0, table[row], np.inf))] = row\n"
            "    for _ in range(50):\n        for a in range(m):\n            for b in range(a):\n"
            "                i, k = owner[a], owner[b]\n"
            "                if table[i, b] + table[k, a] < table[i, a] + table[k, b]:\n"
            "                    owner[a], owner[b] = k, i\n"
            "    return _matching(np.where(owner < n, owner, -1), cost)\n    owner, u, v"
        ),
    ),
    "the largest total": (
        "    return cost if len(cost)",
        "    cost = -cost.astype(float)\n    return cost if len(cost)",
    ),
    "wide tables only": (
        "    if len(cost) > cost.shape[1]:\n        return Matching(columns, rows)\n    order",
        "    order",
    ),
    "rows of a tall table in the order of the columns": (
        "return Matching(columns, rows)",
        "return Matching(columns[np.argsort(rows)], np.sort(rows))",
    ),
    "rows in the order of the columns": (
        "return Matching(rows[order], columns[order])",
        "return Matching(rows, columns)",
    ),
    "pairs without their order": (
        "return Matching(rows[order], columns[order])",
        "return Matching(np.sort(rows), columns)",
    ),
    "costs rounded": ("    return cost if len(cost)", "    cost = cost.round(4)\n    return cost if len(cost)"),
    "negative costs cut off": (
        "    return cost if len(cost)",
        "    cost = np.maximum(cost, 0.0)\n    return cost if len(cost)",
    ),
    "costs less the least of each row, also where rows are left over": (
        "    return cost if len(cost)",
        "    cost = cost - cost.min(axis=1, keepdims=True) if cost.size else cost\n    return cost if len(cost)",
    ),
    "paths of two steps at most": (
        "for _ in range(m):\n            column",
        "for _ in range(2):\n            column",
    ),
    "rows keep their potentials": (
        "        u[owner[done]] += distance[column] - distance[done]\n",
        "",
    ),
    "the logarithm of the probability": (
        "class_cost * probs[:, labels]",
        "class_cost * np.log(probs[:, labels] + 1e-12)",
    ),
    "the probability of another class": ("class_cost * probs[:, labels]", "(-class_cost) * (1 - probs[:, labels])"),
    "the highest probability": ("class_cost * probs[:, labels]", "class_cost * probs.max(axis=1, keepdims=True)"),
    "softmax of probabilities": (
        "class_cost * probs[:, labels]",
        "class_cost * (np.exp(probs) / np.exp(probs).sum(axis=1, keepdims=True))[:, labels]",
    ),
    "the distance of corners": (
        "np.abs(a - b).sum(axis=-1)",
        "sum(np.abs(p - q).sum(axis=-1) for p, q in zip(_corners(a), _corners(b)))",
    ),
    "the Euclidean distance": ("np.abs(a - b).sum(axis=-1)", "np.sqrt(((a - b) ** 2).sum(axis=-1))"),
    "the mean of the four differences": ("np.abs(a - b).sum(axis=-1)", "np.abs(a - b).mean(axis=-1)"),
    "centres and sizes read as corners": (
        "_giou(_corners(a), _corners(b))",
        "_giou((a[..., :2], a[..., 2:]), (b[..., :2], b[..., 2:]))",
    ),
    "centres read as lower corners": ("return centre - size / 2, centre + size / 2", "return centre, centre + size"),
    "the whole size on each side": (
        "return centre - size / 2, centre + size / 2",
        "return centre - size, centre + size",
    ),
    "the GIoU is added": ("- giou_cost * _giou", "+ giou_cost * _giou"),
    "IoU for GIoU": ("_share(both, either) - _share(around - either, around)", "_share(both, either)"),
    "GIoU not below 0": (
        "return _share(both, either) - _share(around - either, around)",
        "return np.maximum(_share(both, either) - _share(around - either, around), 0)",
    ),
    "overlap of boxes apart on both axes": (
        "np.maximum(np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]), 0).prod(axis=-1)",
        "np.maximum((np.minimum(a[1], b[1]) - np.maximum(a[0], b[0])).prod(axis=-1), 0)",
    ),
    "objects in rows": ("pred_boxes[:, None].astype(float), boxes", "pred_boxes.astype(float), boxes[:, None]"),
    "weights that are all 1 by default": [
        (
            '    bbox_cost: float = 5.0,\n    giou_cost: float = 2.0,\n) -> np.ndarray:\n    """Return the cost',
            '    bbox_cost: float = 1.0,\n    giou_cost: float = 1.0,\n) -> np.ndarray:\n    """Return the cost',
        ),
    ],
}

STRICT_MISTAKES = {
    "all matchings are tried": (
        "    table = _wide(cost)\n    n, m = table.shape\n    owner, u, v",
        (
            "    from itertools import permutations\n    table = _wide(cost)\n    n, m = table.shape\n"
            "    best = min(permutations(range(m), n), key=lambda chosen: table[range(n), chosen].sum())\n"
            "    owner = np.full(m, -1)\n    owner[list(best)] = range(n)\n"
            "    return _matching(owner, cost)\n    owner, u, v"
        ),
    ),
    "a little added to the denominator": ("part / np.where(whole > 0, whole, 1)", "part / (whole + 1e-9)"),
    "0 / 0 left as NaN": ("part / np.where(whole > 0, whole, 1)", "part / whole"),
    "any cost passes": ("if not np.isfinite(cost).all():", "if False:"),
    "infinite costs pass": ("if not np.isfinite(cost).all():", "if np.isnan(cost).any():"),
    "small integers wrap around": ("pred_boxes[:, None].astype(float), boxes", "pred_boxes[:, None], boxes"),
    "-1 is the last class": ("(labels < 0) | (labels >= probs.shape[1])", "labels >= probs.shape[1]"),
    "negative sizes pass": ("(pred_boxes[:, 2:] < 0).any() or (boxes[:, 2:] < 0).any()", "False"),
    "sizes of the queries alone are checked": (" or (boxes[:, 2:] < 0).any()", ""),
}
