import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# The fit is 0, so y is the residual. Times the weights (7, 4, 1, -2) / 10 of the intercept it is (0, 4, -2, -2) / 10,
# and times the weights (-3, -1, 1, 3) / 10 of the slope (0, -1, -2, 3) / 10.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])


@pytest.fixture
def data(rng):
    """Three features away from zero and errors, all of which wander."""
    X = 20.0 + rng.integers(-9, 10, size=(11, 3)).cumsum(axis=0) + rng.integers(-9, 10, size=(11, 3)) * [1, 2, 4]
    return X, 50.0 + rng.integers(-90, 91, size=11).cumsum() + rng.integers(-100, 101, size=11) / 4


def defined(X, y, n_lags):
    """Return the standard errors by the definition, one pair of times at a time."""
    n = len(X)
    design = np.column_stack([np.ones(n), X])
    A = np.column_stack([np.linalg.lstsq(design, one)[0] for one in np.eye(n)])
    pairs = [(t, s, 1 - abs(t - s) / (n_lags + 1)) for t in range(n) for s in range(n) if abs(t - s) <= n_lags]
    parts = A * (y - design @ (A @ y))
    return np.sqrt([sum(weight * part[t] * part[s] for t, s, weight in pairs) for part in parts])


def squares(kata, X, y, n_lags):
    return np.asarray(kata.newey_west_standard_errors(X, y, n_lags)) ** 2


def test_one_lag(kata, data):
    """With one lag, the products of neighbours count half, and twice."""
    # The sums of squares are 0.24 and 0.14, those of products of neighbours -0.04 and -0.04.
    assert_close(squares(kata, X_SMALL, Y_SMALL, 1), [0.2, 0.1])
    X, y = data
    for n_features in (1, 2, 3):
        actual = kata.newey_west_standard_errors(X[:, :n_features], y, 1)
        assert_close(actual, defined(X[:, :n_features], y, 1), rtol=1e-6)


def test_weights(kata, data):
    """The weight of lag k is 1 - k / (n_lags + 1)."""
    # At lag 2, the sums of products are -0.08 and -0.03.
    assert_close(squares(kata, X_SMALL, Y_SMALL, 2), [0.4 / 3, 0.2 / 3])
    X, y = data
    for n_lags in (2, 3, 5):
        assert_close(kata.newey_west_standard_errors(X, y, n_lags), defined(X, y, n_lags), rtol=1e-6)


def test_no_lag(kata, data):
    """Without a lag it is HC0: no factor for small samples."""
    assert_close(squares(kata, X_SMALL, Y_SMALL, 0), [0.24, 0.14])
    X, y = data
    assert_close(kata.newey_west_standard_errors(X, y, 0), defined(X, y, 0), rtol=1e-6)


def test_all_lags(kata, data):
    """There may be n - 1 lags."""
    # The weights are 3/4, 1/2 and 1/4.
    assert_close(squares(kata, X_SMALL, Y_SMALL, 3), [0.1, 0.05])
    X, y = data
    for n_lags in (9, 10):
        assert_close(kata.newey_west_standard_errors(X, y, n_lags), defined(X, y, n_lags), rtol=1e-6)


def test_order(kata, data):
    """The order of the rows counts, and the intercept comes first."""
    order = [2, 0, 3, 1]
    # The values are now (-2, 0, -2, 4) / 10 and (-2, 0, 3, -1) / 10.
    assert_close(squares(kata, X_SMALL[order], Y_SMALL[order], 1), [0.16, 0.11])
    assert_close(squares(kata, X_SMALL[::-1], Y_SMALL[::-1], 1), [0.2, 0.1])
    X, y = data
    for order in (np.argsort(X[:, 0], kind="stable"), np.argsort(y, kind="stable")):
        actual = kata.newey_west_standard_errors(X[order], y[order], 3)
        assert_close(actual, defined(X[order], y[order], 3), rtol=1e-6)
    actual = kata.newey_west_standard_errors(X[:, [2, 0, 1]], y, 3)
    assert_close(actual, defined(X, y, 3)[[0, 3, 1, 2]], rtol=1e-6)


def test_signs(kata):
    """Products keep their signs: the result may be above HC0 or below it."""
    # A fit of 0 again. The residuals times x are (3, 3, 0, 0, -5, -1), and their squares have a sum of 44.
    X = np.array([[-3.0], [-1.0], [0.0], [0.0], [5.0], [-1.0]])
    y = np.array([-1.0, -3.0, 2.0, 2.0, -1.0, 1.0])
    assert_close(squares(kata, X, y, 0)[1], 44 / 36**2)
    assert_close(squares(kata, X, y, 1)[1], (44 + 9 + 5) / 36**2)
    assert_close(squares(kata, X, y, 4)[1], (44 + 2 * (0.8 * 14 + 0.4 * -15 + 0.2 * -18)) / 36**2)
    # Errors that change their sign each time, at values of x that come in pairs.
    X, y = np.array([[1.0], [1.0], [2.0], [2.0], [6.0], [6.0]]), np.array([3.0, -3.0, 1.0, -1.0, 2.0, -2.0])
    for n_lags in (1, 2):
        assert_close(kata.newey_west_standard_errors(X, y, n_lags), defined(X, y, n_lags))


def test_units(kata, data):
    """A standard error has the unit of y divided by the unit of its feature, however small it is."""
    expected = np.array([0.2, 0.1]) ** 0.5
    assert_close(kata.newey_west_standard_errors(X_SMALL, Y_SMALL * 1e-6, 1) / 1e-6, expected)
    assert_close(kata.newey_west_standard_errors(X_SMALL * 1e-5, Y_SMALL, 1) * [1, 1e-5], expected)
    assert_close(kata.newey_west_standard_errors(X_SMALL * 1e5, Y_SMALL, 1) * [1, 1e5], expected)
    assert_close(kata.newey_west_standard_errors(X_SMALL, Y_SMALL + 5 - X_SMALL[:, 0], 1), expected)
    assert_close(kata.newey_west_standard_errors(X_SMALL, np.zeros(4), 2), [0.0, 0.0])
    X, y = data
    units = np.array([2.0**-14, 1.0, 2.0**10])
    actual = kata.newey_west_standard_errors(X * units, y * 2.0**-10, 2)
    assert_close(actual * 2.0**10 * np.append(1, units), defined(X, y, 2), rtol=1e-6)


def test_few_samples(kata, data):
    """With no more samples than coefficients it raises ValueError; one more is enough."""
    X = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [3.0, 1.0, 1.0], [4.0, 5.0, 2.0], [2.0, 2.0, 7.0]])
    y = np.array([2.0, 5.0, 1.0, 4.0, 4.0])
    for n_lags in (0, 1, 4):
        assert_close(kata.newey_west_standard_errors(X, y, n_lags), defined(X, y, n_lags), rtol=1e-6)
    X, y = data
    for n_samples, n_features in [(2, 1), (3, 2), (4, 3), (3, 3)]:
        with pytest.raises(ValueError):
            kata.newey_west_standard_errors(X[:n_samples, :n_features], y[:n_samples], 1)


@strict
def test_lags_out_of_range(kata, data):
    """An n_lags that is negative, or not below n, raises ValueError."""
    for X, y, n_lags in [(X_SMALL, Y_SMALL, 4), (X_SMALL, Y_SMALL, -1), (*data, 11), (*data, 30), (*data, -2)]:
        with pytest.raises(ValueError):
            kata.newey_west_standard_errors(X, y, n_lags)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X and y may be integers of any type."""
    X, y = 50 * X_SMALL.astype(kind), np.array([100, 120, 0, 101], dtype=kind)
    assert_close(kata.newey_west_standard_errors(X, y, 1), defined(X.astype(float), y.astype(float), 1))


@strict
def test_origin(kata, data):
    """Features and y may lie a million standard deviations from zero."""
    X, y = data
    moved = kata.newey_west_standard_errors(X + np.array([1e7, -1e6, 1e3]), y - 1e7, 2)
    assert_close(moved[1:], defined(X, y, 2)[1:], rtol=1e-5)


def workload(kata, rng, n):
    """Three features, one of them a random walk and one of them counts, with errors that wander."""
    X = rng.normal(size=(n + 8, 3))
    X[:, 1] = X[:, 1].cumsum()
    X[:, 2] = np.rint(3 * X[:, 2])
    y = X @ rng.normal(size=3) + np.convolve(rng.normal(size=n + 12), [1.0, 0.8, 0.6, 0.4, 0.2], "valid")
    return tuple(kata.newey_west_standard_errors(X, y, n_lags) for n_lags in (0, 1, 4))


LOOP = "for k in range(1, n_lags + 1):"
WEIGHT = "2 * (1 - k / (n_lags + 1))"
PRODUCTS = "(u[:, k:] * u[:, :-k]).sum(axis=1)"
FIRST = "variance = (u**2).sum(axis=1)"
LAST = "return np.sqrt(variance)"
RESIDUAL = "u = influence * (deviation - basis @ (basis.T @ deviation))"
INFLUENCE = "influence = np.vstack([1 / n - mean @ slopes, slopes])"
MISTAKES = {
    "HC0": (LOOP, "for k in range(1, 1):"),
    "each product once": (WEIGHT, "(1 - k / (n_lags + 1))"),
    "all lags weigh 1": (WEIGHT, "2"),
    "the last lag weighs 0": (WEIGHT, "2 * (1 - k / n_lags)"),
    "1 - k / n": (WEIGHT, "2 * (1 - k / n)"),
    "Parzen's square": (WEIGHT, "2 * (1 - (k / (n_lags + 1)) ** 2)"),
    "weights 1 / (k + 1)": (WEIGHT, "2 / (k + 1)"),
    "the last lag is missing": (LOOP, "for k in range(1, n_lags):"),
    "one lag more": [(LOOP, "for k in range(1, min(n_lags + 2, n)):"), (WEIGHT, "2 * (1 - k / (n_lags + 2))")],
    "the last lag only": (LOOP, "for k in range(max(n_lags, 1), n_lags + 1):"),
    "lag 0 in the loop, too": (FIRST, "variance = 3 * (u**2).sum(axis=1)"),
    "lag 0 is missing": (FIRST, "variance = 0 * (u**2).sum(axis=1)"),
    "the series goes round": (PRODUCTS, "(u * np.roll(u, k, axis=1)).sum(axis=1)"),
    "means of products": (PRODUCTS, PRODUCTS.replace("sum(axis=1)", "mean(axis=1) * n")),
    "each lag scaled to n products": (PRODUCTS, PRODUCTS + " * n / (n - k)"),
    "products without their signs": (PRODUCTS, "abs(u[:, k:] * u[:, :-k]).sum(axis=1)"),
    "only positive autocovariances": (PRODUCTS, "np.maximum((u[:, k:] * u[:, :-k]).sum(axis=1), 0)"),
    "never below HC0": (LAST, "return np.sqrt(np.maximum(variance, (u**2).sum(axis=1)))"),
    "autocorrelation of the residuals alone": (
        PRODUCTS,
        "((u[:, k:] / influence[:, k:]) * (u[:, :-k] / influence[:, :-k])).sum(axis=1) * (influence**2).mean(axis=1)",
    ),
    "n / (n - p)": (LAST, "return np.sqrt(variance * n / (n - X.shape[1] - 1))"),
    "n / (n - 1)": (LAST, "return np.sqrt(variance * n / (n - 1))"),
    "variances": (LAST, "return variance"),
    "a floor under the variance": (LAST, "return np.sqrt(np.maximum(variance, 1e-10))"),
    "y instead of residuals": (RESIDUAL, "u = influence * deviation"),
    "squared residuals": (RESIDUAL, RESIDUAL + "\n    u = u * abs(u)"),
    "no intercept in the fit": ("X.mean(axis=0), y - y.mean()", "0 * X.mean(axis=0), y"),
    "the intercept's as if X were centred": (INFLUENCE, INFLUENCE.replace("mean @ slopes", "0 * mean @ slopes")),
    "the intercept comes last": (INFLUENCE, "influence = np.vstack([slopes, 1 / n - mean @ slopes])"),
    "no intercept's": (LAST, LAST + "[1:]"),
    "n = p passes": ("if n < X.shape[1] + 2:", "if n < X.shape[1] + 1:"),
    "n = p + 1 refused": ("if n < X.shape[1] + 2:", "if n < X.shape[1] + 3:"),
    "n - 1 lags are too many": ("if not 0 <= n_lags < n:", "if not 0 <= n_lags < n - 1:"),
    "no lag is too few": ("if not 0 <= n_lags < n:", "if not 0 < n_lags < n:"),
}

STRICT_MISTAKES = {
    "lags beyond the series pass": ("if not 0 <= n_lags < n:", "if n_lags < 0:"),
    "negative lags pass": ("if not 0 <= n_lags < n:", "if n_lags >= n:"),
    "deviations truncated": ("X.mean(axis=0), y - y.mean()", "X.mean(axis=0), (y - y.mean()).astype(y.dtype)"),
}
