"""The reference beside the definition by brute force: exact quantiles in fractions, value by value, bin by bin.

No library that the field trusts has this index; what edges and logarithms are is taken from Python's own arithmetic.
"""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats


def exact_edges(sample, n_bins):
    """Return the quantiles of a sample as exact fractions."""
    values = sorted(map(Fraction, sample.tolist()))
    edges = []
    for j in range(1, n_bins):
        place = Fraction(j * (len(values) - 1), n_bins)
        low = math.floor(place)
        high = min(low + 1, len(values) - 1)
        edges.append(values[low] + (place - low) * (values[high] - values[low]))
    # Fractions that a float holds compare faster as floats.
    return [float(edge) if Fraction(float(edge)) == edge else edge for edge in edges]


def brute_force(ours, theirs, n_bins):
    edges = [-math.inf, *exact_edges(ours, n_bins), math.inf]
    terms = []
    for lower, upper in pairwise(edges):
        r, c = (max(sum(lower < x <= upper for x in sample.tolist()) / len(sample), 1e-4) for sample in (ours, theirs))
        terms.append((c - r) * math.log(c / r))
    return math.fsum(terms)


def assert_agrees(reference, ours, theirs, n_bins):
    expected = brute_force(ours, theirs, n_bins)
    assert reference.psi(ours, theirs, n_bins) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def off_the_values(n, n_bins):
    """Say whether no edge is a value itself: there rounding may put the value on either side, as the statement says."""
    return all(j * (n - 1) % n_bins for j in range(1, n_bins))


def test_random_samples(reference, rng):
    tried = 0
    while tried < 100:
        n, m, n_bins = (int(size) for size in (rng.integers(1, 80), rng.integers(1, 80), rng.integers(1, 25)))
        if off_the_values(n, n_bins):
            assert_agrees(reference, rng.normal(size=n), rng.normal(0.5, 2.0, size=m), n_bins)
            assert_agrees(reference, rng.exponential(size=n), rng.lognormal(size=m), n_bins)
            tried += 1


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float64])
def test_tied_values(reference, rng, kind):
    """Small whole numbers in 1, 2, 4, ... bins, for which all quantiles are exact."""
    for _ in range(60):
        n, m = rng.integers(1, 60, size=2)
        ours, theirs = rng.integers(0, 7, size=n).astype(kind), rng.integers(0, 9, size=m).astype(kind)
        assert_agrees(reference, ours, theirs, int(2 ** rng.integers(0, 6)))


def test_values_repeated_throughout(reference, rng):
    """Edges between equal values are that value in any number of bins."""
    for n_bins in range(1, 30):
        for value in (0.1, -1 / 3, 7.0, 1e9 / 7):
            ours = np.full(int(rng.integers(1, 20)), value)
            theirs = rng.choice([value, np.nextafter(value, -np.inf), np.nextafter(value, np.inf)], size=12)
            assert_agrees(reference, ours, theirs, n_bins)


@pytest.mark.parametrize(
    ("ours", "theirs", "n_bins"),
    [
        ([1.0], [1.0], 1),
        ([1.0], [2.0], 1),
        ([1.0], [2.0, 1.0], 4),
        ([0.0, 8.0], [0.5, 1.0, 4.0, 7.5, 9.0], 8),
        ([0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 3.0, -1e6, 1e6], 4),
        ([1.0, 2.0, 3.0, 4.0], [-1.0, -2.0], 2),
        ([0.0, -0.0, 0.0], [-0.0, 0.0, 1e-6], 2),
    ],
)
def test_edges(reference, ours, theirs, n_bins):
    assert_agrees(reference, np.array(ours), np.array(theirs), n_bins)


def test_shares_about_the_floor(reference):
    ours = np.arange(4_096) / 4_096
    for n_above in (0, 1, 3, 4, 7):
        theirs = np.append(np.zeros(32_000 - n_above), np.ones(n_above))
        assert_agrees(reference, ours, theirs, 2)
        assert_agrees(reference, theirs, ours, 2)


def test_both_directions_of_the_divergence(reference, rng):
    """Where no bin is nearly empty, the index is SciPy's relative entropy in both directions."""
    ours, theirs = rng.normal(size=5_002), rng.normal(0.1, size=4_000)
    edges = np.quantile(ours, np.arange(1, 10) / 10)
    r, c = (np.histogram(x, [-np.inf, *edges, np.inf])[0] / len(x) for x in (ours, theirs))
    assert reference.psi(ours, theirs, 10) == pytest.approx(stats.entropy(c, r) + stats.entropy(r, c), rel=1e-9)


def test_without_drift(reference, rng):
    """Times n * m / (n + m), the index of two equal distributions is nearly chi-squared (Yurdakul and Naranjo 2020)."""
    found = [reference.psi(rng.normal(size=2_002), rng.normal(size=3_000), 10) for _ in range(300)]
    expected = 9 * (1 / 2_002 + 1 / 3_000)
    # The standard error of the mean is about 3 %.
    assert np.mean(found) == pytest.approx(expected, rel=0.15)


def test_empty_samples(reference):
    for ours, theirs in [([], [1.0, 2.0]), ([1.0, 2.0], [])]:
        with pytest.raises(ValueError):
            reference.psi(np.array(ours), np.array(theirs), 2)


@pytest.mark.parametrize("n_bins", [0, -1])
def test_no_bin(reference, n_bins):
    with pytest.raises(ValueError):
        reference.psi(np.array([1.0, 2.0]), np.array([1.0, 2.0]), n_bins)


def mean_without_shift(reference, n, n_bins, seed, runs=150):
    rng = np.random.default_rng(seed)
    return np.mean([reference.psi(rng.normal(size=n), rng.normal(size=n), n_bins) for _ in range(runs)])


@pytest.mark.parametrize(
    ("n", "n_bins", "low", "high"),
    [
        (100, 10, 0.17, 0.23),
        (1000, 10, 0.016, 0.021),
        (10_000, 10, 0.0016, 0.0021),
        (1000, 2, 0.0014, 0.0028),
        (1000, 100, 0.195, 0.225),
    ],
)
def test_claim_chance(reference, n, n_bins, low, high):
    for seed in range(3):
        assert low < mean_without_shift(reference, n, n_bins, seed) < high


def test_claim_chi_squared(reference):
    rng = np.random.default_rng(0)
    scaled = [reference.psi(rng.normal(size=1000), rng.normal(size=1000), 10) * 500 for _ in range(1000)]
    assert np.quantile(scaled, 0.95) == pytest.approx(stats.chi2(9).ppf(0.95), abs=1.5)
    assert stats.chi2(9).ppf(0.95) == pytest.approx(16.9, abs=0.05)


@pytest.mark.parametrize(
    ("shift", "n_bins", "low", "high"),
    [(0.3, 10, 0.081, 0.093), (0.5, 10, 0.225, 0.25), (0.3, 2, 0.053, 0.062), (0.3, 100, 0.085, 0.098)],
)
def test_claim_shifts(reference, shift, n_bins, low, high):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        assert low < reference.psi(rng.normal(size=100_000), rng.normal(shift, size=100_000), n_bins) < high


def test_claim_label_shift(reference):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        old, new = (rng.normal(2.0 * (rng.random(50_000) < prior)) for prior in (0.1, 0.3))
        assert 0.10 < reference.psi(old, new, 10) < 0.13


def test_claim_floors(reference):
    r, c = np.full(10, 0.1), np.append(0.0, np.full(9, 1 / 9))
    for floor, expected in [(1e-2, 0.22), (1e-4, 0.70), (1e-6, 1.16)]:
        lifted = np.maximum(c, floor)
        assert ((lifted - r) * np.log(lifted / r)).sum() == pytest.approx(expected, abs=0.005)
    ours, theirs = np.arange(1000.0), np.linspace(100.0, 999.0, 1000)
    assert reference.psi(ours, theirs, 10) == pytest.approx(0.70, abs=0.01)


def test_claim_tails(reference):
    for seed in range(10):
        x = np.random.default_rng(seed).normal(size=10_000)
        assert reference.psi(x, np.where(np.arange(10_000) % 100 == 0, 100 * x, x), 10) < 0.001
