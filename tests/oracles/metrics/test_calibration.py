"""`calibration` beside scikit-learn; ECE, which it lacks, from its curve and NumPy's histogram."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

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
