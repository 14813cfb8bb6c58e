# wrong (core): overlapping places of a pair (a, a) are counted as they are merged, so that aaa counts once
"""Byte pair encoding: learn the tokens of a language model, and cut words into them.

A word starts as its UTF-8 bytes, which are the tokens 0 to 255. Training repeats one step: count all pairs of adjacent
tokens, and merge the most frequent pair into a new token. Merge i, counted from 0, makes token 256 + i.

    count(pair) = sum over words of frequency(word) * number of places in the word where the pair stands

Places may overlap when they are counted, but not when they are merged: the pair (a, a) stands in "aaa" twice, and
merging from left to right gives aa, a. No pair reaches from one word into another.

Sources: Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units (2016), section 3.2;
Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 2.2, on bytes.
"""


def merge(tokens, pair, new):
    out = []
    i = 0
    while i < len(tokens):
        if i + 1 < len(tokens) and (tokens[i], tokens[i + 1]) == pair:
            out.append(new)
            i += 2
        else:
            out.append(tokens[i])
            i += 1
    return out


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
    seqs = [(list(word.encode("utf-8")), freq) for word, freq in words.items()]
    merges = []
    for new in range(256, 256 + n_merges):
        counts = {}
        for tokens, freq in seqs:
            last = None
            for i, pair in enumerate(zip(tokens, tokens[1:])):
                if pair == last and pair[0] == pair[1]:
                    last = None
                    continue
                counts[pair] = counts.get(pair, 0) + freq
                last = pair
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        merges.append(best)
        seqs = [(merge(tokens, best, new), freq) for tokens, freq in seqs]
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
    tokens = list(word.encode("utf-8"))
    for i, pair in enumerate(merges):
        tokens = merge(tokens, pair, 256 + i)
    return tokens
