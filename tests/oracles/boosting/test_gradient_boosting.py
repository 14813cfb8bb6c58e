"""`gradient_boosting` beside scikit-learn's GradientBoostingRegressor and XGBoost, both with trees of depth one."""

import numpy as np
import pytest
import xgboost
from sklearn.ensemble import GradientBoostingRegressor

from tests.bench.peers import Peer

METHODS = ["exact", "hist", "approx"]


def draw(rng, n, n_features, n_values=1000):
    """Return features that single precision holds, midpoints included, and targets."""
    X = rng.integers(-n_values, n_values, size=(n, n_features)) / 64
    return X, 10 + X @ rng.normal(size=n_features) + 5 * rng.normal(size=n)


def theirs(X, y, n_rounds, rate):
    model = GradientBoostingRegressor(n_estimators=n_rounds, learning_rate=rate, max_depth=1, random_state=0)
    return model.fit(X, y)


def booster(X, y, n_rounds, rate, **settings):
    parameters = {"max_depth": 1, "eta": rate, "reg_lambda": 0.0, "nthread": 1, "max_bin": 512, **settings}
    return xgboost.train(parameters, xgboost.DMatrix(X, label=y), n_rounds)


def predict_xgboost(model, X):
    return model.predict(xgboost.DMatrix(X)).astype(float)


@pytest.mark.parametrize("n_values", [1000, 3])
@pytest.mark.parametrize("n_features", [1, 4])
def test_scikit_learn(reference, rng, n_features, n_values):
    """Of two features that part the samples alike, scikit-learn takes either. So with several, on the samples alone.

    Full steps leave residuals of a and -a where two samples share a side: ties again.
    """
    for _ in range(40):
        X, y = draw(rng, int(rng.integers(2, 40)), n_features, n_values)
        n_rounds, rate = int(rng.integers(1, 12)), float(rng.choice([0.1, 0.5, 1.0] if n_features == 1 else [0.1, 0.5]))
        model = reference.fit_boosting(X, y, n_rounds, rate)
        expected = theirs(X, y, n_rounds, rate)
        np.testing.assert_allclose(reference.predict(model, X), expected.predict(X), rtol=1e-9)
        if n_features == 1:
            new = np.append(rng.uniform(-40, 40, size=50), np.unique(X)[:-1] + np.diff(np.unique(X)) / 2)[:, np.newaxis]
            np.testing.assert_allclose(reference.predict(model, new), expected.predict(new), rtol=1e-9)


@pytest.mark.parametrize("tree_method", METHODS)
def test_xgboost(reference, rng, tree_method):
    """In single precision; thresholds between samples are midpoints with the exact method alone."""
    for n_features in (1, 1, 3, 3):
        X, y = draw(rng, 60, n_features)
        model = reference.fit_boosting(X, y, 8, 0.5)
        expected = booster(X, y, 8, 0.5, tree_method=tree_method)
        np.testing.assert_allclose(reference.predict(model, X), predict_xgboost(expected, X), rtol=1e-4, atol=1e-4)
        if n_features == 1 and tree_method == "exact":
            new = rng.uniform(-40, 40, size=(50, 1))
            ours = reference.predict(model, new)
            np.testing.assert_allclose(ours, predict_xgboost(expected, new), rtol=1e-4, atol=1e-4)


def test_edges(reference):
    cases = [
        (np.full((5, 2), 7.0), np.array([0.0, 1.0, 2.0, 3.0, 9.0])),
        (np.column_stack([np.full(5, 7.0), np.arange(5.0)]), np.array([0.0, 1.0, 2.0, 3.0, 9.0])),
        (np.arange(5.0)[:, np.newaxis], np.full(5, 3.0)),
        (np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])),
        (np.array([[1.0], [2.0]]), np.array([4.0, 5.0])),
        (np.array([[1.0]]), np.array([4.0])),
        (np.repeat([[1.0], [2.0]], 3, axis=0), np.array([0.0, 0.0, 0.0, 6.0, 6.0, 6.0])),
    ]
    for X, y in cases:
        for n_rounds in (1, 3):
            ours = reference.predict(reference.fit_boosting(X, y, n_rounds, 0.5), X)
            np.testing.assert_allclose(ours, theirs(X, y, n_rounds, 0.5).predict(X), rtol=1e-9)
        assert reference.predict(reference.fit_boosting(X, y, 0), X) == pytest.approx(y.mean())
    model = reference.fit_boosting(np.array([[1.0], [2.0], [6.0]]), np.array([1.0, 3.0, 8.0]), 1, 1.0)
    assert reference.predict(model, np.array([[4.0], [4.5]])).tolist() == [2.0, 8.0]
    with pytest.raises(ValueError, match="targets"):
        reference.fit_boosting(np.zeros((3, 1)), np.zeros(2), 1)


def staged(model, X):
    """Return the predictions after each round."""
    added = np.where(X[:, model.features] <= model.thresholds, model.left, model.right)
    return model.start + np.column_stack([np.zeros(len(X)), added.cumsum(axis=1)])


def test_claims_of_extrapolation(reference):
    """The numbers of the first follow-up."""
    X = np.linspace(0, 10, 101)[:, np.newaxis]
    y, ends = 2 * X[:, 0], np.array([[10.0], [1000.0]])
    model = reference.fit_boosting(X, y, 200, 0.1)
    assert reference.predict(model, ends) == pytest.approx([19.94, 19.94], abs=0.005)
    for tree_method in METHODS:
        found = predict_xgboost(booster(X, y, 200, 0.1, tree_method=tree_method), ends)
        assert found == pytest.approx([19.94, 19.94], abs=0.005)
    errors = np.sqrt(((staged(model, X) - y[:, np.newaxis]) ** 2).mean(axis=0))
    assert errors[[0, 20, 100]] == pytest.approx([5.83, 1.72, 0.159], abs=0.005)


def test_claims_of_rates(reference):
    """The numbers of the second and the third follow-up."""

    def truth(X):
        return np.sin(2 * X[:, 0]) + X[:, 1] ** 2 / 2

    found = {rate: [] for rate in (1.0, 0.3, 0.1, 0.05)}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.uniform(-2, 2, size=(100, 5))
        y = truth(X) + rng.normal(size=100)
        new = rng.uniform(-2, 2, size=(2000, 5))
        for rate, rows in found.items():
            model = reference.fit_boosting(X, y, 1000, rate)
            errors = ((staged(model, new) - truth(new)[:, np.newaxis]) ** 2).mean(axis=0)
            training = ((staged(model, X) - y[:, np.newaxis]) ** 2).mean(axis=0)
            assert (np.diff(training) < 1e-12).all()
            rows.append((errors.argmin(), errors.min(), errors[-1], errors[0], training[-1]))
    best, lowest, last, start, training = (
        dict(zip(found, np.array(list(found.values()))[:, :, k], strict=True)) for k in range(5)
    )
    for rate, bounds in {1.0: (4, 37), 0.3: (25, 80), 0.1: (79, 236)}.items():
        assert (best[rate].min(), best[rate].max()) == bounds
    assert lowest[1.0].mean() == pytest.approx(0.36, abs=0.005)
    assert [lowest[rate].mean() for rate in (0.3, 0.1, 0.05)] == pytest.approx([0.29] * 3, abs=0.01)
    for rate, bounds in {1.0: (0.745, 1.6), 0.1: (0.31, 0.9)}.items():
        assert bounds[0] < last[rate].min() < last[rate].max() < bounds[1]
    assert 0.755 < start[0.1].min() < start[0.1].max() < 0.885
    assert 0.145 < training[0.1].min() < training[0.1].max() < 0.335
    ratio = last[0.1] / lowest[0.1]
    assert (ratio.min(), ratio.max()) == pytest.approx((1.2, 2.75), abs=0.05)


def test_claims_of_depth(reference):
    """The numbers of the fourth follow-up."""
    corners, xor = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])
    assert reference.predict(reference.fit_boosting(corners, xor, 200, 0.1), corners).tolist() == [0.5] * 4
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X, new = rng.uniform(-1, 1, size=(2, 1000, 2))
        y, expected = np.sign(X[:, 0] * X[:, 1]), np.sign(new[:, 0] * new[:, 1])

        def r2(predicted):
            return 1 - ((predicted - expected) ** 2).mean() / expected.var()  # noqa: B023

        assert -0.045 < r2(reference.predict(reference.fit_boosting(X, y, 200, 0.1), new)) < -0.005
        for tree_method in ("hist", "exact"):
            model = booster(X, y, 200, 0.1, tree_method=tree_method, max_depth=2, reg_lambda=1.0, max_bin=256)
            assert 0.775 < r2(predict_xgboost(model, new)) < 0.965


@pytest.mark.parametrize("tree_method", METHODS)
def test_claims_of_the_start(tree_method):
    """The numbers of the fifth follow-up."""
    X = np.linspace(0, 1, 50)[:, np.newaxis]
    y = 1000 + X[:, 0]
    assert predict_xgboost(booster(X, y, 20, 0.1, tree_method=tree_method), X).mean() == pytest.approx(1000.5, abs=0.01)
    from_zero = booster(X, y, 20, 0.1, tree_method=tree_method, base_score=0.0)
    assert predict_xgboost(from_zero, X).mean() == pytest.approx(878.9, abs=0.05)
    assert 1 - predict_xgboost(from_zero, X).mean() / 1000.5 == pytest.approx(0.12, abs=0.005)


def peers(reference, rng):
    """Yield the fit of fifty stumps, and their predictions."""
    X = rng.normal(size=(10_000, 10))
    y = np.sin(2 * X[:, 0]) + X[:, 1] + rng.normal(size=10_000)
    yield Peer(
        "10,000 samples, 10 features, 50 rounds",
        "GradientBoostingRegressor, max_depth=1",
        lambda: reference.predict(reference.fit_boosting(X, y, 50, 0.1), X),
        lambda: theirs(X, y, 50, 0.1).predict(X),
    )
    yield Peer(
        "10,000 samples, 10 features, 50 rounds",
        "xgboost.train, exact, max_depth 1",
        lambda: reference.predict(reference.fit_boosting(X, y, 50, 0.1), X),
        lambda: predict_xgboost(booster(X, y, 50, 0.1, tree_method="exact"), X),
        "Single precision there, and a compiled loop.",
    )
