"""Byte pair encoding: learn the tokens of a language model, and cut words into them.

A word starts as its UTF-8 bytes, which are the tokens 0 to 255. Training repeats one step: count all pairs of adjacent
tokens, and merge the most frequent pair into a new token. Merge i, counted from 0, makes token 256 + i.

    count(pair) = sum over words of frequency(word) * number of places in the word where the pair stands

Places may overlap when they are counted, but not when they are merged: the pair (a, a) stands in "aaa" twice, and
merging from left to right gives aa, a. No pair reaches from one word into another.

Sources: Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units (2016), section 3.2;
Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 2.2, on bytes.
"""

import heapq
from collections import Counter, defaultdict
from itertools import pairwise


def train_bpe(words: dict[str, int], n_merges: int) -> list[tuple[int, int]]:
    """Learn the merges.

    Parameters
    ----------
    words : dict
        The frequency of each word, at least 1.
    n_merges : int

    Returns
    -------
    list of tuple of int
        The merged pairs, in order. Of the most frequent pairs take the smallest, compared as Python compares tuples.
        A pair that occurs once is merged too. The list is shorter than n_merges if no pair is left.

    Examples
    --------
    "aaab" becomes 256 97 98, then 256 257, then 258.

    >>> train_bpe({"aaab": 2, "b": 9}, 5)
    [(97, 97), (97, 98), (256, 257)]
    """
    split = [list(word.encode()) for word in words]
    merges = []
    for new in range(256, 256 + n_merges):
        counts = Counter()
        for tokens, frequency in zip(split, words.values(), strict=True):
            for pair in pairwise(tokens):
                counts[pair] += frequency
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        split = [_merge(tokens, best, new) for tokens in split]
        merges.append(best)
    return merges


def encode(word: str, merges: list[tuple[int, int]]) -> list[int]:
    """Cut a word into tokens: apply each merge to all of the word, in the order in which they were learned.

    Parameters
    ----------
    word : str
        Any text; an empty one has no tokens.
    merges : list of tuple of int
        As `train_bpe` returns them.

    Examples
    --------
    "bc" was learned before "ab":

    >>> encode("abcab", [(98, 99), (97, 98)])
    [97, 256, 257]
    """
    tokens = list(word.encode())
    for new, pair in enumerate(merges, start=256):
        tokens = _merge(tokens, pair, new)
    return tokens


def _merge(tokens: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """Put a new token wherever the pair stands, from left to right."""
    merged, place = [], 0
    while place < len(tokens):
        if tuple(tokens[place : place + 2]) == pair:
            merged.append(new)
            place += 2
        else:
            merged.append(tokens[place])
            place += 1
    return merged


def train_bpe_via_text(words: dict[str, int], n_merges: int) -> list[tuple[int, int]]:
    """Write each token as one character, so that a merge is a replacement in text."""
    texts = {word: word.encode().decode("latin-1") for word in words}
    merges = []
    while len(merges) < n_merges:
        counts = Counter()
        for word, text in texts.items():
            for first, second in pairwise(text):
                counts[first + second] += words[word]
        if not counts:
            return merges
        most = max(counts.values())
        best = min(pair for pair, count in counts.items() if count == most)
        new = chr(256 + len(merges))
        texts = {word: text.replace(best, new) for word, text in texts.items()}
        merges.append((ord(best[0]), ord(best[1])))
    return merges


def train_bpe_via_updates(words: dict[str, int], n_merges: int) -> list[tuple[int, int]]:
    """Keep the counts, and correct them by the words in which the merged pair stands."""
    split = {word: list(word.encode()) for word in words}
    counts, where = Counter(), defaultdict(set)

    def add(word: str, sign: int) -> None:
        for pair in zip(split[word], split[word][1:], strict=False):
            counts[pair] += sign * words[word]
            where[pair].add(word)

    for word in words:
        add(word, 1)
    merges = []
    for new in range(256, 256 + n_merges):
        count, first, second = max(((n, -a, -b) for (a, b), n in counts.items()), default=(0, 0, 0))
        if count == 0:
            break
        pair = -first, -second
        for word in where.pop(pair):
            add(word, -1)
            tokens, place = split[word], 0
            while place < len(tokens) - 1:
                if (tokens[place], tokens[place + 1]) == pair:
                    tokens[place : place + 2] = [new]
                place += 1
            add(word, 1)
        merges.append(pair)
    return merges


def encode_via_text(word: str, merges: list[tuple[int, int]]) -> list[int]:
    """Write each token as one character, and replace in the text."""
    text = word.encode().decode("latin-1")
    for rank, (first, second) in enumerate(merges):
        text = text.replace(chr(first) + chr(second), chr(256 + rank))
    return [ord(letter) for letter in text]


def encode_via_ranks(word: str, merges: list[tuple[int, int]]) -> list[int]:
    """Merge one place at a time: the leftmost of those whose pair was learned first."""
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    tokens = list(word.encode())
    while True:
        known = [(ranks[pair], place) for place, pair in enumerate(pairwise(tokens)) if pair in ranks]
        if not known:
            return tokens
        rank, place = min(known)
        tokens[place : place + 2] = [256 + rank]


def encode_via_heap(word: str, merges: list[tuple[int, int]]) -> list[int]:
    """Keep the places where something can be merged in a heap, and the tokens in a linked list: n log n steps."""
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    tokens = dict(enumerate(word.encode()))
    after = {place: place + 1 for place in tokens}
    before = {place + 1: place for place in tokens}
    heap: list[tuple[int, int, int, int]] = []

    def push(place: int | None) -> None:
        pair = tokens.get(place), tokens.get(after.get(place))
        if pair in ranks:
            heapq.heappush(heap, (ranks[pair], place, *pair))

    for place in tokens:
        push(place)
    while heap:
        rank, place, *pair = heapq.heappop(heap)
        gone = after.get(place)
        if [tokens.get(place), tokens.get(gone)] != pair:
            continue  # one of the two has been merged since
        tokens[place] = 256 + rank
        del tokens[gone]
        after[place] = after[gone]
        before[after[gone]] = place
        push(before.get(place))
        push(place)
    return [tokens[place] for place in sorted(tokens)]
