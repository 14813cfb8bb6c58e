"""The reference beside PyTorch's cross_entropy with ignore_index, on shifted logits and labels."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def total(logits, labels, ignore_index=-100):
    """Return the sum of the losses, and how many tokens count."""
    targets = torch.tensor(labels[:, 1:]).flatten()
    z = torch.tensor(np.asarray(logits, dtype=float)[:, :-1]).flatten(0, 1)
    loss = functional.cross_entropy(z, targets, ignore_index=ignore_index, reduction="sum")
    return loss.item(), int((targets != ignore_index).sum())


def assert_agree(reference, logits, labels, ignore_index=-100):
    loss, n = total(logits, labels, ignore_index)
    ours = reference.perplexity(logits, labels, ignore_index)
    np.testing.assert_allclose(ours, torch.tensor(loss / n, dtype=torch.float64).exp().item(), rtol=1e-9)
    texts = ["some text"] * len(labels)
    ours = reference.bits_per_byte(logits, labels, texts, ignore_index)
    np.testing.assert_allclose(ours, loss / n * math.log2(math.e) * n / (9 * len(labels)), rtol=1e-9)


def draw(rng, scale):
    shape = int(rng.integers(1, 6)), int(rng.integers(2, 12)), int(rng.integers(2, 20))
    labels = rng.integers(0, shape[2], size=shape[:2])
    labels[rng.random(labels.shape) < 0.3] = -100
    labels[0, 1] = 1
    return rng.normal(scale=scale, size=shape), labels


@pytest.mark.parametrize("scale", [0.1, 3.0, 30.0])
def test_random_batches(reference, rng, scale):
    for _ in range(100):
        assert_agree(reference, *draw(rng, scale))


@pytest.mark.parametrize("ignored", [0, 2, -1])
def test_ignore_index(reference, rng, ignored):
    for _ in range(50):
        logits, labels = draw(rng, 2.0)
        assert_agree(reference, logits, np.where(labels == -100, ignored, labels), ignored)


def test_levels(reference, rng):
    for _ in range(50):
        logits, labels = draw(rng, 3.0)
        assert_agree(reference, logits + rng.choice([-1e4, 0.0, 1e4], size=(*labels.shape, 1)), labels)


def test_ruled_out_and_too_large(reference):
    logits = np.array([[[0.0, -np.inf], [0.0, 2.0], [0.0, 0.0]]])
    assert_agree(reference, logits, np.array([[0, 1, 0]]))
    assert_agree(reference, logits, np.array([[0, 0, 0]]))
    assert_agree(reference, np.array([[[0.0, 1e3], [0.0, 0.0]]]), np.array([[0, 0]]))


def test_nothing_counts(reference):
    logits, labels = np.zeros((1, 2, 3)), np.array([[0, -100]])
    mean = functional.cross_entropy(torch.zeros(1, 3), torch.tensor([-100]))
    assert mean.isnan()
    with pytest.raises(ValueError, match="no token"):
        reference.perplexity(logits, labels)
    with pytest.raises(ValueError, match="no token"):
        reference.bits_per_byte(logits, labels, ["a"])
    with pytest.raises(ValueError, match="empty"):
        reference.bits_per_byte(logits, np.array([[0, 1]]), [""])


def test_bytes(reference):
    for text, n_bytes in [("a", 1), ("é", 2), ("€", 3), ("🙂", 4)]:
        assert reference.bits_per_byte(np.zeros((1, 2, 2)), np.array([[0, 1]]), [text]) == pytest.approx(1 / n_bytes)


def test_claim_tokenizers(reference):
    for n_vocab, n_tokens in [(256, 8), (65_536, 4)]:
        logits, labels = np.zeros((1, n_tokens + 1, n_vocab)), np.arange(n_tokens + 1)[None]
        assert reference.perplexity(logits, labels) == pytest.approx(n_vocab)
        assert reference.bits_per_byte(logits, labels, ["8 bytes!"]) == pytest.approx(8)


def test_claim_floor(reference):
    for seed in range(20):
        labels = np.random.default_rng(seed).choice(3, p=[0.5, 0.25, 0.25], size=(1, 10_001))
        known = np.broadcast_to(np.log([0.5, 0.25, 0.25]), (1, 10_001, 3))
        assert 2.78 < reference.perplexity(known, labels) < 2.88
        assert reference.perplexity(np.zeros((1, 10_001, 3)), labels) == pytest.approx(3)
    assert 1 - math.exp(-0.1) == pytest.approx(0.095, abs=5e-4)


def test_claim_context(reference):
    for seed in range(20):
        stays = np.random.default_rng(seed).random(40_001) < 0.9
        chain = np.cumsum(~stays) % 2
        logits = np.log(np.where(chain[:, None] == [0, 1], 0.9, 0.1))
        assert 1.36 < reference.perplexity(logits[None], chain[None]) < 1.41
        logits[::4] = 0
        assert 1.49 < reference.perplexity(logits[None], chain[None]) < 1.55


def test_claim_mean_of_means(reference):
    logits, labels = np.zeros((2, 100, 2)), np.zeros((2, 100), dtype=int)
    logits[0] = np.log([1.0, 15.0])
    labels[0, 2:] = -100
    alone = [math.log(reference.perplexity(logits[i : i + 1], labels[i : i + 1])) for i in range(2)]
    assert reference.perplexity(logits, labels) == pytest.approx(2.04, abs=0.005)
    assert math.exp(np.mean(alone)) == pytest.approx(5.66, abs=0.005)


def peers(reference, rng):
    """Yield the perplexity of a batch."""
    logits, labels = rng.normal(size=(8, 128, 2_000)), rng.integers(0, 2_000, size=(8, 128))
    labels[:4, 100:] = -100
    z, t = torch.tensor(logits), torch.tensor(labels)
    yield Peer(
        "8 x 128 tokens, vocabulary of 2,000",
        "cross_entropy",
        lambda: reference.perplexity(logits, labels),
        lambda: functional.cross_entropy(z[:, :-1].flatten(0, 1), t[:, 1:].flatten()).exp(),
        "One compiled pass there; a pass for each operation here.",
    )
