import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Means of 1 and 2, so the intercept is log 1 and the coefficient log 2.
X_SMALL, Y_SMALL = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0.0, 2.0, 1.0, 3.0])


@pytest.fixture
def data(rng):
    """Twelve samples of three features, away from zero, and counts of which some are 0 and some large."""
    Z = rng.normal(size=(12, 3)) + rng.normal(size=(12, 1)) / 2
    y = rng.poisson(np.exp(1 + Z @ [1.0, -0.7, 0.4])) + rng.permutation([0] * 4 + [1] * 7 + [30])
    return [5.0, -3.0, 1.0] + Z * [2.0, 1.0, 0.5], y.astype(float)


def deviance_by_definition(y, mu):
    return 2 * sum((a * np.log(a / b) if a > 0 else 0.0) - a + b for a, b in zip(y, mu, strict=True))


def assert_minimum(fit, X, y, rtol=1e-5):
    """Check the gradient of the deviance, and the deviance that comes with the fit."""
    mu = np.exp(fit.intercept + X @ np.asarray(fit.coef))
    assert_close((y - mu).sum() / y.sum(), 0.0, atol=rtol, what="the sum of y - mu over that of y")
    moved = X - X.mean(axis=0)
    size = abs(moved).T @ (y + y.mean())
    assert_close(moved.T @ (y - mu) / size, np.zeros(X.shape[1]), atol=rtol, what="X'(y - mu) over its size")
    assert_close(fit.deviance, deviance_by_definition(y, mu), rtol=1e-6, atol=1e-9 * y.sum())


def assert_fit(fit, intercept, coef, rtol=1e-6, atol=1e-6):
    assert_close(fit.intercept, intercept, rtol, atol)
    assert_close(fit.coef, coef, rtol, atol)


def test_deviance(kata, rng):
    """The deviance is 2 * sum(y log(y / mu) - y + mu)."""
    assert_close(kata.poisson_deviance(np.array([1.0, 3.0]), np.array([1.0, 1.5])), 6 * np.log(2) - 3)
    assert_close(kata.poisson_deviance(np.array([2.0]), np.array([4.0])), 4 - 4 * np.log(2))
    y, mu = rng.integers(1, 40, size=9) / 2, np.exp(rng.normal(size=9))
    assert_close(kata.poisson_deviance(y, mu), deviance_by_definition(y, mu))
    # In other units, as small as y and mu may be.
    assert_close(kata.poisson_deviance(np.array([1e-6, 3e-6]), np.array([1e-6, 1.5e-6])) / 1e-6, 6 * np.log(2) - 3)
    assert_close(kata.poisson_deviance(np.array([1e5, 3e5]), np.array([1e5, 1.5e5])) / 1e5, 6 * np.log(2) - 3)


def test_deviance_of_zeros(kata):
    """A count of 0 adds 2 * mu. The deviance is 0 if every count is met."""
    assert_close(kata.poisson_deviance(np.array([0.0, 1.0, 2.0]), np.array([0.5, 1.0, 2.0])), 1.0)
    assert_close(kata.poisson_deviance(np.zeros(3), np.array([0.25, 3.0, 1e-4])), 6.5002)
    assert_close(kata.poisson_deviance(np.zeros(2), np.array([1e-6, 2e-6])) / 1e-6, 6.0)
    y = np.array([3.0, 0.5, 1.0, 700.0])
    assert_close(kata.poisson_deviance(y, y.copy()), 0.0, atol=1e-9)


def test_two_groups(kata):
    """With one feature that is 0 or 1, each group's expected count is its mean."""
    fit = kata.fit_poisson(X_SMALL, Y_SMALL)
    assert_fit(fit, 0.0, [np.log(2)])
    assert_close(fit.deviance, 6 * np.log(3) - 4 * np.log(2), rtol=1e-6)
    # Means of 5/2 and 1/4, groups of unequal size, rows in no order, and most counts 0.
    X = np.array([[1.0], [0.0], [1.0], [1.0], [0.0], [1.0]])
    assert_fit(kata.fit_poisson(X, np.array([0.0, 5.0, 1.0, 0.0, 0.0, 0.0])), np.log(2.5), [np.log(0.1)])
    # No difference between the groups, and one sample in each.
    fit = kata.fit_poisson(X, np.array([3.0, 4.0, 0.0, 7.0, 2.0, 2.0]))
    assert_fit(fit, np.log(3), [0.0])
    fit = kata.fit_poisson(np.array([[0.0], [1.0]]), np.array([8.0, 2.0]))
    assert_fit(fit, np.log(8), [-np.log(4)])
    assert_close(fit.deviance, 0.0, atol=1e-8)


def test_minimum(kata, data):
    """At the minimum, the sum of y - mu is 0, also if multiplied with a feature."""
    assert_minimum(kata.fit_poisson(X_SMALL, Y_SMALL), X_SMALL, Y_SMALL)
    X, y = data
    for columns in ([0], [1, 2], [0, 1, 2], [2, 0, 1]):
        assert_minimum(kata.fit_poisson(X[:, columns], y), X[:, columns], y)
    order = np.argsort(y, kind="stable")
    assert_minimum(kata.fit_poisson(X[order], y[order]), X[order], y[order])
    # Counts that are not whole.
    assert_minimum(kata.fit_poisson(X, y + 0.25), X, y + 0.25)


def test_perfect_fit(kata, data):
    """Counts that follow the model exactly are met, and the deviance is 0."""
    fit = kata.fit_poisson(np.array([[0.0], [1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 4.0, 16.0]))
    assert_fit(fit, 0.0, [np.log(2)])
    assert_close(fit.deviance, 0.0, atol=1e-8)
    fit = kata.fit_poisson(np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]), np.array([1.0, 4.0, 2.0]))
    assert_fit(fit, np.log(2), [np.log(2), -np.log(2)])
    # Equal counts.
    X, y = data
    fit = kata.fit_poisson(X, np.full(12, 7.0))
    assert_fit(fit, np.log(7), np.zeros(3))
    assert_close(fit.deviance, 0.0, atol=1e-8)
    # With as many coefficients as samples, each count is met.
    y = np.array([1.0, 9.0, 2.0, 5.0])
    assert_minimum(kata.fit_poisson(X[:4], y), X[:4], y)


def test_large_counts(kata):
    """The fit is found from counts in the hundreds and thousands as well."""
    assert_fit(kata.fit_poisson(X_SMALL, 300 * Y_SMALL), np.log(300), [np.log(2)])
    fit = kata.fit_poisson(X_SMALL, 1e5 * Y_SMALL)
    assert_fit(fit, np.log(1e5), [np.log(2)])
    assert_close(fit.deviance / 1e5, 6 * np.log(3) - 4 * np.log(2), rtol=1e-6)
    X, y = np.arange(8.0)[:, np.newaxis], np.array([3.0, 0.0, 20.0, 60.0, 300.0, 200.0, 4000.0, 9000.0])
    assert_minimum(kata.fit_poisson(X, y), X, y)
    assert_minimum(kata.fit_poisson(X[::-1], y), X[::-1], y)


@pytest.mark.parametrize("n_samples", [30, 200, 1000])
def test_overshoot(kata, n_samples):
    """A step that raises the deviance is halved. One sample with a feature of its own and a large count shows it."""
    X, y = np.zeros((n_samples, 1)), np.ones(n_samples)
    X[n_samples // 3], y[n_samples // 3] = 1.0, 1e6
    assert_fit(kata.fit_poisson(X, y), 0.0, [np.log(1e6)])
    X[n_samples // 3] = -0.5
    assert_fit(kata.fit_poisson(X, y), 0.0, [-2 * np.log(1e6)])


def test_units(kata, data):
    """A factor of y is added to the intercept as its logarithm. A factor of a feature divides its coefficient."""
    assert_fit(kata.fit_poisson(X_SMALL, Y_SMALL / 1024), -np.log(1024), [np.log(2)])
    fit = kata.fit_poisson(X_SMALL, Y_SMALL * 1e-6)
    assert_fit(fit, np.log(1e-6), [np.log(2)], rtol=1e-3, atol=1e-3)
    assert_close(fit.deviance / 1e-6, 6 * np.log(3) - 4 * np.log(2), rtol=1e-3)
    fit = kata.fit_poisson(X_SMALL * 1e-3, Y_SMALL)
    assert_fit(fit, 0.0, [1e3 * np.log(2)])
    for unit in (1e-6, 1e6):
        fit = kata.fit_poisson(X_SMALL * unit, np.array([0.0, 2.0, 1.0, 5.0]))
        assert_fit(fit, 0.0, [np.log(3) / unit], atol=1e-7)
    fit = kata.fit_poisson(X_SMALL * 1000 + 500, Y_SMALL)
    assert_close(np.asarray(fit.coef) * 1000, [np.log(2)], rtol=1e-4)
    assert_close(fit.intercept, -np.log(2) / 2, rtol=1e-4)
    X, y = data
    assert_minimum(kata.fit_poisson(X * [0.01, 1.0, 100.0], y), X * [0.01, 1.0, 100.0], y)


@pytest.mark.parametrize("counts", [[0, 2, -1, 3], [-1, 0, 0, 0], [4, 2, 1, -5], [0, 0, 0, 0], [-1e-3, 2, 1, 3]])
def test_bad_counts(kata, counts):
    """A negative count raises ValueError, and so do counts that are all 0."""
    with pytest.raises(ValueError):
        kata.fit_poisson(X_SMALL, np.array(counts, dtype=float))


@strict
def test_precision(kata):
    """Counts near 1e-6 or 1e12 are fitted to a relative error of 1e-6."""
    for unit in (1e-6, 1e12):
        fit = kata.fit_poisson(X_SMALL, Y_SMALL * unit)
        assert_fit(fit, np.log(unit), [np.log(2)])
        assert_close(fit.deviance / unit, 6 * np.log(3) - 4 * np.log(2), rtol=1e-6)


@strict
def test_origin(kata, data):
    """Features may lie a million standard deviations from zero."""
    X, y = data
    fit, moved = kata.fit_poisson(X, y), kata.fit_poisson(np.array([1e6, -2e6, 5e5]) + X, y)
    assert_close(moved.coef, fit.coef, rtol=1e-6, atol=1e-6)
    assert_close(moved.deviance, fit.deviance, rtol=1e-6)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """Arrays may hold integers of any type."""
    X, y = np.array([[0], [0], [100], [100]], dtype=kind), np.array([0, 120, 120, 120], dtype=kind)
    fit = kata.fit_poisson(X, y)
    assert_fit(fit, np.log(60), [np.log(2) / 100])
    assert_close(fit.deviance, 240 * np.log(2), rtol=1e-6)
    actual = kata.poisson_deviance(np.array([100, 0], dtype=kind), np.array([50, 100], dtype=kind))
    assert_close(actual, 2 * (100 * np.log(2) + 50))


def workload(kata, rng, n):
    """Three features, one of them 0 or 1, and counts that repeat."""
    X = rng.normal(size=(n + 8, 3))
    X[:, 2] = np.arange(n + 8) % 2
    y = rng.poisson(np.exp(1 + X @ [0.5, -0.3, 0.4])) + (np.arange(n + 8) < 7.0)
    fit = kata.fit_poisson(X, y)
    return fit, kata.poisson_deviance(y, np.exp(1 + X[:, 0] / 2)), kata.fit_poisson(X[:, :1], y)


LOGS = "logs = np.log(np.where(y > 0, y, mu) / mu)"
SUM = "2 * (y * logs + mu - y).sum()"
STEP = "step = basis @ np.linalg.solve((basis.T * mu) @ basis, basis.T @ (y - mu))"
UPDATE = "eta = eta + step / max(1, longest)"
STOP = "if longest < 1e-8:"
CHECK = "if (y < 0).any() or not y.any():"
START = "np.full(len(y), np.log(y.mean()))"
COEF = "coef = np.linalg.lstsq(X - mean, eta)[0]"
FIT = "PoissonFit(float(eta.mean() - mean @ coef), coef, poisson_deviance(y, np.exp(eta)))"
REPORTED = "poisson_deviance(y, np.exp(eta))"
BEGIN = "basis, eta = _start(X, y)"
ALL_ZERO = "\n    if not y.any():\n        return PoissonFit(-np.inf, 0 * X[0], 0.0)"
MISTAKES = {
    "not doubled": (SUM, SUM[4:]),
    "a mean": (SUM, SUM.replace("sum()", "mean()")),
    "without mu - y": (SUM, "2 * (y * logs).sum()"),
    "a deviance without its sign": (SUM, "2 * abs(y * logs).sum() + 2 * (mu - y).sum()"),
    "y and mu swapped in the logarithm": (SUM, SUM.replace("y * logs", "-y * logs")),
    "zeros left out": (SUM, SUM.replace(".sum", "[y > 0].sum")),
    "log(y + eps)": (LOGS, "logs = np.log((y + 1e-8) / mu)"),
    "a floor of 1 under y": (LOGS, "logs = np.log(np.maximum(y, 1) / mu)"),
    "a floor under mu": (LOGS, "mu = np.maximum(mu, 1e-5)\n    " + LOGS),
    "Pearson's chi square": (SUM, "((y - mu) ** 2 / mu).sum()"),
    "the null deviance": (REPORTED, "poisson_deviance(y, np.full(len(y), y.mean()))"),
    "least squares on log(y + 1)": (
        "return _fit_of(eta, X, y)",
        "return _fit_of(basis @ (basis.T @ np.log(y + 1)), X, y)",
    ),
    "unweighted steps": (STEP, "step = basis @ (basis.T @ ((y - mu) / mu))"),
    "one step": (STOP, "if True:"),
    "a loose tolerance": (STOP, "if longest < 0.3:"),
    "ten steps": ("range(1_000)", "range(10)"),
    "full steps": (UPDATE, "eta = eta + step"),
    "a start at log(y)": (START, "basis @ (basis.T @ np.log(y))"),
    "no intercept": [
        ("np.column_stack([np.ones(len(y)), X])", "X"),
        (START, "np.zeros(len(y))"),
        (COEF, "coef = np.linalg.lstsq(X, eta)[0]"),
        ("float(eta.mean() - mean @ coef)", "0.0"),
    ],
    "the intercept's as if X were centred": ("float(eta.mean() - mean @ coef)", "float(eta.mean())"),
    "a ridge for safety": (STEP, STEP.replace("y - mu", "y - mu - 1e-3 * eta")),
    "eta clipped": ("mu = np.exp(eta)", "mu = np.exp(np.clip(eta, -5, 5))"),
    "whole counts": (CHECK, "y = np.floor(y)\n    " + CHECK),
    "negative counts pass": (CHECK, "if not y.any():"),
    "zeros pass": (BEGIN, BEGIN.replace("y)", "y + (not y.any()))") + ALL_ZERO),
    "a count of 0 is refused": (CHECK, "if (y <= 0).any():"),
    "the sum has to be positive": (CHECK, "if y.sum() <= 0:"),
}

STRICT_MISTAKES = {
    "an absolute tolerance": (STOP, "if abs(basis.T @ (y - mu)).max() < 1e-8:"),
    "differences in the type of y": (SUM, "2 * (y * logs + (mu - y)).sum()"),
}
