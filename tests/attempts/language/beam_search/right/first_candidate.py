# candidate, par time, from the stub alone
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Hypothesis(NamedTuple):
    tokens: list[int]
    score: float


def greedy_decode(next_logprobs: Callable, prompt: list[int], max_new: int, eos: int) -> Hypothesis:
    tokens = []
    score = 0.0
    for _ in range(max_new):
        logprobs = next_logprobs(list(prompt) + tokens)
        token = int(np.argmax(logprobs))
        score += float(logprobs[token])
        tokens.append(token)
        if token == eos:
            break
    return Hypothesis(tokens, score)


def beam_search(
    next_logprobs: Callable, prompt: list[int], max_new: int, eos: int, width: int, length_penalty: float = 0.0
) -> Hypothesis:
    beam = [(0.0, [])]
    finished = []
    for _ in range(max_new):
        candidates = []
        for logprob, tokens in beam:
            logprobs = next_logprobs(list(prompt) + tokens)
            for token, lp in enumerate(logprobs):
                candidates.append((logprob + float(lp), tokens + [token]))
        candidates.sort(key=lambda c: (-c[0], c[1]))
        beam = []
        for candidate in candidates[:width]:
            if candidate[1][-1] == eos:
                finished.append(candidate)
            else:
                beam.append(candidate)
        if not beam:
            break
    results = [Hypothesis(tokens, logprob / len(tokens) ** length_penalty) for logprob, tokens in finished + beam]
    return min(results, key=lambda h: (-h.score, h.tokens))
