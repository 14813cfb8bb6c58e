"""`speculative_decoding` beside its identity in exact arithmetic, PyTorch's distributions and SciPy's tests."""

from fractions import Fraction
from itertools import product

import numpy as np
import torch
from scipy.stats import binomtest, chisquare

from tests.bench.peers import Peer


def draw_pair(rng, n_rows, vocab_size):
    """Return two arrays of distributions with some zeros."""
    rows = np.exp(rng.normal(scale=1.5, size=(2, n_rows, vocab_size)))
    rows[:, :, 1:] *= rng.random(size=(2, n_rows, vocab_size - 1)) < 0.8
    return rows / rows.sum(axis=2, keepdims=True)


def test_identity(reference, rng):
    """The draft's token or its replacement is distributed as the target, by exact sums of the returned numbers."""
    for _ in range(200):
        target, draft = draw_pair(rng, 1, 6)
        q, a, r = (
            [Fraction(value) for value in row.ravel().tolist()]
            for row in (draft, reference.acceptance(target, draft), reference.residual(target, draft))
        )
        rejected = sum(b * (1 - c) for b, c in zip(q, a, strict=True))
        together = [float(b * c + rejected * d) for b, c, d in zip(q, a, r, strict=True)]
        np.testing.assert_allclose(together, target[0], rtol=1e-9, atol=1e-15)
        assert np.all((np.array(a) >= 0) & (np.array(a) <= 1))
        assert abs(float(sum(r)) - 1) < 1e-12


def test_torch(reference, rng):
    for _ in range(50):
        target, draft = draw_pair(rng, 5, 7)
        p, q = torch.tensor(target), torch.tensor(draft)
        np.testing.assert_allclose(
            reference.acceptance(target, draft), (p / q).nan_to_num(nan=1.0).clamp(max=1.0).numpy(), rtol=1e-9
        )
        missing = (p - q).relu()
        expected = torch.nn.functional.normalize(missing, p=1.0, dim=1, eps=1e-300).numpy()
        np.testing.assert_allclose(reference.residual(target, draft), expected, rtol=1e-9)


def test_edges(reference, rng):
    p = np.array([[0.5, 0.0, 0.5], [0.25, 0.75, 0.0]])
    np.testing.assert_allclose(reference.residual(p, p), p)
    np.testing.assert_allclose(reference.acceptance(p, p), np.ones((2, 3)))
    np.testing.assert_allclose(reference.acceptance(p[0], np.array([0.0, 0.5, 0.5])), [1.0, 0.0, 1.0])
    tokens = reference.accept_or_resample(np.array([[0.0, 1.0]]), np.empty((0, 2)), np.array([], dtype=int), rng)
    assert tokens.tolist() == [1]
    sure = np.eye(3)[[0, 2, 1]]
    assert reference.accept_or_resample(sure, np.full((2, 3), 1 / 3), np.array([0, 2]), rng).tolist() == [0, 2, 1]
    assert reference.accept_or_resample(sure, np.full((2, 3), 1 / 3), np.array([0, 0]), rng).tolist() == [0, 2]
    assert reference.accept_or_resample(sure, np.full((2, 3), 1 / 3), np.array([1, 2]), rng).tolist() == [0]


def test_texts_are_those_of_the_target(reference, rng):
    """Texts of two tokens, each drafted by one Markov chain and checked by another, are those of the second."""
    target, draft = draw_pair(rng, 4, 3)
    n_texts, counts = 8_000, dict.fromkeys(product(range(3), repeat=2), 0)
    for _ in range(n_texts):
        text = []
        while len(text) < 2:
            drafted, row = [], text[-1] if text else 3
            rows = [row]
            for _ in range(2 - len(text)):
                drafted.append(int(rng.choice(3, p=draft[rows[-1]])))
                rows.append(drafted[-1])
            text += reference.accept_or_resample(target[rows], draft[rows[:-1]], np.array(drafted), rng).tolist()
        counts[tuple(text[:2])] += 1
    expected = {(a, b): target[3, a] * target[a, b] for a, b in counts}
    possible = [text for text in counts if expected[text] > 0]
    assert sum(counts[text] for text in possible) == n_texts
    shares = np.array([expected[text] for text in possible])
    assert chisquare([counts[text] for text in possible], n_texts * shares / shares.sum()).pvalue > 1e-9


def test_share_of_accepted(reference, rng):
    """The acceptance of a position is 1 less the total variation distance."""
    target, draft = draw_pair(rng, 1, 5)
    both = np.concatenate([target, target])
    accepted = 0
    for token in rng.choice(5, size=4_000, p=draft[0]):
        accepted += len(reference.accept_or_resample(both, draft, np.array([token]), rng)) == 2
    overlap = 1 - np.abs(target - draft).sum() / 2
    assert np.isclose((draft * reference.acceptance(target, draft)).sum(), overlap, rtol=1e-9)
    assert binomtest(accepted, 4_000, overlap).pvalue > 1e-9


def test_claim_length_of_a_round(reference):
    target, draft = np.tile([0.9, 0.1], (5, 1)), np.tile([0.7, 0.3], (4, 1))
    assert round(float((draft * reference.acceptance(target[:4], draft)).sum(axis=1)[0]), 9) == 0.8
    assert round((1 - 0.8**5) / 0.2, 2) == 3.36
    for seed in range(10):
        rng = np.random.default_rng(seed)
        drafts = rng.choice(2, size=(4_000, 4), p=[0.7, 0.3])
        mean = np.mean([len(reference.accept_or_resample(target, draft, drafted, rng)) for drafted in drafts])
        assert 3.25 <= mean <= 3.5


def test_claim_speedup():
    def speedup(a, c, n):
        return (1 - a ** (n + 1)) / ((1 - a) * (n * c + 1))

    assert max(range(1, 30), key=lambda n: speedup(0.8, 0.05, n)) == 8
    assert [round(speedup(0.8, 0.05, n), 1) for n in (8, 2, 20)] == [3.1, 2.2, 2.5]
    assert [round(speedup(0.5, 0.3, n), 2) for n in (1, 4)] == [1.15, 0.88]


def test_claim_greedy(reference):
    target, draft = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), np.array([[0.2, 0.6, 0.2]])
    for seed in range(10):
        rng = np.random.default_rng(seed)
        lengths = [
            len(reference.accept_or_resample(target, draft, np.array([token]), rng))
            for token in rng.choice(3, size=3_000, p=draft[0])
        ]
        assert 0.56 <= np.mean(np.array(lengths) == 2) <= 0.64
        assert reference.accept_or_resample(target, draft, draft.argmax(axis=1), rng).tolist() == [1, 0]


def test_claim_lenience(reference):
    p, q = np.array([0.4, 0.6]), np.array([0.8, 0.2])
    assert reference.acceptance(p, q)[0] == 0.5
    np.testing.assert_allclose(reference.acceptance(p, 0.5 * q), [1.0, 1.0])


def peers(reference, rng):
    """Yield the acceptances and residuals of eight positions."""
    target, draft = draw_pair(rng, 8, 32_000)
    p, q = torch.tensor(target), torch.tensor(draft)

    def theirs():
        missing = (p - q).relu()
        return (p / q).clamp(max=1.0), missing / missing.sum(1, keepdim=True)

    yield Peer(
        "8 positions, 32,000 tokens",
        "torch, elementwise",
        lambda: (reference.acceptance(target, draft), reference.residual(target, draft)),
        theirs,
    )
