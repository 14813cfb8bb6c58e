# wrong (core): breaks ties by the bytes of the tokens instead of their numbers
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- byte_pair_encoding
"""Byte pair encoding: learn the tokens of a language model, and cut words into them.

A word starts as its UTF-8 bytes, which are the tokens 0 to 255. Training repeats one step: count all pairs of adjacent
tokens, and merge the most frequent pair into a new token. Merge i, counted from 0, makes token 256 + i.

    count(pair) = sum over words of frequency(word) * number of places in the word where the pair stands

Places may overlap when they are counted, but not when they are merged: the pair (a, a) stands in "aaa" twice, and
merging from left to right gives aa, a. No pair reaches from one word into another.

Sources: Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units (2016), section 3.2;
Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 2.2, on bytes.
"""

from collections import Counter


def _merge(tokens: list[int], pair: tuple[int, int], token: int) -> list[int]:
    merged, i = [], 0
    while i < len(tokens):
        if tuple(tokens[i : i + 2]) == pair:
            merged.append(token)
            i += 2
        else:
            merged.append(tokens[i])
            i += 1
    return merged


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
    texts = [(list(word.encode()), frequency) for word, frequency in words.items()]
    merges: list[tuple[int, int]] = []
    spelling = [bytes([i]) for i in range(256)]
    while len(merges) < n_merges:
        counts: Counter[tuple[int, int]] = Counter()
        for tokens, frequency in texts:
            for pair in zip(tokens, tokens[1:]):
                counts[pair] += frequency
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], spelling[pair[0]], spelling[pair[1]]))
        texts = [(_merge(tokens, best, 256 + len(merges)), frequency) for tokens, frequency in texts]
        spelling.append(spelling[best[0]] + spelling[best[1]])
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
    for i, pair in enumerate(merges):
        tokens = _merge(tokens, tuple(pair), 256 + i)
    return tokens
