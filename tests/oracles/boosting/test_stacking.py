"""The reference beside scikit-learn's cross_val_predict and LinearRegression(positive=True), and SciPy's nnls."""

import numpy as np
import pytest
from scipy.optimize import nnls
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

from tests.bench.peers import Peer

MODELS = [LinearRegression(), KNeighborsRegressor(5), DecisionTreeRegressor(max_depth=4, random_state=0)]


def fit_of(model):
    return lambda X, y: model.fit(X, y).predict


def friedman(X):
    return 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]


def test_out_of_fold(reference, rng):
    for _ in range(30):
        n = int(rng.integers(20, 60))
        X, y = rng.normal(size=(n, 3)), rng.normal(size=n)
        folds = rng.permutation(np.append([0, 1], rng.integers(0, int(rng.integers(2, 6)), size=n - 2)))
        folds = np.where(np.bincount(folds)[folds] > n - 6, 0, folds)
        folds[:6], folds[6:12] = 0, 1
        split = PredefinedSplit(folds)
        expected = np.column_stack([cross_val_predict(model, X, y, cv=split) for model in MODELS])
        fits = [fit_of(model) for model in MODELS]
        # Another number for each fold, in another order.
        numbers = rng.permutation(100)[:6] - 50
        ours = reference.out_of_fold_predictions(fits, X, y, numbers[folds])
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


def test_one_row_a_fold(reference, rng):
    X, y = rng.normal(size=(12, 2)), rng.normal(size=12)
    expected = cross_val_predict(LinearRegression(), X, y, cv=12)
    ours = reference.out_of_fold_predictions([fit_of(LinearRegression())], X, y, np.arange(12))
    np.testing.assert_allclose(ours[:, 0], expected, rtol=1e-9)


def test_blend(reference, rng):
    for _ in range(300):
        n_models = int(rng.integers(1, 8))
        P = rng.normal(size=(n_models + int(rng.integers(0, 30)), n_models)) + rng.uniform(0, 3) * rng.normal(
            size=(1, 1)
        )
        y = P @ rng.normal(size=n_models) + rng.normal(size=len(P))
        weights = reference.fit_blend(P, y)
        np.testing.assert_allclose(weights, nnls(P, y)[0], rtol=1e-7, atol=1e-9)
        theirs = LinearRegression(positive=True, fit_intercept=False).fit(P, y).coef_
        np.testing.assert_allclose(weights, theirs, rtol=1e-7, atol=1e-9)


def test_equal_and_empty_models(reference, rng):
    """Where the weights are not unique, the error is that of SciPy's."""
    for _ in range(50):
        P = rng.normal(size=(6, 3))[:, [0, 1, 1, 2, 0]] * [1.0, 1.0, 1.0, 0.0, 1.0]
        y = rng.normal(size=6)
        weights = reference.fit_blend(P, y)
        assert (weights >= 0).all()
        np.testing.assert_allclose(np.linalg.norm(y - P @ weights), nnls(P, y)[1], rtol=1e-9)
        wide = rng.normal(size=(3, 6))
        weights = reference.fit_blend(wide, y[:3])
        np.testing.assert_allclose(np.linalg.norm(y[:3] - wide @ weights), nnls(wide, y[:3])[1], rtol=1e-9, atol=1e-12)


def test_errors(reference):
    X, y = np.zeros((4, 1)), np.zeros(4)
    with pytest.raises(ValueError, match="only one fold"):
        reference.out_of_fold_predictions([], X, y, np.ones(4, dtype=int))
    with pytest.raises(ValueError, match="4 rows"):
        reference.out_of_fold_predictions([], X, y, np.arange(3))
    for P, target in [(X, y[:3]), (X[:1], y), (X, y[:1])]:
        with pytest.raises(ValueError, match="dimension"):
            reference.fit_blend(P, target)


@pytest.mark.parametrize("seed", range(8))
def test_claim_in_sample(reference, seed):
    rng = np.random.default_rng(seed)
    X, unseen = rng.random((200, 5)), rng.random((3000, 5))
    y = friedman(X) + 2 * rng.normal(size=200)
    models = [*MODELS, KNeighborsRegressor(1)]
    out_of_fold = reference.out_of_fold_predictions([fit_of(model) for model in models], X, y, np.arange(200) % 5)
    seen, new = [], []
    for model in models:
        model.fit(X, y)
        seen.append(model.predict(X))
        new.append(model.predict(unseen))

    def error(weights):
        return ((np.transpose(new) @ weights - friedman(unseen)) ** 2).mean()

    weights = reference.fit_blend(np.transpose(seen), y)
    np.testing.assert_allclose(weights, [0, 0, 0, 1], atol=1e-6)
    assert 9 < error(weights) < 13
    weights = reference.fit_blend(out_of_fold, y)
    assert 0.3 < weights.max() < 0.65
    assert 0.98 < weights.sum() < 1.03
    assert 3.6 < error(weights) < 5.2
    assert 4.7 < min(error(each) for each in np.eye(4)) < 6.3
    assert error(weights) < error(np.full(4, 0.25)) < 5.8


@pytest.mark.parametrize("seed", range(5))
def test_claim_non_negative(reference, seed):
    rng = np.random.default_rng(seed)
    for n, plain, constrained in ((20, (0.32, 0.45), (0.25, 0.29)), (200, (0.22, 0.24), (0.22, 0.24))):
        errors, used, sums = [], [], []
        for _ in range(21):
            y = rng.normal(size=n + 2000)
            P = y[:, None] + 0.5 * rng.normal(size=(n + 2000, 1)) + 0.5 * rng.normal(size=(n + 2000, 8))
            both = np.linalg.lstsq(P[:n], y[:n], rcond=None)[0], reference.fit_blend(P[:n], y[:n])
            errors.append([((y[n:] - P[n:] @ weights) ** 2).mean() for weights in both])
            used.append((both[1] > 0).sum())
            sums.append(both[1].sum())
        mean = np.mean(errors, axis=0)
        assert plain[0] < mean[0] < plain[1]
        assert constrained[0] < mean[1] < constrained[1]
        assert 0.74 < np.mean(sums) < 0.88
        if n == 20:
            assert 4 < np.mean(used) < 5.2
        else:
            assert abs(mean[0] - mean[1]) < 0.005


@pytest.mark.parametrize("seed", range(12))
def test_claim_log_loss(reference, seed):
    rng = np.random.default_rng(seed)
    x = 1.5 * rng.normal(size=5000)
    p, sharp = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(-4 * x))
    y = (rng.random(5000) < p).astype(float)
    assert accuracy_score(y, p > 0.5) == accuracy_score(y, sharp > 0.5)
    assert 0.72 <= accuracy_score(y, p > 0.5) <= 0.75
    assert 0.51 <= log_loss(y, p) <= 0.54
    assert 0.86 <= log_loss(y, sharp) <= 0.96
    weights = reference.fit_blend(np.column_stack([p, sharp]), y)
    assert 0.9 <= weights[0] <= 1.03
    assert weights[1] <= 0.1


def test_claim_clipped(reference):
    P, y = np.array([[1.0, 1.0], [1.0, 2.0]]), np.array([1.0, 0.0])
    np.testing.assert_allclose(np.linalg.solve(P, y), [2, -1])
    assert np.sum((P @ [2, 0] - y) ** 2) == pytest.approx(5)
    assert np.sum((P @ reference.fit_blend(P, y) - y) ** 2) == pytest.approx(0.5)


def peers(reference, rng):
    """Yield a blend of five models, and out-of-fold predictions of two."""
    y = rng.normal(size=20_000)
    P = y[:, None] + 0.5 * rng.normal(size=(20_000, 5))
    yield Peer("20,000 rows, 5 models", "scipy.optimize.nnls", lambda: reference.fit_blend(P, y), lambda: nnls(P, y))
    X, folds = rng.normal(size=(20_000, 10)), np.arange(20_000) % 5
    model, split = LinearRegression(), PredefinedSplit(folds)
    yield Peer(
        "20,000 rows, a linear model, 5 folds",
        "cross_val_predict",
        lambda: reference.out_of_fold_predictions([fit_of(model)], X, y, folds),
        lambda: cross_val_predict(model, X, y, cv=split),
    )
