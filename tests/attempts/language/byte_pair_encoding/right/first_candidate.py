# candidate, par time, from the stub alone
from collections import Counter


def _apply(tokens, pair, new):
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
    seqs = [(list(word.encode("utf-8")), freq) for word, freq in words.items()]
    merges = []
    for i in range(n_merges):
        counts = Counter()
        for tokens, freq in seqs:
            for pair in zip(tokens, tokens[1:]):
                counts[pair] += freq
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        merges.append(best)
        seqs = [(_apply(tokens, best, 256 + i), freq) for tokens, freq in seqs]
    return merges


def encode(word: str, merges: list[tuple[int, int]]) -> list[int]:
    tokens = list(word.encode("utf-8"))
    for i, pair in enumerate(merges):
        tokens = _apply(tokens, tuple(pair), 256 + i)
    return tokens
