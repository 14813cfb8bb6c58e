from collections import namedtuple

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict

# The data of a model belong to its caller.
PURE = True

Tree = namedtuple(  # noqa: PYI024 - the kata's own has its fields
    "Tree", "children_left children_right feature impurity n_node_samples"
)

# A root of 24 samples that splits on feature 1, and a node of 20 that splits on feature 0.
SMALL = Tree(
    np.array([1, -1, 3, -1, -1]),
    np.array([2, -1, 4, -1, -1]),
    np.array([1, -2, 0, -2, -2]),
    np.array([0.5, 0.0, 0.48, 0.0, 0.0]),
    np.array([24, 4, 20, 8, 12]),
)


def deviation(y):
    """Return the sum of squares about the mean: samples times impurity, if that is the variance."""
    return float(((y - y.mean()) ** 2).sum())


def grown(rng, n_features, n_samples=40):
    """Grow a regression tree by random splits; return it, and each split's feature and decrease."""
    nodes, splits = [], []

    def grow(y, cut):
        place, feature = len(nodes), int(rng.integers(n_features))
        nodes.append([-1, -1, -2, np.var(y), len(y)])
        if cut:
            parts = y[:cut], y[cut:]
            cuts = [rng.integers(1, len(part)) * (rng.random() < 0.85) if len(part) > 3 else 0 for part in parts]
            children = [grow(part, int(cut)) for part, cut in zip(parts, cuts, strict=True)]
            nodes[place][:3] = *children, feature
            splits.append((feature, deviation(y) - deviation(parts[0]) - deviation(parts[1])))
        return place

    grow(rng.exponential(size=n_samples), 5)
    return Tree(*(np.array(column) for column in zip(*nodes, strict=True))), splits


def renumbered(tree, rng):
    """Give the nodes other numbers."""
    order = rng.permutation(len(tree.feature))
    place = np.argsort(order)
    children = [np.where(side < 0, -1, place[side])[order] for side in tree[:2]]
    return Tree(*children, *(each[order] for each in tree[2:]))


def of_splits(splits, n_features):
    sums = [sum(decrease for feature, decrease in splits if feature == each) for each in range(n_features)]
    return np.array(sums) / sum(sums)


def first(X):
    return X[:, 0]


def squared(y, prediction):
    """Score by minus the mean squared error."""
    return -float(np.mean((np.asarray(y) - prediction) ** 2))


def total(y, prediction):  # noqa: ARG001 - it does not look at the targets
    """Score by the sum of the predictions, whatever the targets."""
    return float(np.sum(prediction))


def distinct(values):
    """Return the different values, in order."""
    return np.unique(np.round(values, 9))


def test_weighted_decrease(kata, rng):
    """A split counts with the decrease of samples times impurity, and the importances sum to 1."""
    assert_close(kata.impurity_importance(SMALL, 2), [0.8, 0.2])
    lone = Tree(*(np.array(each) for each in ([1, -1, -1], [2, -1, -1], [0, -2, -2], [2.0, 1.0, 0.5], [5, 3, 2])))
    assert_close(kata.impurity_importance(lone, 1), [1.0])
    for n_features in (1, 2, 5):
        tree, splits = grown(rng, n_features)
        assert_close(kata.impurity_importance(tree, n_features), of_splits(splits, n_features))


def test_sum_over_nodes(kata, rng):
    """All nodes that split on a feature add up, and a feature on which none splits has the importance 0."""
    both = SMALL._replace(feature=np.array([2, -2, 2, -2, -2]))
    assert_close(kata.impurity_importance(both, 4), [0.0, 0.0, 1.0, 0.0])
    assert_close(kata.impurity_importance(SMALL, 5), [0.8, 0.2, 0.0, 0.0, 0.0])
    for _ in range(3):
        tree, splits = grown(rng, 3, n_samples=80)
        spread = tree._replace(feature=np.where(tree.feature >= 0, 2 * tree.feature + 1, -2))
        expected = np.zeros(8)
        expected[[1, 3, 5]] = of_splits(splits, 3)
        assert_close(kata.impurity_importance(spread, 8), expected)


def test_nodes_in_any_order(kata, rng):
    """Nodes may be numbered in any order, and what feature holds at a leaf means nothing."""
    tree = Tree(
        np.array([-1, 4, -1, -1, 0]),
        np.array([-1, 3, -1, -1, 2]),
        np.array([-2, 1, -2, -2, 0]),
        np.array([0.0, 0.5, 0.0, 0.0, 0.48]),
        np.array([8, 24, 12, 4, 20]),
    )
    assert_close(kata.impurity_importance(tree, 2), [0.8, 0.2])
    for leaf in (-1, 0, 1):
        marked = SMALL._replace(feature=np.where(SMALL.feature < 0, leaf, SMALL.feature))
        assert_close(kata.impurity_importance(marked, 2), [0.8, 0.2])
        tree, splits = grown(rng, 3)
        tree = tree._replace(feature=np.where(tree.children_left < 0, leaf, tree.feature))
        assert_close(kata.impurity_importance(renumbered(tree, rng), 3), of_splits(splits, 3))


def test_small_and_no_decrease(kata):
    """All importances are 0 if no split reduces the impurity; a small decrease counts like any."""
    leaf = Tree(*(np.array([each]) for each in (-1, -1, -2, 0.5, 10)))
    assert_close(kata.impurity_importance(leaf, 3), np.zeros(3))
    pure = Tree(*(np.array([each]) for each in (-1, -1, -2, 0.0, 4)))
    assert_close(kata.impurity_importance(pure, 1), np.zeros(1))
    useless = SMALL._replace(impurity=np.array([0.5, 0.5, 0.5, 0.5, 0.5]))
    assert_close(kata.impurity_importance(useless, 2), np.zeros(2))
    assert_close(kata.impurity_importance(SMALL._replace(impurity=2e-6 * SMALL.impurity), 2), [0.8, 0.2])
    assert_close(kata.impurity_importance(SMALL._replace(impurity=1e5 * SMALL.impurity), 2), [0.8, 0.2])
    # The first split, as of XOR, gains nothing, and the next one all.
    first_useless = SMALL._replace(impurity=np.array([0.5, 0.5, 0.5, 0.0, 0.0]))
    assert_close(kata.impurity_importance(first_useless, 2), [1.0, 0.0])


def test_two_rows(kata, rng):
    """With two rows, a column is as it was or swapped, and the importance of a repeat is what the score loses."""
    X, y = np.array([[1.0, 7.0], [2.0, 5.0]]), np.array([1.0, 2.0])
    result = kata.permutation_importance(first, X, y, squared, 40, rng)
    assert_close(distinct(result.importances[0]), [0.0, 1.0])
    assert_close(result.importances[1], np.zeros(40))
    # A model that has it the wrong way round gains by the swap.
    result = kata.permutation_importance(first, X, y[::-1].copy(), squared, 40, rng)
    assert_close(distinct(result.importances[0]), [-1.0, 0.0])


def test_all_orders(kata, rng):
    """All orders of the column occur, its own one included; no value is drawn twice or replaced."""
    X = np.array([[0.0], [1.0], [3.0]])
    result = kata.permutation_importance(first, X, X[:, 0], squared, 120, rng)
    assert_close(distinct(result.importances[0]), np.round([0.0, 2 / 3, 8 / 3, 14 / 3, 6.0], 9))
    # Two of the six orders lose 14/3: eight standard deviations.
    assert_close(np.mean(np.abs(result.importances[0] - 14 / 3) < 1e-6), 1 / 3, rtol=0.0, atol=0.33)


def test_one_column_at_a_time(kata, rng):
    """A column is shuffled against all others, and these are as they were."""
    X = np.array([[0.0, 0.0, 4.0], [1.0, 1.0, 2.0], [3.0, 3.0, 9.0]])
    result = kata.permutation_importance(lambda X: X[:, 1] - X[:, 0], X, np.zeros(3), squared, 20, rng)
    allowed = np.round([0.0, 2 / 3, 8 / 3, 14 / 3, 6.0], 9)
    for feature in (0, 1):
        values = distinct(result.importances[feature])
        assert_close(values, allowed[np.isin(allowed, values)])
        assert_equal(len(values) > 1, True, what="more than one order of the column occurs")
    assert_close(result.importances[2], np.zeros(20))
    # A constant feature, and one that the model does not use, cannot lose anything, whatever the features before do.
    X = np.column_stack([rng.permutation(12), np.full(12, 3.0), rng.permutation(12), np.arange(12)]).astype(float)
    result = kata.permutation_importance(lambda X: X[:, 0] * X[:, 3] + X[:, 1], X, X[:, 0], squared, 4, rng)
    assert_close(result.importances[1:3], np.zeros((2, 4)))
    # A sum does not see in which order its terms come.
    result = kata.permutation_importance(lambda X: 2 * X[:, 0] - X[:, 2], X, X[:, 0], total, 4, rng)
    assert_close(result.importances, np.zeros((4, 4)))


def test_score(kata, rng):
    """The importance is the score on X minus that with the column shuffled, for any score(y, prediction)."""
    X, y = np.array([[1.0], [2.0]]), np.array([3.0, 0.0])
    seen = kata.permutation_importance(first, X, y, lambda y, prediction: float(y @ prediction), 32, rng)
    assert_close(distinct(seen.importances), [-3.0, 0.0])
    # Not symmetric in its arguments: the share of the targets above 0 that is predicted, and the like.
    seen = kata.permutation_importance(first, X, y, lambda y, prediction: float((prediction / (1 + y))[0]), 32, rng)
    assert_close(distinct(seen.importances), [-0.25, 0.0])
    for scale in (1e-3, 1.0, 1e3):

        def high(y, prediction, scale=scale):
            return 50 + scale * float(prediction[0] > y[1] + 1)

        seen = kata.permutation_importance(first, X, y, high, 32, rng)
        assert_close(distinct(seen.importances), [-scale, 0.0], atol=1e-9)


def test_linear_model(kata, rng):
    """By squared error, a linear model loses twice the variance of the term in an order that is random."""
    X = rng.normal(size=(400, 3)) * [1.0, 2.0, 0.5] + [0.0, 5.0, -3.0]
    weights = np.array([1.5, -1.0, 4.0])
    predictions = X @ weights
    result = kata.permutation_importance(lambda X: X @ weights, X, predictions, squared, 4, rng)
    # The mean of four repeats has a relative standard deviation of 1/40: twelve of them.
    assert_close(result.importances_mean, 2 * (X * weights).var(axis=0), rtol=0.3)
    binary = (X[:, 0] > 0).astype(int)
    result = kata.permutation_importance(
        lambda X: (X[:, 0] > 0).astype(int), X, binary, lambda y, prediction: float(np.mean(y == prediction)), 4, rng
    )
    share = binary.mean()
    assert_close(result.importances_mean, [2 * share * (1 - share), 0.0, 0.0], rtol=0.4)


def test_mean_and_deviation(kata, rng):
    """All repeats come back by feature, with their mean and their standard deviation, which divides by n_repeats."""
    X = rng.normal(size=(5, 3))
    for n_repeats in (1, 2, 7):
        result = kata.permutation_importance(lambda X: X[:, 0] - 2 * X[:, 2], X, X[:, 0], squared, n_repeats, rng)
        assert_equal(result.importances.shape, (3, n_repeats))
        mean = [sum(row) / n_repeats for row in result.importances.tolist()]
        assert_close(result.importances_mean, mean)
        square = [
            sum((each - at) ** 2 for each in row) / n_repeats
            for row, at in zip(result.importances.tolist(), mean, strict=True)
        ]
        assert_close(result.importances_std, np.sqrt(square))


def test_randomness_comes_from_rng(kata):
    """The same state of rng gives the same importances, and another state gives others."""
    X = np.random.default_rng(0).normal(size=(30, 2))
    states = [np.random.default_rng(seed) for seed in (1, 1, 2)]
    once, again, other = (kata.permutation_importance(first, X, X[:, 0], squared, 2, state) for state in states)
    assert_equal(again.importances, once.importances)
    assert_equal(np.array_equal(other.importances, once.importances), False)


@strict
def test_bad_input(kata, rng):
    """ValueError if X and y differ in length or n_repeats < 1."""
    X = np.array([[1.0], [2.0], [4.0]])
    for y, n_repeats in [(X[:2, 0], 3), (np.arange(4.0), 3), (np.ones(1), 3), (X[:, 0], 0), (X[:, 0], -1)]:
        with pytest.raises(ValueError):
            kata.permutation_importance(first, X, y, total, n_repeats, rng)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_kinds(kata, rng, kind):
    """Arrays may hold integers of any type: nothing wraps around or is truncated."""
    samples = np.array([125, 5, 120, 60, 60]).astype(kind)
    tree = SMALL._replace(impurity=np.array([4, 3, 3, 1, 2]).astype(kind), n_node_samples=samples)
    assert_close(kata.impurity_importance(tree, 2), [180 / 305, 125 / 305])
    tree = SMALL._replace(feature=np.array([1, 0, 0, 0, 0]).astype(kind))
    assert_close(kata.impurity_importance(tree, 2), [0.8, 0.2])
    X, y = np.array([[100], [120]]).astype(kind), np.array([100, 120]).astype(kind)
    result = kata.permutation_importance(lambda X: 1.0 * X[:, 0], X, y, squared, 40, rng)
    assert_close(distinct(result.importances), [0.0, 400.0])


def workload(kata, rng, n):
    """Take the importances of a random tree, and of a model whose loss does not depend on the draw."""
    tree, _ = grown(rng, 4, n_samples=n + 8)
    X = rng.integers(0, 5, size=(n + 1, 3)).astype(float)
    result = kata.permutation_importance(lambda X: X[:, 0] - X[:, 2], X, X[:, 1], total, 2, rng)
    return kata.impurity_importance(tree, 5), result


def picture(kata, rng):
    """Draw the permutation importance of two features that are more and more alike."""
    shares = np.linspace(0.0, 1.0, 11)
    own, other = rng.normal(size=(2, 600))
    models = {"first feature alone": first, "mean of both": lambda X: X.mean(axis=1)}
    notes = [
        "What the model does not use is worth nothing to it, however much it knows.",
        "At 1 both features know all, and each is charged with half of the term: a quarter of the loss.",
    ]
    panels = []
    for (name, predict), note in zip(models.items(), notes, strict=True):
        losses = []
        for share in shares:
            X = np.column_stack([own, share * own + (1 - share) * other])
            losses.append(kata.permutation_importance(predict, X, own, squared, 5, rng).importances_mean)
        first_loss, second_loss = np.transpose(losses)
        lines = [Line(shares, first_loss, "first feature"), Line(shares, second_loss, "second feature", faint=True)]
        panels.append(
            Panel(f"A model of the {name}", "share of the first in the second", "loss of score", lines, note=note)
        )
    return panels


SPLIT = "split = tree.children_left >= 0"
MASS = "mass = tree.n_node_samples.astype(float) * tree.impurity"
DECREASE = "decrease = mass[split] - mass[tree.children_left[split]] - mass[tree.children_right[split]]"
COUNT = "importance = np.bincount(tree.feature[split], weights=decrease, minlength=n_features)"
NORMED = "return importance / importance.sum() if importance.any() else importance"
SHUFFLE = "shuffled[:, feature] = rng.permutation(X[:, feature])"
LOST = "lost[feature, repeat] = base - score(y, predict(shuffled))"
RESULT = "return Importances(lost.mean(axis=1), lost.std(axis=1), lost)"
COPY = "shuffled = X.copy()"
BASE = "base = score(y, predict(X))"
MISTAKES = {
    "impurities without the numbers of samples": (MASS, "mass = 1.0 * tree.impurity"),
    "children weighted by their share, nodes alike": (
        DECREASE,
        DECREASE + "\n    decrease = decrease / tree.n_node_samples[split]",
    ),
    "the mean of the children": (
        DECREASE,
        (
            "left, right = tree.children_left[split], tree.children_right[split]\n"
            "    decrease = tree.n_node_samples[split] * (tree.impurity[split]"
            " - (tree.impurity[left] + tree.impurity[right]) / 2)"
        ),
    ),
    "the impurity of the node, not its decrease": (DECREASE, "decrease = mass[split]"),
    "the left child alone": (DECREASE, "decrease = mass[split] - mass[tree.children_left[split]]"),
    "the number of splits": (DECREASE, "decrease = np.ones(split.sum())"),
    "the number of samples": (DECREASE, "decrease = 1.0 * tree.n_node_samples[split]"),
    "the last split of a feature counts": (
        COUNT,
        "importance = np.zeros(n_features)\n    importance[tree.feature[split]] += decrease",
    ),
    "leaves are counted, too": (SPLIT, "split = tree.children_left >= -1"),
    "a leaf is where the feature is -2": (SPLIT, "split = tree.feature != -2"),
    "a leaf is where the feature is negative": (SPLIT, "split = tree.feature >= 0"),
    "the first node is never a child, so its number is no child": (SPLIT, "split = tree.children_left > 0"),
    "children come after their parents": (
        SPLIT,
        "split = tree.children_left > np.arange(len(tree.feature))",
    ),
    "the left child is the next node": (
        DECREASE,
        DECREASE.replace("tree.children_left[split]", "(np.flatnonzero(split) + 1) % len(mass)"),
    ),
    "unused features are missing": (COUNT, COUNT.replace(", minlength=n_features", "")),
    "not normalised": (NORMED, "return importance"),
    "divided by the samples of the root": (NORMED, "return importance / tree.n_node_samples.max()"),
    "divided by the largest": (NORMED, "return importance / importance.max() if importance.any() else importance"),
    "nothing to divide by": (NORMED, "return importance / importance.sum()"),
    "nothing gives equal shares": (
        NORMED,
        NORMED.replace("else importance", "else np.full(n_features, 1 / n_features)"),
    ),
    "small decreases are none": (NORMED, NORMED.replace("importance.any()", "importance.sum() > 1e-3")),
    "eps under the fraction": (NORMED, "return importance / (importance.sum() + 1e-8)"),
    "a sample with replacement": (
        SHUFFLE,
        SHUFFLE.replace("rng.permutation(X[:, feature])", "rng.choice(X[:, feature], len(X))"),
    ),
    "the mean in place of the column": (SHUFFLE, "shuffled[:, feature] = X[:, feature].mean()"),
    "zeros in place of the column": (SHUFFLE, "shuffled[:, feature] = 0"),
    "noise in place of the column": (
        SHUFFLE,
        "shuffled[:, feature] = rng.normal(X[:, feature].mean(), X[:, feature].std(), len(X))",
    ),
    "the column moved round": (SHUFFLE, "shuffled[:, feature] = np.roll(X[:, feature], rng.integers(len(X)))"),
    "the column turned round": (SHUFFLE, "shuffled[:, feature] = X[::-1, feature]"),
    "the column is never as it was": (
        SHUFFLE,
        (
            "order = rng.permutation(len(X))\n"
            "        while len(X) > 1 and (order == np.arange(len(X))).all():\n"
            "            order = rng.permutation(len(X))\n"
            "        shuffled[:, feature] = X[order, feature]"
        ),
    ),
    "whole rows are shuffled": (SHUFFLE, "shuffled = rng.permutation(X)"),
    "the targets are shuffled": (LOST, "lost[feature, repeat] = base - score(rng.permutation(y), predict(X))"),
    "the same order for every repeat": (
        SHUFFLE,
        "order = rng.permutation(len(X)) if repeat == 0 else order\n        shuffled[:, feature] = X[order, feature]",
    ),
    "shuffled columns stay so": (
        COPY,
        "shuffled = X.copy() if feature == repeat == 0 else shuffled",
    ),
    "X itself is shuffled": (COPY, "shuffled = X"),
    "the other columns are shuffled": (
        SHUFFLE,
        "shuffled = rng.permuted(X, axis=0)\n        shuffled[:, feature] = X[:, feature]",
    ),
    "the shuffled score itself": (LOST, "lost[feature, repeat] = score(y, predict(shuffled))"),
    "what the score gains": (LOST, "lost[feature, repeat] = score(y, predict(shuffled)) - base"),
    "the size of the loss": (LOST, "lost[feature, repeat] = abs(base - score(y, predict(shuffled)))"),
    "a loss below 0 is cut off": (LOST, "lost[feature, repeat] = max(0, base - score(y, predict(shuffled)))"),
    "relative to the score": (
        LOST,
        "lost[feature, repeat] = (base - score(y, predict(shuffled))) / (abs(base) or 1)",
    ),
    "the best score is 1": (BASE, "base = 1.0"),
    "the best score is that of the targets": (BASE, "base = score(y, y)"),
    "predictions first": (LOST, "lost[feature, repeat] = score(predict(X), y) - score(predict(shuffled), y)"),
    "the change of the predictions": (
        LOST,
        "lost[feature, repeat] = base - score(predict(X), predict(shuffled))",
    ),
    "the deviation of a sample": (
        RESULT,
        RESULT.replace("lost.std(axis=1)", "lost.std(axis=1, ddof=int(n_repeats > 1))"),
    ),
    "the error of the mean": (RESULT, RESULT.replace("lost.std(axis=1)", "lost.std(axis=1) / n_repeats**0.5")),
    "the variance": (RESULT, RESULT.replace("lost.std(axis=1)", "lost.var(axis=1)")),
    "repeats by rows": (RESULT, RESULT.replace(", lost)", ", lost.T)")),
    "the median": (RESULT, RESULT.replace("lost.mean(axis=1)", "np.median(lost, axis=1)")),
    "importances that sum to 1": (RESULT, "lost /= lost.mean(axis=1).sum() or 1\n    " + RESULT),
    "a generator of its own": (BASE, "rng = np.random.default_rng()\n    " + BASE),
    "a seed of its own": (BASE, "rng = np.random.default_rng(0)\n    " + BASE),
    "every repeat from the same seed": (
        SHUFFLE,
        "shuffled[:, feature] = np.random.default_rng(feature).permutation(X[:, feature])",
    ),
}
STRICT_MISTAKES = {
    "lengths are not looked at": ("if len(X) != len(y) or n_repeats < 1:", "if n_repeats < 1:"),
    "no repeats": ("if len(X) != len(y) or n_repeats < 1:", "if len(X) != len(y) or n_repeats < 0:"),
    "bytes wrap around": (MASS, "mass = tree.n_node_samples * tree.impurity"),
}
