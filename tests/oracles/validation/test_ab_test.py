"""The reference beside statsmodels and SciPy, and the claims of the follow-ups."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.api import OLS
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportions_ztest, samplesize_proportions_2indep_onetail

from tests.oracles.claims import within


def test_two_proportion_z(reference, rng):
    for _ in range(300):
        n_a, n_b = (int(n) for n in rng.integers(1, 300, size=2))
        a, b = int(rng.integers(0, n_a + 1)), int(rng.integers(0, n_b + 1))
        if 0 < a + b < n_a + n_b:
            expected = proportions_ztest([b, a], [n_b, n_a])
            ours = reference.two_proportion_z(a, n_a, b, n_b)
            np.testing.assert_allclose(ours.statistic, expected[0], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(ours.p_value, expected[1], rtol=1e-8)
    for args in [(0, 10, 0, 20), (10, 10, 20, 20)]:
        assert reference.two_proportion_z(*args) == (0, 1)
    for args in [(0, 0, 1, 5), (6, 5, 1, 5), (1, 5, -1, 5)]:
        with pytest.raises(ValueError, match="samples"):
            reference.two_proportion_z(*args)


def test_sample_size(reference, rng):
    for _ in range(100):
        p_a, p_b, alpha, power = *rng.uniform(0, 1, size=2), rng.uniform(0.001, 0.3), rng.uniform(0.5, 0.99)
        spread = (p_a * (1 - p_a) + p_b * (1 - p_b)) / 2
        effect = abs(p_a - p_b) / math.sqrt(spread)
        n = 2 * ((stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) / effect) ** 2
        if abs(n - round(n)) > 1e-6 * n:
            assert reference.sample_size(p_a, p_b, alpha, power) == math.ceil(n)
    # The library finds its n by searching a root.
    for p_a, p_b in [(0.1, 0.12), (0.5, 0.6), (0.0, 0.1), (0.9, 1.0)]:
        effect = (p_b - p_a) / math.sqrt((p_a * (1 - p_a) + p_b * (1 - p_b)) / 2)
        n = NormalIndPower().solve_power(effect, alpha=0.025, power=0.8, alternative="larger")
        assert reference.sample_size(p_a, p_b) == math.ceil(n)
    with pytest.raises(ValueError, match="difference"):
        reference.sample_size(0.3, 0.3)


def regressed(y, x, treated):
    """Return theta by least squares, and the effect and its error from the t test of Welch."""
    theta = OLS(y, np.column_stack([np.ones(len(x)), x])).fit().params[1]
    left = y - theta * x
    effect = left[treated].mean() - left[~treated].mean()
    return theta, effect, effect / stats.ttest_ind(left[treated], left[~treated], equal_var=False).statistic


def test_cuped(reference, rng):
    for _ in range(100):
        n = int(rng.integers(5, 60))
        treated = rng.permutation(np.append([True, True, False, False], rng.random(n - 4) < 0.3))
        x = 2 + rng.normal(size=n)
        y = 5 + rng.normal() * x + 2 * treated + rng.normal(size=n)
        np.testing.assert_allclose(reference.cuped(y, x, treated), regressed(y, x, treated), rtol=1e-9, atol=1e-11)
        whole = np.rint(20 * y).astype(np.int16), np.rint(30 * x).astype(np.int8)
        expected = regressed(*(array.astype(float) for array in whole), treated)
        np.testing.assert_allclose(reference.cuped(*whole, treated), expected, rtol=1e-9, atol=1e-9)


def test_cuped_edges(reference, rng):
    y, treated = rng.normal(size=12), np.arange(12) < 4
    expected = stats.ttest_ind(y[treated], y[~treated], equal_var=False).statistic
    theta, effect, error = reference.cuped(y, np.full(12, 0.1), treated)
    assert theta == 0
    np.testing.assert_allclose(effect / error, expected)
    x = rng.normal(size=12)
    moved = reference.cuped(y + 1e6, x - 1e6, treated)
    np.testing.assert_allclose(moved, reference.cuped(y, x, treated), rtol=1e-7)
    for wrong in (np.arange(12) < 1, np.arange(12) < 11, np.ones(12, dtype=bool)):
        with pytest.raises(ValueError, match="fewer than two"):
            reference.cuped(y, x, wrong)


def z_of(a, n_a, b, n_b):
    p = (a + b) / (n_a + n_b)
    return (b / n_b - a / n_a) / np.sqrt(p * (1 - p) * (1 / n_a + 1 / n_b))


def test_claims_of_variances(reference):
    """The numbers of the first follow-up."""
    assert reference.sample_size(0.1, 0.12) == 3_839
    assert reference.sample_size(0.1, 0.11) == 14_749
    n = samplesize_proportions_2indep_onetail(0.02, 0.1, power=0.8, alpha=0.025, alternative="larger")
    assert math.ceil(n) == 3_841

    def power(rng):
        a, b = rng.binomial(3_839, [[0.1], [0.12]], size=(2, 20_000))
        return (abs(z_of(a, 3_839, b, 3_839)) > 1.96).mean()

    within(0.79, 0.81, power)


def test_claims_of_peeking():
    """The numbers of the second follow-up."""

    def looks(rng):
        a, b = rng.binomial(1_000, 0.1, size=(2, 2_000, 10)).cumsum(axis=2)
        n = 1_000 * np.arange(1, 11)
        z = abs(z_of(a, n, b, n))
        return (z[:, -1] > 1.96).mean(), (z > 1.96).any(axis=1).mean(), (z > 2.555).any(axis=1).mean()

    within([0.03, 0.165, 0.035], [0.07, 0.215, 0.065], looks)
    within(0.61, 0.67, lambda rng: (abs(rng.normal(size=(2_000, 20))) > 1.96).any(axis=1).mean())


def effects(y, x, treated):
    """Return effects of the rows without and with the covariate."""
    x = x - x.mean(axis=1, keepdims=True)
    left = y - ((x * y).sum(axis=1) / (x**2).sum(axis=1))[:, None] * x
    return [values[:, treated].mean(axis=1) - values[:, ~treated].mean(axis=1) for values in (y, left)]


def test_claims_of_the_covariate(reference):
    """The numbers of the third follow-up."""
    treated = np.arange(400) % 2 == 1

    def drawn(rng, moved):
        x = rng.normal(size=(300, 400)) + moved * treated
        return x, 0.8 * x + 0.6 * rng.normal(size=x.shape)

    def saved(rng):
        x, y = drawn(rng, 0)
        plain, adjusted = effects(y, x, treated)
        return adjusted.var() / plain.var()

    within(0.29, 0.45, saved)

    def spoilt(rng):
        x, y = drawn(rng, 0.5)
        return [effect.mean() for effect in effects(y, x, treated)]

    within([0.38, -0.02], [0.42, 0.02], spoilt)
    x, y = drawn(np.random.default_rng(0), 0)
    np.testing.assert_allclose(reference.cuped(y[3], x[3], treated).effect, effects(y, x, treated)[1][3])


def test_claims_of_views():
    """The numbers of the fourth follow-up."""

    def rejected(rng):
        views = rng.integers(1, 40, size=(300, 2, 200))
        clicks = rng.binomial(views, rng.beta(1, 9, size=views.shape)).sum(axis=2)
        n = views.sum(axis=2)
        return (abs(z_of(clicks[:, 0], n[:, 0], clicks[:, 1], n[:, 1])) > 1.96).mean()

    within(0.2, 0.35, rejected)
