"""`lasso` beside scikit-learn, and its conditions of optimality."""

import numpy as np
import pytest
from sklearn.linear_model import HuberRegressor, Lasso, LinearRegression, Ridge

from tests.bench.peers import Peer


def draw(rng, n_samples, n_features):
    X = rng.normal(rng.normal(scale=3.0, size=n_features), 1.0, size=(n_samples, n_features))
    X = X + 0.5 * rng.normal(size=(n_samples, 1))
    return X, 3.0 + X @ (rng.normal(size=n_features) * (rng.random(n_features) < 0.5)) + rng.normal(size=n_samples)


def assert_conditions(fit, X, y, alpha, tol):
    residuals = y - fit.intercept - X @ fit.coef
    np.testing.assert_allclose(residuals.mean(), 0.0, atol=1e-12)
    g = X.T @ residuals / len(X)
    zero = fit.coef == 0
    assert (np.abs(g[zero]) <= alpha + tol).all()
    np.testing.assert_allclose(g[~zero], alpha * np.sign(fit.coef[~zero]), rtol=0.0, atol=tol)


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.5])
def test_random_data(reference, rng, alpha):
    """To 1e-7: both iterate, scikit-learn until its duality gap is 1e-14 of the mean square of y."""
    for _ in range(20):
        X, y = draw(rng, 40, int(rng.integers(1, 9)))
        fit = reference.fit_lasso(X, y, alpha, tol=1e-12)
        model = Lasso(alpha=alpha, tol=1e-14, max_iter=100_000).fit(X, y)
        np.testing.assert_allclose(fit.coef, model.coef_, rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(fit.intercept, model.intercept_, rtol=1e-7, atol=1e-6)
        assert_conditions(fit, X, y, alpha, 1e-11)


@pytest.mark.parametrize("tol", [1e-3, 1e-6, 1e-10])
def test_conditions(reference, rng, tol):
    for shape in [(30, 6), (6, 15), (12, 12), (2, 3)]:
        for unit in (1.0, 20.0):
            X, y = draw(rng, *shape)
            fit = reference.fit_lasso(unit * X, y, 0.3, tol)
            assert_conditions(fit, unit * X, y, 0.3, tol + 1e-12)


def test_dependent_columns(reference, rng):
    """The minimum is reached though it is not one point: scikit-learn's objective is as low, and the fit the same."""
    X, y = draw(rng, 30, 4)
    X = np.column_stack([X, X[:, 0], X[:, 1] - X[:, 2]])
    fit, model = reference.fit_lasso(X, y, 0.1, 1e-12), Lasso(alpha=0.1, tol=1e-14, max_iter=100_000).fit(X, y)
    np.testing.assert_allclose(fit.intercept + X @ fit.coef, model.predict(X), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(np.abs(fit.coef).sum(), np.abs(model.coef_).sum(), rtol=1e-6)


def test_constant_columns(reference, rng):
    X, y = draw(rng, 12, 3)
    for value in (0.0, 0.1, 5.0):
        constant = np.column_stack([np.full(12, value), X])
        fit, model = reference.fit_lasso(constant, y, 0.2, 1e-12), Lasso(alpha=0.2, tol=1e-14).fit(constant, y)
        assert fit.coef[0] == 0.0
        np.testing.assert_allclose(fit.coef, model.coef_, rtol=1e-7, atol=1e-7)


def test_everything_is_zero(reference, rng):
    X, y = draw(rng, 20, 4)
    last = np.abs((X - X.mean(axis=0)).T @ y / 20).max()
    for alpha in (1.001 * last, 10 * last):
        np.testing.assert_array_equal(reference.fit_lasso(X, y, alpha).coef, np.zeros(4))
        np.testing.assert_array_equal(Lasso(alpha=alpha).fit(X, y).coef_, np.zeros(4))


def test_without_penalty(reference, rng):
    X, y = draw(rng, 40, 4)
    np.testing.assert_allclose(
        reference.fit_lasso(X, y, 0.0, 1e-12).coef, LinearRegression().fit(X, y).coef_, rtol=1e-7, atol=1e-9
    )


def test_soft_threshold(reference, rng):
    """Beside the minimum of (w - z)^2 / 2 + t |w|, on a grid."""
    grid = np.linspace(-4.0, 4.0, 80_001)
    for z in rng.normal(size=20):
        best = grid[np.argmin((grid - z) ** 2 / 2 + 0.6 * np.abs(grid))]
        np.testing.assert_allclose(reference.soft_threshold(np.array([z]), 0.6), [best], atol=1e-4)


def draw_three_of_ten(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(100, 10))
    return X, X[:, :3] @ [3.0, -2.0, 1.0] + rng.normal(size=100)


def test_claim_where_a_path_begins(reference, rng):
    X, y = draw(rng, 40, 5)
    first = np.abs((X - X.mean(axis=0)).T @ y / 40).max()
    for share, kept in [(0.99, 1), (1.01, 0)]:
        assert (reference.fit_lasso(X, y, share * first).coef != 0).sum() in {kept, 2 * kept}


def test_claim_one_outlier(reference):
    """Over 20 seeds: coefficients move by 0 to 39, by 7 in the median; Huber's largest error is 0.2 to 0.4."""
    moved, errors = [], []
    for seed in range(20):
        X, y = draw_three_of_ten(seed)
        far = y + 1000 * (np.arange(100) == 0)
        moved.append(np.abs(reference.fit_lasso(X, far, 0.1).coef - reference.fit_lasso(X, y, 0.1).coef))
        moved.append(np.abs(LinearRegression().fit(X, far).coef_ - LinearRegression().fit(X, y).coef_))
        huber = HuberRegressor(alpha=0, max_iter=1000).fit(X, far).coef_
        errors.append(np.abs(huber - [3, -2, 1, 0, 0, 0, 0, 0, 0, 0]).max())
    assert np.max(moved) < 40
    assert 6 < np.median(moved) < 8
    assert 0.15 < min(errors) < max(errors) < 0.45


def test_claim_shrunk(reference):
    """The medians over 20 seeds at alpha 0.3: 2.7, -1.7 and 0.6; least squares on the three 3, -2 and 1."""
    fits = []
    for seed in range(20):
        X, y = draw_three_of_ten(seed)
        fits.append([reference.fit_lasso(X, y, 0.3).coef[:3], LinearRegression().fit(X[:, :3], y).coef_])
    shrunk, again = np.median(fits, axis=0)
    np.testing.assert_allclose(shrunk, [2.7, -1.7, 0.6], atol=0.06)
    np.testing.assert_allclose(again, [3.0, -2.0, 1.0], atol=0.06)


def test_claim_near_copies():
    """Over two of the 20 seeds, by scikit-learn for speed, which `test_random_data` holds the reference against."""
    for seed in range(2):
        rng = np.random.default_rng(seed)
        a = rng.normal(size=(200, 1))
        X = a + 0.1 * rng.normal(size=(200, 2))
        y = 2 * a[:, 0] + rng.normal(size=200)
        models, coefs = (LinearRegression(), Lasso(0.1, tol=1e-8), Ridge(10.0)), []
        for _ in range(100):
            rows = rng.integers(200, size=200)
            coefs.append([model.fit(X[rows], y[rows]).coef_ for model in models])
        least_squares, lasso, ridge = np.std(coefs, axis=0)[:, 0]
        assert 0.3 < least_squares < 0.7
        assert 0.05 < lasso < 0.6
        assert 0.06 < ridge < 0.12
        dropped = (np.array(coefs)[:, 1] == 0).any(axis=1).mean()
        assert 0.01 < dropped < 1


@pytest.mark.parametrize("alpha", [0.02, 0.1, 0.3])
def test_claim_at_most_n(alpha):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(20, 60))
        y = X[:, :5].sum(axis=1) + rng.normal(size=20)
        assert (Lasso(alpha, tol=1e-12, max_iter=100_000).fit(X, y).coef_ != 0).sum() <= 19


def peers(reference, rng):
    """Yield a fit at the tolerance that is scikit-learn's default."""
    X = rng.normal(size=(2_000, 50))
    y = X[:, :10] @ rng.normal(size=10) + rng.normal(size=2_000)
    model = Lasso(alpha=0.1)
    ours, theirs = (lambda: reference.fit_lasso(X, y, 0.1, 1e-4)), (lambda: model.fit(X, y))
    yield Peer("2,000 x 50", "Lasso.fit", ours, theirs, "The loop over features is compiled there.")
