import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Pairs of truth and prediction: three classes of unequal size, whose precision, recall and F1 all differ.
PAIRS = [(3, 3)] * 6 + [(3, 8)] * 3 + [(3, 5)] + [(8, 3)] * 2 + [(8, 8)] * 2 + [(5, 3)] * 1 + [(5, 5)] * 1
AVERAGES = ["micro", "macro", "weighted"]


@pytest.fixture
def paired(rng):
    """Truth and prediction of `PAIRS`, in another order in each run."""
    return tuple(rng.permutation(PAIRS).T)


def counted(y_true, y_pred, labels):
    """Count TP, FP and FN of each class."""
    true, pred = (np.equal.outer(labels, y) for y in (y_true, y_pred))
    return np.transpose([(true & pred).sum(axis=1), (~true & pred).sum(axis=1), (true & ~pred).sum(axis=1)]).tolist()


def scored(tp, fp, fn, zero_division):
    fractions = [(tp, tp + fp), (tp, tp + fn), (2 * tp, 2 * tp + fp + fn)]
    return [above / below if below else zero_division for above, below in fractions]


def defined(y_true, y_pred, zero_division=0.0):
    """Return precision, recall and F1 of the classes (None) and of each average, from the counts of each class."""
    counts = counted(y_true, y_pred, sorted({*y_true.tolist(), *y_pred.tolist()}))
    table = np.array([scored(*each, zero_division) for each in counts])
    return {
        None: table.T,
        "micro": scored(*np.sum(counts, axis=0), zero_division),
        "macro": np.mean(table, axis=0),
        "weighted": np.average(table, axis=0, weights=[tp + fn for tp, _, fn in counts]),
    }


def assert_scores(scores, expected, **tolerance):
    assert_close(scores.precision, expected[0], **tolerance)
    assert_close(scores.recall, expected[1], **tolerance)
    assert_close(scores.f1, expected[2], **tolerance)


def check(kata, y_true, y_pred, zero_division=0.0):
    """Hold all but the binary scores against their definition."""
    y_true, y_pred = np.array(y_true), np.array(y_pred)
    expected = defined(y_true, y_pred, zero_division)
    assert_scores(kata.precision_recall_f1_per_class(y_true, y_pred, zero_division), expected[None])
    check_averages(kata, expected, y_true, y_pred, zero_division)


def check_averages(kata, expected, y_true, y_pred, zero_division=0.0):
    for average in AVERAGES:
        assert_scores(kata.precision_recall_f1(y_true, y_pred, average, zero_division), expected[average])


def test_per_class(kata, paired, rng):
    """Precision is TP / (TP + FP), recall TP / (TP + FN) and F1 2 TP / (2 TP + FP + FN), of each class."""
    scores = kata.precision_recall_f1_per_class(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0]))
    assert_scores(scores, ([2 / 3, 1 / 2], [2 / 3, 1 / 2], [2 / 3, 1 / 2]))
    scores = kata.precision_recall_f1_per_class(np.array([0, 0, 0, 0, 1]), np.array([0, 1, 1, 1, 1]))
    assert_scores(scores, ([1, 1 / 4], [1 / 4, 1], [2 / 5, 2 / 5]))
    # Classes 3, 5 and 8, in that order.
    expected = [6 / 9, 1 / 2, 2 / 5], [6 / 10, 1 / 2, 2 / 4], [12 / 19, 2 / 4, 4 / 9]
    assert_scores(kata.precision_recall_f1_per_class(*paired), expected)
    y_true, y_pred = rng.integers(0, 4, size=(2, 60))
    assert_scores(kata.precision_recall_f1_per_class(y_true, y_pred), defined(y_true, y_pred)[None])


def test_classes(kata):
    """Classes are all labels of either array, in ascending order, and count in averages: any integers."""
    y_true, y_pred = np.array([20, -3, 20, 2, -3]), np.array([20, 20, -7, 2, -3])
    expected = [0, 1, 1, 1 / 2], [0, 1 / 2, 1, 1 / 2], [0, 2 / 3, 1, 1 / 2]
    assert_scores(kata.precision_recall_f1_per_class(y_true, y_pred), expected)
    assert_scores(kata.precision_recall_f1(y_true, y_pred, "macro"), [2.5 / 4, 2 / 4, (2 / 3 + 1.5) / 4])
    check_averages(kata, defined(y_true, y_pred), y_true, y_pred)
    check(kata, [1, 1, 2, 2, 2], [1, 2, 3, 2, 9])
    check(kata, [9, 4, 4, 4], [4, 4, 4, 4])
    check(kata, [1_000_000, 5, 5, -70_000], [5, 5, 1_000_000, 5])


def test_binary(kata, rng):
    """The binary scores are those of class 1, whether it is the rare class or not."""
    y_true, y_pred = np.array([1, 0, 0, 0, 1, 0]), np.array([1, 1, 1, 0, 0, 0])
    assert_scores(kata.precision_recall_f1(y_true, y_pred), [1 / 3, 1 / 2, 2 / 5])
    assert_scores(kata.precision_recall_f1(y_true, y_pred, "binary"), [1 / 3, 1 / 2, 2 / 5])
    assert_scores(kata.precision_recall_f1(1 - y_true, 1 - y_pred, "binary"), [2 / 3, 2 / 4, 4 / 7])
    assert_scores(kata.precision_recall_f1(np.array([1, 1, 1]), np.array([1, 1, 0])), [1, 2 / 3, 4 / 5])
    for share in (0.2, 0.7):
        y_true = (rng.random(50) < share).astype(int)
        y_pred = np.where(rng.random(50) < 0.3, 1 - y_true, y_true)
        assert_scores(kata.precision_recall_f1(y_true, y_pred), scored(*counted(y_true, y_pred, [1])[0], 0.0))


def test_labels_of_binary(kata):
    """Binary scores with another label than 0 and 1, in either array, raise ValueError."""
    for first, second in [([0, 1, 2], [0, 1, 1]), ([0, 1, 1], [0, 1, 2]), ([-1, 1], [1, 1]), ([1, 1], [1, -1])]:
        with pytest.raises(ValueError):
            kata.precision_recall_f1(np.array(first), np.array(second), "binary")
    with pytest.raises(ValueError):
        kata.precision_recall_f1(np.array([0, 1, 2]), np.array([0, 1, 1]))


def test_micro(kata, paired):
    """The micro average sums TP, FP and FN over the classes, and then divides."""
    y_true, y_pred = np.array([0, 0, 0, 0, 1, 2]), np.array([0, 0, 0, 1, 1, 1])
    assert_scores(kata.precision_recall_f1(y_true, y_pred, "micro"), [4 / 6] * 3)
    assert_scores(kata.precision_recall_f1(*paired, "micro"), [9 / 16] * 3)
    # Both classes of two count, and not class 1 alone.
    y_true, y_pred = np.array([1, 0, 0, 0]), np.array([1, 1, 1, 0])
    assert_scores(kata.precision_recall_f1(y_true, y_pred, "micro"), [1 / 2] * 3)


def test_macro(kata, paired):
    """The macro average is the mean of the scores of the classes: macro F1 is the mean of their F1."""
    # Class 0 has precision 1 and recall 1/4, class 1 has precision 1/4 and recall 1: both have F1 2/5.
    y_true, y_pred = np.array([0, 0, 0, 0, 1]), np.array([0, 1, 1, 1, 1])
    assert_scores(kata.precision_recall_f1(y_true, y_pred, "macro"), [5 / 8, 5 / 8, 2 / 5])
    expected = [(6 / 9 + 1 / 2 + 2 / 5) / 3, (6 / 10 + 1 / 2 + 2 / 4) / 3, (12 / 19 + 2 / 4 + 4 / 9) / 3]
    assert_scores(kata.precision_recall_f1(*paired, "macro"), expected)


def test_weighted(kata, paired):
    """The weighted average weighs each class with the number of its samples in y_true."""
    y_true, y_pred = np.array([0, 0, 0, 0, 1]), np.array([0, 1, 1, 1, 1])
    assert_scores(kata.precision_recall_f1(y_true, y_pred, "weighted"), [17 / 20, 2 / 5, 2 / 5])
    expected = [6 / 9 * 10 + 1 / 2 * 2 + 2 / 5 * 4, 9, 12 / 19 * 10 + 2 / 4 * 2 + 4 / 9 * 4]
    assert_scores(kata.precision_recall_f1(*paired, "weighted"), np.array(expected) / 16)


def test_zero_division(kata):
    """A score whose denominator is 0 is zero_division. Other scores of 0 stay 0, F1 among them."""
    # Class 2 is never predicted, so its precision is 0 / 0. In the second call class 2 is never true.
    first, second = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    for zero_division in (0.0, 1.0):
        scores = kata.precision_recall_f1_per_class(first, second, zero_division)
        assert_scores(scores, ([1, 1 / 3, zero_division], [1 / 2, 1, 0], [2 / 3, 1 / 2, 0]))
        scores = kata.precision_recall_f1_per_class(second, first, zero_division)
        assert_scores(scores, ([1 / 2, 1, 0], [1, 1 / 3, zero_division], [2 / 3, 1 / 2, 0]))
        for y_true, y_pred, expected in [
            ([0, 0, 0], [0, 0, 0], [zero_division] * 3),
            ([0, 1, 0], [0, 0, 0], [zero_division, 0, 0]),
            ([0, 0, 0], [0, 1, 0], [0, zero_division, 0]),
            ([0, 1, 0], [1, 0, 0], [0, 0, 0]),
        ]:
            scores = kata.precision_recall_f1(np.array(y_true), np.array(y_pred), "binary", zero_division)
            assert_scores(scores, expected)
    scores = kata.precision_recall_f1(np.array([0, 0]), np.array([0, 0]))
    assert_scores(scores, [0, 0, 0])
    for case in ((first, second, 1.0), (second, first, 1.0)):
        check_averages(kata, defined(*case), *case)
    # Predicted and true, but never both: precision, recall and F1 are 0.
    check(kata, [0, 0, 1, 1], [0, 1, 0, 0], 1.0)
    check(kata, [0, 1], [1, 0], 1.0)


def test_all_averages(kata, rng):
    """All averages hold for few samples and many, one class, a rare class and predictions that are all right."""
    check(kata, [4], [4])
    check(kata, [4], [2])
    check(kata, [1, 2], [3, 2])
    check(kata, [0, 0, 0], [0, 0, 0])
    check(kata, [5, 1, 5, 5, 2], [5, 1, 5, 5, 2])
    check(kata, [7] * 300 + [8], [7] * 300 + [7])
    check(kata, [7] * 300 + [8, 8], [7] * 299 + [8, 8, 7])
    for n_classes, zero_division in [(2, 0.0), (6, 1.0)]:
        y_true = np.minimum(rng.integers(0, n_classes, size=40), rng.integers(0, n_classes, size=40))
        y_pred = np.where(rng.random(40) < 0.5, y_true, rng.integers(0, n_classes, size=40))
        check(kata, y_true, y_pred, zero_division)


@strict
def test_kinds(kata):
    """Labels may be integers of any type, and counts do not wrap around."""
    for kind in (np.uint8, np.int8):
        y_true, y_pred = np.tile([1, 0, 0, 1, 1], 150).astype(kind), np.tile([1, 1, 0, 0, 1], 150).astype(kind)
        assert_scores(kata.precision_recall_f1(y_true, y_pred), [2 / 3, 2 / 3, 2 / 3])
        check(kata, 126 + y_true, 126 + y_pred)


@strict
def test_bad_arguments(kata):
    """Arrays of different lengths, and an unknown average, raise ValueError."""
    for first, second in [([0, 1, 1], [0, 1]), ([0, 1], [0, 1, 1]), ([0, 1], [1]), ([1], [0, 1])]:
        with pytest.raises(ValueError):
            kata.precision_recall_f1_per_class(np.array(first), np.array(second))
    for average in ["binary", *AVERAGES]:
        for first, second in [([0, 1], [1]), ([1], [0, 1])]:
            with pytest.raises(ValueError):
                kata.precision_recall_f1(np.array(first), np.array(second), average)
    for average in ("Macro", "mean", ""):
        with pytest.raises(ValueError):
            kata.precision_recall_f1(np.array([0, 1]), np.array([1, 1]), average)


def workload(kata, rng, n):
    """Labels of n samples: five classes, one of them rare and one only predicted."""
    y_true = rng.choice([6, -1, 2, 11], size=n, p=[0.5, 0.3, 0.15, 0.05])
    y_pred = np.where(rng.random(n) < 2 / 3, y_true, rng.choice([6, -1, 2, 40], size=n))
    return (
        kata.precision_recall_f1_per_class(y_true, y_pred, 1.0),
        kata.precision_recall_f1(y_true, y_pred, "weighted", 1.0),
    )


ABOVE, BELOW = "(tp, tp, 2 * tp), np", "np.array([predicted, actual, predicted + actual])"
DIVIDE = "return np.divide(above, below, out=np.full(below.shape, float(zero_division)), where=below > 0)"
KEEP = DIVIDE.replace("return ", "p, r, f = ")
BINARY = "scores = _scores((y_true * y_pred).sum(), y_pred.sum(), y_true.sum(), zero_division)"
LABELS = "if not np.isin([y_true, y_pred], [0, 1]).all():"
MICRO = "scores = _scores(*np.sum(counts, axis=1), zero_division)"
WEIGHTS = 'weights = actual if average == "weighted" else np.ones(len(tp))'
MEAN = "scores = np.average(_scores(*counts, zero_division), axis=1, weights=weights)"
CLASSES = "classes, place = np.unique(np.append(y_true, y_pred), return_inverse=True)"
RETURN = "return Scores(*map(float, scores))"
DEFAULTS = 'average: str = "binary",\n    zero_division: float = 0.0,\n) -> Scores:\n    """Return'
HARMONIC = "2 * precision * recall / (precision + recall)"
MISTAKES = {
    "precision and recall exchanged": (BELOW, "np.array([actual, predicted, predicted + actual])"),
    "F1 is the mean of precision and recall": (DIVIDE, KEEP + "\n    return [p, r, (p + r) / 2]"),
    "F1 is their geometric mean": (DIVIDE, KEEP + "\n    return [p, r, np.sqrt(p * r)]"),
    "F1 without the 2": (ABOVE, "(tp, tp, tp), np"),
    "F1 is Jaccard's index": [
        (ABOVE, "(tp, tp, tp), np"),
        (BELOW, "np.array([predicted, actual, predicted + actual - tp])"),
    ],
    "F1 is zero_division if precision and recall are 0": (
        DIVIDE,
        KEEP + "\n    return [p, r, np.where(p + r == 0, zero_division, f)]",
    ),
    "F1 is zero_division if precision or recall is": (
        DIVIDE,
        KEEP + "\n    return [p, r, np.where((predicted == 0) | (actual == 0), zero_division, f)]",
    ),
    "0 / 0 is 0 whatever zero_division is": (DIVIDE, DIVIDE.replace("float(zero_division)", "0.0")),
    "0 / 0 is 1": (DIVIDE, DIVIDE.replace("float(zero_division)", "1.0")),
    "0 / 0 is NaN": (DIVIDE, DIVIDE.replace("float(zero_division)", "np.nan")),
    "scores of 0 are zero_division": (DIVIDE, DIVIDE.replace("below > 0", "np.array(above) > 0")),
    "a small number in the denominator": (DIVIDE, "return above / (below + 1e-6)"),
    "1 is added to the denominator": (DIVIDE, "return above / (below + 1)"),
    "classes of the truth only": (
        CLASSES,
        (
            "y_pred = np.where(np.isin(y_pred, y_true), y_pred, y_true.max() + 1)\n    "
            "classes, place = np.unique(np.append(y_true, y_pred), return_inverse=True)\n    "
            "classes = np.unique(y_true)"
        ),
    ),
    "labels are positions": (
        CLASSES,
        "classes, place = np.arange(max(y_true.max(), y_pred.max()) + 1), np.append(y_true, y_pred)",
    ),
    "classes in order of appearance": (
        CLASSES,
        (
            "classes = list(dict.fromkeys(np.append(y_true, y_pred).tolist()))\n    "
            "place = np.array([classes.index(label) for label in np.append(y_true, y_pred).tolist()])"
        ),
    ),
    "two classes are scored for the second alone": (
        "return ClassScores(*_scores(*_counts(y_true, y_pred), zero_division))",
        (
            "scores = _scores(*_counts(y_true, y_pred), zero_division)\n    "
            "return ClassScores(*(each[1:] if len(each) == 2 else each for each in scores))"
        ),
    ),
    "binary scores of the first class": (BINARY, "scores = [each[0] for each in _scores(*counts, zero_division)]"),
    "binary scores of the last class": (BINARY, "scores = [each[-1] for each in _scores(*counts, zero_division)]"),
    "binary scores of the rare class": (
        BINARY,
        "scores = [each[np.argmin(actual)] for each in _scores(*counts, zero_division)]",
    ),
    "binary scores are macro": (BINARY, "scores = np.mean(_scores(*counts, zero_division), axis=1)"),
    "any label but 1 is negative": [
        (LABELS, "if False:"),
        (BINARY, "y_true, y_pred = 1 * (y_true == 1), 1 * (y_pred == 1)\n        " + BINARY),
    ],
    "only labels of the truth are looked at": (LABELS, "if not np.isin(y_true, [0, 1]).all():"),
    "only labels of the prediction are looked at": (LABELS, "if not np.isin(y_pred, [0, 1]).all():"),
    "two labels are enough for binary": (LABELS, "if len(tp) > 2:"),
    "micro without the first class": (
        MICRO,
        "scores = _scores(*np.sum(np.array(counts)[:, 1:], axis=1), zero_division)",
    ),
    "micro is macro": (MICRO, "scores = np.mean(_scores(*counts, zero_division), axis=1)"),
    "macro without classes that are never true": (
        WEIGHTS,
        'weights = actual if average == "weighted" else actual > 0',
    ),
    "macro without classes that are never predicted": (
        WEIGHTS,
        'weights = actual if average == "weighted" else counts[1] > 0',
    ),
    "macro over classes that are not 0": (
        MEAN,
        MEAN.replace("weights=weights", "weights=weights * (tp > 0) if tp.any() else None"),
    ),
    "macro and weighted exchanged": (WEIGHTS, WEIGHTS.replace('== "weighted"', '!= "weighted"')),
    "weighted by predictions": (WEIGHTS, WEIGHTS.replace("weights = actual", "weights = counts[1]")),
    "weighted by the inverse of the counts": (WEIGHTS, WEIGHTS.replace("actual", "1 / np.maximum(actual, 1)")),
    "weighted is macro": (WEIGHTS, "weights = np.ones(len(tp))"),
    "macro F1 from macro precision and recall": (
        MEAN,
        (
            MEAN + "\n        precision, recall, f1 = scores\n"
            f'        scores = precision, recall, {HARMONIC} if average == "macro" and precision + recall else f1'
        ),
    ),
    "weighted F1 from weighted precision and recall": (
        MEAN,
        (
            MEAN + "\n        precision, recall, f1 = scores\n"
            f'        scores = precision, recall, {HARMONIC} if average == "weighted" and precision + recall else f1'
        ),
    ),
    "rounded to three places": (RETURN, "return Scores(*(round(float(score), 3) for score in scores))"),
    "macro is the default": (DEFAULTS, DEFAULTS.replace("binary", "macro")),
    "0 / 0 is 1 by default": (DEFAULTS, DEFAULTS.replace("0.0", "1.0")),
}

STRICT_MISTAKES = {
    "lengths may differ": ("if len(y_true) != len(y_pred):", "if False:"),
    "any other average is macro": ('elif average in ("macro", "weighted"):', "elif True:"),
    "averages in capitals pass": ("    if average ==", "    average = average.lower()\n    if average =="),
}
