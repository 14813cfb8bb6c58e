"""The reference beside statsmodels, which takes residuals, and the intercept as a column."""

import numpy as np
import pytest
from statsmodels.api import OLS
from statsmodels.stats.diagnostic import het_breuschpagan

from tests.bench.peers import Peer


def statsmodels_statistic(X, y):
    design = np.column_stack([np.ones(len(X)), X])
    return het_breuschpagan(OLS(y, design).fit().resid, design, robust=True)[0]


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples) * np.exp(X[:, 0] * rng.uniform(0, 1))


def test_random_data(reference, rng):
    for _ in range(200):
        n_features = int(rng.integers(1, 7))
        X, y = drawn(rng, n_features + int(rng.integers(4, 60)), n_features)
        statistic, dof = reference.breusch_pagan(X, y)
        # Both take R2 from sums: what is small beside 1 has the rounding of 1.
        np.testing.assert_allclose(statistic, statsmodels_statistic(X, y), rtol=1e-9, atol=1e-12 * len(X))
        assert dof == n_features


def test_whole_numbers(reference, rng):
    for _ in range(50):
        X, y = rng.integers(-9, 10, size=(15, 2)), rng.integers(-9, 10, size=15)
        actual = reference.breusch_pagan(X, y).statistic
        np.testing.assert_allclose(actual, statsmodels_statistic(X, y), rtol=1e-9, atol=1e-12)


def test_units_and_origins(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 15, 3)
        expected = statsmodels_statistic(X, y)
        # In other units or from another origin statsmodels loses digits itself: it is asked about the plain data.
        scaled = reference.breusch_pagan(X * 2.0 ** rng.integers(-30, 30, size=3), y * 2.0**70).statistic
        np.testing.assert_allclose(scaled, expected, rtol=1e-9, atol=1e-11)
        # A million spreads from zero, the input itself keeps no more than ten digits of the spread.
        moved = reference.breusch_pagan(X + 1e6 * rng.normal(size=3), y).statistic
        np.testing.assert_allclose(moved, expected, rtol=1e-6, atol=1e-7)


def test_nothing_to_explain(reference, rng):
    """Statsmodels says what rounding makes of 0 / 0."""
    for _ in range(50):
        X, _ = drawn(rng, 16, 2)
        exact = rng.normal() + X @ rng.normal(size=2)
        signs = np.tile([1.0, -1.0, -1.0, 1.0], 4)
        line = np.tile(np.arange(4.0), 4)[:, None]
        for features, y in [(X, np.full(16, rng.normal())), (X, exact), (line, 0.3 * line[:, 0] + 0.1 * signs)]:
            assert reference.breusch_pagan(features, y) == (0.0, features.shape[1])


def test_nearly_equal_residuals(reference):
    last = np.repeat([1.0, -1.0], 4)
    X = np.column_stack([np.tile([0.0, 1.0, 1.0, 0.0], 2), last])
    for t in (0.5, 1e-3, 1e-5):
        y = np.tile([1.0, 1.0, -1.0, -1.0], 2) * (1 + t * (last > 0))
        # Of squares that differ by 1e-5, rounding leaves eleven digits.
        actual = reference.breusch_pagan(X, y).statistic
        assert actual == pytest.approx(statsmodels_statistic(X, y), rel=1e-9 + 1e-14 / t)


def test_few_samples(reference, rng):
    for n_features in (1, 2, 5):
        X, y = drawn(rng, n_features + 2, n_features)
        np.testing.assert_allclose(reference.breusch_pagan(X, y).statistic, statsmodels_statistic(X, y), rtol=1e-7)
        with pytest.raises(ValueError):
            reference.breusch_pagan(X[:-1], y[:-1])


def rejected(reference, rng, draw, n_draws=1_000):
    """Return the share of draws in which the statistic for one feature is above 3.84."""
    return np.mean([reference.breusch_pagan(*draw(rng)).statistic > 3.84 for _ in range(n_draws)])


def test_claim_wrong_mean(reference, rng):
    def draw(rng):
        x = rng.uniform(0, 2, size=200)
        return x[:, None], np.exp(x) + 0.2 * rng.normal(size=200)

    assert 0.72 < rejected(reference, rng, draw) < 0.84


@pytest.mark.parametrize(("n_samples", "low", "high"), [(200, 0.97, 1.0), (30, 0.26, 0.37)])
def test_claim_power(reference, rng, n_samples, low, high):
    def draw(rng):
        x = rng.normal(size=n_samples)
        return x[:, None], np.exp(x / 4) * rng.normal(size=n_samples)

    assert low < rejected(reference, rng, draw) <= high


def test_claim_variance_that_is_not_linear(reference, rng):
    """Rejected in 32 to 39 % of draws; with the square in the second fit in over 98 %."""
    linear, white = [], []
    for _ in range(1_000):
        x = rng.normal(size=200)
        y = np.abs(x) * rng.normal(size=200)
        linear.append(reference.breusch_pagan(x[:, None], y).statistic > 3.84)
        squares = (y - np.polyval(np.polyfit(x, y, 1), x)) ** 2
        left = squares - np.polyval(np.polyfit(x, squares, 2), x)
        white.append(200 * (1 - left.var() / squares.var()) > 5.99)
    assert 0.29 < np.mean(linear) < 0.42
    assert np.mean(white) > 0.98


def test_claim_original_form(reference, rng):
    for noise, low, high in [
        (lambda: rng.standard_t(5, size=200), 0.15, 0.25),
        (lambda: rng.uniform(-1, 1, size=200), 0.0, 0.01),
    ]:
        original, koenker = [], []
        for _ in range(2_000):
            x, y = rng.normal(size=200), noise()
            n_r2 = reference.breusch_pagan(x[:, None], y).statistic
            squares = (y - np.polyval(np.polyfit(x, y, 1), x)) ** 2
            koenker.append(n_r2 > 3.84)
            original.append(n_r2 * squares.var() / (2 * squares.mean() ** 2) > 3.84)
        assert low <= np.mean(original) < high
        assert 0.025 < np.mean(koenker) < 0.07


def peers(reference, rng):
    """Yield the test on a middling table, the fit included."""
    X, y = drawn(rng, 20_000, 5)
    ours, theirs = (lambda: reference.breusch_pagan(X, y)), (lambda: statsmodels_statistic(X, y))
    yield Peer("20,000 x 5", "OLS.fit and het_breuschpagan", ours, theirs)
