"""`imbalance` beside scikit-learn: DummyClassifier, balanced_accuracy_score and matthews_corrcoef."""

import warnings

import numpy as np
import pytest
from sklearn import metrics
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def assert_agrees(reference, y_true, y_pred):
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    with warnings.catch_warnings():
        # y_pred has classes that y_true has not, or one label was found.
        warnings.simplefilter("ignore", UserWarning)
        balanced, mcc = metrics.balanced_accuracy_score(y_true, y_pred), metrics.matthews_corrcoef(y_true, y_pred)
    np.testing.assert_allclose(reference.balanced_accuracy(y_true, y_pred), balanced, **CLOSE)
    np.testing.assert_allclose(reference.matthews_corrcoef(y_true, y_pred), mcc, **CLOSE)


def test_baseline(reference, rng):
    for _ in range(200):
        pool = rng.choice(np.arange(-50, 50), size=rng.integers(1, 6), replace=False)
        y_train, y_test = rng.choice(pool, size=rng.integers(1, 12)), rng.choice(pool, size=rng.integers(1, 12))
        dummy = DummyClassifier(strategy="most_frequent").fit(np.zeros((len(y_train), 1)), y_train)
        ours = reference.majority_baseline(y_train, y_test)
        assert ours.label == dummy.predict(np.zeros((1, 1)))[0]
        np.testing.assert_allclose(ours.accuracy, dummy.score(np.zeros((len(y_test), 1)), y_test), **CLOSE)


def test_random(reference, rng):
    for _ in range(100):
        pool = rng.choice(np.arange(-500, 500), size=rng.integers(2, 9), replace=False)
        y_true, other = rng.choice(pool, size=(2, rng.integers(1, 60)))
        assert_agrees(reference, y_true, np.where(rng.random(y_true.size) < rng.random(), y_true, other))
        assert_agrees(reference, *rng.integers(0, 2, size=(2, rng.integers(1, 30))))


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64, bool])
def test_kinds(reference, rng, kind):
    assert_agrees(reference, *rng.integers(0, 2, size=(2, 2000)).astype(kind))


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([0, 0, 0, 0, 1], [0, 0, 0, 2, 0]),
        ([1, 1, 1, 0], [1, 1, 0, 0]),
        ([0, 0, 0, 1], [0, 0, 0, 0]),
        ([1, 1, 1], [1, 0, 1]),
        ([4, 4, 4, 4], [4, 6, 5, 5]),
        ([0, 0, 1, 0], [1, 1, 0, 1]),
        ([1, 1, 2, 2], [3, 3, 4, 3]),
        ([5], [5]),
        ([7, 7], [2, 2]),
    ],
)
def test_edges(reference, y_true, y_pred):
    assert_agrees(reference, y_true, y_pred)


def test_many_samples(reference, rng):
    for share in (1e-5, 0.01, 0.5):
        y_true = (np.arange(1_000_000) < 1_000_000 * share).astype(int)
        assert_agrees(reference, y_true, np.where(rng.random(1_000_000) < 0.01, 1 - y_true, y_true))


def test_bad_arguments(reference):
    for function in (reference.balanced_accuracy, metrics.balanced_accuracy_score, reference.matthews_corrcoef):
        with pytest.raises(ValueError):
            function(np.array([0, 1, 1]), np.array([0, 1]))
        with pytest.raises(ValueError):
            function(np.array([], dtype=int), np.array([], dtype=int))
    for y_train, y_test in [([], [1]), ([1], [])]:
        with pytest.raises(ValueError, match="no sample"):
            reference.majority_baseline(np.array(y_train), np.array(y_test))


def test_claim_accuracy(reference):
    y_true, y_pred = np.repeat([1, 0], [100, 9_900]), np.repeat([1, 0, 1, 0], [80, 20, 230, 9_670])
    assert (y_true == y_pred).mean() == pytest.approx(0.975)
    baseline = reference.majority_baseline(y_true, y_true)
    assert baseline == (0, 0.99)
    for prediction, balanced, mcc in [(y_pred, 0.89, 0.45), (np.full(10_000, baseline.label), 0.5, 0.0)]:
        assert reference.balanced_accuracy(y_true, prediction) == pytest.approx(balanced, abs=0.005)
        assert reference.matthews_corrcoef(y_true, prediction) == pytest.approx(mcc, abs=0.005)


@pytest.mark.parametrize(("positives", "mcc", "f1"), [(5000, 0.80, 0.90), (100, 0.26, 0.15)])
def test_claim_prevalence(reference, positives, mcc, f1):
    found, alarms = positives * 9 // 10, (10_000 - positives) // 10
    y_true = np.repeat([1, 0], [positives, 10_000 - positives])
    y_pred = np.repeat([1, 0, 1, 0], [found, positives - found, alarms, 10_000 - positives - alarms])
    assert reference.balanced_accuracy(y_true, y_pred) == pytest.approx(0.9)
    assert reference.matthews_corrcoef(y_true, y_pred) == pytest.approx(mcc, abs=0.005)
    assert metrics.f1_score(y_true, y_pred) == pytest.approx(f1, abs=0.005)
    assert reference.matthews_corrcoef(1 - y_true, 1 - y_pred) == pytest.approx(mcc, abs=0.005)
    if positives == 100:
        assert found / (found + alarms) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("seed", range(10))
def test_claim_weights(reference, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(50_000, 2))
    y = (rng.random(50_000) < 1 / (1 + np.exp(4.5 - x.sum(axis=1)))).astype(int)
    assert y.mean() == pytest.approx(0.026, abs=0.002)
    train, test = slice(25_000), slice(25_000, None)
    plain, weighted = (
        LogisticRegression(C=1e6, class_weight=weights).fit(x[train], y[train]).predict_proba(x[test])[:, 1]
        for weights in (None, "balanced")
    )
    y_true = y[test]
    assert metrics.roc_auc_score(y_true, plain) == pytest.approx(metrics.roc_auc_score(y_true, weighted), abs=0.01)
    assert reference.balanced_accuracy(y_true, 1 * (plain > 0.5)) == pytest.approx(0.51, abs=0.01)
    for called in (weighted > 0.5, plain > y[train].mean()):
        assert 0.74 < reference.balanced_accuracy(y_true, 1 * called) < 0.775
    assert 12 < weighted.mean() / y_true.mean() < 15


@pytest.mark.parametrize("seed", range(20))
def test_claim_leakage(reference, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(1000, 5)), (np.arange(1000) < 50).astype(int)
    times = np.where(y == 1, 19, 1)

    def score(train, test):
        return reference.balanced_accuracy(y[test], KNeighborsClassifier(1).fit(x[train], y[train]).predict(x[test]))

    rows = rng.permutation(np.repeat(np.arange(1000), times))
    assert 0.94 < score(rows[: rows.size // 2], rows[rows.size // 2 :]) < 0.98
    rows = rng.permutation(1000)
    assert 0.45 < score(np.repeat(rows[:500], times[rows[:500]]), rows[500:]) < 0.55


@pytest.mark.parametrize("seed", range(20))
def test_claim_few_positives(reference, seed):
    rng = np.random.default_rng(seed)
    y_true, y_pred = np.repeat([1, 0], [10, 990]), np.repeat([1, 0, 1, 0], [8, 2, 99, 891])
    assert reference.balanced_accuracy(y_true, y_pred) == pytest.approx(0.85)
    scores = []
    for _ in range(500):
        rows = np.append(rng.integers(0, 10, size=10), rng.integers(10, 1000, size=990))
        scores.append(reference.balanced_accuracy(y_true[rows], y_pred[rows]))
    assert 0.055 < np.std(scores) < 0.075
    assert np.sqrt(0.8 * 0.2 / 10 + 0.9 * 0.1 / 990) / 2 == pytest.approx(0.06, abs=0.005)
    # Wilson's interval of 8 in 10.
    z = 1.959964
    middle, half = (0.8 + z**2 / 20) / (1 + z**2 / 10), z * np.sqrt(0.016 + z**2 / 400) / (1 + z**2 / 10)
    np.testing.assert_allclose([middle - half, middle + half], [0.49, 0.94], atol=0.005)


def peers(reference, rng):
    """Yield both scores of many samples of ten classes."""
    y_true, y_pred = rng.integers(0, 10, size=(2, 200_000))
    for name, theirs in [("balanced_accuracy", "balanced_accuracy_score"), ("matthews_corrcoef", "matthews_corrcoef")]:
        yield Peer(
            f"{name}, 200,000 samples",
            theirs,
            lambda name=name: getattr(reference, name)(y_true, y_pred),
            lambda theirs=theirs: getattr(metrics, theirs)(y_true, y_pred),
        )
