# different style; both bars
from math import ceil, fsum
from typing import NamedTuple

import numpy as np


class Reliability(NamedTuple):
    """Share of positives, mean probability and number of samples, for each bin."""

    prob_true: np.ndarray
    prob_pred: np.ndarray
    count: np.ndarray


def _checked(y_true, y_prob):
    labels, probs = np.asarray(y_true), np.asarray(y_prob)
    if labels.ndim != 1 or labels.shape != probs.shape:
        raise ValueError("lengths differ")
    if not labels.size:
        raise ValueError("there is no sample")
    pairs = [(label, float(p)) for label, p in zip(labels.tolist(), probs.tolist())]
    for label, p in pairs:
        if label not in (0, 1):
            raise ValueError("a label is not 0 or 1")
        if not 0.0 <= p <= 1.0:
            raise ValueError("not a probability")
    return [(int(label), p) for label, p in pairs]


def _bin(p, n_bins):
    """The bin m with (m - 1) / n_bins < p <= m / n_bins: a guess, then steps to the right side of the edges."""
    m = max(1, min(n_bins, ceil(p * n_bins)))
    while m > 1 and p <= (m - 1) / n_bins:
        m -= 1
    while p > m / n_bins:
        m += 1
    return m


def _binned(y_true, y_prob, n_bins):
    n_bins = int(n_bins)
    if n_bins < 1:
        raise ValueError("n_bins must be at least 1")
    bins = {}
    for label, p in _checked(y_true, y_prob):
        hits, probs = bins.setdefault(_bin(p, n_bins), ([], []))
        hits.append(label)
        probs.append(p)
    return [(sum(hits), fsum(probs), len(hits)) for _, (hits, probs) in sorted(bins.items())]


def reliability_curve(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> Reliability:
    rows = _binned(y_true, y_prob, n_bins)
    return Reliability(
        np.array([hits / count for hits, _, count in rows]),
        np.array([total / count for _, total, count in rows]),
        np.array([count for _, _, count in rows]),
    )


def expected_calibration_error(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> float:
    rows = _binned(y_true, y_prob, n_bins)
    return fsum(abs(hits - total) for hits, total, _ in rows) / sum(count for _, _, count in rows)


def brier_score(y_true: np.ndarray, y_prob: np.ndarray) -> float:
    pairs = _checked(y_true, y_prob)
    return fsum((1.0 - p) ** 2 if label else p * p for label, p in pairs) / len(pairs)
