# different style; both bars
import heapq
from collections import defaultdict


def train_bpe(words: dict[str, int], n_merges: int) -> list[tuple[int, int]]:
    """Keep the counts from merge to merge: only words that hold the merged pair are looked at again."""
    sequences = [list(word.encode("utf-8")) for word in words]
    frequencies = list(words.values())
    counts = defaultdict(int)
    holders = defaultdict(set)  # the words in which a pair stands, or once stood
    for k, tokens in enumerate(sequences):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += frequencies[k]
            holders[pair].add(k)
    heap = [(-count, pair) for pair, count in counts.items()]
    heapq.heapify(heap)

    merges = []
    while heap and len(merges) < n_merges:
        negative, pair = heapq.heappop(heap)
        if negative == 0 or counts[pair] != -negative:
            continue  # stale: the count has changed since, and was pushed anew
        new = 256 + len(merges)
        merges.append(pair)
        changed = set()
        for k in holders.pop(pair):
            before = sequences[k]
            after = _merged(before, pair, new)
            if len(after) == len(before):
                continue
            for old_pair in zip(before, before[1:]):
                counts[old_pair] -= frequencies[k]
                changed.add(old_pair)
            for new_pair in zip(after, after[1:]):
                counts[new_pair] += frequencies[k]
                holders[new_pair].add(k)
                changed.add(new_pair)
            sequences[k] = after
        for other in changed:
            if counts[other] > 0:
                heapq.heappush(heap, (-counts[other], other))
    return merges


def _merged(tokens: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """A stack: a token that completes the pair with the top replaces it."""
    first, second = pair
    stack = []
    for token in tokens:
        if token == second and stack and stack[-1] == first:
            stack[-1] = new
        else:
            stack.append(token)
    return stack


def encode(word: str, merges: list[tuple[int, int]]) -> list[int]:
    """Go from one merge that is present to the next, instead of through all merges."""
    rank = {tuple(pair): i for i, pair in enumerate(merges)}
    tokens = list(word.encode("utf-8"))
    done = -1
    while True:
        present = [rank[pair] for pair in zip(tokens, tokens[1:]) if rank.get(pair, -1) > done]
        if not present:
            return tokens
        done = min(present)
        tokens = _merged(tokens, tuple(merges[done]), 256 + done)
