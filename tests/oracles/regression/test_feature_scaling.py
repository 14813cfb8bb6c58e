"""The reference beside scikit-learn's StandardScaler and LinearRegression."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import StandardScaler

from tests.bench.peers import Peer


def assert_agrees(reference, X, later):
    theirs = StandardScaler().fit(X)
    scaler = reference.fit_scaler(X)
    np.testing.assert_allclose(scaler.mean, theirs.mean_, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(scaler.scale, theirs.scale_, rtol=1e-9)
    np.testing.assert_allclose(reference.transform(later, *scaler), theirs.transform(later), rtol=1e-9, atol=1e-9)


def drawn(rng, n_samples, n_features):
    return rng.normal(rng.normal(scale=9.0, size=n_features), rng.uniform(0.1, 50.0), size=(n_samples, n_features))


def test_random(reference, rng):
    for _ in range(200):
        n_samples, n_features = (int(size) for size in rng.integers(1, 30, size=2))
        assert_agrees(reference, drawn(rng, n_samples, n_features), drawn(rng, 4, n_features))


def test_edges(reference, rng):
    """Constants of any value, one row, whole numbers, other units, small spread far from zero."""
    for value in (0.0, 3.0, 0.1, -123456.7):
        X = drawn(rng, 7, 3)
        X[:, 1] = value
        assert_agrees(reference, X, drawn(rng, 4, 3))
    for kind in (np.int8, np.uint8, int):
        X = rng.integers(0, 120, size=(9, 3)).astype(kind)
        assert_agrees(reference, X, X[:2])
    for unit in (1e-12, 1e-6, 1e6, 1e12):
        X = drawn(rng, 9, 3) * unit
        assert_agrees(reference, X, X[:4])
    X = 1e6 + rng.integers(0, 9, size=(9, 3)) / 64
    assert_agrees(reference, X, X)


def test_unscale(reference, rng):
    """Least squares on standardised features, taken back, is least squares on the features."""
    for _ in range(50):
        X = drawn(rng, 20, 4)
        y = 3 + X @ rng.normal(size=4) + rng.normal(size=20)
        scaler = reference.fit_scaler(X)
        scaled, direct = LinearRegression().fit(reference.transform(X, *scaler), y), LinearRegression().fit(X, y)
        fit = reference.unscale(scaled.intercept_, scaled.coef_, *scaler)
        np.testing.assert_allclose(fit.coef, direct.coef_, rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(fit.intercept, direct.intercept_, rtol=1e-9, atol=1e-8)


def steps_needed(X, y):
    """Return after how many steps the excess loss is a millionth of that at 0; each direction shrinks by itself."""
    curvature, directions = np.linalg.eigh(X.T @ X / len(X))
    parts = curvature * (directions.T @ np.linalg.lstsq(X, y, rcond=None)[0]) ** 2
    shrink = (1 - curvature / curvature[-1]) ** 2
    low, high = 0, 2**20
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if parts @ shrink**middle <= 1e-6 * parts.sum() else (middle, high)
    return high


def test_claims_of_linear_regression(reference):
    """The numbers of the first follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(200, 2)) * [1, 100]
        y = X @ [1, 0.01] + rng.normal(size=200)
        raw, y = X - X.mean(axis=0), y - y.mean()
        scaler = reference.fit_scaler(X)
        scaled = reference.transform(X, *scaler)
        assert 8_000 < np.linalg.cond(raw.T @ raw) < 14_000
        assert 1.02 < np.linalg.cond(scaled.T @ scaled) < 1.43
        assert 54_000 < steps_needed(raw, y) < 92_000
        assert 1 <= steps_needed(scaled, y) <= 6
        left = [Ridge(200).fit(x, y).coef_ / LinearRegression().fit(x, y).coef_ for x in (raw, scaled)]
        assert 0.44 < left[0][0] < 0.53
        assert 0.90 < left[0][1] < 1.08
        assert ((left[1] > 0.45) & (left[1] < 0.55)).all()


def test_claims_of_training_rows(reference):
    """The numbers of the second follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(40, 3))
        y = X @ [1, 1, 1] + rng.normal(size=40)
        errors = []
        for seen in (X, X[:30]):
            z = reference.transform(X, *reference.fit_scaler(seen))
            errors.append(((Ridge(3).fit(z[:30], y[:30]).predict(z[30:]) - y[30:]) ** 2).mean())
        assert 0.92 < errors[0] / errors[1] < 1.08
        train, later = rng.normal(size=(1000, 1)), rng.normal(2, 1, size=(200, 1))
        assert 1.8 < reference.transform(later, *reference.fit_scaler(train)).mean() < 2.3
        assert abs(reference.transform(later, *reference.fit_scaler(later)).mean()) < 1e-9


def test_claims_of_outliers_and_indicators(reference):
    """The numbers of the third and the fourth follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = np.append(rng.normal(size=99), 1000.0)
        assert reference.fit_scaler(x[:, None]).scale[0] == pytest.approx(99.5, abs=0.05)
        span = np.ptp(x[:99])
        assert span / x.std() < 0.07
        assert span / np.ptp(x) < 0.007
        low, high = np.quantile(x, [0.25, 0.75])
        assert 2.9 < span / (high - low) < 4.7
        rare = (rng.random((10_000, 1)) < 0.01).astype(float)
        assert 9.1 < reference.transform(rare, *reference.fit_scaler(rare)).max() < 12.9


def peers(reference, rng):
    """Yield a fit and a transform of a large batch."""
    X = drawn(rng, 100_000, 20)
    yield Peer(
        "100,000 samples, 20 features",
        "StandardScaler().fit_transform",
        lambda: reference.transform(X, *reference.fit_scaler(X)),
        lambda: StandardScaler().fit_transform(X),
    )
