import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict


@pytest.fixture
def distinct(rng):
    """Labels and distinct scores, unsorted, more negatives than positives, scores below 0 and above 1."""
    return rng.permutation([1] * 4 + [0] * 7), rng.normal(scale=3.0, size=11)


@pytest.fixture
def tied(rng):
    """Labels and few distinct scores, of which both classes have some: the lowest, the highest and one between."""
    y_true = np.array([0, 0, 0, 1, 1, 1, *rng.permutation([0] * 4 + [1] * 2)])
    y_score = np.array([-1.5, 0.5, 2.0, -1.5, 0.5, 2.0, *rng.choice([-1.5, 0.25, 0.5, 2.0], size=6)])
    order = rng.permutation(12)
    return y_true[order], y_score[order]


def defined(y_true, y_score):
    """Return precision and recall at each distinct score, rising, by what they are the shares of."""
    thresholds = sorted(set(y_score.tolist()))
    precision = [np.mean(y_true[y_score >= t] == 1) for t in thresholds]
    recall = [np.mean(y_score[y_true == 1] >= t) for t in thresholds]
    return precision, recall, thresholds


def stepwise(y_true, y_score):
    """Return the sum over falling thresholds of the recall that each adds times its precision."""
    total, before = 0.0, 0.0
    for precision, recall, _ in reversed(list(zip(*defined(y_true, y_score), strict=True))):
        total, before = total + (recall - before) * precision, recall
    return total


def assert_curve(curve, y_true, y_score):
    precision, recall, thresholds = defined(y_true, y_score)
    assert_close(curve.thresholds, thresholds)
    assert_close(curve.precision, [*precision, 1.0])
    assert_close(curve.recall, [*recall, 0.0])


def assert_rejected(kata, y_true, y_score):
    for function in (kata.precision_recall_curve, kata.average_precision):
        with pytest.raises(ValueError):
            function(np.array(y_true), np.array(y_score))


def test_points(kata, distinct):
    """Precision is the share of positives among the scores >= t, recall the share of positives with score >= t."""
    for y_true, y_score in [(np.array([0, 1, 0, 1]), np.array([0.5, 0.9, 0.2, 0.3])), distinct]:
        assert_curve(kata.precision_recall_curve(y_true, y_score), y_true, y_score)


def test_ties(kata, tied):
    """Tied scores give one point, whatever the order of the rows."""
    for y_true, y_score in [(np.array([0, 1]), np.array([0.5, 0.5])), (np.array([1, 0]), np.array([0.5, 0.5])), tied]:
        assert_curve(kata.precision_recall_curve(y_true, y_score), y_true, y_score)


def test_no_point_is_left_out(kata):
    """Every distinct score has its point, also where recall does not change."""
    curve = kata.precision_recall_curve(np.array([1, 1, 0, 0, 0]), np.array([5.0, 4.0, 3.0, 2.0, 1.0]))
    assert_close(curve.thresholds, [1, 2, 3, 4, 5])
    assert_close(curve.precision, [2 / 5, 2 / 4, 2 / 3, 1, 1, 1])
    assert_close(curve.recall, [1, 1, 1, 1, 1 / 2, 0])
    # No score stands for none, whether lowest or highest, and scores of 1e-6 count as well.
    y_true = np.array([1, 0, 1])
    for scores in ([-1.0, 0.0, 1.0], [0.0, 0.5, 1.0], [-2.0, -1.0, 0.0], [1.2e-6, 1.4e-6, 3e-6]):
        assert_curve(kata.precision_recall_curve(y_true, np.array(scores)), y_true, np.array(scores))
        assert_close(kata.average_precision(y_true, np.array(scores)), (1 + 2 / 3) / 2)


def test_last_point(kata):
    """The last point is recall 0 and precision 1, also if the highest score is a negative's."""
    curve = kata.precision_recall_curve(np.array([0, 1, 0]), np.array([0.9, 0.8, 0.7]))
    assert_close(curve.thresholds, [0.7, 0.8, 0.9])
    assert_close(curve.precision, [1 / 3, 1 / 2, 0, 1])
    assert_close(curve.recall, [1, 1, 0, 0])


def test_average(kata, distinct):
    """Average precision sums, over thresholds, the recall that each adds times its precision."""
    for y_score, expected in [([0.2, 0.7], 1.0), ([0.7, 0.2], 0.5)]:
        assert_close(kata.average_precision(np.array([0, 1]), np.array(y_score)), expected)
    assert_close(kata.average_precision(np.array([1, 0, 1]), np.array([0.9, 0.8, 0.7])), (1 + 2 / 3) / 2)
    assert_close(kata.average_precision(*distinct), stepwise(*distinct))


def test_average_of_ties(kata, tied):
    """In average precision, tied scores share one precision, whatever the order of the rows."""
    for y_true in ([1, 0, 0], [0, 0, 1]):
        assert_close(kata.average_precision(np.array(y_true), np.array([0.5, 0.5, 0.5])), 1 / 3)
    assert_close(kata.average_precision(*tied), stepwise(*tied))


def test_no_negative(kata):
    """Without a negative every precision is 1, and so is the average precision."""
    y_true, y_score = np.array([1, 1, 1]), np.array([0.2, 0.4, 0.4])
    assert_curve(kata.precision_recall_curve(y_true, y_score), y_true, y_score)
    assert_close(kata.average_precision(y_true, y_score), 1.0)
    assert_close(kata.average_precision(np.array([1]), np.array([0.3])), 1.0)


def test_no_positive(kata):
    """Without a positive there is no recall: ValueError."""
    for y_true in ([0, 0, 0], [0]):
        assert_rejected(kata, y_true, np.linspace(0.0, 1.0, len(y_true)))


def test_many_scores(kata, rng):
    """100,000 scores take n log n time, for the curve and for the average."""
    # Each score is its own rank from 0 up, so the labels are put in their order without sorting.
    y_true, y_score = rng.permutation(np.arange(100_000) % 2), rng.permutation(100_000)
    falling = np.empty_like(y_true)
    falling[-1 - y_score] = y_true
    precision = np.cumsum(falling) / np.arange(1, 100_001)
    assert_close(kata.average_precision(y_true, y_score.astype(float)), precision[falling == 1].mean())
    assert_close(kata.precision_recall_curve(y_true, y_score.astype(float)).precision, np.append(precision[::-1], 1.0))


@strict
@pytest.mark.parametrize(
    "y_score",
    [
        np.array([-3e-20, 1e-20, -1e-20, 2e-20, 4e-20, -2e-20]),
        1.0 + np.finfo(float).eps * np.array([3, 1, 4, 2, 6, 5]),
        np.array([-1e308, 1e308, -1.7e308, 1.7e308, 5e-324, 0.0]),
    ],
    ids=["near zero", "near one", "huge"],
)
def test_any_size(kata, y_score):
    """Scores are of any size, and tied only if they are equal."""
    y_true = np.array([0, 1, 1, 0, 1, 0])
    assert_equal(kata.precision_recall_curve(y_true, y_score).thresholds, sorted(y_score))
    assert_close(kata.average_precision(y_true, y_score), stepwise(y_true, y_score))


@strict
@pytest.mark.parametrize(
    ("label_kind", "score_kind"),
    [(np.uint8, float), (np.int8, int), (int, np.uint8), (int, np.int8)],
    ids=["uint8 labels", "int8 labels", "uint8 scores", "int8 scores"],
)
def test_integers(kata, label_kind, score_kind):
    """Labels and scores may be integers of any type, unsigned ones too."""
    # The lowest score has no negative in eight bits. 150 times as many rows have the same shares.
    low = 0 if score_kind is np.uint8 else -128
    for times in (1, 150):
        y_true, y_score = np.tile([1, 0, 1, 0, 1], times), np.tile([3, low, 7, 5, 5], times)
        labels, scores = y_true.astype(label_kind), y_score.astype(score_kind)
        assert_curve(kata.precision_recall_curve(labels, scores), y_true, y_score)
        assert_close(kata.average_precision(labels, scores), (1 + 2 / 3 + 3 / 4) / 3)


@strict
def test_other_labels(kata):
    """A label that is not 0 or 1 raises ValueError."""
    for y_true in ([0, 1, 2], [-1, 1, 1], [0.0, 0.5, 1.0], [0.0, 1.0, np.nan], [1, 2, 2], [0, 1, 1 - 1e-9]):
        assert_rejected(kata, y_true, [0.1, 0.2, 0.3])


@strict
def test_lengths(kata):
    """Labels and scores of different lengths raise ValueError."""
    for y_true, y_score in [([0, 1, 1], [0.1, 0.2]), ([0, 1], [0.1, 0.2, 0.3]), ([0, 1], [0.1])]:
        assert_rejected(kata, y_true, y_score)


@strict
def test_scores_that_are_not_finite(kata):
    """A score that is NaN or infinite raises ValueError."""
    for score in (np.nan, np.inf, -np.inf):
        assert_rejected(kata, [0, 1, 0, 1], [0.1, score, 0.3, 0.2])


def workload(kata, rng, n):
    y_true = rng.permutation(np.arange(n) % 3 == 0).astype(int)
    y_score = y_true + rng.normal(size=n)
    # Half of the scores are rounded, so that some are tied within a class and some across.
    y_score = np.where(rng.random(n) < 0.5, np.round(y_score, 1), y_score)
    return kata.precision_recall_curve(y_true, y_score), kata.average_precision(y_true, y_score)


MISTAKES = {
    "one point a row": ("scores[1:] != scores[:-1]", "np.ones(len(scores) - 1, bool)"),
    "a point after its ties are gone": (
        "np.append(True, scores[1:] != scores[:-1])",
        "np.append(scores[1:] != scores[:-1], True)",
    ),
    "thresholds fall": (
        "return Curve(np.append(tp / reached, 1.0), np.append(tp / tp[0], 0.0), scores[first_of_ties])",
        (
            "return Curve(np.append(1.0, (tp / reached)[::-1]), np.append(0.0, (tp / tp[0])[::-1]), "
            "scores[first_of_ties][::-1])"
        ),
    ),
    "the last point is forgotten": (
        "Curve(np.append(tp / reached, 1.0), np.append(tp / tp[0], 0.0), scores",
        "Curve(tp / reached, tp / tp[0], scores",
    ),
    "the last point repeats the precision before it": (
        "np.append(tp / reached, 1.0), np",
        "np.append(tp / reached, tp[-1] / reached[-1]), np",
    ),
    "the last precision is 0": ("np.append(tp / reached, 1.0), np", "np.append(tp / reached, 0.0), np"),
    "a threshold for the last point": (
        "0.0), scores[first_of_ties])",
        "0.0), np.append(scores[first_of_ties], np.inf))",
    ),
    "the curve ends where every positive is found": (
        "    return Curve(np.append(tp / reached, 1.0)",
        (
            "    whole = np.flatnonzero(tp == tp[0])[-1]\n"
            "    tp, reached = tp[whole:], reached[whole:]\n"
            "    first_of_ties = np.flatnonzero(first_of_ties)[whole:]\n"
            "    return Curve(np.append(tp / reached, 1.0)"
        ),
    ),
    "scores taken for probabilities, to the percent": (
        "scores, positive = y_score[order]",
        "scores, positive = np.clip(y_score[order], 0, 1).round(2)",
    ),
    "indices for thresholds": ("0.0), scores[first_of_ties])", "0.0), np.flatnonzero(first_of_ties))"),
    "reached means passed": (
        "np.arange(len(scores), 0, -1)[first_of_ties]",
        "np.maximum(np.arange(len(scores) - 1, -1, -1)[first_of_ties], 1)",
    ),
    "precision and recall swapped": (
        "Curve(np.append(tp / reached, 1.0), np.append(tp / tp[0], 0.0), scores",
        "Curve(np.append(tp / tp[0], 0.0), np.append(tp / reached, 1.0), scores",
    ),
    "recall is a share of all samples": ("np.append(tp / tp[0], 0.0)", "np.append(tp / len(scores), 0.0)"),
    "trapezoids": (
        "float(((recall[:-1] - recall[1:]) * precision[:-1]).sum())",
        "float(-np.trapezoid(precision, recall))",
    ),
    "a step has the precision before it": ("* precision[:-1]).sum()", "* precision[1:]).sum()"),
    "the best precision at that recall or beyond": (
        "* precision[:-1]).sum()",
        "* np.maximum.accumulate(precision[:-1])).sum()",
    ),
    "the mean of precision over thresholds": (
        "float(((recall[:-1] - recall[1:]) * precision[:-1]).sum())",
        "float(precision[:-1].mean())",
    ),
    "the mean of precision at each positive's row": (
        "    precision, recall, _ = precision_recall_curve(y_true, y_score)\n    return float(((",
        (
            "    precision, recall, _ = precision_recall_curve(y_true, y_score)\n"
            "    hits = _positives(y_true, y_score)[np.argsort(y_score, kind='stable')[::-1]]\n"
            "    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())\n"
            "    return float((("
        ),
    ),
    "eleven recall levels": (
        "float(((recall[:-1] - recall[1:]) * precision[:-1]).sum())",
        "float(np.mean([precision[recall >= level].max() for level in np.linspace(0, 1, 11)]))",
    ),
    "every positive looks at every sample": (
        "    precision, recall, _ = precision_recall_curve(y_true, y_score)\n    return float(((",
        (
            "    precision, recall, _ = precision_recall_curve(y_true, y_score)\n"
            "    hits = y_score[y_true == 1]\n"
            "    return float(np.mean([(hits >= hit).sum() / (y_score >= hit).sum() for hit in hits]))\n"
            "    return float((("
        ),
    ),
    "no positive gives NaN": ("if not positive.any():", "if False:"),
    "no positive gives 0": (
        "    precision, recall, _ = precision_recall_curve(y_true, y_score)\n    return float(((",
        (
            "    if not (y_true == 1).any():\n"
            "        return 0.0\n"
            "    precision, recall, _ = precision_recall_curve(y_true, y_score)\n"
            "    return float((("
        ),
    ),
    "no negative is refused": ("if not positive.any():", "if positive.all() or not positive.any():"),
}

STRICT_MISTAKES = {
    "positives counted in eight bits": (
        "tp = np.cumsum(positive[::-1])",
        "tp = np.cumsum(positive[::-1], dtype=y_true.dtype if y_true.dtype != bool else int)",
    ),
    "labels near 0 or 1 pass": (
        "(positive | (y_true == 0)).all()",
        "(np.isclose(y_true, 1) | np.isclose(y_true, 0)).all()",
    ),
    "close scores are tied": ("scores[1:] != scores[:-1]", "~np.isclose(scores[1:], scores[:-1])"),
    "sorted by negated scores, which wrap around": (
        "order = np.argsort(y_score)\n",
        "order = np.argsort(-y_score)[::-1]\n",
    ),
    "any label but 0 is positive": ("positive = y_true == 1\n", "positive = y_true != 0\n"),
    "any label but 1 is negative": ("(positive | (y_true == 0)).all()", "True"),
    "labels -1 and 1 pass": ("(positive | (y_true == 0)).all()", "(positive | (y_true == 0) | (y_true == -1)).all()"),
    "surplus labels are ignored": ("if len(y_true) != len(y_score):", "if len(y_true) < len(y_score):"),
    "NaN is sorted like a score": ("np.isfinite(y_score).all()", "(~np.isinf(y_score)).all()"),
    "infinite scores pass": ("np.isfinite(y_score).all()", "(~np.isnan(y_score)).all()"),
}
