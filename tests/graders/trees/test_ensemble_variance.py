import math

import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel
from katagrad.testing import assert_close, strict


def from_pairs(variance, correlation, n):
    """Add up the covariances of all pairs of models, each with itself included."""
    return sum(variance * (1 if i == j else correlation) for i in range(n) for j in range(n)) / n**2


def covariance(a, b):
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    return sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True)) / len(a)


def ratio(predictions):
    """Return the mean covariance of two models over the mean variance of one, pair by pair."""
    columns = predictions.T.tolist()
    n = len(columns)
    variance = sum(covariance(column, column) for column in columns) / n
    return (
        sum(covariance(columns[i], columns[j]) for i in range(n) for j in range(n) if i != j) / n / (n - 1) / variance
    )


def drawn(rng, n_training_sets, n_models, shared=1.0):
    """Return predictions of models that differ in mean and in variance, and that have a part in common."""
    own = rng.normal(size=(n_training_sets, n_models)) + shared * rng.normal(size=(n_training_sets, 1))
    return rng.normal(scale=20.0, size=n_models) + rng.uniform(0.2, 3.0, size=n_models) * own


def test_variance_of_the_mean(kata, rng):
    """The mean of n models has the variance rho * v + (1 - rho) / n * v."""
    assert_close(kata.ensemble_variance(8.0, 0.25, 4), 3.5)
    assert_close(kata.ensemble_variance(12.0, 0.5, 3), 8.0)
    assert_close(kata.ensemble_variance(2e-6, 0.75, 2), 1.75e-6, atol=0.0)
    assert_close(kata.ensemble_variance(0.0, 0.3, 5), 0.0)
    for n in (2, 3, 7, 40):
        variance, correlation = rng.uniform(0.1, 9.0), rng.uniform(0.05, 0.95)
        assert_close(kata.ensemble_variance(variance, correlation, n), from_pairs(variance, correlation, n))


def test_ends(kata):
    """Uncorrelated models divide the variance by n. One model alone, and models that all agree, keep it."""
    assert_close(kata.ensemble_variance(6.0, 0.0, 3), 2.0)
    for n in (1, 2, 5, 1000, math.inf):
        assert_close(kata.ensemble_variance(7.0, 0.0, n), 7.0 / n)
        assert_close(kata.ensemble_variance(7.0, 1.0, n), 7.0)
    for correlation in (-1.0, -0.7, 0.0, 0.4, 1.0):
        assert_close(kata.ensemble_variance(0.3, correlation, 1), 0.3)


def test_limit(kata):
    """For n to infinity, rho * v is left, and nothing if rho is 0."""
    assert_close(kata.ensemble_variance(8.0, 0.25, math.inf), 2.0)
    for correlation in (0.0, 1e-5, 0.6, 1.0):
        assert_close(kata.ensemble_variance(5.0, correlation, math.inf), 5 * correlation)
    assert_close(kata.ensemble_variance(5.0, 0.1, 10**9), 0.5 + 4.5e-9, rtol=1e-12)
    assert_close(kata.ensemble_variance(5e5, 0.0, 10**9), 5e-4, rtol=1e-12)
    assert_close(kata.ensemble_variance(5.0, 1e-5, 10**6), 5e-5 + 5e-6 * (1 - 1e-5), rtol=1e-12)


def test_negative_correlation(kata, rng):
    """A negative correlation brings the variance below v / n, and to 0 at -1 / (n - 1)."""
    assert_close(kata.ensemble_variance(6.0, -0.25, 3), 1.0)
    for n in (2, 5, 9, 17):
        assert_close(kata.ensemble_variance(4.0, -1 / (n - 1), n), 0.0)
    for n in (2, 4, 7, 12):
        correlation = -rng.uniform(0.1, 0.9) / (n - 1)
        assert_close(kata.ensemble_variance(3.0, correlation, n), from_pairs(3.0, correlation, n))
    assert_close(kata.ensemble_variance(3.0, -0.00099, 1001), 3 * (1 - 0.99) / 1001)


def test_impossible_correlation(kata):
    """ValueError if the correlation is above 1, below -1, or below -1 / (n - 1)."""
    for correlation, n in [
        *((-0.6, 3), (-0.26, 5), (-0.34, 4), (-0.5001, 3), (-0.001001, 1001), (-1.0, 3), (-0.9, 10)),
        *((-1e-5, math.inf), (-0.5, math.inf), (-1.0, math.inf)),
        *((1.001, 2), (1.5, 1), (2.0, 4), (1.1, math.inf)),
        *((-1.001, 2), (-1.5, 1), (-2.0, 3)),
    ]:
        with pytest.raises(ValueError):
            kata.ensemble_variance(2.0, correlation, n)


def test_mean_covariance_over_mean_variance(kata, rng):
    """The estimate is the mean covariance of a pair over the mean variance of a model, not the mean correlation."""
    assert_close(kata.estimate_correlation(np.array([[1.0, 0.0], [3.0, 4.0]])), 0.8)
    # Variances 1, 1 and 4, and covariances 1, -2 and -2.
    assert_close(kata.estimate_correlation(np.array([[0.0, 5.0, 4.0], [2.0, 7.0, 0.0]])), -0.5)
    for shape in [(2, 3), (3, 2), (8, 2), (5, 9), (40, 4), (4, 30)]:
        for shared in (0.0, 0.4, 2.0):
            predictions = drawn(rng, *shape, shared)
            assert_close(kata.estimate_correlation(predictions), ratio(predictions), atol=1e-10)


def test_a_model_that_does_not_vary(kata):
    """A model that does not vary has the covariance 0 with each other one, and counts like any model."""
    predictions = np.array([[1.0, 1.0, 3.0], [3.0, 3.0, 3.0]])
    assert_close(kata.estimate_correlation(predictions), 1 / 2)
    assert_close(kata.estimate_correlation(predictions[:, [0, 2]]), 0.0)
    assert_close(kata.estimate_correlation(predictions[:, [2, 2, 0, 2, 1]]), 1 / 4)


def test_estimate_fits_the_formula(kata, rng):
    """With the mean variance and the estimate, the formula gives the variance of the row means."""
    for predictions in (
        np.array([[0.0, 0.0, 4.0], [2.0, 4.0, 0.0], [4.0, 5.0, 1.0]]),
        np.array([[1.0, -1.0, 0.0], [-1.0, 0.0, 1.0], [3.0, -5.0, 2.0]]),  # the means are all 0
        np.array([[1.0, -3.0], [2.0, -6.0], [4.0, -12.0]]),
        drawn(rng, 6, 4),
        drawn(rng, 3, 12, shared=0.0),
        1e-5 * drawn(rng, 5, 3),
        1e4 * drawn(rng, 5, 3),
    ):
        columns, means = predictions.T.tolist(), predictions.mean(axis=1).tolist()
        variance = sum(covariance(column, column) for column in columns) / len(columns)
        n = len(columns)
        expected = (n * covariance(means, means) / variance - 1) / (n - 1)
        assert_close(kata.estimate_correlation(predictions), expected, atol=1e-10)
    same = np.tile(drawn(rng, 7, 1), (1, 5))
    assert_close(kata.estimate_correlation(same), 1.0)
    assert_close(kata.estimate_correlation(same * [1.0, -1.0, 1.0, 1.0, -1.0]), -1 / 5)


def test_nothing_to_estimate(kata):
    """ValueError if there is only one model, or no model varies."""
    for predictions in ([[1.0], [2.0], [4.0]], [[3.0, 0.5], [3.0, 0.5]], [[0.0, 0.0, 0.0]] * 4):
        with pytest.raises(ValueError):
            kata.estimate_correlation(np.array(predictions))


@strict
def test_impossible_variance_and_size(kata):
    """ValueError if variance < 0 or n < 1."""
    for variance, n in [(-1.0, 2), (-1e-9, 1), (1.0, 0), (1.0, -3), (1.0, -math.inf), (1.0, 0.5)]:
        with pytest.raises(ValueError):
            kata.ensemble_variance(variance, 0.5, n)


@strict
def test_large_mean(kata, rng):
    """Predictions with a large mean keep their digits."""
    predictions = rng.integers(-8, 9, size=(9, 4)) + 10.0 * np.arange(4) + np.arange(9)[:, np.newaxis]
    assert_close(kata.estimate_correlation(predictions + 1e12), ratio(predictions))


@strict
def test_equal_values(kata):
    """A column of equal values has a variance of exactly 0, as with one training set, or of three times 0.1."""
    for predictions in (np.full((3, 4), 0.1), np.array([[2.0, 5.0]])):
        with pytest.raises(ValueError):
            kata.estimate_correlation(predictions)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_kinds(kata, kind):
    """Predictions may be integers of any type: nothing wraps around."""
    assert_close(kata.estimate_correlation(np.array([[100, 0], [120, 40]]).astype(kind)), 0.8)
    assert_close(kata.estimate_correlation(np.array([[100, 127], [60, 7]]).astype(kind)), 0.6)


def workload(kata, rng, n):
    """Estimate the correlation of some models on n training sets; predict what more models would give."""
    predictions = drawn(rng, n, 6)
    predictions[:, 2] = predictions[:, 3].round()
    correlation = float(rng.uniform(-0.05, 1.0))
    return (
        kata.estimate_correlation(predictions),
        [kata.ensemble_variance(2.5, correlation, models) for models in (1, 2, 20)],
        kata.ensemble_variance(2.5, abs(correlation), math.inf),
    )


def picture(kata, rng):  # noqa: ARG001 - nothing in it is random
    """Draw what more models give at four correlations, and what a correlation may be."""
    sizes = np.arange(1, 41)
    shown = [1.0, 0.5, 0.1, 0.0]
    curves = [[kata.ensemble_variance(1.0, rho, int(n)) for n in sizes] for rho in shown]
    negative = np.linspace(-0.25, 1.0, 101)
    five = [kata.ensemble_variance(1.0, float(rho), 5) for rho in negative]
    return [
        Panel(
            "Variance of the mean",
            "models",
            "share of one model's",
            [Line(sizes, curve, f"correlation {rho}") for rho, curve in zip(shown, curves, strict=True)],
            note="Each curve falls to its correlation, and no further.",
        ),
        Panel(
            "Five models",
            "correlation",
            "share of one model's",
            [Line(negative, five, "variance of the mean"), Mark(-0.25)],
            note="At -1/4 the mean does not vary at all. No five models are correlated at less.",
        ),
    ]


FORMULA = "return correlation * variance + (1 - correlation) / n * variance"
LOWEST = "lowest = -1 / max(n - 1, 1)"
RATIO = "return float(pairs / (n_models - 1) / own)"
OWN = "own = (centred**2).sum()"
CHECK = "if n_models == 1 or own == 0:"
MISTAKES = {
    "as if the models were independent": (FORMULA, "return variance / n"),
    "the two terms mixed up": (FORMULA, "return (1 - correlation) * variance + correlation / n * variance"),
    "the first term is divided, too": (FORMULA, "return (correlation + (1 - correlation)) / n * variance"),
    "the correlation squared": (FORMULA, "return correlation**2 * variance + (1 - correlation**2) / n * variance"),
    "own part weighted by sqrt(n)": (FORMULA, "return correlation * variance + (1 - correlation) / n**0.5 * variance"),
    "pairs counted once": (FORMULA, "return (variance + (n - 1) / 2 * correlation * variance) / n"),
    "n pairs a model, not n - 1": (FORMULA, "return variance / n + correlation * variance"),
    "the variance is a standard deviation": (FORMULA, FORMULA.replace("variance", "variance**2")),
    "the standard deviation of the mean": (FORMULA, FORMULA.replace("return ", "return (") + ") ** 0.5"),
    "infinity times zero": (FORMULA, "return (variance + (n - 1) * correlation * variance) / n"),
    "the limit is that of a large n": (FORMULA, "n = min(n, 10**6)\n    " + FORMULA),
    "no bound by n": (LOWEST, "lowest = -1.0"),
    "the bound is -1 / n": (LOWEST, "lowest = -1 / n"),
    "no negative correlation at all": (LOWEST, "lowest = 0.0"),
    "a negative correlation counts as 0": (FORMULA, "correlation = max(correlation, 0)\n    " + FORMULA),
    "the bound does not belong to it": ("if not lowest <= correlation <= 1:", "if not lowest < correlation <= 1:"),
    "a variance below 0 is cut off": [
        ("if not lowest <= correlation <= 1:", "if not -1 <= correlation <= 1:"),
        (FORMULA, FORMULA.replace("return ", "return max(0.0, ") + ")"),
    ],
    "a correlation above 1 passes": ("if not lowest <= correlation <= 1:", "if not lowest <= correlation:"),
    "the bound has a tolerance": (LOWEST, LOWEST + " - 1e-4"),
    "the mean of the correlations": (
        RATIO,
        "return float((np.corrcoef(predictions.T).sum() - n_models) / n_models / (n_models - 1))",
    ),
    "correlations of those models alone that vary": (
        RATIO,
        (
            "varying = predictions[:, own_each > 0]\n"
            "    k = varying.shape[1]\n"
            "    return float((np.corrcoef(varying.T).sum() - k) / k / max(k - 1, 1))"
        ).replace("own_each", "(centred**2).sum(axis=0)"),
    ),
    "models and training sets swapped": (
        "n_models = predictions.shape[1]",
        "predictions = predictions.T\n    n_models = predictions.shape[1]",
    ),
    "variance by n, covariance by n - 1": (
        RATIO,
        "return float(pairs / (n_models - 1) / own * len(predictions) / max(len(predictions) - 1, 1))",
    ),
    "a model is paired with itself": (
        "pairs = (centred.sum(axis=1) ** 2).sum() - own",
        "pairs = (centred.sum(axis=1) ** 2).sum() * (n_models - 1) / n_models",
    ),
    "the first pair alone": (
        RATIO,
        "return float(n_models * (centred[:, 0] * centred[:, 1]).sum() / own)",
    ),
    "neighbours alone": (
        RATIO,
        "return float((centred[:, 1:] * centred[:, :-1]).sum() / (n_models - 1) / own * n_models)",
    ),
    "not centred": ("centred = moved - moved.mean(axis=0)", "centred = predictions"),
    "centred as a whole": ("centred = moved - moved.mean(axis=0)", "centred = predictions - predictions.mean()"),
    "centred by row": (
        "centred = moved - moved.mean(axis=0)",
        "centred = predictions - predictions.mean(axis=1, keepdims=True)",
    ),
    "the sum for the mean covariance": (RATIO, "return float(pairs / own)"),
    "divided by the number of models": (RATIO, "return float(pairs / n_models / own)"),
    "a negative estimate is cut off": (RATIO, RATIO.replace("float(", "max(0.0, ").replace("own)", "own)")),
    "the estimate is taken for positive": (RATIO, RATIO.replace("float(", "abs(")),
    "a floor under the variance": (RATIO, RATIO.replace("/ own)", "/ max(own, 1e-6))")),
    "a small variance counts as none": (CHECK, "if n_models == 1 or own < 1e-7:"),
    "eps under the fraction": (RATIO, RATIO.replace("/ own)", "/ (own + 1e-8))")),
    "one model is correlated with itself": (
        CHECK,
        "if n_models == 1:\n        return 1.0\n    if own == 0:",
    ),
    "no variation is a correlation of 0": (
        CHECK,
        "if own == 0 and n_models > 1:\n        return 0.0\n    if n_models == 1:",
    ),
    "a model that does not vary is refused": (CHECK, "if n_models == 1 or (centred**2).sum(axis=0).min() == 0:"),
    "a model that does not vary is left out": (
        "n_models = predictions.shape[1]",
        "predictions = predictions[:, np.ptp(predictions, axis=0) > 0]\n    n_models = predictions.shape[1]",
    ),
}
STRICT_MISTAKES = {
    "bytes wrap around": ("predictions[0].astype(float)", "predictions[0]"),
    "any n": ("if variance < 0 or n < 1:", "if variance < 0:"),
    "any variance": ("if variance < 0 or n < 1:", "if n < 1:"),
    "the mean of equal values rounds": (
        "moved = predictions - predictions[0].astype(float)",
        "moved = predictions.astype(float)",
    ),
    "squares less the squared mean": (
        "centred = moved - moved.mean(axis=0)\n    own = (centred**2).sum()",
        (
            "centred = moved - moved.mean(axis=0)\n"
            "    own = ((predictions**2).mean(axis=0) - predictions.mean(axis=0) ** 2).sum() * len(predictions)\n"
            "    own = own * bool(moved.any())"
        ),
    ),
}
