"""The reference beside statsmodels and SciPy, its fixed point, and the claims of the follow-ups."""

import numpy as np
import pytest
from scipy.interpolate import interp1d
from sklearn.ensemble import RandomForestRegressor
from statsmodels.api import OLS
from statsmodels.nonparametric.kernel_regression import KernelReg

from tests.bench.peers import Peer
from tests.oracles.claims import within


def line(x, r):
    deviation = x - x.mean()
    return r.mean() + deviation * (deviation @ r) / (deviation @ deviation)


def weights(x, bandwidth):
    w = np.exp(-(((x[:, None] - x) / bandwidth) ** 2) / 2)
    return w / w.sum(axis=1, keepdims=True)


def test_kernel_smooth(reference, rng):
    for _ in range(20):
        x, r = rng.normal(size=(2, int(rng.integers(2, 20))))
        x = np.append(x, x[0])
        r = np.append(r, 0.5)
        bandwidth = rng.uniform(0.3, 2.0)
        theirs = KernelReg(r, x, "c", reg_type="lc", bw=[bandwidth]).fit(x)[0]
        np.testing.assert_allclose(reference.kernel_smooth(x, r, bandwidth), theirs, rtol=1e-9, atol=1e-12)
    for bandwidth in (0.0, -1.0):
        with pytest.raises(ValueError, match="positive"):
            reference.kernel_smooth(x, r, bandwidth)


def test_least_squares(reference, rng):
    for _ in range(10):
        X = rng.normal(size=(40, 3)) + 0.5 * rng.normal(size=(40, 1)) + [0.0, 5.0, -2.0]
        y = rng.normal(size=40) + X[:, 0]
        fit = reference.backfit(X, y, line, 300)
        theirs = OLS(y, np.column_stack([np.ones(40), X])).fit()
        np.testing.assert_allclose(
            fit.intercept + fit.components.sum(axis=1), theirs.fittedvalues, rtol=1e-9, atol=1e-9
        )
        slopes = [
            component @ (x - x.mean()) / np.sum((x - x.mean()) ** 2)
            for component, x in zip(fit.components.T, X.T, strict=True)
        ]
        np.testing.assert_allclose(slopes, theirs.params[1:], rtol=1e-9, atol=1e-9)


def test_fixed_point_of_kernels(reference, rng):
    """The fixed point by brute force: both equations of the centred smoothers, solved at once."""
    X, y = rng.random(size=(30, 2)), rng.normal(size=30)
    fit = reference.backfit(X, y, lambda x, r: reference.kernel_smooth(x, r, 0.3), 400)
    centre = np.eye(30) - 1 / 30
    first, second = (centre @ weights(x, 0.3) for x in X.T)
    system = np.block([[np.eye(30), first], [second, np.eye(30)]])
    both = np.linalg.solve(system, np.append(first @ (y - y.mean()), second @ (y - y.mean())))
    np.testing.assert_allclose(fit.components.T.ravel(), both, rtol=1e-8, atol=1e-10)


def test_edges(reference, rng):
    """No sweep, one feature, one sample, integers and a negative number of sweeps."""
    X, y = rng.normal(size=(12, 2)), rng.normal(size=12)
    assert not reference.backfit(X, y, line, 0).components.any()
    one = reference.backfit(X[:, :1], y, line, 1)
    np.testing.assert_allclose(
        one.intercept + one.components[:, 0], OLS(y, np.column_stack([np.ones(12), X[:, 0]])).fit().fittedvalues
    )
    single = reference.backfit(X[:1], y[:1], lambda _, r: r, 2)
    assert (single.intercept, single.components.tolist()) == (y[0], [[0.0, 0.0]])
    whole = np.rint(9 * X).astype(np.int8), np.rint(9 * y).astype(np.int8)
    plain = reference.backfit(whole[0].astype(float), whole[1].astype(float), line, 3)
    np.testing.assert_allclose(reference.backfit(*whole, line, 3).components, plain.components)
    with pytest.raises(ValueError, match="n_iter"):
        reference.backfit(X, y, line, -1)


def test_predict(reference, rng):
    X, f, new = rng.normal(size=(12, 3)), rng.normal(size=(12, 3)), 2 * rng.normal(size=(50, 3))
    theirs = np.full(50, 7.0)
    for j in range(3):
        ends = X[:, j].argmin(), X[:, j].argmax()
        theirs += interp1d(X[:, j], f[:, j], bounds_error=False, fill_value=tuple(f[ends, j]))(new[:, j])
    np.testing.assert_allclose(reference.predict(new, X, 7.0, f), theirs, rtol=1e-9, atol=1e-12)
    twice = np.vstack([X, X]), np.vstack([f, f])
    np.testing.assert_allclose(reference.predict(new, twice[0], 7.0, twice[1]), theirs, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(reference.predict(X, X, 0.0, f), f.sum(axis=1), rtol=1e-9, atol=1e-12)


def test_claims_of_convergence(reference):
    """The numbers of the first follow-up."""

    def claim(rng):
        X = rng.normal(size=(100, 2))
        X[:, 1] = 0.9 * X[:, 0] + 0.19**0.5 * X[:, 1]
        y = X[:, 0] + rng.normal(size=100)
        fits = [reference.backfit(X, y, line, n_iter).components for n_iter in (5, 6, 7)]
        rate = np.abs(fits[2] - fits[1]).max() / np.abs(fits[1] - fits[0]).max()
        return rate, rate / np.corrcoef(X.T)[0, 1] ** 2

    within([0.7, 1 - 1e-6], [0.885, 1 + 1e-6], claim, 20)


def test_claims_of_concurvity(reference):
    """The numbers of the second follow-up."""

    def claim(rng):
        x = rng.random(200)
        X = np.column_stack([x, x + 0.05 * rng.normal(size=200)])
        y = np.sin(2 * np.pi * x) + 0.3 * rng.normal(size=200)
        found = []
        for n_iter in (1, 50):
            fit = reference.backfit(X, y, lambda x, r: reference.kernel_smooth(x, r, 0.1), n_iter)
            first, second = fit.components.std(axis=0)
            error = np.std(fit.components.sum(axis=1) - np.sin(2 * np.pi * x))
            found += [second / first, error]
        return found

    within([0.1, 0.06, 0.35, 0.06], [0.17, 0.15, 0.8, 0.15], claim, 6)


def test_claims_of_interactions(reference):
    """The numbers of the third follow-up."""

    def claim(rng):
        X, new = rng.normal(size=(400, 2)), rng.normal(size=(1_000, 2))
        y, truth = X[:, 0] * X[:, 1] + 0.1 * rng.normal(size=400), new.prod(axis=1)
        fit = reference.backfit(X, y, lambda x, r: reference.kernel_smooth(x, r, 0.3), 5)
        forest = RandomForestRegressor(50, random_state=0).fit(X, y)
        both = reference.predict(new, X, *fit), forest.predict(new)
        return [1 - np.mean((truth - each) ** 2) / truth.var() for each in both]

    within([-0.25, 0.4], [0.0, 0.92], claim, 8)


def test_claims_of_bandwidths(reference):
    """The numbers of the fourth follow-up."""

    def claim(rng):
        x = rng.random(100)
        truth = np.sin(2 * np.pi * x)
        y = truth + 0.5 * rng.normal(size=100)
        degrees, errors = [], []
        for bandwidth in (0.01, 0.05, 0.2):
            smooth, own = reference.kernel_smooth(x, y, bandwidth), np.diag(weights(x, bandwidth))
            degrees.append(own.sum())
            errors.append(
                [np.mean((y - smooth) ** 2), np.mean(((y - smooth) / (1 - own)) ** 2), np.mean((truth - smooth) ** 2)]
            )
        return *degrees, *np.argmin(errors, axis=0)

    within([31, 7.5, 2.2, 0, 1, 1], [38, 8.7, 2.7, 0, 1, 1], claim, 20)


def test_leaving_one_out(reference, rng):
    x, y = rng.normal(size=(2, 15))
    own = np.diag(weights(x, 0.5))
    left_out = [
        y[i]
        - reference.kernel_smooth(np.append(np.delete(x, i), x[i]), np.append(np.delete(y, i), 0.0), 0.5)[-1]
        / (1 - own[i])
        for i in range(15)
    ]
    np.testing.assert_allclose((y - reference.kernel_smooth(x, y, 0.5)) / (1 - own), left_out)


def peers(reference, rng):
    """Yield one curve, weighted by kernels."""
    x, r = rng.normal(size=(2, 1_000))
    ours = lambda: reference.kernel_smooth(x, r, 0.3)  # noqa: E731
    theirs = lambda: KernelReg(r, x, "c", reg_type="lc", bw=[0.3]).fit(x)[0]  # noqa: E731
    yield Peer("1,000 values", "KernelReg.fit", ours, theirs, "There each value is a call of its own.")
