# different style; both bars
import heapq
from itertools import cycle
from typing import NamedTuple

import numpy as np


class Fold(NamedTuple):
    """The rows to train on and the rows to test on: two arrays of int."""

    train: np.ndarray
    test: np.ndarray


def _shuffled(rows, rng):
    """Fisher and Yates."""
    rows = list(rows)
    for last in range(len(rows) - 1, 0, -1):
        other = int(rng.integers(last + 1))
        rows[last], rows[other] = rows[other], rows[last]
    return rows


def _folds(hands, n):
    """Turn k lists of test rows into folds."""
    owner = [None] * n
    for name, hand in enumerate(hands):
        for row in hand:
            owner[row] = name
    return [
        Fold(np.array([r for r in range(n) if owner[r] != name], dtype=int), np.array(hand, dtype=int))
        for name, hand in enumerate(hands)
    ]


def _by_label(labels):
    piles = {}
    for row, label in enumerate(np.asarray(labels).tolist()):
        piles.setdefault(label, []).append(row)
    return piles


def _deal(piles, k, rng):
    """Deal shuffled piles one after the other around the table, without starting over for a new pile."""
    hands = [[] for _ in range(k)]
    seat = cycle(hands)
    for pile in piles:
        for row in _shuffled(pile, rng):
            next(seat).append(row)
    return hands


def k_fold(n: int, k: int, rng: np.random.Generator) -> list[Fold]:
    if not 2 <= k <= n:
        raise ValueError("k must be from 2 to n")
    return _folds(_deal([range(n)], k, rng), n)


def stratified_k_fold(y: np.ndarray, k: int, rng: np.random.Generator) -> list[Fold]:
    piles = list(_by_label(y).values())
    if not 2 <= k <= min(map(len, piles), default=0):
        raise ValueError("k must be from 2 to the size of the smallest class")
    return _folds(_deal(piles, k, rng), len(y))


def group_k_fold(groups: np.ndarray, k: int) -> list[Fold]:
    piles = sorted(_by_label(groups).values(), key=len, reverse=True)
    if not 2 <= k <= len(piles):
        raise ValueError("k must be from 2 to the number of groups")
    heap = [(0, name, []) for name in range(k)]
    for pile in piles:
        size, name, hand = heap[0]
        hand.extend(pile)
        heapq.heapreplace(heap, (size + len(pile), name, hand))
    return _folds([hand for _, _, hand in heap], len(groups))
