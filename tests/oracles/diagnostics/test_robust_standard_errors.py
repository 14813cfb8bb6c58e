"""The reference beside statsmodels, which takes the intercept as a column."""

import numpy as np
import pytest
from statsmodels.api import OLS

from tests.bench.peers import Peer

KINDS = ("HC0", "HC1", "HC2", "HC3")


def assert_agree(reference, X, y, kinds=KINDS):
    fit = OLS(y, np.column_stack([np.ones(len(X)), X])).fit()
    np.testing.assert_allclose(reference.standard_errors(X, y), fit.bse, rtol=1e-9)
    for kind in kinds:
        actual = reference.sandwich_standard_errors(X, y, kind)
        np.testing.assert_allclose(actual, getattr(fit, f"{kind}_se"), rtol=1e-9)


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples) * np.exp(X[:, 0])


def test_random_data(reference, rng):
    for _ in range(200):
        n_features = int(rng.integers(1, 7))
        assert_agree(reference, *drawn(rng, n_features + int(rng.integers(4, 40)), n_features))


def test_whole_numbers(reference, rng):
    for _ in range(50):
        assert_agree(reference, rng.integers(-9, 10, size=(15, 2)), rng.integers(-9, 10, size=15))


def test_units_and_origins(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 15, 3)
        units, move = 2.0 ** rng.integers(-30, 30, size=3), 1e6 * rng.normal(size=3)
        # In other units or from another origin statsmodels loses digits itself: it is asked about the plain data.
        assert_agree(reference, X, y)
        functions = [reference.standard_errors]
        functions += [lambda X, y, kind=kind: reference.sandwich_standard_errors(X, y, kind) for kind in KINDS]
        for function in functions:
            plain = function(X, y)
            np.testing.assert_allclose(function(X * units, y * 8.0), plain * 8.0 / np.append(1, units), rtol=1e-9)
            # A million spreads from zero, the input itself keeps no more than ten digits of the spread.
            np.testing.assert_allclose(function(X + move, y - 1e6)[1:], plain[1:], rtol=1e-6)


def test_intercept_far_from_the_data(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 15, 2)
        assert_agree(reference, X + 10.0 * rng.normal(size=2), y)


def test_leverage_one(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 15, 2)
        marked = np.column_stack([X, np.arange(15) == 4])
        fit = OLS(y, np.column_stack([np.ones(15), marked])).fit()
        np.testing.assert_allclose(reference.standard_errors(marked, y), fit.bse, rtol=1e-9)
        for kind in ("HC0", "HC1"):
            actual = reference.sandwich_standard_errors(marked, y, kind)
            np.testing.assert_allclose(actual, getattr(fit, f"{kind}_se"), rtol=1e-9)
        # statsmodels divides what rounding leaves of 0 by what it leaves of 0.
        for kind in ("HC2", "HC3"):
            with pytest.raises(ValueError):
                reference.sandwich_standard_errors(marked, y, kind)


def test_few_samples(reference, rng):
    for n_features in (1, 2, 5):
        X, y = drawn(rng, n_features + 1, n_features)
        with pytest.raises(ValueError):
            reference.standard_errors(X, y)
        for kind in KINDS:
            with pytest.raises(ValueError):
                reference.sandwich_standard_errors(X, y, kind)


def test_other_kinds(reference, rng):
    for kind in ("HC4", "hc3", "nonrobust", ""):
        with pytest.raises(ValueError):
            reference.sandwich_standard_errors(*drawn(rng, 9, 2), kind)


def slopes(reference, rng, n_samples, scale, n_draws=1_000):
    """Return how far the slope varies, the mean of each standard error, and how often its interval covers 2."""
    fits, errors = [], []
    for _ in range(n_draws):
        x = rng.normal(size=n_samples)
        X, y = x[:, None], 1 + 2 * x + scale(x) * rng.normal(size=n_samples)
        fits.append(np.polyfit(x, y, 1)[0])
        robust = [reference.sandwich_standard_errors(X, y, kind)[1] for kind in KINDS]
        errors.append([reference.standard_errors(X, y)[1], *robust])
    covered = np.abs(np.array(fits)[:, None] - 2) < 1.96 * np.array(errors)
    return np.std(fits), np.mean(errors, axis=0), covered.mean(axis=0)


def test_claim_noise_away_from_the_mean(reference, rng):
    spread, errors, covered = slopes(reference, rng, 100, np.abs)
    np.testing.assert_allclose([spread, errors[0], errors[4]], [0.17, 0.10, 0.17], rtol=0.1)
    np.testing.assert_allclose(covered[[0, 4]], [0.74, 0.93], atol=0.05)
    small = slopes(reference, rng, 25, np.abs)[2]
    np.testing.assert_allclose(small, [0.72, 0.84, 0.86, 0.87, 0.90], atol=0.05)


def test_claim_noise_near_the_mean(reference, rng):
    spread, errors, _ = slopes(reference, rng, 100, lambda x: np.exp(-np.abs(x)))
    np.testing.assert_allclose([spread, errors[0]], [0.031, 0.058], rtol=0.1)
    np.testing.assert_allclose(errors[1:], 0.03, rtol=0.12)


def test_claim_equal_variances(reference, rng):
    covered = slopes(reference, rng, 100, np.ones_like)[2]
    assert (covered > 0.91).all()
    assert (covered < 0.97).all()


def test_claim_weights(rng):
    plain, weighted = [], []
    for _ in range(2_000):
        x = rng.normal(size=100)
        scale = 0.1 + np.abs(x)
        y = 2 * x + scale * rng.normal(size=100)
        plain.append(np.polyfit(x, y, 1)[0])
        weighted.append(np.polyfit(x, y, 1, w=1 / scale)[0])
    np.testing.assert_allclose([np.std(plain), np.std(weighted)], [0.18, 0.12], rtol=0.1)


def test_claim_prediction_intervals(rng):
    covered, where = [], []
    for _ in range(200):
        x = rng.uniform(0.2, 2, size=500)
        y = 1 + 2 * x + x * rng.normal(size=500)
        line = np.polyfit(x, y, 1)
        s = np.sqrt(((y - np.polyval(line, x)) ** 2).sum() / 498)
        new = rng.uniform(0.2, 2, size=500)
        covered.append(np.abs(1 + 2 * new + new * rng.normal(size=500) - np.polyval(line, new)) < 1.96 * s)
        where.append(new)
    covered, where = np.concatenate(covered), np.concatenate(where)
    shares = [covered[where < 0.5].mean(), covered[where > 1.7].mean(), covered.mean()]
    np.testing.assert_allclose(shares, [1.0, 0.80, 0.93], atol=0.03)


def test_claim_groups(reference, rng):
    fits, errors = [], []
    for _ in range(2_000):
        x = np.repeat(rng.normal(size=20), 10)
        y = x + np.repeat(rng.normal(size=20), 10) + rng.normal(size=200)
        fits.append(np.polyfit(x, y, 1)[0])
        errors.append([reference.standard_errors(x[:, None], y)[1]])
        errors[-1].append(reference.sandwich_standard_errors(x[:, None], y, "HC3")[1])
    np.testing.assert_allclose(np.std(fits), 0.25, atol=0.03)
    np.testing.assert_allclose(np.mean(errors, axis=0), 0.10, atol=0.015)


def test_claim_left_out(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=10_000)
        z = 0.5 * x + rng.normal(size=10_000)
        y = x + 2 * z + rng.normal(size=10_000)
        assert 1.9 < np.polyfit(x, y, 1)[0] < 2.1
        np.testing.assert_allclose(reference.standard_errors(x[:, None], y)[1], 0.022, atol=0.001)


def peers(reference, rng):
    """Yield the standard errors of a middling table, the fit included."""
    X, y = drawn(rng, 20_000, 5)
    design = np.column_stack([np.ones(20_000), X])
    yield Peer(
        "HC3, 20,000 x 5",
        "OLS.fit().HC3_se",
        lambda: reference.sandwich_standard_errors(X, y, "HC3"),
        lambda: OLS(y, design).fit().HC3_se,
    )
