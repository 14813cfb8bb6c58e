"""`confusion_matrix` beside scikit-learn, on labels inside."""

import numpy as np
import pytest
from sklearn import metrics

from tests.bench.peers import Peer

NORMALIZE = [None, "true", "pred", "all"]


def assert_agrees(reference, y_true, y_pred, labels, normalize):
    ours = reference.confusion_matrix(y_true, y_pred, labels, normalize)
    theirs = metrics.confusion_matrix(y_true, y_pred, labels=labels, normalize=normalize)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("normalize", NORMALIZE)
def test_random(reference, rng, normalize):
    for _ in range(100):
        pool = rng.choice(np.arange(-500, 500), size=rng.integers(2, 9), replace=False)
        y_true, y_pred = rng.choice(pool, size=(2, rng.integers(1, 60)))
        assert_agrees(reference, y_true, y_pred, None, normalize)
        assert_agrees(reference, y_true, y_pred, rng.permutation(pool), normalize)


@pytest.mark.parametrize("normalize", NORMALIZE)
@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64, bool])
def test_kinds(reference, rng, kind, normalize):
    y_true, y_pred = rng.integers(0, 2 if kind is bool else 5, size=(2, 2000)).astype(kind)
    assert_agrees(reference, y_true, y_pred, None, normalize)


@pytest.mark.parametrize("normalize", NORMALIZE)
@pytest.mark.parametrize(
    ("y_true", "y_pred", "labels"),
    [
        ([7, 7, 7, -1], [7, -1, 7, -1], None),
        ([7, 7, 7, -1], [7, -1, 7, -1], [7, 3, -1]),
        ([0, 0, 1], [0, 2, 2], None),
        ([1, 1], [1, 1], [5, 0, 1]),
        ([6, 6, 6], [6, 6, 6], None),
        ([1], [0], None),
        ([1_000_000, 3, 3], [3, 3, -70_000], None),
    ],
)
def test_edges(reference, y_true, y_pred, labels, normalize):
    labels = labels if labels is None else np.array(labels)
    assert_agrees(reference, np.array(y_true), np.array(y_pred), labels, normalize)


def test_label_outside(reference):
    """scikit-learn drops the sample in silence, and raises only if no true label is inside."""
    y_true, y_pred, labels = np.array([0, 1, 2]), np.array([0, 1, 1]), np.array([0, 1])
    assert metrics.confusion_matrix(y_true, y_pred, labels=labels).sum() == 2
    for first, second in [(y_true, y_pred), (y_pred, y_true)]:
        with pytest.raises(ValueError, match="label 2"):
            reference.confusion_matrix(first, second, labels)


def test_bad_arguments(reference):
    for module in (reference, metrics):
        with pytest.raises(ValueError):
            module.confusion_matrix(np.array([0, 1, 1]), np.array([0, 1]))
        with pytest.raises(ValueError):
            module.confusion_matrix(np.array([0, 1]), np.array([0, 1]), normalize="rows")


def test_claim_reading(reference, rng):
    """The first follow-up: precision, recall and accuracy from the matrix, and its transpose."""
    y_true, y_pred = rng.integers(0, 4, size=(2, 200))
    matrix = reference.confusion_matrix(y_true, y_pred)
    right = np.diag(matrix)
    for average, of in [(metrics.recall_score, matrix.sum(axis=1)), (metrics.precision_score, matrix.sum(axis=0))]:
        np.testing.assert_allclose(right / of, average(y_true, y_pred, average=None))
    np.testing.assert_allclose(right.sum() / matrix.sum(), metrics.accuracy_score(y_true, y_pred))
    np.testing.assert_array_equal(reference.confusion_matrix(y_pred, y_true), matrix.T)


def test_claim_normalising(reference):
    y_true, y_pred = np.repeat([1, 1, 0, 0], [80, 20, 90, 810]), np.repeat([1, 0, 1, 0], [80, 20, 90, 810])
    for times, precision in [(1, 0.47), (10, 0.08)]:
        each = np.where(y_true == 0, times, 1)
        case = np.repeat(y_true, each), np.repeat(y_pred, each)
        assert reference.confusion_matrix(*case, normalize="pred")[1, 1] == pytest.approx(precision, abs=0.005)
        np.testing.assert_allclose(reference.confusion_matrix(*case, normalize="true")[1], [0.2, 0.8])


def test_claim_many_classes(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y_true = rng.integers(0, 100, size=10_000)
        y_pred = np.where(rng.random(10_000) < 0.1, (y_true + rng.integers(1, 100, size=10_000)) % 100, y_true)
        matrix = reference.confusion_matrix(y_true, y_pred)
        np.fill_diagonal(matrix, 0)
        assert 2 <= matrix.max() <= 5


def test_claim_mcnemar(reference):
    for first_alone, second_alone, statistic in [(10, 30, 9.0), (72, 92, 2.2)]:
        both = 900 - first_alone
        times = [both, first_alone, second_alone, 1000 - both - first_alone - second_alone]
        right_a, right_b = np.repeat([1, 1, 0, 0], times), np.repeat([1, 0, 1, 0], times)
        assert (right_a.mean(), right_b.mean()) == (0.90, 0.92)
        matrix = reference.confusion_matrix(right_a, right_b)
        b, c = int(matrix[1, 0]), int(matrix[0, 1])
        assert (b, c) == (first_alone, second_alone)
        assert (abs(b - c) - 1) ** 2 / (b + c) == pytest.approx(statistic, abs=0.05)


def test_claim_label_shift(reference):
    y_true, y_pred = np.repeat([0, 0, 1, 1], [9, 1, 3, 7]), np.repeat([0, 1, 0, 1], [9, 1, 3, 7])
    rows = reference.confusion_matrix(y_true, y_pred, normalize="true")
    np.testing.assert_allclose(rows, [[0.9, 0.1], [0.3, 0.7]])
    np.testing.assert_allclose(np.linalg.solve(rows.T, [0.6, 0.4]), [0.5, 0.5])


def peers(reference, rng):
    """Yield counts and shares of many samples."""
    y_true, y_pred = rng.integers(0, 20, size=(2, 200_000))
    for normalize in (None, "true"):
        yield Peer(
            f"200,000 samples of 20 classes, normalize={normalize}",
            "confusion_matrix",
            lambda normalize=normalize: reference.confusion_matrix(y_true, y_pred, normalize=normalize),
            lambda normalize=normalize: metrics.confusion_matrix(y_true, y_pred, normalize=normalize),
        )
