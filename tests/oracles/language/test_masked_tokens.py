"""The reference beside the distribution that the statement gives, by SciPy's chi-square and binomial tests."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest, chisquare


def draw(rng, shape):
    return rng.integers(0, 12, size=shape)


@pytest.mark.parametrize("rate", [0.05, 0.15, 0.7])
def test_outcomes(reference, rng, rate):
    """Count for each token what becomes of it, and compare all counts at once."""
    ids = draw(rng, 200_000)
    inputs, labels = reference.mask_tokens(ids, [0, 1], 3, 12, rate, rng)
    for token in range(12):
        own = ids == token
        if token < 2:
            assert (inputs[own] == token).all()
            assert (labels[own] == -100).all()
            continue
        selected = own & (labels == token)
        assert (own == (selected | (own & (labels == -100)))).all()
        expected = np.full(12, rate * 0.1 / 12)
        expected[3] += rate * 0.8
        expected[token] += rate * 0.1
        counts = np.append(np.bincount(inputs[selected], minlength=12), own.sum() - selected.sum())
        assert chisquare(counts, np.append(expected, 1 - rate) * own.sum()).pvalue > 1e-9


def test_targets_of_a_sequence(reference, rng):
    """The number of targets in a sequence is binomial."""
    labels = reference.mask_tokens(np.full((50_000, 10), 5), [], 3, 12, 0.3, rng).labels
    counts = np.bincount((labels != -100).sum(axis=1), minlength=11)
    expected = binom(10, 0.3).pmf(np.arange(11)) * 50_000
    grouped = [np.append(each[:7], each[7:].sum()) for each in (counts, expected)]
    assert chisquare(*grouped).pvalue > 1e-9


def test_edges(reference, rng):
    ids = draw(rng, (3, 4, 5))
    inputs, labels = reference.mask_tokens(ids, [], 3, 12, 0.0, rng)
    assert (inputs == ids).all()
    assert (labels == -100).all()
    assert (reference.mask_tokens(ids, [], 3, 12, 1.0, rng).labels == ids).all()
    assert (reference.mask_tokens(ids, list(range(12)), 3, 12, 1.0, rng).labels == -100).all()
    narrow = reference.mask_tokens(np.full(10_000, 200, dtype=np.uint8), [], 30_000, 40_000, 1.0, rng)
    assert (narrow.labels == 200).all()
    assert binomtest(int((narrow.inputs == 30_000).sum()), 10_000, 0.8).pvalue > 1e-9
    assert narrow.inputs.max() > 30_000
    for rate in (-0.1, 1.1):
        with pytest.raises(ValueError, match="rate"):
            reference.mask_tokens(ids, [], 3, 12, rate, rng)


def test_claim_random_tokens(reference):
    for seed in range(20):
        ids = np.full(100_000, 5)
        inputs, _ = reference.mask_tokens(ids, [], 3, 30_000, 0.15, np.random.default_rng(seed))
        assert 0.0135 < np.mean((inputs != 5) & (inputs != 3)) < 0.0165


def test_claim_targets(reference):
    rng = np.random.default_rng(0)
    labels = reference.mask_tokens(np.full((20, 512), 5), [], 3, 30_000, 0.15, rng).labels
    n = (labels != -100).sum(axis=1)
    assert n.min() >= 35
    assert n.max() <= 120


def test_claim_epochs(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        never = np.ones(10_000, dtype=bool)
        for _ in range(10):
            never &= reference.mask_tokens(np.full(10_000, 5), [], 3, 30_000, 0.15, rng).labels == -100
        assert 0.17 < never.mean() < 0.23
    never_in_ten = 0.85**10
    assert never_in_ten == pytest.approx(0.20, abs=0.005)


def test_claim_words(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        selected = reference.mask_tokens(np.full((30_000, 3), 5), [], 3, 30_000, 0.15, rng).labels != -100
        hit = selected.any(axis=1)
        assert 0.37 < hit.mean() < 0.40
        assert selected[hit].all(axis=1).mean() < 0.02
