"""The fits beside statsmodels, the intervals beside SciPy, and the claims of the follow-ups."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from scipy.stats import bootstrap
from scipy.stats.mstats import mquantiles
from statsmodels.api import OLS, add_constant

from tests.bench.peers import Peer
from tests.oracles.claims import within


def slope(x, y):
    """Return the slopes of the last axis."""
    x = x - x.mean(axis=-1, keepdims=True)
    return (x * y).sum(axis=-1) / (x**2).sum(axis=-1)


def test_fits(reference, rng):
    """Every fit is that of a possible resample, and each of them comes up."""
    X, y = np.array([[0.0, 3.0], [1.0, -1.0], [4.0, 2.0], [2.0, 7.0]]), np.array([3.0, 1.0, -2.0, 8.0])
    design = add_constant(X)
    draws = [list(rows) for rows in combinations_with_replacement(range(4), 4)]
    possible = np.array([OLS(y[r], design[r]).fit().params for r in draws if np.linalg.matrix_rank(design[r]) == 3])
    distance = abs(reference.bootstrap_coefficients(X, y, 800, rng)[:, np.newaxis] - possible).max(axis=2)
    assert distance.min(axis=1).max() < 1e-9
    assert distance.min(axis=0).max() < 1e-9


def test_distribution(reference, rng):
    """Quantiles of many resamples are those of SciPy's, up to chance."""
    x, y = rng.normal(size=(2, 40))
    ours = reference.bootstrap_coefficients(x[:, None], y, 4_000, rng)[:, 1]
    theirs = bootstrap((x, y), slope, paired=True, n_resamples=4_000, rng=rng).bootstrap_distribution
    levels = [0.1, 0.25, 0.5, 0.75, 0.9]
    np.testing.assert_allclose(np.quantile(ours, levels), np.quantile(theirs, levels), atol=0.25 * theirs.std())


def test_intervals(reference, rng):
    for _ in range(200):
        resampled = rng.integers(-9, 10, size=(int(rng.integers(1, 40)), int(rng.integers(1, 5)))) / 4
        level = rng.uniform()
        expected = mquantiles(resampled, [(1 - level) / 2, (1 + level) / 2], alphap=1, betap=1, axis=0)
        np.testing.assert_allclose(reference.percentile_interval(resampled, level), expected, rtol=1e-9, atol=1e-9)
        coef = rng.integers(-2, 3, size=resampled.shape[1]).astype(float)
        flips = [np.mean([a * b < 0 for a in column]) for column, b in zip(resampled.T, coef, strict=True)]
        np.testing.assert_allclose(reference.sign_flip_rate(resampled, coef), flips)


def test_edges(reference, rng):
    X, y = np.array([[0.0], [0.0], [5.0]]), np.array([1.0, 1.0, 11.0])
    np.testing.assert_allclose(reference.bootstrap_coefficients(X, y, 50, rng), np.tile([1.0, 2.0], (50, 1)))
    whole = reference.bootstrap_coefficients(X.astype(np.uint8), y.astype(np.int8), 5, rng)
    np.testing.assert_allclose(whole, np.tile([1.0, 2.0], (5, 1)))
    for features in (0 * X, np.column_stack([X, 2 * X]), np.eye(3)):
        with pytest.raises(ValueError, match="dependent"):
            reference.bootstrap_coefficients(features, y, 5, rng)
    tiny = np.array([[1e-200, -3e-200], [-2e-200, -1e-200]])
    np.testing.assert_allclose(reference.sign_flip_rate(tiny, np.array([1e-200, 0.0])), [0.5, 0.0])
    for level, ends in [(0.0, (2, 2)), (1.0, (1, 3))]:
        found = reference.percentile_interval(np.array([[3.0], [1.0], [2.0]]), level)
        np.testing.assert_allclose(np.ravel(found), ends)


def resamples(rng, X, y, n_resamples):
    """Return the bootstrap of pairs by weighted normal equations, which is fast."""
    n, design = len(y), add_constant(X)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=n_resamples).astype(float)
    return np.linalg.solve((counts[:, None] * design.T) @ design, ((counts * y) @ design)[:, :, None])[:, :, 0]


def test_claims_of_collinearity(reference):
    """The numbers of the first follow-up."""

    def sample(rng):
        x = rng.normal(size=100)
        X = np.column_stack([x, x + 0.1 * rng.normal(size=100)])
        y = X.sum(axis=1) + rng.normal(size=100)
        found = resamples(rng, X, y, 400)
        flips = reference.sign_flip_rate(found, OLS(y, add_constant(X)).fit().params)
        fitted = (found @ add_constant(X).T).std(axis=0).mean()
        return found[:, 1].std(), found[:, 1:].sum(axis=1).std(), flips[1], fitted, (found @ [1, 1, -1]).std()

    def claim(rng):
        return np.mean([sample(rng) for _ in range(50)], axis=0)

    within([0.965, 0.0955, 0.145, 0.155, 1.85], [1.035, 0.1045, 0.255, 0.175, 2.15], claim)


def test_claims_of_residuals():
    """The numbers of the third follow-up."""

    def sample(rng):
        x = rng.normal(size=100)
        y = x + x * rng.normal(size=100)
        fitted = np.polyval(np.polyfit(x, y, 1), x)
        dealt = fitted + (y - fitted)[rng.integers(100, size=(400, 100))]
        return resamples(rng, x, y, 400)[:, 1].std(), slope(x, dealt).std()

    def claim(rng):
        x = rng.normal(size=(4_000, 100))
        return slope(x, x + x * rng.normal(size=x.shape)).std(), *np.mean([sample(rng) for _ in range(50)], axis=0)

    within([0.1685, 0.135, 0.085], [0.1775, 0.185, 0.105], claim)


def test_claims_of_coverage(reference):
    """The numbers of the fourth follow-up."""

    def covered(rng, n):
        x = rng.normal(size=n)
        low, high = reference.percentile_interval(resamples(rng, x, x + rng.normal(size=n), 200))
        return low[1] < 1 < high[1]

    def claim(rng):
        return [np.mean([covered(rng, n) for _ in range(300)]) for n in (12, 50)]

    within([0.855, 0.885], [0.955, 0.985], claim)


def peers(reference, rng):
    """Yield 500 resamples of one feature."""
    x, y = rng.normal(size=(2, 500))

    def theirs():
        return bootstrap((x, y), slope, paired=True, n_resamples=500, method="percentile", rng=rng)

    def ours():
        return reference.bootstrap_coefficients(x[:, None], y, 500, rng)

    yield Peer("500 resamples of 500 rows", "scipy bootstrap, paired", ours, theirs)
