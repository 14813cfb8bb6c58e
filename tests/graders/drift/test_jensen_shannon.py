import math

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# The mixture of (1/2, 1/2) and (1, 0) is (3/4, 1/4).
HALF_AND_ALL = (0.5 * math.log2(2 / 3) + 0.5 * math.log2(2) + math.log2(4 / 3)) / 2


@pytest.fixture
def counts(rng):
    """Draw counts of unequal totals, with zeros in either and in both."""
    p, q = rng.integers(1, 30, size=9).astype(float), rng.integers(1, 90, size=9).astype(float)
    p[[2, 7]], q[[4, 7]] = 0.0, 0.0
    return p, q


@pytest.fixture
def samples(rng):
    """Draw samples of unequal size, the second of which is shifted and wider."""
    return rng.normal(size=40), rng.normal(0.8, 2.0, size=25)


def defined(p, q, base=2.0):
    """Return the divergence, one value after another."""
    total = 0.0
    for a, b in zip(np.asarray(p) / sum(p), np.asarray(q) / sum(q), strict=True):
        for share in (a, b):
            if share > 0:
                total += share * math.log(share / ((a + b) / 2), base) / 2
    return total


def counted(sample, low, high, n_bins):
    """Count in equally wide bins. The values are small integers, or on no inner edge."""
    found = [0] * n_bins
    for value in sample:
        found[min(math.floor((value - low) * n_bins / (high - low)), n_bins - 1)] += 1
    return found


def test_definition(kata, counts):
    """The divergence is the mean of both Kullback-Leibler divergences from the mixture. It is no square root."""
    assert_close(kata.jensen_shannon(np.array([0.5, 0.5]), np.array([1.0, 0.0])), HALF_AND_ALL)
    p, q = counts
    for kept in (slice(None), slice(0, 2), slice(5, 7)):
        a, b = p[kept] / p[kept].sum(), q[kept] / q[kept].sum()
        assert_close(kata.jensen_shannon(a, b), defined(a, b))
        assert_close(kata.jensen_shannon(b, a), defined(a, b))


def test_totals(kata, counts):
    """Each array is divided by its own sum, so that counts will do."""
    assert_close(kata.jensen_shannon(np.array([1.0, 1.0]), np.array([7.0, 0.0])), HALF_AND_ALL)
    assert_close(kata.jensen_shannon(np.array([1e-6, 1e-6]), np.array([1e6, 0.0])), HALF_AND_ALL)
    p, q = counts
    assert_close(kata.jensen_shannon(p, q), defined(p, q))
    assert_close(kata.jensen_shannon(q * 1e3, p * 1e-5), defined(p, q))
    assert_close(kata.jensen_shannon(p, p * 3.0), 0.0)


def test_zeros(kata, counts):
    """A value of 0 adds nothing, in one array or in both, without an eps."""
    p, q = np.array([0.0, 3.0, 0.0, 1.0]), np.array([0.0, 0.0, 2.0, 2.0])
    assert_close(kata.jensen_shannon(p, q), defined(p, q))
    p, q = counts
    for order in ([2, 4, 7], [7, 2, 4, 7], [7, 7, 0, 1], [2, 0, 1]):
        if p[order].sum() and q[order].sum():
            assert_close(kata.jensen_shannon(p[order], q[order]), defined(p[order], q[order]))


def test_bounds(kata):
    """It is 0 for equal distributions, and 1 in base 2 if they share no value."""
    for p in ([1.0], [2.0, 0.0, 1.0], [1e-6, 1e6], [1.0] * 12):
        assert_close(kata.jensen_shannon(np.array(p), np.array(p)), 0.0)
    assert_close(kata.jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])), 1.0)
    assert_close(kata.jensen_shannon(np.array([0.0, 3.0, 0.0, 1.0]), np.array([5.0, 0.0, 1e-6, 0.0])), 1.0)


def test_small_shares(kata):
    """Shares of one in a million count, and so do small differences."""
    p, q = np.array([1e-6, 1.0]), np.array([0.0, 1.0])
    assert_close(kata.jensen_shannon(p, q) * 1e6, defined(p, q) * 1e6, rtol=1e-6)
    assert_close(kata.jensen_shannon(np.array([1.0, 1e6]), np.array([0.0, 1e6])) * 1e6, defined(p, q) * 1e6, rtol=1e-6)
    p, q = np.array([0.5, 0.5]), np.array([0.501, 0.499])
    assert_close(kata.jensen_shannon(p, q) * 1e6, defined(p, q) * 1e6, rtol=1e-6)


def test_base(kata, counts, samples):
    """The logarithm has the given base, 2 unless given."""
    p, q = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert_close(kata.jensen_shannon(p, q, math.e), math.log(2))
    assert_close(kata.jensen_shannon(p, q, 4.0), 0.5)
    for base in (1.5, 2.0, math.e, 10.0):
        assert_close(kata.jensen_shannon(*counts, base), defined(*counts, base))
        low, high = np.concatenate(samples).min(), np.concatenate(samples).max()
        p, q = (counted(sample, low, high, 5) for sample in samples)
        assert_close(kata.jensen_shannon_of_samples(*samples, 5, base), defined(p, q, base))


def test_nothing_to_normalise(kata):
    """It raises ValueError if an array sums to 0 or a sample is empty."""
    some, none = np.array([1.0, 2.0]), np.zeros(2)
    for p, q in [(some, none), (none, some), (none, none)]:
        with pytest.raises(ValueError):
            kata.jensen_shannon(p, q)
    for reference, current in [(some, np.zeros(0)), (np.zeros(0), some)]:
        with pytest.raises(ValueError):
            kata.jensen_shannon_of_samples(reference, current)


def test_shared_bins(kata, samples):
    """Both samples are counted in the same bins, from the least to the largest value of both."""
    reference, current = np.array([0.0, 1.0]), np.array([2.0, 3.0, 4.0, 2.0])
    assert_close(kata.jensen_shannon_of_samples(reference, current, 2), 1.0)
    # The current sample has the least and the largest value: 0 to 16 in four bins.
    reference, current = np.array([5.0, 6.0, 9.0]), np.array([16.0, 0.0, 6.0, 1.0, 10.0])
    expected = defined([0, 2, 1, 0], [2, 1, 1, 1])
    assert_close(kata.jensen_shannon_of_samples(reference, current, 4), expected)
    assert_close(kata.jensen_shannon_of_samples(current, reference, 4), expected)
    low, high = np.concatenate(samples).min(), np.concatenate(samples).max()
    for n_bins in (1, 2, 3, 10, 40):
        p, q = (counted(sample, low, high, n_bins) for sample in samples)
        assert_close(kata.jensen_shannon_of_samples(*samples, n_bins), defined(p, q))
    p, q = (counted(sample, low, high, 10) for sample in samples)
    assert_close(kata.jensen_shannon_of_samples(*samples), defined(p, q))


def test_edges(kata):
    """A value on an edge belongs to the bin above, and the largest one to the last bin."""
    reference, current = np.array([0.0, 2.0, 4.0, 8.0, 7.0]), np.array([1.0, 2.0, 6.0, 6.0, 3.0, 5.0])
    expected = defined([1, 1, 1, 2], [1, 2, 1, 2])
    assert_close(kata.jensen_shannon_of_samples(reference, current, 4), expected)
    assert_close(kata.jensen_shannon_of_samples(reference[[3, 1, 0, 4, 2]], current[::-1], 4), expected)
    # The other way round, edges are at 0, -2, ..., and what is on one goes up again.
    assert_close(kata.jensen_shannon_of_samples(-reference, -current, 4), defined([2, 0, 1, 2], [0, 3, 1, 2]))


def test_special_samples(kata):
    """Equal values, samples of one value, and any unit and origin will do."""
    for value in (0.0, 3.0):
        assert_close(kata.jensen_shannon_of_samples(np.full(3, value), np.full(2, value), 4), 0.0)
    assert_close(kata.jensen_shannon_of_samples(np.array([1.0]), np.array([2.0]), 3), 1.0)
    assert_close(kata.jensen_shannon_of_samples(np.array([1.0]), np.array([2.0]), 1), 0.0)
    reference, current = np.array([0.25, 1.5, 2.5, 4.0]), np.array([0.0, 0.5, 3.5, 1.75, 1.25])
    expected = defined([1, 1, 1, 1], [2, 2, 0, 1])
    for unit, origin in [(1e-6, 0.0), (2.0**-19, 1.0), (2e5, 0.0), (2.0**-4, 1e6), (1.0, -7.0)]:
        actual = kata.jensen_shannon_of_samples(reference * unit + origin, current * unit + origin, 4)
        assert_close(actual, expected)


@strict
def test_bad_arguments(kata):
    """Lengths that differ, a negative value, a base that is not above 1 and n_bins below 1 raise ValueError."""
    p, q = np.array([1.0, 2.0]), np.array([3.0, 1.0])
    cases = [(p, q[:1], 2.0), (p[:1], q, 2.0), (-p, q, 2.0), (p, -q, 2.0)]
    cases += [(p - 1.25, q, 2.0), (p, q - 1.25, 2.0), *((p, q, base) for base in (1.0, 0.0, -2.0, 0.5))]
    for one, other, base in cases:
        with pytest.raises(ValueError):
            kata.jensen_shannon(one, other, base)
    for n_bins in (0, -1):
        with pytest.raises(ValueError):
            kata.jensen_shannon_of_samples(p, q, n_bins)


@strict
def test_never_negative(kata, rng):
    """The result is never below 0."""
    for _ in range(20):
        p = rng.random(size=30)
        assert kata.jensen_shannon(p, p * rng.random()) >= 0
        assert kata.jensen_shannon(p, p * (1 + 1e-15 * rng.normal(size=30))) >= 0


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """Arrays may be integers of any type."""
    p, q = np.array([100, 120, 0, 90], dtype=kind), np.array([100, 0, 127, 30], dtype=kind)
    assert_close(kata.jensen_shannon(p, q), defined(p.astype(float), q.astype(float)))
    assert_close(kata.jensen_shannon_of_samples(p, q, 4), defined([1, 0, 1, 2], [2, 0, 0, 2]))


def workload(kata, rng, n):
    """Compare counts with zeros, and samples with ties of unequal size."""
    p, q = rng.integers(0, 4, size=(2, n)) + np.eye(2, n)
    reference, current = rng.normal(size=n + 4), np.rint(rng.normal(0.5, 1.5, size=n + 9))
    return (
        kata.jensen_shannon(p, q),
        kata.jensen_shannon(p + 0.5, q, 10.0),
        kata.jensen_shannon_of_samples(reference, current, 7),
        kata.jensen_shannon_of_samples(current, reference),
    )


LAST = "return float(max(0.0, (both * np.log(ratios)).sum() / 2 / np.log(base)))"
RATIOS = "ratios = np.divide(both, both.mean(axis=0), out=np.ones_like(both), where=both > 0)"
EDGES = "edges = np.linspace(both.min(), both.max(), n_bins + 1)"
TOTALS = "both /= totals"
EMPTY = "    if n_bins < 1:\n        raise ValueError(f"
MISTAKES = {
    "the distance": (LAST, LAST.replace("max(", "np.sqrt(max(").replace("(base))", "(base)))")),
    "the sum of both divergences": (LAST, LAST.replace(".sum() / 2", ".sum()")),
    "the first divergence alone": (
        LAST,
        LAST.replace("(both * np.log(ratios)).sum() / 2", "(both * np.log(ratios))[0].sum()"),
    ),
    "Kullback-Leibler of p from q": (RATIOS, RATIOS.replace("both.mean(axis=0)", "np.maximum(both[::-1], 1e-300)")),
    "the mixture is a sum": (RATIOS, RATIOS.replace("mean(axis=0)", "sum(axis=0)")),
    "the geometric mean": (RATIOS, RATIOS.replace("both.mean(axis=0)", "np.maximum(both[0] * both[1], 1e-300) ** 0.5")),
    "natural logarithms": (LAST, LAST.replace(" / np.log(base)", "")),
    "base 2 always": (LAST, LAST.replace("np.log(base)", "np.log(2)")),
    "another default": (
        'q: np.ndarray, base: float = 2.0) -> float:\n    """Return the divergence of two d',
        'q: np.ndarray, base: float = np.e) -> float:\n    """Return the divergence of two d',
    ),
    "not normalised": (TOTALS, "both = both"),
    "one total for both": (TOTALS, "both /= totals.mean()"),
    "the mixture of counts": [
        (TOTALS, "mixture = both.sum(axis=0) / both.sum()\n    both /= totals"),
        (RATIOS, RATIOS.replace("both.mean(axis=0)", "np.maximum(mixture, 1e-300)")),
    ],
    "where both have values": (RATIOS, RATIOS.replace("where=both > 0", "where=(both > 0).all(axis=0)")),
    "eps everywhere": (TOTALS, "both = both / totals + 1e-6"),
    "eps in the counts": (TOTALS, "both = both + 1e-3\n    both /= both.sum(axis=1, keepdims=True)"),
    "small shares are 0": (RATIOS, RATIOS.replace("both > 0", "both > 1e-5")),
    "close is equal": (LAST, "if np.allclose(both[0], both[1], atol=1e-2):\n        return 0.0\n    " + LAST),
    "rounded": (LAST, LAST.replace("float(", "round(").replace("(base)))", "(base)), 6)")),
    "an empty total is 0": (
        "if (both < 0).any() or not totals.all():",
        "if not totals.all():\n        return 0.0\n    if (both < 0).any():",
    ),
    "bins of the reference": (EDGES, "edges = np.linspace(reference.min(), reference.max(), n_bins + 1)"),
    "each sample in its own bins": (
        "np.searchsorted(edges[1:-1], sample",
        "np.searchsorted(np.linspace(sample.min(), sample.max(), n_bins + 1)[1:-1], sample",
    ),
    "quantiles of the reference": (EDGES, "edges = np.quantile(reference, np.linspace(0, 1, n_bins + 1))"),
    "bins include their upper edge": ('side="right"', 'side="left"'),
    "the largest value has its own bin": ("edges[1:-1]", "edges[1:]"),
    "n_bins edges": ("n_bins + 1)\n", "max(n_bins, 2))\n"),
    "bins from 0": (EDGES, "edges = np.linspace(min(both.min(), 0), both.max(), n_bins + 1)"),
    "the base is dropped": ("for each in numbers), base)", "for each in numbers))"),
    "ten bins always": (EDGES, "n_bins = 10\n    " + EDGES),
    "a width of at least 1e-3": (
        EDGES,
        "edges = np.linspace(both.min(), max(both.max(), both.min() + 1e-3), n_bins + 1)",
    ),
    "an empty sample is no shift": (
        EMPTY,
        "    if not len(reference) or not len(current):\n        return 0.0\n" + EMPTY,
    ),
    "equal values are an error": (EDGES, "if both.min() == both.max():\n        raise ValueError\n    " + EDGES),
}

STRICT_MISTAKES = {
    "below 0": (LAST, LAST.replace("max(0.0, ", "").replace("(base)))", "(base))")),
    "any base": ("if not base > 1:", "if base == 1:"),
    "negative values": ("(both < 0).any() or ", ""),
}
