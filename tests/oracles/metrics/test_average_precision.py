"""`average_precision` beside scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-15}


def draw_labels(rng, n):
    return rng.permutation(np.append(1, rng.random(n - 1) < rng.choice([0.05, 0.5, 0.95, 1.0])))


def assert_agrees(reference, y_true, y_score):
    curve = reference.precision_recall_curve(y_true, y_score)
    expected = metrics.precision_recall_curve(y_true, y_score)
    for field, theirs in zip(("precision", "recall", "thresholds"), expected, strict=True):
        np.testing.assert_allclose(getattr(curve, field), theirs, **CLOSE, err_msg=field)
    average = metrics.average_precision_score(y_true, y_score)
    np.testing.assert_allclose(reference.average_precision(y_true, y_score), average, **CLOSE)


def test_random_scores(reference, rng):
    for _ in range(200):
        n = int(rng.integers(1, 80))
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
        ([1], [0.5]),
        ([0, 1], [0.5, 0.5]),
        ([1, 0], [0.5, 0.5]),
        ([0, 1], [0.0, -0.0]),
        ([1, 1, 1], [0.2, 0.4, 0.4]),
        ([0, 1, 1, 0], [7.0, 7.0, 7.0, 7.0]),
        ([1, 1, 0, 0, 0], [5.0, 4.0, 3.0, 2.0, 1.0]),
        ([0, 0, 0, 1, 1], [5.0, 4.0, 3.0, 2.0, 1.0]),
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
        ([0.0, np.nan, 1.0], [0.1, 0.2, 0.3]),
        ([0, 1, 2], [0.1, 0.2, 0.3]),
        ([0.0, 0.5, 1.0], [0.1, 0.2, 0.3]),
        ([], []),
    ],
)
def test_bad_input_that_both_refuse(reference, y_true, y_score):
    for module in (reference, metrics):
        with pytest.raises(ValueError):
            module.precision_recall_curve(np.array(y_true), np.array(y_score))
    with pytest.raises(ValueError):
        reference.average_precision(np.array(y_true), np.array(y_score))


@pytest.mark.parametrize("y_true", [[0, 0, 0], [-1, 1, 1]])
def test_bad_input_that_scikit_learn_takes(reference, y_true):
    """No positive is 0 with a warning there, and labels of -1 and 1 are read as 0 and 1: here both are refused."""
    for function in (reference.precision_recall_curve, reference.average_precision):
        with pytest.raises(ValueError):
            function(np.array(y_true), np.array([0.1, 0.2, 0.3]))


def test_claim_both_areas_with_rare_positives(reference):
    """Over 20 seeds: ROC-AUC 0.97 to 0.99, average precision 0.25 to 0.46."""
    y_true, averages = np.repeat([1, 0], [100, 100_000]), []
    for seed in range(20):
        y_score = np.random.default_rng(seed).normal(size=100_100) + 3 * y_true
        assert 0.97 < metrics.roc_auc_score(y_true, y_score) < 0.99
        averages.append(reference.average_precision(y_true, y_score))
    np.testing.assert_allclose([min(averages), max(averages)], [0.25, 0.46], atol=5e-3)


def test_claim_trapezoids_on_rounded_scores(reference):
    """Over 20 seeds trapezoids give up to 0.1 more than steps, and with one constant score (1 + p) / 2 for p."""
    y_true, more = np.repeat([1, 0], [50, 500]), []
    for seed in range(20):
        y_score = (np.random.default_rng(seed).normal(size=550) + y_true).round()
        precision, recall, _ = reference.precision_recall_curve(y_true, y_score)
        more.append(-np.trapezoid(precision, recall) - reference.average_precision(y_true, y_score))
    assert min(more) > 0
    assert 0.08 < max(more) < 0.12
    precision, recall, _ = reference.precision_recall_curve(y_true, np.zeros(550))
    np.testing.assert_allclose(-np.trapezoid(precision, recall), (1 + 50 / 550) / 2)


def test_claim_ten_times_the_negatives(reference, rng):
    y_true, y_score = draw_labels(rng, 60), rng.normal(size=60)
    y_true[:2], times = [0, 1], 10
    y_score[0] = y_score.max() + 1
    repeats = np.where(y_true == 1, 1, times)
    more = np.repeat(y_true, repeats), np.repeat(y_score, repeats)
    assert reference.average_precision(*more) < reference.average_precision(y_true, y_score)
    np.testing.assert_allclose(metrics.roc_auc_score(*more), metrics.roc_auc_score(y_true, y_score))


@pytest.mark.parametrize("n_pos", [20, 50])
def test_claim_rows_with_one_score(reference, n_pos):
    """Row by row, 1.0 with the positives first and about p / 2 with them last; here p for both."""
    y_true = np.repeat([1, 0], [n_pos, 1000 - n_pos])
    for labels, by_rows in [(y_true, 1.0), (y_true[::-1], n_pos / 2000)]:
        rows = (np.cumsum(labels) / np.arange(1, 1001))[labels == 1].mean()
        np.testing.assert_allclose(rows, by_rows, rtol=0.1)
        np.testing.assert_allclose(reference.average_precision(labels, np.zeros(1000)), n_pos / 1000)


def peers(reference, rng):
    """Yield the area of many scores."""
    y_true, y_score = draw_labels(rng, 200_000), rng.normal(size=200_000)
    ours = lambda: reference.average_precision(y_true, y_score)  # noqa: E731
    theirs = lambda: metrics.average_precision_score(y_true, y_score)  # noqa: E731
    yield Peer("200,000 scores", "average_precision_score", ours, theirs)
