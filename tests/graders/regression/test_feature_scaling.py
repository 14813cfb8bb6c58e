import math

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

PURE = True
SHAPES = [(7, 3), (2, 5), (4, 1), (8, 8), (30, 2)]


def drawn(rng, shape):
    """Return features of unequal mean and spread, skewed, so that no two statistics agree."""
    level = np.resize([7.0, -40.0, 0.5], shape[1])
    return level + np.resize([0.3, 5.0, 90.0], shape[1]) * rng.exponential(size=shape)


def defined(X):
    """Return means and scales by the definition, column by column."""
    means = [math.fsum(column) / len(column) for column in X.T]
    squares = [math.fsum((x - mean) ** 2 for x in column) for column, mean in zip(X.T, means, strict=True)]
    return np.array(means), np.array([math.sqrt(total / len(X)) for total in squares])


def assert_scaler(scaler, mean, scale, rtol=1e-9):
    assert_close(scaler.mean, mean, rtol=rtol, atol=0 if np.all(mean) else 1e-12)
    assert_close(scaler.scale, scale, rtol=rtol, atol=0)


def test_mean_and_scale(kata, rng):
    """Each feature has its own mean and standard deviation, with the divisor n."""
    X = np.array([[1.0, 40.0], [2.0, 0.0], [6.0, 20.0]])
    assert_scaler(kata.fit_scaler(X), [3.0, 20.0], [math.sqrt(14 / 3), math.sqrt(800 / 3)])
    for shape in SHAPES:
        X = drawn(rng, shape)
        assert_scaler(kata.fit_scaler(X), *defined(X))


def test_constant_feature(kata):
    """A feature that is constant in the training rows has the scale 1, whatever its value; the others keep theirs."""
    X = np.array([[3.0, 1.0, -8.0, 0.0], [3.0, 5.0, -8.0, 0.0], [3.0, 3.0, -8.0, 0.0], [3.0, 7.0, -8.0, 0.0]])
    assert_scaler(kata.fit_scaler(X), [3.0, 4.0, -8.0, 0.0], [1.0, math.sqrt(5), 1.0, 1.0])
    assert_scaler(kata.fit_scaler(X[:, [2, 0]]), [-8.0, 3.0], [1.0, 1.0])
    assert_scaler(kata.fit_scaler(np.zeros((3, 2))), [0.0, 0.0], [1.0, 1.0])
    # All values but one are equal, and a mean of 0 is no constant.
    X = np.array([[0.0, -1.0], [0.0, -1.0], [0.0, 3.0], [8.0, -1.0]])
    assert_scaler(kata.fit_scaler(X), [2.0, 0.0], [math.sqrt(12), math.sqrt(3)])


def test_one_sample(kata):
    """With one training row every feature is constant: the scale is 1."""
    assert_scaler(kata.fit_scaler(np.array([[4.0, -2.5, 0.0]])), [4.0, -2.5, 0.0], [1.0, 1.0, 1.0])
    assert_scaler(kata.fit_scaler(np.array([[1e6]])), [1e6], [1.0])


def test_small_spread(kata):
    """A feature is constant only if all its values are equal: a spread of 1e-8 is divided by, as it is."""
    X = np.array([[1e-6, 2.0], [2e-6, 2.0], [6e-6, 3.5]])
    assert_scaler(kata.fit_scaler(X), [3e-6, 2.5], [1e-6 * math.sqrt(14 / 3), math.sqrt(0.5)])
    assert_scaler(kata.fit_scaler(np.array([[1e-6], [1.01e-6], [1e-6], [1.01e-6]])), [1.005e-6], [5e-9])
    # Unit spread already, and all but unit.
    assert_scaler(kata.fit_scaler(np.array([[4.0, 1e-3], [6.0, 1e-3 + 2e-6]])), [5.0, 1.001e-3], [1.0, 1e-6])
    assert_close(kata.transform(np.array([[3e-6]]), np.array([1e-6]), np.array([4e-7])), [[5.0]])


def test_far_from_zero(kata):
    """Large values with a small spread keep the digits of their scale."""
    X = 1e6 + np.array([[0.0, 0.0], [2.0, 16.0], [3.0, 0.0], [7.0, 0.0]]) / 64
    scales = np.array([math.sqrt(26 / 4), math.sqrt(48)]) / 64
    assert_scaler(kata.fit_scaler(X), 1e6 + np.array([3.0, 4.0]) / 64, scales, rtol=1e-6)
    assert_scaler(kata.fit_scaler(-X), -1e6 - np.array([3.0, 4.0]) / 64, scales, rtol=1e-6)


def test_transform(kata, rng):
    """The mean and scale that transform is given count, not those of its rows: one row, equal rows, other data."""
    mean, scale = np.array([3.0, -1.0]), np.array([2.0, 0.25])
    assert_close(kata.transform(np.array([[7.0, -2.0]]), mean, scale), [[2.0, -4.0]])
    assert_close(kata.transform(np.array([[7.0, -2.0], [7.0, -2.0]]), mean, scale), [[2.0, -4.0], [2.0, -4.0]])
    assert_close(kata.transform(np.array([[3.0, -1.0]]), mean, scale), [[0.0, 0.0]])
    assert_close(kata.transform(np.zeros((1, 2)), mean, scale), [[-1.5, 4.0]])
    # Far outside of the training data: nothing is clipped.
    assert_close(kata.transform(np.array([[1e6, 0.0]]), np.array([0.0, 1e6]), np.array([0.5, 1.0])), [[2e6, -1e6]])
    for shape in SHAPES:
        X, other = drawn(rng, shape), drawn(rng, shape)
        mean, scale = defined(other)
        expected = [[(x - m) / s for x, m, s in zip(row, mean, scale, strict=True)] for row in X]
        assert_close(kata.transform(X, mean, scale), expected, atol=1e-10)


def test_round_trip(kata, rng):
    """Transformed training rows have the mean 0 and the standard deviation 1, or are 0 where they are constant."""
    X = np.array([[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]])
    expected = np.array([[-2.0, 0.0], [-1.0, 0.0], [3.0, 0.0]]) / [math.sqrt(14 / 3), 1.0]
    assert_close(kata.transform(X, *kata.fit_scaler(X)), expected)
    # A later row moves away from the constant.
    assert_close(kata.transform(np.array([[3.0, 7.0]]), *kata.fit_scaler(X)), [[0.0, 2.0]])
    X = drawn(rng, (9, 3))
    mean, scale = defined(np.asarray(kata.transform(X, *kata.fit_scaler(X))))
    assert_close(mean, np.zeros(3), atol=1e-9)
    assert_close(scale, np.ones(3))


def test_unscale(kata, rng):
    """The unscaled model predicts from x what the scaled model predicts from z."""
    fit = kata.unscale(10.0, np.array([4.0, 1.0]), np.array([3.0, 5.0]), np.array([2.0, 0.5]))
    assert_close(fit.intercept, -6.0)
    assert_close(fit.coef, [2.0, 2.0])
    for n_features in (1, 2, 5):
        mean, coef = rng.normal(5.0, 2.0, size=n_features), rng.normal(size=n_features)
        scale = rng.uniform(0.2, 9.0, size=n_features)
        intercept = float(rng.normal())
        fit = kata.unscale(intercept, coef, mean, scale)
        for x in rng.normal(size=(4, n_features)):
            scaled = intercept + math.fsum((x - mean) / scale * coef)
            assert_close(fit.intercept + math.fsum(x * np.asarray(fit.coef)), scaled, rtol=1e-8, atol=1e-9)
        assert_close(fit.coef, [c / s for c, s in zip(coef, scale, strict=True)])


def test_unscale_of_special_models(kata):
    """A coef, an intercept or a mean may be 0, and a scale may be 1 or tiny, in unscale."""
    mean, scale = np.array([3.0, 0.0, -2.0]), np.array([2.0, 4.0, 1.0])
    for intercept, coef, expected, slope in [
        (0.0, [4.0, 8.0, 3.0], 0.0, [2.0, 2.0, 3.0]),
        (7.0, [0.0, 0.0, 0.0], 7.0, [0.0, 0.0, 0.0]),
        (-7.0, [0.0, 8.0, -5.0], -17.0, [0.0, 2.0, -5.0]),
        (1.0, [2e-6, 0.0, 0.0], 1.0 - 3e-6, [1e-6, 0.0, 0.0]),
    ]:
        fit = kata.unscale(intercept, np.array(coef), mean, scale)
        assert_close(fit.intercept, expected)
        assert_close(fit.coef, slope)
    fit = kata.unscale(2.0, np.array([3.0]), np.array([5.0]), np.array([1e-6]))
    assert_close(fit.intercept, 2.0 - 15e6)
    assert_close(fit.coef, [3e6])


@strict
def test_constant_that_rounds(kata):
    """A constant feature has the scale 1, also if its mean is not exact."""
    for value in (0.1, 0.3, 1e-3, -123456.7):
        for n in (3, 6, 7, 10, 1000):
            assert_close(kata.fit_scaler(np.full((n, 2), value)).scale, [1.0, 1.0])


@strict
@pytest.mark.parametrize("unit", [2.0**-60, 2.0**-40, 2.0**40], ids=["1e-18", "1e-12", "1e12"])
def test_units(kata, unit):
    """In another unit mean and scale are multiplied by it, and z is the same."""
    X = np.array([[1.0, 40.0], [2.0, 0.0], [6.0, 20.0]]) * unit
    scaler = kata.fit_scaler(X)
    assert_scaler(scaler, np.array([3.0, 20.0]) * unit, np.array([math.sqrt(14 / 3), math.sqrt(800 / 3)]) * unit)
    assert_close(kata.transform(X, *scaler)[:, 0], np.array([-2.0, -1.0, 3.0]) / math.sqrt(14 / 3))


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_integers(kata, kind):
    """X may hold integers of any type: nothing wraps around or is truncated."""
    X = np.array([[100, 5], [120, 5], [125, 5], [1, 5]], dtype=kind)
    scale = math.sqrt((13.5**2 + 33.5**2 + 38.5**2 + 85.5**2) / 4)
    assert_scaler(kata.fit_scaler(X), [86.5, 5.0], [scale, 1.0])
    assert_close(kata.transform(X, np.array([86.5, 5.5]), np.array([2.0, 1.0]))[3], [-42.75, -0.5])


def workload(kata, rng, n):
    """Skewed features in unequal units, counts, and a constant; other rows to transform."""
    X = np.column_stack([drawn(rng, (n, 3)), rng.integers(0, 3, size=n), np.full(n, 2.5)])
    scaler = kata.fit_scaler(X)
    later = np.column_stack([drawn(rng, (5, 3)), rng.integers(0, 3, size=5), np.full(5, 3.0)])
    coef = rng.normal(size=5)
    return scaler, kata.transform(later, *scaler), kata.unscale(1.5, coef, *scaler)


STD = "X.std(axis=0)"
SCALE = "np.where(constant, 1.0, X.std(axis=0))"
FIT = "return Scaler(X.mean(axis=0), np.where(constant, 1.0, X.std(axis=0)))"
Z = "return (X - mean) / scale"
SLOPE = "slope = coef / scale"
BACK = "return Fit(float(intercept - slope @ mean), slope)"
MISTAKES = {
    "the divisor n - 1": (STD, "X.std(axis=0, ddof=min(1, len(X) - 1))"),
    "the variance for the scale": (STD, "X.var(axis=0)"),
    "mean absolute deviation": (STD, "np.abs(X - X.mean(axis=0)).mean(axis=0)"),
    "one mean for all features": ("X.mean(axis=0), ", "np.full(X.shape[1], X.mean()), "),
    "one scale for all features": (STD, "X.std()"),
    "the median for the mean": ("X.mean(axis=0), ", "np.median(X, axis=0), "),
    "the range for the scale": (STD, "(X.max(axis=0) - X.min(axis=0))"),
    "root mean square, not centred": (STD, "np.sqrt((X**2).mean(axis=0))"),
    "mean of squares minus square of the mean": (
        STD,
        "np.sqrt(np.maximum((X**2).mean(axis=0) - X.mean(axis=0) ** 2, 0))",
    ),
    "a constant feature has the scale 0": (SCALE, STD),
    "a constant feature has a tiny scale": (SCALE, "np.maximum(X.std(axis=0), 1e-12)"),
    "something small added to the scale": (STD, "X.std(axis=0) + 1e-12"),
    "a small spread taken for a constant": (
        "constant = X.min(axis=0) == X.max(axis=0)",
        "constant = X.std(axis=0) < 1e-8",
    ),
    "isclose for constant": ("X.min(axis=0) == X.max(axis=0)", "np.isclose(X, X[0]).all(axis=0)"),
    "the first and the last row decide about constant": ("X.min(axis=0) == X.max(axis=0)", "X[0] == X[-1]"),
    "neighbours decide about constant": (
        "constant = X.min(axis=0) == X.max(axis=0)",
        "constant = (X[:2] == X[0]).all(axis=0)",
    ),
    "a mean of 0 taken for a constant": ("X.min(axis=0) == X.max(axis=0)", "X.mean(axis=0) == 0"),
    "one constant feature, and none is scaled": ("np.where(constant,", "np.where(constant.any(),"),
    "only if all are constant": ("np.where(constant,", "np.where(constant.all(),"),
    "statistics of the rows to transform": (
        Z,
        "spread = X.std(axis=0)\n    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)",
    ),
    "mean of the rows to transform": (Z, "return (X - X.mean(axis=0)) / scale"),
    "transform does not centre": (Z, "return X / scale"),
    "transform does not scale": (Z, "return X - mean"),
    "transform multiplies": (Z, "return (X - mean) * scale"),
    "transform scales, then centres": (Z, "return X / scale - mean"),
    "transform clips outliers": (Z, "return np.clip((X - mean) / scale, -5, 5)"),
    "transform adds something small": (Z, "return (X - mean) / (scale + 1e-8)"),
    "transform in place": (Z, "X -= mean\n    X /= scale\n    return X"),
    "coef times scale": (SLOPE, "slope = coef * scale"),
    "coef as it was": (SLOPE, "slope = coef"),
    "the intercept as it was": (BACK, "return Fit(float(intercept), slope)"),
    "the intercept moved by the scaled coef": (BACK, "return Fit(float(intercept - coef @ mean), slope)"),
    "the intercept moved the other way": (BACK, "return Fit(float(intercept + slope @ mean), slope)"),
    "the means subtracted without a coef": (BACK, "return Fit(float(intercept - (mean / scale).sum()), slope)"),
    "the intercept divided, too": (BACK, "return Fit(float((intercept - coef @ mean) / scale.mean()), slope)"),
}

STRICT_MISTAKES = {
    "a scale of exactly 0 decides about constant": (
        "constant = X.min(axis=0) == X.max(axis=0)",
        "constant = X.std(axis=0) == 0",
    ),
    "a cut-off at 1e-10": ("constant = X.min(axis=0) == X.max(axis=0)", "constant = X.std(axis=0) < 1e-10"),
    "bytes wrap around": (Z, "return (X - mean.astype(X.dtype)) / scale"),
}
