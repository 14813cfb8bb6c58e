# different style; both bars
import math
from bisect import bisect_left

import numpy as np


def _each_row(rule, probs):
    """Apply to each row a rule that returns the ids to keep; zero the others and divide by the sum."""
    probs = np.asarray(probs).astype(np.float64)
    done = {}
    for row in map(tuple, probs.tolist()):
        if row not in done:
            kept = set(rule(row))
            total = math.fsum(row[t] for t in kept)
            done[row] = [q / total if t in kept else 0.0 for t, q in enumerate(row)]
    return np.array([done[tuple(row)] for row in probs.tolist()]).reshape(probs.shape)


def _ranking(row):
    return sorted(range(len(row)), key=lambda t: (-row[t], t))


def _nucleus(row, p):
    ids = _ranking(row)
    if p >= 1:
        return ids
    falling = [row[t] for t in ids]
    # The sign of an fsum is exact; the test is monotone in n. Without a large enough sum the slice takes all.
    n = 1 + bisect_left(range(1, len(ids) + 1), True, key=lambda m: math.fsum([*falling[:m], -p]) >= 0)
    return ids[:n]


def filter_top_k(probs: np.ndarray, k: int) -> np.ndarray:
    return _each_row(lambda row: _ranking(row)[:k], probs)


def filter_top_p(probs: np.ndarray, p: float) -> np.ndarray:
    return _each_row(lambda row: _nucleus(row, float(p)), probs)


def filter_min_p(probs: np.ndarray, min_p: float) -> np.ndarray:
    def rule(row):
        floor = min_p * max(row)
        return (t for t, q in enumerate(row) if q >= floor)

    return _each_row(rule, probs)


def sample(
    logits: np.ndarray, temperature: float, top_k: int | None, top_p: float, min_p: float, rng: np.random.Generator
) -> np.ndarray:
    # Work once on each distinct row.
    logits, which = np.unique(np.asarray(logits).astype(np.float64), axis=0, return_inverse=True)
    rows = []
    for row in logits.tolist():
        top = max(row)
        if temperature == 0:
            first = row.index(top)
            rows.append([float(t == first) for t in range(len(row))])
            continue
        weights = [0.0 if x == -math.inf else math.exp((x - top) / float(temperature)) for x in row]
        total = math.fsum(weights)
        rows.append([w / total for w in weights])
    probs = np.array(rows).reshape(logits.shape)
    if temperature != 0:
        if top_k is not None:
            probs = filter_top_k(probs, top_k)
        probs = filter_min_p(filter_top_p(probs, top_p), min_p)
    probs = probs[which.reshape(-1)]
    # Gumbel-max: the argmax of log p + Gumbel noise has distribution p.
    with np.errstate(divide="ignore"):
        return np.argmax(np.log(probs) + rng.gumbel(size=probs.shape), axis=1)
