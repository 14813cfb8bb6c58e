from fractions import Fraction

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict


@pytest.fixture
def data(rng):
    """Three correlated features of unequal spread, away from zero: few samples, and small whole numbers."""
    X = 5.0 + rng.integers(-2, 3, size=(8, 1)) + rng.integers(-4, 5, size=(8, 3)) * [1, 2, 3]
    return X, rng.integers(-30, 70, size=8).astype(float)


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


def defined(X, y, alpha):
    """Return intercept and coef where the objective is flat, in fractions: one equation for each of them."""
    columns = [[Fraction(1)] * len(y), *([Fraction(value) for value in column] for column in X.T)]
    target = [Fraction(value) for value in y]
    gram = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in columns] for one in columns]
    for j in range(1, len(gram)):
        gram[j][j] += Fraction(alpha)
    intercept, *coef = solved(gram, [sum(a * b for a, b in zip(one, target, strict=True)) for one in columns])
    return float(intercept), [float(value) for value in coef]


def assert_fit(fit, intercept, coef, **tolerance):
    assert_close(fit.coef, coef, **tolerance)
    assert_close(fit.intercept, intercept, **tolerance)


def test_line(kata, data):
    """With one feature the slope is s_xy / (s_xx + alpha), of sums of products of deviations from the means."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    for alpha, intercept, slope in [(0.0, 0.5, 3.5), (5.0, 3.0, 1.0), (0.8, 1.5, 2.5)]:
        assert_fit(kata.fit_ridge(X, y, alpha), intercept, [slope])
    # Nothing is cut off: an alpha of 2.5e-6 with features of 1e-3, and one of a million, which leaves a slope of 7e-6.
    assert_fit(kata.fit_ridge(X / 1000, y, 2.5e-6), 4 - 7 / 4.5, [7000 / 4.5], rtol=1e-6)
    assert_fit(kata.fit_ridge(X, y, 1e6), 4 - 7 / 1_000_002, [7 / 1_000_002])
    X, y = data
    x, x_mean, y_mean = X[:, 2], X[:, 2].mean(), y.mean()
    slope = ((x - x_mean) * (y - y_mean)).sum() / (((x - x_mean) ** 2).sum() + 7.0)
    assert_fit(kata.fit_ridge(X[:, 2:], y, 7.0), y_mean - slope * x_mean, [slope])


def test_several_features(kata, data):
    """The fit minimises the sum of squared residuals plus alpha times the sum of squared coefficients."""
    for alpha in (0.5, 2.0, 60.0):
        assert_fit(kata.fit_ridge(*data, alpha), *defined(*data, alpha), rtol=1e-8)


def test_intercept_is_free(kata, data):
    """The intercept has no penalty: adding a constant to y or to a feature does not change coef."""
    X, y = data
    intercept, coef = defined(X, y, 3.0)
    assert_fit(kata.fit_ridge(X, y + 1000.0, 3.0), intercept + 1000.0, coef, rtol=1e-7)
    shift = np.array([-500.0, 0.0, 300.0])
    assert_fit(kata.fit_ridge(X + shift, y, 3.0), intercept - shift @ coef, coef, rtol=1e-7)
    assert_fit(kata.fit_ridge(X, np.full(8, 7.0), 3.0), 7.0, np.zeros(3), rtol=1e-7, atol=1e-9)


def test_shrinkage(kata):
    """Along a direction of singular value d, the least-squares part is multiplied by d^2 / (d^2 + alpha)."""
    # Uncorrelated, and of d^2 = 1, 4 and 16.
    X = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]) * [0.5, 1.0, 2.0]
    # All but copies: along their difference d^2 is 1/512. Whoever goes on feature by feature takes thousands of rounds.
    a, b = np.array([-1.0, -1.0, 1.0, 1.0]), np.array([-1.0, 1.0, -1.0, 1.0]) / 64
    close = np.column_stack([a + b, a - b])
    assert_fit(kata.fit_ridge(close, 8 * b, 1 / 512), 0.0, [2.0, -2.0], rtol=1e-6, atol=1e-9)
    # A direction of d^2 = 1e-6 beside the others counts, too.
    small = X * [1e-3, 1.0, 1.0]
    for alpha in (0.0, 3e-6):
        expected = [4 * 1e-6 / (1e-6 + alpha), -4 * 4 / (4 + alpha), 4 * 16 / (16 + alpha)]
        assert_fit(kata.fit_ridge(small, 5.0 + small @ [4.0, -4.0, 4.0], alpha), 5.0, expected, rtol=1e-6)
    y = 5.0 + X @ [4.0, -4.0, 4.0]
    for alpha in (1.0, 4.0):
        expected = [4 * 1 / (1 + alpha), -4 * 4 / (4 + alpha), 4 * 16 / (16 + alpha)]
        assert_fit(kata.fit_ridge(X, y, alpha), 5.0, expected)
    # Mirrored so that two features share two directions, each keeps as much.
    turn = np.array([[1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]) / [2**0.5, 2**0.5, 1.0]
    assert_fit(kata.fit_ridge(X @ turn, y, 4.0), 5.0, turn.T @ [0.8, -2.0, 3.2])


def test_units(kata, data):
    """Features are not standardised: the penalty depends on their units."""
    X, y = data
    X = X / [1.0, 32.0, 0.25]
    assert_fit(kata.fit_ridge(X, y, 2.0), *defined(X, y, 2.0), rtol=1e-8)


@strict
def test_large_and_tiny_units(kata, data):
    """If X is multiplied by a unit and alpha by its square, coef is divided by the unit."""
    # Powers of two, which add no rounding.
    X, y = data
    for unit in (2.0**20, 2.0**-20):
        intercept, coef = defined(X, y, 2.0)
        fit = kata.fit_ridge(X * unit, y, 2.0 * unit**2)
        assert_close(fit.coef, np.array(coef) / unit, rtol=1e-7, atol=1e-9 / unit)
        assert_close(fit.intercept, intercept, rtol=1e-7, atol=1e-9)
    intercept, (slope,) = defined(X[:, :1], y, 0.0)
    for unit in (2.0**40, 2.0**-40):
        fit = kata.fit_ridge(np.column_stack([X[:, 0], X[:, 0] / 3]) * unit, y, 0.0)
        assert_close(fit.coef, np.array([0.9, 0.3]) * slope / unit, rtol=1e-7, atol=1e-9 / unit)
        assert_close(fit.intercept, intercept, rtol=1e-7, atol=1e-9)


def test_dependent_features(kata, data):
    """Copies get equal coefficients, and sums of other features are no problem."""
    X, y = data
    copies = X[:, [0, 1, 1]]
    intercept, coef = defined(copies, y, 3.0)
    assert_fit(kata.fit_ridge(copies, y, 3.0), intercept, coef, rtol=1e-8)
    both = np.column_stack([X, X[:, 0] - 2 * X[:, 1], np.full(8, 6.0)])
    assert_fit(kata.fit_ridge(both, y, 3.0), *defined(both, y, 3.0), rtol=1e-8)


def test_more_features_than_samples(kata, rng):
    """With as many features as samples, and with more, there is one solution too. One sample tells of no slope."""
    assert_fit(kata.fit_ridge(np.array([[1.0, 2.0]]), np.array([10.0]), 2.0), 10.0, [0.0, 0.0])
    for shape in [(2, 3), (3, 3), (4, 7)]:
        X, y = rng.integers(-9, 10, size=shape).astype(float), rng.integers(-30, 70, size=shape[0]).astype(float)
        assert_fit(kata.fit_ridge(X, y, 2.0), *defined(X, y, 2.0), rtol=1e-8)


def test_without_penalty(kata, data):
    """At alpha 0 the fit is least squares."""
    X, y = data
    assert_fit(kata.fit_ridge(X, y, 0.0), *defined(X, y, 0.0), rtol=1e-7)


@strict
def test_without_penalty_and_dependent(kata, data):
    """At alpha 0 with dependent features, coef has the smallest sum of squares of all solutions."""
    X, y = data
    intercept, (slope,) = defined(X[:, :1], y, 0.0)
    # a + b / 3 is the slope, and (a, b) is shortest along (3, 1); a constant has no part in it.
    redundant = np.column_stack([X[:, 0], X[:, 0] / 3, np.full(8, 6.0)])
    assert_fit(kata.fit_ridge(redundant, y, 0.0), intercept, [0.9 * slope, 0.3 * slope, 0.0], rtol=1e-7)
    # Two samples that differ by (1, 2, -2), and by 9 in y.
    wide = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 1.0]])
    assert_fit(kata.fit_ridge(wide, np.array([5.0, 14.0]), 0.0), 6.0, [1.0, 2.0, -2.0], rtol=1e-7)
    # Nothing but constants, whose mean is inexact.
    constant = np.full((3, 2), [0.1, 0.7])
    y = np.array([1.1, 3.2, 8.4])
    assert_fit(kata.fit_ridge(constant, y, 0.0), y.mean(), [0.0, 0.0])


@strict
def test_far_from_zero(kata):
    """A feature may lie far from 0, such as a time in seconds since 1970."""
    x, y = np.array([0.0, 60.0, 120.0]), np.array([1.0, 3.0, 8.0])
    for alpha in (0.0, 7200.0):
        slope = 420 / (7200 + alpha)
        assert_fit(kata.fit_ridge(1.7e9 + x[:, None], y, alpha), 4 - slope * (1.7e9 + 60), [slope], rtol=1e-6)


@strict
def test_negative_alpha(kata, data):
    """A negative alpha raises ValueError."""
    for alpha in (-1.0, -1e-9):
        with pytest.raises(ValueError):
            kata.fit_ridge(*data, alpha)


@strict
@pytest.mark.parametrize("kind", [int, np.int8], ids=["int64", "int8"])
def test_integers(kata, data, kind):
    """X and y may be integers of any type."""
    X, y = data
    assert_fit(kata.fit_ridge(X.astype(kind), y.astype(kind), 2.0), *defined(X, y, 2), rtol=1e-8)


def workload(kata, rng, n):
    """Penalise correlated features, some of them counts; a copy among them at alpha 0; and few samples."""
    X = rng.normal(size=(n + 2, 5)) + rng.normal(size=(n + 2, 1))
    X[:, 3:] = np.rint(3 * X[:, 3:])
    y = 5 + X @ rng.normal(size=5) + rng.normal(size=n + 2)
    return (
        kata.fit_ridge(X, y, float(rng.choice([0.1, 1.0, 10.0, 1e3]))),
        kata.fit_ridge(np.column_stack([X, X[:, 3]]), y, 0.0),
        kata.fit_ridge(X[:4], y[:4], 2.0),
    )


def picture(kata, rng):
    X = rng.normal(size=(40, 5))
    X[:, 4] = X[:, 0] + 0.05 * rng.normal(size=40)
    y = 5 + X @ [2.0, -1.0, 0.5, 0.0, 0.0] + rng.normal(size=40)
    alphas = np.geomspace(1e-3, 1e4, 30)
    path = np.array([kata.fit_ridge(X, y, float(alpha)).coef for alpha in alphas])
    return [
        Panel(
            "The path of the coefficients",
            "alpha",
            "coefficient",
            [Line(alphas, path[:, j], f"feature {j}") for j in range(5)],
            note="Features 0 and 4 are nearly copies: a small penalty makes them share the weight of 2.",
            log="x",
        ),
        Panel(
            "The size of the coefficients",
            "alpha",
            "sum of squares",
            [Line(alphas, (path**2).sum(axis=1))],
            note="It falls, but to 0 only in the limit.",
            log="xy",
        ),
    ]


MISTAKES = {
    "the intercept is penalised too": (
        "    x_mean, y_mean = _means(X), y.mean()\n    left, lengths, directions = ",
        (
            "    if alpha > 0:\n"
            "        A = np.column_stack([np.ones(len(X)), X])\n"
            "        beta = np.linalg.solve(A.T @ A + alpha * np.eye(A.shape[1]), A.T @ y)\n"
            "        return Fit(float(beta[0]), beta[1:])\n"
            "    x_mean, y_mean = _means(X), y.mean()\n    left, lengths, directions = "
        ),
    ),
    "no intercept": (
        "    x_mean, y_mean = _means(X), y.mean()\n    left, lengths, directions = ",
        "    x_mean, y_mean = np.zeros(X.shape[1]), 0.0\n    left, lengths, directions = ",
    ),
    "X is not centred": ("np.linalg.svd(X - x_mean, full_matrices=False)", "np.linalg.svd(X, full_matrices=False)"),
    "the intercept is the mean of y": ("float(y_mean - x_mean @ coef), coef)", "float(y_mean), coef)"),
    "the penalty of a mean loss": ("penalised = lengths**2 + alpha", "penalised = lengths**2 + alpha * len(X)"),
    "the penalty of half a loss": ("penalised = lengths**2 + alpha", "penalised = lengths**2 + 2 * alpha"),
    "the penalty with its half": ("penalised = lengths**2 + alpha", "penalised = lengths**2 + alpha / 2"),
    "the penalty squared": ("penalised = lengths**2 + alpha", "penalised = lengths**2 + alpha**2"),
    "singular values for eigenvalues": ("penalised = lengths**2 + alpha", "penalised = lengths * (lengths + alpha)"),
    "alpha is taken to be 1": ("penalised = lengths**2 + alpha", "penalised = lengths**2 + 1.0"),
    "all directions shrink alike": (
        "penalised = lengths**2 + alpha",
        "penalised = lengths**2 * (1 + alpha / (lengths**2).mean())",
    ),
    "the lasso's threshold": (
        "    return Fit(float(y_mean - x_mean @ coef), coef)",
        (
            "    if alpha > 0:\n"
            "        coef = np.linalg.lstsq(X - x_mean, y - y_mean)[0]\n"
            "        coef = np.sign(coef) * np.maximum(np.abs(coef) - alpha / lengths.max() ** 2, 0)\n"
            "    return Fit(float(y_mean - x_mean @ coef), coef)"
        ),
    ),
    "standardised features": (
        "    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)\n",
        (
            "    spread = np.where(np.ptp(X, axis=0) > 0, X.std(axis=0), 1)\n"
            "    if (spread != 1).any():\n"
            "        intercept, coef = fit_ridge((X - x_mean) / spread, y, alpha)\n"
            "        return Fit(intercept - x_mean @ (coef / spread), coef / spread)\n"
            "    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)\n"
        ),
    ),
    "alpha on a diagonal as long as the samples": (
        "    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)\n",
        (
            "    if alpha > 0:\n"
            "        Z = X - x_mean\n"
            "        coef = np.linalg.solve(Z.T @ Z + alpha * np.eye(len(X)), Z.T @ (y - y_mean))\n"
            "        return Fit(float(y_mean - x_mean @ coef), coef)\n"
            "    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)\n"
        ),
    ),
    "alpha on every entry of X'X": (
        "    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)\n",
        (
            "    if alpha > 0:\n"
            "        Z = X - x_mean\n"
            "        coef = np.linalg.lstsq(Z.T @ Z + alpha, Z.T @ (y - y_mean))[0]\n"
            "        return Fit(float(y_mean - x_mean @ coef), coef)\n"
            "    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)\n"
        ),
    ),
    "alpha 0 is taken for a little more": (
        "penalised = lengths**2 + alpha",
        "penalised = lengths**2 + max(alpha, 1e-3)",
    ),
    "a coarse cut-off for singular values": ("1e-10 * lengths[0]", "0.1 * lengths[0]"),
    "strong directions alone": (
        "[lengths <= 1e-10 * lengths[0]]",
        "[(lengths <= 1e-10 * lengths[0]) | (lengths**2 <= alpha)]",
    ),
    "one mean for all features": (
        "    x_mean, y_mean = _means(X), y.mean()\n    left, lengths, directions = ",
        "    x_mean, y_mean = np.full(X.shape[1], X.mean()), y.mean()\n    left, lengths, directions = ",
    ),
}

STRICT_MISTAKES = {
    "normal equations, singular at alpha 0": (
        "    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)\n",
        (
            "    Z = X - x_mean\n"
            "    coef = np.linalg.solve(Z.T @ Z + alpha * np.eye(X.shape[1]), Z.T @ (y - y_mean))\n"
            "    return Fit(float(y_mean - x_mean @ coef), coef)\n"
            "    left, lengths, directions = np.linalg.svd(X - x_mean, full_matrices=False)\n"
        ),
    ),
    "rounding is blown up at alpha 0": (
        "    penalised[lengths <= 1e-10 * lengths[0]] = np.inf\n",
        "",
    ),
    "a cut-off that knows no unit": ("1e-10 * lengths[0]", "1e-10"),
    "a small alpha is taken for 0": (
        "penalised = lengths**2 + alpha",
        "penalised = lengths**2 + (alpha if alpha > 1e-8 else 0)",
    ),
    "a negative alpha passes": (
        "    if alpha < 0:\n        raise ValueError(f",
        "    if alpha < -np.inf:\n        raise ValueError(f",
    ),
    "a negative alpha is taken for 0": (
        '        raise ValueError(f"alpha is {alpha}, and may not be negative")',
        "        alpha = 0.0",
    ),
    "coef of the kind of X": (
        "    return Fit(float(y_mean - x_mean @ coef), coef)",
        "    return Fit(float(y_mean - x_mean @ coef), coef.astype(X.dtype))",
    ),
}
