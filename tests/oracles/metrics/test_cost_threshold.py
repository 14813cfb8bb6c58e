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


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def mean_cost(y_true, y_prob, threshold, cost_fn):
    called = y_prob >= threshold
    return ((called & (y_true == 0)) + cost_fn * (~called & (y_true == 1))).mean()


def draw(rng, n):
    z = rng.normal(scale=2, size=n)
    return (rng.random(n) < sigmoid(z)).astype(int), z


def test_claim_half_and_overconfidence(reference):
    """Over 20 seeds 0.5 costs 2.4 to 2.7 times as much as 0.1; at sigmoid(3 z), 0.1 costs 1.5 to 1.6 times the best."""
    for seed in range(20):
        y_true, z = draw(np.random.default_rng(seed), 20_000)
        ratio = mean_cost(y_true, sigmoid(z), 0.5, 9) / mean_cost(y_true, sigmoid(z), 0.1, 9)
        assert 2.4 < ratio < 2.7
        best = reference.best_threshold(y_true, sigmoid(3 * z), 1, 9).cost / 20_000
        assert 1.45 < mean_cost(y_true, sigmoid(3 * z), 0.1, 9) / best < 1.65


def test_claim_few_samples(reference, rng):
    """The mean over 200 draws of 50 samples: 0.31 on those, 0.52 on new data, 0.44 for the Bayes threshold."""
    new_y, new_z = draw(rng, 20_000)
    on_those, on_new = [], []
    for _ in range(200):
        y_true, z = draw(rng, 50)
        choice = reference.best_threshold(y_true, sigmoid(z), 1, 9)
        on_those.append(choice.cost / 50)
        on_new.append(mean_cost(new_y, sigmoid(new_z), choice.threshold, 9))
    bayes = mean_cost(new_y, sigmoid(new_z), reference.bayes_threshold(1, 9), 9)
    np.testing.assert_allclose([np.mean(on_those), np.mean(on_new), bayes], [0.31, 0.52, 0.44], atol=0.04)


def test_claim_odds_after_undersampling():
    assert round(10 * (0.1 / 0.9) / (1 + 10 * 0.1 / 0.9), 2) == 0.53


def test_claim_accuracy_on_one_percent(reference):
    """Over 20 seeds: at 0.5 accuracy 0.99, recall 0.02 to 0.16; at the best 0.86 to 0.93 and 0.68 to 0.87."""
    y_true, ratios = np.repeat([1, 0], [100, 9_900]), []
    for seed in range(20):
        z = np.random.default_rng(seed).normal(size=10_000) + 2 * y_true
        y_prob = 1 / (1 + 99 * np.exp(2 - 2 * z))
        choice = reference.best_threshold(y_true, y_prob, 1, 50)
        half, best = y_prob >= 0.5, y_prob >= choice.threshold
        assert abs((half == y_true).mean() - 0.99) < 5e-3
        assert 0.01 < half[:100].mean() < 0.17
        assert 0.85 < (best == y_true).mean() < 0.94
        assert 0.67 < best[:100].mean() < 0.88
        ratios.append(choice.cost / 10_000 / mean_cost(y_true, y_prob, 0.5, 50))
    assert 0.4 < np.mean(ratios) < 0.55
