# different style; both bars
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Hypothesis(NamedTuple):
    tokens: list[int]
    score: float


def _log_row(next_logprobs, prompt, new):
    # The extended precision makes sums of the same terms in another order a tie, once rounded to float64.
    return np.array(next_logprobs([*prompt, *map(int, new)]), dtype=np.longdouble)


def greedy_decode(next_logprobs: Callable, prompt: list[int], max_new: int, eos: int) -> Hypothesis:
    def extend(new, total):
        if len(new) == max_new or new[-1:] == [eos]:
            return Hypothesis(new, float(total))
        return None

    new, total = [], np.longdouble(0)
    while (result := extend(new, total)) is None:
        row = _log_row(next_logprobs, prompt, new)
        best = int(np.flatnonzero(row == row.max())[0])
        new, total = [*new, best], total + row[best]
    return result


def beam_search(
    next_logprobs: Callable, prompt: list[int], max_new: int, eos: int, width: int, length_penalty: float = 0.0
) -> Hypothesis:
    # The rows of `beam` are in lexicographic order and of one length, so the flat index of (row, token) orders the
    # candidates as Python orders their lists.
    beam = np.zeros((1, 0), dtype=np.int64)
    totals = np.zeros(1, dtype=np.longdouble)
    best = None

    def offer(rows, sums):
        nonlocal best
        for row, logprob in zip(rows.tolist(), sums.astype(np.float64).tolist()):
            score = logprob / len(row) ** length_penalty
            if best is None or score > best.score or (score == best.score and row < best.tokens):
                best = Hypothesis(row, score)

    while len(beam) and beam.shape[1] < max_new:
        grid = totals[:, None] + np.stack([_log_row(next_logprobs, prompt, row) for row in beam])
        flat = grid.ravel()
        chosen = np.sort(np.argsort(-flat.astype(np.float64), kind="stable")[:width])
        parent, token = np.divmod(chosen, grid.shape[1])
        beam = np.column_stack([beam[parent], token])
        totals = flat[chosen]
        ended = token == eos
        offer(beam[ended], totals[ended])
        beam, totals = beam[~ended], totals[~ended]
    offer(beam, totals)
    return best
