"""The reference beside statsmodels, and the claims of the follow-ups."""

import numpy as np
import pytest
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.stats.stattools import durbin_watson
from statsmodels.tsa.stattools import acf

from tests.bench.peers import Peer
from tests.oracles.claims import within


def assert_agree(reference, e, n_lags):
    np.testing.assert_allclose(reference.durbin_watson(e), durbin_watson(e), rtol=1e-9)
    expected = acf(e, nlags=n_lags, fft=False)
    np.testing.assert_allclose(reference.autocorrelation(e, n_lags), expected, rtol=1e-9, atol=1e-13)
    for model_df in range(min(n_lags, 3)):
        box = acorr_ljungbox(e, lags=[n_lags], model_df=model_df)["lb_stat"].iloc[0]
        statistic, dof = reference.ljung_box(e, n_lags, model_df)
        np.testing.assert_allclose(statistic, box, rtol=1e-9, atol=1e-13)
        assert dof == n_lags - model_df


def test_random_series(reference, rng):
    for _ in range(100):
        n = int(rng.integers(3, 60))
        noise = rng.normal(1.0, 2.0, size=n)
        for e in (noise, noise.cumsum(), noise * 1e-6, rng.integers(-3, 4, size=n) + 0.5 * np.eye(1, n)[0]):
            assert_agree(reference, e, int(rng.integers(1, n)))


def test_edges(reference):
    e = np.array([1.0, 4.0, 2.0, 2.0])
    assert reference.autocorrelation(e, 0).tolist() == [1.0]
    assert_agree(reference, e, 3)
    assert reference.durbin_watson(np.full(3, 7.0)) == 0
    for n in range(1, 15):
        with pytest.raises(ValueError, match="all residuals are 0"):
            reference.durbin_watson(np.zeros(n))
        for value in (0.0, 0.1, 1e6 / 7):
            with pytest.raises(ValueError):
                reference.autocorrelation(np.full(n, value), 0)
            with pytest.raises(ValueError):
                reference.ljung_box(np.full(n, value), 1)
    for n_lags in (-1, 4, 9):
        with pytest.raises(ValueError, match="lag"):
            reference.autocorrelation(e, n_lags)
        with pytest.raises(ValueError, match="lag"):
            reference.ljung_box(e, n_lags)
    with pytest.raises(ValueError, match="freedom"):
        reference.ljung_box(e, 2, 2)


def test_integers(reference, rng):
    for kind in (int, np.int8, np.uint8):
        e = np.append(rng.integers(0, 120, size=12), [0, 119]).astype(kind)
        assert_agree(reference, e.astype(float), 4)
        np.testing.assert_allclose(reference.autocorrelation(e, 4), reference.autocorrelation(e.astype(float), 4))
        assert reference.durbin_watson(e) == reference.durbin_watson(e.astype(float))


def steps(e):
    return (np.diff(e, axis=1) ** 2).sum(axis=1) / (e**2).sum(axis=1)


def portmanteau(e, n_lags, box_pierce=False):
    """Return the statistic of each row: that of Ljung and Box, or of Box and Pierce."""
    n, d = e.shape[1], e - e.mean(axis=1, keepdims=True)
    r = np.array([(d[:, k:] * d[:, : n - k]).sum(axis=1) for k in range(1, n_lags + 1)]) / (d**2).sum(axis=1)
    lags = np.arange(1, n_lags + 1)[:, None]
    return (n * r**2).sum(axis=0) if box_pierce else (n * (n + 2) / (n - lags) * r**2).sum(axis=0)


def autoregressive(rng, shape, rho, lag=1):
    e = rng.normal(size=shape)
    if lag == 1:
        e[:, 0] /= np.sqrt(1 - rho**2)
    for t in range(lag, shape[1]):
        e[:, t] += rho * e[:, t - lag]
    return e


def fit(x, y):
    """Return the slopes of the rows of y on those of x, their t values, and the residuals."""
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    squares = (x**2).sum(axis=1)
    slope = (x * y).sum(axis=1) / squares
    rest = y - slope[:, None] * x
    return slope, slope / np.sqrt((rest**2).sum(axis=1) / (x.shape[1] - 2) / squares), rest


def test_helpers(reference, rng):
    e = rng.normal(size=(3, 20))
    np.testing.assert_allclose(portmanteau(e, 4), [reference.ljung_box(row, 4).statistic for row in e])
    np.testing.assert_allclose(steps(e), [reference.durbin_watson(row) for row in e])


def test_claims_of_failures():
    """The numbers of the first follow-up."""

    def slopes(rho):
        def claim(rng):
            x, y = autoregressive(rng, (1_000, 100), rho), autoregressive(rng, (1_000, 100), 0.8)
            return (abs(fit(x, y)[1]) > 1.984).mean()

        return claim

    within(0.305, 0.395, slopes(0.8))
    within(0.035, 0.07, slopes(0.0))

    def walks(rng):
        x, y = rng.normal(size=(1_000, 100)).cumsum(axis=1), rng.normal(size=(1_000, 100)).cumsum(axis=1)
        _, t, rest = fit(x, y)
        return (abs(t) > 1.984).mean(), np.median(steps(rest))

    within([0.735, 0.14], [0.795, 0.165], walks)


def test_claims_of_a_lagged_y():
    """The numbers of the first and the third follow-up."""

    def claim(rng):
        e = autoregressive(rng, (200, 200), 0.5)
        y = np.zeros((200, 200))
        for t in range(1, 200):
            y[:, t] = 0.8 * y[:, t - 1] + e[:, t]
        slope, _, rest = fit(y[:, :-1], y[:, 1:])
        return slope.mean(), steps(rest).mean(), steps(e).mean()

    within([0.915, 1.24, 0.98], [0.925, 1.28, 1.03], claim)


def test_claims_of_a_curve():
    """The numbers of the second follow-up."""

    def claim(rng):
        x = np.sort(rng.uniform(0, 2, size=100))
        rest = fit(x[None], (np.exp(x) + 0.2 * rng.normal(size=100))[None])[2]
        return steps(rest)[0], steps(rest[:, rng.permutation(100)])[0]

    within([0.28, 1.6], [0.44, 2.3], claim)


def test_claims_of_a_two():
    """The numbers of the third follow-up."""

    def seasonal(rng):
        e = autoregressive(rng, (500, 100), 0.6, lag=4)
        return np.median(steps(e - e.mean(axis=1, keepdims=True))), (portmanteau(e, 4) > 9.488).mean()

    within([2.0, 0.99], [2.1, 1.0], seasonal)

    def volatile(rng):
        e = rng.normal(size=(200, 500))
        for t in range(1, 500):
            e[:, t] *= np.sqrt(0.5 + 0.5 * e[:, t - 1] ** 2)
        return (portmanteau(e**2, 5) > 11.07).mean(), (portmanteau(e, 5) > 11.07).mean()

    within([0.99, 0.155], [1.0, 0.26], volatile)
    for n in (50, 200):
        within(1.8 / np.sqrt(n), 2.2 / np.sqrt(n), lambda rng, n=n: steps(rng.normal(size=(1_000, n))).std())


def test_claims_of_lags():
    """The numbers of the fourth follow-up."""

    def white(rng):
        e = rng.normal(size=(1_000, 50))
        return (portmanteau(e, 20, box_pierce=True) > 31.41).mean(), (portmanteau(e, 20) > 31.41).mean()

    within([0.012, 0.07], [0.031, 0.11], white)

    def fitted(rng):
        y = autoregressive(rng, (1_000, 200), 0.5)
        statistics = portmanteau(fit(y[:, :-1], y[:, 1:])[2], 4)
        return (statistics > 9.488).mean(), (statistics > 7.815).mean()

    within([0.015, 0.035], [0.035, 0.07], fitted)


def peers(reference, rng):
    """Yield the test on a long series."""
    e = rng.normal(size=100_000)
    ours, theirs = (lambda: reference.ljung_box(e, 20)), (lambda: acorr_ljungbox(e, lags=[20]))
    yield Peer("100,000 values, 20 lags", "acorr_ljungbox", ours, theirs)
