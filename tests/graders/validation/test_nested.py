import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict


def fit_share(X, y, value):  # noqa: ARG001 - it looks at no feature
    """Predict a share of the mean of the training targets."""
    level = value * np.mean(y)
    return lambda X: np.full(len(X), level)


def fit_value(X, y, value):  # noqa: ARG001 - it looks at no row
    """Predict the hyperparameter itself."""
    return lambda X: np.full(len(X), float(value))


def fit_count(X, y, value):
    """Predict the hyperparameter times the number of training rows."""
    level = float(value) * len(y) if len(X) == len(y) else np.nan
    return lambda X: np.full(len(X), level)


def fit_code(X, y, value):
    """Predict a whole number that depends on every training row and on the row to predict.

    The first feature is the number of a row, and the hyperparameter is a large number.
    """
    code = sum(7919 * (number + 1) ** 3 * target for number, target in zip(X[:, 0].tolist(), y.tolist(), strict=True))
    return lambda X: np.array([(code + 271 * number) % float(value) for number in X[:, 0].tolist()])


def negative_error(y_true, y_pred):
    return -float(np.mean(np.abs(y_true - y_pred)))


def first_prediction(y_true, y_pred):  # noqa: ARG001 - it does not look at the targets
    return float(y_pred[0])


def product(y_true, y_pred):
    """Return a whole number that changes if the two are swapped."""
    return float(np.sum(y_true * y_true * y_pred))


SMALL = np.zeros((3, 1)), np.array([4.0, 6.0, 2.0])
LARGE = np.array([999_983.0, 900_007.0, 950_009.0])


@pytest.fixture(name="data")
def numbered(rng):
    """Twelve numbered rows in random order, with a second feature, and small whole targets."""
    return np.column_stack([rng.permutation(12), rng.normal(size=12)]), rng.integers(1, 9, size=12).astype(float)


def dealt(rng, numbers):
    """Return a fold for each of twelve rows: each of the numbers at least once, and the first of them most often."""
    return rng.permutation([*numbers, *rng.choice(numbers, size=8 - len(numbers)), *[numbers[0]] * 4])


def both(rng, outer, inner):
    """Return outer and inner folds of unequal sizes: no outer training set lacks an inner fold."""
    rows = rng.permutation(12)
    outer_of, inner_of = np.array([[0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2], [0, 0, 0, 1, 2, 0, 0, 1, 2, 0, 1, 2]])
    return outer[outer_of[rows]], inner[inner_of[rows]]


def held_out(fit, score, data, value, train, test):
    X, y = data
    return score(y[test], fit(X[train], y[train], value)(X[test]))


def searched(fit, score, data, grid, folds, among):
    """Return the winner and the mean scores by the definition, on some of the rows."""
    means = []
    for value in grid:
        scores = []
        for fold in sorted({folds[row].item() for row in among}):
            train = [row for row in among if folds[row] != fold]
            scores.append(held_out(fit, score, data, value, train, [row for row in among if folds[row] == fold]))
        means.append(sum(scores) / len(scores))
    return means.index(max(means)), means


def nested(fit, score, data, grid, outer, inner):
    scores, best = [], []
    for fold in sorted(set(outer.tolist())):
        train, test = np.flatnonzero(outer != fold).tolist(), np.flatnonzero(outer == fold).tolist()
        best.append(searched(fit, score, data, grid, inner, train)[0])
        scores.append(held_out(fit, score, data, grid[best[-1]], train, test))
    return scores, best


def assert_search(result, best, scores):
    assert_close(result.scores, scores)
    assert_equal(result.best, best)


def assert_nested(result, scores, best):
    assert_close(result.scores, scores)
    assert_equal(result.best, best)


def test_mean_over_folds(kata, rng, data):
    """The score of a candidate is the mean over the folds, each scored by a model trained on the other folds."""
    # Shares of 1 and 1/2. Trained on the 2: errors of 3 and 4. Trained on 4 and 6: errors of 3 and 1/2.
    result = kata.grid_search(fit_share, negative_error, *SMALL, np.array([1.0, 0.5]), np.array([7, 7, 3]))
    assert_search(result, 1, [-3.0, -2.25])
    for _ in range(2):
        folds = dealt(rng, [0, 1, 2])
        result = kata.grid_search(fit_code, product, *data, LARGE, folds)
        assert_search(result, *searched(fit_code, product, data, LARGE, folds, range(12)))


def test_fold_numbers(kata, rng, data):
    """Folds may have any numbers, in any order, and one row each."""
    for folds in (dealt(rng, [40, -3, 5]), dealt(rng, [1, 0]), rng.permutation(12), np.arange(12) // 6 * 9 - 5):
        result = kata.grid_search(fit_code, product, *data, LARGE[:2], folds)
        assert_search(result, *searched(fit_code, product, data, LARGE[:2], folds, range(12)))
    outer, inner = both(rng, np.array([7, -9, 100]), np.array([50, -1, 6]))
    result = kata.nested_score(fit_code, product, *data, LARGE[:2], outer, inner)
    assert_nested(result, *nested(fit_code, product, data, LARGE[:2], outer, inner))


def test_best(kata):
    """The winner has the highest mean score, also among negative scores and scores that are close."""
    for grid, best in [
        ([-5.0, -3.0, -4.0], 1),
        ([2e-6, 1e-6, 3e-6, 0.0], 2),
        ([0.5, 0.5 + 1e-6, 0.5 - 1e-6], 1),
        ([1e6, 1e6 - 0.1, 1e6 + 0.1], 2),
        ([-1e6, -1e6 - 1.0], 0),
        ([8.0], 0),
    ]:
        result = kata.grid_search(fit_value, first_prediction, *SMALL, np.array(grid), np.array([0, 1, 0]))
        assert_search(result, best, grid)
        result = kata.nested_score(fit_value, first_prediction, *SMALL, np.array(grid), np.arange(3), np.arange(3))
        assert_nested(result, [grid[best]] * 3, [best] * 3)


def test_ties(kata):
    """The first in the grid wins a tie, whatever the order of the values."""

    def distance(y_true, y_pred):
        return -float(abs(y_true.min() - y_pred[0]))

    X, y, folds = np.zeros((4, 1)), np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1])
    # Distances of 1 and 1, 0 and 2, 2 and 0; and those of 0 are 1 and 3.
    for grid, best in [([2.0, 1.0, 3.0], 0), ([3.0, 1.0, 2.0], 0), ([0.0, 3.0, 1.0, 2.0], 1), ([2.0, 2.0], 0)]:
        result = kata.grid_search(fit_value, distance, X, y, np.array(grid), folds)
        assert_search(result, best, [-(abs(1 - value) + abs(3 - value)) / 2 for value in grid])
        # An outer training set has one row of each target, in two inner folds. The lower target of a test set is 1.
        result = kata.nested_score(fit_value, distance, X, y, np.array(grid), np.array([0, 1, 0, 1]), folds)
        assert_nested(result, [-abs(1 - grid[best]), -abs(1 - grid[best])], [best, best])


def test_nested(kata, rng, data):
    """The inner search uses the outer training rows alone. Outer folds are in ascending order of their numbers."""
    # Without the 4, the errors of the two shares are 4 and 3. Without the 6: 2 and 1.5. Without the 2: 2 and 2.5.
    grid, folds = np.array([1.0, 0.5]), np.array([1, 2, 0])
    result = kata.nested_score(fit_share, negative_error, *SMALL, grid, folds, folds)
    assert_nested(result, [-3.0, -2.0, -4.5], [0, 1, 1])
    for _ in range(2):
        outer, inner = both(rng, np.arange(3), np.arange(3))
        result = kata.nested_score(fit_code, product, *data, LARGE, outer, inner)
        assert_nested(result, *nested(fit_code, product, data, LARGE, outer, inner))


def test_refit(kata):
    """The winner is fitted again, on all outer training rows."""
    X, y = np.arange(7.0)[:, None], np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0])
    outer, inner = np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 1, 2, 0, 1, 0, 1])
    result = kata.nested_score(fit_count, first_prediction, X, y, np.array([1.0, 3.0, 2.0]), outer, inner)
    assert_nested(result, [12.0, 15.0, 15.0], [1, 1, 1])


def test_missing_inner_folds(kata, rng, data):
    """An inner fold without a row among the outer training rows does not count."""
    folds = dealt(rng, [0, 1, 2])
    for outer, inner in [
        (folds, folds),
        (np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2]), np.array([5, 5, 1, 2, 1, 2, 1, 2, 1, 2, 2, 1])),
    ]:
        result = kata.nested_score(fit_code, product, *data, LARGE, outer, inner)
        assert_nested(result, *nested(fit_code, product, data, LARGE, outer, inner))


def test_one_fold(kata, data):
    """A single fold raises ValueError: in the search, outside, or inside among some outer training rows."""
    X, y = data
    one, two = np.zeros(12, dtype=int), np.arange(12) % 2
    with pytest.raises(ValueError):
        kata.grid_search(fit_share, negative_error, *SMALL, np.array([1.0, 0.5]), np.array([4, 4, 4]))
    # In the last, the other inner fold is in outer fold 0 alone.
    for outer, inner in [(one, two), (two, one), (two, two), (two, np.where(np.arange(12) == 2, 1, 0))]:
        with pytest.raises(ValueError):
            kata.nested_score(fit_share, negative_error, X, y, np.array([1.0, 0.5]), outer, inner)


@strict
def test_bad_input(kata, data):
    """Numbers of rows that differ raise ValueError."""
    X, y = data
    folds, grid = np.arange(12) % 3, np.array([1.0, 0.5])
    for arguments in [
        (X[:11], y, grid, folds),
        (X, y[:11], grid, folds),
        (X, y, grid, folds[:9]),
    ]:
        with pytest.raises(ValueError):
            kata.grid_search(fit_share, negative_error, *arguments)
        with pytest.raises(ValueError):
            kata.nested_score(fit_share, negative_error, *arguments, np.arange(len(arguments[3])) % 2)
    with pytest.raises(ValueError):
        kata.nested_score(fit_share, negative_error, X, y, grid, folds, folds[:10])


def fit_ridge(X, y, value):
    """Fit a line through the origin to the first feature, with a penalty."""
    slope = X[:, 0] @ y / (X[:, 0] @ X[:, 0] + value)
    return lambda X: slope * X[:, 0]


def workload(kata, rng, n):
    """Ridge on a few rows, a grid in which values repeat, and outer folds of unequal size."""
    X = rng.normal(size=(n + 9, 2))
    y = X[:, 0] + rng.normal(size=n + 9)
    outer = np.append([0, 1, 0], rng.integers(2, size=n + 6))
    grid = np.array([10.0, 0.0, 10.0])
    return (
        kata.grid_search(fit_ridge, negative_error, X, y, grid, rng.permutation(np.arange(n + 9) % 3)),
        kata.nested_score(fit_ridge, negative_error, X, y, grid, outer, np.arange(n + 9) % 3),
    )


SCORES = "scores = [[_held_out(fit, score, X, y, value, folds == fold) for fold in distinct] for value in grid]"
MEANS = "means = np.mean(scores, axis=1)"
BEST = "return Search(int(np.argmax(means)), means)"
SEARCH = "winner = grid_search(fit, score, X[~test], y[~test], grid, inner[~test]).best"
REFIT = "scores.append(_held_out(fit, score, X, y, grid[winner], test))"
HELD = "return score(y[test], fit(X[~test], y[~test], value)(X[test]))"
END = "return Nested(np.array(scores), np.array(best))\n\n\ndef _held"
OUTER = "for fold in np.unique(outer):"
MISTAKES = {
    "the search sees all rows": (SEARCH, "winner = grid_search(fit, score, X, y, grid, inner).best"),
    "one search for all outer folds": [
        (OUTER, "first = outer != outer.min()\n    " + OUTER),
        (SEARCH, "winner = grid_search(fit, score, X[first], y[first], grid, inner[first]).best"),
    ],
    "inner folds of the first rows": (SEARCH, SEARCH.replace("inner[~test]", "inner[: (~test).sum()]")),
    "the search on the test rows": (
        SEARCH,
        "winner = grid_search(fit, score, X[test], y[test], grid, inner[test]).best",
    ),
    "the best inner score instead of the outer": (
        REFIT,
        "scores.append(grid_search(fit, score, X[~test], y[~test], grid, inner[~test]).scores.max())",
    ),
    "the best candidate on the outer test rows": (
        SEARCH,
        "winner = int(np.argmax([_held_out(fit, score, X, y, value, test) for value in grid]))",
    ),
    "no refit: a model of the inner folds": (
        REFIT,
        (
            "part = ~test & (inner != inner[~test].min())\n"
            "        scores.append(score(y[test], fit(X[part], y[part], grid[winner])(X[test])))"
        ),
    ),
    "refit on all rows": (REFIT, "scores.append(score(y[test], fit(X, y, grid[winner])(X[test])))"),
    "the mean of the outer scores": (END, "return Nested(np.array(scores).mean(), np.array(best))\n\n\ndef _held"),
    "values instead of indices": (END, "return Nested(np.array(scores), grid[best])\n\n\ndef _held"),
    "outer folds by first appearance": (OUTER, "for fold in dict.fromkeys(outer.tolist()):"),
    "outer folds numbered from 0": (OUTER, "for fold in range(len(set(outer.tolist()))):"),
    "inner folds numbered from 0": ("distinct = np.unique(folds)", "distinct = np.arange(len(set(folds.tolist())))"),
    "the lowest score wins": (BEST, BEST.replace("argmax", "argmin")),
    "the last of a tie": (BEST, "return Search(len(means) - 1 - int(np.argmax(means[::-1])), means)"),
    "the smallest value of a tie": (
        BEST,
        "return Search(int(min(np.flatnonzero(means == means.max()), key=lambda i: grid[i])), means)",
    ),
    "close scores are ties": (BEST, "return Search(int(np.argmax(np.isclose(means, means.max()))), means)"),
    "the best of the single folds": (MEANS, "means = np.max(scores, axis=1)"),
    "medians": (MEANS, "means = np.median(scores, axis=1)"),
    "sums": (MEANS, "means = np.sum(scores, axis=1)"),
    "weighted by the sizes of folds": (
        MEANS,
        "means = np.average(scores, axis=1, weights=[(folds == fold).sum() for fold in distinct])",
    ),
    "a score of 0 to beat": (BEST, "return Search(int(np.argmax(means)) if means.max() > 0 else 0, means)"),
    "trained on one fold, scored on the others": (
        HELD,
        "return score(y[~test], fit(X[test], y[test], value)(X[~test]))",
    ),
    "scored on the training rows": (HELD, "return score(y[~test], fit(X[~test], y[~test], value)(X[~test]))"),
    "trained on the test rows, too": (HELD, "return score(y[test], fit(X, y, value)(X[test]))"),
    "prediction and target swapped": (HELD, "return score(fit(X[~test], y[~test], value)(X[test]), y[test])"),
    "an index instead of a value": (SCORES, SCORES.replace("for value in grid", "for value in range(len(grid))")),
    "one fold passes": ("if len(distinct) < 2:", "if len(distinct) < 1:"),
}

STRICT_MISTAKES = {
    "outer folds of another length": ("if not len(X) == len(y) == len(outer) == len(inner):", "if False:"),
}
