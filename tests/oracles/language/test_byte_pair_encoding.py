"""The reference beside the words of Hugging Face's course, and beside merges by regular expressions."""

import re
from collections import Counter

import numpy as np
import pytest

LETTERS = list("abcdefgh")


def by_expressions(words, n_merges):
    """Train as the listing of Sennrich et al. does: tokens with spaces between them, merged by a regular expression."""
    vocabulary = {" ".join(map(str, word.encode())): count for word, count in words.items()}
    merges = []
    for new in range(256, 256 + n_merges):
        pairs = Counter()
        for word, count in vocabulary.items():
            # A look ahead, so that places may overlap.
            for found in re.finditer(r"(?<!\S)(\d+)(?= (\d+))", word):
                pairs[int(found[1]), int(found[2])] += count
        if not pairs:
            break
        most = max(pairs.values())
        best = min(pair for pair in pairs if pairs[pair] == most)
        joined = re.compile(rf"(?<!\S){best[0]} {best[1]}(?!\S)")
        vocabulary = {joined.sub(str(new), word): count for word, count in vocabulary.items()}
        merges.append(best)
    return merges, vocabulary


def texts(merges):
    """Return the bytes of each token."""
    found = {i: bytes([i]) for i in range(256)}
    for new, (first, second) in enumerate(merges, start=256):
        found[new] = found[first] + found[second]
    return found


def drawn(rng, n_words, letters, longest):
    return {
        "".join(rng.choice(letters, size=rng.integers(1, longest + 1))): int(rng.integers(1, 5)) for _ in range(n_words)
    }


def test_published_merges(reference):
    """Chapter 6 of Hugging Face's course: ug, then un, then hug."""
    merges = reference.train_bpe({"hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5}, 3)
    assert merges == [tuple(b"ug"), tuple(b"un"), (ord("h"), 256)]
    for word, pieces in [("bug", "b ug"), ("mug", "m ug"), ("thug", "t hug"), ("unhug", "un hug")]:
        found = [texts(merges)[token].decode() for token in reference.encode(word, merges)]
        assert found == pieces.split()


def test_first_merges_of_the_paper(reference):
    """The words of the paper's listing, without its mark at a word's end."""
    merges = reference.train_bpe({"low": 5, "lower": 2, "newest": 6, "widest": 3}, 4)
    assert [texts(merges)[256 + i] for i in range(4)] == [b"es", b"est", b"lo", b"low"]


def test_random_words(reference, rng):
    for _ in range(100):
        # Words one after another, or the same text twice, would be one word in a dict of texts.
        words = drawn(rng, 15, list("aabé€"), 9)
        merges, vocabulary = by_expressions(words, 30)
        assert reference.train_bpe(words, 30) == merges
        for word, cut in zip(words, vocabulary, strict=True):
            assert " ".join(map(str, reference.encode(word, merges))) == cut


def test_edges(reference):
    assert reference.train_bpe({"aaab": 2, "b": 9}, 5) == [(97, 97), (97, 98), (256, 257)]
    assert reference.train_bpe({"ab": 1}, 0) == []
    assert reference.encode("", [(97, 98)]) == []
    assert reference.encode("aaa", [(97, 97)]) == [256, 97]


def test_any_text_comes_back(reference, rng):
    merges = reference.train_bpe(drawn(rng, 40, list("abc €é日"), 8), 60)
    for _ in range(100):
        letters = rng.integers(1, 0xD800, size=12)
        word = "".join(map(chr, letters)) + "".join(rng.choice(list("abc €é日"), size=12))
        pieces = [texts(merges)[token] for token in reference.encode(word, merges)]
        assert b"".join(pieces).decode() == word


def corpus(rng):
    words = Counter()
    for r in range(1, 501):
        words["".join(rng.choice(LETTERS, size=rng.integers(3, 9)))] += 1000 // r
    return words


def longest_first(word, pieces):
    rest, found = word.encode(), []
    while rest:
        found.append(next(rest[:size] for size in range(len(rest), 0, -1) if rest[:size] in pieces))
        rest = rest[len(found[-1]) :]
    return found


@pytest.mark.parametrize("seed", range(10))
def test_claim_longest_token_and_compression(reference, seed):
    rng = np.random.default_rng(seed)
    words = corpus(rng)
    merges = reference.train_bpe(words, 200)
    size = sum(count * len(word) for word, count in words.items())
    for n_merges, low, high in [(50, 0.41, 0.48), (200, 0.25, 0.31)]:
        n_tokens = sum(count * len(reference.encode(word, merges[:n_merges])) for word, count in words.items())
        assert low <= n_tokens / size <= high
    unseen = ["".join(rng.choice(LETTERS, size=8)) for _ in range(1000)]
    text = texts(merges)
    cuts = [[text[token] for token in reference.encode(word, merges)] for word in unseen]
    others = [longest_first(word, set(text.values())) for word in unseen]
    assert 0.55 <= np.mean([cut != other for cut, other in zip(cuts, others, strict=True)]) <= 0.68
    assert 4.1 <= np.mean([len(other) for other in others]) <= 4.4
    assert 4.4 <= np.mean([len(cut) for cut in cuts]) <= 4.7
    assert 0.55 <= np.mean([len(cut) for cut in cuts]) / 8 <= 0.59


def test_claim_bytes_of_letters(reference):
    assert len(reference.encode("hello", [])) == 5
    assert len(reference.encode("नमस्ते", [])) == 18


def test_claim_share_of_the_embedding():
    assert round(50_257 * 768 / 1e6) == 39
