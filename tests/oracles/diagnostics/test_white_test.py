"""The reference beside statsmodels, which takes residuals, and the intercept as a column."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.api import OLS
from statsmodels.stats.diagnostic import het_white

from tests.bench.peers import Peer

pytestmark = pytest.mark.filterwarnings("ignore:The design matrix is rank-deficient")


def statsmodels_test(X, y):
    """Return the statistic and its p-value, which tells the degrees of freedom."""
    design = np.column_stack([np.ones(len(X)), X])
    return het_white(OLS(y, design).fit().resid, design)[:2]


def assert_agree(actual, X, y):
    statistic, p_value = statsmodels_test(X, y)
    np.testing.assert_allclose(actual.statistic, statistic, rtol=1e-9, atol=1e-11 * len(X))
    np.testing.assert_allclose(stats.chi2.sf(actual.statistic, actual.dof), p_value, rtol=1e-7)


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples) * np.exp(X[:, 0] * rng.uniform(0, 1))


def test_random_data(reference, rng):
    for _ in range(100):
        n_features = int(rng.integers(1, 6))
        X, y = drawn(rng, n_features * (n_features + 3) // 2 + int(rng.integers(8, 60)), n_features)
        actual = reference.white_test(X, y)
        assert_agree(actual, X, y)
        assert actual.dof == n_features * (n_features + 3) // 2


def test_dependent_terms(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 40, 2)
        dummy, levels = rng.permutation(np.arange(40) // 13 % 2), np.eye(3)[rng.permutation(np.arange(40) % 3)]
        cases = [(dummy[:, None], 1), (np.column_stack([X, dummy]), 8), (levels[:, 1:], 2)]
        cases += [(np.column_stack([levels[:, 1:], X[:, 0]]), 6), (np.column_stack([X[:, 0], 1 - 2 * dummy]), 4)]
        for features, dof in cases:
            actual = reference.white_test(features, y)
            assert_agree(actual, features, y)
            assert actual.dof == dof


def test_units_and_origins(reference, rng):
    for _ in range(30):
        X, y = drawn(rng, 30, 3)
        expected = reference.white_test(X, y)
        assert_agree(expected, X, y)
        moved = reference.white_test(X * 10.0 ** rng.integers(-9, 10, size=3), y)
        np.testing.assert_allclose(moved, expected, rtol=1e-9)
        # A million spreads from zero, the input itself keeps no more than ten digits of the spread.
        np.testing.assert_allclose(reference.white_test(X + 1e6 * rng.normal(size=3), y), expected, rtol=1e-5)


def test_edges(reference, rng):
    """Where there is nothing to explain, statsmodels says what rounding makes of 0 / 0."""
    X, y = drawn(rng, 16, 2)
    for target in (np.full(16, 0.1), np.zeros(16), 0.3 + X @ [0.1, -0.7]):
        assert reference.white_test(X, target) == (0.0, 5)
    assert_agree(reference.white_test(X[:7], y[:7]), X[:7], y[:7])
    with pytest.raises(ValueError, match="too few"):
        reference.white_test(X[:6], y[:6])


def shares(make, *tests):
    """Return for each test the share of 200 samples that it rejects at 5 %, in each of three runs."""
    found = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        found.append(np.mean([[test(*make(rng)) for test in tests] for _ in range(200)], axis=0))
    return np.transpose(found)


def residual(X, y):
    design = np.column_stack([np.ones(len(y)), X])
    return y - design @ np.linalg.lstsq(design, y)[0]


def rejected(columns, squares):
    """Tell whether n R2 of a fit of the squares rejects at 5 %."""
    statistic = len(squares) * (1 - residual(columns, squares).var() / squares.var())
    return stats.chi2.sf(statistic, columns.shape[1]) < 0.05


def breusch_pagan(X, y):
    return rejected(X, residual(X, y) ** 2)


def short(X, y):
    e = residual(X, y)
    return rejected(np.column_stack([y - e, (y - e) ** 2]), e**2)


def drawn_with(spread, n=200, k=1, curve=0.0):
    def make(rng):
        X = rng.normal(size=(n, k))
        return X, X.sum(axis=1) + curve * X[:, 0] ** 2 + spread(X[:, 0]) * rng.normal(size=n)

    return make


def level(rng):
    X = rng.normal(size=(200, 1))
    return X, np.exp(1 + X[:, 0] / 2 + 0.5 * rng.normal(size=200))


def growing(x):
    return np.exp(x / 4)


def test_claims(reference):
    """The numbers of the follow-ups."""

    def white(X, y):
        statistic, dof = reference.white_test(X, y)
        return stats.chi2.sf(statistic, dof) < 0.05

    for make, *expected in (
        (drawn_with(np.ones_like, curve=0.5), (white, 0.96, 1.0)),
        (drawn_with(np.abs), (white, 0.99, 1.0), (breusch_pagan, 0.3, 0.45)),
        (drawn_with(growing, 100), (white, 0.67, 0.83), (breusch_pagan, 0.8, 0.91)),
        (drawn_with(growing, 100, 8), (white, 0.07, 0.19), (breusch_pagan, 0.34, 0.51)),
        (drawn_with(np.ones_like, 60, 8), (white, 0.0, 0.01), (short, 0.01, 0.09)),
        (level, (white, 0.93, 0.99), (lambda X, y: white(X, np.log(y)), 0.02, 0.08)),
    ):
        tests, low, high = zip(*expected, strict=True)
        for found, least, most in zip(shares(make, *tests), low, high, strict=True):
            assert least <= found.min() <= found.max() <= most


def peers(reference, rng):
    """Yield the test on a middling table, the first fit included."""
    X, y = drawn(rng, 20_000, 5)
    ours, theirs = (lambda: reference.white_test(X, y)), (lambda: statsmodels_test(X, y))
    yield Peer("20,000 x 5", "OLS.fit and het_white", ours, theirs)
