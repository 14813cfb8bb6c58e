import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, strict

X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 5.0])
COVARIANCE = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])


@pytest.fixture
def data(rng):
    """Twelve samples of three features, away from zero; y; and unequal weights."""
    X = [20.0, -3.0, 1.0] + rng.normal(size=(12, 3)) * [4.0, 1.0, 2.0] + rng.normal(size=(12, 1))
    y = 7 + X @ [0.5, -1.0, 0.0] + rng.normal(scale=2.0, size=12)
    return X, y, rng.permutation([0.2, 0.5, 0.5, 1.0, 1.0, 1.5, 2.0, 3.0, 3.0, 4.0, 6.0, 10.0])


@pytest.fixture
def covariance(rng):
    """Errors of unequal variance, with correlations of either sign."""
    factor = rng.normal(size=(12, 6)) * rng.permutation(np.linspace(0.5, 3.0, 12))[:, None]
    return factor @ factor.T + np.diag(rng.permutation(np.linspace(0.5, 2.0, 12)))


def defined(X, y, precision):
    """Return the point at which the gradient of e' P e is zero."""
    design = np.column_stack([np.ones(len(X)), X])
    return np.linalg.solve(design.T @ precision @ design, design.T @ precision @ y)


def assert_fit(fit, expected, rtol=1e-9, atol=1e-9):
    assert_close(fit.intercept, expected[0], rtol, atol)
    assert_close(fit.coef, expected[1:], rtol, atol)


def test_weighted(kata, data):
    """The fit minimises the sum of weights_i * e_i^2."""
    assert_fit(kata.fit_weighted(X_SMALL, Y_SMALL, np.array([3.0, 1.0, 1.0])), [7 / 8, 15 / 8])
    X, y, weights = data
    for columns in ([0], [1, 2], [2, 0, 1]):
        assert_fit(kata.fit_weighted(X[:, columns], y, weights), defined(X[:, columns], y, np.diag(weights)))


def test_residuals_of_the_fit(kata, data):
    """At the minimum, the weighted residuals sum to 0, also if multiplied with a feature."""
    X, y, weights = data
    for features, target, each in ((X_SMALL, Y_SMALL, np.array([3.0, 1.0, 1.0])), (X, y, weights)):
        intercept, coef = kata.fit_weighted(features, target, each)
        residual = each * (target - intercept - features @ np.asarray(coef))
        assert_close(residual.sum(), 0, atol=1e-7, what="the sum of weights * residuals")
        assert_close(features.T @ residual, np.zeros(features.shape[1]), atol=1e-6, what="X'(weights * residuals)")


def test_whole_weights(kata, data):
    """A sample of weight k counts like k equal samples. Equal weights are ordinary least squares."""
    assert_fit(kata.fit_weighted(X_SMALL, Y_SMALL, np.ones(3)), [2 / 3, 2.0])
    X, y, _ = data
    for counts in ([1, 3, 1, 2, 5, 1, 1, 4, 1, 2, 1, 1], [2] * 12):
        often = np.repeat(X, counts, axis=0), np.repeat(y, counts)
        assert_fit(kata.fit_weighted(X, y, np.array(counts, dtype=float)), defined(*often, np.eye(sum(counts))))


def test_weight_of_zero(kata, data):
    """A sample of weight 0 does not count, whatever its y."""
    X = np.array([[0.0], [1.0], [1.0], [2.0]])
    expected = [7 / 8, 15 / 8]
    assert_fit(kata.fit_weighted(X, np.array([1.0, 1e6, 2.0, 5.0]), np.array([3.0, 0.0, 1.0, 1.0])), expected)
    X, y, weights = data
    weights, y = weights.copy(), y.copy()
    weights[[2, 7, 11]], y[[2, 7, 11]] = 0.0, [1e5, -300.0, 0.0]
    rows = weights > 0
    assert_fit(kata.fit_weighted(X, y, weights), defined(X[rows], y[rows], np.diag(weights[rows])))
    # Two samples are left, and their line.
    fit = kata.fit_weighted(X_SMALL, Y_SMALL, np.array([2.0, 0.0, 5.0]))
    assert_fit(fit, [1.0, 2.0])


def test_factor(kata, data):
    """A common factor of the weights, or of the covariance, changes nothing. Small weights are not 0."""
    X, y, weights = data
    expected = defined(X, y, np.diag(weights))
    for factor in (1e-5, 0.1, 1e5):
        assert_fit(kata.fit_weighted(X_SMALL, Y_SMALL, factor * np.array([3.0, 1.0, 1.0])), [7 / 8, 15 / 8])
        assert_fit(kata.fit_weighted(X, y, factor * weights), expected)
        assert_fit(kata.fit_gls(X_SMALL, Y_SMALL, factor * COVARIANCE), [1.0, 13 / 7])
    # Weights of 1 and 1e-6: the line goes through the first sample, but for a millionth, and the others turn it.
    x, each = np.array([0.0, 1.0, 2.0]), np.array([1.0, 1e-6, 1e-6])
    mean, level = each @ x / each.sum(), each @ Y_SMALL / each.sum()
    slope = each @ ((x - mean) * (Y_SMALL - level)) / (each @ (x - mean) ** 2)
    assert_fit(kata.fit_weighted(X_SMALL, Y_SMALL, each), [level - slope * mean, slope], rtol=1e-7)


def test_negative_weight(kata):
    """A negative weight raises ValueError."""
    for weights in ([1.0, -1.0, 1.0], [1.0, 1.0, -1e-6], [-1.0, -1.0, -2.0]):
        with pytest.raises(ValueError):
            kata.fit_weighted(X_SMALL, Y_SMALL, np.array(weights))


def test_gls(kata, data, covariance):
    """The fit minimises e' V^-1 e."""
    assert_fit(kata.fit_gls(X_SMALL, Y_SMALL, COVARIANCE), [1.0, 13 / 7])
    X, y, _ = data
    for columns in ([0], [1, 2], [2, 0, 1]):
        expected = defined(X[:, columns], y, np.linalg.inv(covariance))
        assert_fit(kata.fit_gls(X[:, columns], y, covariance), expected, rtol=1e-7, atol=1e-7)


def test_structured_covariance(kata, data):
    """Errors that follow one another, or share a part in groups, and samples in another order."""
    lag = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    # Whitened by the root of 3/4 for the first, and by each less half the one before.
    expected = defined(X_SMALL, Y_SMALL, np.array([[1.0, -0.5, 0.0], [-0.5, 1.25, -0.5], [0.0, -0.5, 1.0]]))
    assert_fit(kata.fit_gls(X_SMALL, Y_SMALL, 0.5**lag), expected)
    X, y, _ = data
    place = np.array([3, 0, 7, 11, 5, 1, 2, 10, 4, 9, 6, 8])
    for covariance in (
        (-0.7) ** np.abs(np.subtract.outer(place, place)),
        np.equal.outer(place // 5, place // 5) * 2.0 + np.eye(12),
    ):
        expected = defined(X, y, np.linalg.inv(covariance))
        assert_fit(kata.fit_gls(X, y, covariance), expected, rtol=1e-7, atol=1e-7)


def test_diagonal_covariance(kata, data):
    """With uncorrelated errors, fit_gls is fit_weighted with weights of 1 / variance."""
    assert_fit(kata.fit_gls(X_SMALL, Y_SMALL, np.diag([1.0, 3.0, 3.0])), [7 / 8, 15 / 8])
    X, y, weights = data
    for factor in (1.0, 1e-6, 1e5):
        fit = kata.fit_gls(X, y, factor * np.diag(1 / weights))
        assert_fit(fit, defined(X, y, np.diag(weights)), rtol=1e-7, atol=1e-7)
    assert_fit(kata.fit_gls(X, y, np.eye(12)), defined(X, y, np.eye(12)))


def test_exact_fit(kata, data, covariance):
    """If y is exactly linear, neither weights nor covariance matter. The intercept is whitened, too."""
    X, y = np.array([[0.0], [1.0], [4.0]]), np.array([3.0, 5.0, 11.0])
    assert_fit(kata.fit_weighted(X, y, np.array([1.0, 2.0, 7.0])), [3.0, 2.0])
    assert_fit(kata.fit_gls(X, y, COVARIANCE), [3.0, 2.0])
    # One feature in thousandths and one in hundreds: y = 2 + 1000 a + b / 100.
    X, y = np.array([[0.001, 900.0], [0.002, -300.0], [0.003, 100.0], [0.001, 500.0]]), np.array([12.0, 1.0, 6.0, 8.0])
    chained = np.array([[2.0, 1.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    assert_fit(kata.fit_weighted(X, y, np.array([1.0, 2.0, 1.0, 1.0])), [2.0, 1000.0, 0.01], rtol=1e-5)
    assert_fit(kata.fit_gls(X, y, chained), [2.0, 1000.0, 0.01], rtol=1e-5)
    X, _, weights = data
    y = 100 + X @ [1.0, -2.0, 0.5]
    assert_fit(kata.fit_weighted(X, y, weights), [100.0, 1.0, -2.0, 0.5])
    assert_fit(kata.fit_gls(X, y, covariance), [100.0, 1.0, -2.0, 0.5], rtol=1e-7, atol=1e-7)


def test_indefinite_covariance(kata):
    """A covariance that is not positive definite raises ValueError."""
    cases = [
        [[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]],
        [[-1.0, 0.0, 0.0], [0.0, -2.0, 0.0], [0.0, 0.0, 1.0]],
        [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]],
        [[1.0, -0.9, -0.9], [-0.9, 1.0, -0.9], [-0.9, -0.9, 1.0]],
    ]
    for covariance in cases:
        with pytest.raises(ValueError):
            kata.fit_gls(X_SMALL, Y_SMALL, np.array(covariance))
    # Two negative directions have a positive determinant.
    X, y = np.array([[0.0], [1.0], [2.0], [5.0]]), np.array([1.0, 2.0, 5.0, 3.0])
    for block in ([[1.0, 2.0], [2.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]):
        for covariance in (np.kron(np.eye(2), block), np.kron(block, np.eye(2))):
            with pytest.raises(ValueError):
                kata.fit_gls(X, y, covariance)


@strict
def test_singular_covariance(kata):
    """A variance of 0, or errors that are the same, are not positive definite."""
    for covariance in (np.diag([1.0, 0.0, 1.0]), np.ones((3, 3)), np.zeros((3, 3))):
        with pytest.raises(ValueError):
            kata.fit_gls(X_SMALL, Y_SMALL, covariance)


@strict
def test_asymmetric_covariance(kata):
    """A covariance that is not symmetric raises ValueError. Rounding may make it differ in the last digits."""
    for covariance in ([[2.0, 1.0, 0.0], [0.9, 2.0, 0.0], [0.0, 0.0, 1.0]], np.triu(COVARIANCE), np.tril(COVARIANCE)):
        with pytest.raises(ValueError):
            kata.fit_gls(X_SMALL, Y_SMALL, np.array(covariance))
        with pytest.raises(ValueError):
            kata.fit_gls(X_SMALL, Y_SMALL, 1e-9 * np.array(covariance))
    rounded = COVARIANCE.copy()
    rounded[0, 1] = np.nextafter(1.0, 2.0)
    assert_fit(kata.fit_gls(X_SMALL, Y_SMALL, rounded), [1.0, 13 / 7])


@strict
def test_shapes(kata):
    """Weights or a covariance of another shape raise ValueError."""
    for shape in ((3, 1), (2,), (1,), ()):
        with pytest.raises(ValueError):
            kata.fit_weighted(X_SMALL, Y_SMALL, np.ones(shape))
    for covariance in (np.ones(3), np.eye(2), np.eye(4), np.eye(1), np.eye(3)[:2], np.eye(3)[:, :2]):
        with pytest.raises(ValueError):
            kata.fit_gls(X_SMALL, Y_SMALL, covariance)


@strict
@pytest.mark.parametrize("unit", [1e-200, 1e200], ids=["tiny", "huge"])
def test_units_of_weights(kata, unit):
    """The unit of the weights, or of the covariance, may be as small as 1e-200 or as large as 1e200."""
    assert_fit(kata.fit_weighted(X_SMALL, Y_SMALL, unit * np.array([3.0, 1.0, 1.0])), [7 / 8, 15 / 8])
    assert_fit(kata.fit_gls(X_SMALL, Y_SMALL, unit * COVARIANCE), [1.0, 13 / 7])


@strict
@pytest.mark.parametrize("kind", [int, np.int8])
def test_integers(kata, data, kind):
    """Arrays may hold integers of any type."""
    small = X_SMALL.astype(kind), Y_SMALL.astype(kind)
    assert_fit(kata.fit_weighted(*small, np.array([3, 1, 1], dtype=kind)), [7 / 8, 15 / 8])
    assert_fit(kata.fit_gls(*small, COVARIANCE.astype(kind)), [1.0, 13 / 7])
    X, y, weights = (np.rint(array) for array in data)
    weights += 20  # whose root is no whole number
    expected = defined(X, y, np.diag(weights))
    assert_fit(kata.fit_weighted(X.astype(kind), y.astype(kind), weights.astype(kind)), expected)


def workload(kata, rng, n):
    """Fit noisy samples, of which some do not count, and samples whose errors follow one another."""
    X = rng.normal(size=(n + 8, 3)) + rng.normal(size=(n + 8, 1))
    X[:, 2] = np.rint(3 * X[:, 2])
    y = 5 + X @ rng.normal(size=3) + rng.normal(size=n + 8)
    weights = rng.integers(0, 4, size=n + 8) + np.where(np.arange(n + 8) < 8, 0.5, 0.0)
    lag = np.abs(np.subtract.outer(np.arange(n + 8), np.arange(n + 8)))
    return (
        kata.fit_weighted(X, y, weights),
        kata.fit_weighted(X[:, :1], y, np.exp(rng.normal(size=n + 8))),
        kata.fit_gls(X, y, 0.6**lag),
        kata.fit_gls(X[:, 1:], y, np.diag(np.exp(rng.normal(size=n + 8)))),
    )


def picture(kata, rng):
    """Draw a line through samples whose noise grows, fitted with and without weights."""
    x = np.sort(rng.uniform(0.0, 10.0, size=60))
    noise = 0.2 + 0.08 * x**2
    y = 1 + x + noise * rng.normal(size=60)
    ends = np.array([0.0, 10.0])
    lines = [Line(ends, 1 + ends, "truth", faint=True)]
    for weights, name in ((np.ones(60), "equal weights"), (1 / noise**2, "1 / variance")):
        intercept, coef = kata.fit_weighted(x[:, None], y, weights)
        lines.append(Line(ends, intercept + coef[0] * ends, name))
    note = "The noise grows to the right. The weighted line trusts the left, and its intercept is nearly exact."
    return [Panel("60 samples of unequal variance", "x", "y", [Points(x, y, "samples", faint=True), *lines], note=note)]


NEGATIVE = "if weights.shape != y.shape or (weights < 0).any():"
ROOT = "np.sqrt(weights, dtype=float)[:, np.newaxis] * _table(X, y)"
SYMMETRIC = "if not np.allclose(covariance, covariance.T, atol=0):"
WHITE = "np.linalg.solve(np.linalg.cholesky(covariance), _table(X, y))"
TABLE = "np.column_stack([np.ones(len(y)), X, y])"
MISTAKES = {
    "weights instead of their roots": (ROOT, "weights[:, np.newaxis] * _table(X, y)"),
    "weights are variances": (ROOT, "_table(X, y) / np.sqrt(np.where(weights > 0, weights, np.inf))[:, np.newaxis]"),
    "weights are ignored": (ROOT, "_table(X, y)"),
    "y is not weighted": (
        ROOT,
        "np.column_stack([np.sqrt(weights)[:, np.newaxis] * _table(X, y)[:, :-1], y])",
    ),
    "X is not weighted": (ROOT, "np.column_stack([_table(X, y)[:, :-1], np.sqrt(weights) * y])"),
    "the intercept is not weighted": (
        ROOT,
        "np.column_stack([np.ones(len(y)), np.sqrt(weights)[:, np.newaxis] * _table(X, y)[:, 1:]])",
    ),
    "coarse cut-off for singular values": (
        "np.linalg.solve(triangle, basis.T @ table[:, -1])",
        "np.linalg.lstsq(triangle, basis.T @ table[:, -1], rcond=1e-5)[0]",
    ),
    "no intercept": (TABLE, "np.column_stack([np.zeros(len(y)), X, y])"),
    "intercept and coef in the wrong order": (
        "Fit(float(coef[0]), coef[1:])",
        "Fit(float(coef[-1]), coef[:-1])",
    ),
    "centred on means without weights": (
        ROOT,
        "np.sqrt(weights)[:, np.newaxis] * (_table(X, y) - [0, *X.mean(axis=0), y.mean()]) * [0, *[1] * X.shape[1], 1]",
    ),
    "weights are rounded": (ROOT, ROOT.replace("np.sqrt(weights, dtype=float)", "np.sqrt(np.rint(weights))")),
    "weights between 0 and 1": (ROOT, ROOT.replace("np.sqrt(weights, dtype=float)", "np.sqrt(np.minimum(weights, 1))")),
    "a small number added to the weights": (
        ROOT,
        ROOT.replace("np.sqrt(weights, dtype=float)", "np.sqrt(weights + 1e-8)"),
    ),
    "small weights are 0": (ROOT, ROOT.replace("np.sqrt(weights, dtype=float)", "np.sqrt(weights * (weights > 1e-5))")),
    "a weight of 0 raises": (NEGATIVE, NEGATIVE.replace("weights < 0", "weights <= 0")),
    "a negative weight goes unnoticed": [
        (NEGATIVE, "if weights.shape != y.shape:"),
        (ROOT, ROOT.replace("np.sqrt(weights, dtype=float)", "np.sqrt(np.abs(weights))")),
    ],
    "a negative weight is 0": [
        (NEGATIVE, "if weights.shape != y.shape:"),
        (ROOT, ROOT.replace("np.sqrt(weights, dtype=float)", "np.sqrt(np.maximum(weights, 0))")),
    ],
    "only a negative sum raises": (NEGATIVE, "if weights.sum() < 0:"),
    "multiplied by the factor, not by its inverse": (WHITE, "np.linalg.cholesky(covariance) @ _table(X, y)"),
    "multiplied by the inverse of V": (
        WHITE,
        "np.linalg.cholesky(covariance) is None or np.linalg.solve(covariance, _table(X, y))",
    ),
    "the factor transposed": (WHITE, "np.linalg.solve(np.linalg.cholesky(covariance).T, _table(X, y))"),
    "variances only, correlations ignored": (
        WHITE,
        "np.linalg.solve(np.linalg.cholesky(covariance * np.eye(len(y))), _table(X, y))",
    ),
    "variances of one size": (
        WHITE,
        (
            "np.linalg.solve(np.linalg.cholesky(covariance / np.outer(\n"
            "        np.sqrt(np.abs(covariance.diagonal())), np.sqrt(np.abs(covariance.diagonal())))), _table(X, y))"
        ),
    ),
    "standard deviations, not variances": (
        WHITE,
        "np.linalg.solve(np.linalg.cholesky(covariance @ covariance.T), _table(X, y))",
    ),
    "the intercept is not whitened": (
        WHITE,
        "np.column_stack([np.ones(len(y)), np.linalg.solve(np.linalg.cholesky(covariance), _table(X, y)[:, 1:])])",
    ),
    "centred before it is whitened": (
        WHITE,
        "np.linalg.solve(np.linalg.cholesky(covariance), _table(X, y) - [0, *X.mean(axis=0), y.mean()])",
    ),
    "y is not whitened": (
        WHITE,
        "np.column_stack([np.linalg.solve(np.linalg.cholesky(covariance), _table(X, y)[:, :-1]), y])",
    ),
    "the covariance is ignored": (WHITE, "_table(X, y) if np.linalg.cholesky(covariance).size else X"),
    "a little added to the diagonal": (
        WHITE,
        "np.linalg.solve(np.linalg.cholesky(covariance + 1e-8 * np.eye(len(y))), _table(X, y))",
    ),
    "indefinite goes unnoticed": (
        WHITE,
        "(lambda v, q: q.T @ _table(X, y) / np.sqrt(np.abs(v))[:, np.newaxis])(*np.linalg.eigh(covariance))",
    ),
    "negative directions are dropped": (
        WHITE,
        "(lambda v, q: (q.T @ _table(X, y) / np.sqrt(np.abs(v))[:, None])[v > 0])(*np.linalg.eigh(covariance))",
    ),
    "only the determinant is looked at": [
        (SYMMETRIC, "if np.linalg.det(covariance) <= 0:"),
        (WHITE, "(lambda v, q: q.T @ _table(X, y) / np.sqrt(np.abs(v))[:, np.newaxis])(*np.linalg.eigh(covariance))"),
    ],
    "only the diagonal is looked at": [
        (SYMMETRIC, "if np.diag(covariance).min() <= 0:"),
        (WHITE, "(lambda v, q: q.T @ _table(X, y) / np.sqrt(np.abs(v))[:, np.newaxis])(*np.linalg.eigh(covariance))"),
    ],
}

STRICT_MISTAKES = {
    "weights may broadcast": (NEGATIVE, "if (weights < 0).any():"),
    "only the lower triangle is looked at": (SYMMETRIC, "if len(covariance) != len(y):"),
    "symmetric to the last digit": (
        SYMMETRIC,
        SYMMETRIC.replace("not np.allclose(covariance, covariance.T, atol=0)", "(covariance != covariance.T).any()"),
    ),
    "symmetric up to 1e-8": (SYMMETRIC, SYMMETRIC.replace(", atol=0", "")),
    "small integers keep few digits": (ROOT, ROOT.replace(", dtype=float", "")),
}
