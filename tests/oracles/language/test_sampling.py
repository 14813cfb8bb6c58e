"""`sampling` beside PyTorch, beside the smallest sets found by trying all, and its draws beside SciPy's tests."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.special import softmax
from scipy.stats import chisquare

from tests.bench.peers import Peer


def draw_rows(rng, n_rows=4, vocab_size=7):
    return softmax(rng.normal(scale=2.0, size=(n_rows, vocab_size)), axis=1)


def torch_top_k(probs, k):
    values, ids = torch.topk(torch.tensor(probs), min(k, probs.shape[1]), dim=1)
    return (torch.zeros(probs.shape, dtype=torch.float64).scatter(1, ids, values) / values.sum(1, keepdim=True)).numpy()


def torch_top_p(probs, p):
    """Remove, from the least likely on, what the sum of all others does not need."""
    values, ids = torch.sort(torch.tensor(probs), dim=1)
    values = torch.where(values.cumsum(1) <= 1 - p, 0.0, values)
    return torch.zeros(probs.shape, dtype=torch.float64).scatter(1, ids, values / values.sum(1, keepdim=True)).numpy()


def smallest_set(row, p):
    """Return the row with the smallest set that reaches p; of sets of one size, the one with the largest sum."""
    exact = [Fraction(value) for value in row.tolist()]
    for size in range(1, len(exact) + 1):
        best = max(combinations(range(len(exact)), size), key=lambda ids: sum(exact[i] for i in ids))
        if sum(exact[i] for i in best) >= Fraction(p) or size == len(exact):
            total = sum(exact[i] for i in best)
            return [float(exact[i] / total) if i in best else 0.0 for i in range(len(exact))]
    return None


def test_top_k(reference, rng):
    for _ in range(100):
        probs, k = draw_rows(rng), int(rng.integers(1, 12))
        np.testing.assert_allclose(reference.filter_top_k(probs, k), torch_top_k(probs, k), rtol=1e-9)


def test_top_p(reference, rng):
    for _ in range(100):
        probs, p = draw_rows(rng), rng.uniform(0.01, 1.0)
        ours = reference.filter_top_p(probs, p)
        np.testing.assert_allclose(ours, torch_top_p(probs, p), rtol=1e-9)
        np.testing.assert_allclose(ours, [smallest_set(row, p) for row in probs], rtol=1e-9)


def test_min_p(reference, rng):
    for _ in range(100):
        probs, min_p = draw_rows(rng), rng.uniform(0.0, 1.0)
        logits = torch.tensor(probs).log()
        kept = logits >= logits.amax(1, keepdim=True) + np.log(min_p)
        expected = torch.where(kept, logits, -torch.inf).softmax(1).numpy()
        np.testing.assert_allclose(reference.filter_min_p(probs, min_p), expected, rtol=1e-9)


def test_edges(reference, rng):
    probs = draw_rows(rng, 40)
    for same in (
        reference.filter_top_k(probs, 30),
        reference.filter_top_p(probs, 1.0),
        reference.filter_min_p(probs, 0),
    ):
        np.testing.assert_allclose(same, probs, rtol=1e-9)
    quarters = np.full((1, 4), 0.25)
    np.testing.assert_allclose(reference.filter_top_k(quarters, 2), [[0.5, 0.5, 0, 0]])
    np.testing.assert_allclose(reference.filter_top_p(quarters, 0.5), [[0.5, 0.5, 0, 0]])
    np.testing.assert_allclose(reference.filter_top_p(quarters, 0.6)[0], smallest_set(quarters[0], 0.6), rtol=1e-9)
    np.testing.assert_allclose(reference.filter_min_p(np.array([[0.5, 0.25, 0.25]]), 0.5), [[0.5, 0.25, 0.25]])
    np.testing.assert_allclose(reference.filter_min_p(quarters, 1.0), quarters)


def test_temperature_zero(reference, rng):
    logits = rng.integers(0, 3, size=(50, 6)).astype(float)
    assert np.array_equal(
        reference.sample(logits, 0.0, 2, 0.5, 0.5, rng), [np.flatnonzero(r == r.max())[0] for r in logits]
    )


@pytest.mark.parametrize(
    "settings",
    [(1.0, None, 1.0, 0.0), (0.6, None, 1.0, 0.0), (1.7, 5, 0.9, 0.0), (1.3, None, 0.8, 0.2), (2.0, 4, 0.95, 0.3)],
)
def test_draws(reference, rng, settings):
    temperature, top_k, top_p, min_p = settings
    logits = np.append(rng.normal(scale=1.5, size=7), -np.inf)
    probs = softmax(logits / temperature)[np.newaxis]
    probs = torch_top_p(torch_top_k(probs, top_k or 8), top_p)
    probs = np.where(probs >= min_p * probs.max(), probs, 0)[0]
    tokens = reference.sample(np.tile(logits + 1e4, (20_000, 1)), *settings, rng)
    counts = np.bincount(tokens, minlength=8)
    kept = probs > 0
    assert not counts[~kept].any()
    assert kept.sum() == 1 or chisquare(counts[kept], 20_000 * probs[kept] / probs.sum()).pvalue > 1e-9


def counts(reference, probs):
    filtered = reference.filter_top_k(probs, 50), reference.filter_top_p(probs, 0.9), reference.filter_min_p(probs, 0.1)
    return [int(rows.astype(bool).sum()) for rows in filtered]


def test_claim_flat_and_peaked(reference):
    peaked = np.full((1, 1_000), 0.05 / 999)
    peaked[0, 0] = 0.95
    # The sum of 900 rounded thousandths may or may not reach 0.9.
    top_k, top_p, min_p = counts(reference, np.full((1, 1_000), 0.001))
    assert (top_k, min_p) == (50, 1_000)
    assert 900 <= top_p <= 901
    assert counts(reference, peaked) == [50, 1, 1]


def test_claim_temperature(reference):
    for temperature, top_p, min_p in [(0.7, (48, 64), (4, 10)), (1.5, (2_300, 2_450), (35, 60))]:
        for seed in range(20):
            logits = np.random.default_rng(seed).normal(scale=3.0, size=(50, 10_000))
            probs = softmax(logits / temperature, axis=1)
            assert top_p[0] <= (reference.filter_top_p(probs, 0.9) > 0).sum() / 50 <= top_p[1]
            assert min_p[0] <= (reference.filter_min_p(probs, 0.1) > 0).sum() / 50 <= min_p[1]


def test_claim_order(reference):
    probs = np.array([[0.4, 0.3, 0.2, 0.1]])
    flat = np.sqrt(probs) / np.sqrt(probs).sum()
    assert [(reference.filter_top_p(rows, 0.65) > 0).sum() for rows in (flat, probs)] == [3, 2]


def test_claim_tail():
    assert round(1 - 0.98**200, 2) == 0.98


def test_claim_gumbel():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        tokens = (np.log([0.1, 0.2, 0.7]) + rng.gumbel(size=(100_000, 3))).argmax(axis=1)
        np.testing.assert_allclose(np.bincount(tokens) / 100_000, [0.1, 0.2, 0.7], atol=0.01)


def test_claim_order_of_sums():
    differ = []
    for seed in range(20):
        values = np.random.default_rng(seed).normal(size=10_000).astype(np.float32)
        differ.append(values.cumsum()[-1] != values[::-1].cumsum()[-1])
    assert sum(differ) >= 16


def peers(reference, rng):
    """Yield a draw for eight sequences."""
    logits = rng.normal(scale=2.0, size=(8, 32_000))

    def theirs():
        probs = torch_top_p(torch_top_k(torch.tensor(logits / 0.8).softmax(1).numpy(), 50), 0.9)
        return torch.multinomial(torch.tensor(probs), 1)

    yield Peer(
        "8 sequences, 32,000 tokens",
        "torch.multinomial",
        lambda: reference.sample(logits, 0.8, 50, 0.9, 0.0, rng),
        theirs,
    )
