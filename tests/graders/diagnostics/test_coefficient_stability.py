from itertools import combinations_with_replacement

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# Each two rows determine a line, and so do all three. Of 27 resamples, 3 hold one row only; 6 give each line.
X_SMALL, Y_SMALL = np.array([[0.0], [1.0], [3.0]]), np.array([0.0, 2.0, 3.0])
LINES = np.array([[0.0, 2.0], [0.0, 1.0], [1.5, 0.5], [3 / 7, 13 / 14]])


def fit(X, y):
    return np.linalg.lstsq(np.column_stack([np.ones(len(y)), X]), y)[0]


def possible_fits(X, y):
    """Return the fits of all resamples that determine one."""
    design = np.column_stack([np.ones(len(y)), X])
    draws = [list(rows) for rows in combinations_with_replacement(range(len(y)), len(y))]
    return np.array([fit(X[rows], y[rows]) for rows in draws if np.linalg.matrix_rank(design[rows]) == 1 + X.shape[1]])


def drawn(kata, X, y, n_resamples, rng):
    """Return the answer if it has the right shape."""
    found = np.asarray(kata.bootstrap_coefficients(X, y, n_resamples, rng))
    assert_equal(found.shape, (n_resamples, 1 + X.shape[1]), what="the shape")
    return found


def misses(found, possible):
    """Return how far each fit is from the nearest possible one."""
    return abs(found[:, np.newaxis] - possible).max(axis=2).min(axis=1)


def test_resamples(kata, rng):
    """Each row of the result is the fit of n rows, drawn with replacement, each with its own y."""
    found = drawn(kata, X_SMALL, Y_SMALL, 100, rng)
    assert_close(misses(found, LINES), np.zeros(100), atol=1e-7, what="distances to possible fits")
    # Two features, of which neither rows nor columns are alike.
    X = np.array([[0.0, 3.0], [1.0, -1.0], [4.0, 2.0], [2.0, 7.0], [6.0, 1.0]])
    y = np.array([3.0, 1.0, -2.0, 8.0, 5.0])
    found = drawn(kata, X, y, 60, rng)
    assert_close(misses(found, possible_fits(X, y)), np.zeros(60), atol=1e-7, what="distances to possible fits")


def test_shares(kata, rng):
    """Every row is drawn with the same probability, each time, in every resample."""
    found = drawn(kata, X_SMALL, Y_SMALL, 400, rng)
    nearest = abs(found[:, np.newaxis] - LINES).max(axis=2).argmin(axis=1)
    counts = np.bincount(nearest, minlength=4)
    # Expected are 100 of each line, with a standard deviation of 8.7.
    assert_equal((counts > 40) & (counts < 160), np.ones(4, dtype=bool), what="shares of 4 fits are from 0.1 to 0.4")
    # A run of equal fits: chance gives at most 20 in a row, but for one run in a billion.
    changes = np.flatnonzero(np.diff(nearest, prepend=-1, append=-1))
    assert_equal(bool(np.diff(changes).max() <= 20), True, what="no more than 20 equal fits in a row")


def test_singular_resamples(kata, rng):
    """A resample that does not determine the fit is drawn anew until it does."""
    # One row of the six is 1 in x, so a third of resamples lacks it: (5/6)^6. Its fit is that of two group means.
    X, y = np.array([[0.0], [0.0], [1.0], [0.0], [0.0], [0.0]]), np.array([2.0, 2.0, 5.0, 2.0, 2.0, 2.0])
    assert_close(drawn(kata, X, y, 50, rng), np.tile([2.0, 3.0], (50, 1)), atol=1e-7)
    # As many rows as coefficients: a resample has to hold each row once.
    X, y = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 3.0]]), np.array([4.0, 1.0, 2.0])
    assert_close(drawn(kata, X, y, 20, rng), np.tile(fit(X, y), (20, 1)), atol=1e-7)
    # Seven rows that have to be there take 163 draws a resample, and 100 are not enough for more than half of them.
    y = np.array([2.0, 5.0, 1.0, 4.0, 3.0, 7.0, 6.0])
    expected = np.append(y[0], y[1:] - y[0])
    assert_close(drawn(kata, np.eye(7)[:, 1:], y, 12, rng), np.tile(expected, (12, 1)), atol=1e-7)
    # Of the resamples of four rows that determine the fit, 24 of 168 hold them all: 57 of 400, with a deviation of 7.
    X, y = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 3.0], [4.0, 4.0]]), np.array([4.0, 1.0, 2.0, 9.0])
    whole = abs(drawn(kata, X, y, 400, rng) - fit(X, y)).max(axis=1) < 1e-6
    assert_equal(bool(10 < whole.sum() < 105), True, what="from 10 to 105 of 400 resamples hold all four rows")
    # Three distinct rows on a line, of four: the fourth one has to be there, and two of the others.
    X, y = np.array([[0.0, 0.0], [1.0, 1.0], [3.0, 3.0], [1.0, 5.0]]), np.array([1.0, 3.0, 7.0, 0.0])
    found = drawn(kata, X, y, 30, rng)
    assert_close(found[:, 0] + found[:, 1:].sum(axis=1), np.full(30, 3.0), atol=1e-7, what="the fit at (1, 1)")
    assert_close(found[:, 0] + found[:, 1:] @ [1.0, 5.0], np.zeros(30), atol=1e-7, what="the fit at (1, 5)")


def test_perfect_fit(kata, rng):
    """If y follows the model exactly, all resamples have the same coefficients."""
    X = rng.integers(-9, 10, size=(15, 3)) + np.array([20.0, 0.0, -5.0])
    X[:4] = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    for weights in ([4.0, -2.0, 0.5, 3.0], [0.0, 0.0, 0.0, 0.0], [7.0, 0.0, 0.0, 0.0]):
        found = drawn(kata, X, weights[0] + X @ weights[1:], 8, rng)
        assert_close(found, np.tile(weights, (8, 1)), atol=1e-7)
    assert_close(drawn(kata, X_SMALL / 1024, 1 + X_SMALL[:, 0], 5, rng), np.tile([1.0, 1024], (5, 1)), rtol=1e-7)


def test_spread(kata, rng):
    """The coefficients vary as much as theory says, also if the errors grow away from the mean of x."""
    x = np.linspace(-3, 3, 120)
    y = 2 + x + x**2 * np.where(np.arange(120) % 2, 1, -1)
    design = np.column_stack([np.ones(120), x])
    residual = y - design @ fit(x[:, np.newaxis], y)
    bread = np.linalg.inv(design.T @ design)
    expected = np.sqrt(np.diag(bread @ ((design.T * residual**2) @ design) @ bread))
    found = drawn(kata, x[:, np.newaxis], y, 800, rng)
    ratio = found.std(axis=0) / expected
    # A standard deviation of 2.5 % by chance. Resampled residuals would be at 0.68 for the slope.
    assert_equal((ratio > 0.85) & (ratio < 1.18), np.ones(2, dtype=bool), what="spread over HC0 is from 0.85 to 1.18")


def test_sources_of_chance(kata):
    """The same state of rng gives the same coefficients, and another state gives others."""
    X, y = np.arange(20.0)[:, np.newaxis], np.arange(20.0) ** 2 % 7
    once, again, other = (kata.bootstrap_coefficients(X, y, 5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert_equal(again, once)
    assert_equal(bool((np.asarray(once) == np.asarray(other)).all()), False, what="equal under two seeds")
    assert_equal(len(np.unique(np.asarray(once)[:, 1])), 5, what="distinct slopes of 5 resamples")


def test_undetermined(kata, rng):
    """Samples that do not determine the fit raise ValueError."""
    y = np.array([1.0, 4.0, 2.0])
    for X in ([[2], [2], [2]], [[1, 2], [2, 4], [3, 6]], [[1, 0, 2], [0, 1, 5], [3, 1, 1]], [[1, 0], [2, 0], [4, 0]]):
        with pytest.raises(ValueError):
            kata.bootstrap_coefficients(np.array(X, dtype=float), y, 3, rng)


def test_sign_flips(kata, rng):
    """The rate is the share of resamples whose sign is opposite to that of the fit; 0 is opposite to nothing."""
    resampled = [[1.0, 2.0, -1.0, 3.0], [3, -1, -2, 0], [0, -4, 0, -5], [-2, -5, 4, -1e-6], [1e-6, 1, 5, 2]]
    resampled = np.array(resampled)
    assert_close(kata.sign_flip_rate(resampled, np.array([1.0, 0.5, -3.0, 0.0])), [0.2, 0.6, 0.4, 0.0])
    assert_close(kata.sign_flip_rate(resampled, np.array([-1e-6, -4.0, 1e6, 1e-6])), [0.6, 0.4, 0.4, 0.4])
    assert_close(kata.sign_flip_rate(np.zeros((3, 2)), np.array([1.0, -1.0])), [0.0, 0.0])
    assert_close(kata.sign_flip_rate(np.array([[-2.0, 3.0]]), np.array([2.0, 5.0])), [1.0, 0.0])
    resampled, coef = rng.integers(-2, 3, size=(9, 4)).astype(float), np.array([3.0, -1.0, 0.0, 2.0])
    expected = [sum(a * b < 0 for a in column) / 9 for column, b in zip(resampled.T, coef, strict=True)]
    assert_close(kata.sign_flip_rate(resampled, coef), expected)


def test_interval(kata, rng):
    """The ends of the interval are quantiles with linear interpolation, for each coefficient."""
    values = np.array([[5.0, 20.0], [1.0, 30.0], [2.0, -10.0], [4.0, 0.0], [3.0, 10.0]])
    for level, low, high in [(0.75, 1.5, 4.5), (0.5, 2.0, 4.0), (0.0, 3.0, 3.0), (1.0, 1.0, 5.0), (0.9, 1.2, 4.8)]:
        found = kata.percentile_interval(values, level=level)
        assert_close(found.low, [low, 10 * low - 20])
        assert_close(found.high, [high, 10 * high - 20])
    found = kata.percentile_interval(values)
    assert_close([found.low, found.high], [[1.1, -9.0], [4.9, 29.0]])
    found = kata.percentile_interval(np.array([[7.0, -2.0]]), level=0.8)
    assert_close([found.low, found.high], [[7.0, -2.0], [7.0, -2.0]])
    # Values in no order, with ties, and an even number of them.
    values = rng.permuted(np.repeat([[-8.0, 1e-6], [1.0, 2e-6], [1.0, 5e-6], [6.0, 9e-6]], 3, axis=0)[:10], axis=0)
    found = kata.percentile_interval(values, level=0.6)
    ordered = np.sort(values, axis=0)
    low, high = 0.2 * ordered[1] + 0.8 * ordered[2], 0.8 * ordered[7] + 0.2 * ordered[8]
    assert_close([found.low * [1, 1e6], found.high * [1, 1e6]], [low * [1, 1e6], high * [1, 1e6]])


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, rng, kind):
    """X and y may be integers of any type."""
    X, y = np.array([[0], [40], [100], [120]], dtype=kind), np.array([120, 100, 70, 60], dtype=kind)
    assert_close(kata.bootstrap_coefficients(X, y, 6, rng), np.tile([120.0, -0.5], (6, 1)), rtol=1e-7)


@strict
def test_small_coefficients(kata):
    """Coefficients near 1e-200 have a sign."""
    resampled = np.array([[1e-200, -3e-200], [-2e-200, -1e-200]])
    assert_close(kata.sign_flip_rate(resampled, np.array([1e-200, 4e-200])), [0.5, 1.0])


def workload(kata, rng, n):
    """Two features that nearly agree, whole numbers with ties, and what becomes of their coefficients."""
    X = rng.integers(0, 6, size=(n + 6, 2)).astype(float)
    X[:, 1] += 2 * X[:, 0]
    X[:3] = [[0, 0], [1, 2], [0, 1]]
    y = 1 + X @ [1.0, 0.5] + np.arange(n + 6) % 3
    resampled = rng.integers(-3, 6, size=(n + 3, 3)) / 4
    found = kata.bootstrap_coefficients(X, 1 + X @ [1.0, 0.5], 4, rng)
    return (
        np.shape(kata.bootstrap_coefficients(X, y, 2, rng)),
        np.round(np.asarray(found, dtype=float), 6) + 0.0,
        kata.sign_flip_rate(resampled, np.array([1.0, -1.0, 0.0])),
        kata.percentile_interval(resampled, level=0.8),
    )


DRAW = "rows = rng.integers(n, size=(n_resamples, n))"
SINGULAR = "singular = np.linalg.matrix_rank(design[rows]) < p"
AGAIN = "rows[singular] = rng.integers(n, size=(singular.sum(), n))"
CHECK = "if np.linalg.matrix_rank(design) < p:"
FITS = 'return np.einsum("kpn,kn->kp", np.linalg.pinv(design[rows]), y[rows])'
FLIPS = "return (resampled * np.sign(coef) < 0).mean(axis=0)"
ENDS = "low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2], axis=0)"
FIXED_X = "fitted = design @ np.linalg.pinv(design) @ y\n    return (fitted + NOISE) @ np.linalg.pinv(design).T"
RIDGE = (
    "turned = design[rows].transpose(0, 2, 1)\n    "
    "return np.linalg.solve(turned @ design[rows] + 1e-3 * np.eye(p), turned @ y[rows][:, :, None])[:, :, 0]"
)
MISTAKES = {
    "without replacement": (DRAW, "rows = rng.permuted(np.tile(np.arange(n), (n_resamples, 1)), axis=1)"),
    "n - 1 rows": (DRAW, DRAW + "\n    rows[:, -1] = rows[:, 0]"),
    "the last row is never drawn": (DRAW, "rows = rng.integers(n - 1, size=(n_resamples, n))"),
    "one resample for all": (DRAW, "rows = np.tile(rng.integers(n, size=n), (n_resamples, 1))"),
    "runs of neighbours": (DRAW, "rows = (rng.integers(n, size=(n_resamples, 1)) + np.arange(n)) % n"),
    "features and y apart": (FITS, FITS.replace("y[rows]", "y[rng.integers(n, size=rows.shape)]")),
    "residuals resampled": (FITS, FIXED_X.replace("NOISE", "(y - fitted)[rows]")),
    "normal errors": (FITS, FIXED_X.replace("NOISE", "(y - fitted).std() * rng.normal(size=rows.shape)")),
    "deviations from the fit": (FITS, FITS + " - np.linalg.pinv(design) @ y"),
    "singular resamples stay": (SINGULAR, "singular = np.zeros(n_resamples, dtype=bool)"),
    "drawn anew once": ("range(10_000)", "range(1)"),
    "drawn anew 100 times": ("range(10_000)", "range(100)"),
    "singular ones by the number of distinct rows": (
        SINGULAR,
        "singular = np.array([len(np.unique(one)) < p for one in rows])",
    ),
    "singular ones become the whole": (AGAIN, "rows[singular] = np.arange(n)"),
    "singular ones left out": (AGAIN, "rows = rows[~singular]"),
    "a ridge for safety": (FITS, RIDGE),
    "no intercept": [
        ("np.column_stack([np.ones(len(y)), X])", "X"),
        (FITS, FITS.replace("return ", "return np.column_stack([np.zeros(n_resamples), ") + "])"),
    ],
    "the intercept last": (FITS, FITS.replace("return ", "return np.roll(") + ", -1, axis=1)"),
    "slopes alone": (FITS, FITS + "[:, 1:]"),
    "one column a resample": (FITS, FITS + ".T"),
    "a seed of its own": (DRAW, "rng = np.random.default_rng(0)\n    " + DRAW),
    "undetermined data pass": (CHECK, "if n < 2:"),
    "fewer rows than coefficients alone": (CHECK, "if n < p:"),
    "the same sign": (FLIPS, FLIPS.replace("< 0", "> 0")),
    "0 is a flip": (FLIPS, FLIPS.replace("< 0", "<= 0")),
    "negative ones": (FLIPS, "return (resampled < 0).mean(axis=0)"),
    "the rarer sign": (FLIPS, "return np.minimum((resampled < 0).mean(axis=0), (resampled > 0).mean(axis=0))"),
    "counts": (FLIPS, FLIPS.replace("mean", "sum")),
    "shares of resamples that are not 0": (
        FLIPS,
        "return (resampled * np.sign(coef) < 0).sum(axis=0) / np.maximum((resampled != 0).sum(axis=0), 1)",
    ),
    "over all coefficients": (FLIPS, "return np.full(len(coef), (resampled * np.sign(coef) < 0).mean())"),
    "a floor under coefficients": (FLIPS, FLIPS.replace("< 0", "< -1e-5")),
    "1 - level on each side": (ENDS, "low, high = np.quantile(resampled, [1 - level, level], axis=0)"),
    "no interpolation": (ENDS, ENDS.replace("axis=0", "axis=0, method='lower'")),
    "places of n": (ENDS, ENDS.replace("axis=0", "axis=0, method='hazen'")),
    "mean and deviation": (
        ENDS,
        "m, s = resampled.mean(axis=0), 1.96 * resampled.std(axis=0)\n    low, high = m - s, m + s",
    ),
    "over all values": (ENDS, "low, high = " + ENDS[12:].replace(", axis=0", "") + "[:, None] + 0 * resampled[0]"),
    "ends swapped": ("return Interval(low, high)", "return Interval(high, low)"),
}

STRICT_MISTAKES = {
    "products of coefficients": (FLIPS, "return (resampled * coef < 0).mean(axis=0)"),
}
