"""The reference beside scikit-learn's pipelines, and the claims of the follow-ups."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import PredefinedSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.bench.peers import Peer
from tests.oracles.claims import within


def ridge(alpha):
    def fit(X, y):
        mean, centred = X.mean(axis=0), X - X.mean(axis=0)
        coef = np.linalg.solve(centred.T @ centred + alpha * np.eye(X.shape[1]), centred.T @ (y - y.mean()))
        return lambda X: y.mean() + (X - mean) @ coef

    return fit


def nearest(X, y):
    return lambda rows: y[((rows[:, None] - X) ** 2).sum(axis=-1).argmin(axis=1)]


def negative_error(y_true, y_pred):
    return -float(np.mean((y_true - y_pred) ** 2))


def library(X, y, folds):
    """Return the scores of a pipeline, and those of the model on rows that were scaled before."""
    options = {"cv": PredefinedSplit(folds), "scoring": "neg_mean_squared_error"}
    pipeline = make_pipeline(StandardScaler(), Ridge(alpha=3.0))
    leaky = cross_val_score(Ridge(alpha=3.0), StandardScaler().fit_transform(X), y, **options)
    return cross_val_score(pipeline, X, y, **options), leaky


def check(reference, X, y, folds):
    honest, leaky = library(X, y, folds)
    ours = reference.cross_validate(ridge(3.0), negative_error, X, y, folds)
    np.testing.assert_allclose(ours, honest, rtol=1e-9)
    leak = reference.scaling_leak(ridge(3.0), negative_error, X, y, folds)
    np.testing.assert_allclose(leak, leaky.mean() - honest.mean(), rtol=1e-9, atol=1e-9 * abs(honest).max())


def test_random(reference, rng):
    for _ in range(25):
        n = int(rng.integers(12, 40))
        X = rng.normal(rng.normal(scale=5, size=3), [1.0, 30.0, 0.1], size=(n, 3))
        y = X @ [1.0, 0.05, 10.0] + rng.normal(size=n)
        check(reference, X, y, rng.permutation(np.append([0, 1, 2], rng.integers(0, 3, size=n - 3))))


def test_edges(reference, rng):
    X, y = rng.normal(size=(10, 3)), rng.normal(size=10)
    # One row a fold, an indicator of one row, and constants, of which 0.1 has a deviation above 0 by rounding.
    check(reference, X, y, rng.permutation(10))
    check(
        reference, np.column_stack([X, np.arange(10) == 3, np.full(10, 4.0), np.full(10, 0.1)]), y, np.arange(10) // 4
    )
    check(reference, np.rint(9 * X).astype(np.int8), y, np.arange(10) % 3)
    with pytest.raises(ValueError, match="fold"):
        reference.cross_validate(ridge(3.0), negative_error, X, y, np.zeros(10, dtype=int))
    with pytest.raises(ValueError, match="differ"):
        reference.scaling_leak(ridge(3.0), negative_error, X, y, np.arange(9))


def dealt(rng, n):
    return rng.permutation(np.arange(n) % 5)


def strongest(X, y):
    return np.argsort(-abs((X - X.mean(axis=0)).T @ (y - y.mean())))[:10]


def test_claims_of_selection(reference):
    """The numbers of the first follow-up."""

    def selecting(X, y):
        chosen = strongest(X, y)
        predict = ridge(1.0)(X[:, chosen], y)
        return lambda X: predict(X[:, chosen])

    def claim(rng):
        found = []
        for _ in range(4):
            X, y, folds = rng.normal(size=(60, 300)), rng.normal(size=60), dealt(rng, 60)
            leaky = reference.cross_validate(ridge(1.0), negative_error, X[:, strongest(X, y)], y, folds)
            honest = reference.cross_validate(selecting, negative_error, X, y, folds)
            found.append((-leaky.mean(), -honest.mean()))
        return np.mean(found, axis=0)

    within([0.54, 1.03], [0.81, 1.75], claim)


def changes(reference, rng, n, fit, n_draws, shape):
    """Return the leak over the error of the honest way, in each of some data sets."""
    found = []
    for _ in range(n_draws):
        X = rng.normal(size=(n, 3))
        y, folds = X.sum(axis=1) + rng.normal(size=n), dealt(rng, n)
        honest = reference.cross_validate(fit, negative_error, shape(X), y, folds).mean()
        found.append(reference.scaling_leak(fit, negative_error, shape(X), y, folds) / -honest)
    return np.array(found)


def test_claims_of_size(reference):
    """The numbers of the second follow-up."""

    def plain(X):
        return X

    def few(rng):
        found = changes(reference, rng, 20, ridge(5.0), 20, plain)
        return abs(found).max(), np.mean(found > 0)

    within([0.05, 0.1], [0.21, 0.3], few)
    within(0, 2e-4, lambda rng: abs(changes(reference, rng, 1_000, ridge(5.0), 3, plain)).max())
    within(0, 1e-9, lambda rng: abs(changes(reference, rng, 20, ridge(0.0), 5, plain)).max())

    def heavy(rng):
        found = changes(reference, rng, 20, nearest, 20, lambda X: np.exp(2 * X))
        return abs(found).max(), found.max(), found.min()

    within([0.15, 0.05, -1.05], [1.05, 1.05, -0.05], heavy)


def test_claims_of_batches():
    """The numbers of the third follow-up."""

    def standardised(X, by):
        return (X - by.mean(axis=0)) / by.std(axis=0)

    def claim(rng):
        x, noise = rng.normal(size=(200, 1)), 0.5 * rng.normal(size=200)
        later, later_noise = rng.normal(2, 1, size=(200, 1)), 0.5 * rng.normal(size=200)
        predict = ridge(0.0)(standardised(x, x), x[:, 0] + noise)
        target = later[:, 0] + later_noise
        right, wrong = predict(standardised(later, x)), predict(standardised(later, later))
        return -negative_error(target, right), -negative_error(target, wrong)

    within([0.21, 3.4], [0.32, 5.4], claim)


def peers(reference, rng):
    """Yield ridge in five folds."""
    X, y = rng.normal(size=(5_000, 20)), rng.normal(size=5_000)
    folds = dealt(rng, 5_000)

    def ours():
        return reference.cross_validate(ridge(3.0), negative_error, X, y, folds)

    yield Peer("5,000 x 20", "cross_val_score(make_pipeline(...))", ours, lambda: library(X, y, folds)[0])
