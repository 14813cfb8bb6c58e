from fractions import Fraction

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

KINDS = ("HC0", "HC1", "HC2", "HC3")
# The fit is 0 everywhere, so the residuals are y. Sample i has the weights (7, 4, 1, -2) / 10 in the intercept and
# (-3, -1, 1, 3) / 10 in the slope; the leverages are 0.7, 0.3, 0.3 and 0.7.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
SQUARES_SMALL = {
    "HC0": [0.24, 0.14],
    "HC1": [0.48, 0.28],
    "HC2": [44 / 105, 13 / 35],
    "HC3": [376 / 441, 54 / 49],
}
X_FEW = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [3.0, 1.0, 1.0], [4.0, 5.0, 2.0], [2.0, 2.0, 7.0]])
Y_FEW = np.array([2.0, 5.0, 1.0, 4.0, 4.0])
# Fits of these to X_SMALL leave residuals of 0.
PERFECT = X_SMALL[:, 0] * 2.0 + 1.0, 0.1 - 0.7 * X_SMALL[:, 0], np.full(4, 0.3)


@pytest.fixture
def data(rng):
    """Three features with a common part, away from zero, few samples of small whole numbers, and unequal errors."""
    X = 20.0 + rng.integers(-3, 4, size=(9, 1)) + rng.integers(-9, 10, size=(9, 3)) * [1, 2, 4]
    return X, 50.0 + rng.integers(-100, 101, size=9) * np.arange(1.0, 10.0) / 16


def weights(X):
    """Return A: column i holds the intercept and the coefficients where y is 1 for sample i and 0 for all others."""
    design = np.column_stack([np.ones(len(X)), X])
    return np.column_stack([np.linalg.lstsq(design, y)[0] for y in np.eye(len(X))])


def defined(X, y, kind=None):
    """Return the standard errors by the definition, one sample and one coefficient at a time."""
    A, design = weights(X), np.column_stack([np.ones(len(X)), X])
    e, h = y - design @ (A @ y), np.diag(design @ A)
    n, p = design.shape
    v = {
        None: np.full(n, (e**2).sum() / (n - p)),
        "HC0": e**2,
        "HC1": e**2 * n / (n - p),
        "HC2": e**2 / (1 - h),
        "HC3": e**2 / (1 - h) ** 2,
    }[kind]
    return np.array([sum(A[j, i] ** 2 * v[i] for i in range(n)) ** 0.5 for j in range(p)])


def squares(actual):
    return np.asarray(actual) ** 2


def test_classical(kata, data):
    """The classical variance of a coefficient is the sum of A_ji^2, times s^2 with n - p degrees of freedom."""
    assert_close(kata.standard_errors(X_SMALL, Y_SMALL), [2.1**0.5, 0.6**0.5])
    X, y = data
    for n_features in (1, 2, 3):
        assert_close(kata.standard_errors(X[:, :n_features], y), defined(X[:, :n_features], y))
    # Perfect fits: all residuals are 0.
    for y in PERFECT:
        assert_close(kata.standard_errors(X_SMALL, y), [0.0, 0.0], atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_sandwich(kata, data, kind):
    """The sandwich sums A_ji^2 v_i, with v_i from the squared residual by the kind."""
    assert_close(kata.sandwich_standard_errors(X_SMALL, Y_SMALL, kind), np.sqrt(SQUARES_SMALL[kind]))
    X, y = data
    for n_features in (1, 2, 3):
        actual = kata.sandwich_standard_errors(X[:, :n_features], y, kind)
        assert_close(actual, defined(X[:, :n_features], y, kind))
    for y in PERFECT:
        assert_close(kata.sandwich_standard_errors(X_SMALL, y, kind), [0.0, 0.0], atol=1e-9)
    # The last sample has a leverage of 0.99994.
    X, y = np.append(X_SMALL, [[300.0]], axis=0), np.append(Y_SMALL, 20.0)
    assert_close(kata.sandwich_standard_errors(X, y, kind), defined(X, y, kind), rtol=1e-5)


def test_order(kata, data):
    """The standard error of the intercept comes first, then those of the features in order."""
    # Centred and uncorrelated features: the variances are s^2 over the sums of squares, 4, 4 and 16.
    X = np.array([[-1.0, -2.0], [-1.0, 2.0], [1.0, -2.0], [1.0, 2.0]])
    y = np.array([1.0, -1.0, -1.0, 1.0])
    assert_close(kata.standard_errors(X, y), [1.0, 1.0, 0.5])
    assert_close(kata.sandwich_standard_errors(X, y, "HC0"), [0.5, 0.5, 0.25])
    X, y = data
    order = [2, 0, 1]
    assert_close(kata.standard_errors(X[:, order], y), defined(X, y)[[0, 3, 1, 2]])
    assert_close(kata.sandwich_standard_errors(X[:, order], y, "HC3"), defined(X, y, "HC3")[[0, 3, 1, 2]])


@pytest.mark.parametrize("unit", [2.0**10, 2.0**-10], ids=["large", "small"])
def test_units(kata, data, unit):
    """A standard error has the unit of y divided by the unit of its feature."""
    assert_close(kata.standard_errors(X_SMALL * unit, Y_SMALL), [2.1**0.5, 0.6**0.5 / unit], rtol=1e-6, atol=0.0)
    # Features of size 1e-4, and then a y of size 1e-6.
    expected = [2.1**0.5, 0.6**0.5 * 1e4]
    assert_close(kata.standard_errors(X_SMALL * 1e-4, Y_SMALL), expected, rtol=1e-6, atol=0.0)
    expected = [2.1e-12**0.5, 0.6e-12**0.5]
    assert_close(kata.standard_errors(X_SMALL, Y_SMALL * 1e-6), expected, rtol=1e-6, atol=0.0)
    for kind, variances in SQUARES_SMALL.items():
        actual = kata.sandwich_standard_errors(X_SMALL, Y_SMALL * 1e-6, kind)
        assert_close(actual, np.sqrt(variances) * 1e-6, rtol=1e-6, atol=0.0)
    X, y = data
    for units in ([1.0, 1.0, unit], [unit, unit, unit]):
        factor = unit / np.append(1.0, units)
        assert_close(kata.standard_errors(X * units, y * unit), defined(X, y) * factor, rtol=1e-6, atol=0.0)
        for kind in KINDS:
            actual = kata.sandwich_standard_errors(X * units, y * unit, kind)
            assert_close(actual, defined(X, y, kind) * factor, rtol=1e-6, atol=0.0)


@strict
def test_origin(kata, data):
    """Features and y may lie a million standard deviations from zero."""
    # The intercept is that of the fit at the moved origin.
    at_origin = (3 * (0.25 + (1e6 + 1.5) ** 2 / 5)) ** 0.5
    assert_close(kata.standard_errors(X_SMALL + 1e6, Y_SMALL), [at_origin, 0.6**0.5], rtol=1e-6)
    X, y = data
    move = np.array([1e7, -1e6, 1e3])
    moved = weights(X)
    moved[0] -= move @ moved[1:]
    design = np.column_stack([np.ones(9), X])
    e, h = y - design @ (weights(X) @ y), np.diag(design @ weights(X))
    assert_close(kata.standard_errors(X + move, y - 1e7), np.sqrt((moved**2).sum(axis=1) * (e @ e) / 5), rtol=1e-6)
    for kind, v in [("HC0", e**2), ("HC1", e**2 * 9 / 5), ("HC2", e**2 / (1 - h)), ("HC3", e**2 / (1 - h) ** 2)]:
        actual = kata.sandwich_standard_errors(X + move, y - 1e7, kind)
        assert_close(actual, np.sqrt(moved**2 @ v), rtol=1e-6)


@strict
def test_leverage_one(kata, data):
    """At leverage 1, HC2 and HC3 raise ValueError; HC0 and HC1 have a value."""
    # The second feature marks the last sample, and so the slope is fitted to the others as if it were not there.
    X = np.column_stack([[0.0, 1.0, 2.0, 3.0, 5.0], [0.0, 0.0, 0.0, 0.0, 1.0]])
    y = np.append(Y_SMALL, 0.7)
    assert_close(squares(kata.sandwich_standard_errors(X, y, "HC0"))[:2], SQUARES_SMALL["HC0"])
    assert_close(squares(kata.sandwich_standard_errors(X, y, "HC1"))[:2], np.array(SQUARES_SMALL["HC0"]) * 5 / 2)
    for kind in ("HC2", "HC3"):
        with pytest.raises(ValueError):
            kata.sandwich_standard_errors(X, y, kind)
    X, y = data
    marked = np.column_stack([X[:, 0], np.arange(9) == 5, X[:, 1]])
    others = np.delete(np.arange(9), 5)
    expected = defined(X[others, :2], y[others], "HC0")
    assert_close(np.asarray(kata.sandwich_standard_errors(marked, y, "HC0"))[[0, 1, 3]], expected, rtol=1e-6)
    for kind in ("HC2", "HC3"):
        with pytest.raises(ValueError):
            kata.sandwich_standard_errors(marked, y, kind)


@strict
def test_leverage_near_one(kata):
    """HC2 and HC3 raise ValueError only if a 1 - h_i is below 1e-8."""
    y = np.array([2.0, 5.0, 2.0, 5.0])
    for far in (1_000, 10_000):
        # One feature, in fractions: 1 - h is about 2 / far^2.
        x = [Fraction(value) for value in (-1, 0, 1, far)]
        deviation = [value - sum(x) / 4 for value in x]
        length = sum(d**2 for d in deviation)
        slope = sum(d * Fraction(value) for d, value in zip(deviation, y, strict=True)) / length
        e = [Fraction(value) - Fraction(7, 2) - slope * d for d, value in zip(deviation, y, strict=True)]
        unfitted = [Fraction(3, 4) - d**2 / length for d in deviation]
        for kind, power in [("HC2", 1), ("HC3", 2)]:
            variances = [r**2 / m**power for r, m in zip(e, unfitted, strict=True)]
            slopes = [d / length for d in deviation]
            intercepts = [Fraction(1, 4) - sum(x) / 4 * weight for weight in slopes]
            expected = [
                float(sum(weight**2 * v for weight, v in zip(row, variances, strict=True))) ** 0.5
                for row in (intercepts, slopes)
            ]
            actual = kata.sandwich_standard_errors(np.array([[-1.0], [0.0], [1.0], [far]]), y, kind)
            assert_close(actual, expected, rtol=1e-5, atol=0.0)
    for kind in ("HC2", "HC3"):
        with pytest.raises(ValueError):
            kata.sandwich_standard_errors(np.array([[-1.0], [0.0], [1.0], [2e4]]), y, kind)


def test_few_samples(kata):
    """With no more samples than coefficients, every function and kind raises ValueError; one more is enough."""
    for X, y in [(X_SMALL[:3], Y_SMALL[:3]), (X_FEW, Y_FEW)]:
        for n_samples in range(len(X) - 1, 0, -1):
            with pytest.raises(ValueError):
                kata.standard_errors(X[:n_samples], y[:n_samples])
            for kind in KINDS:
                with pytest.raises(ValueError):
                    kata.sandwich_standard_errors(X[:n_samples], y[:n_samples], kind)
        assert_close(kata.standard_errors(X, y), defined(X, y), rtol=1e-8)
        for kind in KINDS:
            assert_close(kata.sandwich_standard_errors(X, y, kind), defined(X, y, kind), rtol=1e-8)


@strict
def test_kind(kata):
    """A kind other than HC0, HC1, HC2 and HC3 raises ValueError."""
    for kind in ("HC4", "HC", "hc1", "white", "", "0", "HC01"):
        with pytest.raises(ValueError):
            kata.sandwich_standard_errors(X_SMALL, Y_SMALL, kind)


@strict
@pytest.mark.parametrize("dtype", [int, np.int16], ids=["int64", "int16"])
def test_integers(kata, data, dtype):
    """X and y may be integers of any type."""
    X, y = X_SMALL.astype(dtype), np.array([1, 0, 0, 1], dtype=dtype)
    assert_close(kata.standard_errors(X, y), [0.35**0.5, 0.1**0.5])
    for kind in KINDS:
        assert_close(kata.sandwich_standard_errors(X, y, kind), defined(X_SMALL, y, kind))
    X, y = data[0].astype(dtype), np.rint(16 * data[1]).astype(dtype)
    assert_close(kata.standard_errors(X, y), defined(X, y))
    for kind in KINDS:
        assert_close(kata.sandwich_standard_errors(X, y, kind), defined(X, y, kind))


def test_many_samples(kata, rng):
    """30,000 samples take n p^2 time: no n by n matrix."""
    # Two centred and uncorrelated features, so that the sums are over each column alone.
    X = np.tile([[-1.0, -2.0], [-1.0, 2.0], [1.0, -2.0], [1.0, 2.0]], (7_500, 1))
    y = rng.normal(size=30_000)
    design = np.column_stack([np.ones(30_000), X])
    lengths = np.array([30_000.0, 30_000.0, 120_000.0])
    e = y - design @ (design.T @ y / lengths)
    assert_close(kata.standard_errors(X, y), np.sqrt(e @ e / 29_997 / lengths))
    # Every leverage is 3 / n.
    for kind, factor in [("HC0", 1), ("HC1", 1 / 0.9999), ("HC2", 1 / 0.9999), ("HC3", 1 / 0.9999**2)]:
        expected = np.sqrt(factor * (design**2 * e[:, None] ** 2).sum(axis=0)) / lengths
        assert_close(kata.sandwich_standard_errors(X, y, kind), expected)


def workload(kata, rng, n):
    """Correlated features, some of them counts, and errors that grow with the first; the same with a marked sample."""
    X = rng.normal(size=(n + 8, 3)) + rng.normal(size=(n + 8, 1))
    X[:, 2] = np.rint(3 * X[:, 2])
    y = 5 + X @ rng.normal(size=3) + rng.normal(size=n + 8) * np.exp(X[:, 0])
    robust = [kata.sandwich_standard_errors(X, y, kind) for kind in KINDS]
    marked = np.column_stack([X, np.arange(n + 8) == 5])
    return kata.standard_errors(X, y), *robust, kata.sandwich_standard_errors(marked, y, "HC1")


MISTAKES = {
    "s^2 over n": (
        "residual @ residual / (n_samples - n_coefficients) * (influence",
        "residual @ residual / n_samples * (influence",
    ),
    "the intercept is no coefficient of s^2": (
        "residual @ residual / (n_samples - n_coefficients) * (influence",
        "residual @ residual / (n_samples - n_coefficients + 1) * (influence",
    ),
    "variances instead of standard errors": (
        "return np.sqrt(variance @ influence**2)",
        "return variance @ influence**2",
    ),
    "classical variances": (
        "return np.sqrt(residual @ residual / (n_samples - n_coefficients) * (influence**2).sum(axis=0))",
        "return residual @ residual / (n_samples - n_coefficients) * (influence**2).sum(axis=0)",
    ),
    "one over the diagonal instead of the diagonal of the inverse": (
        "(influence**2).sum(axis=0))",
        "np.append(1 / n_samples, 1 / ((X - X.mean(axis=0)) ** 2).sum(axis=0)))",
    ),
    "no intercept in the design": [
        ("mean, deviation = X.mean(axis=0), y - y.mean()", "mean, deviation = np.zeros(n_features), y"),
    ],
    "the intercept's as if the features were centred": (
        "1 / n_samples - mean @ slopes",
        "1 / n_samples + 0 * slopes[0]",
    ),
    "the intercept's comes last": (
        "np.column_stack([1 / n_samples - mean @ slopes, slopes.T])",
        "np.column_stack([slopes.T, 1 / n_samples - mean @ slopes])",
    ),
    "no intercept's standard error": (
        "return np.sqrt(variance @ influence**2)",
        "return np.sqrt(variance @ influence**2)[1:]",
    ),
    "HC1 is HC0": (
        "        variance = variance * n_samples / (n_samples - n_coefficients)\n",
        "        variance = residual**2\n",
    ),
    "HC1 over n - 1": (
        "variance * n_samples / (n_samples - n_coefficients)",
        "variance * n_samples / (n_samples - 1)",
    ),
    "HC1 without n": ("variance * n_samples / (n_samples - n_coefficients)", "variance / (n_samples - n_coefficients)"),
    "HC1's factor on the standard error": (
        "variance * n_samples / (n_samples - n_coefficients)",
        "variance * (n_samples / (n_samples - n_coefficients)) ** 2",
    ),
    "HC2 with the square": ("        variance = variance / unfitted\n", "        variance = variance / unfitted**2\n"),
    "HC3 without the square": ("variance / unfitted**2", "variance / unfitted"),
    "HC3 with HC1's factor too": (
        "variance / unfitted**2",
        "variance / unfitted**2 * n_samples / (n_samples - n_coefficients)",
    ),
    "kind ignored": ("    variance = residual**2\n", '    variance, kind = residual**2, "HC0"\n'),
    "leverages without the mean's share": ("1 - 1 / n_samples - (basis**2)", "1 - (basis**2)"),
    "residuals' mean square for each": (
        "    variance = residual**2\n",
        "    variance = np.full(n_samples, (residual**2).mean())\n",
    ),
    "leverages cut off at 0.999": ("(basis**2).sum(axis=1)", "(basis**2).sum(axis=1).clip(max=0.999 - 1 / n_samples)"),
    "residuals not squared": ("    variance = residual**2\n", "    variance = abs(residual)\n"),
    "a diagonal matrix of n by n": (
        "return np.sqrt(variance @ influence**2)",
        "return np.sqrt(np.diag(influence.T @ np.diag(variance) @ influence))",
    ),
    "a hat matrix of n by n": ("(basis**2).sum(axis=1)", "np.diag(basis @ basis.T)"),
    "too few samples go unnoticed": ("n_samples < n_features + 2", "n_samples < n_features + 1"),
}

STRICT_MISTAKES = {
    "normal equations on a column of ones": (
        "    influence = np.column_stack([1 / n_samples - mean @ slopes, slopes.T])\n",
        "    Z = np.column_stack([np.ones(n_samples), X])\n    influence = Z @ np.linalg.inv(Z.T @ Z)\n",
    ),
    "leverage 1 is left to rounding": ("unfitted.min() < 1e-8", "unfitted.min() < 0"),
    "leverage 1 too early": ("unfitted.min() < 1e-8", "np.isclose(unfitted.min(), 0, atol=1e-7)"),
    "leverage 1 has no kind spared": ('kind in {"HC2", "HC3"} and unfitted', "unfitted"),
    "leverage 1 passes for HC2": ('kind in {"HC2", "HC3"} and', 'kind == "HC3" and'),
    "any kind passes": ('kind not in {"HC0", "HC1", "HC2", "HC3"}', "False"),
    "kinds in any case": ('kind not in {"HC0",', 'kind.upper() not in {"HC0",'),
    "kinds known by their last character": (
        'kind not in {"HC0", "HC1", "HC2", "HC3"}',
        'kind[-1:] not in {"0", "1", "2", "3"}',
    ),
    "deviations truncated to the kind of y": ("y - y.mean()\n    basis", "(y - y.mean()).astype(y.dtype)\n    basis"),
}
