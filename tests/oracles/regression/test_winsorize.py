"""The reference beside NumPy's quantile and clip, and SciPy's median_abs_deviation."""

import numpy as np
import pytest
from scipy import stats

from tests.bench.peers import Peer


def assert_agrees(reference, x, train, lower, upper):
    expected = np.clip(x, *np.nanquantile(np.asarray(train, dtype=float), [lower, upper]))
    np.testing.assert_allclose(reference.winsorize(x, train, lower, upper), expected, rtol=1e-9, atol=1e-12)


def assert_deviation(reference, x):
    for scale in (1.0, 0.67449, 3.0):
        expected = stats.median_abs_deviation(np.asarray(x, dtype=float), scale=scale, nan_policy="omit")
        np.testing.assert_allclose(reference.median_abs_deviation(x, scale), expected, rtol=1e-9, atol=1e-12)


def test_random(reference, rng):
    for _ in range(200):
        train = rng.standard_t(2, size=rng.integers(1, 40))
        x = rng.standard_t(2, size=rng.integers(1, 40))
        assert_agrees(reference, x, train, *np.sort(rng.random(2)))
        assert_deviation(reference, x)


def test_edges(reference, rng):
    """Missing values, ties, one value, quantiles at 0, 1 and equal ones, integers."""
    for lower, upper in ((0, 1), (0, 0.3), (0.3, 1), (0.4, 0.4), (0.05, 0.95)):
        for train in ([4.0], [4.0, 4.0, 4.0], [1.0, 2.0, 2.0, 2.0, 9.0], [np.nan, 3.0, np.nan, 8.0, 5.0]):
            x = np.array([np.nan, -5.0, 2.0, 4.0, 7.0, 99.0])
            assert_agrees(reference, x, np.array(train), lower, upper)
            assert_deviation(reference, np.array(train))
        for kind in (np.int8, np.int16, int):
            train = rng.integers(-128, 128, size=9).astype(kind)
            assert_agrees(reference, train, train, lower, upper)
            assert_deviation(reference, train)


def test_bad_input(reference):
    values = np.array([1.0, 2.0])
    for lower, upper in ((0.6, 0.4), (-0.1, 0.5), (0.5, 1.1), (np.nan, 0.5)):
        with pytest.raises(ValueError, match=r"lower|range"):
            reference.winsorize(values, values, lower, upper)
    with pytest.raises(ValueError, match="scale"):
        reference.median_abs_deviation(values, 0.0)
    for empty in (np.array([]), np.array([np.nan])):
        with pytest.raises(ValueError, match="NaN"):
            reference.winsorize(values, empty)
        with pytest.raises(ValueError, match="NaN"):
            reference.median_abs_deviation(empty)


def test_claims_of_means(reference):
    """The numbers of the first follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        clean = rng.normal(size=(2000, 100))
        bad = clean * np.where(rng.random((2000, 100)) < 0.05, 10, 1)
        errors = []
        for samples in (clean, bad):
            winsorized = np.array([reference.winsorize(sample, sample).mean() for sample in samples])
            errors += [samples.mean(axis=1).std(), winsorized.std(), np.median(samples, axis=1).std()]
        bounds = [(0.094, 0.104), (0.094, 0.106), (0.117, 0.130), (0.23, 0.26), (0.115, 0.135), (0.122, 0.138)]
        assert all(low < error < high for error, (low, high) in zip(errors, bounds, strict=True))
        assert errors[1] == pytest.approx(errors[0], rel=0.02)
        x = rng.exponential(size=1000)
        assert 0.93 < reference.winsorize(x, x).mean() / x.mean() < 0.97


def test_claims_of_bounds(reference):
    """The numbers of the second follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        train, later = rng.normal(size=1000), rng.normal(1, 1, size=1000)
        assert 0.24 < (reference.winsorize(later, train) != later).mean() < 0.33
        assert (reference.winsorize(later, later) != later).mean() == pytest.approx(0.10)
    x = np.arange(1.0, 11.0)
    theirs = stats.mstats.winsorize(x, limits=(0.1, 0.2))
    assert (theirs.min(), theirs.max()) == (2, 8)
    ours = reference.winsorize(x, x, 0.1, 0.8)
    assert (ours.min(), ours.max()) == pytest.approx((1.9, 8.2))
    small = np.array([-100, 100], dtype=np.int8)
    assert reference.winsorize(np.array([9.0]), small, 0.5, 0.5) == pytest.approx(0)


def test_claims_of_mad(reference):
    """The numbers of the third follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=100)
        x[:49] = 1e6
        assert 4 < reference.median_abs_deviation(x, 0.67449) < 12
        assert x.std() == pytest.approx(499_900, abs=5)
        samples = rng.normal(size=(2000, 100))
        deviations = np.array([reference.median_abs_deviation(sample) for sample in samples])
        spreads = [each.std() / each.mean() for each in (samples.std(axis=1), deviations)]
        assert 0.33 < (spreads[0] / spreads[1]) ** 2 < 0.42


def test_claims_of_flags(reference):
    """The numbers of the fourth follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = np.append(rng.normal(size=9), 1e6)
        assert (np.abs(x - x.mean()) / x.std()).max() < 3
        x = np.append(rng.normal(size=16), [20.0] * 4)
        assert (np.abs(x - x.mean()) / x.std()).max() < 2
        scores = np.abs(x - np.median(x)) / reference.median_abs_deviation(x, 0.67449)
        assert scores[16:].min() > 9
        counts = rng.poisson(0.3, size=200)
        assert reference.median_abs_deviation(counts) == 0
        assert 0.20 < (counts > 0).mean() < 0.38


def peers(reference, rng):
    """Yield both functions on a large sample."""
    x, train = rng.standard_t(2, size=200_000), rng.standard_t(2, size=200_000)
    yield Peer(
        "winsorize, 200,000 values",
        "np.clip by np.quantile",
        lambda: reference.winsorize(x, train),
        lambda: np.clip(x, *np.quantile(train, [0.05, 0.95])),
    )
    yield Peer(
        "median_abs_deviation, 200,000 values",
        "scipy.stats.median_abs_deviation",
        lambda: reference.median_abs_deviation(x),
        lambda: stats.median_abs_deviation(x),
    )
