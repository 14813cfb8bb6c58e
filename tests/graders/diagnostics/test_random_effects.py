import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# The deviations of x in each group are (-1, 1) and its means (0, 0, 2, 2). The deviations of y are 1 times those plus
# residuals of size (1, 1, 2, 0), so that var_error = 12 / (8 - 4 - 1) = 4. The means of y are 2 times those of x plus
# c (1, -1, 1, -1), so that var_effect = 4 c^2 / (4 - 1 - 1) - 4 / 2. Here c is 2.
X_SMALL = np.array([[-1.0], [1.0], [-1.0], [1.0], [1.0], [3.0], [1.0], [3.0]])
Y_SMALL = np.array([0.0, 4.0, -4.0, 0.0, 7.0, 5.0, 1.0, 3.0])
C = np.array([1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0])
GROUPS = np.array([7, 7, 2, 2, 5, 5, -1, -1])


@pytest.fixture
def data(rng):
    """Three features away from zero, and groups of 4, 1, 3, 2 and 2 rows that share a part of x and of y."""
    group = rng.permutation(np.repeat([0, 1, 2, 3, 4], [4, 1, 3, 2, 2]))
    X = 4.0 + rng.normal(size=(5, 3))[group] + rng.normal(size=(12, 3)) * [1, 2, 4]
    y = 9.0 + 5 * rng.normal(size=5)[group] + rng.normal(size=12)
    return X, y, np.array([12, 7, -1, 0, 3])[group]


def rss(A, b):
    return ((b - A @ np.linalg.lstsq(A, b)[0]) ** 2).sum()


def defined(X, y, groups):
    """Return coef, cov and the variances by the definition, with the whole matrix V."""
    n, k = X.shape
    labels = sorted(set(groups.tolist()))
    G, Z = len(labels), np.column_stack([np.ones(n), X])
    centred_X, centred_y = X.copy(), y.copy()
    for g in labels:
        centred_X[groups == g] -= X[groups == g].mean(axis=0)
        centred_y[groups == g] -= y[groups == g].mean()
    var_error = rss(centred_X, centred_y) / (n - G - k)
    Z_bar = np.array([Z[groups == g].mean(axis=0) for g in labels])
    y_bar = np.array([y[groups == g].mean() for g in labels])
    share = sum(1 / (groups == g).sum() for g in labels) / G
    var_effect = max(0, rss(Z_bar, y_bar) / (G - k - 1) - var_error * share)
    V = np.array([[var_error * (i == j) + var_effect * (groups[i] == groups[j]) for j in range(n)] for i in range(n)])
    inverse = np.linalg.inv(V)
    cov = np.linalg.inv(Z.T @ inverse @ Z)
    return cov @ (Z.T @ inverse @ y), cov, var_effect, var_error


def check(actual, expected, rtol=1e-6, atol=1e-9):
    for name, want in zip(("var_error", "var_effect", "coef", "cov"), (*expected[:1:-1], *expected[:2]), strict=True):
        assert_close(getattr(actual, name), want, rtol=rtol, atol=atol, what=name)


def hausman(kata, d, D):
    """Return what comes back for differences d and D."""
    d, D = np.array(d, dtype=float), np.array(D, dtype=float)
    return kata.hausman(d + 1, D + np.eye(len(d)), np.ones(len(d)), np.eye(len(d)))


def test_variances(kata, data):
    """var_error is from deviations within groups, and var_effect from group means less a share of var_error."""
    fit = kata.fit_random_effects(X_SMALL, Y_SMALL, GROUPS)
    assert_close([fit.var_error, fit.var_effect], [4.0, 6.0])
    X, y, groups = data
    for n_features in (1, 2, 3):
        fit = kata.fit_random_effects(X[:, :n_features], y, groups)
        expected = defined(X[:, :n_features], y, groups)
        assert_close(fit.var_error, expected[3], rtol=1e-6)
        assert_close(fit.var_effect, expected[2], rtol=1e-6, atol=1e-9)


def test_coefficients(kata, data):
    """The coefficients and their covariance matrix are those of generalised least squares, intercept first."""
    # The slope is 1 within groups and 2 between them, with variances 4 / 8 and (4 + 2 * 6) / 8.
    fit = kata.fit_random_effects(X_SMALL, Y_SMALL, GROUPS)
    assert_close(fit.coef, [0.8, 1.2])
    assert_close(fit.cov, [[2.4, -0.4], [-0.4, 0.4]])
    X, y, groups = data
    for n_features in (1, 2, 3):
        check(kata.fit_random_effects(X[:, :n_features], y, groups), defined(X[:, :n_features], y, groups))


def test_unequal_sizes(kata):
    """Groups of any size count once between groups, and 1 / n_g is averaged over groups."""
    X = np.array([[1.0], [3.0], [4.0], [8.0], [5.0], [2.0], [2.0], [0.0], [9.0]])
    y = np.array([3.0, 4.0, 9.0, 9.0, 2.0, 1.0, -3.0, 7.0, 14.0])
    for groups in ([0, 0, 0, 0, 0, 1, 1, 2, 3], [3, 1, 1, 1, 2, 2, 2, 2, 2], [0, 1, 2, 3, 4, 5, 5, 5, 5]):
        check(kata.fit_random_effects(X, y, np.array(groups)), defined(X, y, np.array(groups)), rtol=1e-9)


def test_no_effect(kata):
    """A var_effect below 0 becomes 0, which gives ordinary least squares. A small one stays."""
    for c, below in [(0.0, True), (0.5, True), (1.015625, False), (1.25, False)]:
        y = Y_SMALL + (c - 2) * C
        fit = kata.fit_random_effects(X_SMALL, y, GROUPS)
        assert_close([fit.var_effect, fit.var_error], [0.0 if below else 2 * c**2 - 2, 4.0])
        check(fit, defined(X_SMALL, y, GROUPS), rtol=1e-9)
        if below:
            assert_close(fit.coef, [0.5, 1.5])
            assert_close(fit.cov, [[0.75, -0.25], [-0.25, 0.25]])


def test_labels(kata, data):
    """Labels are names, and rows may come in any order."""
    for labels in ([0, 1, 2, 3], [9, -5, 3, 40], [3, 2, 1, 0], [-4, -3, 100, -90]):
        fit = kata.fit_random_effects(X_SMALL, Y_SMALL, np.repeat(labels, 2))
        check(fit, defined(X_SMALL, Y_SMALL, GROUPS))
    order = [6, 0, 3, 5, 2, 7, 4, 1]
    check(kata.fit_random_effects(X_SMALL[order], Y_SMALL[order], GROUPS[order]), defined(X_SMALL, Y_SMALL, GROUPS))
    X, y, groups = data
    expected = defined(X, y, groups)
    for order in (np.argsort(y), np.argsort(groups, kind="stable"), np.arange(12)[::-1]):
        check(kata.fit_random_effects(X[order], y[order], 3 - groups[order]), expected)


def test_units(kata):
    """Results have the units of X and y, however small the numbers are."""
    for unit in (2.0**-19, 2.0**17):
        fit = kata.fit_random_effects(X_SMALL, Y_SMALL * unit, GROUPS)
        assert_close(fit.coef / unit, [0.8, 1.2])
        assert_close(fit.cov / unit**2, [[2.4, -0.4], [-0.4, 0.4]])
        assert_close(np.array([fit.var_effect, fit.var_error]) / unit**2, [6.0, 4.0])
        fit = kata.fit_random_effects(X_SMALL * unit, Y_SMALL, GROUPS)
        assert_close(fit.coef * [1, unit], [0.8, 1.2])
        assert_close(fit.cov * [[1, unit], [unit, unit**2]], [[2.4, -0.4], [-0.4, 0.4]])
    # A plane in the features moves the coefficients alone, and effects may be far larger than errors.
    check(kata.fit_random_effects(X_SMALL, Y_SMALL + 5 - 3 * X_SMALL[:, 0], GROUPS), ([5.8, -1.8], *_rest()))
    y = Y_SMALL + 1000 * C
    check(kata.fit_random_effects(X_SMALL, y, GROUPS), defined(X_SMALL, y, GROUPS))


def _rest():
    return defined(X_SMALL, Y_SMALL, GROUPS)[1:]


def test_few_samples(kata, data):
    """G <= k + 1 or n <= G + k raises ValueError; one more of each is enough."""
    X = np.array([[0.0, 1.0], [1.0, 0.0], [3.0, 1.0], [4.0, 5.0], [2.0, 2.0], [5.0, 2.0], [3.0, 7.0]])
    y = np.array([2.0, 5.0, 1.0, 4.0, 4.0, 3.0, 0.0])
    for n, k, labels in [(7, 2, [0, 0, 1, 1, 2, 2, 3]), (5, 1, [0, 1, 1, 2, 2]), (6, 1, [0, 1, 1, 0, 2, 3])]:
        groups = np.array(labels)
        check(kata.fit_random_effects(X[:n, :k], y[:n], groups), defined(X[:n, :k], y[:n], groups))
    X, y, _ = data
    few = [
        (9, 1, [0, 1] * 4 + [0]),
        (9, 2, [0, 1, 2] * 3),
        (4, 1, [0, 1, 2, 2]),
        (6, 2, [0, 1, 2, 3, 3, 3]),
        (9, 1, [4] * 9),
    ]
    for n, k, groups in [*few, (6, 1, range(6))]:
        with pytest.raises(ValueError):
            kata.fit_random_effects(X[:n, :k], y[:n], np.array(groups))
    # Group means of y that are all 0.
    with pytest.raises(ValueError):
        kata.fit_random_effects(X_SMALL, np.array([1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 2.0, -2.0]), np.repeat([0, 1], 4))


def test_hausman(kata, rng):
    """The statistic is d' D^+ d with its sign, where D is fixed minus random; dof is the rank."""
    test = kata.hausman(np.array([1.0]), np.array([[0.5]]), np.array([1.2]), np.array([[0.4]]))
    assert_close(test.statistic, 0.4)
    assert_equal(test.dof, 1)
    cases = [
        # d, D, statistic
        ([1, 2], [[2, 1], [1, 3]], 7 / 5),
        ([1, -1], [[2, 1], [1, 2]], 2),
        ([0, 0], [[2, 1], [1, 2]], 0),
        ([1, 2], [[1, 0], [0, -2]], -1),
        ([3, 1], [[-2, 0], [0, -4]], -4.75),
        ([1, 2], [[1, 2], [2, 1]], 1),
        ([1, 2, 2], [[2, 1, 0], [1, 3, 0], [0, 0, 4]], 12 / 5),
    ]
    for d, D, expected in cases:
        assert_close(hausman(kata, d, D).statistic, expected)
        assert_equal(hausman(kata, d, D).dof, len(d))
    for k in (1, 2, 4):
        A = rng.normal(size=(k + 3, k))
        d, D = rng.normal(size=k), A.T @ A + 0.1 * np.eye(k)
        test = hausman(kata, d, D)
        assert_close(test.statistic, d @ np.linalg.inv(D) @ d, rtol=1e-6)
        assert_equal(test.dof, k)


def test_hausman_singular(kata):
    """Directions in which D is 0 count neither for the statistic nor for dof, and small directions count in full."""
    cases = [
        # d, D, statistic, dof
        ([2, 1], [[0.5, 0], [0, 0]], 8, 1),
        ([3, 1], [[1, 1], [1, 1]], 4, 1),
        ([3, 1], [[-1, -1], [-1, -1]], -4, 1),
        ([1, 2, 3], [[4, 0, 0], [0, 0, 0], [0, 0, -9]], 0.25 - 1, 2),
        ([1, 2, 3], [[1, 1, 1], [1, 1, 1], [1, 1, 1]], 4, 1),
        ([5, 7], [[0, 0], [0, 0]], 0, 0),
        ([5], [[0]], 0, 0),
        # At most 1e-10 times the largest.
        ([2, 1], [[1e6, 0], [0, 1e-6]], 4e-6, 1),
        ([2, 1], [[-1e6, 0], [0, 1e-6]], -4e-6, 1),
    ]
    for d, D, statistic, dof in cases:
        test = kata.hausman(np.array(d) * 1.0, np.array(D) * 1.0, np.zeros(len(d)), np.zeros((len(d), len(d))))
        assert_close(test.statistic, statistic)
        assert_equal(test.dof, dof)
    zero, small = np.zeros(2), np.array([10.0, 2e-3])
    test = kata.hausman(small, np.diag([200.0, 3e-6]), zero, np.diag([100.0, 2e-6]))
    assert_close(test.statistic, 1 + 4)
    assert_equal(test.dof, 2)
    for unit in (2.0**-19, 2.0**19):
        for d, D, statistic, dof in [([1, 2], [[2, 1], [1, 3]], 7 / 5, 2), ([3, 1], [[1, 1], [1, 1]], 4, 1)]:
            test = kata.hausman(np.array(d) * 2.0, unit * 4 * np.array(D), zero, zero[:, None] * zero)
            assert_close(test.statistic * unit, statistic)
            assert_equal(test.dof, dof)


@strict
def test_limit_of_rank(kata):
    """Singular values up to 1e-10 times the largest count as 0."""
    zero = np.zeros((2, 2))
    for scale in (1.0, 1e-5, 1e5):
        for small, dof in [(1e-12, 1), (-1e-12, 1), (5e-11, 1), (2e-10, 2), (-2e-10, 2)]:
            for sign in (1, -1):
                test = kata.hausman(np.array([0.0, 2.0]), scale * np.diag([small, sign]), np.zeros(2), zero)
                assert_close(test.statistic * scale, 4 * sign)
                assert_equal(test.dof, dof)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X and y may be integers of any type."""
    X, y = 30 * (X_SMALL + 1), 10 * (Y_SMALL + 5)
    check(kata.fit_random_effects(X.astype(kind), y.astype(kind), GROUPS), defined(X, y, GROUPS))


@strict
def test_large_labels(kata):
    """Labels may be any 64-bit integers."""
    low, high = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    for labels in ([high, high - 1, low, low + 1], [2**60, 2**60 + 1, 2**60 + 2, 0]):
        fit = kata.fit_random_effects(X_SMALL, Y_SMALL, np.repeat(np.array(labels), 2))
        check(fit, defined(X_SMALL, Y_SMALL, GROUPS))


@strict
def test_mixed_units(kata, data):
    """Features may be in units that differ by 1e10."""
    X, y, groups = data
    units = np.array([2.0**-17, 1.0, 2.0**17])
    coef, cov, _, _ = defined(X, y, groups)
    fit = kata.fit_random_effects(X * units, y, groups)
    assert_close(fit.coef[1:] * units, coef[1:], rtol=1e-6)
    assert_close(fit.cov[1:, 1:] * np.outer(units, units), cov[1:, 1:], rtol=1e-6)


@strict
def test_origin(kata, data):
    """Features and y may lie a million standard deviations from zero."""
    X, y, groups = data
    moved = kata.fit_random_effects(X + np.array([1e6, -2e6, 4e6]), y - 5e6, groups)
    coef, cov, var_effect, var_error = defined(X, y, groups)
    assert_close(moved.coef[1:], coef[1:], rtol=1e-5, atol=1e-6)
    assert_close(moved.cov[1:, 1:], cov[1:, 1:], rtol=1e-5, atol=1e-6)
    assert_close([moved.var_effect, moved.var_error], [var_effect, var_error], rtol=1e-5, atol=1e-6)


def workload(kata, rng, n):
    """Fit groups of one to four rows with two features, one of them counts, and a test of all slopes."""
    sizes = np.append([2, 3, 1, 4], rng.integers(1, 5, size=n))
    group = rng.permutation(np.repeat(np.arange(n + 4), sizes))
    X = rng.normal(size=(len(group), 2)) + rng.normal(size=(n + 4, 2))[group]
    X[:, 1] = np.rint(3 * X[:, 1])
    y = 2 + X @ [1.0, -0.5] + rng.normal(size=n + 4)[group] + rng.normal(size=len(group))
    fit = kata.fit_random_effects(X, y, 3 * group - 5)
    slopes, cov = np.asarray(fit.coef)[1:], np.asarray(fit.cov)[1:, 1:]
    return fit, kata.hausman(slopes + rng.normal(size=2), cov + np.array([[2.0, 1.0], [1.0, 2.0]]), slopes, cov)


CLIP = "max(0.0, _rss(means) / (len(sizes) - k - 1) - var_error * (1 / sizes).mean())"
WITHIN = "var_error = _rss((data - means[group])[:, 1:]) / (n - len(sizes) - k)"
THETA = "theta = 1 - np.sqrt(var_error / (var_error + sizes * var_effect))"
TRANSFORM = "data -= (theta[:, None] * means)[group]"
REFUSAL = "if len(sizes) <= k + 1 or n <= len(sizes) + k:"
COV = "var_error * root @ root.T"
DIFFERENCE = "difference = coef_fixed - coef_random"
SOLVE = "solution, _, rank, _ = np.linalg.lstsq(cov_fixed - cov_random, difference, rcond=1e-10)"
LAST = "return Hausman(float(difference @ solution), int(rank))"
MISTAKES = {
    "negative variances stay": (CLIP, CLIP[len("max(0.0, ") : -1]),
    "their sign is dropped": (CLIP, "abs" + CLIP[len("max") :].replace("0.0, ", "")),
    "a floor of 1e-6 under var_effect": (CLIP, CLIP.replace("0.0", "1e-6")),
    "small effects are none": (CLIP, CLIP + "\n    var_effect *= var_effect > 0.05 * var_error"),
    "the share of var_error stays in": (CLIP, "_rss(means) / (len(sizes) - k - 1)"),
    "all of var_error is taken off": ("var_error * (1 / sizes).mean()", "var_error"),
    "the mean size": ("(1 / sizes).mean()", "len(sizes) / n"),
    "groups weighted by size": ("(1 / sizes).mean()", "(1 / sizes[group]).mean()"),
    "one row per sample between groups": ("_rss(means) /", "_rss(means[group]) / n * len(sizes) /"),
    "weighted between regression": ("_rss(means) /", "_rss(means * np.sqrt(sizes / sizes.mean())[:, None]) /"),
    "no intercept between groups": ("_rss(means) /", "_rss(means[:, 1:]) /"),
    "G between": ("(len(sizes) - k - 1) -", "len(sizes) -"),
    "G - k between": ("(len(sizes) - k - 1) -", "(len(sizes) - k) -"),
    "n - k - 1 within": ("/ (n - len(sizes) - k)", "/ (n - k - 1)"),
    "n - G within": ("/ (n - len(sizes) - k)", "/ (n - len(sizes))"),
    "n - G - k - 1 within": ("/ (n - len(sizes) - k)", "/ max(n - len(sizes) - k - 1, 0.5)"),
    "variance within from plain residuals": (WITHIN, "var_error = _rss(data) / (n - len(sizes) - k)"),
    "standard deviations": (COV + ", float(var_effect), float(var_error)", COV + ", var_effect**0.5, var_error**0.5"),
    "var_effect and var_error swapped": (
        "float(var_effect), float(var_error))\n\n\ndef _rss",
        "float(var_error), float(var_effect))\n\n\ndef _rss",
    ),
    "theta without the root": (THETA, "theta = 1 - var_error / (var_error + sizes * var_effect)"),
    "theta of the mean size": (THETA, THETA.replace("sizes *", "np.full(len(sizes), sizes.mean()) *")),
    "theta without sizes": (THETA, THETA.replace("sizes *", "np.ones(len(sizes)) *")),
    "root instead of 1 - root": (THETA, THETA.replace("1 - ", "")),
    "fixed effects": (TRANSFORM, "data[:, 1:] -= means[group][:, 1:]"),
    "pooled least squares": (TRANSFORM, "data = data + 0"),
    "the intercept is not transformed": (TRANSFORM, "data[:, 1:] -= (theta[:, None] * means)[group][:, 1:]"),
    "covariance from the transformed residuals": (COV, "_rss(data) / (n - k - 1) * root @ root.T"),
    "covariance without var_error": (COV, "root @ root.T"),
    "covariance with the total variance": (COV, "(var_error + var_effect) * root @ root.T"),
    "the intercept of centred features": ("    root[0] -= shift @ root[1:]\n", ""),
    "the intercept comes last": ("return RandomEffects(coef,", "return RandomEffects(np.roll(coef, -1),"),
    "k + 1 groups pass": (REFUSAL, "if len(sizes) <= k or n <= len(sizes) + k:"),
    "k + 2 groups refused": (REFUSAL, "if len(sizes) <= k + 2 or n <= len(sizes) + k:"),
    "n = G + k passes": (REFUSAL, "if len(sizes) <= k + 1 or n < len(sizes) + k:"),
    "n = G + k + 1 refused": (REFUSAL, "if len(sizes) <= k + 1 or n <= len(sizes) + k + 1:"),
    "groups of one row refused": (REFUSAL, "if sizes.min() < 2 or len(sizes) <= k + 1 or n <= len(sizes) + k:"),
    "random minus fixed": ("np.linalg.lstsq(cov_fixed - cov_random", "np.linalg.lstsq(cov_random - cov_fixed"),
    "sum of covariances": ("np.linalg.lstsq(cov_fixed - cov_random", "np.linalg.lstsq(cov_fixed + cov_random"),
    "diagonal only": (SOLVE, SOLVE.replace("cov_fixed - cov_random", "np.diag(np.diag(cov_fixed - cov_random))")),
    "never negative": (LAST, "return Hausman(max(float(difference @ solution), 0.0), int(rank))"),
    "absolute value": (LAST, "return Hausman(abs(float(difference @ solution)), int(rank))"),
    "root of the statistic": (LAST, "return Hausman(abs(float(difference @ solution)) ** 0.5, int(rank))"),
    "dof is k": (LAST, "return Hausman(float(difference @ solution), len(difference))"),
    "no pseudo-inverse": (
        SOLVE,
        "solution, rank = np.linalg.solve(cov_fixed - cov_random, difference), len(difference)",
    ),
    "a loose limit of rank": (SOLVE, SOLVE.replace("1e-10", "1e-6")),
    "an absolute limit of rank": (SOLVE, SOLVE.replace("1e-10", "1e-5 / abs(cov_fixed - cov_random).max()")),
    "negative eigenvalues have no rank": (
        SOLVE,
        SOLVE + "\n    rank = (np.linalg.eigvalsh(cov_fixed - cov_random) > 1e-12).sum()",
    ),
}

STRICT_MISTAKES = {
    "the limit of rank is rounding": (SOLVE, SOLVE.replace("1e-10", "1e-15")),
    "labels as floats": ("np.unique(groups,", "np.unique(groups.astype(float),"),
    "normal equations about zero": [
        ("shift, level = X.mean(axis=0), y.mean()", "shift, level = 0 * X.mean(axis=0), 0.0"),
        ("basis, triangle = np.linalg.qr(data[:, :-1])", "basis = data[:, :-1]\n    triangle = basis.T @ basis"),
        (COV, "var_error * root"),
    ],
}
