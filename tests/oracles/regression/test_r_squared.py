"""`r_squared` beside scikit-learn and statsmodels."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from statsmodels.api import OLS
from statsmodels.stats.outliers_influence import OLSInfluence

from tests.bench.peers import Peer


def fit(X, y):
    return OLS(y, np.column_stack([np.ones(len(X)), X])).fit()


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples)


def test_any_predictions(reference, rng):
    for _ in range(200):
        y_true = rng.normal(3.0, 2.0, size=rng.integers(2, 30))
        y_pred = rng.normal() * y_true + rng.normal(size=y_true.size)
        np.testing.assert_allclose(reference.r2_score(y_true, y_pred), r2_score(y_true, y_pred), rtol=1e-9)


def test_constant_y(reference):
    for y_pred in ([2.0, 2.0, 2.0], [2.0, 2.0, 2.0 + 1e-6], [3.0, 3.0, 3.0]):
        pair = np.full(3, 2.0), np.array(y_pred)
        assert reference.r2_score(*pair) == r2_score(*pair)


def test_fits(reference, rng):
    for _ in range(100):
        p = int(rng.integers(1, 7))
        X, y = drawn(rng, p + int(rng.integers(4, 40)), p)
        oracle = fit(X, y)
        np.testing.assert_allclose(reference.r2_score(y, oracle.fittedvalues), oracle.rsquared, rtol=1e-9)
        actual = reference.adjusted_r2(y, oracle.fittedvalues, p)
        np.testing.assert_allclose(actual, oracle.rsquared_adj, rtol=1e-9, atol=1e-12)
        press = 1 - OLSInfluence(oracle).ess_press / oracle.centered_tss
        np.testing.assert_allclose(reference.predicted_r2(X, y), press, rtol=1e-9, atol=1e-12)


def test_leave_one_out(reference, rng):
    for _ in range(20):
        X, y = drawn(rng, 15, 3)
        expected = r2_score(y, cross_val_predict(LinearRegression(), X, y, cv=LeaveOneOut()))
        np.testing.assert_allclose(reference.predicted_r2(X, y), expected, rtol=1e-9, atol=1e-12)


def test_leverage_one(reference, rng):
    X, y = drawn(rng, 9, 2)
    marked = np.column_stack([X, np.arange(9) == 4])
    np.testing.assert_allclose(OLSInfluence(fit(marked, y)).hat_matrix_diag[4], 1.0)
    for rows in (slice(None), slice(4), slice(3)):
        with pytest.raises(ValueError, match="leverage"):
            reference.predicted_r2(marked[rows], y[rows])


def test_too_few_samples(reference, rng):
    for n_features in (5, 6):
        with pytest.raises(ValueError, match="too few"):
            reference.adjusted_r2(*rng.normal(size=(2, 6)), n_features)


def test_claims_of_a_negative_r2(reference):
    y = np.array([1.0, 2.0, 6.0])
    assert -21 < reference.r2_score(y, y + 10) < -20
    for seed in range(20):
        rng = np.random.default_rng(seed)
        level = np.repeat(np.arange(10) * 10.0, 100)
        y_true, y_pred = level + rng.normal(size=1000), level + rng.normal(size=1000)
        assert reference.r2_score(y_true, y_pred) > 0.997
        groups = zip(np.split(y_true, 10), np.split(y_pred, 10), strict=True)
        assert -1.3 < np.mean([reference.r2_score(*group) for group in groups]) < -0.8


def test_claim_of_a_search(reference):
    numbers = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(100, 50)), rng.normal(size=100)
        best = np.argsort([-abs(np.corrcoef(x, y)[0, 1]) for x in X.T])[:5]
        model = LinearRegression().fit(X[:, best], y)
        y_pred, X_new, y_new = model.predict(X[:, best]), rng.normal(size=(100_000, 5)), rng.normal(size=100_000)
        numbers.append(
            [
                reference.r2_score(y, y_pred),
                reference.adjusted_r2(y, y_pred, 5),
                reference.predicted_r2(X[:, best], y),
                reference.r2_score(y_new, model.predict(X_new)),
            ],
        )
    np.testing.assert_allclose(np.median(numbers, axis=0), [0.19, 0.15, 0.08, -0.17], atol=0.02)


def test_claim_of_what_they_estimate(reference, rng):
    numbers = []
    for _ in range(500):
        X = rng.normal(size=(1030, 3))
        y = X @ [0.5, 0.5, 0.0] + rng.normal(size=1030)
        model = LinearRegression().fit(X[:30], y[:30])
        y_pred = model.predict(X)
        numbers.append(
            [
                reference.r2_score(y[:30], y_pred[:30]),
                reference.adjusted_r2(y[:30], y_pred[:30], 3),
                reference.predicted_r2(X[:30], y[:30]),
                reference.r2_score(y[30:], y_pred[30:]),
            ],
        )
    np.testing.assert_allclose(np.mean(numbers, axis=0), [0.39, 0.32, 0.18, 0.23], atol=0.035)


def test_claims_of_good_and_bad(reference):
    shares = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0, 10, size=1000)
        y = x + rng.normal(size=1000)
        low = x < 2
        for rows, (least, most) in [(x >= 0, (0.875, 0.905)), (low, (0.165, 0.365))]:
            assert least < reference.r2_score(y[rows], fit(x[rows], y[rows]).fittedvalues) < most
        a, b = np.cumsum(rng.normal(0.3, 1.0, size=(2, 200)), axis=1)
        shares.append(reference.r2_score(b, fit(a, b).fittedvalues))
        a, b = np.diff(a), np.diff(b)
        assert reference.r2_score(b, fit(a, b).fittedvalues) < 0.04
    assert abs(np.median(shares) - 0.90) < 0.03


def test_claim_of_no_intercept(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.uniform(1, 3, size=100)
        y = 10 + rng.normal(size=100)
        oracle = OLS(y, x).fit()
        assert 0.89 < oracle.rsquared < 0.94
        assert -12 < reference.r2_score(y, oracle.fittedvalues) < -5


def test_claim_of_repeated_rows(reference, rng):
    for _ in range(20):
        X, y = drawn(rng, 20, 3)
        assert reference.predicted_r2(np.repeat(X, 2, axis=0), np.repeat(y, 2)) > reference.predicted_r2(X, y)


def peers(reference, rng):
    """Yield R2 of a long vector, and PRESS of a middling table; statsmodels is handed the fit."""
    y_true = rng.normal(size=200_000)
    y_pred = y_true + rng.normal(size=200_000)
    ours, theirs = (lambda: reference.r2_score(y_true, y_pred)), (lambda: r2_score(y_true, y_pred))
    yield Peer("r2_score, 200,000 samples", "r2_score", ours, theirs)
    X, y = drawn(rng, 5_000, 5)
    oracle = fit(X, y)
    yield Peer(
        "predicted_r2, 5,000 x 5",
        "OLSInfluence.ess_press",
        lambda: reference.predicted_r2(X, y),
        lambda: OLSInfluence(oracle).ess_press,
        "The fit has a pseudo-inverse ready there.",
    )
