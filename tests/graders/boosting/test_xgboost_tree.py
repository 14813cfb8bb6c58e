from collections import namedtuple

import numpy as np

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict

NAN = np.nan
FIELDS = "weight feature threshold default_left left right gain"
Node = namedtuple("Node", FIELDS, defaults=(-1, 0.0, False, -1, -1, 0.0))  # noqa: PYI024 - the kata's own has its fields


def score(grad, hess, reg_lambda):
    return grad.sum() ** 2 / (hess.sum() + reg_lambda) if hess.sum() > 0 else 0.0


def candidates(X, grad, hess, reg_lambda, min_child_weight):
    """Yield gain, feature, threshold, direction and side of every split, in the order in which ties are decided."""
    for feature, x in enumerate(X.T):
        missing = np.isnan(x)
        values = np.unique(x[~missing])
        for threshold in [*(values[:-1] + values[1:]) / 2, np.inf]:
            for default_left in (False, True):
                left = np.where(missing, default_left, x < threshold)
                if left.all() or not left.any() or min(hess[left].sum(), hess[~left].sum()) < min_child_weight:
                    continue
                sides = score(grad[left], hess[left], reg_lambda) + score(grad[~left], hess[~left], reg_lambda)
                yield (sides - score(grad, hess, reg_lambda)) / 2, feature, threshold, default_left, left


def grown(X, grad, hess, max_depth=6, reg_lambda=1.0, gamma=0.0, min_child_weight=1.0, depth=0):
    """Do what the definition says. Return the nodes, each before its left subtree and that before the right one.

    Say also whether rounding decides nothing: splits of nearly the same gain part the samples in the same way.
    """
    weight = -grad.sum() / (hess.sum() + reg_lambda) if hess.sum() > 0 else 0.0
    splits = list(candidates(X, grad, hess, reg_lambda, min_child_weight)) if depth < max_depth else []
    gain, feature, threshold, default_left, left = max(splits, key=lambda split: split[0], default=(0, 0, 0, 0, 0))
    if gain <= gamma:
        return [(depth, -1, 0.0, False, weight, 0.0)], not splits or gain < gamma - 1e-6
    close = [split for split in splits if split[0] > gain * (1 - 1e-6) - 1e-7]
    clear = gain > gamma + 1e-6 and all(np.array_equal(split[-1], left) for split in close)
    gain, feature, threshold, default_left, left = close[0]
    nodes = [(depth, feature, threshold, default_left, weight, gain)]
    for side in (left, ~left):
        below = grown(X[side], grad[side], hess[side], max_depth, reg_lambda, gamma, min_child_weight, depth + 1)
        nodes, clear = nodes + below[0], clear and below[1]
    return nodes, clear


def cut(nodes, gamma):
    """Prune such a list of nodes: a split between two leaves stands before them."""
    nodes = list(nodes)
    for place in range(len(nodes) - 3, -1, -1):
        depth, feature, _, _, weight, gain = nodes[place]
        leaves = feature >= 0 and [each[:2] for each in nodes[place + 1 : place + 3]] == [(depth + 1, -1)] * 2
        if leaves and gain <= gamma:
            nodes[place : place + 3] = [(depth, -1, 0.0, False, weight, 0.0)]
    return nodes


def listed(tree, place=0, depth=0):
    """List the nodes of a tree that was returned in the same way, wherever they stand in it."""
    assert_equal(0 <= place < len(tree), True, what=f"a child stands at place {place} of {len(tree)}")
    assert_equal(depth < 40, True, what="the depth of the tree is below 40")
    node = tree[place]
    nodes = [(depth, *(getattr(node, field) for field in ("feature", "threshold", "default_left", "weight", "gain")))]
    if node.left < 0:
        return nodes
    return nodes + listed(tree, node.left, depth + 1) + listed(tree, node.right, depth + 1)


def assert_tree(tree, expected):
    depth, feature, *others = zip(*listed(tree), strict=True)
    expected = list(zip(*expected, strict=True))
    assert_equal([depth, feature], expected[:2], what="depth and feature of each node, left before right")
    for name, actual, wanted in zip(["threshold", "default_left", "weight", "gain"], others, expected[2:], strict=True):
        what = f"{name} of each node, left before right"
        # Wide enough for a small eps beside a denominator.
        assert_close(np.array(actual, dtype=float), np.array(wanted, dtype=float), rtol=1e-7, what=what)


def drawn(rng, n, n_features, share_missing=0.0, n_values=200, **parameters):
    """Draw samples, derivatives in sixteenths, which add up without rounding, until no node has two best splits."""
    while True:
        X = rng.integers(0, n_values, size=(n, n_features)) / 4 - 10
        X[rng.random(X.shape) < share_missing] = NAN
        grad, hess = rng.integers(-48, 49, size=n) / 16, rng.integers(4, 25, size=n) / 16
        hess[0] = 0.0
        if grown(X, grad, hess, **parameters)[1]:
            return X, grad, hess


def numbered(grad):
    """Return a feature that numbers the samples from 1, the derivatives, and a hess of 1 for each."""
    return np.arange(1.0, len(grad) + 1)[:, None], np.array(grad, dtype=float), np.ones(len(grad))


def test_weights(kata):
    """The weight of a node is -G / (H + reg_lambda), also of one that is split. At max_depth 0 the root is a leaf."""
    X, grad, hess = np.array([[1.0], [2.0], [4.0]]), np.array([-1.0, 4.0, 2.0]), np.array([0.5, 1.0, 2.5])
    assert_tree(kata.grow_tree(X, grad, hess, max_depth=0), [(0, -1, 0.0, False, -1.0, 0.0)])
    assert_tree(kata.grow_tree(X, grad, hess, 0, 6.0), [(0, -1, 0.0, False, -0.5, 0.0)])
    assert_tree(kata.grow_tree(X, grad, hess, 0, reg_lambda=0.0), [(0, -1, 0.0, False, -1.25, 0.0)])
    tree = kata.grow_tree(X, grad, hess, max_depth=1, min_child_weight=0.5)
    assert_close([node[4] for node in listed(tree)], [-1.0, 1 / 1.5, -6 / 4.5])
    assert_close([node[4] for node in listed(kata.grow_tree(X[:1], grad[:1], hess[:1]))], [1 / 1.5])


def test_first_split(kata, rng):
    """A node is split by the question of largest gain, of all features and thresholds."""
    # -2 and -3 against 1 and 4: 25 / 3 + 25 / 3 - 0.
    X, grad, hess = np.array([[5.0, 7.0], [7.0, 2.0], [6.0, 3.0], [8.0, 9.0]]), np.array([-2.0, 1, -3, 4]), np.ones(4)
    expected = [(0, 0, 6.5, False, 0.0, 25 / 3), (1, -1, 0.0, False, 5 / 3, 0.0), (1, -1, 0.0, False, -5 / 3, 0.0)]
    assert_tree(kata.grow_tree(X, grad, hess, max_depth=1), expected)
    for n, n_features, n_values in [(9, 1, 200), (10, 3, 200), (6, 8, 200), (14, 2, 4)]:
        for reg_lambda in (1.0, 4.0, 0.25):
            parameters = {"max_depth": 1, "reg_lambda": reg_lambda}
            case = drawn(rng, n, n_features, n_values=n_values, **parameters)
            assert_tree(kata.grow_tree(*case, **parameters), grown(*case, **parameters)[0])


def test_children(kata, rng):
    """Each child is split in turn, by the best question for its own samples."""
    X, grad, hess = numbered([-6, -6, 2, 2, 9, 9])
    expected = grown(X, grad, hess, max_depth=2)[0]
    assert_equal([node[:3] for node in expected if node[1] == 0], [(0, 0, 2.5), (1, 0, 4.5)])
    assert_tree(kata.grow_tree(X, grad, hess, max_depth=2), expected)
    for n, n_features, max_depth, least in [(16, 2, 2, 2.0), (24, 3, 3, 3.0), (12, 1, 6, 1.0), (12, 1, 3, 0.5)]:
        parameters = {"max_depth": max_depth, "min_child_weight": least}
        case = drawn(rng, n, n_features, **parameters)
        assert_tree(kata.grow_tree(*case, **parameters), grown(*case, **parameters)[0])


def test_max_depth(kata):
    """No node is deeper than max_depth, and nothing but the rules for a split keeps a tree from getting there."""
    # Each split takes the last sample off.
    X, grad, hess = numbered([(-3) ** k for k in range(9)])
    for max_depth in (1, 2, 5, 6, 8):
        expected = grown(X, grad, hess, max_depth=max_depth)[0]
        assert_equal(len(expected), 2 * max_depth + 1)
        assert_tree(kata.grow_tree(X, grad, hess, max_depth=max_depth), expected)
    assert_tree(kata.grow_tree(X, grad, hess), grown(X, grad, hess)[0])


# XOR of two features, one corner of which weighs a little more.
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([2.0, -2.0, -2.0, 2.5])


def test_gamma(kata, rng):
    """A node is split if its largest gain is above gamma, whatever its children would gain."""
    X, grad, hess = numbered([-2, 2])
    # 4 / 2 + 4 / 2, halved.
    expected = [(0, 0, 1.5, False, 0.0, 2.0), (1, -1, 0.0, False, 1.0, 0.0), (1, -1, 0.0, False, -1.0, 0.0)]
    assert_tree(kata.grow_tree(X, grad, hess, gamma=1.75), expected)
    for gamma in (2.0, 2.25):
        assert_tree(kata.grow_tree(X, grad, hess, gamma=gamma), [(0, -1, 0.0, False, 0.0, 0.0)])
    # The root gains 0.02, its children 1.5 and more.
    for gamma, n_nodes in [(0.0, 7), (0.01, 7), (0.1, 1), (1.0, 1)]:
        expected = grown(CORNERS, XOR, np.ones(4), gamma=gamma)[0]
        assert_equal(len(expected), n_nodes)
        assert_tree(kata.grow_tree(CORNERS, XOR, np.ones(4), gamma=gamma), expected)
    # The root gains 70.1, the right one of its children 8.4.
    X, grad, hess = numbered([-6, -6, 2, 2, 9, 9])
    for gamma, n_nodes in [(8.0, 5), (10.0, 3), (71.0, 1)]:
        expected = grown(X, grad, hess, gamma=gamma)[0]
        assert_equal(len(expected), n_nodes)
        assert_tree(kata.grow_tree(X, grad, hess, gamma=gamma), expected)
    # Equal samples lose by a split, since reg_lambda counts twice; a small gain is one.
    X, grad, hess = numbered([0.75, 0.75, 0.75, 0.75])
    assert_tree(kata.grow_tree(X, grad, hess), [(0, -1, 0.0, False, -0.6, 0.0)])
    X, grad, hess = numbered([-0.004, 0.004])
    assert_tree(kata.grow_tree(X, grad, hess), grown(X, grad, hess)[0])
    for gamma in (0.5, 1.5):
        parameters = {"max_depth": 3, "gamma": gamma, "min_child_weight": 2.0}
        case = drawn(rng, 18, 2, **parameters)
        assert_tree(kata.grow_tree(*case, **parameters), grown(*case, **parameters)[0])


def test_min_child_weight(kata, rng):
    """Each child has at least the H min_child_weight, whatever number of samples that is."""
    X, grad, hess = np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([-9.0, 1, 1, 1]), np.array([0.5, 0.25, 2.0, 1.25])
    for least, threshold in [(0.25, 1.5), (0.5, 1.5), (0.75, 3.0), (1.0, 6.0), (1.25, 6.0)]:
        expected = grown(X, grad, hess, max_depth=1, min_child_weight=least)[0]
        assert_equal(expected[0][2], threshold)
        assert_tree(kata.grow_tree(X, grad, hess, max_depth=1, min_child_weight=least), expected)
    root = [(0, -1, 0.0, False, 6 / 5, 0.0)]
    assert_tree(kata.grow_tree(X, grad, hess, min_child_weight=1.5), root)
    for least in (0.0, 0.5, 3.0):
        for share_missing in (0.0, 0.3):
            parameters = {"max_depth": 2, "min_child_weight": least, "reg_lambda": 2.0}
            case = drawn(rng, 14, 1, share_missing, **parameters)
            assert_tree(kata.grow_tree(*case, **parameters), grown(*case, **parameters)[0])


def test_missing_values(kata, rng):
    """At each node, missing values all go to the side with the larger gain. A threshold of inf parts them off."""
    X, hess = np.array([[1.0], [2.0], [4.0], [NAN]]), np.ones(4)
    for g, default_left in [(-2.0, True), (5.0, False)]:
        grad = np.array([-3.0, -1.0, 3.0, g])
        expected = grown(X, grad, hess, max_depth=1)[0]
        assert_equal(expected[0][1:4], (0, 3.0, default_left))
        assert_tree(kata.grow_tree(X, grad, hess, max_depth=1), expected)
    # Missing ones are alike, and unlike all others: the threshold is inf.
    for x in ([1.0, 2.0, NAN, NAN], [NAN, 2.0, 2.0, NAN], [NAN, 1e6, NAN, NAN]):
        X = np.array(x)[:, None]
        grad = np.where(np.isnan(X[:, 0]), -2.0, 1.5)
        expected = grown(X, grad, hess, max_depth=1)[0]
        assert_equal(expected[0][1:4], (0, np.inf, False))
        assert_tree(kata.grow_tree(X, grad, hess, max_depth=1), expected)
    # No value is present, in one feature or in all.
    X = np.column_stack([np.full(4, NAN), [NAN, 2.0, 3.0, 4.0], np.full(4, NAN)])
    for columns in (X, X[:, ::2]):
        grad = np.array([1.0, 2.0, -2.0, -3.0])
        assert_tree(kata.grow_tree(columns, grad, hess), grown(columns, grad, hess)[0])
    for n, n_features, share_missing, max_depth in [(14, 1, 0.4, 4), (18, 2, 0.2, 2), (24, 3, 0.5, 3)]:
        parameters = {"max_depth": max_depth, "min_child_weight": 2.0}
        case = drawn(rng, n, n_features, share_missing, **parameters)
        assert_tree(kata.grow_tree(*case, **parameters), grown(*case, **parameters)[0])


def test_ties(kata):
    """A tie goes to the lower feature, then to the lower threshold, then to missing values on the right."""
    # Sums of whole numbers do not round. The first and the last threshold have the same gain.
    X, grad, hess = numbered([1, -1, -1, 1])
    for columns in (X, np.hstack([X, X]), np.hstack([5 - X, X]), np.hstack([0 * X, 9 - X, X])):
        expected = grown(columns, grad, hess, max_depth=1)[0]
        assert_equal(expected[0][1:3], (columns.shape[1] // 3, np.unique(columns[:, columns.shape[1] // 3])[:2].mean()))
        assert_tree(kata.grow_tree(columns, grad, hess, max_depth=1), expected)
    for x, grads, found in [
        ([1, 2, NAN], [-2, 2, 0], (1.5, False)),
        ([1, 2, 3, NAN], [-2, 3, -2, -2], (1.5, True)),
        ([1, 2, NAN], [1, 0, -1], (1.5, False)),
        ([1, 2, NAN, NAN], [1, 1, -1, -1], (np.inf, False)),
    ]:
        X, grad, hess = np.array(x, dtype=float)[:, None], np.array(grads, dtype=float), np.ones(len(x))
        expected = grown(X, grad, hess, max_depth=1, min_child_weight=0.5)[0]
        assert_equal(expected[0][2:4], found)
        assert_tree(kata.grow_tree(X, grad, hess, max_depth=1, min_child_weight=0.5), expected)


# Places in no order but for the root. Nothing points to the last two.
TREE = [
    Node(0.25, 1, 2.0, True, 5, 2, 0.5),
    Node(-1.0),
    Node(1.5, 0, -1.0, False, 4, 1, 0.75),
    Node(3.0, 1, np.inf, False, 7, 6, 0.25),
    Node(0.5, 1, 6.0, True, 8, 9, 1.25),
    Node(-2.0, 0, 0.5, False, 10, 3, 3.0),
    Node(2.0),
    Node(-3.5),
    Node(4.0),
    Node(7.0),
    Node(9.0),
    Node(8.0),
    Node(-8.0, 0, 1.0, False, 1, 6, 0.1),
]


def leaf_of(tree, x):
    place = 0
    while tree[place].left >= 0:
        node, value = tree[place], x[tree[place].feature]
        left = node.default_left if np.isnan(value) else value < node.threshold
        place = node.left if left else node.right
    return tree[place].weight


def test_predict(kata, rng):
    """A sample goes left if its value is below the threshold, and where default_left says if it is missing."""
    tree = [Node(0.0, 1, 2.0, True, 1, 2, 1.0), Node(-0.5), Node(0.25)]
    assert_close(
        kata.predict(tree, np.array([[9.0, 1.0], [0.0, 2.0], [9.0, NAN], [0.0, 3.0]])), [-0.5, 0.25, -0.5, 0.25]
    )
    assert_close(kata.predict([Node(0.75)], np.zeros((3, 2))), [0.75, 0.75, 0.75])
    values = np.array([NAN, -2.0, -1.0, 0.0, 0.5, 2.0, 5.0, 6.0, 9.0])
    X = np.array(np.meshgrid(values, values)).reshape(2, -1).T
    assert_close(kata.predict(TREE, X), [leaf_of(TREE, x) for x in X])
    X = rng.permutation(X)[:7]
    assert_close(kata.predict(TREE, X), [leaf_of(TREE, x) for x in X])
    assert_close(kata.predict(TREE, X[:1]), [leaf_of(TREE, X[0])])


def test_prune(kata, rng):
    """From the bottom up, a node above two leaves becomes a leaf if its gain is not above gamma."""
    tree = [Node(0.5, 0, 2.0, False, 1, 2, 0.25), Node(0.1), Node(0.8, 1, 3.0, True, 3, 4, 0.75), Node(0.6), Node(1.5)]
    # The root gains less than 0.5, but stays as long as the node below it does.
    assert_tree(kata.prune(tree, 0.5), listed(tree))
    assert_tree(kata.prune(tree, 1.0), [(0, -1, 0.0, False, 0.5, 0.0)])
    assert_tree(kata.prune(tree, 0.75), [(0, -1, 0.0, False, 0.5, 0.0)])
    for gamma in (0.0, 0.25, 0.375, 0.5, 0.75, 1.0, 1.25, 2.0, 3.0, 4.0):
        assert_tree(kata.prune(TREE, gamma), cut(listed(TREE), gamma))
    assert_tree(kata.prune([Node(0.75)], 1.0), [(0, -1, 0.0, False, 0.75, 0.0)])
    # What gamma alone would not even begin.
    for gamma, n_nodes in [(0.1, 7), (1.5, 7), (2.25, 5), (3.0, 1)]:
        pruned = cut(grown(CORNERS, XOR, np.ones(4))[0], gamma)
        assert_equal(len(pruned), n_nodes)
        assert_tree(kata.prune(kata.grow_tree(CORNERS, XOR, np.ones(4)), gamma), pruned)
    case = drawn(rng, 24, 2, 0.2, max_depth=3, min_child_weight=2.0)
    tree = kata.grow_tree(*case, max_depth=3, min_child_weight=2.0)
    for quantile in (0.2, 0.5, 0.8):
        gains = np.unique([node[5] for node in listed(tree)])
        gamma = np.quantile(gains, quantile, method="lower") * 0.999 if len(gains) > 1 else 0.5
        assert_tree(kata.prune(tree, gamma), cut(listed(tree), gamma))


@strict
def test_rounded_ties(kata, rng):
    """Gains that differ by rounding alone are ties, and rounding makes no split pay."""
    # Mirror images.
    for grads in ([0.3, -0.9, 0.1, 0.1, -0.9, 0.3], [0.7, -0.3, -0.9, -0.3, 0.7], [-0.6, 0.1, 1.1, 0.1, -0.6]):
        X, grad, hess = numbered(grads)
        for columns in (X, -X):
            for scale in (0.2, 0.6, 0.7):
                node = listed(kata.grow_tree(columns, grad, scale * hess, max_depth=1, min_child_weight=0.1))[0]
                splits = list(candidates(columns, grad, scale * hess, 1.0, 0.1))
                best = max(split[0] for split in splits)
                first = next(split for split in splits if split[0] > best - 1e-9)
                assert_close([node[5], node[2]], first[0:3:2], what="gain and threshold")
    # The second feature parts the samples as the first does, with the sides exchanged.
    for _ in range(4):
        X, grad, hess = rng.permutation(12)[:, None] * 1.0, rng.normal(size=12), rng.uniform(0.5, 1.5, size=12)
        assert_tree(kata.grow_tree(np.hstack([X, -X]), grad, hess, 3), grown(X, grad, hess, 3)[0])
    for n in (2, 3, 5, 6, 7, 10):
        X, grad, hess = numbered([0.7] * n)
        tree = kata.grow_tree(X, grad, 3 * hess, reg_lambda=0.0)
        assert_tree(tree, [(0, -1, 0.0, False, -0.7 / 3, 0.0)])


@strict
def test_rounded_gamma(kata):
    """A gain that equals gamma but for rounding is not above it."""
    X, grad, hess = numbered([-0.1, -0.6, 0.3, 0.4])
    whole = grown(X, grad, hess, max_depth=1)[0]
    for less, expected in [(1e-12, [(0, -1, 0.0, False, 0.0, 0.0)]), (1e-7, whole)]:
        gamma = whole[0][5] - less
        assert_tree(kata.grow_tree(X, grad, hess, max_depth=1, gamma=gamma), expected)
        assert_tree(kata.prune(kata.grow_tree(X, grad, hess, max_depth=1), gamma), expected)
    tree = [Node(0.5, 0, 2.0, False, 1, 2, 0.1 + 0.2), Node(0.1), Node(0.2)]
    assert_tree(kata.prune(tree, 0.3), [(0, -1, 0.0, False, 0.5, 0.0)])
    assert_tree(kata.prune(tree, 0.3 - 2e-8), listed(tree))


@strict
def test_no_curvature(kata):
    """Score and weight are 0 if H is 0."""
    X, grad, hess = np.arange(4.0)[:, None], np.array([-2.0, -3.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0])
    for reg_lambda in (0.0, 1.0):
        parameters = {"reg_lambda": reg_lambda, "min_child_weight": 0.0}
        assert_tree(kata.grow_tree(X, grad, hess, **parameters), grown(X, grad, hess, **parameters)[0])
        tree = kata.grow_tree(X, grad, 0 * hess, **parameters)
        assert_tree(tree, [(0, -1, 0.0, False, 0.0, 0.0)])


def workload(kata, rng, n):
    """Three features, one of few values, with missing ones; a tree of depth 3, pruned, and what it predicts."""
    n = max(n, 4)
    X = rng.normal(size=(n, 3))
    X[:, 1] = np.round(X[:, 1])
    X[rng.random(X.shape) < 0.15] = NAN
    hess = rng.uniform(0.05, 1.0, size=n)
    grad = np.where(np.nan_to_num(X[:, 0]) > 0.3, 1.0, -0.5) * np.nan_to_num(X[:, 1], nan=2.0) + rng.normal(size=n)
    tree = kata.grow_tree(X, grad, hess, 3, 0.5, 0.05, 0.3)
    pruned = kata.prune(tree, 0.5)
    return tree, pruned, kata.predict(tree, X[::-1] + 0.1), kata.predict(pruned, X)


def picture(kata, rng):
    """Draw what trees of several depths make of a feature with missing values, and leaves by gamma, both ways."""
    n = 300
    x = rng.uniform(-3, 3, size=n)
    y = np.sin(2 * x) + rng.normal(scale=0.4, size=n)
    x[rng.random(n) < np.where(y > 0.5, 0.3, 0.0)] = NAN
    grid = np.linspace(-3, 3, 301)
    trees = [kata.grow_tree(x[:, None], -y, np.ones(n), max_depth=depth) for depth in (1, 3, 6)]
    noise = rng.normal(size=(n, 3))
    gammas = np.linspace(0, 6, 25)
    target = rng.normal(size=n)
    full = kata.grow_tree(noise, -target, np.ones(n))
    before = [len(listed(kata.grow_tree(noise, -target, np.ones(n), gamma=gamma))) // 2 + 1 for gamma in gammas]
    after = [len(listed(kata.prune(full, gamma))) // 2 + 1 for gamma in gammas]
    return [
        Panel(
            "Weights of the leaves, squared error",
            "x",
            "weight",
            [
                Line(grid, np.sin(2 * grid), "truth", faint=True),
                *(
                    Line(grid, kata.predict(tree, grid[:, None]), f"depth {depth}")
                    for tree, depth in zip(trees, (1, 3, 6), strict=True)
                ),
            ],
            note="Depth 6 follows the noise. Large targets are often missing: they share one leaf with some others.",
        ),
        Panel(
            "A tree on pure noise",
            "gamma",
            "leaves",
            [Line(gammas, after, "pruned afterwards"), Line(gammas, before, "no split that does not pay")],
            note="Pruned afterwards, weak splits stay above stronger ones.",
        ),
    ]


WEIGHT = "node = Node(float(-G / (H + reg_lambda)) if H > 0 else 0.0)"
PAYS = "if round(gain - gamma, 9) > 0:"
SPLITS = "splits = [_best_split(x[rows], grad[rows], hess[rows], reg_lambda, min_child_weight) for x in X.T]"
FEATURE = "feature = int(np.argmax([round(gain, 9) for gain, _, _ in splits]))"
PARTS = "groups += [(rows[left], depth + 1), (rows[~left], depth + 1)]"
SCORE = "np.divide(sums[0] ** 2, sums[1] + reg_lambda, out=np.zeros(sums.shape[1:]), where=sums[1] > 0)"
LEFT = "left = np.cumsum(sums[:, :n_present], axis=1) + missing[:, np.newaxis] * [0, 1]"
GAINS = "gains = (score(left) + score(right) - score(whole)) / 2"
RULED_OUT = "gains[(np.minimum(left[1], right[1]) < min_child_weight) | (values == following)[:, np.newaxis]] = -np.inf"
THRESHOLD = "float(values[place] / 2 + following[place] / 2)"
BEST = "divmod(int(gains.round(9).argmax()), 2)"
SIDES = "return np.where(np.isnan(x), default_left, x < threshold)"
PRUNED = "if all(leaves) and round(node.gain - gamma, 9) <= 0:"
AS_LEAF = "pruned[place] = Node(node.weight)"
MISTAKES = {
    "weights have the wrong sign": (WEIGHT, WEIGHT.replace("-G", "G")),
    "weights are 0 but in leaves": ("node = Node(node.weight, feature", "node = Node(0.0, feature"),
    "weights lack reg_lambda": (WEIGHT, WEIGHT.replace("(H + reg_lambda)", "H")),
    "weights are means over samples": (WEIGHT, WEIGHT.replace("(H + reg_lambda)", "(len(rows) + reg_lambda)")),
    "reg_lambda is its default in the weights": (WEIGHT, WEIGHT.replace("reg_lambda", "1.0")),
    "weights have an eta": (WEIGHT, WEIGHT.replace("-G", "-0.3 * G")),
    "one level too many": ("if depth < max_depth:", "if depth <= max_depth:"),
    "one level too few": ("if depth < max_depth:", "if depth < max_depth - 1:"),
    "the root has depth 1, but for max_depth 0": (
        "if depth < max_depth:",
        "if depth + 1 < max(max_depth, 2) and max_depth:",
    ),
    "no limit of depth": ("if depth < max_depth:", "if max_depth:"),
    "at least four samples for a split": ("if depth < max_depth:", "if depth < max_depth and len(rows) > 3:"),
    "a node without G is not split": ("if depth < max_depth:", "if depth < max_depth and G:"),
    "one level of splits only": (
        "groups += [(rows[left], depth + 1), (rows[~left], depth + 1)]",
        "groups += [(rows[left], 99), (rows[~left], 99)]",
    ),
    "children are split by all samples": (
        SPLITS,
        "splits = [_best_split(x, grad, hess, reg_lambda, min_child_weight) for x in X.T]",
    ),
    "one question for a whole level": [
        ("    groups, tree = [", "    asked = {}\n    groups, tree = ["),
        (FEATURE, FEATURE + "\n            splits, feature = asked.setdefault(depth, (splits, feature))"),
    ],
    "features take turns": (FEATURE, "feature = depth % X.shape[1]"),
    "the last of equal features": (
        FEATURE,
        "feature = X.shape[1] - 1 - int(np.argmax([round(gain, 9) for gain, _, _ in splits[::-1]]))",
    ),
    "gamma is ignored": (PAYS, "if round(gain, 9) > 0:"),
    "gamma is doubled, as in the library": (PAYS, PAYS.replace("gamma", "gamma / 2")),
    "gamma for each child": (PAYS, PAYS.replace("gamma", "2 * gamma")),
    "a gain of gamma pays": (PAYS, "if round(gain - gamma, 9) >= 0 and gain > 0:"),
    "any split is made": (PAYS, "if np.isfinite(gain) and gain:"),
    "a gain below 1e-4 is none": (PAYS, "if gain > max(gamma, 1e-4):"),
    "gamma for the root only": (PAYS, "if round(gain - gamma * (depth == 0), 9) > 0:"),
    "the root is always split": (PAYS, "if round(gain - gamma * (depth > 0), 9) > 0:"),
    "gain is net of gamma": ("len(groups) + 1, gain)", "len(groups) + 1, gain - gamma)"),
    "gain as the library reports it": ("len(groups) + 1, gain)", "len(groups) + 1, 2 * gain)"),
    "left and right are exchanged": (PARTS, "groups += [(rows[~left], depth + 1), (rows[left], depth + 1)]"),
    "the places of the children are exchanged": (
        "len(groups), len(groups) + 1, gain)",
        "len(groups) + 1, len(groups), gain)",
    ),
    "children as in a heap": ("len(groups), len(groups) + 1, gain)", "2 * len(tree) + 1, 2 * len(tree) + 2, gain)"),
    "missing values go right in the node, whatever was found": (
        "left = _goes_left(X[rows, feature], threshold, default_left)\n                groups",
        "left = _goes_left(X[rows, feature], threshold, False)\n                groups",
    ),
    "missing values are dropped on the way down": (
        PARTS,
        (
            "left, right = X[rows, feature] < threshold, X[rows, feature] >= threshold\n"
            "                groups += [(rows[left], depth + 1), (rows[right], depth + 1)]"
        ),
    ),
    "missing values are 0": ("    groups, tree = [", "    X = np.nan_to_num(X)\n    groups, tree = ["),
    "missing values are the mean of the feature": (
        "    groups, tree = [",
        (
            "    X = np.where(np.isnan(X), np.nanmean(np.vstack([X, np.zeros(X.shape[1])]), axis=0), X)\n"
            "    groups, tree = ["
        ),
    ),
    "missing values always go left": (GAINS, GAINS + "\n    gains[:, 0] = 0"),
    "missing values always go right": (GAINS, GAINS + "\n    gains[:, 1] = 0"),
    "missing values in no sum": (
        "whole, missing = sums.sum(axis=1), sums[:, n_present:].sum(axis=1)",
        "whole, missing = sums[:, :n_present].sum(axis=1), 0 * sums[:, n_present:].sum(axis=1)",
    ),
    "missing values are never parted from the others": (RULED_OUT, RULED_OUT + "\n    gains[-1:] = 0"),
    "the threshold behind the last value is that value": (
        THRESHOLD,
        "float(values[place] / 2 + min(following[place], values[-1]) / 2)",
    ),
    "default_left is turned round": ("bool(default_left)", "not default_left"),
    "default_left where none is missing": (
        BEST,
        BEST.replace("gains.round(9)", "(gains.round(9) + 1e-12 * (n_present == len(x)) * np.array([0, 1]))"),
    ),
    "the direction of the root at all nodes": [
        ("    groups, tree = [", "    first = []\n    groups, tree = ["),
        (
            "            if round(",
            "            first = first or [default_left]\n            default_left = first[0]\n            if round(",
        ),
    ],
    "the gain is not halved": (GAINS, GAINS.replace(" / 2", "")),
    "the gain lacks the whole": (GAINS, GAINS.replace(" - score(whole)", "")),
    "the gain lacks reg_lambda": (SCORE, SCORE.replace(" + reg_lambda", "")),
    "reg_lambda is its default in the gain": (SCORE, SCORE.replace("reg_lambda", "1.0")),
    "the gain without H, as for squared error": (
        SCORE,
        "sums[0] ** 2 / (np.arange(1, 1 + np.prod(sums.shape[1:])).reshape(sums.shape[1:]) + reg_lambda)",
    ),
    "G is not squared": (SCORE, SCORE.replace("sums[0] ** 2", "np.abs(sums[0])")),
    "min_child_weight is ignored": (RULED_OUT, RULED_OUT.replace("< min_child_weight", "< 0")),
    "min_child_weight strictly": (RULED_OUT, RULED_OUT.replace("< min_child_weight", "<= min_child_weight")),
    "min_child_weight is its default": (RULED_OUT, RULED_OUT.replace("min_child_weight", "1.0")),
    "min_child_weight counts samples": (
        RULED_OUT,
        (
            "n = np.arange(1, n_present + 1)[:, np.newaxis] + (len(x) - n_present) * np.array([0, 1])\n"
            "    few = np.minimum(n, len(x) - n) < min_child_weight\n"
            "    gains[few | (values == following)[:, np.newaxis]] = -np.inf"
        ),
    ),
    "min_child_weight on the left only": (RULED_OUT, RULED_OUT.replace("np.minimum(left[1], right[1])", "left[1]")),
    "min_child_weight on the right only": (RULED_OUT, RULED_OUT.replace("np.minimum(left[1], right[1])", "right[1]")),
    "min_child_weight for the node": (
        RULED_OUT,
        RULED_OUT.replace("np.minimum(left[1], right[1])", "(left[1] + right[1])"),
    ),
    "equal values are parted": (RULED_OUT, RULED_OUT.replace("values == following", "values < -np.inf")),
    "thresholds are values of the data": (THRESHOLD, "float(following[place])"),
    "thresholds are the lower values": (THRESHOLD, "float(values[place]) if np.isfinite(following[place]) else np.inf"),
    "the last of equal thresholds": (
        BEST,
        (
            "np.argwhere(gains.round(9) == gains.round(9).max())[-1]\n"
            "    default_left = int(gains[place].round(9).argmax())"
        ),
    ),
    "missing values on the left in a tie": (
        BEST,
        "(lambda at: (at // 2, 1 - at % 2))(int(gains.round(9)[:, ::-1].argmax()))",
    ),
    "the direction before the threshold": (BEST, "divmod(int(gains.round(9).T.argmax()), len(gains))[::-1]"),
    "a value at the threshold goes left": (SIDES, SIDES.replace("x < threshold", "x <= threshold")),
    "missing values go right in prediction": (SIDES, "return x < threshold"),
    "missing values go left in prediction": (SIDES, "return ~(x >= threshold)"),
    "prediction asks the root only": (
        "groups += [(node.left, rows[left]), (node.right, rows[~left])]",
        "weights[rows] = np.where(left, tree[node.left].weight, tree[node.right].weight)",
    ),
    "prediction adds up the weights on the way": [
        ("    weights = np.empty(len(X))", "    weights = np.zeros(len(X))"),
        (
            "        if node.feature < 0:\n            weights[rows] = node.weight\n        else:",
            "        weights[rows] += node.weight\n        if node.feature >= 0:",
        ),
    ],
    "prediction goes by the order of the list": (
        "groups += [(node.left, rows[left]), (node.right, rows[~left])]",
        "groups += [(2 * place + 1, rows[left]), (2 * place + 2, rows[~left])]",
    ),
    "prediction has another sign": ("weights[rows] = node.weight", "weights[rows] = -node.weight"),
    "pruning looks once, from the top": (
        "            leaves = [visit(child) for child in (node.left, node.right)]",
        (
            "            leaves = [tree[child].left < 0 for child in (node.left, node.right)]\n"
            "            [visit(child) for child in (node.left, node.right)]"
        ),
    ),
    "pruning cuts whatever gains too little": (PRUNED, "if round(node.gain - gamma, 9) <= 0:"),
    "pruning needs one leaf only": (PRUNED, PRUNED.replace("all", "any")),
    "pruning keeps a gain of gamma": (PRUNED, PRUNED.replace("<= 0", "< 0")),
    "pruning takes gamma double": (PRUNED, PRUNED.replace("gamma", "2 * gamma")),
    "pruning takes gamma half, as in the library": (PRUNED, PRUNED.replace("gamma", "gamma / 2")),
    "pruning spares the root": (PRUNED, PRUNED.replace("if all", "if place and all")),
    "pruning compares the sum below": (
        PRUNED,
        PRUNED.replace("node.gain - gamma", "node.gain + pruned[node.left].gain + pruned[node.right].gain - 2 * gamma"),
    ),
    "pruning gives the mean of the children": (
        AS_LEAF,
        "pruned[place] = Node((pruned[node.left].weight + pruned[node.right].weight) / 2)",
    ),
    "pruning gives the weight of the left child": (AS_LEAF, "pruned[place] = Node(pruned[node.left].weight)"),
    "pruning keeps the children": (AS_LEAF, "pruned[place] = node._replace(gain=0.0)"),
    "pruning keeps the question": (AS_LEAF, "pruned[place] = node._replace(left=-1, right=-1)"),
    "pruning relies on children behind their parents": [
        (
            "    visit(0)\n",
            (
                "    for place in reversed(range(len(pruned))):\n"
                "        node = pruned[place]\n"
                "        below = (node.left, node.right) if node.left >= 0 else (place,)\n"
                "        leaves = [pruned[child].left < 0 and child != place for child in below]\n"
                "        if all(leaves) and node.gain <= gamma:\n"
                "            pruned[place] = Node(node.weight)\n"
            ),
        ),
    ],
    "nothing is pruned": ("    visit(0)\n", ""),
}

STRICT_MISTAKES = {
    "rounding decides between thresholds": (BEST, "divmod(int(gains.argmax()), 2)"),
    "rounding decides between features": (FEATURE, "feature = int(np.argmax([gain for gain, _, _ in splits]))"),
    "rounding decides about gamma": (PAYS, "if gain > gamma:"),
    "rounding decides about gamma in pruning": (PRUNED, "if all(leaves) and node.gain <= gamma:"),
    "gains near gamma are gamma": (PRUNED, "if all(leaves) and node.gain <= gamma + 1e-6:"),
    "the score of no H is NaN": (SCORE, "sums[0] ** 2 / (sums[1] + reg_lambda)"),
    "the weight of no H is not 0": (WEIGHT, "node = Node(float(-G / (H + reg_lambda)) if H + reg_lambda > 0 else 0.0)"),
}
