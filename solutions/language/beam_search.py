"""Greedy decoding and beam search: look for a continuation that a language model finds likely.

New tokens y_1 ... y_n follow a prompt. The last one is eos, or n is max_new:

    logprob = sum_i log P(y_i | prompt, y_1 ... y_(i-1))
    score = logprob / n**length_penalty                     n counts eos, but not the prompt

Beam search starts from one open hypothesis without new tokens, and repeats this step:

1. Extend each open hypothesis by every token. Of all candidates together keep the `width` with the largest logprob.
2. Those that end with eos are finished and leave the beam. The others are the open ones of the next step, which again
   keeps `width` candidates.

It stops after max_new steps, or if none is open. The result has the largest score of all finished and open ones.

Source: Sutskever, Vinyals and Le, Sequence to Sequence Learning with Neural Networks (2014), section 3.2; length: Wu et
al., Google's Neural Machine Translation System (2016), section 7.
"""

import heapq
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Hypothesis(NamedTuple):
    """The new tokens, without the prompt, with eos if they end with it, and their score."""

    tokens: list[int]
    score: float


def greedy_decode(next_logprobs: Callable, prompt: list[int], max_new: int, eos: int) -> Hypothesis:
    """Take the likeliest token at each step, on a tie the lowest id. The score is the logprob.

    Parameters
    ----------
    next_logprobs : function of a list of int
        Takes the prompt and the new tokens so far; returns the log-probabilities of the next token, an array of shape
        (vocab_size,). They may be -inf.
    prompt : list of int
        It may contain eos.
    max_new : int
        At least 1.
    eos : int

    Examples
    --------
    >>> probs = {(7,): [0.5, 0.375, 0.125], (7, 0): [0.5, 0.25, 0.25], (7, 1): [0.0625, 0.0625, 0.875]}
    >>> tokens, score = greedy_decode(lambda tokens: np.log(probs[tuple(tokens)]), [7], max_new=2, eos=2)
    >>> tokens, round(float(np.exp(score)), 6)
    ([0, 0], 0.25)
    """
    tokens, logprob = [], 0.0
    while len(tokens) < max_new and eos not in tokens:
        logprobs = next_logprobs(prompt + tokens)
        tokens.append(int(np.argmax(logprobs)))
        logprob += float(logprobs[tokens[-1]])
    return Hypothesis(tokens, logprob)


def beam_search(
    next_logprobs: Callable, prompt: list[int], max_new: int, eos: int, width: int, length_penalty: float = 0.0
) -> Hypothesis:
    """Return the best hypothesis of a beam search.

    Parameters
    ----------
    next_logprobs, prompt, max_new, eos
        As for greedy_decode.
    width : int
        At least 1. It may be larger than the number of candidates.
    length_penalty : float
        0 or more.

    Strict
    ------
    - A tie goes to the smaller list of tokens, as Python compares lists.

    Examples
    --------
    >>> probs = {(7,): [0.5, 0.375, 0.125], (7, 0): [0.5, 0.25, 0.25], (7, 1): [0.0625, 0.0625, 0.875]}
    >>> tokens, score = beam_search(lambda tokens: np.log(probs[tuple(tokens)]), [7], max_new=2, eos=2, width=2)
    >>> tokens, round(float(np.exp(score)), 6)
    ([1, 2], 0.328125)
    """
    beam, found = [Hypothesis([], 0.0)], []
    for _ in range(max_new):
        totals = np.array([logprob + next_logprobs(prompt + tokens) for tokens, logprob in beam])
        best = np.argsort(-totals, axis=None, kind="stable")[:width]
        places = [divmod(place, totals.shape[1]) for place in best.tolist()]
        kept = [Hypothesis([*beam[row].tokens, token], float(totals[row, token])) for row, token in places]
        found += [each for each in kept if each.tokens[-1] == eos]
        # Sorted by their tokens, so that among equal totals the stable sort takes the smaller list.
        beam = sorted(each for each in kept if each.tokens[-1] != eos)
        if not beam:
            break
    scored = [Hypothesis(tokens, logprob / len(tokens) ** length_penalty) for tokens, logprob in found + beam]
    return min(scored, key=lambda each: (-each.score, each.tokens))


def greedy_decode_via_recursion(next_logprobs: Callable, prompt: list[int], max_new: int, eos: int) -> Hypothesis:
    """Take one token, and ask the same of the longer prompt."""
    logprobs = next_logprobs(prompt).tolist()
    token = logprobs.index(max(logprobs))
    if token == eos or max_new == 1:
        return Hypothesis([token], logprobs[token])
    rest = greedy_decode_via_recursion(next_logprobs, [*prompt, token], max_new - 1, eos)
    return Hypothesis([token, *rest.tokens], logprobs[token] + rest.score)


def greedy_decode_via_sorting(next_logprobs: Callable, prompt: list[int], max_new: int, eos: int) -> Hypothesis:
    """Sort the vocabulary, stably, at each step, and add up at the end."""
    text, gains = list(prompt), []
    for _ in range(max_new):
        logprobs = next_logprobs(text)
        text.append(int(np.argsort(-logprobs, kind="stable")[0]))
        gains.append(logprobs[text[-1]])
        if text[-1] == eos:
            break
    return Hypothesis(text[len(prompt) :], float(sum(gains)))


def beam_search_via_lists(
    next_logprobs: Callable, prompt: list[int], max_new: int, eos: int, width: int, length_penalty: float = 0.0
) -> Hypothesis:
    """Write all candidates of a step down as pairs, and sort them."""
    beam, results = [(0.0, [])], []
    while beam:
        candidates = []
        for cost, tokens in beam:
            for token, logprob in enumerate(next_logprobs([*prompt, *tokens]).tolist()):
                candidates.append((cost - logprob, [*tokens, token]))
        beam = []
        for cost, tokens in sorted(candidates)[:width]:
            if tokens[-1] == eos or len(tokens) == max_new:
                results.append((cost / len(tokens) ** length_penalty, tokens))
            else:
                beam.append((cost, tokens))
    cost, tokens = min(results)
    return Hypothesis(tokens, -cost)


def beam_search_via_heap(
    next_logprobs: Callable, prompt: list[int], max_new: int, eos: int, width: int, length_penalty: float = 0.0
) -> Hypothesis:
    """Keep the best `width` candidates of a step in a heap, and the best finished hypothesis alone."""
    beam, best = {(): 0.0}, (-np.inf, ())

    def later(tokens: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(-token for token in tokens)

    for n in range(1, max_new + 1):
        heap: list[tuple] = []
        for tokens, logprob in beam.items():
            for token, gain in enumerate(next_logprobs(prompt + list(tokens))):
                entry = (float(logprob + gain), later((*tokens, token)))
                if len(heap) < width:
                    heapq.heappush(heap, entry)
                else:
                    heapq.heappushpop(heap, entry)
        beam = {}
        for logprob, negated in heap:
            tokens = later(negated)
            if tokens[-1] == eos or n == max_new:
                best = max(best, (logprob / n**length_penalty, negated))
            else:
                beam[tokens] = logprob
    return Hypothesis(list(later(best[1])), best[0])
