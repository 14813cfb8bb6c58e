"""`log_loss` beside scikit-learn, and `normalized_entropy` beside scikit-learn and SciPy."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-15}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def assert_agrees(reference, y_true, prob):
    y_true, prob = np.asarray(y_true), np.asarray(prob)
    theirs = metrics.log_loss(y_true, prob.astype(float), labels=[0, 1])
    np.testing.assert_allclose(reference.log_loss(y_true, prob), theirs, **CLOSE)
    if 0 < y_true.mean() < 1:
        entropy = stats.bernoulli(y_true.mean()).entropy()
        np.testing.assert_allclose(reference.normalized_entropy(y_true, prob), theirs / entropy, **CLOSE)


@pytest.mark.parametrize("concentration", [0.01, 1.0, 20.0])
def test_random(reference, rng, concentration):
    for _ in range(100):
        n = int(rng.integers(1, 80))
        y_true = (rng.random(n) < rng.choice([0.05, 0.5, 0.95])).astype(int)
        prob = rng.beta(concentration, 3 * concentration, size=n)
        assert_agrees(reference, y_true, prob)
        assert_agrees(reference, y_true, np.where(rng.random(n) < 0.3, prob.round(), prob))


@pytest.mark.parametrize(
    ("y_true", "prob"),
    [
        ([1, 0, 1], [0.5, 0.0, 0.25]),
        ([0, 1], [1.0, 0.0]),
        ([1, 0], [1.0, 0.0]),
        ([1, 1], [0.2, 0.0]),
        ([0, 0], [0.2, 1.0]),
        ([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]),
        ([1, 0, 1, 0], [1e-300, 1e-300, 1e-17, 1 - 1e-16]),
        ([1], [1e-15]),
    ],
)
def test_edges(reference, y_true, prob):
    assert_agrees(reference, y_true, prob)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64, bool])
def test_kinds(reference, rng, kind):
    y_true, whole = rng.integers(0, 2, size=(2, 1000)).astype(kind)
    assert_agrees(reference, y_true, rng.random(1000))
    if kind is not bool:
        assert_agrees(reference, y_true, whole)


def test_one_class(reference):
    """The log loss of a constant at 0 or 1 is 0, so the ratio has no meaning: refused here."""
    for label in (0, 1):
        with pytest.raises(ValueError, match="one negative"):
            reference.normalized_entropy(np.full(3, label), np.array([0.1, 0.5, 0.2]))


@pytest.mark.parametrize(
    ("y_true", "prob"),
    [([0, 1, 1], [0.1, 0.2]), ([0, 1], [0.1, 1.5]), ([0, 1], [-0.1, 0.5]), ([0, 1], [0.1, np.nan]), ([], [])],
)
def test_bad_input_that_both_refuse(reference, y_true, prob):
    with pytest.raises(ValueError):
        metrics.log_loss(np.array(y_true), np.array(prob), labels=[0, 1])
    for function in (reference.log_loss, reference.normalized_entropy):
        with pytest.raises(ValueError):
            function(np.array(y_true), np.array(prob))


def test_bad_labels(reference):
    """scikit-learn reads any two labels as classes, in their order."""
    for y_true in ([-1, 1, 1], [0, 1, 2], [0.0, 0.5, 1.0]):
        for function in (reference.log_loss, reference.normalized_entropy):
            with pytest.raises(ValueError, match="label"):
                function(np.array(y_true), np.array([0.1, 0.2, 0.3]))


def draw(seed, n, slope, shift):
    rng = np.random.default_rng(seed)
    z = slope * rng.normal(size=n) + shift
    return (rng.random(n) < sigmoid(z)).astype(int), z


def test_claim_brier(reference):
    y_true = np.append(np.repeat([1, 0], [900, 100]), 1)
    for last, loss, brier in [(0.9, 0.325, 0.090), (0.01, 0.329, 0.091), (0.0, 0.361, 0.091)]:
        prob = np.append(np.full(1000, 0.9), last)
        assert reference.log_loss(y_true, prob) == pytest.approx(loss, abs=5e-4)
        assert metrics.brier_score_loss(y_true, prob) == pytest.approx(brier, abs=5e-4)


@pytest.mark.parametrize("seed", range(20))
def test_claim_base_rate(reference, seed):
    for shift, loss, ratio in [(0, 0.53, 0.76), (-5, 0.074, 0.81)]:
        y_true, z = draw(seed, 100_000, 1.5, shift)
        assert reference.log_loss(y_true, sigmoid(z)) == pytest.approx(loss, rel=0.04)
        assert reference.normalized_entropy(y_true, sigmoid(z)) == pytest.approx(ratio, abs=0.015)


@pytest.mark.parametrize("seed", range(20))
def test_claim_easy_negatives(reference, seed):
    y_true, z = draw(seed, 20_000, 1.5, 0)
    assert reference.normalized_entropy(y_true, sigmoid(z)) == pytest.approx(0.76, abs=0.015)
    y_true, prob = np.append(y_true, np.zeros(180_000, dtype=int)), np.append(sigmoid(z), np.full(180_000, 1e-4))
    assert reference.normalized_entropy(y_true, prob) == pytest.approx(0.265, abs=0.01)


def test_claim_eps(reference):
    """The costs are made by the labels and probabilities: B costs 0.32 on all, A 0.30 and once what eps says."""
    y_true = np.ones(1000, dtype=int)
    prob = np.append(np.full(999, np.exp(-0.30)), 0.0)
    assert reference.log_loss(y_true, prob) == pytest.approx(0.336, abs=5e-4)
    assert reference.log_loss(y_true, np.maximum(prob, 1e-6)) == pytest.approx(0.3135, abs=5e-5)
    assert reference.log_loss(y_true, np.full(1000, np.exp(-0.32))) == pytest.approx(0.32)
    assert np.float32(1) - np.float32(1e-15) == 1
    in_float32 = metrics.log_loss([0, 1], np.array([1, 1], dtype=np.float32)) * 2
    assert in_float32 == pytest.approx(-np.log(np.finfo(np.float32).eps), rel=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_claim_order_unchanged(reference, seed):
    y_true, z = draw(seed, 20_000, 1.5, 0)
    assert metrics.roc_auc_score(y_true, z) == pytest.approx(metrics.roc_auc_score(y_true, sigmoid(3 * z)))
    np.testing.assert_array_equal(sigmoid(z) > 0.5, sigmoid(3 * z) > 0.5)
    assert reference.normalized_entropy(y_true, sigmoid(z)) == pytest.approx(0.76, abs=0.015)
    assert 1.04 < reference.normalized_entropy(y_true, sigmoid(3 * z)) < 1.10


@pytest.mark.parametrize("seed", range(20))
def test_claim_downsampled(reference, seed):
    y_true, z = draw(seed, 200_000, 1.0, -4)
    raw = sigmoid(z) / (sigmoid(z) + 0.1 * (1 - sigmoid(z)))
    mended = raw / (raw + (1 - raw) / 0.1)
    np.testing.assert_allclose(mended, sigmoid(z))
    assert reference.normalized_entropy(y_true, raw) == pytest.approx(2.0, abs=0.05)
    assert reference.normalized_entropy(y_true, mended) == pytest.approx(0.90, abs=0.01)
    assert raw.mean() / y_true.mean() == pytest.approx(7, abs=0.5)


def peers(reference, rng):
    """Yield both scores of many clicks."""
    y_true, prob = (rng.random(1_000_000) < 0.05).astype(int), rng.beta(1, 19, size=1_000_000)
    yield Peer(
        "log_loss, 1,000,000 samples",
        "log_loss",
        lambda: reference.log_loss(y_true, prob),
        lambda: metrics.log_loss(y_true, prob),
    )
