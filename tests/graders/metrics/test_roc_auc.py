import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict


@pytest.fixture
def distinct(rng):
    """Labels and distinct scores, unsorted, more negatives than positives, scores below 0 and above 1."""
    return rng.permutation([1] * 4 + [0] * 7), rng.choice(np.arange(-60, 60), size=11, replace=False) / 8


@pytest.fixture
def tied(rng):
    """Labels and few distinct scores, of which both classes have some: the lowest, the highest and one between."""
    y_true = np.array([0, 0, 0, 1, 1, 1, *rng.permutation([0] * 4 + [1] * 2)])
    y_score = np.array([-1.5, 0.5, 2.0, -1.5, 0.5, 2.0, *rng.choice([-1.5, 0.25, 0.5, 2.0], size=6)])
    order = rng.permutation(12)
    return y_true[order], y_score[order]


def assert_curve(curve, y_true, y_score):
    thresholds = [np.inf, *sorted(set(y_score.tolist()), reverse=True)]
    assert_close(curve.thresholds, thresholds)
    assert_close(curve.fpr, [np.mean([score >= t for score in y_score[y_true == 0]]) for t in thresholds])
    assert_close(curve.tpr, [np.mean([score >= t for score in y_score[y_true == 1]]) for t in thresholds])


def chance_of_outscoring(y_true, y_score):
    return np.mean([(p > n) + (p == n) / 2 for p in y_score[y_true == 1] for n in y_score[y_true == 0]])


def assert_rejected(kata, y_true, y_score):
    for function in (kata.roc_curve, kata.roc_auc):
        with pytest.raises(ValueError):
            function(np.array(y_true), np.array(y_score))


def test_points(kata, distinct):
    """At each threshold, tpr is the share of the positives whose score reaches it, and fpr that of the negatives."""
    for y_true, y_score in [(np.array([0, 1, 0, 1]), np.array([0.5, 0.9, 0.2, 0.3])), distinct]:
        assert_curve(kata.roc_curve(y_true, y_score), y_true, y_score)


def test_first_point(kata):
    """The curve starts at (0, 0) with the threshold inf, and the thresholds fall."""
    curve = kata.roc_curve(np.array([0, 1, 1]), np.array([2.0, 3.0, 1.0]))
    assert_close(curve.thresholds, [np.inf, 3.0, 2.0, 1.0])
    assert_close(curve.fpr, [0.0, 0.0, 1.0, 1.0])
    assert_close(curve.tpr, [0.0, 0.5, 0.5, 1.0])
    # The highest score may be any number.
    for highest in (0.0, -1.0, 1.0):
        curve = kata.roc_curve(np.array([1, 0, 1, 0]), highest + np.array([0.0, -1.0, -1.0, -3.0]))
        assert_close(curve.thresholds, [np.inf, highest, highest - 1, highest - 3])
        assert_close(curve.fpr, [0.0, 0.0, 0.5, 1.0])
        assert_close(curve.tpr, [0.0, 0.5, 1.0, 1.0])


def test_ties(kata, tied):
    """Tied scores give one point, whatever the order of the rows."""
    for y_true, y_score in [(np.array([0, 1]), np.array([0.5, 0.5])), (np.array([1, 0]), np.array([0.5, 0.5])), tied]:
        assert_curve(kata.roc_curve(y_true, y_score), y_true, y_score)
    # A score may be any number: no value is free to mark an end.
    for lowest in (-1.0, 0.0):
        votes = lowest + np.array([2.0, 0.0, 2.0, 2.0, 0.0])
        assert_curve(kata.roc_curve(np.array([0, 1, 1, 1, 0]), votes), np.array([0, 1, 1, 1, 0]), votes)


def test_no_point_is_left_out(kata):
    """Every distinct score has its point, also one on the straight line between its neighbours."""
    curve = kata.roc_curve(np.array([1, 1, 1, 0, 0]), np.array([5.0, 4.0, 3.0, 2.0, 1.0]))
    assert_close(curve.thresholds, [np.inf, 5, 4, 3, 2, 1])
    assert_close(curve.fpr, [0, 0, 0, 0, 1 / 2, 1])
    assert_close(curve.tpr, [0, 1 / 3, 2 / 3, 1, 1, 1])
    # Scores that are small and near one another are no ties.
    y_score = np.array([2.00e-6, 1.99e-6, 1.97e-6, 1.98e-6])
    assert_curve(kata.roc_curve(np.array([1, 0, 1, 0]), y_score), np.array([1, 0, 1, 0]), y_score)
    # Nor are large scores that differ by one part in 30 million.
    for start in (3e7, -3e7):
        y_score = start + np.array([4.0, 3.0, 1.0, 2.0])
        assert_curve(kata.roc_curve(np.array([1, 0, 1, 0]), y_score), np.array([1, 0, 1, 0]), y_score)


def test_area(kata, distinct):
    """The AUC is the probability that a random positive scores higher than a random negative: below 1/2 if it is."""
    for y_score, auc in [([0.2, 0.7], 1.0), ([0.7, 0.2], 0.0)]:
        assert_close(kata.roc_auc(np.array([0, 1]), np.array(y_score)), auc)
    y_true, y_score = distinct
    # More negatives than positives, and more positives than negatives.
    for labels in (y_true, 1 - y_true):
        assert_close(kata.roc_auc(labels, y_score), chance_of_outscoring(labels, y_score))
    assert_close(kata.roc_auc(np.array([1, 0, 1, 0]), np.array([2.00e-6, 1.99e-6, 1.97e-6, 1.98e-6])), 0.5)
    # Scores that are near one another are no ties, small or large: three of four pairs are won.
    for y_score in ([2.00e-6, 1.98e-6, 1.97e-6, 1.99e-6], [3e7 + 4, 3e7 + 2, 3e7 + 1, 3e7 + 3]):
        assert_close(kata.roc_auc(np.array([1, 1, 0, 0]), np.array(y_score)), 0.75)


def test_area_with_ties(kata, tied):
    """In the AUC a tie counts half, whatever the order of the rows."""
    for y_true in ([0, 1], [1, 0]):
        assert_close(kata.roc_auc(np.array(y_true), np.array([0.5, 0.5])), 0.5)
    # No positive is above a negative, and one pair of four ties.
    assert_close(kata.roc_auc(np.array([0, 1, 0, 1]), np.array([0.9, 0.5, 0.5, 0.1])), 0.125)
    assert_close(kata.roc_auc(*tied), chance_of_outscoring(*tied))


def test_one_class(kata):
    """Without a positive or without a negative there is no curve: ValueError."""
    for y_true in ([1, 1, 1], [0, 0, 0]):
        assert_rejected(kata, y_true, [0.2, 0.9, 0.4])
        # Tied scores do not make up for it.
        assert_rejected(kata, y_true, [0.5, 0.5, 0.5])
        assert_rejected(kata, y_true[:1], [0.5])
    assert_rejected(kata, [], [])


def test_many_scores(kata, rng):
    """200,000 scores take n log n time, for the curve and for the area."""
    # Each score is its own rank from 0 up, so the pairs that the positives win are known without sorting.
    y_true, y_score = rng.permutation(np.arange(200_000) % 2), rng.permutation(200_000).astype(float)
    won = y_score[y_true == 1].sum() - 100_000 * 99_999 / 2
    assert_close(kata.roc_auc(y_true, y_score), won / 100_000**2)
    assert_close(kata.roc_curve(y_true, y_score).thresholds, np.append(np.inf, np.arange(200_000)[::-1]))
    # Each score twice, once in either class: half of the pairs are won, the tied ones included.
    assert_close(kata.roc_auc(np.arange(200_000) % 2, np.arange(200_000) // 2 * 1.0), 0.5)


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
    assert_equal(kata.roc_curve(y_true, y_score).thresholds, [np.inf, *sorted(y_score, reverse=True)])
    assert_close(kata.roc_auc(y_true, y_score), chance_of_outscoring(y_true, y_score))


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
        assert_curve(kata.roc_curve(y_true.astype(label_kind), y_score.astype(score_kind)), y_true, y_score)
        assert_close(kata.roc_auc(y_true.astype(label_kind), y_score.astype(score_kind)), 4.5 / 6)


@strict
def test_other_labels(kata):
    """A label that is not 0 or 1 raises ValueError."""
    for y_true in ([0, 1, 2], [-1, 1, 1], [-1, 0, 1], [0.0, 0.5, 1.0], [0.0, 1.0, np.nan], [0, 1, 1 - 1e-9]):
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
    return kata.roc_curve(y_true, y_score), kata.roc_auc(y_true, y_score)


def picture(kata, rng):
    y_true = np.repeat([0, 1], 40)
    y_score = y_true + rng.normal(size=80)
    tied = np.round(y_score)
    fine, coarse = kata.roc_curve(y_true, y_score), kata.roc_curve(y_true, tied)
    areas = kata.roc_auc(y_true, y_score), kata.roc_auc(y_true, tied)
    curve = Panel(
        "ROC curve, with ties and without",
        "false positive rate",
        "true positive rate",
        [
            Line([0, 1], [0, 1], "chance", faint=True),
            Line(fine.fpr, fine.tpr, f"distinct scores: AUC {areas[0]:.3f}"),
            Line(coarse.fpr, coarse.tpr, f"rounded scores: AUC {areas[1]:.3f}"),
        ],
        note="Tied scores give one point, so the curve cuts the corners there: that is why a tie counts half.",
        square=True,
    )
    shares = Panel(
        "Shares above each threshold",
        "threshold",
        "share of the class",
        [
            Line(fine.thresholds[1:], fine.tpr[1:], "positives (tpr)"),
            Line(fine.thresholds[1:], fine.fpr[1:], "negatives (fpr)"),
        ],
        note="The first threshold is infinite and left out.",
    )
    return [curve, shares]


MISTAKES = {
    "close scores are tied": ("scores[1:] != scores[:-1]", "~np.isclose(scores[1:], scores[:-1])"),
    "one point a row": ("scores[1:] != scores[:-1]", "np.ones(len(scores) - 1, bool)"),
    "a point before its ties are counted": (
        "np.append(scores[1:] != scores[:-1], True)",
        "np.append(True, scores[1:] != scores[:-1])",
    ),
    "thresholds start one above the highest score": (
        "np.append(np.inf, scores[last_of_ties])",
        "np.append(scores[0] + 1, scores[last_of_ties])",
    ),
    "the curve starts at the highest score": [
        ("np.append(0, fp) / fp[-1], np.append(0, tp) / tp[-1]", "fp / fp[-1], tp / tp[-1]"),
        ("np.append(np.inf, scores[last_of_ties])", "scores[last_of_ties]"),
    ],
    "points on straight lines are dropped": (
        "last_of_ties = np.append(scores[1:] != scores[:-1], True)\n",
        (
            "last_of_ties = np.append(scores[1:] != scores[:-1], True)\n"
            "    steps = np.diff([np.cumsum(positive)[last_of_ties], np.cumsum(~positive)[last_of_ties]])\n"
            "    corner = np.append(np.append(True, (np.diff(steps) != 0).any(axis=0)), True)\n"
            "    last_of_ties = np.flatnonzero(last_of_ties)[corner[: last_of_ties.sum()]]\n"
        ),
    ),
    "scores taken for probabilities, to the percent": (
        "scores, positive = y_score[order]",
        "scores, positive = np.clip(y_score[order], 0, 1).round(2)",
    ),
    "every positive looks at every negative": (
        "return float(np.trapezoid(tpr, fpr))",
        (
            "pos, neg = y_score[y_true == 1], y_score[y_true == 0]\n"
            "    return float(np.mean([(p > neg).mean() + (p == neg).mean() / 2 for p in pos]))"
        ),
    ),
    "indices for thresholds": (
        "np.append(np.inf, scores[last_of_ties])",
        "np.append(np.inf, np.flatnonzero(last_of_ties))",
    ),
    "shares of all samples": (
        "np.append(0, fp) / fp[-1], np.append(0, tp) / tp[-1]",
        "np.append(0, fp) / len(scores), np.append(0, tp) / len(scores)",
    ),
    "fpr and tpr swapped": (
        "np.append(0, fp) / fp[-1], np.append(0, tp) / tp[-1]",
        "np.append(0, tp) / tp[-1], np.append(0, fp) / fp[-1]",
    ),
    "a tie counts whole": ("np.trapezoid(tpr, fpr)", "(np.diff(fpr) * tpr[1:]).sum()"),
    "a tie counts nothing": ("np.trapezoid(tpr, fpr)", "(np.diff(fpr) * tpr[:-1]).sum()"),
    "an AUC below one half is turned over": (
        "return float(np.trapezoid(tpr, fpr))",
        "area = float(np.trapezoid(tpr, fpr))\n    return max(area, 1 - area)",
    ),
    "one class gives NaN": ("if positive.all() or not positive.any():", "if False:"),
    "no negative goes unnoticed": ("if positive.all() or not positive.any():", "if not positive.any():"),
    "thresholds rise": (
        "np.append(np.inf, scores[last_of_ties]))",
        "np.append(np.inf, scores[last_of_ties])[::-1])",
    ),
}

STRICT_MISTAKES = {
    "positives counted in eight bits": (
        "np.cumsum(positive)[last_of_ties], np",
        "np.cumsum(positive, dtype=np.uint8 if y_true.dtype == np.uint8 else int)[last_of_ties], np",
    ),
    "labels near 0 or 1 pass": (
        "(positive | (y_true == 0)).all()",
        "(np.isclose(y_true, 1) | np.isclose(y_true, 0)).all()",
    ),
    "sorted by negated scores, which wrap around": ("np.argsort(y_score)[::-1]", "np.argsort(-y_score)"),
    "any label but 0 is positive": ("positive = y_true == 1\n", "positive = y_true != 0\n"),
    "any label but 1 is negative": ("(positive | (y_true == 0)).all()", "True"),
    "labels -1 and 1 pass": ("(positive | (y_true == 0)).all()", "(positive | (y_true == 0) | (y_true == -1)).all()"),
    "surplus labels are ignored": ("if len(y_true) != len(y_score):", "if len(y_true) < len(y_score):"),
    "NaN is sorted like a score": ("np.isfinite(y_score).all()", "(~np.isinf(y_score)).all()"),
    "infinite scores pass": ("np.isfinite(y_score).all()", "(~np.isnan(y_score)).all()"),
}
