import itertools

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Pairs of truth and prediction: counts differ within each row and each column.
PAIRS = [(4, 4)] * 5 + [(4, 7)] * 2 + [(4, 9)] + [(7, 4)] * 3 + [(7, 7)] * 7 + [(9, 7)] * 4 + [(9, 9)] * 2
COUNTS = [[5, 2, 1], [3, 7, 0], [0, 4, 2]]


@pytest.fixture
def paired(rng):
    """Truth and prediction of `PAIRS`, in another order in each run."""
    return tuple(rng.permutation(PAIRS).T)


def defined(y_true, y_pred, labels, normalize=None):
    """Count the samples of each cell, and divide by the number of samples that the share is of."""
    in_row, in_column = (np.equal.outer(labels, y) for y in (y_true, y_pred))
    counts = (in_row[:, np.newaxis] & in_column).sum(axis=2)
    totals = {None: 1, "true": in_row.sum(axis=1, keepdims=True), "pred": in_column.sum(axis=1), "all": len(y_true)}
    return counts / np.maximum(totals[normalize], 1)


def test_counts(kata, paired, rng):
    """Each sample counts in the row of its true label and the column of its predicted one."""
    assert_close(kata.confusion_matrix(np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1])), [[1, 1], [1, 1]])
    assert_close(kata.confusion_matrix(np.array([0, 1, 1]), np.array([1, 1, 1])), [[0, 1], [0, 2]])
    assert_close(kata.confusion_matrix(*paired), COUNTS)
    # More than a byte holds.
    y_true = np.repeat([0, 1], [300, 50])
    assert_close(kata.confusion_matrix(y_true, y_true.copy()), [[300, 0], [0, 50]])
    for n_classes in (2, 3, 5):
        y_true, y_pred = rng.integers(0, n_classes, size=(2, 40))
        y_true[:n_classes] = np.arange(n_classes)
        assert_close(kata.confusion_matrix(y_true, y_pred), defined(y_true, y_pred, range(n_classes)))


def test_rows_are_the_truth(kata, paired):
    """Rows are the truth: swapped arguments give the transposed matrix."""
    assert_close(kata.confusion_matrix(np.array([0, 0, 1]), np.array([1, 1, 1])), [[0, 2], [0, 1]])
    assert_close(kata.confusion_matrix(np.array([1, 1, 1]), np.array([0, 0, 1])), [[0, 0], [2, 1]])
    assert_close(kata.confusion_matrix(*paired[::-1]), np.transpose(COUNTS))


def test_labels_that_occur(kata):
    """By default the labels are those of either array, sorted: any integers, some of them in one array only."""
    # -3 is never predicted, 5 is never true.
    y_true, y_pred = np.array([20, -3, 2, 20, 2, 20]), np.array([20, 2, 5, 5, 2, 5])
    assert_close(
        kata.confusion_matrix(y_true, y_pred),
        [[0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 2, 1]],
    )
    assert_close(kata.confusion_matrix(np.array([1, 1, 1]), np.array([2, 2, 3])), [[0, 2, 1], [0, 0, 0], [0, 0, 0]])
    assert_close(kata.confusion_matrix(np.array([-1, -1, 0]), np.array([-1, 0, 0])), [[1, 1], [0, 1]])
    # Labels may be far apart.
    y_true, y_pred = np.array([1_000_000, 3, 3, -70_000]), np.array([3, 3, 1_000_000, 3])
    assert_close(kata.confusion_matrix(y_true, y_pred), [[0, 1, 0], [0, 1, 1], [0, 1, 0]])


def test_order_of_labels(kata, paired, rng):
    """Given labels say the order of rows and columns."""
    y_true, y_pred = np.array([0, 0, 1]), np.array([0, 1, 1])
    assert_close(kata.confusion_matrix(y_true, y_pred, labels=np.array([1, 0])), [[1, 0], [1, 1]])
    for order in ([2, 0, 1], [1, 2, 0], [2, 1, 0], [0, 1, 2]):
        matrix = kata.confusion_matrix(*paired, labels=np.array([4, 7, 9])[order])
        assert_close(matrix, np.array(COUNTS)[np.ix_(order, order)])
    labels = rng.permutation([-8, -1, 0, 3, 6, 11, 1000])
    y_true, y_pred = rng.choice(labels, size=(2, 50))
    assert_close(kata.confusion_matrix(y_true, y_pred, labels=labels), defined(y_true, y_pred, labels))


def test_labels_without_samples(kata, paired):
    """A given label that does not occur has a row and a column of zeros."""
    y_true, y_pred = np.array([2, 2]), np.array([2, 0])
    assert_close(kata.confusion_matrix(y_true, y_pred, labels=np.array([0, 1, 2])), [[0, 0, 0], [0, 0, 0], [1, 0, 1]])
    for labels in ([3, 9, 4, 7], [9, 8, 7, 4, 10], [7, 4, -9, 5, 9]):
        for normalize in (None, "true", "pred", "all"):
            matrix = kata.confusion_matrix(*paired, labels=np.array(labels), normalize=normalize)
            assert_close(matrix, defined(*paired, labels, normalize))


def test_label_outside(kata):
    """A label of y_true or of y_pred that is not in labels raises ValueError."""
    for order, unknown in itertools.product([[0, 1], [1, 0], [-1, 1, 0], [1, 5, 0]], [2, 9, -2]):
        labels = np.array(order)
        with pytest.raises(ValueError):
            kata.confusion_matrix(np.array([0, unknown, 1]), np.array([0, 1, 1]), labels=labels)
        with pytest.raises(ValueError):
            kata.confusion_matrix(np.array([0, 1, 1]), np.array([unknown, 0, 1]), labels=labels)
        with pytest.raises(ValueError):
            kata.confusion_matrix(np.array([0, 1, unknown]), np.array([0, 1, unknown]), labels=labels, normalize="all")


def test_shares(kata, paired, rng):
    """Shares are of the row for "true", of the column for "pred" and of all samples for "all"."""
    y_true, y_pred = np.array([0, 0, 1, 1]), np.array([1, 0, 1, 1])
    for normalize, shares in [
        ("true", [[0.5, 0.5], [0, 1]]),
        ("pred", [[1, 1 / 3], [0, 2 / 3]]),
        ("all", [[0.25, 0.25], [0, 0.5]]),
    ]:
        assert_close(kata.confusion_matrix(y_true, y_pred, normalize=normalize), shares)
        assert_close(
            kata.confusion_matrix(*paired, normalize=normalize),
            defined(*paired, [4, 7, 9], normalize),
        )
        many = rng.integers(0, 4, size=(2, 60))
        matrix = kata.confusion_matrix(*many, labels=np.array([3, 1, 0, 2]), normalize=normalize)
        assert_close(matrix, defined(*many, [3, 1, 0, 2], normalize))


def test_empty_row_or_column(kata):
    """The share 0 / 0 is 0: in the row of a class without samples, and in the column of one that is never predicted."""
    y_true, y_pred = np.array([0, 0, 1]), np.array([0, 2, 2])
    assert_close(kata.confusion_matrix(y_true, y_pred, normalize="true"), [[0.5, 0, 0.5], [0, 0, 1], [0, 0, 0]])
    assert_close(kata.confusion_matrix(y_true, y_pred, normalize="pred"), [[1, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])
    labels = np.array([5, 0, 1])
    for normalize in ("true", "pred", "all"):
        matrix = kata.confusion_matrix(np.array([1, 1]), np.array([1, 1]), labels=labels, normalize=normalize)
        assert_close(matrix, [[0, 0, 0], [0, 0, 0], [0, 0, 1]])


def test_one_class(kata):
    """One class, one sample and predictions that are all right are no special cases."""
    for normalize, cell in [(None, 3), ("true", 1), ("pred", 1), ("all", 1)]:
        assert_close(kata.confusion_matrix(np.array([6, 6, 6]), np.array([6, 6, 6]), normalize=normalize), [[cell]])
    assert_close(kata.confusion_matrix(np.array([1]), np.array([0])), [[0, 0], [1, 0]])
    right = np.array([2, 0, 1, 2, 2, 1])
    assert_close(kata.confusion_matrix(right, right), [[1, 0, 0], [0, 2, 0], [0, 0, 3]])
    assert_close(kata.confusion_matrix(right, right, normalize="all"), np.diag([1, 2, 3]) / 6)


@strict
def test_kinds(kata):
    """Labels may be integers of any type, and counts do not wrap around."""
    for kind in (np.uint8, np.int8):
        y_true, y_pred = np.tile([120, 3, 0, 120], 150).astype(kind), np.tile([3, 3, 120, 3], 150).astype(kind)
        for labels in (None, np.array([120, 3, 0], dtype=kind), np.array([3, -5, 0, 120])):
            order = [0, 3, 120] if labels is None else labels.tolist()
            for normalize in (None, "true", "pred", "all"):
                matrix = kata.confusion_matrix(y_true, y_pred, labels=labels, normalize=normalize)
                assert_close(matrix, defined(y_true, y_pred, order, normalize))


@strict
def test_bad_arguments(kata):
    """Arrays of different lengths, and an unknown word for normalize, raise ValueError."""
    for y_true, y_pred in [([0, 1, 1], [0, 1]), ([0, 1], [0, 1, 1]), ([0, 1], [1]), ([1], [0, 1])]:
        with pytest.raises(ValueError):
            kata.confusion_matrix(np.array(y_true), np.array(y_pred))
    for normalize in ("rows", "True", ""):
        with pytest.raises(ValueError):
            kata.confusion_matrix(np.array([0, 1]), np.array([1, 1]), normalize=normalize)


def workload(kata, rng, n):
    """Labels of n samples, two in three predicted right, and one label that never occurs."""
    labels = np.array([5, -2, 0, 9, 3])
    y_true = rng.choice(labels[:4], size=n, p=[0.5, 0.3, 0.15, 0.05])
    y_pred = np.where(rng.random(n) < 2 / 3, y_true, rng.choice(labels[:4], size=n))
    return kata.confusion_matrix(y_true, y_pred), kata.confusion_matrix(y_true, y_pred, labels, "true")


COUNT = "counts = np.bincount(row * len(labels) + column, minlength=cells).reshape(len(labels), len(labels))"
PLACE = "(order[np.searchsorted(labels, y, sorter=order)] for y in (y_true, y_pred))"
SHARE = "return counts / np.maximum(counts.sum(axis=AXES[normalize], keepdims=True), 1)"
FOUND = "found = np.union1d(y_true, y_pred)"
UNKNOWN = "unknown = np.setdiff1d(found, labels)"
ZEROS = "counts = np.zeros((len(labels), len(labels)))\n    "
MISTAKES = {
    "rows are the prediction": ("row * len(labels) + column", "column * len(labels) + row"),
    "a pair that repeats counts once": (COUNT, ZEROS + "counts[row, column] += 1"),
    "one-hot of booleans multiplied": (
        COUNT,
        "counts = (row[:, None] == range(len(labels))).T @ (column[:, None] == range(len(labels)))",
    ),
    "only right predictions count": (COUNT, ZEROS + "np.add.at(counts, (row, column), row == column)"),
    "labels are positions": [
        (FOUND, "found = np.arange(max(y_true.max(), y_pred.max()) + 1)"),
        (UNKNOWN, "unknown = np.setdiff1d(np.union1d(y_true, y_pred), labels)"),
    ],
    "labels of the truth only": [
        (FOUND, "found = np.unique(y_true)"),
        (PLACE, "(order[np.searchsorted(labels, y, sorter=order).clip(0, len(labels) - 1)] for y in (y_true, y_pred))"),
    ],
    "labels that are predicted only": [
        (FOUND, "found = np.unique(y_pred)"),
        (PLACE, "(order[np.searchsorted(labels, y, sorter=order).clip(0, len(labels) - 1)] for y in (y_true, y_pred))"),
    ],
    "labels in order of appearance": (
        "        return found\n",
        "        return np.array(list(dict.fromkeys(np.append(y_true, y_pred).tolist())))\n",
    ),
    "labels in descending order": ("        return found\n", "        return found[::-1]\n"),
    "given labels are sorted": ("    return labels\n", "    return np.sort(labels)\n"),
    "given labels that do not occur are left out": (
        "    return labels\n",
        "    return labels[np.isin(labels, found)]\n",
    ),
    "given labels must occur": ("if unknown.size:", "if unknown.size or len(found) < len(labels):"),
    "searched among unsorted labels": (PLACE, "(np.searchsorted(labels, y) % len(labels) for y in (y_true, y_pred))"),
    "the wrong way back from the sorted labels": (
        PLACE,
        "(np.argsort(order)[np.searchsorted(labels, y, sorter=order)] for y in (y_true, y_pred))",
    ),
    "a sample outside the labels is dropped": [
        ("if unknown.size:", "if False:"),
        (
            "    order = np.argsort(labels)\n",
            (
                "    known = np.isin(y_true, labels) & np.isin(y_pred, labels)\n"
                "    y_true, y_pred = y_true[known], y_pred[known]\n"
                "    order = np.argsort(labels)\n"
            ),
        ),
    ],
    "only the truth is looked at for other labels": (UNKNOWN, "unknown = np.setdiff1d(y_true, labels)"),
    "only the prediction is looked at for other labels": (UNKNOWN, "unknown = np.setdiff1d(y_pred, labels)"),
    "labels between the lowest and the highest pass": [
        ("if unknown.size:", "if unknown.size and (found.max() > max(labels) or found.min() < min(labels)):"),
        (PLACE, "(order[np.searchsorted(labels, y, sorter=order)] for y in (y_true, y_pred))"),
    ],
    "rows and columns of shares exchanged": (
        'AXES = {"true": 1, "pred": 0, "all": None}',
        'AXES = {"true": 0, "pred": 1, "all": None}',
    ),
    "shares of all are of the rows": ('"all": None}', '"all": 1}'),
    "totals along the wrong axis, by broadcasting": (
        SHARE,
        "return counts / np.maximum(counts.sum(axis=AXES[normalize]), 1)",
    ),
    "0 / 0 is NaN": (SHARE, "return counts / counts.sum(axis=AXES[normalize], keepdims=True)"),
    "an empty row is shared out evenly": (
        SHARE,
        (
            "total = counts.sum(axis=AXES[normalize], keepdims=True)\n"
            "    return np.where(total > 0, counts / np.maximum(total, 1), 1 / len(labels))"
        ),
    ),
    "1 is added to the totals": (SHARE, SHARE.replace("np.maximum(", "np.add(")),
    "a small number in the denominator": (SHARE, SHARE.replace("np.maximum(", "np.add(").replace(", 1)", ", 1e-6)")),
    "shares rounded": (SHARE, SHARE.replace("return counts", "return (counts").replace(", 1)", ", 1)).round(4)")),
    "shares in percent": (SHARE, SHARE.replace("return counts", "return 100 * counts")),
    "normalize is not looked at": ("if normalize is None:\n        return", "if normalize != 1:\n        return"),
    "only rows are normalised": ("if normalize is None:\n        return", 'if normalize != "true":\n        return'),
}

STRICT_MISTAKES = {
    "lengths may differ": (
        "if len(y_true) != len(y_pred):",
        "y_true, y_pred = y_true[: len(y_pred)], y_pred[: len(y_true)]\n    if len(y_true) != len(y_pred):",
    ),
    "another word for normalize is taken for all": [
        ("if normalize not in (None, *AXES):", "if False:"),
        ("AXES[normalize], keepdims", "AXES.get(normalize), keepdims"),
    ],
    "counts in the type of the labels": (COUNT, COUNT + ".astype(y_true.dtype)"),
}
