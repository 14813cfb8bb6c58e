"""`least_squares` beside scikit-learn and NumPy."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from tests.bench.peers import Peer


def assert_agrees(reference, X, y, rtol=1e-9, tol=1e-10):
    fit = reference.fit_least_squares(X, y)
    model = LinearRegression(tol=tol).fit(X, y)
    np.testing.assert_allclose(fit.coef, model.coef_, rtol=rtol, atol=rtol * np.abs(model.coef_).max())
    np.testing.assert_allclose(fit.intercept, model.intercept_, rtol=rtol, atol=rtol * np.abs(y).max())


def test_random_data(reference, rng):
    for _ in range(200):
        n_samples, n_features = rng.integers(1, 30), rng.integers(1, 10)
        X = rng.normal(rng.normal(scale=5.0, size=n_features), 1.0, size=(n_samples, n_features))
        y = rng.normal(3.0, 2.0, size=n_samples)
        if abs(n_samples - 1 - n_features) > 2:  # a random matrix that is nearly square may be as good as singular
            assert_agrees(reference, X, y)


def test_random_data_with_dependent_columns(reference, rng):
    for _ in range(100):
        X = rng.normal(size=(20, 3))
        dependent = X @ rng.normal(size=(3, 2)) + rng.normal(size=2)
        X = np.column_stack([X, dependent, np.full(20, rng.normal())])[:, rng.permutation(6)]
        assert_agrees(reference, X, rng.normal(size=20))


@pytest.mark.parametrize("condition", [1e2, 1e5, 1e8])
def test_condition_number(reference, rng, condition):
    """Beside lstsq: both solve a problem that turns rounding into errors of the condition number times 1e-16."""
    basis = np.linalg.qr(np.column_stack([np.ones(40), rng.normal(size=(40, 4))]))[0][:, 1:]
    turned = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    X = basis * np.geomspace(1.0, 1.0 / condition, 4) @ turned
    y = 0.5 + X @ rng.normal(size=4)
    fit = reference.fit_least_squares(X, y)
    expected = np.linalg.lstsq(np.column_stack([np.ones(40), X]), y)[0]
    tolerance = max(1e-9, 1e-14 * condition)
    np.testing.assert_allclose(np.append(fit.intercept, fit.coef), expected, rtol=tolerance, atol=tolerance)


def test_without_intercept_to_find(reference, rng):
    """On centred data the shortest solution is that of `numpy.linalg.lstsq`, of whatever rank."""
    for shape in [(12, 3), (12, 12), (5, 9)]:
        X, y = rng.normal(size=shape), rng.normal(size=shape[0])
        X, y = X - X.mean(axis=0), y - y.mean()
        X[:, -1] = X[:, 0] - X[:, 1]
        expected = np.linalg.lstsq(X, y, rcond=1e-10)[0]
        np.testing.assert_allclose(reference.fit_least_squares(X, y).coef, expected, rtol=1e-9, atol=1e-9)


def test_whole_numbers(reference, rng):
    assert_agrees(reference, rng.integers(-9, 9, size=(15, 3)), rng.integers(-9, 9, size=15))


def test_claim_line_against_polynomial(reference, rng):
    """The median over 500 draws: about 0.05 for the line, about 1.2 for the polynomial of degree 9."""
    grid, errors = np.linspace(-1, 1, 101), []
    for _ in range(500):
        x = rng.uniform(-1, 1, size=30)
        y = 2 * x + rng.normal(size=30)
        fits = [(reference.fit_least_squares(np.vander(x, d + 1)[:, :-1], y), d) for d in (1, 9)]
        errors.append([np.mean((c + np.vander(grid, d + 1)[:, :-1] @ b - 2 * grid) ** 2) for (c, b), d in fits])
    line, curve = np.median(errors, axis=0)
    assert 0.035 < line < 0.065
    assert 0.7 < curve < 1.8


@pytest.mark.parametrize(("gap", "normal", "qr"), [(1e-8, (-9, 1), (7, 11)), (1e-4, (6, 12), (10, 16))])
def test_claim_digits(reference, gap, normal, qr):
    """Digits of coef over 20 seeds, by solving with X'X and by this kata."""
    for seed in range(20):
        a, b = np.random.default_rng(seed).normal(size=(2, 40))
        X = np.column_stack([a, a + gap * b])
        y = X @ [3.0, -2.0]
        centred = X - X.mean(axis=0)
        try:
            solved = np.linalg.solve(centred.T @ centred, centred.T @ y)
        except np.linalg.LinAlgError:
            solved = np.zeros(2)
        for coef, (low, high) in [(solved, normal), (reference.fit_least_squares(X, y).coef, qr)]:
            digits = -np.log10(np.abs(coef / [3, -2] - 1).max())
            assert low < digits < high


def test_claim_r_squared_of_noise(reference, rng):
    """The mean over 500 draws of 30 samples and 10 features of noise: R2 about 0.34, adjusted about 0."""
    shares = []
    for _ in range(500):
        X, y = rng.normal(size=(30, 10)), rng.normal(size=30)
        intercept, coef = reference.fit_least_squares(X, y)
        shares.append(1 - ((y - intercept - X @ coef) ** 2).sum() / ((y - y.mean()) ** 2).sum())
    r2 = np.array(shares)
    assert abs(r2.mean() - 0.345) < 0.02
    assert abs((1 - (1 - r2) * 29 / 19).mean()) < 0.03


def peers(reference, rng):
    """Yield the fit of a tall table."""
    X, y = rng.normal(size=(20_000, 30)), rng.normal(size=20_000)
    model = LinearRegression()
    ours, theirs = (lambda: reference.fit_least_squares(X, y)), (lambda: model.fit(X, y))
    yield Peer("20,000 x 30", "LinearRegression.fit", ours, theirs)
