"""The reference beside PyTorch's MinMaxObserver and MovingAverageMinMaxObserver, and its quantile."""

import numpy as np
import pytest
import torch
from torch.ao.quantization.observer import MinMaxObserver, MovingAverageMinMaxObserver

from tests.bench.peers import Peer


def observed(observer, batches):
    """Return the range that an observer found, with 0."""
    observer.double()
    for batch in batches:
        observer(torch.tensor(batch, dtype=torch.float64))
    return min(observer.min_val.item(), 0.0), max(observer.max_val.item(), 0.0)


def quantiles(batches, percentile):
    x = torch.cat([torch.tensor(batch, dtype=torch.float64).flatten() for batch in batches])
    low, high = torch.quantile(x, torch.tensor([1 - percentile / 100, percentile / 100], dtype=torch.float64))
    return min(low.item(), 0.0), max(high.item(), 0.0)


def draw(rng, offset=0.0):
    n_batches = int(rng.integers(1, 9))
    return [rng.normal(size=rng.integers(1, 6, size=int(rng.integers(1, 5)))) + offset for _ in range(n_batches)]


def assert_agree(reference, batches, c=0.01, percentile=99.99):
    close = {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(reference.min_max_range(batches), observed(MinMaxObserver(), batches), **close)
    expected = observed(MovingAverageMinMaxObserver(averaging_constant=c), batches)
    np.testing.assert_allclose(reference.moving_average_range(batches, c), expected, **close)
    expected = quantiles(batches, percentile)
    np.testing.assert_allclose(reference.percentile_range(batches, percentile), expected, **close)


@pytest.mark.parametrize("offset", [0.0, 0.7, -0.7, 9.0, -9.0])
def test_random_batches(reference, rng, offset):
    for _ in range(40):
        batches = draw(rng, offset)
        assert_agree(reference, batches)
        assert_agree(reference, batches, float(rng.random()), float(rng.uniform(50.5, 100)))


@pytest.mark.parametrize("c", [0.0, 1.0])
def test_ends_of_the_constant(reference, rng, c):
    for _ in range(20):
        assert_agree(reference, draw(rng), c, 100.0)


def test_number_types(reference, rng):
    for kind in (np.int8, np.float16, np.float32):
        batches = [rng.integers(-128, 128, size=n).astype(kind) for n in (5, 9)]
        assert_agree(reference, batches, 0.3, 90.0)


def test_bad_batches(reference):
    for find in (reference.min_max_range, reference.moving_average_range, reference.percentile_range):
        with pytest.raises(ValueError, match="no batch"):
            find([])
        for bad in (np.nan, np.inf):
            with pytest.raises(ValueError, match="NaN"):
                find([np.zeros(2), np.array([bad, 0.0])])


def rounded(x, low, high, n_bits):
    """Return x on the grid of a range."""
    scale = (high - low) / (2**n_bits - 1)
    zero_point = round(-low / scale)
    return scale * (np.clip(np.rint(x / scale) + zero_point, 0, 2**n_bits - 1) - zero_point)


def rmse(x, bounds, n_bits=8):
    return float(np.sqrt(np.mean((rounded(x, *bounds, n_bits) - x) ** 2)))


def test_claim_outliers(reference):
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=100_000)
        x[:10] = 100.0
        wide, narrow = reference.min_max_range([x]), reference.percentile_range([x], 99.95)
        assert 0.115 < rmse(x[10:], wide) < 0.125
        assert 0.005 < rmse(x[10:], narrow) < 0.015
        assert rmse(x, narrow) > rmse(x, wide)
        assert 100 - narrow.high == pytest.approx(97, abs=0.6)


def test_claim_mean_of_percentiles(reference):
    for seed in range(20):
        batches = list(np.random.default_rng(seed).normal(size=(10, 1_000)))
        batches[4] *= 10
        assert 7 < reference.percentile_range(batches, 99.0).high < 15
        assert 3.8 < np.mean([reference.percentile_range([batch], 99.0).high for batch in batches]) < 5.5


def test_claim_first_batch(reference):
    batches = [np.array([0.0, 100.0]), *[np.zeros(2)] * 99]
    assert reference.moving_average_range(batches).high == pytest.approx(37, abs=0.05)


def test_claim_more_data(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        few, many = [rng.normal(size=1_000)], [rng.normal(size=1_000_000)]
        assert 2.4 < reference.min_max_range(few).high < 4.5
        assert 4.3 < reference.min_max_range(many).high < 6.5
        for batches in (few, many):
            assert 2.0 < reference.percentile_range(batches, 99.0).high < 2.7


def test_claim_least_error(reference):
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=100_000)
        errors = {p: rmse(x, reference.percentile_range([x], p), 4) for p in (90.0, 99.0, 99.9, 100.0)}
        assert min(errors, key=errors.get) == 99.0


def peers(reference, rng):
    """Yield a percentile of many numbers."""
    batches = list(rng.normal(size=(100, 10_000)))
    x = torch.tensor(np.array(batches)).flatten()
    q = torch.tensor([0.0001, 0.9999], dtype=torch.float64)
    yield Peer(
        "100 batches of 10,000, the percentile 99.99",
        "torch.kthvalue",
        lambda: reference.percentile_range(batches),
        lambda: [x.kthvalue(int(share * (len(x) - 1)) + 1) for share in q],
    )
