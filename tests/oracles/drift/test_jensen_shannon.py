"""The reference beside SciPy, which returns the square root, and the claims of the follow-ups."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from tests.bench.peers import Peer
from tests.oracles.claims import within


def library(p, q, base):
    return jensenshannon(p, q, base) ** 2


def library_of_samples(reference, current, n_bins, base=2.0):
    both = np.concatenate([reference, current])
    return library(*(np.histogram(each, n_bins, (both.min(), both.max()))[0] for each in (reference, current)), base)


def test_random(reference, rng):
    for _ in range(100):
        p, q = rng.integers(0, 9, size=(2, int(rng.integers(2, 12)))).astype(float)
        p[0], q[-1] = p[0] + 1, q[-1] + 2
        base = rng.uniform(1.5, 10.0)
        ours = reference.jensen_shannon(p, q * 1e3, base)
        np.testing.assert_allclose(ours, library(p, q, base), rtol=1e-9, atol=1e-14)


def test_samples(reference, rng):
    for n_bins in (1, 2, 5, 10, 40):
        one, other = rng.normal(size=30), rng.normal(0.5, 2.0, size=50)
        ours = reference.jensen_shannon_of_samples(one, other, n_bins)
        np.testing.assert_allclose(ours, library_of_samples(one, other, n_bins), rtol=1e-9, atol=1e-14)
    whole = rng.integers(0, 17, size=40), np.append(rng.integers(0, 17, size=20), [0, 16])
    np.testing.assert_allclose(
        reference.jensen_shannon_of_samples(*whole, 4, 10.0), library_of_samples(*whole, 4, 10.0), rtol=1e-9
    )


def test_edges(reference):
    """Zeros, no overlap, equal values, integers of 8 bits and bad arguments."""
    p, q = np.array([0.0, 3.0, 0.0, 1.0]), np.array([0.0, 0.0, 2.0, 2.0])
    np.testing.assert_allclose(reference.jensen_shannon(p, q), library(p, q, 2.0), rtol=1e-9)
    assert reference.jensen_shannon(p, p[[0, 2, 1, 0]] * [1, 1, 1, 0]) == pytest.approx(
        library(p, p[[0, 2, 1, 0]] * [1, 1, 1, 0], 2)
    )
    assert reference.jensen_shannon(p, 1 - np.sign(p)) == pytest.approx(1.0)
    assert reference.jensen_shannon_of_samples(p * 0 + 3, q * 0 + 3) == 0.0
    small = np.array([100, 120, 90], dtype=np.int8), np.array([1, 127, 0], dtype=np.int8)
    np.testing.assert_allclose(reference.jensen_shannon(*small), library(*(each.astype(float) for each in small), 2))
    for one, other, base in [(p, q * 0, 2.0), (p, q[:3], 2.0), (-p, q, 2.0), (p, q, 1.0), (p, q, 0.0)]:
        with pytest.raises(ValueError, match=r"base|negative|shape"):
            reference.jensen_shannon(one, other, base)
    for one, other, n_bins in [(p, q[:0], 2), (p[:0], q, 2), (p, q, 0)]:
        with pytest.raises(ValueError, match=r"0|bins|edges"):
            reference.jensen_shannon_of_samples(one, other, n_bins)


def test_claims_of_sizes(reference):
    """The numbers of the first follow-up."""

    def claim(rng):
        one, other = rng.normal(size=(2, 50_000))
        return [reference.jensen_shannon_of_samples(one, other + shift, 20) for shift in (0.3, 0.5, 1.0, 2.0)]

    within([0.014, 0.04, 0.15, 0.46], [0.018, 0.046, 0.165, 0.49], claim, 6)


def test_claim_of_outliers(reference):
    """The numbers of the second follow-up."""

    def claim(rng):
        one, other = rng.normal([[0.0], [0.5]], 1.0, size=(2, 5_000))
        before = reference.jensen_shannon_of_samples(one, other)
        other[0] = 1_000
        return before, reference.jensen_shannon_of_samples(one, other)

    within([0.035, 0.00009], [0.05, 0.00011], claim, 10)


def test_claims_of_no_shift(reference):
    """The numbers of the third follow-up."""

    def claim(rng):
        sizes = [(100, 10), (1_000, 10), (10_000, 10), (1_000, 50)]
        return [
            np.mean([reference.jensen_shannon_of_samples(*rng.normal(size=(2, n)), n_bins) for _ in range(100)])
            for n, n_bins in sizes
        ]

    within([0.033, 0.003, 0.0003, 0.0175], [0.042, 0.004, 0.0004, 0.0187], claim, 4)


def test_claims_of_labels(reference):
    """The numbers of the fourth follow-up."""

    def claim(rng):
        y, x = rng.random(size=(2, 50_000)) < [[0.1], [0.3]], rng.normal(size=(2, 50_000))
        x += 2 * y
        kept = [(slice(None), slice(None)), (y[0], y[1]), (~y[0], ~y[1])]
        return [reference.jensen_shannon_of_samples(x[0][one], x[1][other], 20) for one, other in kept]

    within([0.019, 0, 0], [0.025, 0.002, 0.002], claim, 6)


def peers(reference, rng):
    """Yield the divergence of two long arrays."""
    p, q = rng.random(size=(2, 100_000))
    ours, theirs = (lambda: reference.jensen_shannon(p, q)), (lambda: library(p, q, 2.0))
    yield Peer("100,000 values", "jensenshannon", ours, theirs)
