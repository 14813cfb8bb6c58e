# different style; both bars
from collections import defaultdict
from fractions import Fraction

import numpy as np

NONE = (0, Fraction(0))


def tally(keys, targets):
    table: dict = defaultdict(lambda: NONE)
    for key, t in zip(keys, targets):
        n, s = table[key]
        table[key] = (n + 1, s + t)
    return table


def shrunk(n_c, s_c, n, s, smoothing):
    prior = s / n
    return float(prior if n_c == 0 else (s_c + smoothing * prior) / (n_c + smoothing))


def target_encode(train_categories: np.ndarray, y: np.ndarray, categories: np.ndarray, smoothing: float) -> np.ndarray:
    if len(train_categories) != len(y):
        raise ValueError("train_categories and y differ in length")
    if smoothing < 0:
        raise ValueError("smoothing is negative")
    a, targets = Fraction(float(smoothing)), [Fraction(v) for v in y.tolist()]
    table = tally(train_categories.tolist(), targets)
    n, s = len(targets), sum(targets)
    return np.array([shrunk(*table.get(c, NONE), n, s, a) for c in categories.tolist()], dtype=float)


def target_encode_out_of_fold(categories: np.ndarray, y: np.ndarray, folds: np.ndarray, smoothing: float) -> np.ndarray:
    # All rows less those of the fold. The sums are exact, so nothing is lost in the difference.
    if not len(categories) == len(y) == len(folds):
        raise ValueError("lengths differ")
    if smoothing < 0:
        raise ValueError("smoothing is negative")
    names, parts = categories.tolist(), folds.tolist()
    if len(set(parts)) < 2:
        raise ValueError("only one fold")
    a, targets = Fraction(float(smoothing)), [Fraction(v) for v in y.tolist()]
    by_category, by_fold = tally(names, targets), tally(parts, targets)
    by_both = tally(zip(names, parts), targets)
    n, s = len(targets), sum(targets)
    out = []
    for c, f in zip(names, parts):
        (nc, sc), (nf, sf), (nb, sb) = by_category[c], by_fold[f], by_both[c, f]
        out.append(shrunk(nc - nb, sc - sb, n - nf, s - sf, a))
    return np.array(out, dtype=float)
