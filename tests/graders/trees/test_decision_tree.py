from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, assert_equal, strict

LABELS = np.array([7, -1, 100_000, 4])


def impurity(y, criterion):
    if criterion == "gini":
        return 1 - sum(Fraction(y.count(label), len(y)) ** 2 for label in set(y))
    mean = sum(y) / len(y)
    return sum((value - mean) ** 2 for value in y) / len(y)


def splits(rows, y, criterion, least):
    """Try every threshold of every feature, in fractions, which do not round."""
    for feature in range(len(rows[0])):
        for lower, upper in pairwise(sorted({row[feature] for row in rows})):
            sides = [[], []]
            for row, value in zip(rows, y, strict=True):
                sides[row[feature] > lower].append(value)
            if min(map(len, sides)) >= least:
                weighted = sum(len(side) * impurity(side, criterion) for side in sides) / len(y)
                yield impurity(y, criterion) - weighted, feature, (lower + upper) / 2


def grown(rows, y, criterion, max_depth, least):
    """Return the tree by the definition, and whether no two splits are within a thousandth of the impurity of a tie."""
    found = list(splits(rows, y, criterion, least)) if len(set(y)) > 1 and max_depth != 0 else []
    if not found:
        leaf = max(sorted(set(y)), key=y.count) if criterion == "gini" else float(sum(y) / len(y))
        return leaf, True
    gain, feature, threshold = max(found, key=lambda split: split[0])
    close = [one for one in found if gain - one[0] <= impurity(y, criterion) / 1000]
    parts, clear = [], len(close) == 1
    for above in (False, True):
        taken = [place for place, row in enumerate(rows) if (row[feature] > threshold) is above]
        depth = None if max_depth is None else max_depth - 1
        part = grown([rows[i] for i in taken], [y[i] for i in taken], criterion, depth, least)
        parts.append(part[0])
        clear = clear and part[1]
    return (feature, threshold, *parts), clear


def walk(node, sample):
    while isinstance(node, tuple):
        node = node[2 + (sample[node[0]] > node[1])]
    return node


def defined(X, y, criterion="gini", max_depth=None, min_samples_leaf=1):
    values = y.tolist() if criterion == "gini" else [Fraction(value) for value in y.tolist()]
    return grown(X.tolist(), values, criterion, max_depth, min_samples_leaf)


def between(X):
    """Return points on a grid that lie between the values of X, beyond them, and on both sides of every midpoint."""
    steps = [np.arange(column.min() - 1, column.max() + 1, 0.5) + 0.25 for column in X.T]
    return np.array(list(product(*steps)))


def assert_tree(kata, X, y, *settings):
    """Compare the predictions with those of the definition, between all values of X."""
    points, (tree, _) = between(X), defined(X, y, *settings)
    expected = [walk(tree, point) for point in points.tolist()]
    assert_close(kata.predict(kata.fit_tree(X, y, *settings), points), expected)


def assert_units(kata, rng, scales):
    """Check that y in other units gives the same tree, with its leaves in these units."""
    X, y = drawn(rng, (14, 1), "squared_error", (2, 2))
    points, (tree, _) = between(X), defined(X, y, "squared_error", 2, 2)
    expected = np.array([walk(tree, point) for point in points.tolist()])
    for scale in scales:
        tree = kata.fit_tree(X, scale * y, "squared_error", 2, 2)
        assert_close(kata.predict(tree, points), scale * expected, atol=1e-15)


def drawn(rng, shape, criterion, *many):
    """Draw features with repeated values, and y that knows something of them, without ties for many settings."""
    while True:
        X = rng.integers(0, 6, size=shape) * np.arange(1.0, shape[1] + 1)
        score = rng.permutation(np.arange(shape[0])) + 2 * X[:, 0] + X[:, -1]
        y = LABELS[score.astype(int) % 3] if criterion == "gini" else score / 8
        if all(defined(X, y, criterion, *settings)[1] for settings in many):
            return X, y


def numbered(n):
    return np.arange(1.0, n + 1)[:, None]


def test_classification(kata, rng):
    """With "gini" the split has the largest Gini gain, and a leaf predicts its most frequent label."""
    X, y = np.array([[5.0], [1.0], [2.0], [4.0]]), np.array([4, 7, -1, 4])
    for max_depth, expected in [(1, [-1, -1, -1, 4, 4]), (2, [7, 7, -1, 4, 4])]:
        tree = kata.fit_tree(X, y, "gini", max_depth)
        assert_equal(kata.predict(tree, np.array([[-9.0], [1.4], [1.6], [3.1], [60.0]])), expected)
    # Entropy would take the threshold 3.5 here.
    tree = kata.fit_tree(numbered(6), np.array([0, 0, 1, 2, 0, 2]), max_depth=1)
    assert_equal(kata.predict(tree, numbered(6)), [0, 0, 2, 2, 2, 2])
    for shape, depth in [((11, 1), 2), ((13, 2), 2), ((12, 3), 1)]:
        X, y = drawn(rng, shape, "gini", (depth,))
        assert_tree(kata, X, y, "gini", depth)


def test_regression(kata, rng):
    """With "squared_error" the split removes most of the variance, and a leaf predicts the mean of its y."""
    X, y = np.array([[5.0], [1.0], [2.0], [4.0]]), np.array([9.0, 0.0, 1.0, 5.0])
    for max_depth, expected in [(1, [0.5, 0.5, 0.5, 7.0, 7.0]), (2, [0.0, 0.0, 1.0, 5.0, 9.0])]:
        tree = kata.fit_tree(X, y, "squared_error", max_depth)
        assert_close(kata.predict(tree, np.array([[-9.0], [1.4], [1.6], [3.1], [60.0]])), expected)
    for shape, depth in [((11, 1), 2), ((13, 2), 2), ((12, 3), 1)]:
        X, y = drawn(rng, shape, "squared_error", (depth,))
        assert_tree(kata, X, y, "squared_error", depth)
        assert_tree(kata, X, 20 - y, "squared_error", depth)


def test_threshold(kata):
    """A threshold is the midpoint of neighbouring distinct values in the node. A sample that equals it goes left."""
    X, y = np.array([[1.0], [2.0], [2.0], [5.0]]), np.array([3, 3, 3, 8])
    points = np.array([[3.5], [3.5 + 1e-6], [3.5 - 1e-6]])
    assert_equal(kata.predict(kata.fit_tree(X, y), points), [3, 8, 3])
    assert_close(kata.predict(kata.fit_tree(X, y / 2, "squared_error"), points), [1.5, 4.0, 1.5])
    # In the right half the neighbours of feature 0 are 1 and 8: 2 and 6 belong to the left half.
    X = np.array([[2.0, 0.0], [6.0, 0.0], [2.0, 0.0], [1.0, 1.0], [8.0, 1.0]])
    tree = kata.fit_tree(X, np.array([5, 5, 5, 6, 7]))
    assert_equal(kata.predict(tree, np.array([[4.5, 1.0], [4.6, 1.0], [4.5, 0.5], [9.0, 0.4]])), [6, 7, 5, 5])
    for scale, offset in [(1e-6, 1e-6), (1.0, 100_000.0)]:
        X = scale * np.array([[0.0], [2.0], [1.0], [3.0]]) + offset
        tree = kata.fit_tree(X, np.array([0, 1, 0, 1]))
        assert_equal(kata.predict(tree, X), [0, 1, 0, 1])
        assert_equal(kata.predict(tree, scale * np.array([[1.375], [1.625]]) + offset), [0, 1])


@pytest.mark.parametrize("criterion", ["gini", "squared_error"])
def test_max_depth(kata, rng, criterion):
    """A node at max_depth is a leaf: 0 leaves the root alone, and None sets no limit."""
    X, y = numbered(4), np.array([1, 1, 2, 1])
    tree = kata.fit_tree(X, y, criterion, max_depth=0)
    assert_close(kata.predict(tree, X), np.full(4, 1.0 if criterion == "gini" else 1.25))
    limits = (0, 1, 2, 3)
    X, y = drawn(rng, (14, 1), criterion, *((limit,) for limit in limits))
    for limit in limits:
        assert_tree(kata, X, y, criterion, limit)
    # No limit: distinct rows are all fitted, and features may come again further down.
    X, y = rng.normal(size=(40, 2)), LABELS[rng.integers(0, 4, size=40)]
    y = y if criterion == "gini" else y / 7
    assert_close(kata.predict(kata.fit_tree(X, y, criterion), X), y)
    assert_close(kata.predict(kata.fit_tree(X, y, criterion, max_depth=39), X), y)
    # Labels that alternate: each split parts one sample from the rest, and the tree has depth 104.
    X, y = numbered(105), np.arange(105) % 2 + (3 if criterion == "gini" else 0.5)
    assert_close(kata.predict(kata.fit_tree(X, y, criterion), X), y)


@pytest.mark.parametrize("criterion", ["gini", "squared_error"])
def test_min_samples_leaf(kata, rng, criterion):
    """Among the splits that leave min_samples_leaf samples on each side, the best is taken."""
    X, y = numbered(6), np.array([5, 1, 1, 1, 1, 1])
    expected = [1, 1, 1, 1, 1, 1] if criterion == "gini" else [3.0, 3.0, 1.0, 1.0, 1.0, 1.0]
    assert_close(kata.predict(kata.fit_tree(X, y, criterion, min_samples_leaf=2), X), expected)
    assert_close(kata.predict(kata.fit_tree(-X, y, criterion, min_samples_leaf=2), -X), expected)
    assert_tree(kata, X, y, criterion, None, 4)
    settings = [(2, 2), (None, 3), (None, 4), (2, 5)]
    X, y = drawn(rng, (14, 2), criterion, *settings)
    for limit, least in settings:
        assert_tree(kata, X, y, criterion, limit, least)


def test_ties(kata):
    """A tie of splits goes to the lower feature, then to the lower threshold; one of labels to the smallest label."""
    column, y = numbered(4), np.array([0, 1, 1, 0])
    points = np.array([[1.4], [1.6], [3.6]])
    assert_equal(kata.predict(kata.fit_tree(column, y, max_depth=1), points), [0, 1, 1])
    assert_close(kata.predict(kata.fit_tree(column, 3.0 * y, "squared_error", 1), points), [0.0, 2.0, 2.0])
    # Three features that ask the same: only the one of lowest index is asked.
    for criterion in ("gini", "squared_error"):
        X = np.column_stack([np.ones(4), 10 * column, column, column])
        tree = kata.fit_tree(X, np.array([2, 2, 9, 9]), criterion)
        points = np.array([[1.0, 25.0, 9.0, 9.0], [1.0, 26.0, 1.0, 1.0]])
        assert_close(kata.predict(tree, points), [2.0, 9.0])
    # Rows that are equal in X, so that no split is possible.
    for y, winner in [([5, 3], 3), ([3, 5], 3), ([9, -2, 7, -2, 9], -2), ([1, 8, 8, 5, 5, 5, 8], 5), ([0, 3, 3], 3)]:
        tree = kata.fit_tree(np.full((len(y), 2), 0.3), np.array(y))
        assert_equal(kata.predict(tree, np.array([[0.3, 0.3], [1.0, -1.0]])), [winner, winner])


@pytest.mark.parametrize("criterion", ["gini", "squared_error"])
def test_gain_of_zero(kata, criterion):
    """A node is split even if the largest gain is 0: for XOR the second level finds everything."""
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([4, 8, 8, 4])
    assert_close(kata.predict(kata.fit_tree(X, y, criterion), X), y)
    assert_close(kata.predict(kata.fit_tree(X, y, criterion, max_depth=2), X), y)
    # Three times, with targets whose gains are not computed as exactly 0.
    if criterion == "squared_error":
        X, y = np.tile(X, (3, 1)), np.tile([0.1, 2.3, 2.3, 0.1], 3)
        assert_close(kata.predict(kata.fit_tree(X, y, criterion), X), y)
    # There is nothing to find here, whichever threshold comes first.
    X, y = np.array([[1.0], [1.0], [2.0], [2.0], [4.0], [4.0]]), np.array([0, 2, 2, 0, 0, 2])
    expected = [0, 0, 0, 0, 0, 0] if criterion == "gini" else np.ones(6)
    assert_close(kata.predict(kata.fit_tree(X, y, criterion), X), expected)


def test_nothing_to_split(kata):
    """A node whose y are all equal is a leaf, and so is one whose rows of X are all equal, or a single sample."""
    points = np.array([[-1.0, 7.0], [2.0, 0.5], [9.0, 9.0]])
    X = np.array([[2.0, 3.0], [1.0, 3.0], [5.0, 3.0]])
    for y in (np.array([-6, -6, -6]), np.zeros(3, dtype=int)):
        assert_equal(kata.predict(kata.fit_tree(X, y), points), y)
        assert_close(kata.predict(kata.fit_tree(X, y / 4, "squared_error"), points), y / 4)
    assert_equal(kata.predict(kata.fit_tree(X[:1], np.array([12])), points), [12, 12, 12])
    assert_close(kata.predict(kata.fit_tree(X[:1], np.array([0.3]), "squared_error"), points), [0.3, 0.3, 0.3])
    same = kata.fit_tree(X[:, [1, 1]], np.array([0.3, 0.5, 1.3]), "squared_error")
    assert_close(kata.predict(same, points), np.full(3, 0.7))


def test_small_numbers(kata, rng):
    """Small differences of y are fitted, too: values of 1e-6, and values of 1e5 that differ by 0.25."""
    X = numbered(4)
    for y in (np.array([1e-6, 3e-6, 8e-6, 9e-6]), 1e5 + np.array([0.0, 0.5, 0.75, 0.25])):
        assert_close(kata.predict(kata.fit_tree(X, y, "squared_error"), X), y, rtol=1e-12, atol=1e-15)
    assert_units(kata, rng, (1e-3, 1e4))
    # One label in 500 is worth a split as well.
    y = np.where(np.arange(500) == 300, 3, 5)
    assert_equal(kata.predict(kata.fit_tree(numbered(500), y), numbered(500)), y)


def test_two_trees(kata, rng):
    """A tree predicts any number of rows in any order, and another tree does not change it."""
    X, y = numbered(5), np.array([2, 9, 9, 4, 4])
    first, second = kata.fit_tree(X, y), kata.fit_tree(X, y * 0.5, "squared_error", max_depth=0)
    order = rng.permutation(np.tile(np.arange(5), 3))
    assert_equal(kata.predict(first, X[order]), y[order])
    assert_equal(kata.predict(first, X[1:2]), [9])
    assert_close(kata.predict(second, X[order]), np.full(15, 2.8))


@strict
def test_rounded_ties(kata):
    """Gains that differ only by rounding are ties."""
    for labels in ("00100010", "01000100", "0100010010", "1101101010"):
        y = np.array([int(label) for label in labels])
        for factors in ([1], [1, 1], [1, -1], [-1, 2, 1]):
            X = numbered(len(y)) * factors
            points = X * np.eye(len(factors))[0] + 0.25
            for criterion, units in [("gini", [1]), ("squared_error", [1.0, 1 / 3])]:
                tree, _ = defined(X, y, criterion, 2)
                expected = np.array([walk(tree, point) for point in points.tolist()])
                for unit in units:
                    assert_close(kata.predict(kata.fit_tree(X, y * unit, criterion, 2), points), expected * unit)


@strict
def test_close_gains(kata):
    """Gains that differ by more than rounding are not ties."""
    # Of 57 zeros and 93 ones, 23 and 9 on one side gain 8.3e-9 of the impurity more than 37 and 26.
    y, place = np.repeat([0, 1], [57, 93]), np.repeat([0, 1, 2, 0, 1, 2], [20, 14, 23, 67, 17, 9])
    X = np.column_stack([place > 0, place > 1]).astype(float)
    for criterion in ("gini", "squared_error"):
        for each, points, means in [
            (place[:, None], [[0.4], [0.6], [1.4], [1.6]], [34 / 118, 34 / 118, 34 / 118, 23 / 32]),
            (-place[:, None], [[0.0], [-1.4], [-1.6], [-2.0]], [34 / 118, 34 / 118, 23 / 32, 23 / 32]),
            (X, [[0.0, 0.4], [1.0, 0.4], [0.0, 0.6], [1.0, 0.6]], [34 / 118, 34 / 118, 23 / 32, 23 / 32]),
        ]:
            tree = kata.fit_tree(each.astype(float), y, criterion, 1)
            expected = 1 - np.array(means)
            expected = (expected > 0.5) * 1.0 if criterion == "gini" else expected
            assert_close(kata.predict(tree, np.array(points)), expected)


@strict
def test_large_labels(kata):
    """Labels come back exactly, however large."""
    X, y = numbered(4), 2**60 + np.array([1, 1, 3, 2])
    for sign in (1, -1):
        answers = np.asarray(kata.predict(kata.fit_tree(X, sign * y), X))
        assert_equal(answers.astype(int) - sign * y, [0, 0, 0, 0], what="the labels are off by")


@strict
def test_unit_of_y(kata, rng):
    """The unit of y changes no split."""
    assert_units(kata, rng, (1e-6, 1e6))


@strict
def test_constant_added_to_y(kata):
    """A constant that is added to y changes no split."""
    X, y = np.array([[3.0], [1.0], [6.0], [2.0], [4.0], [5.0]]), np.array([5.0, 0.0, 11.0, 1.0, 5.5, 12.0])
    for offset in (0.0, 2.0**30, -(2.0**33)):
        tree = kata.fit_tree(X, y + offset, "squared_error", 2)
        assert_close(kata.predict(tree, X) - offset, [5.25, 0.5, 11.0, 0.5, 5.25, 12.0], atol=1e-5)


@strict
def test_many_samples(kata, rng):
    """A split of 20,000 samples takes n log n time."""
    rank = rng.permutation(20_000)
    X = np.column_stack([rng.permutation(20_000), rank]).astype(float)
    points = np.array([[9.0, 11_999.4], [9.0, 11_999.6]])
    for criterion in ("gini", "squared_error"):
        y = np.where(rank < 12_000, 3, 6 + rank % 2)
        tree = kata.fit_tree(X, y, criterion, max_depth=1, min_samples_leaf=100)
        assert_close(kata.predict(tree, points), [3.0, 6.0 if criterion == "gini" else 6.5])


@strict
@pytest.mark.parametrize("kind", [int, np.uint8, np.int8])
def test_whole_numbers(kata, kind):
    """With "squared_error" y may hold integers: a mean is not truncated, and nothing wraps around."""
    X, y = numbered(5), np.array([0, 127, 126, 3, 0], dtype=kind)
    tree = kata.fit_tree(X, y, "squared_error", 2)
    assert_close(kata.predict(tree, X), [0.0, 126.5, 126.5, 3.0, 0.0])


@strict
def test_other_criteria(kata):
    """ValueError for a criterion that is neither "gini" nor "squared_error"."""
    for criterion in ("mse", "", "Gini", "entropy"):
        with pytest.raises(ValueError):
            kata.fit_tree(numbered(3), np.array([0, 1, 1]), criterion)


def workload(kata, rng, n):
    """Features with distinct and with repeated values, and a copy: classes and numbers, with and without limits."""
    n = max(n, 6)
    X = np.column_stack([rng.normal(size=n), rng.integers(0, 5, size=n)])
    X = np.column_stack([X, X[:, 1]])
    y = LABELS[(X[:, 0] + X[:, 1] + rng.normal(size=n)).astype(int) % 4]
    new = np.column_stack([rng.normal(size=n), rng.integers(-1, 6, size=(n, 2)) + 0.25])
    settings = [(y, "gini", 3), (y, "gini", None, n // 5), (y / 3, "squared_error", 2), (y / 3, "squared_error")]
    return [kata.predict(kata.fit_tree(X, each, *others), new) for each, *others in settings]


def picture(kata, rng):
    """Fit a noisy sine with trees of three depths, and follow the errors as leaves become larger."""
    x = np.sort(rng.random((100, 1)), axis=0)
    y = np.sin(2 * np.pi * x[:, 0]) + rng.normal(scale=0.5, size=100)
    at = np.linspace(-0.2, 1.2, 561)[:, None]
    truth = np.sin(2 * np.pi * at[:, 0])
    inside = (at[:, 0] > 0) & (at[:, 0] < 1)
    fits = {depth: kata.predict(kata.fit_tree(x, y, "squared_error", depth), at) for depth in (1, 3, None)}
    sizes = [1, 2, 3, 5, 8, 12, 18, 25, 35, 50]
    trees = [kata.fit_tree(x, y, "squared_error", None, size) for size in sizes]
    seen = [float(np.mean((kata.predict(tree, x) - y) ** 2)) for tree in trees]
    new = [float(np.mean((kata.predict(tree, at) - truth)[inside] ** 2)) + 0.25 for tree in trees]
    return [
        Panel(
            "A noisy sine and three trees",
            "x",
            "y",
            [
                Points(x[:, 0], y, "samples", faint=True),
                Line(at[:, 0], fits[None], "no limit", steps=True, faint=True),
                Line(at[:, 0], fits[1], "depth 1", steps=True),
                Line(at[:, 0], fits[3], "depth 3", steps=True),
            ],
            note="Without a limit the tree goes through every sample. Outside the range all are constant.",
        ),
        Panel(
            "Error against the size of leaves",
            "min_samples_leaf",
            "mean squared error",
            [Line(sizes, seen, "training rows"), Line(sizes, new, "new rows, noise included")],
            note="The error on training rows only grows; that on new rows is lowest in between.",
            log="x",
        ),
    ]


LEAF = "means: classes[means.argmax()]"
STOP = "split = None if depth == max_depth else"
GAIN = "gain = (sums**2).sum(axis=1) * (1 / n_left + 1 / n_right)"
TAKEN = "gain[(values[:-1] == values[1:]) | (np.minimum(n_left, n_right) < min_samples_leaf)] = -np.inf"
THRESHOLD = "float(values[cut] + values[cut + 1]) / 2"
GROW = "grow(rows[goes_left], depth + 1), grow(rows[~goes_left], depth + 1)"
COUNTED = "X.T if np.ptp(targets, axis=0).any() else ()"
# The mean squares of both sides, for criteria that are not the variance.
SIDES = (
    "squares = np.cumsum(centred[order] ** 2, axis=0)\n"
    "        left = squares[:-1] / n_left[:, None] - (sums / n_left[:, None]) ** 2\n"
    "        right = (squares[-1] - squares[:-1]) / n_right[:, None] - (sums / n_right[:, None]) ** 2\n"
    "        left, right = np.maximum(left.sum(axis=1), 0), np.maximum(right.sum(axis=1), 0)\n"
)
SHARES = (
    "left = np.cumsum(targets[order], axis=0)[:-1]\n"
    "        right = (targets.sum(axis=0) - left) / n_right[:, None]\n"
    "        left = left / n_left[:, None]\n"
    "        if len(targets[0]) > 1:\n"
)
MISTAKES = {
    "the sides are not weighted": (GAIN, f"{SIDES}        gain = -(left + right)"),
    "standard deviations for variances": (
        GAIN,
        f"{SIDES}        gain = -(n_left * left**0.5 + n_right * right**0.5)",
    ),
    "the purest side alone counts": (GAIN, f"{SIDES}        gain = -np.minimum(left, right)"),
    "the most even split": (GAIN, "gain = -1.0 * np.abs(n_left - n_right)"),
    "the smallest gain": (GAIN, GAIN + "\n        gain = -gain"),
    "entropy for Gini": (
        GAIN,
        (
            f"{GAIN}\n        {SHARES}"
            "            bits = [-(s * np.log2(np.maximum(s, 1e-300))).sum(axis=1) for s in (left, right)]\n"
            "            gain = -(n_left * bits[0] + n_right * bits[1])"
        ),
    ),
    "the error rate for Gini": (
        GAIN,
        f"{GAIN}\n        {SHARES}            gain = n_left * left.max(axis=1) + n_right * right.max(axis=1)",
    ),
    "a class leaf predicts the mean label": (LEAF, "means: means @ classes"),
    "a class leaf predicts the number of the class": (LEAF, "means: means.argmax()"),
    "the largest of tied labels": (LEAF, "means: classes[len(means) - 1 - means[::-1].argmax()]"),
    "all leaves of a regression predict the overall mean": ("lambda means: means.item()", "lambda means: y.mean()"),
    "a regression leaf predicts the median": (
        "return leaf(targets[rows].mean(axis=0))",
        "return leaf(np.median(targets[rows], axis=0) if criterion != 'gini' else targets[rows].mean(axis=0))",
    ),
    "a regression leaf predicts the middle of its range": (
        "return leaf(targets[rows].mean(axis=0))",
        (
            "ends = targets[rows].min(axis=0) / 2 + targets[rows].max(axis=0) / 2\n"
            "            return leaf(ends if criterion != 'gini' else targets[rows].mean(axis=0))"
        ),
    ),
    "numbers as classes": ('elif criterion == "squared_error":', 'elif criterion == "":'),
    "depth counted from 1": (STOP, "split = None if depth + 1 == max_depth or max_depth == 0 else"),
    "one level too many": (STOP, "split = None if max_depth is not None and depth > max_depth else"),
    "a max_depth of 0 is no limit": (STOP, "split = None if max_depth and depth == max_depth else"),
    "max_depth forgotten": (STOP, "split = None if depth < 0 else"),
    "None means ten levels at most": (STOP, "split = None if depth == (3 if max_depth is None else max_depth) else"),
    "None means thirty levels at most": (
        STOP,
        "split = None if depth == (30 if max_depth is None else max_depth) else",
    ),
    "only the left side grows": (
        GROW,
        "grow(rows[goes_left], depth + 1), leaf(targets[rows[~goes_left]].mean(axis=0))",
    ),
    "the right side gets no deeper": (
        GROW,
        "grow(rows[goes_left], depth + 1), grow(rows[~goes_left], depth)",
    ),
    "both sides grow on the left's rows": (GROW, "*(2 * (grow(rows[goes_left], depth + 1),))"),
    "the sides are swapped": (GROW, "*(grow(rows[goes_left], depth + 1), grow(rows[~goes_left], depth + 1))[::-1]"),
    "a feature is asked once only": [
        ("def grow(rows: np.ndarray, depth: int)", "def grow(rows: np.ndarray, depth: int, used: tuple = ())"),
        ("_best_split(X[rows], ", "_best_split(X[rows] * ~np.isin(np.arange(X.shape[1]), used), "),
        (GROW, "*(grow(side, depth + 1, (*used, feature)) for side in (rows[goes_left], rows[~goes_left]))"),
    ],
    "only the first feature": (COUNTED, COUNTED.replace("X.T", "X[:, :1].T")),
    "the last feature of tied ones": ("gain.max() > largest + rounding", "gain.max() > max(largest - rounding, -1)"),
    "the last threshold of tied ones": (
        "np.argmax(gain > largest - rounding)",
        "np.flatnonzero(gain > largest - rounding)[-1]",
    ),
    "a split must gain something": ("best, largest = None, -np.inf", "best, largest = None, 0.0"),
    "a gain of 1e-6 is too small": (GAIN, f"{GAIN}\n        gain[gain / len(X) < 1e-6] = -np.inf"),
    "a small variance is none": (COUNTED, "X.T if targets.var(axis=0).sum() > 1e-9 else ()"),
    "close numbers are equal": (COUNTED, "X.T if not np.allclose(targets, targets[0]) else ()"),
    "a node of a few samples is a leaf": (COUNTED, "X.T if np.ptp(targets, axis=0).any() and len(X) > 2 else ()"),
    "a node of 95 % is pure": (COUNTED, "X.T if (targets.mean(axis=0) < 0.95 * targets.max()).all() else ()"),
    "equal values are parted": (TAKEN, "gain[np.minimum(n_left, n_right) < min_samples_leaf] = -np.inf"),
    "close values are equal": (
        TAKEN,
        TAKEN.replace("(values[:-1] == values[1:])", "np.isclose(values[:-1], values[1:])"),
    ),
    "min_samples_leaf ignored": (TAKEN, "gain[values[:-1] == values[1:]] = -np.inf"),
    "min_samples_leaf strictly": (TAKEN, TAKEN.replace("< min", "<= min")),
    "min_samples_leaf on the left only": (TAKEN, TAKEN.replace("np.minimum(n_left, n_right)", "n_left")),
    "min_samples_leaf on the right only": (TAKEN, TAKEN.replace("np.minimum(n_left, n_right)", "n_right")),
    "min_samples_leaf for the node": [
        (TAKEN, "gain[values[:-1] == values[1:]] = -np.inf"),
        (COUNTED, "X.T if np.ptp(targets, axis=0).any() and len(X) >= min_samples_leaf else ()"),
    ],
    "min_samples_leaf checked after the choice": [
        (TAKEN, "gain[values[:-1] == values[1:]] = -np.inf"),
        (
            "    return best\n",
            (
                "    n_left = (X[:, best[0]] <= best[1]).sum() if best else 0\n"
                "    return best if min(n_left, len(X) - n_left) >= min_samples_leaf else None\n"
            ),
        ),
    ],
    "the threshold is the lower value": (THRESHOLD, "float(values[cut])"),
    "the threshold is the upper value": (THRESHOLD, "float(values[cut + 1]) - 1e-9"),
    "the threshold is between values of the whole data": [
        (
            "feature, threshold = split\n",
            (
                "feature, threshold = split\n"
                "        at = X[rows, feature]\n"
                "        above = X[X[:, feature] > at[at <= threshold].max(), feature].min()\n"
                "        threshold = (at[at <= threshold].max() + above) / 2\n"
            ),
        ),
    ],
    "a sample at the threshold goes right": [
        ("goes_left = X[:, feature] <= threshold", "goes_left = X[:, feature] < threshold"),
    ],
    "only thresholds of the middle": (TAKEN, f"{TAKEN}\n        gain[np.abs(n_left - n_right) > len(X) / 2] = -np.inf"),
    "rows beyond the data have no prediction": (
        "    return answers\n",
        "    return np.where(np.abs(X).max(axis=1) > 50, 0, answers)\n",
    ),
}
STRICT_MISTAKES = {
    "rounding decides between thresholds": ("np.argmax(gain > largest - rounding)", "np.argmax(gain)"),
    "rounding decides between features": ("gain.max() > largest + rounding", "gain.max() > largest"),
    "gains of uncentred sums": [
        ("sums = np.cumsum(centred[order], axis=0)[:-1]", "sums = np.cumsum(targets[order], axis=0)[:-1]"),
        (
            GAIN,
            (
                "total = targets.sum(axis=0)\n"
                "        gain = (sums**2).sum(axis=1) / n_left + ((total - sums) ** 2).sum(axis=1) / n_right\n"
                "        gain -= (total**2).sum() / len(X)"
            ),
        ),
    ],
    "each threshold looks at each sample": (
        "sums = np.cumsum(centred[order], axis=0)[:-1]",
        "sums = np.array([centred[column <= value].sum(axis=0) for value in values[:-1]])",
    ),
    "means are truncated": ("means: means.item()", "means: y.dtype.type(means.item())"),
    "labels as floats": ("np.empty(len(X), dtype=left.dtype)", "np.empty(len(X))"),
    "close gains are ties": ("rounding = 1e-9 *", "rounding = 1e-7 *"),
    "any other criterion is the squared error": ('elif criterion == "squared_error":', 'elif criterion != "gini":'),
}
