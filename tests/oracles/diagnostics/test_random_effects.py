"""The reference beside linearmodels, whose covariance has another error variance, and the claims of the follow-ups."""

import numpy as np
import pandas as pd
import pytest
from linearmodels.panel import PanelOLS, RandomEffects

from tests.bench.peers import Peer
from tests.oracles.claims import within

N_GROUPS, SIZE = 40, 5


def panel(X, y, groups):
    """Return y and the design as linearmodels wants them: rows named by group and time."""
    names = pd.MultiIndex.from_arrays([groups, np.arange(len(y))])
    features = {f"x{j}": column for j, column in enumerate(X.T)}
    return pd.Series(y, index=names, name="y"), pd.DataFrame({"one": 1.0, **features}, index=names)


def library(X, y, groups):
    """Return coef, cov and both variances. Theirs is the same covariance times s2 / var_error."""
    fit = RandomEffects(*panel(X, y, groups)).fit()
    var_effect, var_error = fit.variance_decomposition["Effects"], fit.variance_decomposition["Residual"]
    return fit.params.to_numpy(), fit.cov.to_numpy() / fit.s2 * var_error, var_effect, var_error


def drawn(rng, n_features, n_groups, spread):
    sizes = np.append([1, 3, 4], rng.integers(1, 6, size=n_groups - 3))
    sizes[-1] += max(0, 2 * n_groups + n_features - sizes.sum())
    group = rng.permutation(np.repeat(np.arange(n_groups), sizes))
    X = rng.normal(size=(len(group), n_features)) + rng.normal(size=(n_groups, n_features))[group]
    y = 3 + X @ rng.normal(size=n_features) + spread * rng.normal(size=n_groups)[group] + rng.normal(size=len(group))
    return X, y, 3 * group - 7


def same(ours, theirs, rtol=1e-9):
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=rtol, atol=rtol)


def test_random(reference, rng):
    clipped = 0
    for i in range(60):
        n_features = int(rng.integers(1, 5))
        X, y, groups = drawn(rng, n_features, n_features + int(rng.integers(4, 20)), spread=(0.0, 0.3, 2.0)[i % 3])
        ours = reference.fit_random_effects(X, y, groups)
        same(ours, library(X, y, groups))
        clipped += ours.var_effect == 0
    assert 0 < clipped < 60


def test_edges(reference, rng):
    X, y, groups = drawn(rng, 2, 4, spread=2.0)
    same(reference.fit_random_effects(X, y, groups), library(X, y, groups))
    whole = np.rint(9 * X).astype(np.int8), np.rint(9 * y).astype(np.int8)
    expected = library(*(array.astype(float) for array in whole), groups)
    same(reference.fit_random_effects(*whole, groups), expected)
    moved = reference.fit_random_effects(X + 1e6, y - 1e6, groups)
    np.testing.assert_allclose(moved.coef[1:], library(X, y, groups)[0][1:], rtol=1e-5)
    alone = np.array([0, 1, 2, 3, 3, 3, 3])
    same(reference.fit_random_effects(X[:7], y[:7], alone), library(X[:7], y[:7], alone))
    for n_samples, labels in [(6, [0, 1, 2, 3, 3, 3]), (8, [0, 1, 2, 2, 1, 0, 0, 1])]:
        with pytest.raises(ValueError, match="too few"):
            reference.fit_random_effects(X[:n_samples], y[:n_samples], np.array(labels))


def test_hausman(reference, rng):
    for _ in range(100):
        k = int(rng.integers(1, 6))
        rank = int(rng.integers(0, k + 1))
        basis = np.linalg.qr(rng.normal(size=(k, k)))[0][:, :rank]
        values = rng.choice([-1, 1], size=rank) * rng.uniform(0.5, 2, size=rank)
        d, D, cov = rng.normal(size=k), basis * values @ basis.T, np.eye(k)
        ours = reference.hausman(d + 1, D + cov, np.ones(k), cov)
        np.testing.assert_allclose(ours.statistic, d @ np.linalg.pinv(D, rcond=1e-10) @ d, rtol=1e-9, atol=1e-9)
        assert ours.dof == (np.linalg.matrix_rank(D, tol=1e-10) if rank else 0)


def test_chain(reference, rng):
    """The fourth follow-up: slopes beside added means are the fixed ones, and a test of the means is Hausman's."""
    X, y, groups = drawn(rng, 5, 40, spread=2.0)
    random = reference.fit_random_effects(X, y, groups)
    target, design = panel(X, y, groups)
    fixed = PanelOLS(target, design.drop(columns="one"), entity_effects=True).fit()
    cov_fixed = fixed.cov.to_numpy() / fixed.s2 * random.var_error
    test = reference.hausman(fixed.params.to_numpy(), cov_fixed, random.coef[1:], random.cov[1:, 1:])
    # The same variances with the means added: a Wald test of the slopes of the means.
    member = groups[:, None] == np.unique(groups)
    means = member @ (member.T @ X / member.sum(axis=0)[:, None])
    Z = np.column_stack([np.ones(len(y)), X, means])
    V = random.var_error * np.eye(len(y)) + random.var_effect * member @ member.T.astype(float)
    cov = np.linalg.inv(Z.T @ np.linalg.solve(V, Z))
    coef = cov @ Z.T @ np.linalg.solve(V, y)
    np.testing.assert_allclose(coef[1:6], fixed.params, rtol=1e-8)
    np.testing.assert_allclose(test.statistic, coef[6:] @ np.linalg.solve(cov[6:, 6:], coef[6:]), rtol=1e-7)
    assert test.dof == 5


def fits(x, y):
    """Return pooled, fixed and random slopes with their variances, of samples x groups x rows."""
    x_bar, y_bar = x.mean(axis=2), y.mean(axis=2)
    x_in, y_in = x - x_bar[..., None], y - y_bar[..., None]
    x_out, y_out = x_bar - x_bar.mean(axis=1, keepdims=True), y_bar - y_bar.mean(axis=1, keepdims=True)
    xx, xy = (x_in**2).sum(axis=(1, 2)), (x_in * y_in).sum(axis=(1, 2))
    between_xx, between_xy = SIZE * (x_out**2).sum(axis=1), SIZE * (x_out * y_out).sum(axis=1)
    fixed = xy / xx
    var_error = ((y_in - fixed[:, None, None] * x_in) ** 2).sum(axis=(1, 2)) / (N_GROUPS * SIZE - N_GROUPS - 1)
    left = ((y_out - (between_xy / between_xx)[:, None] * x_out) ** 2).sum(axis=1) / (N_GROUPS - 2)
    var_effect = np.maximum(0, left - var_error / SIZE)
    weight = var_error / (var_error + SIZE * var_effect)
    precision = xx + weight * between_xx
    random = (xy + weight * between_xy) / precision
    rest = y_out - random[:, None] * x_out
    pooled = (xy + between_xy) / (xx + between_xx)
    return pooled, (fixed, var_error / xx), (random, var_error / precision), (1 - weight)[:, None] * rest, rest


def related(rng, correlation):
    """Return x, half from the group, effects with this correlation to that half, and y."""
    common = rng.normal(size=(1_000, N_GROUPS))
    effect = correlation * common + np.sqrt(1 - correlation**2) * rng.normal(size=common.shape)
    x = np.sqrt(0.5) * (common[..., None] + rng.normal(size=(*common.shape, SIZE)))
    return x, effect, x + effect[..., None] + rng.normal(size=x.shape)


def statistic(fixed, random):
    return (fixed[0] - random[0]) ** 2 / (fixed[1] - random[1])


def rejects(slope, variance):
    return abs(slope - 1) > 1.96 * np.sqrt(variance)


def test_helper(reference, rng):
    x, _, y = related(rng, 0.5)
    _, fixed, random, _, _ = fits(x, y)
    fit = reference.fit_random_effects(x[7].reshape(-1, 1), y[7].ravel(), np.repeat(np.arange(N_GROUPS), SIZE))
    np.testing.assert_allclose([fit.coef[1], fit.cov[1, 1]], [random[0][7], random[1][7]])
    test = reference.hausman(fixed[0][7:8], fixed[1][7:8, None], fit.coef[1:], fit.cov[1:, 1:])
    np.testing.assert_allclose(test.statistic, statistic(fixed, random)[7])


def test_claims_of_the_choice():
    """The numbers of the first follow-up."""

    def spread(rng):
        x, _, y = related(rng, 0)
        pooled, fixed, random, _, _ = fits(x, y)
        return pooled.std(), fixed[0].std(), random[0].std()

    within([0.137, 0.107, 0.095], [0.149, 0.116, 0.107], spread)

    def mean(rng):
        x, _, y = related(rng, 0.5)
        pooled, fixed, random, _, _ = fits(x, y)
        return pooled.mean(), random[0].mean(), fixed[0].mean()

    within([1.34, 1.13, 0.99], [1.36, 1.15, 1.01], mean)


def test_claims_of_the_test():
    """The numbers of the second follow-up."""

    def claim(rng):
        x, _, y = related(rng, 0.3)
        _, fixed, random, _, _ = fits(x, y)
        rejected = statistic(fixed, random) > 3.841
        return rejected.mean(), np.where(rejected, rejects(*fixed), rejects(*random)).mean(), rejects(*fixed).mean()

    within([0.28, 0.08, 0.04], [0.34, 0.12, 0.06], claim)

    def unequal(rng):
        x, effect, _ = related(rng, 0)
        error = abs(x - x.mean(axis=2, keepdims=True)) * rng.normal(size=x.shape)
        _, fixed, random, _, _ = fits(x, x + 0.2 * effect[..., None] + error)
        return (statistic(fixed, random) > 3.841).mean()

    within(0.13, 0.185, unequal)


def test_claims_of_shrinkage():
    """The numbers of the fifth follow-up."""

    def claim(rng):
        x, effect, y = related(rng, 0)
        _, _, _, shrunk, plain = fits(x, y)
        centred = effect - effect.mean(axis=1, keepdims=True)
        return ((plain - centred) ** 2).mean(), ((shrunk - centred) ** 2).mean()

    within([0.194, 0.166], [0.203, 0.173], claim)


def peers(reference, rng):
    """Yield the fit of a large panel."""
    X, y, groups = drawn(rng, 4, 5_000, spread=1.0)
    target, design = panel(X, y, groups)
    ours, theirs = (lambda: reference.fit_random_effects(X, y, groups)), (lambda: RandomEffects(target, design).fit())
    yield Peer("5,000 groups x 4", "RandomEffects.fit()", ours, theirs)
