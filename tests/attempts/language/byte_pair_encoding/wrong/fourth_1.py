# wrong (core): places that overlap are counted once in training
"""Byte pair encoding: learn the tokens of a language model, and cut words into them.

A word starts as its UTF-8 bytes, which are the tokens 0 to 255. Training repeats one step: count all pairs of adjacent
tokens, and merge the most frequent pair into a new token. Merge i, counted from 0, makes token 256 + i.

    count(pair) = sum over words of frequency(word) * number of places in the word where the pair stands

Places may overlap when they are counted, but not when they are merged: the pair (a, a) stands in "aaa" twice, and
merging from left to right gives aa, a. No pair reaches from one word into another.

Sources: Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units (2016), section 3.2;
Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 2.2, on bytes.
"""


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
    corpus = [(list(word.encode("utf-8")), count) for word, count in words.items()]
    merges = []
    for step in range(n_merges):
        counts = {}
        for tokens, count in corpus:
            previous = None
            for pair in zip(tokens, tokens[1:]):
                if pair == previous:  # overlaps with the place just counted
                    previous = None
                    continue
                counts[pair] = counts.get(pair, 0) + count
                previous = pair
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for k, (tokens, count) in enumerate(corpus):
            out, i = [], 0
            while i < len(tokens):
                if tuple(tokens[i : i + 2]) == best:
                    out.append(256 + step)
                    i += 2
                else:
                    out.append(tokens[i])
                    i += 1
            corpus[k] = (out, count)
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
    for step, pair in enumerate(merges):
        out, i = [], 0
        while i < len(tokens):
            if tuple(tokens[i : i + 2]) == tuple(pair):
                out.append(256 + step)
                i += 2
            else:
                out.append(tokens[i])
                i += 1
        tokens = out
    return tokens
