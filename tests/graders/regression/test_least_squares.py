from fractions import Fraction

import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def data(rng):
    """Three correlated features of unequal spread, away from zero: few samples, and small whole numbers."""
    X = 20.0 + rng.integers(-4, 5, size=(9, 1)) + rng.integers(-9, 10, size=(9, 3)) * [1, 2, 4]
    return X, rng.integers(-30, 70, size=9).astype(float)


def solved(A, b):
    """Solve a square system by elimination in fractions, without any rounding."""
    rows = [[Fraction(value) for value in [*row, last]] for row, last in zip(A, b, strict=True)]
    for i in range(len(rows)):
        pivot = next(k for k in range(i, len(rows)) if rows[k][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(len(rows)):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [value - factor * above for value, above in zip(rows[k], rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def defined(X, y):
    """Return intercept and coef from the normal equations, in fractions: exact, and for independent columns alone."""
    columns = [[Fraction(1)] * len(y), *([Fraction(value) for value in column] for column in X.T)]
    target = [Fraction(value) for value in y]
    gram = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in columns] for one in columns]
    intercept, *coef = solved(gram, [sum(a * b for a, b in zip(one, target, strict=True)) for one in columns])
    return float(intercept), [float(value) for value in coef]


def assert_fit(fit, intercept, coef, **tolerance):
    assert_close(fit.coef, coef, **tolerance)
    assert_close(fit.intercept, intercept, **tolerance)


def test_line(kata, data):
    """With one feature, coef is the covariance over the variance, and the line runs through the point of the means."""
    assert_fit(kata.fit_least_squares(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])), 0.5, [3.5])
    X, y = data
    x, x_mean, y_mean = X[:, 2], X[:, 2].mean(), y.mean()
    slope = ((x - x_mean) * (y - y_mean)).sum() / ((x - x_mean) ** 2).sum()
    assert_fit(kata.fit_least_squares(X[:, 2:], y), y_mean - slope * x_mean, [slope])


def test_several_features(kata, data):
    """All features are fitted together: the residuals are orthogonal to each feature and sum to 0."""
    # Two features that are no functions of one another, and y = 1 + 2a - 3b.
    X = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 1.0], [3.0, 3.0]])
    assert_fit(kata.fit_least_squares(X, np.array([1.0, 3.0, 2.0, -2.0])), 1.0, [2.0, -3.0])
    assert_fit(kata.fit_least_squares(*data), *defined(*data), rtol=1e-8)


def test_far_from_zero(kata, data):
    """Adding a large number to a feature or to y changes the intercept only."""
    # Neither is constant, though the values differ by one part in 100,000.
    x, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    assert_fit(kata.fit_least_squares(x + 200_000, y), 0.5 - 3.5 * 200_000, [3.5], rtol=1e-4)
    assert_fit(kata.fit_least_squares(x, y + 900_000), 900_000.5, [3.5], rtol=1e-5)
    X, y = data
    X, y = X / 16, y / 16  # of spread 1 or so, and still exact
    intercept, coef = defined(X, y)
    far = np.array([0.0, 1e3, -1e4])
    assert_fit(kata.fit_least_squares(X + far, y), intercept - far @ coef, coef, rtol=1e-5)
    assert_fit(kata.fit_least_squares(X, y + 1e4), intercept + 1e4, coef, rtol=1e-5)


def test_nearly_dependent_features(kata, rng):
    """At a condition number near 1e8, coef is right to five digits."""
    for lengths in ([1.0, 1e-4], [1.0, 2e-8], [1.0, 0.3, 3e-8], [1e-3, 3e-11]):
        n_features = len(lengths)
        basis = np.linalg.qr(np.column_stack([np.ones(9), rng.normal(size=(9, n_features))]))[0][:, 1:]
        # The directions are turned so that every feature has a part in each of them.
        mirror = np.array([2.0, 3.0, 5.0])[:n_features]
        X = basis * lengths @ (np.eye(n_features) - 2 * np.outer(mirror, mirror) / (mirror @ mirror))
        y = X @ np.arange(2.0, 2.0 + n_features)
        assert_fit(kata.fit_least_squares(X, y), *defined(X, y), rtol=1e-5, atol=1e-6)
    # With a copy among them, too. Binary fractions, which add no rounding.
    a, b = np.array([-1.0, -1.0, 1.0, 1.0]), np.array([-1.0, 1.0, -1.0, 1.0])
    X = np.column_stack([a, a + b * 2.0**-26, a + b * 2.0**-26])
    assert_fit(kata.fit_least_squares(X, X @ [2.0, 1.5, 1.5]), 0.0, [2.0, 1.5, 1.5], rtol=1e-5, atol=1e-6)


def test_dependent_features(kata, data):
    """If features are dependent, coef has the smallest sum of squares of all fits that reach the minimum."""
    X, y = data
    x = X[:, 0]
    intercept, (slope,) = defined(X[:, :1], y)
    assert_fit(kata.fit_least_squares(np.column_stack([x, x]), y), intercept, [slope / 2, slope / 2])
    # A feature twice, and its double: along (1, 1, 2), whose square is 6.
    doubled = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 2.0], [2.0, 2.0, 4.0]])
    assert_fit(kata.fit_least_squares(doubled, np.array([1.0, 3.0, 8.0])), 0.5, [3.5 / 6, 3.5 / 6, 7 / 6])
    # In other units and from another origin: 3 a + b is 3 times the slope, and (a, b) is shortest along (3, 1).
    moved = np.column_stack([x, x / 3 - 7])
    assert_fit(kata.fit_least_squares(moved, y), intercept + 2.1 * slope, [0.9 * slope, 0.3 * slope])
    # A total among its parts: whatever leaves a + c and b + c as they are is free, and is spent on being short.
    both = np.column_stack([X[:, :2], 0.1 * X[:, 0] + 0.1 * X[:, 1]]) * [0.1, 0.1, 1.0]
    intercept, (first, second) = defined(both[:, :2], y)
    shared = (first + second) / 3
    assert_fit(kata.fit_least_squares(both, y), intercept, [first - shared, second - shared, shared], rtol=1e-8)


def test_as_many_features_as_samples(kata):
    """The smallest norm counts if the samples are few: as many features as samples, one sample, unequal features."""
    assert_fit(kata.fit_least_squares(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([3.0, 5.0])), 3.4, [-0.4, 0.8])
    assert_fit(kata.fit_least_squares(np.array([[1.0, 2.0]]), np.array([10.0])), 10.0, [0.0, 0.0])
    X = np.array([[0.0, 0.0], [1.0, 200.0], [2.0, 400.0]])
    slope = 3.5 / (1 + 200**2)
    assert_fit(kata.fit_least_squares(X, np.array([1.0, 3.0, 8.0])), 0.5, [slope, 200 * slope], rtol=1e-6)


def test_small_feature(kata):
    """A feature of size 1e-6 is not constant, and a coef of that size is not 0."""
    assert_fit(kata.fit_least_squares(np.array([[1e-6], [2e-6], [3e-6]]), np.array([1.0, 2.0, 3.0])), 0.0, [1e6])
    fit = kata.fit_least_squares(np.array([[3e5], [6e5], [9e5]]), np.array([1.0, 2.0, 3.0]))
    assert_close(fit.coef, [1 / 3e5], rtol=1e-6, atol=0)


@strict
@pytest.mark.parametrize("unit", [2.0**40, 2.0**-40], ids=["large", "tiny"])
def test_units(kata, data, unit):
    """If a feature is multiplied by a unit, its coef is divided by it, with dependent features too."""
    # Powers of two, which add no rounding.
    X, y = data
    x = X[:, 0]
    independent, (slope,) = defined(X, y), defined(X[:, :1], y)[1]
    dependent = defined(X[:, :1], y)[0] + 2.1 * slope, [0.9 * slope, 0.3 * slope]
    for features, (intercept, coef) in [(X, independent), (np.column_stack([x, x / 3 - 7]), dependent)]:
        fit = kata.fit_least_squares(features * unit, y)
        assert_close(fit.coef, np.array(coef) / unit, rtol=1e-7, atol=1e-9 / unit)
        assert_close(fit.intercept, intercept, rtol=1e-7, atol=1e-9)


def test_constant_feature(kata, data):
    """A constant feature has a coef of 0."""
    X, y = data
    intercept, coef = defined(X[:, :2], y)
    for value in (1.0, 20.0):
        constant = np.column_stack([X[:, 0], np.full(9, value), X[:, 1]])
        assert_fit(kata.fit_least_squares(constant, y), intercept, [coef[0], 0.0, coef[1]], rtol=1e-8)
    for value in (0.0, 2.0):
        assert_fit(kata.fit_least_squares(np.full((4, 2), value), np.array([1.0, 2.0, 4.0, 5.0])), 3.0, [0.0, 0.0])


@strict
def test_rounded_mean(kata):
    """A constant feature has a coef of 0, also if rounding makes its mean inexact. All may be constant."""
    # The mean of three 0.1 is not 0.1.
    y = np.array([1.3, 0.95, -0.7])
    assert_fit(kata.fit_least_squares(np.full((3, 1), 0.1), y), 1.55 / 3, [0.0])
    assert_fit(kata.fit_least_squares(np.tile([0.1, 7.7, 100_000.1], (3, 1)), y), 1.55 / 3, [0.0, 0.0, 0.0])
    # Large beside a small feature, and y = 1 + 1000 x. What rounding leaves of the constant is no feature.
    x = 0.001 * np.array([1.0, 2.0, 4.0])
    fit = kata.fit_least_squares(np.column_stack([np.full(3, 100_000.1), x]), 1 + 1000 * x)
    assert_fit(fit, 1.0, [0.0, 1000.0], rtol=1e-6, atol=1e-6)


def test_more_features_than_samples(kata, rng):
    """With more features than samples the fit is exact, and coef is the shortest that fits."""
    assert_fit(kata.fit_least_squares(np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([3.0, 8.0])), 3.0, [1.0, 2.0])
    # A sample twice adds nothing.
    X = np.array([[0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 2.0, 4.0], [1.0, 2.0, 2.0, 4.0]])
    assert_fit(kata.fit_least_squares(X, np.array([3.0, 28.0, 28.0])), 3.0, [1.0, 2.0, 2.0, 4.0])
    # Powers of ten apart from small numbers, so that the differences are independent.
    X = 10.0 * np.eye(4, 7) + rng.integers(0, 4, size=(4, 7))
    y = rng.integers(-20, 20, size=4).astype(float)
    # The differences between samples have no intercept, and coef is a combination of them.
    steps = [[Fraction(value) for value in row] for row in X[1:] - X[0]]
    gram = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in steps] for one in steps]
    weights = solved(gram, y[1:] - y[0])
    coef = [float(sum(w * row[j] for w, row in zip(weights, steps, strict=True))) for j in range(7)]
    assert_fit(kata.fit_least_squares(X, y), y[0] - X[0] @ coef, coef, rtol=1e-8, atol=1e-8)


@strict
@pytest.mark.parametrize("kind", [int, np.int8], ids=["int64", "int8"])
def test_integers(kata, data, kind):
    """X and y may be integers of any type."""
    X, y = data
    assert_fit(kata.fit_least_squares(X.astype(kind), y.astype(kind)), *defined(X, y), rtol=1e-8)
    # The range of this feature, 200, is no 8-bit integer.
    wide, y = np.array([[-100], [0], [100]], dtype=kind), np.array([1, 3, 8], dtype=kind)
    assert_fit(kata.fit_least_squares(wide, y), 4.0, [0.035])


def workload(kata, rng, n):
    """Independent features, some of them counts, and the same with a copy, a total and a constant among them."""
    X = rng.normal(size=(n + 2, 4)) + rng.normal(size=(n + 2, 1))
    X[:, 2:] = np.rint(3 * X[:, 2:])
    y = 5 + X @ rng.normal(size=4) + rng.normal(size=n + 2)
    redundant = np.column_stack([X, X[:, 3], X[:, 2] + X[:, 3], np.full(n + 2, 3.0)])
    return kata.fit_least_squares(X, y), kata.fit_least_squares(redundant, y)


MISTAKES = {
    "an absolute cut-off": ("rcond=1e-10", "rcond=1e-10 / max(np.linalg.norm(X - x_mean), 1e-300)"),
    "no intercept": [
        ("np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)", "np.linalg.lstsq(X, y, rcond=1e-10)"),
        ("Fit(float(y_mean - x_mean @ coef), coef)", "Fit(0.0, coef)"),
    ],
    "fitted without an intercept, which is added afterwards": (
        "np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)",
        "np.linalg.lstsq(X, y, rcond=1e-10)",
    ),
    "the intercept is the mean of y": ("float(y_mean - x_mean @ coef)", "float(y_mean)"),
    "a column of ones, so that the intercept counts as length": (
        (
            "    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]\n"
            "    return Fit(float(y_mean - x_mean @ coef), coef)"
        ),
        (
            "    beta = np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y, rcond=1e-10)[0]\n"
            "    return Fit(float(beta[0]), beta[1:])"
        ),
    ),
    "normal equations": (
        "np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]",
        "np.linalg.solve((X - x_mean).T @ (X - x_mean), (X - x_mean).T @ y)",
    ),
    "normal equations by a pseudo-inverse": (
        "np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]",
        "np.linalg.pinv((X - x_mean).T @ (X - x_mean)) @ (X - x_mean).T @ y",
    ),
    "a little ridge against singular matrices": (
        "np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]",
        "np.linalg.solve((X - x_mean).T @ (X - x_mean) + 1e-10 * np.eye(X.shape[1]), (X - x_mean).T @ y)",
    ),
    "coarse cut-off for singular values": ("rcond=1e-10", "rcond=1e-6"),
    "no cut-off for singular values": ("rcond=1e-10", "rcond=0.0"),
    "of copies, the first takes all": (
        "    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]\n",
        (
            "    coef, kept = np.zeros(X.shape[1]), []\n"
            "    for j in range(X.shape[1]):\n"
            "        if np.linalg.matrix_rank((X - x_mean)[:, [*kept, j]]) > len(kept):\n"
            "            kept.append(j)\n"
            "    coef[kept] = np.linalg.lstsq((X - x_mean)[:, kept], y - y_mean)[0]\n"
        ),
    ),
    "one feature at a time": (
        "np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]",
        "np.array([np.linalg.lstsq(x[:, None], y - y_mean, rcond=1e-10)[0][0] for x in (X - x_mean).T])",
    ),
    "standardised features, and the units not given back": (
        "np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]",
        "np.linalg.lstsq((X - x_mean) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1), y - y_mean, rcond=1e-10)[0]",
    ),
    "shortest in standardised units": (
        "    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]\n",
        (
            "    spread = np.where(np.ptp(X, axis=0) > 0, X.std(axis=0), 1)\n"
            "    coef = np.linalg.lstsq((X - x_mean) / spread, y - y_mean, rcond=1e-10)[0] / spread\n"
        ),
    ),
    "one mean for all features": ("X.mean(axis=0), y.mean()", "X.mean(), y.mean()"),
    "QR that ignores dependence": (
        "    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]\n",
        "    q, r = np.linalg.qr(X - x_mean)\n    coef = np.linalg.solve(r, q.T @ y)\n",
    ),
}

STRICT_MISTAKES = {
    "the mean of a constant is rounded": ("(X[0] == X).all(axis=0)", "False"),
    "a cut-off that knows no unit": (
        "    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=1e-10)[0]\n",
        (
            "    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)\n"
            "    inverse = np.divide(1, lengths, out=np.zeros(len(lengths)), where=lengths > 1e-10)\n"
            "    coef = (inverse * (left.T @ (y - y_mean))) @ directions\n"
        ),
    ),
    "a tiny unit taken for a constant": (
        "    coef = np.linalg.lstsq(X - x_mean",
        "    X = np.where(X.std(axis=0) < 1e-8, x_mean, X)\n    coef = np.linalg.lstsq(X - x_mean",
    ),
    "coef truncated to the kind of X": (
        "return Fit(float(y_mean - x_mean @ coef), coef)",
        "return Fit(float(y_mean - x_mean @ coef), coef.astype(X.dtype))",
    ),
    "centred in place of the kind of X": (
        "x_mean, y_mean = X.mean(axis=0), y.mean()",
        "x_mean, y_mean = X.mean(axis=0).astype(X.dtype), y.mean()",
    ),
}
