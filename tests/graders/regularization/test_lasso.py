from itertools import product

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict


@pytest.fixture
def data(rng):
    """Four correlated features of unequal spread, away from zero; two of them are no part of y."""
    X = rng.normal([3.0, -1.0, 0.0, 2.0], [1.0, 2.0, 0.5, 1.5], size=(12, 4)) + 0.8 * rng.normal(size=(12, 1))
    return X, 4.0 + X @ [2.0, 0.0, -3.0, 0.0] + 0.5 * rng.normal(size=12)


def defined(X, y, alpha):
    """Try every choice of signs, + - or 0 for each feature: the conditions hold for one of them."""
    Z = X - X.mean(axis=0)
    gram, pull = Z.T @ Z / len(X), Z.T @ y / len(X)
    for signs in product([0, 1, -1], repeat=X.shape[1]):
        coef, kept = np.zeros(X.shape[1]), np.flatnonzero(signs)
        coef[kept] = np.linalg.solve(gram[np.ix_(kept, kept)], pull[kept] - alpha * np.array(signs)[kept])
        if (np.sign(coef) == signs).all() and (np.abs(pull - gram @ coef) <= alpha + 1e-12).all():
            return y.mean() - X.mean(axis=0) @ coef, coef
    raise AssertionError("no signs meet the conditions")


def assert_fit(fit, intercept, coef):
    """Compare, for a tol of 1e-10, with a minimum that is known."""
    assert_close(fit.coef, coef, rtol=1e-6, atol=1e-7)
    assert_close(fit.intercept, intercept, rtol=1e-6, atol=1e-7)


def assert_conditions(fit, X, y, alpha, tol):
    """Check that no condition is missed by more than tol and rounding, and that the intercept is the best one."""
    assert_close(fit.intercept, np.mean(y - X @ fit.coef), rtol=1e-8, atol=1e-8)
    g = (X - X.mean(axis=0)).T @ (y - X @ fit.coef) / len(X)
    missed = [abs(g[j] - alpha * np.sign(w)) if w else max(abs(g[j]) - alpha, 0) for j, w in enumerate(fit.coef)]
    assert_close(missed, np.zeros(X.shape[1]), atol=1.001 * tol + 1e-13 * np.abs(X).max())


def test_soft_threshold(kata, rng):
    """soft_threshold moves each number towards 0 by t, and no further than 0, in an array of any shape."""
    z = np.array([3.0, 1.0, 0.5, 0.0, -0.5, -1.0, -2.0])
    assert_close(kata.soft_threshold(z, 1.0), [2.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0])
    assert_close(kata.soft_threshold(z, 0.0), z)
    assert_close(kata.soft_threshold(np.array([500.0, -800.0, 200.0]), 300.0), [200.0, -500.0, 0.0])
    assert_close(kata.soft_threshold(np.array([2e-6, -3e-6]), 1e-6), [1e-6, -2e-6], atol=0)
    for shape in [(2, 3), (2, 1, 3)]:
        z = rng.normal(size=shape)
        moved = [max(abs(v) - 0.4, 0) * np.sign(v) for v in np.ravel(z)]
        assert_close(kata.soft_threshold(np.array(z), 0.4), np.reshape(moved, shape))


def test_line(kata, data):
    """With one feature the slope is s_xy / n moved towards 0 by alpha, over s_xx / n."""
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])
    for alpha, intercept, slope in [(1 / 3, 1.0, 3.0), (1.0, 2.0, 2.0), (3.0, 4.0, 0.0)]:
        assert_fit(kata.fit_lasso(X, y, alpha, 1e-10), intercept, [slope])
        assert_fit(kata.fit_lasso(X, -y, alpha, 1e-10), -intercept, [-slope])
    # Nothing is cut off: slopes of 3e-6 and of 3,000, and an alpha of 333.
    for x_unit, y_unit in [(1e3, 1e-3), (1e-3, 1.0), (1.0, 1e3)]:
        fit = kata.fit_lasso(x_unit * X, y_unit * y, x_unit * y_unit / 3, 1e-10)
        assert_close(fit.coef, [3 * y_unit / x_unit], rtol=1e-3, atol=0)
    # Two samples are enough.
    assert_fit(kata.fit_lasso(np.array([[0.0], [2.0]]), np.array([1.0, 5.0]), 0.5, 1e-10), 1.5, [1.5])
    X, y = data
    x = X[:, 2]
    s_xy, s_xx = np.mean((x - x.mean()) * (y - y.mean())), np.mean((x - x.mean()) ** 2)
    for alpha in (0.5 * abs(s_xy), 1.5 * abs(s_xy)):
        slope = np.sign(s_xy) * max(abs(s_xy) - alpha, 0) / s_xx
        assert_fit(kata.fit_lasso(X[:, 2:3], y, alpha, 1e-10), y.mean() - slope * x.mean(), [slope])


def test_several_features(kata, data):
    """The fit minimises half the mean squared residual plus alpha times the sum of absolute coefficients."""
    for alpha in (0.01, 0.2, 1.0):
        assert_fit(kata.fit_lasso(*data, alpha, 1e-10), *defined(*data, alpha))


def test_exact_zeros(kata, data):
    """A coefficient that is 0 at the minimum is 0 exactly, not almost."""
    for alpha in (0.3, 1.0, 2.0):
        fit, (_, coef) = kata.fit_lasso(*data, alpha), defined(*data, alpha)
        expected = fit.coef.copy()
        expected[coef == 0] = 0.0
        assert_equal(fit.coef, expected)


def test_where_features_enter(kata, data):
    """All coefficients are 0 if alpha is at least the largest |g_j| at coef 0; just below, one is not."""
    X, y = data
    last = np.abs((X - X.mean(axis=0)).T @ y / 12).max()
    assert_equal(kata.fit_lasso(X, y, 1.0001 * last).coef, np.zeros(4))
    assert_close(kata.fit_lasso(X, y, 1.0001 * last).intercept, y.mean())
    assert_fit(kata.fit_lasso(X, y, 0.99 * last, 1e-10), *defined(X, y, 0.99 * last))
    # If all of y is equal, no feature has a pull.
    assert_fit(kata.fit_lasso(X, np.full(12, 7.0), 0.1, 1e-10), 7.0, np.zeros(4))


def test_intercept_is_free(kata, data):
    """The intercept has no penalty: adding a constant to y or to a feature does not change coef."""
    # The products x_i * y_i sum to 0. Those of centred numbers have a mean of 2, and the squares one of 2/3.
    X, y = np.array([[1.0], [2.0], [3.0]]), np.array([-4.0, -1.0, 2.0])
    assert_fit(kata.fit_lasso(X, y, 1.0, 1e-10), -4.0, [1.5])
    X, y = data
    intercept, coef = defined(X, y, 0.3)
    assert_fit(kata.fit_lasso(X, y + 100.0, 0.3, 1e-10), intercept + 100.0, coef)
    shift = np.array([50.0, 0.0, -20.0, 10.0])
    assert_fit(kata.fit_lasso(X + shift, y, 0.3, 1e-10), intercept - shift @ coef, coef)


def test_correlated_features(kata):
    """With correlated features one sweep is not enough: go on until the conditions hold."""
    # Correlated at 0.88, and at 0.97, where it takes some 200 sweeps: the sum is soon right, and the difference last.
    a, b = np.repeat([-1.0, 1.0], 4), np.tile([-1.0, -1.0, 1.0, 1.0], 2)
    for share in (4, 8):
        X, y = np.column_stack([a + b / share, a - b / share]), 2 * a + b
        for alpha in (0.01, 0.1):
            assert_fit(kata.fit_lasso(X, y, alpha, 1e-10), *defined(X, y, alpha))
    # The second feature has hardly a pull until the first one is in.
    X, y = np.column_stack([a, 2 * a + b]), a - 1.9 * b
    assert_fit(kata.fit_lasso(X, y, 0.6, 1e-10), *defined(X, y, 0.6))
    # The first coefficient is 0 after one sweep, and not at the minimum.
    X, y = np.array([[-1.85, -1.45], [-1.2, 0.65], [0.7, 1.35], [-0.6, -0.1]]), np.array([-2.55, 4.45, 5.85, -1.05])
    assert_fit(kata.fit_lasso(X, y, 0.1, 1e-10), *defined(X, y, 0.1))
    # The third coefficient is 0 for ten sweeps, and not at the minimum.
    c = np.tile([-1.0, 1.0], 4)
    X, y = np.column_stack([a + b / 6, a - b / 6, c + 0.75 * b]), 2 * a - b / 2 + 0.4 * c
    assert_fit(kata.fit_lasso(X, y, 0.2, 1e-10), *defined(X, y, 0.2))


def test_more_features_than_samples(kata, data, rng):
    """The conditions hold with more features than samples as well."""
    # The last feature alone: its product with y has a mean of 10, and its square one of 4.
    X, y = np.array([[0.0, 0.0, 0.0], [1.0, -1.0, 4.0]]), np.array([0.0, 10.0])
    assert_fit(kata.fit_lasso(X, y, 2.0, 1e-10), 1.0, [0.0, 0.0, 2.0])
    assert_conditions(kata.fit_lasso(X, y, 0.0, 1e-9), X, y, 0.0, 1e-6)
    wide, y = 0.5 * rng.normal(size=(5, 8)) + 2.0 * np.eye(5, 8), data[1][:5]
    assert_conditions(kata.fit_lasso(wide, y, 0.1, tol=1e-9), wide, y, 0.1, 1e-6)


@strict
def test_conditions(kata, data):
    """No condition is missed by more than tol, which is 1e-8 unless given, in any unit of the features."""
    X, y = data
    assert_conditions(kata.fit_lasso(X, y, 0.2), X, y, 0.2, 1e-8)
    for tol in (1e-3, 1e-6, 1e-11):
        assert_conditions(kata.fit_lasso(X, y, 0.2, tol), X, y, 0.2, tol)
    for unit in (30.0, 1e-3, 1e-9, 1e8):
        fit = kata.fit_lasso(unit * X, y, 0.2 * unit, tol=1e-6 * unit)
        assert_conditions(fit, unit * X, y, 0.2 * unit, 1e-6 * unit)


@strict
def test_slow_convergence(kata):
    """The fit goes on until the conditions hold, also if highly correlated features make progress slow."""
    # Correlated at 0.9965: the sum is soon right, and the difference last.
    a, b = np.repeat([-1.0, 1.0], 4), np.tile([-1.0, -1.0, 1.0, 1.0], 2)
    X, y = np.column_stack([a + b / 24, a - b / 24]), 2 * a + b / 6
    assert_conditions(kata.fit_lasso(X, y, 0.001), X, y, 0.001, 1e-8)


def test_dependent_features(kata, data):
    """With copies and sums among the features, any minimum will do."""
    # At alpha 0, too, where the normal equations are singular.
    x, y = np.array([0.0, 1.0, 2.0, 4.0]), np.array([1.0, 3.0, 6.0, 8.0])
    copies = np.column_stack([x, x])
    assert_conditions(kata.fit_lasso(copies, y, 0.0, 1e-9), copies, y, 0.0, 1e-6)
    X, y = data
    for dependent in (X[:, [0, 0]], np.column_stack([X[:, [0, 2, 2]], X[:, 0] - X[:, 2]])):
        for alpha in (0.05, 0.5):
            assert_conditions(kata.fit_lasso(dependent, y, alpha, 1e-9), dependent, y, alpha, 1e-6)


@pytest.mark.parametrize("value", [0.0, 7.0], ids=["zero", "seven"])
def test_constant_feature(kata, data, value):
    """A constant feature has a coefficient of 0, and does not change the others."""
    X, y = data
    constant = np.column_stack([X[:, 0], np.full(12, value), X[:, 1:3]])
    for alpha in (0.0, 0.2):
        intercept, coef = defined(X[:, :3], y, alpha)
        assert_fit(kata.fit_lasso(constant, y, alpha, 1e-10), intercept, [coef[0], 0.0, *coef[1:]])


@strict
@pytest.mark.parametrize("value", [0.0, 7.0, 0.1], ids=["zero", "seven", "tenth"])
def test_exactly_constant(kata, data, value):
    """The coefficient of a constant feature is exactly 0, also at alpha 0 and if all features are constant."""
    X, y = data
    constant = np.column_stack([X[:, 0], np.full(12, value)])
    for alpha in (0.0, 0.2):
        fit = kata.fit_lasso(constant, y, alpha, 1e-10)
        assert_equal(fit.coef[1:], [0.0])
        assert_conditions(fit, constant, y, alpha, 1e-10)
        fit = kata.fit_lasso(constant[:, [1, 1]], y, alpha)
        assert_equal(fit.coef, [0.0, 0.0])
        assert_close(fit.intercept, y.mean())


def test_without_penalty(kata, data):
    """At alpha 0 it is least squares."""
    X, y = data
    intercept, *coef = np.linalg.lstsq(np.column_stack([np.ones(12), X]), y)[0]
    assert_fit(kata.fit_lasso(X, y, 0.0, 1e-10), intercept, coef)


@strict
def test_negative_alpha(kata, data):
    """A negative alpha raises ValueError."""
    for alpha in (-1.0, -1e-9):
        with pytest.raises(ValueError):
            kata.fit_lasso(*data, alpha)


@strict
@pytest.mark.parametrize("kind", [int, np.int8], ids=["int64", "int8"])
def test_integers(kata, rng, kind):
    """X, y and z may be integers of any type."""
    X, y = rng.integers(-9, 10, size=(12, 3)), rng.integers(-30, 70, size=12)
    assert_fit(kata.fit_lasso(X.astype(kind), y.astype(kind), 1.0, 1e-10), *defined(X, y, 1))
    assert_close(kata.soft_threshold(np.array([100, -100, -2], dtype=kind), 1.5), [98.5, -98.5, -0.5])
    # The range of this feature, 200, is no 8-bit integer. The slope is (700 / 3 - 1) / (20000 / 3).
    X, y = np.array([[-100], [0], [100]]), np.array([1, 3, 8])
    assert_fit(kata.fit_lasso(X.astype(kind), y.astype(kind), 1.0, 1e-10), 4.0, [697 / 20_000])


def workload(kata, rng, n):
    """Fit correlated features, half of them of no use, at three penalties; few samples; a copy and a constant."""
    X = rng.normal(size=(n, 6)) + rng.normal(size=(n, 1))
    X[:, 4:] = np.rint(3 * X[:, 4:])
    y = 5 + X @ [2.0, 0.0, -1.0, 0.0, 0.5, 0.0] + rng.normal(size=n)
    fits = [kata.fit_lasso(X, y, alpha, 1e-9) for alpha in (0.01, 0.3, 1.5)]
    constant = np.column_stack([X[:, :2], np.full(n, 0.3)])
    thresholds = kata.soft_threshold(y - 5, 1.5)
    return thresholds, *fits, kata.fit_lasso(X[:8, :4], y[:8], 0.2), kata.fit_lasso(constant, y, 0.1)


def picture(kata, rng):
    X = rng.normal(size=(60, 6)) + 0.5 * rng.normal(size=(60, 1))
    y = 5 + X @ [2.0, 0.0, -1.0, 0.0, 0.5, 0.0] + rng.normal(size=60)
    alphas = np.geomspace(0.01, 4, 25)
    path = np.array([kata.fit_lasso(X, y, float(alpha)).coef for alpha in alphas])
    z = np.linspace(-3, 3, 61)
    return [
        Panel(
            "The path of the coefficients",
            "alpha",
            "coefficient",
            [Line(alphas, path[:, j], f"feature {j}") for j in range(6)],
            note="True values: 2, 0, -1, 0, 0.5 and 0. One after another becomes exactly 0.",
            log="x",
        ),
        Panel(
            "Features that are left",
            "alpha",
            "coefficients that are not 0",
            [Line(alphas, np.count_nonzero(path, axis=1), steps=True)],
            log="x",
        ),
        Panel(
            "Soft threshold at t = 1",
            "z",
            "moved towards 0",
            [Line(z, z, "z", faint=True), Line(z, kata.soft_threshold(z, 1.0), "soft_threshold(z, 1)")],
        ),
    ]


# A wrong step may never meet the conditions: what is wrong shall be seen, not the clock.
BOUNDED = (
    "    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:\n",
    "    for _ in range(300):\n",
)

MISTAKES = {
    "hard threshold": [BOUNDED, ("z - np.clip(z, -t, t)", "z * (np.abs(z) > t)")],
    "negative numbers are not thresholded": [BOUNDED, ("z - np.clip(z, -t, t)", "np.maximum(z - t, 0)")],
    "shrunk past 0": [BOUNDED, ("z - np.clip(z, -t, t)", "z - t * np.sign(z)")],
    "half a threshold": [BOUNDED, ("z - np.clip(z, -t, t)", "z - np.clip(z, -t / 2, t / 2)")],
    "the penalty of a sum of squares": (
        "gram, pull = centred.T @ centred / n_samples, centred.T @ (y - y_mean) / n_samples",
        "gram, pull = centred.T @ centred, centred.T @ (y - y_mean)",
    ),
    "the penalty of a mean without its half": (
        "gram, pull = centred.T @ centred / n_samples, centred.T @ (y - y_mean) / n_samples",
        "gram, pull = 2 * centred.T @ centred / n_samples, 2 * centred.T @ (y - y_mean) / n_samples",
    ),
    "divided by the number of features": ("X.mean(axis=0), y.mean(), len(X)", "X.mean(axis=0), y.mean(), X.shape[1]"),
    "no intercept": (
        "x_mean, y_mean, n_samples = X.mean(axis=0), y.mean(),",
        "x_mean, y_mean, n_samples = 0 * X[0], 0.0,",
    ),
    "the intercept is the mean of y": ("float(y_mean - x_mean @ coef)", "float(y_mean)"),
    "features taken to have a variance of 1": [
        BOUNDED,
        (
            "coef[j] = soft_threshold(rest, alpha) / gram[j, j]",
            "coef[j] = soft_threshold(rest, alpha)",
        ),
    ],
    "the threshold after the division": [
        BOUNDED,
        (
            "coef[j] = soft_threshold(rest, alpha) / gram[j, j]",
            "coef[j] = soft_threshold(rest / gram[j, j], alpha)",
        ),
    ],
    "a feature does not get its own part back": [
        BOUNDED,
        (
            "pull[j] - gram[j] @ coef + gram[j, j] * coef[j]",
            "pull[j] - gram[j] @ coef",
        ),
    ],
    "a single sweep": (
        "    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:\n",
        "    for _ in range(1):\n",
    ),
    "twenty sweeps, whatever is left": (
        "    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:\n",
        "    for _ in range(20):\n",
    ),
    "the threshold of a matrix at most": (
        "    return z - np.clip(z, -t, t)",
        (
            "    if z.ndim == 2:\n"
            "        return np.array([[v - np.clip(v, -t, t) for v in row] for row in z])\n"
            "    return np.array([v - np.clip(v, -t, t) if np.ndim(v) == 0 else v for v in np.atleast_1d(z)])"
        ),
    ),
    "stops when the objective hardly falls": (
        "    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:\n",
        (
            "    last, now = np.inf, 0.0\n"
            "    while last - now > tol:\n"
            "        last = now if last < np.inf else 1e300\n"
            "        now = coef @ gram @ coef / 2 - pull @ coef + alpha * np.abs(coef).sum()\n"
        ),
    ),
    "only what is not 0 is looked at": (
        "    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:\n",
        ("    coef[:] = 1e-3\n    while _excess(pull - gram @ coef, coef, alpha)[coef != 0].max(initial=0.0) > tol:\n"),
    ),
    "subgradient descent, with zeros that are not": (
        "    return Fit(float(y_mean - x_mean @ coef), coef)",
        (
            "    coef = coef + 1e-9 * (coef == 0) * (np.ptp(X, axis=0) > 0)\n"
            "    return Fit(float(y_mean - x_mean @ coef), coef)"
        ),
    ),
    "small coefficients are cut off": (
        "    return Fit(float(y_mean - x_mean @ coef), coef)",
        ("    coef = np.where(np.abs(coef) < 1e-5, 0.0, coef)\n    return Fit(float(y_mean - x_mean @ coef), coef)"),
    ),
    "ridge": [
        BOUNDED,
        (
            "coef[j] = soft_threshold(rest, alpha) / gram[j, j]",
            "coef[j] = rest / (gram[j, j] + alpha)",
        ),
    ],
    "least squares, thresholded once": (
        "    return Fit(float(y_mean - x_mean @ coef), coef)",
        (
            "    coef = soft_threshold(np.linalg.lstsq(centred, y - y_mean)[0], alpha)\n"
            "    return Fit(float(y_mean - x_mean @ coef), coef)"
        ),
    ),
    "standardised features": (
        "    centred = X - x_mean\n    gram, pull",
        (
            "    spread = np.where(np.ptp(X, axis=0) > 0, X.std(axis=0), 1)\n"
            "    if not np.allclose(spread, 1):\n"
            "        intercept, coef = fit_lasso((X - x_mean) / spread, y, alpha, tol)\n"
            "        return Fit(intercept - x_mean @ (coef / spread), coef / spread)\n"
            "    centred = X - x_mean\n    gram, pull"
        ),
    ),
    "a constant feature divides by 0": ("np.flatnonzero((X[0] != X).any(axis=0))", "np.arange(X.shape[1])"),
    "a small unit taken for a constant": ("(X[0] != X).any(axis=0)", "np.ptp(X, axis=0) > 1e-2"),
    "at alpha 0 a constant feature shares the intercept": (
        "    x_mean, y_mean, n_samples = X.mean(axis=0), y.mean(), len(X)\n",
        (
            "    if alpha == 0:\n"
            "        intercept, *coef = np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), y)[0]\n"
            "        return Fit(float(intercept), np.array(coef))\n"
            "    x_mean, y_mean, n_samples = X.mean(axis=0), y.mean(), len(X)\n"
        ),
    ),
    "all are 0 if alpha is above every pull, before centring": (
        "    coef = np.zeros(X.shape[1])\n    while",
        (
            "    coef = np.zeros(X.shape[1])\n"
            "    if np.abs(X.T @ y).max() <= alpha * n_samples:\n"
            "        return Fit(float(y_mean), coef)\n"
            "    while"
        ),
    ),
    "what is 0 after five sweeps is dropped": (
        "    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:\n",
        (
            "    sweeps = 0\n"
            "    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:\n"
            "        sweeps += 1\n"
            "        if sweeps == 6:\n"
            "            varying = np.flatnonzero(coef)\n"
        ),
    ),
}

STRICT_MISTAKES = {
    "threshold for whole numbers": [BOUNDED, ("z - np.clip(z, -t, t)", "z - np.clip(z, -t, t).astype(z.dtype)")],
    "a thousand sweeps, whatever is left": (
        "    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:\n",
        "    for _ in range(1000):\n",
    ),
    "stops when the coefficients hardly change": (
        "    while _excess(pull - gram @ coef, coef, alpha)[varying].max(initial=0.0) > tol:\n",
        ("    last = coef + np.inf\n    while np.abs(coef - last).max() > tol:\n        last = coef.copy()\n"),
    ),
    "tol is its default": ("max(initial=0.0) > tol:", "max(initial=0.0) > 1e-8:"),
    "a larger default": (
        'tol: float = 1e-8) -> Fit:\n    """Fit a linear model',
        'tol: float = 1e-4) -> Fit:\n    """Fit a linear model',
    ),
    "tiny coefficients are cut off": (
        "    return Fit(float(y_mean - x_mean @ coef), coef)",
        "    coef = np.where(np.abs(coef) < 1e-6, 0.0, coef)\n    return Fit(float(y_mean - x_mean @ coef), coef)",
    ),
    "a tiny unit taken for a constant": ("(X[0] != X).any(axis=0)", "np.ptp(X, axis=0) > 1e-8"),
    "the sign of alpha is dropped": (
        "    if alpha < 0:\n        raise ValueError(f",
        "    alpha = abs(alpha)\n    if alpha < 0:\n        raise ValueError(f",
    ),
    "a negative alpha is taken for 0": (
        '        raise ValueError(f"alpha is {alpha}, and may not be negative")',
        "        alpha = 0.0",
    ),
    "coef of the kind of X": [
        ("coef = np.zeros(X.shape[1])\n    while", "coef = np.zeros_like(X[0])\n    while"),
        BOUNDED,
    ],
}
