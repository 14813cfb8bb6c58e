import math
from itertools import pairwise

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# If values are tied or edges lie on values, n_bins is a power of two, so that quantiles are exact. Otherwise there are
# 60 values: no edge of fewer than 59 bins lies on one.


@pytest.fixture
def skewed(rng):
    """Sixty values of a skewed distribution, and 45 of one with another scale, beyond both ends of the first."""
    reference = np.exp(rng.normal(size=60))
    current = 1.5 * np.exp(rng.normal(size=45))
    current[:2] = reference.min() / 2, reference.max() * 3
    return reference, current


@pytest.fixture
def tied(rng):
    """Small whole numbers, of which one is a large part of the reference."""
    reference = np.append(np.zeros(20), rng.integers(-3, 6, size=31))
    return rng.permutation(reference), rng.integers(-5, 9, size=40).astype(float)


def defined(reference, current, n_bins):
    """Return the index as the statement has it, bin by bin and value by value."""
    values = sorted(reference.tolist())
    edges = [-math.inf]
    for j in range(1, n_bins):
        place = j * (len(values) - 1) / n_bins
        low = int(place)
        high = min(low + 1, len(values) - 1)
        edges.append(values[low] + (place - low) * (values[high] - values[low]))
    edges.append(math.inf)
    total = 0.0
    for lower, upper in pairwise(edges):
        r = max(sum(lower < x <= upper for x in reference.tolist()) / len(reference), 1e-4)
        c = max(sum(lower < x <= upper for x in current.tolist()) / len(current), 1e-4)
        total += (c - r) * math.log(c / r)
    return total


def of_shares(r, c):
    """Return the sum for shares that are known."""
    return sum((ours - theirs) * math.log(ours / theirs) for theirs, ours in zip(r, c, strict=True))


def test_index(kata, skewed):
    """The index sums (c - r) * ln(c / r) over the bins, where r and c are shares."""
    # The edge is 4.5: the shares are 1/2 and 1/2, and 3/4 and 1/4.
    reference, current = np.arange(1.0, 9.0), np.array([0.0, 1.0, 4.25, 9.0])
    assert_close(kata.psi(reference, current, 2), math.log(3) / 4)
    for n_bins in (2, 3, 5):
        assert_close(kata.psi(*skewed, n_bins), defined(*skewed, n_bins))
    # The unit does not matter.
    for unit in (2.0**-18, 2.0**10):
        in_unit = tuple(sample * unit for sample in skewed)
        assert_close(kata.psi(*in_unit, 5), defined(*skewed, 5))


def test_edges(kata, skewed):
    """The edges are quantiles of the reference alone, interpolated linearly between its values."""
    reference, current = np.array([1.0, 2.0, 4.0, 100.0]), np.array([2.5, 3.5, 5.0, 6.0, 9.0, 50.0])
    # The edge is 3, and the other way round it is 5.5.
    assert_close(kata.psi(reference, current, 2), of_shares([1 / 2, 1 / 2], [1 / 6, 5 / 6]))
    assert_close(kata.psi(current, reference, 2), of_shares([1 / 2, 1 / 2], [3 / 4, 1 / 4]))
    assert_close(kata.psi(*skewed[::-1], 3), defined(*skewed[::-1], 3))
    # The places of the edges among 0, 1, 2, 3 are 3/4, 3/2 and 9/4: the edges are 6, 14 and 21.
    reference = np.array([0.0, 8.0, 20.0, 24.0])
    current = np.array([5.5, 6.5, 13.5, 14.5, 20.5, 21.5, 22.0, 22.0])
    assert_close(kata.psi(reference, current, 4), of_shares([1 / 4] * 4, [1 / 8, 2 / 8, 2 / 8, 3 / 8]))


def test_open_ends(kata, skewed):
    """The outer bins have no end: values below and above all of the reference are counted there."""
    reference, current = np.arange(1.0, 9.0), np.array([-1e5, 3.0, 1e5, 1e6, 8.5])
    assert_close(kata.psi(reference, current, 2), of_shares([1 / 2, 1 / 2], [2 / 5, 3 / 5]))
    reference, current = skewed
    assert_close(kata.psi(reference, current * 100.0, 7), defined(reference, current * 100.0, 7))
    assert_close(kata.psi(reference, current - 100.0, 7), defined(reference, current - 100.0, 7))


def test_reference_is_counted(kata):
    """The shares of the reference are counted as well: bins of equally many values are seldom exact."""
    # The edges are 3/2, 2 and 3, as the places are 3/2, 3 and 9/2 of the seven values.
    reference = np.array([0.0, 1.0, 2.0, 2.0, 2.0, 4.0, 9.0])
    current = np.array([1.0, 1.7, 2.5, 5.0, 6.0])
    assert_close(kata.psi(reference, current, 4), of_shares([2 / 7, 3 / 7, 1e-4, 2 / 7], [1 / 5, 1 / 5, 1 / 5, 2 / 5]))
    assert_close(kata.psi(reference, reference, 4), 0.0)
    assert_close(kata.psi(reference, np.repeat(reference, 3)[::-1], 4), 0.0)


def test_equal_edges(kata, tied):
    """Edges may coincide: between two equal edges there is no value of either sample."""
    # All edges are 5, so that there is a bin up to 5 and one above it.
    reference, current = np.full(6, 5.0), np.array([4.0, 5.0, 6.0, 7.0])
    assert_close(kata.psi(reference, current, 4), of_shares([1, 1e-4], [1 / 2, 1 / 2]))
    assert_close(kata.psi(reference, reference[:2], 4), 0.0)
    # All in one bin, and all in another.
    assert_close(kata.psi(reference, np.array([6.0]), 4), of_shares([1, 1e-4], [1e-4, 1]))
    # The edges are 0, 0 and 1.
    reference, current = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0]), np.array([-1.0, 0.0, 0.5, 1.0, 1.5])
    assert_close(kata.psi(reference, current, 4), defined(reference, current, 4))
    assert_close(kata.psi(tied[0], tied[1], 16), defined(tied[0], tied[1], 16))


def test_values_on_edges(kata, tied):
    """A value that equals an edge belongs to the bin below it."""
    # The edges are 1, 2 and 3.
    reference, current = np.arange(5.0), np.array([1.0, 2.0, 3.0, 3.0, 3.5, 4.0, 0.0, 0.0])
    assert_close(kata.psi(reference, current, 4), of_shares([2 / 5, 1 / 5, 1 / 5, 1 / 5], [3 / 8, 1 / 8, 2 / 8, 2 / 8]))
    # A value just above an edge does not equal it.
    current[:4] += 1e-8
    assert_close(kata.psi(reference, current, 4), of_shares([2 / 5, 1 / 5, 1 / 5, 1 / 5], [2 / 8, 1 / 8, 1 / 8, 4 / 8]))
    for n_bins in (2, 4, 8):
        assert_close(kata.psi(*tied, n_bins), defined(*tied, n_bins))


def test_empty_bins(kata, skewed):
    """An empty bin counts as a share of 1e-4, and the other shares stay as they are."""
    reference = np.arange(1.0, 9.0)
    assert_close(kata.psi(reference, np.array([0.0, 1.0, 2.0, 3.0]), 2), of_shares([1 / 2, 1 / 2], [1, 1e-4]))
    # The edges are 2.75, 4.5 and 6.25.
    assert_close(kata.psi(reference, np.array([5.0, 3.0, 5.0]), 4), of_shares([1 / 4] * 4, [1e-4, 1 / 3, 2 / 3, 1e-4]))
    for n_bins in (13, 20, 47):
        assert_close(kata.psi(*skewed, n_bins), defined(*skewed, n_bins))


def test_number_of_bins(kata, skewed):
    """A single bin holds everything, and there may be more bins than values."""
    assert_close(kata.psi(*skewed, 1), 0.0)
    # The edges are 1, 2, 3, 4, 5, 6 and 7.
    reference, current = np.array([0.0, 8.0]), np.array([0.5, 1.5, 4.5, 9.0, 7.5])
    assert_close(kata.psi(reference, current, 8), defined(reference, current, 8))
    # The edges are 1, 2, 3, ..., 127.
    reference, current = np.array([0.0, 128.0]), np.array([0.5, 1.2, 126.5, 127.5])
    assert_close(kata.psi(reference, current, 128), defined(reference, current, 128))
    assert_close(kata.psi(np.array([3.0]), np.array([2.0, 3.0, 4.0, 5.0]), 8), of_shares([1, 1e-4], [1 / 2, 1 / 2]))


def test_empty_samples(kata):
    """An empty sample raises ValueError."""
    good = np.array([1.0, 2.0, 3.0])
    for reference, current in [(good[:0], good), (good, good[:0]), (good[:0], good[:0])]:
        for n_bins in (2, 1):
            with pytest.raises(ValueError):
                kata.psi(reference, current, n_bins)


@strict
def test_tiny_shares(kata):
    """A share below 1e-4 counts as 1e-4 though its bin is not empty; a larger share stays."""
    reference = np.arange(16_384) / 16_384
    for n_above, share in [(1, 1e-4), (3, 1e-4), (4, 1.25e-4), (8, 2.5e-4)]:
        current = np.append(np.zeros(32_000 - n_above), np.ones(n_above))
        assert_close(kata.psi(reference, current, 2), of_shares([1 / 2, 1 / 2], [1 - n_above / 32_000, share]))
        # The median is 0: what lies above it is the second bin.
        spread = np.repeat([0.0, 1.0], [1, 3])
        assert_close(kata.psi(current, spread, 2), of_shares([1 - n_above / 32_000, share], [1 / 4, 3 / 4]))


@strict
def test_integers(kata, tied):
    """Values may be integers of any type: neither edges between them nor values beside them are cut off."""
    reference = np.array([1, 2, 4, 5, 7, 8])
    # The edge is 4.5.
    assert_close(kata.psi(reference, np.array([4.4, 4.6, 9.0]), 2), of_shares([1 / 2, 1 / 2], [1 / 3, 2 / 3]))
    for kind in (int, np.int8):
        assert_close(kata.psi(*(sample.astype(kind) for sample in tied), 8), defined(*tied, 8))
    assert_close(kata.psi(np.array([0, 100, 200, 250], dtype=np.uint8), np.array([140.0, 160.0]), 2), 0.0)


@strict
def test_no_bin(kata):
    """An n_bins below 1 raises ValueError."""
    good = np.array([1.0, 2.0, 3.0])
    for n_bins in (0, -1, -5):
        with pytest.raises(ValueError):
            kata.psi(good, good, n_bins)


def workload(kata, rng, n):
    """Return the index of shifted values in ten bins, and of counts, many of them 0, in eight."""
    # No edge of ten lies on one of 10 n + 2 values.
    reference, current = rng.normal(size=10 * n + 2), rng.normal(0.2, 1.1, size=7 * n + 3)
    counts, later = rng.poisson(0.8, size=10 * n), rng.poisson(1.1, size=8 * n)
    return kata.psi(reference, current, 10), kata.psi(counts, later, 8), kata.psi(current[:5], reference, 16)


MISTAKES = {
    "one direction of the divergence": ("((c - r) * np.log(c / r))", "(c * np.log(c / r))"),
    "the other direction of the divergence": ("((c - r) * np.log(c / r))", "(r * np.log(r / c))"),
    "half of it": ("return float(((c - r)", "return 0.5 * float(((c - r)"),
    "the binary logarithm": ("((c - r) * np.log(c / r))", "((c - r) * np.log2(c / r))"),
    "the decimal logarithm": ("((c - r) * np.log(c / r))", "((c - r) * np.log10(c / r))"),
    "the mean over bins": (".sum())\n\n\ndef _check", ".mean())\n\n\ndef _check"),
    "bins of the current sample": ("edges = np.quantile(reference,", "edges = np.quantile(current,"),
    "bins of both samples together": (
        "edges = np.quantile(reference,",
        "edges = np.quantile(np.concatenate([reference, current]),",
    ),
    "bins of equal width": (
        "edges = np.quantile(reference, np.arange(1, n_bins) / n_bins)",
        "edges = np.linspace(reference.min(), reference.max(), n_bins + 1)[1:-1]",
    ),
    "edges on values of the reference": (
        "np.arange(1, n_bins) / n_bins)\n    r, c",
        'np.arange(1, n_bins) / n_bins, method="inverted_cdf")\n    r, c',
    ),
    "one edge too many": (
        "edges = np.quantile(reference, np.arange(1, n_bins) / n_bins)",
        "edges = np.quantile(reference, np.arange(1, n_bins + 1) / n_bins)",
    ),
    "values beyond the ends are dropped": (
        "    r, c = (\n        np.maximum(np.bincount(",
        (
            "    inside = current[(current >= reference.min()) & (current <= reference.max())]\n"
            "    current = inside if len(inside) else current\n"
            "    r, c = (\n        np.maximum(np.bincount("
        ),
    ),
    "values beyond the ends are dropped, but counted in the total": (
        "    r, c = (\n        np.maximum(np.bincount(",
        (
            "    inside = current[(current >= reference.min()) & (current <= reference.max())]\n"
            "    edges = np.concatenate([[reference.min()], edges, [reference.max()]])\n"
            "    r, c = (np.maximum(np.histogram(x, edges)[0] / len(x), 1e-4) for x in (reference, current))\n"
            "    return float(((c - r) * np.log(c / r)).sum())\n"
            "    r, c = (\n        np.maximum(np.bincount("
        ),
    ),
    "an edge belongs to the bin above": (
        'np.searchsorted(edges, sample, side="left")',
        'np.searchsorted(edges, sample, side="right")',
    ),
    "the reference's shares taken for equal": (
        "    return float(((c - r)",
        "    r = np.full(n_bins, 1 / n_bins)\n    return float(((c - r)",
    ),
    "counts for shares": ("minlength=n_bins) / len(sample), 1e-4)", "minlength=n_bins) / len(reference), 1e-4)"),
    "empty bins are left out": (
        "    return float(((c - r)",
        "    both = (r > 1e-4) & (c > 1e-4)\n    r, c = r[both], c[both]\n    return float(((c - r)",
    ),
    "a smaller share for empty bins": (
        "minlength=n_bins) / len(sample), 1e-4)",
        "minlength=n_bins) / len(sample), 1e-6)",
    ),
    "a little is added to every share": (
        'np.maximum(np.bincount(np.searchsorted(edges, sample, side="left"), minlength=n_bins) / len(sample), 1e-4)',
        'np.bincount(np.searchsorted(edges, sample, side="left"), minlength=n_bins) / len(sample) + 1e-4',
    ),
    "one is added to every count": (
        'np.maximum(np.bincount(np.searchsorted(edges, sample, side="left"), minlength=n_bins) / len(sample), 1e-4)',
        '(np.bincount(np.searchsorted(edges, sample, side="left"), minlength=n_bins) + 1) / (len(sample) + n_bins)',
    ),
    "shares are rescaled to sum to 1": (
        "    return float(((c - r)",
        "    r, c = r / r.sum(), c / c.sum()\n    return float(((c - r)",
    ),
    "equal edges are refused": (
        "    r, c = (\n        np.maximum(np.bincount(",
        (
            "    if (np.diff(edges) == 0).any():\n        raise ValueError\n"
            "    r, c = (\n        np.maximum(np.bincount("
        ),
    ),
    "a constant reference gives 0": (
        "    edges = np.quantile(",
        "    if np.ptp(reference) == 0:\n        return 0.0\n    edges = np.quantile(",
    ),
    "an empty sample has an index": ("if len(reference) == 0 or len(current) == 0:", "if len(reference) == 0:"),
    "only non-empty bins are counted": (", minlength=n_bins) / len(sample), 1e-4)", ") / len(sample), 1e-4)"),
}

STRICT_MISTAKES = {
    "only empty bins are lifted": (
        "    return float(((c - r)",
        (
            "    places = (np.searchsorted(edges, x) for x in (reference, current))\n"
            "    r, c = (np.bincount(place, minlength=n_bins) / len(place) for place in places)\n"
            "    r, c = np.where(r > 0, r, 1e-4), np.where(c > 0, c, 1e-4)\n"
            "    return float(((c - r)"
        ),
    ),
    "edges cut to integers": (
        "    r, c = (\n        np.maximum(np.bincount(",
        "    edges = edges.astype(reference.dtype)\n    r, c = (\n        np.maximum(np.bincount(",
    ),
    "no bin gives 0": ("if n_bins < 1:", "if n_bins < 0:"),
}
