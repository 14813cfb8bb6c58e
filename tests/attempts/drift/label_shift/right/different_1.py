# different style; both bars
from collections import Counter
from math import exp, fsum, inf, isfinite, log
from typing import NamedTuple

import numpy as np


class LabelShift(NamedTuple):
    """The target prior of each class, and its weight w."""

    target_prior: np.ndarray
    weights: np.ndarray


def estimate_label_shift(confusion: np.ndarray, target_predictions: np.ndarray) -> LabelShift:
    confusion = np.array(confusion, dtype=float)
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1]:
        raise ValueError("confusion must be square")
    n_classes = len(confusion)
    if not all(isfinite(c) and c >= 0 for c in confusion.ravel().tolist()):
        raise ValueError("an entry of confusion is negative or not finite")
    votes = Counter(np.ravel(target_predictions).tolist())
    if not votes or any(not (0 <= label < n_classes and label == int(label)) for label in votes):
        raise ValueError("target_predictions must hold classes")
    n_target = sum(votes.values())
    share = np.array([votes[k] / n_target for k in range(n_classes)])

    confusion /= confusion.max() or 1.0
    sizes = [fsum(row) for row in confusion.tolist()]
    if min(sizes) == 0:
        raise ValueError("a class has no source sample")
    total = fsum(sizes)
    source = np.array([size / total for size in sizes])
    rows = np.array([[c / size for c in row] for row, size in zip(confusion.tolist(), sizes)])
    u, s, vt = np.linalg.svd(rows)
    if s[-1] < 1e-9:
        raise ValueError("P is singular")
    # rows.T = V S U', and the inverse goes backward through the factors.
    prior = [max(q, 0.0) for q in (u @ ((vt @ share) / s)).tolist()]
    whole = fsum(prior)
    target = np.array([q / whole for q in prior])
    return LabelShift(target, target / source)


def _log(value):
    return log(value) if value != 0 else -inf


def reweight(probs: np.ndarray, source_prior: np.ndarray, target_prior: np.ndarray) -> np.ndarray:
    probs = np.asarray(probs)
    source, target = ([float(v) for v in np.ravel(a).tolist()] for a in (source_prior, target_prior))
    if probs.ndim != 2 or not len(source) == len(target) == probs.shape[1]:
        raise ValueError("lengths differ")
    if not all(0 < s < inf for s in source):
        raise ValueError("a source prior is not positive")
    if not all(0 <= t < inf for t in target):
        raise ValueError("a target prior is negative")
    # In logarithms only proportions are left, and nothing overflows or vanishes.
    shift = [_log(t) - log(s) for s, t in zip(source, target)]
    out = np.empty(probs.shape)
    for i, row in enumerate(probs.tolist()):
        scores = [_log(float(p)) + w for p, w in zip(row, shift)]
        top = max(scores, default=-inf)
        if top == -inf:
            raise ValueError("a row would be all 0")
        parts = [exp(score - top) for score in scores]
        whole = fsum(parts)
        out[i] = [part / whole for part in parts]
    return out
