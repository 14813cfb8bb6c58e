from collections import namedtuple
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

Split = namedtuple("Split", "feature threshold gain")  # noqa: PYI024 - for comparison alone


def impurity(y):
    return 1 - sum(Fraction(y.count(label), len(y)) ** 2 for label in set(y))


def splits(X, y, min_samples_leaf=1):
    """Try every threshold of every feature, in fractions, which do not round."""
    labels = y.tolist()
    for feature, column in enumerate(X.T.tolist()):
        for lower, upper in pairwise(sorted(set(column))):
            left = [label for value, label in zip(column, labels, strict=True) if value <= lower]
            right = [label for value, label in zip(column, labels, strict=True) if value > lower]
            weighted = (len(left) * impurity(left) + len(right) * impurity(right)) / len(labels)
            if min(len(left), len(right)) >= min_samples_leaf:
                yield Split(feature, (lower + upper) / 2, impurity(labels) - weighted)


def defined(X, y, min_samples_leaf=1):
    """Keep the first of the best splits."""
    found = list(splits(X, y, min_samples_leaf))
    if not found or len(set(y.tolist())) == 1:
        return None
    best = max(found, key=lambda split: split.gain)
    return best._replace(gain=float(best.gain))


def drawn_without_ties(draw, leaves=(1,)):
    """Draw X and y until no two splits share the largest gain: rounding must not decide in a core rule."""
    while True:
        X, y = draw()
        gains = [sorted(split.gain for split in splits(X, y, least)) for least in leaves]
        if all(len(each) < 2 or each[-2] < each[-1] for each in gains):
            return X, y


def assert_split(actual, expected):
    if actual is None or expected is None:
        assert_equal(actual, expected)
    else:
        assert_equal(actual.feature, expected.feature)
        assert_close(actual.threshold, expected.threshold)
        assert_close(actual.gain, expected.gain)


def test_gini(kata, rng):
    """The Gini index is 1 - sum_k p_k**2, for any number of classes and any integers as labels."""
    for y, index in [([0, 1], 0.5), ([1, 1, 1], 0.0), ([5], 0.0), ([7, -1, 7, 7], 0.375), ([3, 0, 9, -2], 0.75)]:
        assert_close(kata.gini(np.array(y)), index)
    y = rng.integers(-3, 3, size=17)
    assert_close(kata.gini(y), np.mean(y[:, None] != y))


def test_gain(kata, rng):
    """The gain is the impurity of all samples minus that of both sides, each weighted by its share of the samples."""
    X, y = np.array([[1.0], [2.0], [4.0], [5.0]]), np.array([0, 1, 1, 1])
    assert_split(kata.best_split(X, y), Split(0, 1.5, 0.375))
    assert_split(kata.best_split(X, -7 * y), Split(0, 1.5, 0.375))
    X = np.arange(9.0)[:, None]
    for n_classes in (2, 3, 5):
        labels = np.array([4, -1, 7, 0, 12])[np.arange(9) % n_classes]
        _, y = drawn_without_ties(lambda labels=labels: (X, rng.permutation(labels)))
        assert_split(kata.best_split(X, y), defined(X, y))


def test_best_feature(kata, rng):
    """All features and all midpoints of neighbouring distinct values are tried; a gain a little larger wins."""
    X = np.array([[0.3, 7.0], [0.5, 1.0], [0.1, 2.0], [0.2, 9.0]])
    assert_split(kata.best_split(X, np.array([1, 0, 0, 1])), Split(1, 4.5, 0.5))
    # More features than samples, of which only the last is not constant; and two samples alone.
    X, y = np.ones((3, 5)), np.array([1, 0, 0])
    X[:, 4] = [3.0, 1.0, 2.0]
    assert_split(kata.best_split(X, y), Split(4, 2.5, 4 / 9))
    assert_split(kata.best_split(X[:2], y[:2]), Split(4, 2.0, 0.5))
    # A constant feature between two others.
    X = np.array([[1.0, 5.0, 1.0], [2.0, 5.0, 3.0], [3.0, 5.0, 2.0]])
    assert_split(kata.best_split(X, np.array([0, 1, 0])), Split(2, 2.5, 4 / 9))
    # Of 43 zeros and 7 ones, 18 and 1 on one side gain 7e-7 more than 30 and 3.
    y, place = np.repeat([0, 1], [43, 7]), np.repeat([0, 1, 2, 0, 1, 2], [18, 12, 13, 1, 2, 4])
    for X in (-place[:, None], np.column_stack([place > 1, place > 0])):
        assert_split(kata.best_split(X.astype(float), y), defined(X.astype(float), y))

    def draw():
        X, y = rng.integers(-50, 50, size=(9, 3)) / 10, rng.permutation([0, 0, 1, 1, 1, 2, 2, 2, 2])
        X[:, 1] += 2 * y
        return X.round(1), y

    X, y = drawn_without_ties(draw)
    assert_split(kata.best_split(X, y), defined(X, y))


def test_repeated_values(kata, rng):
    """Equal values go to the same side, and different values, however close, may be split."""
    X = np.array([[1.0], [1.0], [1.0], [3.0]])
    assert_split(kata.best_split(X, np.array([0, 1, 1, 1])), Split(0, 2.0, 0.375 - 1 / 3))
    X = np.array([[100_001.0], [100_002.0], [100_000.0]])
    assert_split(kata.best_split(X, np.array([0, 1, 0])), Split(0, 100_001.5, 4 / 9))
    X = np.array([[1.02e-6], [1.00e-6], [1.01e-6], [1.03e-6]])
    assert_split(kata.best_split(X, np.array([0, 1, 1, 0])), Split(0, 1.015e-6, 0.5))
    for _ in range(5):
        X, y = drawn_without_ties(lambda: (rng.integers(0, 4, size=(9, 2)) / 2, rng.permutation([0] * 4 + [1] * 5)))
        assert_split(kata.best_split(X, y), defined(X, y))


def test_min_samples_leaf(kata, rng):
    """Each side keeps at least min_samples_leaf samples, by default 1."""
    X, y = np.arange(7.0)[:, None], np.array([0, 1, 1, 1, 1, 1, 1])
    for sign in (1, -1):
        assert_split(kata.best_split(sign * X, y), defined(sign * X, y))
        for least in (2, 3):
            assert_split(kata.best_split(sign * X, y, min_samples_leaf=least), defined(sign * X, y, least))
    # The further from the end, the smaller is the gain: the best allowed split is the first.
    X, y = np.arange(40.0)[:, None], np.repeat([0, 1], [1, 39])
    assert_split(kata.best_split(X, y, min_samples_leaf=15), defined(X, y, 15))
    leaves = (2, 3, 5)
    X, y = drawn_without_ties(
        lambda: (rng.integers(0, 6, size=(10, 2)).astype(float), rng.permutation([0] * 2 + [1] * 3 + [2] * 5)), leaves
    )
    for least in leaves:
        assert_split(kata.best_split(X, y, least), defined(X, y, least))


@pytest.mark.parametrize("factors", [[1], [1, 1], [1, -1], [-1, 2, 1]])
def test_ties(kata, factors):
    """A tie goes to the lower feature, then to the lower threshold."""
    # In the last both sides are pure, so that the gain is that of the whole node, whatever is rounded.
    for labels in ("0110", "01110", "0000011"):
        y = np.array([int(label) for label in labels])
        X = np.arange(1.0, len(y) + 1)[:, None] * factors
        assert_split(kata.best_split(X, y), defined(X, y))


def test_ties_of_nothing(kata):
    """A tie goes to the lower feature and the lower threshold, also if the gain is 0."""
    X, y = np.repeat([1.0, 2.0, 3.0, 4.0], 2)[:, None], np.tile([0, 1], 4)
    assert_split(kata.best_split(X, y), Split(0, 1.5, 0.0))
    assert_split(kata.best_split(np.column_stack([np.ones(8), X, X]), y), Split(1, 1.5, 0.0))


def test_any_labels(kata):
    """Labels are any integers: only equal ones are one class."""
    X = np.array([[1.0], [2.0], [3.0], [4.0]])
    assert_split(kata.best_split(X, np.array([100_000, 100_000, 34_464, 7])), Split(0, 2.5, 0.375))
    assert_split(kata.best_split(X, np.array([-7, -7, 7, 300])), Split(0, 2.5, 0.375))


def test_gain_of_zero(kata):
    """A largest gain of 0 is returned like any other: XOR begins with one."""
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    assert_split(kata.best_split(X, y), Split(0, 0.5, 0.0))


def test_no_split(kata):
    """None if all labels are equal, or no threshold leaves min_samples_leaf samples on each side."""
    X, y = np.array([[1.0, 3.0], [2.0, 3.0], [3.0, 3.0], [3.0, 3.0]]), np.array([0, 1, 0, 1])
    assert_equal(kata.best_split(X[:1], y[:1]), None)
    assert_equal(kata.best_split(X, np.full(4, 1)), None)
    assert_equal(kata.best_split(X[:, 1:], y), None)
    for least in (3, 4, 5, 9):
        assert_equal(kata.best_split(X, y, min_samples_leaf=least), None)
    assert_split(kata.best_split(X[:, ::-1], y, min_samples_leaf=2), Split(1, 2.5, 0.0))


def test_many_samples(kata, rng):
    """30,000 samples of two features take n log n time."""
    # The second feature is the sample's rank: class 0 below 12,000, and from there on the classes 1 and 2 in turn.
    rank = rng.permutation(30_000)
    y = np.where(rank < 12_000, 0, 1 + rank % 2)
    X = np.column_stack([rng.permutation(30_000), rank]).astype(float)
    before, after = 1 - 0.4**2 - 2 * 0.3**2, 0.6 * 0.5
    assert_split(kata.best_split(X, y, min_samples_leaf=100), Split(1, 11_999.5, before - after))


@strict
def test_rounded_ties(kata):
    """Gains that differ only by rounding are ties."""
    for labels in ("00100010", "01000100", "0100010010", "1101101010"):
        y = np.array([int(label) for label in labels])
        for factors in ([1], [1, 1], [1, -1], [-1, 2, 1]):
            X = np.arange(1.0, len(y) + 1)[:, None] * factors
            assert_split(kata.best_split(X, y), defined(X, y))
    # The same shares at every value: each gain is 0, and rounding leaves a little more in one place than in another.
    for labels in ([0, 1, 2], [0, 1, 1], [0, 1, 1, 2, 2, 2]):
        for n_values in range(2, 12):
            column, y = np.repeat(np.arange(n_values), len(labels)), np.tile(labels, n_values)
            X = np.column_stack([column, -column]).astype(float)
            assert_split(kata.best_split(X, y), Split(0, 0.5, 0.0))


@strict
def test_close_gains(kata):
    """Gains more than 1e-9 apart are not ties."""
    # Of 57 zeros and 93 ones, 23 and 9 on one side gain 3.9e-9 more than 37 and 26.
    y, place = np.repeat([0, 1], [57, 93]), np.repeat([0, 1, 2, 0, 1, 2], [20, 14, 23, 67, 17, 9])
    X = place[:, None].astype(float)
    assert_split(kata.best_split(X, y), defined(X, y))
    assert_split(kata.best_split(-X, y), defined(-X, y))
    X = np.column_stack([place > 0, place > 1]).astype(float)
    assert_split(kata.best_split(X, y), defined(X, y))


@strict
@pytest.mark.parametrize(
    ("lower", "upper", "threshold"),
    [
        (1.0, 1.0 + 2.0**-50, 1.0 + 2.0**-51),
        (1.0, 1.0 + 2.0**-52, 1.0),
        (1.0 + 2.0**-52, 1.0 + 2.0**-51, 1.0 + 2.0**-52),
        (-1.0 - 2.0**-51, -1.0 - 2.0**-52, -1.0 - 2.0**-51),
    ],
    ids=["one between", "none between", "rounded up", "rounded up below zero"],
)
def test_adjacent_floats(kata, lower, upper, threshold):
    """The threshold of adjacent floats sends the lower one left and the upper one right."""
    split = kata.best_split(np.array([[upper], [lower], [lower]]), np.array([1, 0, 0]))
    assert_split(split, Split(0, threshold, 4 / 9))
    assert_equal(split.threshold, threshold)


@strict
def test_large_values(kata):
    """The midpoint of two values near 1e308 is finite."""
    for lower, upper, threshold in [(1.5e308, 1.75e308, 1.625e308), (-1.75e308, 1.5e308, -1.25e307)]:
        split = kata.best_split(np.array([[upper], [lower], [lower]]), np.array([1, 0, 0]))
        assert_split(split, Split(0, threshold, 4 / 9))


@strict
@pytest.mark.parametrize("kind", [int, np.uint8, np.int8])
def test_integers(kata, kind):
    """Features may be integers of any type: thresholds lie between them, and nothing wraps around."""
    X, y = np.array([[124, 3], [127, 0], [126, 0], [125, 0]], dtype=kind), np.array([7, -10, -10, -10])
    assert_split(kata.best_split(X[:, :1], y), Split(0, 124.5, 0.375))
    assert_split(kata.best_split(X, y, 2), Split(0, 125.5, 0.125))
    assert_split(kata.best_split(X[:, ::-1], y), Split(0, 1.5, 0.375))
    if kind is not np.uint8:
        assert_split(kata.best_split(np.array([[100], [-100]], dtype=kind), y[:2]), Split(0, 0.0, 0.5))


def workload(kata, rng, n):
    """Features of distinct and of repeated values, one that knows something of the label, and a copy of it."""
    n = max(n, 4)
    y = np.minimum(rng.geometric(0.5, size=n), 4) - 2
    X = np.column_stack([rng.normal(size=n), np.round(rng.normal(size=n) + y, 1), rng.integers(0, 5, size=n)])
    X = np.column_stack([X, X[:, 1]])
    return kata.gini(y), kata.best_split(X, y), kata.best_split(X[:, ::-1], y % 2, min_samples_leaf=n // 3)


MISTAKES = {
    "Gini of two classes only": (
        "    _, counts = np.unique(y, return_counts=True)\n    return float(1 - ((counts / len(y)) ** 2).sum())",
        "    share = np.mean(y == y[0])\n    return float(2 * share * (1 - share))",
    ),
    "purity instead of impurity": (
        "float(1 - ((counts / len(y)) ** 2).sum())",
        "float(((counts / len(y)) ** 2).sum())",
    ),
    "entropy": (
        "float(1 - ((counts / len(y)) ** 2).sum())",
        "float(-(counts / len(y) * np.log2(counts / len(y))).sum())",
    ),
    "misclassification instead of Gini": [
        ("float(1 - ((counts / len(y)) ** 2).sum())", "float(1 - counts.max() / len(y))"),
        (
            "kept = (left**2).sum(axis=1) / n_left + (right**2).sum(axis=1) / n_right",
            "kept = left.max(axis=1) + right.max(axis=1)",
        ),
    ],
    "labels counted by bincount, which takes no negative": (
        "_, counts = np.unique(y, return_counts=True)",
        "counts = np.bincount(y)",
    ),
    "sides not weighed": (
        "kept = (left**2).sum(axis=1) / n_left + (right**2).sum(axis=1) / n_right",
        "kept = ((left**2).sum(axis=1) / n_left**2 + (right**2).sum(axis=1) / n_right**2) * len(y) / 2",
    ),
    "gain of the samples, not of their shares": (
        "gain = gini(y) - (1 - kept / len(y))",
        "gain = len(y) * gini(y) - len(y) + kept",
    ),
    "impurity after the split for a gain": ("gain = gini(y) - (1 - kept / len(y))", "gain = kept / len(y) - 1"),
    "equal values are parted": ("(values[:-1] < values[1:]) & ", ""),
    "values that differ by 1e-5 of their size are equal": (
        "(values[:-1] < values[1:])",
        "~np.isclose(values[:-1], values[1:])",
    ),
    "the threshold is a value of the data": ("float(values[cut + 1]))", "float(values[cut]))"),
    "the threshold is the upper value": ("_between(float(values[cut]), ", "_between(float(values[cut + 1]), "),
    "the threshold is a place in the order": ("_between(float(values[cut]), float(values[cut + 1]))", "cut + 0.5"),
    "features in single precision": ("enumerate(X.T)", "enumerate(X.T.astype(np.float32))"),
    "min_samples_leaf fixed at 1": ("n_right) >= min_samples_leaf)", "n_right) >= 1)"),
    "min_samples_leaf strictly": ("n_right) >= min_samples_leaf)", "n_right) > min_samples_leaf)"),
    "min_samples_leaf on the left only": ("np.minimum(n_left, n_right) >= min", "n_left >= min"),
    "min_samples_leaf checked after the best split is chosen": [
        ("(values[:-1] < values[1:]) & (np.minimum(n_left, n_right) >= min_samples_leaf)", "values[:-1] < values[1:]"),
        (
            "            best = Split(feature, _between(float(",
            "            best = min(n_left[cut], n_right[cut]) >= min_samples_leaf and Split(feature, _between(float(",
        ),
    ],
    "the last of equal features": ("gain.max() > best.gain + 1e-9", "gain.max() > best.gain - 1e-9"),
    "the last of equal thresholds": (
        "np.argmax(gain > gain.max() - 1e-9)",
        "np.flatnonzero(gain > gain.max() - 1e-9)[-1]",
    ),
    "a split must gain something": (
        "if allowed.any() and (best is None or gain.max() > best.gain + 1e-9):",
        "if allowed.any() and gain.max() > (0 if best is None else best.gain) + 1e-9:",
    ),
    "a pure node is split": ("if len(classes) == 1:", "if len(y) == 1:"),
    "no split is an empty one": (
        "return best\n\n\ndef _between",
        "return best or Split(0, np.inf, 0.0)\n\n\ndef _between",
    ),
    "only the first feature is asked": ("enumerate(X.T):", "enumerate(X.T[:1]):"),
    "every threshold looks at every sample": (
        "left = np.cumsum(is_class[order], axis=0)[:-1]",
        "left = np.array([is_class[column <= value].sum(axis=0) for value in values[:-1]])",
    ),
}
STRICT_MISTAKES = {
    "thresholds of whole numbers are truncated": (
        "_between(float(values[cut]), float(values[cut + 1]))",
        "float(_between(values[cut], values[cut + 1]).astype(values.dtype))",
    ),
    "small whole numbers wrap around": (
        "_between(float(values[cut]), float(values[cut + 1]))",
        "float((values[cut] + values[cut + 1]) / 2)",
    ),
    "the sum of two large values overflows": ("lower / 2 + upper / 2", "(lower + upper) / 2"),
    "the way between two large values overflows": ("lower / 2 + upper / 2", "lower + (upper - lower) / 2"),
    "a midpoint that rounds to the upper value": ("return middle if middle < upper else lower", "return middle"),
    "rounding decides between thresholds": ("np.argmax(gain > gain.max() - 1e-9)", "np.argmax(gain)"),
    "rounding decides between features": [
        ("gain.max() > best.gain + 1e-9", "gain.max() > best.gain"),
        ("kept = (left**2).sum(axis=1) / n_left + (right**2)", "left_pure = ((left.T / n_left) ** 2).sum(axis=0)"),
        (".sum(axis=1) / n_right", "\n        right_pure = ((right.T / n_right) ** 2).sum(axis=0)"),
        (
            "gain = gini(y) - (1 - kept / len(y))",
            "gain = gini(y) - n_left / len(y) * (1 - left_pure) - n_right / len(y) * (1 - right_pure)",
        ),
    ],
    "only gains of nearly the same size are equal, so none that are 0": [
        ("np.argmax(gain > gain.max() - 1e-9)", "np.argmax(gain >= gain.max() * (1 - 1e-9))"),
        ("gain.max() > best.gain + 1e-9", "gain.max() > best.gain * (1 + 1e-9)"),
    ],
    "close gains are equal": (
        "np.argmax(gain > gain.max() - 1e-9)",
        "np.argmax(np.isclose(gain, gain.max()))",
    ),
    "close gains of two features are equal": (
        "gain.max() > best.gain + 1e-9",
        "gain.max() > best.gain and not np.isclose(gain.max(), best.gain)",
    ),
}
