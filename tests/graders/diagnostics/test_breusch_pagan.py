from fractions import Fraction

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# The fit is 0 everywhere, so the squared residuals are 0, 1, 4 and 1. Their squared deviations add up to 9, of which a
# line with the slope 3/5 explains 9/5.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
X_FEW = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [3.0, 1.0, 1.0], [4.0, 5.0, 2.0], [2.0, 2.0, 7.0]])
Y_FEW = np.array([2.0, 5.0, 1.0, 4.0, 4.0])


@pytest.fixture
def data(rng):
    """Three features with a common part, away from zero, few samples of small whole numbers, and unequal errors."""
    X = 20.0 + rng.integers(-3, 4, size=(9, 1)) + rng.integers(-9, 10, size=(9, 3)) * [1, 2, 4]
    return X, 50.0 + rng.integers(-100, 101, size=9) * np.arange(1.0, 10.0) / 16


def residuals(X, y):
    """Return what a fit leaves of y, by elimination in fractions, without any rounding."""
    design = [[Fraction(1), *map(Fraction, row)] for row in X.tolist()]
    y = list(map(Fraction, y))
    p = len(design[0])
    rows = [
        [sum(z[j] * z[k] for z in design) for k in range(p)] + [sum(z[j] * v for z, v in zip(design, y, strict=True))]
        for j in range(p)
    ]
    for i in range(p):
        for k in range(p):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [value - factor * above for value, above in zip(rows[k], rows[i], strict=True)]
    coef = [row[-1] / row[i] for i, row in enumerate(rows)]
    return [v - sum(c * value for c, value in zip(coef, z, strict=True)) for z, v in zip(design, y, strict=True)]


def defined(X, y):
    squares = [e**2 for e in residuals(X, y)]
    mean = sum(squares) / len(squares)
    r_squared = 1 - sum(e**2 for e in residuals(X, squares)) / sum((value - mean) ** 2 for value in squares)
    return float(len(squares) * r_squared)


def test_one_feature(kata, data):
    """The statistic is n R2, with R2 of the fit of the squared residuals, with an intercept."""
    assert_close(kata.breusch_pagan(X_SMALL, Y_SMALL).statistic, 0.8)
    # Another y that is its own residual; the positive ones are the smallest and all alike.
    X, y = np.array([[0.0], [1.0], [2.0], [0.0], [2.0], [0.0]]), np.array([2.0, 2.0, 2.0, 2.0, -3.0, -5.0])
    assert_close(kata.breusch_pagan(X, y).statistic, defined(X, y))
    X, y = data
    for j in range(3):
        assert_close(kata.breusch_pagan(X[:, j : j + 1], y).statistic, defined(X[:, j : j + 1], y))
    # The squares are 1 and 4, and the feature tells all: R2 is 1, and the statistic n.
    X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([1.0, -1.0, 2.0, -2.0])
    for times in (1, 100):
        assert_close(kata.breusch_pagan(np.tile(X, (times, 1)), np.tile(y, times)).statistic, 4.0 * times)


def test_several_features(kata, data):
    """Both fits use all features at once, and nothing else."""
    # Uncorrelated features, and residuals of 0, 1, 0 and 1, with signs, of which the last feature tells all.
    X = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0], [0.0, 1.0], [0.0, -1.0], [0.0, 1.0], [0.0, -1.0]])
    y = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, -1.0])
    # The squares 1 are two of four where the last feature is -1: it explains 1/2 of 3/2.
    assert_close(kata.breusch_pagan(X, y).statistic, 8 / 3)
    X, y = data
    for n_features in (2, 3):
        assert_close(kata.breusch_pagan(X[:, :n_features], y).statistic, defined(X[:, :n_features], y))


def test_unit(kata, data):
    """The unit of y does not matter: small residuals are not taken for equal ones."""
    for unit in (2.0**-17, 2.0**-22):
        assert_close(kata.breusch_pagan(X_SMALL, Y_SMALL * unit).statistic, 0.8)
    X, y = data
    assert_close(kata.breusch_pagan(X, y * 2.0**-20).statistic, defined(X, y))
    # Residuals of a thousandth beside a y of 64.
    assert_close(kata.breusch_pagan(X_SMALL, 64 + Y_SMALL * 2.0**-10).statistic, 0.8)


def test_no_trend(kata):
    """The statistic is 0 if the squared residuals differ, but not with the features."""
    X, y = np.array([[0.0], [0.0], [1.0], [1.0], [0.0], [0.0], [1.0], [1.0]]), np.array([1.0, -1, 1, -1, 3, -3, 3, -3])
    assert_close(kata.breusch_pagan(X, y).statistic, 0.0)


def test_degrees_of_freedom(kata, data):
    """The degrees of freedom are the number of features, without the intercept."""
    assert_equal(kata.breusch_pagan(X_SMALL, Y_SMALL).dof, 1)
    X, y = data
    for n_features in (1, 2, 3):
        assert_equal(kata.breusch_pagan(X[:, :n_features], y).dof, n_features)


@strict
def test_equal_residuals(kata, rng):
    """If the squared residuals are equal but for rounding, the statistic is 0."""
    assert_close(kata.breusch_pagan(X_SMALL, np.array([1.0, 0.0, 0.0, 1.0])).statistic, 0.0)
    # Signs that are orthogonal to the features, beside a line that they are added to.
    signs = np.tile([1.0, -1.0, -1.0, 1.0], 3)
    X = np.column_stack([np.repeat([0.1, 0.3, 0.7], 4), np.tile([1.0, 2.0, 3.0, 4.0], 3) / 3])
    for size in (0.1, 3.7, 1e5):
        y = X @ rng.normal(size=2) + size * signs
        assert_close(kata.breusch_pagan(X, y).statistic, 0.0)
        assert_close(kata.breusch_pagan(X[:, 1:], size * signs).statistic, 0.0)
        # By 1e-10 of the largest y, residuals differ less than is told apart.
        assert_close(kata.breusch_pagan(X, size * signs * (1 + 1e-10 * (X[:, 0] > 0.5))).statistic, 0.0)


@strict
def test_exact_fit(kata, rng):
    """If the fit is exact, as for a constant y, the statistic is 0."""
    assert_close(kata.breusch_pagan(X_SMALL, np.array([1.0, 3.0, 5.0, 7.0])).statistic, 0.0)
    assert_equal(kata.breusch_pagan(X_SMALL, np.array([1.0, 3.0, 5.0, 7.0])).dof, 1)
    X = rng.normal(size=(12, 2))
    X[3] = 0.0
    for y in (
        np.zeros(12),
        np.full(12, 0.1),
        np.full(12, -1e6 / 7),
        0.3 + X @ [0.1, -0.7],
        1e6 * X[:, 1],
        1e-9 * X[:, 0],
    ):
        assert_close(kata.breusch_pagan(X, y).statistic, 0.0)


def test_fitted_values_do_not_matter(kata, data):
    """Only the residuals count: a line in the features that is added to y changes nothing."""
    assert_close(kata.breusch_pagan(X_SMALL, Y_SMALL + 3 + 2 * X_SMALL[:, 0]).statistic, 0.8)
    X, y = data
    assert_close(kata.breusch_pagan(X, y + 5 - X @ [1.0, 2.0, -3.0]).statistic, defined(X, y))


def test_one_sample_to_spare(kata):
    """n_features + 2 samples are enough."""
    assert_close(kata.breusch_pagan(X_FEW, Y_FEW).statistic, defined(X_FEW, Y_FEW), rtol=1e-6)
    X, y = np.array([[0.0], [1.0], [3.0]]), np.array([2.0, -3.0, 1.0])
    assert_close(kata.breusch_pagan(X, y).statistic, defined(X, y), rtol=1e-6)


@strict
def test_nearly_equal_residuals(kata):
    """Residuals that differ by more than rounding are not equal, however little that is."""
    # The last feature tells which residuals are larger by 1 than the others, and the first has nothing to do with it.
    X = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 1.0], [0.0, 1.0], [0.0, -1.0], [1.0, -1.0], [1.0, -1.0], [0.0, -1.0]])
    signs = np.array([1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0])
    for size in (2.0, 1e3, 250e3):
        y = signs * (size + (X[:, 1] > 0))
        assert_close(kata.breusch_pagan(X, y).statistic, 8.0, rtol=1e-6)
        assert_close(kata.breusch_pagan(X[:, :1], y).statistic, 0.0, atol=1e-6)


@strict
def test_few_samples(kata):
    """Fewer than n_features + 2 samples raise ValueError."""
    for X, y in [(X_SMALL[:3], Y_SMALL[:3]), (X_FEW, Y_FEW)]:
        for n_samples in (len(X) - 1, len(X) - 2):
            with pytest.raises(ValueError):
                kata.breusch_pagan(X[:n_samples], y[:n_samples])


@pytest.mark.parametrize("unit", [2.0**10, 2.0**-10], ids=["large", "small"])
def test_units(kata, data, unit):
    """The units of the features and of y do not matter."""
    assert_close(kata.breusch_pagan(X_SMALL, Y_SMALL * unit).statistic, 0.8)
    # Units of a millionth, and of a million.
    assert_close(kata.breusch_pagan(X_SMALL * unit**2, Y_SMALL).statistic, 0.8, rtol=1e-6)
    X, y = data
    expected = defined(X, y)
    for units in ([1.0, 1.0, unit], [unit, unit, unit], [unit, 1.0, 1 / unit]):
        assert_close(kata.breusch_pagan(X * units, y * unit).statistic, expected, rtol=1e-6)


@strict
def test_origin(kata, data):
    """The origin of a feature does not matter: it may lie a million standard deviations from 0."""
    assert_close(kata.breusch_pagan(X_SMALL + 1e6, Y_SMALL).statistic, 0.8, rtol=1e-6)
    X, y = data
    move = np.array([1e7, -1e6, 1e3])
    assert_close(kata.breusch_pagan(X + move, y).statistic, defined(X, y), rtol=1e-6)
    # Sums of whole numbers are fitted exactly from there, too.
    assert_close(kata.breusch_pagan(X + move, X @ [1.0, -2.0, 3.0]).statistic, 0.0)


@strict
def test_integers(kata, data):
    """X and y may hold integers: nothing is truncated."""
    y = np.array([1, 0, 0, 2])
    assert_close(kata.breusch_pagan(X_SMALL.astype(int), y).statistic, defined(X_SMALL, y.astype(float)))
    X, y = data[0].astype(int), np.rint(16 * data[1]).astype(int)
    assert_close(kata.breusch_pagan(X, y).statistic, defined(*data))


def workload(kata, rng, n):
    """Correlated features, some of them counts, and errors of equal variance, of unequal variance, and none."""
    X = rng.normal(size=(n + 8, 3)) + rng.normal(size=(n + 8, 1))
    X[:, 2] = np.rint(3 * X[:, 2])
    line, noise = 5 + X @ rng.normal(size=3), rng.normal(size=n + 8)
    return tuple(kata.breusch_pagan(X, y) for y in (line + noise, line + noise * np.exp(X[:, 0]), line))


MISTAKES = {
    "(n - p) R2": ("float(n_samples * (explained", "float((n_samples - n_features - 1) * (explained"),
    "R2 alone": ("float(n_samples * (explained", "float((explained"),
    "n (1 - R2)": (
        "float(n_samples * (explained @ explained) / (squares @ squares))",
        "float(n_samples * (1 - (explained @ explained) / (squares @ squares)))",
    ),
    "adjusted R2": (
        "float(n_samples * (explained @ explained) / (squares @ squares))",
        (
            "float(n_samples * (1 - (1 - (explained @ explained) / (squares @ squares))"
            " * (n_samples - 1) / (n_samples - n_features - 1)))"
        ),
    ),
    "the original form: half the explained sum of squares": (
        "float(n_samples * (explained @ explained) / (squares @ squares))",
        "float((explained @ explained) / (residual**2).mean() ** 2 / 2)",
    ),
    "the F statistic": (
        "float(n_samples * (explained @ explained) / (squares @ squares))",
        (
            "float((explained @ explained) / (squares @ squares - explained @ explained)"
            " * (n_samples - n_features - 1) / n_features)"
        ),
    ),
    "R2 about zero, not about the mean": ("residual**2 - (residual**2).mean()\n", "residual**2\n"),
    "the second fit without an intercept": (
        "    explained = basis.T @ squares\n",
        "    explained = np.linalg.qr(X)[0].T @ squares\n",
    ),
    "the first fit without an intercept": (
        "    deviation = y - y.mean()\n    residual = deviation - basis @ (basis.T @ deviation)\n",
        "    raw = np.linalg.qr(X)[0]\n    residual = y - raw @ (raw.T @ y)\n",
    ),
    "sizes of the residuals instead of their squares": (
        "    squares = residual**2 - (residual**2).mean()\n",
        "    squares = abs(residual)\n    squares -= squares.mean()\n",
    ),
    "residuals instead of their squares": (
        "    squares = residual**2 - (residual**2).mean()\n",
        "    squares = residual.copy()\n    squares -= squares.mean()\n",
    ),
    "logarithms of the squares": (
        "    squares = residual**2 - (residual**2).mean()\n",
        "    squares = np.log(residual**2 + 1e-300)\n    squares -= squares.mean()\n",
    ),
    "squares of y": (
        "    squares = residual**2 - (residual**2).mean()\n",
        "    squares = deviation**2\n    squares -= squares.mean()\n",
    ),
    "squared studentised residuals": (
        "    squares = residual**2 - (residual**2).mean()\n",
        "    squares = residual**2 / (1 - 1 / n_samples - (basis**2).sum(axis=1))\n    squares -= squares.mean()\n",
    ),
    "the fitted values in place of the features": (
        "    explained = basis.T @ squares\n",
        (
            "    fitted = deviation - residual\n"
            "    explained = (fitted / max(np.linalg.norm(fitted), 1e-300))[None] @ squares\n"
        ),
    ),
    "the features' squares as well, which is White's test": (
        "    explained = basis.T @ squares\n",
        (
            "    wider = np.column_stack([X, X**2])\n"
            "    explained = np.linalg.qr(wider - wider.mean(axis=0))[0].T @ squares\n"
        ),
    ),
    "one feature at a time": (
        "    explained = basis.T @ squares\n",
        ("    centred = X - X.mean(axis=0)\n    explained = (centred / np.linalg.norm(centred, axis=0)).T @ squares\n"),
    ),
    "the intercept counts as a degree of freedom": (
        "(squares @ squares)), n_features)",
        "(squares @ squares)), n_features + 1)",
    ),
    "the degrees of freedom of the residuals": (
        "(squares @ squares)), n_features)",
        "(squares @ squares)), n_samples - n_features - 1)",
    ),
    "one degree of freedom is too few": ("n_samples < n_features + 2", "n_samples < n_features + 3"),
}

STRICT_MISTAKES = {
    "equality to the last digits": ("1e-8 * abs(y).max()", "1e-13 * abs(y).max()"),
    "normal equations on a column of ones": (
        "    residual = deviation - basis @ (basis.T @ deviation)\n",
        (
            "    Z = np.column_stack([np.ones(n_samples), X])\n"
            "    residual = y - Z @ (np.linalg.inv(Z.T @ Z) @ (Z.T @ y))\n"
        ),
    ),
    "equal residuals are left to rounding": (
        "if np.ptp(abs(residual)) <= 1e-8 * abs(y).max():",
        "if np.ptp(abs(residual)) == 0:",
    ),
    "equal residuals are NaN": (
        "        return BreuschPagan(0.0, n_features)\n    squares = residual**2 -",
        "        return BreuschPagan(np.nan, n_features)\n    squares = residual**2 -",
    ),
    "only an exact fit is 0": ("np.ptp(abs(residual)) <=", "abs(residual).max() <="),
    "equality in the units at hand": ("1e-8 * abs(y).max()", "1e-8"),
    "nearly equal is equal": ("1e-8 * abs(y).max()", "1e-5 * abs(y).max()"),
    "too few samples go unnoticed": ("n_samples < n_features + 2", "n_samples < n_features + 1"),
    "deviations truncated to the kind of y": (
        "    deviation = y - y.mean()\n",
        "    deviation = (y - y.mean()).astype(y.dtype)\n",
    ),
}
