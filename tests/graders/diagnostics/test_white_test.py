import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# The fit is 0 everywhere, so the squared residuals are 0, 1, 4 and 1. Their squared deviations add up to 9. The slope
# explains 9/5, and the contrast (1, -1, -1, 1) of the parabola 4.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
STATISTIC = 4 * 5.8 / 9


@pytest.fixture
def data(rng):
    """Three features of small whole numbers, correlated and not centred, and unequal errors."""
    X = rng.integers(-1, 2, size=(14, 1)) + rng.permuted(np.arange(42.0).reshape(14, 3) % 7, axis=0)
    return X, 5.0 + rng.integers(-40, 41, size=14) * np.arange(1.0, 15.0) / 16


def fit(columns, target):
    """Return what a fit with an intercept leaves of the target, and how many columns count beside the intercept."""
    design = np.column_stack([np.ones(len(target)), *columns])
    return target - design @ np.linalg.lstsq(design, target)[0], np.linalg.matrix_rank(design) - 1


def defined(X, y):
    """Return the definition on whole numbers, of which neither the fit nor the rank is in doubt."""
    features = list(X.T)
    squares = fit(features, y)[0] ** 2
    rest, dof = fit([*features, *(a * b for i, a in enumerate(features) for b in features[i:])], squares)
    return len(y) * (1 - sum(rest**2) / sum((squares - squares.mean()) ** 2)), dof


def assert_defined(kata, X, y, rtol=1e-6):
    actual, (statistic, dof) = kata.white_test(X, y), defined(X, y)
    assert_close(actual.statistic, statistic, rtol=rtol, atol=1e-8)
    assert_equal(actual.dof, dof)


def test_one_feature(kata, data):
    """With one feature, the squared residuals are fitted to x and x**2. The statistic is n R2."""
    assert_close(kata.white_test(X_SMALL, Y_SMALL).statistic, STATISTIC)
    X, y = data
    for j in range(3):
        assert_defined(kata, X[:, [j]], y)
        assert_defined(kata, X[:9, [j]], y[:9])


def test_several_features(kata, data):
    """With several features, the second fit has all features, their squares and their cross products at once."""
    # Features of -1 and 1, whose squares are constant. The residual is y. Its squares are 4 where both are equal.
    X = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]] * 2)
    assert_close(kata.white_test(X, np.array([2.0, 1.0, 1.0, 2.0, -2.0, -1.0, -1.0, -2.0])).statistic, 8.0)
    # Four features of -1 and 1: the residual is 1.5 x0 x1 x2 x3 + 0.5 x1 x3, and its square 2.5 + 1.5 x0 x2.
    X = np.where(np.arange(16)[:, None] >> np.arange(4) & 1, 1.0, -1.0)
    actual = kata.white_test(X, 1.5 * X.prod(axis=1) + 0.5 * X[:, 1] * X[:, 3])
    assert_close(actual.statistic, 16.0)
    assert_equal(actual.dof, 10)
    X, y = data
    assert_defined(kata, X[:, :2], y)
    assert_defined(kata, X[:, [2, 0]], y)
    assert_defined(kata, X, y)


def test_degrees_of_freedom(kata, data):
    """The degrees of freedom are the terms without the intercept: k features, k squares, k (k - 1) / 2 products."""
    assert_equal(kata.white_test(X_SMALL, Y_SMALL).dof, 2)
    X, y = data
    for n_features in (1, 2, 3):
        assert_equal(kata.white_test(X[:, :n_features], y).dof, defined(X[:, :n_features], y)[1])


def test_dummies(kata, data):
    """A term that follows from others does not count: the square of a 0/1 feature, a product of two levels."""
    X, y = data
    dummy, levels = np.arange(14.0) // 3 % 2, np.eye(3)[np.arange(14) // 2 % 3]
    # Residuals of 1 and 2, with both signs, in two groups of four: the feature tells all.
    x = np.repeat([[0.0], [1.0]], 4, axis=0)
    points = kata.white_test(x, np.array([1.0, -1.0, 1.0, -1.0, 2.0, -2.0, 2.0, -2.0]))
    assert_close(points.statistic, 8.0)
    assert_equal(points.dof, 1)
    assert_defined(kata, dummy[:, None], y)
    assert_defined(kata, np.column_stack([X[:, 0], dummy]), y)
    assert_defined(kata, levels[:, 1:], y)
    assert_defined(kata, np.column_stack([levels[:, :2], X[:, 1]]), y)


def test_other_dependent_terms(kata, data):
    """Other codes of a dummy, or a square among the features, do not count twice either."""
    X, y = data
    # With codes of 1 and 2, x**2 = 3 x - 2.
    assert_equal(kata.white_test(np.repeat([[1.0], [2.0]], 3, axis=0), np.array([1.0, 5, 2, 0, 7, 3])).dof, 1)
    codes = np.arange(14.0) // 3 % 2
    for low, high in ((1, 2), (-1, 1), (3, -1)):
        assert_defined(kata, np.column_stack([np.where(codes == 1, high, low), X[:, 1]]), y)
    assert_defined(kata, np.column_stack([X[:, 0], X[:, 0] ** 2]), y)


def test_fitted_values_do_not_matter(kata, data):
    """Only the residuals count: a line in the features that is added to y changes nothing."""
    assert_close(kata.white_test(X_SMALL, Y_SMALL + 3 + 2 * X_SMALL[:, 0]).statistic, STATISTIC)
    X, y = data
    assert_close(kata.white_test(X, y + 5 - X @ [1.0, 2.0, -3.0]).statistic, defined(X, y)[0], rtol=1e-6)


def test_units(kata, data):
    """The units of the features and of y do not matter. Small residuals are not taken for equal ones."""
    X, y = data
    statistic, dof = defined(X[:, :2], y)
    for unit in (2.0**8, 2.0**-8, -1.0):
        assert_close(kata.white_test(X_SMALL * unit, Y_SMALL).statistic, STATISTIC, rtol=1e-6)
        actual = kata.white_test(X[:, :2] * [1.0, unit], y)
        assert_close(actual.statistic, statistic, rtol=1e-6)
        assert_equal(actual.dof, dof)
    assert_close(kata.white_test(X_SMALL, Y_SMALL * 2.0**-17).statistic, STATISTIC)
    assert_close(kata.white_test(X_SMALL, 64 + Y_SMALL * 2.0**-10).statistic, STATISTIC, rtol=1e-6)
    assert_close(kata.white_test(X[:, :2], y * 2.0**12).statistic, statistic, rtol=1e-6)


def test_few_samples(kata):
    """Fewer than dof + 2 samples raise ValueError. So many are enough."""
    assert_close(kata.white_test(X_SMALL, Y_SMALL).statistic, STATISTIC)
    # The square of a dummy does not count.
    x, y = np.array([[0.0], [1.0], [0.0]]), np.array([1.0, 3.0, 4.0])
    assert_close(kata.white_test(x, y).statistic, 3.0)
    X = np.array([[0.0, 1.0], [1.0, 0.0], [3.0, 1.0], [4.0, 5.0], [2.0, 2.0], [7.0, 3.0], [1.0, 6.0]])
    y = np.array([2.0, 5.0, 1.0, 4.0, 4.0, 0.0, 1.0])
    assert_defined(kata, X, y)
    for few, target in ((X[:6], y[:6]), (X[:5], y[:5]), (X_SMALL[:3], Y_SMALL[:3])):
        with pytest.raises(ValueError):
            kata.white_test(few, target)


@strict
def test_equal_residuals(kata, rng):
    """If the squared residuals are equal but for rounding, as in an exact fit, the statistic is 0."""
    assert_close(kata.white_test(X_SMALL, np.array([1.0, 0.0, 0.0, 1.0])).statistic, 0.0)
    signs = np.tile([1.0, -1.0, -1.0, 1.0], 3)
    X = np.column_stack([np.repeat([0.1, 0.3, 0.7], 4), np.tile([1.0, 2.0, 3.0, 4.0], 3) / 3])
    for size in (0.0, 0.1, 3.7, 1e5):
        y = 0.3 + X @ rng.normal(size=2) + size * signs
        for target in (y, y - y[0], y - 2 * abs(y).max()):
            assert_close(kata.white_test(X, target).statistic, 0.0)
            assert_equal(kata.white_test(X, target).dof, 5)
        assert_close(kata.white_test(X[:, 1:], np.full(12, size)).statistic, 0.0)
        assert_close(kata.white_test(X, size * signs * (1 + 1e-10 * (X[:, 0] > 0.5))).statistic, 0.0)
    # A difference of one part in a million counts.
    actual = kata.white_test(X[:, 1:], signs * (1 + 1e-6 * (X[:, 1] > 1))).statistic
    assert_close(actual, defined(X_SMALL[np.arange(12) % 4], 3 * signs + signs * (X[:, 1] > 1))[0], rtol=1e-3)


@strict
def test_far_and_small_features(kata, data):
    """A feature may have any unit, and lie a million standard deviations from 0."""
    X, y = data
    statistic, dof = defined(X, y)
    codes = np.column_stack([np.arange(14.0) // 3 % 2, X[:, 0]])
    for unit in ([1e-6, 1.0, 1e6], [1e-5, 1e-6, 1e-5]):
        assert_close(kata.white_test(X * unit, y).statistic, statistic, rtol=1e-6)
        assert_equal(kata.white_test(X * unit, y).dof, dof)
    assert_close(kata.white_test(X + np.array([1e6, -3e6, 1e3]), y).statistic, statistic, rtol=1e-5)
    assert_equal(kata.white_test(codes + 1e6, y).dof, defined(codes, y)[1])
    assert_equal(kata.white_test(codes * 1e-6, y).dof, defined(codes, y)[1])
    # A square among the features, of which rounding leaves ten digits.
    squared = np.column_stack([X[:, 0], X[:, 0] ** 2])
    assert_equal(kata.white_test(squared / 3 + 1e6 / 7, y).dof, defined(squared, y)[1])


def workload(kata, rng, n):
    """Correlated features, one of them 0 or 1, and errors of equal and of unequal variance."""
    X = rng.normal(size=(n + 12, 3)) + rng.normal(size=(n + 12, 1))
    X[:, 2] = X[:, 2] > np.median(X[:, 2])
    line, noise = 5 + X @ rng.normal(size=3), rng.normal(size=n + 12)
    return tuple(kata.white_test(X, y) for y in (line + noise, line + noise * X[:, 0]))


TERMS = "np.column_stack([scaled, scaled[:, j] * scaled[:, k]])"
PAIRS = "j, k = np.triu_indices(n_features)"
BASIS = "basis = directions[:, lengths > 1e-8 * lengths[0]]"
DOF = "dof = basis.shape[1]"
SQUARES = "squares = residual**2 - (residual**2).mean()"
RESULT = "n_samples * (explained @ explained) / (squares @ squares)"
FIRST = "    residual = residual - scaled @ np.linalg.lstsq(scaled, residual)[0]\n"

MISTAKES = {
    "no cross products": (PAIRS, "j = k = np.arange(n_features)"),
    "no squares": (PAIRS, "j, k = np.triu_indices(n_features, 1)"),
    "neither, which is Breusch and Pagan's test": (TERMS, "scaled"),
    "products without the features": (TERMS, "X[:, j] * X[:, k]"),
    "features and squares of the fitted values": (
        BASIS,
        (
            "fitted = np.linalg.lstsq(scaled, y - y.mean())[0] @ scaled.T\n"
            "    wide = np.column_stack([fitted, fitted**2])\n"
            "    basis = np.linalg.qr(wide - wide.mean(axis=0))[0]"
        ),
    ),
    "cubes instead of squares": (TERMS, "np.column_stack([scaled, scaled**3])"),
    "every term counts": (DOF, "dof = terms.shape[1]"),
    "only copies are dropped": (DOF, "dof = len(np.unique(np.column_stack([X, X[:, j] * X[:, k]]), axis=1).T)"),
    "the intercept counts": (DOF, "dof = basis.shape[1] + 1"),
    "the features alone count": (DOF, "dof = n_features"),
    "the degrees of freedom of the residuals": (
        "(squares @ squares)), dof)",
        "(squares @ squares)), n_samples - dof - 1)",
    ),
    "dependent terms left to rounding": (BASIS, "basis = directions"),
    "R2 alone": (RESULT, "(explained @ explained) / (squares @ squares)"),
    "(n - p) R2": (RESULT, "(n_samples - dof - 1) * (explained @ explained) / (squares @ squares)"),
    "n (1 - R2)": (RESULT, "n_samples * (1 - (explained @ explained) / (squares @ squares))"),
    "half the explained sum of squares": (RESULT, "(explained @ explained) / (residual**2).mean() ** 2 / 2"),
    "the F statistic": (
        RESULT,
        "(explained @ explained) / (squares @ squares - explained @ explained) * (n_samples - dof - 1) / dof",
    ),
    "R2 about zero": (SQUARES, "squares = residual**2"),
    "the second fit without an intercept": ("svd(terms - terms.mean(axis=0), ", "svd(terms, "),
    "the first fit without an intercept": (FIRST, "    residual = y - X @ np.linalg.lstsq(X, y)[0]\n"),
    "no first fit": (FIRST, ""),
    "the first fit on all terms": (FIRST, "    residual = residual - basis @ (basis.T @ residual)\n"),
    "sizes of the residuals": (SQUARES, "squares = abs(residual) - abs(residual).mean()"),
    "residuals, not squared": (SQUARES, "squares = residual + 1e-9"),
    "too few samples go unnoticed": ("n_samples < dof + 2", "n_samples < dof + 1"),
    "one sample more is asked for": ("n_samples < dof + 2", "n_samples < dof + 3"),
    "samples are counted against all terms": ("n_samples < dof + 2", "n_samples < terms.shape[1] + 2"),
    "small residuals are equal": ("1e-8 * abs(y).max()", "1e-4"),
}

STRICT_MISTAKES = {
    "raw features": ("scaled = (X - X.mean(axis=0)) / X.std(axis=0)", "scaled = X - X.mean(axis=0)"),
    "not centred": ("scaled = (X - X.mean(axis=0)) / X.std(axis=0)", "scaled = X / X.std(axis=0)"),
    "equal residuals are left to rounding": (
        "if np.ptp(abs(residual)) <= 1e-8 * abs(y).max():",
        "if not residual.any():",
    ),
    "only an exact fit is 0": ("np.ptp(abs(residual)) <=", "abs(residual).max() <="),
    "nearly equal is equal": ("1e-8 * abs(y).max()", "1e-5 * abs(y).max()"),
}
