import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict


def spread(matrix, labels):
    """Return truth and prediction that have a given confusion matrix, whose rows are the truth."""
    pairs = [
        (true, pred)
        for true, row in zip(labels, matrix, strict=True)
        for pred, count in zip(labels, row, strict=True)
        for _ in range(count)
    ]
    return np.array(pairs).T


def mean_recall(y_true, y_pred):
    recalls = []
    for label in sorted(set(y_true.tolist())):
        of_class = [pred for true, pred in zip(y_true, y_pred, strict=True) if true == label]
        recalls.append(sum(pred == label for pred in of_class) / len(of_class))
    return sum(recalls) / len(recalls)


def correlation(y_true, y_pred):
    """Count in Python's integers how far the pairs are from independent ones."""
    true, pred, n = y_true.tolist(), y_pred.tolist(), len(y_true)
    labels = {*true, *pred}
    right = sum(a == b for a, b in zip(true, pred, strict=True))
    above = n * right - sum(true.count(label) * pred.count(label) for label in labels)
    below = [n * n - sum(each.count(label) ** 2 for label in labels) for each in (true, pred)]
    return above / math.sqrt(below[0] * below[1]) if min(below) else 0.0


def check(kata, y_true, y_pred):
    """Hold both scores against their definition, in the order given and in another one."""
    y_true, y_pred = np.array(y_true), np.array(y_pred)
    for order in (np.arange(len(y_true)), np.argsort(y_pred, kind="stable")[::-1]):
        assert_close(kata.balanced_accuracy(y_true[order], y_pred[order]), mean_recall(y_true, y_pred))
        assert_close(kata.matthews_corrcoef(y_true[order], y_pred[order]), correlation(y_true, y_pred))


def test_majority(kata, rng):
    """The baseline predicts the most frequent label of the training set, whatever the test set holds."""
    baseline = kata.majority_baseline(np.array([0, 1, 1, 0, 0, 0]), np.array([0, 1, 1, 1]))
    assert_equal(baseline.label, 0)
    assert_close(baseline.accuracy, 1 / 4)
    for y_train, y_test, label, accuracy in [
        ([1, 0, 1], [0, 1, 1, 0, 1], 1, 3 / 5),
        ([7, -1, 7, 20, -1, 7, 20], [20, 20, 7], 7, 1 / 3),
        ([-5, 3, -5], [3, 3, -5, -5, -5, 8, 8], -5, 3 / 7),
        ([1_000_000, 2, 1_000_000], [1_000_000], 1_000_000, 1.0),
        ([4], [4, 4, 5], 4, 2 / 3),
        # The label may be missing from the test set.
        ([2, 2, 3], [3, 3, 0], 2, 0.0),
        ([0, 0, 1], [0, 0], 0, 1.0),
    ]:
        baseline = kata.majority_baseline(np.array(y_train), np.array(y_test))
        assert_equal(baseline.label, label)
        assert_close(baseline.accuracy, accuracy)
    y_train, y_test = rng.permutation([3] * 12 + [-2] * 11 + [9] * 5), rng.permutation([3] * 4 + [-2] * 6 + [9] * 3)
    baseline = kata.majority_baseline(y_train, y_test)
    assert_equal(baseline.label, 3)
    assert_close(baseline.accuracy, 4 / 13)


def test_tied_majority(kata, rng):
    """Of several most frequent labels the lowest wins, in any order of the rows."""
    baseline = kata.majority_baseline(np.array([1, 0]), np.array([1, 1, 0]))
    assert_equal(baseline.label, 0)
    assert_close(baseline.accuracy, 1 / 3)
    for y_train, label in [([5, 2, 2, 5, 7], 2), ([9, 4, 6], 4), ([3, -8, 3, -8, 0], -8), ([1, 8, 2, 8, 2, 1, 0], 1)]:
        for order in (np.arange(len(y_train)), np.arange(len(y_train))[::-1], rng.permutation(len(y_train))):
            baseline = kata.majority_baseline(np.array(y_train)[order], np.array([label, 100, 100, 100]))
            assert_equal(baseline.label, label)
            assert_close(baseline.accuracy, 1 / 4)


def test_balanced_accuracy(kata, rng):
    """Balanced accuracy is the mean of the classes' recalls, and a class counts the same whatever its size."""
    # The recalls are 3/4 and 0.
    y_true, y_pred = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 0])
    assert_close(kata.balanced_accuracy(y_true, y_pred), 3 / 8)
    assert_close(kata.balanced_accuracy(*spread([[90, 10], [1, 1]], [0, 1])), (0.9 + 0.5) / 2)
    assert_close(
        kata.balanced_accuracy(*spread([[5, 3, 2], [0, 1, 3], [1, 0, 1]], [8, -3, 40])), (5 / 10 + 1 / 4 + 1 / 2) / 3
    )
    # It may be below what a constant has.
    assert_close(kata.balanced_accuracy(*spread([[1, 3], [4, 1]], [0, 1])), (1 / 4 + 1 / 5) / 2)
    y_true, y_pred = np.minimum(*rng.integers(0, 5, size=(2, 50))), rng.integers(0, 5, size=50)
    assert_close(kata.balanced_accuracy(y_true, y_pred), mean_recall(y_true, y_pred))


def test_classes_of_balanced_accuracy(kata):
    """In balanced accuracy, a class that is never predicted has recall 0. One that is never true does not count."""
    assert_close(kata.balanced_accuracy(np.array([0, 0, 1]), np.array([0, 0, 0])), 1 / 2)
    assert_close(kata.balanced_accuracy(np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 2, 1])), (3 / 4 + 1) / 2)
    assert_close(kata.balanced_accuracy(np.array([3, 3, 3]), np.array([3, 5, 7])), 1 / 3)
    assert_close(kata.balanced_accuracy(np.array([1, 1, 2, 4]), np.array([9, 1, 0, 0])), 1 / 6)


def test_matthews(kata, rng):
    """For two classes MCC is (TP TN - FP FN) / sqrt((TP + FP) (TP + FN) (TN + FP) (TN + FN)), negative ones too."""
    # TP 2, TN 1, FP 0, FN 1.
    assert_close(kata.matthews_corrcoef(np.array([1, 1, 1, 0]), np.array([1, 1, 0, 0])), 1 / math.sqrt(3))
    for (tn, fp), (fn, tp) in [
        ([5, 2], [1, 4]),
        ([1, 4], [6, 2]),
        ([90, 7], [1, 2]),
        ([0, 3], [2, 0]),
        ([3, 1], [6, 2]),
    ]:
        mcc = (tp * tn - fp * fn) / math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
        for labels in ([0, 1], [-1, 1], [30, 4]):
            y_true, y_pred = spread([[tn, fp], [fn, tp]], labels)
            order = rng.permutation(len(y_true))
            assert_close(kata.matthews_corrcoef(y_true[order], y_pred[order]), mcc)


def test_matthews_of_many_classes(kata, rng):
    """For more classes MCC is the formula with the counts of every class. Labels are names, not numbers."""
    # n 6, c 4; the true counts are 3, 2, 1 and the predicted ones 2, 2, 2: (24 - 12) / sqrt(24 * 22).
    y_true, y_pred = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 2, 1, 1, 2])
    y_pred = np.array([0, 0, 1, 1, 2, 2])
    assert_close(kata.matthews_corrcoef(y_true, y_pred), 12 / math.sqrt(24 * 22))
    renamed = np.array([70, -4, 1])
    assert_close(kata.matthews_corrcoef(renamed[y_true], renamed[y_pred]), 12 / math.sqrt(24 * 22))
    # A class may be in one of the arrays only.
    check(kata, [0, 0, 1, 2, 2, 2], [0, 1, 1, 1, 0, 0])
    check(kata, [0, 0, 1, 1, 1, 0], [0, 2, 1, 5, 1, 1])
    check(kata, [1, 1, 2, 2], [3, 3, 4, 3])
    for n_classes in (3, 6):
        y_true = np.minimum(*rng.integers(0, n_classes, size=(2, 40)))
        check(kata, y_true, np.where(rng.random(40) < 0.4, y_true, rng.integers(0, n_classes, size=40)))


def test_one_class(kata):
    """MCC is 0 if y_true or y_pred holds one class only, and balanced accuracy is still the mean of recalls."""
    for y_true, y_pred, accuracy in [
        ([0, 0, 0, 1], [0, 0, 0, 0], 1 / 2),
        ([0, 1, 1, 1], [0, 0, 0, 0], 1 / 2),
        ([1, 1, 1], [1, 0, 1], 2 / 3),
        ([1, 1, 1], [1, 1, 1], 1.0),
        ([0, 0], [0, 0], 1.0),
        ([7, 7], [2, 2], 0.0),
        ([4, 4, 4, 4], [4, 6, 5, 5], 1 / 4),
        ([3, 1, 2, 2], [2, 2, 2, 2], 1 / 3),
        ([5], [5], 1.0),
    ]:
        assert_close(kata.matthews_corrcoef(np.array(y_true), np.array(y_pred)), 0.0)
        assert_close(kata.balanced_accuracy(np.array(y_true), np.array(y_pred)), accuracy)


def test_perfect(kata, rng):
    """Both scores are 1 if all is right. If all is wrong balanced accuracy is 0, and MCC -1 for two classes."""
    for y_true in (np.array([0, 1, 1]), np.array([4, -2, 9, 9, 4, 9]), rng.permutation([0] * 30 + [1])):
        assert_close(kata.balanced_accuracy(y_true, y_true), 1.0)
        assert_close(kata.matthews_corrcoef(y_true, y_true), 1.0)
    y_true = np.array([0, 0, 1, 0])
    assert_close(kata.balanced_accuracy(y_true, 1 - y_true), 0.0)
    assert_close(kata.matthews_corrcoef(y_true, 1 - y_true), -1.0)
    # With three classes the lowest value is above -1: (0 - 6) / sqrt(10 * 10).
    y_true = np.array([0, 0, 1, 2])
    assert_close(kata.matthews_corrcoef(y_true, np.array([1, 2, 0, 0])), -6 / 10)


def test_many_samples(kata):
    """With 100,000 samples and more the products of counts do not overflow."""
    y_true = np.repeat([6, 2], [70_000, 50_000])
    y_pred = np.repeat([6, 2, 6, 2], [50_000, 20_000, 15_000, 35_000])
    mcc = (50_000 * 35_000 - 20_000 * 15_000) / math.sqrt(65_000 * 70_000 * 50_000 * 55_000)
    assert_close(kata.matthews_corrcoef(y_true, y_pred), mcc, rtol=1e-8)
    assert_close(kata.balanced_accuracy(y_true, y_pred), (5 / 7 + 7 / 10) / 2)
    # One positive, found with one false alarm.
    y_true, y_pred = (np.arange(100_000) < 1).astype(int), (np.arange(100_000) < 2).astype(int)
    assert_close(kata.matthews_corrcoef(y_true, y_pred), math.sqrt(99_998 / 2 / 99_999), rtol=1e-8)


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_kinds(kata, kind):
    """Labels may be integers of any type, and counts do not wrap around."""
    y_true, y_pred = np.tile([120, 0, 0, 120, 120], 150).astype(kind), np.tile([120, 3, 0, 0, 120], 150).astype(kind)
    check(kata, y_true, y_pred)
    baseline = kata.majority_baseline(y_true, y_pred)
    assert_equal(baseline.label, 120)
    assert_close(baseline.accuracy, 2 / 5)


@strict
def test_bad_arguments(kata):
    """Arrays of different lengths, and empty ones, raise ValueError."""
    for first, second in [([0, 1, 1], [0, 1]), ([0, 1], [0, 1, 1]), ([0, 1], [1]), ([1], [0, 1]), ([], [])]:
        for function in (kata.balanced_accuracy, kata.matthews_corrcoef):
            with pytest.raises(ValueError):
                function(np.array(first, dtype=int), np.array(second, dtype=int))
    for first, second in [([], [1]), ([1, 1], []), ([], [])]:
        with pytest.raises(ValueError):
            kata.majority_baseline(np.array(first, dtype=int), np.array(second, dtype=int))


def workload(kata, rng, n):
    """Labels of n samples: a rare class of two, and five classes of which one is only predicted."""
    y_train, y_true = rng.choice([4, -1, 2, 11], size=(2, n), p=[0.4, 0.4, 0.15, 0.05])
    y_pred = np.where(rng.random(n) < 2 / 3, y_true, rng.choice([4, -1, 2, 40], size=n))
    rare, called = (y_true == 2).astype(int), (y_pred == 2).astype(int)
    return (
        kata.majority_baseline(y_train, y_true),
        kata.balanced_accuracy(y_true, y_pred),
        kata.matthews_corrcoef(y_true, y_pred),
        kata.balanced_accuracy(rare, called),
        kata.matthews_corrcoef(rare, called),
    )


def picture(kata, rng):  # noqa: ARG001 - nothing in it is random
    """Draw the scores of one classifier while its positives get rare."""
    positives = [1000, 900, 800, 700, 600, 500, 400, 300, 200, 150, 100, 70, 50, 30, 20, 10]
    shares, lines = (
        [each / 2000 for each in positives],
        {"accuracy": [], "balanced accuracy": [], "MCC": [], "majority": []},
    )
    for each in positives:
        y_true = np.repeat([1, 0], [each, 2000 - each])
        found, alarms = each * 4 // 5, (2000 - each) // 20
        y_pred = np.repeat([1, 0, 1, 0], [found, each - found, alarms, 2000 - each - alarms])
        lines["accuracy"].append(float((y_true == y_pred).mean()))
        lines["balanced accuracy"].append(kata.balanced_accuracy(y_true, y_pred))
        lines["MCC"].append(kata.matthews_corrcoef(y_true, y_pred))
        lines["majority"].append(kata.majority_baseline(y_true[::-1], y_true).accuracy)
    return [
        Panel(
            "One classifier, rarer and rarer positives",
            "share of positives",
            "score",
            [Line(shares, values, name) for name, values in lines.items()],
            note="It finds 80 % of the positives and calls 5 % of the negatives. Only MCC sees the false alarms grow.",
            log="x",
        ),
    ]


LABEL = "label = labels[np.argmax(counts)]"
BASELINE = "return Baseline(int(label), float((y_test == label).mean()))"
COUNT = "labels, counts = np.unique(y_train, return_counts=True)"
UNIQUE = "_, place, samples = np.unique(y_true, return_inverse=True, return_counts=True)"
BALANCED = "return float((np.bincount(place, weights=y_true == y_pred) / samples).mean())"
SPREAD = "spread_true, spread_pred = (n * n - float(counts @ counts) for counts in (true, pred))"
ZERO = "    if spread_true * spread_pred == 0:\n        return 0.0\n"
MCC = "return float((n * (y_true == y_pred).sum() - true @ pred) / np.sqrt(spread_true * spread_pred))"
BINARY = (
    "positive = max(y_true.max(), y_pred.max())\n"
    "    true, pred = y_true == positive, y_pred == positive\n"
    "    tp, fp, fn, tn = [(a & b).sum() for a, b in [(true, pred), (~true, pred), (true, ~pred), (~true, ~pred)]]\n"
    "    below = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)\n"
    "    return float((tp * tn - fp * fn) / np.sqrt(below)) if below else 0.0"
)
MISTAKES = {
    "the majority of the test set": (COUNT, "labels, counts = np.unique(y_test, return_counts=True)"),
    "the majority of both sets": (COUNT, "labels, counts = np.unique(np.append(y_train, y_test), return_counts=True)"),
    "accuracy on the training set": (BASELINE, BASELINE.replace("y_test", "y_train")),
    "the highest label on a tie": (LABEL, "label = labels[::-1][np.argmax(counts[::-1])]"),
    "the first label on a tie": (LABEL, "label = max(y_train.tolist(), key=y_train.tolist().count)"),
    "a position for the label": (LABEL, "label = np.argmax(counts)"),
    "the rarest label": (LABEL, "label = labels[np.argmin(counts)]"),
    "the highest label": (LABEL, "label = labels[-1]"),
    "the median label": (LABEL, "label = np.sort(y_train)[len(y_train) // 2]"),
    "label 0 unless another has more than half": (
        LABEL,
        "label = labels[np.argmax(counts)] if counts.max() * 2 > counts.sum() else labels[0]",
    ),
    "negative labels are folded": (
        COUNT,
        "labels, counts = np.arange(abs(y_train).max() + 1), np.bincount(abs(y_train))",
    ),
    "the share of errors": (BASELINE, BASELINE.replace("y_test == label", "y_test != label")),
    "the largest share of the test set": (
        BASELINE,
        "return Baseline(int(label), float(np.unique(y_test, return_counts=True)[1].max() / len(y_test)))",
    ),
    "plain accuracy": (BALANCED, "return float((y_true == y_pred).mean())"),
    "mean of precisions": (UNIQUE, UNIQUE.replace("y_true", "y_pred")),
    "classes that are never true count as 0": (
        BALANCED,
        BALANCED.replace(".mean()", ".sum() / len(np.union1d(y_true, y_pred))"),
    ),
    "classes that are never predicted do not count": (
        BALANCED,
        BALANCED.replace(".mean()", "[np.isin(_, y_pred)].mean() if np.isin(_, y_pred).any() else 0.0"),
    ),
    "classes with recall 0 do not count": (
        BALANCED,
        (
            "recall = np.bincount(place, weights=y_true == y_pred) / samples\n"
            "    return float(recall[recall > 0].mean()) if recall.any() else 0.0"
        ),
    ),
    "two classes, always": (BALANCED, BALANCED.replace(".mean()", ".sum() / 2")),
    "the geometric mean": (BALANCED, BALANCED.replace(".mean()", ".prod() ** (1 / len(samples))")),
    "corrected for chance": (
        BALANCED,
        (
            BALANCED.replace("return float(", "score = float(") + "\n"
            "    return (score - 1 / len(samples)) / (1 - 1 / len(samples)) if len(samples) > 1 else score"
        ),
    ),
    "the smallest recall": (BALANCED, BALANCED.replace(".mean()", ".min()")),
    "not below a half": (BALANCED, BALANCED.replace("return float(", "return max(0.5, ")),
    "weighted by the classes' sizes": (BALANCED, BALANCED.replace(".mean()", " @ samples / len(y_true)")),
    "a zero denominator gives NaN": (ZERO, ""),
    "a zero denominator gives 1": (ZERO, ZERO.replace("0.0", "1.0")),
    "a zero denominator gives 1 if all is right": (ZERO, ZERO.replace("0.0", "1.0 * (y_true == y_pred).all()")),
    "a small number in the denominator": (MCC, MCC.replace("spread_pred)", "spread_pred + 1e-3)")),
    "one is added to the denominator": (MCC, MCC.replace("spread_pred)", "spread_pred + 1)")),
    "the root is forgotten": (MCC, MCC.replace("np.sqrt(spread_true * spread_pred)", "(spread_true * spread_pred)")),
    "never negative": (MCC, MCC.replace("return float(", "return max(0.0, ")),
    "the absolute value": (MCC, MCC.replace("return float(", "return abs(")),
    "only the truth in the denominator": (MCC, MCC.replace("np.sqrt(spread_true * spread_pred)", "spread_true")),
    "only the prediction in the denominator": (MCC, MCC.replace("np.sqrt(spread_true * spread_pred)", "spread_pred")),
    "the arithmetic mean in the denominator": (
        MCC,
        MCC.replace("np.sqrt(spread_true * spread_pred)", "((spread_true + spread_pred) / 2)"),
    ),
    "Cohen's kappa": (MCC, MCC.replace("np.sqrt(spread_true * spread_pred)", "(n * n - true @ pred)")),
    "one class against the rest": (MCC, BINARY.replace("below = ", "below = 1.0 * ")),
    "mean over the classes": (
        MCC,
        (
            "scores = [np.corrcoef(y_true == k, y_pred == k)[0, 1] for k in labels if k in y_true and k in y_pred]\n"
            "    return float(np.mean(scores)) if scores else 0.0"
        ),
    ),
    "correlation of the labels as numbers": (MCC, "return float(np.corrcoef(y_true, y_pred)[0, 1])"),
    "product of 64-bit integers": (SPREAD, SPREAD.replace("float(counts @ counts)", "counts @ counts")),
    "product of 64-bit counts": (
        MCC,
        "if len(labels) == 2:\n        " + BINARY.replace("\n    ", "\n        ") + "\n    " + MCC,
    ),
    "rounded to four places": (MCC, MCC.replace("return float(", "return round(float(") + ", 4)"),
}

STRICT_MISTAKES = {
    "lengths may differ": (
        "    if len(y_true) != len(y_pred) or len(y_true) == 0:",
        "    if len(y_pred) not in (1, len(y_true)) or len(y_true) == 0:",
    ),
    "no sample gives NaN": (" or len(y_true) == 0:", ":"),
    "an empty test set gives NaN": ("if 0 in (len(y_train), len(y_test)):", "if len(y_train) == 0:"),
}
