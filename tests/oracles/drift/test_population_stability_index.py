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


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32, np.float64])
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
        ([0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 3.0, -1e300, 1e300], 4),
        ([1.0, 2.0, 3.0, 4.0], [-1.0, -2.0], 2),
        ([0.0, -0.0, 0.0], [-0.0, 0.0, 5e-324], 2),
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


@pytest.mark.parametrize("bad", [[], [1.0, math.nan], [1.0, math.inf], [-math.inf, 1.0]])
def test_bad_samples(reference, bad):
    for ours, theirs in [(bad, [1.0, 2.0]), ([1.0, 2.0], bad)]:
        with pytest.raises(ValueError):
            reference.psi(np.array(ours), np.array(theirs), 2)


@pytest.mark.parametrize("n_bins", [0, -1])
def test_no_bin(reference, n_bins):
    with pytest.raises(ValueError):
        reference.psi(np.array([1.0, 2.0]), np.array([1.0, 2.0]), n_bins)
