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


def share(statistic, make, cut):
    """Return the share of 200 samples in which a statistic is above a cut, in each of three runs."""
    runs = [np.random.default_rng(seed) for seed in range(3)]
    return [np.mean([statistic(*make(rng)) > cut for _ in range(200)]) for rng in runs]


def test_claims(reference):
    """What the follow-ups say of power and size."""

    def test(x, y):
        return reference.breusch_pagan(x[:, None], y).statistic

    def white(x, y):
        design = np.column_stack([np.ones(len(x)), x])
        squares = (y - design @ np.linalg.lstsq(design, y)[0]) ** 2
        wider = np.column_stack([design, x**2])
        rest = squares - wider @ np.linalg.lstsq(wider, squares)[0]
        return len(x) * (1 - rest @ rest / ((squares - squares.mean()) ** 2).sum())

    def original(x, y):
        design = np.column_stack([np.ones(len(x)), x])
        squares = (y - design @ np.linalg.lstsq(design, y)[0]) ** 2
        fitted = design @ np.linalg.lstsq(design, squares / squares.mean())[0]
        return ((fitted - 1) ** 2).sum() / 2

    def drawn_with(noise, n=200):
        def make(rng):
            x = rng.normal(size=n)
            return x, x + noise(x, rng)

        return make

    def curved(rng):
        x = rng.uniform(0, 2, size=200)
        return x, np.exp(x) + 0.2 * rng.normal(size=200)

    def growing(x, rng):
        return np.exp(x / 4) * rng.normal(size=len(x))

    def symmetric(x, rng):
        return np.abs(x) * rng.normal(size=len(x))

    for statistic, make, cut, low, high in (
        (test, curved, 3.84, 0.68, 0.85),
        (test, drawn_with(growing), 3.84, 0.96, 1.0),
        (test, drawn_with(growing, 30), 3.84, 0.22, 0.42),
        (test, drawn_with(symmetric), 3.84, 0.27, 0.47),
        (white, drawn_with(symmetric), 5.99, 0.98, 1.0),
        (original, drawn_with(lambda x, rng: rng.standard_t(5, size=len(x))), 3.84, 0.11, 0.3),
        (test, drawn_with(lambda x, rng: rng.standard_t(5, size=len(x))), 3.84, 0.01, 0.11),
        (original, drawn_with(lambda x, rng: rng.uniform(-1, 1, size=len(x))), 3.84, 0.0, 0.025),
    ):
        assert all(low <= found <= high for found in share(statistic, make, cut))


def peers(reference, rng):
    """Yield the test on a middling table, the fit included."""
    X, y = drawn(rng, 20_000, 5)
    ours, theirs = (lambda: reference.breusch_pagan(X, y)), (lambda: statsmodels_statistic(X, y))
    yield Peer("20,000 x 5", "OLS.fit and het_breuschpagan", ours, theirs)
