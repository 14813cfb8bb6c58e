import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# About the line 3 + 2 x, the middle size of the residuals is 1. With delta = 2 the outlier pulls with 2 * 1.4826, and
# the samples at x = -1 and x = 1 with half of that each, the other way.
X_SMALL = np.array([[0.0], [1.0], [-1.0], [2.0], [2.0], [-2.0], [-2.0]])
OFF = np.array([100.0, -1.4826, -1.4826, 1.0, -1.0, 1.0, -1.0])
Y_SMALL = 3 + 2 * X_SMALL[:, 0] + OFF


@pytest.fixture
def move(rng):
    """How coef, level and units may change without changing the residuals."""
    return rng.integers(-5, 6, size=3).astype(float), 2.0 ** rng.integers(-3, 4, size=3)


def samples(n):
    """Three features away from zero, and four outliers, three of them above."""
    rng = np.random.default_rng(2)
    X = np.rint(rng.normal(size=(n, 3)) * [4, 10, 2] + [20, -30, 1])
    y = np.rint(50 + X @ [2, -1, 3] + 5 * rng.normal(size=n))
    y[[3, 8, 12, 17]] += [60, 90, -30, 45]
    return X, y


def assert_stationary(fit, X, y, delta):
    """Check that one more step would change nothing."""
    residual = y - fit.intercept - X @ np.asarray(fit.coef)
    assert_close(fit.scale, 1.4826 * np.median(abs(residual)), rtol=1e-6, atol=0)
    pull = np.clip(residual / fit.scale, -delta, delta)
    standard = np.column_stack([np.ones(len(y)), (X - X.mean(axis=0)) / X.std(axis=0)])
    assert_close(pull @ standard, np.zeros(standard.shape[1]), atol=1e-5, what="the sums of capped pulls at the fit")


def assert_fit(fit, expected, tolerance=1e-6):
    actual = [fit.intercept, *np.atleast_1d(fit.coef), fit.scale]
    assert_close(np.array(actual), np.array(expected), rtol=tolerance, atol=tolerance)


def test_capped_pull(kata):
    """A residual beyond delta * s pulls with delta * s, and one below it with its own size."""
    assert_fit(kata.fit_huber(X_SMALL, Y_SMALL, 2.0), [3.0, 2.0, 1.4826])
    assert_fit(kata.fit_huber(X_SMALL, 3 + 2 * X_SMALL[:, 0] - OFF, 2.0), [3.0, 2.0, 1.4826])
    for n in (24, 25):
        for delta in (0.5, 1.0, 1.345, 2.0):
            X, y = samples(n)
            assert_stationary(kata.fit_huber(X, y, delta), X, y, delta)
            assert_stationary(kata.fit_huber(X[:, 1:2], y, delta), X[:, 1:2], y, delta)


def test_size_of_outliers(kata):
    """How far away an outlier is does not matter."""
    for far in (50.0, 1e4, 1e6):
        y = Y_SMALL + np.where(OFF == 100, far, 0.0)
        assert_fit(kata.fit_huber(X_SMALL, y, 2.0), [3.0, 2.0, 1.4826])
    X, y = samples(25)
    expected = kata.fit_huber(X, y)
    y[8] += 1e5
    assert_stationary(kata.fit_huber(X, y), X, y, 1.345)
    assert_close(kata.fit_huber(X, y).scale, expected.scale, rtol=1e-6)


def test_scale(kata):
    """The scale is the MAD about 0 of the last residuals, also if most of them are of one sign."""
    X, y = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]]), np.array([0.0, 1.0, 3.0, 2.0, 24.0])
    fit = kata.fit_huber(X, y, 1.0)
    assert_close(fit.scale, 0.9551604, rtol=1e-5)
    assert_stationary(fit, X, y, 1.0)
    # An even number of samples: the mean of the middle two sizes.
    X, y = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]), np.array([0.0, 2.0, 1.0, 4.0, 3.0, 40.0])
    fit = kata.fit_huber(X, y)
    assert_close(fit.scale, 1.9444777, rtol=1e-5)
    assert_stationary(fit, X, y, 1.345)


def test_start(kata):
    """The first fit is least squares: it decides where the steps end if they could end in two places."""
    X = np.array([[2.0], [3.0], [4.0], [4.0], [5.0], [5.0], [5.0]])
    y = np.array([0.0, 9.0, -2.0, 1.0, 1.0, 5.0, -9.0])
    assert_fit(kata.fit_huber(X, y), [6.1579722, -1.3052903, 5.2593629], 1e-5)


def test_many_steps(kata):
    """It goes on until the fit stands still, however many steps that takes. A residual of 0 has weight 1."""
    # The residuals are 3, 0, -4, 0, -14, 6, -1 and 1: their middle sizes are 1 and 3. Those that are not 0 are capped,
    # and their signs sum to 0, also if multiplied with x.
    X, y = np.arange(8.0)[:, None], np.array([7.0, 5.0, 2.0, 7.0, -6.0, 15.0, 9.0, 12.0])
    assert_fit(kata.fit_huber(X, y, 0.3), [4.0, 1.0, 2.9652], 3e-7)
    # The outliers turn the line about the sample in the middle, which never moves.
    X, y = np.arange(-4.0, 5.0)[:, None], np.array([-4.0, -2.0, -3.0, 30.0, 0.0, -30.0, 3.0, 2.0, 4.0])
    for unit in (1.0, 1e5):
        assert_stationary(kata.fit_huber(unit * X, y), unit * X, y, 1.345)


def test_exact_fit(kata):
    """If the scale falls to 0, the fit is the exact one."""
    X = np.array([[0.0], [1.0], [4.0], [2.0]])
    for y, expected in [
        ([3.0, 5.0, 11.0, 7.0], [3.0, 2.0, 0.0]),
        ([5.0, 5.0, 5.0, 5.0], [5.0, 0.0, 0.0]),
        ([0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ]:
        assert_fit(kata.fit_huber(X, np.array(y)), expected)
    assert_fit(kata.fit_huber(X[:2], np.array([3.0, 5.0])), [3.0, 2.0, 0.0])
    # Five of six samples are on a line.
    x = np.arange(6.0)
    assert_fit(kata.fit_huber(x[:, None], np.where(x == 4, 50.0, 1 + 2 * x)), [1.0, 2.0, 0.0])
    X, _ = samples(24)
    assert_fit(kata.fit_huber(X, 7 + X @ [1.0, -2.0, 0.5]), [7.0, 1.0, -2.0, 0.5, 0.0])


def test_delta(kata):
    """A large delta is least squares. The default is 1.345."""
    X, y = samples(24)
    fit = kata.fit_huber(X, y, 100.0)
    design = np.column_stack([np.ones(24), X])
    expected = np.linalg.solve(design.T @ design, design.T @ y)
    assert_fit(fit, [*expected, 1.4826 * np.median(abs(y - design @ expected))])
    fit = kata.fit_huber(X_SMALL, Y_SMALL, 1e4)
    # The mean of y - 2 x, and no slope from errors that are symmetric in x.
    assert_fit(fit, [3 + 97.0348 / 7, 2.0, 1.4826 * (97.0348 / 7 + 1)])
    assert_close(kata.fit_huber(X, y).coef, kata.fit_huber(X, y, 1.345).coef, rtol=1e-6)


def test_units(kata, move):
    """The fit follows the units and the level of y and of the features, however small they are."""
    for unit in (1e-6, 1e-3, 1e3):
        fit = kata.fit_huber(X_SMALL, unit * Y_SMALL, 2.0)
        assert_close(np.array([fit.intercept, *fit.coef, fit.scale]) / unit, [3.0, 2.0, 1.4826], rtol=1e-6, atol=1e-6)
        fit = kata.fit_huber(unit * X_SMALL, Y_SMALL, 2.0)
        assert_close(np.array([fit.intercept, *fit.coef * unit, fit.scale]), [3.0, 2.0, 1.4826], rtol=1e-6, atol=1e-6)
    # Values of 0 and 1e-6, which are no rounding.
    y = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0])
    fit = kata.fit_huber(np.arange(9.0)[:, None], 1e-6 * y, 0.5)
    assert_stationary(fit, np.arange(9.0)[:, None], 1e-6 * y, 0.5)
    X, y = samples(25)
    level, coef, scale = kata.fit_huber(X, y)
    add, unit = move
    moved = kata.fit_huber(X * unit, y + X @ add - 40)
    assert_fit(moved, [level - 40, *(np.asarray(coef) + add) / unit, scale])


def test_order(kata, rng):
    """Samples and features may come in any order."""
    X, y = samples(24)
    level, coef, scale = kata.fit_huber(X, y)
    rows, columns = rng.permutation(24), [2, 0, 1]
    assert_stationary(kata.fit_huber(X[:, columns], y, 1.0), X[:, columns], y, 1.0)
    assert_fit(kata.fit_huber(X[rows][:, columns], y[rows]), [level, *np.asarray(coef)[columns], scale])
    rows = np.argsort(abs(OFF))
    assert_fit(kata.fit_huber(X_SMALL[rows], Y_SMALL[rows], 2.0), [3.0, 2.0, 1.4826])


@strict
def test_bad_delta(kata):
    """A delta that is not positive raises ValueError."""
    # The line is y = 0 in the second case, and the third sample is on it.
    X, y = np.array([[-1.0], [-1.0], [0.0], [1.0], [1.0]]), np.array([1.0, -1.0, 0.0, 1.0, -1.0])
    for delta in (0.0, -0.5, -1.0, float("nan")):
        with pytest.raises(ValueError):
            kata.fit_huber(X_SMALL, Y_SMALL, delta)
        with pytest.raises(ValueError):
            kata.fit_huber(X, y, delta)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X and y may be integers of any type."""
    X, y = np.array([[0], [1], [2], [3], [4]], dtype=kind), np.array([0, 10, 30, 20, 127], dtype=kind)
    fit = kata.fit_huber(X, y, 1.0)
    assert_stationary(fit, X.astype(float), y.astype(float), 1.0)
    assert_fit(kata.fit_huber(25 * X, y, 1.0), [fit.intercept, *np.asarray(fit.coef) / 25, fit.scale])


@strict
def test_origin(kata):
    """Features and y may lie a million standard deviations from zero."""
    X, y = samples(25)
    _, coef, scale = kata.fit_huber(X, y)
    moved = kata.fit_huber(X + np.array([4e6, -1e7, 2e6]), y + 2e7)
    assert_close(moved.coef, coef, rtol=1e-5)
    assert_close(moved.scale, scale, rtol=1e-5)


def workload(kata, rng, n):
    """Fit two features, one of them counts, with outliers on one side."""
    X = rng.normal(size=(n + 40, 2))
    X[:, 1] = np.rint(3 * X[:, 1])
    y = 3 + X @ rng.normal(size=2) + rng.normal(size=n + 40)
    y[::5] += 20
    return kata.fit_huber(X, y), kata.fit_huber(X[::-1], 20 - y, 1.0)


START = "np.full(len(y), np.inf), np.ones(len(y))"
SCALE = "scale = 1.4826 * np.median(size)"
CAP = "cap = delta * scale"
WEIGHTS = "weights = cap / np.maximum(size, cap)"
STOP = "if scale <= exact or (np.abs(fitted - before) <= STILL * scale).all():"
STEPS = "for _ in range(MOST_STEPS):"
ROOT = "root, before = np.sqrt(weights), fitted"
SOLVE = "level, *coef = np.linalg.solve(triangle, basis.T @ (root * target))"
LAST = "return Fit(float(y_mean + level - x_mean @ coef), np.array(coef), float(scale))"
MISTAKES = {
    "least squares": (STEPS, "for _ in range(1):"),
    "one reweighting": (STEPS, "for _ in range(2):"),
    "ten steps": (STEPS, "for _ in range(10):"),
    "fifty steps": (STEPS, "for _ in range(50):"),
    "two hundred steps": (STEPS, "for _ in range(200):"),
    "a loose stop": (STOP, STOP.replace("STILL", "1e-4")),
    "a stop that knows no unit": (STOP, STOP.replace("STILL * scale", "1e-6")),
    "no scale": (CAP, "cap = delta"),
    "MAD without its factor": (SCALE, "scale = np.median(size)"),
    "MAD about the median": (SCALE, "scale = 1.4826 * np.median(abs(target - fitted - np.median(target - fitted)))"),
    "the upper of two middle sizes": (SCALE, "scale = 1.4826 * np.sort(size)[len(size) // 2]"),
    "standard deviation": (SCALE, "scale = np.sqrt(np.mean(size**2))"),
    "mean of sizes": (SCALE, "scale = 1.4826 * np.mean(size)"),
    "the scale of least squares": (SCALE, "scale = 1.4826 * np.median(size) if np.isinf(before).any() else scale"),
    "a floor under the scale": (SCALE, "scale = max(1.4826 * np.median(size), 1e-3)"),
    "weights below 1 for all": (WEIGHTS, "weights = cap / (size + cap)"),
    "weights of 1 / size": (WEIGHTS, "weights = cap / np.maximum(size, 1e-12)"),
    "outliers dropped": (WEIGHTS, "weights = np.where(size <= cap, 1.0, 1e-12)"),
    "Tukey's weights": (WEIGHTS, "weights = np.maximum(1 - (size / cap) ** 2, 1e-12) ** 2"),
    "squared weights": (WEIGHTS, "weights = (cap / np.maximum(size, cap)) ** 2"),
    "roots of weights": (WEIGHTS, "weights = np.sqrt(cap / np.maximum(size, cap))"),
    "only residuals above count as outliers": (WEIGHTS, "weights = cap / np.maximum(target - fitted, cap)"),
    "weights pile up": (WEIGHTS, "weights = weights * cap / np.maximum(size, cap)"),
    "rows multiplied by the weights": (ROOT, "root, before = weights, fitted"),
    "a start at 0": (START, "np.full(len(y), np.inf), 1 / (1 + np.abs(target))"),
    "a stop when one sample stands still": (STOP, STOP.replace("all()", "any()")),
    "a scale of 0 divides": (STOP, STOP.replace("scale <= exact or ", "")),
    "delta off": ("delta: float = 1.345", "delta: float = 1.5"),
    "the intercept as if X were centred": (LAST, LAST.replace(" - x_mean @ coef", "")),
    "no intercept": [
        ("X.mean(axis=0), y.mean()", "0 * X.mean(axis=0), 0.0"),
        (SOLVE, "level, coef = 0.0, np.linalg.lstsq(root[:, np.newaxis] * X, root * y)[0]"),
    ],
}

STRICT_MISTAKES = {
    "any delta passes": ("if not delta > 0:", "if delta is None:"),
    "0 passes": ("if not delta > 0:", "if not delta >= 0:"),
    "NaN passes": ("if not delta > 0:", "if delta <= 0:"),
}
