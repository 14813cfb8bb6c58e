import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Orthogonal columns of ones and minus ones: of length 2, the first of them constant.
H4 = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0], [1.0, -1.0, -1.0, 1.0]])
H8 = np.kron(np.array([[1.0, 1.0], [1.0, -1.0]]), H4)
TURN = np.array([[0.6, 0.8], [-0.8, 0.6]])
# The cosine with a column of ones is 0.6, so that the squared singular values are 1 + 0.6 and 1 - 0.6.
TWO = np.array([[-1.0], [7.0]])
# Beside the same feature stands one that is orthogonal to it and to the ones: its singular value is 1.
THREE = np.array([[-1.0, 3.0], [7.0, 3.0], [-1.0, -3.0], [7.0, -3.0]])
# Square with an intercept.
FOUR = np.array([[12.0, 1.0, -3.0], [15.0, 4.0, 2.0], [11.0, -2.0, 5.0], [19.0, 3.0, -4.0]])


@pytest.fixture(name="X")
def features(rng):
    """Three features with a common part, away from zero: few samples, and small whole numbers."""
    return rng.integers(-9, 10, size=(12, 1)) + rng.integers(-9, 10, size=(12, 3)) + np.array([20.0, -7.0, 0.5])


def scaled(X):
    Z = np.array([[1.0, *row] for row in X])
    return Z / np.sqrt((Z**2).sum(axis=0))


def squared_values(A):
    """Return the squared singular values, the largest first, and the rows of V', by the eigenvalues of A'A."""
    values, vectors = np.linalg.eigh(A.T @ A)
    return values[::-1], vectors.T[::-1]


def indices(X):
    values = squared_values(scaled(X))[0]
    return np.sqrt(values[0] / values)


def proportions(X):
    values, rows = squared_values(scaled(X))
    phi = np.array([row**2 / value for row, value in zip(rows, values, strict=True)])
    return np.array([column / sum(column) for column in phi.T]).T


def test_condition_number(kata, X):
    """The condition number is the largest singular value over the smallest, not over its square."""
    assert_close(kata.condition_number(np.array([[3.0, 0.0], [4.0, 5.0]])), 3.0)
    assert_close(kata.condition_number(H4[:, :2] * [1.0, 0.25] @ TURN), 4.0)
    for one in (X, FOUR, X[:, :2]):
        values = squared_values(one)[0]
        assert_close(kata.condition_number(one), np.sqrt(values[0] / values[-1]), rtol=1e-6)


def test_as_it_is(kata, X):
    """The condition number takes X as it is: no intercept, no scaling of columns, no centring."""
    assert_close(kata.condition_number(H4[:, [2, 1, 3]] * [2.0, 5.0, 0.5]), 10.0)
    assert_close(kata.condition_number(H4[:, :2] * [8.0, 1.0]), 8.0)
    assert_close(kata.condition_number(X[:, :1]), 1.0)
    assert_close(kata.condition_number(np.full((3, 1), 5.0)), 1.0)
    assert_close(kata.condition_number(np.array([[-4.0]])), 1.0)
    assert_close(kata.condition_number(np.eye(3)), 1.0)
    assert_close(kata.condition_number(H4 * 2.0**-19), 1.0)


@pytest.mark.parametrize("power", [10, 15, 20, 23])
def test_ill_conditioned(kata, power):
    """Condition numbers and indices are right to five digits up to 1e7. X'X loses them."""
    t = 2.0**-power
    assert_close(kata.condition_number(H4[:, 2:] * [1.0, t] @ TURN), 1 / t, rtol=1e-5)
    # The cosine of a and a + t b is 1 / D.
    D = np.sqrt(1 + t**2)
    near_copies = np.column_stack([H8[:, 1], H8[:, 1] + t * H8[:, 2]])
    assert_close(kata.condition_indices(near_copies), [1.0, np.sqrt(1 + 1 / D), (1 + D) / t], rtol=1e-5)


def test_indices(kata, X):
    """The condition indices ascend from 1, and there is one for each column of Z: the intercept is one of them."""
    assert_close(kata.condition_indices(TWO), [1.0, 2.0])
    assert_close(kata.condition_indices(-TWO), [1.0, 2.0])
    assert_close(kata.condition_indices(np.array([[1.0], [7.0]])), [1.0, 3.0])
    assert_close(kata.condition_indices(THREE[:, ::-1]), [1.0, np.sqrt(1.6), 2.0])
    assert_close(kata.condition_indices(H4[:, 1:3]), [1.0, 1.0, 1.0])
    for one in (X, FOUR, X[:, :1], X + 50.0):
        assert_close(kata.condition_indices(one), indices(one), rtol=1e-6)


@pytest.mark.parametrize("unit", [2.0**10, 2.0**-12], ids=["large", "small"])
def test_units(kata, X, unit):
    """Columns of Z have length 1, so that units do not matter for indices and proportions."""
    assert_close(kata.condition_indices(THREE * [unit, 1.0]), [1.0, np.sqrt(1.6), 2.0])
    assert_close(kata.variance_proportions(TWO * unit), [[0.2, 0.2], [0.8, 0.8]])
    units = np.array([1.0, unit, 1 / unit])
    assert_close(kata.condition_indices(X * units), indices(X), rtol=1e-6)
    assert_close(kata.variance_proportions(X * units), proportions(X), rtol=1e-6, atol=1e-9)


def test_dependent_columns(kata, X):
    """Linearly dependent columns make the condition number infinite, and one index for each dependency."""
    assert_close(kata.condition_indices(np.array([[3.0], [3.0]])), [1.0, np.inf])
    assert_close(kata.condition_number(np.array([[1.0, 2.0], [3.0, 6.0], [-2.0, -4.0]])), np.inf)
    copied = np.column_stack([X, X[:, 0]])
    summed = np.column_stack([X, X[:, 0] - 2 * X[:, 1] + X[:, 2]])
    # Fewer samples than columns.
    wide = np.array([[1.0, 2.0, 4.0], [3.0, -5.0, 8.0]])
    for dependent in (copied, summed, np.column_stack([X, np.zeros(12)]), wide, wide[:1]):
        assert_close(kata.condition_number(dependent), np.inf)
        assert_close(kata.condition_number(dependent * 2.0**16), np.inf)
    for dependent in (copied, summed, np.column_stack([X, np.full(12, 6.0)]), np.column_stack([X, 5.0 - X[:, 1]])):
        actual = kata.condition_indices(dependent)
        assert_close(actual[:-1], indices(dependent)[:-1], rtol=1e-6)
        assert_close(actual[-1], np.inf)
    # Two dependencies.
    assert_close(kata.condition_indices(np.column_stack([X, X[:, 2], X[:, 0]]))[4:], [np.inf, np.inf])
    assert_close(kata.condition_indices(np.column_stack([TWO, TWO, TWO]))[2:], [np.inf, np.inf])
    assert_close(kata.condition_indices(np.array([[2.0]])), [1.0, np.inf])


def test_proportions(kata, X):
    """The shares of a coefficient add up to 1 over the rows, the first of which has index 1."""
    assert_close(kata.variance_proportions(TWO), [[0.2, 0.2], [0.8, 0.8]])
    assert_close(kata.variance_proportions(np.array([[1.0], [7.0]])), [[0.1, 0.1], [0.9, 0.9]])
    for one in (X, FOUR, X[:, :1], X[:, [2, 0, 1]], X + 50.0):
        assert_close(kata.variance_proportions(one), proportions(one), rtol=1e-6, atol=1e-9)


def test_separate_coefficients(kata):
    """A column is a coefficient, the intercept first. It has shares in the dependencies that its feature is part of."""
    # Index sqrt(1.6) belongs to the orthogonal feature alone.
    assert_close(kata.variance_proportions(THREE), [[0.2, 0.2, 0], [0, 0, 1], [0.8, 0.8, 0]])
    assert_close(kata.variance_proportions(THREE[:, ::-1]), [[0.2, 0, 0.2], [0, 1, 0], [0.8, 0, 0.8]])
    # Two dependencies that share a feature, and neither of them has all of its variance.
    a, b, c, d = H8[:, 1:5].T
    shared = np.column_stack([b + 2.0**-12 * a, 3 * b, 7 * d + a, b - 2.0**-11 * c])
    assert_close(kata.variance_proportions(shared), proportions(shared), rtol=1e-6, atol=1e-6)


def test_no_proportions(kata, X):
    """Linearly dependent columns raise ValueError: there are no proportions."""
    wide = np.array([[1.0, 2.0], [3.0, 5.0]])
    constant, copied = np.column_stack([X, np.full(12, 6.0)]), X[:, [0, 1, 0]]
    summed = np.column_stack([X, X[:, 0] - 2 * X[:, 1] + X[:, 2]])
    for dependent in (np.array([[3.0], [3.0]]), constant, copied, summed, 1.0 - np.column_stack([X, -X[:, 1]]), wide):
        with pytest.raises(ValueError):
            kata.variance_proportions(dependent)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X may hold integers of any type."""
    X = np.array([[100, 3], [120, 50], [7, 90], [81, 0]], dtype=kind)
    values = squared_values(X.astype(float))[0]
    assert_close(kata.condition_number(X), np.sqrt(values[0] / values[1]))
    assert_close(kata.condition_indices(X), indices(X.astype(float)))
    assert_close(kata.variance_proportions(X), proportions(X.astype(float)), rtol=1e-6)


@strict
def test_extreme_units(kata, X):
    """Features may have any unit."""
    for units in ([1e-12, 1.0, 1e12], [1e12, 1e12, 1e12], [1e-12, 1e-12, 1e-12]):
        assert_close(kata.condition_indices(X * units), indices(X), rtol=1e-6)
        assert_close(kata.variance_proportions(X * units), proportions(X), rtol=1e-6, atol=1e-9)


@strict
def test_cut_off(kata):
    """A singular value counts as 0 if it is at most 1e-12 times the largest."""
    for scale in (1.0, 1e-9, 1e9):
        assert_close(kata.condition_number(scale * np.diag([1.0, 1.5e-12])), 1 / 1.5e-12, rtol=1e-6)
        assert_close(kata.condition_number(scale * np.diag([1.0, 0.7e-12])), np.inf)
    # The index is 2 / t.
    a, b = H8[:, 1:3].T
    near_copies = np.column_stack([a, a + 2.0**-38 * b])
    assert_close(kata.condition_indices(near_copies), [1.0, np.sqrt(2.0), 2.0**39], rtol=0.01)
    assert_close(kata.variance_proportions(near_copies), [[0, 0, 0], [1, 0, 0], [0, 1, 1]], atol=0.01)
    nearer = np.column_stack([a, a + 1.75 * 2.0**-40 * b])
    assert_close(kata.condition_indices(nearer), [1.0, np.sqrt(2.0), np.inf], rtol=0.01)
    with pytest.raises(ValueError):
        kata.variance_proportions(nearer)


@strict
def test_zeros(kata):
    """The condition number of a matrix of zeros is infinite."""
    for shape in ((3, 2), (4, 1), (1, 1)):
        assert_close(kata.condition_number(np.zeros(shape)), np.inf)


def workload(kata, rng, n):
    """Correlated features away from zero, counts among them; then a copy among them, and few samples."""
    X = rng.normal(size=(n + 8, 4)) + rng.normal(size=(n + 8, 1)) + 2.0
    X[:, 3] = np.rint(3 * X[:, 3])
    copied = np.column_stack([X, X[:, 3]])
    return (
        kata.condition_number(X),
        kata.condition_number(copied),
        kata.condition_indices(X),
        kata.condition_indices(copied),
        kata.condition_indices(X[:3]),
        kata.variance_proportions(X),
    )


NUMBER = "return float(_ratios(_singular_values(X))[-1])"
INDICES = "return _ratios(_singular_values(_scaled(X)))"
VALUES = "values = np.linalg.svd(A, compute_uv=False)\n"
PHI = "phi = (directions / values[:, None]) ** 2"
SHARES = "return phi / phi.sum(axis=0)"
UNIT = "return columns / np.linalg.norm(columns, axis=0)"
DESIGN = "columns = np.column_stack([np.ones(len(X)), X])\n    return"
CUT = "where=values > 1e-12 * values[0])"
MISTAKES = {
    "the condition number of X'X": (NUMBER, NUMBER.replace("[-1]", "[-1] ** 2")),
    "the smallest over the largest": (NUMBER, NUMBER.replace("float(", "float(1 / ")),
    "Belsley's scaling in the condition number": (NUMBER, NUMBER.replace("(X)", "(_scaled(X))")),
    "the condition number of centred features": (NUMBER, NUMBER.replace("(X)", "(X - X.mean(axis=0))")),
    "the condition number of X with an intercept": (
        NUMBER,
        NUMBER.replace("(X)", "(np.column_stack([np.ones(len(X)), X]))"),
    ),
    "singular values from X'X": (
        VALUES,
        "values = np.sqrt(np.linalg.eigvalsh(A.T @ A).clip(0))[::-1]\n    values[values < 2e-8 * values[0]] = 0\n",
    ),
    "eigenvalues of X'X as singular values": (VALUES, "values = np.linalg.svd(A, compute_uv=False) ** 2\n"),
    "infinity is left to rounding": (CUT, "where=values > 0)"),
    "infinite from 1e6 on": (CUT, "where=values > 1e-6 * values[0])"),
    "an absolute cut-off": (CUT, "where=values > 1e-4)"),
    "a little added to the smallest": (NUMBER, "s = _singular_values(X)\n    return float(s[0] / (s[-1] + 1e-9))"),
    "few samples are not dependent": ("return np.pad(values, (0, A.shape[1] - len(values)))", "return values"),
    "descending indices": (INDICES, INDICES + "[::-1]"),
    "indices over the smallest": (INDICES, "s = _singular_values(_scaled(X))\n    return s / s[-1]"),
    "no intercept in Z": (DESIGN, "columns = X\n    return"),
    "the intercept comes last": (DESIGN, "columns = np.column_stack([X, np.ones(len(X))])\n    return"),
    "centred features": (DESIGN, DESIGN.replace(", X])", ", X - X.mean(axis=0)])")),
    "no scaling in Z": (UNIT, "return columns"),
    "standard deviations instead of lengths": (
        UNIT,
        "return columns / np.where(columns.std(axis=0) > 0, columns.std(axis=0), 1)",
    ),
    "rows of length 1": (UNIT, "return columns / np.linalg.norm(columns, axis=1, keepdims=True)"),
    "the largest value instead of the length": (UNIT, "return columns / abs(columns).max(axis=0)"),
    "s instead of its square": (PHI, "phi = directions**2 / values[:, None]"),
    "no division by s": (PHI, "phi = directions**2"),
    "entries of V instead of squares": (PHI, "phi = abs(directions) / values[:, None] ** 2"),
    "V for V'": (PHI, "phi = (directions.T / values[:, None]) ** 2"),
    "each row adds up to 1": (SHARES, "return phi / phi.sum(axis=1, keepdims=True)"),
    "phi itself": (SHARES, "return phi"),
    "transposed": (SHARES, "return (phi / phi.sum(axis=0)).T"),
    "the largest index first": (SHARES, "return (phi / phi.sum(axis=0))[::-1]"),
    "without the intercept": (SHARES, "return (phi / phi.sum(axis=0))[:, 1:]"),
    "a little ridge in phi": (PHI, "phi = directions**2 / (values[:, None] ** 2 + 1e-10)"),
    "dependent columns pass": ("if np.isinf(_ratios(_singular_values(Z))).any():", "if False:"),
}

STRICT_MISTAKES = {
    "the precision of floats as cut-off": (CUT, "where=values > 1e-15 * len(values) * values[0])"),
    "infinite from 1e9 on": (CUT, "where=values > 1e-9 * values[0])"),
    "zeros are 0 / 0": (CUT, "where=(values > 1e-12 * values[0]) | (values[0] == 0))"),
    "lengths in the features' type": (UNIT, "return columns / np.sqrt((columns.astype(X.dtype) ** 2).sum(axis=0))"),
}
