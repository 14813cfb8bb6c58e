"""`precision_recall_f1` beside scikit-learn's precision_recall_fscore_support."""

import numpy as np
import pytest
from sklearn import metrics

from tests.bench.peers import Peer

AVERAGES = ["micro", "macro", "weighted"]


def theirs(y_true, y_pred, average, zero_division=0.0):
    return metrics.precision_recall_fscore_support(y_true, y_pred, average=average, zero_division=zero_division)[:3]


def assert_agrees(reference, y_true, y_pred, zero_division):
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    cases = [(reference.precision_recall_f1_per_class(y_true, y_pred, zero_division), None)]
    averages = [*AVERAGES, "binary"] if np.isin([y_true, y_pred], [0, 1]).all() else AVERAGES
    cases += [(reference.precision_recall_f1(y_true, y_pred, each, zero_division), each) for each in averages]
    for ours, average in cases:
        np.testing.assert_allclose(ours, theirs(y_true, y_pred, average, zero_division), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("zero_division", [0.0, 1.0])
def test_random(reference, rng, zero_division):
    for _ in range(100):
        pool = rng.choice(np.arange(-500, 500), size=rng.integers(2, 9), replace=False)
        assert_agrees(reference, *rng.choice(pool, size=(2, rng.integers(1, 60))), zero_division)
        assert_agrees(reference, *rng.integers(0, 2, size=(2, rng.integers(1, 30))), zero_division)


@pytest.mark.parametrize("zero_division", [0.0, 1.0])
@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64, bool])
def test_kinds(reference, rng, kind, zero_division):
    assert_agrees(reference, *rng.integers(0, 2, size=(2, 2000)).astype(kind), zero_division)


@pytest.mark.parametrize("zero_division", [0.0, 1.0])
@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([0, 0, 1, 2], [0, 1, 1, 1]),
        ([0, 1, 1, 1], [0, 0, 1, 2]),
        ([0, 0, 1, 1], [0, 1, 0, 0]),
        ([0, 1], [1, 0]),
        ([0, 0, 0], [0, 0, 0]),
        ([0, 1, 0], [0, 0, 0]),
        ([0, 0, 0], [0, 1, 0]),
        ([1, 1], [1, 1]),
        ([4], [4]),
        ([4], [2]),
        ([20, -3, 20, 2, -3], [20, 20, -7, 2, -3]),
        ([7] * 300 + [8], [7] * 301),
    ],
)
def test_edges(reference, y_true, y_pred, zero_division):
    assert_agrees(reference, y_true, y_pred, zero_division)


def test_bad_arguments(reference):
    y_true, y_pred = np.array([0, 1, 2]), np.array([0, 1, 1])
    for function in (reference.precision_recall_f1, theirs):
        with pytest.raises(ValueError):
            function(y_true, y_pred, "binary")
        with pytest.raises(ValueError):
            function(y_true, y_pred[:2], "macro")
        with pytest.raises(ValueError):
            function(y_true, y_pred, "mean")
    with pytest.raises(ValueError, match="labels"):
        reference.precision_recall_f1_per_class(y_true, y_pred[:2])


def test_labels_of_binary(reference):
    """scikit-learn takes any two labels for binary scores, if one of them is 1."""
    y_true, y_pred = np.array([-1, 1, 1]), np.array([1, 1, -1])
    assert theirs(y_true, y_pred, "binary") == (0.5, 0.5, 0.5)
    with pytest.raises(ValueError, match="labels 0 and 1"):
        reference.precision_recall_f1(y_true, y_pred)


def spread(matrix):
    """Return truth and prediction that have a given confusion matrix."""
    matrix = np.array(matrix)
    true, pred = np.indices(matrix.shape)
    return np.repeat(true.ravel(), matrix.ravel()), np.repeat(pred.ravel(), matrix.ravel())


def test_claim_accuracy(reference):
    y_true, y_pred = spread([[9_900 - 187, 187], [20, 80]])
    assert (y_true == y_pred).mean() == pytest.approx(0.979, abs=5e-4)
    assert (y_true == 0).mean() == 0.99
    scores = reference.precision_recall_f1(y_true, y_pred)
    assert scores.recall == pytest.approx(0.80)
    assert scores.precision == pytest.approx(0.30, abs=0.005)
    assert reference.precision_recall_f1(y_true, 0 * y_true) == (0, 0, 0)


def test_claim_averages(reference):
    y_true, y_pred = spread([[880, 15, 5], [60, 28, 2], [8, 1, 1]])
    for average, f1 in [("micro", 0.91), ("macro", 0.49), ("weighted", 0.90)]:
        assert reference.precision_recall_f1(y_true, y_pred, average).f1 == pytest.approx(f1, abs=0.005)
    micro = reference.precision_recall_f1(y_true, y_pred, "micro")
    accuracy = (y_true == y_pred).mean()
    np.testing.assert_allclose(micro, [accuracy] * 3)
    np.testing.assert_allclose(reference.precision_recall_f1(y_true, y_pred, "weighted").recall, accuracy)
    outside = reference.precision_recall_f1(*spread([[1, 99], [0, 10]]), "weighted")
    np.testing.assert_allclose(outside, [0.92, 0.10, 0.03], atol=0.005)


def test_claim_two_macro_f1(reference, rng):
    y_true, y_pred = spread([[1, 99], [0, 1]])
    macro = reference.precision_recall_f1(y_true, y_pred, "macro")
    np.testing.assert_allclose(macro, [0.505, 0.505, 0.02], atol=5e-4)
    for _ in range(200):
        precision, recall, f1 = reference.precision_recall_f1(*rng.integers(0, 4, size=(2, 30)), "macro")
        assert f1 <= 2 * precision * recall / (precision + recall) + 1e-12


def test_claim_f1(reference):
    assert abs(2 / (1 / 1 + 1 / 0.01) - 0.02) < 5e-4
    for prevalence, f1 in [(0.5, 0.67), (0.01, 0.02)]:
        y_true = (np.arange(100) < 100 * prevalence).astype(int)
        assert reference.precision_recall_f1(y_true, np.ones(100, dtype=int)).f1 == pytest.approx(f1, abs=0.005)


@pytest.mark.parametrize("seed", range(20))
def test_claim_threshold(reference, seed):
    rng = np.random.default_rng(seed)
    prob = 1 / (1 + np.exp(3 - 1.5 * rng.normal(size=200_000)))
    y_true = (rng.random(prob.size) < prob).astype(int)
    order = np.argsort(-prob)
    f1 = 2 * np.cumsum(y_true[order]) / (np.arange(1, prob.size + 1) + y_true.sum())
    best = f1.argmax()
    assert 0.415 < f1[best] < 0.435
    assert 0.19 < prob[order][best] < 0.23
    called = (prob >= prob[order][best]).astype(int)
    assert reference.precision_recall_f1(y_true, called).f1 == pytest.approx(f1[best])
    assert 0.23 < reference.precision_recall_f1(y_true, (prob >= 0.5).astype(int)).f1 < 0.25


def test_claim_folds(reference):
    rows = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y_true = rng.permutation(np.arange(1000) < 20).astype(int)
        y_pred = (rng.random(1000) < np.where(y_true == 1, 0.6, 0.01)).astype(int)
        folds = rng.permutation(1000).reshape(10, 100)
        means = [
            np.mean([reference.precision_recall_f1(y_true[i], y_pred[i], "binary", zero).f1 for i in folds])
            for zero in (0.0, 1.0)
        ]
        rows.append((reference.precision_recall_f1(y_true, y_pred).f1, *means))
    of_sums, with_0, with_1 = np.transpose(rows)
    assert with_0.mean() == pytest.approx(0.48, abs=0.02)
    assert of_sums.mean() == pytest.approx(0.58, abs=0.02)
    assert 0.50 < with_1.mean() < 0.55


def peers(reference, rng):
    """Yield averaged scores of many samples."""
    y_true, y_pred = rng.integers(0, 20, size=(2, 200_000))
    for average in AVERAGES:
        yield Peer(
            f"200,000 samples of 20 classes, {average}",
            "precision_recall_fscore_support",
            lambda average=average: reference.precision_recall_f1(y_true, y_pred, average),
            lambda average=average: theirs(y_true, y_pred, average),
        )
