from fractions import Fraction

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# The leverages are 0.7, 0.3, 0.3 and 0.7. The fit is 1/2 everywhere: residuals of 1/2, and s^2 = 1/2.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 0.0, 1.0])
X_FEW = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [3.0, 1.0, 1.0], [4.0, 5.0, 2.0], [2.0, 2.0, 7.0]])
Y_FEW = np.array([2.0, 5.0, 1.0, 4.0, 4.0])
# The last sample is far out. The fit to the others is 3 everywhere and leaves 6 squares: the last y lies 60 above it.
# Z'Z of the others is diag(3, 2), and 1 - h of the last one is 1 / (1 + 1/3 + 200^2/2).
X_FAR, Y_FAR, UNFITTED = np.array([[-1.0], [0.0], [1.0], [200.0]]), np.array([2.0, 5.0, 2.0, 63.0]), 6 / 120_008


@pytest.fixture
def data(rng):
    """Three features with a common part, away from zero: few samples of small whole numbers, one far from the rest."""
    X = 20.0 + rng.integers(-3, 4, size=(9, 1)) + rng.integers(-9, 10, size=(9, 3)) * [1, 2, 4]
    X[2] += [30.0, -20.0, 50.0]
    return X, 50.0 + rng.integers(-400, 400, size=9) / 16


def fitted(X, y, at):
    """Return the predictions for the rows of `at` of the least-squares fit, with an intercept, to X and y."""
    design, rows = (np.column_stack([np.ones(len(features)), features]) for features in (X, at))
    return rows @ np.linalg.lstsq(design, y)[0]


def defined_leverage(X):
    """Return each sample's own fitted value where its y is 1 and all others are 0."""
    return np.array([fitted(X, y, X[i : i + 1])[0] for i, y in enumerate(np.eye(len(X)))])


def variance(X, y):
    return ((y - fitted(X, y, X)) ** 2).sum() / (len(X) - X.shape[1] - 1)


def defined_residuals(X, y, external):
    """Return the studentised residuals, the external ones by fits that leave each sample out."""
    without = [np.delete(np.arange(len(X)), i) for i in range(len(X))]
    variances = [variance(X[rows], y[rows]) if external else variance(X, y) for rows in without]
    return (y - fitted(X, y, X)) / np.sqrt(variances * (1 - defined_leverage(X)))


def defined_distance(X, y):
    """Return how far the fitted values move, by fits that leave each sample out."""
    moved = [fitted(X, y, X) - fitted(np.delete(X, i, axis=0), np.delete(y, i), X) for i in range(len(X))]
    return (np.array(moved) ** 2).sum(axis=1) / ((X.shape[1] + 1) * variance(X, y))


def assert_measures(kata, X, y, X_plain=None, y_plain=None, **tolerance):
    """Compare all measures with the definitions, if need be on plainer data for which they are the same."""
    X_plain, y_plain = X if X_plain is None else X_plain, y if y_plain is None else y_plain
    assert_close(kata.leverage(X), defined_leverage(X_plain), **tolerance)
    for external in (False, True):
        actual = kata.studentized_residuals(X, y, external)
        assert_close(actual, defined_residuals(X_plain, y_plain, external), **tolerance)
    assert_close(kata.cooks_distance(X, y), defined_distance(X_plain, y_plain), **tolerance)


def test_leverage(kata, data):
    """Leverage is the weight of y_i in its own fitted value, in a fit with an intercept."""
    assert_close(kata.leverage(X_SMALL), [0.7, 0.3, 0.3, 0.7])
    X, _ = data
    for n_features in (1, 2, 3):
        assert_close(kata.leverage(X[:, :n_features]), defined_leverage(X[:, :n_features]))
    assert_close(kata.leverage(X_FAR)[3], 1 - UNFITTED)
    # As many samples as coefficients.
    assert_close(kata.leverage(np.array([[0.0, 1.0], [1.0, 3.0], [5.0, 2.0]])), [1.0] * 3)


def test_internal_residuals(kata, data):
    """An internally studentised residual is e_i / (s sqrt(1 - h_i)), and s^2 has n - p degrees of freedom."""
    internal = kata.studentized_residuals(X_SMALL, Y_SMALL, external=False)
    assert_close(internal, [(5 / 3) ** 0.5, -((5 / 7) ** 0.5), -((5 / 7) ** 0.5), (5 / 3) ** 0.5])
    X, y = data
    for n_features in (1, 2, 3):
        actual = kata.studentized_residuals(X[:, :n_features], y, external=False)
        assert_close(actual, defined_residuals(X[:, :n_features], y, external=False))
    # e = 60 (1 - h), and the squared residuals sum to 6 + 60 e.
    far = kata.studentized_residuals(X_FAR, Y_FAR, external=False)[3]
    assert_close(far, 60 * (UNFITTED / (3 + 1800 * UNFITTED)) ** 0.5, rtol=1e-6)
    # A close fit: residuals of thousandths beside a y of 900. What x explains does not matter.
    line, rest = 300.0 * X_SMALL[:, 0], 2.0**-10 * Y_SMALL
    close = kata.studentized_residuals(X_SMALL, line + rest, external=False)
    assert_close(close, internal, rtol=1e-6)


def test_external_residuals(kata, data):
    """An externally studentised residual takes s from the fit to the others, with n - 1 - p degrees of freedom."""
    external = kata.studentized_residuals(X_SMALL, Y_SMALL, external=True)
    assert_close(external, [5**0.5, -(5**0.5) / 3, -(5**0.5) / 3, 5**0.5])
    X, y = data
    for n_features in (1, 2, 3):
        actual = kata.studentized_residuals(X[:, :n_features], y, external=True)
        assert_close(actual, defined_residuals(X[:, :n_features], y, external=True))
    far = kata.studentized_residuals(X_FAR, Y_FAR, external=True)[3]
    assert_close(far, 60 * (UNFITTED / 6) ** 0.5, rtol=1e-6)
    # An outlier 500 times as large as the noise would raise s with itself.
    outlier = y + 5000.0 * (np.arange(9) == 4)
    actual = kata.studentized_residuals(X[:, :1], outlier, external=True)
    assert_close(actual, defined_residuals(X[:, :1], outlier, external=True), rtol=1e-6)


def test_cooks_distance(kata, data):
    """Cook's distance is the sum of squared changes of all fitted values without the sample, over p s^2."""
    assert_close(kata.cooks_distance(X_SMALL, Y_SMALL), [35 / 18, 15 / 98, 15 / 98, 35 / 18])
    X, y = data
    for n_features in (1, 2, 3):
        assert_close(kata.cooks_distance(X[:, :n_features], y), defined_distance(X[:, :n_features], y))
    # e^2 / (1 - h)^2 = 60^2, p = 2 and s^2 = (6 + 60^2 (1 - h)) / 2.
    far = kata.cooks_distance(X_FAR, Y_FAR)[3]
    assert_close(far, 3600 * (1 - UNFITTED) / (6 + 3600 * UNFITTED), rtol=1e-6)


def test_unit(kata, data):
    """The unit of y does not matter, nor that of a feature."""
    for unit in (2.0**-16, 1e-6):
        assert_close(kata.cooks_distance(X_SMALL, Y_SMALL * unit), [35 / 18, 15 / 98, 15 / 98, 35 / 18])
        for external in (False, True):
            expected = defined_residuals(X_SMALL, Y_SMALL, external)
            assert_close(kata.studentized_residuals(X_SMALL, Y_SMALL * unit, external), expected)
    X, y = data
    assert_measures(kata, X * [1.0, 2.0**6, 2.0**-6], y * 2.0**-16, X, y)


@strict
def test_leverage_one(kata, data):
    """At leverage 1, residual and distance are NaN, and those of the other samples are not affected."""
    # The second feature says which sample is the last, and so the others are fitted as if it were not there.
    X = np.column_stack([[0.0, 1.0, 2.0, 3.0, 5.0], [0.0, 0.0, 0.0, 0.0, 1.0]])
    y = np.append(Y_SMALL, 0.7)
    internal = kata.studentized_residuals(X, y, external=False)
    assert_close(internal, [*defined_residuals(X_SMALL, Y_SMALL, external=False), np.nan])
    external = kata.studentized_residuals(X, y, external=True)
    assert_close(external, [*defined_residuals(X_SMALL, Y_SMALL, external=True), np.nan])
    # Of the same movement, p = 3 coefficients make less than 2.
    assert_close(kata.cooks_distance(X, y), [35 / 27, 5 / 49, 5 / 49, 35 / 27, np.nan])
    assert_close(kata.leverage(X), [0.7, 0.3, 0.3, 0.7, 1.0])
    X, y = data
    others = np.delete(np.arange(9), 5)
    marked = np.column_stack([X[:, 0], np.arange(9) == 5, X[:, 1]])
    for external in (False, True):
        expected = np.full(9, np.nan)
        expected[others] = defined_residuals(X[others, :2], y[others], external)
        assert_close(kata.studentized_residuals(marked, y, external), expected, rtol=1e-6)
    expected = np.full(9, np.nan)
    expected[others] = defined_distance(X[others, :2], y[others]) * 3 / 4
    assert_close(kata.cooks_distance(marked, y), expected, rtol=1e-6)


@strict
@pytest.mark.parametrize("far", [1_000, 10_000, 20_000], ids=["1e-6", "2e-8", "5e-9"])
def test_leverage_near_one(kata, far):
    """Residual and distance are NaN only if 1 - h is below 1e-8."""
    X, y = np.array([[-1.0], [0.0], [1.0], [far]]), np.array([2.0, 5.0, 2.0, 5.0])
    # One feature, in fractions: 1 - h is about 2 / far^2.
    deviation = [Fraction(x) - Fraction(far, 4) for x in (-1, 0, 1, far)]
    length = sum(d**2 for d in deviation)
    slope = sum(d * Fraction(value) for d, value in zip(deviation, y, strict=True)) / length
    e = np.array([Fraction(value) - Fraction(7, 2) - slope * d for d, value in zip(deviation, y, strict=True)])
    unfitted = np.array([Fraction(3, 4) - d**2 / length for d in deviation])
    squares = sum(e**2)
    known = np.where(unfitted.astype(float) < 1e-8, np.nan, 1.0)
    internal = (e**2 / (squares / 2 * unfitted)).astype(float)
    assert_close(
        kata.studentized_residuals(X, y, external=False), known * np.sign(e.astype(float)) * internal**0.5, rtol=1e-5
    )
    external = (e**2 / ((squares - e**2 / unfitted) * unfitted)).astype(float)
    assert_close(
        kata.studentized_residuals(X, y, external=True), known * np.sign(e.astype(float)) * external**0.5, rtol=1e-5
    )
    distance = (e**2 * (1 - unfitted) / (squares * unfitted**2)).astype(float)
    assert_close(kata.cooks_distance(X, y), known * distance, rtol=1e-5)


def test_few_samples(kata):
    """If the variance has no degree of freedom, ValueError; one sample more is enough."""
    for X, y in [(X_SMALL[:3], Y_SMALL[:3]), (X_FEW, Y_FEW)]:
        for n_samples in (len(X) - 1, len(X) - 2):
            for external in (False, True):
                with pytest.raises(ValueError):
                    kata.studentized_residuals(X[:n_samples], y[:n_samples], external)
            with pytest.raises(ValueError):
                kata.cooks_distance(X[:n_samples], y[:n_samples])
        with pytest.raises(ValueError):
            kata.studentized_residuals(X, y, external=True)
        # One degree of freedom leaves residuals no choice but their sign.
        internal = kata.studentized_residuals(X, y, external=False)
        assert_close(internal, np.sign(y - fitted(X, y, X)), rtol=1e-8)
        assert_close(kata.cooks_distance(X, y), defined_distance(X, y), rtol=1e-8)
    # With two of them, external residuals have one.
    external = kata.studentized_residuals(X_FEW[:, :2], Y_FEW, external=True)
    assert_close(external, defined_residuals(X_FEW[:, :2], Y_FEW, external=True), rtol=1e-8)
    # The values of y do not matter.
    with pytest.raises(ValueError):
        kata.studentized_residuals(X_SMALL[:2], np.zeros(2), external=False)
    with pytest.raises(ValueError):
        kata.cooks_distance(X_SMALL[:2], np.zeros(2))


@pytest.mark.parametrize("unit", [2.0**10, 2.0**-10], ids=["large", "small"])
def test_units(kata, data, unit):
    """The units of the features and of y do not matter."""
    assert_close(kata.leverage(X_SMALL * unit), [0.7, 0.3, 0.3, 0.7], rtol=1e-6)
    X, y = data
    for units in ([1.0, 1.0, unit], [unit, unit, unit]):
        assert_measures(kata, X * units, y * unit, X, y, rtol=1e-6)


@strict
def test_origin(kata, data):
    """The origin does not matter: features and y may lie a million standard deviations from zero."""
    assert_close(kata.leverage(X_SMALL + 1e6), [0.7, 0.3, 0.3, 0.7], rtol=1e-6)
    X, y = data
    assert_measures(kata, X + np.array([1e7, -1e6, 1e3]), y - 1e7, X, y, rtol=1e-6, atol=1e-7)


@strict
def test_unlike_units(kata, data):
    """Units of features may be as unlike as those of an income and of an interest rate."""
    X, y = data
    assert_measures(kata, X * [2.0**14, 1.0, 2.0**-14], y, X, y, rtol=1e-6)


@strict
@pytest.mark.parametrize("kind", [int, np.int16], ids=["int64", "int16"])
def test_integers(kata, data, kind):
    """X and y may be integers of any type."""
    assert_close(kata.leverage(X_SMALL.astype(kind)), [0.7, 0.3, 0.3, 0.7])
    internal = kata.studentized_residuals(X_SMALL.astype(kind), Y_SMALL.astype(kind), external=False)
    assert_close(internal, defined_residuals(X_SMALL, Y_SMALL, external=False))
    X, y = data
    assert_measures(kata, X.astype(kind), np.rint(16 * y).astype(kind), X, 16 * y)


def test_many_samples(kata, rng):
    """30,000 samples take n p^2 time: no n by n matrix, and no fit for each sample."""
    X, y = rng.normal(size=(30_000, 2)), rng.normal(size=30_000)
    at = np.array([3, 29_998])
    centred = X - X.mean(axis=0)
    h = 1 / 30_000 + (centred[at] @ np.linalg.inv(centred.T @ centred) * centred[at]).sum(axis=1)
    e = (y - fitted(X, y, X))[at]
    s2 = variance(X, y)
    s2_without = (s2 * 29_997 - e**2 / (1 - h)) / 29_996
    assert_close(np.asarray(kata.leverage(X))[at], h)
    assert_close(np.asarray(kata.studentized_residuals(X, y, external=False))[at], e / np.sqrt(s2 * (1 - h)))
    assert_close(np.asarray(kata.studentized_residuals(X, y, external=True))[at], e / np.sqrt(s2_without * (1 - h)))
    assert_close(np.asarray(kata.cooks_distance(X, y))[at], e**2 * h / (3 * s2 * (1 - h) ** 2))


def workload(kata, rng, n):
    """Correlated features, some of them counts, and the same where a feature marks one sample."""
    X = rng.normal(size=(n + 8, 3)) + rng.normal(size=(n + 8, 1))
    X[:, 2] = np.rint(3 * X[:, 2])
    y = 5 + X @ rng.normal(size=3) + rng.normal(size=n + 8)
    y[3] += 20
    results = []
    for features in (X, np.column_stack([X, np.arange(n + 8) == 5])):
        internal = kata.studentized_residuals(features, y, external=False)
        external = kata.studentized_residuals(features, y, external=True)
        results += [kata.leverage(features), internal, external, kata.cooks_distance(features, y)]
    return tuple(results)


MISTAKES = {
    "no intercept in the leverage": [
        (
            "    basis = np.linalg.qr(X - X.mean(axis=0))[0]\n    return 1 / len(X) + (basis**2).sum(axis=1)\n",
            "    basis = np.linalg.qr(X)[0]\n    return (basis**2).sum(axis=1)\n",
        ),
    ],
    "a hat matrix of n by n": (
        "    basis = np.linalg.qr(X - X.mean(axis=0))[0]\n    return 1 / len(X) + (basis**2).sum(axis=1)\n",
        "    basis = np.linalg.qr(X - X.mean(axis=0))[0]\n    return 1 / len(X) + np.diag(basis @ basis.T)\n",
    ),
    "the mean's share of the leverage forgotten": (
        "    return 1 / len(X) + (basis**2).sum(axis=1)\n",
        "    return (basis**2).sum(axis=1)\n",
    ),
    "raw residuals over s": ("/ (n_free - external) * unfitted)", "/ (n_free - external))"),
    "divided by 1 - h instead of its root": (
        "residual / np.sqrt(squares / (n_free - external) * unfitted)",
        "residual / np.sqrt(squares / (n_free - external)) / unfitted",
    ),
    "variance over n": ("squares / (n_free - external)", "squares / len(X)"),
    "the intercept is no coefficient of s": (
        "n_free = len(X) - X.shape[1] - 1",
        "n_free = len(X) - X.shape[1]",
    ),
    "external ignored": ("    if external:\n        # The", "    if False:\n        # The"),
    "external taken the wrong way round": ("    if external:\n        # The", "    if not external:\n        # The"),
    "external variance over the degrees of freedom of all samples": (
        "squares / (n_free - external)",
        "squares / n_free",
    ),
    "the sample's own square is left out, but the fit is still to all": (
        "squares - residual**2 / unfitted",
        "squares - residual**2",
    ),
    "a refit for each sample": (
        "        squares = squares - residual**2 / unfitted\n",
        (
            "        squares = np.empty(len(X))\n"
            "        for i in range(len(X)):\n"
            "            rest = _residual(np.delete(X, i, axis=0), np.delete(y, i))\n"
            "            squares[i] = rest @ rest\n"
        ),
    ),
    "the size without the sign": (
        "return residual / np.sqrt(squares",
        "return abs(residual) / np.sqrt(squares",
    ),
    "Cook's distance with 1 - h, not squared": ("h / unfitted**2", "h / unfitted"),
    "Cook's distance over n_features": (
        "residual**2 / (n_coefficients * variance)",
        "residual**2 / (X.shape[1] * variance)",
    ),
    "Cook's distance not divided by p": ("residual**2 / (n_coefficients * variance)", "residual**2 / variance"),
    "Cook's distance without the leverage": ("* h / unfitted**2", "/ unfitted**2"),
    "Cook's distance with the variance of the others": (
        "    variance = residual @ residual / (len(X) - n_coefficients)\n",
        "    variance = (residual @ residual - residual**2 / unfitted) / (len(X) - n_coefficients - 1)\n",
    ),
    "a floor under 1 - h": (
        "    unfitted = np.where(1 - h < 1e-8, np.nan, 1 - h)\n    variance",
        "    unfitted = np.where(1 - h < 1e-8, np.nan, np.maximum(1 - h, 1e-3))\n    variance",
    ),
    "too few samples go unnoticed": ("n_free - external < 1", "n_free - external < 0"),
    "external residuals need no more samples": ("n_free - external < 1", "n_free < 1"),
    "a perfect fit has a distance": ("len(X) <= n_coefficients", "len(X) < n_coefficients"),
}

STRICT_MISTAKES = {
    "a column of ones, and the normal equations": (
        "    basis = np.linalg.qr(X - X.mean(axis=0))[0]\n    return 1 / len(X) + (basis**2).sum(axis=1)\n",
        ("    Z = np.column_stack([np.ones(len(X)), X])\n    return (Z @ np.linalg.inv(Z.T @ Z) * Z).sum(axis=1)\n"),
    ),
    "leverage 1 is left to rounding": [
        (
            "    unfitted = np.where(1 - h < 1e-8, np.nan, 1 - h)\n    squares",
            "    unfitted = 1 - h\n    squares",
        ),
        (
            "    unfitted = np.where(1 - h < 1e-8, np.nan, 1 - h)\n    variance",
            "    unfitted = 1 - h\n    variance",
        ),
    ],
    "NaN too early": (
        "    unfitted = np.where(1 - h < 1e-8, np.nan, 1 - h)\n    squares",
        "    unfitted = np.where(np.isclose(h, 1), np.nan, 1 - h)\n    squares",
    ),
    "leverage 1 gives a residual of 0": (
        "    return residual / np.sqrt(squares / (n_free - external) * unfitted)\n",
        "    return np.nan_to_num(residual / np.sqrt(squares / (n_free - external) * unfitted))\n",
    ),
    "deviations truncated to the kind of y": (
        "[0], y - y.mean()\n",
        "[0], (y - y.mean()).astype(y.dtype)\n",
    ),
}
