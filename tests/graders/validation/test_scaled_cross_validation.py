import statistics

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Trained on 10 and 14, the test rows are -5.5 and -4.5. Trained on 1 and 3, they are 8 and 12.
SMALL, HALVES = np.array([[1.0], [3.0], [10.0], [14.0]]), np.array([0, 0, 1, 1])


def fit_sum(X, y):  # noqa: ARG001 - it learns nothing
    """Predict the sum of the features, each times its place."""
    return lambda X: X @ np.arange(1.0, X.shape[1] + 1)


def fit_products(X, y):
    """Predict by weights that are the products of features and targets."""
    weights = X.T @ y
    return lambda X: X @ weights + X[:, 0] ** 2


def fit_spread(X, y):  # noqa: ARG001 - it does not look at the targets
    """Predict the sum of squares of all training rows, as they are given to it."""
    total = float(np.sum(X**2))
    return lambda X: np.full(len(X), total)


def fit_mean(X, y):  # noqa: ARG001 - it looks at no feature
    level = float(np.mean(y))
    return lambda X: np.full(len(X), level)


def total(y_true, y_pred):  # noqa: ARG001 - it does not look at the targets
    return float(np.sum(y_pred))


def gain(y_true, y_pred):
    """Return a number that changes if the two are swapped."""
    return float(np.mean(2 * y_true * y_pred - y_pred**2))


def fitted(X):
    """Return a function that standardises rows with the numbers of X."""
    columns = list(zip(*X.tolist(), strict=True))
    mean = [statistics.fmean(column) for column in columns]
    scale = [statistics.pstdev(column) if len(set(column)) > 1 else 1.0 for column in columns]
    return lambda rows: np.array(
        [[(x - m) / s for x, m, s in zip(row, mean, scale, strict=True)] for row in rows.tolist()]
    )


def scores(fit, score, X, y, folds, transform=None):
    """Return the scores by the definition, or those of a given transform."""
    found = []
    for number in sorted(set(folds.tolist())):
        train, test = (np.flatnonzero(keep).tolist() for keep in (folds != number, folds == number))
        scaled = transform or fitted(X[train])
        found.append(score(y[test], fit(scaled(X[train]), y[train])(scaled(X[test]))))
    return found


def leak(fit, score, X, y, folds):
    leaky, honest = scores(fit, score, X, y, folds, fitted(X)), scores(fit, score, X, y, folds)
    return statistics.fmean(leaky) - statistics.fmean(honest)


def assert_agrees(kata, fit, score, X, y, folds):
    assert_close(kata.cross_validate(fit, score, X, y, folds), scores(fit, score, X, y, folds), rtol=1e-6, atol=1e-9)
    expected = leak(fit, score, X, y, folds)
    assert_close(kata.scaling_leak(fit, score, X, y, folds), expected, rtol=1e-6, atol=1e-7)


@pytest.fixture(name="data")
def features(rng):
    """Eleven rows of whole numbers away from zero, in three features of different spread, and targets."""
    X = rng.integers(-9, 10, size=(11, 3)) * np.array([1.0, 10.0, 0.5]) + np.array([20.0, -7.0, 3.0])
    return X, rng.integers(-5, 6, size=11) / 2.0


def test_scaled_by_training_rows(kata, rng, data):
    """Training and test rows are standardised with the mean and the deviation of the training rows."""
    assert_close(kata.cross_validate(fit_sum, total, SMALL, np.zeros(4), HALVES), [-10.0, 20.0])
    X, y = data
    for folds in (np.arange(11) // 4, rng.permutation(np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2]))):
        assert_agrees(kata, fit_products, gain, X, y, folds)


def test_training_rows_are_scaled(kata, data):
    """The model is trained on standardised rows: their squares add up to the number of rows in each feature."""
    X, y = data
    # Two training rows and one feature; then 8, 7 or 7 rows and three features. Predictions are summed over test rows.
    assert_close(kata.cross_validate(fit_spread, total, SMALL, np.zeros(4), HALVES), [4.0, 4.0])
    folds = np.array([0, 0, 1, 1, 2, 2, 1, 1, 2, 2, 0])
    assert_close(kata.cross_validate(fit_spread, total, X, y, folds), [3 * 8 * 3, 3 * 7 * 4, 3 * 7 * 4])


def test_targets(kata, data):
    """Targets are not scaled, neither for the model nor for the score."""
    X, y = data
    y = 8.0 * y + 100.0
    folds = np.arange(11) % 3
    assert_agrees(kata, fit_mean, gain, X, y, folds)
    assert_agrees(kata, fit_mean, total, SMALL, np.array([3.0, 5.0, 9.0, 1.0]), HALVES)


def test_folds(kata, rng, data):
    """Scores are in ascending order of the numbers of the folds, which may be any: one row each, too."""
    assert_close(kata.cross_validate(fit_sum, total, SMALL, np.zeros(4), np.array([7, 7, -2, -2])), [20.0, -10.0])
    X, y = data
    for numbers in ([40, -3, 5], [2, 0]):
        folds = np.array(numbers)[
            np.array([0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1]) + (np.arange(11) > 8) * (len(numbers) - 2)
        ]
        assert_agrees(kata, fit_products, gain, X, y, folds)
    assert_agrees(kata, fit_products, gain, X, y, rng.permutation(11))


def test_constant_features(kata, data):
    """A feature that is constant among the training rows is centred and divided by 1, in the test rows as well."""
    # With one training row, every feature is constant.
    assert_close(
        kata.cross_validate(fit_sum, total, np.array([[1.0], [4.0]]), np.zeros(2), np.array([0, 1])), [-3.0, 3.0]
    )
    X, y = data
    indicator = np.column_stack([X[:, 0], np.arange(11) == 3, np.full(11, 6.0)])
    for folds in (np.arange(11) // 3, np.arange(11)):
        assert_agrees(kata, fit_sum, total, indicator, y, folds)
        assert_agrees(kata, fit_products, gain, indicator, y, folds)
    both = np.column_stack([X[:, 1], np.arange(11) > 5])
    assert_agrees(kata, fit_sum, total, both, y, (np.arange(11) > 5).astype(int))


@pytest.mark.parametrize("unit", [2.0**12, 2.0**-16], ids=["large", "small"])
def test_units(kata, data, unit):
    """The units of the features do not matter."""
    X, y = data
    folds = np.arange(11) % 3
    assert_close(kata.cross_validate(fit_sum, total, SMALL * unit, np.zeros(4), HALVES), [-10.0, 20.0])
    scaled = X * np.array([unit, 1.0, 1 / unit])
    actual = kata.cross_validate(fit_products, gain, scaled, y, folds)
    assert_close(actual, scores(fit_products, gain, X, y, folds), rtol=1e-6, atol=1e-9)
    actual = kata.scaling_leak(fit_products, gain, scaled, y, folds)
    assert_close(actual, leak(fit_products, gain, X, y, folds), rtol=1e-6, atol=1e-7)


def test_leak(kata):
    """The leak is the mean score of the leaky way minus the mean score of the honest way, with its sign."""
    # The leaky sums are opposite, and the honest ones -10 and 20.
    assert_close(kata.scaling_leak(fit_sum, total, SMALL, np.zeros(4), HALVES), -5.0)
    assert_close(kata.scaling_leak(fit_sum, total, -SMALL, np.zeros(4), HALVES), 5.0)
    # Nothing of it reaches a model that looks at no feature.
    assert_close(kata.scaling_leak(fit_mean, gain, SMALL, np.array([1.0, 2.0, 5.0, 3.0]), HALVES), 0.0)
    # The variance of all rows is 5/4. Leaky: (1/4 + 1/4 + 9/4) / (5/4), and 3 test rows times (9/4) / (5/4).
    # Honest: 3, and 0, since a single training row is constant.
    X = np.array([[0.0], [1.0], [2.0], [3.0]])
    assert_close(kata.scaling_leak(fit_spread, total, X, np.zeros(4), np.array([0, 1, 1, 1])), 2.3)


def test_one_fold(kata):
    """A single fold raises ValueError."""
    for number in (0, 5):
        with pytest.raises(ValueError):
            kata.cross_validate(fit_sum, total, SMALL, np.zeros(4), np.full(4, number))
        with pytest.raises(ValueError):
            kata.scaling_leak(fit_sum, total, SMALL, np.zeros(4), np.full(4, number))


@strict
def test_constant_up_to_rounding(kata, data):
    """A feature is constant if its values are equal, even if rounding gives it a deviation above 0."""
    X, y = data
    for value in (0.1, 0.7, 1e6 / 7):
        constant = np.column_stack([X[:, 0], np.where(np.arange(11) < 3, value + 1.0, value)])
        assert_agrees(kata, fit_sum, total, constant, y, np.arange(11) // 3)


@strict
def test_origin(kata, data):
    """Features may lie a million deviations from zero."""
    X, y = data
    folds = np.arange(11) % 3
    actual = kata.cross_validate(fit_products, gain, X + np.array([1e7, -1e8, 1e6]), y, folds)
    assert_close(actual, scores(fit_products, gain, X, y, folds), rtol=1e-6, atol=1e-7)


@strict
@pytest.mark.parametrize("kind", [int, np.int8], ids=["int64", "int8"])
def test_integers(kata, kind):
    """X may hold integers."""
    X = np.array([[100, -3], [120, 50], [7, 90], [-81, 0], [-100, 4]], dtype=kind)
    assert_agrees(kata, fit_sum, total, X, np.zeros(5), np.array([0, 1, 0, 1, 2]))


@strict
def test_lengths(kata):
    """Lengths that differ raise ValueError."""
    y = np.zeros(4)
    for X, targets, folds in [(SMALL[:3], y, HALVES), (SMALL, y[:3], HALVES), (SMALL, y, HALVES[:3])]:
        with pytest.raises(ValueError):
            kata.cross_validate(fit_sum, total, X, targets, folds)
        with pytest.raises(ValueError):
            kata.scaling_leak(fit_sum, total, X, targets, folds)


def workload(kata, rng, n):
    """Features in several units, one of them an indicator and one a constant, and folds of unequal size."""
    X = np.column_stack([rng.normal(5.0, 1.0, size=n + 7), 300 * rng.normal(size=n + 7), np.arange(n + 7) == 1])
    X, y = np.column_stack([X, np.full(n + 7, 4.0)]), rng.normal(size=n + 7)
    folds = np.append([0, 1, 2], rng.integers(0, 2, size=n + 4))
    return kata.cross_validate(fit_products, gain, X, y, folds), kata.scaling_leak(fit_products, gain, X, y, folds)


SCALER = "mean, scale = _scaler(X[~test])"
TRAIN = "predict = fit((X[~test] - mean) / scale, y[~test])"
SCORE = "scores.append(score(y[test], predict((X[test] - mean) / scale)))"
CONSTANT = "(X[:1] == X).all(axis=0)"
SPREAD = "return X.mean(axis=0), np.where((X[:1] == X).all(axis=0), 1.0, X.std(axis=0))"
RETURN = "return np.array(scores)\n\n\ndef scaling_leak("
LEAK = "return float(np.mean(outside) - np.mean(inside))"
MISTAKES = {
    "scaled by all rows": (SCALER, "mean, scale = _scaler(X)"),
    "test rows scaled by themselves": (SCORE, "mean, scale = _scaler(X[test])\n        " + SCORE),
    "the mean of the test rows": (SCORE, SCORE.replace("- mean", "- X[test].mean(axis=0)")),
    "all rows scaled by the test rows": (SCALER, "mean, scale = _scaler(X[test])"),
    "no scaling": (SCALER, "mean, scale = 0.0, 1.0"),
    "centred only": (SCALER, "mean, scale = X[~test].mean(axis=0), 1.0"),
    "scaled only": (SCALER, "mean, scale = 0.0, _scaler(X[~test])[1]"),
    "test rows not scaled": (SCORE, SCORE.replace("(X[test] - mean) / scale", "X[test]")),
    "training rows not scaled": (TRAIN, TRAIN.replace("(X[~test] - mean) / scale", "X[~test]")),
    "one mean and deviation for all features": (
        SCALER,
        "mean, scale = X[~test].mean(), X[~test].std() if np.ptp(X[~test]) > 0 else 1.0",
    ),
    "divides by n - 1": (
        SPREAD,
        SPREAD.replace("X.std(axis=0)", "X.std(axis=0) * (len(X) / max(len(X) - 1, 1)) ** 0.5"),
    ),
    "variances": (SPREAD, SPREAD.replace("X.std", "X.var")),
    "ranges": (SPREAD, SPREAD.replace("X.std(axis=0)", "np.ptp(X, axis=0)")),
    "a little added to the deviation": (SPREAD, SPREAD.replace("X.std(axis=0)", "X.std(axis=0) + 1e-8")),
    "small deviations are none": (SPREAD, SPREAD.replace(CONSTANT, "X.std(axis=0) < 1e-3")),
    "constant features are divided by 0": (SPREAD, "return X.mean(axis=0), X.std(axis=0)"),
    "constant features become 0": (SPREAD, SPREAD.replace("1.0", "np.inf")),
    "constant features are not centred": (
        SPREAD,
        SPREAD.replace("return X.mean(axis=0)", "return np.where((X[:1] == X).all(axis=0), 0, X.mean(axis=0))"),
    ),
    "targets centred": (TRAIN, TRAIN.replace("y[~test])", "y[~test] - y[~test].mean())")),
    "train and test swapped": ("test = folds == number\n        mean", "test = folds != number\n        mean"),
    "scored on the training rows": (SCORE, "scores.append(score(y[~test], predict((X[~test] - mean) / scale)))"),
    "prediction and target swapped": (SCORE, "scores.append(score(predict((X[test] - mean) / scale), y[test]))"),
    "folds by first appearance": ("numbers = np.unique(folds)", "numbers = list(dict.fromkeys(folds.tolist()))"),
    "folds numbered from 0": ("numbers = np.unique(folds)", "numbers = range(len(set(folds.tolist())))"),
    "the mean score": (RETURN, "return np.mean(scores)\n\n\ndef scaling_leak("),
    "honest minus leaky": (LEAK, "return float(np.mean(inside) - np.mean(outside))"),
    "the size of the leak": (LEAK, "return float(abs(np.mean(outside) - np.mean(inside)))"),
    "the sum of the leaks": (LEAK, "return float(np.sum(outside) - np.sum(inside))"),
    "the leaky score itself": (LEAK, "return float(np.mean(outside))"),
    "the leak in percent": (LEAK, "return float(np.mean(outside) / np.mean(inside) - 1)"),
    "a leak is never negative": (LEAK, "return float(max(np.mean(outside) - np.mean(inside), 0))"),
    "the leaky way scales twice": ("Z = (X - mean) / scale\n", "Z = (X - mean) / scale / scale\n"),
    "one fold passes": ("if len(numbers) < 2:", "if len(numbers) < 1:"),
}

STRICT_MISTAKES = {
    "a constant feature known by its deviation": (SPREAD, SPREAD.replace(CONSTANT, "X.std(axis=0) == 0")),
    "mean of squares less square of mean": (
        SPREAD,
        SPREAD.replace("X.std(axis=0)", "np.sqrt(abs((1.0 * X**2).mean(axis=0) - X.mean(axis=0) ** 2))"),
    ),
    "lengths that differ pass": ("if not len(X) == len(y) == len(folds):", "if False:"),
}
