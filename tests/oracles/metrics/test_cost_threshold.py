"""`cost_threshold` beside brute force over thresholds, with scikit-learn's confusion matrix."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def total_cost(y_true, y_prob, threshold, cost_fp, cost_fn):
    (_, fp), (fn, _) = confusion_matrix(y_true, y_prob >= threshold, labels=[0, 1])
    return cost_fp * fp + cost_fn * fn


def assert_best(reference, y_true, y_prob, cost_fp, cost_fn):
    thresholds = np.append(np.inf, np.unique(y_prob)[::-1])
    costs = [total_cost(y_true, y_prob, threshold, cost_fp, cost_fn) for threshold in thresholds]
    choice = reference.best_threshold(y_true, y_prob, cost_fp, cost_fn)
    np.testing.assert_allclose(choice.cost, min(costs), **CLOSE)
    assert choice.threshold == thresholds[np.argmin(costs)]


def test_best_threshold(reference, rng):
    for _ in range(40):
        n = int(rng.integers(1, 25))
        y_true, y_prob = (rng.random(n) < rng.random()).astype(int), rng.random(n)
        y_prob[rng.random(n) < 0.1] = rng.integers(0, 2)
        for probabilities in (y_prob, y_prob.round(1)):
            assert_best(reference, y_true, probabilities, *rng.integers(1, 10, size=2).astype(float))
            assert_best(reference, y_true, probabilities, *rng.permutation([0.0, 1.0]))


def test_bayes_threshold(reference, rng):
    for cost_fp, cost_fn in np.exp(rng.normal(scale=4.0, size=(200, 2))):
        p = reference.bayes_threshold(cost_fp, cost_fn)
        # Where p is near 1, rounding it costs 1 - p its digits.
        np.testing.assert_allclose((1 - p) * cost_fp, p * cost_fn, rtol=1e-9, atol=1e-15 * cost_fp)
    assert reference.bayes_threshold(0.0, 3.0) == 0.0
    assert reference.bayes_threshold(3.0, 0.0) == 1.0


def test_bayes_threshold_is_best_where_probabilities_are_calibrated(reference):
    """Labels in the very shares that the probabilities say: the empirical threshold is the next one up from Bayes'."""
    y_prob = np.repeat(np.arange(1, 20) / 20, 20)
    y_true = np.concatenate([np.arange(20) < positives for positives in range(1, 20)]).astype(int)
    for cost_fp, cost_fn in [(1.0, 1.6), (1.0, 5.5), (7.5, 2.0)]:
        bayes = reference.bayes_threshold(cost_fp, cost_fn)
        best = reference.best_threshold(y_true, y_prob, cost_fp, cost_fn)
        assert best.threshold == y_prob[y_prob >= bayes].min()


@pytest.mark.parametrize(("y_true", "y_prob"), [([0, 1, 1], [0.1, 0.2]), ([0, 2], [0.1, 0.2]), ([0, 1], [0.1, np.nan])])
def test_bad_input(reference, y_true, y_prob):
    with pytest.raises(ValueError):
        reference.best_threshold(np.array(y_true), np.array(y_prob), 1.0, 1.0)
