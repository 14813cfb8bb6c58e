# different style; both bars
import heapq
import math
from collections import Counter
from fractions import Fraction
from typing import NamedTuple

import numpy as np


class ShiftStatistics(NamedTuple):
    """chi2 and dof of p(x), p(y), p(x | y) and p(y | x), in this order."""

    chi2: np.ndarray
    dof: np.ndarray


def _statistic(r, c):
    """Return chi2, exact, and dof of two dictionaries of counts without zeros; (0, 0) if one is empty."""
    n, m = sum(r.values()), sum(c.values())
    if n == 0 or m == 0:
        return Fraction(0), 0
    kinds = r.keys() | c.keys()
    terms = (Fraction((r.get(k, 0) * m - c.get(k, 0) * n) ** 2, r.get(k, 0) + c.get(k, 0)) for k in kinds)
    return sum(terms) / (n * m), len(kinds) - 1


def _cells(table):
    """Return the positive counts by (bin, class), as Python integers."""
    cells = {}
    for i, row in enumerate(np.asarray(table).tolist()):
        for j, count in enumerate(row):
            if count < 0:
                raise ValueError("expected no negative count")
            if count > 0:
                cells[i, j] = Fraction(count)
    if not cells:
        raise ValueError("expected at least one row in each table")
    return cells


def _marginal(cells, axis):
    sums = Counter()
    for key, count in cells.items():
        sums[key[axis]] += count
    return dict(sums)


def _slices(cells, axis):
    slices = {}
    for key, count in cells.items():
        slices.setdefault(key[axis], {})[key[1 - axis]] = count
    return slices


def shift_statistics(reference: np.ndarray, current: np.ndarray) -> ShiftStatistics:
    """Return the statistics of the four parts. A sum of nothing is 0."""
    if np.shape(reference) != np.shape(current):
        raise ValueError("expected tables of one shape")
    r, c = _cells(reference), _cells(current)
    found = [_statistic(_marginal(r, axis), _marginal(c, axis)) for axis in (0, 1)]
    for axis in (1, 0):  # given y, given x
        r_slices, c_slices = _slices(r, axis), _slices(c, axis)
        pairs = [_statistic(r_slices[k], c_slices[k]) for k in r_slices.keys() & c_slices.keys()]
        found.append((sum(a for a, _ in pairs), sum(b for _, b in pairs)))
    return ShiftStatistics(np.array([float(a) for a, _ in found]), np.array([b for _, b in found], dtype=np.int64))


NAMES = ("none", "label", "covariate", "concept", "mixed")


def name_shift(
    p_x: np.ndarray, p_y: np.ndarray, p_x_given_y: np.ndarray, p_y_given_x: np.ndarray, level: float = 0.05
) -> str:
    """Return the first name that fits."""
    heap = []
    for part, values in zip(("x", "y", "x|y", "y|x"), (p_x, p_y, p_x_given_y, p_y_given_x)):
        for p in np.asarray(values).tolist():
            if not math.isnan(p):
                if not 0 <= p <= 1:
                    raise ValueError("expected p-values from 0 to 1")
                heap.append((p, part))
    heapq.heapify(heap)
    moved = set()
    while heap and heap[0][0] <= level / len(heap):
        moved.add(heapq.heappop(heap)[1])
    fits = (
        not moved,
        "y" in moved and "x|y" not in moved,
        "x" in moved and "y|x" not in moved,
        "y|x" in moved and "x" not in moved,
        True,
    )
    return NAMES[fits.index(True)]
