# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# To grade: nox -s grade -- beam_search
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
    raise NotImplementedError


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
    raise NotImplementedError
