# different style; both bars
from functools import reduce
from itertools import groupby
from math import isinf, nextafter
from operator import itemgetter
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question ``x[feature] <= threshold`` and its gain."""

    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    sizes = [len(list(run)) for _, run in groupby(sorted(np.ravel(y).tolist()))]
    n = sum(sizes)
    # Ordered pairs of unlike labels.
    unlike = reduce(lambda acc, size: (acc[0] + 2 * acc[1] * size, acc[1] + size), sizes, (0, 0))[0]
    return unlike / n**2 if n else 0.0


def _halfway(low, high):
    gap = high - low
    mid = low + gap / 2 if not isinf(gap) else low / 2 + high / 2
    return max(low, min(mid, nextafter(high, low)))


def _questions(column, codes, totals, leaf):
    """Yield (gain, low, high) for the splits of one feature, by rising threshold, with exact integer counts."""
    n = len(codes)
    left = [0] * len(totals)
    n_left, cross = 0, 0  # cross: sum over classes of left count * right count
    squares = sum(t * t for t in totals)
    low = sq_left = None
    sq_left = 0
    for high, run in groupby(sorted(zip(column, codes), key=itemgetter(0)), key=itemgetter(0)):
        if low is not None and leaf <= n_left <= n - leaf:
            n_right = n - n_left
            sq_right = squares - 2 * cross - sq_left
            # |n_right * left - n_left * right|^2, the distance between the class shares of the two sides
            numerator = n_right * n_right * sq_left - 2 * n_left * n_right * cross + n_left * n_left * sq_right
            yield numerator / (n * n * n_left * n_right), low, high
        for _, code in run:
            was = left[code]
            left[code] = was + 1
            cross += totals[code] - 2 * was - 1
            sq_left += 2 * was + 1
            n_left += 1
        low = high


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    X = np.asarray(X)
    names = {}
    codes = [names.setdefault(label, len(names)) for label in np.asarray(y).tolist()]
    if X.ndim != 2 or len(X) != len(codes):
        raise ValueError("X must have a row for each label")
    if len(names) <= 1:
        return None
    totals = [0] * len(names)
    for code in codes:
        totals[code] += 1
    leaf = max(int(min_samples_leaf), 1)
    everything = [
        (gain, feature, low, high)
        for feature in range(X.shape[1])
        for gain, low, high in _questions([float(v) for v in X[:, feature]], codes, totals, leaf)
    ]
    top = max((row[0] for row in everything), default=None)
    for gain, feature, low, high in everything:
        if top - gain <= 1e-9:
            return Split(feature, _halfway(low, high), gain)
    return None
