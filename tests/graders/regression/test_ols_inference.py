import numpy as np
import pytest

from katagrad.testing import assert_close, strict

X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 3.0, 2.0, 6.0])
# Uncorrelated, and of length sqrt(8). The residuals of OUTCOME are A * B, so that s^2 is 8 / n_free.
A, B, C = np.repeat([-1.0, 1.0], 4), np.tile([-1.0, -1.0, 1.0, 1.0], 2), np.tile([-1.0, 1.0], 4)
OUTCOME = 5 + 2 * A - 3 * C + A * B


@pytest.fixture
def data(rng):
    """Twelve samples of three features with a common part, away from zero, in whole numbers; and y."""
    X = np.array([20.0, -5.0, 3.0]) + rng.integers(-9, 10, size=(12, 3)) + rng.integers(-9, 10, size=(12, 1))
    return X, 7 + X @ [0.5, -1.0, 0.0] + rng.normal(scale=3.0, size=12)


def defined(X, y):
    """Return estimates and standard errors: a coefficient is a weighted sum of y, by the pseudo-inverse."""
    design = np.column_stack([np.ones(len(X)), X])
    weights = np.linalg.pinv(design)
    estimate = weights @ y
    squares = sum((value - row @ estimate) ** 2 for value, row in zip(y, design, strict=True))
    variance = squares / (len(X) - X.shape[1] - 1)
    return estimate, np.sqrt(variance * (weights**2).sum(axis=1))


def assert_table(kata, X, y, estimate, error, critical=2.5, rtol=1e-9, atol=1e-12):
    """Compare a whole table with what estimates and standard errors should be."""
    estimate, error = np.array(estimate), np.array(error)
    table = kata.coefficient_table(X, y, critical)
    assert_close(table.estimate, estimate, rtol, atol)
    assert_close(table.standard_error, error, rtol, atol)
    assert_close(table.t, estimate / error, rtol, atol)
    assert_close(table.lower, estimate - critical * error, rtol, atol)
    assert_close(table.upper, estimate + critical * error, rtol, atol)


def test_estimate(kata, data):
    """The estimates are those of least squares with an intercept, which comes first."""
    assert_close(kata.coefficient_table(X_SMALL, Y_SMALL, 2.0).estimate, [0.9, 1.4])
    X, y = data
    for columns in ([0], [1, 2], [2, 0, 1]):
        estimate, _ = defined(X[:, columns], y)
        assert_close(kata.coefficient_table(X[:, columns], y, 2.0).estimate, estimate, atol=1e-9)


def test_standard_error(kata, data):
    """A standard error is s times the root of the diagonal of (Z'Z)^-1. The intercept has one, too."""
    # s^2 is 4.2 / 2.
    assert_close(kata.coefficient_table(X_SMALL, Y_SMALL, 2.0).standard_error, [1.47**0.5, 0.42**0.5])
    X, y = data
    for columns in ([0], [1, 2], [2, 0, 1]):
        _, error = defined(X[:, columns], y)
        assert_close(kata.coefficient_table(X[:, columns], y, 2.0).standard_error, error)


def test_degrees_of_freedom(kata):
    """s^2 has n - p degrees of freedom, where p counts the intercept. One is enough."""
    error = 1 / np.sqrt(5)  # s^2 = 8 / 5, and each column has length sqrt(8)
    assert_table(kata, np.column_stack([A, C, B]), OUTCOME + B, [5, 2, -3, 1], [(1 / 4) ** 0.5] * 4)
    assert_table(kata, np.column_stack([A, C]), OUTCOME, [5, 2, -3], [error] * 3)
    assert_table(kata, A[:, None], OUTCOME + 3 * C, [5, 2], [(1 / 6) ** 0.5] * 2)
    # One degree of freedom: the line through (0, 0), (1, 0), (2, 6) leaves 1, -2, 1.
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 0.0, 6.0])
    assert_table(kata, X, y, [-1.0, 3.0], [5**0.5, 3**0.5])


def test_t(kata, data):
    """A t value is estimate / standard_error, with the sign of the estimate."""
    assert_close(kata.coefficient_table(X_SMALL, Y_SMALL, 2.0).t, [0.9 / 1.47**0.5, 1.4 / 0.42**0.5])
    X, y = data
    for sign in (1, -1):
        estimate, error = defined(X, sign * y)
        assert_close(kata.coefficient_table(X, sign * y, 2.0).t, estimate / error, atol=1e-9)


def test_interval(kata, data):
    """The interval reaches critical standard errors to either side."""
    table = kata.coefficient_table(X_SMALL, Y_SMALL, 10.0)
    assert_close(table.lower, [0.9 - 10 * 1.47**0.5, 1.4 - 10 * 0.42**0.5])
    assert_close(table.upper, [0.9 + 10 * 1.47**0.5, 1.4 + 10 * 0.42**0.5])
    X, y = data
    estimate, error = defined(X, y)
    for critical in (0.0, 1e-6, 0.5, 1.0, 1.96, 12.706):
        assert_table(kata, X, y, estimate, error, critical, atol=1e-9)


def test_no_effect(kata):
    """A coefficient of 0 has a standard error as any other."""
    X = np.column_stack([A, B, C])
    table = kata.coefficient_table(X, OUTCOME, 2.0)
    assert_close(table.estimate, [5.0, 2.0, 0.0, -3.0])
    assert_close(table.standard_error, [0.5] * 4)
    assert_close(table.t, [10.0, 4.0, 0.0, -6.0])
    assert_close(table.lower, [4.0, 1.0, -1.0, -4.0])
    assert_close(table.upper, [6.0, 3.0, 1.0, -2.0])
    # A y without any effect: s is 1 for n - p = 4.
    table = kata.coefficient_table(X, A * B / 2**0.5, 2.0)
    assert_close(table.estimate, np.zeros(4))
    assert_close(table.upper, [2**-0.5] * 4)


def test_units_and_origin(kata, data):
    """In another unit, coefficient and error change alike. Another origin changes the intercept only."""
    for unit in (2.0**10, 2.0**-16):
        X = X_SMALL * unit
        assert_table(kata, X, Y_SMALL, [0.9, 1.4 / unit], [1.47**0.5, 0.42**0.5 / unit], rtol=1e-6)
        assert_table(kata, X_SMALL, Y_SMALL * unit, np.array([0.9, 1.4]) * unit, np.array([1.47, 0.42]) ** 0.5 * unit)
    X, y = data
    estimate, error = defined(X, y)
    units = np.array([1.0, 2.0**10, 1.0, 2.0**-10])
    assert_table(kata, X / units[1:], y, estimate * units, error * units, rtol=1e-6, atol=1e-8)
    # Of features that lie 100 away, the intercept says what y is there: Sxx = 5, and 100 - 1.5 steps from the mean.
    table = kata.coefficient_table(X_SMALL - 100, Y_SMALL, 2.0)
    assert_close(table.estimate, [140.9, 1.4], rtol=1e-6)
    assert_close(table.standard_error, [(2.1 * (1 / 4 + 98.5**2 / 5)) ** 0.5, 0.42**0.5], rtol=1e-6)


def test_correlated_features(kata):
    """Nearly dependent features have large standard errors, and no error is raised."""
    # A + t B with A: the second coefficient is that of B over t.
    for t in (0.5, 1e-3):
        X = np.column_stack([A + t * B, A])
        y = 5 + 2 * A + 3 * B + 2 * A * C  # s^2 is 32 / 5
        error = np.sqrt([0.8, 0.8 / t**2, 0.8 * (1 + 1 / t**2)])
        assert_table(kata, X, y, [5, 3 / t, 2 - 3 / t], error, rtol=1e-6)


def test_too_few_samples(kata, data):
    """ValueError if n <= p: as many samples as coefficients fit exactly."""
    X, y = np.array([[0.0, 1.0], [1.0, 3.0], [5.0, 2.0]]), np.array([1.0, 5.0, 4.0])
    for n in (3, 2, 1):
        with pytest.raises(ValueError):
            kata.coefficient_table(X[:n], y[:n], 2.0)
    with pytest.raises(ValueError):
        kata.coefficient_table(X_SMALL[:2], Y_SMALL[:2], 2.0)
    X, y = data
    estimate, error = defined(X[:6, :2], y[:6])
    assert_table(kata, X[:6, :2], y[:6], estimate, error, rtol=1e-6, atol=1e-6)


def test_dependent_features(kata, data):
    """ValueError if a feature is constant or a linear combination of others: its coefficient is not determined."""
    X, y = data
    levels = np.eye(3)[np.arange(12) % 3]
    cases = [
        np.column_stack([X, X[:, 0]]),
        np.column_stack([X[:, 0], 3 - 2 * X[:, 0], X[:, 1]]),
        np.column_stack([X, X[:, 0] + X[:, 2]]),
        np.column_stack([X[:, 0], np.full(12, 2.0)]),
        np.column_stack([np.zeros(12), X[:, 0]]),
        levels,
        np.full((12, 1), 7.0),
    ]
    with pytest.raises(ValueError):
        kata.coefficient_table(np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]), Y_SMALL, 2.0)
    for features in cases:
        with pytest.raises(ValueError):
            kata.coefficient_table(features, y, 2.0)
    # One indicator left out is fine.
    estimate, error = defined(levels[:, 1:], y)
    assert_table(kata, levels[:, 1:], y, estimate, error, atol=1e-9)


@strict
def test_origin(kata, data):
    """The origin does not matter for t: features and y may lie a million standard deviations from zero."""
    X, y = data
    estimate, error = defined(X, y)
    table = kata.coefficient_table(X + np.array([1e7, -1e6, 1e3]), y - 1e7, 2.5)
    # The y are no whole numbers: a digit of them is lost beside 1e7.
    assert_close(np.asarray(table.estimate)[1:], estimate[1:], rtol=1e-6, atol=1e-6)
    assert_close(np.asarray(table.standard_error)[1:], error[1:], rtol=1e-6)
    assert_close(np.asarray(table.t)[1:], estimate[1:] / error[1:], rtol=1e-6, atol=1e-6)


@strict
def test_constant_with_a_rounded_mean(kata, data):
    """A constant feature is recognised even if its computed mean differs from it."""
    X, y = data
    for n in (6, 10, 12):
        with pytest.raises(ValueError):
            kata.coefficient_table(np.full((n, 1), 0.1), y[:n], 2.0)
        with pytest.raises(ValueError):
            kata.coefficient_table(np.column_stack([X[:n, 0], np.full(n, 0.1)]), y[:n], 2.0)


@strict
def test_near_copies(kata):
    """A feature that differs from another by 1e-5 of its size is no copy."""
    X = np.column_stack([A + 1e-5 * B, A])
    y = 5 + 2 * A + 0.03 * B + 2 * A * C  # s^2 is 32 / 5
    assert_table(kata, X, y, [5, 3e3, 2 - 3e3], np.sqrt([0.8, 0.8e10, 0.8 * (1 + 1e10)]), rtol=1e-4)


@strict
@pytest.mark.parametrize("kind", [int, np.int8])
def test_integers(kata, data, kind):
    """Arrays may hold integers of any type."""
    assert_table(kata, X_SMALL.astype(kind), Y_SMALL.astype(kind), [0.9, 1.4], [1.47**0.5, 0.42**0.5])
    X, y = data[0], np.rint(data[1])
    assert_table(kata, X.astype(kind), y.astype(kind), *defined(X, y), atol=1e-9)


def workload(kata, rng, n):
    """Draw a table of correlated features, some of them counts, and one of two features."""
    X = rng.normal(size=(n + 8, 4)) + rng.normal(size=(n + 8, 1))
    X[:, 2:] = np.rint(3 * X[:, 2:])
    y = 5 + X @ rng.normal(size=4) + rng.normal(size=n + 8)
    return kata.coefficient_table(X, y, 2.0), kata.coefficient_table(X[:, 1:3], np.rint(y), 1.96)


DESIGN = "design = np.column_stack([np.ones(len(X)), X])"
FEW = "if n_samples <= n_coefficients:"
RANK = "if np.linalg.matrix_rank(design) < n_coefficients:"
INVERSE = "inverse = np.linalg.inv(triangle)"
VARIANCE = "variance = residual @ residual / (n_samples - n_coefficients)"
ERROR = "error = np.sqrt(variance * (inverse**2).sum(axis=1))"
RETURN = "CoefficientTable(estimate, error, estimate / error, estimate - critical * error, estimate + critical * error)"
MISTAKES = {
    "no intercept": (DESIGN, "design = np.column_stack([np.zeros((len(X), 0)), X])"),
    "the intercept last": (DESIGN, "design = np.column_stack([X, np.ones(len(X))])"),
    "s over n": (VARIANCE, "variance = residual @ residual / n_samples"),
    "s over n - 1": (VARIANCE, "variance = residual @ residual / (n_samples - 1)"),
    "s over n - n_features": (VARIANCE, "variance = residual @ residual / (n_samples - n_coefficients + 1)"),
    "the intercept counted twice": (VARIANCE, "variance = residual @ residual / (n_samples - n_coefficients - 0.99)"),
    "the variance of y": (VARIANCE, "variance = y.var(ddof=n_coefficients)"),
    "residuals of the mean": ("residual = y - basis @ (basis.T @ y)", "residual = y - y.mean()"),
    "s squared, not s": (ERROR, "error = variance * np.sqrt((inverse**2).sum(axis=1))"),
    "the variance, without the root": (ERROR, "error = variance * (inverse**2).sum(axis=1)"),
    "the root of the matrix only": (ERROR, "error = np.sqrt((inverse**2).sum(axis=1))"),
    "columns of the inverse, not rows": (ERROR, ERROR.replace("axis=1", "axis=0")),
    "one over the diagonal of Z'Z": (ERROR, "error = np.sqrt(variance / (design**2).sum(axis=0))"),
    "one over the centred sum of squares": (
        ERROR,
        "error = np.sqrt(variance / np.append(n_samples, ((X - X.mean(axis=0)) ** 2).sum(axis=0)))",
    ),
    "the intercept's error is s over root n": (
        ERROR,
        ERROR + "\n    error[0] = np.sqrt(variance / n_samples)",
    ),
    "divided by root n once more": (ERROR, ERROR + "\n    error = error / np.sqrt(n_samples)"),
    "HC0": (ERROR, "error = np.sqrt(((inverse @ basis.T) ** 2) @ residual**2)"),
    "t without its sign": (RETURN, RETURN.replace("estimate / error", "np.abs(estimate) / error")),
    "t with the variance": (RETURN, RETURN.replace("estimate / error", "estimate / error**2")),
    "t upside down": (RETURN, RETURN.replace("estimate / error", "error / np.where(estimate == 0, 1, estimate)")),
    "lower and upper mixed up": (
        RETURN,
        "CoefficientTable(estimate, error, estimate / error, estimate + critical * error, estimate - critical * error)",
    ),
    "half the width": (RETURN, RETURN.replace("critical", "critical / 2")),
    "critical of 1.96, whatever is asked for": (RETURN, RETURN.replace("critical", "1.96")),
    "critical of 0 is the default": (RETURN, RETURN.replace("critical", "(critical or 1.96)")),
    "an interval about 0": (
        RETURN,
        RETURN.replace("estimate - critical", "-critical").replace("estimate + critical", "critical"),
    ),
    "intervals not below 0": (
        RETURN,
        RETURN.replace("estimate - critical * error", "(estimate - critical * error).clip(0)"),
    ),
    "no degree of freedom left": (FEW, "if n_samples < n_coefficients:"),
    "more samples are asked for": (FEW, "if n_samples <= n_coefficients + 1:"),
    "n against n_features": (FEW, "if n_samples <= n_coefficients - 1:"),
    "the rank is not looked at": (RANK, "if n_samples == 0:"),
    "a pseudo-inverse, the rank not looked at": [
        (RANK, "if n_samples == 0:"),
        (INVERSE, "inverse = np.linalg.pinv(triangle)"),
    ],
    "only constant features raise": (RANK, "if (np.ptp(X, axis=0) == 0).any():"),
    "only copies raise": (RANK, "if len(np.unique(X, axis=1).T) < X.shape[1]:"),
    "the rank without the intercept": (RANK, "if np.linalg.matrix_rank(X) < n_coefficients - 1:"),
    "a coarse rank": (RANK, "if np.linalg.matrix_rank(design, rtol=1e-3) < n_coefficients:"),
    "an absolute tolerance of the rank": (RANK, "if np.linalg.matrix_rank(design, tol=1e-3) < n_coefficients:"),
    "the determinant is small": (RANK, "if abs(np.linalg.det(design.T @ design)) < 1e-8:"),
    "a little ridge": (
        INVERSE,
        "inverse = np.linalg.cholesky(np.linalg.inv(triangle.T @ triangle + 1e-8 * np.eye(n_coefficients)))",
    ),
    "a small number added below": (RETURN, RETURN.replace("estimate / error", "estimate / (error + 1e-8)")),
}

STRICT_MISTAKES = {
    "normal equations": (
        INVERSE,
        "inverse = np.linalg.cholesky(np.linalg.inv(design.T @ design))",
    ),
    "copies by allclose": (RANK, "if np.linalg.matrix_rank(design, rtol=1e-5) < n_coefficients:"),
    "residuals in the type of y": (
        "residual = y - basis @ (basis.T @ y)",
        "residual = (y - basis @ (basis.T @ y)).astype(y.dtype)",
    ),
}
