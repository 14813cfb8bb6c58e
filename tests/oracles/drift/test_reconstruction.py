"""The errors beside scikit-learn's `PCA`, the threshold by counting in fractions, and the claims of the follow-ups."""

import math
from fractions import Fraction

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tests.bench.peers import Peer
from tests.oracles.claims import within


def theirs(reference, current, n_components):
    model = PCA(n_components=n_components, svd_solver="full").fit(reference)
    return ((current - model.inverse_transform(model.transform(current))) ** 2).sum(axis=1)


def test_random(reference, rng):
    for _ in range(100):
        n, d = rng.integers(2, 12, size=2)
        rows, current = rng.normal(size=(n, d)) @ rng.normal(size=(d, d)), rng.normal(3.0, 2.0, size=(5, d))
        for k in range(1, min(n - 1, d) + 1):
            ours = reference.reconstruction_error(rows, current, k)
            np.testing.assert_allclose(ours, theirs(rows, current, k), rtol=1e-9, atol=1e-9)


def test_edges(reference, rng):
    rows, current = rng.normal(size=(6, 3)), rng.normal(size=(4, 3))
    apart = ((current - rows.mean(axis=0)) ** 2).sum(axis=1)
    np.testing.assert_allclose(reference.reconstruction_error(rows, current, 0), apart, rtol=1e-12)
    np.testing.assert_allclose(reference.reconstruction_error(rows, current, 3), 0, atol=1e-12)
    assert reference.reconstruction_error(rows, current[:0], 2).shape == (0,)
    for one in current:
        np.testing.assert_allclose(
            reference.reconstruction_error(rows, one[None], 2), theirs(rows, one[None], 2), rtol=1e-9
        )
    whole = rng.integers(-100, 100, size=(8, 3)).astype(np.int8)
    np.testing.assert_allclose(
        reference.reconstruction_error(whole, -whole // 2, 2), theirs(whole.astype(float), -whole // 2, 2), rtol=1e-9
    )
    for shape, k in [((6, 3), 4), ((6, 3), -1), ((3, 6), 3), ((3, 6), 5), ((1, 2), 1)]:
        with pytest.raises(ValueError):
            reference.reconstruction_error(np.ones(shape), np.ones(shape), k)


def test_threshold(reference, rng):
    """The rank in fractions, with levels that are whole percents, so that only rounding could change it."""
    for n in range(120):
        errors = rng.permutation(n) + 1.0
        for percent in range(1, 100):
            rank = math.ceil((1 - Fraction(percent, 100)) * (n + 1))
            assert reference.error_threshold(errors, percent / 100) == (rank if rank <= n else math.inf)
    assert reference.error_threshold(np.array([2.0, 1.0, 2.0, 2.0]), 0.4) == 2.0
    for level in (0.0, 1.0, -1.0, 2.0, np.nan):
        with pytest.raises(ValueError):
            reference.error_threshold(np.ones(3), level)


def test_level_holds(reference, rng):
    """A further row is above the threshold with probability 1 - r / (n + 1), at most the level, by trying all ranks."""
    for n, level in [(19, 0.05), (20, 0.1), (7, 0.3), (7, 0.1)]:
        above = []
        for new in range(n + 1):
            errors = rng.permutation(np.delete(np.arange(n + 1.0), new))
            above.append(new > reference.error_threshold(errors, level))
        assert np.mean(above) == pytest.approx(math.floor(level * (n + 1) + 1e-9) / (n + 1))


def test_claims_of_blind_spots(reference):
    def ratios(rng):
        mix = rng.normal(size=(3, 10))
        factors, noise = rng.normal(size=(2, 1000, 3)), 0.5 * rng.normal(size=(2, 1000, 10))
        rows, current = factors @ mix + noise
        shifted, shuffled = current + 3 * mix.sum(axis=0), rng.permuted(current, axis=0)
        usual = reference.reconstruction_error(rows, current, 3).mean()
        model = PCA(3).fit(rows)
        scores = [
            (model.transform(one) ** 2 / model.explained_variance_).sum(axis=1).mean() for one in (current, shifted)
        ]
        return [
            *(reference.reconstruction_error(rows, one, 3).mean() / usual for one in (shifted, shuffled)),
            *scores,
        ]

    within([0.9, 2, 2.7, 20], [1.1, np.inf, 3.3, np.inf], ratios)


def test_claims_of_the_references_own_errors(reference):
    def errors(rng):
        rows, new = rng.normal(size=(40, 20)), rng.normal(size=(2000, 20))
        own, others = (reference.reconstruction_error(rows, one, 10) for one in (rows, new))
        return own.mean(), others.mean(), (others > np.quantile(own, 0.95)).mean()

    within([3.4, 9.5, 0.4], [4.8, 11, 0.95], errors)

    def level(rng):
        levels = [1 - reference.error_threshold(rng.random(99), 0.05) for _ in range(500)]
        return np.mean(levels), np.std(levels)

    within([0.047, 0.019], [0.053, 0.025], level)


def test_claim_of_units(reference):
    def share(rng):
        rows = rng.normal(size=(200, 10)) * np.append(1000, np.ones(9))
        # What the first direction leaves of the first axis is 1 - share**2.
        mean = rows.mean(axis=0)
        left = reference.reconstruction_error(rows, mean[None] + np.eye(10)[:1], 1)[0]
        return np.sqrt(1 - left)

    within(0.99, 1, share)


def test_claim_of_batches(reference):
    def spread(rng):
        counts = []
        for _ in range(1000):
            threshold = reference.error_threshold(rng.random(200), 0.05)
            counts.append((rng.random(500) > threshold).sum())
        return np.std(counts)

    within(7.8, 11, spread)


def peers(reference, rng):
    """Yield the errors of many rows."""
    mix = rng.normal(size=(5, 30))
    rows, current = (rng.normal(size=(5_000, 5)) @ mix + rng.normal(size=(5_000, 30)) for _ in range(2))
    yield Peer(
        "5,000 rows of 30 features, 5 components",
        "PCA",
        lambda: reference.reconstruction_error(rows, current, 5),
        lambda: theirs(rows, current, 5),
    )
