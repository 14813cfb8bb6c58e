"""`calibration` beside scikit-learn; ECE, which it lacks, from its curve and NumPy's histogram."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, roc_auc_score

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-15}


def assert_agrees(reference, y_true, y_prob, n_bins):
    curve = reference.reliability_curve(y_true, y_prob, n_bins)
    prob_true, prob_pred = calibration_curve(y_true, y_prob, n_bins=n_bins)
    np.testing.assert_allclose(curve.prob_true, prob_true, **CLOSE)
    np.testing.assert_allclose(curve.prob_pred, prob_pred, **CLOSE)
    # Turned over, since a histogram's bins are closed below.
    count = np.histogram(1 - y_prob, bins=n_bins, range=(0, 1))[0][::-1]
    np.testing.assert_array_equal(curve.count, count[count > 0])
    error = np.average(np.abs(prob_true - prob_pred), weights=count[count > 0])
    np.testing.assert_allclose(reference.expected_calibration_error(y_true, y_prob, n_bins), error, **CLOSE)
    np.testing.assert_allclose(reference.brier_score(y_true, y_prob), brier_score_loss(y_true, y_prob), **CLOSE)


def draw_labels(rng, n):
    return rng.permutation(np.append([0, 1], rng.random(n - 2) < rng.choice([0.05, 0.5, 0.95]))).astype(int)


def test_random_probabilities(reference, rng):
    for _ in range(200):
        n = int(rng.integers(2, 80))
        y_prob = rng.beta(*rng.uniform(0.2, 2.0, size=2), size=n)
        assert_agrees(reference, draw_labels(rng, n), y_prob, int(rng.integers(1, 30)))


@pytest.mark.parametrize("n_bins", [1, 2, 4, 8, 16])
def test_edges_with_exact_floats(reference, rng, n_bins):
    for _ in range(20):
        n = int(rng.integers(2, 80))
        assert_agrees(reference, draw_labels(rng, n), rng.integers(0, 17, size=n) / 16, n_bins)


@pytest.mark.parametrize("label_kind", [bool, np.uint8, np.int64, np.float64])
def test_kinds(reference, rng, label_kind):
    y_true, y_prob = draw_labels(rng, 50), rng.random(50)
    assert_agrees(reference, y_true.astype(label_kind), y_prob, 7)
    whole = rng.permutation(np.append([0, 1], rng.integers(0, 2, size=48)))
    assert_agrees(reference, y_true.astype(label_kind), whole, 3)


@pytest.mark.parametrize(
    ("y_true", "y_prob"),
    [
        ([0, 1, 1], [0.1, 0.2]),
        ([0, 1], [0.1, 1.01]),
        ([0, 1], [-0.01, 0.1]),
        ([0, 1], [0.1, np.nan]),
        ([0, 1, 2], [0.1, 0.2, 0.3]),
        ([], []),
    ],
)
def test_bad_input(reference, y_true, y_prob):
    y_true, y_prob = np.array(y_true), np.array(y_prob)
    for score in (brier_score_loss, reference.brier_score):
        with pytest.raises(ValueError):
            score(y_true, y_prob)
    for function in (reference.reliability_curve, reference.expected_calibration_error):
        with pytest.raises(ValueError):
            function(y_true, y_prob, 3)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_claim_overconfident_at_the_same_accuracy(reference):
    """Over 20 seeds: accuracy 0.77 to 0.78, log-loss 0.46 -> about 1.95, ECE about 0.01 -> about 0.19."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        z = rng.normal(scale=2, size=20_000)
        y_true = (rng.random(20_000) < sigmoid(z)).astype(int)
        assert abs(((z > 0) == y_true).mean() - 0.775) < 0.01
        for scale, loss, error in [(1, 0.46, 0.01), (10, 1.95, 0.19)]:
            log_loss = np.mean(np.logaddexp(0, scale * z) - y_true * scale * z)
            assert abs(log_loss - loss) < 0.05 * loss
            assert abs(reference.expected_calibration_error(y_true, sigmoid(scale * z), 10) - error) < 0.015


def test_claim_constant_prediction(reference, rng):
    y_true = draw_labels(rng, 50)
    share = y_true.mean()
    np.testing.assert_allclose(reference.expected_calibration_error(y_true, np.full(50, share), 10), 0, atol=1e-12)
    np.testing.assert_allclose(reference.brier_score(y_true, np.full(50, share)), share * (1 - share))


def test_claim_murphy(reference, rng):
    """Brier = reliability - resolution + uncertainty over groups of equal predictions."""
    y_prob, y_true = rng.integers(0, 5, size=60) / 4, draw_labels(rng, 60)
    groups = [(np.mean(y_prob == p), p, y_true[y_prob == p].mean()) for p in np.unique(y_prob)]
    overall = y_true.mean()
    reliability = sum(weight * (p - share) ** 2 for weight, p, share in groups)
    resolution = sum(weight * (share - overall) ** 2 for weight, _, share in groups)
    np.testing.assert_allclose(
        reference.brier_score(y_true, y_prob), reliability - resolution + overall * (1 - overall)
    )


@pytest.mark.parametrize(("n_bins", "error"), [(5, 0.05), (15, 0.09), (200, 0.25)])
def test_claim_calibrated_models_have_an_error(reference, rng, n_bins, error):
    errors = []
    for _ in range(200):
        y_prob = rng.random(200)
        errors.append(reference.expected_calibration_error((rng.random(200) < y_prob).astype(int), y_prob, n_bins))
    assert abs(np.mean(errors) - error) < 0.01


def test_claim_temperature():
    """Two classes: the AUC stays. Three: it may move, and the predicted class stays."""
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 3, size=2000)
    logits = rng.normal(size=(2000, 3)) * 2
    logits[np.arange(2000), y_true] += 3
    soft = [np.exp(logits / t) / np.exp(logits / t).sum(axis=1, keepdims=True) for t in (1, 4)]
    np.testing.assert_array_equal(soft[0].argmax(axis=1), soft[1].argmax(axis=1))
    three = [roc_auc_score(y_true, p, multi_class="ovr") for p in soft]
    assert 1e-4 < abs(three[0] - three[1]) < 0.02
    margin, first = logits[:, 0] - logits[:, 1], y_true == 0
    np.testing.assert_allclose(roc_auc_score(first, sigmoid(margin)), roc_auc_score(first, sigmoid(margin / 4)))


def peers(reference, rng):
    """Yield the curve and the Brier score of many probabilities."""
    y_true, y_prob = draw_labels(rng, 200_000), rng.random(200_000)
    yield Peer(
        "curve, 200,000 probabilities",
        "calibration_curve",
        lambda: reference.reliability_curve(y_true, y_prob, 15),
        lambda: calibration_curve(y_true, y_prob, n_bins=15),
    )
    yield Peer(
        "Brier score, 200,000 probabilities",
        "brier_score_loss",
        lambda: reference.brier_score(y_true, y_prob),
        lambda: brier_score_loss(y_true, y_prob),
    )
