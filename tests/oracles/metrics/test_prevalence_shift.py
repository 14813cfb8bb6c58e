"""`prevalence_shift` beside scikit-learn's precision_score, and exact fractions for the inverse."""

from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest
from sklearn import metrics

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 0}


def population(n_pos, n_neg, tp, fp):
    """Return labels and calls of each member."""
    called = np.concatenate([np.arange(n_pos) < tp, np.arange(n_neg) < fp])
    return np.repeat([1, 0], [n_pos, n_neg]), called.astype(int)


def precision_of(n_pos, n_neg, tp, fp):
    return metrics.precision_score(*population(n_pos, n_neg, tp, fp), zero_division=1)


def needed(tpr, fpr, precision):
    """Solve precision * (tpr p + fpr (1 - p)) = tpr p for p, exactly."""
    t, f, wanted = map(Fraction, (tpr, fpr, precision))
    if f == 0 or wanted == 0:
        return 0.0
    return float(wanted * f / (t - wanted * t + wanted * f))


def test_populations(reference, rng):
    for _ in range(200):
        n_pos, n_neg = rng.integers(1, 40), rng.integers(1, 400)
        tp, fp = rng.integers(0, n_pos + 1, size=5), rng.integers(0, n_neg + 1, size=5)
        ours = reference.precision_at_prevalence(tp / n_pos, fp / n_neg, n_pos / (n_pos + n_neg))
        expected = [precision_of(n_pos, n_neg, *each) for each in zip(tp, fp, strict=True)]
        np.testing.assert_allclose(ours, expected, **CLOSE)


def test_one_class(reference):
    """Without positives, and without negatives."""
    for tp, fp in [(0, 0), (4, 0), (0, 4), (3, 2)]:
        rates = np.array([tp / 5]), np.array([fp / 5])
        for n_pos, n_neg in [(0, 5), (5, 0)]:
            expected = precision_of(n_pos, n_neg, tp, fp)
            np.testing.assert_allclose(reference.precision_at_prevalence(*rates, n_pos / 5), [expected], **CLOSE)


def test_inverse(reference, rng):
    for _ in range(300):
        tpr, fpr = np.exp(-rng.exponential(rng.choice([1.0, 5.0]), size=(2, 4, 3)))
        precision = float(np.exp(-rng.exponential(rng.choice([1.0, 5.0]))))
        ours = reference.prevalence_for_precision(tpr, fpr, precision)
        np.testing.assert_allclose(ours, np.vectorize(needed)(tpr, fpr, precision), **CLOSE)


def test_smallest(reference):
    """On a grid with every edge: the needed prevalence is enough, and a smaller one is not."""
    grid = np.array([0.0, 0.25, 0.5, 1.0])
    tpr, fpr = (each.ravel() for each in np.meshgrid(grid, grid))
    for precision in (0.0, 0.25, 0.9, 1.0):
        for t, f, p in zip(tpr, fpr, reference.prevalence_for_precision(tpr, fpr, precision), strict=True):
            at = [reference.precision_at_prevalence(np.array([t]), np.array([f]), q)[0] for q in (p, 0.999 * p)]
            assert at[0] >= precision - 1e-12
            assert p == 0 or at[1] < precision


@pytest.mark.parametrize("function", ["precision_at_prevalence", "prevalence_for_precision"])
def test_bad_input(reference, function):
    half = np.array([0.5])
    for tpr, fpr, share in [
        (half, np.array([0.5, 0.5]), 0.5),
        (half, half, 1.5),
        (half, half, np.nan),
        (-half, half, 0.5),
        (half, 3 * half, 0.5),
    ]:
        with pytest.raises(ValueError, match=r"from 0 to 1|shape"):
            getattr(reference, function)(tpr, fpr, share)


def test_claims_of_areas(reference):
    """The numbers of the first follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        for share, low, high in [(0.5, 0.845, 0.86), (0.01, 0.10, 0.14)]:
            y_true = (np.arange(100_000) < share * 100_000).astype(int)
            score = 1.5 * y_true + rng.normal(size=100_000)
            assert 0.84 < metrics.roc_auc_score(y_true, score) < 0.87
            assert low < metrics.average_precision_score(y_true, score) < high
    tpr = np.array([0.5, 0.9])
    for prevalence, expected in [(0.5, [0.67, 0.90]), (0.01, [0.63, 0.15])]:
        precision = reference.precision_at_prevalence(tpr, np.array([0.001, 0.1]), prevalence)
        np.testing.assert_allclose(2 * precision * tpr / (precision + tpr), expected, atol=5e-3)


def test_claims_of_rates(reference):
    """The numbers of the second and of the third follow-up."""
    tpr, fpr = np.array([0.8]), np.array([0.8 * 0.05 / 0.95])
    assert fpr[0] == pytest.approx(0.042, abs=5e-4)
    assert reference.precision_at_prevalence(tpr, fpr, 0.01) == pytest.approx(19 / (19 + 99))
    assert round(19 / (19 + 99), 2) == 0.16
    assert 0.8 * 0.01 + (1 - fpr[0]) * 0.99 == pytest.approx(0.956, abs=5e-4)
    assert reference.prevalence_for_precision(tpr, fpr, 0.95) == pytest.approx(0.5)
    fpr = 0.8 * 1e-4 / (1 - 1e-4) * 0.1 / 0.9
    assert fpr == pytest.approx(8.9e-6, abs=5e-8)
    assert reference.prevalence_for_precision(tpr, np.array([fpr]), 0.9) == pytest.approx(1e-4)
    assert all(round((1 - 3 / n) ** n, 2) == 0.05 for n in (100, 1000, 340_000))
    assert 3 / fpr == pytest.approx(340_000, rel=0.01)


def test_claims_of_other_populations(reference):
    """The numbers of the fourth and of the fifth follow-up."""
    threshold, tpr = 2.0, np.array([0.5])
    easy, hard = (1 - NormalDist(mean).cdf(threshold) for mean in (0, 1))
    for fpr, precision in [(easy, 0.18), (0.9 * easy + 0.1 * hard, 0.12)]:
        ours = reference.precision_at_prevalence(tpr, np.array([fpr]), 0.01)
        np.testing.assert_allclose(ours, precision, atol=5e-3)
    # Precision from the odds, and a probability from the formula.
    np.testing.assert_allclose([9 * 0.1 / (1 + 9 * 0.1), 0.9 / (0.9 + 0.1 / 0.1)], 0.47, atol=5e-3)


def peers(reference, rng):
    """Yield the points of a long curve: the formula, as people write it."""
    tpr, fpr = np.sort(rng.random((2, 200_000)))
    yield Peer(
        "precision, 200,000 points",
        "the formula in NumPy",
        lambda: reference.precision_at_prevalence(tpr, fpr, 0.01),
        lambda: tpr * 0.01 / (tpr * 0.01 + fpr * 0.99),
    )
