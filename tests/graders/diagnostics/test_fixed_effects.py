import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Deviations of x are -1, 1, -2, 2, those of y -2, 2, -2, 2: the slope is 12 / 10, and the RSS 1.6.
X_SMALL, Y_SMALL = np.array([[0.0], [2.0], [10.0], [14.0]]), np.array([1.0, 5.0, 1.0, 5.0])


@pytest.fixture
def data(rng):
    """Three features away from zero, and groups of 4, 1, 5, 2 and 2 rows whose effects are related to the features."""
    group = rng.permutation(np.repeat([0, 1, 2, 3, 4], [4, 1, 5, 2, 2]))
    level = 10 * rng.permutation(5)[group]
    X = 20.0 + level[:, None] + np.array([1, 2, 4]) * rng.integers(-9, 10, size=(14, 3))
    # Whatever was drawn, no feature is a sum of others within groups.
    X[group == 2] += 50 * np.vstack([np.zeros((2, 3)), np.eye(3)])
    y = 50.0 - 4 * level + X @ [2.0, -1.0, 0.5] + rng.integers(-100, 101, size=14) / 4
    return X, y, np.array([12, 7, -1, 0, 3])[group]


def defined(X, y, groups):
    """Return slopes, standard errors and effects by least squares with a column for each group."""
    labels = sorted(set(groups.tolist()))
    design = np.column_stack([X, *(groups == label for label in labels)])
    A = np.column_stack([np.linalg.lstsq(design, one)[0] for one in np.eye(len(X))])
    k, found = X.shape[1], A @ y
    variance = sum((y - design @ found) ** 2) / (len(X) - len(labels) - k)
    return found[:k], np.sqrt(variance * (A[:k] ** 2).sum(axis=1)), found[k:]


def assert_fit(fit, coef, standard_errors, effects, rtol=1e-6):
    assert_close(fit.coef, coef, rtol=rtol)
    assert_close(fit.standard_errors, standard_errors, rtol=rtol)
    assert_close(fit.effects, effects, rtol=rtol, atol=rtol * (1 + np.abs(effects).max()))


def test_slopes(kata, data):
    """The slopes are least squares of deviations from group means on deviations from group means."""
    assert_close(kata.fit_fixed_effects(X_SMALL, Y_SMALL, np.array([7, 7, 2, 2])).coef, [1.2])
    assert_close(kata.fit_fixed_effects(X_SMALL, -Y_SMALL, np.array([7, 7, 2, 2])).coef, [-1.2])
    # Larger groups count more: deviations of x are -1, 1 and -3, -1, 1, 3, those of y -3, 3 and 1, -1, 1, -1.
    X, y = np.array([[0.0], [2.0], [5.0], [7.0], [9.0], [11.0]]), np.array([0.0, 6.0, 8.0, 6.0, 8.0, 6.0])
    assert_close(kata.fit_fixed_effects(X, y, np.array([0, 0, 1, 1, 1, 1])).coef, [2 / 22])
    X, y, groups = data
    for n_features in (1, 2, 3):
        actual = kata.fit_fixed_effects(X[:, :n_features], y, groups).coef
        assert_close(actual, defined(X[:, :n_features], y, groups)[0], rtol=1e-6)
    # Constants that differ between groups change nothing.
    moved = kata.fit_fixed_effects(X + 3 * groups[:, None], y - 100 * groups, groups)
    assert_close(moved.coef, defined(X, y, groups)[0], rtol=1e-6)


def test_effects(kata, data):
    """The effect of a group is its mean of y minus that of x times the slopes."""
    assert_close(kata.fit_fixed_effects(X_SMALL, Y_SMALL, np.array([2, 2, 7, 7])).effects, [1.8, -11.4])
    X, y, groups = data
    fit, (coef, _, effects) = kata.fit_fixed_effects(X, y, groups), defined(X, y, groups)
    assert_fit(fit, coef, fit.standard_errors, effects)
    # Adding 5 to y moves all effects; with no slope they are the means of y.
    assert_close(kata.fit_fixed_effects(X, y + 5, groups).effects, effects + 5, rtol=1e-6, atol=1e-4)
    flat = kata.fit_fixed_effects(X_SMALL, np.array([3.0, 3.0, -8.0, -8.0]), np.array([2, 2, 7, 7]))
    assert_fit(flat, [0.0], [0.0], [3.0, -8.0])


def test_standard_errors(kata, data):
    """The residual variance is RSS / (n - G - k): each effect costs a degree of freedom."""
    assert_close(kata.fit_fixed_effects(X_SMALL, Y_SMALL, np.array([7, 7, 2, 2])).standard_errors, [0.4])
    X, y, groups = data
    for n_features in (1, 2, 3):
        actual = kata.fit_fixed_effects(X[:, :n_features], y, groups).standard_errors
        assert_close(actual, defined(X[:, :n_features], y, groups)[1], rtol=1e-6)
    merged = (groups > 0).astype(int)
    assert_fit(kata.fit_fixed_effects(X, y, merged), *defined(X, y, merged))


def test_order(kata, data):
    """Rows and labels may stand in any order; effects follow the labels, smallest first."""
    for groups, effects in [
        ([7, 7, 2, 2], [-11.4, 1.8]),
        ([-5, -5, 0, 0], [1.8, -11.4]),
        ([10, 10, 9, 9], [-11.4, 1.8]),
    ]:
        assert_fit(kata.fit_fixed_effects(X_SMALL, Y_SMALL, np.array(groups)), [1.2], [0.4], effects)
    order = [2, 0, 3, 1]
    mixed = kata.fit_fixed_effects(X_SMALL[order], Y_SMALL[order], np.array([2, 7, 2, 7]))
    assert_fit(mixed, [1.2], [0.4], [-11.4, 1.8])
    X, y, groups = data
    coef, errors, effects = defined(X, y, groups)
    for order in (np.argsort(groups, kind="stable"), np.argsort(y, kind="stable")):
        assert_fit(kata.fit_fixed_effects(X[order], y[order], groups[order]), coef, errors, effects)
    turned = [2, 0, 1]
    assert_fit(kata.fit_fixed_effects(X[:, turned], y, groups), coef[turned], errors[turned], effects)
    assert_fit(kata.fit_fixed_effects(X, y, -groups), coef, errors, effects[::-1])


def test_one_row(kata, data):
    """A group of one row has an effect and counts in G, and it changes no slope."""
    X, y = np.vstack([X_SMALL[:3], [[100.0]], X_SMALL[3:]]), np.array([1.0, 5.0, 1.0, 200.0, 5.0])
    fit = kata.fit_fixed_effects(X, y, np.array([7, 7, 2, 4, 2]))
    assert_fit(fit, [1.2], [0.4], [-11.4, 80.0, 1.8])
    X, y, groups = data
    split = np.where(np.arange(14) == np.flatnonzero(groups == -1)[0], 99, groups)
    assert_fit(kata.fit_fixed_effects(X, y, split), *defined(X, y, split))


def test_one_group(kata, data):
    """With one group it is ordinary least squares, and the effect is the intercept."""
    X, y, _ = data
    for label in (0, 3):
        groups = np.full(14, label)
        assert_fit(kata.fit_fixed_effects(X, y, groups), *defined(X, y, groups))
    # Mean 3 and deviations -2, 0, 2 of x; 5 and -3, 1, 2 of y: slope 10 / 8, RSS 14 - 12.5, one degree of freedom.
    fit = kata.fit_fixed_effects(np.array([[1.0], [3.0], [5.0]]), np.array([2.0, 6.0, 7.0]), np.zeros(3, dtype=int))
    assert_fit(fit, [1.25], [np.sqrt(1.5 / 8)], [1.25])


def test_constant_within_groups(kata, data):
    """A feature that is constant within every group raises ValueError; one that varies in one group does not."""
    X, y, groups = data
    for column in (np.where(groups > 0, 4.0, -2.0), np.full(14, 3.0), np.zeros(14), groups.astype(float)):
        for features in (column[:, None], np.column_stack([X[:, 0], column]), np.column_stack([column, X[:, :2]])):
            with pytest.raises(ValueError):
                kata.fit_fixed_effects(features, y, groups)
    once = groups + 2.0 * (np.arange(14) == np.flatnonzero(groups == -1)[1])
    for features in (once[:, None], np.column_stack([X[:, 0], once])):
        assert_fit(kata.fit_fixed_effects(features, y, groups), *defined(features, y, groups))
    # It varies little: by one in a thousand.
    slight = groups + (once - groups) / 1024
    actual = np.asarray(kata.fit_fixed_effects(slight[:, None], y, groups).coef) / 1024
    assert_close(actual, defined(once[:, None], y, groups)[0], rtol=1e-6)


def test_units(kata, data):
    """Slopes have the unit of y divided by the unit of their feature, however small they are."""
    groups = np.array([7, 7, 2, 2])
    fit = kata.fit_fixed_effects(X_SMALL, Y_SMALL * 1e-6, groups)
    assert_close(np.asarray(fit.coef) * 1e6, [1.2])
    assert_close(np.asarray(fit.standard_errors) * 1e6, [0.4])
    assert_close(np.asarray(fit.effects) * 1e6, [-11.4, 1.8])
    for unit in (1e-6, 1e5):
        fit = kata.fit_fixed_effects(X_SMALL * unit, Y_SMALL, groups)
        assert_fit(fit, [1.2 / unit], [0.4 / unit], [-11.4, 1.8])
    X, y, groups = data
    units, (coef, errors, effects) = np.array([2.0**-12, 1.0, 2.0**9]), defined(X, y, groups)
    assert_fit(kata.fit_fixed_effects(X * units, y, groups), coef / units, errors / units, effects, rtol=1e-5)


def test_few_samples(kata):
    """If n is not above G + k it raises ValueError; one more sample is enough."""
    X = np.array([[0.0, 1.0], [1.0, 0.0], [3.0, 1.0], [4.0, 5.0], [2.0, 2.0], [7.0, 1.0]])
    y = np.array([2.0, 5.0, 1.0, 4.0, 4.0, 3.0])
    for n_features, labels in [(1, [0, 0, 0]), (1, [4, 1, 1, 4]), (2, [3, 3, 3, 3]), (1, [0, 0, 1, 1, 2, 1])]:
        few = X[: len(labels), :n_features], y[: len(labels)], np.array(labels)
        assert_fit(kata.fit_fixed_effects(*few), *defined(*few))
    for n_features, groups in [
        (1, [0, 0]),
        (2, [4, 4, 1, 4]),
        (1, [1, 2, 1]),
        (1, [0, 1, 2]),
        (2, [0, 0, 1, 1, 2]),
    ]:
        with pytest.raises(ValueError):
            kata.fit_fixed_effects(X[: len(groups), :n_features], y[: len(groups)], np.array(groups))


@strict
def test_mixed_units(kata, data):
    """Units of features may differ by 1e9."""
    X, y, groups = data
    units, (coef, errors, effects) = np.array([1e-4, 1.0, 1e5]), defined(X, y, groups)
    assert_fit(kata.fit_fixed_effects(X * units, y, groups), coef / units, errors / units, effects, rtol=1e-5)


@strict
def test_inexact_means(kata, rng):
    """A feature is constant within groups also where its means are inexact."""
    groups = rng.permutation(np.repeat(np.arange(9), 7))
    X, y = rng.normal(size=(63, 2)), rng.normal(size=63)
    for column in (rng.normal(size=9)[groups], groups / 10, 1000 + rng.normal(size=9)[groups]):
        with pytest.raises(ValueError):
            kata.fit_fixed_effects(np.column_stack([X[:, 0], column]), y, groups)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """X and y may be integers of any type."""
    X, y = 9 * X_SMALL[::-1].astype(kind), np.array([100, 120, 0, 101], dtype=kind)
    groups = np.array([3, 3, 1, 1])
    assert_fit(kata.fit_fixed_effects(X, y, groups), *defined(X.astype(float), y.astype(float), groups))


@strict
def test_labels(kata):
    """Labels may be any 64-bit integers."""
    top = 2**63
    for groups, effects in [
        (np.array([-top, -top, top - 1, top - 1]), [1.8, -11.4]),
        (np.array([top - 1, top - 1, top - 2, top - 2]), [-11.4, 1.8]),
        (np.array([2 * top - 1, 2 * top - 1, 5, 5], dtype=np.uint64), [-11.4, 1.8]),
    ]:
        assert_fit(kata.fit_fixed_effects(X_SMALL, Y_SMALL, groups), [1.2], [0.4], effects)


@strict
def test_origin(kata, data):
    """Features and y may lie a million standard deviations from zero."""
    X, y, groups = data
    coef, errors, _ = defined(X, y, groups)
    moved = kata.fit_fixed_effects(X + np.array([1e7, -1e6, 1e3]), y - 1e7, groups)
    assert_close(moved.coef, coef, rtol=1e-5)
    assert_close(moved.standard_errors, errors, rtol=1e-5)


def workload(kata, rng, n):
    """Fit groups of unequal size, one of one row, whose effects are related to two of three features."""
    groups = np.append(rng.permutation(np.arange(n + 12) % (2 + n // 5)) * 3 - 1, 1_000)
    X = rng.normal(size=(n + 13, 3)) + np.column_stack([groups / 10, -groups / 5, np.zeros(n + 13)])
    X[:, 2] = np.rint(3 * X[:, 2])
    y = X @ rng.normal(size=3) + groups / 4 + rng.normal(size=n + 13)
    return kata.fit_fixed_effects(X, y, groups), kata.fit_fixed_effects(X[:, :1], y, groups // 4)


UNIQUE = "_, first, group, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)"
DOF = "dof = n - len(sizes) - k"
FEW = "if dof <= 0:"
CONSTANT = "if (X[first][group] == X).all(axis=0).any():"
WITHIN = "data -= means[group]"
EXPLAINED = "explained = basis.T @ data[:, -1]"
RESIDUAL = "residual = data[:, -1] - basis @ explained"
ERRORS = "errors = np.sqrt(residual @ residual / dof) * np.linalg.norm(root, axis=1)"
ANSWER = "return FixedEffects(coef, errors, level - shift @ coef + means[:, -1] - means[:, :-1] @ coef)"
LAST = "level - shift @ coef + means[:, -1] - means[:, :-1] @ coef"
MISTAKES = {
    "pooled least squares": (WITHIN, "means = 0 * means"),
    "the regression of group means": (WITHIN, "data = means[group] + 1e-9 * data"),
    "x is not demeaned": (WITHIN, "data[:, -1] -= means[group, -1]"),
    "y is not demeaned in the residuals": (RESIDUAL, "residual = (data + means[group])[:, -1] - basis @ explained"),
    "half of the mean": (WITHIN, "data -= means[group] / 2"),
    "sums instead of means": (" / sizes[:, None]", " / sizes.mean()"),
    "each group weighs the same": (WITHIN, WITHIN + "\n    data /= np.sqrt(sizes)[group][:, None]"),
    "deviations from the first row": (WITHIN, "data -= data[first][group]"),
    "neighbouring rows are the groups": (
        UNIQUE,
        UNIQUE + "\n    group = np.cumsum(np.append(0, np.diff(groups) != 0)) % len(sizes)",
    ),
    "groups in order of appearance": (ANSWER, ANSWER.replace(LAST, f"({LAST})[np.argsort(first)]")),
    "largest label first": (ANSWER, ANSWER.replace(LAST, f"({LAST})[::-1]")),
    "effects without a mean": (ANSWER, ANSWER.replace("level - shift @ coef + ", "")),
    "the first effect is the base": (
        ANSWER,
        f"effects = {LAST}\n    return FixedEffects(coef, errors, effects - effects[0])",
    ),
    "one effect a row": (ANSWER, ANSWER.replace(LAST, f"({LAST})[group]")),
    "means of y as effects": (ANSWER, ANSWER.replace(LAST, "level + means[:, -1]")),
    "effects are not below zero": (ANSWER, ANSWER.replace(LAST, f"np.maximum({LAST}, 0)")),
    "n - k - 1": (ERRORS, ERRORS.replace("/ dof", "/ (n - k - 1)")),
    "n - k": (ERRORS, ERRORS.replace("/ dof", "/ (n - k)")),
    "n - G": (ERRORS, ERRORS.replace("/ dof", "/ (dof + k)")),
    "n - G - k + 1": (ERRORS, ERRORS.replace("/ dof", "/ (dof + 1)")),
    "the population's variance": (ERRORS, ERRORS.replace("/ dof", "/ n")),
    "groups of one row do not count": (DOF, "dof = n - np.sum(sizes > 1) - k"),
    "groups of one row are left out": (DOF, "dof = n - len(sizes) - k - int(np.sum(sizes == 1))"),
    "G is the largest label": (DOF, "dof = n - (int(np.max(groups)) + 1) - k"),
    "variances": (
        ERRORS,
        ERRORS.replace("np.sqrt(residual @ residual / dof) *", "residual @ residual / dof *") + "**2",
    ),
    "errors of single regressions": (ERRORS, ERRORS.replace("norm(root, axis=1)", "norm(triangle, axis=0) ** -1")),
    "norms of columns": (ERRORS, ERRORS.replace("norm(root, axis=1)", "norm(root, axis=0)")),
    "clustered without a factor": (
        ERRORS,
        (
            "sums = [np.bincount(group, row) for row in root @ (basis * residual[:, None]).T]\n    errors = "
            "np.linalg.norm(sums, axis=1)"
        ),
    ),
    "a floor under the variance": (
        ERRORS,
        ERRORS.replace("residual @ residual / dof", "residual @ residual / dof + 1e-9"),
    ),
    "a small ridge": ("root = np.linalg.inv(triangle)", "root = np.linalg.inv(triangle + 1e-4 * np.eye(k))"),
    "a slope of 0 for a constant feature": [
        (CONSTANT, "if False:"),
        ("root = np.linalg.inv(triangle)", "root = np.linalg.pinv(triangle)"),
    ],
    "constant in one group is constant": (
        CONSTANT,
        "if any((X[group == g] == X[first[g]]).all(axis=0).any() for g in range(len(first)) if sizes[g] > 2):",
    ),
    "little variation is none": (CONSTANT, "if (np.abs(X[first][group] - X) < 1e-2).all(axis=0).any():"),
    "no degree of freedom is enough": (FEW, "if dof < 0:"),
    "two degrees of freedom at least": (FEW, "if dof <= 1:"),
}

STRICT_MISTAKES = {
    "inexact means": (
        CONSTANT,
        "if ((X - np.array([X[groups == g].mean(axis=0) for g in groups])) == 0).all(axis=0).any():",
    ),
    "labels as floats": (UNIQUE, UNIQUE.replace("np.unique(groups,", "np.unique(groups.astype(float),")),
    "deviations truncated": (
        "data = np.column_stack([X - shift, y - level])",
        "data = np.column_stack([X - shift, (y - level).astype(y.dtype)])",
    ),
}
