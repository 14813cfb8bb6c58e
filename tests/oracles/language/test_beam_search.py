"""`beam_search` beside all texts in exact arithmetic, a PyTorch beam of tensors, and the claims of its table."""

import math
from itertools import product

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

EOS = 0


def random_model(rng, vocab_size, longest, end=0.0):
    """Return a model with a distribution for every text of at most so many tokens."""
    logprobs = {}
    for n in range(longest):
        for text in product(range(vocab_size), repeat=n):
            logits = rng.normal(scale=1.5, size=vocab_size)
            logits[EOS] += end
            logprobs[text] = logits - np.logaddexp.reduce(logits)
    return lambda tokens: logprobs[tuple(tokens[1:])]


def complete(vocab_size, max_new):
    """Yield every text that ends with eos for the first time, or has max_new tokens."""
    for n in range(1, max_new + 1):
        for text in product(range(vocab_size), repeat=n):
            if EOS not in text[:-1] and (text[-1] == EOS or n == max_new):
                yield list(text)


def cost_of(model, text):
    return math.fsum(float(model([9, *text[:i]])[token]) for i, token in enumerate(text))


def torch_beam(model, vocab_size, max_new, width, length_penalty):
    """Search with one tensor of all hypotheses, in which -inf marks the finished ones."""
    texts, totals, best = torch.zeros((1, 0), dtype=torch.long), torch.zeros(1, dtype=torch.float64), (-math.inf, [])
    for n in range(1, max_new + 1):
        logprobs = torch.tensor(np.array([model([9, *text]) for text in texts.tolist()]))
        scores = (totals[:, None] + logprobs).flatten()
        totals, places = scores.topk(min(width, len(scores)))
        texts = torch.cat([texts[places // vocab_size], (places % vocab_size)[:, None]], dim=1)
        for text, total in zip(texts.tolist(), totals.tolist(), strict=True):
            if total > -math.inf and (text[-1] == EOS or n == max_new):
                best = max(best, (total / n**length_penalty, text))
        totals = totals.masked_fill(texts[:, -1] == EOS, -math.inf)
    return best


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0, 2.0])
def test_all_texts(reference, rng, length_penalty):
    """A beam that holds every candidate finds the best text."""
    for _ in range(10):
        model = random_model(rng, 3, 4, end=rng.normal())
        tokens, score = reference.beam_search(model, [9], 4, EOS, 81, length_penalty)
        expected = max(cost_of(model, text) / len(text) ** length_penalty for text in complete(3, 4))
        np.testing.assert_allclose(score, expected, rtol=1e-9)
        np.testing.assert_allclose(cost_of(model, tokens) / len(tokens) ** length_penalty, expected, rtol=1e-9)


@pytest.mark.parametrize("width", [1, 2, 3, 7])
def test_torch(reference, rng, width):
    for length_penalty in (0.0, 0.7, 1.5):
        for _ in range(10):
            max_new = int(rng.integers(1, 6))
            model = random_model(rng, 4, max_new, end=rng.normal())
            found = reference.beam_search(model, [9], max_new, EOS, width, length_penalty)
            score, text = torch_beam(model, 4, max_new, width, length_penalty)
            assert found.tokens == text
            np.testing.assert_allclose(found.score, score, rtol=1e-9)


def test_greedy(reference, rng):
    for _ in range(30):
        model = random_model(rng, 4, 6)
        tokens, score = reference.greedy_decode(model, [9], 6, EOS)
        beam = reference.beam_search(model, [9], 6, EOS, 1)
        assert tokens == beam.tokens
        np.testing.assert_allclose([score, beam.score], cost_of(model, tokens), rtol=1e-9)
        assert len(tokens) == 6 or tokens[-1] == EOS


def test_edges(reference):
    probs = {(): [0.0, 0.5, 0.5], (1,): [0.25, 0.5, 0.25], (2,): [0.5, 0.25, 0.25]}

    def model(tokens):
        with np.errstate(divide="ignore"):
            return np.log(probs[tuple(tokens[1:])])

    # A prompt that is eos, a tie, a token that cannot come, and more places than candidates.
    assert reference.greedy_decode(model, [EOS], 1, EOS) == ([1], math.log(0.5))
    assert reference.greedy_decode(model, [EOS], 2, EOS).tokens == [1, 1]
    assert reference.beam_search(model, [EOS], 1, EOS, 20) == ([1], math.log(0.5))
    assert reference.beam_search(model, [EOS], 2, EOS, 20).tokens == [1, 1]
    assert reference.beam_search(model, [EOS], 2, EOS, 2, 1.0).score == pytest.approx(math.log(0.25) / 2, rel=1e-9)


def markov_model(rng, end):
    """Return a model of 20 tokens whose distribution depends on the last token."""
    logits = rng.normal(scale=2.0, size=(21, 20))
    logits[:, EOS] = end
    logprobs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return lambda tokens: logprobs[tokens[-1]]


def test_claim_width(reference):
    for seed in range(20):
        rng, scores = np.random.default_rng(seed), []
        for _ in range(20):
            model = markov_model(rng, -9.0)
            scores.append([reference.beam_search(model, [20], 10, EOS, width).score for width in (1, 2, 16)])
        means = np.mean(scores, axis=0)
        np.testing.assert_allclose(means, [-9.0, -8.2, -7.5], atol=0.9)
        assert means[0] + 0.3 < means[1] < means[2] - 0.3
        assert np.mean([beam < greedy - 1e-9 for greedy, beam, _ in scores]) <= 0.11


def test_claim_length(reference):
    for seed in range(10):
        rng, lengths = np.random.default_rng(seed), []
        for _ in range(20):
            model = markov_model(rng, 0.0)
            searches = [(4, 0.0), (32, 0.0), (4, 1.0), (32, 1.0)]
            lengths.append([len(reference.beam_search(model, [20], 15, EOS, *each).tokens) for each in searches])
        narrow, wide, *averaged = np.mean(lengths, axis=0)
        assert 1 <= wide <= 2.5
        np.testing.assert_allclose([narrow, *averaged], 15, atol=0.5)


def peers(reference, rng):
    """Yield a search for eight tokens."""
    model = random_model(rng, 5, 6, end=-2.0)
    yield Peer(
        "6 tokens of 5, width 8",
        "torch.topk",
        lambda: reference.beam_search(model, [9], 6, EOS, 8, 0.8),
        lambda: torch_beam(model, 5, 6, 8, 0.8),
    )
