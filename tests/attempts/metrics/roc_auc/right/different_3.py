# different style; both bars
import heapq
from math import inf, isfinite
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Three arrays with one entry for each threshold."""

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray


class _Fenwick:
    """Counts over ranks 1..size with prefix sums in log time."""

    def __init__(self, size):
        self.tree = [0] * (size + 1)

    def add(self, rank):
        while rank < len(self.tree):
            self.tree[rank] += 1
            rank += rank & -rank

    def upto(self, rank):
        total = 0
        while rank:
            total += self.tree[rank]
            rank &= rank - 1
        return total


def _pairs(y_true, y_score):
    y_true, y_score = np.ravel(y_true), np.ravel(y_score)
    if y_true.size != y_score.size:
        raise ValueError("different lengths")
    pairs = list(zip(y_score.tolist(), y_true.tolist()))
    for score, label in pairs:
        if label not in (0, 1):
            raise ValueError(f"label {label}")
        if not isfinite(score):
            raise ValueError(f"score {score}")
    n_pos = sum(1 for _, label in pairs if label)
    if n_pos == 0 or n_pos == len(pairs):
        raise ValueError("one class only")
    return pairs, n_pos


def _walk(pairs, n_pos):
    """Yield the points of the curve by popping scores off a heap."""
    tally = {}
    for score, label in pairs:
        tally[score] = tally.get(score, 0) + (1j if label else 1)  # negatives + positives * j
    heap = [-score for score in tally]
    heapq.heapify(heap)
    n_neg, hits = len(pairs) - n_pos, 0j
    yield 0.0, 0.0, inf
    while heap:
        score = -heapq.heappop(heap)
        hits += tally[score]
        yield hits.real / n_neg, hits.imag / n_pos, float(score)


def roc_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    return Curve(*map(np.array, zip(*_walk(*_pairs(y_true, y_score)))))


def roc_auc(y_true: np.ndarray, y_score: np.ndarray) -> float:
    pairs, n_pos = _pairs(y_true, y_score)
    rank = {score: place for place, score in enumerate(sorted({score for score, _ in pairs}), start=1)}
    negatives = _Fenwick(len(rank))
    for score, label in pairs:
        if not label:
            negatives.add(rank[score])
    halves = 0
    for score, label in pairs:
        if label:
            place = rank[score]
            halves += negatives.upto(place) + negatives.upto(place - 1)
    return halves / (2 * n_pos * (len(pairs) - n_pos))
