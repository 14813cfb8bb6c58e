from itertools import combinations

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict


def fit_mean(X, y):  # noqa: ARG001 - it looks at no feature
    """Predict the mean of the training targets."""
    return lambda rows: np.full(len(rows), np.mean(y))


def fit_line(X, y):
    """Fit a straight line to the first feature."""
    middle = X[:, 0].mean()
    slope = (X[:, 0] - middle) @ y / ((X[:, 0] - middle) ** 2).sum()
    return lambda rows: y.mean() + slope * (rows[:, 0] - middle)


def fit_memory(X, y):
    """Know the target of each row that was seen in training, and -1 for all others."""
    known = {tuple(row): target for row, target in zip(X.tolist(), y.tolist(), strict=True)}
    return lambda rows: np.array([known.get(tuple(row), -1.0) for row in rows.tolist()])


def fit_marks(X, y):
    """Add up a power of two, times its target, for each training row, and the number of the row to predict.

    The number of a row is its first feature. The sum tells which rows were seen with which targets.
    """
    seen = sum(2.0**number * target for number, target in zip(X[:, 0].tolist(), y.tolist(), strict=True))
    return lambda rows: seen + rows[:, 0] / 64


def marks(X, y, folds):
    """Return what fit_marks predicts out of fold."""
    numbers, targets, of = X[:, 0].tolist(), y.tolist(), folds.tolist()
    seen = {
        fold: sum(2.0**number * target for number, target, its in zip(numbers, targets, of, strict=True) if its != fold)
        for fold in set(of)
    }
    return [seen[fold] + number / 64 for number, fold in zip(numbers, of, strict=True)]


def rows(rng, n):
    """Return numbered rows in random order, with a second feature, and small whole targets."""
    X = np.column_stack([rng.permutation(n), rng.normal(size=n)]).astype(float)
    return X, rng.integers(1, 8, size=n).astype(float)


def minimum(P, y):
    """Find the set of models whose least-squares fit meets the conditions of the minimum.

    They are: weights of at least 0, and no model outside the set that would reduce the error if it were let in.
    """
    n_models, gram, moment = P.shape[1], P.T @ P, P.T @ y
    found = []
    for size in range(n_models + 1):
        for models in map(list, combinations(range(n_models), size)):
            weights = np.zeros(n_models)
            weights[models] = np.linalg.solve(gram[np.ix_(models, models)], moment[models])
            slope = moment - gram @ weights
            slope[models] = 0
            found.append((max(-weights.min(), slope.max() / np.trace(gram)), weights))
    return min(found, key=lambda each: each[0])[1]


def blended(rng, n, weights, noise=0.3):
    """Return predictions that have much in common, and the targets that they make with these weights, plus noise."""
    target = rng.normal(size=(n, 1))
    P = rng.normal(size=(n, len(weights))) + 1.5 * target + rng.uniform(1.0, 3.0)
    return P, P @ weights + noise * rng.normal(size=n)


def test_no_row_is_seen(kata, rng):
    """No row is predicted by a model that was trained on it."""
    X, y, folds = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([4.0, 5.0, 6.0, 7.0]), np.array([0, 0, 1, 1])
    assert_close(kata.out_of_fold_predictions([fit_memory], X, y, folds), [[-1.0]] * 4)
    for n, n_folds in [(7, 2), (8, 3), (5, 5)]:
        X, y = rows(rng, n)
        folds = rng.permutation(np.arange(n) % n_folds)
        assert_close(kata.out_of_fold_predictions([fit_memory], X, y, folds), -np.ones((n, 1)))
    # Rows with the same number are other rows if they are in another fold.
    X, y, folds = np.array([[1.0], [1.0], [2.0]]), np.array([3.0, 5.0, 8.0]), np.array([0, 1, 1])
    assert_close(kata.out_of_fold_predictions([fit_memory], X, y, folds), [[5.0], [3.0], [-1.0]])


def test_all_other_folds(kata, rng):
    """A model is trained on all rows of all other folds, each with its own target."""
    X, y, folds = np.array([[0.0], [1.0], [2.0]]), np.array([3.0, 5.0, 7.0]), np.array([0, 1, 2])
    assert_close(kata.out_of_fold_predictions([fit_mean], X, y, folds), [[6.0], [5.0], [4.0]])
    for sizes in ([4, 4, 4], [1, 9, 2, 5], [12, 1], [1] * 4):
        n = sum(sizes)
        X, y = rows(rng, n)
        folds = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
        expected = np.transpose([marks(X, y, folds)])
        assert_close(kata.out_of_fold_predictions([fit_marks], X, y, folds), expected, rtol=1e-12)


def test_folds_by_any_number(kata, rng):
    """Folds are numbered by any integers, in any order, and each prediction belongs to its own row."""
    X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 2.0, 4.0, 8.0])
    folds = np.array([7, -2, 100, 7])
    assert_close(kata.out_of_fold_predictions([fit_mean], X, y, folds), [[3.0], [13 / 3], [11 / 3], [3.0]])
    for pair in ([3, 5], [5, 3], [-1, 0], [1, 2]):
        folds = np.array(pair)[[0, 1, 1, 0]]
        expected = [[3.0], [4.5], [4.5], [3.0]]
        assert_close(kata.out_of_fold_predictions([fit_mean], X, y, folds), expected)
    X, y = rows(rng, 14)
    folds = np.array([40, -3, -3, 9, 40, 2, 2, -3, 9, 9, 40, -3, 2, 11])
    expected = np.transpose([marks(X, y, folds)])
    assert_close(kata.out_of_fold_predictions([fit_marks], X, y, folds), expected, rtol=1e-12)


def test_columns_are_models(kata, rng):
    """Column j has the predictions of model j, for one model, for several, and for more models than rows."""
    X, y, folds = np.array([[0.0], [2.0], [3.0]]), np.array([1.0, 5.0, 1.0]), np.array([0, 1, 1])
    many = [fit_mean, fit_memory, fit_mean, fit_marks]
    first = [3.0, -1.0, 3.0, 28.0]
    expected = [first, [1.0, -1.0, 1.0, 1 + 2 / 64], [1.0, -1.0, 1.0, 1 + 3 / 64]]
    assert_close(kata.out_of_fold_predictions(many, X, y, folds), expected)
    X, y = rows(rng, 12)
    y = y + 0.25 * X[:, 0]
    folds = rng.permutation(np.repeat([0, 1], [7, 5]))
    expected = np.empty((12, 2))
    for fold in (0, 1):
        own, kept = folds == fold, folds != fold
        expected[own, 0] = np.polyval(np.polyfit(X[kept, 0], y[kept], 1), X[own, 0])
        expected[own, 1] = y[kept].mean()
    assert_close(kata.out_of_fold_predictions([fit_line, fit_mean], X, y, folds), expected, rtol=1e-7)
    assert_close(kata.out_of_fold_predictions([fit_mean, fit_line], X, y, folds), expected[:, ::-1], rtol=1e-7)


def test_one_fold(kata, rng):
    """ValueError if there is only one fold: no row is left to train on."""
    X, y = rows(rng, 4)
    for folds in ([0] * 4, [3] * 4, [-1] * 4):
        with pytest.raises(ValueError):
            kata.out_of_fold_predictions([fit_memory], X, y, np.array(folds))


def test_weights(kata, rng):
    """The weights minimise the squared error: there is no intercept, and they need not sum to 1."""
    assert_close(kata.fit_blend(np.array([[1.0], [3.0]]), np.array([2.0, 7.0])), [2.3], rtol=1e-6)
    P, y = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]]), np.array([3.0, 5.0, 4.0])
    assert_close(kata.fit_blend(P, y), [3.0, 2.0], rtol=1e-5)
    # Two models that differ by 2 %: their mean is (10, 10, 10, 10), half their difference 0.1 (1, -1, 1, -1). The blend
    # is w_1 + w_2 times the one and w_1 - w_2 times the other, here 1 and -0.4; (1, 1, -1, -1) is orthogonal to both.
    P = np.array([[10.1, 9.9], [9.9, 10.1], [10.1, 9.9], [9.9, 10.1]])
    assert_close(kata.fit_blend(P, np.array([9.96, 10.04, 9.96, 10.04])), [0.3, 0.7], rtol=1e-5)
    assert_close(kata.fit_blend(P, np.array([10.96, 11.04, 8.96, 9.04])), [0.3, 0.7], rtol=1e-5)
    for weights in ([0.7], [0.2, 0.9], [1.4, 0.6, 0.3], [0.05, 0.1, 0.3, 0.2]):
        P, y = blended(rng, 40, weights, noise=0.05)
        expected = np.linalg.solve(P.T @ P, P.T @ y)
        if expected.min() > 0.001:
            assert_close(kata.fit_blend(P, y), expected, rtol=1e-5, atol=1e-6)
        # Of an exact blend, the weights come back.
        exact = P @ weights
        assert_close(kata.fit_blend(P, exact), weights, rtol=1e-5, atol=1e-6)
    # In other units, too.
    assert_close(kata.fit_blend(1e-4 * P, 1e-5 * exact), 0.1 * np.array(weights), rtol=1e-5, atol=1e-7)
    assert_close(kata.fit_blend(1e4 * P, exact), 1e-4 * np.array(weights), rtol=1e-5, atol=1e-10)


def test_non_negative(kata, rng):
    """No weight is negative, and the others are those of the smallest error under this constraint."""
    assert_close(kata.fit_blend(np.array([[1.0, 1.0], [1.0, 2.0]]), np.array([1.0, 0.0])), [0.5, 0.0], atol=1e-5)
    # Two models that differ by 2 %; without the constraint the weights would be 1.25 and -0.25.
    P, y = np.array([[10.1, 9.9], [9.9, 10.1], [10.1, 9.9], [9.9, 10.1]]), np.array([10.15, 9.85, 10.15, 9.85])
    assert_close(kata.fit_blend(P, y), [200.03 / 200.02, 0.0], rtol=1e-5, atol=1e-5)
    for P, y in (
        # Without the constraint a model has a negative weight here that has a positive one with it.
        (
            [[4.0, 4.0, -1.0, -1.0], [1.0, 1.0, 3.0, 5.0], [2.0, 1.0, 1.0, 4.0], [5.0, -1.0, 4.0, -1.0]],
            [6.0, 6.0, 1.0, 4.0],
        ),
        ([[4.0, -1.0, 4.0], [1.0, -1.0, 3.0], [0.0, 2.0, -2.0], [4.0, 5.0, 2.0]], [5.0, 7.0, 8.0, 2.0]),
        (
            [[4.0, 5.0, -1.0, 2.0], [-1.0, 1.0, -1, -2.0], [5.0, 0.0, -1.0, 4.0], [1.0, 2.0, 5, 2.0], [-2.0, 1, 5, 1]],
            [1.0, 4.0, 4.0, 7.0, 0.0],
        ),
    ):
        models, targets = np.array(P), np.array(y)
        expected = minimum(models, targets)
        for order in (slice(None), slice(None, None, -1)):
            assert_close(kata.fit_blend(models[:, order], targets), expected[order], rtol=1e-5, atol=1e-5)
    for weights in ([0.8, -0.5], [1.2, -0.4, 0.3], [-0.6, 0.9, -0.3, 0.4], [0.5, 0.4, -0.7, 0.2, 0.3]):
        P, y = blended(rng, 30, weights)
        assert_close(kata.fit_blend(P, y), minimum(P, y), rtol=1e-5, atol=1e-5)


def test_useless_models(kata, rng):
    """A model that does not help has the weight 0, and so have all if none helps."""
    for P, y in (
        ([[1.0], [2.0]], [-3.0, 1.0]),
        ([[1.0, 2.0], [3.0, 1.0]], [-1.0, -2.0]),
        ([[1.0, 2.0], [3.0, 1.0]], [0.0, 0.0]),
        ([[-1.0, -5.0, -0.25]], [4.0]),
    ):
        assert_close(kata.fit_blend(np.array(P), np.array(y)), np.zeros(len(P[0])), atol=1e-6)
    y = rng.normal(size=20)
    P = np.column_stack([-y + 0.1 * rng.normal(size=20), 2 * y])
    assert_close(kata.fit_blend(P, y), [0.0, 0.5], rtol=1e-5, atol=1e-6)


@strict
def test_lengths(kata, rng):
    """ValueError if X, y and folds, or predictions and y, differ in length."""
    X, y = rows(rng, 6)
    folds = np.array([0, 1, 0, 1, 2, 2])
    for a, b, c in [(X[:5], y, folds), (X, y[:5], folds), (X, y, folds[:5]), (X[:5], y[:5], folds)]:
        with pytest.raises(ValueError):
            kata.out_of_fold_predictions([fit_mean], a, b, c)
    for P, target in [(X, y[:5]), (X[:5], y), (X[:1], y), (X, y[:1])]:
        with pytest.raises(ValueError):
            kata.fit_blend(P, target)


@strict
def test_any_best_weights(kata):
    """Two models may be equal, and one may predict 0 everywhere: any weights of the smallest error will do."""
    P = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 0.0], [4.0, 4.0, 0.0]])
    for models in ([0, 1], [0, 2], [2, 0, 1], [2]):
        for y in (np.array([2.0, 4.5, 7.0]), np.array([-1.0, -2.0, 1.0])):
            weights = kata.fit_blend(P[:, models], y)
            assert_equal(bool((weights >= 0).all()), True)
            share = max(0.0, float(P[:, 0] @ y) / 21) * (models != [2])
            assert_close(P[:, models] @ weights, share * P[:, 0], rtol=1e-5, atol=1e-6)


@strict
def test_number_of_fits(kata, rng):
    """Each fit is called exactly once for each fold."""
    X, y = rows(rng, 9)
    folds, calls = np.array([5, 1, 1, 5, 2, 8, 8, 5, 2]), []

    def counted(name):
        def fit(rows, targets):
            calls.append(name)
            return fit_mean(rows, targets)

        return fit

    kata.out_of_fold_predictions([counted("a"), counted("b")], X, y, folds)
    assert_equal(sorted(calls), ["a"] * 4 + ["b"] * 4)


@strict
def test_kinds(kata):
    """Arrays may hold integers of any type: nothing wraps around or is truncated."""
    for kind in (np.int8, np.uint8, int):
        X, y = np.array([[0], [2], [3]]).astype(kind), np.array([100, 125, 120]).astype(kind)
        out = kata.out_of_fold_predictions([fit_mean, fit_memory], X, y, np.array([0, 1, 1]).astype(kind))
        assert_close(out, [[122.5, -1.0], [100.0, -1.0], [100.0, -1.0]])
        P = np.array([[100, 0], [100, 100], [0, 120]]).astype(kind)
        assert_close(kata.fit_blend(P, np.array([50, 80, 36]).astype(kind)), [0.5, 0.3], rtol=1e-5)


def workload(kata, rng, n):
    """Predict n rows and more out of fold, and blend three models, one of them useless."""
    X = rng.normal(size=(n + 6, 2))
    y = X[:, 0] + 0.5 * X[:, 1] + 0.3 * rng.normal(size=n + 6) + 2
    folds = np.arange(n + 6) % 2
    predictions = kata.out_of_fold_predictions([fit_line], X, y, folds)
    P = np.column_stack([y + 0.3 * X[:, 1], 0.6 * y + 0.5 * rng.normal(size=n + 6), X[:, 1] - y])
    return predictions, kata.fit_blend(P, y)


def picture(kata, rng):
    """Draw the error of a model in sample and out of fold, and what the blend makes of both."""
    x = np.sort(rng.uniform(0, 6, size=60))
    y = np.sin(x) + 0.3 * rng.normal(size=60)
    folds, wide = np.arange(60) % 5, np.ones(60)
    neighbours = [1, 2, 3, 5, 8, 12, 20, 30]

    def fit_nearest(k):
        def fit(X, targets):
            return lambda rows: np.array([targets[np.argsort(np.abs(X[:, 0] - a))[:k]].mean() for a in rows[:, 0]])

        return fit

    X = np.column_stack([x, wide])
    out = kata.out_of_fold_predictions([fit_nearest(k) for k in neighbours], X, y, folds)
    seen = np.column_stack([fit_nearest(k)(X, y)(X) for k in neighbours])
    errors = [((each - y[:, np.newaxis]) ** 2).mean(axis=0) for each in (seen, out)]
    weights = [kata.fit_blend(each, y) for each in (seen, out)]
    return [
        Panel(
            "k nearest neighbours",
            "k",
            "mean squared error",
            [Line(neighbours, errors[0], "in sample"), Line(neighbours, errors[1], "out of fold")],
            note="In sample, one neighbour is perfect: it is the row itself.",
        ),
        Panel(
            "Weights of the blend",
            "k",
            "weight",
            [Line(neighbours, weights[0], "from in-sample predictions"), Line(neighbours, weights[1], "out of fold")],
            note="In sample, the blend trusts the model that overfits most.",
        ),
    ]


FIT = "predictions[inside, model] = fit(X[~inside], y[~inside])(X[inside])"
LOOP = "for fold in distinct:"
OUT = "    return predictions\n"
ONE_FOLD = 'raise ValueError("with only one fold, no row is left to train on")'
CHOICE = "if (weights >= 0).all() and error < least:"
BLEND = "    return best\n"
FITTED = "np.linalg.lstsq(predictions[:, models], y, rcond=None)[0]"
FREE = "np.linalg.lstsq(predictions, y, rcond=None)[0]"
MISTAKES = {
    "trained on all rows": (FIT, "predictions[inside, model] = fit(X, y)(X[inside])"),
    "trained on its own fold": (FIT, "predictions[inside, model] = fit(X[inside], y[inside])(X[inside])"),
    "trained on the folds before": (
        FIT,
        (
            "rest = folds < fold if (folds < fold).any() else ~inside\n"
            "            predictions[inside, model] = fit(X[rest], y[rest])(X[inside])"
        ),
    ),
    "trained on one other fold": (
        FIT,
        (
            "rest = folds == distinct[(np.flatnonzero(distinct == fold)[0] + 1) % len(distinct)]\n"
            "            predictions[inside, model] = fit(X[rest], y[rest])(X[inside])"
        ),
    ),
    "one row left out, not its fold": (
        FIT,
        (
            "for row in np.flatnonzero(inside):\n"
            "                rest = np.arange(len(y)) != row\n"
            "                predictions[row, model] = fit(X[rest], y[rest])(X[[row]])[0]"
        ),
    ),
    "targets of other rows": (FIT, FIT.replace("y[~inside]", "y[: np.sum(~inside)]")),
    "the model of each fold predicts all rows, and the mean counts": [
        (FIT, "predictions[:, model] += fit(X[~inside], y[~inside])(X) / len(distinct)"),
        ("np.empty((len(y), len(fits)))", "np.zeros((len(y), len(fits)))"),
    ],
    "the last fold's model predicts all": (FIT, "predictions[:, model] = fit(X[~inside], y[~inside])(X)"),
    "folds are 0 to k - 1": (LOOP, "for fold in range(len(distinct)):"),
    "folds are 0 to the largest": (LOOP, "predictions[:] = -1\n    for fold in range(distinct.max() + 1):"),
    "the last fold is left out": (LOOP, "predictions[:] = y.mean()\n    for fold in distinct[:-1]:"),
    "fold numbers are not looked at": (
        LOOP,
        "folds = np.arange(len(y)) % len(distinct)\n    for fold in range(len(distinct)):",
    ),
    "predictions stay in the order of the folds": (OUT, "    return predictions[np.argsort(folds, kind='stable')]\n"),
    "models by rows": (OUT, "    return predictions.T\n"),
    "one array for one model": (OUT, "    return predictions.squeeze()\n"),
    "the mean of the models": (OUT, "    return predictions.mean(axis=1, keepdims=True)\n"),
    "the first model for all": (FIT, FIT.replace("fit(X", "fits[0](X")),
    "columns in the order of the fits from behind": (OUT, "    return predictions[:, ::-1]\n"),
    "one fold is predicted in sample": (
        ONE_FOLD,
        "return np.transpose([fit(X, y)(X) for fit in fits])",
    ),
    "one fold gives NaN": (ONE_FOLD, "return np.full((len(y), len(fits)), np.nan)"),
    "plain least squares": (BLEND, f"    return {FREE}\n"),
    "negative weights set to 0": (BLEND, f"    return np.maximum({FREE}, 0)\n"),
    "the size of negative weights": (BLEND, f"    return np.abs({FREE})\n"),
    "negative models dropped, and fitted again": (
        BLEND,
        (
            "    kept = list(range(n_models))\n"
            "    while kept:\n"
            "        best = np.zeros(n_models)\n"
            "        best[kept] = np.linalg.lstsq(predictions[:, kept], y, rcond=None)[0]\n"
            "        if best.min() >= 0:\n"
            "            break\n"
            "        kept = np.flatnonzero(best > 0).tolist()\n"
            "    return np.maximum(best, 0)\n"
        ),
    ),
    "the most negative model dropped, again and again": (
        BLEND,
        (
            "    kept = list(range(n_models))\n"
            "    while kept:\n"
            "        best = np.zeros(n_models)\n"
            "        best[kept] = np.linalg.lstsq(predictions[:, kept], y, rcond=None)[0]\n"
            "        if best.min() >= 0:\n"
            "            break\n"
            "        kept.remove(int(best.argmin()))\n"
            "    return np.maximum(best, 0)\n"
        ),
    ),
    "the best model alone": (CHOICE, CHOICE.replace("error < least", "error < least and size == 1")),
    "each model on its own": (
        BLEND,
        "    return np.maximum(predictions.T @ y / (predictions**2).sum(axis=0), 0)\n",
    ),
    "at most two models": (CHOICE, CHOICE.replace("error < least", "error < least and size < 3")),
    "all models or none": (CHOICE, CHOICE.replace("error < least", "error < least and size == n_models")),
    "weights that sum to 1": (BLEND, "    return best / max(best.sum(), 1e-12)\n"),
    "weights of at most 1": (BLEND, "    return np.minimum(best, 1)\n"),
    "equal weights": (BLEND, "    return np.full(n_models, 1 / n_models)\n"),
    "an intercept": (
        "n_models, least = predictions.shape[1], np.inf",
        (
            "predictions, y = predictions - predictions.mean(axis=0), y - y.mean()\n"
            "    n_models, least = predictions.shape[1], np.inf"
        ),
    ),
    "weights by one over the error": (
        BLEND,
        (
            "    inverse = 1 / np.maximum(((predictions - y[:, np.newaxis]) ** 2).sum(axis=0), 1e-12)\n"
            "    return inverse / inverse.sum()\n"
        ),
    ),
    "weights at least above 0": (BLEND, "    return np.maximum(best, 1e-3)\n"),
    "small weights are none": (BLEND, "    return np.where(best < 0.03, 0, best)\n"),
    "a ridge penalty": (
        FITTED,
        (
            "np.linalg.solve(predictions[:, models].T @ predictions[:, models] + 1e-3 * np.eye(size),"
            " predictions[:, models].T @ y)"
        ),
    ),
    "small predictions count as none": (
        FITTED,
        f"{FITTED} * (np.abs(predictions).max() > 1e-2)",
    ),
    "descent with a few steps": (
        BLEND,
        (
            "    best = np.zeros(n_models)\n"
            "    for _ in range(30):\n"
            "        slope = predictions.T @ (predictions @ best - y)\n"
            "        best = np.maximum(best - slope / max(np.linalg.norm(predictions, 2) ** 2, 1e-300), 0)\n"
            "    return best\n"
        ),
    ),
    "descent with too few steps for models that are alike": (
        BLEND,
        (
            "    best = np.zeros(n_models)\n"
            "    for _ in range(2000):\n"
            "        slope = predictions.T @ (predictions @ best - y)\n"
            "        best = np.maximum(best - slope / max(np.linalg.norm(predictions, 2) ** 2, 1e-300), 0)\n"
            "    return best\n"
        ),
    ),
    "one round over the coordinates": (
        BLEND,
        (
            "    best = np.zeros(n_models)\n"
            "    for j in range(n_models):\n"
            "        rest = y - predictions @ best\n"
            "        best[j] = max(0, predictions[:, j] @ rest / (predictions[:, j] @ predictions[:, j]))\n"
            "    return best\n"
        ),
    ),
}
STRICT_MISTAKES = {
    "lengths of X and y are not looked at": (
        "if not len(X) == len(y) == len(folds):",
        "if not len(X) <= len(y) == len(folds):",
    ),
    "fitted once more for each row": (
        FIT,
        "fit(X[~inside], y[~inside])\n            " + FIT,
    ),
    "a model of zeros divides by 0": (
        BLEND,
        "    return best / np.where(np.abs(predictions).sum(axis=0) > 0, 1, 0)\n",
    ),
    "weights in the type of the predictions": (FITTED, FITTED + ".astype(predictions.dtype)"),
}
