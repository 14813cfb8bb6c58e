import pytest

from katagrad.testing import assert_equal

A, B, C, D = b"abcd"


@pytest.fixture
def words(rng):
    """Twelve words of three letters, one of them of two bytes, with repeats within words and ties between pairs."""
    letters = list("abé")
    drawn = {"".join(rng.choice(letters, size=rng.integers(1, 9))) for _ in range(12)}
    return {word: int(rng.integers(1, 4)) for word in sorted(drawn, reverse=True)}


def merged(tokens, pair, new):
    """Replace the pair in a list of tokens, the leftmost first."""
    tokens, place = list(tokens), 0
    while place + 1 < len(tokens):
        if tokens[place] == pair[0] and tokens[place + 1] == pair[1]:
            tokens[place : place + 2] = [new]
        place += 1
    return tokens


def cut(word, merges):
    tokens = list(word.encode("utf-8"))
    for rank, pair in enumerate(merges):
        tokens = merged(tokens, pair, 256 + rank)
    return tokens


def trained(words, n_merges):
    """Cut all words with the merges so far, and look at each place of each copy of a word."""
    merges = []
    for _ in range(n_merges):
        places = []
        for word, frequency in words.items():
            tokens = cut(word, merges)
            places += [(tokens[i], tokens[i + 1]) for i in range(len(tokens) - 1)] * frequency
        if not places:
            break
        counts = {pair: places.count(pair) for pair in places}
        merges.append(min(pair for pair in counts if counts[pair] == max(counts.values())))
    return merges


def test_most_frequent(kata):
    """The pair with the largest count is merged, over all words, each as often as it occurs."""
    assert_equal(kata.train_bpe({"ab": 2, "cd": 3}, 1), [(C, D)])
    # Twice in one word of frequency 2, against five words of frequency 1 and one word of frequency 3.
    assert_equal(kata.train_bpe({"cdxcd": 2, "ab": 3}, 1), [(C, D)])
    assert_equal(kata.train_bpe({"cd": 3, "abc": 1, "abd": 1, "abe": 1, "fab": 1}, 1), [(A, B)])
    # Counted anew after each merge: bc is left in one word only.
    assert_equal(kata.train_bpe({"abc": 4, "bc": 1, "de": 3, "df": 2}, 2), [(B, C), (A, 256)])
    assert_equal(kata.train_bpe({"abc": 4, "ab": 1, "de": 3}, 3), [(A, B), (256, C), (D, ord("e"))])


def test_new_tokens(kata):
    """Merge i, counted from 0, makes token 256 + i, of which later merges are made."""
    assert_equal(kata.train_bpe({"abcd": 1, "bcd": 1, "cd": 1}, 3), [(C, D), (B, 256), (A, 257)])
    assert_equal(kata.train_bpe({"abab": 3, "xy": 4}, 3), [(A, B), (ord("x"), ord("y")), (256, 256)])
    # A merge replaces every place of a word.
    assert_equal(kata.train_bpe({"abxabyab": 1, "aby": 1}, 2), [(A, B), (256, ord("y"))])


def test_ties(kata):
    """Of the most frequent pairs the smallest is merged: the lower first token, then the lower second one."""
    assert_equal(kata.train_bpe({"cd": 1, "ab": 1}, 2), [(A, B), (C, D)])
    assert_equal(kata.train_bpe({"ab": 1, "cd": 1}, 2), [(A, B), (C, D)])
    assert_equal(kata.train_bpe({"bd": 2, "bc": 2, "ad": 2}, 3), [(A, D), (B, C), (B, D)])
    # As tokens, not as text: 256 is "ac" and comes after the letters.
    assert_equal(kata.train_bpe({"ac": 9, "acd": 1, "bd": 1}, 3), [(A, C), (B, D), (256, D)])


def test_overlaps(kata):
    """Overlapping places all count. They are merged from left to right, without overlap."""
    # (a, a) stands at three places of "aaaa", (b, c) at two of "bcbc".
    assert_equal(kata.train_bpe({"aaaa": 2, "bc": 5}, 1), [(A, A)])
    assert_equal(kata.train_bpe({"aaab": 1}, 3), [(A, A), (A, B), (256, 257)])
    assert_equal(kata.train_bpe({"aaaaa": 1}, 3), [(A, A), (256, A), (256, 257)])
    assert_equal(kata.encode("aaa", [(A, A)]), [256, A])
    # 256 and b are not the end of a 256 and b: tokens are numbers, not digits.
    assert_equal(kata.encode("aab8b", [(A, A), (ord("8"), B)]), [256, B, 257])
    assert_equal(kata.encode("aaaaab", [(A, A), (A, B)]), [256, 256, 257])
    assert_equal(kata.encode("ababa", [(A, B), (B, A)]), [256, 256, A])


def test_ends_of_words(kata):
    """No pair reaches from one word into another, nor from one copy of a word into the next."""
    assert_equal(kata.train_bpe({"ba": 5}, 3), [(B, A)])
    assert_equal(kata.train_bpe({"xa": 1, "by": 1, "za": 1, "b": 7}, 9), [(B, ord("y")), (ord("x"), A), (ord("z"), A)])


def test_end_of_training(kata):
    """Training makes n_merges merges, or stops when no pair is left. A pair that occurs once is merged too."""
    assert_equal(kata.train_bpe({"abc": 1}, 9), [(A, B), (256, C)])
    assert_equal(kata.train_bpe({"a": 5, "b": 1}, 2), [])
    assert_equal(kata.train_bpe({"abcdabcd": 2}, 0), [])
    assert_equal(kata.train_bpe({"abcdabcd": 2}, 2), [(A, B), (C, D)])
    assert_equal(kata.train_bpe({}, 3), [])


def test_bytes(kata):
    """Tokens 0 to 255 are the bytes of UTF-8: any word can be cut, whatever the merges were learned from."""
    assert_equal(kata.encode("aé€", []), [A, 195, 169, 226, 130, 172])
    assert_equal(kata.train_bpe({"éa": 2, "é": 1, "è": 1}, 2), [(195, 169), (256, A)])
    assert_equal(kata.encode("éèé", [(195, 169), (256, 195)]), [257, 168, 256])
    # An accent of its own stays one, and a capital letter too.
    assert_equal(kata.encode("e\u0301", []), [101, 204, 129])
    assert_equal(kata.train_bpe({"e\u0301": 1}, 2), [(101, 204), (256, 129)])
    assert_equal(kata.train_bpe({"aB": 1, "Ab": 1}, 2), [(ord("A"), B), (A, ord("B"))])
    for word in ("a b\n", " Ab ", "\x00\x7f", "日本", "ﬁ²", "🙂"):
        assert_equal(kata.encode(word, [(A, B)]), list(word.encode("utf-8")))
    assert_equal(kata.encode("", [(A, B)]), [])


def test_order_of_merges(kata):
    """A word is cut by the merges in the order in which they were learned, each at all places of the word."""
    assert_equal(kata.encode("abc", [(B, C), (A, B)]), [A, 256])
    assert_equal(kata.encode("abc", [(A, B), (B, C)]), [256, C])
    # The longest token would be abc, but its parts are merged otherwise before.
    assert_equal(kata.encode("abcd", [(A, B), (C, D), (256, C)]), [256, 257])
    assert_equal(kata.encode("abcabxab", [(A, B), (256, C)]), [257, 256, ord("x"), 256])
    assert_equal(kata.encode("dcba", [(A, B), (C, D)]), [D, C, B, A])


def test_random_words(kata, words, rng):
    """Training and cutting follow the definition, on random words with many ties and overlaps."""
    merges = trained(words, 25)
    for n_merges in (1, 6, 25):
        assert_equal(kata.train_bpe(words, n_merges), merges[:n_merges])
    other = ["".join(rng.choice(list("abéc"), size=size)) for size in (1, 2, 5, 12, 40)]
    for word in [*words, *other]:
        for n_merges in (1, 5, 25):
            assert_equal(kata.encode(word, merges[:n_merges]), cut(word, merges[:n_merges]))


def workload(kata, rng, n):
    """Short words of few letters, so that ties and overlaps are common, and a word that training has not seen."""
    letters = list("aabé")
    drawn = ["".join(rng.choice(letters, size=rng.integers(1, 8))) for _ in range(n)]
    merges = kata.train_bpe({word: drawn.count(word) for word in drawn}, n // 2 + 2)
    unseen = "".join(rng.choice([*letters, "c"], size=n))
    return merges, [kata.encode(word, merges) for word in [*drawn[:8], unseen]]


COUNTING = """            for pair in pairwise(tokens):
                counts[pair] += frequency
"""
BEST = "best = min(counts, key=lambda pair: (-counts[pair], pair))"
ENCODE = """    for new, pair in enumerate(merges, start=256):
        tokens = _merge(tokens, pair, new)
    return tokens
"""

MISTAKES = {
    "each word counts once": ("counts[pair] += frequency", "counts[pair] += 1"),
    "a pair counts once a word": ("for pair in pairwise(tokens):", "for pair in set(pairwise(tokens)):"),
    "overlapping places count once": (
        COUNTING,
        """            last, skip = None, False
            for pair in pairwise(tokens):
                skip = pair == last and not skip
                counts[pair] += 0 if skip else frequency
                last = pair
""",
    ),
    "a tie goes to the largest pair": (BEST, "best = max(counts, key=lambda pair: (counts[pair], pair))"),
    "a tie goes to the pair seen first": (BEST, "best = max(counts, key=counts.get)"),
    "a tie goes to the pair seen last": (BEST, "best = max(reversed(counts), key=counts.get)"),
    "a tie goes to the lower second token": (BEST, "best = min(counts, key=lambda pair: (-counts[pair], pair[::-1]))"),
    "a tie goes by text": [
        ("    merges = []\n    for new", "    merges, text = [], {i: bytes([i]) for i in range(256)}\n    for new"),
        (BEST, "best = min(counts, key=lambda pair: (-counts[pair], text[pair[0]], text[pair[1]]))"),
        (
            "        merges.append(best)\n",
            "        text[new] = text[best[0]] + text[best[1]]\n        merges.append(best)\n",
        ),
    ],
    "the rarest pair": (BEST, "best = min(counts, key=lambda pair: (counts[pair], pair))"),
    "counted once, before the first merge": [
        (
            "    for new in range(256, 256 + n_merges):\n        counts = Counter()\n",
            "    counts = Counter()\n    if True:\n",
        ),
        (
            """        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        split = [_merge(tokens, best, new) for tokens in split]
        merges.append(best)
""",
            "    merges = sorted(counts, key=lambda pair: (-counts[pair], pair))[:n_merges]\n",
        ),
    ],
    "old counts are not dropped": [
        (
            "    for new in range(256, 256 + n_merges):\n        counts = Counter()\n",
            "    counts = Counter()\n    for new in range(256, 256 + n_merges):\n",
        ),
        ("        merges.append(best)\n", "        merges.append(best)\n        del counts[best]\n"),
    ],
    "one text of all words": (
        "[list(word.encode()) for word in words]",
        "[list(''.join(word * n for word, n in words.items()).encode())]",
    ),
    "copies of a word in a row": [
        ("[list(word.encode()) for word in words]", "[list(word.encode() * n) for word, n in words.items()]"),
        ("counts[pair] += frequency", "counts[pair] += 1"),
    ],
    "no merge of a pair that occurs once": (
        "        if not counts:\n",
        "        if not counts or max(counts.values()) < 2:\n",
    ),
    "no pair left ends in an error": ("        if not counts:\n            break\n", ""),
    "one merge too many": ("range(256, 256 + n_merges)", "range(256, 257 + n_merges)"),
    "n_merges is the size of the vocabulary": ("range(256, 256 + n_merges)", "range(256, n_merges)"),
    "new tokens from 257": ("range(256, 256 + n_merges)", "range(257, 257 + n_merges)"),
    "characters for bytes in training": (
        "[list(word.encode()) for word in words]",
        "[list(map(ord, word)) for word in words]",
    ),
    "characters for bytes in encode": ("    tokens = list(word.encode())\n", "    tokens = list(map(ord, word))\n"),
    "the word is normalised": (
        "    tokens = list(word.encode())\n",
        "    tokens = list(__import__('unicodedata').normalize('NFC', word).encode())\n",
    ),
    "small letters in training": (
        "[list(word.encode()) for word in words]",
        "[list(word.lower().encode()) for word in words]",
    ),
    "small letters in encode": ("    tokens = list(word.encode())\n", "    tokens = list(word.lower().encode())\n"),
    "merged tokens overlap": ("            place += 2\n", "            place += 1\n"),
    "merged from right to left": (
        "    return merged\n\n\ndef train_bpe_via_text",
        """    merged, place = [], len(tokens)
    while place:
        taken = 2 if place > 1 and tuple(tokens[place - 2 : place]) == pair else 1
        merged.insert(0, new if taken == 2 else tokens[place - 1])
        place -= taken
    return merged


def train_bpe_via_text""",
    ),
    "one place of a word": (
        "            place += 2\n",
        "            return [*merged, *tokens[place + 2 :]]\n",
    ),
    "a pair in either order": (
        "tuple(tokens[place : place + 2]) == pair",
        "tuple(tokens[place : place + 2]) in (pair, pair[::-1])",
    ),
    "the last token of a word is lost": ("while place < len(tokens):", "while place < len(tokens) - 1:"),
    "merges from the last to the first": (
        "in enumerate(merges, start=256):",
        "in reversed(list(enumerate(merges, start=256))):",
    ),
    "one pass from left to right, with whatever merge fits": (
        ENCODE,
        """    ranks = {pair: new for new, pair in enumerate(merges, start=256)}
    place = 0
    while place < len(tokens) - 1:
        if tuple(tokens[place : place + 2]) in ranks:
            tokens[place : place + 2] = [ranks[tuple(tokens[place : place + 2])]]
        else:
            place += 1
    return tokens
""",
    ),
    "the longest token that fits": (
        ENCODE,
        """    text = {i: bytes([i]) for i in range(256)}
    for new, (first, second) in enumerate(merges, start=256):
        text[new] = text[first] + text[second]
    rest, tokens = bytes(tokens), []
    while rest:
        tokens.append(max((i for i in text if rest.startswith(text[i])), key=lambda i: len(text[i])))
        rest = rest[len(text[tokens[-1]]) :]
    return tokens
""",
    ),
    "encode numbers its tokens from 257": (
        "enumerate(merges, start=256):\n        tokens",
        "enumerate(merges, start=257):\n        tokens",
    ),
}
