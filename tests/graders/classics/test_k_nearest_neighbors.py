import math
from collections import Counter

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# By the expansion into three terms, the distance of equal rows is the root of a rounding error.
ROUNDED = {"rtol": 1e-6, "atol": 1e-6}


def distance(x, y):
    """Return the distance of two rows."""
    return math.dist(x.tolist(), y.tolist())


def defined(X_train, y_train, X, k):
    """Return the labels that the definition gives, one sample at a time."""
    found = []
    for x in X:
        nearest = sorted((distance(x, row), place) for place, row in enumerate(X_train))[:k]
        counts = Counter(y_train[place] for _, place in nearest)
        found.append(min(label for label, count in counts.items() if count == max(counts.values())))
    return np.array(found)


def test_distances(kata, rng):
    """Entry i, j is the Euclidean distance of row i of X to row j of Y."""
    X, Y = np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0], [-3.0, 8.0]])
    assert_close(kata.pairwise_distances(X, Y), [[5.0, 1.0, 73**0.5], [4.0, 10**0.5, 10.0]], **ROUNDED)
    small = kata.pairwise_distances(np.array([[0.001, 0.002]]), np.array([[0.00103, 0.00204], [0.0013, 0.0024]]))
    assert_close(small, [[5e-5, 5e-4]], **ROUNDED)
    for n, m, n_features in [(1, 1, 1), (3, 5, 2), (5, 3, 4), (4, 4, 1), (1, 6, 3), (6, 1, 7)]:
        X, Y = rng.normal(size=(n, n_features)), rng.normal(size=(m, n_features)) + 1
        assert_close(kata.pairwise_distances(X, Y), [[distance(x, y) for y in Y] for x in X], **ROUNDED)


def test_equal_rows(kata, rng):
    """The distance between equal rows is 0, not NaN."""
    assert_close(kata.pairwise_distances(np.array([[0.1, 0.3]]), np.array([[0.1, 0.3]])), [[0.0]], **ROUNDED)
    X = rng.normal(size=(60, 5))
    assert_close(np.diagonal(kata.pairwise_distances(X, X.copy())), np.zeros(60), **ROUNDED, what="the diagonal")


def test_nearest_neighbor(kata, rng):
    """With k = 1 a sample gets the label of the nearest training sample."""
    X_train, y_train = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 4.0]]), np.array([3, 1, 2])
    assert_equal(kata.predict(X_train, y_train, np.array([[4.0, 1.0], [6.0, 1.0], [1.0, 3.0]]), 1), [3, 1, 2])
    # The nearest is nearer by little.
    X_train, y_train = np.array([[0.0010003], [0.001], [11.000003], [11.0]]), np.array([5, 2, 7, 3])
    assert_equal(kata.predict(X_train, y_train, np.array([[0.0], [10.0]]), 1), [2, 3])
    X_train, y_train, X = rng.normal(size=(30, 3)), rng.integers(0, 4, size=30), rng.normal(size=(12, 3))
    assert_equal(kata.predict(X_train, y_train, X, 1), defined(X_train, y_train, X, 1))


def test_majority(kata, rng):
    """The most frequent label of the k nearest wins, even against the nearest."""
    X_train, y_train = np.array([[0.0], [1.0], [2.0], [9.0], [10.0]]), np.array([0, 1, 1, 0, 0])
    assert_equal(kata.predict(X_train, y_train, np.array([[-1.0], [3.0]]), 3), [1, 1])
    assert_equal(kata.predict(X_train, y_train, np.array([[-1.0], [3.0]]), 5), [0, 0])
    for n_classes, k in [(2, 5), (3, 7), (5, 4), (4, 25)]:
        X_train, y_train = rng.normal(size=(25, 2)), rng.integers(0, n_classes, size=25)
        X = rng.normal(size=(9, 2))
        assert_equal(kata.predict(X_train, y_train, X, k), defined(X_train, y_train, X, k))


def test_equal_votes(kata, rng):
    """If labels are equally frequent, the smallest wins, whichever is nearer."""
    X_train, y_train = np.array([[0.0], [1.0], [3.0], [4.0]]), np.array([5, 5, 2, 2])
    assert_equal(kata.predict(X_train, y_train, np.array([[0.2], [3.9]]), 4), [2, 2])
    assert_equal(kata.predict(X_train, np.array([9, 4, 7, 8]), np.array([[0.2], [3.9]]), 2), [4, 7])
    X_train, X = rng.normal(size=(20, 2)), rng.normal(size=(8, 2))
    y_train = rng.permutation(20)
    for k in (2, 3, 6):
        assert_equal(kata.predict(X_train, y_train, X, k), defined(X_train, y_train, X, k))


def test_equal_distances(kata, rng):
    """Of training samples at the same distance, those with lower indices are nearer."""
    X_train, y_train = np.array([[1.0], [-1.0], [1.0], [-1.0]]), np.array([8, 3, 3, 8])
    assert_equal(kata.predict(X_train, y_train, np.array([[0.0]]), 1), [8])
    assert_equal(kata.predict(X_train, y_train, np.array([[0.0]]), 3), [3])
    X_train, X = rng.integers(0, 4, size=(60, 2)).astype(float), rng.integers(0, 4, size=(10, 2)).astype(float)
    y_train = rng.integers(0, 9, size=60)
    for k in (1, 3, 8):
        assert_equal(kata.predict(X_train, y_train, X, k), defined(X_train, y_train, X, k))


def test_any_labels(kata, rng):
    """Labels are any integers: negative ones, large ones, gaps between them."""
    X_train, y_train = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([-3, -3, 1000, 7])
    assert_equal(kata.predict(X_train, y_train, np.array([[0.0], [6.0], [5.0]]), 1), [-3, 7, 1000])
    assert_equal(kata.predict(X_train, y_train, np.array([[0.0], [6.0]]), 2), [-3, 7])
    X_train, X = rng.normal(size=(15, 2)), rng.normal(size=(6, 2))
    y_train = rng.choice([-40, -1, 6, 500], size=15)
    assert_equal(kata.predict(X_train, y_train, X, 4), defined(X_train, y_train, X, 4))


def test_number_of_neighbors(kata):
    """A k below 1 or above the number of training samples raises ValueError; all of them may vote."""
    X_train, y_train, X = np.array([[0.0], [1.0], [2.0]]), np.array([1, 0, 0]), np.array([[-5.0]])
    assert_equal(kata.predict(X_train, y_train, X, 3), [0])
    for k in (0, -1, 4, 10):
        with pytest.raises(ValueError):
            kata.predict(X_train, y_train, X, k)


def test_memory(kata, rng):
    """Large sets are compared without an array of n_samples * n_train * n_features numbers."""
    X, Y = rng.normal(size=(500, 1655)), rng.normal(size=(500, 1655))
    distances = kata.pairwise_distances(X, Y)
    for i, j in rng.integers(0, 500, size=(5, 2)):
        assert_close(distances[i, j], distance(X[i], Y[j]), **ROUNDED, what=f"entry [{i}, {j}]")


@strict
def test_small_integers(kata, rng):
    """Features may be small integers, whose differences and squares their type does not hold."""
    X, Y = np.array([[0, 255]], dtype=np.uint8), np.array([[255, 0], [1, 255]], dtype=np.uint8)
    assert_close(kata.pairwise_distances(X, Y), [[255 * 2**0.5, 1.0]], **ROUNDED)
    X_train, y_train = rng.integers(-128, 128, size=(20, 4)).astype(np.int8), rng.integers(0, 3, size=20)
    X = rng.integers(-128, 128, size=(6, 4)).astype(np.int8)
    assert_equal(kata.predict(X_train, y_train, X, 5), defined(X_train, y_train, X, 5))


def workload(kata, rng, n):
    """Classify n samples on a grid, so that distances and votes tie, and n others."""
    X_train, X = rng.integers(0, 5, size=(n, 3)).astype(float), rng.normal(size=(n, 3))
    y_train = rng.integers(-1, 3, size=n)
    k = int(rng.integers(1, n + 1))
    return (
        kata.pairwise_distances(X, X_train),
        kata.predict(X_train, y_train, X_train[::-1].copy(), k),
        kata.predict(X_train, y_train, X, 3 if n > 3 else 1),
    )


MISTAKES = {
    "squared distances": ("np.sqrt(np.maximum(squares, 0))", "squares"),
    "rows and columns swapped": ("np.sqrt(np.maximum(squares, 0))", "np.sqrt(np.maximum(squares, 0)).T"),
    "the expansion without clipping": ("np.sqrt(np.maximum(squares, 0))", "np.sqrt(squares)"),
    "sum of absolute differences": (
        "    return np.sqrt(np.maximum(squares, 0))",
        "    return np.array([np.abs(x - Y).sum(axis=1) for x in X])",
    ),
    "small distances taken for rounding errors": (
        "np.sqrt(np.maximum(squares, 0))",
        "np.sqrt(np.where(squares < 1e-8, 0, squares))",
    ),
    "the product not doubled": ("- 2 * X @ Y.T", "- X @ Y.T"),
    "norms of X for those of Y": ("+ (Y**2).sum(axis=1) -", "+ (X**2).sum(axis=1).mean() -"),
    "an array of all differences": (
        "    return np.sqrt(np.maximum(squares, 0))",
        "    return np.sqrt(((X[:, None] - Y) ** 2).sum(axis=2))",
    ),
    "the farthest neighbours": ("np.argsort(pairwise_distances(", "np.argsort(-pairwise_distances("),
    "an unstable order": ('kind="stable")[:, :k]', "axis=1)[:, ::-1][:, -k:]"),
    "close distances are tied": (
        "(pairwise_distances(X, X_train), kind",
        "(pairwise_distances(X, X_train).round(5), kind",
    ),
    "later samples nearer on a tie": (
        'np.argsort(pairwise_distances(X, X_train), kind="stable")[:, :k]',
        'len(X_train) - 1 - np.argsort(pairwise_distances(X, X_train[::-1]), kind="stable")[:, :k]',
    ),
    "the mean of the labels": (
        "    return labels[counts.argmax(axis=1)]",
        "    return y_train[nearest].mean(axis=1).round().astype(int)",
    ),
    "the median of the labels": (
        "    return labels[counts.argmax(axis=1)]",
        "    return np.sort(y_train[nearest], axis=1)[:, k // 2]",
    ),
    "the largest label on a tie": (
        "labels[counts.argmax(axis=1)]",
        "labels[len(labels) - 1 - counts[:, ::-1].argmax(axis=1)]",
    ),
    "the nearest label on a tie": (
        "    return labels[counts.argmax(axis=1)]",
        (
            "    best = np.take_along_axis(counts, codes[nearest], axis=1)\n"
            "    return y_train[nearest[np.arange(len(X)), best.argmax(axis=1)]]"
        ),
    ),
    "labels as indices": ("    return labels[counts.argmax(axis=1)]", "    return counts.argmax(axis=1)"),
    "one neighbour too few": ("[:, :k]", "[:, : max(k - 1, 1)]"),
    "one neighbour too many": ("[:, :k]", "[:, : k + 1]"),
    "the sample itself left out": ("[:, :k]", "[:, 1 : k + 1]"),
    "k below 1 passes": ("    if not 1 <= k <= len(X_train):", "    if k > len(X_train):"),
    "k beyond the training set passes": ("    if not 1 <= k <= len(X_train):", "    if k < 1:"),
    "k = n_train refused": ("    if not 1 <= k <= len(X_train):", "    if not 1 <= k < len(X_train):"),
}

STRICT_MISTAKES = {
    "the small type kept": ("    X, Y = X.astype(float), Y.astype(float)\n", ""),
}
