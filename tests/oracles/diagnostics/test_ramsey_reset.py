"""The reference beside statsmodels, which takes the intercept as a column, and the claims of the follow-ups."""

import numpy as np
import pytest
from scipy.stats import f as f_distribution
from statsmodels.api import OLS
from statsmodels.stats.diagnostic import linear_reset

from tests.bench.peers import Peer
from tests.oracles.claims import within


def library(X, y, max_power):
    found = linear_reset(OLS(y, np.column_stack([np.ones(len(X)), X])).fit(), power=max_power, use_f=True)
    return float(found.statistic), int(found.df_num), int(found.df_denom)


def draw(rng, n, p):
    X = rng.normal(size=(n, p)) + 0.5 * rng.normal(size=(n, 1))
    index = X @ rng.uniform(0.5, 1.0, size=p) / p
    return X, index + 0.3 * index**2 + 0.5 * rng.normal(size=n)


def test_random(reference, rng):
    for _ in range(100):
        p, max_power = int(rng.integers(1, 5)), int(rng.integers(2, 4))
        X, y = draw(rng, p + max_power + int(rng.integers(4, 40)), p)
        ours = reference.ramsey_reset(X, y, max_power)
        np.testing.assert_allclose(ours, library(X, y, max_power), rtol=1e-7, atol=1e-9)


def test_edges(reference, rng):
    """The default, integers, another origin and unit, and bad arguments."""
    X, y = draw(rng, 20, 2)
    plain = library(X, y, 3)
    np.testing.assert_allclose(reference.ramsey_reset(X, y), plain, rtol=1e-8)
    np.testing.assert_allclose(reference.ramsey_reset(X + np.array([1e6, 0.0]), 1e80 * y), plain, rtol=1e-5)
    whole = np.rint(30 * X).astype(np.int8), np.rint(30 * y).astype(np.int8)
    np.testing.assert_allclose(
        reference.ramsey_reset(*whole, 2), library(*(each.astype(float) for each in whole), 2), rtol=1e-6
    )
    for n, max_power in [(5, 3), (4, 3), (4, 2), (20, 1), (20, 0)]:
        with pytest.raises(ValueError, match="power"):
            reference.ramsey_reset(X[:n], y[:n], max_power)
    assert reference.ramsey_reset(X[:6], y[:6], 3).dof_denominator == 1


def rejects_within(reference, low, high, draw_one, max_power=3):
    """Check in 10 runs of 200 samples how often the test rejects at 5 %."""
    within(low, high, lambda rng: _rejected(reference, rng, draw_one, max_power), seeds=10)


def _rejected(reference, rng, draw_one, max_power):
    statistics = []
    for _ in range(200):
        statistic, *dof = reference.ramsey_reset(*draw_one(rng), max_power)
        statistics.append(statistic)
    return np.mean(np.array(statistics) > f_distribution.ppf(0.95, *dof))


def noise(rng):
    return rng.normal(size=200)


def test_claim_of_variances(reference):
    """The number of the first follow-up."""

    def unequal(rng):
        x = noise(rng)
        return x[:, None], x + abs(x) * noise(rng)

    rejects_within(reference, 0.47, 0.6, unequal)


def test_claims_of_features(reference):
    """The numbers of the second follow-up."""

    def product(rng):
        a, b = rng.normal(size=(2, 200))
        return np.column_stack([a, b]), a + b + a * b / 2 + noise(rng)

    def hidden(rng):
        a, b = rng.normal(size=(2, 200))
        return np.column_stack([a, b]), 2 * a + b**2 / 2 + noise(rng)

    rejects_within(reference, 0.94, 1, product)
    rejects_within(reference, 0.02, 0.085, hidden)


def test_claims_of_power(reference):
    """The numbers of the third follow-up."""

    def omitted(rng):
        x = noise(rng)
        return x[:, None], x + 2 * (x / 2 + noise(rng)) + noise(rng)

    def cubic(rng):
        x = noise(rng)
        return x[:, None], x + 0.15 * (x**3 - 3 * x) + noise(rng)

    rejects_within(reference, 0.02, 0.085, omitted)
    rejects_within(reference, 0.9, 0.98, cubic)
    rejects_within(reference, 0.235, 0.335, cubic, max_power=2)


def test_claims_of_logarithms(reference):
    """The numbers of the fourth follow-up."""

    def logarithm(rng):
        x = noise(rng)
        return x[:, None], 1 + x / 2 + noise(rng) / 2

    def plain(rng):
        X, y = logarithm(rng)
        return X, np.exp(y)

    rejects_within(reference, 0.83, 0.94, plain)
    rejects_within(reference, 0.02, 0.075, logarithm)


def peers(reference, rng):
    """Yield the test on many samples, the first fit included."""
    X, y = draw(rng, 20_000, 5)
    ours, theirs = (lambda: reference.ramsey_reset(X, y, 3)), (lambda: library(X, y, 3))
    yield Peer("20,000 x 5, powers 2 and 3", "linear_reset(use_f=True)", ours, theirs)
