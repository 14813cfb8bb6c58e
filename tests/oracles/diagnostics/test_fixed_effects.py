"""The reference beside statsmodels with a column for each group, and the claims of the follow-ups."""

import numpy as np
import pytest
from statsmodels.api import OLS

from tests.bench.peers import Peer
from tests.oracles.claims import within


def library(X, y, groups):
    k, labels = X.shape[1], np.unique(groups)
    fit = OLS(y, np.column_stack([X, groups[:, None] == labels]).astype(float)).fit()
    return fit.params[:k], fit.bse[:k], fit.params[k:]


def drawn(rng, n, n_features, n_groups):
    groups = rng.permutation(np.append(np.arange(n_groups), rng.integers(0, n_groups, size=n - n_groups)))
    X = rng.normal(size=(n, n_features)) + rng.normal(size=(n_groups, n_features))[groups]
    y = X @ rng.normal(size=n_features) + 3 * rng.normal(size=n_groups)[groups] + rng.normal(size=n)
    return X, y, rng.permutation(np.arange(-5, n_groups - 5))[groups]


def assert_same(ours, theirs, rtol=1e-9):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-9)


def test_random(reference, rng):
    for _ in range(200):
        n_features, n_groups = int(rng.integers(1, 5)), int(rng.integers(1, 7))
        X, y, groups = drawn(rng, n_features + n_groups + int(rng.integers(4, 30)), n_features, n_groups)
        assert_same(reference.fit_fixed_effects(X, y, groups), library(X, y, groups))


def test_edges(reference, rng):
    X, y, groups = drawn(rng, 20, 3, 4)
    alone = np.append(groups, 99)
    extended = np.vstack([X, [[1.0, 2.0, 3.0]]]), np.append(y, 7.0)
    assert_same(reference.fit_fixed_effects(*extended, alone), library(*extended, alone))
    whole = np.rint(20 * X).astype(np.int8), np.rint(8 * y).astype(np.int8)
    assert_same(reference.fit_fixed_effects(*whole, groups), library(*whole, groups))
    moved = reference.fit_fixed_effects(X + 1e6, y - 1e6, groups)
    assert_same(moved[:2], library(X, y, groups)[:2], rtol=1e-6)
    for constant in (np.full(20, 0.1), groups / 10):
        with pytest.raises(ValueError, match="constant within"):
            reference.fit_fixed_effects(np.column_stack([X, constant]), y, groups)
    few = X[:7], y[:7], np.array([1, 1, 1, 2, 2, 3, 4])
    with pytest.raises(ValueError, match="too few"):
        reference.fit_fixed_effects(*few)


def slope(x, y):
    return np.sum(x * y, axis=(-2, -1)) / np.sum(x * x, axis=(-2, -1))


def demeaned(x):
    return x - x.mean(axis=-1, keepdims=True)


def centred(x):
    return x - x.mean(axis=(-2, -1), keepdims=True)


def test_claims_of_effects():
    """The numbers of the first follow-up: 100 groups of 5."""

    def claim(rng):
        effect, moving = rng.normal(size=(200, 100, 1)), rng.normal(size=(200, 100, 5))
        x, noise = rng.normal(size=(2, 200, 100, 5))
        y = effect + x - 2 * effect + noise
        pooled, fixed = slope(centred(effect + x), centred(y)), slope(demeaned(effect + x), demeaned(y))
        return pooled.mean(), fixed.mean(), slope(demeaned(moving + x), demeaned(x - moving + noise)).mean()

    within([-0.01, 0.99, -0.02], [0.03, 1.01, 0.02], claim)


def test_claims_of_degrees():
    """The numbers of the second follow-up."""

    def claim(rng):
        x, y = demeaned(rng.normal(size=(2, 1_000, 50, 2)))
        coef, squares = slope(x, y), (x**2).sum(axis=(1, 2))
        rss = ((y - coef[:, None, None] * x) ** 2).sum(axis=(1, 2))
        return [(np.abs(coef) > 1.98 * np.sqrt(rss / dof / squares)).mean() for dof in (99, 49)]

    within([0.135, 0.03], [0.195, 0.075], claim)


def test_claims_of_precision():
    """The numbers of the fourth follow-up."""

    def claim(rng):
        effect = rng.normal(size=(400, 1))
        return [(effect + rng.normal(size=(400, size))).mean(axis=1).var() / effect.var() for size in (2, 20)]

    within([1.35, 1.0], [1.7, 1.12], claim)


def test_claims_of_noise():
    """The numbers of the fifth follow-up."""

    def claim(rng):
        true = 2 * rng.normal(size=(200, 100, 1)) + rng.normal(size=(200, 100, 5))
        y, x = true + rng.normal(size=true.shape), true + rng.normal(size=true.shape)
        return slope(centred(x), centred(y)).mean(), slope(demeaned(x), demeaned(y)).mean()

    within([0.82, 0.49], [0.84, 0.51], claim)


def peers(reference, rng):
    """Yield a fit of many groups."""
    X, y, groups = drawn(rng, 5_000, 5, 100)
    ours, theirs = (lambda: reference.fit_fixed_effects(X, y, groups)), (lambda: library(X, y, groups))
    yield Peer("5,000 x 5, 100 groups", "OLS with dummies", ours, theirs)
