import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# The fit is 0, so y is the residual. Times the weights (7, 4, 1, -2) / 10 of the intercept it is (0, 4, -2, -2) / 10,
# and times the weights (-3, -1, 1, 3) / 10 of the slope (0, -1, -2, 3) / 10.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])


@pytest.fixture
def data(rng):
    """Three features away from zero, and groups of 4, 1, 3, 2 and 2 rows that share a part of x and of y."""
    group = rng.permutation(np.repeat([0, 1, 2, 3, 4], [4, 1, 3, 2, 2]))
    X = 20.0 + rng.integers(-9, 10, size=(5, 3))[group] + rng.integers(-9, 10, size=(12, 3)) * [1, 2, 4]
    y = 50.0 + rng.integers(-90, 91, size=5)[group] + rng.integers(-100, 101, size=12) / 4
    return X, y, np.array([12, 7, -1, 0, 3])[group]


def weighted_residuals(X, y):
    """Return A_ji e_i: a column has what one sample adds to each coefficient."""
    design = np.column_stack([np.ones(len(X)), X])
    A = np.column_stack([np.linalg.lstsq(design, one)[0] for one in np.eye(len(X))])
    return A * (y - design @ (A @ y))


def defined(X, y, groups):
    """Return the standard errors by the definition, one pair of samples at a time."""
    n, p, G = len(X), X.shape[1] + 1, len(set(groups.tolist()))
    parts = weighted_residuals(X, y)
    variances = [sum(part[i] * part[k] for i in range(n) for k in range(n) if groups[i] == groups[k]) for part in parts]
    return np.sqrt(np.array(variances) * G / (G - 1) * (n - 1) / (n - p))


def squares(kata, X, y, groups):
    return np.asarray(kata.clustered_standard_errors(X, y, np.array(groups))) ** 2


def test_variance(kata, data):
    """Residuals times weights are summed within a group, squared, and summed over groups, intercept first."""
    # The sums of the groups 3, 7 and -1 are (0, 2, -2) / 10 and (0, -3, 3) / 10. The factor is 3/2 * 3/2.
    assert_close(squares(kata, X_SMALL, Y_SMALL, [3, 7, 7, -1]), [0.18, 0.405])
    X, y, groups = data
    for n_features in (1, 2, 3):
        actual = kata.clustered_standard_errors(X[:, :n_features], y, groups)
        assert_close(actual, defined(X[:, :n_features], y, groups), rtol=1e-6)


def test_factor(kata, data):
    """The factor is G / (G - 1) * (n - 1) / (n - p), where G counts the labels that occur."""
    # Two groups: 2 * 3/2 = 3. The sums are (4, -4) / 10 and (-1, 1) / 10.
    assert_close(squares(kata, X_SMALL, Y_SMALL, [0, 0, 1, 1]), [0.96, 0.06])
    assert_close(squares(kata, X_SMALL, Y_SMALL, [5, 9, 9, 9]), [0.0, 0.0])
    # One more row, on the line and at the mean of x, changes the factor alone: 2 * 4/3.
    X, y = np.array([[0.0], [1.0], [1.5], [2.0], [3.0]]), np.array([0.0, 1.0, 0.0, -2.0, 1.0])
    assert_close(squares(kata, X, y, [0, 0, 0, 4, 4])[1], 0.02 * 8 / 3)
    X, y, groups = data
    for merged in (groups > 5, groups >= 0, (groups > 0) * 2 + (groups > 5)):
        actual = kata.clustered_standard_errors(X[:, :2], y, merged.astype(int))
        assert_close(actual, defined(X[:, :2], y, merged), rtol=1e-6, atol=1e-6)


def test_labels(kata, data):
    """Labels are names: negative ones, gaps and another order of them change nothing."""
    for labels in ([7, -1, -1, 3], [0, 1, 1, 2], [-5, -4, -4, -900], [100_000, 0, 0, -100_000], [0, -1, -1, 1]):
        assert_close(squares(kata, X_SMALL, Y_SMALL, labels), [0.18, 0.405])
    X, y, groups = data
    expected = defined(X, y, groups)
    for labels in (-groups, 10 * groups, (groups - 5) ** 3):
        assert_close(kata.clustered_standard_errors(X, y, labels), expected, rtol=1e-6)


def test_order(kata, data):
    """The rows of a group need not be neighbours, and the order of rows does not matter."""
    order = [2, 0, 3, 1]
    assert_close(squares(kata, X_SMALL[order], Y_SMALL[order], [7, 3, -1, 7]), [0.18, 0.405])
    # Groups of every second row: the sums are (-2, 2) / 10 in both, and the factor is 3.
    assert_close(squares(kata, X_SMALL, Y_SMALL, [4, 2, 4, 2]), [0.24, 0.24])
    X, y, groups = data
    expected = defined(X, y, groups)
    for order in (np.argsort(groups, kind="stable"), np.argsort(X[:, 1], kind="stable"), np.arange(12)[::-1]):
        actual = kata.clustered_standard_errors(X[order], y[order], groups[order])
        assert_close(actual, expected, rtol=1e-6)
    actual = kata.clustered_standard_errors(X[:, [2, 0, 1]], y, groups)
    assert_close(actual, expected[[0, 3, 1, 2]], rtol=1e-6)


def test_singletons(kata, data):
    """If each row is a group of its own, the result is HC1."""
    assert_close(squares(kata, X_SMALL, Y_SMALL, [3, 1, 0, 2]), [0.48, 0.28])
    X, y, _ = data
    expected = np.sqrt(12 / 8 * (weighted_residuals(X, y) ** 2).sum(axis=1))
    assert_close(kata.clustered_standard_errors(X, y, np.arange(12)[::-1]), expected, rtol=1e-6)


def test_opposite_errors(kata):
    """Errors that cancel within a group give less than HC1 does, down to 0."""
    # The mean of a group is on the line, and so its sums are 0.
    X, y = np.array([[1.0], [1.0], [2.0], [2.0], [5.0], [5.0]]), np.array([3.0, -3.0, 1.0, -1.0, 2.0, -2.0])
    assert_close(squares(kata, X, y, [1, 1, 2, 2, 3, 3]), [0.0, 0.0])
    # A fit of 0 again: the sums of the residuals are (4, -5, 1), those of x times them (-8, 5, 3).
    x, e = np.array([[-2.0], [-2.0], [-1.0], [-1.0], [3.0], [3.0]]), np.array([3.0, 1.0, -7.0, 2.0, 2.0, -1.0])
    assert_close(squares(kata, x, e, [1, 1, 2, 2, 3, 3]), [42 / 36 * 15 / 8, 98 / 784 * 15 / 8])


def test_few_groups(kata):
    """There may be fewer groups than coefficients."""
    X = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [3.0, 1.0, 1.0], [4.0, 5.0, 2.0], [2.0, 2.0, 7.0], [0.0, 2.0, 2.0]])
    y, groups = np.array([2.0, 5.0, 1.0, 4.0, 4.0, 0.0]), np.array([8, 2, 8, 8, 5, 2])
    for rows in (5, 6):
        actual = kata.clustered_standard_errors(X[:rows], y[:rows], groups[:rows])
        assert_close(actual, defined(X[:rows], y[:rows], groups[:rows]), rtol=1e-6)


def test_units(kata, data):
    """A standard error has the unit of y divided by the unit of its feature, however small it is."""
    expected = np.array([0.18, 0.405]) ** 0.5
    groups = np.array([3, 7, 7, -1])
    assert_close(kata.clustered_standard_errors(X_SMALL, Y_SMALL * 1e-6, groups) / 1e-6, expected)
    assert_close(kata.clustered_standard_errors(X_SMALL * 1e-5, Y_SMALL, groups) * [1, 1e-5], expected)
    assert_close(kata.clustered_standard_errors(X_SMALL * 1e5, Y_SMALL, groups) * [1, 1e5], expected)
    assert_close(kata.clustered_standard_errors(X_SMALL, Y_SMALL + 5 - X_SMALL[:, 0], groups), expected)
    assert_close(kata.clustered_standard_errors(X_SMALL, np.zeros(4), groups), [0.0, 0.0])
    assert_close(kata.clustered_standard_errors(X_SMALL, 2 * X_SMALL[:, 0] + 1, groups), [0.0, 0.0])
    X, y, groups = data
    units = np.array([2.0**-14, 1.0, 2.0**10])
    actual = kata.clustered_standard_errors(X * units, y * 2.0**-10, groups)
    assert_close(actual * 2.0**10 * np.append(1, units), defined(X, y, groups), rtol=1e-6)


def test_undefined(kata, data):
    """One group, or no more samples than coefficients, raises ValueError."""
    X, y, _ = data
    for label in (0, 7, -1):
        with pytest.raises(ValueError):
            kata.clustered_standard_errors(X, y, np.full(12, label))
    for n_samples, n_features in [(2, 1), (3, 2), (4, 3)]:
        with pytest.raises(ValueError):
            kata.clustered_standard_errors(X[:n_samples, :n_features], y[:n_samples], np.arange(n_samples) % 2)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X and y may be integers of any type."""
    X, y = 50 * X_SMALL.astype(kind), (100 + 50 * Y_SMALL).astype(kind)
    y[0], y[2] = 100, 0
    expected = defined(X.astype(float), y.astype(float), np.array([3, 7, 7, -1]))
    assert_close(kata.clustered_standard_errors(X, y, np.array([3, 7, 7, -1])), expected)


@strict
def test_large_labels(kata):
    """Labels may be any 64-bit integers."""
    for labels in ([2**62, -(2**62), -(2**62), 5], [2**62, 2**62 + 1, 2**62 + 1, 2**62 + 2]):
        assert_close(squares(kata, X_SMALL, Y_SMALL, labels), [0.18, 0.405])


@strict
def test_origin(kata, data):
    """Features and y may lie a million standard deviations from zero."""
    X, y, groups = data
    moved = kata.clustered_standard_errors(X + np.array([1e7, -1e6, 1e3]), y - 1e7, groups)
    assert_close(moved[1:], defined(X, y, groups)[1:], rtol=1e-5)


def workload(kata, rng, n):
    """Three features, one of them the same within a group, and groups of very unequal sizes."""
    groups = np.append(rng.geometric(0.2, size=n + 8), [1, 2])
    X = rng.normal(size=(n + 10, 3))
    X[:, 2] = np.rint(3 * rng.normal(size=n + 99)[groups % (n + 99)])
    X[:2, 2] = [20, 30]
    y = X @ rng.normal(size=3) + rng.normal(size=n + 99)[groups % (n + 99)] + rng.normal(size=n + 10)
    return (kata.clustered_standard_errors(X, y, groups),)


SUMS = "sums = np.array([np.bincount(group, row) for row in influence * residual])"
FACTOR = "factor = len(labels) / (len(labels) - 1) * (n_samples - 1) / (n_samples - n_coefficients)"
LAST = "return np.sqrt(factor * (sums**2).sum(axis=1))"
INFLUENCE = "influence = np.vstack([1 / n_samples - mean @ slopes, slopes])"
LABELS = "labels, group = np.unique(groups, return_inverse=True)"
MISTAKES = {
    "HC1": (SUMS, "sums = influence * residual"),
    "HC0's sum with the factor of groups": (LAST, "return np.sqrt(factor * ((influence * residual) ** 2).sum(axis=1))"),
    "means within groups": (SUMS, SUMS + "\n    sums = sums / np.bincount(group)"),
    "squares of residuals summed within groups": (
        SUMS,
        SUMS.replace("influence * residual", "influence * (influence @ residual**2)[:, None]"),
    ),
    "residuals summed apart from the weights": (
        SUMS,
        "sums = np.array([np.bincount(group, row) * np.bincount(group, residual) for row in influence])",
    ),
    "everything summed": (SUMS, "sums = (influence * residual).sum(axis=1, keepdims=True)"),
    "sizes summed": (SUMS, SUMS.replace("influence * residual", "abs(influence * residual)")),
    "y instead of residuals": (SUMS, SUMS.replace("residual", "deviation")),
    "neighbours with one label are a group": (
        LABELS,
        LABELS + "\n    group = np.append(0, np.cumsum(groups[1:] != groups[:-1]))",
    ),
    "labels are 0 to G - 1": (LABELS, "labels, group = np.arange(max(groups.max() + 1, 2)), abs(groups)"),
    "no factor": (FACTOR, "factor = 1.0"),
    "G / (G - 1) alone": (FACTOR, "factor = len(labels) / (len(labels) - 1)"),
    "HC1's factor": (FACTOR, "factor = n_samples / (n_samples - n_coefficients)"),
    "(n - 1) / (n - p) alone": (FACTOR, "factor = (n_samples - 1) / (n_samples - n_coefficients)"),
    "n for n - 1": (FACTOR, FACTOR.replace("(n_samples - 1)", "n_samples")),
    "the intercept is no coefficient": (FACTOR, FACTOR.replace("- n_coefficients)", "- n_coefficients + 1)")),
    "G - p for n - p": (FACTOR, FACTOR.replace("(n_samples - n_coef", "max(1, len(labels) - n_coef")),
    "the largest label for G": (FACTOR, FACTOR.replace("len(labels)", "(abs(groups).max() + 1)")),
    "the factor on the standard error": (LAST, "return factor * np.sqrt((sums**2).sum(axis=1))"),
    "variances": (LAST, "return factor * (sums**2).sum(axis=1)"),
    "never below HC1": (
        LAST,
        "return np.sqrt(np.maximum(factor * (sums**2).sum(axis=1), ((influence * residual) ** 2).sum(axis=1)))",
    ),
    "a floor under the variance": (LAST, "return np.sqrt(np.maximum(factor * (sums**2).sum(axis=1), 1e-12))"),
    "sums centred over groups with G - 1": (LAST, "return np.sqrt(factor * sums.var(axis=1))"),
    "no intercept in the fit": ("X.mean(axis=0), y - y.mean()", "0 * X.mean(axis=0), y"),
    "the intercept's as if X were centred": (INFLUENCE, INFLUENCE.replace("mean @ slopes", "0 * mean @ slopes")),
    "the intercept comes last": (INFLUENCE, "influence = np.vstack([slopes, 1 / n_samples - mean @ slopes])"),
    "no intercept's": (LAST, LAST + "[1:]"),
    "one group passes": ("if len(labels) < 2:", "if len(labels) < 1:"),
    "two groups are too few": ("if len(labels) < 2:", "if len(labels) < 3:"),
    "fewer groups than coefficients refused": ("if len(labels) < 2:", "if len(labels) < n_coefficients:"),
    "n = p passes": ("if n_samples <= n_coefficients:", "if n_samples < n_coefficients:"),
    "n = p + 1 refused": ("if n_samples <= n_coefficients:", "if n_samples <= n_coefficients + 1:"),
}

STRICT_MISTAKES = {
    "deviations truncated": ("X.mean(axis=0), y - y.mean()", "X.mean(axis=0), (y - y.mean()).astype(y.dtype)"),
    "labels as floats": ("np.unique(groups,", "np.unique(groups.astype(float),"),
    "normal equations far from zero": (
        "    sums =",
        "    Z = np.column_stack([np.ones(n_samples), X])\n    influence = np.linalg.inv(Z.T @ Z) @ Z.T\n    sums =",
    ),
}
