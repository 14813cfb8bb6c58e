# different style; both bars
from fractions import Fraction
from math import inf, isfinite
from typing import NamedTuple

import numpy as np


class Choice(NamedTuple):
    """A threshold, and the total cost (not the mean) of its errors."""

    threshold: float
    cost: float


def _costs(cost_fp, cost_fn):
    cost_fp, cost_fn = float(cost_fp), float(cost_fn)
    if not (isfinite(cost_fp) and isfinite(cost_fn)) or min(cost_fp, cost_fn) < 0 or cost_fp == cost_fn == 0:
        raise ValueError("costs must not be negative, nor both 0")
    return Fraction(cost_fp), Fraction(cost_fn)


def bayes_threshold(cost_fp: float, cost_fn: float) -> float:
    fp, fn = _costs(cost_fp, cost_fn)
    return float(fp / (fp + fn))


def best_threshold(y_true: np.ndarray, y_prob: np.ndarray, cost_fp: float, cost_fn: float) -> Choice:
    fp, fn = _costs(cost_fp, cost_fn)
    labels, probs = np.asarray(y_true), np.asarray(y_prob)
    if labels.ndim != 1 or labels.shape != probs.shape:
        raise ValueError("lengths differ")
    # Both costs as integers over one denominator: ties of costs are then exact.
    scale = fp.denominator * fn.denominator
    unit_fp, unit_fn = int(fp * scale), int(fn * scale)
    change = {}  # what calling the samples of one probability positive adds to the cost
    cost = 0  # at t = inf
    for label, p in zip(labels.tolist(), probs.tolist()):
        if label not in (0, 1):
            raise ValueError("a label is not 0 or 1")
        if not 0 <= p <= 1:
            raise ValueError("not a probability")
        change[p] = change.get(p, 0) + (-unit_fn if label else unit_fp)
        cost += unit_fn if label else 0
    best = (inf, cost)
    for p in sorted(change, reverse=True):
        cost += change[p]
        if cost < best[1]:
            best = (float(p), cost)
    return Choice(best[0], best[1] / scale)
