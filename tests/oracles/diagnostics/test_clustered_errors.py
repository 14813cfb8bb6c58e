"""The reference beside statsmodels, which takes the intercept as a column, and the claims of the follow-ups."""

import numpy as np
import pytest
from statsmodels.api import OLS

from tests.bench.peers import Peer
from tests.oracles.claims import within


def library(X, y, groups):
    # statsmodels counts labels with bincount, and so refuses negative ones.
    codes = np.unique(groups, return_inverse=True)[1]
    design = np.column_stack([np.ones(len(X)), X])
    return OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": codes}).bse


def drawn(rng, n_samples, n_features, n_groups):
    groups = rng.permutation(np.append(np.arange(n_groups), rng.integers(0, n_groups, size=n_samples - n_groups)))
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_groups, n_features))[groups]
    y = 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_groups)[groups] + rng.normal(size=n_samples)
    return X, y, 3 * groups - 7


def test_random(reference, rng):
    for _ in range(200):
        n_features = int(rng.integers(1, 6))
        n_samples = n_features + int(rng.integers(4, 40))
        X, y, groups = drawn(rng, n_samples, n_features, int(rng.integers(3, n_samples + 1)))
        ours = reference.clustered_standard_errors(X, y, groups)
        np.testing.assert_allclose(ours, library(X, y, groups), rtol=1e-9, atol=1e-12)


def test_edges(reference, rng):
    X, y, groups = drawn(rng, 12, 4, 2)
    for labels in (groups, np.arange(12), -np.arange(12)):
        np.testing.assert_allclose(
            reference.clustered_standard_errors(X, y, labels), library(X, y, labels), rtol=1e-9, atol=1e-12
        )
    whole = np.rint(9 * X).astype(np.int8), np.rint(9 * y).astype(np.int8)
    expected = library(*whole, np.arange(12) % 5)
    np.testing.assert_allclose(reference.clustered_standard_errors(*whole, np.arange(12) % 5), expected, rtol=1e-9)
    # Features this far away keep about nine digits of their spread, and statsmodels is asked about the plain ones.
    moved = reference.clustered_standard_errors(X + 1e6, y - 1e6, np.arange(12) % 5)
    np.testing.assert_allclose(moved[1:], library(X, y, np.arange(12) % 5)[1:], rtol=1e-6)
    np.testing.assert_allclose(reference.clustered_standard_errors(X, np.zeros(12), groups), 0)
    with pytest.raises(ValueError, match="group"):
        reference.clustered_standard_errors(X, y, np.full(12, 7))
    for n_samples in (4, 5):
        with pytest.raises(ValueError, match="too few"):
            reference.clustered_standard_errors(X[:n_samples], y[:n_samples], np.arange(n_samples))


def fit(x, y, dof=None):
    """Return slopes, classical and clustered standard errors of samples x groups x rows, with an intercept."""
    n_groups, n = x.shape[1], x[0].size
    x, y = x - x.mean(axis=(1, 2), keepdims=True), y - y.mean(axis=(1, 2), keepdims=True)
    squares = (x**2).sum(axis=(1, 2))
    slope = (x * y).sum(axis=(1, 2)) / squares
    e = y - slope[:, None, None] * x
    dof = dof or n - 2
    classical = np.sqrt((e**2).sum(axis=(1, 2)) / dof / squares)
    factor = n_groups / (n_groups - 1) * (n - 1) / (n - 2)
    return slope, classical, np.sqrt(factor * ((x * e).sum(axis=2) ** 2).sum(axis=1)) / squares


def shared(rng, share, n_groups=40):
    common, own = rng.normal(size=(1_000, n_groups, 1)), rng.normal(size=(1_000, n_groups, 10))
    return np.sqrt(share) * common + np.sqrt(1 - share) * own


def test_helper(reference, rng):
    x, y = shared(rng, 0.5), shared(rng, 0.5)
    ours = reference.clustered_standard_errors(x[3].reshape(-1, 1), y[3].ravel(), np.repeat(np.arange(40), 10))
    np.testing.assert_allclose(fit(x, y)[2][3], ours[1])


def test_claims_of_repeated_rows():
    """The numbers of the first follow-up."""

    def claim(share):
        def run(rng):
            slope, classical, clustered = fit(shared(rng, share), shared(rng, 0.5))
            rejected = [(abs(slope / error) > 2).mean() for error in (classical, clustered)]
            return *rejected, slope.std() / classical.mean()

        return run

    within([0.36, 0.05, 2.2], [0.435, 0.095, 2.5], claim(1.0))
    within([0.0, 0.0, 0.9], [1.0, 1.0, 1.1], claim(0.0))


def test_claims_of_few_groups():
    """The numbers of the second follow-up."""

    def claim(n_groups, limit):
        def run(rng):
            slope, _, clustered = fit(shared(rng, 0.5, n_groups), shared(rng, 0.5, n_groups))
            return (abs(slope / clustered) > 1.96).mean(), (abs(slope / clustered) > limit).mean()

        return run

    within([0.175, 0.075], [0.235, 0.115], claim(5, 2.776))
    within([0.105, 0.065], [0.165, 0.105], claim(10, 2.262))


def test_claims_of_effects():
    """The numbers of the third follow-up."""

    def related(rng):
        u = rng.normal(size=(1_000, 40, 1))
        x = u + rng.normal(size=(1_000, 40, 10))
        y = x + u + rng.normal(size=(1_000, 40, 10))
        slope, _, clustered = fit(x, y)
        inner = fit(x - x.mean(axis=2, keepdims=True), y - y.mean(axis=2, keepdims=True))[0]
        return slope.mean(), (abs(slope - 1) < 2.023 * clustered).mean(), inner.mean()

    within([1.48, 0.0, 0.99], [1.5, 0.01, 1.01], related)

    def varying(rng):
        x = rng.normal(size=(1_000, 40, 10))
        y = x * rng.normal(1, 0.5, size=(1_000, 40, 1)) + rng.normal(size=x.shape)
        inner = fit(x - x.mean(axis=2, keepdims=True), y - y.mean(axis=2, keepdims=True), dof=400 - 41)
        return inner[0].std(), inner[1].mean(), inner[2].mean()

    within([0.095, 0.058, 0.097], [0.107, 0.06, 0.103], varying)


def test_claims_of_folds():
    """The numbers of the fourth follow-up."""

    def claim(rng):
        X, group = np.repeat(rng.normal(size=(40, 3)), 10, axis=0), np.repeat(np.arange(40), 10)
        y = rng.normal(size=40)[group] + rng.normal(size=400)

        def r_squared(fold):
            predicted = np.zeros(400)
            for k in range(5):
                train, test = fold != k, fold == k
                far = ((X[test][:, None] - X[train]) ** 2).sum(axis=2)
                predicted[test] = y[train][np.argsort(far, axis=1, kind="stable")[:, :5]].mean(axis=1)
            return 1 - ((y - predicted) ** 2).sum() / ((y - y.mean()) ** 2).sum()

        return r_squared(rng.permutation(400) % 5), r_squared((rng.permutation(40) % 5)[group])

    within([0.2, -1.3], [0.54, -0.2], claim)


def peers(reference, rng):
    """Yield the standard errors of a middling table, the fit included."""
    X, y, groups = drawn(rng, 20_000, 5, 500)
    ours, theirs = (lambda: reference.clustered_standard_errors(X, y, groups)), (lambda: library(X, y, groups))
    yield Peer("20,000 x 5, 500 groups", 'OLS.fit(cov_type="cluster")', ours, theirs)
