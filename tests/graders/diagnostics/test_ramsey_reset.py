import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# y is 2 x and 5 times (1, -1, -1, 1) and once (-1, 3, -3, 1), which are orthogonal. The parabola takes 100 of 120.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([4.0, 0.0, -4.0, 12.0])
# Polynomials of degree 1 to 4 on five equal steps, orthogonal to each other. Their squares sum to 10, 14, 10 and 70.
STEPS = np.array([[-2, -1, 0, 1, 2], [2, -1, -2, -1, 2], [-1, 2, 0, -2, 1], [1, -4, 6, -4, 1]], dtype=float)


@pytest.fixture
def data(rng):
    """Three correlated features of unequal spread, not centred, and a mean that bends."""
    X = rng.normal(size=(16, 3)) * [0.5, 1.0, 2.0] + 0.5 * rng.normal(size=(16, 1)) + [1.0, -1.0, 0.5]
    index = X @ [0.8, -0.5, 0.3]
    return X, 0.5 + index + 0.2 * index**2 + 0.5 * rng.normal(size=16)


def left(design, y):
    """Return the fitted values, and the sum of squared residuals."""
    fitted = design @ np.linalg.lstsq(design, y)[0]
    return fitted, np.sum((y - fitted) ** 2)


def defined(X, y, max_power):
    """Return the statistic by its definition, with powers of fitted values that were moved to 0 and scaled."""
    n, q = len(X), max_power - 1
    design = np.column_stack([np.ones(n), X])
    fitted, before = left(design, y)
    scaled = (fitted - fitted.mean()) / fitted.std()
    after = left(np.column_stack([design, *(scaled**power for power in range(2, max_power + 1))]), y)[1]
    return (before - after) / q / (after / (n - X.shape[1] - 1 - q))


def statistic(kata, X, y, max_power):
    return kata.ramsey_reset(X, y, max_power).statistic


def test_one_power(kata, data):
    """With max_power 2, the squares of the fitted values are the only column more."""
    assert_close(statistic(kata, X_SMALL, Y_SMALL, 2), 5.0)
    assert_close(statistic(kata, X_SMALL, -Y_SMALL, 2), 5.0)
    X, y = data
    for n_features in (1, 2, 3):
        assert_close(statistic(kata, X[:, :n_features], y, 2), defined(X[:, :n_features], y, 2), rtol=1e-6)


def test_more_powers(kata, data):
    """All powers from 2 to max_power are added at once; the default is 3."""
    x, y = STEPS[0][:, None], np.array([3.0, 1.0, 2.0, 0.5]) @ STEPS
    # The residuals have squares of 14, 40 and 17.5.
    assert_close(statistic(kata, x, y, 2), 14 / (57.5 / 2))
    assert_close(statistic(kata, x, y, 3), (54 / 2) / 17.5)
    assert_close(kata.ramsey_reset(x, y).statistic, (54 / 2) / 17.5)
    # One value is far out, so that the powers are nearly collinear.
    far, y = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 30.0]), np.array([1.0, 3, 2, 5, 4, 6, 9, 5, 20])
    for max_power in (4, 5):
        assert_close(statistic(kata, far[:, None], y, max_power), defined(far[:, None], y, max_power), rtol=1e-5)
    X, y = data
    for max_power in (3, 4):
        for n_features in (1, 2, 3):
            actual = statistic(kata, X[:, :n_features], y, max_power)
            assert_close(actual, defined(X[:, :n_features], y, max_power), rtol=1e-6)


def test_degrees_of_freedom(kata, data):
    """The degrees of freedom are max_power - 1, and n minus all columns of the second fit."""
    assert_equal(tuple(kata.ramsey_reset(X_SMALL, Y_SMALL, 2)[1:]), (1, 1))
    X, y = data
    for n, n_features, max_power in [(16, 3, 2), (16, 3, 4), (12, 1, 3), (7, 2, 4), (7, 3, 3)]:
        fit = kata.ramsey_reset(X[:n, :n_features], y[:n], max_power)
        assert_equal((fit.dof_numerator, fit.dof_denominator), (max_power - 1, n - n_features - max_power))
        assert_close(fit.statistic, defined(X[:n, :n_features], y[:n], max_power), rtol=1e-6)
    fit = kata.ramsey_reset(X, y)
    assert_equal((fit.dof_numerator, fit.dof_denominator), (2, 10))


def test_nothing_to_find(kata):
    """The statistic is near 0 if powers explain almost nothing, and large if they explain almost all."""
    x = STEPS[0][:, None]
    assert_close(statistic(kata, x, np.array([3.0, 0.0, 0.0, 0.5]) @ STEPS, 3), 0.0, atol=1e-9)
    assert_close(statistic(kata, x, np.array([3.0, 1e-3, 0.0, 1.0]) @ STEPS, 2), 14e-6 * 2 / 70, rtol=1e-6)
    assert_close(statistic(kata, x, np.array([3.0, 2.0, 0.0, 0.01]) @ STEPS, 3), 28 / 0.007, rtol=1e-6)
    assert_close(statistic(kata, x, np.array([3.0, 0.0, 0.0, 1e-3]) @ STEPS, 2), 0.0, atol=1e-9)


def test_powers_of_the_fit(kata):
    """Powers are those of the fitted values, not of each feature, of y or of the residuals."""
    # A full grid of two features: the fit is 2 a + b, and its square has the product of both.
    a, b = np.repeat([-1.0, 0.0, 1.0], 3), np.tile([-1.0, 0.0, 1.0], 3)
    noise = (3 * a**2 - 2) * b
    X = np.column_stack([a, b])
    for extra in (a * b, (2 * a + b) ** 2 / 4, 3 * a**2 - 2):
        y = 2 * a + b + extra + noise / 4
        for max_power in (2, 3):
            assert_close(statistic(kata, X, y, max_power), defined(X, y, max_power), rtol=1e-6)
            assert_close(statistic(kata, X[:, ::-1], y, max_power), defined(X, y, max_power), rtol=1e-6)
            # Nearly equal features that span the same give the same fits.
            close = np.column_stack([a, a + b / 1024])
            assert_close(statistic(kata, close, y, max_power), defined(X, y, max_power), rtol=1e-6)


def test_order_of_samples(kata, data):
    """The order of the samples does not count, nor does that of the features."""
    order = [2, 0, 3, 1]
    assert_close(statistic(kata, X_SMALL[order], Y_SMALL[order], 2), 5.0)
    X, y = data
    for order in (np.argsort(y), np.argsort(X[:, 0])):
        assert_close(statistic(kata, X[order][:, [2, 0, 1]], y[order], 3), defined(X, y, 3), rtol=1e-6)


def test_units(kata, data):
    """The statistic has no unit, and does not change if a line in the features is added to y."""
    assert_close(statistic(kata, X_SMALL * 1e-3, Y_SMALL / 16, 2), 5.0)
    assert_close(statistic(kata, X_SMALL, Y_SMALL * 1e-3, 2), 5.0, rtol=1e-6)
    assert_close(statistic(kata, X_SMALL * 100, Y_SMALL * 8, 2), 5.0)
    # The fit is a line with another slope, so that its square bends in the same way.
    assert_close(statistic(kata, X_SMALL, Y_SMALL - 5 * X_SMALL[:, 0] + 3, 2), 5.0)
    X, y = data
    for unit in (2.0**-5, 4.0):
        assert_close(statistic(kata, X * [1.0, 64.0, 0.125], y * unit, 3), defined(X, y, 3), rtol=1e-6)


def test_few_samples(kata, data):
    """With no more samples than columns in the second fit it raises ValueError; one more is enough."""
    X, y = data
    for n_features, max_power in [(1, 2), (1, 3), (3, 2), (2, 4)]:
        enough = n_features + max_power + 1
        few = X[:enough, :n_features], y[:enough]
        assert_close(statistic(kata, *few, max_power), defined(*few, max_power), rtol=1e-5)
        for n in (enough - 1, enough - 2):
            with pytest.raises(ValueError):
                kata.ramsey_reset(X[:n, :n_features], y[:n], max_power)


@strict
def test_origin(kata, data):
    """Any unit and any origin of y and of the features will do, with large powers, too."""
    X, y = data
    expected = defined(X, y, 5)
    assert_close(statistic(kata, X, y, 5), expected, rtol=1e-6)
    assert_close(statistic(kata, X, y + 1e6, 5), expected, rtol=1e-5)
    assert_close(statistic(kata, X + np.array([1e6, 0.0, -1e5]), y, 5), expected, rtol=1e-4)
    for unit in (1e-80, 1e-6, 1e80):
        assert_close(statistic(kata, X, y * unit, 5), expected, rtol=1e-6)
        assert_close(statistic(kata, X * [unit, 1.0, 1 / unit], y, 5), expected, rtol=1e-6)


@strict
def test_no_power(kata, data):
    """A max_power below 2 raises ValueError."""
    for max_power in (1, 0, -1):
        with pytest.raises(ValueError):
            kata.ramsey_reset(*data, max_power)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X and y may be integers of any type."""
    X, y = 40 * X_SMALL.astype(kind), np.array([40, 10, 0, 120], dtype=kind)
    assert_close(statistic(kata, X, y, 2), defined(X.astype(float), y.astype(float), 2))


def workload(kata, rng, n):
    """Three features, one of them counts, a mean that bends, and powers up to 2, 3 and 4."""
    X = rng.normal(size=(n + 8, 3))
    X[:, 2] = np.rint(3 * X[:, 2])
    index = X @ [1.0, 0.5, 0.3]
    y = 1 + index + 0.1 * index**2 + 0.5 * rng.normal(size=n + 8)
    return tuple(kata.ramsey_reset(X, y, max_power) for max_power in (2, 3, 4))


LAST = "return Reset(float((explained @ explained / q) / (rest @ rest / dof)), q, dof)"
POWERS = "powers = (fitted / fitted.std())[:, None] ** np.arange(2, max_power + 1)"
ENOUGH = "if q < 1 or dof < 1:"
REST = "rest = residual - directions @ explained"
FITTED = "fitted = basis @ (basis.T @ y)"
MISTAKES = {
    "n R2 of the second fit": (
        LAST,
        "return Reset(float(n * (explained @ explained) / (residual @ residual)), q, dof)",
    ),
    "not divided by q": (LAST, LAST.replace(" / q)", ")")),
    "not divided by the denominator's degrees": (LAST, LAST.replace(" / dof)", ")")),
    "over what the first fit leaves": (LAST, LAST.replace("rest @ rest", "residual @ residual")),
    "the square root": (LAST, LAST.replace("float(", "float(np.sqrt(").replace("dof)), q", "dof))), q")),
    "the ratio upside down": (LAST, "return Reset(float((rest @ rest / dof) / (explained @ explained / q)), q, dof)"),
    "the intercept is not counted": ("dof = n - p - 1 - q", "dof = n - p - q"),
    "the powers are not counted": ("dof = n - p - 1 - q", "dof = n - p - 1"),
    "the features are not counted": ("dof = n - p - 1 - q", "dof = n - 1 - q"),
    "max_power columns": ("q = max_power - 1\n", "q = max_power\n"),
    "degrees exchanged": (LAST, LAST.replace("q, dof)", "dof, q)")),
    "a power too few": (POWERS, POWERS.replace("np.arange(2, max_power + 1)", "np.arange(2, max(max_power, 3))")),
    "a power too many": (POWERS, POWERS.replace("max_power + 1", "max_power + 2")),
    "the last power alone": (POWERS, POWERS.replace("np.arange(2, max_power + 1)", "np.array([max_power])")),
    "powers of the first feature": [
        (POWERS, POWERS.replace("(fitted / fitted.std())", "((X - X.mean(axis=0)) / X.std(axis=0))[:, 0]")),
    ],
    "powers of all features": [
        (POWERS, "powers = np.hstack([((X - X.mean(axis=0)) / X.std(axis=0)) ** k for k in range(2, max_power + 1)])"),
    ],
    "powers of y": (POWERS, POWERS.replace("fitted / fitted.std()", "y / abs(y).max()")),
    "powers of the residuals": (POWERS, POWERS.replace("fitted / fitted.std()", "(y - fitted) / abs(y).max()")),
    "powers without their sign": (
        POWERS,
        POWERS.replace("(fitted / fitted.std())", "abs(fitted / fitted.std())"),
    ),
    "powers on the intercept alone": ("powers - basis @ (basis.T @ powers)", "powers"),
    "powers without an intercept": ("powers -= powers.mean(axis=0)", "powers += 0.0"),
    "no intercept": ("basis = np.linalg.qr(X - X.mean(axis=0))", "basis = np.linalg.qr(X)"),
    "R2 in place of the ratio of squares": (REST, REST + "\n    rest = rest * (1 - explained @ explained / (y @ y))"),
    "small effects are 0": (LAST, "if explained @ explained < 1e-4:\n        return Reset(0.0, q, dof)\n    " + LAST),
    "a floor under SSR_1": (LAST, LAST.replace("rest @ rest", "(rest @ rest + 1e-8)")),
    "a cap on the statistic": (LAST, LAST.replace("float(", "float(min(1e3, ").replace("dof)), q", "dof))), q")),
    "n = columns passes": (ENOUGH, "dof = max(dof, int(n == p + max_power))\n    " + ENOUGH),
    "one more is too few": (ENOUGH, "if q < 1 or dof < 2:"),
    "any number of samples": (ENOUGH, "dof = max(dof, 1)\n    " + ENOUGH),
    "another default": ('max_power: int = 3) -> Reset:\n    """Test', 'max_power: int = 2) -> Reset:\n    """Test'),
}

STRICT_MISTAKES = {
    "powers of y's own origin": [
        ("y = y - y.mean()\n", "shift = y.mean()\n    y = y - shift\n"),
        (FITTED, FITTED + " + shift"),
        ("residual = y - fitted", "residual = y - (fitted - shift)"),
    ],
    "powers of y's own unit": ("(fitted / fitted.std())", "fitted"),
    "no power is a test": (ENOUGH, "q = max(q, 1)\n    if dof < 1:"),
}
