import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, strict

X_SMALL = np.array([[1.0, 3.0], [2.0, 1.0], [3.0, 4.0], [4.0, 7.0], [5.0, 5.0]])
Y_SMALL = np.array([2.0, 1.0, 6.0, 8.0, 3.0])
# Uncorrelated, and of one length.
A, B, C = np.repeat([-1.0, 1.0], 4), np.tile([-1.0, -1.0, 1.0, 1.0], 2), np.tile([-1.0, 1.0], 4)


@pytest.fixture
def data(rng):
    """Four features with a common part of growing weight, away from zero, in whole numbers; and y."""
    common = rng.integers(-9, 10, size=(16, 1)) * [0, 1, 2, 3]
    X = 20.0 + common + rng.integers(-9, 10, size=(16, 4))
    return X, X @ [1.0, -2.0, 0.5, 1.5] + rng.integers(-20, 21, size=16)


def unexplained(target, others):
    """Return what the others leave of a target, read off the inverse of their matrix of products."""
    table = np.column_stack([target, others])
    table = table - table.mean(axis=0)
    weights = np.linalg.inv(table.T @ table)[:, 0]
    return table @ weights / weights[0]


def coefficients(X, y):
    centred = X - X.mean(axis=0)
    return np.linalg.solve(centred.T @ centred, centred.T @ (y - y.mean()))


def assert_partial(kata, X, y, feature, expected, **tolerance):
    """Compare what comes back with two vectors of residuals and a slope."""
    result = kata.partial_regression(X, y, feature)
    for actual, value in zip(result, expected, strict=True):
        assert_close(actual, value, **tolerance)


def defined(X, y, feature):
    others = np.delete(X, feature, axis=1)
    return unexplained(X[:, feature], others), unexplained(y, others), coefficients(X, y)[feature]


def test_x_residual(kata, data):
    """x_residual is what a fit with an intercept to the other features leaves of the feature."""
    assert_close(kata.partial_regression(X_SMALL, Y_SMALL, 0).x_residual, [-1.5, 0.5, 0.0, -0.5, 1.5])
    X, y = data
    for feature in range(4):
        expected = unexplained(X[:, feature], np.delete(X, feature, axis=1))
        assert_close(kata.partial_regression(X, y, feature).x_residual, expected, atol=1e-9)


def test_y_residual(kata, data):
    """y_residual is what a fit with an intercept to the same other features leaves of y."""
    assert_close(kata.partial_regression(X_SMALL, Y_SMALL, 0).y_residual, [-0.9, 0.3, 2.0, 0.7, -2.1])
    X, y = data
    for feature in range(4):
        expected = unexplained(y, np.delete(X, feature, axis=1))
        assert_close(kata.partial_regression(X, y, feature).y_residual, expected, atol=1e-9)


def test_slope(kata, data):
    """The slope of y_residual on x_residual is the feature's coefficient in the fit to all features."""
    assert_close(kata.partial_regression(X_SMALL, Y_SMALL, 0).slope, -0.4)
    X, y = data
    for n_features in (2, 3, 4):
        expected = coefficients(X[:, :n_features], y)
        for feature in range(n_features):
            assert_close(kata.partial_regression(X[:, :n_features], y, feature).slope, expected[feature])


def test_what_the_line_leaves(kata, data):
    """A line through 0 with the slope leaves the residuals of the fit to all features."""
    x, y, slope = kata.partial_regression(X_SMALL, Y_SMALL, 0)
    assert_close(np.asarray(y) - slope * np.asarray(x), [-1.5, 0.5, 2.0, 0.5, -1.5])
    X, y = data
    for feature in range(4):
        x_residual, y_residual, slope = kata.partial_regression(X, y, feature)
        actual = np.asarray(y_residual) - slope * np.asarray(x_residual)
        assert_close(actual, unexplained(y, X), atol=1e-9, what="y_residual - slope * x_residual")


def test_single_feature(kata, data):
    """Of a single feature, and of its y, only the mean is removed."""
    assert_partial(
        kata,
        np.array([[1.0], [2.0], [6.0]]),
        np.array([4.0, 4.0, 10.0]),
        0,
        ([-2.0, -1.0, 3.0], [-2.0, -2.0, 4.0], 18 / 14),
    )
    X, y = data
    for feature in range(4):
        x = X[:, feature]
        slope = ((x - x.mean()) * y).sum() / ((x - x.mean()) ** 2).sum()
        expected = (x - x.mean(), y - y.mean(), slope)
        assert_partial(kata, X[:, [feature]], y, 0, expected, atol=1e-9)
    # Two samples: the line through them.
    expected = ([-1.0, 1.0], [-3.0, 3.0], 3.0)
    assert_partial(kata, np.array([[1.0], [3.0]]), np.array([4.0, 10.0]), 0, expected)


def test_special_y(kata, data):
    """The same holds if y is constant, one of the features, or fitted exactly."""
    X, y = data
    x_residual = unexplained(X_SMALL[:, 0], X_SMALL[:, 1:])
    assert_partial(kata, X_SMALL, np.full(5, 7.0), 0, (x_residual, np.zeros(5), 0.0), atol=1e-9)
    x_residual, _, _ = defined(X, y, 2)
    assert_partial(kata, X, X[:, 0].copy(), 2, (x_residual, np.zeros(16), 0.0), atol=1e-9)
    assert_partial(kata, X, X[:, 2].copy(), 2, (x_residual, x_residual, 1.0), atol=1e-9)
    assert_partial(kata, X, 5 + X @ [1.0, 2.0, -3.0, 0.5], 2, (x_residual, -3 * x_residual, -3.0), atol=1e-8)


def test_uncorrelated_and_nearly_copied(kata):
    """Uncorrelated others change only y_residual. Of a near copy little is left, and the slope is right."""
    y = 5 + 2 * A + 3 * B - C + 4 * A * B
    expected = (A, 2 * A + 3 * B + 4 * A * B, 2.0)
    assert_partial(kata, np.column_stack([A + 6, C]), y, 0, expected)
    for t in (0.5, 1e-3):
        X = np.column_stack([C, A + t * B, A])
        assert_partial(kata, X, y, 1, (t * B, 3 * B + 4 * A * B, 3 / t), rtol=1e-6, atol=1e-9)
        expected = t * B / 2**16, 3 * B + 4 * A * B, 3 / t * 2**16
        assert_partial(kata, X / 2**16, y, 1, expected, rtol=1e-6, atol=1e-13)
    # Far from zero what is left is still compared with the spread about the mean.
    X = np.column_stack([C, 2000 + A + 0.01 * B, A])
    assert_partial(kata, X, y, 1, (0.01 * B, 3 * B + 4 * A * B, 300.0), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("unit", [2.0**10, 2.0**-16], ids=["large", "small"])
def test_units(kata, data, unit):
    """In other units the residuals are the same numbers in these units."""
    expected = np.array([-1.5, 0.5, 0.0, -0.5, 1.5]) * unit, [-0.9, 0.3, 2.0, 0.7, -2.1], -0.4 / unit
    assert_partial(kata, X_SMALL * [unit, 1.0], Y_SMALL, 0, expected, rtol=1e-6, atol=1e-9 * unit)
    # Of a small y with a small spread, the residuals are small as well.
    small = 1e-6 + 1e-8 * np.array([0.0, 1.0, 0.0, 1.0])
    expected = [-1.5, -0.5, 0.5, 1.5], [-5e-9, 5e-9, -5e-9, 5e-9], 2e-9
    assert_partial(kata, np.arange(4.0)[:, None], small, 0, expected, rtol=1e-4, atol=0)
    X, y = data
    x_residual, y_residual, slope = defined(X, y, 2)
    for units, y_unit in (([1, 1, unit, 1], 1.0), ([unit, 1, 1, 1], 1.0), ([unit] * 4, unit)):
        expected = x_residual * units[2], y_residual * y_unit, slope * y_unit / units[2]
        atol = 1e-7 * min(y_unit, units[2])
        assert_partial(kata, X * np.array(units, dtype=float), y * y_unit, 2, expected, rtol=1e-6, atol=atol)


def test_redundant_others(kata, data):
    """If the other features depend on one another, the redundant ones change nothing."""
    _, z = X_SMALL.T
    expected = ([-1.5, 0.5, 0.0, -0.5, 1.5], [-0.9, 0.3, 2.0, 0.7, -2.1], -0.4)
    assert_partial(kata, np.column_stack([X_SMALL, z]), Y_SMALL, 0, expected, rtol=1e-6, atol=1e-9)
    # As many columns as samples, and more, though there are only two features.
    for copies in (3, 5):
        X = np.column_stack([X_SMALL, *(z * k - k for k in range(1, copies + 1))])
        assert_partial(kata, X, Y_SMALL, 0, expected, rtol=1e-6, atol=1e-9)
    X, y = data
    # A copy that stands before a feature that is needed.
    expected = defined(X, y, 0)
    assert_partial(kata, X[:, [0, 1, 1, 2, 3]], y, 0, expected, rtol=1e-6, atol=1e-8)
    assert_partial(kata, X[:, [2, 2, 1, 2, 3, 0]], y, 5, expected, rtol=1e-6, atol=1e-8)
    for redundant in (7 - 2 * X[:, :1], X[:, :1] + X[:, 3:], np.column_stack([X[:, 0], X[:, 3] - X[:, 0]])):
        for feature in (1, 2):
            expected = defined(X, y, feature)
            assert_partial(kata, np.column_stack([X, redundant]), y, feature, expected, rtol=1e-6, atol=1e-8)
    # An indicator for every level: their sum is the intercept.
    levels = np.eye(4)[np.arange(16) % 4]
    expected = defined(np.column_stack([X[:, 2], levels[:, 1:]]), y, 0)
    assert_partial(kata, np.column_stack([levels, X[:, 2]]), y, 4, expected, rtol=1e-6, atol=1e-8)


def test_undetermined_slope(kata, data):
    """A feature that is constant, or that the others explain completely, raises ValueError."""
    _, z = X_SMALL.T
    X, y = data
    levels = np.eye(4)[np.arange(16) % 4]
    cases = [
        (np.column_stack([z, z]), Y_SMALL, 0),
        (np.column_stack([z, 3 - 2 * z]), Y_SMALL, 1),
        (np.column_stack([z, np.full(5, 2.0)]), Y_SMALL, 1),
        (np.full((5, 1), 2.0), Y_SMALL, 0),
        (np.column_stack([X, X[:, 1] - X[:, 3]]), y, 1),
        (np.column_stack([X, levels]), y, 5),
        # The others fit any feature: they have as many coefficients as there are samples, or more.
        (np.array([[0.0, 1.0, 2.0], [1.0, 3.0, 7.0], [5.0, 2.0, 1.0]]), y[:3], 2),
        (np.array([[0.0, 1.0, 2.0], [1.0, 3.0, 7.0]]), y[:2], 0),
    ]
    for features, target, feature in cases:
        with pytest.raises(ValueError):
            kata.partial_regression(features, target, feature)


@strict
def test_nearly_undetermined(kata):
    """The slope is determined if x_residual keeps 1e-10 of the sum of squares or more."""
    y = 5 + 2 * A + 3 * B - C + 4 * A * B
    for t in (1e-4, 2e-5):  # which keeps t^2
        X = np.column_stack([C, A + t * B, A])
        assert_partial(kata, X, y, 1, (t * B, 3 * B + 4 * A * B, 3 / t), rtol=1e-5, atol=1e-9)
    for t in (5e-6, 1e-7):
        with pytest.raises(ValueError):
            kata.partial_regression(np.column_stack([C, A + t * B, A]), y, 1)


@strict
def test_constant_with_a_rounded_mean(kata, data):
    """A constant feature is recognised even if its computed mean differs from it."""
    X, y = data
    for n in (5, 6, 11):
        with pytest.raises(ValueError):
            kata.partial_regression(np.column_stack([X[:n, 0], np.full(n, 0.1)]), y[:n], 1)


@strict
def test_origin(kata, data):
    """The origin does not matter: features and y may lie a million standard deviations from zero."""
    X, y = data
    for feature in range(4):
        # Sums of whole numbers, which add no rounding.
        expected = defined(X, y, feature)
        moved = X + np.array([1e7, -1e6, 0.0, 1e3])
        assert_partial(kata, moved, y - 1e7, feature, expected, rtol=1e-6, atol=1e-5)


@strict
@pytest.mark.parametrize("kind", [int, np.int8])
def test_integers(kata, data, kind):
    """Arrays may hold integers of any type."""
    expected = ([-1.5, 0.5, 0.0, -0.5, 1.5], [-0.9, 0.3, 2.0, 0.7, -2.1], -0.4)
    assert_partial(kata, X_SMALL.astype(kind), Y_SMALL.astype(kind), 0, expected, atol=1e-9)
    X, y = data[0], np.rint(data[1] / 4)
    assert_partial(kata, X.astype(kind), y.astype(kind), 2, defined(X, y, 2), atol=1e-8)


def workload(kata, rng, n):
    """Take up correlated features, some of them counts, with and without redundant others."""
    X = rng.normal(size=(n + 8, 4)) + rng.normal(size=(n + 8, 1))
    X[:, 2:] = np.rint(3 * X[:, 2:])
    y = 5 + X @ rng.normal(size=4) + rng.normal(size=n + 8)
    redundant = np.column_stack([X, X[:, 2], X[:, 2] + X[:, 3]])
    return (
        *(kata.partial_regression(X, y, feature) for feature in range(4)),
        kata.partial_regression(X[:, 1:2], y, 0),
        kata.partial_regression(redundant, y, 0),
    )


def picture(kata, rng):
    """Draw y against a feature, as it is and with the other feature held fixed."""
    other = rng.normal(size=60)
    x = other + 0.5 * rng.normal(size=60)
    y = 2 * other - x + 0.4 * rng.normal(size=60)
    pairs = [(np.column_stack([x]), "Feature and y, less their means"), (np.column_stack([x, other]), "Residuals")]
    notes = [
        "Alone, the feature seems to raise y: it stands for the other feature.",
        "With the other feature held fixed it lowers y. The slope is its coefficient in the fit to both.",
    ]
    panels = []
    for (X, title), note in zip(pairs, notes, strict=True):
        x_residual, y_residual, slope = kata.partial_regression(X, y, 0)
        ends = np.array([-3.0, 3.0])
        series = [Points(x_residual, y_residual, "samples"), Line(ends, slope * ends, f"slope {slope:.2f}")]
        panels.append(Panel(title, "x", "y", series, note=note))
    return panels


PAIR = "np.column_stack([centred[:, feature], y - y.mean()])"
OTHERS = "np.delete(centred, feature, axis=1)"
FIT = "(pair - others @ np.linalg.lstsq(others, pair, rcond=1e-13)[0]).T"
LEFT = "    left = x_residual @ x_residual\n"
FEW = "if left < 1e-10 * (pair[:, 0] @ pair[:, 0]):"
CONSTANT = "if np.ptp(X[:, feature]) == 0:"
SLOPE = "float(x_residual @ y_residual / left)"
RETURN = f"return PartialRegression(x_residual, y_residual, {SLOPE})"
MISTAKES = {
    "no intercept": [("centred = X - X.mean(axis=0)", "centred = X"), (PAIR, PAIR.replace("y - y.mean()", "y"))],
    "the mean of y is left in": (PAIR, PAIR.replace("y - y.mean()", "y")),
    "one mean for all features": ("X.mean(axis=0)", "X.mean()"),
    "y is not regressed": (LEFT, "    y_residual = pair[:, 1]\n" + LEFT),
    "the feature is not regressed": (LEFT, "    x_residual = pair[:, 0]\n" + LEFT),
    "the slope on the feature as it is": (
        RETURN,
        RETURN.replace(SLOPE, "float(pair[:, 0] @ y_residual / (pair[:, 0] @ pair[:, 0]))"),
    ),
    "the slope of y alone": (
        RETURN,
        RETURN.replace(SLOPE, "float(pair[:, 0] @ pair[:, 1] / (pair[:, 0] @ pair[:, 0]))"),
    ),
    "partial residuals": (
        RETURN,
        (
            "slope = float(x_residual @ y_residual / left)\n"
            "    return PartialRegression(pair[:, 0], y_residual - slope * x_residual + slope * pair[:, 0], slope)"
        ),
    ),
    "y's residuals of the fit to all features": (
        RETURN,
        (
            "slope = float(x_residual @ y_residual / left)\n"
            "    return PartialRegression(x_residual, y_residual - slope * x_residual, slope)"
        ),
    ),
    "fits, not residuals": (
        RETURN,
        f"return PartialRegression(pair[:, 0] - x_residual, pair[:, 1] - y_residual, {SLOPE})",
    ),
    "fit less value": (RETURN, f"return PartialRegression(-x_residual, -y_residual, {SLOPE})"),
    "x and y in the wrong order": (RETURN, f"return PartialRegression(y_residual, x_residual, {SLOPE})"),
    "the slope of x on y": (RETURN, RETURN.replace("/ left", "/ (y_residual @ y_residual)")),
    "the partial correlation": (
        RETURN,
        RETURN.replace("/ left", "/ np.sqrt(left * (y_residual @ y_residual))"),
    ),
    "covariance over n - 1, variance over n": (
        RETURN,
        RETURN.replace(SLOPE, "float(np.cov(x_residual, y_residual)[0, 1] / np.var(x_residual))"),
    ),
    "the size of the slope": (RETURN, RETURN.replace(SLOPE, f"abs({SLOPE})")),
    "the feature among the others": (OTHERS, "centred"),
    "only the features before it": (OTHERS, "centred[:, :feature]"),
    "only the features after it": (OTHERS, "centred[:, feature + 1 :]"),
    "the next feature": [
        (OTHERS, "np.delete(centred, feature - 1, axis=1)"),
        (PAIR, PAIR.replace("[:, feature]", "[:, feature - 1]")),
    ],
    "the others one by one, each from what is left": (
        FIT,
        (
            "pair.T.copy()\n"
            "    for other in others.T:\n"
            "        for rest in (x_residual, y_residual):\n"
            "            rest -= (other @ rest) / max(other @ other, 1e-300) * other"
        ),
    ),
    "the others one by one, each from the start": (
        FIT,
        "(pair - sum((np.outer(o, o @ pair) / (o @ o) for o in others.T), np.zeros_like(pair))).T",
    ),
    "standardised features": (
        "centred = X - X.mean(axis=0)",
        "centred = (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-300)",
    ),
    "normal equations of dependent others": (
        FIT,
        "(pair - others @ np.linalg.inv(others.T @ others) @ others.T @ pair).T",
    ),
    "a little ridge": (
        FIT,
        "(pair - others @ np.linalg.solve(others.T @ others + 1e-8 * np.eye(others.shape[1]), others.T @ pair)).T",
    ),
    "too coarse a cut-off for dependent others": (FIT, FIT.replace("1e-13", "1e-2")),
    "a single feature raises": (LEFT, LEFT + "    if others.size == 0:\n        raise ValueError('no others')\n"),
    "undetermined goes unnoticed": (FEW, "if len(X) == 0:"),
    "undetermined is a slope of 0": (FEW, FEW + "\n        return PartialRegression(x_residual, y_residual, 0.0)"),
    "only exact zeros are undetermined": (FEW, "if left == 0:"),
    "only too few samples raise": (FEW, "if len(X) < X.shape[1] + 1:"),
    "an absolute cut-off": (FEW, "if left < 1e-6:"),
    "a coarse cut-off": (FEW, FEW.replace("1e-10", "1e-5")),
    "a small number added below": (RETURN, RETURN.replace("/ left", "/ (left + 1e-12)")),
}

STRICT_MISTAKES = {
    "constant by its computed deviations": (CONSTANT, "if X[:, feature].var() == 0:"),
    "centred in the type of X": ("centred = X - X.mean(axis=0)", "centred = X - X.mean(axis=0).astype(X.dtype)"),
    "undetermined by isclose": (FEW, "if np.allclose(x_residual, 0, atol=1e-4 * np.abs(pair[:, 0]).max()):"),
}
