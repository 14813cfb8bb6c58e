"""`roc_auc` beside scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-15}


def draw_labels(rng, n):
    return rng.permutation(np.append([0, 1], rng.random(n - 2) < rng.choice([0.05, 0.5, 0.95])))


def assert_agrees(reference, y_true, y_score):
    curve = reference.roc_curve(y_true, y_score)
    expected = metrics.roc_curve(y_true, y_score, drop_intermediate=False)
    for field, theirs in zip(("fpr", "tpr", "thresholds"), expected, strict=True):
        np.testing.assert_allclose(getattr(curve, field), theirs, **CLOSE, err_msg=field)
    np.testing.assert_allclose(reference.roc_auc(y_true, y_score), metrics.roc_auc_score(y_true, y_score), **CLOSE)


def test_random_scores(reference, rng):
    for _ in range(200):
        n = int(rng.integers(2, 80))
        y_true, y_score = draw_labels(rng, n), rng.normal(scale=10.0 ** rng.integers(-20, 20), size=n)
        assert_agrees(reference, y_true, y_score)
        assert_agrees(reference, y_true, rng.choice(y_score, size=n))


@pytest.mark.parametrize("label_kind", [bool, np.uint8, np.int64, np.float64, np.float16])
@pytest.mark.parametrize("score_kind", [np.uint8, np.int8, np.int64, np.float32])
def test_kinds(reference, rng, label_kind, score_kind):
    low, high = (0, 20) if score_kind is np.uint8 else (-20, 20)
    y_true, y_score = draw_labels(rng, 50), rng.integers(low, high, size=50)
    assert_agrees(reference, y_true.astype(label_kind), y_score.astype(score_kind))


@pytest.mark.parametrize(
    ("y_true", "y_score"),
    [
        ([0, 1], [0.5, 0.5]),
        ([1, 0], [0.5, 0.5]),
        ([0, 1], [0.0, -0.0]),
        ([0, 1, 1, 0], [7.0, 7.0, 7.0, 7.0]),
        ([1, 1, 1, 0, 0], [5.0, 4.0, 3.0, 2.0, 1.0]),
        ([0, 0, 1, 1, 1], [5.0, 4.0, 3.0, 2.0, 1.0]),
        ([0, 1, 0, 1], [1.0, 1.0 + 2.0**-52, 1.0 - 2.0**-53, 1.0 - 2.0**-52]),
        ([0, 1, 0, 1], [-1e308, 1e308, 0.0, 5e-324]),
    ],
)
def test_edges(reference, y_true, y_score):
    assert_agrees(reference, np.array(y_true), np.array(y_score))


def test_many_scores(reference, rng):
    y_true = draw_labels(rng, 200_000)
    y_score = y_true + rng.normal(size=200_000)
    assert_agrees(reference, y_true, y_score)
    assert_agrees(reference, y_true, y_score.round(2))


@pytest.mark.parametrize(
    ("y_true", "y_score"),
    [
        ([0, 1, 1], [0.1, 0.2]),
        ([0, 1], [0.1]),
        ([0, 1], [0.1, np.nan]),
        ([0, 1], [0.1, np.inf]),
        ([0, 1], [-np.inf, 0.1]),
        ([0.0, np.nan, 1.0], [0.1, 0.2, 0.3]),
        ([0, 1, 2], [0.1, 0.2, 0.3]),
        ([0.0, 0.5, 1.0], [0.1, 0.2, 0.3]),
        ([1, 2, 2], [0.1, 0.2, 0.3]),
        ([], []),
    ],
)
def test_bad_input_that_both_refuse(reference, y_true, y_score):
    for module in (reference, metrics):
        with pytest.raises(ValueError):
            module.roc_curve(np.array(y_true), np.array(y_score))
    with pytest.raises(ValueError):
        reference.roc_auc(np.array(y_true), np.array(y_score))


@pytest.mark.parametrize("y_true", [[1, 1, 1], [0, 0, 0], [-1, 1, 1]])
def test_bad_input_that_scikit_learn_takes(reference, y_true):
    """One class is NaN with a warning there, and labels of -1 and 1 are read as 0 and 1: here both are refused."""
    for function in (reference.roc_curve, reference.roc_auc):
        with pytest.raises(ValueError):
            function(np.array(y_true), np.array([0.1, 0.2, 0.3]))


def test_claim_auc_is_the_share_of_ordered_pairs(reference, rng):
    y_true, y_score = draw_labels(rng, 60), rng.integers(0, 9, size=60)
    pos, neg = y_score[y_true == 1], y_score[y_true == 0]
    np.testing.assert_allclose(
        reference.roc_auc(y_true, y_score), np.mean([(p > n) + (p == n) / 2 for p in pos for n in neg])
    )


@pytest.mark.parametrize(
    ("before", "auc", "average"), [([0] * 8 + [10_000] * 2, 0.80, 0.80), ([1_000] * 10, 0.90, 0.0055)]
)
def test_claim_rare_positives(reference, before, auc, average):
    """Of 10,000 negatives, `before` stand above each of 10 positives."""
    y_true = np.append(np.zeros(10_000), np.ones(10))
    y_score = np.append(-np.arange(10_000.0), 0.5 - np.array(before) - np.arange(10) / 100)
    assert abs(reference.roc_auc(y_true, y_score) - auc) < 5e-3
    assert abs(metrics.average_precision_score(y_true, y_score) - average) < 0.01 * average


def test_claim_what_leaves_the_auc_alone(reference, rng):
    """Ten times the negatives, a constant added to all scores, and the cube of the scores."""
    y_true, y_score = draw_labels(rng, 80), rng.random(80)
    times = np.where(y_true == 1, 1, 10)
    for labels, scores in [
        (np.repeat(y_true, times), np.repeat(y_score, times)),
        (y_true, y_score + 3),
        (y_true, y_score**3),
    ]:
        np.testing.assert_allclose(reference.roc_auc(labels, scores), reference.roc_auc(y_true, y_score))


def test_claim_precision_at_a_tenth_of_the_prevalence():
    for prevalence, precision in [(0.1, 0.47), (0.01, 0.07)]:
        called = 0.8 * prevalence + 0.1 * (1 - prevalence)
        assert abs(0.8 * prevalence / called - precision) < 5e-3


def test_claim_standard_error_with_50_positives(reference, rng):
    """Resampled within each class, an AUC near 0.85 spreads by no more than about 0.05."""
    pos, neg = rng.normal(1.47, 1, size=50), rng.normal(size=500)
    y_true = np.repeat([1, 0], [50, 500])
    aucs = [reference.roc_auc(y_true, np.append(rng.choice(pos, 50), rng.choice(neg, 500))) for _ in range(300)]
    assert 0.01 < np.std(aucs) < 0.055


def peers(reference, rng):
    """Yield curve and area of many scores."""
    y_true, y_score = draw_labels(rng, 200_000), rng.normal(size=200_000)
    yield Peer(
        "area, 200,000 scores",
        "roc_auc_score",
        lambda: reference.roc_auc(y_true, y_score),
        lambda: metrics.roc_auc_score(y_true, y_score),
    )
    yield Peer(
        "curve, 200,000 scores",
        "roc_curve(drop_intermediate=False)",
        lambda: reference.roc_curve(y_true, y_score),
        lambda: metrics.roc_curve(y_true, y_score, drop_intermediate=False),
    )
