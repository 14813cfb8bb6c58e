from itertools import product

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# With deviations (-1, 0, 1) and (-3, -1, 4), g at coef 0 is 7/3, and the mean square of the feature 2/3.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 8.0])


@pytest.fixture
def data(rng):
    """Four correlated features of unequal spread, away from zero; two of them are no part of y."""
    X = rng.normal([3.0, -1.0, 0.0, 2.0], [1.0, 2.0, 0.5, 1.5], size=(12, 4)) + 0.8 * rng.normal(size=(12, 1))
    return X, 4.0 + X @ [2.0, 0.0, -3.0, 0.0] + 0.5 * rng.normal(size=12)


def defined(X, y, alpha, l1_ratio):
    """Try every choice of signs, + - or 0 for each feature: the conditions hold for one of them."""
    Z = X - X.mean(axis=0)
    gram, pull = Z.T @ Z / len(X) + alpha * (1 - l1_ratio) * np.eye(X.shape[1]), Z.T @ y / len(X)
    l1 = alpha * l1_ratio
    for signs in product([0, 1, -1], repeat=X.shape[1]):
        coef, kept = np.zeros(X.shape[1]), np.flatnonzero(signs)
        coef[kept] = np.linalg.solve(gram[np.ix_(kept, kept)], pull[kept] - l1 * np.array(signs)[kept])
        if (np.sign(coef) == signs).all() and (np.abs(pull - gram @ coef) <= l1 + 1e-12).all():
            return y.mean() - X.mean(axis=0) @ coef, coef
    raise AssertionError("no signs meet the conditions")


def assert_fit(fit, intercept, coef):
    """Compare, for a tol of 1e-10, with a minimum that is known."""
    assert_close(fit.coef, coef, rtol=1e-6, atol=1e-7)
    assert_close(fit.intercept, intercept, rtol=1e-6, atol=1e-7)


def assert_conditions(fit, X, y, alpha, l1_ratio, tol):
    """Check that no condition is missed by more than tol and rounding, and that the intercept is the best one."""
    assert_close(fit.intercept, np.mean(y - X @ fit.coef), rtol=1e-8, atol=1e-8)
    g = (X - X.mean(axis=0)).T @ (y - X @ fit.coef) / len(X) - alpha * (1 - l1_ratio) * fit.coef
    l1 = alpha * l1_ratio
    missed = [abs(g[j] - l1 * np.sign(w)) if w else max(abs(g[j]) - l1, 0) for j, w in enumerate(fit.coef)]
    assert_close(missed, np.zeros(X.shape[1]), atol=1.001 * tol + 1e-13 * np.abs(X).max(), what="conditions missed by")


def test_line(kata, data):
    """With one feature the slope is g_j at coef 0, moved towards 0 by alpha * l1_ratio, over s_xx / n + the L2 part."""
    for alpha, l1_ratio, slope in [(2 / 3, 0.5, 2.0), (4 / 3, 0.25, 1.2), (1.0, 0.5, 11 / 7), (4.0, 0.75, 0.0)]:
        assert_fit(kata.fit_elastic_net(X_SMALL, Y_SMALL, alpha, l1_ratio, 1e-10), 4 - slope, [slope])
        assert_fit(kata.fit_elastic_net(X_SMALL, -Y_SMALL, alpha, l1_ratio, 1e-10), slope - 4, [-slope])
    X, y = data
    x = X[:, 2]
    s_xy, s_xx = np.mean((x - x.mean()) * (y - y.mean())), np.mean((x - x.mean()) ** 2)
    for alpha in (0.5 * abs(s_xy), 2.0 * abs(s_xy)):
        for l1_ratio in (0.2, 0.9):
            slope = np.sign(s_xy) * max(abs(s_xy) - alpha * l1_ratio, 0) / (s_xx + alpha * (1 - l1_ratio))
            fit = kata.fit_elastic_net(X[:, 2:3], y, alpha, l1_ratio, 1e-10)
            assert_fit(fit, y.mean() - slope * x.mean(), [slope])


def test_several_features(kata, data):
    """The fit minimises half the mean squared residual plus both penalties, and l1_ratio says how much of each."""
    for alpha, l1_ratio in [(0.01, 0.5), (0.2, 0.1), (0.2, 0.9), (1.0, 0.3), (3.0, 0.5)]:
        assert_fit(kata.fit_elastic_net(*data, alpha, l1_ratio, 1e-10), *defined(*data, alpha, l1_ratio))


def test_ends(kata, data):
    """It is the lasso at l1_ratio 1, ridge with a penalty of n * alpha at l1_ratio 0, and least squares at alpha 0."""
    assert_fit(kata.fit_elastic_net(X_SMALL, Y_SMALL, 1.0, 1.0, 1e-10), 2.0, [2.0])
    assert_fit(kata.fit_elastic_net(X_SMALL, Y_SMALL, 1.0, 0.0, 1e-10), 2.6, [1.4])
    X, y = data
    for alpha in (0.05, 1.0):
        assert_fit(kata.fit_elastic_net(X, y, alpha, 1.0, 1e-10), *defined(X, y, alpha, 1.0))
        Z = X - X.mean(axis=0)
        ridge = np.linalg.solve(Z.T @ Z + 12 * alpha * np.eye(4), Z.T @ y)
        assert_fit(kata.fit_elastic_net(X, y, alpha, 0.0, 1e-10), y.mean() - X.mean(axis=0) @ ridge, ridge)
    intercept, *coef = np.linalg.lstsq(np.column_stack([np.ones(12), X]), y)[0]
    for l1_ratio in (0.0, 0.5, 1.0):
        assert_fit(kata.fit_elastic_net(X, y, 0.0, l1_ratio, 1e-10), intercept, coef)


def test_exact_zeros(kata, data):
    """A coefficient that is 0 at the minimum is 0 exactly, and only then."""
    for alpha, l1_ratio in [(0.5, 0.7), (2.0, 0.5), (3.0, 0.9)]:
        fit, (_, coef) = kata.fit_elastic_net(*data, alpha, l1_ratio), defined(*data, alpha, l1_ratio)
        expected = fit.coef.copy()
        expected[coef == 0] = 0.0
        assert_equal(fit.coef, expected)
    # Orthogonal features: the second has g = -0.10001 at coef 0, and 0.10001 - 0.1 is not 0.
    X = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    y = X @ [3.0, -0.10001]
    assert_fit(kata.fit_elastic_net(X, y, 0.2, 0.5, 1e-10), 0.0, [2.9 / 1.1, -0.00001 / 1.1])


def test_alpha_max(kata, data):
    """alpha_max is the largest |g_j| at coef 0, over l1_ratio."""
    for l1_ratio in (0.25, 0.5, 1.0):
        assert_close(kata.alpha_max(X_SMALL, Y_SMALL, l1_ratio), 7 / 3 / l1_ratio)
        assert_close(kata.alpha_max(X_SMALL, -Y_SMALL, l1_ratio), 7 / 3 / l1_ratio)
    assert_close(kata.alpha_max(X_SMALL, Y_SMALL), 14 / 3)
    assert_close(kata.alpha_max(X_SMALL, Y_SMALL * 1e-6, 0.5) / 1e-6, 14 / 3)
    assert_close(kata.alpha_max(X_SMALL + 5.0, Y_SMALL - 9.0, 0.5), 14 / 3)
    assert_close(kata.alpha_max(X_SMALL, np.full(3, 4.0), 0.5), 0.0)
    # The pulls are -4 and 7 / 4 here: the feature with the largest is not the one with the largest coefficient.
    X = np.array([[4.0, 0.25], [-4.0, 0.25], [0.0, -0.25], [0.0, -0.25]])
    assert_close(kata.alpha_max(X, np.array([5.0, 9.0, -7.0, -7.0]), 0.1), 40.0)
    X, y = data
    for l1_ratio in (0.01, 0.3, 0.8):
        expected = max(abs(np.mean((x - x.mean()) * (y - y.mean()))) for x in X.T) / l1_ratio
        assert_close(kata.alpha_max(X, y, l1_ratio), expected)


def test_alpha_max_without_l1(kata, data):
    """alpha_max at l1_ratio 0 raises ValueError."""
    for X, y in [(X_SMALL, Y_SMALL), data]:
        with pytest.raises(ValueError):
            kata.alpha_max(X, y, 0.0)


def test_where_features_enter(kata, data):
    """All coefficients are 0 at an alpha just above alpha_max, and one is not just below."""
    X, y = data
    for l1_ratio in (0.1, 0.6, 1.0):
        last = max(abs(np.mean((x - x.mean()) * (y - y.mean()))) for x in X.T) / l1_ratio
        above = kata.fit_elastic_net(X, y, 1.0001 * last, l1_ratio)
        assert_equal(above.coef, np.zeros(4))
        assert_close(above.intercept, y.mean())
        below = kata.fit_elastic_net(X, y, 0.99 * last, l1_ratio, 1e-10)
        assert_fit(below, *defined(X, y, 0.99 * last, l1_ratio))


def test_intercept(kata, data):
    """The intercept has no penalty: adding a constant to y or to a feature does not change coef."""
    X, y = data
    intercept, coef = defined(X, y, 0.3, 0.4)
    assert_fit(kata.fit_elastic_net(X, y + 100.0, 0.3, 0.4, 1e-10), intercept + 100.0, coef)
    shift = np.array([50.0, 0.0, -20.0, 10.0])
    assert_fit(kata.fit_elastic_net(X + shift, y, 0.3, 0.4, 1e-10), intercept - shift @ coef, coef)


def test_correlated_features(kata, data):
    """With correlated features, go on until the conditions hold to within tol. Copies share their weight."""
    # Correlated at 0.88: the sum is soon right, and the difference last.
    a, b = np.repeat([-1.0, 1.0], 4), np.tile([-1.0, -1.0, 1.0, 1.0], 2)
    X, y = np.column_stack([a + b / 4, a - b / 4]), 2 * a + b
    for alpha, l1_ratio in [(0.01, 0.5), (0.1, 0.9)]:
        assert_fit(kata.fit_elastic_net(X, y, alpha, l1_ratio, 1e-10), *defined(X, y, alpha, l1_ratio))
    # With values of 100, g is 10,000 times as far off as coef.
    for tol in (1e-8, 1e-5):
        assert_conditions(kata.fit_elastic_net(100 * X, y, 0.1, 0.5, tol), 100 * X, y, 0.1, 0.5, tol)
    # The first coefficient is 0 after one sweep, and not at the minimum.
    X, y = np.array([[-1.85, -1.45], [-1.2, 0.65], [0.7, 1.35], [-0.6, -0.1]]), np.array([-2.55, 4.45, 5.85, -1.05])
    assert_fit(kata.fit_elastic_net(X, y, 0.1, 0.95, 1e-10), *defined(X, y, 0.1, 0.95))
    # (7/3 - 1/3) / (2 * 2/3 + 1/3) = 6/5 each.
    assert_fit(kata.fit_elastic_net(X_SMALL[:, [0, 0]], Y_SMALL, 2 / 3, 0.5, 1e-10), 1.6, [1.2, 1.2])
    X, y = data
    assert_conditions(kata.fit_elastic_net(X, y, 0.2), X, y, 0.2, 0.5, 1e-8)
    copies, sums = X[:, [0, 2, 0]], np.column_stack([X[:, [0, 2]], X[:, 0] - X[:, 2]])
    for dependent in (copies, sums):
        assert_fit(kata.fit_elastic_net(dependent, y, 0.5, 0.5, 1e-10), *defined(dependent, y, 0.5, 0.5))
        assert_conditions(kata.fit_elastic_net(dependent, y, 0.1, 1.0, 1e-9), dependent, y, 0.1, 1.0, 1e-6)


def test_more_features_than_samples(kata, data, rng):
    """The conditions hold with more features than samples as well."""
    wide, y = 0.5 * rng.normal(size=(4, 6)) + 2.0 * np.eye(4, 6), data[1][:4]
    assert_fit(kata.fit_elastic_net(wide, y, 0.4, 0.5, 1e-10), *defined(wide, y, 0.4, 0.5))
    assert_conditions(kata.fit_elastic_net(wide, y, 0.1, 1.0, 1e-9), wide, y, 0.1, 1.0, 1e-6)


@pytest.mark.parametrize("value", [0.0, 7.0], ids=["zero", "seven"])
def test_nothing_to_learn(kata, data, value):
    """A constant feature has a coefficient of 0 and does not change the others; so have all if y is constant."""
    X, y = data
    for alpha, l1_ratio in [(0.2, 0.5), (0.2, 1.0), (0.0, 0.5)]:
        intercept, coef = defined(X[:, :3], y, alpha, l1_ratio)
        constant = np.column_stack([X[:, 0], np.full(12, value), X[:, 1:3]])
        fit = kata.fit_elastic_net(constant, y, alpha, l1_ratio, 1e-10)
        assert_fit(fit, intercept, [coef[0], 0.0, *coef[1:]])
        assert_fit(kata.fit_elastic_net(np.full((4, 2), value), y[:4], alpha, l1_ratio), y[:4].mean(), [0.0, 0.0])
        assert_fit(kata.fit_elastic_net(X, np.full(12, value), alpha, l1_ratio, 1e-10), value, np.zeros(4))
        assert_fit(kata.fit_elastic_net(X[:1], y[:1], alpha, l1_ratio), y[0], np.zeros(4))
    assert_close(kata.alpha_max(np.column_stack([np.full(3, value), X_SMALL]), Y_SMALL, 0.5), 14 / 3)


def test_units(kata, data):
    """A coefficient has the unit of y divided by the unit of its feature, however small it is."""
    X, y = data
    l1, l2 = 0.1, 0.2
    intercept, coef = defined(X, y, l1 + l2, l1 / (l1 + l2))
    for u, v in [(1.0, 2.0**-14), (2.0**-4, 1.0), (2.0**4, 1.0)]:
        # With X in u and y in v, g is in u * v, and so is the L1 part; the L2 part is in u * u.
        alpha, tol = l1 * u * v + l2 * u * u, 1e-9 * min(u * v, v / u)
        fit = kata.fit_elastic_net(u * X, v * y, alpha, l1 * u * v / alpha, tol)
        assert_close(fit.coef * u / v, coef, rtol=1e-6, atol=1e-7)
        assert_close(fit.intercept / v, intercept, rtol=1e-6, atol=1e-7)


@strict
def test_conditions(kata, data):
    """No condition is missed by more than tol, in any unit of the features."""
    X, y = data
    for tol in (1e-3, 1e-6, 1e-11):
        assert_conditions(kata.fit_elastic_net(X, y, 0.2, 0.7, tol), X, y, 0.2, 0.7, tol)
    for unit in (30.0, 1e-3, 1e-9, 1e8):
        fit = kata.fit_elastic_net(unit * X, y, 0.2 * unit, 1.0, tol=1e-6 * unit)
        assert_conditions(fit, unit * X, y, 0.2 * unit, 1.0, 1e-6 * unit)


@strict
def test_slow_convergence(kata):
    """The fit goes on until the conditions hold, also if highly correlated features make progress slow."""
    # Correlated at 0.993: the sum is soon right, and the difference last.
    a, b = np.repeat([-1.0, 1.0], 4), np.tile([-1.0, -1.0, 1.0, 1.0], 2)
    X, y = np.column_stack([a + b / 18, a - b / 18]), 2 * a + b / 4
    assert_conditions(kata.fit_elastic_net(X, y, 0.001, 0.9), X, y, 0.001, 0.9, 1e-8)


@strict
def test_nearly_constant_feature(kata, data):
    """A constant feature has a coefficient of 0 also if rounding makes its mean inexact."""
    X, y = data
    constant = np.column_stack([X[:, 0], np.full(12, 0.1)])
    for alpha, l1_ratio in [(0.0, 0.5), (0.2, 1.0)]:
        fit = kata.fit_elastic_net(constant, y, alpha, l1_ratio, 1e-10)
        assert_close(fit.coef, [defined(X[:, :1], y, alpha, l1_ratio)[1][0], 0.0], rtol=1e-6, atol=1e-7)


@strict
def test_parameters_out_of_range(kata, data):
    """An alpha below 0, or an l1_ratio below 0 or above 1, raises ValueError."""
    for alpha, l1_ratio in [(-1.0, 0.5), (-1e-9, 1.0), (1.0, -0.1), (1.0, 1.1), (0.0, 2.0)]:
        with pytest.raises(ValueError):
            kata.fit_elastic_net(*data, alpha, l1_ratio)
    for l1_ratio in (-0.5, 1.5):
        with pytest.raises(ValueError):
            kata.alpha_max(*data, l1_ratio)


@strict
@pytest.mark.parametrize("kind", [int, np.int8], ids=["int64", "int8"])
def test_integers(kata, rng, kind):
    """X and y may be integers of any type."""
    X, y = rng.integers(-9, 10, size=(12, 3)), rng.integers(-30, 70, size=12)
    fit = kata.fit_elastic_net(X.astype(kind), y.astype(kind), 1.0, 0.5, 1e-10)
    assert_fit(fit, *defined(X, y, 1.0, 0.5))
    expected = max(abs(np.mean((x - x.mean()) * (y - y.mean()))) for x in X.T)
    assert_close(kata.alpha_max(X.astype(kind), y.astype(kind), 1.0), expected)
    # The range of this feature, 200, is no 8-bit integer.
    X, y, slope = np.array([[-100], [0], [100]]), Y_SMALL, (700 / 3 - 0.5) / (20_000 / 3 + 0.5)
    assert_fit(kata.fit_elastic_net(X.astype(kind), y.astype(kind), 1.0, 0.5, 1e-10), 4.0, [slope])


def workload(kata, rng, n):
    """Fit correlated features, half of them of no use, along a path; few samples; copies and a constant."""
    X = rng.normal(size=(n, 6)) + rng.normal(size=(n, 1))
    X[:, 4:] = np.rint(3 * X[:, 4:])
    y = 5 + X @ [2.0, 0.0, -1.0, 0.0, 0.5, 0.0] + rng.normal(size=n)
    fits = [
        kata.fit_elastic_net(X, y, alpha, l1_ratio, 1e-9) for alpha, l1_ratio in [(0.05, 0.5), (0.5, 0.8), (2, 0.3)]
    ]
    copies = np.column_stack([X[:, [0, 1, 0]], np.full(n, 0.3)])
    first = kata.alpha_max(X, y, 0.5)
    return first, *fits, kata.fit_elastic_net(X[:4], y[:4], 0.2, 0.1), kata.fit_elastic_net(copies, y, 0.1)


SPLIT = "l1, l2 = alpha * l1_ratio, alpha * (1 - l1_ratio)\n    x_mean"
STEP = "coef[j] = (rest - np.clip(rest, -l1, l1)) / gram[j, j]"
LAST = "return Fit(float(y_mean - x_mean @ coef), coef)"
PULLS = "pull, gram = centred.T @ (y - y_mean) / n_samples, centred.T @ centred / n_samples"
VARYING = "(X[0] != X).any(axis=0)"
LOOP = "for _ in range(2_000):"
STOP = "if (_missed(pull - gram @ coef, coef, l1)[varying] <= tol).all():"
LARGEST = "return float(np.abs(pull).max() / l1_ratio)"
COVARIANCE = "pull = (X - X.mean(axis=0)).T @ (y - y.mean()) / len(X)\n    return"
CAPPED = ('raise RuntimeError("the conditions are not met after 2,000 sweeps")', "pass")
FEW = [(LOOP, "for _ in range(300):"), CAPPED]
MISTAKES = {
    "an L2 part without its half": (SPLIT, SPLIT.replace("alpha * (1", "2 * alpha * (1")),
    "half an L2 part": (SPLIT, SPLIT.replace("alpha * (1", "alpha / 2 * (1")),
    "the parts exchanged": (SPLIT, SPLIT.replace("l1, l2", "l2, l1")),
    "alpha for both parts": (SPLIT, SPLIT.replace(" * (1 - l1_ratio)", "")),
    "the L2 part is left out": (SPLIT, SPLIT.replace("alpha * (1 - l1_ratio)", "0.0")),
    "the L1 part is left out": (SPLIT, SPLIT.replace("alpha * l1_ratio", "0.0")),
    "only the L1 part at l1_ratio 0": (SPLIT, SPLIT.replace("(1 - l1_ratio)", "(1 - l1_ratio) * (l1_ratio > 0)")),
    "the penalty of a sum of squares": (PULLS, PULLS.replace(" / n_samples", "")),
    "a mean without its half": (PULLS, PULLS.replace(" / n_samples", " / n_samples * 2")),
    "n - 1": ("y.mean(), len(X)", "y.mean(), max(len(X) - 1, 1)"),
    "the L2 part outside the division": [*FEW, (STEP, STEP + " / (1 + l2)")],
    "the threshold after the division": [
        *FEW,
        (STEP, "rest /= gram[j, j]\n            coef[j] = rest - np.clip(rest, -l1, l1)"),
    ],
    "the naive fit scaled up again": (LAST, "coef = coef * (1 + l2)\n    " + LAST),
    "hard threshold": [*FEW, (STEP, "coef[j] = rest * (abs(rest) > l1) / gram[j, j]")],
    "negative pulls are not thresholded": [*FEW, (STEP, "coef[j] = max(rest - l1, 0) / gram[j, j]")],
    "features taken to have a variance of 1": [*FEW, (STEP, STEP.replace("gram[j, j]", "(1 + l2)"))],
    "a feature does not get its own part back": [*FEW, ("gram[j] @ coef + gram[j, j] * coef[j]", "gram[j] @ coef")],
    "the L2 part is lost from a feature's own part": [
        *FEW,
        ("gram[j] @ coef + gram[j, j] * coef[j]", "gram[j] @ coef + (gram[j, j] - l2) * coef[j]"),
    ],
    "standardised features": (
        "centred = X - x_mean\n",
        (
            "spread = np.where(np.ptp(X, axis=0) > 0, X.std(axis=0), 1)\n"
            "    if not np.allclose(spread, 1):\n"
            "        intercept, coef = fit_elastic_net((X - x_mean) / spread, y, alpha, l1_ratio, tol)\n"
            "        return Fit(intercept - x_mean @ (coef / spread), coef / spread)\n"
            "    centred = X - x_mean\n"
        ),
    ),
    "no intercept": (
        "x_mean, y_mean, n_samples = X.mean(axis=0), y.mean(),",
        "x_mean, y_mean, n_samples = 0 * X[0], 0.0,",
    ),
    "the intercept is the mean of y": (LAST, "return Fit(float(y_mean), coef)"),
    "a single sweep": [(LOOP, "for _ in range(1):"), CAPPED],
    "twenty sweeps": [(LOOP, "for _ in range(20):"), CAPPED],
    "tol is its default": (STOP, STOP.replace("tol", "1e-8")),
    "a loose tolerance": (STOP, STOP.replace("tol", "1e-4")),
    "stops when coefficients hardly change": [
        ("        for j in varying:\n", "        before = coef.copy()\n        for j in varying:\n"),
        (STOP, "if (np.abs(coef - before) <= tol).all():"),
    ],
    "stops after the first zero": (STOP, "if (coef == 0).any():"),
    "only what is not 0 is looked at": (STOP, STOP.replace("[varying]", "[coef != 0]")),
    "zeros that are not": (LAST, "coef = coef + 1e-9 * (coef == 0) * (np.ptp(X, axis=0) > 0)\n    " + LAST),
    "small coefficients are cut off": (LAST, "coef = np.where(np.abs(coef) < 1e-3, 0.0, coef)\n    " + LAST),
    "tiny coefficients are cut off": (LAST, "coef = np.where(np.abs(coef) < 1e-5, 0.0, coef)\n    " + LAST),
    "a constant feature divides by 0": (f"np.flatnonzero({VARYING})", "np.arange(X.shape[1])"),
    "alpha_max without its division by n": (COVARIANCE, COVARIANCE.replace(" / len(X)", "")),
    "alpha_max of the mean without its half": (COVARIANCE, COVARIANCE.replace("len(X)", "len(X) * 2")),
    "alpha_max by n - 1": (COVARIANCE, COVARIANCE.replace("len(X)", "max(len(X) - 1, 1)")),
    "alpha_max without centring": (COVARIANCE, "pull = X.T @ y / len(X)\n    return"),
    "alpha_max by the largest positive pull": (LARGEST, "return float(pull.max() / l1_ratio)"),
    "alpha_max of the lasso": (LARGEST, "return float(np.abs(pull).max())"),
    "alpha_max times l1_ratio": (LARGEST, "return float(np.abs(pull).max() * l1_ratio)"),
    "alpha_max by the slope": (
        LARGEST,
        "return float(np.abs(pull / np.maximum(X.var(axis=0), 1e-300) ** 0.5).max() / l1_ratio)",
    ),
    "a floor under l1_ratio": (LARGEST, "return float(np.abs(pull).max() / max(l1_ratio, 0.05))"),
    "a floor under alpha_max": (LARGEST, "return max(float(np.abs(pull).max() / l1_ratio), 1e-5)"),
    "no limit at l1_ratio 0 is infinite": (
        "if not 0 < l1_ratio <= 1:\n",
        "if l1_ratio == 0:\n        return float('inf')\n    if not 0 < l1_ratio <= 1:\n",
    ),
}

STRICT_MISTAKES = {
    "a thousand sweeps, whatever is left": [(LOOP, "for _ in range(1000):"), CAPPED],
    "a small unit taken for a constant": (VARYING, "np.ptp(X, axis=0) > 1e-6"),
    "constant by its spread": (VARYING, "centred.any(axis=0)"),
    "a range that wraps around": (VARYING, "np.ptp(X, axis=0) > 0"),
    "any alpha": ("if alpha < 0 or not 0 <= l1_ratio <= 1:", "if not 0 <= l1_ratio <= 1:"),
    "any l1_ratio": ("if alpha < 0 or not 0 <= l1_ratio <= 1:", "if alpha < 0:"),
    "any l1_ratio but 0 in alpha_max": ("if not 0 < l1_ratio <= 1:", "if l1_ratio == 0:"),
    "coef of the kind of X": [("coef = np.zeros(len(pull))", "coef = np.zeros_like(X[0])"), *FEW],
}
