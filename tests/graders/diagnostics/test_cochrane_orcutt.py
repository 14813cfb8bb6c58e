import numpy as np
import pytest

from katagrad.testing import assert_close, strict

TOL = 1e-10
# y = 1 + 2 x + e. With rho = 1/2, v = (0, -2, -1, 1, 2) is orthogonal to ones, to x_t - x_{t-1} / 2, which is
# (3, 1, -3, 0, -0.5), and to e_{t-1} = (0, 0, -2, -2, 0). So least squares gives (1, 2), and e gives 1/2 again.
X_SMALL = np.array([[-2.0], [2.0], [2.0], [-2.0], [-1.0], [-1.0]])
Y_SMALL = np.array([-3.0, 5.0, 3.0, -5.0, -1.0, 1.0])
# From least squares on all rows it takes some 280 rounds until rho changes by 1e-10 only.
X_SLOW, Y_SLOW = np.array([[2.0], [0.0], [0.0], [-3.0], [-1.0], [0.0]]), np.array([-4.0, 3.0, 1.0, 5.0, 1.0, -5.0])


@pytest.fixture
def data(rng):
    """Three features away from zero, one of which wanders, and errors autoregressive with 0.6."""
    X = 4.0 + rng.normal(size=(40, 3)) * [1, 2, 5]
    X[:, 1] += rng.normal(size=40).cumsum() / 2
    e = rng.normal(size=40)
    for t in range(1, 40):
        e[t] += 0.6 * e[t - 1]
    return X, 20.0 + X @ [1.0, -2.0, 0.5] + e


def regressed(X, y, rho):
    """Return b that minimises the sum of v_t^2."""
    Z = np.column_stack([np.ones(len(X)), X])
    later = [(Z[t] - rho * Z[t - 1], y[t] - rho * y[t - 1]) for t in range(1, len(y))]
    return np.linalg.lstsq(np.array([z for z, _ in later]), np.array([v for _, v in later]))[0]


def autocorrelation(X, y, coef):
    e = y - coef[0] - X @ coef[1:]
    return sum(e[t] * e[t - 1] for t in range(1, len(y))) / sum(e[t - 1] ** 2 for t in range(1, len(y)))


def root(X, y, low, high):
    """Return the rho between two limits that the residuals of its own regression give, by halving."""
    for _ in range(60):
        middle = (low + high) / 2
        above = autocorrelation(X, y, regressed(X, y, middle)) > middle
        low, high = (middle, high) if above else (low, middle)
    return low


def check(kata, X, y, rtol=1e-6):
    """Check that neither the regression nor the residuals would change the result."""
    fit = kata.cochrane_orcutt(X, y, TOL)
    assert_close(
        fit.coef, regressed(X, y, fit.rho), rtol=rtol, atol=1e-8, what="coef, beside the regression with its rho"
    )
    expected = autocorrelation(X, y, np.asarray(fit.coef))
    assert_close(fit.rho, expected, rtol=rtol, atol=1e-8, what="rho, beside that of the residuals of its coef")
    return fit


def test_small(kata, data):
    """The regression with rho gives coef, and the residuals of coef give rho."""
    fit = kata.cochrane_orcutt(X_SMALL, Y_SMALL, TOL)
    assert_close(fit.coef, [1.0, 2.0], rtol=1e-7)
    assert_close(fit.rho, 0.5, rtol=1e-7)
    X, y = data
    for n_features in (1, 2, 3):
        check(kata, X[:, :n_features], y)


def test_first_row(kata):
    """The first row is lost in the regression, and its residual counts in rho."""
    # v = (-1, 3.5, 2, -1, -3.5) and x_t - x_{t-1} / 2 = (1, -1, 4, 0, 1).
    X, e = np.array([[2.0], [2.0], [0.0], [4.0], [2.0], [2.0]]), np.array([4.0, 1.0, 4.0, 4.0, 1.0, -3.0])
    for intercept, slope in [(1.0, 2.0), (0.0, 0.0), (-30.0, 1.0)]:
        fit = kata.cochrane_orcutt(X, intercept + slope * X[:, 0] + e, TOL)
        assert_close(fit.coef, [intercept, slope], rtol=1e-6, atol=1e-6)
        assert_close(fit.rho, 0.5, rtol=1e-6)


def test_negative_rho(kata):
    """Errors that change their sign give a negative rho, which may be near -1."""
    cases = [
        ([-2.0, 2.0, 0.0, 2.0, -2.0, 2.0], [-2, 2, 0, 0, 0, -2]),
        ([-1.0, 3.0, 1.0, 0.0, 0.0, 2.0], [-3, -1, 2, -4, 4, 0]),
    ]
    for x, e in cases:
        X = np.array(x)[:, None]
        fit = kata.cochrane_orcutt(X, 1 + 2 * X[:, 0] + np.array(e), TOL)
        assert_close(fit.coef, [1.0, 2.0], rtol=1e-6)
        assert_close(fit.rho, -0.5, rtol=1e-6)
    X = np.array([[-1.0], [-4.0], [0.0], [1.0], [-3.0], [4.0], [-2.0]])
    y = np.array([-2.0, -5.0, 2.0, 2.0, 0.0, -2.0, 4.0])
    assert_close(check(kata, X, y).rho, root(X, y, -0.97, -0.92), rtol=1e-6)


def test_small_rho(kata):
    """A rho near 0 is used like any other."""
    X = np.array([[3.0], [5.0], [-3.0], [-3.0], [3.0], [4.0], [0.0]])
    y = np.array([-4.0, 4.0, 0.0, -4.0, -4.0, -1.0, 2.0])
    assert_close(check(kata, X, y).rho, root(X, y, -0.03, 0.01), rtol=1e-6)
    X = np.array([[-1.0], [4.0], [-4.0], [0.0], [-2.0], [-1.0], [2.0]])
    y = np.array([-4.0, 0.0, -4.0, -3.0, 3.0, -1.0, 3.0])
    assert_close(check(kata, X, y).rho, root(X, y, -0.02, 0.01), rtol=1e-6)


def test_convergence(kata):
    """Rounds go on until rho changes by at most tol, however many there are."""
    rho = root(X_SLOW, Y_SLOW, 0.82, 0.86)
    fit = kata.cochrane_orcutt(X_SLOW, Y_SLOW, 1e-12)
    assert_close(fit.rho, rho, rtol=1e-9)
    assert_close(fit.coef, regressed(X_SLOW, Y_SLOW, rho), rtol=1e-8)
    X = np.array([[3.0, 3.0], [1.0, 5.0], [-2.0, 4.0], [-2.0, 5.0], [-2.0, -3.0], [3.0, 5.0], [1.0, -5.0]])
    y = np.array([-5.0, -5.0, -3.0, 2.0, -4.0, 2.0, 1.0])
    assert_close(check(kata, X, y).rho, root(X, y, 0.65, 0.69), rtol=1e-6)
    # A rho of 0.96, after about a thousand rounds.
    X = np.array([[1.0], [-1.0], [-2.0], [5.0], [-1.0], [-2.0], [4.0], [-5.0]])
    y = np.array([1.0, 1.0, 2.0, 2.0, 9.0, 14.0, 14.0, 16.0])
    assert_close(check(kata, X, y).rho, root(X, y, 0.94, 0.97), rtol=1e-6)


def test_start(kata):
    """It begins with least squares on all rows, and step 3 is done at least once, whatever the first rho is."""
    # The first rho is 0.
    X, y = np.arange(5.0)[:, None], np.array([1.0, -2.0, -4.0, -2.0, -2.0])
    assert_close(check(kata, X, y).rho, root(X, y, 0.1, 0.4), rtol=1e-6)
    # The first rho is -1.14, the last -0.64.
    X, y = np.array([[1.0], [-3.0], [-2.0], [-2.0], [-1.0], [0.0]]), np.array([-2.0, 2.0, 0.0, 1.0, -1.0, 3.0])
    assert_close(check(kata, X, y).rho, root(X, y, -0.7, -0.6), rtol=1e-6)
    # Another start leads to a rho of 0.64.
    X, y = np.array([-3.0, -2.0, -3.0, -2.0, -1.0, 3.0, -1.0])[:, None], np.array([1.0, 0, -3, -2, -6, -7, -6])
    assert_close(check(kata, X, y).rho, root(X, y, -0.55, -0.4), rtol=1e-6)
    # A rho of -0.999.
    X, y = np.array([2.0, -2.0, 0.0, 3.0, 2.0, 3.0, -2.0])[:, None], np.array([0.0, 0, -1, 2, 2, -2, 2])
    assert_close(check(kata, X, y).rho, root(X, y, -0.9999, -0.99), rtol=1e-6)


def test_order(kata, data):
    """Rows are in order of time, and coefficients in order of the features."""
    X, y = data
    fit = check(kata, X[::-1], y[::-1])
    for rows in (slice(None, 25), slice(10, None)):
        check(kata, X[rows], y[rows])
    other = kata.cochrane_orcutt(X[::-1, [2, 0, 1]], y[::-1], TOL)
    assert_close(other.coef, np.asarray(fit.coef)[[0, 3, 1, 2]], rtol=1e-6, atol=1e-6)


def test_units(kata, data):
    """Coefficients have the units of y and X, and rho has none."""
    for unit in (2.0**-19, 2.0**16):
        fit = kata.cochrane_orcutt(X_SMALL, Y_SMALL * unit, TOL)
        assert_close(fit.coef / unit, [1.0, 2.0], rtol=1e-6)
        assert_close(fit.rho, 0.5, rtol=1e-6)
        fit = kata.cochrane_orcutt(X_SMALL * unit, Y_SMALL, TOL)
        assert_close(fit.coef * [1.0, unit], [1.0, 2.0], rtol=1e-6)
        assert_close(fit.rho, 0.5, rtol=1e-6)
    fit = kata.cochrane_orcutt(X_SMALL + 50, Y_SMALL - 300, TOL)
    assert_close(fit.coef, [-399.0, 2.0], rtol=1e-6)
    X, y = data
    fit = kata.cochrane_orcutt(X, y, TOL)
    moved = kata.cochrane_orcutt(X, y + 7 - X @ [1.0, 2.0, 3.0], TOL)
    assert_close(moved.rho, fit.rho, rtol=1e-6, atol=1e-6)
    assert_close(moved.coef, fit.coef + np.array([7.0, -1.0, -2.0, -3.0]), rtol=1e-6, atol=1e-6)


def test_few_rows(kata, data):
    """Fewer than n_features + 3 rows raise ValueError; so many are enough."""
    X, y = np.array([[0.0], [0.0], [3.0], [5.0]]), np.array([-5.0, -4.0, 4.0, 5.0])
    assert_close(check(kata, X, y).rho, root(X, y, -0.86, -0.82), rtol=1e-6)
    X = np.array([[4.0, 2.0], [0.0, -3.0], [-2.0, -5.0], [-5.0, -5.0], [-4.0, 3.0]])
    y = np.array([2.0, 5.0, 0.0, 1.0, 5.0])
    assert_close(check(kata, X, y).rho, root(X, y, -0.52, -0.48), rtol=1e-6)
    X, y = data
    for n, n_features in [(3, 1), (4, 2), (5, 3), (2, 1)]:
        with pytest.raises(ValueError):
            kata.cochrane_orcutt(X[:n, :n_features], y[:n], TOL)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X and y may be integers of any type."""
    X, y = 30 * (X_SMALL + 2), 10 * (Y_SMALL + 5)
    fit = kata.cochrane_orcutt(X.astype(kind), y.astype(kind), TOL)
    # 10 (1 + 2 x + 5) with x = X / 30 - 2.
    assert_close(fit.coef, [20.0, 2 / 3], rtol=1e-6)
    assert_close(fit.rho, 0.5, rtol=1e-6)


@strict
def test_origin(kata, data):
    """Features and y may lie a million standard deviations from zero."""
    X, y = data
    fit = kata.cochrane_orcutt(X, y, TOL)
    moved = kata.cochrane_orcutt(X + np.array([1e6, -2e6, 5e6]), y - 2e6, TOL)
    assert_close(moved.rho, fit.rho, rtol=1e-5, atol=1e-6)
    assert_close(moved.coef[1:], fit.coef[1:], rtol=1e-5, atol=1e-6)


def workload(kata, rng, n):
    """Fit two features, one of them a count, with errors that wander."""
    X = rng.normal(size=(n + 30, 2))
    X[:, 1] = np.rint(3 * X[:, 1])
    e = rng.normal(size=n + 30)
    for t in range(1, len(e)):
        e[t] += 0.5 * e[t - 1]
    return kata.cochrane_orcutt(X, 3 + X @ [1.0, -0.5] + e, 1e-9)


ROUNDS = "for _ in range(3_000):"
RESIDUAL = "e = target - Z @ coef"
RHO = "(e[1:] @ e[:-1]) / (e[:-1] @ e[:-1])"
STOP = "if abs(rho - before) <= tol:"
STEP = "coef = np.linalg.lstsq(Z[1:] - rho * Z[:-1], target[1:] - rho * target[:-1])[0]"
UNDO = "coef[0] += level - shift @ coef[1:]"
LAST = "return CochraneOrcutt(coef, float(rho))"
FIRST_ROW = """rows = np.vstack([FIRST * Z[:1], Z[1:] - rho * Z[:-1]])
        coef = np.linalg.lstsq(rows, np.append(FIRST * target[0], target[1:] - rho * target[:-1]))[0]"""
MISTAKES = {
    "least squares alone": (ROUNDS, "for _ in range(1):"),
    "one round": (ROUNDS, "for _ in range(2):"),
    "50 rounds": (ROUNDS, "for _ in range(50):"),
    "200 rounds": (ROUNDS, "for _ in range(200):"),
    "tol is 1e-4": (STOP, "if abs(rho - before) <= 1e-4:"),
    "tol is 1e-8": (STOP, "if abs(rho - before) <= 1e-8:"),
    "the change without its sign": (STOP, "if rho - before <= tol:"),
    "stops if rho is small": (STOP, "if abs(rho) < 0.05 or abs(rho - before) <= tol:"),
    "divided by all squares": (RHO, "(e[1:] @ e[:-1]) / (e @ e)"),
    "divided by the later squares": (RHO, "(e[1:] @ e[:-1]) / (e[1:] @ e[1:])"),
    "correlation coefficient": (RHO, "np.corrcoef(e[1:], e[:-1])[0, 1]"),
    "residuals of the transformed rows": (
        RESIDUAL,
        "e = target - Z @ coef if np.isnan(rho) else target[1:] - rho * target[:-1] - (Z[1:] - rho * Z[:-1]) @ coef",
    ),
    "1 - d / 2": (RHO, "1 - (np.diff(e) ** 2).sum() / (e @ e) / 2"),
    "clipped at 0": (RHO, "max((e[1:] @ e[:-1]) / (e[:-1] @ e[:-1]), 0.0)"),
    "clipped at 0.9": (RHO, "np.clip((e[1:] @ e[:-1]) / (e[:-1] @ e[:-1]), -0.9, 0.9)"),
    "a floor under the squares": (RHO, "(e[1:] @ e[:-1]) / (e[:-1] @ e[:-1] + 1e-9)"),
    "the sign of rho": (STEP, STEP.replace("- rho", "+ rho")),
    "the later row is subtracted": (
        STEP,
        "coef = np.linalg.lstsq(Z[:-1] - rho * Z[1:], target[:-1] - rho * target[1:])[0]",
    ),
    "y is transformed, X is not": (STEP, STEP.replace("Z[1:] - rho * Z[:-1]", "Z[1:]")),
    "the ones are not transformed": (
        STEP,
        STEP.replace("Z[1:] - rho * Z[:-1]", "Z[1:] - rho * Z[:-1] * (np.arange(Z.shape[1]) > 0)"),
    ),
    "Prais and Winsten": (STEP, FIRST_ROW.replace("FIRST", "max(1 - rho**2, 0.0) ** 0.5")),
    "first row kept as it is": (STEP, FIRST_ROW.replace("FIRST", "1.0")),
    "the transform is repeated on transformed rows": (
        STEP,
        STEP + "\n        Z, target = Z[1:] - rho * Z[:-1], target[1:] - rho * target[:-1]",
    ),
    "intercept of centred features": (UNDO, "coef[0] += level"),
    "intercept times 1 - rho": (UNDO, UNDO + "\n    coef[0] *= 1 - rho"),
    "intercept last": (LAST, "return CochraneOrcutt(np.roll(coef, -1), float(rho))"),
    "n_features + 2 rows pass": ("X.shape[1] + 3:", "X.shape[1] + 2:"),
    "n_features + 3 rows refused": ("X.shape[1] + 3:", "X.shape[1] + 4:"),
}

STRICT_MISTAKES = {
    "deviations truncated": ("X.mean(axis=0), y.mean()", "X.mean(axis=0).astype(X.dtype), y.mean().astype(y.dtype)"),
}
